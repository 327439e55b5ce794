/*
 * A million records and beats of a small fleet: what must hold at each step,
 * and that the same log gives the same alerts.
 */
#include "alert_reader.h"

#define CARTS 40
#define QUIET_MS INT64_C(3600000)

/* A cart as it is, whatever the guild makes of it. */
struct truth {
	bool up; /* it has network */
	bool receiver; /* it has a fix */
	bool open; /* its day */
	uint64_t epoch, boot, count;
	int64_t report_ms, report_w; /* heard last, with where it is */
	int64_t contact_ms, contact_w;
	int64_t rest_w; /* it was at rest until then */
	int64_t made_ms; /* fixes that wait for the network, from here on */
	double north_m;
};

struct fleet_run {
	uint64_t log, chance;
	uint64_t hash;
	struct world world;
	struct truth truth[CARTS];
	struct reader readers[CARTS][2];
	int64_t deaf_until_ms, behind_until_ms, closed_until_ms;
	size_t taken;
};

static struct reader *
fleet_reader(struct fleet_run *f, const struct alert_event *event)
{
	size_t cart = (size_t)atoi(event->cart + 4);

	assert_true(cart < CARTS);
	assert_true(
	    event->cause == ALERT_MISSING || event->cause == ALERT_BACKLOG);
	return &f->readers[cart][event->cause == ALERT_BACKLOG];
}

/* What was told at this step. */
static void
fleet_take(struct fleet_run *f)
{
	struct world *w = &f->world;

	for (; f->taken < w->told_count; f->taken++) {
		const struct alert_event *event = &w->told[f->taken];
		const struct truth *t = &f->truth[atoi(event->cart + 4)];

		hash_add(&f->hash, event);
		reader_take(fleet_reader(f, event), event);
		assert_int_equal(event->at_ms, w->ms);
		if (event->state != ALERT_OPENED)
			continue;
		assert_false(w->behind);
		if (event->cause == ALERT_BACKLOG)
			continue;
		/* No false alert. */
		assert_true(w->ms - t->report_ms >= w->missing_ms);
		assert_true(event->since_ms >= t->report_ms);
		assert_true(w->ms - event->since_ms >= w->missing_ms);
	}
}

static void
truth_heard(struct fleet_run *f, struct truth *t, bool report)
{
	int64_t witnessed = witness_at(&f->world.witness, f->world.ms);

	t->contact_ms = f->world.ms;
	t->contact_w = witnessed;
	if (report || t->report_ms == 0) {
		t->report_ms = f->world.ms;
		t->report_w = witnessed;
	}
}

static void
fleet_status(struct fleet_run *f, size_t i, enum status_state said)
{
	struct world *w = &f->world;
	struct truth *t = &f->truth[i];
	struct status s = world_status(w);
	bool first = t->contact_ms == 0;

	s.state = said;
	s.epoch = t->epoch;
	s.boot = t->boot;
	s.day_open = t->open;
	s.backlog = (uint32_t)((w->ms - t->made_ms) / 15000);
	s.oldest.ms = t->made_ms;
	if (!t->receiver)
		s.fix_mode = FIX_MODE_NO_FIX;
	if (w->closed || !t->open)
		t->rest_w = witness_at(&w->witness, w->ms);
	truth_heard(f, t, t->receiver || first);
	world_say(w, &w->carts[i], &s);
}

/* A frame of what it kept, the oldest first. */
static void
fleet_frame(struct fleet_run *f, size_t i)
{
	struct world *w = &f->world;
	struct truth *t = &f->truth[i];
	struct fix fixes[20];
	size_t n = 0;

	while (n < 20 && t->made_ms + 15000 <= w->ms) {
		t->made_ms += 15000;
		t->north_m += (double)chance(&f->log, 20);
		fixes[n++] = (struct fix){ .at = { .ms = t->made_ms },
			.lat_e6 = WORLD_LAT + (int32_t)(t->north_m / 0.111),
			.lon_e6 = WORLD_LON,
			.accuracy_m = 5 };
	}
	if (n == 0)
		return;
	truth_heard(f, t, false);
	/* A live one is a report unless it said that it has none. */
	if (t->receiver && w->ms - fixes[n - 1].at.ms <= WATCH_LATE_MS) {
		t->report_ms = w->ms;
		t->report_w = t->contact_w;
	}
	world_frame(w, &w->carts[i], fixes, n);
}

