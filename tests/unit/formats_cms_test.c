#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms.h"
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

static const struct bytes content = { (const uint8_t *)"some content", 12 };

/* -- SignedData as OpenSSL makes it -- */

static struct bytes openssl_sign(
    struct scope *s, const struct cert *cert, EVP_PKEY *key, unsigned flags, bool stream)
{
	BIO *data = BIO_new_mem_buf(content.p, (int)content.n), *out = BIO_new(BIO_s_mem());
	X509 *x509;
	struct bytes copy;
	char *p;
	assert_int_equal(cert_x509(s, cert, &x509), OK);
	flags |= CMS_BINARY | (stream ? CMS_STREAM : 0u);
	CMS_ContentInfo *made = CMS_sign(x509, key, NULL, data, flags);
	mini_ca_check(made != NULL, "CMS_sign");
	mini_ca_check(stream ? i2d_CMS_bio_stream(out, made, data, (int)flags) == 1
			     : i2d_CMS_bio(out, made) == 1,
	    "CMS output");
	long n = BIO_get_mem_data(out, &p);
	assert_int_equal(bytes_copy(s, bytes_of(p, (size_t)n), &copy), OK);
	CMS_ContentInfo_free(made);
	BIO_free(out);
	BIO_free(data);
	return copy;
}

static const struct cert *root_of(struct scope *s, enum mini_ca_key_type type)
{
	return mini_ca_root(s, mini_ca_key(type, 0));
}

static const struct cms *parsed(struct scope *s, struct bytes der)
{
	const struct cms *cms;
	if (cms_parse(s, der, NULL, &cms) != OK)
		mini_ca_check(false, scope_fault_text(s));
	return cms;
}

static bool verify(
    struct scope *s, const struct cms *cms, const struct cert *cert, bool *ret_in_order)
{
	bool ok = false;
	struct digest d;
	assert_int_equal(digest_of_bytes(s, cms->signers[0].digest_alg, content, &d), OK);
	assert_int_equal(cms_verify_value(s, &cms->signers[0], cert, &d, &ok, ret_in_order), OK);
	return ok;
}

static void test_openssl_signed_data(void **state)
{
	struct scope *s = *state;
	const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_P256, MINI_CA_P521 };
	const unsigned flags[] = { 0, CMS_DETACHED, CMS_NOATTR, CMS_USE_KEYID, CMS_CADES,
		CMS_NOCERTS };
	for (size_t i = 0; i < 3 * 6 * 2; i++) {
		unsigned f = flags[i / 3 % 6];
		/* OpenSSL's streaming writes the content even of a detached one */
		bool stream = i / 18 && f != CMS_DETACHED, in_order = false;
		EVP_PKEY *key = mini_ca_key(types[i % 3], 0);
		const struct cert *cert = root_of(s, types[i % 3]);
		const struct cms *cms = parsed(s, openssl_sign(s, cert, key, f, stream));
		assert_int_equal(cms->n_signers, 1);
		assert_int_equal(cms->n_certs, f != CMS_NOCERTS);
		assert_int_equal(cms->is_der, !stream);
		assert_int_equal(cms->has_econtent, f != CMS_DETACHED);
		assert_true(f == CMS_DETACHED || bytes_equal(cms->econtent, content));
		assert_int_equal(cms->signers[0].signed_attrs.n > 0, f != CMS_NOATTR);
		assert_int_equal(cms->signers[0].ski.n > 0, f == CMS_USE_KEYID);
		assert_int_equal(cms->signers[0].issuer.n > 0, f != CMS_USE_KEYID);
		assert_true(verify(s, cms, cert, &in_order));
		assert_true(in_order);
		assert_int_equal(cms->n_digest_alg_oids, 1);
	}
}

