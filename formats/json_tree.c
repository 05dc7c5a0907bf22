#include "formats/json_tree.h"

#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

/* -- where in the text a fault lies -- */

/* One open array or object on the way to a place. */
struct level {
	bool is_object, wants_key;
	size_t index;
	struct bytes key;
};

struct place {
	struct level level[LIMIT_JSON_DEPTH];
	size_t depth; /* may exceed the array: deeper levels are only counted */
};

static struct level *top_of(struct place *p)
{
	return p->depth > 0 && p->depth <= LIMIT_JSON_DEPTH ? &p->level[p->depth - 1] : NULL;
}

/* The content of the string that begins at text[at]; *ret_after is behind its quote. */
static struct bytes skip_string(struct bytes text, size_t at, size_t *ret_after)
{
	size_t end = at + 1;
	while (end < text.n && text.p[end] != '"')
		end += text.p[end] == '\\' ? 2 : 1;
	*ret_after = end + 1;
	return bytes_cut(text, at + 1, end - at - 1);
}

static void step(struct place *p, char c)
{
	struct level *top = top_of(p);
	if (c == '{' || c == '[') {
		p->depth++;
		top = top_of(p);
		if (top)
			*top = (struct level){ .is_object = c == '{', .wants_key = c == '{' };
	} else if ((c == '}' || c == ']') && p->depth > 0) {
		p->depth--;
	} else if (c == ',' && top) {
		top->index++;
		top->wants_key = top->is_object;
	}
}

/* Walks text that was found to be JSON so far. */
static void locate(struct bytes text, struct place *p)
{
	for (size_t at = 0; at < text.n;) {
		struct level *top = top_of(p);
		size_t after = at + 1;
		if (text.p[at] == '"') {
			struct bytes string = skip_string(text, at, &after);
			if (top && top->wants_key)
				top->key = string;
			if (top)
				top->wants_key = false;
		} else {
			step(p, (char)text.p[at]);
		}
		at = after;
	}
}

static enum err describe(struct scope *s, const struct place *p, char **ret_path)
{
	struct buf b = buf_new(s, LIMIT_JSON);
	buf_add_byte(&b, '$');
	for (size_t i = 0; i < p->depth && i < LIMIT_JSON_DEPTH; i++) {
		if (p->level[i].is_object && p->level[i].key.n > 0) {
			buf_add_byte(&b, '.');
			buf_add(&b, p->level[i].key);
		} else if (!p->level[i].is_object) {
			buf_addf(&b, "[%zu]", p->level[i].index);
		}
	}
	return buf_done_str(&b, ret_path);
}

static enum err refuse(struct scope *s, struct bytes text, const json_error_t *e)
{
	struct place p = { .depth = 0 };
	char *path;
	size_t at = e->position > 0 ? (size_t)e->position : 0;
	/* The library has read what it complains of; a bracket would lead out of the place. */
	if (at > 0 && at <= text.n && (text.p[at - 1] == ']' || text.p[at - 1] == '}'))
		at--;
	locate(bytes_cut(text, 0, at), &p);
	TRY(describe(s, &p, &path));
	return scope_fault(s, ERR_FORMAT, "%s: line %d: %s", path, e->line, e->text);
}

/* -- the tree -- */

static enum err convert(struct scope *s, const json_t *from, unsigned depth, struct json_tree *to);

static enum err convert_array(
    struct scope *s, const json_t *from, unsigned depth, struct json_tree *items)
{
	for (size_t i = 0; i < json_array_size(from); i++)
		TRY(convert(s, json_array_get(from, i), depth + 1, &items[i]));
	return OK;
}

static enum err convert_object(
    struct scope *s, json_t *from, unsigned depth, struct json_tree *items)
{
	char *key;
	for (void *at = json_object_iter(from); at; at = json_object_iter_next(from, at), items++) {
		TRY(bytes_to_str(s, bytes_of_str(json_object_iter_key(at)), &key));
		items->key = key;
		TRY(convert(s, json_object_iter_value(at), depth + 1, items));
	}
	return OK;
}

static enum err convert_container(
    struct scope *s, json_t *from, unsigned depth, struct json_tree *to)
{
	to->kind = json_is_array(from) ? JSON_TREE_ARRAY : JSON_TREE_OBJECT;
	to->n = json_is_array(from) ? json_array_size(from) : json_object_size(from);
	struct json_tree *items = scope_alloc_array(s, to->n, sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	to->item = items;
	if (depth == LIMIT_JSON_DEPTH)
		return scope_fault(s, ERR_LIMIT, "$: nested deeper than %d", LIMIT_JSON_DEPTH);
	return to->kind == JSON_TREE_ARRAY ? convert_array(s, from, depth, items)
					   : convert_object(s, from, depth, items);
}

static enum err convert(struct scope *s, const json_t *from, unsigned depth, struct json_tree *to)
{
	char *text;
	switch (json_typeof(from)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return convert_container(s, (json_t *)(uintptr_t)from, depth, to);
	case JSON_STRING:
		TRY(bytes_to_str(
		    s, bytes_of(json_string_value(from), json_string_length(from)), &text));
		to->text = text;
		to->kind = JSON_TREE_TEXT;
		break;
	case JSON_INTEGER:
		to->number = json_integer_value(from);
		to->kind = JSON_TREE_INTEGER;
		break;
	case JSON_REAL:
		to->kind = JSON_TREE_REAL;
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		to->truth = json_is_true(from);
		to->kind = JSON_TREE_BOOL;
		break;
	case JSON_NULL:
		to->kind = JSON_TREE_NULL;
		break;
	}
	return OK;
}

static void release_json(void *json)
{
	json_decref(json);
}

enum err json_tree_parse(struct scope *s, struct bytes text, const struct json_tree **ret_tree)
{
	json_error_t e;
	if (text.n > LIMIT_JSON)
		return scope_fault(s, ERR_LIMIT, "$: more than %d octets", LIMIT_JSON);
	json_t *json =
	    json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!json && json_error_code(&e) == json_error_out_of_memory)
		return scope_fault(s, ERR_NOMEM, "$: out of memory");
	if (!json)
		return refuse(s, text, &e);
	TRY(scope_own(s, json, release_json));
	struct json_tree *tree = scope_alloc(s, sizeof(*tree));
	if (!tree)
		return ERR_NOMEM;
	TRY(convert(s, json, 0, tree));
	*ret_tree = tree;
	return OK;
}

const struct json_tree *json_tree_find(const struct json_tree *object, const char *key)
{
	for (size_t i = 0; i < object->n; i++)
		if (object->item[i].key && strcmp(object->item[i].key, key) == 0)
			return &object->item[i];
	return NULL;
}
