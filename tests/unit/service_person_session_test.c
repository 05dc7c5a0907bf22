/* service/front/person_session: who gets in, who stays in, and what a form must bring */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/desk_partners.h"
#include "service/front/desk_queue.h"
#include "service/front/person_account.h"
#include "service/front/partner_pages.h"
#include "service/store/identifier.h"
#include "service/store/store_person.h"
#include "tests/support/front_scene.h"

static const struct route *const tables[] = { page_routes, person_account_routes, desk_queue_routes,
	desk_partners_routes, partner_pages_routes };

#define DESK_COOKIE "__Host-bulla-desk"
#define WINDOW_COOKIE "__Host-bulla-window"
#define NOTHING ((const struct front_scene_field[]){ { 0 } })

/* Into an array of 128: a token has 52. */
static void copy(char *to, const char *from)
{
	snprintf(to, 128, "%s", from);
}

static int setup(void **state)
{
	struct front_scene *x = front_scene_open(tables, sizeof(tables) / sizeof(tables[0]));
	front_scene_person(x, "clerk", STORE_PERSON_CLERK, NULL);
	front_scene_person(x, "boss", STORE_PERSON_ADMINISTRATOR, NULL);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	front_scene_close(*state);
	return 0;
}

static bool is_in(struct front_scene *x)
{
	return front_scene_get(x, HTTP_DESK, "/account")->status == 200;
}

static const char *location(const struct http_reply *r)
{
	const char *to = front_scene_header(r, "Location");
	return to ? to : "";
}

static void test_login(void **state)
{
	struct front_scene *x = *state;
	struct http_reply *r = front_scene_get(x, HTTP_DESK, "/filings");
	assert_int_equal(r->status, 303);
	assert_string_equal(location(r), "/login?to=/filings");
	r = front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_int_equal(r->status, 303);
	assert_string_equal(location(r), "/");
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/filings")->status, 200);
	assert_int_equal(front_scene_logged(x, "login.accepted"), 1);
	r = front_scene_post(x, HTTP_DESK, "/logout", NOTHING);
	assert_string_equal(location(r), "/login?done=logged-out");
	assert_null(front_scene_cookie(x, DESK_COOKIE));
	assert_int_equal(front_scene_logged(x, "logout"), 1);
}

