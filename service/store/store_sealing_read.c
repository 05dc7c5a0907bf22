#include "service/store/store_sealing_read.h"

#include "base/limits.h"

static const char *const states[STORE_SEALING_STATES] = { "awaiting", "sealing", "sealed",
	"cancelled", "expired", "failed" };

const char *store_sealing_state_name(enum store_sealing_state state)
{
	return states[state];
}

bool store_sealing_state_of_name(const char *name, enum store_sealing_state *ret_state)
{
	int state;
	if (!store_access_word(name, states, STORE_SEALING_STATES, &state))
		return false;
	*ret_state = (enum store_sealing_state)state;
	return true;
}

enum err store_sealing_read(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_sealing *g = store_access_grow(s, ctx);
	if (!g)
		return ERR_NOMEM;
	g->id = store_sql_text(row);
	g->portal = store_sql_text(row);
	g->idempotency_key = store_sql_text(row);
	store_sql_sha256(row, g->request_sha256);
	g->partner = store_sql_text(row);
	g->reference = store_sql_text(row);
	g->title = store_sql_text(row);
	g->data = store_sql_text(row);
	g->options = store_sql_text(row);
	g->return_url = store_sql_text(row);
	g->has_window = store_sql_sha256(row, g->window_sha256);
	g->unattended = store_sql_truth(row);
	g->created = store_sql_instant(row);
	g->expires = store_sql_instant(row);
	g->state = (enum store_sealing_state)store_sql_word(row, states, STORE_SEALING_STATES);
	g->cause = store_sql_text(row);
	g->cause_text = store_sql_text(row);
	g->attempts = (unsigned)store_sql_number(row);
	g->officer = store_sql_text(row);
	g->key = store_sql_text(row);
	g->begun = store_sql_instant(row);
	g->ended = store_sql_instant(row);
	g->has_files = store_sql_truth(row);
	return OK;
}

static enum err read_document(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_sealing_document *d = store_access_grow(s, ctx);
	if (!d)
		return ERR_NOMEM;
	d->n = (unsigned)store_sql_number(row);
	d->name = store_sql_text(row);
	d->size = (uint64_t)store_sql_number(row);
	store_sql_sha256(row, d->sha256);
	d->pages = (unsigned)store_sql_number(row);
	d->sealed_size = (uint64_t)store_sql_number(row);
	store_sql_sha256(row, d->sealed_sha256);
	d->summary = store_sql_text(row);
	return OK;
}

struct finding {
	const char *select_id;
	struct store_sql_values values;
	const struct store_sealing *found;
};

static enum err read_all(void *ctx, struct scope *s, struct store_sql *c)
{
	struct finding *f = ctx;
	struct store_access_array one = { .size = sizeof(struct store_sealing) };
	struct store_access_array documents = { .size = sizeof(struct store_sealing_document) };
	struct buf b = buf_new(s, 4096);
	char *sql;
	buf_addf(
	    &b, "SELECT " STORE_SEALING_READ_COLUMNS " FROM sealing WHERE id = (%s)", f->select_id);
	TRY(buf_done_str(&b, &sql));
	TRY(store_sql_each(s, c, sql, f->values, store_sealing_read, &one));
	if (!one.n)
		return OK;
	struct store_sealing *g = one.item;
	TRY(store_sql_each(s, c,
	    "SELECT n, name, size, sha256, pages, sealed_size, sealed_sha256, summary"
	    " FROM sealing_document WHERE sealing = ?1 ORDER BY n",
	    STORE_SQL_VALUES(store_sql_of_text(g->id)), read_document, &documents));
	g->document = documents.item;
	g->n_documents = documents.n;
	f->found = g;
	return OK;
}

enum err store_sealing_read_one(struct scope *s, struct store *store, const char *select_id,
    struct store_sql_values values, const struct store_sealing **ret_sealing)
{
	struct finding f = { .select_id = select_id, .values = values };
	TRY(store_access_read(s, store, read_all, &f));
	*ret_sealing = f.found;
	return OK;
}

/* -- one -- */

enum err store_sealing_find(
    struct scope *s, struct store *store, const char *id, const struct store_sealing **ret_sealing)
{
	return store_sealing_read_one(
	    s, store, "?1", STORE_SQL_VALUES(store_sql_of_text(id)), ret_sealing);
}

enum err store_sealing_find_repeat(struct scope *s, struct store *store, const char *portal,
    const char *idempotency_key, const struct store_sealing **ret_sealing)
{
	return store_sealing_read_one(s, store,
	    "SELECT id FROM sealing WHERE portal = ?1 AND idempotency_key = ?2",
	    STORE_SQL_VALUES(store_sql_of_text(portal), store_sql_of_text(idempotency_key)),
	    ret_sealing);
}

