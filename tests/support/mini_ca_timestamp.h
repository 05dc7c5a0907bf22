/*
 * RFC 3161 time-stamps with any content at any date, made in memory for tests: TSTInfo, token,
 * reply. As in mini_ca.h, everything ends the program rather than returning an error, and all
 * results live in the scope. What is left out of a specification has a sensible default.
 */
#ifndef BULLA_TESTS_SUPPORT_MINI_CA_TIMESTAMP_H
#define BULLA_TESTS_SUPPORT_MINI_CA_TIMESTAMP_H

#include "formats/tst.h"
#include "tests/support/mini_ca.h"

struct mini_ca_timestamp {
	const struct cert *tsa;
	EVP_PKEY *key;
	struct signature_alg alg;
	struct digest imprint; /* all zero: SHA-256 of nothing */
	const char *policy;    /* NULL: "1.2.3.4" */
	int64_t serial;        /* 0: 1 */
	int64_t gen_time;      /* 0: MINI_CA_NOW */
	int64_t accuracy_s, accuracy_ms, accuracy_us;
	bool ordering;
	struct bytes nonce; /* magnitude; empty: none */
	bool names_tsa;     /* the tsa field holds the certificate's subject */
	bool unknown_critical;
	bool no_cert; /* the token holds no certificate */
};

/* TSTInfo alone. */
struct bytes mini_ca_timestamp_info(struct scope *s, const struct mini_ca_timestamp *spec);
/* The token: ContentInfo with SignedData (RFC 3161 2.4.2, signing-certificate-v2 as in RFC 5816).
 */
struct bytes mini_ca_timestamp_token(struct scope *s, const struct mini_ca_timestamp *spec);

struct mini_ca_timestamp_reply {
	struct bytes token; /* empty: none */
	int status;
	const char *const *texts; /* statusString; ends with NULL; may be NULL */
	uint32_t failure;         /* named bits; 0: no failInfo */
};

/* TimeStampResp. */
struct bytes mini_ca_timestamp_reply(struct scope *s, const struct mini_ca_timestamp_reply *spec);
/* A time-stamping authority below `ca`: critical EKU timeStamping alone. */
const struct cert *mini_ca_timestamp_authority(
    struct scope *s, const struct cert *ca, EVP_PKEY *ca_key, EVP_PKEY *key);

#endif
