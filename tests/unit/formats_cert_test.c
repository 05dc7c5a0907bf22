#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/cert_name.h"
#include "formats/der.h"
#include "tests/support/mini_ca.h"

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

static const char config[] = "[policies]\n"
			     "policyIdentifier=1.2.3.4\n"
			     "CPS.1=https://cps.example/\n"
			     "userNotice.1=@notice\n"
			     "[notice]\n"
			     "explicitText=UTF8:Nur f\xc3\xbcr Siegel\n"
			     "[point]\n"
			     "fullname=URI:http://crl.example/a.crl,URI:ldap://dir.example/cn=x\n"
			     "reasons=keyCompromise\n"
			     "CRLissuer=dirName:name\n"
			     "[name]\n"
			     "CN=CRL issuer\n";

static const char *const full[] = { "basicConstraints=critical,CA:TRUE,pathlen:3",
	"keyUsage=critical,digitalSignature,keyCertSign,cRLSign",
	"extendedKeyUsage=critical,timeStamping,OCSPSigning", "subjectKeyIdentifier=hash",
	"authorityKeyIdentifier=keyid:always", "certificatePolicies=2.5.29.32.0,@policies",
	"authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/"
	"ca.cer,caIssuers;email:x@example",
	"crlDistributionPoints=point,URI:http://crl2.example/",
	"freshestCRL=URI:http://delta.example/", "noCheck=ignored",
	/* SEQUENCE { esi4-qcStatement-1, esi4-qcStatement-4, QcType { esign, eseal } } */
	"1.3.6.1.5.5.7.1.3=DER:3032"
	"3008060604008e460101"
	"3008060604008e460104"
	"301c060604008e4601063012060704008e46010601060704008e46010602",
	"0.4.0.194121.2.1=DER:0500", "2.5.29.56=DER:0500", "1.2.3.4.5=DER:0500",
	"nameConstraints=critical,permitted;email:example.com", NULL };

static const struct cert *full_cert(struct scope *s)
{
	return mini_ca_parsed(s,
	    &(struct mini_ca_spec){
		.subject = "/C=DE/O=Bulla, Tests/organizationIdentifier=VATDE-1/CN= M\xc3\xbcller ",
		.key = mini_ca_key(MINI_CA_RSA, 0),
		.serial = 0xabc,
		.extensions = full,
		.config = config,
	    });
}

static void test_plain_facts(void **state)
{
	const struct cert *c = full_cert(*state);
	assert_int_equal(c->version, 3);
	assert_string_equal(c->serial_text, "abc");
	assert_true(bytes_equal(c->serial, BYTES_LIT("\x0a\xbc")));
	assert_string_equal(c->subject_text,
	    "CN=\\ M\xc3\xbcller\\ ,organizationIdentifier=VATDE-1,O=Bulla\\, Tests,C=DE");
	assert_string_equal(c->issuer_text, c->subject_text);
	assert_string_equal(c->common_name, " M\xc3\xbcller ");
	assert_string_equal(c->organization, "Bulla, Tests");
	assert_string_equal(c->organization_id, "VATDE-1");
	assert_string_equal(c->country, "DE");
	assert_int_equal(c->not_before.unix_s, MINI_CA_NOW - 182 * MINI_CA_DAY);
	assert_int_equal(c->not_after.unix_s, MINI_CA_NOW + 183 * MINI_CA_DAY);
	assert_int_equal(c->sig_alg.kind, SIGNATURE_ALG_RSA_PKCS1);
	assert_int_equal(c->sig_alg.digest, DIGEST_SHA256);
	assert_int_equal(c->sig_value.n, 256);
	assert_int_equal(cert_key_bits(c), 2048);
	assert_true(bytes_encloses(c->der, c->tbs) && bytes_encloses(c->tbs, c->subject));
	assert_true(cert_is_self_issued(c));
}

