#include "service/store/store_partner.h"

#include "service/store/identifier.h"
#include "service/store/store_access.h"

#define COLUMNS "id, name, number, active, created"

static void read_columns(struct store_sql_row *row, struct store_partner *p)
{
	p->id = store_sql_text(row);
	p->name = store_sql_text(row);
	p->number = store_sql_text(row);
	p->active = store_sql_truth(row);
	p->created = store_sql_instant(row);
}

static enum err add_row(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct store_partner *p = store_access_grow(s, ctx);
	if (!p)
		return ERR_NOMEM;
	read_columns(row, p);
	return OK;
}

static enum err find(struct scope *s, struct store *store, const char *sql, const char *what,
    const struct store_partner **ret_partner)
{
	struct store_access_array found = { .size = sizeof(struct store_partner) };
	TRY(store_access_rows(
	    s, store, sql, STORE_SQL_VALUES(store_sql_of_text(what)), add_row, &found));
	*ret_partner = found.n ? found.item : NULL;
	return OK;
}

enum err store_partner_add(struct scope *s, struct store *store, const struct store_partner *p)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO partner (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5)",
	    STORE_SQL_VALUES(store_sql_of_text(p->id), store_sql_of_words(p->name),
		store_sql_of_words(p->number), store_sql_of_number(p->active),
		store_sql_of_instant(p->created)));
}

enum err store_partner_find(
    struct scope *s, struct store *store, const char *id, const struct store_partner **ret_partner)
{
	return find(s, store, "SELECT " COLUMNS " FROM partner WHERE id = ?1", id, ret_partner);
}

enum err store_partner_find_number(struct scope *s, struct store *store, const char *number,
    const struct store_partner **ret_partner)
{
	return find(s, store, "SELECT " COLUMNS " FROM partner WHERE number = ?1 AND number <> ''",
	    number, ret_partner);
}

enum err store_partner_change(struct scope *s, struct store *store, const struct store_partner *p)
{
	return store_access_change_one(s, store, "no such partner",
	    "UPDATE partner SET name = ?2, number = ?3, active = ?4 WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(p->id), store_sql_of_words(p->name),
		store_sql_of_words(p->number), store_sql_of_number(p->active)));
}

enum err store_partner_list(struct scope *s, struct store *store, struct store_page page,
    struct store_partner_list *ret_list)
{
	struct store_access_array found = { .size = sizeof(struct store_partner) };
	size_t limit = store_access_limit(page);
	TRY(store_access_after_id(s, page.after, IDENTIFIER_PARTNER));
	/* Partners are never removed, so the last one of the page before is there to count from. */
	TRY(store_access_rows(s, store,
	    "SELECT " COLUMNS " FROM partner WHERE (name, id) > (SELECT name, id FROM partner"
	    " WHERE id = ?2 UNION ALL SELECT '', '' LIMIT 1) ORDER BY name, id LIMIT ?1",
	    STORE_SQL_VALUES(
		store_sql_of_number((int64_t)limit + 1), store_sql_of_text(page.after)),
	    add_row, &found));
	const struct store_partner *p = found.item;
	*ret_list = (struct store_partner_list){ p, found.n < limit ? found.n : limit,
		found.n > limit ? p[limit - 1].id : NULL };
	return OK;
}
