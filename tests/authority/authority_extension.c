#include "tests/authority/authority_extension.h"

#include <string.h>

#include "base/scope.h"
#include "tests/authority/authority_der.h"
#include "tests/authority/authority_own.h"

#define EXTENSION_CAP ((size_t)64 << 10)
#define ID_QT_CPS "1.3.6.1.5.5.7.2.1"
#define ID_QT_UNOTICE "1.3.6.1.5.5.7.2.2"
#define QCS_COMPLIANCE "0.4.0.1862.1.1"
#define QCS_SSCD "0.4.0.1862.1.4"
#define QCS_PDS "0.4.0.1862.1.5"
#define QCS_TYPE "0.4.0.1862.1.6"
#define QCT_ESIGN "0.4.0.1862.1.6.1"
#define QCT_ESEAL "0.4.0.1862.1.6.2"
#define GENERAL_NAME_URI DER_CTX(6)

/* RFC 5280 4.2.1.3: the bit number is the place. */
static const char *const key_usages[] = { "digitalSignature", "nonRepudiation", "keyEncipherment",
	"dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly",
	"decipherOnly" };

void authority_extension_add(
    struct authority_extension_list *list, const char *oid, bool critical, struct buf value)
{
	struct bytes der;
	if (list->failed == OK)
		list->failed = buf_done(&value, &der);
	if (list->failed != OK)
		return;
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	bool done = object && octets && ASN1_OCTET_STRING_set(octets, der.p, (int)der.n) == 1;
	if (done)
		ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, octets);
	if (ext && list->cert)
		done = X509_add_ext(list->cert, ext, -1) == 1;
	else if (ext && list->crl)
		done = X509_CRL_add_ext(list->crl, ext, -1) == 1;
	if (!done || !ext)
		list->failed = scope_fault(list->s, ERR_NOMEM, "extension %s: out of memory", oid);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(object);
}

static int key_usage_bit(struct bytes name)
{
	if (bytes_equal_str(name, "contentCommitment"))
		return 1;
	for (int i = 0; i < (int)(sizeof(key_usages) / sizeof(key_usages[0])); i++) {
		if (bytes_equal_str(name, key_usages[i]))
			return i;
	}
	return -1;
}

enum err authority_extension_key_usage(struct scope *s, const char *names, struct buf *ret_value)
{
	uint8_t bits[3] = { 0 };
	int last = 0;
	for (const char *at = names; *at;) {
		size_t n = strcspn(at, ",");
		int bit = key_usage_bit(bytes_of(at, n));
		if (bit < 0)
			return scope_fault(s, ERR_FORMAT, "key usage: %s not understood", at);
		bits[1 + bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
		last = bit > last ? bit : last;
		at += n + (at[n] == ',');
	}
	bits[0] = (uint8_t)(7 - last % 8); /* DER: a named bit list ends with its last one */
	struct buf b = buf_new(s, EXTENSION_CAP);
	authority_der_value(&b, DER_BIT_STRING, bytes_of(bits, (size_t)(2 + last / 8)));
	*ret_value = b;
	return OK;
}

struct buf authority_extension_basic_constraints(struct scope *s, int path_len)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t mark = authority_der_open(&b, DER_SEQUENCE);
	authority_der_true(&b);
	if (path_len >= 0)
		authority_der_uint(&b, DER_INTEGER, (uint64_t)path_len);
	authority_der_close(&b, mark);
	return b;
}

enum err authority_extension_key_id(struct scope *s, X509 *cert, struct bytes *ret_key_id)
{
	unsigned n = 0;
	uint8_t *p = scope_alloc(s, EVP_MAX_MD_SIZE);
	if (!p)
		return ERR_NOMEM;
	if (X509_pubkey_digest(cert, EVP_sha1(), p, &n) != 1)
		return scope_fault(s, ERR_CRYPTO, "key identifier: digest failed");
	*ret_key_id = bytes_of(p, n);
	return OK;
}

struct buf authority_extension_octets(struct scope *s, struct bytes octets)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	authority_der_value(&b, DER_OCTET_STRING, octets);
	return b;
}

struct buf authority_extension_authority_key_id(struct scope *s, struct bytes key_id)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t mark = authority_der_open(&b, DER_SEQUENCE);
	authority_der_value(&b, DER_CTX(0), key_id);
	authority_der_close(&b, mark);
	return b;
}

