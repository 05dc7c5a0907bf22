#include "service/store/store_person.h"

#include <string.h>

#include "service/store/identifier.h"
#include "service/store/store_access.h"

#define COLUMNS                                                                                    \
	"id, partner, login, name, email, password_hash, roles, language, active, must_change,"    \
	" failures, waits_until, created"

#define WAIT_FIRST_S 30
#define WAIT_LONGEST_S 3600

static void read_columns(struct store_sql_row *row, struct store_person *p)
{
	p->id = store_sql_text(row);
	p->partner = store_sql_text(row);
	p->login = store_sql_text(row);
	p->name = store_sql_text(row);
	p->email = store_sql_text(row);
	p->password_hash = store_sql_text(row);
	p->roles = (unsigned)store_sql_number(row);
	p->language = store_sql_text(row);
	p->active = store_sql_truth(row);
	p->must_change = store_sql_truth(row);
	p->failures = (unsigned)store_sql_number(row);
	p->waits_until = store_sql_instant(row);
	p->created = store_sql_instant(row);
}

static enum err add_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_person *p = store_access_grow(s, ctx);
	if (!p)
		return ERR_NOMEM;
	read_columns(row, p);
	return OK;
}

static enum err find(struct scope *s, struct store *store, const char *sql, const char *what,
    const struct store_person **ret_person)
{
	struct store_access_array found = { .size = sizeof(struct store_person) };
	TRY(store_access_rows(
	    s, store, sql, STORE_SQL_VALUES(store_sql_of_text(what)), add_row, &found));
	*ret_person = found.n ? found.item : NULL;
	return OK;
}

