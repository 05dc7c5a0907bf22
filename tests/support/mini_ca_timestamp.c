#include "tests/support/mini_ca_timestamp.h"

#include "base/scope.h"
#include "formats/der.h"
#include "formats/oid.h"
#include "tests/support/mini_ca_parts.h"

#define CAP MINI_CA_PARTS_CAP

static struct digest imprint_of(struct scope *s, const struct mini_ca_timestamp *spec)
{
	struct digest digest = spec->imprint;
	if (digest.alg == DIGEST_UNKNOWN)
		mini_ca_check(
		    digest_of_bytes(s, DIGEST_SHA256, BYTES_NONE, &digest) == OK, "imprint");
	return digest;
}

static void add_small_implicit(struct buf *b, uint8_t tag, int64_t value)
{
	const uint8_t octets[] = { (uint8_t)(value >> 8), (uint8_t)value };
	if (value)
		der_add(b, tag, value < 0x80 ? bytes_of(octets + 1, 1) : bytes_of(octets, 2));
}

static void add_accuracy(struct buf *b, const struct mini_ca_timestamp *spec)
{
	if (!spec->accuracy_s && !spec->accuracy_ms && !spec->accuracy_us)
		return;
	size_t mark = der_open(b, DER_SEQUENCE);
	if (spec->accuracy_s)
		der_add_small_integer(b, spec->accuracy_s);
	add_small_implicit(b, DER_CONTEXT_PRIMITIVE(0), spec->accuracy_ms);
	add_small_implicit(b, DER_CONTEXT_PRIMITIVE(1), spec->accuracy_us);
	der_close(b, mark);
}

static void add_tst_options(struct buf *b, const struct mini_ca_timestamp *spec)
{
	add_accuracy(b, spec);
	if (spec->ordering)
		der_add_boolean(b, true);
	if (spec->nonce.n > 0)
		der_add_unsigned(b, spec->nonce);
	if (spec->names_tsa) {
		size_t tagged = der_open(b, DER_CONTEXT(0));
		der_add(b, DER_CONTEXT(4), spec->tsa->subject);
		der_close(b, tagged);
	}
	if (spec->unknown_critical) {
		size_t list = der_open(b, DER_CONTEXT(1));
		mini_ca_parts_unknown_critical(b);
		der_close(b, list);
	}
}

struct bytes mini_ca_timestamp_info(struct scope *s, const struct mini_ca_timestamp *spec)
{
	struct digest imprint = imprint_of(s, spec);
	struct bytes policy;
	mini_ca_check(
	    der_oid_of_text(s, spec->policy ? spec->policy : "1.2.3.4", &policy) == OK, "policy");
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, 1);
	der_add(&b, DER_OID, policy);
	size_t mark = der_open(&b, DER_SEQUENCE);
	digest_add_algorithm_identifier(&b, imprint.alg);
	der_add(&b, DER_OCTET_STRING, digest_bytes(&imprint));
	der_close(&b, mark);
	der_add_small_integer(&b, spec->serial ? spec->serial : 1);
	der_add_generalized_time(&b, mini_ca_parts_date(spec->gen_time, MINI_CA_NOW));
	add_tst_options(&b, spec);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "TSTInfo");
}

struct open_attribute {
	size_t whole, values;
};

static struct open_attribute open_attribute(struct buf *b, enum oid type)
{
	struct open_attribute a = { .whole = der_open(b, DER_SEQUENCE) };
	der_add(b, DER_OID, oid_value(type));
	a.values = der_open(b, DER_SET);
	return a;
}

static void close_attribute(struct buf *b, struct open_attribute a)
{
	der_close(b, a.values);
	der_close(b, a.whole);
}

