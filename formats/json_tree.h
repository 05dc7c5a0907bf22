/*
 * JSON texts (RFC 8259) as trees of plain structs. Strict: UTF-8, no comments, no key twice in an
 * object, no U+0000, nothing after the value. Numbers with a fraction or an exponent are told apart
 * from integers and carry no value: nothing here is measured in them.
 *
 * Writing is base/json.h's matter.
 */
#ifndef BULLA_FORMATS_JSON_TREE_H
#define BULLA_FORMATS_JSON_TREE_H

#include <stdbool.h>

#include "base/bytes.h"

enum json_tree_kind {
	JSON_TREE_NULL,
	JSON_TREE_BOOL,
	JSON_TREE_INTEGER,
	JSON_TREE_REAL,
	JSON_TREE_TEXT,
	JSON_TREE_ARRAY,
	JSON_TREE_OBJECT,
};

struct json_tree {
	enum json_tree_kind kind;
	const char *key;  /* in an object, else NULL; UTF-8 */
	bool truth;       /* of a boolean */
	int64_t number;   /* of an integer */
	const char *text; /* of a string; UTF-8 */
	const struct json_tree *item;
	size_t n; /* elements of an array, members of an object in their order */
};

/* Reads one JSON text into the scope; `text` is not needed afterwards. ERR_FORMAT with the path of
 * the fault: "$.a.b[2]: line 7: ..."; ERR_LIMIT beyond LIMIT_JSON octets or LIMIT_JSON_DEPTH. */
must_check enum err json_tree_parse(
    struct scope *s, struct bytes text, const struct json_tree **ret_tree);
/* The member of an object, or NULL. */
const struct json_tree *json_tree_find(const struct json_tree *object, const char *key);

#endif
