#include "formats/signature_alg.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"
#include "formats/oid.h"

#define SALT_DEFAULT 20 /* RFC 4055 3.1 */
#define SALT_MAX 4096   /* no salt is longer than its RSA modulus */
#define PLAIN_MAX 264   /* r||s over 1056 bits; the largest curve has 571 */

static const struct {
	enum oid oid;
	enum signature_alg_kind kind;
	enum digest_alg digest; /* DIGEST_UNKNOWN: named elsewhere */
} algs[] = {
	{ OID_ALG_RSA_SHA256, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256 },
	{ OID_ALG_RSA, SIGNATURE_ALG_RSA_PKCS1, DIGEST_UNKNOWN },
	{ OID_ALG_RSA_MD5, SIGNATURE_ALG_RSA_PKCS1, DIGEST_MD5 },
	{ OID_ALG_RSA_SHA1, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA1 },
	{ OID_ALG_RSA_SHA1_OIW, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA1 },
	{ OID_ALG_RSA_RIPEMD160, SIGNATURE_ALG_RSA_PKCS1, DIGEST_RIPEMD160 },
	{ OID_ALG_RSA_SHA224, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA224 },
	{ OID_ALG_RSA_SHA384, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA384 },
	{ OID_ALG_RSA_SHA512, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA512 },
	{ OID_ALG_RSA_SHA3_224, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA3_224 },
	{ OID_ALG_RSA_SHA3_256, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA3_256 },
	{ OID_ALG_RSA_SHA3_384, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA3_384 },
	{ OID_ALG_RSA_SHA3_512, SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA3_512 },
	{ OID_ALG_RSA_PSS, SIGNATURE_ALG_RSA_PSS, DIGEST_UNKNOWN },
	{ OID_ALG_DSA, SIGNATURE_ALG_DSA, DIGEST_UNKNOWN },
	{ OID_ALG_DSA_SHA1, SIGNATURE_ALG_DSA, DIGEST_SHA1 },
	{ OID_ALG_DSA_SHA224, SIGNATURE_ALG_DSA, DIGEST_SHA224 },
	{ OID_ALG_DSA_SHA256, SIGNATURE_ALG_DSA, DIGEST_SHA256 },
	{ OID_ALG_DSA_SHA384, SIGNATURE_ALG_DSA, DIGEST_SHA384 },
	{ OID_ALG_DSA_SHA512, SIGNATURE_ALG_DSA, DIGEST_SHA512 },
	{ OID_ALG_EC_PUBLIC_KEY, SIGNATURE_ALG_ECDSA, DIGEST_UNKNOWN },
	{ OID_ALG_ECDSA, SIGNATURE_ALG_ECDSA, DIGEST_UNKNOWN }, /* the bare arc, found in CMS */
	{ OID_ALG_ECDSA_SHA1, SIGNATURE_ALG_ECDSA, DIGEST_SHA1 },
	{ OID_ALG_ECDSA_SHA224, SIGNATURE_ALG_ECDSA, DIGEST_SHA224 },
	{ OID_ALG_ECDSA_SHA256, SIGNATURE_ALG_ECDSA, DIGEST_SHA256 },
	{ OID_ALG_ECDSA_SHA384, SIGNATURE_ALG_ECDSA, DIGEST_SHA384 },
	{ OID_ALG_ECDSA_SHA512, SIGNATURE_ALG_ECDSA, DIGEST_SHA512 },
	{ OID_ALG_ECDSA_SHA3_224, SIGNATURE_ALG_ECDSA, DIGEST_SHA3_224 },
	{ OID_ALG_ECDSA_SHA3_256, SIGNATURE_ALG_ECDSA, DIGEST_SHA3_256 },
	{ OID_ALG_ECDSA_SHA3_384, SIGNATURE_ALG_ECDSA, DIGEST_SHA3_384 },
	{ OID_ALG_ECDSA_SHA3_512, SIGNATURE_ALG_ECDSA, DIGEST_SHA3_512 },
	{ OID_ALG_PLAIN_ECDSA_SHA1, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA1 },
	{ OID_ALG_PLAIN_ECDSA_SHA224, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA224 },
	{ OID_ALG_PLAIN_ECDSA_SHA256, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA256 },
	{ OID_ALG_PLAIN_ECDSA_SHA384, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA384 },
	{ OID_ALG_PLAIN_ECDSA_SHA512, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA512 },
	{ OID_ALG_PLAIN_ECDSA_RIPEMD160, SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_RIPEMD160 },
	{ OID_ALG_ED25519, SIGNATURE_ALG_ED25519, DIGEST_UNKNOWN },
	{ OID_ALG_ED448, SIGNATURE_ALG_ED448, DIGEST_UNKNOWN },
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

const char *signature_alg_name(enum signature_alg_kind kind)
{
	static const char *const names[] = {
		[SIGNATURE_ALG_UNKNOWN] = "unknown",
		[SIGNATURE_ALG_RSA_PKCS1] = "RSA",
		[SIGNATURE_ALG_RSA_PSS] = "RSA-PSS",
		[SIGNATURE_ALG_ECDSA] = "ECDSA",
		[SIGNATURE_ALG_PLAIN_ECDSA] = "PLAIN-ECDSA",
		[SIGNATURE_ALG_DSA] = "DSA",
		[SIGNATURE_ALG_ED25519] = "Ed25519",
		[SIGNATURE_ALG_ED448] = "Ed448",
	};
	return names[(size_t)kind < sizeof(names) / sizeof(names[0]) ? kind : 0];
}

/* Content of [n] EXPLICIT if it is there. */
static enum err take_tagged(
    struct scope *s, struct bytes *rest, unsigned n, bool *ret_present, struct bytes *ret_content)
{
	struct der tlv;
	TRY(der_optional(s, rest, (uint8_t)DER_CONTEXT(n), "RSASSA-PSS-params", ret_present, &tlv));
	if (*ret_present)
		*ret_content = tlv.value;
	return OK;
}

/* MaskGenAlgorithm; another function than MGF1 leaves mgf_digest unknown. */
static enum err parse_mask(struct scope *s, struct bytes der, struct signature_alg *alg)
{
	struct der whole, oid;
	TRY(der_expect(s, &der, DER_SEQUENCE, "maskGenAlgorithm", &whole));
	TRY(der_end(s, der, "maskGenAlgorithm"));
	TRY(der_expect(s, &whole.value, DER_OID, "mask generation function", &oid));
	alg->mgf_digest = DIGEST_UNKNOWN;
	if (!oid_is(oid.value, OID_ALG_MGF1))
		return OK;
	return digest_of_algorithm_identifier(s, whole.value, &alg->mgf_digest);
}

static enum err parse_integer(struct scope *s, struct bytes der, int64_t *ret_value)
{
	struct der tlv;
	TRY(der_expect(s, &der, DER_INTEGER, "number in RSASSA-PSS-params", &tlv));
	TRY(der_end(s, der, "RSASSA-PSS-params"));
	return der_small_integer(s, tlv, ret_value);
}

/* RFC 4055 3.1 */
static enum err parse_pss(struct scope *s, struct bytes params, struct signature_alg *alg)
{
	struct der whole;
	struct bytes part;
	bool present;
	int64_t salt = SALT_DEFAULT, trailer = 1;
	TRY(der_expect(s, &params, DER_SEQUENCE, "RSASSA-PSS-params", &whole));
	TRY(der_end(s, params, "RSASSA-PSS-params"));
	alg->digest = alg->mgf_digest = DIGEST_SHA1;
	TRY(take_tagged(s, &whole.value, 0, &present, &part));
	if (present)
		TRY(digest_of_algorithm_identifier(s, part, &alg->digest));
	TRY(take_tagged(s, &whole.value, 1, &present, &part));
	if (present)
		TRY(parse_mask(s, part, alg));
	TRY(take_tagged(s, &whole.value, 2, &present, &part));
	if (present)
		TRY(parse_integer(s, part, &salt));
	TRY(take_tagged(s, &whole.value, 3, &present, &part));
	if (present)
		TRY(parse_integer(s, part, &trailer));
	TRY(der_end(s, whole.value, "RSASSA-PSS-params"));
	if (salt < 0 || salt > SALT_MAX || trailer != 1)
		return scope_fault(
		    s, ERR_FORMAT, "signature algorithm: impossible salt length or trailer field");
	alg->salt_length = (int)salt;
	return OK;
}

enum err signature_alg_parse(
    struct scope *s, struct bytes der, enum digest_alg context, struct signature_alg *ret_alg)
{
	struct der whole, oid;
	struct signature_alg alg = { 0 };
	TRY(der_expect(s, &der, DER_SEQUENCE, "signature AlgorithmIdentifier", &whole));
	TRY(der_end(s, der, "signature AlgorithmIdentifier"));
	TRY(der_expect(s, &whole.value, DER_OID, "signature algorithm", &oid));
	for (size_t i = 0; i < ALGS && alg.kind == SIGNATURE_ALG_UNKNOWN; i++) {
		if (!oid_is(oid.value, algs[i].oid))
			continue;
		alg.kind = algs[i].kind;
		alg.digest = algs[i].digest;
	}
	bool by_context = alg.kind == SIGNATURE_ALG_RSA_PKCS1 || alg.kind == SIGNATURE_ALG_DSA ||
			  alg.kind == SIGNATURE_ALG_ECDSA;
	if (by_context && alg.digest == DIGEST_UNKNOWN)
		alg.digest = context;
	if (alg.kind == SIGNATURE_ALG_RSA_PSS)
		TRY(parse_pss(s, whole.value, &alg));
	*ret_alg = alg;
	return OK;
}

/* With NULL parameters, as RFC 4055 2.1 has it inside RSASSA-PSS-params. */
static void add_digest_with_null(struct buf *b, enum digest_alg alg)
{
	size_t start = b->n;
	digest_add_algorithm_identifier(b, alg);
	if (b->failed != OK)
		return;
	size_t end = b->n;
	der_add_null(b);
	if (b->failed == OK)
		b->p[start + 1] = (uint8_t)(b->p[start + 1] + (b->n - end));
}

static void add_pss_params(struct buf *b, struct signature_alg alg)
{
	size_t params = der_open(b, DER_SEQUENCE);
	if (alg.digest != DIGEST_SHA1) {
		size_t mark = der_open(b, DER_CONTEXT(0));
		add_digest_with_null(b, alg.digest);
		der_close(b, mark);
	}
	if (alg.mgf_digest != DIGEST_SHA1) {
		size_t tagged = der_open(b, DER_CONTEXT(1));
		size_t mask = der_open(b, DER_SEQUENCE);
		der_add(b, DER_OID, oid_value(OID_ALG_MGF1));
		add_digest_with_null(b, alg.mgf_digest);
		der_close(b, mask);
		der_close(b, tagged);
	}
	if (alg.salt_length != SALT_DEFAULT) {
		size_t mark = der_open(b, DER_CONTEXT(2));
		der_add_small_integer(b, alg.salt_length);
		der_close(b, mark);
	}
	der_close(b, params);
}

static enum oid oid_for(struct signature_alg alg)
{
	bool named = alg.kind != SIGNATURE_ALG_RSA_PSS && alg.kind != SIGNATURE_ALG_ED25519 &&
		     alg.kind != SIGNATURE_ALG_ED448;
	if (named && alg.digest == DIGEST_UNKNOWN)
		return OID_UNKNOWN;
	for (size_t i = 0; i < ALGS; i++)
		if (algs[i].kind == alg.kind && (!named || algs[i].digest == alg.digest))
			return algs[i].oid;
	return OID_UNKNOWN;
}

void signature_alg_add(struct buf *b, struct signature_alg alg)
{
	enum oid oid = oid_for(alg);
	if (oid == OID_UNKNOWN) {
		if (b->failed == OK)
			b->failed = scope_fault(b->s, ERR_UNSUPPORTED,
			    "signature algorithm: %s with %s has no identifier",
			    signature_alg_name(alg.kind), digest_name(alg.digest));
		return;
	}
	size_t mark = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(oid));
	if (alg.kind == SIGNATURE_ALG_RSA_PKCS1)
		der_add_null(b); /* RFC 4055 5 */
	if (alg.kind == SIGNATURE_ALG_RSA_PSS)
		add_pss_params(b, alg);
	der_close(b, mark);
}

