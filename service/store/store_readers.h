/*
 * A small pool of connections that read.
 */
#ifndef BULLA_SERVICE_STORE_STORE_READERS_H
#define BULLA_SERVICE_STORE_STORE_READERS_H

#include "service/store/store_sql.h"

struct store_readers;

must_check enum err store_readers_open(
    struct scope *s, const char *path, unsigned n, struct store_readers **ret_readers);
/* All must have come back. NULL is fine. */
void store_readers_close(struct store_readers *r);
/* Waits until one is free. */
struct store_sql *store_readers_lend(struct store_readers *r);
void store_readers_return(struct store_readers *r, struct store_sql *c);

#endif
