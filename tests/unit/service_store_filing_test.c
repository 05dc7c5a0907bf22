#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_webhook.h"
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

static const struct store_filing *add(struct store_scene *c, const struct store_filing *f)
{
	const struct store_filing *there = NULL;
	bool is_new = false;
	assert_int_equal(store_filing_add(c->s, c->store, f, &there, &is_new), OK);
	assert_true(is_new);
	return there;
}

static const char *add_named(struct store_scene *c, const char *name, int64_t received)
{
	struct store_filing f = store_scene_filing(c->s, name, received);
	return add(c, &f)->id;
}

static const struct store_filing *find(struct store_scene *c, const char *id)
{
	const struct store_filing *f;
	assert_int_equal(store_filing_find(c->s, c->store, id, &f), OK);
	return f;
}

static void judge(
    struct store_scene *c, const char *id, enum store_filing_word word, const char *sender)
{
	struct store_filing_judgement j = { STORE_FILING_JUDGED, word, sender, "TOTAL-PASSED",
		"All is well", "{}", store_scene_at(5) };
	assert_int_equal(store_filing_judge(c->s, c->store, id, &j), OK);
}

static enum err decide(struct store_scene *c, const char *id, enum store_filing_decision decision)
{
	struct scope *s = scope_new(0);
	enum err e =
	    store_filing_decide(s, c->store, id, decision, c->clerk, store_scene_at(9), "seen");
	scope_free(s);
	return e;
}

static const struct store_filing_filter all = { .state = STORE_FILING_ANY,
	.word = STORE_FILING_ANY,
	.decision = STORE_FILING_ANY,
	.since = { INT64_MIN },
	.before = { INT64_MIN } };

static struct store_filing_list list(struct store_scene *c, const struct store_filing_filter *f)
{
	struct store_filing_list list;
	assert_int_equal(store_filing_list(c->s, c->store, f, (struct store_page){ 0 }, &list), OK);
	return list;
}

static void test_from_receipt_to_decision(void **state)
{
	struct store_scene *c = *state;
	const char *id = add_named(c, "annual.pdf", 0);
	const struct store_filing *f = find(c, id);
	assert_int_equal(f->state, STORE_FILING_RECEIVED);
	assert_int_equal(f->word, STORE_FILING_NO_WORD);
	assert_int_equal(f->decision, STORE_FILING_OPEN);
	assert_null(f->sealing);
	assert_int_equal(decide(c, id, STORE_FILING_ACCEPTED), ERR_MISUSE);
	judge(c, id, STORE_FILING_CLOSER, "Duna Biztosító");
	judge(c, id, STORE_FILING_ACCEPT, "Duna Biztosító"); /* anew */
	f = find(c, id);
	assert_int_equal(f->state, STORE_FILING_JUDGED);
	assert_int_equal(f->word, STORE_FILING_ACCEPT);
	assert_string_equal(f->sentence, "All is well");
	assert_int_equal(decide(c, id, STORE_FILING_OPEN), ERR_MISUSE);
	assert_int_equal(decide(c, id, STORE_FILING_REFUSED), OK);
	assert_int_equal(decide(c, id, STORE_FILING_ACCEPTED), ERR_MISUSE);
	f = find(c, id);
	assert_int_equal(f->decision, STORE_FILING_REFUSED);
	assert_string_equal(f->decided_by, c->clerk);
	assert_string_equal(f->note, "seen");
	struct store_filing_judgement j = { .state = STORE_FILING_JUDGED,
		.now = store_scene_at(10) };
	assert_int_equal(store_filing_judge(c->s, c->store, id, &j), ERR_MISUSE);
	assert_null(find(c, "fl_none"));
}

static void test_a_sealed_file_is_recognised(void **state)
{
	struct store_scene *c = *state;
	const char *sealing = store_scene_add_sealing(c, c->s)->id;
	struct store_sealing_attempt a = { c->officer, "ky_1", store_scene_at(1) };
	struct store_sealing_document d[2] = { { .n = 1, .sealed_sha256 = { 50 } },
		{ .n = 2, .sealed_sha256 = { 51 } } };
	unsigned attempt;
	assert_int_equal(store_sealing_begin(c->s, c->store, sealing, &a, &attempt), OK);
	assert_int_equal(
	    store_sealing_finish(c->s, c->store, sealing, attempt, d, 2, store_scene_at(2)), OK);
	struct store_filing f = store_scene_filing(c->s, "x.pdf", 10);
	f.sha256[0] = 51;
	assert_string_equal(add(c, &f)->sealing, sealing);
	f = store_scene_filing(c->s, "y.pdf", 10);
	f.sha256[0] = 52;
	assert_null(add(c, &f)->sealing);
}

