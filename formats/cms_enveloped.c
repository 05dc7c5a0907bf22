#include "formats/cms_enveloped.h"

#include <string.h>

#include <openssl/err.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/cms_agreement.h"
#include "formats/der.h"
#include "formats/pdf_cipher.h"
#include "formats/rc2.h"

#define BLOCK_MAX 16
#define RC4_KEY 16
/* Content with its padding. */
#define SEALED_MAX (RECIPIENT_SECRET_MAX / BLOCK_MAX * BLOCK_MAX + BLOCK_MAX)

enum family {
	FAMILY_BLOCK, /* by OpenSSL, in CBC mode */
	FAMILY_RC2,
	FAMILY_RC4,
};

struct content {
	enum family family;
	const char *cipher;  /* OpenSSL's name of a FAMILY_BLOCK */
	size_t key_n, block; /* octets */
	bool is_single_des;  /* as triple DES with one key three times */
	int rc2_bits;        /* effective ones */
	struct bytes iv, encrypted;
};

struct envelope {
	struct bytes recipients; /* content of the SET OF RecipientInfo */
	struct content content;
};

/* -- the content's algorithm -- */

static const struct {
	enum oid oid;
	enum family family;
	const char *cipher;
	size_t key_n, block;
} algorithms[] = {
	{ OID_ALG_AES128_CBC, FAMILY_BLOCK, "AES-128-CBC", 16, 16 },
	{ OID_ALG_AES192_CBC, FAMILY_BLOCK, "AES-192-CBC", 24, 16 },
	{ OID_ALG_AES256_CBC, FAMILY_BLOCK, "AES-256-CBC", 32, 16 },
	{ OID_ALG_DES_EDE3_CBC, FAMILY_BLOCK, "DES-EDE3-CBC", 24, 8 },
	{ OID_ALG_DES_CBC, FAMILY_BLOCK, "DES-EDE3-CBC", 8, 8 },
	{ OID_ALG_RC2_CBC, FAMILY_RC2, NULL, 0, RC2_BLOCK },
	{ OID_ALG_RC4, FAMILY_RC4, NULL, RC4_KEY, 1 },
};

/* RC2-CBCParameter (RFC 8018 B.2.3): small numbers of effective bits are written as others. */
static enum err read_rc2(struct scope *s, struct bytes *rest, struct content *c)
{
	struct der whole, number, iv;
	int64_t version;
	TRY(der_expect(s, rest, DER_SEQUENCE, "RC2 parameters", &whole));
	TRY(der_expect(s, &whole.value, DER_INTEGER, "rc2ParameterVersion", &number));
	TRY(der_small_integer(s, number, &version));
	TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "iv", &iv));
	c->iv = iv.value;
	if (version == 160)
		c->rc2_bits = 40;
	else if (version == 120)
		c->rc2_bits = 64;
	else if (version == 58)
		c->rc2_bits = 128;
	else if (version >= 256 && version <= 8 * RECIPIENT_SECRET_MAX)
		c->rc2_bits = (int)version;
	else
		return scope_fault(s, ERR_UNSUPPORTED, "cms: RC2 with an unknown key size");
	c->key_n = ((size_t)c->rc2_bits + 7) / 8;
	return OK;
}

static enum err read_algorithm(struct scope *s, struct bytes *rest, struct content *c)
{
	struct der whole, oid, iv;
	TRY(der_expect(s, rest, DER_SEQUENCE, "contentEncryptionAlgorithm", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "contentEncryptionAlgorithm", &oid));
	const enum oid id = oid_of(oid.value);
	size_t i = 0;
	const size_t n = sizeof(algorithms) / sizeof(*algorithms);
	while (i < n && algorithms[i].oid != id)
		i++;
	if (i == n || id == OID_UNKNOWN)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "cms: content encrypted by an unknown algorithm");
	c->family = algorithms[i].family;
	c->cipher = algorithms[i].cipher;
	c->key_n = algorithms[i].key_n;
	c->block = algorithms[i].block;
	c->is_single_des = id == OID_ALG_DES_CBC;
	if (c->family == FAMILY_RC4)
		return OK;
	if (c->family == FAMILY_RC2) {
		TRY(read_rc2(s, &whole.value, c));
	} else {
		TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "iv", &iv));
		c->iv = iv.value;
	}
	if (c->iv.n != c->block)
		return scope_fault(s, ERR_FORMAT, "cms: impossible initialisation vector");
	return OK;
}