static bool is_eddsa(enum signature_alg_kind kind)
{
	return kind == SIGNATURE_ALG_ED25519 || kind == SIGNATURE_ALG_ED448;
}

static bool fits_key(enum signature_alg_kind kind, const EVP_PKEY *key)
{
	int id = EVP_PKEY_get_base_id(key);
	switch (kind) {
	case SIGNATURE_ALG_RSA_PKCS1:
		return id == EVP_PKEY_RSA;
	case SIGNATURE_ALG_RSA_PSS:
		return id == EVP_PKEY_RSA || id == EVP_PKEY_RSA_PSS;
	case SIGNATURE_ALG_ECDSA:
	case SIGNATURE_ALG_PLAIN_ECDSA:
		return id == EVP_PKEY_EC;
	case SIGNATURE_ALG_DSA:
		return id == EVP_PKEY_DSA;
	case SIGNATURE_ALG_ED25519:
		return id == EVP_PKEY_ED25519;
	case SIGNATURE_ALG_ED448:
		return id == EVP_PKEY_ED448;
	case SIGNATURE_ALG_UNKNOWN:
	default:
		return false;
	}
}

/* What can be said before the library is asked: *ret_fits = false means "does not verify". */
static enum err check_use(
    struct scope *s, struct signature_alg alg, const EVP_PKEY *key, bool *ret_fits)
{
	if (alg.kind == SIGNATURE_ALG_UNKNOWN)
		return scope_fault(s, ERR_UNSUPPORTED, "signature algorithm: unknown");
	if (!key)
		return scope_fault(s, ERR_UNSUPPORTED, "signature algorithm: unusable public key");
	bool wants_digest = !is_eddsa(alg.kind);
	bool wants_mask = alg.kind == SIGNATURE_ALG_RSA_PSS;
	if ((wants_digest && alg.digest == DIGEST_UNKNOWN) ||
	    (wants_mask && alg.mgf_digest == DIGEST_UNKNOWN))
		return scope_fault(s, ERR_UNSUPPORTED,
		    "signature algorithm: %s with unknown digest", signature_alg_name(alg.kind));
	*ret_fits = fits_key(alg.kind, key);
	return OK;
}

