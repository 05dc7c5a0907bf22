/* A partner's own pages: nobody sees or changes what is another's */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/front/partner_keys.h"
#include "service/front/partner_pages.h"
#include "service/front/person_account.h"
#include "service/store/identifier.h"
#include "service/store/store_key.h"
#include "service/store/store_person.h"
#include "service/store/store_sealing.h"
#include "service/store/store_session.h"
#include "tests/support/front_scene.h"

static const struct route *const tables[] = { page_routes, person_account_routes,
	partner_keys_routes, partner_pages_routes };

struct house {
	struct front_scene *x;
	const char *partner, *admin, *other_partner, *other_admin, *key;
};

static void must(struct front_scene *x, enum err e)
{
	if (e != OK)
		fail_msg("%s", scope_fault_text(x->s));
}

static const char *add_key(struct front_scene *x, const char *partner, const char *person)
{
	struct store_key k = { .partner = partner,
		.certificate = BYTES_LIT("der"),
		.subject = "CN=Seal & Co",
		.issuer = "CN=CA",
		.serial = "01",
		.not_before = x->at,
		.not_after = instant_add(x->at, 20 * 86400),
		.disclaimer = "",
		.state = STORE_KEY_APPROVED,
		.deposited_by = person,
		.deposited_at = x->at,
		.decided_at = x->at,
		.note = "",
		.notified_at = INSTANT_NONE,
		.ended_at = INSTANT_NONE };
	must(x, identifier_new(x->s, IDENTIFIER_KEY, &k.id));
	must(x, store_key_add(x->s, x->front.store, &k, BYTES_LIT("wrapped")));
	return k.id;
}

static int setup(void **state)
{
	static struct house h;
	h.x = front_scene_open(tables, sizeof(tables) / sizeof(tables[0]));
	h.partner = front_scene_partner(h.x, "One");
	h.other_partner = front_scene_partner(h.x, "Two");
	h.admin = front_scene_person(
	    h.x, "admin", STORE_PERSON_PARTNER_ADMIN | STORE_PERSON_OFFICER, h.partner);
	front_scene_person(h.x, "officer", STORE_PERSON_OFFICER, h.partner);
	h.other_admin =
	    front_scene_person(h.x, "other", STORE_PERSON_PARTNER_ADMIN, h.other_partner);
	h.key = add_key(h.x, h.partner, h.admin);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	struct house *h = *state;
	front_scene_close(h->x);
	return 0;
}

static void log_in(struct house *h, const char *login)
{
	assert_int_equal(
	    front_scene_login(h->x, HTTP_WINDOW, login, FRONT_SCENE_PASSWORD)->status, 303);
}

static const char *path_of(struct house *h, const char *folder, const char *id, const char *rest)
{
	char text[160], *copy;
	snprintf(text, sizeof(text), "%s%s%s", folder, id, rest);
	must(h->x, bytes_to_str(h->x->s, bytes_of_str(text), &copy));
	return copy;
}

static struct http_reply *get(struct house *h, const char *path)
{
	return front_scene_get(h->x, HTTP_WINDOW, path);
}

static struct http_reply *post(
    struct house *h, const char *path, const struct front_scene_field *fields)
{
	return front_scene_post(h->x, HTTP_WINDOW, path, fields);
}

static bool shows(struct house *h, const struct http_reply *r, const char *text)
{
	return strstr(front_scene_text(h->x, r), text) != NULL;
}

static const struct front_scene_field nothing[] = { { 0 } };

static void test_keys(void **state)
{
	struct house *h = *state;
	log_in(h, "admin");
	struct http_reply *r = get(h, "/partner");
	assert_true(shows(h, r, "CN=Seal &amp; Co"));
	assert_true(shows(h, r, "ends soon"));
	assert_true(shows(h, r, "A key in use ends within 30 days."));
	assert_true(shows(h, r, "type=\"file\""));
	assert_int_equal(get(h, path_of(h, "/partner/keys/", h->key, ""))->status, 200);
	/* an officer sees, and changes nothing */
	log_in(h, "officer");
	r = get(h, "/partner");
	assert_true(shows(h, r, "CN=Seal &amp; Co"));
	assert_false(shows(h, r, "type=\"file\""));
	assert_false(shows(h, get(h, path_of(h, "/partner/keys/", h->key, "")), "/withdraw"));
	assert_int_equal(
	    post(h, path_of(h, "/partner/keys/", h->key, "/withdraw"), nothing)->status, 403);
	assert_int_equal(post(h, "/partner/keys", nothing)->status, 403);
	assert_int_equal(get(h, "/partner/officers")->status, 403);
	assert_int_equal(get(h, "/partner/log")->status, 403);
}