/* -- the structure (RFC 5652 6.1) -- */

static enum err read_content(struct scope *s, struct bytes *rest, struct content *c)
{
	struct der whole, type, octets;
	TRY(der_expect(s, rest, DER_SEQUENCE, "encryptedContentInfo", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "contentType", &type));
	TRY(read_algorithm(s, &whole.value, c));
	TRY(der_next(s, &whole.value, &octets));
	if ((octets.tag & ~DER_CONSTRUCTED) != DER_CONTEXT_PRIMITIVE(0))
		return scope_fault(s, ERR_FORMAT, "cms: no encrypted content");
	TRY(der_octet_string(s, octets, &c->encrypted));
	if (c->encrypted.n == 0 || c->encrypted.n > SEALED_MAX || c->encrypted.n % c->block)
		return scope_fault(s, ERR_FORMAT,
		    "cms: %zu octets of encrypted content are no short secret", c->encrypted.n);
	return OK;
}

static enum err read_envelope(struct scope *s, struct bytes der, struct envelope *ret_envelope)
{
	struct der info, oid, content, data, part;
	bool has_originator;
	TRY(der_expect(s, &der, DER_SEQUENCE, "ContentInfo", &info));
	TRY(der_expect(s, &info.value, DER_OID, "contentType", &oid));
	if (!oid_is(oid.value, OID_CMS_ENVELOPED_DATA))
		return scope_fault(s, ERR_FORMAT, "cms: no EnvelopedData");
	TRY(der_expect(s, &info.value, DER_CONTEXT(0), "content", &content));
	TRY(der_expect(s, &content.value, DER_SEQUENCE, "EnvelopedData", &data));
	TRY(der_expect(s, &data.value, DER_INTEGER, "version", &part));
	TRY(der_optional(s, &data.value, DER_CONTEXT(0), "originatorInfo", &has_originator, &part));
	TRY(der_expect(s, &data.value, DER_SET, "recipientInfos", &part));
	ret_envelope->recipients = part.value;
	return read_content(s, &data.value, &ret_envelope->content);
}

/* -- whom it is for (RFC 5652 6.2) -- */

/* Serial numbers first: to compare names costs more. */
static enum err names_issuer(
    struct scope *s, struct bytes fields, const struct cert *cert, bool *ret_does)
{
	struct der issuer, serial;
	TRY(der_expect(s, &fields, DER_SEQUENCE, "issuer", &issuer));
	TRY(der_expect(s, &fields, DER_INTEGER, "serialNumber", &serial));
	*ret_does = bytes_equal(serial.value, cert->serial) &&
		    (bytes_equal(issuer.whole, cert->issuer) ||
			cert_names_match(issuer.whole, cert->issuer));
	return OK;
}

/* RecipientIdentifier, or with `agrees` KeyAgreeRecipientIdentifier: [0] is a
 * RecipientKeyIdentifier there. */
static enum err is_named(
    struct scope *s, struct bytes *rest, bool agrees, const struct cert *cert, bool *ret_is)
{
	struct der id, key_id;
	struct bytes octets;
	TRY(der_next(s, rest, &id));
	if (id.tag == DER_SEQUENCE)
		return names_issuer(s, id.value, cert, ret_is);
	if ((id.tag & ~DER_CONSTRUCTED) != DER_CONTEXT_PRIMITIVE(0))
		return scope_fault(s, ERR_FORMAT, "cms: unknown kind of recipient identifier");
	if (agrees) {
		TRY(der_expect(s, &id.value, DER_OCTET_STRING, "subjectKeyIdentifier", &key_id));
		octets = key_id.value;
	} else {
		TRY(der_octet_string(s, id, &octets));
	}
	*ret_is = cert->ski.n > 0 && bytes_equal(octets, cert->ski);
	return OK;
}

