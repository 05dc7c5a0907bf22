/* The sealing window: who sees what, forged addresses and forms, what an officer is shown,
 * refusing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/front/sealing_address.h"
#include "service/front/sealing_term.h"
#include "service/front/window_pages.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "service/store/store_key.h"
#include "service/store/store_person.h"
#include "service/store/store_sealing.h"
#include "tests/support/front_scene.h"

static const struct route *const tables[] = { page_routes, window_pages_routes };
static const char *const ways_back[] = { "https://fund.example/" };

#define DAY 86400
#define TITLE "Application <b>7</b> & \"more\""
#define NOTHING ((const struct front_scene_field[]){ { 0 } })

struct window_scene {
	struct front_scene *x;
	const char *partner, *officer, *id, *token;
};

static void must(struct window_scene *w, enum err e)
{
	if (e != OK)
		fail_msg("%s: %s", err_name(e), scope_fault_text(w->x->s));
}

static void add_sealing(struct window_scene *w)
{
	struct front_scene *x = w->x;
	const struct store_sealing_document document = {
		.n = 1, .name = "form.pdf", .size = 1234567, .pages = 3, .summary = ""
	};
	struct store_sealing l = { .portal = "fund",
		.partner = w->partner,
		.reference = "A-1",
		.title = TITLE,
		.data = "{\"amount\":\"12500000\",\"list\":[1,2]}",
		.options = "{\"level\":\"B-LT\",\"visible\":{\"page\":-1}}",
		.return_url = "https://fund.example/back",
		.has_window = true,
		.created = x->at,
		.expires = instant_add(x->at, DAY),
		.document = &document,
		.n_documents = 1 };
	const struct store_sealing *stored;
	bool is_new;
	must(w, identifier_new(x->s, IDENTIFIER_SEALING, &w->id));
	l.id = w->id;
	must(w, sealing_address_token(&x->front, x->s, w->id, &w->token));
	must(w, sealing_address_sha256(x->s, w->token, l.window_sha256));
	must(
	    w, store_files_put_bytes(x->s, x->front.store, BYTES_LIT("%PDF-1.7 as it came"),
		   (struct store_files_name){ .id = w->id, .kind = STORE_FILES_DOCUMENT, .n = 1 }));
	must(w, store_sealing_add(x->s, x->front.store, &l, &stored, &is_new));
}

static void add_key(struct window_scene *w, uint8_t number, int64_t ends)
{
	struct front_scene *x = w->x;
	struct store_key k = { .partner = w->partner,
		.certificate_sha256 = { number },
		.certificate = BYTES_LIT("certificate"),
		.subject = "CN=First Savings Bank",
		.issuer = "CN=Issuer",
		.serial = "0a1b",
		.not_before = instant_add(x->at, -DAY),
		.not_after = instant_add(x->at, ends),
		.disclaimer = "Only for guarantees",
		.state = STORE_KEY_APPROVED,
		.deposited_by = w->officer,
		.deposited_at = x->at,
		.decided_at = x->at,
		.note = "",
		.notified_at = INSTANT_NONE,
		.ended_at = INSTANT_NONE };
	must(w, identifier_new(x->s, IDENTIFIER_KEY, &k.id));
	must(w, store_key_add(x->s, x->front.store, &k, BYTES_LIT("wrapped")));
}

static int setup(void **state)
{
	static struct window_scene scene;
	struct window_scene *w = &scene;
	*w = (struct window_scene){ .x = front_scene_open(tables, 2) };
	w->x->portal.return_urls = ways_back;
	w->x->portal.n_return_urls = 1;
	w->x->configuration.level = "B-LTA";
	snprintf(w->x->front.window_secret, sizeof w->x->front.window_secret, "secret-of-a-test");
	w->partner = front_scene_partner(w->x, "First Savings Bank");
	w->officer = front_scene_person(w->x, "officer", STORE_PERSON_OFFICER, w->partner);
	front_scene_person(w->x, "admin", STORE_PERSON_PARTNER_ADMIN, w->partner);
	front_scene_person(
	    w->x, "stranger", STORE_PERSON_OFFICER, front_scene_partner(w->x, "Second Bank"));
	add_sealing(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct window_scene *w = *state;
	front_scene_close(w->x);
	return 0;
}

static struct http_reply *get(struct window_scene *w, const char *rest)
{
	char path[256];
	snprintf(path, sizeof path, "/sealing/%s%s", w->id, rest);
	return front_scene_get(w->x, HTTP_WINDOW, path);
}

static struct http_reply *post(
    struct window_scene *w, const char *rest, const struct front_scene_field *fields)
{
	char path[256];
	snprintf(path, sizeof path, "/sealing/%s%s", w->id, rest);
	return front_scene_post(w->x, HTTP_WINDOW, path, fields);
}

static struct http_reply *come(struct window_scene *w)
{
	char path[128];
	snprintf(path, sizeof path, "/w/%s", w->token);
	return front_scene_get(w->x, HTTP_WINDOW, path);
}

static struct http_reply *log_in(struct window_scene *w, const char *login)
{
	return post(w, "/login",
	    (const struct front_scene_field[]){
		{ "login", login, NULL }, { "password", FRONT_SCENE_PASSWORD, NULL }, { 0 } });
}

/* As a browser does: the token of the page goes with its forms. */
static const char *enter(struct window_scene *w)
{
	const char mark[] = "name=\"csrf\" value=\"";
	static char csrf[128];
	assert_int_equal(come(w)->status, 303);
	assert_int_equal(log_in(w, "officer")->status, 303);
	const char *page = front_scene_text(w->x, get(w, "")), *at = strstr(page, mark);
	assert_non_null(at);
	snprintf(
	    csrf, sizeof csrf, "%.*s", (int)strcspn(at + strlen(mark), "\""), at + strlen(mark));
	w->x->csrf = csrf;
	return page;
}

