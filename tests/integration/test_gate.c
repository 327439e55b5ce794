/* gate: on a real Mosquitto with its dynamic-security plugin, which is
 * killed, put back to an older state, or does not obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>

#include "backend/consumer/gate.h"
#include "lib/clock.h"
#include "lib/mqtt.h"
#include "tests/integration/broker.h"

#define WAIT_MS 20000
#define ADMIN "admin"
#define ADMIN_PASSWORD "only for this test"

/* A cart's connection and what it has lived through. */
struct cart {
	struct mqtt *mqtt;
	const char *subscribe;
	int connects, disconnects, messages;
	char why[128];
	char topic[64];
};

static struct ev_loop *loop;
static struct broker broker;
static struct gate *gate;
static struct role_settings settings;
static const struct secret secret = { { 1, 2, 3 } };
static struct cart a, b, admin;
/* What the gate said was done. */
static int told;
static char told_plate[CART_MAX + 1];
static bool told_in;
static uint32_t told_n;

static int
on_told(void *ctx, const char *plate, bool in, uint32_t n)
{
	(void)ctx;
	told++;
	snprintf(told_plate, sizeof(told_plate), "%s", plate);
	told_in = in;
	told_n = n;
	return 0;
}

static void
on_connected(void *ctx)
{
	struct cart *c = ctx;

	c->connects++;
	if (c->subscribe != NULL)
		assert_int_equal(mqtt_subscribe(c->mqtt, c->subscribe, 0), 0);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct cart *c = ctx;

	c->disconnects++;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

static void
on_message(void *ctx, const char *topic, const void *payload, size_t len,
    bool retained)
{
	struct cart *c = ctx;

	(void)payload;
	(void)len;
	(void)retained;
	c->messages++;
	snprintf(c->topic, sizeof(c->topic), "%s", topic);
}

static void
connect_as(struct cart *c, const char *user, const char *password)
{
	const struct mqtt_handler handler = { on_connected, on_disconnected,
		on_message, NULL };
	const struct mqtt_settings s = { .host = "127.0.0.1",
		.port = broker.port,
		.client_id = user,
		.user = user,
		.password = password,
		.clean_session = true,
		.backoff_max_ms = 300 };

	c->mqtt = mqtt_new(loop, &s, &handler, c);
	assert_non_null(c->mqtt);
}

/* With the password of its n-th gateway. */
static void
cart_comes(struct cart *c, const char *plate, uint32_t n)
{
	char password[CART_PASSWORD_MAX + 1];

	secret_cart_password(&secret, plate, n, password);
	connect_as(c, plate, password);
}

static void
cart_goes(struct cart *c)
{
	mqtt_free(c->mqtt);
	*c = (struct cart){ .mqtt = NULL };
}

static void
on_beat(struct ev_loop *l, ev_timer *timer, int events)
{
	(void)l;
	(void)timer;
	(void)events;
}

static bool
turn_for(int ms, bool (*is_so)(void))
{
	int64_t deadline = clock_boottime_ms(&clock_system) + ms;
	ev_timer beat;
	bool so;

	ev_timer_init(&beat, on_beat, 0.01, 0.01);
	ev_timer_start(loop, &beat);
	while (!(so = is_so()) && clock_boottime_ms(&clock_system) < deadline) {
		ev_run(loop, EVRUN_ONCE);
		if (gate != NULL)
			assert_int_equal(gate_done(gate, on_told, NULL), 0);
	}
	ev_timer_stop(loop, &beat);
	if (gate != NULL)
		assert_int_equal(gate_done(gate, on_told, NULL), 0);
	return so;
}

static void
turn_until(bool (*is_so)(void), const char *words)
{
	if (!turn_for(WAIT_MS, is_so))
		fail_msg("not in time: %s (a: %d up %d down \"%s\"; told %d; "
			 "pending %zu)",
		    words, a.connects, a.disconnects, a.why, told,
		    gate_pending(gate));
}
#define TURN_UNTIL(condition) turn_until(condition, #condition)

static bool
nothing_pends(void)
{
	return gate_is_connected(gate) && gate_pending(gate) == 0;
}

static bool
a_is_in(void)
{
	return mqtt_is_connected(a.mqtt);
}

static bool
a_lost_it(void)
{
	return a.disconnects > 0;
}

static bool
a_is_refused(void)
{
	return strstr(a.why, "not authorised") != NULL;
}

static bool
b_is_in(void)
{
	return mqtt_is_connected(b.mqtt);
}

/* The broker's file is made anew: admin, and nobody else. */
static void
forget_all(void)
{
	char command[512];

	snprintf(command, sizeof(command),
	    "rm -f %s/dynsec.json && mosquitto_ctrl dynsec init "
	    "%s/dynsec.json " ADMIN " '" ADMIN_PASSWORD "' >/dev/null",
	    broker.folder, broker.folder);
	assert_int_equal(system(command), 0);
}

/* `tls`: lines of its listener; "" without. */
static void
start_broker_with(const char *tls)
{
	char more[1024], plugin[256] = "";
	FILE *listed = popen("dpkg-query -L mosquitto | grep "
			     "mosquitto_dynamic_security.so",
	    "r");

	assert_non_null(listed);
	assert_non_null(fgets(plugin, sizeof(plugin), listed));
	pclose(listed);
	plugin[strcspn(plugin, "\n")] = '\0';
	snprintf(more, sizeof(more),
	    "allow_anonymous false\nplugin %s\n"
	    "plugin_opt_config_file %s/dynsec.json\n"
	    "message_size_limit 65536\n%s",
	    plugin, broker.folder, tls);
	broker_start(&broker, more);
}

static void
start_broker(void)
{
	start_broker_with("");
}

static void
start_gate(void)
{
	char why[256] = "";

	gate = gate_new(&settings, &secret, why, sizeof(why));
	if (gate == NULL)
		fail_msg("%s", why);
}

static int
set_up(void **state)
{
	(void)state;
	loop = EV_DEFAULT;
	broker_prepare(&broker);
	forget_all();
	settings = (struct role_settings){
		.gate_host = strdup("127.0.0.1"),
		.gate_port = broker.port,
		.gate_user = strdup(ADMIN),
		.gate_password = strdup(ADMIN_PASSWORD),
		.gate_cafile = strdup(""),
	};
	told = 0;
	return 0;
}

static int
with_broker(void **state)
{
	set_up(state);
	start_broker();
	start_gate();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cart_goes(&a);
	cart_goes(&b);
	cart_goes(&admin);
	gate_free(gate);
	gate = NULL;
	broker_remove(&broker);
	free(settings.gate_host);
	free(settings.gate_user);
	free(settings.gate_password);
	free(settings.gate_cafile);
	return 0;
}

/* Its subscription goes out before anything else does. */
static bool
admin_is_in(void)
{
	return mqtt_is_connected(admin.mqtt) && mqtt_unsent(admin.mqtt) == 0;
}

static bool
admin_heard(void)
{
	return admin.messages > 0;
}

static void
a_cart_that_is_let_in_has_its_own_password_and_topics(void **state)
{
	(void)state;
	assert_int_equal(gate_want(gate, "AB1234", true, 1), 0);
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, 1);
	assert_string_equal(told_plate, "AB1234");
	assert_true(told_in && told_n == 1);
	admin.subscribe = "pregon/#";
	connect_as(&admin, ADMIN, ADMIN_PASSWORD);
	cart_comes(&a, "AB1234", 1);
	TURN_UNTIL(a_is_in);
	TURN_UNTIL(admin_is_in);
	/* In this order: what is refused would come first. */
	mqtt_publish(a.mqtt, "pregon/AB1235/sale", "x", 1, 0, false);
	mqtt_publish(a.mqtt, "pregon/AB1234/ack", "x", 1, 0, false);
	mqtt_publish(a.mqtt, "pregon/guild", "x", 1, 0, false);
	mqtt_publish(a.mqtt, "pregon/AB1234/sale", "x", 1, 0, false);
	TURN_UNTIL(admin_heard);
	assert_string_equal(admin.topic, "pregon/AB1234/sale");
}

