/*
 * read_books: the rows of read.h about the books of closed days, and about
 * customers.
 */
#ifndef PREGON_BACKEND_READ_BOOKS_H
#define PREGON_BACKEND_READ_BOOKS_H

#include "backend/rules/daybook.h"
#include "schemas/event.h"
#include "schemas/identity.h"

/* An edition of a day's book. */
struct book_head {
	char date[11]; /* local day, "2026-04-05" */
	int64_t edition; /* 1, 2, ... */
	int64_t latest; /* the last there is of this day */
	int64_t made_ms;
	int64_t frequent_visits; /* so many in 30 days were often */
};

/* What it says of the guild or of a cart. */
struct book_row {
	char cart[CART_MAX + 1]; /* "": the guild */
	struct daybook_figures figures;
};

struct book_query {
	const char *date;
	int64_t edition; /* 0: the last */
	const char *cart; /* this one alone; NULL: the guild, then all */
};

/* Every edition of some days, the newest day and edition first. */
struct books_query {
	const char *cart; /* what it says of this one; NULL: of the guild */
	const char *before; /* only days before; NULL: from the newest on */
	int64_t days; /* at most */
};

/* Somebody who bought, as they were named the last time. */
struct customer_row {
	char name[TEXT_NAME_MAX + 1]; /* "": none was given */
	char contact[TEXT_NAME_MAX + 1]; /* "": none, or not kept any more */
	int64_t visits; /* purchases that count, of the days asked for */
	bool frequent;
	int64_t last_ms; /* the last of them */
	char last_cart[CART_MAX + 1];
};

/* Those who came most often first. */
struct customers_query {
	const char *from, *to; /* local days, both included */
	const char *cart; /* who bought there; NULL: anywhere */
	bool frequent_only;
	int64_t limit;
};

#endif