static enum store_sealing_state state_of(struct window_scene *w)
{
	const struct store_sealing *l;
	must(w, store_sealing_find(w->x->s, w->x->front.store, w->id, &l));
	return l->state;
}

static bool shows(struct window_scene *w, struct http_reply *r, const char *text)
{
	return strstr(front_scene_text(w->x, r), text) != NULL;
}

/* The address is exchanged for a cookie; nothing is shown before the login. */
static void coming_and_logging_in(void **state)
{
	struct window_scene *w = *state;
	struct http_reply *r = come(w);
	char where[128];
	snprintf(where, sizeof where, "/sealing/%s", w->id);
	assert_string_equal(front_scene_header(r, "Location"), where);
	assert_string_equal(front_scene_cookie(w->x, "__Host-bulla-sealing"), w->token);
	r = get(w, "");
	assert_int_equal(r->status, 200);
	assert_true(shows(w, r, "name=\"password\""));
	assert_false(shows(w, r, "Application"));
	assert_false(shows(w, r, w->token));
	assert_int_equal(log_in(w, "officer")->status, 303);
	assert_int_equal(front_scene_logged(w->x, "sealing.opened"), 1);
	assert_true(shows(w, get(w, ""), "Application &lt;b&gt;7&lt;/b&gt;"));
}

static void addresses_that_are_made_up(void **state)
{
	static const char *const paths[] = { "/w/0", "/w/zz",
		"/w/0000000000000000000000000000000000000000000000000000000000000000",
		"/sealing/sl_00000000000000000000000000", "/sealing/x", "/sealing/..%2f.." };
	struct window_scene *w = *state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_int_equal(front_scene_get(w->x, HTTP_WINDOW, paths[i])->status, 404);
	/* who knows the id but not the address cannot even try a password */
	struct http_reply *r = log_in(w, "officer");
	assert_int_equal(r->status, 403);
	assert_true(shows(w, r, "Open this window from the portal again"));
	assert_int_equal(front_scene_logged(w->x, "login.accepted"), 0);
}

static void only_officers_of_the_partner(void **state)
{
	static const char *const logins[] = { "stranger", "admin", "nobody" };
	struct window_scene *w = *state;
	come(w);
	for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
		struct http_reply *r = log_in(w, logins[i]);
		assert_int_equal(r->status, 401);
		assert_false(shows(w, r, "Application"));
	}
	assert_int_equal(get(w, "/documents/1/file")->status, 303);
	assert_int_equal(get(w, "/documents/1/pages/1")->status, 303);
	assert_int_equal(post(w, "/refuse", NOTHING)->status, 303);
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
}

