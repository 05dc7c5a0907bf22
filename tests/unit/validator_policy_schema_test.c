/*
 * validator/policy.schema.json and the loader are the same rules: each key of one is a key of the
 * other, and values made from the schema, just inside and just outside of what it says, are taken
 * or refused accordingly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "validator/embed.h"
#include "validator/policy.h"

EMBED(schema_text, "validator/policy.schema.json");

struct fixture {
	struct scope *s;
	const struct json_tree *schema;
	size_t n_values; /* tried */
};

static const struct json_tree *follow(const struct fixture *f, const struct json_tree *node)
{
	const struct json_tree *ref = json_tree_find(node, "$ref");
	if (!ref)
		return node;
	assert_int_equal(strncmp(ref->text, "#/$defs/", 8), 0);
	const struct json_tree *to =
	    json_tree_find(json_tree_find(f->schema, "$defs"), ref->text + 8);
	assert_non_null(to);
	return to;
}

/* -- keys -- */

static bool is_input_only(const char *key)
{
	return strcmp(key, "extends") == 0 || strcmp(key, "all") == 0;
}

static void same_keys(
    const struct fixture *f, const struct json_tree *schema, const struct json_tree *written)
{
	const struct json_tree *properties = json_tree_find(follow(f, schema), "properties");
	if (!properties)
		return; /* no object, or one whose keys are not fixed */
	size_t n = 0;
	for (size_t i = 0; i < properties->n; i++) {
		const struct json_tree *one = &properties->item[i];
		const struct json_tree *value = json_tree_find(written, one->key);
		if (is_input_only(one->key))
			continue;
		if (!value)
			fail_msg("%s is in the schema alone", one->key);
		same_keys(f, one, value);
		n++;
	}
	for (size_t i = 0; i < written->n; i++)
		if (!json_tree_find(properties, written->item[i].key))
			fail_msg("%s is not in the schema", written->item[i].key);
	assert_int_equal(n, written->n);
	assert_false(json_tree_find(follow(f, schema), "additionalProperties")->truth);
}

static void test_keys(void **state)
{
	struct fixture *f = *state;
	struct bytes text;
	const struct json_tree *written;
	assert_int_equal(policy_canonical(f->s, policy_default(), &text), OK);
	assert_int_equal(json_tree_parse(f->s, text, &written), OK);
	same_keys(f, f->schema, written);
}

/* -- values -- */

/* Where a value goes: the text of a policy before and after it. */
struct spot {
	const char *before, *after;
};

static char *joined(struct scope *s, const char *a, const char *b, const char *c, const char *d)
{
	char *text;
	struct buf buf = buf_new(s, SIZE_MAX);
	buf_add_str(&buf, a);
	buf_add_str(&buf, b);
	buf_add_str(&buf, c);
	buf_add_str(&buf, d);
	assert_int_equal(buf_done_str(&buf, &text), OK);
	return text;
}

static void try(struct fixture *f, struct spot at, const char *value, bool good)
{
	struct scope *s = scope_new(0);
	const struct policy *p;
	char *text = joined(s, at.before, value, at.after, "");
	enum err err = policy_parse(s, bytes_of_str(text), &p);
	if (err != (good ? OK : ERR_FORMAT))
		fail_msg("%.300s: %s", text, err ? scope_fault_text(s) : "taken");
	f->n_values++;
	scope_free(s);
}

static void probe(struct fixture *f, const struct json_tree *schema, struct spot at);

static void probe_integer(struct fixture *f, const struct json_tree *schema, struct spot at)
{
	char text[32];
	int64_t min = json_tree_find(schema, "minimum")->number;
	int64_t max = json_tree_find(schema, "maximum")->number;
	const int64_t values[] = { min, max, min - 1, max + 1 };
	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%lld", (long long)values[i]);
		try(f, at, text, i < 2);
	}
	try(f, at, "1.5", false);
	try(f, at, "\"1\"", false);
}

static const char *quoted(struct scope *s, const char *text)
{
	return joined(s, "\"", text, "\"", "");
}

