/* What a portal asks for, as JSON: read strictly; the bar code of its data; where officers may be
 * sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/sealing_request.h"

#define HEAD "\"partner\":\"01-1\",\"title\":\"T\""

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

static struct sealing_request parsed(struct scope *s, const char *json)
{
	struct sealing_request r;
	const enum err e = sealing_request_parse(s, bytes_of_str(json), &r);
	if (e != OK)
		fail_msg("%s: %s", json, scope_fault_text(s));
	return r;
}

static void refused(const char *json, const char *why)
{
	struct scope *s = scope_new(0);
	struct sealing_request r;
	assert_int_not_equal(sealing_request_parse(s, bytes_of_str(json), &r), OK);
	if (!strstr(scope_fault_text(s), why))
		fail_msg("%s: '%s' does not tell '%s'", json, scope_fault_text(s), why);
	scope_free(s);
}

static void all_members(void **state)
{
	const struct sealing_request r =
	    parsed(*state, "{\"partner\":\"pt_1\",\"reference\":\"A/"
			   "1\",\"title\":\"\xc5\x90szi\",\"data\":{\"b\":1,"
			   "\"a\":\"x\"},\"options\":{\"level\":\"B-LT\",\"visible\":{\"page\":1}},"
			   "\"returnUrl\":\"https://portal.example/a\"}");
	assert_string_equal(r.partner, "pt_1");
	assert_string_equal(r.reference, "A/1");
	assert_string_equal(r.title, "\xc5\x90szi");
	assert_string_equal((const char *)r.data.p, "{\"a\":\"x\",\"b\":1}");
	assert_string_equal(
	    (const char *)r.options.p, "{\"level\":\"B-LT\",\"visible\":{\"page\":1}}");
	assert_string_equal(r.return_url, "https://portal.example/a");
	assert_false(r.unattended);
}

static void few_members(void **state)
{
	const struct sealing_request r = parsed(*state, "{" HEAD "}");
	assert_string_equal(r.reference, "");
	assert_string_equal((const char *)r.data.p, "{}");
	assert_string_equal((const char *)r.options.p, "{}");
	assert_null(r.return_url);
	assert_true(parsed(*state, "{\"title\":\"T\",\"unattended\":true}").unattended);
}

static void what_is_not_known(void **state)
{
	(void)state;
	refused("[]", "not an object");
	refused("{" HEAD ",\"colour\":1}", "not known: colour");
	refused("{" HEAD ",\"options\":{\"colour\":1}}", "$.options");
	refused("{" HEAD "} x", "request: ");
	refused("{\"title\":\"T\",\"title\":\"U\",\"partner\":\"1\"}", "request: ");
	refused("", "request: ");
}

static void wrong_values(void **state)
{
	(void)state;
	refused("{\"partner\":\"1\"}", "$.title: missing");
	refused("{\"title\":\"T\"}", "$.partner: missing");
	refused("{\"title\":\"\",\"partner\":\"1\"}", "$.title: empty");
	refused("{\"title\":7,\"partner\":\"1\"}", "$.title: not a text");
	refused("{\"title\":\"a\\nb\",\"partner\":\"1\"}", "$.title: holds");
	refused("{\"title\":\"a\\u202eb\",\"partner\":\"1\"}", "$.title: holds");
	refused("{\"title\":\"a\\u0085b\",\"partner\":\"1\"}", "$.title: holds");
	refused("{" HEAD ",\"data\":[]}", "$.data: not an object");
	refused("{" HEAD ",\"data\":{\"sum\":1.5}}", "$.data: sum: a number with a fraction");
	refused("{" HEAD ",\"unattended\":1}", "$.unattended: neither");
	refused("{" HEAD ",\"unattended\":true}", "$.partner: not with unattended");
	refused("{" HEAD ",\"options\":{\"level\":\"B-B\"}}", "level");
	refused("{" HEAD ",\"options\":{\"visible\":{\"page\":0}}}", "page");
}

static void long_texts(void **state)
{
	char json[LIMIT_SEALING_TITLE + 64], title[LIMIT_SEALING_TITLE + 2];
	memset(title, 'x', sizeof title);
	title[LIMIT_SEALING_TITLE] = 0;
	snprintf(json, sizeof json, "{\"partner\":\"1\",\"title\":\"%s\"}", title);
	assert_int_equal(strlen(parsed(*state, json).title), LIMIT_SEALING_TITLE);
	title[LIMIT_SEALING_TITLE] = 'x';
	title[LIMIT_SEALING_TITLE + 1] = 0;
	snprintf(json, sizeof json, "{\"partner\":\"1\",\"title\":\"%s\"}", title);
	refused(json, "$.title: too long");
}

/* Any change of the data gives another one; another order of its members does not. */
static void barcodes(void **state)
{
	struct scope *s = *state;
	const char *a =
	    parsed(s, "{" HEAD ",\"reference\":\"R\",\"data\":{\"x\":1,\"y\":2}}").barcode;
	const char *b =
	    parsed(s, "{\"data\":{\"y\":2,\"x\":1},\"reference\":\"R\"," HEAD "}").barcode;
	const char *c =
	    parsed(s, "{" HEAD ",\"reference\":\"R\",\"data\":{\"x\":1,\"y\":3}}").barcode;
	const char *d =
	    parsed(s, "{" HEAD ",\"reference\":\"S\",\"data\":{\"x\":1,\"y\":2}}").barcode;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a, d);
	/* printf '{"data":{"x":1,"y":2},"reference":"R"}' | sha256sum */
	assert_string_equal(
	    a, "BULLA:1:3B90724FBFF99F98569A9F2D4221788A7DEE2FCAB66FA29351D2998E14EE0783");
}