static void test_a_repeated_key(void **state)
{
	struct store_scene *c = *state;
	struct store_filing f = store_scene_filing(c->s, "x.pdf", 0);
	const struct store_filing *there;
	bool is_new = true;
	f.idempotency_key = "k";
	add(c, &f);
	struct store_filing again = store_scene_filing(c->s, "x.pdf", 0);
	again.idempotency_key = "k";
	assert_int_equal(store_filing_add(c->s, c->store, &again, &there, &is_new), OK);
	assert_false(is_new);
	assert_string_equal(there->id, f.id);
	again.request_sha256[5] = 1;
	assert_int_equal(store_filing_add(c->s, c->store, &again, &there, &is_new), ERR_MISUSE);
	assert_int_equal(store_filing_find_repeat(c->s, c->store, "fund", "k", &there), OK);
	assert_string_equal(there->id, f.id);
}

static void test_open_ones_first(void **state)
{
	struct store_scene *c = *state;
	const char *ids[9];
	char name[16];
	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "%d.pdf", i);
		ids[i] = add_named(c, name, i);
		judge(c, ids[i], STORE_FILING_ACCEPT, "");
		if (i % 3 == 0)
			assert_int_equal(decide(c, ids[i], STORE_FILING_ACCEPTED), OK);
	}
	static const int order[] = { 8, 7, 5, 4, 2, 1, 6, 3, 0 };
	for (unsigned limit = 1; limit <= 10; limit++) {
		struct store_page page = { .limit = limit };
		struct store_filing_list part;
		size_t n = 0;
		do {
			assert_int_equal(store_filing_list(c->s, c->store, &all, page, &part), OK);
			assert_true(part.n <= limit);
			for (size_t i = 0; i < part.n; i++, n++)
				assert_string_equal(part.filing[i].id, ids[order[n]]);
			page.after = part.next;
		} while (part.next);
		assert_int_equal(n, 9);
	}
}

static void test_filters(void **state)
{
	struct store_scene *c = *state;
	struct store_filing_filter f = all;
	const char *one = add_named(c, "one.pdf", 0);
	struct store_filing dropped = store_scene_filing(c->s, "two.pdf", 10);
	dropped.source = "desk";
	dropped.person = c->clerk;
	dropped.batch = "bt_1";
	add(c, &dropped);
	judge(c, one, STORE_FILING_REFUSE, "");
	f.source = "desk";
	assert_int_equal(list(c, &f).n, 1);
	f.source = NULL;
	f.batch = "bt_1";
	assert_string_equal(list(c, &f).filing[0].id, dropped.id);
	f.batch = NULL;
	f.word = STORE_FILING_REFUSE;
	assert_string_equal(list(c, &f).filing[0].id, one);
	assert_int_equal(list(c, &f).n, 1);
	f.word = STORE_FILING_ACCEPT;
	assert_int_equal(list(c, &f).n, 0);
	f = all;
	f.state = STORE_FILING_RECEIVED;
	assert_int_equal(list(c, &f).n, 1);
	f = all;
	f.decision = STORE_FILING_ACCEPTED;
	assert_int_equal(list(c, &f).n, 0);
	assert_int_equal(decide(c, one, STORE_FILING_ACCEPTED), OK);
	assert_int_equal(list(c, &f).n, 1);
	f = all;
	f.since = store_scene_at(10);
	assert_int_equal(list(c, &f).n, 1);
	f.since = store_scene_at(11);
	assert_int_equal(list(c, &f).n, 0);
	f = all;
	f.before = store_scene_at(10);
	assert_int_equal(list(c, &f).n, 1);
}

static size_t n_with(struct store_scene *c, const char *text)
{
	struct store_filing_filter f = all;
	f.text = text;
	return list(c, &f).n;
}

