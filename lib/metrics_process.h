/*
 * metrics_process: what Prometheus' clients say of every process.
 */
#ifndef PREGON_METRICS_PROCESS_H
#define PREGON_METRICS_PROCESS_H

#include <stdio.h>

/* process_cpu_seconds_total, process_resident_memory_bytes,
 * process_start_time_seconds, process_open_fds; any thread. */
void metrics_process(FILE *page);

#endif
