#include "formats/digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"
#include "formats/digest_steps.h"
#include "formats/oid.h"

/* Hashed at a time, so that a huge mapped part is walked and not wanted in memory at once. */
#define CHUNK ((size_t)1 << 20)

#define NAME_MAX_LENGTH 16

static const struct {
	const char *name, *openssl_name;
	size_t size;
	enum oid oid;
} algs[] = {
	[DIGEST_UNKNOWN] = { "unknown", NULL, 0, OID_UNKNOWN },
	[DIGEST_MD5] = { "MD5", "MD5", 16, OID_ALG_MD5 },
	[DIGEST_SHA1] = { "SHA1", "SHA1", 20, OID_ALG_SHA1 },
	[DIGEST_RIPEMD160] = { "RIPEMD160", "RIPEMD160", 20, OID_ALG_RIPEMD160 },
	[DIGEST_SHA224] = { "SHA224", "SHA2-224", 28, OID_ALG_SHA224 },
	[DIGEST_SHA256] = { "SHA256", "SHA2-256", 32, OID_ALG_SHA256 },
	[DIGEST_SHA384] = { "SHA384", "SHA2-384", 48, OID_ALG_SHA384 },
	[DIGEST_SHA512] = { "SHA512", "SHA2-512", 64, OID_ALG_SHA512 },
	[DIGEST_SHA3_224] = { "SHA3-224", "SHA3-224", 28, OID_ALG_SHA3_224 },
	[DIGEST_SHA3_256] = { "SHA3-256", "SHA3-256", 32, OID_ALG_SHA3_256 },
	[DIGEST_SHA3_384] = { "SHA3-384", "SHA3-384", 48, OID_ALG_SHA3_384 },
	[DIGEST_SHA3_512] = { "SHA3-512", "SHA3-512", 64, OID_ALG_SHA3_512 },
	[DIGEST_SHAKE256] = { "SHAKE256", "SHAKE256", 64, OID_ALG_SHAKE256 },
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

const char *digest_name(enum digest_alg alg)
{
	return algs[(size_t)alg < ALGS ? alg : DIGEST_UNKNOWN].name;
}

const char *digest_openssl_name(enum digest_alg alg)
{
	return algs[(size_t)alg < ALGS ? alg : DIGEST_UNKNOWN].openssl_name;
}

size_t digest_size(enum digest_alg alg)
{
	return algs[(size_t)alg < ALGS ? alg : DIGEST_UNKNOWN].size;
}

/* Upper case without '-', so that spellings meet. Longer names than any known one are cut. */
static void fold_name(const char *name, char ret_folded[NAME_MAX_LENGTH])
{
	size_t n = 0;
	for (; *name && n < NAME_MAX_LENGTH - 1; name++)
		if (*name != '-' && *name != '_')
			ret_folded[n++] = (char)(*name >= 'a' && *name <= 'z' ? *name - 32 : *name);
	ret_folded[n] = '\0';
}

enum digest_alg digest_of_name(const char *name)
{
	char wanted[NAME_MAX_LENGTH], known[NAME_MAX_LENGTH];
	fold_name(name, wanted);
	for (size_t i = DIGEST_UNKNOWN + 1; i < ALGS; i++) {
		fold_name(algs[i].name, known);
		if (strcmp(wanted, known) == 0)
			return (enum digest_alg)i;
	}
	return DIGEST_UNKNOWN;
}

/* Signature algorithms that name a digest: found in digestAlgorithm fields of real files. */
static const struct {
	enum oid oid;
	enum digest_alg alg;
} of_signature[] = {
	{ OID_ALG_RSA_MD5, DIGEST_MD5 },
	{ OID_ALG_RSA_SHA1, DIGEST_SHA1 },
	{ OID_ALG_RSA_SHA1_OIW, DIGEST_SHA1 },
	{ OID_ALG_RSA_RIPEMD160, DIGEST_RIPEMD160 },
	{ OID_ALG_RSA_SHA224, DIGEST_SHA224 },
	{ OID_ALG_RSA_SHA256, DIGEST_SHA256 },
	{ OID_ALG_RSA_SHA384, DIGEST_SHA384 },
	{ OID_ALG_RSA_SHA512, DIGEST_SHA512 },
	{ OID_ALG_RSA_SHA3_224, DIGEST_SHA3_224 },
	{ OID_ALG_RSA_SHA3_256, DIGEST_SHA3_256 },
	{ OID_ALG_RSA_SHA3_384, DIGEST_SHA3_384 },
	{ OID_ALG_RSA_SHA3_512, DIGEST_SHA3_512 },
	{ OID_ALG_DSA_SHA1, DIGEST_SHA1 },
	{ OID_ALG_DSA_SHA224, DIGEST_SHA224 },
	{ OID_ALG_DSA_SHA256, DIGEST_SHA256 },
	{ OID_ALG_DSA_SHA384, DIGEST_SHA384 },
	{ OID_ALG_DSA_SHA512, DIGEST_SHA512 },
	{ OID_ALG_ECDSA_SHA1, DIGEST_SHA1 },
	{ OID_ALG_ECDSA_SHA224, DIGEST_SHA224 },
	{ OID_ALG_ECDSA_SHA256, DIGEST_SHA256 },
	{ OID_ALG_ECDSA_SHA384, DIGEST_SHA384 },
	{ OID_ALG_ECDSA_SHA512, DIGEST_SHA512 },
	{ OID_ALG_ECDSA_SHA3_224, DIGEST_SHA3_224 },
	{ OID_ALG_ECDSA_SHA3_256, DIGEST_SHA3_256 },
	{ OID_ALG_ECDSA_SHA3_384, DIGEST_SHA3_384 },
	{ OID_ALG_ECDSA_SHA3_512, DIGEST_SHA3_512 },
	{ OID_ALG_PLAIN_ECDSA_SHA1, DIGEST_SHA1 },
	{ OID_ALG_PLAIN_ECDSA_SHA224, DIGEST_SHA224 },
	{ OID_ALG_PLAIN_ECDSA_SHA256, DIGEST_SHA256 },
	{ OID_ALG_PLAIN_ECDSA_SHA384, DIGEST_SHA384 },
	{ OID_ALG_PLAIN_ECDSA_SHA512, DIGEST_SHA512 },
	{ OID_ALG_PLAIN_ECDSA_RIPEMD160, DIGEST_RIPEMD160 },
};

enum digest_alg digest_of_oid(struct bytes oid)
{
	for (size_t i = DIGEST_UNKNOWN + 1; i < ALGS; i++)
		if (oid_is(oid, algs[i].oid))
			return (enum digest_alg)i;
	for (size_t i = 0; i < sizeof(of_signature) / sizeof(of_signature[0]); i++)
		if (oid_is(oid, of_signature[i].oid))
			return of_signature[i].alg;
	return DIGEST_UNKNOWN;
}

enum err digest_of_algorithm_identifier(struct scope *s, struct bytes der, enum digest_alg *ret_alg)
{
	struct der whole, oid;
	TRY(der_expect(s, &der, DER_SEQUENCE, "AlgorithmIdentifier", &whole));
	TRY(der_end(s, der, "AlgorithmIdentifier"));
	TRY(der_expect(s, &whole.value, DER_OID, "algorithm", &oid));
	*ret_alg = digest_of_oid(oid.value);
	return OK;
}

void digest_add_algorithm_identifier(struct buf *b, enum digest_alg alg)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(algs[(size_t)alg < ALGS ? alg : DIGEST_UNKNOWN].oid));
	der_close(b, mark);
}

