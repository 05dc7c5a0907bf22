#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_seed_value.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

/* Object 7 is the field, 8 to 10 as given (NULL: not there). */
static enum err read_with(struct scope *s, const char *field, const char *eight, const char *nine,
    struct pdf_seed_value *ret_seed)
{
	const struct pdf_value *dict;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 7, field);
	if (eight)
		pdf_make_object(m, 8, eight);
	if (nine)
		pdf_make_object(m, 9, nine);
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 7, 0 }, &dict), OK);
	return pdf_seed_value_read(s, f, 0, dict, ret_seed);
}

static struct pdf_seed_value seed_of(struct scope *s, const char *entries)
{
	struct pdf_seed_value seed;
	char *field;
	struct buf b = buf_new(s, 1 << 20);
	buf_add_str(&b, "<< /SV << ");
	buf_add_str(&b, entries);
	buf_add_str(&b, " >> >>");
	assert_int_equal(buf_done_str(&b, &field), OK);
	assert_int_equal(read_with(s, field, "[(from afar)]", NULL, &seed), OK);
	assert_int_equal(scope_fault_code(s), OK);
	return seed;
}

static void expect_texts(const struct pdf_seed_value_texts *texts, const char *a, const char *b)
{
	assert_int_equal(texts->n, (a != NULL) + (b != NULL));
	if (a)
		assert_string_equal(texts->item[0], a);
	if (b)
		assert_string_equal(texts->item[1], b);
}

static void test_everything(void **state)
{
	const struct pdf_seed_value v = seed_of(*state,
	    "/Type /SV /Ff 511 /Filter /Adobe.PPKLite /SubFilter [/ETSI.CAdES.detached /x] "
	    "/DigestMethod [/SHA256 (SHA512)] /V 2.5 /Reasons 8 0 R /LegalAttestation [(a)] "
	    "/AddRevInfo true /LockDocument /auto /AppearanceFilter (seal) /MDP << /P 2 >> "
	    "/TimeStamp << /URL (http://tsa.test/) /Ff 1 >> /Cert << /Ff 47 /Subject [<3000>] "
	    "/Issuer [<3001> <3002>] /OID [(1.2.3)] /SubjectDN [<< /CN (x) /2.5.4.10 (y) >>] "
	    "/KeyUsage [(1X) (01)] /URL (http://a/) /SignaturePolicyOID (1.2.4) >>");
	assert_int_equal(v.required, 511);
	assert_int_equal(v.malformed, 0);
	assert_int_equal(v.present, PDF_SEED_VALUE_FLAGS_KNOWN | PDF_SEED_VALUE_MDP |
					PDF_SEED_VALUE_TIME_STAMP | PDF_SEED_VALUE_CERT |
					PDF_SEED_VALUE_FLAGS);
	assert_string_equal(v.filter, "Adobe.PPKLite");
	expect_texts(&v.sub_filters, "ETSI.CAdES.detached", "x");
	expect_texts(&v.digests, "SHA256", "SHA512");
	expect_texts(&v.reasons, "from afar", NULL);
	expect_texts(&v.legal_attestations, "a", NULL);
	assert_true(v.version > 2.4 && v.version < 2.6);
	assert_true(v.add_rev_info);
	assert_string_equal(v.lock_document, "auto");
	assert_string_equal(v.appearance, "seal");
	assert_int_equal(v.mdp, 2);
	assert_true(v.timestamp_required);
	assert_string_equal(v.timestamp_url, "http://tsa.test/");
	assert_int_equal(v.cert.required, 47);
	assert_int_equal(v.cert.malformed, 0);
	assert_int_equal(v.cert.subjects.n, 1);
	assert_int_equal(v.cert.issuers.n, 2);
	expect_texts(&v.cert.oids, "1.2.3", NULL);
	expect_texts(&v.cert.key_usages, "1X", "01");
	assert_int_equal(v.cert.subject_dn.n, 2);
	assert_string_equal(v.cert.subject_dn.item[1].type, "2.5.4.10");
	assert_string_equal(v.cert.subject_dn.item[1].value, "y");
	assert_string_equal(v.cert.url_type, "Browser");
	assert_string_equal(v.cert.signature_policy, "1.2.4");
}

