#include "lib/metrics_process.h"

#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void
print_gauge(FILE *page, const char *name, const char *type, const char *help,
    double value)
{
	fprintf(page, "# HELP %s %s\n# TYPE %s %s\n%s %.*f\n", name, help, name,
	    type, name, value < 1e6 ? 3 : 0, value);
}

static double
resident_bytes(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*s %ld", &pages) != 1)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Unix time of the process's start: field 22 of stat(5), ticks after boot. */
static double
start_time(void)
{
	char line[1024], *after;
	unsigned long long ticks = 0;
	struct timespec now, up;
	FILE *f = fopen("/proc/self/stat", "re");

	if (f == NULL)
		return 0;
	/* The second field is a name in brackets, which may hold anything. */
	if (fgets(line, sizeof(line), f) != NULL &&
	    (after = strrchr(line, ')')) != NULL &&
	    sscanf(after,
		") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
		"%*d %*d %*d %*d %*d %llu",
		&ticks) != 1)
		ticks = 0;
	fclose(f);
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(now.tv_sec - up.tv_sec) +
	    (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -1; /* the folder's own */

	if (dir == NULL)
		return 0;
	for (struct dirent *d; (d = readdir(dir)) != NULL;)
		if (d->d_name[0] != '.')
			count++;
	closedir(dir);
	return count;
}

void
metrics_process(FILE *page)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	print_gauge(page, "process_cpu_seconds_total", "counter",
	    "CPU time of this process.",
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	print_gauge(page, "process_resident_memory_bytes", "gauge",
	    "Memory of this process in RAM.", resident_bytes());
	print_gauge(page, "process_start_time_seconds", "gauge",
	    "When this process started, Unix time.", start_time());
	print_gauge(page, "process_open_fds", "gauge",
	    "File descriptors this process has open.", open_fds());
}