static void test_where_to(void **state)
{
	struct front_scene *x = *state;
	static const struct {
		const char *to, *wanted;
	} cases[] = { { "/filings?x=1", "/filings?x=1" }, { "//evil.example", "/" },
		{ "https://evil.example", "/" }, { "/\\evil", "/" }, { "/a\r\nSet-Cookie: x", "/" },
		{ "", "/" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply *r = front_scene_post(x, HTTP_DESK, "/login",
		    (const struct front_scene_field[]){ { "login", "clerk", NULL },
			{ "password", FRONT_SCENE_PASSWORD, NULL }, { "to", cases[i].to, NULL },
			{ 0 } });
		assert_string_equal(location(r), cases[i].wanted);
	}
}

/* The same words whoever it is and whatever is wrong. */
static void test_refusals(void **state)
{
	struct front_scene *x = *state;
	const char *partner = front_scene_partner(x, "Partner");
	front_scene_person(x, "officer", STORE_PERSON_OFFICER, partner);
	static const struct {
		const char *login, *password;
	} cases[] = { { "clerk", "wrong" }, { "nobody", FRONT_SCENE_PASSWORD }, { "", "" },
		{ "officer", FRONT_SCENE_PASSWORD }, { "clerk'--", "x" }, { "clerk", "" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply *r =
		    front_scene_login(x, HTTP_DESK, cases[i].login, cases[i].password);
		assert_int_equal(r->status, 401);
		assert_non_null(strstr(front_scene_text(x, r), "Name and password do not match"));
		assert_null(front_scene_cookie(x, DESK_COOKIE));
	}
	assert_int_equal(front_scene_logged(x, "login.refused"), sizeof(cases) / sizeof(cases[0]));
}

/* A token that was there before the login is none after it. */
static void test_fixation(void **state)
{
	struct front_scene *x = *state;
	char first[128];
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	copy(first, front_scene_cookie(x, DESK_COOKIE));
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_string_not_equal(first, front_scene_cookie(x, DESK_COOKIE));
	assert_true(is_in(x));
	copy(x->cookie[0].value, first);
	assert_false(is_in(x));
	/* one that somebody else chose */
	const char *chosen;
	assert_int_equal(identifier_token(x->s, &chosen), OK);
	copy(x->cookie[0].value, chosen);
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_string_not_equal(chosen, front_scene_cookie(x, DESK_COOKIE));
}

static void test_other_listener(void **state)
{
	struct front_scene *x = *state;
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	copy(x->cookie[1].name, WINDOW_COOKIE);
	copy(x->cookie[1].value, front_scene_cookie(x, DESK_COOKIE));
	assert_int_equal(front_scene_get(x, HTTP_WINDOW, "/account")->status, 303);
	assert_true(is_in(x));
	/* and staff does not log in there */
	assert_int_equal(
	    front_scene_login(x, HTTP_WINDOW, "clerk", FRONT_SCENE_PASSWORD)->status, 401);
}

static int post_status(struct front_scene *x)
{
	return front_scene_post(x, HTTP_DESK, "/account/language",
	    (const struct front_scene_field[]){ { "language", "hu", NULL }, { 0 } })
	    ->status;
}

static void test_csrf(void **state)
{
	struct front_scene *x = *state;
	front_scene_login(x, HTTP_DESK, "boss", FRONT_SCENE_PASSWORD);
	const char *others = x->csrf;
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	const char *own = x->csrf;
	assert_string_not_equal(own, others);
	x->csrf = NULL;
	assert_int_equal(post_status(x), 403);
	x->csrf = "";
	assert_int_equal(post_status(x), 403);
	x->csrf = others;
	assert_int_equal(post_status(x), 403);
	assert_int_equal(front_scene_logged(x, "access.refused"), 3);
	x->csrf = own;
	assert_int_equal(post_status(x), 303);
}

static void test_origin(void **state)
{
	struct front_scene *x = *state;
	static const struct {
		const char *site, *origin;
		int status;
	} cases[] = { { "same-origin", NULL, 303 }, { "cross-site", NULL, 403 },
		{ "same-site", NULL, 403 }, { "none", NULL, 403 }, { NULL, NULL, 403 },
		{ NULL, "https://desk.example", 303 }, { NULL, "https://evil.example", 403 },
		{ NULL, "http://desk.example", 403 }, { NULL, "null", 403 },
		{ NULL, "https://desk.example.evil", 403 },
		{ "cross-site", "https://desk.example", 403 } };
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		x->site = cases[i].site;
		x->origin = cases[i].origin;
		assert_int_equal(post_status(x), cases[i].status);
	}
	x->site = "cross-site";
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 403);
}

static void test_ends(void **state)
{
	struct front_scene *x = *state;
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	x->at.unix_s += 30 * 60 - 1;
	assert_true(is_in(x));
	x->at.unix_s += 30 * 60 - 1;
	assert_true(is_in(x));
	x->at.unix_s += 30 * 60;
	assert_false(is_in(x));
	/* at work all the time, and yet */
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	for (int64_t begun = x->at.unix_s; x->at.unix_s + 600 < begun + LIMIT_SESSION_S;) {
		x->at.unix_s += 600;
		assert_true(is_in(x));
	}
	x->at.unix_s += 600;
	assert_false(is_in(x));
}

static void test_flood(void **state)
{
	struct front_scene *x = *state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(front_scene_login(x, HTTP_DESK, "clerk", "wrong")->status, 401);
	assert_int_equal(front_scene_logged(x, "login.delayed"), 1);
	/* even the right one, and not told apart */
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 401);
	/* others are not kept out */
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "boss", FRONT_SCENE_PASSWORD)->status, 303);
	x->at.unix_s += 31;
	assert_int_equal(front_scene_login(x, HTTP_DESK, "clerk", "wrong")->status, 401);
	x->at.unix_s += 31;
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 401);
	x->at.unix_s += 3600;
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 303);
}

