#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"
#include "service/store/store_session.h"
#include "tests/support/store_scene.h"

static int set_up(void **state)
{
	*state = store_scene_open(NULL);
	return 0;
}

static int tear_down(void **state)
{
	store_scene_close(*state);
	return 0;
}

static const struct store_person *person(struct store_scene *c, const char *id)
{
	const struct store_person *p;
	assert_int_equal(store_person_find(c->s, c->store, id, &p), OK);
	assert_non_null(p);
	return p;
}

/* -- partners -- */

static void test_partners(void **state)
{
	struct store_scene *c = *state;
	const struct store_partner *p;
	assert_int_equal(store_partner_find(c->s, c->store, c->partner, &p), OK);
	assert_string_equal(p->name, "Duna Biztosító");
	assert_int_equal(store_partner_find_number(c->s, c->store, "01-10-041365", &p), OK);
	assert_string_equal(p->id, c->partner);
	struct store_partner other = { .id = store_scene_id(c->s, IDENTIFIER_PARTNER),
		.name = "Tisza",
		.number = "01-10-041365",
		.active = true,
		.created = store_scene_at(0) };
	assert_int_equal(store_partner_add(c->s, c->store, &other), ERR_MISUSE);
	/* Without a number there may be several. */
	other.number = "";
	assert_int_equal(store_partner_add(c->s, c->store, &other), OK);
	other.id = store_scene_id(c->s, IDENTIFIER_PARTNER);
	assert_int_equal(store_partner_add(c->s, c->store, &other), OK);
	assert_int_equal(store_partner_find_number(c->s, c->store, "", &p), OK);
	assert_null(p);
	other.number = "01-10-041365";
	assert_int_equal(store_partner_change(c->s, c->store, &other), ERR_MISUSE);
	other.number = "2";
	assert_int_equal(store_partner_change(c->s, c->store, &other), OK);
	other.id = "pt_none";
	other.number = "3";
	assert_int_equal(store_partner_change(c->s, c->store, &other), ERR_MISUSE);
}

static void test_lists_by_name(void **state)
{
	struct store_scene *c = *state;
	char name[32];
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "Partner %d", i / 2); /* two of a name */
		struct store_partner p = { .id = store_scene_id(c->s, IDENTIFIER_PARTNER),
			.name = name,
			.number = "",
			.active = true,
			.created = store_scene_at(0) };
		assert_int_equal(store_partner_add(c->s, c->store, &p), OK);
	}
	struct store_partner_list part;
	struct store_page page = { .limit = 3 };
	const char *last = "";
	size_t n = 0;
	do {
		assert_int_equal(store_partner_list(c->s, c->store, page, &part), OK);
		for (size_t i = 0; i < part.n; i++, n++) {
			assert_true(strcmp(part.partner[i].name, last) >= 0);
			last = part.partner[i].name;
		}
		page.after = part.next;
	} while (part.next);
	assert_int_equal(n, 8);
	page.after = "x";
	assert_int_equal(store_partner_list(c->s, c->store, page, &part), ERR_FORMAT);
}

/* -- persons -- */

static void test_logins(void **state)
{
	struct store_scene *c = *state;
	const char *login;
	const struct store_person *p;
	assert_int_equal(store_person_login(c->s, "Anna.Kis+1@Duna.example", &login), OK);
	assert_string_equal(login, "anna.kis+1@duna.example");
	static const char *const refused[] = { "", "a", "an na", "ann\xc3\xa1", "anna\n",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct scope *s = scope_new(0);
		assert_int_equal(store_person_login(s, refused[i], &login), ERR_FORMAT);
		assert_int_equal(store_person_find_login(s, c->store, refused[i], &p), OK);
		assert_null(p);
		scope_free(s);
	}
	assert_int_equal(store_person_find_login(c->s, c->store, "ANNA", &p), OK);
	assert_string_equal(p->id, c->officer);
	assert_string_equal(p->partner, c->partner);
	assert_int_equal(p->roles, STORE_PERSON_OFFICER);
	struct store_person again = *p;
	again.id = store_scene_id(c->s, IDENTIFIER_PERSON);
	assert_int_equal(store_person_add(c->s, c->store, &again), ERR_MISUSE);
	again.login = "Anna2";
	assert_int_equal(store_person_add(c->s, c->store, &again), ERR_FORMAT);
	again.login = "anna2";
	again.partner = "pt_none";
	assert_int_equal(store_person_add(c->s, c->store, &again), ERR_MISUSE);
}