static void test_nothing(void **state)
{
	struct scope *s = *state;
	static const char *const fields[] = { "<< >>", "<< /SV null >>", "<< /SV 99 0 R >>",
		"<< /SV << >> >>", "<< /SV << /Cert null /MDP << >> /TimeStamp << >> >> >>" };
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct pdf_seed_value v;
		assert_int_equal(read_with(s, fields[i], NULL, NULL, &v), OK);
		assert_int_equal(v.required | v.malformed, 0);
		assert_int_equal(v.mdp, -1);
		assert_false(v.timestamp_required);
		assert_string_equal(v.filter, "");
		assert_int_equal(v.reasons.n + v.cert.subjects.n, 0);
	}
}

/* One entry of another kind: told, and the rest is read. */
static void test_wrong_types(void **state)
{
	static const struct {
		const char *entry;
		uint32_t malformed;
	} cases[] = {
		{ "/Filter (x)", PDF_SEED_VALUE_FILTER },
		{ "/SubFilter /x", PDF_SEED_VALUE_SUB_FILTER },
		{ "/SubFilter [/x 1]", PDF_SEED_VALUE_SUB_FILTER },
		{ "/SubFilter [[/x]]", PDF_SEED_VALUE_SUB_FILTER },
		{ "/DigestMethod << >>", PDF_SEED_VALUE_DIGEST_METHOD },
		{ "/V /x", PDF_SEED_VALUE_V },
		{ "/Reasons (x)", PDF_SEED_VALUE_REASONS },
		{ "/Reasons [null]", PDF_SEED_VALUE_REASONS },
		{ "/LegalAttestation 1", PDF_SEED_VALUE_LEGAL_ATTESTATION },
		{ "/AddRevInfo 1", PDF_SEED_VALUE_ADD_REV_INFO },
		{ "/LockDocument true", PDF_SEED_VALUE_LOCK_DOCUMENT },
		{ "/AppearanceFilter /x", PDF_SEED_VALUE_APPEARANCE_FILTER },
		{ "/MDP 1", PDF_SEED_VALUE_MDP },
		{ "/MDP << /P -1 >>", PDF_SEED_VALUE_MDP },
		{ "/MDP << /P 4 >>", PDF_SEED_VALUE_MDP },
		{ "/MDP << /P /x >>", PDF_SEED_VALUE_MDP },
		{ "/TimeStamp (x)", PDF_SEED_VALUE_TIME_STAMP },
		{ "/TimeStamp << /Ff 2 >>", PDF_SEED_VALUE_TIME_STAMP },
		{ "/TimeStamp << /Ff true >>", PDF_SEED_VALUE_TIME_STAMP },
		{ "/Cert []", PDF_SEED_VALUE_CERT },
		{ "/Ff (x)", PDF_SEED_VALUE_FLAGS },
		{ "/Ff -1", PDF_SEED_VALUE_FLAGS },
		{ "/Ff 4294967296", PDF_SEED_VALUE_FLAGS },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		snprintf(text, sizeof(text), "%s /Cert2 1 /Reasons2 [(x)]", cases[i].entry);
		const struct pdf_seed_value v = seed_of(*state, text);
		if (v.malformed != cases[i].malformed || (v.present & cases[i].malformed))
			fail_msg("%s: malformed %x", cases[i].entry, v.malformed);
	}
}