static void
fleet_word(struct fleet_run *f, size_t i)
{
	struct world *w = &f->world;
	struct alert_resolution said = { .at_ms = w->ms, .by = "Rosa" };
	struct watch_now now = world_at(w);
	struct truth *t = &f->truth[i];

	alert_id(said.id, w->carts[i].cart,
	    chance(&f->log, 4) == 0 ? ALERT_BACKLOG : ALERT_MISSING,
	    t->report_ms - (int64_t)chance(&f->log, 2));
	assert_int_equal(watch_settle(&w->carts[i], &said, &now), 0);
}

/* Something happens to a cart. */
static void
fleet_fate(struct fleet_run *f, size_t i)
{
	struct truth *t = &f->truth[i];

	switch (chance(&f->log, 12)) {
	case 0:
	case 1:
		t->up = false;
		break;
	case 2: /* the gateway, or the power */
	case 3:
		t->epoch++;
		if (chance(&f->log, 2) == 0)
			t->boot++;
		t->up = chance(&f->log, 2) == 0;
		if (t->up)
			fleet_status(f, i, STATUS_ONLINE);
		break;
	case 4:
		t->receiver = false;
		if (t->up)
			fleet_status(f, i, STATUS_ONLINE);
		break;
	case 5:
		t->open = !t->open;
		if (t->up)
			fleet_status(f, i, STATUS_ONLINE);
		break;
	case 6:
		if (t->up)
			fleet_status(f, i, STATUS_STOPPED);
		t->up = false;
		break;
	case 7:
		t->up = false;
		watch_lost(&f->world.carts[i]);
		break;
	default:
		t->up = t->receiver = true;
		fleet_status(f, i, STATUS_ONLINE);
	}
}

static void
fleet_troubles(struct fleet_run *f)
{
	struct world *w = &f->world;

	if (chance(&f->log, 4000) == 0)
		f->deaf_until_ms = w->ms + chance(&f->log, 300000);
	if (chance(&f->log, 20000) == 0)
		f->closed_until_ms = w->ms + chance(&f->log, 1200000);
	if (chance(&f->chance, 3000) == 0)
		f->behind_until_ms = w->ms + chance(&f->chance, 600000);
	w->deaf = w->ms < f->deaf_until_ms;
	w->closed = w->ms < f->closed_until_ms;
	w->behind = w->ms < f->behind_until_ms;
}

/* At a beat that has caught up what is told is what is so. */
static void
fleet_check(struct fleet_run *f)
{
	struct world *w = &f->world;
	int64_t now_w = w->witness.witnessed_ms;

	for (size_t i = 0; i < CARTS; i++) {
		const struct watch *c = &w->carts[i];
		const struct truth *t = &f->truth[i];
		int64_t heard_w = t->contact_w > t->rest_w ? t->contact_w
							   : t->rest_w;

		assert_int_equal(
		    alert_is_open(&c->missing), f->readers[i][0].open);
		assert_int_equal(
		    alert_is_open(&c->backlog), f->readers[i][1].open);
		if (w->closed || !t->open)
			continue;
		/* Hours begin at a minute's first beat. */
		if (t->contact_ms != 0 && !c->resting && c->back_ms == 0 &&
		    now_w - heard_w >= w->missing_ms + 61000)
			assert_true(c->absent);
		if (c->absent && c->back_ms == 0 && !w->behind)
			assert_int_equal(c->missing.phase, CASE_ON);
		if (!c->absent)
			assert_true(c->missing.phase == CASE_CALM ||
			    c->missing.phase == CASE_CEASING);
	}
}

static void
fleet_time(struct fleet_run *f)
{
	struct world *w = &f->world;
	int64_t end = w->ms + chance(&f->log, 300);

	while (w->next_beat_ms <= end) {
		w->ms = w->next_beat_ms;
		w->next_beat_ms += 1000;
		fleet_troubles(f);
		for (size_t i = 0; i < CARTS; i++) {
			if (w->closed || !f->truth[i].open)
				f->truth[i].rest_w = w->witness.witnessed_ms;
		}
		if (w->deaf)
			continue;
		world_beat(w);
		fleet_take(f);
		fleet_check(f);
	}
	w->ms = end;
}