static void test_attributes(void **state)
{
	struct scope *s = *state;
	const struct cert *cert = root_of(s, MINI_CA_RSA);
	const struct cms *cms =
	    parsed(s, openssl_sign(s, cert, mini_ca_key(MINI_CA_RSA, 0), CMS_CADES, false));
	const struct cms_signer *signer = &cms->signers[0];
	struct digest d, of_cert;
	struct bytes digest, type;
	struct instant t;
	struct cms_ess_cert_id *ids;
	size_t n;
	assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, content, &d), OK);
	assert_int_equal(cms_message_digest(s, signer, &digest), OK);
	assert_true(bytes_equal(digest, digest_bytes(&d)));
	assert_int_equal(cms_content_type(s, signer, &type), OK);
	assert_true(oid_is(type, OID_CMS_DATA));
	assert_int_equal(cms_signing_time(s, signer, &t), OK);
	assert_true(instant_is_known(t));
	assert_int_equal(cms_signing_certificate(s, signer, &ids, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(digest_of_bytes(s, ids[0].digest.alg, cert->der, &of_cert), OK);
	assert_true(digest_equal(&ids[0].digest, &of_cert));
	assert_int_equal(cms_count_attr(&signer->signed_attrs, OID_ATTR_MESSAGE_DIGEST), 1);
	assert_int_equal(cms_count_attr(&signer->unsigned_attrs, OID_ATTR_MESSAGE_DIGEST), 0);
	assert_null(cms_find_attr(&signer->unsigned_attrs, OID_ATTR_MESSAGE_DIGEST));
}

/* -- SignedData put together here, field by field -- */

struct sample {
	struct bytes attrs;          /* content of signedAttrs, whole TLVs */
	struct bytes unsigned_attrs; /* the same */
	struct bytes certs, crls;    /* content of the sets, empty: absent */
	struct bytes sig_value;
	bool indefinite_attrs; /* [0] 80 ... 00 00 */
	unsigned n_signers;
};

static void add_sample_signer(struct buf *b, const struct sample *p)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1);
	buf_add(b, BYTES_LIT("\x30\x05\x30\x00\x02\x01\x07")); /* empty name, serial 7 */
	digest_add_algorithm_identifier(b, DIGEST_SHA256);
	if (p->indefinite_attrs) {
		buf_add(b, BYTES_LIT("\xa0\x80"));
		buf_add(b, p->attrs);
		buf_add(b, BYTES_LIT("\x00\x00"));
	} else if (p->attrs.n) {
		der_add(b, DER_CONTEXT(0), p->attrs);
	}
	signature_alg_add(b, (struct signature_alg){ SIGNATURE_ALG_ED25519, 0, 0, 0 });
	der_add(b, DER_OCTET_STRING, p->sig_value);
	if (p->unsigned_attrs.n)
		der_add(b, DER_CONTEXT(1), p->unsigned_attrs);
	der_close(b, mark);
}

static struct bytes sample(struct scope *s, const struct sample *p)
{
	struct buf b = buf_new(s, 1 << 20);
	struct bytes der;
	size_t info = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_CMS_SIGNED_DATA));
	size_t wrapper = der_open(&b, DER_CONTEXT(0)), data = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, 1);
	buf_add(&b, BYTES_LIT("\x31\x00\x30\x0b"));
	der_add(&b, DER_OID, oid_value(OID_CMS_DATA));
	if (p->certs.n)
		der_add(&b, DER_CONTEXT(0), p->certs);
	if (p->crls.n)
		der_add(&b, DER_CONTEXT(1), p->crls);
	size_t signers = der_open(&b, DER_SET);
	for (unsigned i = 0; i < p->n_signers; i++)
		add_sample_signer(&b, p);
	der_close(&b, signers);
	der_close(&b, data);
	der_close(&b, wrapper);
	der_close(&b, info);
	assert_int_equal(buf_done(&b, &der), OK);
	return der;
}

static struct bytes attr(struct scope *s, enum oid type, struct bytes values)
{
	struct buf b = buf_new(s, 1 << 20);
	struct bytes der;
	size_t mark = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(type));
	der_add(&b, DER_SET, values);
	der_close(&b, mark);
	assert_int_equal(buf_done(&b, &der), OK);
	return der;
}

static struct bytes joined(struct scope *s, struct bytes a, struct bytes b)
{
	struct buf out = buf_new(s, 1 << 20);
	buf_add(&out, a);
	buf_add(&out, b);
	return buf_bytes(&out);
}

static const struct cert *ed25519_cert(struct scope *s)
{
	return mini_ca_root(s, mini_ca_key(MINI_CA_ED25519, 0));
}

static struct bytes ed25519_over_set(struct scope *s, struct bytes set_content)
{
	struct buf b = buf_new(s, 4096);
	der_add(&b, DER_SET, set_content);
	return mini_ca_sign(
	    s, mini_ca_key(MINI_CA_ED25519, 0), mini_ca_alg(MINI_CA_ED25519, false), buf_bytes(&b));
}