static void what_an_officer_sees(void **state)
{
	static const char *const texts[] = { "A-1", "The Fund", "First Savings Bank", "12500000",
		"[1,2]", "form.pdf", "3 pages", "1.2 MB", "B-LT", "on the last page", "Issuer",
		"0a1b", "Only for guarantees", "ends soon", "/documents/1/pages/1/picture" };
	struct window_scene *w = *state;
	add_key(w, 1, 10 * DAY);
	add_key(w, 2, -1); /* ended */
	const char *page = enter(w);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strstr(page, texts[i]))
			fail_msg("%s is not shown: %s", texts[i], page);
	const char *first = strstr(page, "type=\"radio\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, "type=\"radio\""));
	struct http_reply *r = get(w, "/documents/1/pages/2");
	assert_int_equal(r->status, 200);
	assert_true(shows(w, r, "rel=\"prev\"") && shows(w, r, "rel=\"next\""));
	assert_int_equal(get(w, "/documents/1/pages/4")->status, 404);
	assert_int_equal(get(w, "/documents/1/pages/0")->status, 404);
	assert_int_equal(get(w, "/documents/2/pages/1")->status, 404);
	assert_int_equal(get(w, "/documents/-1/file")->status, 404);
	assert_int_equal(get(w, "/documents/1/file")->status, 200);
}

static void in_hungarian(void **state)
{
	struct window_scene *w = *state;
	w->x->accept_language = "hu";
	const char *page = enter(w);
	assert_non_null(strstr(page, "lang=\"hu\""));
	assert_non_null(strstr(page, "3 oldal"));
	/* no key is deposited */
	assert_null(strstr(page, "type=\"radio\""));
	assert_non_null(strstr(page, "nincs haszn"));
}

static void forms_of_strangers(void **state)
{
	struct window_scene *w = *state;
	enter(w);
	w->x->csrf = "0123456789abcdef";
	assert_int_equal(post(w, "/refuse", NOTHING)->status, 403);
	w->x->csrf = NULL;
	assert_int_equal(post(w, "/refuse", NOTHING)->status, 403);
	enter(w);
	w->x->site = "cross-site";
	assert_int_equal(post(w, "/refuse", NOTHING)->status, 403);
	assert_int_equal(post(w, "/seal", NOTHING)->status, 403);
	assert_int_equal(log_in(w, "officer")->status, 403);
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
}

/* Once somebody seals, or it is over, nobody else can: he is told how it stands. */
static void somebody_was_faster(void **state)
{
	struct window_scene *w = *state;
	const struct front_scene_field form[] = { { "password", "x", NULL }, { "key", "k", NULL },
		{ 0 } };
	unsigned attempt;
	enter(w);
	const struct store_sealing_attempt other = {
		.officer = w->officer, .key = "house", .now = w->x->at
	};
	must(w, store_sealing_begin(w->x->s, w->x->front.store, w->id, &other, &attempt));
	struct http_reply *r = post(w, "/seal", form);
	assert_int_equal(r->status, 409);
	assert_true(shows(w, r, "Is being sealed"));
	assert_int_equal(post(w, "/refuse", NOTHING)->status, 409);
	assert_int_equal(state_of(w), STORE_SEALING_SEALING);
	must(w, store_sealing_back(w->x->s, w->x->front.store, w->id, attempt,
		    "service-unreachable", "http://tsa.example: no answer"));
	r = get(w, "");
	assert_true(shows(w, r, "http://tsa.example: no answer"));
	assert_true(shows(w, r, "The last try did not succeed"));
}

static void keys_that_are_not_offered(void **state)
{
	struct window_scene *w = *state;
	add_key(w, 1, 100 * DAY);
	enter(w);
	struct http_reply *r = post(w, "/seal",
	    (const struct front_scene_field[]){ { "password", "x", NULL },
		{ "key", "ky_00000000000000000000000000", NULL }, { 0 } });
	assert_int_equal(r->status, 400);
	assert_true(shows(w, r, "Choose a certificate"));
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
}