/* The SET OF that is signed. */
static struct bytes signed_attributes(
    struct scope *s, const struct cert *tsa, enum digest_alg alg, struct bytes content)
{
	struct buf b = buf_new(s, CAP);
	size_t set = der_open(&b, DER_SET);
	struct open_attribute a = open_attribute(&b, OID_ATTR_CONTENT_TYPE);
	der_add(&b, DER_OID, oid_value(OID_CMS_TST_INFO));
	close_attribute(&b, a);
	a = open_attribute(&b, OID_ATTR_MESSAGE_DIGEST);
	mini_ca_parts_digest(s, &b, alg, content, false);
	close_attribute(&b, a);
	a = open_attribute(&b, OID_ATTR_SIGNING_CERTIFICATE_V2);
	size_t whole = der_open(&b, DER_SEQUENCE);
	size_t list = der_open(&b, DER_SEQUENCE);
	size_t id = der_open(&b, DER_SEQUENCE);
	mini_ca_parts_digest(s, &b, DIGEST_SHA256, tsa->der, false);
	der_close(&b, id);
	der_close(&b, list);
	der_close(&b, whole);
	close_attribute(&b, a);
	der_close_set_of(&b, set);
	return mini_ca_parts_done(&b, "signed attributes");
}

static void add_signer(struct scope *s, struct buf *b, const struct mini_ca_timestamp *spec,
    enum digest_alg digest, struct bytes content)
{
	struct signature_alg alg = mini_ca_parts_alg(spec->alg, spec->key);
	struct bytes attributes = signed_attributes(s, spec->tsa, digest, content);
	size_t whole = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1);
	size_t id = der_open(b, DER_SEQUENCE);
	buf_add(b, spec->tsa->issuer);
	der_add(b, DER_INTEGER, spec->tsa->serial);
	der_close(b, id);
	digest_add_algorithm_identifier(b, digest);
	buf_add_byte(b, DER_CONTEXT(0));
	buf_add(b, bytes_from(attributes, 1));
	signature_alg_add(b, alg);
	der_add(b, DER_OCTET_STRING, mini_ca_sign(s, spec->key, alg, attributes));
	der_close(b, whole);
}

static void add_signed_data(struct scope *s, struct buf *b, const struct mini_ca_timestamp *spec)
{
	struct bytes content = mini_ca_timestamp_info(s, spec);
	enum digest_alg digest = mini_ca_parts_alg(spec->alg, spec->key).digest;
	digest = digest ? digest : DIGEST_SHA512; /* RFC 8419 */
	size_t whole = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 3);
	size_t mark = der_open(b, DER_SET);
	digest_add_algorithm_identifier(b, digest);
	der_close(b, mark);
	mark = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_CMS_TST_INFO));
	size_t tagged = der_open(b, DER_CONTEXT(0));
	der_add(b, DER_OCTET_STRING, content);
	der_close(b, tagged);
	der_close(b, mark);
	if (!spec->no_cert)
		der_add(b, DER_CONTEXT(0), spec->tsa->der);
	mark = der_open(b, DER_SET);
	add_signer(s, b, spec, digest, content);
	der_close(b, mark);
	der_close(b, whole);
}

struct bytes mini_ca_timestamp_token(struct scope *s, const struct mini_ca_timestamp *spec)
{
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_CMS_SIGNED_DATA));
	size_t tagged = der_open(&b, DER_CONTEXT(0));
	add_signed_data(s, &b, spec);
	der_close(&b, tagged);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "time-stamp token");
}

struct bytes mini_ca_timestamp_reply(struct scope *s, const struct mini_ca_timestamp_reply *spec)
{
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	size_t status = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, spec->status);
	if (spec->texts) {
		size_t texts = der_open(&b, DER_SEQUENCE);
		for (const char *const *text = spec->texts; *text; text++)
			der_add(&b, DER_UTF8_STRING, bytes_of_str(*text));
		der_close(&b, texts);
	}
	if (spec->failure)
		mini_ca_parts_named_bits(&b, DER_BIT_STRING, spec->failure);
	der_close(&b, status);
	buf_add(&b, spec->token);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "TimeStampResp");
}

const struct cert *mini_ca_timestamp_authority(
    struct scope *s, const struct cert *ca, EVP_PKEY *ca_key, EVP_PKEY *key)
{
	static const char *const extensions[] = { "keyUsage=critical,digitalSignature",
		"extendedKeyUsage=critical,timeStamping", "subjectKeyIdentifier=hash",
		"authorityKeyIdentifier=keyid", NULL };
	return mini_ca_parsed(s, &(struct mini_ca_spec){
				     .subject = "/C=DE/O=Bulla Tests/CN=TSA",
				     .key = key,
				     .issuer = ca->der,
				     .issuer_key = ca_key,
				     .serial = 0x3456,
				     .extensions = extensions,
				 });
}