static void
fleet_step(struct fleet_run *f)
{
	size_t i = (size_t)chance(&f->log, CARTS);
	struct truth *t = &f->truth[i];
	int64_t op = chance(&f->log, 1000);

	fleet_time(f);
	/* Where nobody listens nothing is written. */
	if (f->world.deaf)
		return;
	if (op < 5)
		fleet_fate(f, i);
	else if (op < 10)
		fleet_word(f, i);
	else if (t->up && op < 500)
		fleet_status(f, i, STATUS_ONLINE);
	else if (t->up)
		fleet_frame(f, i);
	fleet_take(f);
}

static void
fleet_init(struct fleet_run *f, uint64_t log, uint64_t chance)
{
	memset(f, 0, sizeof(*f));
	world_init(&f->world, CARTS);
	f->log = log;
	f->chance = chance;
	for (size_t i = 0; i < CARTS; i++)
		f->truth[i] = (struct truth){ .up = true,
			.receiver = true,
			.open = true,
			.epoch = 1,
			.boot = 1,
			.made_ms = WORLD_NOW };
}

/* Now and then a batch is rolled back and read again, as after a crash. */
static void
fleet_batch_again(struct fleet_run *f, struct fleet_run *committed)
{
	struct watch kept[CARTS];
	size_t told = f->world.told_count, cap;
	struct alert_event *events;

	*committed = *f;
	memcpy(kept, f->world.carts, sizeof(kept));
	for (int n = 0; n < 500; n++)
		fleet_step(f);
	events = f->world.told;
	cap = f->world.told_cap;
	*f = *committed;
	f->world.told = events;
	f->world.told_cap = cap;
	f->world.told_count = told;
	memcpy(f->world.carts, kept, sizeof(kept));
}

static void
fleet_run(struct fleet_run *f, bool crashes)
{
	static struct fleet_run committed;

	for (int64_t n = 0; n < STEPS; n++) {
		if (crashes && n % 20000 == 7)
			fleet_batch_again(f, &committed);
		fleet_step(f);
	}
}

static void
a_million_records_and_beats_keep_the_watchs_promises(void **state)
{
	static struct fleet_run one, crashed;
	uint32_t opened[2] = { 0 }, changed = 0;

	(void)state;
	fleet_init(&one, 3, 4);
	fleet_run(&one, false);
	fleet_init(&crashed, 3, 4);
	fleet_run(&crashed, true);
	assert_int_equal(one.hash, crashed.hash);
	for (size_t i = 0; i < CARTS; i++) {
		opened[0] += one.readers[i][0].opened;
		opened[1] += one.readers[i][1].opened;
		changed += one.readers[i][0].changed;
	}
	assert_true(opened[0] > 500 && opened[1] > 5 && changed > 500);
	world_free(&one.world);
	world_free(&crashed.world);
}

/* What is so in the end does not depend on when the reader was behind. */
static void
who_was_behind_at_other_times_ends_with_the_same(void **state)
{
	static struct fleet_run one, other;

	(void)state;
	fleet_init(&one, 5, 6);
	fleet_init(&other, 5, 7);
	fleet_run(&one, false);
	fleet_run(&other, false);
	one.world.deaf = other.world.deaf = false;
	one.world.behind = other.world.behind = false;
	world_run(&one.world, 2000);
	world_run(&other.world, 2000);
	for (size_t i = 0; i < CARTS; i++) {
		const struct watch *a = &one.world.carts[i];
		const struct watch *b = &other.world.carts[i];

		assert_int_equal(a->absent, b->absent);
		assert_int_equal(a->silent, b->silent);
		assert_int_equal(a->fix_ms, b->fix_ms);
		assert_int_equal(a->fix_w, b->fix_w);
		if (a->absent && a->back_ms == 0) {
			assert_int_equal(a->missing.phase, CASE_ON);
			assert_int_equal(b->missing.phase, CASE_ON);
		}
	}
	world_free(&one.world);
	world_free(&other.world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_million_records_and_beats_keep_the_watchs_promises),
		cmocka_unit_test(
		    who_was_behind_at_other_times_ends_with_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
