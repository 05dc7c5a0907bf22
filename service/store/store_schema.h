/*
 * The tables, and the steps from each version of them to the next. PRAGMA user_version tells which
 * one a database has.
 */
#ifndef BULLA_SERVICE_STORE_STORE_SCHEMA_H
#define BULLA_SERVICE_STORE_STORE_SCHEMA_H

#include "service/store/store_sql.h"

#define STORE_SCHEMA_VERSION 3

/* Brings the database to `version` (STORE_SCHEMA_VERSION but in tests), each step in a transaction
 * of its own. ERR_UNSUPPORTED: it is newer. */
must_check enum err store_schema_bring(struct scope *s, struct store_sql *c, int version);
/* PRAGMA quick_check, and of foreign keys. ERR_FORMAT with the first complaint. */
must_check enum err store_schema_check(struct scope *s, struct store_sql *c);

#endif
