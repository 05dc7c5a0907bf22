/*
 * A certificate authority in memory, for tests: keys, certificates with any extension and validity,
 * signature values. Everything fails the running test (abort with a line on stderr) rather than
 * returning an error. CRLs, OCSP responses and time-stamps: mini_ca_revocation.h.
 */
#ifndef BULLA_TESTS_SUPPORT_MINI_CA_H
#define BULLA_TESTS_SUPPORT_MINI_CA_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "formats/cert.h"

enum mini_ca_key_type {
	MINI_CA_RSA,     /* 2048 bits */
	MINI_CA_RSA_PSS, /* the same, id-RSASSA-PSS key without restrictions */
	MINI_CA_P256,
	MINI_CA_P384,
	MINI_CA_P521,
	MINI_CA_BRAINPOOL_P256,
	MINI_CA_ED25519,
	MINI_CA_ED448,
	MINI_CA_RSA_1024,
	MINI_CA_KEY_TYPES,
};

#define MINI_CA_KEYS 4 /* different keys of each type */

/* 2026-01-01T00:00:00Z: what tests call "now" unless they say otherwise. */
#define MINI_CA_NOW INT64_C(1767225600)
#define MINI_CA_DAY INT64_C(86400)

/* A key of this type; made at its first use, shared by the whole test program, not to be freed. */
EVP_PKEY *mini_ca_key(enum mini_ca_key_type type, unsigned index);
const char *mini_ca_key_name(enum mini_ca_key_type type);

struct mini_ca_spec {
	const char *subject;           /* "/C=DE/O=Bulla/CN=Seal"; UTF-8 */
	EVP_PKEY *key;                 /* the subject's */
	struct bytes issuer;           /* the issuer's certificate; empty: self-issued */
	EVP_PKEY *issuer_key;          /* NULL: key */
	int64_t serial;                /* 0: 1 */
	int64_t not_before, not_after; /* Unix seconds; 0: a year around MINI_CA_NOW */
	const char *digest;            /* of the signature; NULL: SHA256 (none for EdDSA) */
	bool pss;                      /* RSASSA-PSS with an rsaEncryption key */
	/* "basicConstraints=critical,CA:TRUE", "1.2.3.4=DER:0500", ...; ends with NULL; may be NULL
	 */
	const char *const *extensions;
	const char *config; /* sections that extension values refer to with '@', or NULL */
};

/* The certificate as DER, in the scope. */
struct bytes mini_ca_cert(struct scope *s, const struct mini_ca_spec *spec);
/* The same, parsed. */
const struct cert *mini_ca_parsed(struct scope *s, const struct mini_ca_spec *spec);

/* A root with keyCertSign and cRLSign, and an end entity with digitalSignature below it. */
const struct cert *mini_ca_root(struct scope *s, EVP_PKEY *key);
const struct cert *mini_ca_leaf(
    struct scope *s, const struct cert *root, EVP_PKEY *root_key, EVP_PKEY *key);

/* The algorithm that a key of this type signs with here; `pss` asks for RSASSA-PSS of an RSA key.
 */
struct signature_alg mini_ca_alg(enum mini_ca_key_type type, bool pss);
/* A signature value over `data`. Plain ECDSA too. */
struct bytes mini_ca_sign(
    struct scope *s, EVP_PKEY *key, struct signature_alg alg, struct bytes data);

/* The OpenSSL object's DER in the scope; what `fn` is: (int (*)(const T *, unsigned char **)). */
#define MINI_CA_DER(s, T, object) mini_ca_der((s), (object), (mini_ca_encoder *)i2d_##T)
typedef int mini_ca_encoder(const void *object, unsigned char **out);
struct bytes mini_ca_der(struct scope *s, const void *object, mini_ca_encoder *encode);

/* Ends the program with the OpenSSL error when `ok` is false. */
void mini_ca_check(bool ok, const char *what);

#endif
