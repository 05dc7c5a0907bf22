#include "service/store/store_access.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_parts.h"

struct store_sql *store_access_inside(const struct store *store)
{
	return store_writer_inside(store->writer);
}

void store_access_empty_journal(struct store *store)
{
	store_writer_empty_journal(store->writer);
}

static enum err read_at_once(
    struct scope *s, struct store_sql *c, store_access_query *query, void *ctx)
{
	TRY(store_sql_each(s, c, "BEGIN", STORE_SQL_NOTHING, NULL, NULL));
	enum err e = query(ctx, s, c);
	enum err end = store_sql_each(s, c, "COMMIT", STORE_SQL_NOTHING, NULL, NULL);
	return e != OK ? e : end;
}

enum err store_access_read(
    struct scope *s, struct store *store, store_access_query *query, void *ctx)
{
	struct store_sql *c = store_access_inside(store);
	if (c)
		return query(ctx, s, c);
	c = store_readers_lend(store->readers);
	enum err e = read_at_once(s, c, query, ctx);
	store_readers_return(store->readers, c);
	return e;
}

enum err store_access_rows(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, store_sql_reader *reader, void *ctx)
{
	struct store_sql *c = store_access_inside(store);
	if (c)
		return store_sql_each(s, c, sql, values, reader, ctx);
	c = store_readers_lend(store->readers);
	enum err e = store_sql_each(s, c, sql, values, reader, ctx);
	store_readers_return(store->readers, c);
	return e;
}

enum err store_access_number(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, int64_t *ret_number)
{
	struct store_sql *c = store_access_inside(store);
	if (c)
		return store_sql_one(s, c, sql, values, ret_number);
	c = store_readers_lend(store->readers);
	enum err e = store_sql_one(s, c, sql, values, ret_number);
	store_readers_return(store->readers, c);
	return e;
}

struct change {
	const char *sql, *otherwise;
	struct store_sql_values values;
	uint64_t n;
};

static enum err change(void *ctx, struct scope *s, struct store *store)
{
	struct change *h = ctx;
	struct store_sql *c = store_access_inside(store);
	TRY(store_sql_each(s, c, h->sql, h->values, NULL, NULL));
	h->n = store_sql_changes(c);
	if (!h->n && h->otherwise)
		return scope_fault(s, ERR_MISUSE, "store: %s", h->otherwise);
	return OK;
}

enum err store_access_change(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, uint64_t *ret_changes)
{
	struct change h = { .sql = sql, .values = values };
	TRY(store_write(s, store, change, &h));
	*ret_changes = h.n;
	return OK;
}

enum err store_access_change_one(struct scope *s, struct store *store, const char *otherwise,
    const char *sql, struct store_sql_values values)
{
	struct change h = { .sql = sql, .otherwise = otherwise, .values = values };
	return store_write(s, store, change, &h);
}

void *store_access_grow(struct scope *s, struct store_access_array *a)
{
	if (a->n == a->room) {
		size_t more = a->room ? 2 * a->room : 8;
		void *item = scope_resize(s, a->item, a->room * a->size, more * a->size);
		if (!item)
			return NULL;
		a->item = item;
		a->room = more;
	}
	void *next = (char *)a->item + a->n++ * a->size;
	memset(next, 0, a->size);
	return next;
}

/* "RANK.INSTANT.ID" */
enum err store_access_cursor_text(
    struct scope *s, struct store_access_cursor cursor, const char **ret_text)
{
	struct buf b = buf_new(s, 256);
	char *text;
	buf_addf(&b, "%lld.%lld.%s", (long long)cursor.rank, (long long)cursor.instant, cursor.id);
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

enum err store_access_cursor_of(
    struct scope *s, const char *after, struct store_access_cursor *ret_cursor)
{
	struct store_access_cursor cursor = { 0, INT64_MAX, "" };
	if (after) {
		char *end;
		cursor.rank = strtoll(after, &end, 10);
		bool is_good = end == after + 1 && *end == '.' && strlen(after) < 80;
		const char *at = is_good ? end + 1 : after;
		cursor.instant = strtoll(at, &end, 10);
		if (!is_good || end == at || *end != '.' || !end[1])
			return scope_fault(s, ERR_FORMAT, "store: not a place in a list");
		cursor.id = end + 1;
	}
	*ret_cursor = cursor;
	return OK;
}

enum err store_access_after_id(struct scope *s, const char *after, const char *prefix)
{
	if (!after || identifier_is(after, prefix))
		return OK;
	return scope_fault(s, ERR_FORMAT, "store: not a place in a list");
}

size_t store_access_limit(struct store_page page)
{
	if (!page.limit)
		return 50;
	return page.limit < LIMIT_STORE_PAGE ? page.limit : LIMIT_STORE_PAGE;
}

bool store_access_word(const char *name, const char *const *names, int n, int *ret_word)
{
	for (int i = 0; name && i < n; i++)
		if (!strcmp(names[i], name)) {
			*ret_word = i;
			return true;
		}
	return false;
}

void store_access_select_begin(struct store_access_select *q, const char *select)
{
	buf_add_str(&q->sql, select);
	buf_add_str(&q->sql, " WHERE 1");
}

static void add_value(struct store_access_select *q, struct store_sql_value value)
{
	if (q->n < sizeof(q->value) / sizeof(*q->value))
		q->value[q->n++] = value;
	else if (q->sql.failed == OK)
		q->sql.failed = ERR_INTERNAL;
}

void store_access_where(
    struct store_access_select *q, const char *condition, struct store_sql_value value)
{
	buf_add_str(&q->sql, " AND ");
	buf_add_str(&q->sql, condition);
	add_value(q, value);
}

void store_access_before(
    struct store_access_select *q, const char *column, struct store_access_cursor cursor)
{
	buf_addf(
	    &q->sql, " AND (%s, id) < (?, ?) ORDER BY %s DESC, id DESC LIMIT ?", column, column);
	add_value(q, store_sql_of_number(cursor.instant));
	add_value(q, store_sql_of_text(cursor.id));
}

enum err store_access_select_run(struct scope *s, struct store *store,
    struct store_access_select *q, size_t limit, store_sql_reader *reader, void *ctx)
{
	char *sql;
	add_value(q, store_sql_of_number((int64_t)limit));
	TRY(buf_done_str(&q->sql, &sql));
	return store_access_rows(
	    s, store, sql, (struct store_sql_values){ q->value, q->n }, reader, ctx);
}