static void
who_is_shut_out_loses_the_connection_and_comes_not_back(void **state)
{
	(void)state;
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(nothing_pends);
	cart_comes(&a, "AB1234", 1);
	TURN_UNTIL(a_is_in);
	gate_want(gate, "AB1234", false, 1);
	TURN_UNTIL(a_lost_it);
	TURN_UNTIL(a_is_refused);
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, 2);
	assert_false(told_in);
	/* And in again, with what it has. */
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(a_is_in);
}

static void
another_gateway_has_another_password_and_the_old_ones_ends(void **state)
{
	(void)state;
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(nothing_pends);
	cart_comes(&a, "AB1234", 1);
	TURN_UNTIL(a_is_in);
	gate_want(gate, "AB1234", true, 2);
	TURN_UNTIL(a_is_refused);
	cart_comes(&b, "AB1234", 2);
	TURN_UNTIL(b_is_in);
}

static void
a_wish_repeated_is_told_again_and_ends_no_connection(void **state)
{
	(void)state;
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(nothing_pends);
	cart_comes(&a, "AB1234", 1);
	TURN_UNTIL(a_is_in);
	for (int i = 0; i < 3; i++) {
		gate_want(gate, "AB1234", true, 1);
		TURN_UNTIL(nothing_pends);
	}
	assert_int_equal(told, 4);
	/* Nor does a gate that knows nothing yet. */
	gate_free(gate);
	start_gate();
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, 5);
	gate_want(gate, "ZZ9999", true, 1);
	TURN_UNTIL(nothing_pends);
	assert_true(mqtt_is_connected(a.mqtt));
	assert_int_equal(a.disconnects, 0);
}

