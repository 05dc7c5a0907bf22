/* Documents that are encrypted for certificates, judged with a recipient's key and without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_update.h"
#include "tests/support/office.h"
#include "tests/support/paper_recipients.h"
#include "tests/support/pdf_make.h"

static int setup(void **state)
{
	if (office_setup(state) != 0)
		return -1;
	struct office *o = *state;
	mini_pki_entry(o->p, "reader")->key_type = MINI_CA_RSA;
	mini_pki_entry(o->p, "stranger")->key_type = MINI_CA_P384;
	return 0;
}

static struct paper *new_paper(struct office *o, int v)
{
	const struct paper_recipients spec = { .v = v,
		.list = { { .names = { "reader" }, .permissions = UINT32_MAX } },
		.n_lists = 1 };
	return paper_recipients_paper(o->p, &spec);
}

static const struct paper_signature usual = {
	.cms.by = "signer", .field = "seal", .claimed = MINI_CA_NOW
};

static enum err judge(struct office *o, struct bytes document, const struct recipient *recipient,
    struct report **ret_report)
{
	const struct validate_request q = { .name = "encrypted.pdf",
		.document = document,
		.recipient = recipient,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now };
	scope_forgive(o->s);
	return validate_pdf(o->s, &o->w->world, &q, ret_report);
}

static struct report *judged(struct office *o, const struct paper *d, bool with_key)
{
	struct report *r;
	if (judge(o, d->document, with_key ? d->means.recipient : NULL, &r) != OK)
		fail_msg("%s", scope_fault_text(o->s));
	assert_int_equal(findings_has(&r->findings, FINDING_DOCUMENT_LOCKED), !with_key);
	return r;
}

/* The same verdict either way, and texts only with the key. */
static void test_seal(void **state)
{
	struct office *o = *state;
	for (int v = 1; v <= 5; v += v == 2 ? 2 : 1) {
		struct paper *d = new_paper(o, v);
		paper_sign(d, &usual);
		struct report *r = judged(o, d, true);
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
		assert_string_equal(r->signatures[0].name, "seal");
		assert_int_equal(r->signatures[0].claimed_time.unix_s, MINI_CA_NOW);
		const char *format = r->signatures[0].format;
		r = judged(o, d, false);
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
		assert_true(r->signatures[0].intact);
		assert_null(r->signatures[0].name);
		assert_false(instant_is_known(r->signatures[0].claimed_time));
		assert_string_equal(r->signatures[0].reason, "");
		assert_string_equal(r->signatures[0].format, format);
	}
}

static void test_wrong_key(void **state)
{
	struct office *o = *state;
	struct paper *d = new_paper(o, 5);
	struct report *r;
	paper_sign(d, &usual);
	assert_int_equal(
	    judge(o, d->document, paper_recipients_key(o->p, "stranger"), &r), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "not encrypted for this certificate"));
}

static void test_changed_octet(void **state)
{
	struct office *o = *state;
	struct paper *d = new_paper(o, 5);
	paper_sign(d, &usual);
	paper_flip(d, 700);
	for (int with_key = 0; with_key < 2; with_key++) {
		struct report *r = judged(o, d, with_key);
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_FAILED);
		assert_false(r->signatures[0].intact);
	}
}

