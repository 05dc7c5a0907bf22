#include "service/store/store_webhook.h"

#include "base/limits.h"
#include "service/store/store_access.h"

#define COLUMNS                                                                                    \
	"id, portal, event, object, body, created, state, attempts, next_at, delivered_at, answer"

static const char *const states[STORE_WEBHOOK_STATES] = { "waiting", "delivered", "given-up" };

static enum err read_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_webhook *w = store_access_grow(s, ctx);
	if (!w)
		return ERR_NOMEM;
	w->id = store_sql_text(row);
	w->portal = store_sql_text(row);
	w->event = store_sql_text(row);
	w->object = store_sql_text(row);
	w->body = store_sql_text(row);
	w->created = store_sql_instant(row);
	w->state = (enum store_webhook_state)store_sql_word(row, states, STORE_WEBHOOK_STATES);
	w->attempts = (unsigned)store_sql_number(row);
	w->next_at = store_sql_instant(row);
	w->delivered_at = store_sql_instant(row);
	w->answer = store_sql_text(row);
	return OK;
}

enum err store_webhook_add(struct scope *s, struct store *store, const struct store_webhook *w)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO webhook (id, portal, event, object, body, created, state, next_at, turn)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?6,"
	    " (SELECT coalesce(max(turn), 0) + 1 FROM webhook))",
	    STORE_SQL_VALUES(store_sql_of_text(w->id), store_sql_of_text(w->portal),
		store_sql_of_text(w->event), store_sql_of_text(w->object),
		store_sql_of_words(w->body), store_sql_of_instant(w->created)));
}

enum err store_webhook_find(
    struct scope *s, struct store *store, const char *id, const struct store_webhook **ret_webhook)
{
	struct store_access_array found = { .size = sizeof(struct store_webhook) };
	TRY(store_access_rows(s, store, "SELECT " COLUMNS " FROM webhook WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id)), read_row, &found));
	*ret_webhook = found.n ? found.item : NULL;
	return OK;
}

static enum err read_portal(void *ctx, struct scope *s, struct store_sql_row *row)
{
	const char **portal = ctx;
	(void)s;
	*portal = store_sql_text(row);
	return OK;
}

/* The next portal for which something waits; NULL: there is none. */
static enum err find_portal(
    struct scope *s, struct store *store, const char *after, const char **ret_portal)
{
	*ret_portal = NULL;
	return store_access_rows(s, store,
	    "SELECT min(portal) FROM webhook INDEXED BY webhook_share"
	    " WHERE state = 'waiting' AND portal > ?1",
	    STORE_SQL_VALUES(store_sql_of_words(after)), read_portal, ret_portal);
}

enum err store_webhook_list_due(struct scope *s, struct store *store, struct instant now,
    unsigned limit, unsigned each, struct store_webhook_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_webhook) };
	const char *portal;
	TRY(find_portal(s, store, "", &portal));
	while (portal && found.n < limit) {
		const size_t room = limit - found.n;
		TRY(store_access_rows(s, store,
		    "SELECT " COLUMNS " FROM webhook AS w INDEXED BY webhook_share"
		    " WHERE portal = ?1 AND state = 'waiting' AND next_at <= ?2"
		    " AND NOT EXISTS (SELECT 1 FROM webhook AS e INDEXED BY webhook_object"
		    " WHERE e.state = 'waiting' AND e.portal = w.portal AND e.object = w.object"
		    " AND e.turn < w.turn) ORDER BY next_at, turn LIMIT ?3",
		    STORE_SQL_VALUES(store_sql_of_text(portal), store_sql_of_instant(now),
			store_sql_of_number(each < room ? each : (int64_t)room)),
		    read_row, &found));
		TRY(find_portal(s, store, portal, &portal));
	}
	*ret_list = (struct store_webhook_list){ found.item, found.n, NULL };
	return OK;
}

static enum err read_instant(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct instant *t = ctx;
	(void)s;
	*t = store_sql_instant(row);
	return OK;
}

