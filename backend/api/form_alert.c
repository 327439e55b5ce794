#include "backend/api/forms.h"

bool
form_resolution(struct body *body, struct alert_resolution *resolution)
{
	static const char *const known[] = { "note", NULL };
	struct node root = body_root(body);
	struct node note = body_field(&root, "note");

	if (!body_object(&root, known))
		return false;
	body_note(&note, 1, TEXT_NOTE_MAX, resolution->note);
	return body_is_good(body);
}

bool
form_report(struct body *body, struct strange_report *report)
{
	static const char *const known[] = { "lat", "lon", "note", NULL };
	struct node root = body_root(body);
	struct node lat = body_field(&root, "lat");
	struct node lon = body_field(&root, "lon");
	struct node note = body_field(&root, "note");

	if (!body_object(&root, known))
		return false;
	report->note[0] = '\0';
	body_degrees(&lat, LAT_E6_MAX, &report->lat_e6);
	body_degrees(&lon, LON_E6_MAX, &report->lon_e6);
	if (body_has(&note))
		body_note(&note, 0, TEXT_NOTE_MAX, report->note);
	return body_is_good(body);
}
