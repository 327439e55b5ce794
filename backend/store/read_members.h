/*
 * read_members: the rows of read.h about members: who they are, and
 * registrations that were refused.
 */
#ifndef PREGON_BACKEND_READ_MEMBERS_H
#define PREGON_BACKEND_READ_MEMBERS_H

#include "schemas/member.h"

#define MEMBER_REFUSAL_MAX 32 /* "plate.taken" */

/*
 * One member, by the newest registration that was taken in; or a registration
 * that was refused, which made nobody a member.
 */
struct member_row {
	char who[WHO_MAX + 1];
	char registration[MEMBER_ID_MAX + 1];
	enum member_state state; /* of one refused: MEMBER_REJECTED */
	bool premium;
	char plate[CART_MAX + 1];
	int64_t registered_ms; /* when the registration was received */
	int64_t state_ms; /* since when the state is this */
	char by[TEXT_NAME_MAX + 1]; /* who decided last; "": the rules */
	/* Of the last rejection or suspension; of one refused: why, in words
	 * (English: the words for applicants are the templates'). */
	char reason[TEXT_NOTE_MAX + 1];
	char refusal[MEMBER_REFUSAL_MAX + 1]; /* "rut.taken"; "": taken in */
	/*
	 * Which gateway of the cart's may connect, for secret_cart_password();
	 * 0: none was ever approved.  It is let in when MEMBER_APPROVED, and
	 * Mosquitto has it so when gate_done.
	 */
	uint32_t enrolment;
	bool gate_done;
	/* When a gateway took the code of this number, 0: none did; and which
	 * (lib/secret.h). */
	int64_t enrolled_ms;
	char gateway[ENROL_GATEWAY_MAX + 1];
	/* Personal data; all "" when the member has left, or a registration
	 * that came to nothing was erased. */
	char first_name[TEXT_NAME_MAX + 1];
	char last_name[TEXT_NAME_MAX + 1];
	char rut[RUT_MAX + 1];
	char mail[MAIL_MAX + 1];
	char language[LANGUAGE_MAX + 1];
};

/* How a member stands, without personal data; as in struct member_row. */
struct member_mark {
	char who[WHO_MAX + 1];
	enum member_state state;
	char plate[CART_MAX + 1];
	bool premium;
	bool gate_done;
	int64_t enrolled_ms; /* 0: no gateway took the code */
	int64_t state_ms;
};

/*
 * Which members: all that is given must hold; newest first, by registered_ms
 * and registration id.
 */
struct members_query {
	const char *who; /* NULL: any */
	const char *plate; /* NULL: any; without those who left it */
	const char *registration; /* NULL: any; finds one refused, too */
	/* Only those whose gateway's number ends with these bits, as a code
	 * names it (lib/enrol_code.h). */
	bool by_code;
	uint32_t code_place;
	int state; /* enum member_state; -1: any */
	bool refused; /* registrations that were refused instead */
	/* Only those after this place in the order; before_ms 0: from the
	 * newest on. */
	int64_t before_ms;
	const char *before_id;
	int64_t limit; /* 0: without */
};

/* For a board and for figures. */
struct member_counts {
	int64_t members[MEMBER_STATES]; /* by state */
	int64_t refused; /* registrations that are still shown */
	int64_t gate_waiting; /* carts that Mosquitto does not have as wanted */
};

#endif
