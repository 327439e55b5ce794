/*
 * hours: when a cart works, "Mon-Fri 08:00-20:00, Sat 09:00-14:00".
 *
 * Spans with commas, each: days (a day, a range "Mon-Fri", over the week's
 * end too: "Sat-Mon", or none: every day) and one or more times FROM-TO,
 * "08:00-13:00 15:00-20:00".  TO 24:00 is midnight; TO before FROM is of the
 * next day ("Fri 20:00-02:00" ends on Saturday).  Days have three letters,
 * English or Spanish (Lun Mar Mié Jue Vie Sáb Dom), any case.  Empty or
 * "always": always.  "never": never.
 *
 * Times are those of the wall clock in the process's zone (day_zone of the
 * roles; TZ): the hour that autumn repeats is open twice if it is open, the
 * one that spring leaves out is not there.
 */
#ifndef PREGON_RULES_HOURS_H
#define PREGON_RULES_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#define HOURS_SPANS_MAX 28
#define HOURS_TEXT_MAX 255

struct hours_span {
	uint8_t days; /* bit 0: Sunday ... bit 6: Saturday */
	uint16_t from_min, to_min; /* of the day; to > 1440: of the next */
};
/* All zero: always. */
struct hours {
	bool limited;
	uint32_t count;
	struct hours_span spans[HOURS_SPANS_MAX];
};

/*
 * Reads a text: 0; or -1, EINVAL, and `why` says in words what is wrong and
 * where; *hours is then always.
 */
#define HOURS_WHY 120
int hours_parse(const char *text, struct hours *, char why[HOURS_WHY]);

/* Is it working time?  Any thread. */
bool hours_open(const struct hours *, int64_t unix_ms);

#endif
