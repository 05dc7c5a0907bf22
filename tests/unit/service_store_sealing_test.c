#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_session.h"
#include "tests/support/store_scene.h"

#define THREADS 8

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

static const struct store_sealing *find(struct store_scene *c, const char *id)
{
	const struct store_sealing *g;
	assert_int_equal(store_sealing_find(c->s, c->store, id, &g), OK);
	assert_non_null(g);
	return g;
}

static unsigned begin(struct store_scene *c, const char *id)
{
	struct store_sealing_attempt a = { c->officer, "ky_1", store_scene_at(10) };
	unsigned attempt = 0;
	assert_int_equal(store_sealing_begin(c->s, c->store, id, &a, &attempt), OK);
	return attempt;
}

static void finish(struct store_scene *c, const char *id, unsigned attempt)
{
	struct store_sealing_document d[2] = {
		{ .n = 1, .sealed_size = 1100, .sealed_sha256 = { 11 }, .summary = "{}" },
		{ .n = 2, .sealed_size = 2100, .sealed_sha256 = { 12 }, .summary = "{}" }
	};
	assert_int_equal(
	    store_sealing_finish(c->s, c->store, id, attempt, d, 2, store_scene_at(20)), OK);
}

static void test_added_and_found(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing g = store_scene_sealing(c, c->s);
	const struct store_sealing *there;
	bool is_new = false;
	g.return_url = "https://fund.example/back";
	g.has_window = true;
	g.window_sha256[0] = 5;
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), OK);
	assert_true(is_new);
	there = find(c, g.id);
	assert_int_equal(there->state, STORE_SEALING_AWAITING);
	assert_string_equal(there->portal, "fund");
	assert_string_equal(there->partner, c->partner);
	assert_string_equal(there->data, "{\"sum\":1}");
	assert_string_equal(there->return_url, "https://fund.example/back");
	assert_null(there->idempotency_key);
	assert_int_equal(there->attempts, 0);
	assert_true(there->has_files);
	assert_false(instant_is_known(there->ended));
	assert_int_equal(there->n_documents, 2);
	assert_string_equal(there->document[1].name, "annex.pdf");
	assert_int_equal(there->document[1].size, 2000);
	assert_int_equal(there->document[1].sealed_size, 0);
	assert_int_equal(store_sealing_find_window(c->s, c->store, g.window_sha256, &there), OK);
	assert_string_equal(there->id, g.id);
	assert_int_equal(store_sealing_find(c->s, c->store, "sl_none", &there), OK);
	assert_null(there);
}

static void test_partner_must_be_active(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing g = store_scene_sealing(c, c->s);
	const struct store_sealing *there;
	const struct store_partner *p;
	bool is_new;
	assert_int_equal(store_partner_find(c->s, c->store, c->partner, &p), OK);
	struct store_partner changed = *p;
	changed.active = false;
	assert_int_equal(store_partner_change(c->s, c->store, &changed), OK);
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), ERR_MISUSE);
	g.partner = "pt_none";
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), ERR_MISUSE);
	g.partner = NULL;
	g.unattended = true;
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), OK);
}

static void test_sealed(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	assert_int_equal(begin(c, id), 1);
	assert_int_equal(find(c, id)->state, STORE_SEALING_SEALING);
	finish(c, id, 1);
	const struct store_sealing *g = find(c, id);
	assert_int_equal(g->state, STORE_SEALING_SEALED);
	assert_string_equal(g->officer, c->officer);
	assert_int_equal(g->ended.unix_s, store_scene_at(20).unix_s);
	assert_int_equal(g->document[0].sealed_size, 1100);
	assert_int_equal(g->document[1].sealed_sha256[0], 12);
	assert_int_equal(
	    store_sealing_find_sealed(c->s, c->store, g->document[1].sealed_sha256, &g), OK);
	assert_string_equal(g->id, id);
}

