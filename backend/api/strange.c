/*
 * Anyone's report of a strange cart.
 */
#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/writes.h"

#define REPORT_CHARS 13

static void
submit_report(struct call *call, struct strange_report *report)
{
	uint8_t bytes[REPORT_BYTES_MAX];
	struct submit_record record = {
		.topic = TOPIC_COORDENADAS,
		.reserved = true,
		.key = report->id,
		.value = bytes,
		.schema = SCHEMA_REPORT,
	};
	int len;

	if (call_make_id(call, "report", report->id, REPORT_CHARS) == -1)
		return;
	report->at_ms = clock_realtime_ms(call->api->clock);
	len = report_encode(report, bytes, sizeof(bytes));
	if (len == -1) {
		answer_problem(call->answer, 422, "note", NULL,
		    "note: expected a shorter one");
		return;
	}
	record.len = (size_t)len;
	if (call_submit(call, &record) == 0)
		write_done(call, NULL, report->id, true);
}

void
api_strange_cart_post(struct call *call)
{
	struct strange_report report;
	struct body body;

	if (write_body(call, &body, false) == -1)
		return;
	if (!form_report(&body, &report))
		body_refuse(&body, call->answer);
	else
		submit_report(call, &report);
	body_release(&body);
}