/* -- key transport (RFC 5652 6.2.1) -- */

/* RSAES-OAEP-params (RFC 8017 A.2.1): all parts default to SHA-1 and no label. */
static enum err read_oaep(struct scope *s, struct bytes rest, struct recipient_padding *ret_padding)
{
	struct der whole, part, oid;
	bool present;
	ret_padding->oaep_digest = ret_padding->mgf_digest = DIGEST_SHA1;
	if (rest.n == 0 || der_has(rest, DER_NULL))
		return OK;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "RSAES-OAEP-params", &whole));
	struct bytes fields = whole.value;
	TRY(der_optional(s, &fields, DER_CONTEXT(0), "hashFunc", &present, &part));
	if (present)
		TRY(digest_of_algorithm_identifier(s, part.value, &ret_padding->oaep_digest));
	TRY(der_optional(s, &fields, DER_CONTEXT(1), "maskGenFunc", &present, &part));
	if (present) {
		TRY(der_expect(s, &part.value, DER_SEQUENCE, "maskGenFunc", &whole));
		TRY(der_expect(s, &whole.value, DER_OID, "maskGenFunc", &oid));
		if (!oid_is(oid.value, OID_ALG_MGF1))
			return scope_fault(s, ERR_UNSUPPORTED, "cms: unknown mask of RSAES-OAEP");
		TRY(digest_of_algorithm_identifier(s, whole.value, &ret_padding->mgf_digest));
	}
	if (ret_padding->oaep_digest == DIGEST_UNKNOWN || ret_padding->mgf_digest == DIGEST_UNKNOWN)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: unknown digest of RSAES-OAEP");
	TRY(der_optional(s, &fields, DER_CONTEXT(2), "pSourceFunc", &present, &part));
	if (!present)
		return OK;
	TRY(der_expect(s, &part.value, DER_SEQUENCE, "pSourceFunc", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "pSourceFunc", &oid));
	TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "label", &part));
	if (!oid_is(oid.value, OID_ALG_P_SPECIFIED) || part.value.n > 0)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: a label of RSAES-OAEP");
	return OK;
}

static enum err transport(struct scope *s, struct bytes *fields, const struct recipient *recipient,
    size_t key_n, struct recipient_secret *ret_key)
{
	struct der algorithm, oid, octets;
	struct bytes encrypted;
	struct recipient_padding padding = { 0 };
	TRY(der_expect(s, fields, DER_SEQUENCE, "keyEncryptionAlgorithm", &algorithm));
	TRY(der_expect(s, &algorithm.value, DER_OID, "keyEncryptionAlgorithm", &oid));
	const enum oid id = oid_of(oid.value);
	if (id == OID_ALG_RSAES_OAEP)
		TRY(read_oaep(s, algorithm.value, &padding));
	else if (id != OID_ALG_RSA)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: unknown key transport algorithm");
	TRY(der_next(s, fields, &octets));
	if ((octets.tag & ~DER_CONSTRUCTED) != DER_OCTET_STRING)
		return scope_fault(s, ERR_FORMAT, "cms: encryptedKey is no OCTET STRING");
	TRY(der_octet_string(s, octets, &encrypted));
	if (!recipient->decrypt)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: the key does not decrypt");
	return recipient->decrypt(recipient->ctx, s, &padding, encrypted, key_n, ret_key);
}

/* -- key agreement (RFC 5652 6.2.2) -- */

/* originatorKey: the public key of a pair made for this message. */
static enum err read_originator(struct scope *s, struct bytes *fields, struct bytes *ret_key)
{
	struct der originator, key, part;
	TRY(der_expect(s, fields, DER_CONTEXT(0), "originator", &originator));
	TRY(der_next(s, &originator.value, &key));
	if (key.tag != DER_CONTEXT(1))
		return scope_fault(
		    s, ERR_UNSUPPORTED, "cms: key agreement with a key of a certificate");
	TRY(der_expect(s, &key.value, DER_SEQUENCE, "originatorKey algorithm", &part));
	TRY(der_expect(s, &key.value, DER_BIT_STRING, "originatorKey", &part));
	return der_bit_string(s, part, ret_key);
}

