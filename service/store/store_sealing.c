#include "service/store/store_sealing.h"

#include <string.h>

#include "service/store/store_sealing_read.h"

/* -- adding -- */

struct addition {
	const struct store_sealing *wanted, *stored;
	bool is_new;
};

static enum err same_request(
    struct scope *s, const struct store_sealing *there, const struct store_sealing *wanted)
{
	if (!memcmp(there->request_sha256, wanted->request_sha256, 32))
		return OK;
	return scope_fault(s, ERR_MISUSE,
	    "store: the idempotency key was used for another request (%s)", there->id);
}

static enum err is_partner_there(struct scope *s, struct store *store, const char *partner)
{
	int64_t n;
	if (!partner)
		return OK;
	TRY(store_access_number(s, store, "SELECT active FROM partner WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(partner)), &n));
	return n ? OK : scope_fault(s, ERR_MISUSE, "store: no such partner, or not active");
}

static enum err insert(struct scope *s, struct store *store, const struct store_sealing *g)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO sealing (id, portal, idempotency_key, request_sha256, partner, reference,"
	    " title, data, options, return_url, window_sha256, unattended, created, expires, state)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'awaiting')",
	    STORE_SQL_VALUES(store_sql_of_text(g->id), store_sql_of_text(g->portal),
		store_sql_of_text(g->idempotency_key), store_sql_of_sha256(g->request_sha256),
		store_sql_of_text(g->partner), store_sql_of_words(g->reference),
		store_sql_of_words(g->title), store_sql_of_words(g->data),
		store_sql_of_words(g->options), store_sql_of_text(g->return_url),
		store_sql_of_sha256(g->has_window ? g->window_sha256 : NULL),
		store_sql_of_number(g->unattended), store_sql_of_instant(g->created),
		store_sql_of_instant(g->expires)));
}

static enum err insert_document(struct scope *s, struct store *store, const char *sealing,
    const struct store_sealing_document *d)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO sealing_document (sealing, n, name, size, sha256, pages)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	    STORE_SQL_VALUES(store_sql_of_text(sealing), store_sql_of_number(d->n),
		store_sql_of_words(d->name), store_sql_of_number((int64_t)d->size),
		store_sql_of_sha256(d->sha256), store_sql_of_number(d->pages)));
}

/* One closure at a time: whoever comes second finds the first one's row. */
static enum err add(void *ctx, struct scope *s, struct store *store)
{
	struct addition *a = ctx;
	const struct store_sealing *g = a->wanted;
	if (g->idempotency_key)
		TRY(store_sealing_find_repeat(s, store, g->portal, g->idempotency_key, &a->stored));
	if (a->stored)
		return same_request(s, a->stored, g);
	TRY(is_partner_there(s, store, g->partner));
	TRY(insert(s, store, g));
	for (size_t i = 0; i < g->n_documents; i++)
		TRY(insert_document(s, store, g->id, &g->document[i]));
	a->is_new = true;
	return store_sealing_find(s, store, g->id, &a->stored);
}

enum err store_sealing_add(struct scope *s, struct store *store,
    const struct store_sealing *sealing, const struct store_sealing **ret_sealing, bool *ret_is_new)
{
	struct addition a = { .wanted = sealing };
	TRY(store_write(s, store, add, &a));
	*ret_sealing = a.stored;
	*ret_is_new = a.is_new;
	return OK;
}

/* -- moves -- */

struct beginning {
	const char *id;
	const struct store_sealing_attempt *attempt;
	int64_t n;
};

static enum err begin(void *ctx, struct scope *s, struct store *store)
{
	struct beginning *b = ctx;
	TRY(store_access_change_one(s, store, "the sealing does not await an officer",
	    "UPDATE sealing SET state = 'sealing', attempts = attempts + 1, officer = ?2, key = ?3,"
	    " begun = ?4, cause = '', cause_text = ''"
	    " WHERE id = ?1 AND state = 'awaiting' AND expires > ?4",
	    STORE_SQL_VALUES(store_sql_of_text(b->id), store_sql_of_text(b->attempt->officer),
		store_sql_of_text(b->attempt->key), store_sql_of_instant(b->attempt->now))));
	return store_access_number(s, store, "SELECT attempts FROM sealing WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(b->id)), &b->n);
}

enum err store_sealing_begin(struct scope *s, struct store *store, const char *id,
    const struct store_sealing_attempt *a, unsigned *ret_attempt)
{
	struct beginning b = { .id = id, .attempt = a };
	TRY(store_write(s, store, begin, &b));
	*ret_attempt = (unsigned)b.n;
	return OK;
}

#define OF_ATTEMPT " WHERE id = ?1 AND state = 'sealing' AND attempts = ?2"
#define NOT_OF_ATTEMPT "this attempt at the sealing has ended"

enum err store_sealing_back(struct scope *s, struct store *store, const char *id, unsigned attempt,
    const char *cause, const char *text)
{
	return store_access_change_one(s, store, NOT_OF_ATTEMPT,
	    "UPDATE sealing SET state = 'awaiting', cause = ?3, cause_text = ?4" OF_ATTEMPT,
	    STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_number(attempt),
		store_sql_of_words(cause), store_sql_of_words(text)));
}

enum err store_sealing_fail(struct scope *s, struct store *store, const char *id, unsigned attempt,
    const char *cause, const char *text, struct instant now)
{
	return store_access_change_one(s, store, NOT_OF_ATTEMPT,
	    "UPDATE sealing SET state = 'failed', cause = ?3, cause_text = ?4, ended = "
	    "?5" OF_ATTEMPT,
	    STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_number(attempt),
		store_sql_of_words(cause), store_sql_of_words(text), store_sql_of_instant(now)));
}

