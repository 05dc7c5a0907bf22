#include "service/store/store_meta.h"

#include "service/store/store_access.h"

static enum err read_value(void *ctx, struct scope *s, struct store_sql_row *row)
{
	const char **value = ctx;
	(void)s;
	*value = store_sql_text(row);
	return OK;
}

enum err store_meta_find(
    struct scope *s, struct store *store, const char *key, const char **ret_value)
{
	const char *value = NULL;
	TRY(store_access_rows(s, store, "SELECT value FROM meta WHERE key = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(key)), read_value, &value));
	*ret_value = value;
	return OK;
}

enum err store_meta_put(struct scope *s, struct store *store, const char *key, const char *value)
{
	return store_access_change_one(s, store, "not written",
	    "INSERT INTO meta (key, value) VALUES (?1, ?2)"
	    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
	    STORE_SQL_VALUES(store_sql_of_text(key), store_sql_of_words(value)));
}
