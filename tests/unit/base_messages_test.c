#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/messages.h"
#include "base/messages_plural.h"
#include "base/scope.h"

#define HEADER(plural)                                                                             \
	"Language: xx\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: " plural "\n"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

struct text {
	const char *id;
	size_t id_n;
	const char *text;
	size_t text_n;
};
#define TEXT(id, text)                                                                             \
	{                                                                                          \
		id, sizeof(id) - 1, text, sizeof(text) - 1                                         \
	}

static void add_number(struct buf *b, bool big, size_t n)
{
	for (int i = 0; i < 4; i++)
		buf_add_byte(b, (uint8_t)(n >> 8 * (big ? 3 - i : i)));
}

/* A catalogue of these texts in this order. */
static struct bytes make(struct scope *s, const struct text *texts, size_t n, bool big)
{
	struct buf b = buf_new(s, 65536);
	struct bytes mo;
	size_t at = 28 + 16 * n;
	const size_t head[] = { 0x950412de, 0, n, 28, 28 + 8 * n, 0, 28 + 16 * n };
	for (size_t i = 0; i < 7; i++)
		add_number(&b, big, head[i]);
	for (size_t i = 0; i < n; at += texts[i++].id_n + 1) {
		add_number(&b, big, texts[i].id_n);
		add_number(&b, big, at);
	}
	for (size_t i = 0; i < n; at += texts[i++].text_n + 1) {
		add_number(&b, big, texts[i].text_n);
		add_number(&b, big, at);
	}
	for (size_t i = 0; i < n; i++)
		buf_add(&b, bytes_of(texts[i].id, texts[i].id_n + 1));
	for (size_t i = 0; i < n; i++)
		buf_add(&b, bytes_of(texts[i].text, texts[i].text_n + 1));
	assert_int_equal(buf_done(&b, &mo), OK);
	return mo;
}

static const struct text usual[] = {
	TEXT("", HEADER("nplurals=2; plural=(n != 1);")),
	TEXT("No", "Nem"),
	TEXT("Yes", "Igen"),
	TEXT("empty", ""),
	TEXT("{n} dog\0{n} dogs", "{n} kutya\0{n} kutyak"),
};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

static void test_texts(void **state)
{
	for (int big = 0; big < 2; big++) {
		const struct messages *m;
		struct bytes mo = make(*state, usual, USUAL, big);
		assert_int_equal(messages_parse(*state, mo, &m), OK);
		assert_string_equal(messages_language(m), "xx");
		assert_string_equal(messages_text(m, "Yes"), "Igen");
		assert_string_equal(messages_text(m, "No"), "Nem");
		assert_string_equal(messages_text(m, "Perhaps"), "Perhaps");
		assert_string_equal(messages_text(m, "empty"), "empty");
		assert_string_equal(messages_text(m, ""), "");
		assert_string_equal(messages_plural(m, "{n} dog", "{n} dogs", 1), "{n} kutya");
		assert_string_equal(messages_plural(m, "{n} dog", "{n} dogs", 0), "{n} kutyak");
		assert_string_equal(messages_plural(m, "{n} cat", "{n} cats", 2), "{n} cats");
		assert_string_equal(messages_plural(m, "Yes", "Yeses", 2), "Yeses");
	}
}

static void test_english(void **state)
{
	(void)state;
	assert_string_equal(messages_language(NULL), "en");
	assert_string_equal(messages_text(NULL, "Yes"), "Yes");
	assert_string_equal(messages_plural(NULL, "{n} dog", "{n} dogs", 1), "{n} dog");
	assert_string_equal(messages_plural(NULL, "{n} dog", "{n} dogs", 0), "{n} dogs");
}

static void refuse(struct scope *s, struct bytes mo)
{
	const struct messages *m = NULL;
	assert_int_equal(messages_parse(s, mo, &m), ERR_FORMAT);
	assert_null(m);
}

/* A copy of every length in a block of its own, so that a sanitizer sees a read past the end. */
static void test_cut_short(void **state)
{
	struct bytes mo = make(*state, usual, USUAL, false);
	for (size_t n = 0; n < mo.n; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		struct scope *s = scope_new(0);
		assert_non_null(cut);
		memcpy(cut, mo.p, n);
		refuse(s, bytes_of(cut, n));
		scope_free(s);
		free(cut);
	}
}

/* No octet can be such that reading goes astray. */
static void test_every_octet_changed(void **state)
{
	struct bytes mo = make(*state, usual, USUAL, false);
	for (size_t i = 0; i < mo.n; i++) {
		for (unsigned to = 0; to < 256; to += to < 8 ? 1 : 31) {
			const struct messages *m;
			struct scope *s = scope_new(0);
			uint8_t *copy = malloc(mo.n);
			assert_non_null(copy);
			memcpy(copy, mo.p, mo.n);
			copy[i] = (uint8_t)to;
			if (messages_parse(s, bytes_of(copy, mo.n), &m) == OK) {
				messages_text(m, "Yes");
				for (uint64_t n = 0; n < 5; n++)
					messages_plural(m, "{n} dog", "{n} dogs", n);
			}
			scope_free(s);
			free(copy);
		}
	}
}

