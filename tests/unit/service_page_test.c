/* service/front/page: the frame, the reader's language, flash messages, problems; and the templates
 * as they are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/front/desk_queue.h"
#include "service/front/page_language.h"
#include "service/front/page_path.h"
#include "service/front/person_account.h"
#include "service/pages/page_file.h"
#include "service/store/store_person.h"
#include "tests/support/front_scene.h"

static const struct route *const tables[] = { page_routes, person_account_routes,
	desk_queue_routes };

static int setup(void **state)
{
	struct front_scene *x = front_scene_open(tables, sizeof(tables) / sizeof(tables[0]));
	front_scene_person(x, "clerk", STORE_PERSON_CLERK, NULL);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	front_scene_close(*state);
	return 0;
}

static bool shows(struct front_scene *x, const struct http_reply *r, const char *text)
{
	return strstr(front_scene_text(x, r), text) != NULL;
}

static void test_language_header(void **state)
{
	(void)state;
	static const struct {
		const char *header, *wanted;
	} cases[] = { { "hu", "hu" }, { "hu-HU,hu;q=0.9,en;q=0.8", "hu" },
		{ "en-GB,hu;q=0.5", "en" }, { "de,hu;q=0.3,en;q=0.4", "en" }, { "HU", "hu" },
		{ "de, fr", NULL }, { "", NULL }, { "hu;q=0", NULL }, { "hun", NULL },
		{ ",,;q=,hu", "hu" }, { "*", NULL } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *tag = page_language_accepted(cases[i].header);
		if (!cases[i].wanted)
			assert_null(tag);
		else
			assert_string_equal(tag ? tag : "none", cases[i].wanted);
	}
	assert_null(page_language_accepted(NULL));
	assert_null(page_language_known("xx"));
}

/* Person, cookie, header, configuration: each before the next. */
static void test_language_order(void **state)
{
	struct front_scene *x = *state;
	assert_true(shows(x, front_scene_get(x, HTTP_DESK, "/login"), "<html lang=\"en\">"));
	x->configuration.language = "hu";
	assert_true(shows(x, front_scene_get(x, HTTP_DESK, "/login"), "<html lang=\"hu\">"));
	x->accept_language = "en";
	assert_true(shows(x, front_scene_get(x, HTTP_DESK, "/login"), "<html lang=\"en\">"));
	struct http_reply *r = front_scene_get(x, HTTP_DESK, "/language/hu?to=/login");
	assert_int_equal(r->status, 303);
	assert_string_equal(front_scene_header(r, "Location"), "/login");
	r = front_scene_get(x, HTTP_DESK, "/login");
	assert_true(shows(x, r, "<html lang=\"hu\">"));
	assert_true(shows(x, r, "Bejelentkez\xc3\xa9s"));
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	front_scene_post(x, HTTP_DESK, "/account/language",
	    (const struct front_scene_field[]){ { "language", "en", NULL }, { 0 } });
	assert_true(shows(x, front_scene_get(x, HTTP_DESK, "/account"), "<html lang=\"en\">"));
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/language/xx")->status, 404);
	r = front_scene_get(x, HTTP_DESK, "/language/en?to=//evil.example");
	assert_string_equal(front_scene_header(r, "Location"), "/");
}

static void test_frame(void **state)
{
	struct front_scene *x = *state;
	struct http_reply *r = front_scene_get(x, HTTP_DESK, "/login");
	assert_int_equal(r->status, 200);
	assert_string_equal(r->content_type, "text/html; charset=utf-8");
	assert_true(shows(x, r, "<!DOCTYPE html>"));
	assert_true(shows(x, r, "<title>Log in - Bulla - Office of &lt;Tests&gt;</title>"));
	assert_true(shows(x, r, "<a class=\"skip\" href=\"#content\">"));
	assert_true(shows(x, r, "<main id=\"content\""));
	assert_false(shows(x, r, "Log out"));
	assert_false(shows(x, r, "class=\"demo\""));
	x->configuration.demo = true;
	assert_true(shows(x, front_scene_get(x, HTTP_DESK, "/login"), "class=\"demo\""));
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	r = front_scene_get(x, HTTP_DESK, "/filings");
	assert_true(shows(x, r, "<a href=\"/filings\" aria-current=\"page\">"));
	assert_false(shows(x, r, "href=\"/staff\""));
	assert_true(shows(x, r, "Log out"));
}

