/*
 * units: the fields of a fix, as every answer that has one shows them.
 */
#ifndef PREGON_API_UNITS_H
#define PREGON_API_UNITS_H

#include "backend/api/jsonw.h"
#include "schemas/pos.h"

/* dm/s into km/h: times 0.36, so hundredths are exact. */
#define SPEED_PLACES 2
static inline int64_t
speed_kmh_e2(uint16_t speed_dm_s)
{
	return (int64_t)speed_dm_s * 36;
}

/* lat, lon, speed_kmh, course_deg, accuracy_m, parked, system_time: keys and
 * values of an open object. */
void write_motion(struct jsonw *, const struct fix *);

#endif