static void test_extensions(void **state)
{
	const struct cert *c = full_cert(*state);
	struct digest key_id;
	assert_false(c->malformed_extension);
	assert_int_equal(c->unknown_critical.n, 0);
	assert_true(c->has_basic_constraints && c->is_ca);
	assert_int_equal(c->path_length, 3);
	assert_true(c->has_key_usage);
	assert_int_equal(
	    c->key_usage, CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_CERT_SIGN | CERT_KU_CRL_SIGN);
	assert_true(c->has_eku && c->eku_critical);
	assert_true(cert_has_eku(c, OID_EKU_TIME_STAMPING));
	assert_true(cert_has_eku(c, OID_EKU_OCSP_SIGNING));
	assert_false(cert_has_eku(c, OID_EKU_ANY));
	/* subjectKeyIdentifier=hash and KeyHash are both SHA-1 of public_key */
	assert_int_equal(digest_of_bytes(*state, DIGEST_SHA1, c->public_key, &key_id), OK);
	assert_true(bytes_equal(c->ski, digest_bytes(&key_id)));
	assert_true(bytes_equal(c->aki, c->ski));
	assert_true(c->ocsp_nocheck && c->no_rev_avail && c->validity_assured_short_term);
	assert_true(c->qc_compliance && c->qc_sscd);
	assert_int_equal(c->qc_statements.n, 3);
	assert_int_equal(c->qc_types.n, 2);
	assert_true(oid_is(c->qc_types.item[1], OID_QC_TYPE_ESEAL));
	assert_int_equal(c->aia_ocsp.n, 1);
	assert_string_equal(c->aia_ocsp.item[0], "http://ocsp.example/");
	assert_int_equal(c->aia_ca_issuers.n, 1);
	assert_string_equal(c->aia_ca_issuers.item[0], "http://ca.example/ca.cer");
}

static void test_policies_and_points(void **state)
{
	const struct cert *c = full_cert(*state);
	assert_int_equal(c->policies.n, 2);
	assert_true(oid_is(c->policies.item[0].oid, OID_POLICY_ANY));
	assert_int_equal(c->policies.item[0].cps.n, 0);
	assert_int_equal(c->policies.item[1].cps.n, 1);
	assert_string_equal(c->policies.item[1].cps.item[0], "https://cps.example/");
	assert_int_equal(c->policies.item[1].notices.n, 1);
	assert_string_equal(c->policies.item[1].notices.item[0], "Nur f\xc3\xbcr Siegel");
	assert_int_equal(c->crl_points.n, 2);
	const struct cert_distribution_point *p = c->crl_points.item;
	assert_int_equal(p->urls.n, 2);
	assert_string_equal(p->urls.item[1], "ldap://dir.example/cn=x");
	assert_int_equal(p->reasons, 1 << 1);
	assert_int_equal(p->name.p[0], DER_CONTEXT(0));
	assert_int_equal(p->crl_issuer.p[0], DER_CONTEXT(4));
	assert_int_equal(p[1].reasons, 0);
	assert_int_equal(p[1].crl_issuer.n, 0);
	assert_int_equal(c->freshest_crl.n, 1);
	assert_string_equal(c->freshest_crl.item[0].urls.item[0], "http://delta.example/");
}

static const struct cert *with(struct scope *s, const char *const *extensions)
{
	return mini_ca_parsed(s, &(struct mini_ca_spec){ .subject = "/CN=x",
				     .key = mini_ca_key(MINI_CA_P256, 0),
				     .extensions = extensions });
}

static void test_nothing_said(void **state)
{
	const struct cert *c = with(*state, NULL);
	assert_int_equal(c->version, 1);
	assert_int_equal(c->path_length, -1);
	assert_false(c->has_basic_constraints || c->has_key_usage || c->has_eku);
	assert_int_equal(c->ski.n + c->aki.n + c->policies.n + c->crl_points.n, 0);
	assert_string_equal(c->organization, "");
	assert_string_equal(c->country, "");
}

