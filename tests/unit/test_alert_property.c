/*
 * A million random events through the machine of alerts: what must hold at
 * each step, and that the same log gives the same alerts.
 */
#include "alert_reader.h"

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
		.known = (enum alert_known)chance(&m->log, KNOWN_COUNT),
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1,
		.count = chance(&m->log, 3) };
	const struct alert_event *event;
	bool was_there = m->there[i];

	snprintf(
	    facts.cart, sizeof(facts.cart), "CART%02u", (unsigned)i % CASES);
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
		.why = (enum alert_why)chance(&m->log, WHY_COUNT),
		.moved_m = (int64_t)chance(&m->log, 100) - 1 };
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
	bool right = chance(&m->log, 4) != 0;
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
	size_t i = (size_t)chance(&m->log, CASES);
	struct alert_case *c = &m->cases[i];
	struct alert_now now;
	int64_t op = chance(&m->log, 100);

	m->clock_ms += chance(&m->log, 50);
	if (chance(&m->log, 2000) == 0)
		m->clock_ms += chance(&m->log, 900000);
	now = (struct alert_now){ .clock_ms = m->clock_ms,
		.at_ms = WORLD_NOW + m->clock_ms,
		.caught_up = chance(&m->log, 8) != 0 };
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
		int64_t batch = restarts ? 1 + chance(&m->chance, 3000) : STEPS;

		if (batch > STEPS - done)
			batch = STEPS - done;
		/* A batch that was rolled back is read again. */
		if (restarts && chance(&m->chance, 3) == 0) {
			committed = *m;
			for (int64_t n = chance(&m->chance, (uint64_t)batch);
			     n > 0; n--)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_events_keep_the_machines_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
