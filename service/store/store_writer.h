/*
 * The thread that writes: runs closures of other threads, several in one transaction.
 */
#ifndef BULLA_SERVICE_STORE_STORE_WRITER_H
#define BULLA_SERVICE_STORE_STORE_WRITER_H

#include "service/store/store.h"
#include "service/store/store_sql.h"

struct store_writer;

/* Starts it. `c` stays the caller's, and is the writer's alone until store_writer_close. `store` is
 * what closures get. */
must_check enum err store_writer_open(
    struct scope *s, struct store_sql *c, struct store *store, struct store_writer **ret_writer);
/* Runs what waits, and ends. NULL is fine. */
void store_writer_close(struct store_writer *w);
/* See store_write. Inside of a closure: at once, as a part of it. */
must_check enum err store_writer_run(
    struct scope *s, struct store_writer *w, store_closure *closure, void *ctx);
/* The connection, when this is called inside of a closure; else NULL. */
struct store_sql *store_writer_inside(const struct store_writer *w);
/* Inside of a closure: the journal is emptied after the commit. */
void store_writer_empty_journal(struct store_writer *w);
struct store_counters store_writer_counters(struct store_writer *w);

#endif
