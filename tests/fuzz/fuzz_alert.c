/* Alerts, a person's word on them, and their ids. */
#include "schemas/alert.h"
#include "tests/fuzz/fuzz.h"

/* The input is an id; its own bytes serve as the time of another. */
static void
id_must_be_known(const uint8_t *data, size_t size)
{
	char id[ALERT_ID_MAX + 2], cart[CART_MAX + 1], again[CART_MAX + 1];
	enum alert_cause cause, known;
	int64_t since;
	size_t len = size < sizeof(id) ? size : sizeof(id) - 1;

	memcpy(id, data, len);
	id[len] = '\0';
	if (alert_id_parse(id, cart, &cause) == -1) {
		must(errno == EINVAL && cart[0] == '\0');
		return;
	}
	must(cart[0] == '\0' || cart_is_valid(cart, strlen(cart)));
	must(cause < ALERT_CAUSES && strlen(id) <= ALERT_ID_MAX);
	memcpy(&since, id, sizeof(since));
	alert_id(id, cart, cause, since);
	must(alert_id_parse(id, again, &known) == 0);
	must(strcmp(cart, again) == 0 && known == cause);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alert_resolution said;
	struct alert_event alert;

	must_come_back(
	    data, size, &alert, alert_decode, alert_encode, ALERT_BYTES_MAX);
	must_come_back(data, size, &said, resolution_decode, resolution_encode,
	    ALERT_BYTES_MAX);
	id_must_be_known(data, size);
	return 0;
}