static void test_malformed_extensions(void **state)
{
	static const char *const bad[] = { "2.5.29.19=DER:3005010100",
		"2.5.29.19=DER:30060101ff0201ff", "2.5.29.15=DER:0500", "2.5.29.15=DER:030109",
		"2.5.29.37=DER:30020500", "2.5.29.14=DER:04050001", "2.5.29.14=DER:0401000500",
		"2.5.29.35=DER:3003800200", "2.5.29.32=DER:3004300206ff",
		"2.5.29.31=DER:3004300281ff", "1.3.6.1.5.5.7.1.1=DER:300230ff",
		"1.3.6.1.5.5.7.1.3=DER:30020500", "2.5.29.46=DER:0400" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const extensions[] = { bad[i], "keyUsage=nonRepudiation", NULL };
		bool usage_is_bad = strncmp(bad[i], "2.5.29.15=", 10) == 0;
		const struct cert *c = with(*state,
		    usage_is_bad ? (const char *const[]){ bad[i], "noCheck=x", NULL } : extensions);
		assert_true(c->malformed_extension);
		assert_false(c->has_basic_constraints || c->is_ca || c->has_eku);
		assert_int_equal(c->path_length, -1);
		assert_int_equal(c->policies.n + c->crl_points.n + c->freshest_crl.n, 0);
		assert_int_equal(c->qc_statements.n + c->ski.n + c->aki.n, 0);
		/* the others are read all the same, and the fault is forgotten */
		assert_int_equal(c->has_key_usage, !usage_is_bad);
		assert_string_equal(scope_fault_text(*state), "");
	}
}

static void test_repeated_extension(void **state)
{
	static const char *const extensions[] = { "keyUsage=nonRepudiation", "keyUsage=keyCertSign",
		NULL };
	const struct cert *c = with(*state, extensions);
	assert_true(c->malformed_extension);
	assert_int_equal(c->key_usage, CERT_KU_NON_REPUDIATION);
}

static void test_unknown_critical(void **state)
{
	static const char *const unknown[] = { "1.2.3.5=DER:0500", "1.2.3.4=critical,DER:0500",
		"1.2.3.6=critical,DER:0500", NULL };
	static const char *const known[] = { "basicConstraints=critical,CA:TRUE",
		"policyConstraints=critical,requireExplicitPolicy:0", "inhibitAnyPolicy=critical,0",
		"subjectAltName=critical,DNS:x", "policyMappings=critical,1.2.3:1.2.4", NULL };
	assert_true(
	    bytes_equal(with(*state, unknown)->unknown_critical, BYTES_LIT("\x2a\x03\x04")));
	assert_int_equal(with(*state, known)->unknown_critical.n, 0);
}

static void test_too_many_extensions(void **state)
{
	static char text[LIMIT_CERT_EXTENSIONS + 1][32];
	const char *extensions[LIMIT_CERT_EXTENSIONS + 2] = { NULL };
	const struct cert *c;
	for (unsigned i = 0; i <= LIMIT_CERT_EXTENSIONS; i++) {
		snprintf(text[i], sizeof(text[i]), "1.2.3.%u=DER:0500", i);
		extensions[i] = text[i];
	}
	struct bytes der = mini_ca_cert(*state, &(struct mini_ca_spec){ .subject = "/CN=x",
						    .key = mini_ca_key(MINI_CA_P256, 0),
						    .extensions = extensions });
	assert_int_equal(cert_parse(*state, der, &c), ERR_LIMIT);
	extensions[LIMIT_CERT_EXTENSIONS] = NULL;
	assert_int_equal(with(*state, extensions)->version, 3);
}

static void test_notices_of_every_type(void **state)
{
	/* certificatePolicies { 1.2.3, userNotice { explicitText } } as BMP, Visible, IA5 string */
	static const char *const extensions[] = {
		"2.5.29.32=DER:301a301806022a033012301006082b060105050702023004"
		"1e0200e4",
		"2.5.29.32=DER:301a301806022a033012301006082b060105050702023004"
		"1a026f6b",
		"2.5.29.32=DER:301a301806022a033012301006082b060105050702023004"
		"16026f6b",
	};
	static const char *const expected[] = { "\xc3\xa4", "ok", "ok" };
	for (size_t i = 0; i < 3; i++) {
		const char *const one[] = { extensions[i], NULL };
		const struct cert *c = with(*state, one);
		assert_false(c->malformed_extension);
		assert_int_equal(c->policies.item[0].notices.n, 1);
		assert_string_equal(c->policies.item[0].notices.item[0], expected[i]);
	}
}

