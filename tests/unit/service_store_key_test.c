#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/input_file.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_key.h"
#include "tests/support/store_scene.h"

#define DAY INT64_C(86400)

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

/* Octets that are nowhere else: the mark over and over, longer than a page of the database. */
static struct bytes octets_of(struct scope *s, const char *mark)
{
	size_t n = 12000, m = strlen(mark);
	uint8_t *p = scope_alloc(s, n);
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)mark[i % m];
	return bytes_of(p, n);
}

static const struct bytes chain[] = { { (const uint8_t *)"issuer", 6 }, { (const uint8_t *)"", 0 },
	{ (const uint8_t *)"root", 4 } };

static struct store_key key_of(struct store_scene *c, uint8_t number, int64_t ends)
{
	return (struct store_key){ .id = store_scene_id(c->s, IDENTIFIER_KEY),
		.partner = c->partner,
		.certificate_sha256 = { number },
		.certificate = BYTES_LIT("certificate"),
		.chain = chain,
		.n_chain = 3,
		.subject = "CN=Duna",
		.issuer = "CN=CA",
		.serial = "01",
		.not_before = store_scene_at(-DAY),
		.not_after = store_scene_at(ends),
		.disclaimer = "For the fund only",
		.state = STORE_KEY_WAITING,
		.deposited_by = c->officer,
		.deposited_at = store_scene_at(number),
		.decided_at = INSTANT_NONE,
		.notified_at = INSTANT_NONE,
		.ended_at = INSTANT_NONE };
}

static const char *add(struct store_scene *c, uint8_t number, int64_t ends)
{
	struct store_key k = key_of(c, number, ends);
	assert_int_equal(store_key_add(c->s, c->store, &k, octets_of(c->s, "Wrapped once ")), OK);
	return k.id;
}

static const struct store_key *find(struct store_scene *c, const char *id)
{
	const struct store_key *k;
	assert_int_equal(store_key_find(c->s, c->store, id, &k), OK);
	assert_non_null(k);
	return k;
}

static void approve(struct store_scene *c, const char *id)
{
	assert_int_equal(
	    store_key_decide(c->s, c->store, id, true, c->approver, store_scene_at(9), "fine"), OK);
}

static void test_deposit(void **state)
{
	struct store_scene *c = *state;
	const char *id = add(c, 1, 100 * DAY);
	const struct store_key *k = find(c, id);
	struct bytes wrapped;
	assert_true(bytes_equal_str(k->certificate, "certificate"));
	assert_int_equal(k->n_chain, 3);
	assert_true(bytes_equal_str(k->chain[0], "issuer"));
	assert_int_equal(k->chain[1].n, 0);
	assert_true(bytes_equal_str(k->chain[2], "root"));
	assert_string_equal(k->disclaimer, "For the fund only");
	assert_int_equal(k->state, STORE_KEY_WAITING);
	assert_null(k->decided_by);
	assert_int_equal(store_key_wrapped(c->s, c->store, id, &wrapped), OK);
	assert_true(bytes_equal(wrapped, octets_of(c->s, "Wrapped once ")));
	assert_int_equal(store_key_wrapped(c->s, c->store, "ky_none", &wrapped), ERR_MISUSE);
}

static void test_one_deposit_of_a_certificate(void **state)
{
	struct store_scene *c = *state;
	const char *id = add(c, 1, 100 * DAY);
	struct store_key again = key_of(c, 1, 100 * DAY);
	assert_int_equal(store_key_add(c->s, c->store, &again, BYTES_LIT("x")), ERR_MISUSE);
	assert_int_equal(store_key_withdraw(c->s, c->store, id, store_scene_at(5), "lost"), OK);
	assert_int_equal(store_key_add(c->s, c->store, &again, BYTES_LIT("x")), OK);
}

static void test_four_eyes(void **state)
{
	struct store_scene *c = *state;
	const char *id = add(c, 1, 100 * DAY);
	assert_int_equal(
	    store_key_decide(c->s, c->store, id, true, c->officer, store_scene_at(9), ""),
	    ERR_DENIED);
	assert_int_equal(find(c, id)->state, STORE_KEY_WAITING);
	approve(c, id);
	assert_int_equal(find(c, id)->state, STORE_KEY_APPROVED);
	assert_string_equal(find(c, id)->decided_by, c->approver);
	assert_string_equal(find(c, id)->note, "fine");
	assert_int_equal(
	    store_key_decide(c->s, c->store, id, false, c->approver, store_scene_at(9), ""),
	    ERR_MISUSE);
	const char *other = add(c, 2, 100 * DAY);
	assert_int_equal(
	    store_key_decide(c->s, c->store, other, false, c->approver, store_scene_at(9), "no"),
	    OK);
	assert_int_equal(find(c, other)->state, STORE_KEY_REFUSED);
	assert_int_equal(
	    store_key_withdraw(c->s, c->store, other, store_scene_at(9), ""), ERR_MISUSE);
}

