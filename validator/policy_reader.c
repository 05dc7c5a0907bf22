#include "validator/policy_reader.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

static void add_place(struct buf *b, const struct policy_place *at)
{
	if (!at->up) {
		buf_add_byte(b, '$');
		return;
	}
	add_place(b, at->up);
	if (at->value->key)
		buf_addf(b, ".%.100s", at->value->key);
	else
		buf_addf(b, "[%zu]", at->index);
}

enum err policy_reader_refuse(struct scope *s, const struct policy_place *at, const char *why)
{
	char *path;
	struct buf b = buf_new(s, LIMIT_FAULT_TEXT * 4);
	add_place(&b, at);
	TRY(buf_done_str(&b, &path));
	return scope_fault(s, ERR_FORMAT, "policy: %s: %s", path, why);
}

struct policy_place policy_reader_inside(const struct policy_place *up, size_t i)
{
	return (struct policy_place){ .up = up, .value = &up->value->item[i], .index = i };
}

enum err policy_reader_want(
    struct scope *s, const struct policy_place *at, enum json_tree_kind kind, const char *what)
{
	return at->value->kind == kind ? OK : policy_reader_refuse(s, at, what);
}

/* -- single values -- */

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

enum err policy_reader_text(
    struct scope *s, const struct policy_place *at, bool wants_some, const char **ret_text)
{
	TRY(policy_reader_want(s, at, JSON_TREE_TEXT, "not a text"));
	if (wants_some && at->value->text[0] == '\0')
		return policy_reader_refuse(s, at, "empty");
	if (characters(at->value->text) > POLICY_FIELD_TEXT_MAX)
		return policy_reader_refuse(s, at, "too long");
	*ret_text = at->value->text;
	return OK;
}

enum err policy_reader_bool(struct scope *s, const struct policy_place *at, bool *ret_truth)
{
	TRY(policy_reader_want(s, at, JSON_TREE_BOOL, "neither true nor false"));
	*ret_truth = at->value->truth;
	return OK;
}

enum err policy_reader_seconds(struct scope *s, const struct policy_place *at, int64_t *ret_seconds)
{
	int64_t n = at->value->number;
	TRY(policy_reader_want(s, at, JSON_TREE_INTEGER, "not a number of seconds"));
	if (n < 0 || n > POLICY_FIELD_SECONDS_MAX)
		return policy_reader_refuse(s, at, "not between 0 and 3155760000 seconds");
	*ret_seconds = n;
	return OK;
}

/* Digits and full stops, as the schema has it: der_oid_of_text sees to the rest. */
static bool is_dotted(const char *text)
{
	return text[0] >= '0' && text[0] <= '2' && text[1] == '.' &&
	       strspn(text, "0123456789.") == strlen(text) && strlen(text) <= 128;
}

enum err policy_reader_oid(struct scope *s, const struct policy_place *at, struct bytes *ret_oid)
{
	const char *text = at->value->text;
	TRY(policy_reader_want(s, at, JSON_TREE_TEXT, "not an object identifier"));
	enum err err = is_dotted(text) ? der_oid_of_text(s, text, ret_oid) : ERR_FORMAT;
	if (err != ERR_FORMAT)
		return err;
	scope_forgive(s);
	return policy_reader_refuse(s, at, "not an object identifier like 1.2.3");
}

enum err policy_reader_sha256(
    struct scope *s, const struct policy_place *at, struct bytes *ret_octets)
{
	const char *text = at->value->text;
	TRY(policy_reader_want(s, at, JSON_TREE_TEXT, "not a SHA-256 value"));
	if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return policy_reader_refuse(
		    s, at, "not a SHA-256 value: 64 hexadecimal digits in lower case");
	return bytes_of_hex(s, bytes_of_str(text), ret_octets);
}

enum err policy_reader_word(
    struct scope *s, const struct policy_place *at, const struct policy_field *f, unsigned *ret_i)
{
	TRY(policy_reader_want(s, at, JSON_TREE_TEXT, "not a word"));
	return policy_fields_find(f->word, at->value->text, ret_i)
		   ? OK
		   : policy_reader_refuse(s, at, "not a word that is known here");
}

/* -- lists -- */

static enum err want_list(struct scope *s, const struct policy_place *at)
{
	TRY(policy_reader_want(s, at, JSON_TREE_ARRAY, "not a list"));
	return at->value->n > LIMIT_POLICY_LIST ? policy_reader_refuse(s, at, "too many entries")
						: OK;
}

enum err policy_reader_flags(struct scope *s, const struct policy_place *at,
    const struct policy_field *f, uint32_t *ret_flags)
{
	uint32_t flags = 0;
	unsigned bit;
	TRY(want_list(s, at));
	if (f->wants_some && at->value->n == 0)
		return policy_reader_refuse(s, at, "empty");
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		TRY(policy_reader_word(s, &one, f, &bit));
		if (flags & (1u << bit))
			return policy_reader_refuse(s, &one, "twice");
		flags |= 1u << bit;
	}
	*ret_flags = flags;
	return OK;
}

enum err policy_reader_octets_list(struct scope *s, const struct policy_place *at,
    policy_reader_octets *read, const struct bytes **ret_items, size_t *ret_n)
{
	TRY(want_list(s, at));
	struct bytes *items = scope_alloc_array(s, at->value->n, sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		TRY(read(s, &one, &items[i]));
	}
	*ret_items = items;
	*ret_n = at->value->n;
	return OK;
}

enum err policy_reader_texts(
    struct scope *s, const struct policy_place *at, const char *const **ret_items, size_t *ret_n)
{
	TRY(want_list(s, at));
	const char **items = scope_alloc_array(s, at->value->n, sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		TRY(policy_reader_text(s, &one, true, &items[i]));
	}
	*ret_items = items;
	*ret_n = at->value->n;
	return OK;
}

enum err policy_reader_classes(struct scope *s, const struct policy_place *at,
    const struct policy_class **ret_items, size_t *ret_n)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	if (at->value->n > LIMIT_POLICY_LIST)
		return policy_reader_refuse(s, at, "too many entries");
	struct policy_class *items = scope_alloc_array(s, at->value->n, sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		items[i].name = one.value->key;
		TRY(policy_reader_octets_list(
		    s, &one, policy_reader_oid, &items[i].policies.item, &items[i].policies.n));
	}
	*ret_items = items;
	*ret_n = at->value->n;
	return OK;
}