static void test_every_key_type(void **state)
{
	static const int bits[] = { 2048, 2048, 256, 384, 521, 256, 256, 456, 1024 };
	for (enum mini_ca_key_type type = 0; type < MINI_CA_KEY_TYPES; type++) {
		EVP_PKEY *key = mini_ca_key(type, 0);
		const struct cert *root = mini_ca_root(*state, key);
		const struct cert *leaf =
		    mini_ca_leaf(*state, root, key, mini_ca_key(MINI_CA_P384, 1));
		const struct cert *other = mini_ca_root(*state, mini_ca_key(type, 1));
		bool ok = false;
		assert_non_null(root->key);
		assert_int_equal(EVP_PKEY_eq(root->key, key), 1);
		assert_int_equal(cert_key_bits(root), bits[type]);
		assert_int_equal(cert_is_signed_by(*state, leaf, root, &ok), OK);
		assert_true(ok);
		assert_int_equal(cert_is_signed_by(*state, root, root, &ok), OK);
		assert_true(ok);
		assert_int_equal(cert_is_signed_by(*state, leaf, other, &ok), OK);
		assert_false(ok);
		assert_false(cert_equal(root, other));
		assert_true(cert_names_match(root->subject, other->subject));
		assert_int_equal(ERR_peek_error(), 0);
	}
}

/* RFC 5280 4.1.1.2: signature and signatureAlgorithm must be the same. */
static void test_two_algorithms(void **state)
{
	const struct cert *root = mini_ca_root(*state, mini_ca_key(MINI_CA_P256, 0)), *changed;
	bool ok = true;
	uint8_t *der = scope_alloc(*state, root->der.n);
	memcpy(der, root->der.p, root->der.n);
	size_t outer = (size_t)(root->tbs.p - root->der.p) + root->tbs.n;
	/* ecdsa-with-SHA256 -> SHA384 outside: 30 0a 06 08 2a 86 48 ce 3d 04 03 02 */
	assert_int_equal(der[outer + 11], 2);
	der[outer + 11] = 3;
	assert_int_equal(cert_parse(*state, bytes_of(der, root->der.n), &changed), OK);
	assert_int_equal(cert_is_signed_by(*state, changed, root, &ok), OK);
	assert_false(ok);
}

static void test_signature_with_bits_left_over(void **state)
{
	const struct cert *root = mini_ca_root(*state, mini_ca_key(MINI_CA_ED25519, 0)), *changed;
	bool ok = true;
	uint8_t *der = scope_alloc(*state, root->der.n);
	memcpy(der, root->der.p, root->der.n);
	der[root->der.n - 65] = 1; /* the count of unused bits before the last 64 octets */
	assert_int_equal(cert_parse(*state, bytes_of(der, root->der.n), &changed), OK);
	assert_int_equal(changed->sig_value.n, 0);
	assert_int_equal(cert_is_signed_by(*state, changed, root, &ok), OK);
	assert_false(ok);
}

static void test_openssl_view(void **state)
{
	const struct cert *c = full_cert(*state);
	struct scope *other = scope_new(0);
	X509 *first, *again, *elsewhere;
	assert_int_equal(cert_x509(other, c, &elsewhere), OK);
	assert_int_equal(cert_x509(*state, c, &first), OK);
	assert_int_equal(cert_x509(*state, c, &again), OK);
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first, elsewhere);
	assert_int_equal(X509_cmp(first, elsewhere), 0);
	scope_free(other);
	/* once kept, every scope gets it */
	other = scope_new(0);
	assert_int_equal(cert_x509(other, c, &elsewhere), OK);
	assert_ptr_equal(first, elsewhere);
	scope_free(other);
}

