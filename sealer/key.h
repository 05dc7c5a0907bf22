/*
 * A seal key: its certificate, the certificates that came with it, and the one thing it can do. A
 * file (service/key_file.h), a helper process or a module can stand behind it.
 */
#ifndef BULLA_SEALER_KEY_H
#define BULLA_SEALER_KEY_H

#include "formats/cert.h"

struct key {
	void *ctx;
	const struct cert *cert;
	const struct cert *const *chain; /* others that came with it, any order, cert left out */
	size_t n_chain;
	size_t signature_max; /* octets of the longest signature value */
	bool is_counted;      /* it signs only so often: never twice for one seal */
	/* Signs `data` (it is hashed by the key as alg says). ERR_UNSUPPORTED: not with this key.
	 */
	enum err (*sign)(void *ctx, struct scope *s, const struct signature_alg *alg,
	    struct bytes data, struct bytes *ret_value);
};

/* The algorithm for a seal with this key and digest: RSASSA-PSS (salt as long as the digest) for
 * RSA unless pkcs1 is asked for, ECDSA, Ed25519, Ed448; what the key's own parameters demand comes
 * first. ERR_UNSUPPORTED for other keys or a digest the key forbids. */
must_check enum err key_signature_alg(struct scope *s, const struct key *key,
    enum digest_alg digest, bool pkcs1, struct signature_alg *ret_alg);

/* The digest to use: the one asked for, or with DIGEST_UNKNOWN what suits the key; Ed25519 and
 * Ed448 have theirs fixed (RFC 8419), whatever is asked. */
enum digest_alg key_digest(const struct key *key, enum digest_alg asked);

#endif
