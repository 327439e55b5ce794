/*
 * schema: the databases of the roles, each with its version.
 *
 * A step of the array makes one version from the one before; a step that was
 * ever released is never changed, only followed by another.
 */
#ifndef PREGON_BACKEND_SCHEMA_H
#define PREGON_BACKEND_SCHEMA_H

#include "lib/store.h"

extern const struct store_schema schema_positions;
extern const struct store_schema schema_sales;
extern const struct store_schema schema_stock;
extern const struct store_schema schema_notify;
extern const struct store_schema schema_support;
extern const struct store_schema schema_members;

#endif
