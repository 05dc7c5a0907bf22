#include "formats/cert.h"

#include <limits.h>

#include <openssl/err.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/cert_key.h"
#include "formats/cert_name.h"
#include "formats/der.h"

/* The raw parts of a Certificate, in their order (RFC 5280 4.1). */
struct parts {
	struct der tbs, outer_alg, value;
	struct der version, serial, inner_alg, issuer, validity, subject, spki, extensions;
	bool has_version, has_extensions;
};

static enum err split_tbs(struct scope *s, struct bytes tbs, struct parts *p)
{
	struct der unique_id;
	bool present;
	TRY(der_optional(s, &tbs, DER_CONTEXT(0), "version", &p->has_version, &p->version));
	TRY(der_expect(s, &tbs, DER_INTEGER, "serialNumber", &p->serial));
	TRY(der_expect(s, &tbs, DER_SEQUENCE, "signature", &p->inner_alg));
	TRY(der_expect(s, &tbs, DER_SEQUENCE, "issuer", &p->issuer));
	TRY(der_expect(s, &tbs, DER_SEQUENCE, "validity", &p->validity));
	TRY(der_expect(s, &tbs, DER_SEQUENCE, "subject", &p->subject));
	TRY(der_expect(s, &tbs, DER_SEQUENCE, "subjectPublicKeyInfo", &p->spki));
	for (unsigned tag = 1; tag <= 2; tag++)
		TRY(der_optional(s, &tbs, (uint8_t)DER_CONTEXT_PRIMITIVE(tag), "unique identifier",
		    &present, &unique_id));
	TRY(der_optional(
	    s, &tbs, DER_CONTEXT(3), "extensions", &p->has_extensions, &p->extensions));
	return der_end(s, tbs, "tbsCertificate");
}

static enum err split(struct scope *s, struct bytes der, struct parts *p)
{
	struct der whole;
	*p = (struct parts){ 0 };
	TRY(der_expect(s, &der, DER_SEQUENCE, "Certificate", &whole));
	TRY(der_end(s, der, "Certificate"));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "tbsCertificate", &p->tbs));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "signatureAlgorithm", &p->outer_alg));
	TRY(der_next(s, &whole.value, &p->value));
	if ((p->value.tag & ~DER_CONSTRUCTED) != DER_BIT_STRING)
		return scope_fault(s, ERR_FORMAT, "signatureValue is no BIT STRING");
	TRY(der_end(s, whole.value, "Certificate"));
	return split_tbs(s, p->tbs.value, p);
}

static enum err read_version(struct scope *s, const struct parts *p, struct cert *c)
{
	struct der number;
	struct bytes content = p->version.value;
	int64_t version = 0;
	if (p->has_version) {
		TRY(der_expect(s, &content, DER_INTEGER, "version", &number));
		TRY(der_end(s, content, "version"));
		TRY(der_small_integer(s, number, &version));
	}
	if (version < 0 || version > 2)
		return scope_fault(s, ERR_FORMAT, "impossible version");
	c->version = (int)version + 1;
	return OK;
}

static enum err read_validity(struct scope *s, struct bytes validity, struct cert *c)
{
	struct der t;
	TRY(der_next(s, &validity, &t));
	TRY(der_time(s, t, &c->not_before));
	TRY(der_next(s, &validity, &t));
	TRY(der_time(s, t, &c->not_after));
	return der_end(s, validity, "validity");
}

static enum err read_spki(struct scope *s, struct bytes spki, struct cert *c)
{
	struct der part;
	TRY(der_expect(s, &spki, DER_SEQUENCE, "public key algorithm", &part));
	TRY(der_expect(s, &spki, DER_BIT_STRING, "subjectPublicKey", &part));
	TRY(der_end(s, spki, "subjectPublicKeyInfo"));
	return der_bit_string(s, part, &c->public_key);
}

/* With bits left over no algorithm's signature, but a certificate still. */
static enum err read_sig_value(struct scope *s, struct der value, struct cert *c)
{
	if (value.tag == DER_BIT_STRING && value.value.n > 0 && value.value.p[0] != 0)
		return OK;
	return der_bit_string(s, value, &c->sig_value);
}

/* Lower-case hex without leading zeros, "0" for zero. */
static enum err read_serial(struct scope *s, struct cert *c)
{
	char *hex;
	if (c->serial.n == 0)
		return scope_fault(s, ERR_FORMAT, "empty serial number");
	TRY(bytes_to_hex(s, c->serial, &hex));
	while (hex[0] == '0' && hex[1] != '\0')
		hex++;
	c->serial_text = hex;
	return OK;
}