/* -- overwriting -- */

static bool is_in_files(struct store_scene *c, const char *mark)
{
	static const char *const names[] = { "bulla.db", "bulla.db-wal" };
	bool is_there = false;
	char path[300];
	for (size_t i = 0; i < 2; i++) {
		struct bytes content;
		snprintf(path, sizeof(path), "%s/%s", c->folder, names[i]);
		assert_int_equal(input_file_read(c->s, path, (size_t)64 << 20, &content), OK);
		is_there |= bytes_find(content, bytes_of_str(mark), 0) != BYTES_NOT_FOUND;
	}
	return is_there;
}

static void test_destroyed_octets_are_in_no_file(void **state)
{
	struct store_scene *c = *state;
	const char *id = add(c, 1, 100 * DAY);
	struct bytes wrapped;
	assert_true(is_in_files(c, "Wrapped once Wrapped once "));
	assert_int_equal(store_key_destroy(c->s, c->store, id, store_scene_at(9)), OK);
	assert_false(is_in_files(c, "Wrapped once "));
	assert_int_equal(find(c, id)->state, STORE_KEY_DESTROYED);
	assert_int_equal(find(c, id)->ended_at.unix_s, store_scene_at(9).unix_s);
	assert_int_equal(store_key_wrapped(c->s, c->store, id, &wrapped), ERR_MISUSE);
	assert_int_equal(store_key_destroy(c->s, c->store, id, store_scene_at(9)), ERR_MISUSE);
}

static void test_replaced_octets_are_in_no_file(void **state)
{
	struct store_scene *c = *state;
	const char *id = add(c, 1, 100 * DAY);
	struct bytes wrapped, old = octets_of(c->s, "Wrapped once ");
	struct bytes new = octets_of(c->s, "Another password ");
	assert_int_equal(store_key_rewrap(c->s, c->store, id, new, old), ERR_MISUSE);
	assert_int_equal(store_key_rewrap(c->s, c->store, id, old, new), OK);
	assert_false(is_in_files(c, "Wrapped once "));
	assert_int_equal(store_key_wrapped(c->s, c->store, id, &wrapped), OK);
	assert_true(bytes_equal(wrapped, new));
	assert_int_equal(store_key_destroy(c->s, c->store, id, store_scene_at(9)), OK);
	assert_int_equal(store_key_rewrap(c->s, c->store, id, new, old), ERR_MISUSE);
}

/* -- lists -- */

