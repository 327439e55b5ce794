/*
 * A million random events through the machine of alerts, and a million records
 * and beats through the watch of a small fleet: what must hold at each step,
 * and that the same log gives the same alerts.
 */
#include "watch_world.h"

#define STEPS 1000000

/* The log and what the reader makes of it are drawn apart, so that the same
 * log can be read in another way. */
static uint64_t
draw(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static int64_t
below(uint64_t *seed, int64_t n)
{
	return (int64_t)(draw(seed) % (uint64_t)n);
}

static void
hash_add(uint64_t *hash, const struct alert_event *event)
{
	uint8_t bytes[ALERT_BYTES_MAX];
	int len = alert_encode(event, bytes, sizeof(bytes));

	assert_true(len > 0);
	for (int i = 0; i < len; i++)
		*hash = (*hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

/*
 * What whoever reads topic_alertas makes of one (cart, cause): checks each
 * record against those before it.
 */
#define REMEMBERED 16
struct reader {
	bool open;
	char open_id[ALERT_ID_MAX + 1];
	struct {
		char id[ALERT_ID_MAX + 1];
		uint32_t revision;
		bool settled;
	} alerts[REMEMBERED]; /* the newest ones; a ring */
	uint32_t next;
	uint32_t opened, changed, resolved;
};

static uint32_t
reader_slot(const struct reader *r, const char *id)
{
	for (uint32_t back = 1; back <= REMEMBERED; back++) {
		uint32_t i = (r->next + REMEMBERED - back) % REMEMBERED;

		if (strcmp(r->alerts[i].id, id) == 0)
			return i;
	}
	return REMEMBERED;
}

static void
reader_opened(struct reader *r, const struct alert_event *event)
{
	assert_false(r->open);
	assert_int_equal(event->revision, 0);
	assert_int_equal(event->until_ms, INSTANT_MISSING);
	assert_string_equal(event->by, "");
	r->open = true;
	snprintf(r->open_id, sizeof(r->open_id), "%s", event->id);
	r->next = (r->next + 1) % REMEMBERED;
	memset(&r->alerts[(r->next + REMEMBERED - 1) % REMEMBERED], 0,
	    sizeof(r->alerts[0]));
	snprintf(r->alerts[(r->next + REMEMBERED - 1) % REMEMBERED].id,
	    ALERT_ID_MAX + 1, "%s", event->id);
	r->opened++;
}

static void
reader_take(struct reader *r, const struct alert_event *event)
{
	uint32_t i;

	if (event->state == ALERT_OPENED) {
		reader_opened(r, event);
		return;
	}
	i = reader_slot(r, event->id);
	assert_true(i < REMEMBERED);
	assert_int_equal(event->revision, r->alerts[i].revision + 1);
	r->alerts[i].revision++;
	if (event->state == ALERT_CHANGED) {
		/* Of one that is over only the end is mended. */
		if (!r->open || strcmp(r->open_id, event->id) != 0)
			assert_true(event->until_ms != INSTANT_MISSING);
		r->changed++;
		return;
	}
	assert_int_equal(event->state, ALERT_RESOLVED);
	assert_true(r->open);
	assert_string_equal(r->open_id, event->id);
	assert_true(event->until_ms != INSTANT_MISSING || event->by[0] != '\0');
	r->alerts[i].settled = event->by[0] != '\0';
	r->open = false;
	r->resolved++;
}

/* The machine alone. */

#define CASES 64
static const struct alert_damping damping = {
	.raise_ms = 2000,
	.clear_ms = 1000,
	.again_ms = 600000,
	.again_clear_ms = 60000,
	.change_ms = 5000,
};

struct machine_run {
	uint64_t log; /* seed */
	bool restarts; /* of the reader: its memory is what was kept */
	uint64_t chance; /* seed of those */
	uint64_t hash;
	int64_t clock_ms;
	struct alert_case cases[CASES];
	struct reader readers[CASES];
	/* What is so: since when the cause has been there, or not. */
	bool there[CASES];
	int64_t there_ms[CASES];
	int64_t openings[CASES][4]; /* the last ones, on the clock */
};

static void
machine_take(struct machine_run *m, size_t i, const struct alert_event *event)
{
	int64_t *o = m->openings[i];

	if (event == NULL)
		return;
	hash_add(&m->hash, event);
	reader_take(&m->readers[i], event);
	if (event->state != ALERT_OPENED)
		return;
	/* It cannot flap: of four openings in a row, two are far apart. */
	memmove(o, o + 1, 3 * sizeof(*o));
	o[3] = m->clock_ms;
	if (m->readers[i].opened >= 4)
		assert_true(o[3] - o[0] >= damping.again_clear_ms);
}

static void
machine_cause(struct machine_run *m, size_t i, struct alert_now *now)
{
	struct alert_case *c = &m->cases[i];
	struct alert_event facts = { .cause = ALERT_GAP_POS,
		.since_ms = now->at_ms,
		.known = (enum alert_known)below(&m->log, KNOWN_COUNT),
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1,
		.count = below(&m->log, 3) };
	const struct alert_event *event;
	bool was_there = m->there[i];

	snprintf(facts.cart, sizeof(facts.cart), "CART%04zu", i);
	if (!was_there)
		m->there_ms[i] = now->clock_ms;
	m->there[i] = true;
	while ((event = alert_raise(c, &facts, &damping, now)) != NULL) {
		/* Behind, only ends are told. */
		assert_true(
		    now->caught_up || event->until_ms != INSTANT_MISSING);
		machine_take(m, i, event);
	}
	/* Nothing is lost: a cause that lasted is told, or held. */
	if (now->caught_up && was_there &&
	    now->clock_ms - m->there_ms[i] >= damping.raise_ms)
		assert_int_equal(c->phase, CASE_ON);
	assert_true(c->phase == CASE_ON || c->phase == CASE_RISING);
}

static void
machine_no_cause(struct machine_run *m, size_t i, struct alert_now *now)
{
	struct alert_event facts = { .until_ms = now->at_ms,
		.why = (enum alert_why)below(&m->log, WHY_COUNT),
		.moved_m = below(&m->log, 100) - 1 };
	struct alert_case *c = &m->cases[i];

	if (m->there[i])
		m->there_ms[i] = now->clock_ms;
	m->there[i] = false;
	machine_take(m, i, alert_cease(c, &facts, &damping, now));
	if (now->clock_ms - m->there_ms[i] >= damping.again_clear_ms)
		assert_int_equal(c->phase, CASE_CALM);
	assert_true(c->phase == CASE_CALM || c->phase == CASE_CEASING);
	assert_null(c->phase == CASE_CALM
		? alert_cease(c, &facts, &damping, now)
		: NULL);
}

static void
machine_word(struct machine_run *m, size_t i, struct alert_now *now)
{
	struct alert_case *c = &m->cases[i];
	struct alert_resolution said = { .at_ms = now->at_ms, .by = "Rosa" };
	bool right = below(&m->log, 4) != 0;
	/* What is kept of a calm case does not know its alert. */
	const char *id = c->phase != CASE_CALM ? c->event.id : "CART-gone-1";

	snprintf(said.id, sizeof(said.id), "%s%s", id, right ? "" : "x");
	machine_take(m, i, alert_settle(c, &said, now));
	assert_null(alert_settle(c, &said, now));
	if (right && c->phase != CASE_CALM)
		assert_true(c->held);
}

static void
machine_step(struct machine_run *m)
{
	size_t i = (size_t)below(&m->log, CASES);
	struct alert_case *c = &m->cases[i];
	struct alert_now now;
	int64_t op = below(&m->log, 100);

	m->clock_ms += below(&m->log, 50);
	if (below(&m->log, 2000) == 0)
		m->clock_ms += below(&m->log, 900000);
	now = (struct alert_now){ .clock_ms = m->clock_ms,
		.at_ms = WORLD_NOW + m->clock_ms,
		.caught_up = below(&m->log, 8) != 0 };
	if (op < 50)
		machine_cause(m, i, &now);
	else if (op < 92)
		machine_no_cause(m, i, &now);
	else
		machine_word(m, i, &now);

	assert_true(c->phase < CASE_PHASES);
	assert_true(!c->held || c->phase != CASE_CALM);
	assert_int_equal(alert_is_open(c), m->readers[i].open);
	assert_true(alert_next(c, &damping) >= 0);
}

/* The reader was killed: what it holds is what was kept. */
static void
machine_restart(struct machine_run *m)
{
	for (size_t i = 0; i < CASES; i++) {
		if (m->cases[i].phase == CASE_CALM)
			memset(
			    &m->cases[i].event, 0, sizeof(m->cases[i].event));
	}
}

static void
machine_run(struct machine_run *m, uint64_t log, bool restarts)
{
	static struct machine_run committed;
	int64_t done = 0;

	memset(m, 0, sizeof(*m));
	m->log = log;
	m->restarts = restarts;
	while (done < STEPS) {
		int64_t batch = restarts ? 1 + below(&m->chance, 3000) : STEPS;

		if (batch > STEPS - done)
			batch = STEPS - done;
		/* A batch that was rolled back is read again. */
		if (restarts && below(&m->chance, 3) == 0) {
			committed = *m;
			for (int64_t n = below(&m->chance, batch); n > 0; n--)
				machine_step(m);
			committed.chance = m->chance;
			*m = committed;
		}
		for (int64_t n = batch; n > 0; n--)
			machine_step(m);
		done += batch;
		machine_restart(m);
	}
}

static void
a_million_events_keep_the_machines_promises(void **state)
{
	static struct machine_run one, again, restarted;
	uint32_t opened = 0, changed = 0, resolved = 0;

	(void)state;
	machine_run(&one, 1, false);
	machine_run(&again, 1, false);
	assert_int_equal(one.hash, again.hash);
	machine_run(&restarted, 1, true);
	assert_int_equal(one.hash, restarted.hash);
	for (size_t i = 0; i < CASES; i++) {
		opened += one.readers[i].opened;
		changed += one.readers[i].changed;
		resolved += one.readers[i].resolved;
	}
	/* It was not an empty run. */
	assert_true(opened > 2000 && changed > 2000 && resolved > 2000);
	machine_run(&again, 2, false);
	assert_true(one.hash != again.hash);
}

/* The watch, with a fleet. */

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
		t->north_m += (double)below(&f->log, 20);
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
	    below(&f->log, 4) == 0 ? ALERT_BACKLOG : ALERT_MISSING,
	    t->report_ms - below(&f->log, 2));
	assert_int_equal(watch_settle(&w->carts[i], &said, &now), 0);
}

/* Something happens to a cart. */
static void
fleet_fate(struct fleet_run *f, size_t i)
{
	struct truth *t = &f->truth[i];

	switch (below(&f->log, 12)) {
	case 0:
	case 1:
		t->up = false;
		break;
	case 2: /* the gateway, or the power */
	case 3:
		t->epoch++;
		if (below(&f->log, 2) == 0)
			t->boot++;
		t->up = below(&f->log, 2) == 0;
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

	if (below(&f->log, 4000) == 0)
		f->deaf_until_ms = w->ms + below(&f->log, 300000);
	if (below(&f->log, 20000) == 0)
		f->closed_until_ms = w->ms + below(&f->log, 1200000);
	if (below(&f->chance, 3000) == 0)
		f->behind_until_ms = w->ms + below(&f->chance, 600000);
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
	int64_t end = w->ms + below(&f->log, 300);

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
	size_t i = (size_t)below(&f->log, CARTS);
	struct truth *t = &f->truth[i];
	int64_t op = below(&f->log, 1000);

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
		cmocka_unit_test(a_million_events_keep_the_machines_promises),
		cmocka_unit_test(
		    a_million_records_and_beats_keep_the_watchs_promises),
		cmocka_unit_test(
		    who_was_behind_at_other_times_ends_with_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
