#include "backend/api/units.h"

void
write_motion(struct jsonw *j, const struct fix *fix)
{
	jsonw_key(j, "lat");
	jsonw_decimal(j, fix->lat_e6, 6);
	jsonw_key(j, "lon");
	jsonw_decimal(j, fix->lon_e6, 6);
	jsonw_key(j, "speed_kmh");
	jsonw_decimal(j, speed_kmh_e2(fix->speed_dm_s), SPEED_PLACES);
	jsonw_key(j, "course_deg");
	if (fix->flags & FIX_NO_COURSE)
		jsonw_null(j);
	else
		jsonw_int(j, fix->course_deg);
	jsonw_key(j, "accuracy_m");
	if (fix->accuracy_m == FIX_ACCURACY_UNKNOWN)
		jsonw_null(j);
	else
		jsonw_int(j, fix->accuracy_m);
	jsonw_key(j, "parked");
	jsonw_bool(j, fix->flags & FIX_PARKED);
	jsonw_key(j, "system_time");
	jsonw_bool(j, fix->flags & FIX_SYSTEM_TIME);
}
