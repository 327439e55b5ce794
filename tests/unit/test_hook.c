/*
 * What answers of mail servers and webhooks mean, and how a body is signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backend/consumer/hook.h"
#include "backend/consumer/mailer.h"

/* RFC 4231, test case 2. */
static void
a_body_is_signed_as_others_sign_it(void **state)
{
	static const char body[] = "what do ya want for nothing?";
	char signature[HOOK_SIGNATURE_MAX + 1];

	(void)state;
	hook_sign("Jefe", body, strlen(body), signature);
	assert_string_equal(signature,
	    "sha256=5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
}

static void
a_webhooks_answer_says_whether_to_try_again(void **state)
{
	static const struct {
		long status;
		enum courier_outcome outcome;
	} answers[] = {
		{ 200, OUTCOME_SENT },
		{ 204, OUTCOME_SENT },
		{ 301, OUTCOME_LATER },
		{ 400, OUTCOME_REFUSED },
		{ 401, OUTCOME_LATER }, /* the secret can be mended */
		{ 404, OUTCOME_LATER }, /* and the address */
		{ 410, OUTCOME_REFUSED },
		{ 429, OUTCOME_AWAY },
		{ 500, OUTCOME_LATER },
		{ 503, OUTCOME_AWAY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(
		    hook_judge(answers[i].status), answers[i].outcome);
}

static void
a_mail_servers_no_is_about_one_mail_or_about_us(void **state)
{
	static const struct {
		char verb;
		long code;
		enum courier_outcome outcome;
	} answers[] = {
		{ 0, 535, OUTCOME_AWAY }, /* our password is wrong */
		{ 0, 454, OUTCOME_AWAY }, /* no TLS now */
		{ 'M', 550, OUTCOME_AWAY }, /* our sender */
		{ 'R', 550, OUTCOME_REFUSED }, { 'R', 553, OUTCOME_REFUSED },
		{ 'R', 450, OUTCOME_LATER }, /* greylisted */
		{ 'R', 452, OUTCOME_LATER },
		{ 'R', 552, OUTCOME_LATER }, /* a full mailbox */
		{ 'R', 421, OUTCOME_AWAY }, { 'R', 530, OUTCOME_AWAY },
		{ 'D', 554, OUTCOME_REFUSED }, { 'D', 451, OUTCOME_LATER },
		{ 'D', 0, OUTCOME_AWAY }, /* it hung up */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(mailer_judge(answers[i].verb, answers[i].code),
		    answers[i].outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_signed_as_others_sign_it),
		cmocka_unit_test(a_webhooks_answer_says_whether_to_try_again),
		cmocka_unit_test(
		    a_mail_servers_no_is_about_one_mail_or_about_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
