#include "service/store/store_filing.h"

#include <string.h>

#include "service/store/store_filing_read.h"

struct addition {
	const struct store_filing *wanted, *stored;
	const char *name, *reference; /* folded */
	bool is_new;
};

static enum err insert(struct scope *s, struct store *store, const struct store_filing *f)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO filing (id, source, person, batch, idempotency_key, request_sha256, name,"
	    " reference, size, sha256, received, state, word, decision, sealing)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'received', '', 'open',"
	    " (SELECT d.sealing FROM sealing_document d JOIN sealing g ON g.id = d.sealing"
	    " WHERE d.sealed_sha256 = ?10 ORDER BY g.ended DESC LIMIT 1))",
	    STORE_SQL_VALUES(store_sql_of_text(f->id), store_sql_of_text(f->source),
		store_sql_of_text(f->person), store_sql_of_text(f->batch),
		store_sql_of_text(f->idempotency_key), store_sql_of_sha256(f->request_sha256),
		store_sql_of_words(f->name), store_sql_of_words(f->reference),
		store_sql_of_number((int64_t)f->size), store_sql_of_sha256(f->sha256),
		store_sql_of_instant(f->received)));
}

/* One closure at a time: whoever comes second finds the first one's row. */
static enum err add(void *ctx, struct scope *s, struct store *store)
{
	struct addition *a = ctx;
	const struct store_filing *f = a->wanted;
	if (f->idempotency_key)
		TRY(store_filing_find_repeat(s, store, f->source, f->idempotency_key, &a->stored));
	if (a->stored && !memcmp(a->stored->request_sha256, f->request_sha256, 32))
		return OK;
	if (a->stored)
		return scope_fault(s, ERR_MISUSE,
		    "store: the idempotency key was used for another request (%s)", a->stored->id);
	TRY(insert(s, store, f));
	TRY(store_access_change_one(s, store, "not written",
	    "INSERT INTO filing_text (rowid, name, reference, sender)"
	    " VALUES ((SELECT row FROM filing WHERE id = ?1), ?2, ?3, '')",
	    STORE_SQL_VALUES(store_sql_of_text(f->id), store_sql_of_text(a->name),
		store_sql_of_text(a->reference))));
	a->is_new = true;
	return store_filing_find(s, store, f->id, &a->stored);
}

enum err store_filing_add(struct scope *s, struct store *store, const struct store_filing *filing,
    const struct store_filing **ret_filing, bool *ret_is_new)
{
	struct addition a = { .wanted = filing };
	TRY(store_filing_read_folded(s, filing->name, &a.name));
	TRY(store_filing_read_folded(s, filing->reference, &a.reference));
	TRY(store_write(s, store, add, &a));
	*ret_filing = a.stored;
	*ret_is_new = a.is_new;
	return OK;
}

struct judging {
	const char *id, *sender; /* folded */
	const struct store_filing_judgement *j;
};

static enum err judge(void *ctx, struct scope *s, struct store *store)
{
	const struct judging *g = ctx;
	const struct store_filing_judgement *j = g->j;
	TRY(store_access_change_one(s, store, "no such filing, or it is decided",
	    "UPDATE filing SET state = ?2, word = ?3, sender = ?4, conclusion = ?5, sentence = ?6,"
	    " summary = ?7, judged_at = ?8 WHERE id = ?1 AND decided = 0",
	    STORE_SQL_VALUES(store_sql_of_text(g->id),
		store_sql_of_text(store_filing_state_name(j->state)),
		store_sql_of_text(store_filing_word_name(j->word)), store_sql_of_words(j->sender),
		store_sql_of_words(j->conclusion), store_sql_of_words(j->sentence),
		store_sql_of_words(j->summary), store_sql_of_instant(j->now))));
	return store_access_change_one(s, store, "not written",
	    "UPDATE filing_text SET sender = ?2"
	    " WHERE rowid = (SELECT row FROM filing WHERE id = ?1)",
	    STORE_SQL_VALUES(store_sql_of_text(g->id), store_sql_of_text(g->sender)));
}

enum err store_filing_judge(
    struct scope *s, struct store *store, const char *id, const struct store_filing_judgement *j)
{
	struct judging g = { .id = id, .j = j };
	if (j->state == STORE_FILING_RECEIVED)
		return scope_fault(s, ERR_MISUSE, "store: a judgement that says nothing");
	TRY(store_filing_read_folded(s, j->sender, &g.sender));
	return store_write(s, store, judge, &g);
}

enum err store_filing_decide(struct scope *s, struct store *store, const char *id,
    enum store_filing_decision decision, const char *by, struct instant now, const char *note)
{
	if (decision == STORE_FILING_OPEN)
		return scope_fault(s, ERR_MISUSE, "store: a decision that decides nothing");
	return store_access_change_one(s, store, "no such filing, not judged yet, or decided",
	    "UPDATE filing SET decision = ?2, decided = 1, decided_by = ?3, decided_at = ?4,"
	    " note = ?5 WHERE id = ?1 AND decided = 0 AND state <> 'received'",
	    STORE_SQL_VALUES(store_sql_of_text(id),
		store_sql_of_text(store_filing_decision_name(decision)), store_sql_of_text(by),
		store_sql_of_instant(now), store_sql_of_words(note)));
}

static enum err remove_both(void *ctx, struct scope *s, struct store *store)
{
	struct store_sql_values id = STORE_SQL_VALUES(store_sql_of_text(ctx));
	struct store_sql *c = store_access_inside(store);
	TRY(store_sql_each(s, c,
	    "DELETE FROM filing_text WHERE rowid = (SELECT row FROM filing WHERE id = ?1)", id,
	    NULL, NULL));
	return store_sql_each(s, c, "DELETE FROM filing WHERE id = ?1", id, NULL, NULL);
}

enum err store_filing_remove(struct scope *s, struct store *store, const char *id)
{
	char *copy;
	TRY(bytes_to_str(s, bytes_of_str(id), &copy));
	return store_write(s, store, remove_both, copy);
}
