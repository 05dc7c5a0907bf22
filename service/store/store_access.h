/*
 * How the files of the entities reach the database: reading and changing, inside of a closure and
 * outside alike. For this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_ACCESS_H
#define BULLA_SERVICE_STORE_STORE_ACCESS_H

#include "base/buf.h"
#include "service/store/store.h"
#include "service/store/store_sql.h"

/* Several statements that read one state of the database. */
typedef enum err store_access_query(void *ctx, struct scope *s, struct store_sql *c);
must_check enum err store_access_read(
    struct scope *s, struct store *store, store_access_query *query, void *ctx);
/* One statement that reads. */
must_check enum err store_access_rows(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, store_sql_reader *reader, void *ctx);
must_check enum err store_access_number(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, int64_t *ret_number);
/* One statement that writes, and how many rows it changed. */
must_check enum err store_access_change(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, uint64_t *ret_changes);
/* The same; ERR_MISUSE with `otherwise` as its text when it changed none. */
must_check enum err store_access_change_one(struct scope *s, struct store *store,
    const char *otherwise, const char *sql, struct store_sql_values values);
/* Inside of a closure: its connection. */
struct store_sql *store_access_inside(const struct store *store);

/* Rows that grow into an array in the scope. */
struct store_access_array {
	void *item;
	size_t n, room, size;
};
/* The next element, zeroed; NULL and a fault: no memory. */
void *store_access_grow(struct scope *s, struct store_access_array *a);

/* The place after the row with this key, for lists by (rank, instant, id) downward. */
struct store_access_cursor {
	int64_t rank, instant;
	const char *id;
};
/* A NULL `after` gives the place before all rows: rank 0, INT64_MAX, "". ERR_FORMAT. */
must_check enum err store_access_cursor_of(
    struct scope *s, const char *after, struct store_access_cursor *ret_cursor);
must_check enum err store_access_cursor_text(
    struct scope *s, struct store_access_cursor cursor, const char **ret_text);
/* For lists whose pages begin after a row that is never removed. ERR_FORMAT: not its id. */
must_check enum err store_access_after_id(struct scope *s, const char *after, const char *prefix);
/* The page's limit within its bounds. One row more is read to see whether there is a next page. */
size_t store_access_limit(struct store_page page);

/* False: `name` (which may be NULL) is none of the n. */
bool store_access_word(const char *name, const char *const *names, int n, int *ret_word);

/* A SELECT that is put together from the parts that a filter asks for. */
struct store_access_select {
	struct buf sql;
	struct store_sql_value value[16];
	size_t n;
};
/* "SELECT ... FROM ..." */
void store_access_select_begin(struct store_access_select *q, const char *select);
/* Adds a condition, whose only '?' is this value. */
void store_access_where(
    struct store_access_select *q, const char *condition, struct store_sql_value value);
/* The rows before the cursor by (column, id), and their order. The last part. */
void store_access_before(
    struct store_access_select *q, const char *column, struct store_access_cursor cursor);
must_check enum err store_access_select_run(struct scope *s, struct store *store,
    struct store_access_select *q, size_t limit, store_sql_reader *reader, void *ctx);

/* Inside of a closure: after the commit, and before its caller goes on, the journal is put into the
 * database and cut off, so that what was overwritten is in neither. Where somebody reads older
 * pages for long, after a later commit. */
void store_access_empty_journal(struct store *store);

#endif