static void test_free_text(void **state)
{
	struct store_scene *c = *state;
	struct store_filing f = store_scene_filing(c->s, "Éves beszámoló 2025.pdf", 0);
	f.reference = "MNB-77/2026";
	const char *id = add(c, &f)->id;
	add_named(c, "100% \"ok\"_x.pdf", 1);
	judge(c, id, STORE_FILING_ACCEPT, "Duna Biztosító Zrt.");
	/* In each of the three, without regard to case, accents and blanks. */
	assert_int_equal(n_with(c, "beszámoló"), 1);
	assert_int_equal(n_with(c, "EVES BESZAMOLO"), 1);
	assert_int_equal(n_with(c, "77/2026"), 1);
	assert_int_equal(n_with(c, "biztosito zrt"), 1);
	assert_int_equal(n_with(c, "Tisza"), 0);
	assert_int_equal(n_with(c, ".pdf"), 2);
	/* Fewer than three characters, and none. */
	assert_int_equal(n_with(c, "25"), 1);
	assert_int_equal(n_with(c, "p"), 2);
	assert_int_equal(n_with(c, ""), 2);
	assert_int_equal(n_with(c, " "), 2);
	/* What the languages of patterns would understand means itself. */
	assert_int_equal(n_with(c, "%"), 1);
	assert_int_equal(n_with(c, "_"), 1);
	assert_int_equal(n_with(c, "\\"), 0);
	assert_int_equal(n_with(c, "\"ok\""), 1);
	assert_int_equal(n_with(c, "\"k\" OR \"p\""), 0);
	assert_int_equal(n_with(c, "name:pdf"), 0);
	assert_int_equal(n_with(c, "*.pdf"), 0);
	/* Another sender: the former one is not found any more. */
	judge(c, id, STORE_FILING_ACCEPT, "Tisza Bank");
	assert_int_equal(n_with(c, "biztosito"), 0);
	assert_int_equal(n_with(c, "tisza"), 1);
}

static void test_removed_ones_are_not_found(void **state)
{
	struct store_scene *c = *state;
	struct store_filing_list old;
	const char *id = add_named(c, "annual.pdf", 0);
	add_named(c, "annual.pdf", 100);
	assert_int_equal(store_filing_list_retired(c->s, c->store, store_scene_at(100), &old), OK);
	assert_int_equal(old.n, 1);
	assert_string_equal(old.filing[0].id, id);
	assert_int_equal(store_filing_remove(c->s, c->store, id), OK);
	assert_int_equal(store_filing_remove(c->s, c->store, id), OK);
	assert_null(find(c, id));
	assert_int_equal(n_with(c, "annual"), 1);
	/* A new row in the removed one's place has nothing of it. */
	assert_int_equal(n_with(c, "annual.pdf"), 1);
	assert_int_equal(store_filing_list_retired(c->s, c->store, store_scene_at(100), &old), OK);
	assert_int_equal(old.n, 0);
}

static void test_counts(void **state)
{
	struct store_scene *c = *state;
	uint64_t n[STORE_FILING_WORDS];
	struct store_filing_list waiting;
	const char *one = add_named(c, "1.pdf", 0), *two = add_named(c, "2.pdf", 1);
	add_named(c, "3.pdf", 2);
	judge(c, one, STORE_FILING_ACCEPT, "");
	judge(c, two, STORE_FILING_REFUSE, "");
	assert_int_equal(decide(c, two, STORE_FILING_REFUSED), OK);
	assert_int_equal(store_filing_count_open(c->s, c->store, n), OK);
	assert_int_equal(n[STORE_FILING_NO_WORD], 1);
	assert_int_equal(n[STORE_FILING_ACCEPT], 1);
	assert_int_equal(n[STORE_FILING_CLOSER], 0);
	assert_int_equal(n[STORE_FILING_REFUSE], 0);
	assert_int_equal(store_filing_list_received(c->s, c->store, 10, &waiting), OK);
	assert_int_equal(waiting.n, 1);
	assert_string_equal(waiting.filing[0].name, "3.pdf");
}

static void test_words(void **state)
{
	enum store_filing_word word;
	enum store_filing_state filing_state;
	enum store_filing_decision decision;
	(void)state;
	assert_true(store_filing_word_of_name("closer", &word));
	assert_int_equal(word, STORE_FILING_CLOSER);
	assert_true(store_filing_state_of_name("unreadable", &filing_state));
	assert_int_equal(filing_state, STORE_FILING_UNREADABLE);
	assert_true(store_filing_decision_of_name("refused", &decision));
	assert_int_equal(decision, STORE_FILING_REFUSED);
	assert_false(store_filing_decision_of_name("refuse", &decision));
}

/* -- webhooks -- */

static const char *add_webhook(struct store_scene *c, const char *portal, int64_t created)
{
	struct store_webhook w = { .id = store_scene_id(c->s, IDENTIFIER_WEBHOOK),
		.portal = portal,
		.event = "sealing.sealed",
		.object = "sl_1",
		.body = "{}",
		.created = store_scene_at(created) };
	assert_int_equal(store_webhook_add(c->s, c->store, &w), OK);
	return w.id;
}

