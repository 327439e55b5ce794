/*
 * Preloaded before libfaketime: the system call by which our programs read
 * CLOCK_BOOTTIME, lest a faked date should touch it, becomes libfaketime's
 * CLOCK_MONOTONIC, so that it runs as fast as the other clocks.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>

long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_clock_gettime && a[0] == CLOCK_BOOTTIME)
		return clock_gettime(CLOCK_MONOTONIC, (struct timespec *)a[1]);
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
