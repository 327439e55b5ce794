/*
 * enrol_settings: what the settings say of how gateways are enrolled.
 */
#ifndef PREGON_API_ENROL_SETTINGS_H
#define PREGON_API_ENROL_SETTINGS_H

#include "backend/api/api.h"
#include "backend/api/settings.h"

/* Of site.url: http or https, a host, nothing after the path. */
bool enrol_url_is_valid(const char *);

/* Reads mqtt.cafile.  -1, and `why` in words. */
int enrol_settings_take(
    const struct api_settings *, struct api_enrol *, char *why, size_t why_cap);
void enrol_settings_release(struct api_enrol *);

#endif