static void test_refused(void **state)
{
	struct text texts[USUAL];
	struct scope *s = *state;
#define WITH(i, ...)                                                                               \
	memcpy(texts, usual, sizeof(usual));                                                       \
	texts[i] = (struct text)TEXT(__VA_ARGS__);                                                 \
	refuse(s, make(s, texts, USUAL, false))
	WITH(0, "", "Language: xx\nContent-Type: text/plain; charset=UTF-8\n");
	WITH(0, "",
	    "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n");
	WITH(0, "",
	    "Language: xx\nContent-Type: text/plain; charset=LATIN2\n"
	    "Plural-Forms: nplurals=2; plural=(n != 1);\n");
	WITH(0, "", HEADER("nplurals=3; plural=(n != 1);")); /* the entry has two forms */
	WITH(0, "", HEADER("nplurals=2; plural=n;"));        /* 2 dogs have no form */
	WITH(1, "Zo", "Nem");                                /* out of order */
	WITH(1, "Yes", "Nem");                               /* twice */
	WITH(1, "No", "Ne\0m");                              /* a form too many */
	WITH(4, "{n} dog\0{n} dogs", "{n} kutya");           /* a form too few */
	WITH(4, "{n} dog\0{n} dogs\0x", "{n} kutya\0{n} kutyak");
#undef WITH
	refuse(s, make(s, usual + 1, USUAL - 1, false)); /* no header */
	refuse(s, make(s, usual, 0, false));
}

static size_t form_of(const char *rule, uint64_t n)
{
	struct messages_plural p;
	assert_true(messages_plural_parse(bytes_of_str(rule), &p));
	return messages_plural_form(&p, n);
}

static void test_plural_rules(void **state)
{
	static const char uk[] =
	    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 "
	    "&& (n%100<10 || n%100>=20) ? 1 : 2);";
	static const struct {
		const char *rule;
		uint64_t n;
		size_t form;
	} cases[] = {
		{ "nplurals=1; plural=0;", 7, 0 },
		{ "nplurals=2; plural=n != 1", 1, 0 },
		{ "nplurals=2; plural=n>1;", 0, 0 },
		{ "nplurals=2; plural=!(n==1);", 5, 1 },
		{ "nplurals=2; plural=(n+3)*2-6 >= 2*1;", 1, 1 },
		{ "nplurals=2; plural=n/2 < 1 || n <= 1;", 1, 1 },
		{ uk, 1, 0 },
		{ uk, 3, 1 },
		{ uk, 5, 2 },
		{ uk, 11, 2 },
		{ uk, 12, 2 },
		{ uk, 21, 0 },
		{ uk, 22, 1 },
		{ uk, 111, 2 },
		{ uk, 1000000000001u, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(form_of(cases[i].rule, cases[i].n), cases[i].form);
}

static void test_bad_plural_rules(void **state)
{
	static const char *const rules[] = { "", "nplurals=2", "nplurals=0; plural=0;",
		"nplurals=7; plural=0;", "nplurals=2; plural=;", "nplurals=2; plural=n m;",
		"nplurals=2; plural=(n;", "nplurals=2; plural=n?1;", "nplurals=2; plural=1/n;",
		"nplurals=2; plural=n%0;", "nplurals=2; plural=2;", "nplurals=2; plural=n==;",
		"nplurals=2; plural=99999999999999999999;", "plural=0; nplurals=1;" };
	char deep[600] = "nplurals=1; plural=";
	struct messages_plural p;
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (messages_plural_parse(bytes_of_str(rules[i]), &p))
			fail_msg("taken: %s", rules[i]);
	memset(deep + strlen(deep), '(', 500);
	assert_false(messages_plural_parse(bytes_of_str(deep), &p));
	memset(deep + 19, '!', 500);
	assert_false(messages_plural_parse(bytes_of_str(deep), &p));
}

static void test_fill(void **state)
{
	const struct messages_value values[] = { { "who", "{when} & <b>" }, { "when", "now" },
		{ "nobody", NULL }, { 0 } };
	char *text;
	assert_int_equal(
	    messages_fill(*state, "{when}: {who}{nobody}, {what} {", values, &text), OK);
	assert_string_equal(text, "now: {when} & <b>, {what} {");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_texts),
		TEST(test_english),
		TEST(test_cut_short),
		TEST(test_every_octet_changed),
		TEST(test_refused),
		TEST(test_plural_rules),
		TEST(test_bad_plural_rules),
		TEST(test_fill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