static void refusing(void **state)
{
	struct window_scene *w = *state;
	enter(w);
	assert_int_equal(post(w, "/refuse",
			     (const struct front_scene_field[]){ { "reason",
								     "a\xe2\x80\xae"
								     "b",
								     NULL },
				 { 0 } })
			     ->status,
	    400);
	struct http_reply *r = post(w, "/refuse",
	    (const struct front_scene_field[]){ { "reason", "the <sum> is wrong", NULL }, { 0 } });
	assert_int_equal(r->status, 200);
	assert_true(shows(w, r, "Cancelled") && shows(w, r, "the &lt;sum&gt; is wrong"));
	assert_true(shows(w, r, "href=\"https://fund.example/back\""));
	assert_int_equal(state_of(w), STORE_SEALING_CANCELLED);
	assert_int_equal(front_scene_logged(w->x, "sealing.cancelled"), 1);
	/* its sessions ended with it */
	assert_true(shows(w, get(w, ""), "name=\"password\""));
}

/* The way back counts as long as the portal may still send officers there. */
static void ways_back_that_were_taken_away(void **state)
{
	struct window_scene *w = *state;
	w->x->portal.n_return_urls = 0;
	enter(w);
	struct http_reply *r = post(w, "/refuse", NOTHING);
	assert_int_equal(r->status, 200);
	assert_false(shows(w, r, "fund.example"));
}

static void expiring(void **state)
{
	struct window_scene *w = *state;
	struct front *f = &w->x->front;
	enter(w);
	must(w, sealing_term_expire(f, w->x->s, instant_add(w->x->at, DAY - 1)));
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
	must(w, sealing_term_expire(f, w->x->s, instant_add(w->x->at, DAY)));
	assert_int_equal(state_of(w), STORE_SEALING_EXPIRED);
	assert_int_equal(front_scene_logged(w->x, "sealing.expired"), 1);
	w->x->configuration.times.sealed_days = 30;
	must(w, sealing_term_retire(f, w->x->s, instant_add(w->x->at, 31 * DAY - 1)));
	assert_int_equal(front_scene_logged(w->x, "sealing.removed"), 0);
	must(w, sealing_term_retire(f, w->x->s, instant_add(w->x->at, 31 * DAY + 1)));
	assert_int_equal(front_scene_logged(w->x, "sealing.removed"), 1);
	assert_false(store_files_is_at(f->store,
	    (struct store_files_name){ .id = w->id, .kind = STORE_FILES_DOCUMENT, .n = 1 }));
}

/* What was being sealed when the service ended waits again, and the log tells. */
static void recovering(void **state)
{
	struct window_scene *w = *state;
	const struct store_sealing_attempt a = {
		.officer = w->officer, .key = "house", .now = w->x->at
	};
	struct front *f = &w->x->front;
	const struct store_files_name sealed = {
		.id = w->id, .kind = STORE_FILES_SEALED, .n = 1, .attempt = 1
	};
	unsigned attempt;
	must(w, store_sealing_begin(w->x->s, f->store, w->id, &a, &attempt));
	must(w, store_files_put_bytes(w->x->s, f->store, BYTES_LIT("%PDF"), sealed));
	must(w, sealing_term_recover(f, w->x->s, w->x->at));
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
	assert_false(store_files_is_at(f->store, sealed));
	assert_int_equal(front_scene_logged(w->x, "sealing.failed"), 1);
}

/* The end of an attempt that could not be written, while the service goes on. */
static void recovering_what_nobody_works_on(void **state)
{
	struct window_scene *w = *state;
	const struct store_sealing_attempt a = {
		.officer = w->officer, .key = "house", .now = w->x->at
	};
	struct front *f = &w->x->front;
	unsigned attempt;
	must(w, store_sealing_begin(w->x->s, f->store, w->id, &a, &attempt));
	must(w, sealing_term_recover_late(f, w->x->s, w->x->at));
	assert_int_equal(state_of(w), STORE_SEALING_AWAITING);
	assert_int_equal(front_scene_logged(w->x, "sealing.failed"), 1);
	must(w, sealing_term_recover_late(f, w->x->s, w->x->at));
	assert_int_equal(front_scene_logged(w->x, "sealing.failed"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(coming_and_logging_in),
		TEST(addresses_that_are_made_up),
		TEST(only_officers_of_the_partner),
		TEST(what_an_officer_sees),
		TEST(in_hungarian),
		TEST(forms_of_strangers),
		TEST(somebody_was_faster),
		TEST(keys_that_are_not_offered),
		TEST(refusing),
		TEST(ways_back_that_were_taken_away),
		TEST(expiring),
		TEST(recovering),
		TEST(recovering_what_nobody_works_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