static void test_not_all_documents(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	struct store_sealing_document d[2] = { { .n = 1, .sealed_sha256 = { 1 } },
		{ .n = 3, .sealed_sha256 = { 1 } } };
	unsigned a = begin(c, id);
	assert_int_equal(
	    store_sealing_finish(c->s, c->store, id, a, d, 1, store_scene_at(20)), ERR_MISUSE);
	assert_int_equal(
	    store_sealing_finish(c->s, c->store, id, a, d, 2, store_scene_at(20)), ERR_MISUSE);
	/* All of it was undone. */
	assert_int_equal(find(c, id)->state, STORE_SEALING_SEALING);
	assert_int_equal(find(c, id)->document[0].sealed_sha256[0], 0);
	finish(c, id, a);
}

static void test_attempts_are_told_apart(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	struct store_sealing_document d[2] = { { .n = 1 }, { .n = 2 } };
	assert_int_equal(begin(c, id), 1);
	assert_int_equal(
	    store_sealing_back(c->s, c->store, id, 1, "tsa-unreachable", "No time"), OK);
	assert_string_equal(find(c, id)->cause, "tsa-unreachable");
	assert_string_equal(find(c, id)->cause_text, "No time");
	assert_int_equal(begin(c, id), 2);
	assert_string_equal(find(c, id)->cause, "");
	/* What the first one brings late is refused, whatever it is. */
	assert_int_equal(
	    store_sealing_finish(c->s, c->store, id, 1, d, 2, store_scene_at(30)), ERR_MISUSE);
	assert_int_equal(store_sealing_back(c->s, c->store, id, 1, "x", ""), ERR_MISUSE);
	assert_int_equal(
	    store_sealing_fail(c->s, c->store, id, 1, "x", "", store_scene_at(30)), ERR_MISUSE);
	finish(c, id, 2);
	assert_int_equal(store_sealing_back(c->s, c->store, id, 2, "x", ""), ERR_MISUSE);
}

/* From each state, each move that is not allowed is refused and changes nothing. */
static void test_moves_that_are_refused(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing_attempt a = { c->officer, "ky_1", store_scene_at(10) };
	unsigned n;
	const char *sealed = store_scene_add_sealing(c, c->s)->id;
	const char *cancelled = store_scene_add_sealing(c, c->s)->id;
	const char *expired = store_scene_add_sealing(c, c->s)->id;
	const char *failed = store_scene_add_sealing(c, c->s)->id;
	const char *sealing = store_scene_add_sealing(c, c->s)->id;
	finish(c, sealed, begin(c, sealed));
	assert_int_equal(
	    store_sealing_cancel(c->s, c->store, cancelled, "portal", "", store_scene_at(9)), OK);
	assert_int_equal(
	    store_sealing_expire(c->s, c->store, expired, store_scene_at(3599)), ERR_MISUSE);
	assert_int_equal(store_sealing_expire(c->s, c->store, expired, store_scene_at(3600)), OK);
	assert_int_equal(store_sealing_fail(c->s, c->store, failed, begin(c, failed), "key", "",
			     store_scene_at(9)),
	    OK);
	begin(c, sealing);
	const char *const ids[] = { sealed, cancelled, expired, failed, sealing };
	static const enum store_sealing_state states[] = { STORE_SEALING_SEALED,
		STORE_SEALING_CANCELLED, STORE_SEALING_EXPIRED, STORE_SEALING_FAILED,
		STORE_SEALING_SEALING };
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(store_sealing_begin(c->s, c->store, ids[i], &a, &n), ERR_MISUSE);
		assert_int_equal(
		    store_sealing_cancel(c->s, c->store, ids[i], "x", "", store_scene_at(9)),
		    ERR_MISUSE);
		assert_int_equal(
		    store_sealing_expire(c->s, c->store, ids[i], store_scene_at(9999)), ERR_MISUSE);
		assert_int_equal(
		    store_sealing_set_window(c->s, c->store, ids[i], (uint8_t[32]){ 1 }),
		    ERR_MISUSE);
		assert_int_equal(find(c, ids[i])->state, states[i]);
	}
	assert_int_equal(store_sealing_retire(c->s, c->store, sealing), ERR_MISUSE);
}

