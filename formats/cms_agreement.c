#include "formats/cms_agreement.h"

#include <string.h>

#include <openssl/err.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"

#define KEK_MAX 32
#define SHARED_INFO_MAX 4096 /* octets of ECC-CMS-SharedInfo; user material has some 64 */

struct wrap {
	const char *cipher; /* OpenSSL's name */
	size_t key_n;
	struct bytes algorithm; /* the AlgorithmIdentifier as it stands */
};

/* Named curves have cofactor 1, so both schemes give the same secret. */
static enum digest_alg digest_of_scheme(enum oid scheme)
{
	if (scheme == OID_ALG_ECDH_STD_SHA1 || scheme == OID_ALG_ECDH_COFACTOR_SHA1)
		return DIGEST_SHA1;
	if (scheme == OID_ALG_ECDH_STD_SHA224 || scheme == OID_ALG_ECDH_COFACTOR_SHA224)
		return DIGEST_SHA224;
	if (scheme == OID_ALG_ECDH_STD_SHA256 || scheme == OID_ALG_ECDH_COFACTOR_SHA256)
		return DIGEST_SHA256;
	if (scheme == OID_ALG_ECDH_STD_SHA384 || scheme == OID_ALG_ECDH_COFACTOR_SHA384)
		return DIGEST_SHA384;
	if (scheme == OID_ALG_ECDH_STD_SHA512 || scheme == OID_ALG_ECDH_COFACTOR_SHA512)
		return DIGEST_SHA512;
	return DIGEST_UNKNOWN;
}

static bool wrap_of(enum oid oid, struct wrap *ret_wrap)
{
	static const struct {
		enum oid oid;
		const char *cipher;
		size_t key_n;
	} known[] = { { OID_ALG_AES128_WRAP, "AES-128-WRAP", 16 },
		{ OID_ALG_AES192_WRAP, "AES-192-WRAP", 24 },
		{ OID_ALG_AES256_WRAP, "AES-256-WRAP", 32 },
		{ OID_ALG_CMS_3DES_WRAP, "DES3-WRAP", 24 } };
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].oid != oid)
			continue;
		ret_wrap->cipher = known[i].cipher;
		ret_wrap->key_n = known[i].key_n;
		return true;
	}
	return false;
}

/* RFC 5753 7.1.4: the scheme, and in its parameters the wrap. */
static enum err read_scheme(
    struct scope *s, struct bytes algorithm, enum digest_alg *ret_digest, struct wrap *ret_wrap)
{
	struct der whole, scheme, wrap, oid;
	TRY(der_expect(s, &algorithm, DER_SEQUENCE, "key agreement algorithm", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "key agreement scheme", &scheme));
	*ret_digest = digest_of_scheme(oid_of(scheme.value));
	if (*ret_digest == DIGEST_UNKNOWN)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: unknown key agreement scheme");
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "key wrap algorithm", &wrap));
	ret_wrap->algorithm = wrap.whole;
	TRY(der_expect(s, &wrap.value, DER_OID, "key wrap algorithm", &oid));
	if (!wrap_of(oid_of(oid.value), ret_wrap))
		return scope_fault(s, ERR_UNSUPPORTED, "cms: unknown key wrap algorithm");
	return OK;
}

/* ECC-CMS-SharedInfo (RFC 5753 7.2) */
static enum err shared_info(struct scope *s, const struct cms_agreement *agreement,
    const struct wrap *wrap, struct bytes *ret_info)
{
	const uint8_t bits[4] = { 0, 0, (uint8_t)(8 * wrap->key_n >> 8),
		(uint8_t)(8 * wrap->key_n) };
	struct buf b = buf_new(s, SHARED_INFO_MAX);
	size_t whole = der_open(&b, DER_SEQUENCE);
	buf_add(&b, wrap->algorithm);
	if (agreement->user_material.n > 0) {
		size_t material = der_open(&b, DER_CONTEXT(0));
		buf_add(&b, agreement->user_material);
		der_close(&b, material);
	}
	size_t length = der_open(&b, DER_CONTEXT(2));
	der_add(&b, DER_OCTET_STRING, bytes_of(bits, sizeof(bits)));
	der_close(&b, length);
	der_close(&b, whole);
	return buf_done(&b, ret_info);
}