/* Signed as stored or signed over the sorted form: both are found in the field. */
static void test_attributes_out_of_order(void **state)
{
	struct scope *s = *state;
	struct bytes low = attr(s, OID_ATTR_CONTENT_TYPE, BYTES_LIT("\x05\x00"));
	struct bytes high = attr(s, OID_ATTR_CONTENT_HINTS, BYTES_LIT("\x05\x00"));
	struct bytes sorted = joined(s, low, high), reversed = joined(s, high, low);
	const struct {
		struct bytes stored, signed_over;
		bool in_order, ok;
	} rows[] = {
		{ sorted, sorted, true, true },
		{ reversed, reversed, false, true },
		{ reversed, sorted, false, true },
		{ sorted, reversed, true, false },
		{ reversed, low, false, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool in_order = !rows[i].in_order;
		struct sample p = { .attrs = rows[i].stored,
			.sig_value = ed25519_over_set(s, rows[i].signed_over),
			.n_signers = 1 };
		assert_int_equal(
		    verify(s, parsed(s, sample(s, &p)), ed25519_cert(s), &in_order), rows[i].ok);
		assert_int_equal(in_order, rows[i].in_order);
	}
}

/* RFC 5652 5.4: the signature is over the DER encoding even where another one is stored. */
static void test_attributes_not_in_der(void **state)
{
	struct scope *s = *state;
	struct bytes der = attr(s, OID_ATTR_MESSAGE_DIGEST, BYTES_LIT("\x04\x02xy"));
	struct bytes pieces =
	    attr(s, OID_ATTR_MESSAGE_DIGEST, BYTES_LIT("\x24\x80\x04\x01x\x04\x01y\x00\x00"));
	const struct bytes stored[] = { der, pieces };
	for (size_t i = 0; i < 2; i++) {
		bool in_order = false;
		struct sample p = { .attrs = stored[i],
			.sig_value = ed25519_over_set(s, der),
			.indefinite_attrs = true,
			.n_signers = 1 };
		const struct cms *cms = parsed(s, sample(s, &p));
		assert_false(cms->is_der);
		assert_true(verify(s, cms, ed25519_cert(s), &in_order));
		assert_true(in_order);
		p.sig_value = ed25519_over_set(s, BYTES_NONE);
		assert_false(verify(s, parsed(s, sample(s, &p)), ed25519_cert(s), &in_order));
	}
}

static void test_eddsa_needs_attributes(void **state)
{
	struct sample p = { .sig_value = content, .n_signers = 1 };
	const struct cms *cms = parsed(*state, sample(*state, &p));
	bool ok, in_order;
	struct digest d = { .alg = DIGEST_SHA256, .n = 32 };
	assert_int_equal(
	    cms_verify_value(*state, &cms->signers[0], ed25519_cert(*state), &d, &ok, &in_order),
	    ERR_UNSUPPORTED);
}

static void test_certificate_choices(void **state)
{
	struct scope *s = *state;
	struct buf certs = buf_new(s, 1 << 16);
	buf_add(&certs, BYTES_LIT("\xa2\x02\x05\x00"));     /* attribute certificate */
	buf_add(&certs, BYTES_LIT("\x30\x03\x02\x01\x05")); /* no certificate at all */
	buf_add(&certs, ed25519_cert(s)->der);
	struct sample p = { .certs = buf_bytes(&certs), .n_signers = 0 };
	const struct cms *cms = parsed(s, sample(s, &p));
	assert_int_equal(cms->n_certs, 1);
	assert_int_equal(cms->n_certs_unreadable, 2);
	assert_true(bytes_equal(cms->certs[0]->der, ed25519_cert(s)->der));
	assert_int_equal(cms->n_signers, 0);
	assert_string_equal(scope_fault_text(s), "");
}

static void test_revocation_choices(void **state)
{
	struct scope *s = *state;
	struct buf crls = buf_new(s, 1 << 16);
	buf_add(&crls, BYTES_LIT("\x30\x01x"));
	size_t other = der_open(&crls, DER_CONTEXT(1));
	der_add(&crls, DER_OID, oid_value(OID_RI_OCSP_RESPONSE));
	buf_add(&crls, BYTES_LIT("\x30\x02zz"));
	der_close(&crls, other);
	buf_add(&crls, BYTES_LIT("\xa1\x05\x06\x01\x2a\x05\x00\x30\x01y"));
	struct sample p = { .crls = buf_bytes(&crls), .n_signers = 1, .sig_value = content };
	const struct cms *cms = parsed(s, sample(s, &p));
	assert_int_equal(cms->n_crls, 2);
	assert_true(bytes_equal(cms->crls[1], BYTES_LIT("\x30\x01y")));
	assert_int_equal(cms->n_ocsps, 1);
	assert_true(bytes_equal(cms->ocsps[0], BYTES_LIT("\x30\x02zz")));
}

static void test_embedded_values(void **state)
{
	struct scope *s = *state;
	/* SEQUENCE { [0] { SEQUENCE { NULL, NULL } }, [1] { SEQUENCE { NULL } }, [2] NULL } */
	struct bytes values =
	    BYTES_LIT("\x30\x10\xa0\x06\x30\x04\x05\x00\x05\x00\xa1\x04\x30\x02\x05\x00\x82\x00");
	struct bytes malformed = BYTES_LIT("\x30\x06\xa0\x04\x30\x02\x05\x01");
	struct bytes certs = BYTES_LIT("\x30\x04\x05\x00\x05\x00");
	struct bytes first = joined(s, attr(s, OID_ATTR_REVOCATION_VALUES, malformed),
	    attr(s, OID_ATTR_REVOCATION_VALUES, values));
	struct sample p = { .attrs = attr(s, OID_ATTR_ADOBE_REVOCATION, values),
		.unsigned_attrs = joined(s, first, attr(s, OID_ATTR_CERTIFICATE_VALUES, certs)),
		.n_signers = 1,
		.sig_value = content };
	struct cms_values found;
	struct bytes der = sample(s, &p);
	assert_int_equal(der.p[0], DER_SEQUENCE);
	const struct cms *cms = parsed(s, der);
	assert_int_equal(cms_embedded_values(s, &cms->signers[0], &found), OK);
	assert_int_equal(found.n_crls, 4);
	assert_int_equal(found.n_ocsps, 2);
	assert_int_equal(found.n_certs, 2);
	assert_true(bytes_equal(found.crls[3], BYTES_LIT("\x05\x00")));
	assert_string_equal(scope_fault_text(s), "");
}

static enum err ess(struct scope *s, enum oid type, struct bytes values,
    struct cms_ess_cert_id **ret_ids, size_t *ret_n)
{
	struct sample p = { .attrs = attr(s, type, values), .n_signers = 1, .sig_value = content };
	const struct cms *cms = parsed(s, sample(s, &p));
	scope_forgive(s);
	return cms_signing_certificate(s, &cms->signers[0], ret_ids, ret_n);
}

static void test_signing_certificate_forms(void **state)
{
	struct scope *s = *state;
	struct cms_ess_cert_id *ids;
	size_t n = 9;
	/* v1 with issuerSerial { [4] Name {}, 5 } */
	assert_int_equal(ess(s, OID_ATTR_SIGNING_CERTIFICATE,
			     BYTES_LIT("\x30\x12\x30\x10\x30\x0e\x04\x01h\x30\x09\x30\x04\xa4\x02"
				       "\x30\x00\x02\x01\x05"),
			     &ids, &n),
	    OK);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0].digest.alg, DIGEST_SHA1);
	assert_int_equal(ids[0].digest.n, 1);
	assert_true(ids[0].has_issuer_serial);
	assert_true(bytes_equal(ids[0].issuer, BYTES_LIT("\x30\x00")));
	assert_true(bytes_equal(ids[0].serial, BYTES_LIT("\x05")));
	/* v2: default algorithm, then SHA-1 by name; two entries */
	assert_int_equal(ess(s, OID_ATTR_SIGNING_CERTIFICATE_V2,
			     BYTES_LIT("\x30\x15\x30\x13\x30\x03\x04\x01h\x30\x0c\x30\x07\x06\x05"
				       "\x2b\x0e\x03\x02\x1a\x04\x01i"),
			     &ids, &n),
	    OK);
	assert_int_equal(n, 2);
	assert_int_equal(ids[0].digest.alg, DIGEST_SHA256);
	assert_int_equal(ids[1].digest.alg, DIGEST_SHA1);
	assert_false(ids[0].has_issuer_serial);
	/* no entry, none at all, two values */
	assert_int_equal(
	    ess(s, OID_ATTR_SIGNING_CERTIFICATE_V2, BYTES_LIT("\x30\x02\x30\x00"), &ids, &n),
	    ERR_FORMAT);
	assert_int_equal(ess(s, OID_ATTR_SIGNING_CERTIFICATE_V2,
			     BYTES_LIT("\x30\x02\x30\x00\x30\x02\x30\x00"), &ids, &n),
	    ERR_FORMAT);
	assert_int_equal(ess(s, OID_ATTR_CONTENT_HINTS, BYTES_LIT("\x05\x00"), &ids, &n), OK);
	assert_int_equal(n, 0);
}

