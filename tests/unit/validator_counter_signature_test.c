/*
 * Counter-signatures as facts and in the report; what is said of each kind is in
 * tests/vectors/counter_signatures.vec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/paper.h"
#include "validator/counter_signature.h"
#include "validator/validate.h"

/* A signer with `n` values, none a SignerInfo, of the counterSignature attribute. */
static struct cms_signer signer_with(struct scope *s, size_t n)
{
	struct cms_attr *attr = scope_alloc(s, sizeof(*attr));
	assert_non_null(attr);
	attr->oid = oid_value(OID_ATTR_COUNTER_SIGNATURE);
	attr->values = scope_alloc_array(s, n, sizeof(*attr->values));
	assert_non_null(attr->values);
	for (; attr->n_values < n; attr->n_values++)
		attr->values[attr->n_values] = BYTES_LIT("\x05\x00");
	return (struct cms_signer){ .unsigned_attrs = { .item = attr, .n = 1 } };
}

static void judge_unreadable(
    struct scope *s, size_t n, size_t named, struct report_signature *ret_report)
{
	struct cms_signer cms = signer_with(s, n);
	struct document_signature sig = { .signer.cms = &cms };
	struct evidence *e;
	assert_int_equal(evidence_new(s, &e), OK);
	assert_int_equal(counter_signature_read(s, &sig), OK);
	assert_string_equal(scope_fault_text(s), "");
	assert_int_equal(counter_signature_verify(s, &sig, e), OK);
	*ret_report = (struct report_signature){ 0 };
	assert_int_equal(
	    counter_signature_judge(s, NULL, &sig, INSTANT_NONE, &named, ret_report), OK);
}

static void test_as_many_as_can_be_read(void **state)
{
	struct report_signature r;
	judge_unreadable(*state, LIMIT_CMS_COUNTER_SIGNATURES, 0, &r);
	assert_int_equal(r.n_counter_signatures, LIMIT_CMS_COUNTER_SIGNATURES);
	assert_string_equal(r.counter_signatures[0].id, "C1");
	assert_int_equal(r.findings.n, LIMIT_CMS_COUNTER_SIGNATURES);
}

static void test_more_than_can_be_read(void **state)
{
	struct report_signature r;
	judge_unreadable(*state, LIMIT_CMS_COUNTER_SIGNATURES + 1, 7, &r);
	assert_int_equal(r.n_counter_signatures, 1);
	const struct report_counter_signature *c = &r.counter_signatures[0];
	assert_string_equal(c->id, "C8");
	assert_int_equal(c->indication, INDICATION_FAILED);
	assert_int_equal(c->sub, SUB_FORMAT_FAILURE);
	assert_false(c->intact);
	assert_null(c->signer);
	assert_int_equal(c->findings.n, 1);
	assert_int_equal(c->findings.item[0].code, FINDING_COUNTER_SIGNATURE_UNREADABLE);
	assert_int_equal(r.findings.n, 1);
	assert_int_equal(r.findings.item[0].code, FINDING_COUNTER_SIGNATURE_NOT_PASSED);
	assert_string_equal(r.findings.item[0].about, "C8");
}

static void test_in_the_report(void **state)
{
	struct scope *s = *state;
	struct mini_pki *p = mini_pki_new(canned_world_new(s, MINI_CA_NOW));
	struct paper *d = paper_new(p, "one-page");
	struct report *r;
	struct bytes json;
	for (int i = 0; i < 2; i++)
		paper_sign(d, &(struct paper_signature){ .cms = { .by = "signer",
							     .signing_time = MINI_CA_NOW,
							     .counters = { { .by = "notary" } },
							     .n_counters = 1 } });
	const struct validate_request q = { .name = "x.pdf",
		.document = d->document,
		.anchors = mini_pki_anchors(p, "root"),
		.policy = policy_default(),
		.at = { MINI_CA_NOW } };
	assert_int_equal(validate_pdf(s, &p->w->world, &q, &r), OK);
	assert_int_equal(r->n_signatures, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(r->signatures[i].n_counter_signatures, 1);
		const struct report_counter_signature *c = &r->signatures[i].counter_signatures[0];
		assert_string_equal(c->id, i ? "C2" : "C1");
		assert_true(c->intact);
		assert_int_equal(c->indication, INDICATION_PASSED);
		assert_true(cert_equal(c->signer, mini_pki_cert(p, "notary")));
		assert_int_equal(c->claimed_time.unix_s, MINI_CA_NOW);
		assert_non_null(c->path);
	}
	assert_int_equal(report_json(s, r, true, &json), OK);
	assert_true(bytes_find(json,
			BYTES_LIT("\"counterSignatures\":[{\"id\":\"C1\",\"indication\":\"TOTAL-"
				  "PASSED\",\"subIndication\":null,\"intact\":true,\"signer\":{"),
			0) != BYTES_NOT_FOUND);
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_as_many_as_can_be_read, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_more_than_can_be_read, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_in_the_report, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
