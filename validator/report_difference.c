#include "validator/report_difference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "formats/json_tree.h"

/* Of one value, or of a path, in a line. */
#define SHOWN 200

struct comparison {
	struct buf lines;
	char path[SHOWN + 1];
	size_t n;
};

static void add_printable(struct buf *b, const char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n && i < SHOWN; i++)
		buf_add_byte(
		    b, (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : (uint8_t)text[i]);
	buf_add_str(b, n > SHOWN ? "..." : "");
}

static void add_value(struct buf *b, const struct json_tree *v)
{
	switch (v->kind) {
	case JSON_TREE_NULL:
		buf_add_str(b, "null");
		return;
	case JSON_TREE_BOOL:
		buf_add_str(b, v->truth ? "true" : "false");
		return;
	case JSON_TREE_INTEGER:
		buf_addf(b, "%" PRId64, v->number);
		return;
	case JSON_TREE_TEXT:
		buf_add_byte(b, '"');
		add_printable(b, v->text);
		buf_add_byte(b, '"');
		return;
	case JSON_TREE_REAL:
	case JSON_TREE_ARRAY:
	case JSON_TREE_OBJECT:
		break;
	}
	buf_add_str(b, v->kind == JSON_TREE_REAL    ? "a number"
		       : v->kind == JSON_TREE_ARRAY ? "[...]"
						    : "{...}");
}

/* NULL: it is not there. */
static void tell(struct comparison *c, const struct json_tree *was, const struct json_tree *is)
{
	if (c->n++ >= LIMIT_DIFFERENCES)
		return;
	add_printable(&c->lines, c->path);
	buf_add_str(&c->lines, ": was ");
	if (was)
		add_value(&c->lines, was);
	else
		buf_add_str(&c->lines, "not there");
	buf_add_str(&c->lines, ", is ");
	if (is)
		add_value(&c->lines, is);
	else
		buf_add_str(&c->lines, "not there");
	buf_add_byte(&c->lines, '\n');
}

static bool is_alike(const struct json_tree *a, const struct json_tree *b)
{
	return a->kind == b->kind && a->truth == b->truth && a->number == b->number &&
	       strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
}

/* -- findings -- */

/* "" for NULL too. */
static const char *member(const struct json_tree *object, const char *key)
{
	const struct json_tree *v =
	    object && object->kind == JSON_TREE_OBJECT ? json_tree_find(object, key) : NULL;
	return v && v->kind == JSON_TREE_TEXT ? v->text : "";
}

static bool has_finding(const struct json_tree *list, const struct json_tree *wanted)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(member(&list->item[i], "code"), member(wanted, "code")) &&
		    !strcmp(member(&list->item[i], "about"), member(wanted, "about")))
			return true;
	return false;
}

static void tell_finding(struct comparison *c, const struct json_tree *finding, const char *what)
{
	if (c->n++ >= LIMIT_DIFFERENCES)
		return;
	add_printable(&c->lines, c->path);
	buf_add_str(&c->lines, ": ");
	add_printable(&c->lines, member(finding, "code"));
	if (*member(finding, "about")) {
		buf_add_str(&c->lines, " (");
		add_printable(&c->lines, member(finding, "about"));
		buf_add_byte(&c->lines, ')');
	}
	buf_addf(&c->lines, " %s\n", what);
}

static void compare_findings(
    struct comparison *c, const struct json_tree *was, const struct json_tree *is)
{
	for (size_t i = 0; i < was->n; i++)
		if (!has_finding(is, &was->item[i]))
			tell_finding(c, &was->item[i], "is no more found");
	for (size_t i = 0; i < is->n; i++)
		if (!has_finding(was, &is->item[i]))
			tell_finding(c, &is->item[i], "is new");
}

/* -- trees -- */

static void compare(struct comparison *c, const struct json_tree *was, const struct json_tree *is);

/* The same one step down: ".key", ".S1" or "[3]". */
static void compare_below(
    struct comparison *c, const char *step, const struct json_tree *was, const struct json_tree *is)
{
	size_t n = strlen(c->path);
	snprintf(c->path + n, sizeof(c->path) - n, "%s%s", n && *step != '[' ? "." : "", step);
	if (was && is)
		compare(c, was, is);
	else
		tell(c, was, is);
	c->path[n] = '\0';
}

static void compare_objects(
    struct comparison *c, const struct json_tree *was, const struct json_tree *is)
{
	for (size_t i = 0; i < was->n; i++)
		compare_below(
		    c, was->item[i].key, &was->item[i], json_tree_find(is, was->item[i].key));
	for (size_t i = 0; i < is->n; i++)
		if (!json_tree_find(was, is->item[i].key))
			compare_below(c, is->item[i].key, NULL, &is->item[i]);
}

static void compare_arrays(
    struct comparison *c, const struct json_tree *was, const struct json_tree *is)
{
	for (size_t i = 0; i < was->n || i < is->n; i++) {
		const struct json_tree *a = i < was->n ? &was->item[i] : NULL;
		const struct json_tree *b = i < is->n ? &is->item[i] : NULL;
		const char *id = member(a ? a : b, "id");
		char step[32];
		snprintf(step, sizeof(step), "[%zu]", i);
		compare_below(c, *id ? id : step, a, b);
	}
}

/* As deep as the reader lets trees be. */
static void compare(struct comparison *c, const struct json_tree *was, const struct json_tree *is)
{
	if (was->kind == JSON_TREE_OBJECT && is->kind == JSON_TREE_OBJECT)
		compare_objects(c, was, is);
	else if (was->kind == JSON_TREE_ARRAY && is->kind == JSON_TREE_ARRAY)
		(was->key && !strcmp(was->key, "findings") ? compare_findings : compare_arrays)(
		    c, was, is);
	else if (!is_alike(was, is))
		tell(c, was, is);
}

enum err report_difference(
    struct scope *s, struct bytes was, struct bytes is, struct bytes *ret_lines)
{
	struct comparison c = { .lines = buf_new(s, LIMIT_REPORT) };
	const struct json_tree *a, *b;
	TRY(json_tree_parse(s, was, &a));
	TRY(json_tree_parse(s, is, &b));
	compare(&c, a, b);
	if (c.n > LIMIT_DIFFERENCES)
		buf_addf(&c.lines, "and %zu more\n", c.n - LIMIT_DIFFERENCES);
	return buf_done(&c.lines, ret_lines);
}
