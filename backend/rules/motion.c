/*
 * motion: see the header.
 */
#include "backend/rules/motion.h"

#include <math.h>
#include <string.h>

#define FAR_RADII 3.0
#define FAR_IN_A_ROW 2
#define JUMPS_IN_A_ROW 3
/* A stand on the way has ended once the cart was elsewhere for so long. */
#define PASSED_MS 20000
/* The mean follows a receiver whose error changes over hours. */
#define MEAN_OF 3600.0
/* How long the way to or from the middle of a stand is said to take. */
#define APPROACH_MAX_MS 60000
/* Between points of the track that may become corners. */
#define STEP_M 5.0

void
motion_init(struct motion *m)
{
	memset(m, 0, sizeof(*m));
}

double
motion_between(const struct fix *a, const struct fix *b)
{
	return plane_metres(a->lat_e6, a->lon_e6, b->lat_e6, b->lon_e6);
}

static double
radius_of(const struct fix *f)
{
	if (f->accuracy_m == FIX_ACCURACY_UNKNOWN)
		return MOTION_RADIUS_M;
	return fmin(fmax(f->accuracy_m, MOTION_RADIUS_M), MOTION_RADIUS_MAX_M);
}

static struct motion_place
place_of(const struct motion *m, const struct fix *f)
{
	return (struct motion_place){
		.ms = f->at.ms,
		.lat_e6 = f->lat_e6,
		.lon_e6 = f->lon_e6,
		.distance_m = m->distance_m,
	};
}

static double
metres_to(const struct motion_place *p, const struct fix *f)
{
	return plane_metres(p->lat_e6, p->lon_e6, f->lat_e6, f->lon_e6);
}

/* The mean of where it stands, with the time it stands since. */
static struct motion_place
stand_mean(const struct motion *m)
{
	struct motion_place mean = m->stand;

	mean.lat_e6 += (int32_t)lround(m->sum_lat / m->sum_count);
	mean.lon_e6 += (int32_t)lround(m->sum_lon / m->sum_count);
	return mean;
}

static void
stand_at(struct motion *m, const struct motion_place *place)
{
	m->stand = *place;
	m->sum_lat = m->sum_lon = 0;
	m->sum_count = 1;
	m->inside_ms = place->ms;
	m->away_count = m->far_count = 0;
}

static void
stand_add(struct motion *m, const struct fix *f)
{
	if (m->sum_count >= MEAN_OF) {
		m->sum_lat -= m->sum_lat / m->sum_count;
		m->sum_lon -= m->sum_lon / m->sum_count;
		m->sum_count -= 1;
	}
	m->sum_lat += f->lat_e6 - m->stand.lat_e6;
	m->sum_lon += f->lon_e6 - m->stand.lon_e6;
	m->sum_count += 1;
	m->inside_ms = f->at.ms;
	m->away_count = m->far_count = 0;
}

/* The track begins anew at a place, after so many metres. */
static void
track_begin(
    struct motion *m, const struct motion_place *place, double distance_m)
{
	m->points[0][0] = place->lat_e6;
	m->points[0][1] = place->lon_e6;
	m->point_count = 1;
	m->corners_m = distance_m;
}

static double
point_metres(const struct motion *m, uint32_t i, const struct fix *f)
{
	return plane_metres(
	    m->points[i][0], m->points[i][1], f->lat_e6, f->lon_e6);
}

/* points[k] is a corner: what was before it is done with. */
static void
track_turn(struct motion *m, uint32_t k)
{
	m->corners_m += plane_metres(
	    m->points[0][0], m->points[0][1], m->points[k][0], m->points[k][1]);
	m->point_count -= k;
	memmove(
	    m->points, m->points + k, m->point_count * sizeof(m->points[0]));
}

/* The point farthest from the straight way to f; 0: none is a corner. */
static uint32_t
track_corner(const struct motion *m, const struct fix *f)
{
	struct plane plane = plane_at(m->points[0][0], m->points[0][1]);
	struct plane_point from = { 0, 0 };
	struct plane_point to = plane_project(&plane, f->lat_e6, f->lon_e6);
	double farthest = MOTION_CORNER_M;
	uint32_t corner = 0;

	for (uint32_t i = 1; i < m->point_count; i++) {
		struct plane_point p = plane_project(
		    &plane, m->points[i][0], m->points[i][1]);
		double off = plane_off_stretch(p, from, to);

		if (off > farthest) {
			farthest = off;
			corner = i;
		}
	}
	return corner;
}

