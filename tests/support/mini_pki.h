/*
 * A small public-key infrastructure with its services, for tests: certificates by name, which may
 * be described differently before they are first asked for, and canned services that answer at the
 * canned world's clock.
 *
 *   root -- ca -- signer      "http://NAME.test/ocsp", ".../crl", ".../cert" for root and ca;
 *             |-- tsa         "http://tsa.test/" for every certificate with a tsa name
 *             |-- ca-ocsp     answers OCSP for ca (OCSPSigning, nocheck); root answers itself
 *
 * Mistakes of the test end the program. Everything lives in the scope of the world.
 */
#ifndef BULLA_TESTS_SUPPORT_MINI_PKI_H
#define BULLA_TESTS_SUPPORT_MINI_PKI_H

#include "sealer/seal.h"
#include "tests/support/canned_world.h"
#include "tests/support/mini_ca_revocation.h"
#include "tests/support/mini_ca_timestamp.h"

/* A distribution point: what is left out is not in it. */
struct mini_pki_point {
	const char *url;
	const char *crl_issuer; /* name of an entry */
	uint32_t reasons;
};

struct mini_pki_entry {
	const char *name;
	const char *subject; /* NULL: "/C=DE/O=Bulla Tests/CN=NAME" */
	const char *issuer;  /* name of another entry; its own for a root */
	enum mini_ca_key_type key_type;
	unsigned key_index;
	int64_t serial, from, to;        /* to is the last second */
	bool is_ca, bare_ca;             /* bare: no basicConstraints though it issues */
	int path_length;                 /* -1: none */
	const char *usage;               /* "digitalSignature,nonRepudiation"; NULL: no keyUsage */
	const char *eku;                 /* "critical,timeStamping"; NULL: none */
	const char *more[4];             /* further extensions as mini_ca.h takes them */
	bool no_urls;                    /* neither AIA nor CRL point */
	const char *crl_url;             /* another one than the issuer's */
	struct mini_pki_point points[3]; /* instead of it */
	size_t n_points;
	const char *freshest_url; /* freshestCRL; NULL: none */
	bool nocheck;
	const struct cert *cert; /* NULL until asked for */
	/* As its issuer tells it. */
	int64_t revoked_at; /* 0: never */
	enum crl_reason reason;
};

#define MINI_PKI_ENTRIES 24

struct mini_pki {
	struct scope *s;
	struct canned_world *w;
	struct mini_pki_entry entry[MINI_PKI_ENTRIES];
	size_t n_entries;
	struct key keys[MINI_PKI_ENTRIES];
};

/* With the entries and services shown above. */
struct mini_pki *mini_pki_new(struct canned_world *w);
/* The entry, to change or read; a new end entity below ca when there is none of that name. */
struct mini_pki_entry *mini_pki_entry(struct mini_pki *p, const char *name);
bool mini_pki_has(const struct mini_pki *p, const char *name);
/* The certificate, made at the first call. */
const struct cert *mini_pki_cert(struct mini_pki *p, const char *name);
EVP_PKEY *mini_pki_private(struct mini_pki *p, const char *name);
/* The certificates between an entry (left out) and its root (left out), nearest first. */
size_t mini_pki_between(struct mini_pki *p, const char *name, const struct cert *ret_certs[8]);
const struct anchors *mini_pki_anchors(struct mini_pki *p, const char *root);
/* A sealing key with its chain. */
const struct key *mini_pki_key(struct mini_pki *p, const char *name);
/* A request to seal with "signer" by "http://tsa.test/" trusting "root". */
struct seal_request mini_pki_request(struct mini_pki *p, enum seal_level level);

/* What the services answer, for tests that want to change it. */
struct bytes mini_pki_crl(struct mini_pki *p, const char *issuer);
/* "NAME-ocsp" answers if there is such an entry, else the issuer itself. */
struct bytes mini_pki_ocsp(struct mini_pki *p, const char *name, struct bytes nonce);

/* Lies of a time-stamping authority. */
enum mini_pki_lie {
	MINI_PKI_TRUTH,
	MINI_PKI_WRONG_NONCE,
	MINI_PKI_NO_NONCE,
	MINI_PKI_WRONG_IMPRINT,
	MINI_PKI_BAD_SIGNATURE,
	MINI_PKI_NO_CERT,
	MINI_PKI_REJECTION,
	MINI_PKI_NO_TOKEN,
	MINI_PKI_GARBAGE,
	MINI_PKI_NOT_A_TOKEN, /* a certificate where the token should be */
	MINI_PKI_NOT_A_TSA,   /* signed by "signer" */
	MINI_PKI_LIES,
};
/* Serves at `url` with the certificate `tsa` and this lie. */
void mini_pki_serve_tsa(
    struct mini_pki *p, const char *url, const char *tsa, enum mini_pki_lie lie);

#endif
