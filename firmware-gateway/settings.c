#include "firmware-gateway/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/credentials.h"
#include "schemas/identity.h"

static const char *const trusts[] = { "auto", "gnss", "system", NULL };
static const char *const levels[] = { "error", "warn", "info", "debug", NULL };

#define PIN_MIN 4
#define PIN_MAX 32

#define AT(member) offsetof(struct settings, member)

static const struct config_key keys[] = {
	{ "cart", CONFIG_TEXT, AT(cart), "", "",
	    "the cart's plate (patente), 4 to 8 of A-Z and 0-9; empty: that of"
	    " its enrolment",
	    0, 0, NULL },
	{ "mqtt.host", CONFIG_TEXT, AT(mqtt.host), "127.0.0.1", "",
	    "the guild's broker", 0, 0, NULL },
	{ "mqtt.port", CONFIG_INT, AT(mqtt.port), "1883", "", "its port", 1,
	    65535, NULL },
	{ "mqtt.user", CONFIG_TEXT, AT(mqtt.user), "", "",
	    "the cart's name there; the plate, if only a password is given", 0,
	    0, NULL },
	{ "mqtt.password", CONFIG_SECRET, AT(mqtt.password), "", "",
	    "its password", 0, 0, NULL },
	{ "mqtt.password_file", CONFIG_TEXT, AT(mqtt.password_file), "", "",
	    "file whose first line is the password", 0, 0, NULL },
	{ "mqtt.cafile", CONFIG_TEXT, AT(mqtt.cafile), "", "",
	    "certificate that the broker's is checked against: turns TLS on", 0,
	    0, NULL },
	{ "mqtt.certfile", CONFIG_TEXT, AT(mqtt.certfile), "", "",
	    "the cart's own certificate", 0, 0, NULL },
	{ "mqtt.keyfile", CONFIG_TEXT, AT(mqtt.keyfile), "", "",
	    "the certificate's key", 0, 0, NULL },
	{ "mqtt.tls_version", CONFIG_TEXT, AT(mqtt.tls_version), "", "",
	    "tlsv1.2 or tlsv1.3; empty: the best both know", 0, 0, NULL },
	{ "gpsd.host", CONFIG_TEXT, AT(gpsd.host), "127.0.0.1", "",
	    "where gpsd listens: an IP address or localhost", 0, 0, NULL },
	{ "gpsd.port", CONFIG_INT, AT(gpsd.port), "2947", "", "its port", 1,
	    65535, NULL },
	{ "gpsd.device", CONFIG_TEXT, AT(gpsd.device), "", "",
	    "the receiver, if gpsd has several; empty: all", 0, 0, NULL },
	{ "fix.max_error_m", CONFIG_INT, AT(fix.max_error_m), "150", "m",
	    "fixes that are said to be worse are refused (plain NMEA's figure"
	    " is HDOP times 19 m)",
	    10, 10000, NULL },
	{ "fix.max_speed_m_s", CONFIG_INT, AT(fix.max_speed_m_s), "100", "m/s",
	    "a fix that would need more is refused as a jump", 5, 500, NULL },
	{ "keep.distance_m", CONFIG_INT, AT(keep.distance_m), "20", "m",
	    "keep a fix after this distance", 1, 10000, NULL },
	{ "keep.turn_deg", CONFIG_INT, AT(keep.turn_deg), "30", "degrees",
	    "keep a fix after a turn of this", 5, 180, NULL },
	{ "keep.interval_s", CONFIG_INT, AT(keep.interval_s), "60", "s",
	    "keep a fix after this time", 1, 3600, NULL },
	{ "keep.park_s", CONFIG_INT, AT(keep.park_s), "720", "s",
	    "a cart that stood so long is parked: its place is held", 10, 86400,
	    NULL },
	{ "outbox.path", CONFIG_TEXT, AT(outbox.path),
	    "/var/lib/pregon/outbox.db", "",
	    "the file of what the guild has not confirmed yet", 0, 0, NULL },
	{ "outbox.max_bytes", CONFIG_BYTES, AT(outbox.max_bytes), "64M",
	    "bytes", "its bound; its log beside it takes up to 0.6 MB more",
	    256 * 1024, INT64_C(1) << 40, NULL },
	{ "outbox.keep_days", CONFIG_INT, AT(outbox.keep_days), "30", "days",
	    "confirmed sales and stock stay so long, while there is room", 0,
	    3650, NULL },
	{ "pos.socket", CONFIG_TEXT, AT(pos.socket), "/run/pregon/pos.sock", "",
	    "Unix socket of the point of sale", 0, 0, NULL },
	{ "pos.tcp_port", CONFIG_INT, AT(pos.tcp_port), "0", "",
	    "the same on 127.0.0.1; 0: off", 0, 65535, NULL },
	{ "page.port", CONFIG_INT, AT(page.port), "0", "",
	    "the vendor's page, for a phone's browser; 0: off", 0, 65535,
	    NULL },
	{ "page.host", CONFIG_TEXT, AT(page.host), "127.0.0.1", "",
	    "the address it is served on: that of the cart's own Wi-Fi", 0, 0,
	    NULL },
	{ "page.pin", CONFIG_SECRET, AT(page.pin), "", "",
	    "what a phone must know to use it, 4 to 32 characters; empty:"
	    " nothing",
	    0, 0, NULL },
	{ "clock.trust", CONFIG_CHOICE, AT(clock.trust), "auto", "",
	    "whose date is believed", 0, 0, trusts },
	{ "clock.boot_id_file", CONFIG_TEXT, AT(clock.boot_id_file), "", "",
	    "for trials: a file whose text stands for the kernel's start", 0, 0,
	    NULL },
	{ "link.linger_s", CONFIG_INT, AT(link.linger_s), "60", "s",
	    "fixes wait so long for company", 0, 3600, NULL },
	{ "link.ack_timeout_ms", CONFIG_INT, AT(link.ack_timeout_ms), "2000",
	    "ms", "first wait for an ack; doubles up to 5 s", 50, 5000, NULL },
	{ "heartbeat.moving_s", CONFIG_INT, AT(heartbeat.moving_s), "20", "s",
	    "status at least so often while moving", 1, 3600, NULL },
	{ "heartbeat.parked_s", CONFIG_INT, AT(heartbeat.parked_s), "30", "s",
	    "and while standing", 1, 3600, NULL },
	{ "enrol.file", CONFIG_TEXT, AT(enrol.file), "", "",
	    "file of what enrolment gave, which goes before cart and mqtt.*;"
	    " empty: beside the outbox, as .credentials",
	    0, 0, NULL },
	{ "enrol.ca", CONFIG_TEXT, AT(enrol.ca), "", "",
	    "certificate that the guild's pages are checked against; empty:"
	    " what the system trusts",
	    0, 0, NULL },
	{ "enrol.pin", CONFIG_TEXT, AT(enrol.pin), "", "",
	    "the only public key that its pages may have, whoever signed it:"
	    " sha256//BASE64; empty: any",
	    0, 0, NULL },
	{ "log.level", CONFIG_CHOICE, AT(log_level), "info", "",
	    "how much to say", 0, 0, levels },
};

