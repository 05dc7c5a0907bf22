#include "service/store/store_key.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "service/store/store_access.h"

#define COLUMNS                                                                                    \
	"id, partner, certificate_sha256, certificate, chain, subject, issuer, serial,"            \
	" not_before, not_after, disclaimer, state, deposited_by, deposited_at, decided_by,"       \
	" decided_at, note, notified_at, ended_at"

static const char *const states[] = { "waiting", "approved", "refused", "withdrawn", "destroyed" };
#define N_STATES ((int)(sizeof(states) / sizeof(*states)))

/* -- the chain: each certificate with its length (four octets, the highest first) in front -- */

static enum err pack(struct scope *s, const struct store_key *k, struct bytes *ret_packed)
{
	struct buf b = buf_new(s, LIMIT_STORE_TEXT);
	for (size_t i = 0; i < k->n_chain; i++) {
		for (int shift = 24; shift >= 0; shift -= 8)
			buf_add_byte(&b, (uint8_t)(k->chain[i].n >> shift));
		buf_add(&b, k->chain[i]);
	}
	return buf_done(&b, ret_packed);
}

static enum err unpack(struct scope *s, struct bytes packed, struct store_key *k)
{
	struct store_access_array a = { .size = sizeof(struct bytes) };
	for (size_t at = 0; at < packed.n;) {
		struct bytes rest = bytes_from(packed, at);
		size_t n = 0;
		for (size_t i = 0; i < 4 && i < rest.n; i++)
			n = n << 8 | rest.p[i];
		struct bytes *one = store_access_grow(s, &a);
		if (!one)
			return ERR_NOMEM;
		if (rest.n < 4 || rest.n - 4 < n)
			return scope_fault(s, ERR_FORMAT, "store: %s: a damaged chain", k->id);
		*one = bytes_cut(rest, 4, n);
		at += 4 + n;
	}
	k->chain = a.item;
	k->n_chain = a.n;
	return OK;
}

static enum err read_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_key *k = store_access_grow(s, ctx);
	if (!k)
		return ERR_NOMEM;
	k->id = store_sql_text(row);
	k->partner = store_sql_text(row);
	store_sql_sha256(row, k->certificate_sha256);
	k->certificate = store_sql_octets(row);
	struct bytes chain = store_sql_octets(row);
	k->subject = store_sql_text(row);
	k->issuer = store_sql_text(row);
	k->serial = store_sql_text(row);
	k->not_before = store_sql_instant(row);
	k->not_after = store_sql_instant(row);
	k->disclaimer = store_sql_text(row);
	k->state = (enum store_key_state)store_sql_word(row, states, N_STATES);
	k->deposited_by = store_sql_text(row);
	k->deposited_at = store_sql_instant(row);
	k->decided_by = store_sql_text(row);
	k->decided_at = store_sql_instant(row);
	k->note = store_sql_text(row);
	k->notified_at = store_sql_instant(row);
	k->ended_at = store_sql_instant(row);
	return unpack(s, chain, k);
}

/* -- one key -- */

enum err store_key_add(
    struct scope *s, struct store *store, const struct store_key *k, struct bytes wrapped)
{
	struct bytes chain;
	TRY(pack(s, k, &chain));
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO key (" COLUMNS ", wrapped) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
	    STORE_SQL_VALUES(store_sql_of_text(k->id), store_sql_of_text(k->partner),
		store_sql_of_sha256(k->certificate_sha256), store_sql_of_octets(k->certificate),
		store_sql_of_octets(chain), store_sql_of_words(k->subject),
		store_sql_of_words(k->issuer), store_sql_of_words(k->serial),
		store_sql_of_instant(k->not_before), store_sql_of_instant(k->not_after),
		store_sql_of_words(k->disclaimer), store_sql_of_text(states[k->state]),
		store_sql_of_text(k->deposited_by), store_sql_of_instant(k->deposited_at),
		store_sql_of_text(k->decided_by), store_sql_of_instant(k->decided_at),
		store_sql_of_words(k->note), store_sql_of_instant(k->notified_at),
		store_sql_of_instant(k->ended_at), store_sql_of_octets(wrapped)));
}

