/* What fields demand: each constraint just met and just not, and what seals make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/seed_values.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

#define FIELD "/Type /Annot /Subtype /Widget /P 3 0 R /Rect [9 9 99 99] /FT /Sig /T (here)"

/* `more` has the entries beside /SV. */
static struct bytes form_with(struct scope *s, const char *seed, const char *more)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>");
	pdf_make_object(
	    m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Annots [7 0 R] >>");
	pdf_make_objectf(m, 7, "<< " FIELD " /SV 8 0 R %s >>", more);
	pdf_make_objectf(m, 8, "<< /Type /SV %s >>", seed);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static struct seed_values_field field_with(struct office *o, const char *seed)
{
	const struct pdf_value *dict;
	struct seed_values_field field = { .name = "here" };
	struct pdf_file *f = pdf_reread_open(o->s, form_with(o->s, seed, ""));
	assert_int_equal(pdf_file_object(o->s, f, 0, (struct pdf_ref){ 7, 0 }, &dict), OK);
	assert_int_equal(pdf_seed_value_read(o->s, f, 0, dict, &field.values), OK);
	return field;
}

/* The request meets the seed values (`refusal` NULL), or is refused with these words. */
static void expect(struct office *o, const struct seed_values_field *field, struct seal_request *q,
    const char *what, const char *refusal)
{
	char *told;
	scope_forgive(o->s);
	const enum err err = seed_values_meet(o->s, field, q, &told);
	if (err != (refusal ? ERR_DENIED : OK))
		fail_msg("%s: %s %s", what, err_name(err), scope_fault_text(o->s));
	if (refusal && !strstr(scope_fault_text(o->s), refusal))
		fail_msg(
		    "%s: \"%s\" does not tell of \"%s\"", what, scope_fault_text(o->s), refusal);
	if (refusal)
		assert_non_null(strstr(scope_fault_text(o->s), "field \"here\": seed value /"));
	scope_forgive(o->s);
}

struct demand {
	const char *seed, *refusal;
};

static void expect_all(struct office *o, const struct demand *demands, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		const struct seed_values_field field = field_with(o, demands[i].seed);
		expect(o, &field, &q, demands[i].seed, demands[i].refusal);
	}
}

#define EXPECT_ALL(o, demands) expect_all(o, demands, sizeof(demands) / sizeof((demands)[0]))

/* -- the kind of signature -- */

static void test_kind(void **state)
{
	static const struct demand demands[] = {
		{ "", NULL },
		{ "/Ff 511", NULL }, /* flags of entries that are not there */
		{ "/Ff 1 /Filter /Adobe.PPKLite", NULL },
		{ "/Ff 1 /Filter /Entrust.PPKEF", "demanded is: Entrust.PPKEF" },
		{ "/Ff 510 /Filter /Entrust.PPKEF", NULL },
		{ "/Ff 2 /SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached]", NULL },
		{ "/Ff 2 /SubFilter [/adbe.pkcs7.detached /adbe.pkcs7.sha1]",
		    "accepted is: adbe.pkcs7.detached, adbe.pkcs7.sha1" },
		{ "/Ff 2 /SubFilter []", "accepted is: none" },
		{ "/Ff 509 /SubFilter [/adbe.pkcs7.detached]", NULL },
		{ "/Ff 4 /V 3", NULL },
		{ "/Ff 4 /V 3.5", "/V" },
		{ "/Ff 4 /V 4", "/V" },
		{ "/V 4", NULL },
		{ "/Ff 32 /AddRevInfo false", NULL },
		{ "/Ff 32 /AddRevInfo true", "inside of the signature value" },
		{ "/AddRevInfo true", NULL },
		{ "/Ff 256 /AppearanceFilter (Board)", "no look of the demanded name: Board" },
		{ "/AppearanceFilter (Board)", NULL },
	};
	EXPECT_ALL((struct office *)*state, demands);
}

