#include "service/store/store_sql.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define KEPT 128 /* statements of one connection; the folder has some 100 */

struct statement {
	uint64_t hash;
	sqlite3_stmt *stmt;
};

struct store_sql {
	sqlite3 *db;
	struct statement kept[KEPT];
	size_t n_kept, oldest;
	bool is_lost;
};

struct store_sql_row {
	struct scope *s;
	sqlite3_stmt *stmt;
	int at;
	enum err failed;
};

/* -- errors -- */

static enum err error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return ERR_MISUSE;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return ERR_FORMAT;
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return ERR_INTERNAL;
	default:
		return ERR_IO;
	}
}

static enum err fault(struct scope *s, struct store_sql *c, int code)
{
	enum err e = error_of(code);
	if (e != ERR_MISUSE && e != ERR_LIMIT)
		c->is_lost = true;
	return scope_fault(s, e, "store: %s", c->db ? sqlite3_errmsg(c->db) : "no memory");
}

bool store_sql_is_lost(struct store_sql *c)
{
	bool is_lost = c->is_lost;
	c->is_lost = false;
	return is_lost;
}

bool store_sql_in_transaction(const struct store_sql *c)
{
	return !sqlite3_get_autocommit(c->db);
}

/* -- opening -- */

static bool harden(sqlite3 *db)
{
	static const struct {
		int what, value;
	} set[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
	};
	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++)
		if (sqlite3_db_config(db, set[i].what, set[i].value, NULL) != SQLITE_OK)
			return false;
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, (int)LIMIT_STORE_TEXT);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	return sqlite3_extended_result_codes(db, 1) == SQLITE_OK &&
	       sqlite3_busy_timeout(db, 5000) == SQLITE_OK;
}

#define SETTINGS                                                                                   \
	"PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"           \
	"PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
#define WRITE_SETTINGS                                                                             \
	"PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;"                         \
	"PRAGMA checkpoint_fullfsync = ON;"

static enum err set_up(struct scope *s, struct store_sql *c, const char *path, int mode)
{
	int flags = (mode == STORE_SQL_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	int code = sqlite3_open_v2(path, &c->db, flags, NULL);
	if (code != SQLITE_OK)
		return fault(s, c, code);
	if (!harden(c->db))
		return scope_fault(s, ERR_INTERNAL, "store: SQLite lacks a setting");
	TRY(store_sql_script(s, c, SETTINGS));
	if (mode == STORE_SQL_WRITE)
		TRY(store_sql_script(s, c, WRITE_SETTINGS));
	return OK;
}

enum err store_sql_open(
    struct scope *s, const char *path, enum store_sql_mode mode, struct store_sql **ret_sql)
{
	struct store_sql *c = calloc(1, sizeof(*c));
	if (!c)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	enum err e = set_up(s, c, path, mode);
	if (e != OK) {
		store_sql_close(c);
		return e;
	}
	*ret_sql = c;
	return OK;
}

void store_sql_close(struct store_sql *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_kept; i++)
		sqlite3_finalize(c->kept[i].stmt);
	sqlite3_close(c->db);
	free(c);
}

/* -- values -- */

struct store_sql_value store_sql_of_number(int64_t number)
{
	return (struct store_sql_value){ .kind = STORE_SQL_NUMBER, .number = number };
}

struct store_sql_value store_sql_of_text(const char *text)
{
	if (!text)
		return (struct store_sql_value){ .kind = STORE_SQL_NULL };
	return (struct store_sql_value){ .kind = STORE_SQL_TEXT, .octets = bytes_of_str(text) };
}

struct store_sql_value store_sql_of_words(const char *text)
{
	return store_sql_of_text(text ? text : "");
}

struct store_sql_value store_sql_of_octets(struct bytes octets)
{
	return (struct store_sql_value){ .kind = STORE_SQL_OCTETS, .octets = octets };
}

struct store_sql_value store_sql_of_sha256(const uint8_t *sha256)
{
	if (!sha256)
		return (struct store_sql_value){ .kind = STORE_SQL_NULL };
	return store_sql_of_octets(bytes_of(sha256, 32));
}

struct store_sql_value store_sql_of_instant(struct instant t)
{
	if (!instant_is_known(t))
		return (struct store_sql_value){ .kind = STORE_SQL_NULL };
	return store_sql_of_number(t.unix_s);
}