static void test_begun_only_before_it_expires(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	struct store_sealing_attempt a = { c->officer, "ky_1", store_scene_at(3600) };
	unsigned n;
	assert_int_equal(store_sealing_begin(c->s, c->store, id, &a, &n), ERR_MISUSE);
	a.now = store_scene_at(3599);
	assert_int_equal(store_sealing_begin(c->s, c->store, id, &a, &n), OK);
}

static void test_an_end_ends_the_windows_sessions(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	struct store_session session = { .sha256 = { 1 },
		.listener = "window",
		.person = c->officer,
		.sealing = id,
		.csrf = "c",
		.address = "127.0.0.1",
		.began = store_scene_at(0),
		.last_seen = store_scene_at(0),
		.ends = store_scene_at(900) };
	const struct store_session *there;
	assert_int_equal(store_session_add(c->s, c->store, &session), OK);
	assert_int_equal(
	    store_sealing_cancel(c->s, c->store, id, "portal", "", store_scene_at(1)), OK);
	assert_int_equal(store_session_find(c->s, c->store, session.sha256, "window",
			     store_scene_at(2), 900, &there),
	    OK);
	assert_null(there);
}

static void test_interrupted_ones_come_back(void **state)
{
	struct store_scene *c = *state;
	const char *one = store_scene_add_sealing(c, c->s)->id;
	const char *other = store_scene_add_sealing(c, c->s)->id;
	const char *const *ids;
	size_t n;
	begin(c, one); /* at second 10 */
	store_scene_reopen(c);
	assert_int_equal(store_sealing_recover(c->s, c->store, store_scene_at(10), &ids, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(store_sealing_recover(c->s, c->store, store_scene_at(11), &ids, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], one);
	assert_int_equal(find(c, one)->state, STORE_SEALING_AWAITING);
	assert_string_equal(find(c, one)->cause, "interrupted");
	assert_string_equal(find(c, other)->cause, "");
	assert_int_equal(begin(c, one), 2);
}

/* -- one key, one sealing -- */

static void test_a_repeated_key(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing g = store_scene_sealing(c, c->s);
	const struct store_sealing *first, *again;
	bool is_new;
	g.idempotency_key = "k1";
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &first, &is_new), OK);
	assert_true(is_new);
	struct store_sealing repeat = store_scene_sealing(c, c->s);
	repeat.idempotency_key = "k1";
	assert_int_equal(store_sealing_add(c->s, c->store, &repeat, &again, &is_new), OK);
	assert_false(is_new);
	assert_string_equal(again->id, g.id);
	assert_int_equal(again->n_documents, 2);
	repeat.request_sha256[0]++;
	assert_int_equal(store_sealing_add(c->s, c->store, &repeat, &again, &is_new), ERR_MISUSE);
	/* Another portal's keys are its own. */
	repeat.portal = "bank";
	assert_int_equal(store_sealing_add(c->s, c->store, &repeat, &again, &is_new), OK);
	assert_true(is_new);
	assert_int_equal(store_sealing_find_repeat(c->s, c->store, "fund", "k1", &again), OK);
	assert_string_equal(again->id, g.id);
	assert_int_equal(store_sealing_find_repeat(c->s, c->store, "fund", "k2", &again), OK);
	assert_null(again);
}

struct race {
	struct store_scene *scene;
	const char *id; /* of a sealing, or NULL: they add */
	pthread_barrier_t *start;
	enum err e;
	bool is_new;
	char got[64];
};