static enum err read_names(struct scope *s, struct cert *c)
{
	TRY(cert_name_text(s, c->issuer, &c->issuer_text));
	TRY(cert_name_text(s, c->subject, &c->subject_text));
	TRY(cert_name_find(s, c->subject, OID_NAME_COMMON_NAME, &c->common_name));
	TRY(cert_name_find(s, c->subject, OID_NAME_ORGANIZATION, &c->organization));
	TRY(cert_name_find(s, c->subject, OID_NAME_ORGANIZATION_IDENTIFIER, &c->organization_id));
	return cert_name_find(s, c->subject, OID_NAME_COUNTRY, &c->country);
}

static enum err read_extensions(struct scope *s, const struct parts *p, struct cert *c)
{
	struct bytes content = p->extensions.value;
	struct der list;
	c->path_length = -1;
	c->require_explicit_policy = -1;
	c->inhibit_policy_mapping = -1;
	c->inhibit_any_policy = -1;
	if (!p->has_extensions)
		return OK;
	TRY(der_expect(s, &content, DER_SEQUENCE, "extensions", &list));
	TRY(der_end(s, content, "extensions"));
	c->extensions = list.value;
	return cert_extensions_read(s, list.value, c);
}

struct cert_x509 {
	struct scope *home;
	X509 *x509;
};

static void release_x509(void *x509)
{
	X509_free(x509);
}

enum err cert_x509(struct scope *s, const struct cert *c, X509 **ret_x509)
{
	const unsigned char *p = c->der.p;
	if (c->openssl->x509) {
		*ret_x509 = c->openssl->x509;
		return OK;
	}
	X509 *x509 = c->der.n <= LONG_MAX ? d2i_X509(NULL, &p, (long)c->der.n) : NULL;
	ERR_clear_error();
	if (!x509)
		return scope_fault(s, ERR_FORMAT, "certificate: OpenSSL cannot read it");
	TRY(scope_own(s, x509, release_x509));
	if (s == c->openssl->home)
		c->openssl->x509 = x509;
	*ret_x509 = x509;
	return OK;
}

static enum err read_facts(struct scope *s, struct bytes der, struct cert *c)
{
	struct parts p;
	TRY(split(s, der, &p));
	c->der = der;
	c->tbs = p.tbs.whole;
	c->serial = p.serial.value;
	c->issuer = p.issuer.whole;
	c->subject = p.subject.whole;
	c->spki = p.spki.whole;
	TRY(read_version(s, &p, c));
	TRY(signature_alg_parse(s, p.outer_alg.whole, DIGEST_UNKNOWN, &c->sig_alg));
	TRY(read_sig_value(s, p.value, c));
	TRY(read_validity(s, p.validity.value, c));
	TRY(read_spki(s, p.spki.value, c));
	TRY(read_serial(s, c));
	TRY(read_names(s, c));
	TRY(read_extensions(s, &p, c));
	TRY(digest_of_bytes(s, DIGEST_SHA256, der, &c->sha256));
	c->openssl = scope_alloc(s, sizeof(*c->openssl));
	if (!c->openssl)
		return ERR_NOMEM;
	c->openssl->home = s;
	return cert_key_load(s, c->spki, &c->key);
}

/* The same certificate stands in a document many times (CMS, tokens, store): each job parses it
 * once. Only so many are looked through, so a hostile document gains nothing. */
#define RECENT 64

struct recent {
	const struct cert *item[RECENT];
	size_t n; /* ever kept: the next place is n % RECENT */
};

static const char recent_owner;

static enum err find_recent(struct scope *s, struct recent **ret_recent)
{
	void **slot = scope_slot(s, &recent_owner);
	if (slot && !*slot)
		*slot = scope_alloc(s, sizeof(struct recent));
	if (!slot || !*slot)
		return ERR_NOMEM;
	*ret_recent = *slot;
	return OK;
}

static const struct cert *same_octets(const struct recent *r, struct bytes der)
{
	for (size_t i = 0; i < r->n && i < RECENT; i++)
		if (bytes_equal(r->item[i]->der, der))
			return r->item[i];
	return NULL;
}

enum err cert_remember(struct scope *s, const struct cert *c)
{
	struct recent *recent;
	TRY(find_recent(s, &recent));
	if (!same_octets(recent, c->der))
		recent->item[recent->n++ % RECENT] = c;
	return OK;
}

enum err cert_parse(struct scope *s, struct bytes der, const struct cert **ret_cert)
{
	struct recent *recent;
	TRY(find_recent(s, &recent));
	const struct cert *known = same_octets(recent, der);
	if (known) {
		*ret_cert = known;
		return OK;
	}
	struct cert *c = scope_alloc(s, sizeof(*c));
	if (!c)
		return ERR_NOMEM;
	enum err err = read_facts(s, der, c);
	/* A tag or a depth that the DER reader refuses makes this no certificate either. */
	if (err == ERR_UNSUPPORTED)
		err = ERR_FORMAT;
	if (err != OK)
		return scope_fault_in(s, err, "certificate");
	recent->item[recent->n++ % RECENT] = c;
	*ret_cert = c;
	return OK;
}

