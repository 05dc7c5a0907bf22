/*
 * What the service remembers: a SQLite database in DATA/bulla.db, and files beside it
 * (store_files.h). One object for the front; all functions of this folder may be called from any
 * thread.
 *
 * Writing: one thread writes. Whoever changes something hands it a closure and waits; it runs those
 * that wait in one transaction, each in a savepoint of its own, and commits once. So when a writing
 * function returns OK, what it wrote is on the disk (WAL, synchronous=FULL); when it returns an
 * error, nothing of it is. Where SQLite could not write (disk full, I/O error) everybody in that
 * transaction gets ERR_IO, and the next one begins afresh.
 * Reading: a small pool of connections; sees what was committed.
 *
 * The functions of the entities (store_partner.h, store_sealing.h, ...) each do one such write or
 * read. Where several must happen together or not at all, they are called inside of a closure of
 * one's own (store_write): there they read and write in its transaction.
 *
 * What comes out lives in the scope of the call. "find" gives NULL and OK when there is no such
 * thing. Errors of all: ERR_IO (disk, damaged database), ERR_NOMEM; others are told where they are.
 * Texts are UTF-8 without NUL; an empty one is not NULL. Instants are to the second.
 */
#ifndef BULLA_SERVICE_STORE_STORE_H
#define BULLA_SERVICE_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/scope.h"

struct store;

struct store_options {
	const char *folder; /* DATA; made when missing (its parent must be there) */
	unsigned readers;   /* connections that read; 0: 4 */
	struct instant now; /* for the sweep of store_files.h */
};

/* Opens or makes it: brings an older schema to the present one, has SQLite check it (quick_check),
 * empties DATA/incoming, sweeps orphaned folders. The store does not live in the scope, and is
 * closed by store_close. ERR_MISUSE: another process has it open; ERR_UNSUPPORTED: written by a
 * newer Bulla; ERR_FORMAT: damaged, or not a database. */
must_check enum err store_open(
    struct scope *s, const struct store_options *options, struct store **ret_store);
/* Writes what still waits, and closes. No function of the store may be running or be called any
 * more. NULL is fine. */
void store_close(struct store *store);
/* The DATA folder, as given. */
const char *store_folder(const struct store *store);

/* Something that is done in the writing thread, with the caller's scope, while the caller waits. It
 * may call any function of this folder but store_open and store_close. An error undoes what it did,
 * and comes back to the caller. It does not block on anything else: all writers wait for it. */
typedef enum err store_closure(void *ctx, struct scope *s, struct store *store);
/* Runs it in a transaction; OK after the commit. Outputs that it left in `ctx` count only then. */
must_check enum err store_write(
    struct scope *s, struct store *store, store_closure *closure, void *ctx);

/* Whether writing works: writes a row. For /readyz. */
must_check enum err store_probe(struct scope *s, struct store *store);

/* Since the store was opened; for /metrics. */
struct store_counters {
	uint64_t writes;  /* closures that were committed */
	uint64_t commits; /* transactions they took */
	uint64_t refused; /* closures that ended with an error of their own */
	uint64_t failed;  /* closures that were lost with a transaction that failed */
	unsigned waiting; /* closures at this moment */
};
struct store_counters store_counters(struct store *store);

/* A part of a list. Lists are read page by page: the first with a NULL `after`, the next ones with
 * what came back, which is opaque. Rows that come or go between two pages neither repeat nor hide
 * others. */
struct store_page {
	const char *after; /* NULL: from the start; ERR_FORMAT when it is none of ours */
	unsigned limit;    /* rows; 0: 50; at most LIMIT_STORE_PAGE */
};

#endif