/* Metres gone with this fix. */
static double
track_add(struct motion *m, const struct fix *f)
{
	uint32_t corner;

	while ((corner = track_corner(m, f)) > 0)
		track_turn(m, corner);
	if (point_metres(m, m->point_count - 1, f) >= STEP_M) {
		if (m->point_count == MOTION_POINTS)
			track_turn(m, m->point_count - 1);
		m->points[m->point_count][0] = f->lat_e6;
		m->points[m->point_count][1] = f->lon_e6;
		m->point_count++;
	}
	return m->corners_m + point_metres(m, 0, f);
}

/* A stop or a trip between two places, the second with its own time. */
static bool
leg_over(struct motion_leg *leg, enum motion_kind kind,
    const struct motion_place *from, const struct motion_place *to)
{
	if (leg != NULL)
		*leg = (struct motion_leg){
			.kind = kind,
			.from_ms = from->ms,
			.to_ms = to->ms,
			.from_lat_e6 = from->lat_e6,
			.from_lon_e6 = from->lon_e6,
			.to_lat_e6 = to->lat_e6,
			.to_lon_e6 = to->lon_e6,
			.distance_m = to->distance_m - from->distance_m,
		};
	return true;
}

static bool
trip_over(
    struct motion *m, const struct motion_place *to, struct motion_leg *leg)
{
	m->moving = false;
	m->trip_count++;
	m->moving_ms += to->ms - m->trip.ms;
	return leg_over(leg, MOTION_TRIP, &m->trip, to);
}

/* The stop that it leaves, if it was one. */
static bool
stop_over(struct motion *m, int64_t end_ms, struct motion_leg *leg)
{
	struct motion_place from = stand_mean(m), to = from;

	to.ms = end_ms;
	if (to.ms - from.ms < MOTION_STOP_MS)
		return false;
	m->stop_count++;
	return leg_over(leg, MOTION_STOP, &from, &to);
}

static int64_t
travel_ms(double metres, double of_metres, int64_t of_ms)
{
	return of_metres > 0 ? llround(metres / of_metres * (double)of_ms) : 0;
}

/* It stands, and has since it first was here and had gone on to the mean. */
static bool
settle(struct motion *m, struct motion_leg *leg)
{
	struct motion_place place = stand_mean(m);
	double metres = plane_metres(
	    m->stand.lat_e6, m->stand.lon_e6, place.lat_e6, place.lon_e6);
	int64_t ms = travel_ms(metres, m->stand.distance_m - m->trip.distance_m,
	    m->stand.ms - m->trip.ms);

	place.ms += ms < APPROACH_MAX_MS ? ms : APPROACH_MAX_MS;
	place.distance_m += metres;
	m->stand.ms = place.ms;
	m->distance_m = m->stand.distance_m = place.distance_m;
	return trip_over(m, &place, leg);
}

/* When it went: as long before it was first away as it took to get there, by
 * the speed that it had from there on. */
static int64_t
departure_ms(const struct motion *m, const struct fix *f, double gone_m)
{
	double metres = m->away.distance_m - m->distance_m;
	double of_metres = gone_m - m->away.distance_m;
	int64_t ms;

	if (of_metres < STEP_M)
		return m->inside_ms;
	ms = m->away.ms - travel_ms(metres, of_metres, f->at.ms - m->away.ms);
	if (ms < m->inside_ms - APPROACH_MAX_MS)
		ms = m->inside_ms - APPROACH_MAX_MS;
	return ms > m->stand.ms ? ms : m->stand.ms;
}

static bool
leave(struct motion *m, const struct fix *f, double gone_m,
    struct motion_leg *leg)
{
	int64_t ms = departure_ms(m, f, gone_m);
	bool over = stop_over(m, ms, leg);
	double lat = m->away_lat, lon = m->away_lon, count = m->away_count;

	m->trip = stand_mean(m);
	m->trip.ms = ms;
	m->trip.distance_m = m->distance_m;
	m->moving = true;
	m->distance_m = gone_m;
	/* It may stand again since it was first away. */
	stand_at(m, &m->away);
	m->sum_lat = lat;
	m->sum_lon = lon;
	m->sum_count = count;
	return over;
}