enum err store_webhook_next(struct scope *s, struct store *store, struct instant *ret_next)
{
	struct instant next = INSTANT_NONE;
	TRY(store_access_rows(s, store,
	    "SELECT next_at FROM webhook INDEXED BY webhook_due WHERE state = 'waiting'"
	    " ORDER BY next_at LIMIT 1",
	    STORE_SQL_NOTHING, read_instant, &next));
	*ret_next = next;
	return OK;
}

enum err store_webhook_delivered(
    struct scope *s, struct store *store, const char *id, const char *answer, struct instant now)
{
	return store_access_change_one(s, store, "the webhook does not wait",
	    "UPDATE webhook SET state = 'delivered', attempts = attempts + 1, delivered_at = ?2,"
	    " answer = ?3 WHERE id = ?1 AND state = 'waiting'",
	    STORE_SQL_VALUES(
		store_sql_of_text(id), store_sql_of_instant(now), store_sql_of_words(answer)));
}

enum err store_webhook_failed(struct scope *s, struct store *store, const char *id,
    const char *answer, struct instant next_at)
{
	return store_access_change_one(s, store, "the webhook does not wait",
	    "UPDATE webhook SET attempts = attempts + 1, answer = ?3,"
	    " state = iif(?2 IS NULL, 'given-up', 'waiting'), next_at = coalesce(?2, next_at)"
	    " WHERE id = ?1 AND state = 'waiting'",
	    STORE_SQL_VALUES(
		store_sql_of_text(id), store_sql_of_instant(next_at), store_sql_of_words(answer)));
}

enum err store_webhook_retry(
    struct scope *s, struct store *store, const char *id, struct instant now)
{
	return store_access_change_one(s, store, "the webhook was not given up",
	    "UPDATE webhook SET state = 'waiting', next_at = ?2"
	    " WHERE id = ?1 AND state = 'given-up'",
	    STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_instant(now)));
}

enum err store_webhook_list(struct scope *s, struct store *store, const char *portal,
    enum store_webhook_state state, struct store_page page, struct store_webhook_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_webhook) };
	struct store_access_select q = { .sql = buf_new(s, 4096) };
	struct store_access_cursor from;
	size_t limit = store_access_limit(page);
	const char *next = NULL;
	TRY(store_access_cursor_of(s, page.after, &from));
	store_access_select_begin(&q, "SELECT " COLUMNS " FROM webhook");
	if (portal)
		store_access_where(&q, "portal = ?", store_sql_of_text(portal));
	store_access_where(&q, "state = ?", store_sql_of_text(states[state]));
	store_access_before(&q, "created", from);
	TRY(store_access_select_run(s, store, &q, limit + 1, read_row, &found));
	const struct store_webhook *w = found.item;
	if (found.n > limit)
		TRY(store_access_cursor_text(s,
		    (struct store_access_cursor){ 0, w[limit - 1].created.unix_s, w[limit - 1].id },
		    &next));
	*ret_list = (struct store_webhook_list){ w, next ? limit : found.n, next };
	return OK;
}

static enum err read_count(void *ctx, struct scope *s, struct store_sql_row *row)
{
	uint64_t *n = ctx;
	(void)s;
	int state = store_sql_word(row, states, STORE_WEBHOOK_STATES);
	n[state] = (uint64_t)store_sql_number(row);
	return OK;
}

enum err store_webhook_count(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_WEBHOOK_STATES])
{
	uint64_t n[STORE_WEBHOOK_STATES] = { 0 };
	TRY(store_access_rows(s, store, "SELECT state, count(*) FROM webhook GROUP BY state",
	    STORE_SQL_NOTHING, read_count, n));
	for (int i = 0; i < STORE_WEBHOOK_STATES; i++)
		ret_n[i] = n[i];
	return OK;
}

enum err store_webhook_purge(
    struct scope *s, struct store *store, struct instant before, uint64_t *ret_n)
{
	return store_access_change(s, store,
	    "DELETE FROM webhook WHERE state = 'delivered' AND created < ?1",
	    STORE_SQL_VALUES(store_sql_of_instant(before)), ret_n);
}