static size_t n_due(struct store_scene *c, int64_t at)
{
	struct store_webhook_list due;
	assert_int_equal(
	    store_webhook_list_due(c->s, c->store, store_scene_at(at), 10, 10, &due), OK);
	return due.n;
}

static void test_webhooks(void **state)
{
	struct store_scene *c = *state;
	struct instant next;
	uint64_t n[STORE_WEBHOOK_STATES], purged;
	const struct store_webhook *w;
	assert_int_equal(store_webhook_next(c->s, c->store, &next), OK);
	assert_false(instant_is_known(next));
	const char *one = add_webhook(c, "fund", 0), *two = add_webhook(c, "bank", 5);
	assert_int_equal(n_due(c, -1), 0);
	assert_int_equal(n_due(c, 0), 1);
	assert_int_equal(n_due(c, 5), 2);
	assert_int_equal(
	    store_webhook_failed(c->s, c->store, one, "HTTP 503", store_scene_at(60)), OK);
	assert_int_equal(n_due(c, 59), 1);
	assert_int_equal(n_due(c, 60), 2);
	assert_int_equal(store_webhook_next(c->s, c->store, &next), OK);
	assert_int_equal(next.unix_s, store_scene_at(5).unix_s);
	assert_int_equal(
	    store_webhook_delivered(c->s, c->store, two, "HTTP 200", store_scene_at(6)), OK);
	assert_int_equal(
	    store_webhook_delivered(c->s, c->store, two, "HTTP 200", store_scene_at(7)),
	    ERR_MISUSE);
	assert_int_equal(store_webhook_retry(c->s, c->store, one, store_scene_at(8)), ERR_MISUSE);
	assert_int_equal(store_webhook_failed(c->s, c->store, one, "no answer", INSTANT_NONE), OK);
	assert_int_equal(store_webhook_find(c->s, c->store, one, &w), OK);
	assert_int_equal(w->state, STORE_WEBHOOK_GIVEN_UP);
	assert_int_equal(w->attempts, 2);
	assert_string_equal(w->answer, "no answer");
	assert_int_equal(n_due(c, 1000), 0);
	assert_int_equal(store_webhook_retry(c->s, c->store, one, store_scene_at(100)), OK);
	assert_int_equal(n_due(c, 100), 1);
	assert_int_equal(store_webhook_count(c->s, c->store, n), OK);
	assert_int_equal(n[STORE_WEBHOOK_WAITING], 1);
	assert_int_equal(n[STORE_WEBHOOK_DELIVERED], 1);
	assert_int_equal(n[STORE_WEBHOOK_GIVEN_UP], 0);
	assert_int_equal(store_webhook_purge(c->s, c->store, store_scene_at(1000), &purged), OK);
	assert_int_equal(purged, 1);
	assert_int_equal(store_webhook_find(c->s, c->store, two, &w), OK);
	assert_null(w);
}

static void test_lists_of_webhooks(void **state)
{
	struct store_scene *c = *state;
	struct store_webhook_list part;
	struct store_page page = { .limit = 2 };
	for (int i = 0; i < 5; i++)
		add_webhook(c, i % 2 ? "bank" : "fund", i);
	assert_int_equal(
	    store_webhook_list(c->s, c->store, "fund", STORE_WEBHOOK_WAITING, page, &part), OK);
	assert_int_equal(part.n, 2);
	assert_int_equal(part.webhook[0].created.unix_s, store_scene_at(4).unix_s);
	page.after = part.next;
	assert_int_equal(
	    store_webhook_list(c->s, c->store, "fund", STORE_WEBHOOK_WAITING, page, &part), OK);
	assert_int_equal(part.n, 1);
	assert_null(part.next);
	page = (struct store_page){ 0 };
	assert_int_equal(
	    store_webhook_list(c->s, c->store, NULL, STORE_WEBHOOK_WAITING, page, &part), OK);
	assert_int_equal(part.n, 5);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_from_receipt_to_decision),
		SCENE(test_a_sealed_file_is_recognised),
		SCENE(test_a_repeated_key),
		SCENE(test_open_ones_first),
		SCENE(test_filters),
		SCENE(test_free_text),
		SCENE(test_removed_ones_are_not_found),
		SCENE(test_counts),
		cmocka_unit_test(test_words),
		SCENE(test_webhooks),
		SCENE(test_lists_of_webhooks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
