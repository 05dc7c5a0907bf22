/*
 * Who can open what was encrypted for a certificate: the certificate, and the two things its
 * private key can do. A file (service/key_file_recipient.h), a helper process or a module can stand
 * behind it.
 */
#ifndef BULLA_FORMATS_RECIPIENT_H
#define BULLA_FORMATS_RECIPIENT_H

#include "formats/cert.h"

#define RECIPIENT_SECRET_MAX 72 /* octets; a shared secret of P-521 has 66 */

/* Whoever holds one wipes it (bytes_wipe). */
struct recipient_secret {
	size_t n;
	uint8_t octets[RECIPIENT_SECRET_MAX];
};

/* RSAES-PKCS1-v1_5 or, with a digest, RSAES-OAEP (RFC 8017 7), whose label is empty. */
struct recipient_padding {
	enum digest_alg oaep_digest; /* DIGEST_UNKNOWN: PKCS #1 v1.5 */
	enum digest_alg mgf_digest;
};

struct recipient {
	void *ctx;
	const struct cert *cert;
	/* Key transport: gives exactly `n` octets (at most RECIPIENT_SECRET_MAX). What does not
	 * decrypt, or to another length, gives n octets that nobody can foresee, and OK: nobody
	 * learns from the outcome how the padding was wrong (RFC 3218 2.3). ERR_UNSUPPORTED: the
	 * key does not do this at all. NULL: never does. */
	enum err (*decrypt)(void *ctx, struct scope *s, const struct recipient_padding *padding,
	    struct bytes encrypted, size_t n, struct recipient_secret *ret_key);
	/* Key agreement: the shared secret with the other side's public key (the octets of its
	 * BIT STRING, on the own key's curve). ERR_CRYPTO: it is no point of the curve;
	 * ERR_UNSUPPORTED as above. */
	enum err (*agree)(void *ctx, struct scope *s, struct bytes public_key,
	    struct recipient_secret *ret_secret);
};

#endif