static void test_attributes_with_several_values(void **state)
{
	struct scope *s = *state;
	struct bytes two = BYTES_LIT("\x04\x01x\x04\x01y"), digest, none = BYTES_NONE;
	struct sample p = { .n_signers = 1, .sig_value = content };
	struct instant t;
	p.attrs = attr(s, OID_ATTR_MESSAGE_DIGEST, two);
	const struct cms *cms = parsed(s, sample(s, &p));
	assert_int_equal(cms->signers[0].signed_attrs.item[0].n_values, 2);
	assert_int_equal(cms_message_digest(s, &cms->signers[0], &digest), ERR_FORMAT);
	scope_forgive(s);
	p.attrs = attr(s, OID_ATTR_SIGNING_TIME, none);
	cms = parsed(s, sample(s, &p));
	assert_int_equal(cms_signing_time(s, &cms->signers[0], &t), ERR_FORMAT);
	assert_int_equal(cms_message_digest(s, &cms->signers[0], &digest), OK);
	assert_int_equal(digest.n, 0);
	scope_forgive(s);
	p.attrs = attr(s, OID_ATTR_MESSAGE_DIGEST, BYTES_LIT("\x02\x01\x05"));
	cms = parsed(s, sample(s, &p));
	assert_int_equal(cms_message_digest(s, &cms->signers[0], &digest), ERR_FORMAT);
	assert_int_equal(cms_signing_time(s, &cms->signers[0], &t), OK);
	assert_false(instant_is_known(t));
}