const struct config_program settings_program = {
	.name = "pregon-gateway",
	.summary = "gets what a cart does to the guild, once",
	.usage = "[--enrol URL [--wait] [--enrol-ca FILE]]",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(*keys),
	.check = settings_check,
};

bool
settings_remote(const char *key, size_t len)
{
	/* What the guild may tune; not where to connect or what to keep. */
	static const char *const remote[] = { "keep.distance_m",
		"keep.turn_deg", "keep.interval_s", "keep.park_s",
		"link.linger_s", "heartbeat.moving_s", "heartbeat.parked_s" };

	for (size_t i = 0; i < sizeof(remote) / sizeof(*remote); i++)
		if (strlen(remote[i]) == len &&
		    memcmp(remote[i], key, len) == 0)
			return true;
	return false;
}

/* The first line of a file; NULL: errno.  The caller frees it. */
static char *
first_line(const char *path)
{
	size_t cap = 0;
	char *line = NULL;
	FILE *f = fopen(path, "re");
	ssize_t len;

	if (f == NULL)
		return NULL;
	len = getline(&line, &cap, f);
	if (len <= 0) {
		if (!ferror(f))
			errno = ENODATA;
		free(line);
		line = NULL;
	} else {
		line[strcspn(line, "\r\n")] = '\0';
	}
	fclose(f);
	return line;
}

int
settings_check(void *settings, char *why, size_t why_cap)
{
	struct settings *s = settings;

	if (*s->cart != '\0' && !cart_is_valid(s->cart, strlen(s->cart))) {
		snprintf(why, why_cap,
		    "cart: \"%s\" is no plate: give 4 to 8 of A-Z and 0-9",
		    s->cart);
		return -1;
	}
	if ((*s->mqtt.certfile == '\0') != (*s->mqtt.keyfile == '\0')) {
		snprintf(why, why_cap,
		    "mqtt.certfile and mqtt.keyfile: give both or none");
		return -1;
	}
	if (*s->mqtt.certfile != '\0' && *s->mqtt.cafile == '\0') {
		snprintf(
		    why, why_cap, "mqtt.cafile: needed beside mqtt.certfile");
		return -1;
	}
	if (*s->page.pin != '\0' &&
	    (strlen(s->page.pin) < PIN_MIN || strlen(s->page.pin) > PIN_MAX)) {
		snprintf(why, why_cap,
		    "page.pin: give %d to %d characters, or leave it empty",
		    PIN_MIN, PIN_MAX);
		return -1;
	}
	if (*s->mqtt.password_file != '\0') {
		char *password = first_line(s->mqtt.password_file);

		if (password == NULL) {
			snprintf(why, why_cap,
			    "mqtt.password_file: cannot read %s: %s",
			    s->mqtt.password_file, strerror(errno));
			return -1;
		}
		free(s->mqtt.password);
		s->mqtt.password = password;
	}
	if (s->enrolling)
		return 0;
	if (credentials_take(s, why, why_cap) == -1)
		return -1;
	/* With a page it can be enrolled there. */
	if (*s->cart == '\0' && s->page.port == 0) {
		snprintf(why, why_cap,
		    "cart: whose gateway is this? Give its plate, 4 to 8 of "
		    "A-Z and 0-9, or enrol it: pregon-gateway --enrol URL");
		return -1;
	}
	return 0;
}