enum err store_sealing_find_window(struct scope *s, struct store *store,
    const uint8_t window_sha256[32], const struct store_sealing **ret_sealing)
{
	return store_sealing_read_one(s, store, "SELECT id FROM sealing WHERE window_sha256 = ?1",
	    STORE_SQL_VALUES(store_sql_of_sha256(window_sha256)), ret_sealing);
}

enum err store_sealing_find_sealed(struct scope *s, struct store *store,
    const uint8_t sealed_sha256[32], const struct store_sealing **ret_sealing)
{
	return store_sealing_read_one(s, store,
	    "SELECT d.sealing FROM sealing_document d JOIN sealing g ON g.id = d.sealing"
	    " WHERE d.sealed_sha256 = ?1 ORDER BY g.ended DESC LIMIT 1",
	    STORE_SQL_VALUES(store_sql_of_sha256(sealed_sha256)), ret_sealing);
}

/* -- lists -- */

enum err store_sealing_list(struct scope *s, struct store *store,
    const struct store_sealing_filter *filter, struct store_page page,
    struct store_sealing_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_sealing) };
	struct store_access_select q = { .sql = buf_new(s, 4096) };
	struct store_access_cursor from;
	size_t limit = store_access_limit(page);
	const char *next = NULL;
	TRY(store_access_cursor_of(s, page.after, &from));
	store_access_select_begin(&q, "SELECT " STORE_SEALING_READ_COLUMNS " FROM sealing");
	if (filter->portal)
		store_access_where(&q, "portal = ?", store_sql_of_text(filter->portal));
	if (filter->partner)
		store_access_where(&q, "partner = ?", store_sql_of_text(filter->partner));
	if (filter->state >= 0 && filter->state < STORE_SEALING_STATES)
		store_access_where(&q, "state = ?", store_sql_of_text(states[filter->state]));
	if (filter->reference)
		store_access_where(&q, "reference = ?", store_sql_of_text(filter->reference));
	if (instant_is_known(filter->since))
		store_access_where(&q, "created >= ?", store_sql_of_instant(filter->since));
	if (instant_is_known(filter->before))
		store_access_where(&q, "created < ?", store_sql_of_instant(filter->before));
	store_access_before(&q, "created", from);
	TRY(store_access_select_run(s, store, &q, limit + 1, store_sealing_read, &found));
	const struct store_sealing *g = found.item;
	if (found.n > limit)
		TRY(store_access_cursor_text(s,
		    (struct store_access_cursor){ 0, g[limit - 1].created.unix_s, g[limit - 1].id },
		    &next));
	*ret_list = (struct store_sealing_list){ g, next ? limit : found.n, next };
	return OK;
}

static enum err list_all(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, struct store_sealing_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_sealing) };
	TRY(store_access_rows(s, store, sql, values, store_sealing_read, &found));
	*ret_list = (struct store_sealing_list){ found.item, found.n, NULL };
	return OK;
}

enum err store_sealing_list_expired(
    struct scope *s, struct store *store, struct instant now, struct store_sealing_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " STORE_SEALING_READ_COLUMNS " FROM sealing"
	    " INDEXED BY sealing_expires WHERE state = 'awaiting' AND expires <= ?1 ORDER BY "
	    "expires LIMIT ?2",
	    STORE_SQL_VALUES(store_sql_of_instant(now), store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_sealing_list_unattended(
    struct scope *s, struct store *store, unsigned limit, struct store_sealing_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " STORE_SEALING_READ_COLUMNS " FROM sealing WHERE state = 'awaiting'"
	    " AND unattended = 1 ORDER BY created, id LIMIT ?1",
	    STORE_SQL_VALUES(
		store_sql_of_number(limit < LIMIT_STORE_PAGE ? limit : LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_sealing_list_retired(struct scope *s, struct store *store,
    struct instant ended_before, struct store_sealing_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " STORE_SEALING_READ_COLUMNS " FROM sealing WHERE ended < ?1"
	    " AND has_files = 1 ORDER BY ended LIMIT ?2",
	    STORE_SQL_VALUES(
		store_sql_of_instant(ended_before), store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

/* -- counting -- */

static enum err read_count(void *ctx, struct scope *s, struct store_sql_row *row)
{
	uint64_t *n = ctx;
	(void)s;
	int state = store_sql_word(row, states, STORE_SEALING_STATES);
	n[state] = (uint64_t)store_sql_number(row);
	return OK;
}

enum err store_sealing_count(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_SEALING_STATES])
{
	uint64_t n[STORE_SEALING_STATES] = { 0 };
	TRY(store_access_rows(s, store, "SELECT state, count(*) FROM sealing GROUP BY state",
	    STORE_SQL_NOTHING, read_count, n));
	for (int i = 0; i < STORE_SEALING_STATES; i++)
		ret_n[i] = n[i];
	return OK;
}