static void *race_to_add(void *ctx)
{
	struct race *r = ctx;
	struct scope *s = scope_new(0);
	struct store_sealing g = store_scene_sealing(r->scene, s);
	const struct store_sealing *there = NULL;
	g.idempotency_key = "race";
	pthread_barrier_wait(r->start);
	r->e = store_sealing_add(s, r->scene->store, &g, &there, &r->is_new);
	if (there)
		strncpy(r->got, there->id, sizeof(r->got) - 1);
	scope_free(s);
	return NULL;
}

static void *race_to_begin(void *ctx)
{
	struct race *r = ctx;
	struct scope *s = scope_new(0);
	struct store_sealing_attempt a = { r->scene->officer, "ky_1", store_scene_at(10) };
	unsigned n;
	pthread_barrier_wait(r->start);
	r->e = store_sealing_begin(s, r->scene->store, r->id, &a, &n);
	scope_free(s);
	return NULL;
}

static void run_race(
    struct store_scene *c, void *(*run)(void *), const char *id, struct race race[THREADS])
{
	pthread_t thread[THREADS];
	pthread_barrier_t start;
	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		race[i] = (struct race){ .scene = c, .id = id, .start = &start };
		assert_int_equal(pthread_create(&thread[i], NULL, run, &race[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
}

static void test_a_race_for_a_key(void **state)
{
	struct store_scene *c = *state;
	struct race race[THREADS];
	uint64_t count[STORE_SEALING_STATES];
	int n_new = 0;
	run_race(c, race_to_add, NULL, race);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(race[i].e, OK);
		assert_string_equal(race[i].got, race[0].got);
		n_new += race[i].is_new;
	}
	assert_int_equal(n_new, 1);
	assert_int_equal(store_sealing_count(c->s, c->store, count), OK);
	assert_int_equal(count[STORE_SEALING_AWAITING], 1);
}

static void test_a_race_of_officers(void **state)
{
	struct store_scene *c = *state;
	struct race race[THREADS];
	for (int round = 0; round < 20; round++) {
		const char *id = store_scene_add_sealing(c, c->s)->id;
		int n_won = 0;
		run_race(c, race_to_begin, id, race);
		for (int i = 0; i < THREADS; i++) {
			n_won += race[i].e == OK;
			assert_true(race[i].e == OK || race[i].e == ERR_MISUSE);
		}
		assert_int_equal(n_won, 1);
		assert_int_equal(find(c, id)->attempts, 1);
	}
}

/* -- lists -- */

static void test_pages_of_a_list(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing_filter filter = { .portal = "fund",
		.state = STORE_SEALING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	struct store_sealing_list list;
	const struct store_sealing *there;
	bool is_new;
	for (int i = 0; i < 25; i++) {
		struct store_sealing g = store_scene_sealing(c, c->s);
		g.created = store_scene_at(i / 2); /* two at a time */
		g.portal = i % 5 ? "fund" : "bank";
		assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), OK);
	}
	int n = 0;
	int64_t last = INT64_MAX;
	struct store_page page = { .limit = 7 };
	do {
		assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
		for (size_t i = 0; i < list.n; i++, n++) {
			assert_true(list.sealing[i].created.unix_s <= last);
			last = list.sealing[i].created.unix_s;
			assert_string_equal(list.sealing[i].portal, "fund");
		}
		page.after = list.next;
		/* One that comes meanwhile is before what is still to be read. */
		struct store_sealing g = store_scene_sealing(c, c->s);
		g.created = store_scene_at(100);
		assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), OK);
	} while (list.next);
	assert_int_equal(n, 20);
	/* Exactly as many as the page holds: no next one. */
	filter.before = store_scene_at(100);
	page = (struct store_page){ .limit = 20 };
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 20);
	assert_null(list.next);
	page.limit = 19;
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 19);
	assert_non_null(list.next);
}