static bool
add_standing(struct motion *m, const struct fix *f, struct motion_leg *leg)
{
	struct motion_place mean = stand_mean(m);
	double radius = radius_of(f), metres = metres_to(&mean, f);
	double gone_m;

	if (metres <= radius) {
		stand_add(m, f);
		return false;
	}
	if (m->away_count == 0)
		track_begin(m, &mean, m->distance_m);
	gone_m = track_add(m, f);
	if (m->away_count == 0) {
		m->away = place_of(m, f);
		m->away.distance_m = gone_m;
		m->away_lat = m->away_lon = 0;
	}
	m->away_lat += f->lat_e6 - m->away.lat_e6;
	m->away_lon += f->lon_e6 - m->away.lon_e6;
	m->away_count++;
	m->far_count = metres > FAR_RADII * radius ? m->far_count + 1 : 0;
	if (m->far_count < FAR_IN_A_ROW &&
	    f->at.ms - m->away.ms < MOTION_STOP_MS)
		return false;
	return leave(m, f, gone_m, leg);
}

static bool
add_moving(struct motion *m, const struct fix *f, struct motion_leg *leg)
{
	struct motion_place mean = stand_mean(m);
	double radius = radius_of(f);

	m->distance_m = track_add(m, f);
	if (metres_to(&mean, f) > radius) {
		if (m->away_count++ == 0)
			m->away = place_of(m, f);
		if (f->at.ms - m->away.ms < PASSED_MS)
			return false;
		stand_at(m, &m->away);
		if (metres_to(&m->stand, f) > radius) {
			m->away_count = 1;
			m->away = place_of(m, f);
			return false;
		}
	}
	stand_add(m, f);
	if (f->flags & FIX_PARKED || f->at.ms - m->stand.ms >= MOTION_STOP_MS)
		return settle(m, leg);
	return false;
}

/* Nobody saw it for long. */
static bool
add_after_gap(struct motion *m, const struct fix *f, struct motion_leg *leg)
{
	struct motion_place here, from = m->last;
	double metres;
	bool over = false;

	if (m->moving) {
		from.distance_m = m->distance_m;
		over = trip_over(m, &from, leg);
	} else {
		from = stand_mean(m);
		if (metres_to(&from, f) <= radius_of(f)) {
			stand_add(m, f);
			return false;
		}
		over = stop_over(m, m->inside_ms, leg);
	}
	metres = metres_to(&from, f);
	if (metres > radius_of(f)) {
		m->distance_m += metres;
		m->unseen_m += metres;
	}
	here = place_of(m, f);
	stand_at(m, &here);
	return over;
}

/* Is it nowhere near where it could have come to? */
static bool
jumped(struct motion *m, const struct fix *f)
{
	double metres = metres_to(&m->last, f);
	double seconds = (double)(f->at.ms - m->last.ms) / 1000;

	if (metres <= MOTION_RADIUS_MAX_M + MOTION_SPEED_MAX * seconds ||
	    m->jumps == JUMPS_IN_A_ROW) {
		m->jumps = 0;
		return false;
	}
	m->jumps++;
	return true;
}

bool
motion_add(struct motion *m, const struct fix *f, struct motion_leg *leg)
{
	bool over = false;

	if (f->accuracy_m > MOTION_ACCURACY_MAX_M &&
	    f->accuracy_m != FIX_ACCURACY_UNKNOWN)
		return false;
	if (!m->begun) {
		m->begun = true;
		m->last = place_of(m, f);
		stand_at(m, &m->last);
		return false;
	}
	if (f->at.ms <= m->last.ms || jumped(m, f))
		return false;
	if (f->at.ms - m->last.ms > MOTION_GAP_MS)
		over = add_after_gap(m, f, leg);
	else if (m->moving)
		over = add_moving(m, f, leg);
	else
		over = add_standing(m, f, leg);
	m->last = place_of(m, f);
	return over;
}

bool
motion_open_leg(const struct motion *m, struct motion_leg *leg)
{
	struct motion_place from, to;

	if (!m->begun)
		return false;
	if (m->moving) {
		to = m->last;
		to.distance_m = m->distance_m;
		return leg_over(leg, MOTION_TRIP, &m->trip, &to);
	}
	to = from = stand_mean(m);
	to.ms = m->inside_ms;
	if (to.ms - from.ms < MOTION_STOP_MS)
		return false;
	return leg_over(leg, MOTION_STOP, &from, &to);
}

double
motion_distance_m(const struct motion *m)
{
	return m->distance_m;
}

int64_t
motion_moving_ms(const struct motion *m)
{
	return m->moving_ms + (m->moving ? m->last.ms - m->trip.ms : 0);
}

int64_t
motion_standing_since(const struct motion *m)
{
	return m->begun && !m->moving ? m->stand.ms : INSTANT_MISSING;
}