/* A text of so many characters of two octets each. */
static const char *long_text(struct scope *s, size_t n)
{
	char *text;
	struct buf b = buf_new(s, SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&b, "\xc3\xa9");
	assert_int_equal(buf_done_str(&b, &text), OK);
	return quoted(s, text);
}

/* Good and bad ones for each pattern of the schema. */
static void probe_pattern(struct fixture *f, const char *pattern, struct spot at)
{
	static const struct {
		const char *pattern, *good[3], *bad[6];
	} known[] = {
		{ "^[0-2]\\.[0-9]+(\\.[0-9]+)*$", { "1.2", "2.999.3", "0.4.0.1862.1.1" },
		    { "1", "3.1", "1.2.", "1..2", "1.2 ", "a" } },
		{ "^[0-9a-f]{64}$",
		    { "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" },
		    { "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
			"0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
			"000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" } },
		{ "^([0-9]{4}-[0-9]{2}-[0-9]{2}|forever|never)$",
		    { "2029-01-01", "forever", "never" },
		    { "2029-1-1", "2029-01-01T00:00:00Z", "Forever", " never", "2029/01/01" } },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(pattern, known[i].pattern) != 0)
			continue;
		for (size_t k = 0; k < 3 && known[i].good[k]; k++)
			try(f, at, quoted(f->s, known[i].good[k]), true);
		for (size_t k = 0; k < 6 && known[i].bad[k]; k++)
			try(f, at, quoted(f->s, known[i].bad[k]), false);
		return;
	}
	fail_msg("pattern without examples: %s", pattern);
}

static void probe_text(struct fixture *f, const struct json_tree *schema, struct spot at)
{
	const struct json_tree *pattern = json_tree_find(schema, "pattern");
	const struct json_tree *max = json_tree_find(schema, "maxLength");
	try(f, at, "1", false);
	try(f, at, "[\"x\"]", false);
	if (pattern) {
		try(f, at, "\"\"", false);
		probe_pattern(f, pattern->text, at);
		return;
	}
	try(f, at, "\"x\"", true);
	try(f, at, "\"\"", !json_tree_find(schema, "minLength"));
	if (strstr(at.before, "classesAccepted"))
		return; /* only names of classes */
	try(f, at, long_text(f->s, (size_t)max->number), true);
	try(f, at, long_text(f->s, (size_t)max->number + 1), false);
}

static void probe_words(struct fixture *f, const struct json_tree *words, struct spot at)
{
	for (size_t i = 0; i < words->n; i++)
		try(f, at, quoted(f->s, words->item[i].text), true);
	try(f, at, "\"other\"", false);
	try(f, at, "\"unknown\"", false);
	try(f, at, "\"\"", false);
	try(f, at, "0", false);
}

static void probe_array(struct fixture *f, const struct json_tree *schema, struct spot at)
{
	const struct json_tree *items = follow(f, json_tree_find(schema, "items"));
	const struct json_tree *words = json_tree_find(items, "enum");
	const char *first = words ? quoted(f->s, words->item[0].text) : NULL;
	try(f, at, "[]", !json_tree_find(schema, "minItems"));
	try(f, at, "{}", false);
	try(f, at, "[[]]", false);
	assert_int_equal(json_tree_find(schema, "maxItems")->number, LIMIT_POLICY_LIST);
	if (first)
		try(f, at, joined(f->s, "[", first, ",", joined(f->s, first, "]", "", "")),
		    !json_tree_find(schema, "uniqueItems"));
	probe(f, items,
	    (struct spot){
		joined(f->s, at.before, "[", "", ""), joined(f->s, "]", at.after, "", "") });
}

/* What a value cannot be without. */
static const char *sibling_of(const char *key)
{
	if (strcmp(key, "classesAccepted") == 0)
		return "\"classes\":{\"x\":[]},";
	return strcmp(key, "place") == 0 ? "\"oid\":\"1.2.3\"," : "";
}

static struct spot inside(struct fixture *f, struct spot at, const char *key, bool is_top)
{
	const char *sibling =
	    is_top && strcmp(key, "name") != 0 ? "\"name\":\"x\"," : sibling_of(key);
	return (
	    struct spot){ joined(f->s, at.before, "{", sibling, joined(f->s, "\"", key, "\":", "")),
		joined(f->s, "}", at.after, "", "") };
}

