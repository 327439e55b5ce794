#include "backend/api/units.h"

void
write_motion(struct json *j, const struct fix *fix)
{
	json_key(j, "lat");
	json_decimal(j, fix->lat_e6, 6);
	json_key(j, "lon");
	json_decimal(j, fix->lon_e6, 6);
	json_key(j, "speed_kmh");
	json_decimal(j, speed_kmh_e2(fix->speed_dm_s), SPEED_PLACES);
	json_key(j, "course_deg");
	if (fix->flags & FIX_NO_COURSE)
		json_null(j);
	else
		json_int(j, fix->course_deg);
	json_key(j, "accuracy_m");
	if (fix->accuracy_m == FIX_ACCURACY_UNKNOWN)
		json_null(j);
	else
		json_int(j, fix->accuracy_m);
	json_key(j, "parked");
	json_bool(j, fix->flags & FIX_PARKED);
	json_key(j, "system_time");
	json_bool(j, fix->flags & FIX_SYSTEM_TIME);
}