/* distributionPoint [0] { fullName [0] { uniformResourceIdentifier } } */
static void add_point_name(struct buf *b, const char *url)
{
	size_t point = authority_der_open(b, DER_CTX_CONS(0));
	size_t full = authority_der_open(b, DER_CTX_CONS(0));
	authority_der_str(b, GENERAL_NAME_URI, url);
	authority_der_close(b, full);
	authority_der_close(b, point);
}

struct buf authority_extension_crl_points(struct scope *s, const char *url)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	size_t one = authority_der_open(&b, DER_SEQUENCE);
	add_point_name(&b, url);
	authority_der_close(&b, one);
	authority_der_close(&b, all);
	return b;
}

struct buf authority_extension_issuing_point(struct scope *s, const char *url)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t mark = authority_der_open(&b, DER_SEQUENCE);
	add_point_name(&b, url);
	authority_der_close(&b, mark);
	return b;
}

static void add_access(struct buf *b, const char *method, const char *url)
{
	size_t mark = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, method);
	authority_der_str(b, GENERAL_NAME_URI, url);
	authority_der_close(b, mark);
}

struct buf authority_extension_authority_info(
    struct scope *s, const char *issuer_url, const char *ocsp_url)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t mark = authority_der_open(&b, DER_SEQUENCE);
	if (ocsp_url)
		add_access(&b, "1.3.6.1.5.5.7.48.1", ocsp_url);
	if (issuer_url)
		add_access(&b, "1.3.6.1.5.5.7.48.2", issuer_url);
	authority_der_close(&b, mark);
	return b;
}

struct buf authority_extension_extended_key_usage(struct scope *s, const char *purpose)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	authority_der_oid_sequence(&b, purpose, false);
	return b;
}

static void add_qualifiers(struct buf *b, const char *cps_url, const char *notice)
{
	size_t all = authority_der_open(b, DER_SEQUENCE);
	size_t cps = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, ID_QT_CPS);
	authority_der_str(b, DER_IA5, cps_url);
	authority_der_close(b, cps);
	if (notice && *notice) {
		size_t one = authority_der_open(b, DER_SEQUENCE);
		authority_der_oid(b, ID_QT_UNOTICE);
		size_t text = authority_der_open(b, DER_SEQUENCE);
		authority_der_str(b, DER_UTF8, notice);
		authority_der_close(b, text);
		authority_der_close(b, one);
	}
	authority_der_close(b, all);
}

struct buf authority_extension_policies(
    struct scope *s, const char *first, const char *cps_url, const char *notice, const char *second)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	size_t one = authority_der_open(&b, DER_SEQUENCE);
	authority_der_oid(&b, first);
	add_qualifiers(&b, cps_url, notice);
	authority_der_close(&b, one);
	if (second)
		authority_der_oid_sequence(&b, second, false);
	authority_der_close(&b, all);
	return b;
}

/* EN 319 412-5 4.3.4: where the disclosure statement is, and its language. */
static void add_pds(struct buf *b)
{
	size_t statement = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, QCS_PDS);
	size_t locations = authority_der_open(b, DER_SEQUENCE);
	size_t location = authority_der_open(b, DER_SEQUENCE);
	authority_der_str(b, DER_IA5, "https://authority.invalid/pds_en.pdf");
	authority_der_str(b, DER_PRINTABLE, "en");
	authority_der_close(b, location);
	authority_der_close(b, locations);
	authority_der_close(b, statement);
}

struct buf authority_extension_qc_statements(struct scope *s, bool sscd, bool is_seal)
{
	struct buf b = buf_new(s, EXTENSION_CAP);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	authority_der_oid_sequence(&b, QCS_COMPLIANCE, false);
	if (sscd)
		authority_der_oid_sequence(&b, QCS_SSCD, false);
	add_pds(&b);
	size_t type = authority_der_open(&b, DER_SEQUENCE);
	authority_der_oid(&b, QCS_TYPE);
	authority_der_oid_sequence(&b, is_seal ? QCT_ESEAL : QCT_ESIGN, false);
	authority_der_close(&b, type);
	authority_der_close(&b, all);
	return b;
}