static void test_wrong_types_of_the_certificate(void **state)
{
	static const struct {
		const char *entry;
		uint32_t malformed;
	} cases[] = {
		{ "/Ff 1.5", PDF_SEED_VALUE_CERT_FLAGS },
		{ "/Subject (x)", PDF_SEED_VALUE_CERT_SUBJECT },
		{ "/Subject [(x) /y]", PDF_SEED_VALUE_CERT_SUBJECT },
		{ "/Issuer [1]", PDF_SEED_VALUE_CERT_ISSUER },
		{ "/OID [1]", PDF_SEED_VALUE_CERT_OID },
		{ "/SubjectDN << >>", PDF_SEED_VALUE_CERT_SUBJECT_DN },
		{ "/SubjectDN [<< /CN (x) >> 1]", PDF_SEED_VALUE_CERT_SUBJECT_DN },
		{ "/SubjectDN [<< /CN /x >>]", PDF_SEED_VALUE_CERT_SUBJECT_DN },
		{ "/KeyUsage (1)", PDF_SEED_VALUE_CERT_KEY_USAGE },
		{ "/URLType (Browser)", PDF_SEED_VALUE_CERT_URL_TYPE },
		{ "/SignaturePolicyOID /x", PDF_SEED_VALUE_CERT_SIGNATURE_POLICY },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		snprintf(text, sizeof(text), "/Cert << %s >>", cases[i].entry);
		const struct pdf_seed_value v = seed_of(*state, text);
		if (v.cert.malformed != cases[i].malformed || v.malformed)
			fail_msg("%s: malformed %x", cases[i].entry, v.cert.malformed);
		assert_int_equal(v.cert.subject_dn.n, 0);
	}
}

/* References that lead in circles, and objects that cannot be read. */
static void test_hostile_references(void **state)
{
	static const struct {
		const char *field, *eight, *nine;
		uint32_t malformed;
	} cases[] = {
		{ "<< /SV 8 0 R >>", "8 0 R", NULL, PDF_SEED_VALUE_ALL },
		{ "<< /SV 8 0 R >>", "9 0 R", "8 0 R", PDF_SEED_VALUE_ALL },
		{ "<< /SV 8 0 R >>", "[8 0 R]", NULL, PDF_SEED_VALUE_ALL },
		{ "<< /SV (x) >>", NULL, NULL, PDF_SEED_VALUE_ALL },
		{ "<< /SV 8 0 R >>", "<< /SV 8 0 R /Cert 8 0 R /MDP 8 0 R >>", NULL, 0 },
		{ "<< /SV << /Reasons 8 0 R >> >>", "[8 0 R]", NULL, PDF_SEED_VALUE_REASONS },
		{ "<< /SV << /Reasons [8 0 R] >> >>", "8 0 R", NULL, PDF_SEED_VALUE_REASONS },
		{ "<< /SV << /Filter 8 0 R /Ff 9 0 R >> >>", "/x", "/y", PDF_SEED_VALUE_FLAGS },
		{ "<< /SV << /Filter 8 0 R >> >>", "<< /x", NULL, PDF_SEED_VALUE_FILTER },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdf_seed_value v;
		assert_int_equal(
		    read_with(*state, cases[i].field, cases[i].eight, cases[i].nine, &v), OK);
		assert_int_equal(scope_fault_code(*state), OK);
		if (v.malformed != cases[i].malformed)
			fail_msg("case %zu: malformed %x", i, v.malformed);
	}
}

static void test_limits(void **state)
{
	(void)state;
	static const struct {
		const char *begin, *item, *end;
	} lists[] = { { "/Reasons [", "(x)", "]" }, { "/Cert << /Issuer [", "<30>", "] >>" },
		{ "/Cert << /SubjectDN [", "<< /CN (x) >>", "] >>" } };
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t n = LIMIT_PDF_SEED_VALUES; n <= LIMIT_PDF_SEED_VALUES + 1; n++) {
			struct scope *s = scope_new(0);
			struct buf b = buf_new(s, 1 << 20);
			struct pdf_seed_value v;
			char *field;
			buf_addf(&b, "<< /SV << %s", lists[i].begin);
			for (size_t k = 0; k < n; k++)
				buf_add_str(&b, lists[i].item);
			buf_addf(&b, "%s >> >>", lists[i].end);
			assert_int_equal(buf_done_str(&b, &field), OK);
			assert_int_equal(read_with(s, field, NULL, NULL, &v),
			    n > LIMIT_PDF_SEED_VALUES ? ERR_LIMIT : OK);
			scope_free(s);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everything),
		TEST(test_nothing),
		TEST(test_wrong_types),
		TEST(test_wrong_types_of_the_certificate),
		TEST(test_hostile_references),
		TEST(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