/* *ret_wrapped: empty when none of the RecipientEncryptedKeys names the certificate. */
static enum err find_wrapped(
    struct scope *s, struct bytes keys, const struct cert *cert, struct bytes *ret_wrapped)
{
	*ret_wrapped = BYTES_NONE;
	while (keys.n > 0) {
		struct der whole, octets;
		bool is_one = false;
		TRY(der_expect(s, &keys, DER_SEQUENCE, "RecipientEncryptedKey", &whole));
		TRY(is_named(s, &whole.value, true, cert, &is_one));
		TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "encryptedKey", &octets));
		if (!is_one)
			continue;
		*ret_wrapped = octets.value;
		return OK;
	}
	return OK;
}

static enum err agree(struct scope *s, struct bytes fields, const struct recipient *recipient,
    size_t key_n, struct recipient_secret *ret_key, enum cms_enveloped_outcome *ret_outcome)
{
	struct der part, material;
	struct cms_agreement agreement = { 0 };
	struct bytes originator = fields, wrapped;
	bool has_material, opens;
	TRY(der_next(s, &fields, &part)); /* the originator is read when it is for us */
	TRY(der_optional(s, &fields, DER_CONTEXT(1), "ukm", &has_material, &part));
	if (has_material) {
		TRY(der_expect(s, &part.value, DER_OCTET_STRING, "ukm", &material));
		agreement.user_material = material.whole;
	}
	TRY(der_expect(s, &fields, DER_SEQUENCE, "keyEncryptionAlgorithm", &part));
	agreement.algorithm = part.whole;
	TRY(der_expect(s, &fields, DER_SEQUENCE, "recipientEncryptedKeys", &part));
	TRY(find_wrapped(s, part.value, recipient->cert, &wrapped));
	if (wrapped.n == 0)
		return OK;
	TRY(read_originator(s, &originator, &agreement.public_key));
	TRY(cms_agreement_unwrap(s, &agreement, recipient, wrapped, ret_key, &opens));
	*ret_outcome = opens && ret_key->n == key_n ? CMS_ENVELOPED_OPEN : CMS_ENVELOPED_WRONG;
	return OK;
}

/* One RecipientInfo. */
static enum err try_recipient(struct scope *s, struct der info, const struct recipient *recipient,
    size_t key_n, struct recipient_secret *ret_key, enum cms_enveloped_outcome *ret_outcome)
{
	struct der version;
	bool is_one = false;
	*ret_outcome = CMS_ENVELOPED_OTHERS;
	/* Keys known beforehand and passwords are others' ways. */
	if (info.tag != DER_SEQUENCE && info.tag != DER_CONTEXT(1))
		return OK;
	TRY(der_expect(s, &info.value, DER_INTEGER, "version", &version));
	if (info.tag == DER_CONTEXT(1))
		return agree(s, info.value, recipient, key_n, ret_key, ret_outcome);
	TRY(is_named(s, &info.value, false, recipient->cert, &is_one));
	if (!is_one)
		return OK;
	TRY(transport(s, &info.value, recipient, key_n, ret_key));
	*ret_outcome = CMS_ENVELOPED_OPEN;
	return OK;
}

static enum err find_key(struct scope *s, const struct envelope *envelope,
    const struct recipient *recipient, struct recipient_secret *ret_key,
    enum cms_enveloped_outcome *ret_outcome)
{
	struct bytes rest = envelope->recipients;
	*ret_outcome = CMS_ENVELOPED_OTHERS;
	while (rest.n > 0 && *ret_outcome == CMS_ENVELOPED_OTHERS) {
		struct der info;
		TRY(der_next(s, &rest, &info));
		TRY(try_recipient(
		    s, info, recipient, envelope->content.key_n, ret_key, ret_outcome));
	}
	return OK;
}