static void test_what_is_not_known(void **state)
{
	static const struct demand demands[] = {
		{ "/Ff 512", "/Ff: demands something" },
		{ "/Ff 2147483648", "/Ff: demands something" },
		{ "/Ff -1", "/Ff: cannot be read" },
		{ "/Ff /x", "/Ff: cannot be read" },
		{ "/Ff 1 /Filter (x)", "/Filter: cannot be read" },
		{ "/Filter (x)", NULL },
		{ "/Ff 8 /Reasons (x)", "/Reasons: cannot be read" },
		{ "/Ff 64 /DigestMethod /SHA256", "/DigestMethod: cannot be read" },
		{ "/Ff 128 /LockDocument false", "/LockDocument: cannot be read" },
		{ "/MDP << /P 9 >>", "/MDP: cannot be read" },
		{ "/TimeStamp 1", "/TimeStamp: cannot be read" },
		{ "/Cert 1", "/Cert: cannot be read" },
		{ "/Private << /Ff 1 >>", NULL },
	};
	struct office *o = *state;
	EXPECT_ALL(o, demands);
	struct seed_values_field field = field_with(o, "");
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	field.values.malformed = PDF_SEED_VALUE_ALL;
	expect(o, &field, &q, "/SV", "seed value /SV: cannot be read");
}

/* -- digest -- */

static void expect_digest(struct office *o, const char *seed, enum digest_alg asked,
    enum digest_alg wanted, const char *refusal)
{
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	const struct seed_values_field field = field_with(o, seed);
	q.digest = asked;
	expect(o, &field, &q, seed, refusal);
	if (!refusal)
		assert_int_equal(key_digest(q.key, q.digest), wanted);
}

static void test_digest(void **state)
{
	struct office *o = *state;
	const char *only_512 = "/Ff 64 /DigestMethod [/SHA1 /RIPEMD160 /SHA512]";
	const char *either = "/Ff 64 /DigestMethod [/SHA384 (SHA256)]";
	const char *none = "/Ff 64 /DigestMethod [/SHA1 /RIPEMD160 /MD5 /x]";
	expect_digest(o, only_512, DIGEST_UNKNOWN, DIGEST_SHA512, NULL);
	expect_digest(o, only_512, DIGEST_SHA512, DIGEST_SHA512, NULL);
	expect_digest(
	    o, only_512, DIGEST_SHA256, 0, "none of those accepted: SHA1, RIPEMD160, SHA");
	expect_digest(o, either, DIGEST_UNKNOWN, DIGEST_SHA256, NULL);
	expect_digest(o, either, DIGEST_SHA384, DIGEST_SHA384, NULL);
	expect_digest(o, none, DIGEST_UNKNOWN, 0, "SHA1, RIPEMD160, MD5, x");
	expect_digest(o, "/Ff 64 /DigestMethod []", DIGEST_UNKNOWN, 0, "accepted: none");
	/* Suggested: followed if nothing else was asked for. */
	expect_digest(o, "/DigestMethod [/SHA512]", DIGEST_UNKNOWN, DIGEST_SHA512, NULL);
	expect_digest(o, "/DigestMethod [/SHA512]", DIGEST_SHA256, DIGEST_SHA256, NULL);
	expect_digest(o, "/DigestMethod [/SHA1]", DIGEST_UNKNOWN, DIGEST_SHA256, NULL);
}

static void test_digest_of_the_key(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->key_type = MINI_CA_ED25519;
	expect_digest(o, "/Ff 64 /DigestMethod [/SHA512]", DIGEST_UNKNOWN, DIGEST_SHA512, NULL);
	expect_digest(o, "/Ff 64 /DigestMethod [/SHA256]", DIGEST_UNKNOWN, 0, "accepted: SHA256");
	expect_digest(o, "/DigestMethod [/SHA256]", DIGEST_UNKNOWN, DIGEST_SHA512, NULL);
}

/* -- reasons -- */

static void test_reasons(void **state)
{
	static const struct {
		const char *seed, *mine, *result, *refusal;
	} cases[] = {
		{ "/Ff 8 /Reasons [(a) (b)]", "b", "b", NULL },
		{ "/Ff 8 /Reasons [(a) (b)]", "c", NULL, "one of these: a, b" },
		{ "/Ff 8 /Reasons [(a) (b)]", NULL, NULL, "one of these: a, b" },
		{ "/Ff 8 /Reasons [(a) (b)]", "", NULL, "one of these: a, b" },
		{ "/Ff 8 /Reasons [(a)]", NULL, "a", NULL },
		{ "/Ff 8 /Reasons [(a)]", "A", NULL, "one of these: a" },
		{ "/Ff 8 /Reasons [<FEFF00E9>]", "\xc3\xa9", "\xc3\xa9", NULL },
		{ "/Ff 8 /Reasons [(.)]", NULL, NULL, NULL },
		{ "/Ff 8 /Reasons [(.)]", "", "", NULL },
		{ "/Ff 8 /Reasons [(.)]", "a", NULL, "no reason may be given" },
		{ "/Ff 8 /Reasons [()]", "a", NULL, "no reason may be given" },
		{ "/Ff 8", NULL, NULL, NULL },
		{ "/Ff 8", "a", NULL, "no reason may be given" },
		{ "/Ff 8 /Reasons [(.) (a)]", "a", "a", NULL },
		{ "/Reasons [(a)]", "c", "c", NULL },
		{ "/Reasons [(a)]", NULL, NULL, NULL },
		{ "/Ff 8 /Reasons [(1) (2) (3) (4) (5) (6)]", NULL, NULL, "1, 2, 3, 4, 5, ..." },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		const struct seed_values_field field = field_with(o, cases[i].seed);
		q.reason = cases[i].mine;
		expect(o, &field, &q, cases[i].seed, cases[i].refusal);
		if (cases[i].refusal)
			continue;
		assert_int_equal(q.reason != NULL, cases[i].result != NULL);
		if (q.reason)
			assert_string_equal(q.reason, cases[i].result);
	}
}

