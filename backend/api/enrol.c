/*
 * What lets a member's cart in, for admins: the credentials, and a code with
 * which the gateway fetches them by itself, as text, as a URL and as the
 * squares of a QR code.
 *
 * All is made anew each time and kept nowhere, not for an Idempotency-Key
 * either.  Each code of a gateway's number is good until its own end, and all
 * end together when the first is taken.
 */
#include <qrencode.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/members_parts.h"
#include "lib/enrol_code.h"

#define URL_MAX 600
#define HOST_NAME_MAX_CHARS 260
#define ENROL_PATH "/public/#/enrol/"

void
enrol_write_credentials(struct call *call, const struct member_row *row)
{
	const struct api_broker *broker = &call->api->broker;
	char password[CART_PASSWORD_MAX + 1];
	struct jsonw *j = &call->answer->body;

	secret_cart_password(
	    call->api->secret, row->plate, row->enrolment, password);
	jsonw_key(j, "cart");
	jsonw_text(j, row->plate);
	jsonw_key(j, "enrolment");
	jsonw_int(j, row->enrolment);
	jsonw_key(j, "user");
	jsonw_text(j, row->plate);
	jsonw_key(j, "password");
	jsonw_text(j, password);
	jsonw_key(j, "host");
	jsonw_text(j, broker->host[0] != '\0' ? broker->host : NULL);
	jsonw_key(j, "port");
	jsonw_int(j, broker->port);
	jsonw_key(j, "tls");
	jsonw_bool(j, broker->tls);
	explicit_bzero(password, sizeof(password));
}

/* A name or an address with its port, and nothing that could end it. */
static bool
is_host(const char *host)
{
	size_t len = host == NULL ? 0 : strlen(host);

	return len > 0 && len < HOST_NAME_MAX_CHARS &&
	    strspn(host,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.-_:[]") == len;
}

/* Of the guild's public page; -1: nobody said where that is. */
static int
make_url(const struct call *call, const char *code, char url[URL_MAX])
{
	const struct api_enrol *enrol = &call->api->enrol;
	const char *host = call->request->host;
	const char *slash = enrol->pin[0] != '\0' ? "/" : "";
	int len;

	if (enrol->url != NULL && enrol->url[0] != '\0')
		len = snprintf(url, URL_MAX, "%s" ENROL_PATH "%s%s%s",
		    enrol->url, code, slash, enrol->pin);
	else if (is_host(host))
		len = snprintf(url, URL_MAX, "%s://%s" ENROL_PATH "%s%s%s",
		    enrol->https ? "https" : "http", host, code, slash,
		    enrol->pin);
	else
		return -1;
	return len < URL_MAX ? 0 : -1;
}

/* Rows of '0' and '1' (dark), without the quiet zone. */
static void
write_squares(struct jsonw *j, const QRcode *qr)
{
	size_t width = (size_t)qr->width;
	char row[200];

	jsonw_open(j, '{');
	jsonw_key(j, "size");
	jsonw_int(j, qr->width);
	jsonw_key(j, "rows");
	jsonw_open(j, '[');
	for (size_t y = 0; y < width && width < sizeof(row); y++) {
		for (size_t x = 0; x < width; x++)
			row[x] = qr->data[y * width + x] & 1 ? '1' : '0';
		row[width] = '\0';
		jsonw_text(j, row);
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

static void
write_qr(struct jsonw *j, const char *url)
{
	QRcode *qr = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_M);

	jsonw_key(j, "qr");
	if (qr == NULL) {
		jsonw_null(j);
		return;
	}
	write_squares(j, qr);
	QRcode_free(qr);
}

/* null each: the code of this number was taken. */
static void
write_no_code(struct jsonw *j)
{
	static const char *const names[] = { "code", "url", "expires_at",
		"qr" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		jsonw_key(j, names[i]);
		jsonw_null(j);
	}
}

static void
write_code(struct call *call, const struct member_row *row)
{
	struct jsonw *j = &call->answer->body;
	char text[ENROL_CODE_TEXT + 1], url[URL_MAX];
	int64_t ends_ms = clock_realtime_ms(call->api->clock) +
	    call->api->enrol.life_ms;
	struct enrol_code code;
	bool has_url;

	enrol_code_make(
	    call->api->secret, row->who, row->enrolment, &ends_ms, &code);
	enrol_code_format(&code, text);
	has_url = make_url(call, text, url) == 0;
	jsonw_key(j, "code");
	jsonw_text(j, text);
	jsonw_key(j, "url");
	jsonw_text(j, has_url ? url : NULL);
	jsonw_key(j, "expires_at");
	jsonw_time(j, ends_ms);
	if (has_url) {
		write_qr(j, url);
		return;
	}
	jsonw_key(j, "qr");
	jsonw_null(j);
}

static void
write_enrolment(struct call *call, const struct member_row *row)
{
	struct jsonw *j = &call->answer->body;

	jsonw_open(j, '{');
	enrol_write_credentials(call, row);
	jsonw_key(j, "gate_done");
	jsonw_bool(j, row->gate_done);
	jsonw_key(j, "enrolled_at");
	if (row->enrolled_ms != 0)
		jsonw_time(j, row->enrolled_ms);
	else
		jsonw_null(j);
	if (row->enrolled_ms != 0)
		write_no_code(j);
	else
		write_code(call, row);
	jsonw_close(j, '}');
}

void
api_member_enrol(struct call *call)
{
	struct member_row row;

	if (find_member(call, &row) != 1)
		return;
	if (row.state == MEMBER_APPROVED && row.enrolment > 0)
		write_enrolment(call, &row);
	else
		answer_problem(call->answer, 409, NULL, NULL,
		    "only the cart of an approved member may come in: this "
		    "one is %s",
		    member_state_name(row.state));
}