static void test_lists(void **state)
{
	struct store_scene *c = *state;
	struct store_key_list list;
	struct store_page page = { .limit = 2 };
	uint64_t n;
	const char *one = add(c, 1, 10 * DAY), *two = add(c, 2, 20 * DAY);
	const char *three = add(c, 3, 30 * DAY);
	approve(c, one);
	approve(c, two);
	assert_int_equal(store_key_list(c->s, c->store, c->partner, page, &list), OK);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.key[0].id, three);
	page.after = list.next;
	assert_int_equal(store_key_list(c->s, c->store, NULL, page, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.key[0].id, one);
	page.after = NULL;
	assert_int_equal(
	    store_key_list_state(c->s, c->store, NULL, STORE_KEY_WAITING, page, &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(store_key_count(c->s, c->store, STORE_KEY_APPROVED, &n), OK);
	assert_int_equal(n, 2);
	/* Those one can seal with, the one that ends last first. */
	assert_int_equal(
	    store_key_list_usable(c->s, c->store, c->partner, store_scene_at(10 * DAY), &list), OK);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.key[0].id, two);
	assert_int_equal(
	    store_key_list_usable(c->s, c->store, c->partner, store_scene_at(10 * DAY + 1), &list),
	    OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(
	    store_key_list_usable(c->s, c->store, c->partner, store_scene_at(-DAY - 1), &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(
	    store_key_list_usable(c->s, c->store, "pt_none", store_scene_at(0), &list), OK);
	assert_int_equal(list.n, 0);
}

static void test_ends(void **state)
{
	struct store_scene *c = *state;
	struct store_key_list list;
	const char *one = add(c, 1, 10 * DAY);
	add(c, 2, 20 * DAY);
	struct instant before = store_scene_at(20 * DAY);
	assert_int_equal(store_key_list_ending(c->s, c->store, before, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.key[0].id, one);
	assert_int_equal(store_key_notified(c->s, c->store, one, store_scene_at(1)), OK);
	assert_int_equal(store_key_list_ending(c->s, c->store, before, &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(store_key_list_ended(c->s, c->store, store_scene_at(10 * DAY), &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(
	    store_key_list_ended(c->s, c->store, store_scene_at(10 * DAY + 1), &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(store_key_destroy(c->s, c->store, one, store_scene_at(11 * DAY)), OK);
	assert_int_equal(store_key_list_ended(c->s, c->store, store_scene_at(12 * DAY), &list), OK);
	assert_int_equal(list.n, 0);
}

/* -- approvals -- */

static const struct store_approval *ask(struct store_scene *c, uint8_t number, const char *by)
{
	struct store_approval a = { .id = store_scene_id(c->s, IDENTIFIER_APPROVAL),
		.certificate_sha256 = { number },
		.subject = "CN=Duna",
		.text = "For the fund only",
		.asked_by = by,
		.asked_at = store_scene_at(number),
		.decided_at = INSTANT_NONE };
	const struct store_approval *there;
	assert_int_equal(store_approval_ask(c->s, c->store, &a, &there), OK);
	return there;
}

static enum err decide(struct store_scene *c, const char *id, enum store_approval_state from,
    bool approved, const char *by)
{
	struct scope *s = scope_new(0);
	enum err e =
	    store_approval_decide(s, c->store, id, from, approved, by, store_scene_at(50), "note");
	scope_free(s);
	return e;
}

static void test_approvals(void **state)
{
	struct store_scene *c = *state;
	const struct store_approval *a = ask(c, 1, c->clerk), *there;
	assert_int_equal(a->state, STORE_APPROVAL_WAITING);
	assert_string_equal(ask(c, 1, NULL)->id, a->id); /* one for each certificate */
	assert_string_equal(ask(c, 1, NULL)->asked_by, c->clerk);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_WAITING, true, c->clerk), ERR_DENIED);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_APPROVED, true, c->approver), ERR_MISUSE);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_WAITING, true, c->approver), OK);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_WAITING, false, c->approver), ERR_MISUSE);
	assert_int_equal(
	    store_approval_find_certificate(c->s, c->store, a->certificate_sha256, &there), OK);
	assert_int_equal(there->state, STORE_APPROVAL_APPROVED);
	assert_string_equal(there->decided_by, c->approver);
	assert_string_equal(there->note, "note");
	/* A change of mind says from where. */
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_APPROVED, true, c->approver), ERR_MISUSE);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_APPROVED, false, c->approver), OK);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_REFUSED, true, c->clerk), ERR_DENIED);
	/* Seen first in a filing: any one person decides. */
	a = ask(c, 2, NULL);
	assert_null(a->asked_by);
	assert_int_equal(decide(c, a->id, STORE_APPROVAL_WAITING, false, c->clerk), OK);
	assert_int_equal(decide(c, "ap_none", STORE_APPROVAL_WAITING, true, c->clerk), ERR_MISUSE);
}

static void test_lists_of_approvals(void **state)
{
	struct store_scene *c = *state;
	struct store_approval_list part;
	struct store_page page = { .limit = 2 };
	uint64_t n;
	for (uint8_t i = 1; i <= 3; i++)
		ask(c, i, NULL);
	assert_int_equal(
	    store_approval_list(c->s, c->store, STORE_APPROVAL_WAITING, page, &part), OK);
	assert_int_equal(part.n, 2);
	assert_int_equal(part.approval[0].certificate_sha256[0], 3);
	page.after = part.next;
	assert_int_equal(
	    store_approval_list(c->s, c->store, STORE_APPROVAL_WAITING, page, &part), OK);
	assert_int_equal(part.n, 1);
	assert_null(part.next);
	assert_int_equal(store_approval_count(c->s, c->store, STORE_APPROVAL_WAITING, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(store_approval_count(c->s, c->store, STORE_APPROVAL_REFUSED, &n), OK);
	assert_int_equal(n, 0);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_deposit),
		SCENE(test_one_deposit_of_a_certificate),
		SCENE(test_four_eyes),
		SCENE(test_destroyed_octets_are_in_no_file),
		SCENE(test_replaced_octets_are_in_no_file),
		SCENE(test_lists),
		SCENE(test_ends),
		SCENE(test_approvals),
		SCENE(test_lists_of_approvals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
