#include "service/store/store_session.h"

#include "service/store/store_access.h"

#define COLUMNS "sha256, listener, person, sealing, csrf, address, began, last_seen, ends"
#define TOUCH_S 30

static enum err read_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_session *n = store_access_grow(s, ctx);
	if (!n)
		return ERR_NOMEM;
	store_sql_sha256(row, n->sha256);
	n->listener = store_sql_text(row);
	n->person = store_sql_text(row);
	n->sealing = store_sql_text(row);
	n->csrf = store_sql_text(row);
	n->address = store_sql_text(row);
	n->began = store_sql_instant(row);
	n->last_seen = store_sql_instant(row);
	n->ends = store_sql_instant(row);
	return OK;
}

enum err store_session_add(
    struct scope *s, struct store *store, const struct store_session *session)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO session (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    STORE_SQL_VALUES(store_sql_of_sha256(session->sha256),
		store_sql_of_text(session->listener), store_sql_of_text(session->person),
		store_sql_of_text(session->sealing), store_sql_of_words(session->csrf),
		store_sql_of_words(session->address), store_sql_of_instant(session->began),
		store_sql_of_instant(session->last_seen), store_sql_of_instant(session->ends)));
}

enum err store_session_find(struct scope *s, struct store *store, const uint8_t sha256[32],
    const char *listener, struct instant now, unsigned idle_seconds,
    const struct store_session **ret_session)
{
	struct store_access_array found = { .size = sizeof(struct store_session) };
	TRY(store_access_rows(s, store,
	    "SELECT " COLUMNS " FROM session WHERE sha256 = ?1 AND listener = ?2 AND ends > ?3"
	    " AND last_seen > ?4",
	    STORE_SQL_VALUES(store_sql_of_sha256(sha256), store_sql_of_text(listener),
		store_sql_of_instant(now),
		store_sql_of_instant(instant_add(now, -(int64_t)idle_seconds))),
	    read_row, &found));
	*ret_session = found.n ? found.item : NULL;
	return OK;
}

enum err store_session_touch(
    struct scope *s, struct store *store, const struct store_session *session, struct instant now)
{
	uint64_t n;
	if (now.unix_s < instant_add(session->last_seen, TOUCH_S).unix_s)
		return OK;
	return store_access_change(s, store,
	    "UPDATE session SET last_seen = ?2 WHERE sha256 = ?1 AND last_seen < ?2",
	    STORE_SQL_VALUES(store_sql_of_sha256(session->sha256), store_sql_of_instant(now)), &n);
}

enum err store_session_end(struct scope *s, struct store *store, const uint8_t sha256[32])
{
	uint64_t n;
	return store_access_change(s, store, "DELETE FROM session WHERE sha256 = ?1",
	    STORE_SQL_VALUES(store_sql_of_sha256(sha256)), &n);
}

enum err store_session_end_person(
    struct scope *s, struct store *store, const char *person, uint64_t *ret_n)
{
	return store_access_change(s, store, "DELETE FROM session WHERE person = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(person)), ret_n);
}

enum err store_session_end_sealing(
    struct scope *s, struct store *store, const char *sealing, uint64_t *ret_n)
{
	return store_access_change(s, store, "DELETE FROM session WHERE sealing = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(sealing)), ret_n);
}

enum err store_session_purge(struct scope *s, struct store *store, struct instant now,
    struct instant seen_before, uint64_t *ret_n)
{
	return store_access_change(s, store,
	    "DELETE FROM session WHERE ends <= ?1 OR last_seen < ?2",
	    STORE_SQL_VALUES(store_sql_of_instant(now), store_sql_of_instant(seen_before)), ret_n);
}

enum err store_session_count(
    struct scope *s, struct store *store, struct instant now, uint64_t *ret_n)
{
	int64_t n;
	TRY(store_access_number(s, store, "SELECT count(*) FROM session WHERE ends > ?1",
	    STORE_SQL_VALUES(store_sql_of_instant(now)), &n));
	*ret_n = (uint64_t)n;
	return OK;
}
