/*
 * How SQLite carries out the statements of the store: no request may read a table that grows from
 * its beginning to its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_key.h"
#include "service/store/store_parts.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"
#include "service/store/store_session.h"
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

/* Each filter by itself and all pairs of them: the statements are different ones. */
static void run_sealing_lists(struct store_scene *c)
{
	struct store_sealing_list list;
	for (int a = 0; a < 6; a++)
		for (int b = a; b < 6; b++) {
			struct store_sealing_filter f = { .portal = a == 0 || b == 0 ? "p" : NULL,
				.partner = a == 1 || b == 1 ? c->partner : NULL,
				.state =
				    a == 2 || b == 2 ? STORE_SEALING_SEALED : STORE_SEALING_ANY,
				.since = a == 3 || b == 3 ? store_scene_at(0) : INSTANT_NONE,
				.before = a == 4 || b == 4 ? store_scene_at(9) : INSTANT_NONE,
				.reference = a == 5 || b == 5 ? "r" : NULL };
			assert_int_equal(
			    store_sealing_list(c->s, c->store, &f, (struct store_page){ 0 }, &list),
			    OK);
		}
	assert_int_equal(store_sealing_list_expired(c->s, c->store, store_scene_at(0), &list), OK);
	assert_int_equal(store_sealing_list_unattended(c->s, c->store, 10, &list), OK);
	assert_int_equal(store_sealing_list_retired(c->s, c->store, store_scene_at(0), &list), OK);
}

static void run_filing_lists(struct store_scene *c)
{
	struct store_filing_list list;
	for (int a = 0; a < 8; a++)
		for (int b = a; b < 8; b++) {
			struct store_filing_filter f = { .source = a == 0 || b == 0 ? "p" : NULL,
				.batch = a == 1 || b == 1 ? "bt" : NULL,
				.state = a == 2 || b == 2 ? STORE_FILING_JUDGED : STORE_FILING_ANY,
				.word = a == 3 || b == 3 ? STORE_FILING_REFUSE : STORE_FILING_ANY,
				.decision =
				    a == 4 || b == 4 ? STORE_FILING_REFUSED : STORE_FILING_ANY,
				.since = a == 5 || b == 5 ? store_scene_at(0) : INSTANT_NONE,
				.before = a == 6 || b == 6 ? store_scene_at(9) : INSTANT_NONE,
				.text = a == 7 || b == 7 ? "text" : NULL };
			assert_int_equal(
			    store_filing_list(c->s, c->store, &f, (struct store_page){ 0 }, &list),
			    OK);
		}
	assert_int_equal(store_filing_list_received(c->s, c->store, 10, &list), OK);
	assert_int_equal(store_filing_list_retired(c->s, c->store, store_scene_at(0), &list), OK);
}

static void run_finds(struct store_scene *c)
{
	const struct store_sealing *sealing;
	const struct store_filing *filing;
	const struct store_session *session;
	const struct store_person *person;
	const struct store_webhook *webhook;
	const uint8_t sha256[32] = { 1 };
	assert_int_equal(store_sealing_find(c->s, c->store, "x", &sealing), OK);
	assert_int_equal(store_sealing_find_repeat(c->s, c->store, "p", "k", &sealing), OK);
	assert_int_equal(store_sealing_find_window(c->s, c->store, sha256, &sealing), OK);
	assert_int_equal(store_sealing_find_sealed(c->s, c->store, sha256, &sealing), OK);
	assert_int_equal(store_filing_find(c->s, c->store, "x", &filing), OK);
	assert_int_equal(store_filing_find_repeat(c->s, c->store, "p", "k", &filing), OK);
	assert_int_equal(
	    store_session_find(c->s, c->store, sha256, "desk", store_scene_at(0), 60, &session),
	    OK);
	assert_int_equal(store_person_find_login(c->s, c->store, "anna", &person), OK);
	assert_int_equal(store_webhook_find(c->s, c->store, "x", &webhook), OK);
}

static void run_other_lists(struct store_scene *c)
{
	struct store_webhook_list webhooks;
	struct store_key_list keys;
	struct store_approval_list approvals;
	struct store_person_list persons;
	struct store_partner_list partners;
	struct instant next;
	struct store_page page = { 0 };
	uint64_t n;
	assert_int_equal(
	    store_webhook_list_due(c->s, c->store, store_scene_at(0), 9, 3, &webhooks), OK);
	assert_int_equal(store_webhook_next(c->s, c->store, &next), OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_webhook_list(c->s, c->store, i ? "p" : NULL,
				     STORE_WEBHOOK_GIVEN_UP, page, &webhooks),
		    OK);
	for (int i = 0; i < 2; i++) {
		const char *partner = i ? c->partner : NULL;
		assert_int_equal(store_key_list(c->s, c->store, partner, page, &keys), OK);
		assert_int_equal(
		    store_key_list_state(c->s, c->store, partner, STORE_KEY_WAITING, page, &keys),
		    OK);
		assert_int_equal(store_person_list(c->s, c->store, partner, page, &persons), OK);
	}
	assert_int_equal(
	    store_key_list_usable(c->s, c->store, c->partner, store_scene_at(0), &keys), OK);
	assert_int_equal(store_key_list_ending(c->s, c->store, store_scene_at(0), &keys), OK);
	assert_int_equal(store_key_list_ended(c->s, c->store, store_scene_at(0), &keys), OK);
	assert_int_equal(
	    store_approval_list(c->s, c->store, STORE_APPROVAL_WAITING, page, &approvals), OK);
	assert_int_equal(store_partner_list(c->s, c->store, page, &partners), OK);
	assert_int_equal(store_session_count(c->s, c->store, store_scene_at(0), &n), OK);
	assert_int_equal(store_key_count(c->s, c->store, STORE_KEY_WAITING, &n), OK);
}