static void probe_map(struct fixture *f, const struct json_tree *schema, struct spot at)
{
	const struct json_tree *names = json_tree_find(schema, "propertyNames");
	probe(f, json_tree_find(schema, "additionalProperties"),
	    inside(f, at, names ? "2048" : "B", false));
	if (!names)
		return;
	assert_string_equal(json_tree_find(names, "pattern")->text, "^(0|[1-9][0-9]{0,4})$");
	static const char *const good[] = { "0", "1", "99999" };
	static const char *const bad[] = { "", "00", "01", "100000", "-1", "1.5", "RSA" };
	for (size_t i = 0; i < 3; i++)
		try(f, inside(f, at, good[i], false), "\"never\"", true);
	for (size_t i = 0; i < 7; i++)
		try(f, inside(f, at, bad[i], false), "\"never\"", false);
	assert_int_equal(json_tree_find(schema, "maxProperties")->number, POLICY_SIZES);
	const char *many = "";
	for (int i = 1; i <= POLICY_SIZES; i++) {
		char one[32];
		snprintf(one, sizeof(one), "%s\"%d\":\"never\"", i > 1 ? "," : "", i);
		many = joined(f->s, many, one, "", "");
	}
	try(f, at, joined(f->s, "{", many, "}", ""), true);
	try(f, at, joined(f->s, "{", many, ",\"9\":\"never\"}", ""), false);
}

static void probe_object(struct fixture *f, const struct json_tree *schema, struct spot at)
{
	const struct json_tree *properties = json_tree_find(schema, "properties");
	bool is_top = schema == f->schema;
	try(f, at, "[]", false);
	try(f, at, "true", false);
	try(f, at, "{}", !json_tree_find(schema, "required"));
	if (!properties) {
		probe_map(f, schema, at);
		return;
	}
	try(f, inside(f, at, "other", is_top), "1", false);
	try(f, inside(f, at, "other", is_top), "{}", false);
	for (size_t i = 0; i < properties->n; i++) {
		const struct json_tree *one = &properties->item[i];
		probe(f, one, inside(f, at, one->key, is_top));
	}
}

static void probe(struct fixture *f, const struct json_tree *given, struct spot at)
{
	const struct json_tree *schema = follow(f, given);
	const struct json_tree *type = json_tree_find(schema, "type");
	const struct json_tree *words = json_tree_find(schema, "enum");
	const struct json_tree *either = json_tree_find(schema, "oneOf");
	if (!either)
		either = json_tree_find(schema, "anyOf");
	try(f, at, "null", false);
	if (words) {
		probe_words(f, words, at);
	} else if (either && json_tree_find(&either->item[1], "const")) { /* an OID or nothing */
		try(f, at, "\"\"", true);
		try(f, at, "\"1.2.3\"", true);
		try(f, at, "\"x\"", false);
	} else if (either) { /* one end, or one for each size */
		try(f, at, "\"never\"", true);
		try(f, at, "\"soon\"", false);
		probe_map(f, &either->item[1], at);
	} else if (strcmp(type->text, "boolean") == 0) {
		try(f, at, "true", true);
		try(f, at, "false", true);
		try(f, at, "1", false);
		try(f, at, "\"true\"", false);
	} else if (strcmp(type->text, "integer") == 0) {
		probe_integer(f, schema, at);
	} else if (strcmp(type->text, "string") == 0) {
		probe_text(f, schema, at);
	} else if (strcmp(type->text, "array") == 0) {
		probe_array(f, schema, at);
	} else {
		assert_string_equal(type->text, "object");
		probe_object(f, schema, at);
	}
}

static void test_values(void **state)
{
	struct fixture *f = *state;
	probe(f, f->schema, (struct spot){ "", "" });
	assert_true(f->n_values > 1000);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	f->s = scope_new(0);
	assert_int_equal(
	    json_tree_parse(
		f->s, bytes_of(schema_text, (size_t)(schema_text_end - schema_text)), &f->schema),
	    OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	scope_free(f->s);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
