#include "service/store/store_approval.h"

#include <string.h>

#include "service/store/store_access.h"

#define COLUMNS                                                                                    \
	"id, certificate_sha256, subject, text, asked_by, asked_at, state, decided_by,"            \
	" decided_at, note"

static const char *const states[] = { "waiting", "approved", "refused" };
#define N_STATES ((int)(sizeof(states) / sizeof(*states)))

static enum err read_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_approval *a = store_access_grow(s, ctx);
	if (!a)
		return ERR_NOMEM;
	a->id = store_sql_text(row);
	store_sql_sha256(row, a->certificate_sha256);
	a->subject = store_sql_text(row);
	a->text = store_sql_text(row);
	a->asked_by = store_sql_text(row);
	a->asked_at = store_sql_instant(row);
	a->state = (enum store_approval_state)store_sql_word(row, states, N_STATES);
	a->decided_by = store_sql_text(row);
	a->decided_at = store_sql_instant(row);
	a->note = store_sql_text(row);
	return OK;
}

static enum err find(struct scope *s, struct store *store, const char *sql,
    struct store_sql_value what, const struct store_approval **ret_approval)
{
	struct store_access_array found = { .size = sizeof(struct store_approval) };
	TRY(store_access_rows(s, store, sql, STORE_SQL_VALUES(what), read_row, &found));
	*ret_approval = found.n ? found.item : NULL;
	return OK;
}

enum err store_approval_find(struct scope *s, struct store *store, const char *id,
    const struct store_approval **ret_approval)
{
	return find(s, store, "SELECT " COLUMNS " FROM approval WHERE id = ?1",
	    store_sql_of_text(id), ret_approval);
}

enum err store_approval_find_certificate(struct scope *s, struct store *store,
    const uint8_t sha256[32], const struct store_approval **ret_approval)
{
	return find(s, store, "SELECT " COLUMNS " FROM approval WHERE certificate_sha256 = ?1",
	    store_sql_of_sha256(sha256), ret_approval);
}

struct question {
	const struct store_approval *asked, *answer;
};

static enum err ask(void *ctx, struct scope *s, struct store *store)
{
	struct question *q = ctx;
	const struct store_approval *a = q->asked;
	uint64_t n;
	TRY(store_access_change(s, store,
	    "INSERT INTO approval (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', NULL,"
	    " NULL, '') ON CONFLICT (certificate_sha256) DO NOTHING",
	    STORE_SQL_VALUES(store_sql_of_text(a->id), store_sql_of_sha256(a->certificate_sha256),
		store_sql_of_words(a->subject), store_sql_of_words(a->text),
		store_sql_of_text(a->asked_by), store_sql_of_instant(a->asked_at)),
	    &n));
	return store_approval_find_certificate(s, store, a->certificate_sha256, &q->answer);
}

enum err store_approval_ask(struct scope *s, struct store *store, const struct store_approval *a,
    const struct store_approval **ret_approval)
{
	struct question q = { .asked = a };
	TRY(store_approval_find_certificate(s, store, a->certificate_sha256, &q.answer));
	if (!q.answer)
		TRY(store_write(s, store, ask, &q));
	*ret_approval = q.answer;
	return OK;
}

struct decision {
	const char *id, *by, *note;
	enum store_approval_state from, to;
	struct instant now;
};

static enum err decide(void *ctx, struct scope *s, struct store *store)
{
	const struct decision *d = ctx;
	const struct store_approval *a;
	TRY(store_approval_find(s, store, d->id, &a));
	if (!a || a->state != d->from || a->state == d->to)
		return scope_fault(s, ERR_MISUSE, "store: the approval is not %s", states[d->from]);
	if (a->asked_by && !strcmp(a->asked_by, d->by))
		return scope_fault(s, ERR_DENIED, "store: who asks cannot approve: four eyes");
	return store_access_change_one(s, store, "no such approval",
	    "UPDATE approval SET state = ?2, decided_by = ?3, decided_at = ?4, note = ?5"
	    " WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(d->id), store_sql_of_text(states[d->to]),
		store_sql_of_text(d->by), store_sql_of_instant(d->now),
		store_sql_of_words(d->note)));
}

enum err store_approval_decide(struct scope *s, struct store *store, const char *id,
    enum store_approval_state from, bool approved, const char *by, struct instant now,
    const char *note)
{
	struct decision d = { id, by, note, from,
		approved ? STORE_APPROVAL_APPROVED : STORE_APPROVAL_REFUSED, now };
	return store_write(s, store, decide, &d);
}

enum err store_approval_list(struct scope *s, struct store *store, enum store_approval_state state,
    struct store_page page, struct store_approval_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_approval) };
	struct store_access_cursor from;
	size_t limit = store_access_limit(page);
	const char *next = NULL;
	TRY(store_access_cursor_of(s, page.after, &from));
	TRY(store_access_rows(s, store,
	    "SELECT " COLUMNS " FROM approval WHERE state = ?1 AND (asked_at, id) < (?2, ?3)"
	    " ORDER BY asked_at DESC, id DESC LIMIT ?4",
	    STORE_SQL_VALUES(store_sql_of_text(states[state]), store_sql_of_number(from.instant),
		store_sql_of_text(from.id), store_sql_of_number((int64_t)limit + 1)),
	    read_row, &found));
	const struct store_approval *a = found.item;
	if (found.n > limit)
		TRY(store_access_cursor_text(s,
		    (struct store_access_cursor){
			0, a[limit - 1].asked_at.unix_s, a[limit - 1].id },
		    &next));
	*ret_list = (struct store_approval_list){ a, next ? limit : found.n, next };
	return OK;
}

enum err store_approval_count(
    struct scope *s, struct store *store, enum store_approval_state state, uint64_t *ret_n)
{
	int64_t n;
	TRY(store_access_number(s, store, "SELECT count(*) FROM approval WHERE state = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(states[state])), &n));
	*ret_n = (uint64_t)n;
	return OK;
}
