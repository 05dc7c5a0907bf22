/*
 * Values of a policy's JSON form, read strictly: each function takes the place of a value and gives
 * what it means, or ERR_FORMAT with the path of the place ("policy: $.timestamp.required: neither
 * true nor false"). Private to policy_parse.c and policy_algorithms.c.
 */
#ifndef BULLA_VALIDATOR_POLICY_READER_H
#define BULLA_VALIDATOR_POLICY_READER_H

#include "formats/json_tree.h"
#include "validator/policy_fields.h"

/* Where in the tree one is. */
struct policy_place {
	const struct policy_place *up; /* NULL: this is the whole */
	const struct json_tree *value;
	size_t index; /* in an array */
};

struct policy_place policy_reader_inside(const struct policy_place *up, size_t i);
/* ERR_FORMAT: "policy: PATH: why". */
enum err policy_reader_refuse(struct scope *s, const struct policy_place *at, const char *why);
/* OK if the value is of this kind, else refuses it: `what` says what it is not. */
must_check enum err policy_reader_want(
    struct scope *s, const struct policy_place *at, enum json_tree_kind kind, const char *what);

must_check enum err policy_reader_text(
    struct scope *s, const struct policy_place *at, bool wants_some, const char **ret_text);
must_check enum err policy_reader_bool(
    struct scope *s, const struct policy_place *at, bool *ret_truth);
must_check enum err policy_reader_seconds(
    struct scope *s, const struct policy_place *at, int64_t *ret_seconds);
must_check enum err policy_reader_word(
    struct scope *s, const struct policy_place *at, const struct policy_field *f, unsigned *ret_i);
must_check enum err policy_reader_flags(struct scope *s, const struct policy_place *at,
    const struct policy_field *f, uint32_t *ret_flags);

/* One value that is octets: an object identifier, a SHA-256. */
typedef enum err policy_reader_octets(
    struct scope *s, const struct policy_place *at, struct bytes *ret_octets);
must_check enum err policy_reader_oid(
    struct scope *s, const struct policy_place *at, struct bytes *ret_oid);
must_check enum err policy_reader_sha256(
    struct scope *s, const struct policy_place *at, struct bytes *ret_octets);

/* Lists, at most LIMIT_POLICY_LIST entries. */
must_check enum err policy_reader_octets_list(struct scope *s, const struct policy_place *at,
    policy_reader_octets *read, const struct bytes **ret_items, size_t *ret_n);
must_check enum err policy_reader_texts(
    struct scope *s, const struct policy_place *at, const char *const **ret_items, size_t *ret_n);
must_check enum err policy_reader_classes(struct scope *s, const struct policy_place *at,
    const struct policy_class **ret_items, size_t *ret_n);

#endif