static void test_others(void **state)
{
	struct house *h = *state;
	log_in(h, "other");
	assert_false(shows(h, get(h, "/partner"), "CN=Seal"));
	assert_int_equal(get(h, path_of(h, "/partner/keys/", h->key, ""))->status, 404);
	assert_int_equal(
	    post(h, path_of(h, "/partner/keys/", h->key, "/withdraw"), nothing)->status, 404);
	assert_int_equal(
	    post(h, path_of(h, "/partner/keys/", h->key, "/password"), nothing)->status, 404);
	assert_int_equal(get(h, path_of(h, "/partner/officers/", h->admin, ""))->status, 404);
	assert_int_equal(post(h, path_of(h, "/partner/officers/", h->admin, ""),
			     (const struct front_scene_field[]){ { "name", "Mine", NULL }, { 0 } })
			     ->status,
	    404);
	assert_false(shows(h, get(h, "/partner/officers"), ">officer<"));
	/* of the log his own only */
	assert_true(shows(h, get(h, "/partner/log"), h->other_admin));
	assert_false(shows(h, get(h, "/partner/log"), h->admin));
}

static void test_withdraw(void **state)
{
	struct house *h = *state;
	const struct store_key *key;
	log_in(h, "admin");
	assert_int_equal(post(h, path_of(h, "/partner/keys/", h->key, "/withdraw"),
			     (const struct front_scene_field[]){ { "note", "lost", NULL }, { 0 } })
			     ->status,
	    303);
	must(h->x, store_key_find(h->x->s, h->x->front.store, h->key, &key));
	assert_int_equal(key->state, STORE_KEY_DESTROYED);
	assert_int_equal(front_scene_logged(h->x, "key.destroyed"), 1);
	assert_true(shows(h, get(h, path_of(h, "/partner/keys/", h->key, "")), "Destroyed"));
}

static void test_officers(void **state)
{
	struct house *h = *state;
	const struct store_person *p;
	log_in(h, "admin");
	const struct front_scene_field fields[] = { { "login", "third", NULL },
		{ "name", "Third", NULL }, { "email", "t@example.org", NULL },
		{ "role", "officer", NULL }, { "role", "administrator", NULL },
		{ "password", FRONT_SCENE_PASSWORD, NULL }, { 0 } };
	assert_int_equal(post(h, "/partner/officers", fields)->status, 303);
	must(h->x, store_person_find_login(h->x->s, h->x->front.store, "third", &p));
	assert_int_equal(p->roles, STORE_PERSON_OFFICER);
	assert_string_equal(p->partner, h->partner);
	assert_true(p->must_change);
}

/* A session that is for one sealing opens nothing else. */
static void test_sealing_session(void **state)
{
	struct house *h = *state;
	struct store_session row = { .listener = "window",
		.person = h->admin,
		.sealing = NULL,
		.csrf = "x",
		.address = "192.0.2.1",
		.began = h->x->at,
		.last_seen = h->x->at,
		.ends = instant_add(h->x->at, 3600) };
	struct store_sealing sealing = { .portal = "fund",
		.partner = h->partner,
		.reference = "R-9",
		.title = "Application <9>",
		.data = "",
		.options = "",
		.created = h->x->at,
		.expires = instant_add(h->x->at, 3600),
		.cause = "",
		.cause_text = "",
		.begun = INSTANT_NONE,
		.ended = INSTANT_NONE };
	const struct store_sealing *stored;
	const char *token;
	bool is_new;
	must(h->x, identifier_new(h->x->s, IDENTIFIER_SEALING, &sealing.id));
	must(h->x, store_sealing_add(h->x->s, h->x->front.store, &sealing, &stored, &is_new));
	row.sealing = sealing.id;
	must(h->x, identifier_token(h->x->s, &token));
	must(h->x, identifier_token_sha256(h->x->s, token, row.sha256));
	must(h->x, store_session_add(h->x->s, h->x->front.store, &row));
	snprintf(h->x->cookie[0].name, sizeof(h->x->cookie[0].name), "__Host-bulla-window");
	snprintf(h->x->cookie[0].value, sizeof(h->x->cookie[0].value), "%s", token);
	assert_int_equal(get(h, "/partner")->status, 403);
	assert_int_equal(get(h, "/partner/officers")->status, 403);
	log_in(h, "officer");
	assert_true(shows(h, get(h, "/partner/sealings"), "Application &lt;9&gt;"));
	log_in(h, "other");
	assert_false(shows(h, get(h, "/partner/sealings"), "Application"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys),
		TEST(test_others),
		TEST(test_withdraw),
		TEST(test_officers),
		TEST(test_sealing_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