enum err store_person_login(struct scope *s, const char *typed, const char **ret_login)
{
	size_t n = typed ? strlen(typed) : 0;
	char *login;
	if (n < 2 || n > 64 ||
	    typed[strspn(typed, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-")])
		return scope_fault(s, ERR_FORMAT,
		    "a login has 2 to 64 characters: letters a to z, digits, . _ @ + -");
	TRY(bytes_to_str(s, bytes_of(typed, n), &login));
	for (char *c = login; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	*ret_login = login;
	return OK;
}

enum err store_person_add(struct scope *s, struct store *store, const struct store_person *p)
{
	const char *login;
	TRY(store_person_login(s, p->login, &login));
	if (strcmp(login, p->login) != 0)
		return scope_fault(s, ERR_FORMAT, "store: a login with capitals");
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO person (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
	    " ?11, ?12, ?13)",
	    STORE_SQL_VALUES(store_sql_of_text(p->id), store_sql_of_text(p->partner),
		store_sql_of_text(p->login), store_sql_of_words(p->name),
		store_sql_of_words(p->email), store_sql_of_words(p->password_hash),
		store_sql_of_number(p->roles), store_sql_of_words(p->language),
		store_sql_of_number(p->active), store_sql_of_number(p->must_change),
		store_sql_of_number(p->failures), store_sql_of_instant(p->waits_until),
		store_sql_of_instant(p->created)));
}

enum err store_person_find(
    struct scope *s, struct store *store, const char *id, const struct store_person **ret_person)
{
	return find(s, store, "SELECT " COLUMNS " FROM person WHERE id = ?1", id, ret_person);
}

enum err store_person_find_login(
    struct scope *s, struct store *store, const char *typed, const struct store_person **ret_person)
{
	const char *login;
	/* A scope of its own: that nobody can have this login is no fault of the job. */
	struct scope *own = scope_new(0);
	if (!own)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	const struct store_person *p = NULL;
	enum err e = store_person_login(own, typed, &login);
	if (e == OK)
		e = find(s, store, "SELECT " COLUMNS " FROM person WHERE login = ?1", login, &p);
	else if (e == ERR_FORMAT)
		e = OK;
	scope_free(own);
	TRY(e);
	*ret_person = p;
	return OK;
}

/* -- changes -- */

static enum err change(void *ctx, struct scope *s, struct store *store)
{
	const struct store_person *p = ctx;
	struct store_sql *c = store_access_inside(store);
	int64_t before;
	TRY(store_sql_one(s, c, "SELECT active << 32 | roles FROM person WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(p->id)), &before));
	TRY(store_access_change_one(s, store, "no such person",
	    "UPDATE person SET name = ?2, email = ?3, roles = ?4, language = ?5, active = ?6"
	    " WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(p->id), store_sql_of_words(p->name),
		store_sql_of_words(p->email), store_sql_of_number(p->roles),
		store_sql_of_words(p->language), store_sql_of_number(p->active))));
	int64_t after = (int64_t)p->active << 32 | p->roles;
	if (!(before & ~after))
		return OK;
	return store_sql_each(s, c, "DELETE FROM session WHERE person = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(p->id)), NULL, NULL);
}

enum err store_person_change(struct scope *s, struct store *store, const struct store_person *p)
{
	struct store_person copy = *p;
	return store_write(s, store, change, &copy);
}

struct password {
	const char *id, *hash;
	bool must_change;
	const uint8_t *keep;
};

static enum err set_password(void *ctx, struct scope *s, struct store *store)
{
	const struct password *h = ctx;
	TRY(store_access_change_one(s, store, "no such person",
	    "UPDATE person SET password_hash = ?2, must_change = ?3, failures = 0,"
	    " waits_until = NULL WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(h->id), store_sql_of_text(h->hash),
		store_sql_of_number(h->must_change))));
	return store_sql_each(s, store_access_inside(store),
	    "DELETE FROM session WHERE person = ?1 AND sha256 IS NOT ?2",
	    STORE_SQL_VALUES(store_sql_of_text(h->id), store_sql_of_sha256(h->keep)), NULL, NULL);
}

enum err store_person_set_password(struct scope *s, struct store *store, const char *id,
    const char *password_hash, bool must_change, const uint8_t *keep_session)
{
	struct password h = { id, password_hash, must_change, keep_session };
	return store_write(s, store, set_password, &h);
}

enum err store_person_rehash(
    struct scope *s, struct store *store, const char *id, const char *from, const char *to)
{
	return store_access_change_one(s, store, "the password was changed meanwhile",
	    "UPDATE person SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2",
	    STORE_SQL_VALUES(
		store_sql_of_text(id), store_sql_of_text(from), store_sql_of_text(to)));
}

struct failure {
	const char *id;
	unsigned allowed;
	struct instant now, waits_until;
};

static int64_t wait_after(int64_t failures, unsigned allowed)
{
	int64_t wait = WAIT_FIRST_S;
	if (failures < (int64_t)allowed)
		return 0;
	for (int64_t n = failures - allowed; n > 0 && wait < WAIT_LONGEST_S; n--)
		wait *= 2;
	return wait < WAIT_LONGEST_S ? wait : WAIT_LONGEST_S;
}

static enum err note_failure(void *ctx, struct scope *s, struct store *store)
{
	struct failure *h = ctx;
	struct store_sql *c = store_access_inside(store);
	int64_t failures;
	TRY(store_sql_one(s, c, "SELECT failures FROM person WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(h->id)), &failures));
	int64_t wait = wait_after(++failures, h->allowed);
	h->waits_until = wait ? instant_add(h->now, wait) : INSTANT_NONE;
	return store_access_change_one(s, store, "no such person",
	    "UPDATE person SET failures = ?2, waits_until = ?3 WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(h->id), store_sql_of_number(failures),
		store_sql_of_instant(h->waits_until)));
}

enum err store_person_failed(struct scope *s, struct store *store, const char *id, unsigned allowed,
    struct instant now, struct instant *ret_waits_until)
{
	struct failure h = { .id = id, .allowed = allowed, .now = now };
	TRY(store_write(s, store, note_failure, &h));
	*ret_waits_until = h.waits_until;
	return OK;
}

enum err store_person_succeeded(struct scope *s, struct store *store, const char *id)
{
	uint64_t n;
	return store_access_change(s, store,
	    "UPDATE person SET failures = 0, waits_until = NULL WHERE id = ?1 AND failures > 0",
	    STORE_SQL_VALUES(store_sql_of_text(id)), &n);
}

/* -- lists -- */

enum err store_person_list(struct scope *s, struct store *store, const char *partner,
    struct store_page page, struct store_person_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_person) };
	size_t limit = store_access_limit(page);
	TRY(store_access_after_id(s, page.after, IDENTIFIER_PERSON));
	/* Persons are never removed, so the last one of the page before is there to count from. */
	TRY(store_access_rows(s, store,
	    "SELECT " COLUMNS " FROM person WHERE partner IS ?3 AND (name, id) >"
	    " (SELECT name, id FROM person WHERE id = ?2 UNION ALL SELECT '', '' LIMIT 1)"
	    " ORDER BY name, id LIMIT ?1",
	    STORE_SQL_VALUES(store_sql_of_number((int64_t)limit + 1), store_sql_of_text(page.after),
		store_sql_of_text(partner)),
	    add_row, &found));
	const struct store_person *p = found.item;
	*ret_list = (struct store_person_list){ p, found.n < limit ? found.n : limit,
		found.n > limit ? p[limit - 1].id : NULL };
	return OK;
}

enum err store_person_count(struct scope *s, struct store *store, unsigned roles, uint64_t *ret_n)
{
	int64_t n;
	TRY(store_access_number(s, store,
	    "SELECT count(*) FROM person WHERE active AND (roles & ?1) = ?1",
	    STORE_SQL_VALUES(store_sql_of_number(roles)), &n));
	*ret_n = (uint64_t)n;
	return OK;
}