bool digest_update(EVP_MD_CTX *ctx, struct bytes part)
{
	while (part.n > 0) {
		size_t n = part.n < CHUNK ? part.n : CHUNK;
		if (EVP_DigestUpdate(ctx, part.p, n) != 1)
			return false;
		part = bytes_from(part, n);
	}
	return true;
}

/* Fetching by name or through EVP_sha256() costs OpenSSL 3.0 several locks each time, more than
 * hashing a small value: the usual algorithms are fetched once per process. Written once, under
 * CRYPTO_THREAD_run_once, and never freed. */
static EVP_MD *usual[ALGS];
static CRYPTO_ONCE usual_once = CRYPTO_ONCE_STATIC_INIT;

static void fetch_usual(void)
{
	static const enum digest_alg wanted[] = { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
		DIGEST_SHA512 };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		usual[wanted[i]] = EVP_MD_fetch(NULL, algs[wanted[i]].openssl_name, NULL);
}

bool digest_start(EVP_MD_CTX *ctx, enum digest_alg alg, bool *ret_known)
{
	const EVP_MD *md = CRYPTO_THREAD_run_once(&usual_once, fetch_usual) ? usual[alg] : NULL;
	AUTO(EVP_MD) *fetched = md ? NULL : EVP_MD_fetch(NULL, algs[alg].openssl_name, NULL);
	*ret_known = md || fetched;
	return *ret_known && EVP_DigestInit_ex2(ctx, md ? md : fetched, NULL) == 1;
}

bool digest_finish(EVP_MD_CTX *ctx, struct digest *d)
{
	if (d->alg == DIGEST_SHAKE256)
		return EVP_DigestFinalXOF(ctx, d->value, d->n) == 1;
	return EVP_DigestFinal_ex(ctx, d->value, NULL) == 1;
}

enum err digest_compute(struct scope *s, enum digest_alg alg, const struct bytes *parts,
    size_t n_parts, struct digest *ret_digest)
{
	struct digest d = { .alg = alg, .n = digest_size(alg) };
	bool known;
	if (d.n == 0)
		return scope_fault(s, ERR_UNSUPPORTED, "digest: unknown algorithm");
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	if (!ctx)
		return scope_fault(s, ERR_NOMEM, "digest: out of memory");
	bool ok = digest_start(ctx, alg, &known);
	for (size_t i = 0; ok && i < n_parts; i++)
		ok = digest_update(ctx, parts[i]);
	ok = ok && digest_finish(ctx, &d);
	if (!ok)
		ERR_clear_error();
	if (!known)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "digest: %s is not available", digest_name(alg));
	if (!ok)
		return scope_fault(s, ERR_CRYPTO, "digest: %s failed", digest_name(alg));
	*ret_digest = d;
	return OK;
}

enum err digest_of_bytes(
    struct scope *s, enum digest_alg alg, struct bytes b, struct digest *ret_digest)
{
	return digest_compute(s, alg, &b, 1, ret_digest);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return a->alg == b->alg && a->n > 0 && bytes_equal(digest_bytes(a), digest_bytes(b));
}
