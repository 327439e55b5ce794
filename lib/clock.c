#include "lib/clock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int64_t
timespec_ms(clockid_t id)
{
	struct timespec ts;

	/* Neither clock can fail on a Linux that this was built for. */
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
system_realtime_ms(const struct clock *c)
{
	(void)c;
	return timespec_ms(CLOCK_REALTIME);
}

static int64_t
system_boottime_ms(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	/*
	 * The kernel's own count, past the C library: a trial that fakes the
	 * date (libfaketime) would fake this one with it, and what is reckoned
	 * from one to the other would be wrong.
	 */
	if (syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &ts) == -1)
		return timespec_ms(CLOCK_BOOTTIME);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
system_synchronised(const struct clock *c)
{
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	(void)c;
	return state != -1 && state != TIME_ERROR &&
	    (tx.status & STA_UNSYNC) == 0;
}

const struct clock clock_system = {
	.realtime_ms = system_realtime_ms,
	.boottime_ms = system_boottime_ms,
	.synchronised = system_synchronised,
};

static int64_t
manual_realtime_ms(const struct clock *c)
{
	return ((const struct clock_manual *)(const void *)c)->realtime_ms;
}

static int64_t
manual_boottime_ms(const struct clock *c)
{
	return ((const struct clock_manual *)(const void *)c)->boottime_ms;
}

static int
manual_synchronised(const struct clock *c)
{
	return ((const struct clock_manual *)(const void *)c)->synchronised;
}

void
clock_manual_init(struct clock_manual *m, int64_t realtime_ms)
{
	*m = (struct clock_manual){
		.clock = { .realtime_ms = manual_realtime_ms,
		    .boottime_ms = manual_boottime_ms,
		    .synchronised = manual_synchronised },
		.realtime_ms = realtime_ms,
		.boottime_ms = 0,
		.synchronised = 1,
	};
}

void
clock_manual_advance(struct clock_manual *m, int64_t ms)
{
	m->realtime_ms += ms;
	m->boottime_ms += ms;
}

/* The first 16 hexadecimal digits of a UUID; 0: it is none. */
static uint64_t
uuid_head(const char *text)
{
	uint64_t id = 0;

	for (int digits = 0; digits < 16; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '-')
			continue;
		if (!isxdigit(c))
			return 0;
		id = id << 4 |
		    (unsigned)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
		digits++;
	}
	return id;
}

uint64_t
clock_boot_id(void)
{
	char text[40] = "";
	uint64_t id = 0;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		if (read(fd, text, sizeof(text) - 1) > 0)
			id = uuid_head(text);
		close(fd);
	}
	/*
	 * Without /proc, a start of the program counts as a start of the
	 * kernel: times of two starts are then never joined wrongly.
	 */
	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) == -1 && errno != EINTR)
			id = (uint64_t)timespec_ms(CLOCK_REALTIME) | 1;
	return id;
}

/* Years beyond four digits have no RFC 3339 text. */
#define FORMAT_MIN_MS INT64_C(-62167219200000) /* 0000-01-01 */
#define FORMAT_MAX_MS INT64_C(253402300799999) /* 9999-12-31 */

void
clock_format(int64_t unix_ms, char text[CLOCK_TEXT])
{
	struct tm tm;
	int64_t ms;
	time_t seconds;

	if (unix_ms < FORMAT_MIN_MS)
		unix_ms = FORMAT_MIN_MS;
	if (unix_ms > FORMAT_MAX_MS)
		unix_ms = FORMAT_MAX_MS;
	ms = unix_ms % 1000;
	if (ms < 0)
		ms += 1000;
	seconds = (time_t)((unix_ms - ms) / 1000);
	gmtime_r(&seconds, &tm);
	snprintf(text, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000u,
	    (unsigned)(tm.tm_mon + 1) % 100u, (unsigned)tm.tm_mday % 100u,
	    (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u,
	    (unsigned)tm.tm_sec % 100u, (unsigned)ms % 1000u);
}

/* Exactly `digits` of them; moves *p on. */
static int
take_number(const char **p, int digits, int *value)
{
	*value = 0;
	for (; digits > 0; digits--, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		*value = *value * 10 + (**p - '0');
	}
	return 0;
}

static int
take_char(const char **p, const char *allowed)
{
	if (**p == '\0' || strchr(allowed, **p) == NULL)
		return -1;
	(*p)++;
	return 0;
}

/* ".123456": milliseconds, the rest cut off; none: 0. */
static int
take_fraction(const char **p, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (**p != '.')
		return 0;
	(*p)++;
	if (!isdigit((unsigned char)**p))
		return -1;
	for (; isdigit((unsigned char)**p); (*p)++, scale /= 10)
		*ms += (**p - '0') * scale;
	return 0;
}

/* "Z" or "-03:00", to the end of the text. */
static int
take_offset(const char *p, int *seconds)
{
	int hours, minutes, sign;

	*seconds = 0;
	if (*p == 'Z' || *p == 'z')
		return p[1] == '\0' ? 0 : -1;
	sign = *p == '-' ? -1 : 1;
	if (take_char(&p, "+-") == -1 || take_number(&p, 2, &hours) == -1 ||
	    take_char(&p, ":") == -1 || take_number(&p, 2, &minutes) == -1 ||
	    *p != '\0' || hours > 23 || minutes > 59)
		return -1;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return 0;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int
clock_parse(const char *text, int64_t *unix_ms)
{
	struct tm tm = { 0 };
	int year, month, day, hour, minute, second, ms, offset;

	if (take_number(&text, 4, &year) == -1 || take_char(&text, "-") == -1 ||
	    take_number(&text, 2, &month) == -1 ||
	    take_char(&text, "-") == -1 || take_number(&text, 2, &day) == -1 ||
	    take_char(&text, "Tt ") == -1 ||
	    take_number(&text, 2, &hour) == -1 || take_char(&text, ":") == -1 ||
	    take_number(&text, 2, &minute) == -1 ||
	    take_char(&text, ":") == -1 ||
	    take_number(&text, 2, &second) == -1 ||
	    take_fraction(&text, &ms) == -1 || take_offset(text, &offset) == -1)
		goto bad;
	/* 60: a leap second, which Unix time counts as the next one. */
	if (month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour > 23 || minute > 59 ||
	    second > 60)
		goto bad;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*unix_ms = ((int64_t)timegm(&tm) - offset) * 1000 + ms;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}