static void test_limits(void **state)
{
	struct scope *s = *state;
	const struct cms *cms;
	struct sample p = { .sig_value = content, .n_signers = LIMIT_CMS_SIGNERS };
	assert_int_equal(parsed(s, sample(s, &p))->n_signers, LIMIT_CMS_SIGNERS);
	p.n_signers++;
	assert_int_equal(cms_parse(s, sample(s, &p), NULL, &cms), ERR_LIMIT);
	scope_forgive(s);
	struct buf attrs = buf_new(s, 1 << 20);
	p.n_signers = 1;
	for (size_t i = 0; i < LIMIT_CMS_ATTRIBUTES; i++)
		buf_add(&attrs, attr(s, OID_ATTR_CONTENT_HINTS, BYTES_LIT("\x05\x00")));
	p.attrs = buf_bytes(&attrs);
	assert_int_equal(parsed(s, sample(s, &p))->signers[0].signed_attrs.n, LIMIT_CMS_ATTRIBUTES);
	buf_add(&attrs, attr(s, OID_ATTR_CONTENT_HINTS, BYTES_LIT("\x05\x00")));
	p.attrs = buf_bytes(&attrs);
	assert_int_equal(cms_parse(s, sample(s, &p), NULL, &cms), ERR_LIMIT);
}

/* PDF /Contents: what follows the value is left alone. */
static void test_bytes_after_the_value(void **state)
{
	struct scope *s = *state;
	for (int stream = 0; stream <= 1; stream++) {
		struct bytes der = openssl_sign(s, root_of(s, MINI_CA_P256),
		    mini_ca_key(MINI_CA_P256, 0), CMS_DETACHED, stream);
		struct bytes padded = joined(s, der, BYTES_LIT("\x00\x00\x00\xff"));
		const struct cms *cms;
		size_t n = 0;
		assert_int_equal(cms_parse(s, padded, &n, &cms), OK);
		assert_int_equal(n, der.n);
		assert_int_equal(cms->der.n, der.n);
	}
}