struct finish {
	const char *id;
	unsigned attempt;
	const struct store_sealing_document *document;
	size_t n_documents;
	struct instant now;
};

static enum err finish(void *ctx, struct scope *s, struct store *store)
{
	const struct finish *f = ctx;
	int64_t n;
	TRY(store_access_change_one(s, store, NOT_OF_ATTEMPT,
	    "UPDATE sealing SET state = 'sealed', ended = ?3, cause = '', cause_text = "
	    "''" OF_ATTEMPT,
	    STORE_SQL_VALUES(store_sql_of_text(f->id), store_sql_of_number(f->attempt),
		store_sql_of_instant(f->now))));
	for (size_t i = 0; i < f->n_documents; i++)
		TRY(store_access_change_one(s, store, "no such document",
		    "UPDATE sealing_document SET sealed_size = ?3, sealed_sha256 = ?4, summary = ?5"
		    " WHERE sealing = ?1 AND n = ?2",
		    STORE_SQL_VALUES(store_sql_of_text(f->id),
			store_sql_of_number(f->document[i].n),
			store_sql_of_number((int64_t)f->document[i].sealed_size),
			store_sql_of_sha256(f->document[i].sealed_sha256),
			store_sql_of_words(f->document[i].summary))));
	TRY(store_access_number(s, store,
	    "SELECT count(*) FROM sealing_document WHERE sealing = ?1 AND sealed_sha256 IS NULL",
	    STORE_SQL_VALUES(store_sql_of_text(f->id)), &n));
	return n ? scope_fault(s, ERR_MISUSE, "store: %s: not all documents are sealed", f->id)
		 : OK;
}

enum err store_sealing_finish(struct scope *s, struct store *store, const char *id,
    unsigned attempt, const struct store_sealing_document *document, size_t n_documents,
    struct instant now)
{
	struct finish f = { id, attempt, document, n_documents, now };
	return store_write(s, store, finish, &f);
}

struct ending {
	const char *id, *sql, *cause, *text;
	struct instant now;
};

static enum err end(void *ctx, struct scope *s, struct store *store)
{
	const struct ending *n = ctx;
	TRY(store_access_change_one(s, store, "the sealing does not await an officer", n->sql,
	    STORE_SQL_VALUES(store_sql_of_text(n->id), store_sql_of_words(n->cause),
		store_sql_of_words(n->text), store_sql_of_instant(n->now))));
	return store_sql_each(s, store_access_inside(store),
	    "DELETE FROM session WHERE sealing = ?1", STORE_SQL_VALUES(store_sql_of_text(n->id)),
	    NULL, NULL);
}

enum err store_sealing_cancel(struct scope *s, struct store *store, const char *id,
    const char *cause, const char *text, struct instant now)
{
	struct ending n = { id,
		"UPDATE sealing SET state = 'cancelled', cause = ?2, cause_text = ?3, ended = ?4"
		" WHERE id = ?1 AND state = 'awaiting'",
		cause, text, now };
	return store_write(s, store, end, &n);
}

enum err store_sealing_expire(
    struct scope *s, struct store *store, const char *id, struct instant now)
{
	struct ending n = { id,
		"UPDATE sealing SET state = 'expired', cause = ?2, cause_text = ?3, ended = ?4"
		" WHERE id = ?1 AND state = 'awaiting' AND expires <= ?4",
		NULL, NULL, now };
	return store_write(s, store, end, &n);
}

/* -- after a crash -- */

struct recovery {
	struct instant before;
	struct store_access_array ids;
};

static enum err read_id(void *ctx, struct scope *s, struct store_sql_row *row)
{
	const char **id = store_access_grow(s, ctx);
	if (!id)
		return ERR_NOMEM;
	*id = store_sql_text(row);
	return OK;
}

static enum err recover(void *ctx, struct scope *s, struct store *store)
{
	struct recovery *r = ctx;
	return store_access_rows(s, store,
	    "UPDATE sealing SET state = 'awaiting', cause = 'interrupted', cause_text = ''"
	    " WHERE state = 'sealing' AND begun < ?1 RETURNING id",
	    STORE_SQL_VALUES(store_sql_of_instant(r->before)), read_id, &r->ids);
}

enum err store_sealing_recover(struct scope *s, struct store *store, struct instant before,
    const char *const **ret_ids, size_t *ret_n)
{
	struct recovery r = { before, { .size = sizeof(const char *) } };
	TRY(store_write(s, store, recover, &r));
	*ret_ids = r.ids.item;
	*ret_n = r.ids.n;
	return OK;
}

enum err store_sealing_set_window(
    struct scope *s, struct store *store, const char *id, const uint8_t window_sha256[32])
{
	return store_access_change_one(s, store, "the sealing does not await an officer",
	    "UPDATE sealing SET window_sha256 = ?2 WHERE id = ?1 AND state = 'awaiting'",
	    STORE_SQL_VALUES(store_sql_of_text(id), store_sql_of_sha256(window_sha256)));
}

enum err store_sealing_retire(struct scope *s, struct store *store, const char *id)
{
	return store_access_change_one(s, store, "no such sealing, or it has not ended",
	    "UPDATE sealing SET has_files = 0, data = '', options = ''"
	    " WHERE id = ?1 AND ended IS NOT NULL",
	    STORE_SQL_VALUES(store_sql_of_text(id)));
}