static void barcodes_are_filled_in(void **state)
{
	struct scope *s = *state;
	const struct sealing_request r =
	    parsed(s, "{" HEAD ",\"options\":{\"visible\":{\"barcode\":{\"kind\":\"qr\"}}}}");
	assert_non_null(strstr((const char *)r.options.p, r.barcode));
	const struct sealing_request own = parsed(s,
	    "{" HEAD
	    ",\"options\":{\"visible\":{\"barcode\":{\"kind\":\"qr\",\"text\":\"mine\"}}}}");
	assert_non_null(strstr((const char *)own.options.p, "\"text\":\"mine\""));
	assert_null(strstr((const char *)own.options.p, "BULLA"));
}

static void ways_back(void **state)
{
	static const char *const prefixes[] = { "https://portal.example/app/",
		"http://127.0.0.1:8080", "http://plain.example/", "https://bare.example" };
	static const struct {
		const char *url;
		bool may;
	} cases[] = {
		{ "https://portal.example/app/", true },
		{ "https://portal.example/app/7?x=1#y", true },
		{ "https://portal.example/other", false },
		{ "https://portal.example.evil.example/app/", false },
		{ "https://portal.example@evil.example/app/", false },
		{ "https://portal.example/app/../other", false },
		{ "https://portal.example/app/%2e%2E/other", false },
		{ "https://portal.example/app/.%2e", false },
		{ "https://portal.example/app/x/%2e./y", false },
		{ "https://portal.example/app/./x", false },
		{ "https://portal.example/app/a..b/.c/d%2e?e=/../%2e%2e", true },
		{ "http://portal.example/app/", false },
		{ "https://bare.example/x", true },
		{ "https://bare.example", true },
		{ "https://bare.example.evil.example/x", false },
		{ "https://bare.example:444/", false },
		{ "http://127.0.0.1:8080/back", true },
		{ "http://127.0.0.1:80801/back", false },
		{ "http://plain.example/", false },
		{ "https://bare.example/\\evil", false },
		{ "https://bare.example/a b", false },
		{ "https://bare.example/\xc3\xa9", false },
		{ "javascript:alert(1)", false },
		{ "//bare.example/x", false },
		{ "", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sealing_request_may_return(cases[i].url, prefixes, 4) != cases[i].may)
			fail_msg("%s", cases[i].url);
	assert_false(sealing_request_may_return("https://bare.example/", NULL, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_members),
		TEST(few_members),
		TEST(what_is_not_known),
		TEST(wrong_values),
		TEST(long_texts),
		TEST(barcodes),
		TEST(barcodes_are_filled_in),
		TEST(ways_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