static void test_not_signed_data(void **state)
{
	const struct cms *cms;
	static const char enveloped[] =
	    "\x30\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x02\x30\x00";
	assert_int_equal(cms_parse(*state, BYTES_NONE, NULL, &cms), ERR_FORMAT);
	scope_forgive(*state);
	assert_int_equal(
	    cms_parse(*state, bytes_of(enveloped, sizeof(enveloped) - 1), NULL, &cms), ERR_FORMAT);
	assert_non_null(strstr(scope_fault_text(*state), "SignedData"));
	scope_forgive(*state);
	assert_int_equal(cms_parse(*state, ed25519_cert(*state)->der, NULL, &cms), ERR_FORMAT);
}

static void test_truncations(void **state)
{
	struct scope *s = *state;
	for (int stream = 0; stream <= 1; stream++) {
		struct bytes der = openssl_sign(
		    s, root_of(s, MINI_CA_P256), mini_ca_key(MINI_CA_P256, 0), 0, stream);
		for (size_t n = 0; n < der.n; n++) {
			struct scope *job = scope_new(0);
			uint8_t *exact = scope_alloc(job, n);
			const struct cms *cms;
			memcpy(exact, der.p, n);
			assert_int_equal(
			    cms_parse(job, bytes_of(exact, n), NULL, &cms), ERR_FORMAT);
			scope_free(job);
		}
	}
}

/* Every octet changed in turn: an answer, never a crash, and no changed attribute verifies. */
static void test_every_octet_changed(void **state)
{
	struct scope *s = *state;
	const struct cert *cert = root_of(s, MINI_CA_P256);
	struct bytes der = openssl_sign(s, cert, mini_ca_key(MINI_CA_P256, 0), CMS_CADES, true);
	const struct cms *whole = parsed(s, der);
	struct bytes attrs = whole->signers[0].signed_attrs.whole;
	size_t from = (size_t)(attrs.p - der.p);
	for (size_t i = 0; i < der.n; i++) {
		struct scope *job = scope_new(0);
		uint8_t *copy = scope_alloc(job, der.n);
		const struct cms *cms;
		bool ok = false, in_order;
		memcpy(copy, der.p, der.n);
		copy[i] ^= 0x01;
		struct cms_values values;
		struct cms_ess_cert_id *ids;
		size_t n;
		if (cms_parse(job, bytes_of(copy, der.n), NULL, &cms) == OK && cms->n_signers) {
			enum err err = cms_embedded_values(job, &cms->signers[0], &values);
			assert_int_equal(err, OK);
			err = cms_signing_certificate(job, &cms->signers[0], &ids, &n);
			scope_forgive(job);
			err = cms_verify_value(
			    job, &cms->signers[0], cert, &(struct digest){ 0 }, &ok, &in_order);
			if (err == OK && i > from && i < from + attrs.n)
				assert_false(ok);
		}
		scope_free(job);
	}
}

static enum err read_all(struct scope *s, struct bytes der, const struct cert *cert)
{
	const struct cms *cms;
	struct cms_values values;
	struct cms_ess_cert_id *ids;
	size_t n;
	bool ok, in_order;
	TRY(cms_parse(s, der, NULL, &cms));
	TRY(cms_embedded_values(s, &cms->signers[0], &values));
	TRY(cms_signing_certificate(s, &cms->signers[0], &ids, &n));
	return cms_verify_value(s, &cms->signers[0], cert, NULL, &ok, &in_order);
}

static void test_no_memory(void **state)
{
	const struct cert *cert = root_of(*state, MINI_CA_P256);
	struct bytes der =
	    openssl_sign(*state, cert, mini_ca_key(MINI_CA_P256, 0), CMS_CADES, true);
	enum err err = ERR_NOMEM;
	size_t n = 0;
	while (err != OK) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, ++n);
		err = read_all(s, der, cert);
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
		T(test_openssl_signed_data),
		T(test_attributes),
		T(test_attributes_out_of_order),
		T(test_attributes_not_in_der),
		T(test_eddsa_needs_attributes),
		T(test_certificate_choices),
		T(test_revocation_choices),
		T(test_embedded_values),
		T(test_signing_certificate_forms),
		T(test_attributes_with_several_values),
		T(test_limits),
		T(test_bytes_after_the_value),
		T(test_not_signed_data),
		T(test_truncations),
		T(test_every_octet_changed),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
