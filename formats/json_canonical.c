#include "formats/json_canonical.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* The code point at p, which is well-formed UTF-8. */
static uint32_t code_point(const uint8_t *p)
{
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xe0)
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	if (p[0] < 0xf0)
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	       (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

/* RFC 8785 3.2.3: a character beyond the basic plane counts as its surrogates. */
static uint32_t first_unit(uint32_t c)
{
	return c < 0x10000 ? c : 0xd800 + ((c - 0x10000) >> 10);
}

static int compare_names(const char *a, const char *b)
{
	const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b;
	size_t i = 0;
	while (p[i] && p[i] == q[i])
		i++;
	if (p[i] == q[i])
		return 0;
	while (i && ((p[i] & 0xc0) == 0x80 || (q[i] & 0xc0) == 0x80))
		i--;
	const uint32_t x = code_point(p + i), y = code_point(q + i);
	const uint32_t u = first_unit(x), v = first_unit(y);
	if (u != v)
		return u < v ? -1 : 1;
	return x < y ? -1 : 1;
}

static int compare_members(const void *a, const void *b)
{
	const struct json_tree *const *x = a, *const *y = b;
	return compare_names((*x)->key, (*y)->key);
}

void json_canonical_add_string(struct buf *b, const char *text)
{
	buf_add_byte(b, '"');
	for (const char *p = text; *p; p++) {
		static const char letters[] = "btnvfr"; /* from U+0008 on */
		const uint8_t c = (uint8_t)*p;
		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			buf_addf(b, "\\%c", letters[c - 8]);
		else if (c < 0x20)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add_byte(b, c);
	}
	buf_add_byte(b, '"');
}

static enum err add(struct scope *s, struct buf *b, const struct json_tree *t);

static enum err add_members(struct scope *s, struct buf *b, const struct json_tree *t)
{
	const struct json_tree **sorted = scope_alloc_array(s, t->n, sizeof *sorted);
	if (!sorted)
		return ERR_NOMEM;
	for (size_t i = 0; i < t->n; i++)
		sorted[i] = &t->item[i];
	if (t->n)
		qsort(sorted, t->n, sizeof *sorted, compare_members);
	buf_add_byte(b, '{');
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			buf_add_byte(b, ',');
		json_canonical_add_string(b, sorted[i]->key);
		buf_add_byte(b, ':');
		TRY(add(s, b, sorted[i]));
	}
	buf_add_byte(b, '}');
	return OK;
}

static enum err add_items(struct scope *s, struct buf *b, const struct json_tree *t)
{
	buf_add_byte(b, '[');
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			buf_add_byte(b, ',');
		TRY(add(s, b, &t->item[i]));
	}
	buf_add_byte(b, ']');
	return OK;
}

static enum err add_number(struct scope *s, struct buf *b, const struct json_tree *t)
{
	const char *name = t->key ? t->key : "a value";
	if (t->kind == JSON_TREE_REAL)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "%s: a number with a fraction or an exponent: write it as a string", name);
	if (t->number > JSON_CANONICAL_INTEGER || t->number < -JSON_CANONICAL_INTEGER)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "%s: an integer beyond 2^53 - 1: write it as a string", name);
	buf_addf(b, "%lld", (long long)t->number);
	return OK;
}

/* The depth is bounded by the parser. */
static enum err add(struct scope *s, struct buf *b, const struct json_tree *t)
{
	switch (t->kind) {
	case JSON_TREE_NULL:
		buf_add_str(b, "null");
		return OK;
	case JSON_TREE_BOOL:
		buf_add_str(b, t->truth ? "true" : "false");
		return OK;
	case JSON_TREE_INTEGER:
	case JSON_TREE_REAL:
		return add_number(s, b, t);
	case JSON_TREE_TEXT:
		json_canonical_add_string(b, t->text);
		return OK;
	case JSON_TREE_ARRAY:
		return add_items(s, b, t);
	case JSON_TREE_OBJECT:
		return add_members(s, b, t);
	default:
		return scope_fault(s, ERR_INTERNAL, "json: a value of no kind");
	}
}

enum err json_canonical_text(
    struct scope *s, const struct json_tree *tree, size_t most, struct bytes *ret_text)
{
	struct buf b = buf_new(s, most);
	TRY(add(s, &b, tree));
	char *text;
	TRY(buf_done_str(&b, &text));
	*ret_text = buf_bytes(&b);
	ret_text->p = (const uint8_t *)text;
	return OK;
}