/* r||s as Ecdsa-Sig-Value. A value that cannot be one becomes empty. */
static enum err value_for_library(
    struct scope *s, enum signature_alg_kind kind, struct bytes value, struct bytes *ret_value)
{
	*ret_value = value;
	if (kind != SIGNATURE_ALG_PLAIN_ECDSA)
		return OK;
	*ret_value = BYTES_NONE;
	if (value.n == 0 || value.n % 2 || value.n > PLAIN_MAX)
		return OK;
	struct buf b = buf_new(s, PLAIN_MAX + 16);
	size_t mark = der_open(&b, DER_SEQUENCE);
	der_add_unsigned(&b, bytes_cut(value, 0, value.n / 2));
	der_add_unsigned(&b, bytes_from(value, value.n / 2));
	der_close(&b, mark);
	return buf_done(&b, ret_value);
}

/* The digest as OpenSSL knows it. Static getters cost nothing; others are fetched into *holder. */
static const EVP_MD *md_of(enum digest_alg alg, EVP_MD **holder)
{
	if (alg == DIGEST_SHA256)
		return EVP_sha256();
	if (alg == DIGEST_SHA384)
		return EVP_sha384();
	if (alg == DIGEST_SHA512)
		return EVP_sha512();
	if (alg == DIGEST_SHA1)
		return EVP_sha1();
	return *holder = EVP_MD_fetch(NULL, digest_openssl_name(alg), NULL);
}