static void run_changes(struct store_scene *c)
{
	const char *sealing = store_scene_add_sealing(c, c->s)->id, *const * ids;
	struct store_filing f = store_scene_filing(c->s, "a", 0);
	const struct store_filing *there;
	const uint8_t sha256[32] = { 1 };
	bool is_new;
	size_t n_ids;
	uint64_t n;
	f.idempotency_key = "k";
	assert_int_equal(
	    store_sealing_cancel(c->s, c->store, sealing, "x", "", store_scene_at(1)), OK);
	assert_int_equal(store_sealing_retire(c->s, c->store, sealing), OK);
	assert_int_equal(
	    store_sealing_recover(c->s, c->store, store_scene_at(0), &ids, &n_ids), OK);
	assert_int_equal(store_filing_add(c->s, c->store, &f, &there, &is_new), OK);
	assert_int_equal(store_filing_remove(c->s, c->store, f.id), OK);
	assert_int_equal(store_session_end(c->s, c->store, sha256), OK);
	assert_int_equal(store_session_end_person(c->s, c->store, c->clerk, &n), OK);
	assert_int_equal(store_session_end_sealing(c->s, c->store, sealing, &n), OK);
	assert_int_equal(
	    store_session_purge(c->s, c->store, store_scene_at(0), store_scene_at(0), &n), OK);
	assert_int_equal(store_webhook_purge(c->s, c->store, store_scene_at(0), &n), OK);
}

/* -- judging the plans -- */

struct plans {
	struct scope *s;
	struct store_sql *c; /* the one that explains */
	const char *sql;
	size_t n_statements, n_bad;
};

/* "SCAN t", also through an index: all rows one after the other. Sorting all of what was found
 * shows as a temporary tree. */
static enum err judge_line(void *ctx, struct scope *s, struct store_sql_row *row)
{
	struct plans *p = ctx;
	static const char *const big[] = { "SCAN sealing", "SCAN filing", "SCAN g", "SCAN d",
		"SCAN session", "SCAN webhook", "SCAN key", "SCAN approval", "USE TEMP B-TREE" };
	(void)s;
	for (int i = 0; i < 3; i++)
		store_sql_number(row); /* id, parent, notused */
	const char *line = store_sql_text(row);
	for (size_t i = 0; i < sizeof(big) / sizeof(*big); i++)
		if (!strncmp(line, big[i], strlen(big[i])) &&
		    strncmp(line, "SCAN filing_text VIRTUAL", 24) != 0) {
			print_message("# %s\n#   %s\n", p->sql, line);
			p->n_bad++;
		}
	return OK;
}

/* The few rows of one key's partner, of one file's
 * digest, are sorted; the rows of one text that is looked for likewise, as the index of texts has
 * no order in time. */
static bool is_exempt(const char *sql)
{
	return strstr(sql, "ORDER BY not_after DESC") || strstr(sql, "ORDER BY g.ended") ||
	       strstr(sql, "filing_text MATCH") ||
	       /* the first of an index that holds the waiting ones alone */
	       strstr(sql, "SELECT next_at FROM webhook INDEXED BY webhook_due");
}

static void judge_statement(void *ctx, const char *sql)
{
	struct plans *p = ctx;
	struct scope *s = scope_new(0);
	char explain[4096];
	if ((strncmp(sql, "SELECT", 6) && strncmp(sql, "UPDATE", 6) && strncmp(sql, "DELETE", 6)) ||
	    is_exempt(sql)) {
		scope_free(s);
		return;
	}
	snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
	p->sql = sql;
	p->n_statements++;
	assert_int_equal(store_sql_each(s, p->c, explain, STORE_SQL_NOTHING, judge_line, p), OK);
	scope_free(s);
}

static void test_nothing_is_read_from_end_to_end(void **state)
{
	struct store_scene *c = *state;
	char path[300];
	run_finds(c);
	run_sealing_lists(c);
	struct plans p = { .s = c->s };
	snprintf(path, sizeof(path), "%s/bulla.db", c->folder);
	assert_int_equal(store_sql_open(c->s, path, STORE_SQL_WRITE, &p.c), OK);
	/* The last connection that came back is the next one that is lent: it has done all. As it
	 * keeps a limited number, it is asked after each kind. */
	struct store_sql *reader = store_readers_lend(c->store->readers);
	store_readers_return(c->store->readers, reader);
	store_sql_each_kept(reader, judge_statement, &p);
	run_filing_lists(c);
	store_sql_each_kept(reader, judge_statement, &p);
	run_other_lists(c);
	store_sql_each_kept(reader, judge_statement, &p);
	run_changes(c);
	store_sql_each_kept(c->store->write, judge_statement, &p);
	store_sql_close(p.c);
	assert_true(p.n_statements > 80);
	assert_int_equal(p.n_bad, 0);
}

/* The judge above sees what it is for. */
static void test_a_scan_is_seen(void **state)
{
	struct store_scene *c = *state;
	struct plans p = { .s = c->s, .c = c->store->write };
	judge_statement(&p, "SELECT id FROM sealing WHERE title = ?1");
	assert_int_equal(p.n_bad, 1);
	judge_statement(&p, "SELECT id FROM filing ORDER BY name");
	assert_int_equal(p.n_bad, 3);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_nothing_is_read_from_end_to_end),
		SCENE(test_a_scan_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