/* ANSI X9.63 (SEC 1 3.6.1) */
static enum err derive(struct scope *s, enum digest_alg alg, const struct recipient_secret *secret,
    struct bytes info, uint8_t *ret_kek, size_t n)
{
	uint8_t counter[4] = { 0 };
	const struct bytes parts[] = { bytes_of(secret->octets, secret->n),
		bytes_of(counter, sizeof(counter)), info };
	enum err e = OK;
	for (size_t at = 0; at < n && e == OK;) {
		struct digest d = { 0 };
		counter[3]++;
		e = digest_compute(s, alg, parts, 3, &d);
		const size_t part = d.n < n - at ? d.n : n - at;
		memcpy(ret_kek + at, d.value, part);
		at += part;
		bytes_wipe(&d, sizeof(d));
	}
	return e;
}

/* RFC 3394, or RFC 3217 for triple DES: both check what comes out. */
static enum err unwrap(struct scope *s, const struct wrap *wrap, const uint8_t kek[KEK_MAX],
    struct bytes wrapped, struct recipient_secret *ret_key, bool *ret_opens)
{
	uint8_t out[2 * RECIPIENT_SECRET_MAX];
	int n = 0;
	*ret_opens = false;
	if (wrapped.n == 0 || wrapped.n > RECIPIENT_SECRET_MAX)
		return OK;
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, wrap->cipher, NULL);
	AUTO(EVP_CIPHER_CTX) *ctx = EVP_CIPHER_CTX_new();
	const bool is_known = cipher != NULL;
	bool ok = cipher && ctx;
	if (ok) {
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
		ok = EVP_DecryptInit_ex2(ctx, cipher, kek, NULL, NULL) == 1 &&
		     EVP_DecryptUpdate(ctx, out, &n, wrapped.p, (int)wrapped.n) == 1;
	}
	EVP_CIPHER_free(cipher);
	ERR_clear_error();
	if (ok && n > 0 && n <= RECIPIENT_SECRET_MAX) {
		ret_key->n = (size_t)n;
		memcpy(ret_key->octets, out, ret_key->n);
		*ret_opens = true;
	}
	bytes_wipe(out, sizeof(out));
	if (!is_known || !ctx)
		return scope_fault(s, ctx ? ERR_UNSUPPORTED : ERR_NOMEM,
		    "cms: OpenSSL does not have %s", wrap->cipher);
	return OK;
}

enum err cms_agreement_unwrap(struct scope *s, const struct cms_agreement *agreement,
    const struct recipient *recipient, struct bytes wrapped, struct recipient_secret *ret_key,
    bool *ret_opens)
{
	enum digest_alg digest;
	struct wrap wrap;
	struct bytes info;
	struct recipient_secret secret = { 0 };
	uint8_t kek[KEK_MAX];
	*ret_opens = false;
	TRY(read_scheme(s, agreement->algorithm, &digest, &wrap));
	if (!recipient->agree)
		return scope_fault(s, ERR_UNSUPPORTED, "cms: the key does not agree on keys");
	TRY(shared_info(s, agreement, &wrap, &info));
	enum err e = recipient->agree(recipient->ctx, s, agreement->public_key, &secret);
	if (e == ERR_CRYPTO) {
		scope_forgive(s);
		return OK;
	}
	if (e == OK)
		e = derive(s, digest, &secret, info, kek, wrap.key_n);
	if (e == OK)
		e = unwrap(s, &wrap, kek, wrapped, ret_key, ret_opens);
	bytes_wipe(&secret, sizeof(secret));
	bytes_wipe(kek, sizeof(kek));
	return e;
}