/* -- the content -- */

static bool decrypt_blocks(
    const struct content *c, const uint8_t *key, uint8_t ret_plain[SEALED_MAX + BLOCK_MAX])
{
	int n = 0;
	AUTO(EVP_CIPHER_CTX) *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, c->cipher, NULL);
	bool ok = ctx && cipher && EVP_DecryptInit_ex2(ctx, cipher, key, c->iv.p, NULL) == 1 &&
		  EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
		  EVP_DecryptUpdate(ctx, ret_plain, &n, c->encrypted.p, (int)c->encrypted.n) == 1 &&
		  n == (int)c->encrypted.n;
	EVP_CIPHER_free(cipher);
	ERR_clear_error();
	return ok;
}

static enum err decrypt_content(struct scope *s, const struct content *c,
    const struct recipient_secret *key, uint8_t ret_plain[SEALED_MAX + BLOCK_MAX])
{
	const struct bytes octets = bytes_of(key->octets, key->n);
	uint8_t thrice[24];
	bool ok = true;
	switch (c->family) {
	case FAMILY_RC2:
		rc2_decrypt(octets, c->rc2_bits, c->iv.p, c->encrypted, ret_plain);
		break;
	case FAMILY_RC4:
		memcpy(ret_plain, c->encrypted.p, c->encrypted.n);
		pdf_cipher_rc4(octets, ret_plain, c->encrypted.n);
		break;
	case FAMILY_BLOCK:
	default:
		for (size_t i = 0; c->is_single_des && i < sizeof(thrice); i++)
			thrice[i] = octets.p[i % 8];
		ok = decrypt_blocks(c, c->is_single_des ? thrice : octets.p, ret_plain);
		bytes_wipe(thrice, sizeof(thrice));
	}
	return ok ? OK : scope_fault(s, ERR_CRYPTO, "cms: OpenSSL does not decrypt the content");
}

/* RFC 5652 6.3; a stream cipher has no padding. */
static bool take_padding(const struct content *c, const uint8_t *plain, size_t *ret_n)
{
	const size_t n = c->encrypted.n, pad = plain[n - 1];
	*ret_n = n;
	if (c->family == FAMILY_RC4)
		return n <= RECIPIENT_SECRET_MAX;
	if (pad == 0 || pad > c->block)
		return false;
	for (size_t i = n - pad; i < n; i++)
		if (plain[i] != pad)
			return false;
	*ret_n = n - pad;
	return *ret_n <= RECIPIENT_SECRET_MAX;
}

static enum err open_content(struct scope *s, const struct content *c,
    const struct recipient_secret *key, struct recipient_secret *ret_content,
    enum cms_enveloped_outcome *ret_outcome)
{
	uint8_t plain[SEALED_MAX + BLOCK_MAX];
	size_t n = 0;
	enum err e = decrypt_content(s, c, key, plain);
	const bool opens = e == OK && take_padding(c, plain, &n);
	if (opens) {
		ret_content->n = n;
		memcpy(ret_content->octets, plain, n);
	}
	bytes_wipe(plain, sizeof(plain));
	*ret_outcome = opens ? CMS_ENVELOPED_OPEN : CMS_ENVELOPED_WRONG;
	return e;
}

enum err cms_enveloped_open(struct scope *s, struct bytes der, const struct recipient *recipient,
    struct recipient_secret *ret_content, enum cms_enveloped_outcome *ret_outcome)
{
	struct envelope envelope = { 0 };
	struct recipient_secret key = { 0 };
	enum cms_enveloped_outcome outcome = CMS_ENVELOPED_OTHERS;
	TRY(read_envelope(s, der, &envelope));
	enum err e = find_key(s, &envelope, recipient, &key, &outcome);
	if (e == OK && outcome == CMS_ENVELOPED_OPEN)
		e = open_content(s, &envelope.content, &key, ret_content, &outcome);
	bytes_wipe(&key, sizeof(key));
	TRY(e);
	*ret_outcome = outcome;
	return OK;
}
