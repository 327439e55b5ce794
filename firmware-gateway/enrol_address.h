/*
 * enrol_address: what somebody pasted, scanned or typed, taken apart: where
 * the guild is, and the code.
 *
 *	https://guild.example/public/#/enrol/K7QF-9M2X-4TRB-0VWN   the QR code's,
 *						with /PIN after it or not
 *	guild.example:8443 k7qf 9m2x 4trb 0vwn                     typed
 *	guild.example/K7QF9M2X4TRB0VWN
 *
 * Without a scheme it is https: nothing goes unencrypted that nobody asked to.
 */
#ifndef PREGON_GATEWAY_ENROL_ADDRESS_H
#define PREGON_GATEWAY_ENROL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/enrol_code.h"

#define ENROL_BASE_MAX 400

struct enrol_address {
	char base[ENROL_BASE_MAX + 1]; /* "https://guild.example" */
	char host[ENROL_BASE_MAX + 1]; /* "guild.example" */
	bool https;
	char code[ENROL_CODE_TEXT + 1];
	char pin[ENROL_PIN_TEXT + 1]; /* enrol_code.h; "": none is there */
};

enum enrol_address_fault {
	ENROL_ADDRESS_GOOD,
	ENROL_ADDRESS_NO_CODE, /* nothing there has 16 letters and digits */
	ENROL_ADDRESS_NO_GUILD /* where to ask is not said, or wrong */
};

enum enrol_address_fault enrol_address_parse(
    const char *text, struct enrol_address *);

#endif