/* -- PEM -- */

#define PEM_END BYTES_LIT("-----END ")

static size_t count_of(struct bytes text, struct bytes word)
{
	size_t n = 0;
	for (size_t at = 0; (at = bytes_find(text, word, at)) != BYTES_NOT_FOUND; at += word.n)
		n++;
	return n;
}

/* The base64 text of the next block headed `begin`; false when there is none. */
static bool next_block(struct bytes *rest, struct bytes begin, struct bytes *ret_text)
{
	size_t at = bytes_find(*rest, begin, 0);
	if (at == BYTES_NOT_FOUND)
		return false;
	*rest = bytes_from(*rest, at + begin.n);
	size_t end = bytes_find(*rest, PEM_END, 0);
	*ret_text = bytes_cut(*rest, 0, end);
	*rest = bytes_from(*rest, end);
	return true;
}

static enum err parse_blocks(
    struct scope *s, struct bytes file, struct bytes begin, const struct cert **certs, size_t *n)
{
	struct bytes text, der;
	while (next_block(&file, begin, &text)) {
		TRY(bytes_of_base64(s, text, &der));
		TRY(cert_parse(s, der, &certs[*n]));
		++*n;
	}
	return OK;
}

static enum err parse_pem(
    struct scope *s, struct bytes file, const struct cert ***ret_certs, size_t *ret_n)
{
	const struct bytes begin = BYTES_LIT("-----BEGIN CERTIFICATE-----");
	const struct bytes old_begin = BYTES_LIT("-----BEGIN X509 CERTIFICATE-----");
	size_t room = count_of(file, begin) + count_of(file, old_begin), n = 0;
	if (room == 0)
		return scope_fault(s, ERR_FORMAT, "certificate: neither DER nor PEM");
	if (room > LIMIT_POOL_CERTIFICATES)
		return scope_fault(s, ERR_LIMIT, "certificate: too many in one file");
	const struct cert **certs = scope_alloc_array(s, room, sizeof(*certs));
	if (!certs)
		return ERR_NOMEM;
	TRY(parse_blocks(s, file, begin, certs, &n));
	TRY(parse_blocks(s, file, old_begin, certs, &n));
	*ret_certs = certs;
	*ret_n = n;
	return OK;
}

enum err cert_parse_many(
    struct scope *s, struct bytes file, const struct cert ***ret_certs, size_t *ret_n)
{
	struct bytes after = file;
	struct der whole;
	if (!der_step(&after, &whole) || whole.tag != DER_SEQUENCE || after.n > 0)
		return parse_pem(s, file, ret_certs, ret_n);
	const struct cert **certs = scope_alloc_array(s, 1, sizeof(*certs));
	if (!certs)
		return ERR_NOMEM;
	TRY(cert_parse(s, file, &certs[0]));
	*ret_certs = certs;
	*ret_n = 1;
	return OK;
}

enum err cert_is_signed_by(
    struct scope *s, const struct cert *subject, const struct cert *issuer, bool *ret_ok)
{
	struct parts p;
	TRY(split(s, subject->der, &p));
	/* RFC 5280 4.1.1.2: both must be the same, or a signed one could be talked down */
	if (!bytes_equal(p.inner_alg.whole, p.outer_alg.whole)) {
		*ret_ok = false;
		return OK;
	}
	return signature_alg_verify(
	    s, subject->sig_alg, issuer->key, subject->tbs, subject->sig_value, ret_ok);
}

enum err cert_inherit_key(struct scope *s, const struct cert *subject, const struct cert *issuer)
{
	if (subject->key || !issuer->key || subject->openssl->home != s)
		return OK;
	/* One owner, this scope: see cert_x509 for the same. */
	struct cert *c = (struct cert *)(uintptr_t)subject;
	return cert_key_inherit(s, c->spki, issuer->key, &c->key);
}

bool cert_is_self_issued(const struct cert *c)
{
	return cert_name_matches(c->subject, c->issuer);
}

bool cert_has_eku(const struct cert *c, enum oid eku)
{
	for (size_t i = 0; i < c->eku.n; i++)
		if (oid_is(c->eku.item[i], eku))
			return true;
	return false;
}

bool cert_equal(const struct cert *a, const struct cert *b)
{
	return a == b || (digest_equal(&a->sha256, &b->sha256) && bytes_equal(a->der, b->der));
}

bool cert_names_match(struct bytes name_a, struct bytes name_b)
{
	return cert_name_matches(name_a, name_b);
}

int cert_key_bits(const struct cert *c)
{
	int bits = c->key ? EVP_PKEY_get_bits(c->key) : 0;
	return bits > 0 ? bits : 0;
}