static enum err no_digest(struct scope *s, enum digest_alg alg)
{
	ERR_clear_error();
	return scope_fault(
	    s, ERR_UNSUPPORTED, "signature algorithm: %s is not available", digest_name(alg));
}

/* A key whose certificate restricts PSS parameters refuses others here: it does not verify. */
static bool set_pss(EVP_PKEY_CTX *ctx, struct signature_alg alg, const EVP_MD *mgf)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mgf) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, alg.salt_length) == 1;
}

/* Turns what the library said into an outcome and empties its error queue. Only want of memory is
 * a failure of the library: all else it says about a hostile value or key means "no". */
static enum err outcome(struct scope *s, bool verified, bool *ret_ok)
{
	bool nomem = false;
	for (unsigned long e; !verified && (e = ERR_get_error()) != 0;)
		nomem = nomem || ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
	ERR_clear_error();
	if (nomem)
		return scope_fault(s, ERR_CRYPTO, "signature verification: out of memory");
	*ret_ok = verified;
	return OK;
}

enum err signature_alg_verify(struct scope *s, struct signature_alg alg, EVP_PKEY *key,
    struct bytes data, struct bytes value, bool *ret_ok)
{
	bool fits;
	struct bytes sig;
	TRY(check_use(s, alg, key, &fits));
	TRY(value_for_library(s, alg.kind, value, &sig));
	if (!fits || sig.n == 0) {
		*ret_ok = false;
		return OK;
	}
	AUTO(EVP_MD) *held = NULL, *held_mgf = NULL;
	const EVP_MD *md = NULL, *mgf = NULL;
	if (!is_eddsa(alg.kind) && !(md = md_of(alg.digest, &held)))
		return no_digest(s, alg.digest);
	if (alg.kind == SIGNATURE_ALG_RSA_PSS && !(mgf = md_of(alg.mgf_digest, &held_mgf)))
		return no_digest(s, alg.mgf_digest);
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	if (!ctx)
		return scope_fault(s, ERR_CRYPTO, "signature verification: out of memory");
	EVP_PKEY_CTX *key_ctx = NULL;
	bool verified = EVP_DigestVerifyInit(ctx, &key_ctx, md, NULL, key) == 1 &&
			(!mgf || set_pss(key_ctx, alg, mgf)) &&
			EVP_DigestVerify(ctx, sig.p, sig.n, data.p, data.n) == 1;
	return outcome(s, verified, ret_ok);
}