enum err store_key_find(
    struct scope *s, struct store *store, const char *id, const struct store_key **ret_key)
{
	struct store_access_array found = { .size = sizeof(struct store_key) };
	TRY(store_access_rows(s, store, "SELECT " COLUMNS " FROM key WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id)), read_row, &found));
	*ret_key = found.n ? found.item : NULL;
	return OK;
}

static enum err read_wrapped(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct bytes *wrapped = ctx;
	(void)s;
	*wrapped = store_sql_octets(row);
	return OK;
}

enum err store_key_wrapped(
    struct scope *s, struct store *store, const char *id, struct bytes *ret_wrapped)
{
	struct bytes wrapped = BYTES_NONE;
	TRY(store_access_rows(s, store, "SELECT wrapped FROM key WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id)), read_wrapped, &wrapped));
	if (!wrapped.n)
		return scope_fault(s, ERR_MISUSE, "store: no such key, or it is destroyed");
	*ret_wrapped = wrapped;
	return OK;
}

/* The octets that go stand in pages that are freed, and in the journal: secure_delete clears the
 * former, emptying the latter. */
struct octets {
	const char *otherwise, *sql;
	struct store_sql_values values;
};

static enum err replace_octets(void *ctx, struct scope *s, struct store *store)
{
	const struct octets *o = ctx;
	TRY(store_access_change_one(s, store, o->otherwise, o->sql, o->values));
	store_access_empty_journal(store);
	return OK;
}

enum err store_key_rewrap(
    struct scope *s, struct store *store, const char *id, struct bytes from, struct bytes to)
{
	struct octets o = { "the key was changed meanwhile, or is destroyed",
		"UPDATE key SET wrapped = ?3 WHERE id = ?1 AND wrapped = ?2",
		STORE_SQL_VALUES(
		    store_sql_of_text(id), store_sql_of_octets(from), store_sql_of_octets(to)) };
	return store_write(s, store, replace_octets, &o);
}

enum err store_key_destroy(struct scope *s, struct store *store, const char *id, struct instant now)
{
	struct octets o = { "no such key, or it is destroyed already",
		"UPDATE key SET state = 'destroyed', wrapped = NULL, ended_at = ?2"
		" WHERE id = ?1 AND state <> 'destroyed'",
		STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_instant(now)) };
	return store_write(s, store, replace_octets, &o);
}

/* -- changes of state -- */

struct decision {
	const char *id, *by, *note;
	enum store_key_state to;
	struct instant now;
};

static enum err decide(void *ctx, struct scope *s, struct store *store)
{
	const struct decision *d = ctx;
	const struct store_key *k;
	TRY(store_key_find(s, store, d->id, &k));
	if (!k || k->state != STORE_KEY_WAITING)
		return scope_fault(s, ERR_MISUSE, "store: no such key, or it does not wait");
	if (!strcmp(k->deposited_by, d->by))
		return scope_fault(s, ERR_DENIED, "store: who deposits cannot approve: four eyes");
	return store_access_change_one(s, store, "no such key",
	    "UPDATE key SET state = ?2, decided_by = ?3, decided_at = ?4, note = ?5 WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(d->id), store_sql_of_text(states[d->to]),
		store_sql_of_text(d->by), store_sql_of_instant(d->now),
		store_sql_of_words(d->note)));
}

enum err store_key_decide(struct scope *s, struct store *store, const char *id, bool approved,
    const char *by, struct instant now, const char *note)
{
	struct decision d = { id, by, note, approved ? STORE_KEY_APPROVED : STORE_KEY_REFUSED,
		now };
	return store_write(s, store, decide, &d);
}

enum err store_key_withdraw(
    struct scope *s, struct store *store, const char *id, struct instant now, const char *note)
{
	return store_access_change_one(s, store, "no such key, or it is not in use",
	    "UPDATE key SET state = 'withdrawn', ended_at = ?2, note = ?3"
	    " WHERE id = ?1 AND state IN ('waiting', 'approved')",
	    STORE_SQL_VALUES(
		store_sql_of_text(id), store_sql_of_instant(now), store_sql_of_words(note)));
}

enum err store_key_notified(
    struct scope *s, struct store *store, const char *id, struct instant now)
{
	return store_access_change_one(s, store, "no such key",
	    "UPDATE key SET notified_at = ?2 WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_instant(now)));
}

/* -- lists -- */

static enum err list(struct scope *s, struct store *store, const char *partner, const char *state,
    struct store_page page, struct store_key_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_key) };
	struct store_access_cursor from;
	struct store_access_select q = { .sql = buf_new(s, 4096) };
	const char *next = NULL;
	size_t limit = store_access_limit(page);
	TRY(store_access_cursor_of(s, page.after, &from));
	store_access_select_begin(&q, "SELECT " COLUMNS " FROM key");
	if (partner)
		store_access_where(&q, "partner = ?", store_sql_of_text(partner));
	if (state)
		store_access_where(&q, "state = ?", store_sql_of_text(state));
	store_access_before(&q, "deposited_at", from);
	TRY(store_access_select_run(s, store, &q, limit + 1, read_row, &found));
	const struct store_key *k = found.item;
	if (found.n > limit)
		TRY(store_access_cursor_text(s,
		    (struct store_access_cursor){
			0, k[limit - 1].deposited_at.unix_s, k[limit - 1].id },
		    &next));
	*ret_list = (struct store_key_list){ k, next ? limit : found.n, next };
	return OK;
}

enum err store_key_list(struct scope *s, struct store *store, const char *partner,
    struct store_page page, struct store_key_list *ret_list)
{
	return list(s, store, partner, NULL, page, ret_list);
}

enum err store_key_list_state(struct scope *s, struct store *store, const char *partner,
    enum store_key_state state, struct store_page page, struct store_key_list *ret_list)
{
	return list(s, store, partner, states[state], page, ret_list);
}

static enum err list_all(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, struct store_key_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_key) };
	TRY(store_access_rows(s, store, sql, values, read_row, &found));
	*ret_list = (struct store_key_list){ found.item, found.n, NULL };
	return OK;
}

