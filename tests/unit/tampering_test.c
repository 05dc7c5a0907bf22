/* Properties of sealed files: whatever is changed or cut off inside the signed range is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_signature.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

/* One that belongs to the first signature never passes; the job may fail, but not for memory. */
static void assert_noticed(struct office *o, struct bytes document, size_t at, const char *what)
{
	struct scope *s = scope_new(0);
	struct report *r;
	const struct validate_request q = { .name = "changed",
		.document = document,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now,
		.offline = true };
	assert_non_null(s);
	enum err err = validate_pdf(s, NULL, &q, &r);
	if (err != OK) {
		assert_true(err == ERR_FORMAT || err == ERR_UNSUPPORTED || err == ERR_DENIED ||
			    err == ERR_LIMIT);
		scope_free(s);
		return;
	}
	if (r->conclusion == CONCLUSION_TOTAL_PASSED)
		fail_msg("%s at %zu: passed", what, at);
	for (size_t i = 0; i < r->n_signatures; i++)
		if (r->signatures[i].intact)
			fail_msg("%s at %zu: signature %zu is called intact", what, at, i);
	scope_free(s);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return *seed >> 8;
}

/* The signed range of the first signature, in the file. */
static void find_range(struct office *o, struct bytes document, int64_t ret_range[4])
{
	struct pdf_file *f;
	struct pdf_signature_list list;
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	memcpy(ret_range, list.item[0].byte_range, sizeof(list.item[0].byte_range));
}

static void test_any_octet_of_the_range(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	int64_t range[4];
	uint32_t seed = 7;
	uint8_t *copy = scope_alloc(o->s, sealed.n);
	find_range(o, sealed, range);
	for (int i = 0; i < 400; i++) {
		uint32_t n = next_random(&seed) % (uint32_t)(range[1] + range[3]);
		size_t at = n < range[1] ? n : n - (size_t)range[1] + (size_t)range[2];
		uint8_t bit = (uint8_t)(1u << next_random(&seed) % 8);
		memcpy(copy, sealed.p, sealed.n);
		copy[at] ^= bit;
		assert_noticed(o, bytes_of(copy, sealed.n), at, "a changed bit");
		copy[at] = (uint8_t)next_random(&seed);
		if (copy[at] != sealed.p[at])
			assert_noticed(o, bytes_of(copy, sealed.n), at, "a changed octet");
	}
}

/* Inside the hexadecimal string of /Contents: the value of the signature, its attributes. What is
 * not signed may change (unsigned attributes, certificates, the letters' case, padding), but then
 * the verdict is still about the same signer and document. */
static void test_octets_of_the_contents(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	int64_t range[4];
	uint32_t seed = 11;
	uint8_t *copy = scope_alloc(o->s, sealed.n);
	const struct report *first = office_judge(o, sealed, true);
	find_range(o, sealed, range);
	for (int i = 0; i < 300; i++) {
		struct scope *s = scope_new(0);
		size_t gap = (size_t)(range[2] - range[1]);
		size_t at = (size_t)range[1] + next_random(&seed) % gap;
		memcpy(copy, sealed.p, sealed.n);
		copy[at] ^= (uint8_t)(1u << next_random(&seed) % 8);
		struct report *r;
		const struct validate_request q = { .name = "changed",
			.document = bytes_of(copy, sealed.n),
			.anchors = mini_pki_anchors(o->p, "root"),
			.policy = policy_default(),
			.at = o->w->now,
			.offline = true };
		enum err err = validate_pdf(s, NULL, &q, &r);
		if (err == OK && r->n_signatures == 1 && r->signatures[0].intact) {
			/* Another certificate may stand for the same key, but not pass. */
			assert_true(bytes_equal(r->signatures[0].signer->public_key,
			    first->signatures[0].signer->public_key));
			assert_true(
			    cert_equal(r->signatures[0].signer, first->signatures[0].signer) ||
			    r->signatures[0].indication != INDICATION_PASSED);

			assert_string_equal(r->signatures[0].digest_algorithm,
			    first->signatures[0].digest_algorithm);
		}
		scope_free(s);
	}
}

static void test_any_length(void **state)
{
	struct office *o = *state;
	struct bytes before = pdf_make_one_page(o->s);
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct bytes sealed = office_seal(o, &q, before);
	uint32_t seed = 5;
	/* Down to where the unsealed file begins, and the last octets one by one. (The last line
	 * feed is outside of nothing: it is signed.) */
	for (int i = 0; i < 200; i++) {
		size_t n = i < 20 ? sealed.n - 1 - (size_t)i
				  : before.n + next_random(&seed) % (uint32_t)(sealed.n - before.n);
		assert_noticed(o, bytes_cut(sealed, 0, n), n, "cut off");
	}
	for (int i = 0; i < 50; i++) {
		size_t n = next_random(&seed) % (uint32_t)before.n;
		assert_noticed(o, bytes_cut(sealed, 0, n), n, "cut off");
	}
}

/* The same of a file with several revisions: changes in the first signature's range break it and
 * everything after it. */
static void test_any_octet_below_an_archive_timestamp(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_LTA);
	int64_t range[4];
	uint32_t seed = 3;
	uint8_t *copy = scope_alloc(o->s, sealed.n);
	find_range(o, sealed, range);
	for (int i = 0; i < 150; i++) {
		uint32_t n = next_random(&seed) % (uint32_t)(range[1] + range[3]);
		size_t at = n < range[1] ? n : n - (size_t)range[1] + (size_t)range[2];
		memcpy(copy, sealed.p, sealed.n);
		copy[at] ^= (uint8_t)(1u << next_random(&seed) % 8);
		assert_noticed(o, bytes_of(copy, sealed.n), at, "a changed bit");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_any_octet_of_the_range),
		TEST(test_octets_of_the_contents),
		TEST(test_any_length),
		TEST(test_any_octet_below_an_archive_timestamp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
