/*
 * One connection to the database, for one thread at a time: prepared statements that are kept,
 * values bound by position, rows read column by column. For the files of this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_SQL_H
#define BULLA_SERVICE_STORE_STORE_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/instant.h"

struct store_sql;

enum store_sql_mode {
	STORE_SQL_READ,
	STORE_SQL_WRITE, /* the file must be there */
};
/* Opens, hardened: no extension, no double-quoted strings, an untrusted schema, no memory mapping,
 * foreign keys, overwriting of what is deleted, WAL with a sync at each commit. ERR_IO,
 * ERR_FORMAT. Freed by store_sql_close, which takes NULL. */
must_check enum err store_sql_open(
    struct scope *s, const char *path, enum store_sql_mode mode, struct store_sql **ret_sql);
void store_sql_close(struct store_sql *c);

enum store_sql_kind {
	STORE_SQL_NULL,
	STORE_SQL_NUMBER,
	STORE_SQL_TEXT,
	STORE_SQL_OCTETS,
};
struct store_sql_value {
	enum store_sql_kind kind;
	int64_t number;
	struct bytes octets; /* borrowed until the call returns */
};
struct store_sql_values {
	const struct store_sql_value *value;
	size_t n;
};
/* For ?1, ?2, ... in this order. */
#define STORE_SQL_VALUES(...)                                                                      \
	((struct store_sql_values){ (const struct store_sql_value[]){ __VA_ARGS__ },               \
	    sizeof((const struct store_sql_value[]){ __VA_ARGS__ }) /                              \
		sizeof(struct store_sql_value) })
#define STORE_SQL_NOTHING ((struct store_sql_values){ NULL, 0 })

struct store_sql_value store_sql_of_number(int64_t number);
struct store_sql_value store_sql_of_text(const char *text);  /* NULL is NULL */
struct store_sql_value store_sql_of_words(const char *text); /* NULL is "" */
struct store_sql_value store_sql_of_octets(struct bytes octets);
struct store_sql_value store_sql_of_sha256(const uint8_t *sha256); /* NULL is NULL */
struct store_sql_value store_sql_of_instant(struct instant t);     /* unknown is NULL */

/* A row, whose columns are taken from left to right. Failures (no memory) are remembered, and come
 * out of the call that reads. What is taken lives in the scope. */
struct store_sql_row;
int64_t store_sql_number(struct store_sql_row *row); /* NULL is 0 */
bool store_sql_truth(struct store_sql_row *row);
const char *store_sql_text(struct store_sql_row *row); /* NULL stays */
struct bytes store_sql_octets(struct store_sql_row *row);
/* False and zeros unless the column has 32 octets. */
bool store_sql_sha256(struct store_sql_row *row, uint8_t ret_sha256[32]);
struct instant store_sql_instant(struct store_sql_row *row);
/* The place of the column's text among the n names; ERR_FORMAT when it is none of them. */
int store_sql_word(struct store_sql_row *row, const char *const *names, int n);

typedef enum err store_sql_reader(void *ctx, struct scope *s, struct store_sql_row *row);
/* Runs one statement, with a NULL reader for one that gives no rows. ERR_MISUSE: a constraint (what
 * must be unique is there, what is referred to is not); ERR_IO, ERR_NOMEM, ERR_LIMIT. */
must_check enum err store_sql_each(struct scope *s, struct store_sql *c, const char *sql,
    struct store_sql_values values, store_sql_reader *reader, void *ctx);
/* Of the last statement that changed rows. */
uint64_t store_sql_changes(const struct store_sql *c);
/* Several statements, without values or rows. */
must_check enum err store_sql_script(struct scope *s, struct store_sql *c, const char *sql);
/* One number: the first column of the first row, 0 when there is none. */
must_check enum err store_sql_one(struct scope *s, struct store_sql *c, const char *sql,
    struct store_sql_values values, int64_t *ret_number);

/* Each statement that was prepared and is kept: for those who ask how they are carried out. */
void store_sql_each_kept(
    const struct store_sql *c, void (*visit)(void *ctx, const char *sql), void *ctx);

/* The disk or the database itself failed since this was last asked: what the transaction did cannot
 * be trusted. Asking clears it. */
bool store_sql_is_lost(struct store_sql *c);
bool store_sql_in_transaction(const struct store_sql *c);

#endif