static void test_truncated_and_trailing(void **state)
{
	struct bytes der = full_cert(*state)->der;
	const struct cert *c;
	for (size_t n = 0; n < der.n; n++) {
		scope_forgive(*state);
		uint8_t *exact = scope_alloc(*state, n); /* so that a sanitizer sees its end */
		memcpy(exact, der.p, n);
		assert_int_equal(cert_parse(*state, bytes_of(exact, n), &c), ERR_FORMAT);
	}
	uint8_t *longer = scope_alloc(*state, der.n + 1);
	memcpy(longer, der.p, der.n);
	assert_int_equal(cert_parse(*state, bytes_of(longer, der.n + 1), &c), ERR_FORMAT);
}

/* Any octet changed: an answer, never a crash; and never a valid signature. */
static void test_every_octet_changed(void **state)
{
	const struct cert *root = mini_ca_root(*state, mini_ca_key(MINI_CA_P256, 0));
	for (size_t i = 0; i < root->der.n; i++) {
		struct scope *s = scope_new(0);
		uint8_t *der = scope_alloc(s, root->der.n);
		const struct cert *c;
		bool ok = false;
		memcpy(der, root->der.p, root->der.n);
		der[i] ^= 0x21;
		if (cert_parse(s, bytes_of(der, root->der.n), &c) == OK &&
		    cert_is_signed_by(s, c, root, &ok) == OK)
			assert_false(ok);
		scope_free(s);
	}
}

static struct bytes pem_of(struct scope *s, struct bytes der, const char *label)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct bytes copy;
	char *p;
	PEM_write_bio(bio, label, "", der.p, (long)der.n);
	long n = BIO_get_mem_data(bio, &p);
	assert_int_equal(bytes_copy(s, bytes_of(p, (size_t)n), &copy), OK);
	BIO_free(bio);
	return copy;
}

static void test_parse_many(void **state)
{
	struct scope *s = *state;
	const struct cert **certs;
	size_t n;
	struct bytes a = mini_ca_root(s, mini_ca_key(MINI_CA_P256, 0))->der;
	struct bytes b = mini_ca_root(s, mini_ca_key(MINI_CA_P256, 1))->der;
	struct buf file = buf_new(s, 100000);
	assert_int_equal(cert_parse_many(s, a, &certs, &n), OK);
	assert_int_equal(n, 1);
	buf_add_str(&file, "0 s:CN = Root\r\n");
	buf_add(&file, pem_of(s, a, "CERTIFICATE"));
	buf_add(&file, pem_of(s, a, "PRIVATE KEY"));
	buf_add(&file, pem_of(s, b, "CERTIFICATE"));
	assert_int_equal(cert_parse_many(s, buf_bytes(&file), &certs, &n), OK);
	assert_int_equal(n, 2);
	assert_true(bytes_equal(certs[0]->der, a) && bytes_equal(certs[1]->der, b));
	struct bytes no_cert = pem_of(s, a, "PRIVATE KEY");
	assert_int_equal(cert_parse_many(s, no_cert, &certs, &n), ERR_FORMAT);
	assert_int_equal(cert_parse_many(s, BYTES_NONE, &certs, &n), ERR_FORMAT);
	assert_int_equal(
	    cert_parse_many(s, BYTES_LIT("-----BEGIN CERTIFICATE-----\n!!!"), &certs, &n),
	    ERR_FORMAT);
}

static struct bytes name(struct scope *s, uint8_t tag, const char *value)
{
	struct buf b = buf_new(s, 1000);
	size_t whole = der_open(&b, DER_SEQUENCE), set = der_open(&b, DER_SET);
	size_t pair = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_NAME_COMMON_NAME));
	der_add(&b, tag, bytes_of_str(value));
	der_close(&b, pair);
	der_close(&b, set);
	der_close(&b, whole);
	return buf_bytes(&b);
}