static void test_roles(void **state)
{
	struct front_scene *x = *state;
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/staff")->status, 403);
	assert_int_equal(front_scene_logged(x, "access.refused"), 1);
	front_scene_login(x, HTTP_DESK, "boss", FRONT_SCENE_PASSWORD);
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/filings")->status, 403);
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/staff")->status, 200);
}

static struct http_reply *change(
    struct front_scene *x, const char *present, const char *fresh, const char *again)
{
	return front_scene_post(x, HTTP_DESK, "/account/password",
	    (const struct front_scene_field[]){ { "password", present, NULL },
		{ "new_password", fresh, NULL }, { "new_password_again", again, NULL }, { 0 } });
}

static void test_password(void **state)
{
	struct front_scene *x = *state;
	const char *fresh = "Another-Horse-10";
	char first[128];
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	copy(first, front_scene_cookie(x, DESK_COOKIE));
	assert_int_equal(change(x, "wrong", fresh, fresh)->status, 422);
	assert_int_equal(change(x, FRONT_SCENE_PASSWORD, fresh, "other")->status, 422);
	assert_int_equal(change(x, FRONT_SCENE_PASSWORD, "short", "short")->status, 422);
	assert_int_equal(
	    change(x, FRONT_SCENE_PASSWORD, FRONT_SCENE_PASSWORD, FRONT_SCENE_PASSWORD)->status,
	    422);
	assert_int_equal(change(x, FRONT_SCENE_PASSWORD, fresh, fresh)->status, 303);
	assert_true(is_in(x));
	assert_string_not_equal(first, front_scene_cookie(x, DESK_COOKIE));
	copy(x->cookie[0].value, first);
	assert_false(is_in(x));
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 401);
	assert_int_equal(front_scene_login(x, HTTP_DESK, "clerk", fresh)->status, 303);
}

static const struct store_person *find(struct front_scene *x, const char *login)
{
	const struct store_person *p = NULL;
	assert_int_equal(store_person_find_login(x->s, x->front.store, login, &p), OK);
	assert_non_null(p);
	return p;
}

/* Who lost a right, or may not log in any more, is out at once. */
static void test_rights_change(void **state)
{
	struct front_scene *x = *state;
	struct store_person p = *find(x, "clerk");
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_true(is_in(x));
	p.active = false;
	assert_int_equal(store_person_change(x->s, x->front.store, &p), OK);
	assert_false(is_in(x));
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 401);
}

static void test_must_change(void **state)
{
	struct front_scene *x = *state;
	assert_int_equal(store_person_set_password(
			     x->s, x->front.store, find(x, "clerk")->id, x->hash, true, NULL),
	    OK);
	front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD);
	assert_string_equal(location(front_scene_get(x, HTTP_DESK, "/filings")), "/account");
	assert_int_equal(
	    change(x, FRONT_SCENE_PASSWORD, "Another-Horse-10", "Another-Horse-10")->status, 303);
	assert_int_equal(front_scene_get(x, HTTP_DESK, "/filings")->status, 200);
}

/* The password is nowhere: not in the log, the database, nor a page. */
static void test_secret(void **state)
{
	struct front_scene *x = *state;
	struct http_reply *r = front_scene_login(x, HTTP_DESK, "clerk", "Typed-Secret-77");
	assert_null(strstr(front_scene_text(x, r), "Typed-Secret-77"));
	assert_int_equal(front_scene_logged(x, "login.refused"), 1);
	assert_int_equal(
	    front_scene_login(x, HTTP_DESK, "clerk", FRONT_SCENE_PASSWORD)->status, 303);
	char command[160];
	snprintf(command, sizeof(command), "! grep -raq -e Typed-Secret -e %s -e %s %s",
	    FRONT_SCENE_PASSWORD, front_scene_cookie(x, DESK_COOKIE), x->folder);
	assert_int_equal(system(command), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_login),
		TEST(test_where_to),
		TEST(test_refusals),
		TEST(test_fixation),
		TEST(test_other_listener),
		TEST(test_csrf),
		TEST(test_origin),
		TEST(test_ends),
		TEST(test_flood),
		TEST(test_roles),
		TEST(test_password),
		TEST(test_rights_change),
		TEST(test_must_change),
		TEST(test_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