enum err signature_alg_verify_digest(struct scope *s, struct signature_alg alg, EVP_PKEY *key,
    const struct digest *digest, struct bytes value, bool *ret_ok)
{
	bool fits;
	struct bytes sig;
	TRY(check_use(s, alg, key, &fits));
	if (is_eddsa(alg.kind))
		return scope_fault(s, ERR_UNSUPPORTED,
		    "signature algorithm: %s signs data, not digests",
		    signature_alg_name(alg.kind));
	TRY(value_for_library(s, alg.kind, value, &sig));
	if (!fits || sig.n == 0 || digest->alg != alg.digest) {
		*ret_ok = false;
		return OK;
	}
	AUTO(EVP_MD) *held = NULL, *held_mgf = NULL;
	const EVP_MD *md = md_of(alg.digest, &held), *mgf = NULL;
	if (!md)
		return no_digest(s, alg.digest);
	if (alg.kind == SIGNATURE_ALG_RSA_PSS && !(mgf = md_of(alg.mgf_digest, &held_mgf)))
		return no_digest(s, alg.mgf_digest);
	AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new(key, NULL);
	if (!ctx)
		return scope_fault(s, ERR_CRYPTO, "signature verification: out of memory");
	bool verified = EVP_PKEY_verify_init(ctx) == 1 && (!mgf || set_pss(ctx, alg, mgf)) &&
			EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
			EVP_PKEY_verify(ctx, sig.p, sig.n, digest->value, digest->n) == 1;
	return outcome(s, verified, ret_ok);
}
