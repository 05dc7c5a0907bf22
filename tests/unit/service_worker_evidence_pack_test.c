/* service/worker/worker_evidence_pack: there and back, and every way to change one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/worker/worker_evidence_pack.h"
#include "tests/support/office.h"

static struct bytes packed(struct office *o, const struct report *r)
{
	struct evidence_bundle b;
	const struct bytes *parts;
	struct bytes pack;
	size_t n;
	assert_int_equal(
	    evidence_bundle_of_report(o->s, r, mini_pki_anchors(o->p, "root"), &b), OK);
	assert_int_equal(worker_evidence_pack_parts(o->s, &b, &parts, &n), OK);
	struct buf all = buf_new(o->s, SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add(&all, parts[i]);
	assert_int_equal(buf_done(&all, &pack), OK);
	return pack;
}

static struct bytes json_of(struct office *o, const struct report *r)
{
	struct bytes text;
	assert_int_equal(report_json(o->s, r, false, &text), OK);
	return text;
}

static void judged_again(void **state)
{
	struct office *o = *state;
	struct bytes document = office_sealed(o, SEAL_B_LTA);
	struct report *r = office_judge(o, document, false), *again;
	struct bytes pack = packed(o, r);
	struct scope *later = scope_new(0);
	struct evidence_bundle b;
	const struct policy *policy;
	assert_int_equal(worker_evidence_pack_read(later, pack, &b), OK);
	assert_int_equal(policy_parse(later, b.policy, &policy), OK);
	const struct pdf_crypt_means means = { 0 };
	assert_int_equal(evidence_bundle_judge(later, &b, document, &means, policy, &again), OK);
	assert_true(bytes_equal(json_of(o, again), json_of(o, r)));
	assert_true(bytes_equal(b.report, json_of(o, r)));
	scope_free(later);
}

/* Every octet counts: the head, each length, each part. */
static void any_octet_changed(void **state)
{
	struct office *o = *state;
	struct bytes pack = packed(o, office_judge(o, office_sealed(o, SEAL_B_T), true)), copy;
	assert_int_equal(bytes_copy(o->s, pack, &copy), OK);
	uint8_t *p = scope_alloc(o->s, copy.n);
	memcpy(p, copy.p, copy.n);
	for (size_t i = 0; i < copy.n; i += i < 200 ? 1 : 37) {
		struct evidence_bundle b;
		struct scope *s = scope_new(0);
		p[i] ^= 0x20;
		enum err e = worker_evidence_pack_read(s, bytes_of(p, copy.n), &b);
		if (e != ERR_FORMAT && e != ERR_UNSUPPORTED)
			fail_msg("octet %zu of %zu: %s", i, copy.n, err_name(e));
		p[i] ^= 0x20;
		scope_free(s);
	}
}

static void cut_or_longer(void **state)
{
	struct office *o = *state;
	struct bytes pack = packed(o, office_judge(o, office_sealed(o, SEAL_B_B), true));
	struct evidence_bundle b;
	for (size_t n = 0; n < pack.n; n += n < 64 ? 1 : 101) {
		struct scope *s = scope_new(0);
		/* Without its number it could be of another version. */
		const enum err wanted =
		    n < strlen("bulla-evidence-pack ") || n > strlen("bulla-evidence-pack 1")
			? ERR_FORMAT
			: ERR_UNSUPPORTED;
		assert_int_equal(worker_evidence_pack_read(s, bytes_cut(pack, 0, n), &b), wanted);
		scope_free(s);
	}
	struct buf longer = buf_new(o->s, SIZE_MAX);
	struct bytes more;
	buf_add(&longer, pack);
	buf_add_byte(&longer, 0);
	assert_int_equal(buf_done(&longer, &more), OK);
	assert_int_equal(worker_evidence_pack_read(o->s, more, &b), ERR_FORMAT);
	assert_string_equal(scope_fault_text(o->s), "evidence pack: something follows it");
}

static void another_version(void **state)
{
	struct office *o = *state;
	struct evidence_bundle b;
	assert_int_equal(worker_evidence_pack_read(o->s, BYTES_LIT("bulla-evidence-pack 2\n"), &b),
	    ERR_UNSUPPORTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(judged_again), TEST(any_octet_changed),
		TEST(cut_or_longer), TEST(another_version) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