static void test_waiting_doubles(void **state)
{
	struct store_scene *c = *state;
	static const int64_t waits[] = { 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	struct instant until;
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		assert_int_equal(
		    store_person_failed(c->s, c->store, c->officer, 3, store_scene_at(0), &until),
		    OK);
		if (waits[i])
			assert_int_equal(until.unix_s, store_scene_at(waits[i]).unix_s);
		else
			assert_false(instant_is_known(until));
		assert_int_equal(person(c, c->officer)->failures, i + 1);
	}
	assert_int_equal(person(c, c->officer)->waits_until.unix_s, until.unix_s);
	assert_int_equal(store_person_succeeded(c->s, c->store, c->officer), OK);
	assert_int_equal(person(c, c->officer)->failures, 0);
	assert_false(instant_is_known(person(c, c->officer)->waits_until));
	assert_int_equal(
	    store_person_failed(c->s, c->store, "ps_none", 3, store_scene_at(0), &until),
	    ERR_MISUSE);
}

static void test_lists_and_counts(void **state)
{
	struct store_scene *c = *state;
	struct store_person_list part;
	uint64_t n;
	assert_int_equal(
	    store_person_list(c->s, c->store, NULL, (struct store_page){ 0 }, &part), OK);
	assert_int_equal(part.n, 2);
	assert_string_equal(part.person[0].login, "approver");
	assert_int_equal(
	    store_person_list(c->s, c->store, NULL, (struct store_page){ .limit = 1 }, &part), OK);
	assert_non_null(part.next);
	assert_int_equal(
	    store_person_list(c->s, c->store, NULL, (struct store_page){ part.next, 1 }, &part),
	    OK);
	assert_string_equal(part.person[0].login, "clerk");
	assert_null(part.next);
	assert_int_equal(
	    store_person_list(c->s, c->store, c->partner, (struct store_page){ 0 }, &part), OK);
	assert_int_equal(part.n, 1);
	assert_int_equal(store_person_count(c->s, c->store, STORE_PERSON_CLERK, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(
	    store_person_count(c->s, c->store, STORE_PERSON_CLERK | STORE_PERSON_APPROVER, &n), OK);
	assert_int_equal(n, 0);
}

/* -- sessions -- */

static struct store_session session_of(struct store_scene *c, uint8_t number, const char *who)
{
	struct store_session session = { .sha256 = { number },
		.listener = "desk",
		.person = who,
		.csrf = "csrf",
		.address = "192.0.2.1",
		.began = store_scene_at(0),
		.last_seen = store_scene_at(0),
		.ends = store_scene_at(10000) };
	assert_int_equal(store_session_add(c->s, c->store, &session), OK);
	return session;
}

static const struct store_session *session_at(
    struct store_scene *c, const struct store_session *session, int64_t at)
{
	const struct store_session *there;
	assert_int_equal(store_session_find(c->s, c->store, session->sha256, "desk",
			     store_scene_at(at), 1800, &there),
	    OK);
	return there;
}

static void test_sessions_end_by_time(void **state)
{
	struct store_scene *c = *state;
	struct store_session session = session_of(c, 1, c->clerk);
	const struct store_session *there = session_at(c, &session, 1799);
	uint64_t n;
	assert_non_null(there);
	assert_string_equal(there->csrf, "csrf");
	assert_null(there->sealing);
	assert_null(session_at(c, &session, 1800)); /* idle */
	assert_int_equal(store_session_find(c->s, c->store, session.sha256, "window",
			     store_scene_at(1), 1800, &there),
	    OK);
	assert_null(there); /* another listener's */
	for (int at = 1000; at < 10000; at += 1000) {
		there = session_at(c, &session, at);
		assert_non_null(there);
		assert_int_equal(
		    store_session_touch(c->s, c->store, there, store_scene_at(at)), OK);
	}
	assert_non_null(session_at(c, &session, 9999));
	assert_null(session_at(c, &session, 10000)); /* whatever was done */
	assert_int_equal(store_session_count(c->s, c->store, store_scene_at(9999), &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(store_session_count(c->s, c->store, store_scene_at(10000), &n), OK);
	assert_int_equal(n, 0);
}

static void test_touching_writes_seldom(void **state)
{
	struct store_scene *c = *state;
	struct store_session session = session_of(c, 1, c->clerk);
	uint64_t commits = store_counters(c->store).commits;
	assert_int_equal(store_session_touch(c->s, c->store, &session, store_scene_at(29)), OK);
	assert_int_equal(store_counters(c->store).commits, commits);
	assert_int_equal(store_session_touch(c->s, c->store, &session, store_scene_at(30)), OK);
	assert_int_equal(store_counters(c->store).commits, commits + 1);
	assert_int_equal(session_at(c, &session, 31)->last_seen.unix_s, store_scene_at(30).unix_s);
	/* Gone stays gone. */
	assert_int_equal(store_session_end(c->s, c->store, session.sha256), OK);
	assert_int_equal(store_session_end(c->s, c->store, session.sha256), OK);
	assert_int_equal(store_session_touch(c->s, c->store, &session, store_scene_at(90)), OK);
	assert_null(session_at(c, &session, 91));
}

static void test_purging(void **state)
{
	struct store_scene *c = *state;
	struct store_session one = session_of(c, 1, c->clerk), two = session_of(c, 2, c->clerk);
	uint64_t n;
	assert_int_equal(store_session_touch(c->s, c->store, &two, store_scene_at(500)), OK);
	assert_int_equal(
	    store_session_purge(c->s, c->store, store_scene_at(600), store_scene_at(0), &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(
	    store_session_purge(c->s, c->store, store_scene_at(600), store_scene_at(1), &n), OK);
	assert_int_equal(n, 1);
	assert_null(session_at(c, &one, 601));
	assert_non_null(session_at(c, &two, 601));
	assert_int_equal(
	    store_session_purge(c->s, c->store, store_scene_at(10000), store_scene_at(1), &n), OK);
	assert_int_equal(n, 1);
}

static void test_a_new_password_ends_sessions(void **state)
{
	struct store_scene *c = *state;
	struct store_session own = session_of(c, 1, c->clerk), other = session_of(c, 2, c->clerk);
	struct store_session approvers = session_of(c, 3, c->approver);
	struct instant until;
	uint64_t n;
	assert_int_equal(
	    store_person_failed(c->s, c->store, c->clerk, 1, store_scene_at(0), &until), OK);
	assert_int_equal(
	    store_person_set_password(c->s, c->store, c->clerk, "$1", false, own.sha256), OK);
	assert_non_null(session_at(c, &own, 1));
	assert_null(session_at(c, &other, 1));
	assert_non_null(session_at(c, &approvers, 1));
	assert_string_equal(person(c, c->clerk)->password_hash, "$1");
	assert_int_equal(person(c, c->clerk)->failures, 0);
	assert_int_equal(store_person_set_password(c->s, c->store, c->clerk, "$2", true, NULL), OK);
	assert_null(session_at(c, &own, 1));
	assert_true(person(c, c->clerk)->must_change);
	assert_int_equal(store_person_rehash(c->s, c->store, c->clerk, "$1", "$3"), ERR_MISUSE);
	assert_int_equal(store_person_rehash(c->s, c->store, c->clerk, "$2", "$3"), OK);
	assert_true(person(c, c->clerk)->must_change);
	assert_int_equal(store_session_end_person(c->s, c->store, c->approver, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(
	    store_person_set_password(c->s, c->store, "ps_none", "$", false, NULL), ERR_MISUSE);
}

/* Who may do less loses his sessions; who may do more keeps them. */
static void test_fewer_rights_end_sessions(void **state)
{
	struct store_scene *c = *state;
	struct store_person p = *person(c, c->clerk);
	struct store_session session = session_of(c, 1, c->clerk);
	p.name = "Clara";
	p.roles |= STORE_PERSON_AUDITOR;
	assert_int_equal(store_person_change(c->s, c->store, &p), OK);
	assert_non_null(session_at(c, &session, 1));
	p.roles = STORE_PERSON_AUDITOR;
	assert_int_equal(store_person_change(c->s, c->store, &p), OK);
	assert_null(session_at(c, &session, 1));
	session = session_of(c, 2, c->clerk);
	p.active = false;
	assert_int_equal(store_person_change(c->s, c->store, &p), OK);
	assert_null(session_at(c, &session, 1));
	assert_string_equal(person(c, c->clerk)->name, "Clara");
	assert_false(person(c, c->clerk)->active);
	p.id = "ps_none";
	assert_int_equal(store_person_change(c->s, c->store, &p), ERR_MISUSE);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_partners),
		SCENE(test_lists_by_name),
		SCENE(test_logins),
		SCENE(test_waiting_doubles),
		SCENE(test_lists_and_counts),
		SCENE(test_sessions_end_by_time),
		SCENE(test_touching_writes_seldom),
		SCENE(test_purging),
		SCENE(test_a_new_password_ends_sessions),
		SCENE(test_fewer_rights_end_sessions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
