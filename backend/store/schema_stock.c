/*
 * The database of the role stock.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_alerts.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1
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
	"CREATE TABLE restock_order ("
	" id TEXT PRIMARY KEY,"
	" cart TEXT NOT NULL,"
	" product INTEGER NOT NULL,"
	" units INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* enum order_state */
	" opened_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	/* At most one open order of a product for a cart. */
	"CREATE UNIQUE INDEX restock_open ON restock_order (cart, product)"
	" WHERE state < 3;" /* below ORDER_FINALIZADO */,
	SCHEMA_ALERTS_1 };

const struct store_schema schema_stock = {
	.name = "stock",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