static int bind(sqlite3_stmt *stmt, int at, const struct store_sql_value *v)
{
	switch (v->kind) {
	case STORE_SQL_NUMBER:
		return sqlite3_bind_int64(stmt, at, v->number);
	case STORE_SQL_TEXT:
		return sqlite3_bind_text64(stmt, at, v->octets.n ? (const void *)v->octets.p : "",
		    v->octets.n, SQLITE_STATIC, SQLITE_UTF8);
	case STORE_SQL_OCTETS:
		return sqlite3_bind_blob64(stmt, at, v->octets.n ? (const void *)v->octets.p : "",
		    v->octets.n, SQLITE_STATIC);
	case STORE_SQL_NULL:
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

/* -- statements -- */

static uint64_t hash_of(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return h;
}

static struct statement *room(struct store_sql *c)
{
	if (c->n_kept < KEPT)
		return &c->kept[c->n_kept++];
	struct statement *k = &c->kept[c->oldest++ % KEPT];
	sqlite3_finalize(k->stmt);
	k->stmt = NULL;
	return k;
}

static enum err prepare(
    struct scope *s, struct store_sql *c, const char *sql, sqlite3_stmt **ret_stmt)
{
	uint64_t hash = hash_of(sql);
	for (size_t i = 0; i < c->n_kept; i++) {
		sqlite3_stmt *stmt = c->kept[i].stmt;
		if (c->kept[i].hash == hash && stmt && !strcmp(sqlite3_sql(stmt), sql)) {
			*ret_stmt = stmt;
			return OK;
		}
	}
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (code != SQLITE_OK)
		return fault(s, c, code);
	*room(c) = (struct statement){ hash, stmt };
	*ret_stmt = stmt;
	return OK;
}

static enum err step_all(
    struct scope *s, struct store_sql *c, sqlite3_stmt *stmt, store_sql_reader *reader, void *ctx)
{
	int code;
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_sql_row row = { .s = s, .stmt = stmt };
		if (reader)
			TRY(reader(ctx, s, &row));
		TRY(row.failed);
	}
	return code == SQLITE_DONE ? OK : fault(s, c, code);
}

enum err store_sql_each(struct scope *s, struct store_sql *c, const char *sql,
    struct store_sql_values values, store_sql_reader *reader, void *ctx)
{
	sqlite3_stmt *stmt;
	TRY(prepare(s, c, sql, &stmt));
	if (sqlite3_stmt_busy(stmt))
		return scope_fault(s, ERR_INTERNAL, "store: a statement inside of itself: %s", sql);
	int code = SQLITE_OK;
	for (size_t i = 0; i < values.n && code == SQLITE_OK; i++)
		code = bind(stmt, (int)i + 1, &values.value[i]);
	enum err e = code == SQLITE_OK ? step_all(s, c, stmt, reader, ctx) : fault(s, c, code);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return e;
}

void store_sql_each_kept(
    const struct store_sql *c, void (*visit)(void *ctx, const char *sql), void *ctx)
{
	for (size_t i = 0; i < c->n_kept; i++)
		if (c->kept[i].stmt)
			visit(ctx, sqlite3_sql(c->kept[i].stmt));
}

uint64_t store_sql_changes(const struct store_sql *c)
{
	return (uint64_t)sqlite3_changes64(c->db);
}

enum err store_sql_script(struct scope *s, struct store_sql *c, const char *sql)
{
	int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? OK : fault(s, c, code);
}

struct one {
	int64_t number;
	bool is_there;
};

static enum err read_one(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct one *one = ctx;
	(void)s;
	if (!one->is_there)
		one->number = store_sql_number(row);
	one->is_there = true;
	return OK;
}

enum err store_sql_one(struct scope *s, struct store_sql *c, const char *sql,
    struct store_sql_values values, int64_t *ret_number)
{
	struct one one = { 0 };
	TRY(store_sql_each(s, c, sql, values, read_one, &one));
	*ret_number = one.number;
	return OK;
}

/* -- rows -- */

int64_t store_sql_number(struct store_sql_row *row)
{
	return sqlite3_column_int64(row->stmt, row->at++);
}

bool store_sql_truth(struct store_sql_row *row)
{
	return store_sql_number(row) != 0;
}

struct bytes store_sql_octets(struct store_sql_row *row)
{
	int at = row->at++;
	struct bytes b, copy = BYTES_NONE;
	b.p = sqlite3_column_blob(row->stmt, at);
	b.n = b.p ? (size_t)sqlite3_column_bytes(row->stmt, at) : 0;
	if (b.n && row->failed == OK)
		row->failed = bytes_copy(row->s, b, &copy);
	return copy;
}

const char *store_sql_text(struct store_sql_row *row)
{
	int at = row->at++;
	char *copy = NULL;
	if (sqlite3_column_type(row->stmt, at) == SQLITE_NULL)
		return NULL;
	const unsigned char *text = sqlite3_column_text(row->stmt, at);
	size_t n = (size_t)sqlite3_column_bytes(row->stmt, at);
	if (row->failed == OK)
		row->failed = text ? bytes_to_str(row->s, bytes_of(text, n), &copy)
				   : scope_fault(row->s, ERR_NOMEM, "store: no memory");
	return copy ? copy : "";
}

bool store_sql_sha256(struct store_sql_row *row, uint8_t ret_sha256[32])
{
	int at = row->at++;
	const void *p = sqlite3_column_blob(row->stmt, at);
	bool is_there = p && sqlite3_column_bytes(row->stmt, at) == 32;
	if (is_there)
		memcpy(ret_sha256, p, 32);
	else
		memset(ret_sha256, 0, 32);
	return is_there;
}

struct instant store_sql_instant(struct store_sql_row *row)
{
	if (sqlite3_column_type(row->stmt, row->at) == SQLITE_NULL) {
		row->at++;
		return INSTANT_NONE;
	}
	return (struct instant){ store_sql_number(row) };
}

int store_sql_word(struct store_sql_row *row, const char *const *names, int n)
{
	const char *text = (const char *)sqlite3_column_text(row->stmt, row->at++);
	for (int i = 0; text && i < n; i++)
		if (!strcmp(names[i], text))
			return i;
	if (row->failed == OK)
		row->failed =
		    scope_fault(row->s, ERR_FORMAT, "store: an unknown word in the database");
	return 0;
}