/* -- certification, locks, timestamp -- */

static void test_certification(void **state)
{
	static const struct {
		const char *seed;
		int mine, result;
		bool is_signed;
		const char *refusal;
	} cases[] = {
		{ "/MDP << /P 0 >>", 0, 0, false, NULL },
		{ "/MDP << /P 0 >>", 3, 0, false, "demands an approval" },
		{ "/MDP << /P 2 >>", 0, 2, false, NULL },
		{ "/MDP << /P 2 >>", 2, 2, false, NULL },
		{ "/MDP << /P 2 >>", 1, 0, false, "demands a certification with P=2" },
		{ "/MDP << /P 2 >>", 3, 0, false, "demands a certification with P=2" },
		{ "/MDP << /P 1 >>", 0, 0, true, "only the first signature" },
		{ "/MDP << /P 0 >>", 0, 0, true, NULL },
		{ "/MDP << >>", 3, 3, false, NULL },
		{ "/Ff 16 /LegalAttestation [(a)]", 0, 0, false, NULL },
		{ "/Ff 16 /LegalAttestation [(a)]", 2, 0, false, "/LegalAttestation" },
		{ "/Ff 16 /LegalAttestation []", 2, 2, false, NULL },
		{ "/LegalAttestation [(a)]", 2, 2, false, NULL },
		{ "/Ff 16 /LegalAttestation [(a)] /MDP << /P 3 >>", 0, 0, false,
		    "/LegalAttestation" },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		struct seed_values_field field = field_with(o, cases[i].seed);
		field.document_is_signed = cases[i].is_signed;
		q.certify = cases[i].mine;
		expect(o, &field, &q, cases[i].seed, cases[i].refusal);
		if (!cases[i].refusal)
			assert_int_equal(q.certify, cases[i].result);
	}
}

static void test_locking(void **state)
{
	const struct pdf_field_lock one = { .action = PDF_FIELDMDP_ALL, .permissions = 1 },
				    two = { .action = PDF_FIELDMDP_ALL, .permissions = 2 };
	const char *yes = "/Ff 128 /LockDocument /true", *no = "/Ff 128 /LockDocument /false";
	const struct {
		const char *seed;
		int certify;
		const struct pdf_field_lock *own, *mine;
		const char *refusal;
	} cases[] = {
		{ yes, 0, NULL, NULL, "certify with P=1, or lock with level 1" },
		{ yes, 1, NULL, NULL, NULL },
		{ yes, 2, NULL, NULL, "demands that the document be locked" },
		{ yes, 0, NULL, &one, NULL },
		{ yes, 0, NULL, &two, "demands that the document be locked" },
		{ yes, 0, &one, NULL, NULL },
		{ yes, 0, &two, NULL, "demands that the document be locked" },
		{ no, 0, NULL, NULL, NULL },
		{ no, 2, NULL, &two, NULL },
		{ no, 1, NULL, NULL, "not be locked" },
		{ no, 0, NULL, &one, "not be locked" },
		{ no, 0, &one, NULL, "not be locked" },
		{ "/Ff 128 /LockDocument /auto", 1, NULL, NULL, NULL },
		{ "/Ff 128 /LockDocument /auto", 0, NULL, NULL, NULL },
		{ "/Ff 128 /LockDocument /maybe", 0, NULL, NULL, "none of true, false, auto" },
		{ "/LockDocument /true", 0, NULL, NULL, NULL },
		{ "/LockDocument /false", 1, NULL, NULL, NULL },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		struct seed_values_field field = field_with(o, cases[i].seed);
		field.lock = cases[i].own;
		q.lock = cases[i].mine;
		q.certify = cases[i].certify;
		expect(o, &field, &q, cases[i].seed, cases[i].refusal);
	}
}