static void test_filters(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing_filter filter = {
		.state = STORE_SEALING_SEALED, .since = INSTANT_NONE, .before = INSTANT_NONE
	};
	struct store_sealing_list list;
	struct store_page page = { 0 };
	const char *id = store_scene_add_sealing(c, c->s)->id;
	store_scene_add_sealing(c, c->s);
	finish(c, id, begin(c, id));
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.sealing[0].id, id);
	filter.state = STORE_SEALING_ANY;
	filter.partner = c->partner;
	filter.reference = "F-1";
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 2);
	filter.reference = "F-2";
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 0);
	filter.reference = NULL;
	filter.since = store_scene_at(1);
	assert_int_equal(store_sealing_list(c->s, c->store, &filter, page, &list), OK);
	assert_int_equal(list.n, 0);
}

static void test_forged_places(void **state)
{
	struct store_scene *c = *state;
	static const char *const forged[] = { "", ".", "x", "0", "0.", "0.1", "0.1.", "0.x.sl_1",
		"10.1.a", "0 .1.a" };
	struct store_sealing_filter filter = {
		.state = STORE_SEALING_ANY, .since = INSTANT_NONE, .before = INSTANT_NONE
	};
	struct store_sealing_list list;
	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++)
		assert_int_equal(store_sealing_list(c->s, c->store, &filter,
				     (struct store_page){ .after = forged[i] }, &list),
		    ERR_FORMAT);
}

static void test_what_is_due(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing_list list;
	const char *id = store_scene_add_sealing(c, c->s)->id;
	assert_int_equal(
	    store_sealing_list_expired(c->s, c->store, store_scene_at(3599), &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(
	    store_sealing_list_expired(c->s, c->store, store_scene_at(3600), &list), OK);
	assert_int_equal(list.n, 1);
	finish(c, id, begin(c, id)); /* ended at second 20 */
	assert_int_equal(
	    store_sealing_list_expired(c->s, c->store, store_scene_at(3600), &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(store_sealing_list_retired(c->s, c->store, store_scene_at(20), &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(store_sealing_list_retired(c->s, c->store, store_scene_at(21), &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(store_sealing_retire(c->s, c->store, id), OK);
	assert_false(find(c, id)->has_files);
	assert_string_equal(find(c, id)->data, "");
	assert_int_equal(store_sealing_list_retired(c->s, c->store, store_scene_at(21), &list), OK);
	assert_int_equal(list.n, 0);
}

static void test_unattended_ones(void **state)
{
	struct store_scene *c = *state;
	struct store_sealing g = store_scene_sealing(c, c->s);
	const struct store_sealing *there;
	struct store_sealing_list list;
	bool is_new;
	store_scene_add_sealing(c, c->s);
	g.unattended = true;
	assert_int_equal(store_sealing_add(c->s, c->store, &g, &there, &is_new), OK);
	assert_int_equal(store_sealing_list_unattended(c->s, c->store, 10, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.sealing[0].id, g.id);
}

static void test_names_of_states(void **state)
{
	enum store_sealing_state found;
	(void)state;
	for (int i = 0; i < STORE_SEALING_STATES; i++) {
		assert_true(store_sealing_state_of_name(
		    store_sealing_state_name((enum store_sealing_state)i), &found));
		assert_int_equal(found, i);
	}
	assert_false(store_sealing_state_of_name("Sealed", &found));
	assert_false(store_sealing_state_of_name(NULL, &found));
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_added_and_found),
		SCENE(test_partner_must_be_active),
		SCENE(test_sealed),
		SCENE(test_not_all_documents),
		SCENE(test_attempts_are_told_apart),
		SCENE(test_moves_that_are_refused),
		SCENE(test_begun_only_before_it_expires),
		SCENE(test_an_end_ends_the_windows_sessions),
		SCENE(test_interrupted_ones_come_back),
		SCENE(test_a_repeated_key),
		SCENE(test_a_race_for_a_key),
		SCENE(test_a_race_of_officers),
		SCENE(test_pages_of_a_list),
		SCENE(test_filters),
		SCENE(test_forged_places),
		SCENE(test_what_is_due),
		SCENE(test_unattended_ones),
		cmocka_unit_test(test_names_of_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
