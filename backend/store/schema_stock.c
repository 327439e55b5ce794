/*
 * The database of the role stock.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_alerts.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1 SCHEMA_ALERTS_1
	/* Every event, in the order (at_ms, epoch, seq): a late one changes
	 * who came before whom. */
	"CREATE TABLE stock_event ("
	" cart TEXT NOT NULL,"
	" product INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" boot INTEGER NOT NULL," /* not 0: boot_ms counts from it */
	" boot_ms INTEGER NOT NULL,"
	" record_ms INTEGER NOT NULL,"
	" delta INTEGER NOT NULL,"
	" level INTEGER NOT NULL,"
	" reason INTEGER NOT NULL,"
	" ordered INTEGER NOT NULL," /* it names a restock order */
	" jump INTEGER NOT NULL," /* not the level before + delta */
	" PRIMARY KEY (cart, product, at_ms, epoch, seq)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX stock_jump ON stock_event (cart, product, at_ms)"
	" WHERE jump = 1;"
	"CREATE INDEX stock_counted ON stock_event (cart, product, at_ms)"
	" WHERE reason = 2;" /* STOCK_COUNT */
	"CREATE INDEX stock_unmended ON stock_event (cart, boot)"
	" WHERE boot <> 0;"
	/* The last event's level. */
	"CREATE TABLE level ("
	" cart TEXT NOT NULL,"
	" product INTEGER NOT NULL,"
	" level INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" please_count INTEGER NOT NULL,"
	" PRIMARY KEY (cart, product)"
	") STRICT, WITHOUT ROWID;"
	/* Columns as in struct order (backend/rules/order_rules.h). */
	"CREATE TABLE restock_order ("
	" id TEXT PRIMARY KEY,"
	" cart TEXT NOT NULL,"
	" origin INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* enum order_state */
	" revision INTEGER NOT NULL,"
	" opened_ms INTEGER NOT NULL,"
	" state_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	" delivery TEXT NOT NULL," /* '': in none yet */
	" mail TEXT NOT NULL,"
	" prepared INTEGER NOT NULL,"
	" depot_said INTEGER NOT NULL,"
	" disputed INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX order_by_time ON restock_order (opened_ms, id);"
	"CREATE INDEX order_by_cart ON restock_order (cart, opened_ms, id);"
	"CREATE INDEX order_by_state ON restock_order (state, opened_ms, id);"
	"CREATE INDEX order_of_delivery ON restock_order (delivery)"
	" WHERE delivery <> '';"
	/* Below ORDER_FINALIZADO: what a timer may move. */
	"CREATE INDEX order_due ON restock_order (state, state_ms)"
	" WHERE state < 3;"
	/* Below ORDER_ENTREGANDO: what waits for a delivery. */
	"CREATE INDEX order_waiting ON restock_order (opened_ms, id)"
	" WHERE delivery = '' AND state < 2;"
	"CREATE INDEX order_disputed ON restock_order (opened_ms, id)"
	" WHERE disputed = 1;"
	"CREATE TABLE order_line ("
	" order_id TEXT NOT NULL,"
	" product INTEGER NOT NULL,"
	" place INTEGER NOT NULL," /* in the order, 0, 1, ... */
	" cart TEXT NOT NULL,"
	" asked INTEGER NOT NULL,"
	" prepared INTEGER NOT NULL,"
	" delivered INTEGER NOT NULL,"
	" booked INTEGER NOT NULL,"
	" confirmed INTEGER NOT NULL,"
	" open INTEGER NOT NULL,"
	/* Not 0: delivered then, and the cart has not booked it. */
	" unseen_ms INTEGER NOT NULL,"
	" PRIMARY KEY (order_id, product)"
	") STRICT, WITHOUT ROWID;"
	/* At most one open order of a product for a cart. */
	"CREATE UNIQUE INDEX line_open ON order_line (cart, product)"
	" WHERE open = 1;"
	"CREATE INDEX line_unseen ON order_line (cart, product)"
	" WHERE unseen_ms <> 0;"
	"CREATE INDEX line_unseen_by_age ON order_line (unseen_ms)"
	" WHERE unseen_ms <> 0;"
	/* What befell an order: each of its records, whole, or a remark on
	 * what was asked of it and refused. */
	"CREATE TABLE order_change ("
	" id INTEGER PRIMARY KEY,"
	" order_id TEXT NOT NULL,"
	" record BLOB," /* order/1; NULL: a remark */
	" at_ms INTEGER,"
	" state INTEGER," /* what was asked for */
	" by_whom TEXT,"
	" remark TEXT"
	") STRICT;"
	"CREATE INDEX change_of_order ON order_change (order_id, id);"
	"CREATE TABLE delivery ("
	" id TEXT PRIMARY KEY,"
	" state INTEGER NOT NULL," /* enum delivery_state */
	" opened_ms INTEGER NOT NULL,"
	" record BLOB NOT NULL" /* delivery/1, the last */
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX delivery_by_time ON delivery (opened_ms, id);"
	"CREATE INDEX delivery_by_state ON delivery (state, opened_ms, id);"
	/* The newest record rules/1 of a cart, or of all ('*'). */
	"CREATE TABLE stock_rules ("
	" scope TEXT PRIMARY KEY,"
	" record BLOB NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE catalogue ("
	" one INTEGER PRIMARY KEY CHECK (one = 1),"
	" revision INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" payload BLOB NOT NULL" /* as carts get it: schemas/down.h */
	") STRICT;"
	"CREATE TABLE product ("
	" code INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" price INTEGER NOT NULL"
	") STRICT;",
	SCHEMA_RUNTIME_2 };

const struct store_schema schema_stock = {
	.name = "stock",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