static void test_timestamp(void **state)
{
	static const struct {
		const char *seed;
		enum seal_level level;
		const char *refusal;
	} cases[] = {
		{ "/TimeStamp << /Ff 1 /URL (http://a/) >>", SEAL_B_B, "suggests http://a/" },
		{ "/TimeStamp << /Ff 1 >>", SEAL_B_B, "level B-T or higher" },
		{ "/TimeStamp << /Ff 1 /URL (http://a/) >>", SEAL_B_T, NULL },
		{ "/TimeStamp << /Ff 1 >>", SEAL_B_LTA, NULL },
		{ "/TimeStamp << /Ff 0 /URL (http://a/) >>", SEAL_B_B, NULL },
		{ "/TimeStamp << /URL (http://a/) >>", SEAL_B_B, NULL },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, cases[i].level);
		const struct seed_values_field field = field_with(o, cases[i].seed);
		expect(o, &field, &q, cases[i].seed, cases[i].refusal);
	}
}

/* -- the certificate -- */

static const char *hex_of(struct office *o, const char *name)
{
	char *hex;
	assert_int_equal(bytes_to_hex(o->s, mini_pki_cert(o->p, name)->der, &hex), OK);
	return hex;
}

static void expect_cert(
    struct office *o, const char *before, const char *hex, const char *after, const char *refusal)
{
	char *seed;
	struct buf b = buf_new(o->s, 1 << 16);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	buf_add_str(&b, "/Cert << ");
	buf_add_str(&b, before);
	buf_add_str(&b, hex);
	buf_add_str(&b, after);
	buf_add_str(&b, " >>");
	assert_int_equal(buf_done_str(&b, &seed), OK);
	const struct seed_values_field field = field_with(o, seed);
	expect(o, &field, &q, before, refusal);
}

static void test_certificates(void **state)
{
	struct office *o = *state;
	const char *signer = hex_of(o, "signer"), *other = hex_of(o, "other");
	const char *ca = hex_of(o, "ca"), *root = hex_of(o, "root");
	mini_pki_entry(o->p, "twin")->issuer = "twin";
	mini_pki_entry(o->p, "twin")->is_ca = true;
	mini_pki_entry(o->p, "twin")->subject = "/C=DE/O=Bulla Tests/CN=ca";
	const char *twin = hex_of(o, "twin");
	const char *not_subject = "/Subject: the seal's certificate is none";
	const char *not_issuer = "/Issuer: the certificates of the seal's key lead to no issuer";
	expect_cert(o, "/Ff 1 /Subject [<30> <", signer, ">]", NULL);
	expect_cert(o, "/Ff 1 /Subject [<", other, ">]", not_subject);
	expect_cert(o, "/Ff 1 /Subject [", "", "]", not_subject);
	expect_cert(o, "/Ff 2 /Subject [<", other, ">]", NULL);
	expect_cert(o, "/Ff 2 /Issuer [<", ca, ">]", NULL);
	expect_cert(o, "/Ff 2 /Issuer [<30> <", root, ">]", NULL);
	expect_cert(o, "/Ff 2 /Issuer [<", other, ">]", not_issuer);
	expect_cert(o, "/Ff 2 /Issuer [<", signer, ">]", not_issuer);
	expect_cert(o, "/Ff 2 /Issuer [<", twin, ">]", not_issuer);
	expect_cert(o, "/Ff 2 /Issuer [", "", "]", not_issuer);
	expect_cert(o, "/Ff 1 /Issuer [<", other, ">]", NULL);
}

static void test_certificate_without_its_chain(void **state)
{
	struct office *o = *state;
	struct key alone = *mini_pki_key(o->p, "signer");
	char seed[4096];
	alone.n_chain = 0;
	for (int i = 0; i < 2; i++) {
		snprintf(seed, sizeof(seed), "/Cert << /Ff 2 /Issuer [<%s>] >>",
		    hex_of(o, i ? "root" : "ca"));
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		const struct seed_values_field field = field_with(o, seed);
		q.key = &alone;
		expect(o, &field, &q, seed, i ? "lead to no issuer" : NULL);
	}
}

