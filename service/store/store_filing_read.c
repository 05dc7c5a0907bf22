#include "service/store/store_filing_read.h"

#include "base/limits.h"
#include "formats/unicode_text.h"

static const char *const states[] = { "received", "judged", "unreadable" };
static const char *const words[STORE_FILING_WORDS] = { "", "accept", "closer", "refuse" };
static const char *const decisions[] = { "open", "accepted", "refused" };
#define N_STATES 3
#define N_DECISIONS 3

const char *store_filing_state_name(enum store_filing_state state)
{
	return states[state];
}

const char *store_filing_word_name(enum store_filing_word word)
{
	return words[word];
}

const char *store_filing_decision_name(enum store_filing_decision decision)
{
	return decisions[decision];
}

bool store_filing_state_of_name(const char *name, enum store_filing_state *ret_state)
{
	int i;
	if (!store_access_word(name, states, N_STATES, &i))
		return false;
	*ret_state = (enum store_filing_state)i;
	return true;
}

bool store_filing_word_of_name(const char *name, enum store_filing_word *ret_word)
{
	int i;
	if (!store_access_word(name, words, STORE_FILING_WORDS, &i))
		return false;
	*ret_word = (enum store_filing_word)i;
	return true;
}

bool store_filing_decision_of_name(const char *name, enum store_filing_decision *ret_decision)
{
	int i;
	if (!store_access_word(name, decisions, N_DECISIONS, &i))
		return false;
	*ret_decision = (enum store_filing_decision)i;
	return true;
}

enum err store_filing_read(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_filing *f = store_access_grow(s, ctx);
	if (!f)
		return ERR_NOMEM;
	f->id = store_sql_text(row);
	f->source = store_sql_text(row);
	f->person = store_sql_text(row);
	f->batch = store_sql_text(row);
	f->idempotency_key = store_sql_text(row);
	store_sql_sha256(row, f->request_sha256);
	f->name = store_sql_text(row);
	f->reference = store_sql_text(row);
	f->size = (uint64_t)store_sql_number(row);
	store_sql_sha256(row, f->sha256);
	f->received = store_sql_instant(row);
	f->state = (enum store_filing_state)store_sql_word(row, states, N_STATES);
	f->word = (enum store_filing_word)store_sql_word(row, words, STORE_FILING_WORDS);
	f->sender = store_sql_text(row);
	f->conclusion = store_sql_text(row);
	f->sentence = store_sql_text(row);
	f->summary = store_sql_text(row);
	f->judged_at = store_sql_instant(row);
	f->sealing = store_sql_text(row);
	f->decision = (enum store_filing_decision)store_sql_word(row, decisions, N_DECISIONS);
	f->decided_by = store_sql_text(row);
	f->decided_at = store_sql_instant(row);
	f->note = store_sql_text(row);
	return OK;
}

enum err store_filing_read_folded(struct scope *s, const char *text, const char **ret_folded)
{
	char *letters = NULL;
	*ret_folded = "";
	if (!text || !*text)
		return OK;
	TRY(unicode_text_letters(s, text, &letters));
	*ret_folded = letters;
	return OK;
}

/* -- one -- */

static enum err find(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, const struct store_filing **ret_filing)
{
	struct store_access_array found = { .size = sizeof(struct store_filing) };
	TRY(store_access_rows(s, store, sql, values, store_filing_read, &found));
	*ret_filing = found.n ? found.item : NULL;
	return OK;
}