/* What came after the signature: where the rule needs no text, without the key as with it. */
static void test_updates(void **state)
{
	struct office *o = *state;
	static const struct {
		const char *change;
		int docmdp;
		bool allowed, allowed_locked;
	} cases[] = {
		{ "nothing", 0, true, true },
		{ "page", 0, false, false },
		{ "content", 0, false, false },
		{ "script", 0, false, false },
		{ "info", 0, true, true },
		/* The field's name stands under another vector: it may be another name. */
		{ "fill", 0, true, false },
		{ "fill", 1, false, false },
		{ "annotation", 3, true, true },
		{ "annotation", 2, false, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct paper *d = new_paper(o, 5);
		struct paper_signature first = usual;
		first.docmdp = cases[i].docmdp;
		paper_sign(d, &first);
		paper_change(d, cases[i].change);
		if (judged(o, d, true)->signatures[0].intact != cases[i].allowed)
			fail_msg("%zu: with the key", i);
		if (judged(o, d, false)->signatures[0].intact != cases[i].allowed_locked)
			fail_msg("%zu: locked", i);
	}
}

/* A second signature: both stand, and that no names can be read makes none of them the other's. */
static void test_two_signatures(void **state)
{
	struct office *o = *state;
	struct paper *d = new_paper(o, 5);
	struct paper_signature second = usual;
	second.field = "x";
	paper_sign(d, &usual);
	paper_sign(d, &second);
	for (int with_key = 0; with_key < 2; with_key++) {
		struct report *r = judged(o, d, with_key);
		assert_int_equal(r->n_signatures, 2);
		assert_true(r->signatures[0].intact && r->signatures[1].intact);
		assert_false(findings_has(&r->findings, FINDING_FIELD_NAMES_NOT_UNIQUE));
	}
}

/* A name that cannot be read may be any: whatever locks some field locks it. */
static void test_locks(void **state)
{
	char *names[] = { (char[]){ "a" } };
	const struct pdf_field_lock include = { PDF_FIELDMDP_INCLUDE, names, 1, 0, false };
	const struct pdf_field_lock exclude = { PDF_FIELDMDP_EXCLUDE, names, 1, 0, false };
	const struct pdf_field_lock none = { 0 };
	struct pdf_field_lock unreadable = exclude;
	(void)state;
	unreadable.is_locked = true;
	assert_false(pdf_signature_locks(&include, "b"));
	assert_false(pdf_signature_locks(&exclude, "a"));
	assert_true(pdf_signature_locks(&include, NULL));
	assert_true(pdf_signature_locks(&exclude, NULL));
	assert_true(pdf_signature_locks(&unreadable, "a"));
	assert_false(pdf_signature_locks(&none, NULL));
}

/* Objects in object streams are ciphertext: nothing can be said of them. */
static void test_compressed_objects(void **state)
{
	struct office *o = *state;
	const struct paper_recipients spec = { .list = { { .names = { "reader" } } },
		.n_lists = 1 };
	struct bytes list = paper_recipients_cms(o->p, &spec.list[0]);
	static const uint32_t nums[] = { 1, 2 };
	const char *const bodies[] = { "<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [] /Count 0 >>" };
	char *hex;
	struct report *r;
	assert_int_equal(bytes_to_hex(o->s, list, &hex), OK);
	struct pdf_make *m = pdf_make_new(o->s);
	pdf_make_header(m, "2.0");
	pdf_make_object_stream(m, 6, 2, nums, bodies);
	pdf_make_objectf(m, 5,
	    "<< /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 5 /StmF /F /StrF /F "
	    "/CF << /F << /CFM /AESV3 /Recipients [<%s>] >> >> >>",
	    hex);
	pdf_make_xref_stream(m, 7, "/Root 1 0 R /Encrypt 5 0 R");
	assert_int_equal(judge(o, pdf_make_done(m), NULL, &r), ERR_DENIED);
}

/* -- sealing -- */

static void test_sealing(void **state)
{
	struct office *o = *state;
	struct paper *d = new_paper(o, 5);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	struct bytes sealed;
	struct seal_outcome outcome;
	q.field = "seal";
	q.reason = "kept secret";
	assert_int_equal(
	    office_try(o, o->s, &q, false, d->document, &sealed, &outcome), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "needs the key of a recipient"));
	scope_forgive(o->s);
	q.document_recipient = d->means.recipient;
	d->document = office_seal(o, &q, d->document);
	assert_true(bytes_find(d->document, BYTES_LIT("kept secret"), 0) == BYTES_NOT_FOUND);
	struct report *r = judged(o, d, true);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_string_equal(r->signatures[0].format, "PAdES-BASELINE-LTA");
	assert_string_equal(r->signatures[0].reason, "kept secret");
	/* The store is encrypted too; what is in it can be fetched. */
	r = judged(o, d, false);
	assert_true(r->signatures[0].intact && r->signatures[1].intact);
	assert_true(findings_has(&r->findings, FINDING_EVIDENCE_UNREADABLE));
	q.key = NULL;
	d->document = office_extend(o, &q, d->document);
	assert_int_equal(judged(o, d, true)->conclusion, CONCLUSION_TOTAL_PASSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_seal),
		TEST(test_wrong_key),
		TEST(test_changed_octet),
		TEST(test_updates),
		TEST(test_two_signatures),
		TEST(test_locks),
		TEST(test_compressed_objects),
		TEST(test_sealing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