static void test_certificate_facts(void **state)
{
	static const struct demand demands[] = {
		{ "/Cert << /Ff 4 /OID [(1.2.3.4)] >>", NULL },
		{ "/Cert << /Ff 4 /OID [(1.2.3.4) (1.2.3.5)] >>", NULL },
		{ "/Cert << /Ff 4 /OID [(1.2.3.4) (1.2.3.6)] >>", "lacks the policy 1.2.3.6" },
		{ "/Cert << /Ff 4 /OID [(1.2.3)] >>", "lacks the policy 1.2.3" },
		{ "/Cert << /Ff 4 /OID [(policy)] >>", "lacks the policy policy" },
		{ "/Cert << /Ff 4 /OID [] >>", NULL },
		{ "/Cert << /OID [(1.2.3.6)] >>", NULL },
		{ "/Cert << /Ff 8 /SubjectDN [<< /CN (signer) /O (Bulla Tests) >>] >>", NULL },
		{ "/Cert << /Ff 8 /SubjectDN [<< /cn (SIGNER) >> << /2.5.4.6 (de) >>] >>", NULL },
		{ "/Cert << /Ff 8 /SubjectDN [<< /O (Bulla  Tests) >>] >>", NULL },
		{ "/Cert << /Ff 8 /SubjectDN [<< /O (Bulla Test) >>] >>", "lacks O=Bulla Test" },
		{ "/Cert << /Ff 8 /SubjectDN [<< /CN (signer) >> << /OU (x) >>] >>", "lacks OU=x" },
		{ "/Cert << /Ff 8 /SubjectDN [<< /Nonsense (x) >>] >>", "lacks Nonsense=x" },
		{ "/Cert << /Ff 8 /SubjectDN [] >>", NULL },
		{ "/Cert << /SubjectDN [<< /CN (x) >>] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(1)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(11)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(1XXXXXXXX)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(110000000)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(110000000111)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(?1)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [(0)] >>", "/KeyUsage" },
		{ "/Cert << /Ff 32 /KeyUsage [(10)] >>", "/KeyUsage" },
		{ "/Cert << /Ff 32 /KeyUsage [(111)] >>", "/KeyUsage" },
		{ "/Cert << /Ff 32 /KeyUsage [(XXXXXXXX1)] >>", "/KeyUsage" },
		{ "/Cert << /Ff 32 /KeyUsage [(0) (X1)] >>", NULL },
		{ "/Cert << /Ff 32 /KeyUsage [] >>", "/KeyUsage" },
		{ "/Cert << /KeyUsage [(0)] >>", NULL },
		{ "/Cert << /Ff 64 /URL (http://a/) >>", NULL },
		{ "/Cert << /Ff 64 /URL (http://a/) /URLType /Browser >>", NULL },
		{ "/Cert << /Ff 64 /URL (http://a/) /URLType /ASSP >>", "/URLType" },
		{ "/Cert << /URL (http://a/) /URLType /ASSP >>", NULL },
		{ "/Cert << /Ff 16 >>", "/Ff: demands something" },
		{ "/Cert << /Ff 128 >>", "/Ff: demands something" },
		{ "/Cert << /Ff (x) >>", "cannot be read" },
		{ "/Cert << /Ff 1 /Subject (x) >>", "cannot be read" },
		{ "/Cert << /Subject (x) >>", NULL },
	};
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->more[0] = "certificatePolicies=1.2.3.4,1.2.3.5";
	EXPECT_ALL(o, demands);
}

/* A certificate without the extension has no usage that is there. */
static void test_certificate_without_usage(void **state)
{
	static const struct demand demands[] = {
		{ "/Cert << /Ff 32 /KeyUsage [(X)] >>", "/KeyUsage" },
		{ "/Cert << /Ff 32 /KeyUsage [(1)] >>", "/KeyUsage" },
	};
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->usage = NULL;
	EXPECT_ALL(o, demands);
}

static enum err read_and_meet(
    struct scope *s, struct bytes form, struct seal_request *q, char **ret_told)
{
	struct pdf_file *f;
	const struct pdf_value *dict;
	struct seed_values_field field = { .name = "here" };
	TRY(pdf_file_open(s, form, BYTES_NONE, &f));
	TRY(pdf_file_object(s, f, 0, (struct pdf_ref){ 7, 0 }, &dict));
	TRY(pdf_seed_value_read(s, f, 0, dict, &field.values));
	return seed_values_meet(s, &field, q, ret_told);
}