static void test_name_comparison(void **state)
{
	struct scope *s = *state;
	struct bytes plain = name(s, DER_PRINTABLE_STRING, "Bulla Root");
	const uint32_t hash = cert_name_hash(plain);
	assert_int_equal(cert_name_hash(name(s, DER_UTF8_STRING, "  BULLA \t root ")), hash);
	assert_int_equal(cert_name_hash(name(s, DER_T61_STRING, "bulla root")), hash);
	assert_int_not_equal(cert_name_hash(name(s, DER_UTF8_STRING, "BullaRoot")), hash);
	assert_int_equal(cert_name_hash(BYTES_LIT("no name")), cert_name_hash(BYTES_LIT("other")));
	assert_true(cert_names_match(plain, name(s, DER_UTF8_STRING, "Bulla Root")));
	assert_true(cert_names_match(plain, name(s, DER_UTF8_STRING, "  BULLA \t root ")));
	assert_true(cert_names_match(plain, name(s, DER_T61_STRING, "bulla root")));
	assert_false(cert_names_match(plain, name(s, DER_UTF8_STRING, "BullaRoot")));
	assert_false(cert_names_match(plain, name(s, DER_UTF8_STRING, "Bulla Roo")));
	assert_false(cert_names_match(plain, name(s, DER_UTF8_STRING, "Bulla Root.")));
	assert_false(cert_names_match(plain, name(s, DER_T61_STRING, "bulla boot")));
	assert_false(cert_names_match(plain, BYTES_LIT("\x30\x00")));
	assert_false(cert_names_match(plain, BYTES_NONE));
	assert_true(cert_names_match(BYTES_LIT("\x30\x00"), BYTES_LIT("\x30\x00")));
	/* case folds in ASCII only, as in OpenSSL */
	assert_false(cert_names_match(
	    name(s, DER_UTF8_STRING, "M\xc3\xbcller"), name(s, DER_UTF8_STRING, "M\xc3\x9cller")));
	assert_true(cert_names_match(
	    name(s, DER_UTF8_STRING, "M\xc3\xbcller"), name(s, DER_T61_STRING, "M\xfcller")));
}

static void test_name_text(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{ "plain", "CN=plain" },
		{ "#x", "CN=\\#x" },
		{ " x ", "CN=\\ x\\ " },
		{ "a,b+c\"d\\e<f>g;h", "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h" },
		{ "a\nb\x7f", "CN=a\\0Ab\\7F" },
	};
	char *text;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes n = name(*state, DER_UTF8_STRING, rows[i].value);
		assert_int_equal(cert_name_text(*state, n, &text), OK);
		assert_string_equal(text, rows[i].expected);
	}
	assert_int_equal(cert_name_text(*state, BYTES_LIT("\x30\x00"), &text), OK);
	assert_string_equal(text, "");
	/* { 2.5.4.3 = INTEGER 5 + 1.2.3 = "x" } */
	assert_int_equal(cert_name_text(*state,
			     BYTES_LIT("\x30\x15\x31\x13\x30\x08\x06\x03\x55\x04\x03\x02\x01\x05"
				       "\x30\x07\x06\x02\x2a\x03\x0c\x01x"),
			     &text),
	    OK);
	assert_string_equal(text, "CN=#020105+1.2.3=#0c0178");
	assert_int_equal(cert_name_text(*state, BYTES_LIT("\x30\x02\x30\x00"), &text), ERR_FORMAT);
}

static void test_no_memory(void **state)
{
	struct bytes der = full_cert(*state)->der;
	enum err err = ERR_NOMEM;
	size_t n = 0;
	while (err != OK) {
		struct scope *s = scope_new(0);
		const struct cert *c;
		scope_fail_after(s, ++n);
		err = cert_parse(s, der, &c);
		scope_free(s);
		assert_true(err == OK || err == ERR_NOMEM);
		assert_true(n < 1000);
	}
	assert_true(n > 20);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_plain_facts),
		T(test_extensions),
		T(test_policies_and_points),
		T(test_nothing_said),
		T(test_malformed_extensions),
		T(test_repeated_extension),
		T(test_unknown_critical),
		T(test_too_many_extensions),
		T(test_notices_of_every_type),
		T(test_every_key_type),
		T(test_two_algorithms),
		T(test_signature_with_bits_left_over),
		T(test_openssl_view),
		T(test_truncated_and_trailing),
		T(test_every_octet_changed),
		T(test_parse_many),
		T(test_name_comparison),
		T(test_name_text),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