enum err store_key_list_usable(struct scope *s, struct store *store, const char *partner,
    struct instant now, struct store_key_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " COLUMNS " FROM key WHERE partner = ?1 AND state = 'approved'"
	    " AND not_before <= ?2 AND not_after >= ?2 ORDER BY not_after DESC, id LIMIT ?3",
	    STORE_SQL_VALUES(store_sql_of_text(partner), store_sql_of_instant(now),
		store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_key_list_ending(
    struct scope *s, struct store *store, struct instant before, struct store_key_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " COLUMNS " FROM key INDEXED BY key_not_after"
	    " WHERE state <> 'destroyed' AND not_after < ?1"
	    " AND state IN ('waiting', 'approved') AND notified_at IS NULL"
	    " ORDER BY not_after LIMIT ?2",
	    STORE_SQL_VALUES(store_sql_of_instant(before), store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_key_list_ended(
    struct scope *s, struct store *store, struct instant before, struct store_key_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " COLUMNS " FROM key INDEXED BY key_not_after"
	    " WHERE state <> 'destroyed' AND not_after < ?1"
	    " ORDER BY not_after LIMIT ?2",
	    STORE_SQL_VALUES(store_sql_of_instant(before), store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_key_count(
    struct scope *s, struct store *store, enum store_key_state state, uint64_t *ret_n)
{
	int64_t n;
	TRY(store_access_number(s, store, "SELECT count(*) FROM key WHERE state = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(states[state])), &n));
	*ret_n = (uint64_t)n;
	return OK;
}