static void test_out_of_memory(void **state)
{
	struct office *o = *state;
	char seed[4096];
	snprintf(seed, sizeof(seed),
	    "/Ff 74 /SubFilter [/ETSI.CAdES.detached] /DigestMethod [/SHA512] /Reasons [(I)] "
	    "/MDP << /P 2 >> /Cert << /Ff 42 /Issuer [<30> <%s>] /SubjectDN [<< /CN (signer) >>] "
	    "/KeyUsage [(1)] /SignaturePolicyOID (1.2) >>",
	    hex_of(o, "ca"));
	struct bytes form = form_with(o->s, seed, "");
	enum err err = ERR_NOMEM;
	size_t n = 0;
	while (err != OK) {
		struct scope *s = scope_new(0);
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		char *told;
		scope_fail_after(s, ++n);
		err = read_and_meet(s, form, &q, &told);
		if (err != OK && err != ERR_NOMEM)
			fail_msg("allocation %zu: %s: %s", n, err_name(err), scope_fault_text(s));
		if (err == OK)
			assert_int_equal(q.certify, 2);
		scope_free(s);
		assert_true(n < 100000);
	}
	assert_true(n > 50);
}

/* -- sealed -- */

static struct seal_outcome sealed_with(
    struct office *o, const char *seed, const char *more, struct bytes *ret_sealed)
{
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	struct seal_outcome outcome = { 0 };
	q.field = "here";
	scope_forgive(o->s);
	if (office_try(o, o->s, &q, false, form_with(o->s, seed, more), ret_sealed, &outcome) != OK)
		fail_msg("%s", scope_fault_text(o->s));
	assert_string_equal(outcome.field, "here");
	return outcome;
}

/* What the document asks for is in the seal, and a person is told. */
static void test_sealed_as_demanded(void **state)
{
	struct office *o = *state;
	struct bytes sealed;
	const struct seal_outcome outcome = sealed_with(o,
	    "/Ff 72 /DigestMethod [/SHA512] /Reasons [(I agree)] /MDP << /P 1 >> "
	    "/TimeStamp << /Ff 1 /URL (http://elsewhere.test/) >> "
	    "/Cert << /SignaturePolicyOID (1.2.3) >>",
	    "", &sealed);
	assert_non_null(strstr(outcome.warning, "as field \"here\" asks: SHA512"));
	assert_non_null(strstr(outcome.warning, "certified with P=1"));
	assert_non_null(strstr(outcome.warning, "signature policy 1.2.3"));
	assert_int_equal(canned_world_asked(o->w, "http://elsewhere.test/"), 0);
	const struct report *r = office_judge(o, sealed, true);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_string_equal(r->signatures[0].digest_algorithm, "SHA512");
	assert_string_equal(r->signatures[0].reason, "I agree");
	struct pdf_signature_list list;
	assert_int_equal(pdf_signature_list(o->s, pdf_reread_open(o->s, sealed), &list), OK);
	assert_int_equal(list.item[0].docmdp, 1);
}

static void test_nothing_to_tell(void **state)
{
	struct office *o = *state;
	struct bytes sealed;
	assert_null(sealed_with(o, "/Ff 2 /SubFilter [/ETSI.CAdES.detached]", "", &sealed).warning);
	assert_null(
	    sealed_with(o, "/Ff 128 /LockDocument /true", "/Lock << /Action /All /P 1 >>", &sealed)
		.warning);
}

static void test_not_sealed(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct seal_outcome outcome;
	struct bytes sealed, form = form_with(o->s, "/Ff 1 /Filter /Other", "");
	q.field = "here";
	assert_int_equal(office_try(o, o->s, &q, false, form, &sealed, &outcome), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "/Filter"));
	scope_forgive(o->s);
	/* Beside it there is room. */
	q.field = NULL;
	assert_int_equal(office_try(o, o->s, &q, false, form, &sealed, &outcome), OK);
	assert_string_equal(outcome.field, "Signature1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kind),
		TEST(test_what_is_not_known),
		TEST(test_digest),
		TEST(test_digest_of_the_key),
		TEST(test_reasons),
		TEST(test_certification),
		TEST(test_locking),
		TEST(test_timestamp),
		TEST(test_certificates),
		TEST(test_certificate_without_its_chain),
		TEST(test_certificate_facts),
		TEST(test_certificate_without_usage),
		TEST(test_out_of_memory),
		TEST(test_sealed_as_demanded),
		TEST(test_nothing_to_tell),
		TEST(test_not_sealed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