/* The flash comes by its name; any other text in the address is nothing. */
static void test_flash(void **state)
{
	struct front_scene *x = *state;
	struct http_reply *r = front_scene_get(x, HTTP_DESK, "/login?done=logged-out");
	assert_true(
	    shows(x, r, "<p class=\"flash good\" role=\"status\">You have logged out.</p>"));
	r = front_scene_get(x, HTTP_DESK, "/login?done=%3Cscript%3Ealert(1)%3C/script%3E");
	assert_false(shows(x, r, "alert(1)"));
	assert_false(shows(x, r, "class=\"flash"));
}

static void test_problem(void **state)
{
	struct front_scene *x = *state;
	struct http_reply r;
	struct http_request q = { .listener = HTTP_DESK,
		.method = "GET",
		.path = "/x",
		.at = x->at,
		.id = "req-<7>",
		.address = "192.0.2.1" };
	http_reply_begin(&r, x->s);
	assert_int_equal(page_problem(&x->front, x->s, &q, PROBLEM_NOT_FOUND, "<b>", &r), OK);
	assert_int_equal(r.status, 404);
	assert_true(shows(x, &r, "There is no such thing"));
	assert_true(shows(x, &r, "&lt;b&gt;"));
	assert_true(shows(x, &r, "req-&lt;7&gt;"));
	http_reply_begin(&r, x->s);
	assert_int_equal(
	    page_problem(&x->front, x->s, &q, PROBLEM_INTERNAL, "/secret/path", &r), OK);
	assert_int_equal(r.status, 500);
	assert_false(shows(x, &r, "/secret/path"));
}

static void test_files(void **state)
{
	struct front_scene *x = *state;
	static const struct {
		const char *path, *type;
	} files[] = { { "/style.css?v=1", "text/css; charset=utf-8" },
		{ "/script.js", "text/javascript; charset=utf-8" },
		{ "/favicon.svg", "image/svg+xml" } };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct http_reply *r = front_scene_get(x, HTTP_WINDOW, files[i].path);
		assert_int_equal(r->status, 200);
		assert_string_equal(r->content_type, files[i].type);
		assert_true(r->may_cache);
		assert_true(r->body.n > 100);
	}
	/* no style or script in pages, no outside resource */
	const char *page = front_scene_text(x, front_scene_get(x, HTTP_DESK, "/login"));
	assert_null(strstr(page, "<style"));
	assert_null(strstr(page, " style="));
	assert_null(strstr(page, " onclick"));
	assert_null(strstr(page, "https://"));
	char *css;
	assert_int_equal(bytes_to_str(x->s, page_file_style(), &css), OK);
	assert_null(strstr(css, "url("));
	assert_null(strstr(css, "@import"));
}

static void test_paths(void **state)
{
	(void)state;
	assert_true(page_path_is_own("/a/b?c=d"));
	static const char *const bad[] = { "", "a", "//a", "/\\a", "/a b", "/a\tb", "/\r\n",
		"/\x7f" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(page_path_is_own(bad[i]));
	assert_false(page_path_is_own(NULL));
}

/* Somewhere in the sources of the pages the name is put. */
static void is_put(void *ctx, const char *name)
{
	char command[160];
	const char *template = ctx;
	snprintf(command, sizeof(command), "grep -qF '\"%s\"' service/front/*.c", name);
	if (system(command) != 0)
		fail_msg("%s.html: {{%s}}: nobody puts it", template, name);
}

static void test_templates(void **state)
{
	struct scope *s = scope_new(0);
	char name[64];
	(void)state;
	for (size_t i = 0; page_file_template_name(i); i++) {
		snprintf(name, sizeof(name), "%s", page_file_template_name(i));
		if (template_check(s, &page_file_templates, name, is_put, name) != OK)
			fail_msg("%s", scope_fault_text(s));
	}
	assert_int_equal(system("test $(ls service/pages/*.html | wc -l) = "
				"$(grep -c '^X(' service/pages/page_files.def)"),
	    0);
	scope_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_language_header),
		TEST(test_language_order),
		TEST(test_frame),
		TEST(test_flash),
		TEST(test_problem),
		TEST(test_files),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_templates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
