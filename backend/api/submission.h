/*
 * submission: the records of one request on their way through submit's
 * thread; what is in it is submit.c's business alone.
 */
#ifndef PREGON_API_SUBMISSION_H
#define PREGON_API_SUBMISSION_H

#include "backend/api/submit.h"

struct submission {
	struct submission *prev, *next;
	void (*done)(void *ctx, enum submit_result);
	void *ctx;
	int64_t came_ms; /* boottime */
	size_t sent; /* records that the producer has taken */
	size_t waiting; /* of those, without a word yet */
	bool answered;
	enum submit_result result;
	size_t count, bytes;
	/* key, owner and value are one allocation each record, at key. */
	struct submit_record records[SUBMISSION_RECORDS_MAX];
};

#endif
