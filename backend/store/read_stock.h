/*
 * read_stock: the rows of read.h about restock: orders, deliveries, products.
 */
#ifndef PREGON_BACKEND_READ_STOCK_H
#define PREGON_BACKEND_READ_STOCK_H

#include "backend/rules/order_rules.h"

/* A restock order as it stands; order.parts says each product's units. */
struct restock_row {
	struct order order;
};

/* One line of an order's history. */
struct restock_change {
	/* A remark: what was asked and refused, in `reason`; `state` is that
	 * which was asked for, and lines and revision are none. */
	bool remark;
	enum order_state state;
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	char reason[TEXT_NOTE_MAX + 1];
	uint32_t revision;
	bool disputed;
	uint32_t line_count;
	struct order_line lines[ORDER_LINES_MAX];
};

/* Which orders: all that is given must hold; newest first, by opened_ms and
 * id. */
struct restocks_query {
	const char *id; /* NULL: any */
	const char *cart; /* NULL: any */
	const char *delivery; /* NULL: any */
	int state; /* enum order_state; -1: any */
	bool open_only; /* neither done nor cancelled */
	bool disputed_only;
	/* Only those after this place in the order; before_ms 0: from the
	 * newest on. */
	int64_t before_ms;
	const char *before_id;
	int64_t limit; /* 0: without */
};

/* What the depot picks from its shelves for a delivery. */
struct pick {
	uint32_t product;
	int64_t units; /* of all its orders that are not cancelled */
	/* Orders of it whose units are not fixed yet: not in `units`. */
	uint32_t unfixed;
};

struct delivery_row {
	struct delivery_event delivery; /* its last event: stops by drive */
	int64_t opened_ms;
	enum order_state states[DELIVERY_STOPS_MAX]; /* of the stops' orders */
	size_t pick_count;
	const struct pick *picks; /* by product; valid during the call */
};

struct deliveries_query {
	const char *id; /* NULL: any */
	int state; /* enum delivery_state; -1: any */
	bool open_only; /* neither done nor cancelled */
	int64_t before_ms; /* as above, by opened_ms and id */
	const char *before_id;
	int64_t limit;
};

/* One product of the catalogue. */
struct product_row {
	uint32_t code;
	char name[TEXT_NAME_MAX + 1];
	int64_t price; /* CLP */
};
/* The catalogue as a whole; revision 0: none was ever laid down. */
struct catalogue_row {
	int64_t revision; /* counts up with each that differs */
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	int64_t count;
};

/* For a board and for figures. */
struct stock_counts {
	int64_t orders[ORDER_STATES]; /* by state */
	int64_t disputed; /* of those finalizado */
	int64_t deliveries_open;
};

#endif