static void
the_last_of_many_wishes_is_what_is_done(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 200; i++)
		assert_int_equal(gate_want(gate, "AB1234", i % 2 == 0, i), 0);
	TURN_UNTIL(nothing_pends);
	assert_true(told_in && told_n == 200);
	cart_comes(&a, "AB1234", 200);
	TURN_UNTIL(a_is_in);
}

#define FLEET 150

static void
want_fleet(void)
{
	char plate[16];

	for (int i = 0; i < FLEET; i++) {
		snprintf(plate, sizeof(plate), "FL%04d", i);
		assert_int_equal(gate_want(gate, plate, i % 10 != 9, 1), 0);
	}
}

static bool
the_gate_is_away(void)
{
	return !gate_is_connected(gate);
}

static void
a_broker_that_has_forgotten_all_is_told_all_again(void **state)
{
	(void)state;
	want_fleet();
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, FLEET);
	broker_kill(&broker);
	TURN_UNTIL(the_gate_is_away);
	forget_all();
	start_broker();
	TURN_UNTIL(nothing_pends);
	/* It was told once that they are in; they still are. */
	assert_int_equal(told, FLEET);
	cart_comes(&a, "FL0148", 1);
	TURN_UNTIL(a_is_in);
	cart_comes(&b, "FL0149", 1);
	turn_for(300, b_is_in);
	assert_false(b_is_in());
}

static void
a_broker_that_remembers_is_told_nothing_twice(void **state)
{
	int lost;

	(void)state;
	want_fleet();
	TURN_UNTIL(nothing_pends);
	cart_comes(&a, "FL0001", 1);
	TURN_UNTIL(a_is_in);
	broker_kill(&broker);
	TURN_UNTIL(the_gate_is_away);
	TURN_UNTIL(a_lost_it);
	start_broker();
	TURN_UNTIL(a_is_in);
	lost = a.disconnects;
	TURN_UNTIL(nothing_pends);
	/* One that comes after all the others were looked at. */
	gate_want(gate, "ZZ9999", true, 1);
	TURN_UNTIL(nothing_pends);
	assert_int_equal(a.disconnects, lost);
	assert_true(mqtt_is_connected(a.mqtt));
}

static bool
all_told(void)
{
	return told >= FLEET;
}

static void
what_is_wanted_while_no_broker_is_there_waits_for_it(void **state)
{
	(void)state;
	start_gate();
	want_fleet();
	assert_false(turn_for(700, all_told));
	assert_int_equal(gate_pending(gate), FLEET);
	assert_false(gate_is_connected(gate));
	start_broker();
	TURN_UNTIL(all_told);
	TURN_UNTIL(nothing_pends);
}

/*
 * The plugin of 2.0.11 writes its file in place (its ".new" is cut off for
 * want of room), so a kill may leave half of one, with which nobody gets in.
 */
static bool
file_is_whole(void)
{
	char command[128];

	snprintf(command, sizeof(command),
	    "test \"$(tail -n 1 %s/dynsec.json)\" = '}'", broker.folder);
	return system(command) == 0;
}