enum err store_filing_find(
    struct scope *s, struct store *store, const char *id, const struct store_filing **ret_filing)
{
	return find(s, store, "SELECT " STORE_FILING_READ_COLUMNS " FROM filing WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id)), ret_filing);
}

enum err store_filing_find_repeat(struct scope *s, struct store *store, const char *source,
    const char *idempotency_key, const struct store_filing **ret_filing)
{
	return find(s, store,
	    "SELECT " STORE_FILING_READ_COLUMNS
	    " FROM filing WHERE source = ?1 AND idempotency_key = ?2",
	    STORE_SQL_VALUES(store_sql_of_text(source), store_sql_of_text(idempotency_key)),
	    ret_filing);
}

/* -- the queue -- */

/* Trigrams find parts of three characters and more; shorter ones are looked for row by row, which
 * takes long only where few rows have them. */
struct search {
	const char *pattern; /* NULL: everything is looked for */
	bool has_trigrams;
};

static enum err search_of(struct scope *s, const char *text, struct search *ret_search)
{
	const char *folded;
	char *pattern;
	TRY(store_filing_read_folded(s, text, &folded));
	size_t characters = 0;
	for (const char *c = folded; *c; c++)
		characters += ((uint8_t)*c & 0xc0) != 0x80;
	if (!characters)
		return OK;
	struct buf b = buf_new(s, 4 * LIMIT_UNICODE_TEXT);
	bool has_trigrams = characters >= 3;
	buf_add_str(&b, has_trigrams ? "\"" : "%");
	for (const char *c = folded; *c; c++) {
		if (has_trigrams ? *c == '"' : *c == '%' || *c == '_' || *c == '\\')
			buf_add_byte(&b, has_trigrams ? '"' : '\\');
		buf_add_byte(&b, (uint8_t)*c);
	}
	buf_add_str(&b, has_trigrams ? "\"" : "%");
	TRY(buf_done_str(&b, &pattern));
	*ret_search = (struct search){ pattern, has_trigrams };
	return OK;
}

static void where_text(struct store_access_select *q, const struct search *search)
{
	if (!search->pattern)
		return;
	store_access_where(q,
	    search->has_trigrams
		? "row IN (SELECT rowid FROM filing_text WHERE filing_text MATCH ?)"
		: "EXISTS (SELECT 1 FROM filing_text t WHERE t.rowid = filing.row AND"
		  " t.name || char(10) || t.reference || char(10) || t.sender"
		  " LIKE ? ESCAPE '\\')",
	    store_sql_of_text(search->pattern));
}

/* One part of the queue, for the order of both cannot be one index's: the open ones, the others. */
static enum err list_part(struct scope *s, struct store *store, const struct store_filing_filter *f,
    struct store_access_cursor from, size_t limit, struct store_access_array *found)
{
	struct store_access_select q = { .sql = buf_new(s, 4096) };
	struct search search = { 0 };
	if (f->text)
		TRY(search_of(s, f->text, &search));
	/* The few that have the text are taken by their numbers, not found by going through all. */
	store_access_select_begin(
	    &q, search.has_trigrams ? "SELECT " STORE_FILING_READ_COLUMNS " FROM filing NOT INDEXED"
				    : "SELECT " STORE_FILING_READ_COLUMNS " FROM filing");
	store_access_where(&q, "decided = ?", store_sql_of_number(from.rank));
	if (f->source)
		store_access_where(&q, "source = ?", store_sql_of_text(f->source));
	if (f->batch)
		store_access_where(&q, "batch = ?", store_sql_of_text(f->batch));
	if (f->state >= 0 && f->state < N_STATES)
		store_access_where(&q, "state = ?", store_sql_of_text(states[f->state]));
	if (f->word >= 0 && f->word < STORE_FILING_WORDS)
		store_access_where(&q, "word = ?", store_sql_of_text(words[f->word]));
	if (f->decision >= 0 && f->decision < N_DECISIONS)
		store_access_where(&q, "decision = ?", store_sql_of_text(decisions[f->decision]));
	if (instant_is_known(f->since))
		store_access_where(&q, "received >= ?", store_sql_of_instant(f->since));
	if (instant_is_known(f->before))
		store_access_where(&q, "received < ?", store_sql_of_instant(f->before));
	where_text(&q, &search);
	store_access_before(&q, "received", from);
	return store_access_select_run(s, store, &q, limit, store_filing_read, found);
}

enum err store_filing_list(struct scope *s, struct store *store,
    const struct store_filing_filter *filter, struct store_page page,
    struct store_filing_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_filing) };
	struct store_access_cursor from;
	size_t limit = store_access_limit(page);
	const char *next = NULL;
	TRY(store_access_cursor_of(s, page.after, &from));
	for (; from.rank <= 1 && found.n <= limit;
	     from = (struct store_access_cursor){ from.rank + 1, INT64_MAX, "" })
		TRY(list_part(s, store, filter, from, limit + 1 - found.n, &found));
	const struct store_filing *f = found.item;
	if (found.n > limit)
		TRY(store_access_cursor_text(s,
		    (struct store_access_cursor){ f[limit - 1].decision != STORE_FILING_OPEN,
			f[limit - 1].received.unix_s, f[limit - 1].id },
		    &next));
	*ret_list = (struct store_filing_list){ f, next ? limit : found.n, next };
	return OK;
}

static enum err list_all(struct scope *s, struct store *store, const char *sql,
    struct store_sql_values values, struct store_filing_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_filing) };
	TRY(store_access_rows(s, store, sql, values, store_filing_read, &found));
	*ret_list = (struct store_filing_list){ found.item, found.n, NULL };
	return OK;
}

enum err store_filing_list_received(
    struct scope *s, struct store *store, unsigned limit, struct store_filing_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " STORE_FILING_READ_COLUMNS
	    " FROM filing WHERE state = 'received' ORDER BY received LIMIT ?1",
	    STORE_SQL_VALUES(
		store_sql_of_number(limit < LIMIT_STORE_PAGE ? limit : LIMIT_STORE_PAGE)),
	    ret_list);
}

enum err store_filing_list_retired(
    struct scope *s, struct store *store, struct instant before, struct store_filing_list *ret_list)
{
	return list_all(s, store,
	    "SELECT " STORE_FILING_READ_COLUMNS
	    " FROM filing WHERE received < ?1 ORDER BY received LIMIT ?2",
	    STORE_SQL_VALUES(store_sql_of_instant(before), store_sql_of_number(LIMIT_STORE_PAGE)),
	    ret_list);
}

static enum err read_count(void *ctx, struct scope *s, struct store_sql_row *row)
{
	uint64_t *n = ctx;
	(void)s;
	int word = store_sql_word(row, words, STORE_FILING_WORDS);
	n[word] = (uint64_t)store_sql_number(row);
	return OK;
}

enum err store_filing_count_open(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_FILING_WORDS])
{
	uint64_t n[STORE_FILING_WORDS] = { 0 };
	TRY(store_access_rows(s, store,
	    "SELECT word, count(*) FROM filing WHERE decided = 0 GROUP BY word", STORE_SQL_NOTHING,
	    read_count, n));
	for (int i = 0; i < STORE_FILING_WORDS; i++)
		ret_n[i] = n[i];
	return OK;
}