static void
a_broker_killed_again_and_again_has_all_in_the_end(void **state)
{
	(void)state;
	want_fleet();
	for (int i = 0; i < 5; i++) {
		turn_for(60, nothing_pends);
		broker_kill(&broker);
		TURN_UNTIL(the_gate_is_away);
		if (!file_is_whole())
			forget_all();
		start_broker();
	}
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, FLEET);
	cart_comes(&a, "FL0148", 1);
	TURN_UNTIL(a_is_in);
}

static void
control(const char *words)
{
	char command[512];

	snprintf(command, sizeof(command),
	    "mosquitto_ctrl -p %d -u " ADMIN " -P '" ADMIN_PASSWORD
	    "' dynsec %s >/dev/null 2>&1",
	    broker.port, words);
	assert_int_equal(system(command), 0);
}

static bool
all_but_one(void)
{
	return gate_is_connected(gate) && gate_pending(gate) == 1;
}

static void
another_client_of_a_carts_name_is_left_alone(void **state)
{
	(void)state;
	control("createClient AB1234 -p mighty");
	control("addClientRole AB1234 admin");
	connect_as(&a, "AB1234", "mighty");
	TURN_UNTIL(a_is_in);
	gate_want(gate, "AB1234", false, 1);
	gate_want(gate, "AB1235", true, 1);
	TURN_UNTIL(all_but_one);
	assert_int_equal(told, 1);
	assert_string_equal(told_plate, "AB1235");
	assert_int_equal(a.disconnects, 0);
}

static void
what_another_hand_has_changed_is_mended(void **state)
{
	(void)state;
	gate_want(gate, "AB1234", true, 1);
	TURN_UNTIL(nothing_pends);
	control("deleteClient AB1234");
	gate_want(gate, "AB1234", true, 2); /* "Client not found" */
	TURN_UNTIL(nothing_pends);
	cart_comes(&a, "AB1234", 2);
	TURN_UNTIL(a_is_in);
}

static void
a_wrong_password_is_no_end(void **state)
{
	(void)state;
	start_broker();
	settings.gate_password[0] = 'O';
	start_gate();
	gate_want(gate, "AB1234", true, 1);
	assert_false(turn_for(1000, nothing_pends));
	assert_int_equal(gate_pending(gate), 1);
}

/* A certificate of "localhost", which is its own authority. */
static void
it_commands_over_tls_as_well(void **state)
{
	char command[512], tls[256], cert[64];

	(void)state;
	snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext "
	    "subjectAltName=DNS:localhost -days 2 -keyout %s/key -out "
	    "%s/cert 2>/dev/null",
	    broker.folder, broker.folder);
	assert_int_equal(system(command), 0);
	snprintf(cert, sizeof(cert), "%s/cert", broker.folder);
	snprintf(tls, sizeof(tls), "certfile %s\nkeyfile %s/key\n", cert,
	    broker.folder);
	start_broker_with(tls);
	free(settings.gate_host);
	free(settings.gate_cafile);
	settings.gate_host = strdup("localhost");
	settings.gate_cafile = strdup(cert);
	start_gate();
	want_fleet();
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, FLEET);
	gate_want(gate, "FL0001", false, 1);
	TURN_UNTIL(nothing_pends);
	assert_int_equal(told, FLEET + 1);
}

#define AT(start, test) cmocka_unit_test_setup_teardown(test, start, tear_down)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		AT(with_broker,
		    a_cart_that_is_let_in_has_its_own_password_and_topics),
		AT(with_broker,
		    who_is_shut_out_loses_the_connection_and_comes_not_back),
		AT(with_broker,
		    another_gateway_has_another_password_and_the_old_ones_ends),
		AT(with_broker,
		    a_wish_repeated_is_told_again_and_ends_no_connection),
		AT(with_broker, the_last_of_many_wishes_is_what_is_done),
		AT(with_broker,
		    a_broker_that_has_forgotten_all_is_told_all_again),
		AT(with_broker, a_broker_that_remembers_is_told_nothing_twice),
		AT(set_up,
		    what_is_wanted_while_no_broker_is_there_waits_for_it),
		AT(with_broker,
		    a_broker_killed_again_and_again_has_all_in_the_end),
		AT(with_broker, another_client_of_a_carts_name_is_left_alone),
		AT(with_broker, what_another_hand_has_changed_is_mended),
		AT(set_up, a_wrong_password_is_no_end),
		AT(set_up, it_commands_over_tls_as_well),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
