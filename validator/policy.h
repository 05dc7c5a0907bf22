/*
 * Validation constraints (EN 319 102-1 clause 5.1.4.2). The JSON form comes with a later change;
 * for now there is the documented default.
 */
#ifndef BULLA_VALIDATOR_POLICY_H
#define BULLA_VALIDATOR_POLICY_H

#include "base/instant.h"

/* What a certificate is used for. */
enum cert_use {
	CERT_USE_SIGNATURE, /* signs documents */
	CERT_USE_TIMESTAMP, /* RFC 3161 2.3 */
	CERT_USE_ANY,       /* asked for by itself: no usage is wanted */
};

/* What was made with an algorithm. */
enum policy_use {
	POLICY_USE_SIGNATURE,   /* the signature itself */
	POLICY_USE_CERTIFICATE, /* a certificate of a chain, whosever */
	POLICY_USE_REVOCATION,  /* a CRL or OCSP response */
	POLICY_USE_TIMESTAMP,   /* a time-stamp token */
	POLICY_USES
};

/* RFC 5280 6.1.1 (c) to (g): the user's initial settings. */
struct policy_path_inputs {
	const struct bytes *initial_policies; /* OID value octets; none: any-policy */
	size_t n_initial_policies;
	bool explicit_policy, inhibit_mapping, inhibit_any;
};

struct policy {
	const char *name;
	/* Revocation data must have been issued (thisUpdate) at most this long before the instant
	 * it is needed for; 0: its nextUpdate decides alone, as EU DSS does by default. */
	int64_t revocation_max_age_s;
	/* Revocation data whose nextUpdate has passed is still taken for this long: the grace
	 * period. */
	int64_t grace_s;
	/* Sliding back in the past (EN 319 102-1 5.6.2.2 (2)) stops at revocation data whose
	 * nextUpdate has passed; else only a maximum age makes it stop, as EU DSS has it. */
	bool slide_by_next_update;
	/* A signature timestamp may be at most this long after the claimed time, 0: any delay. */
	int64_t timestamp_delay_s;
	/* keyUsage: one of these bits must be set in the signing certificate (0: any usage). */
	uint32_t signer_key_usage;
	/* A certificate without any means of learning its status (no CRL point, no OCSP) is an
	 * error (true) or passes as EN 319 411 short-term ones do (false). */
	bool revocation_required;
	struct policy_path_inputs path;
};

/* The policy "default". Static. */
const struct policy *policy_default(void);
/* The policy as text, one "key=value" per line in a fixed order: what its digest is made of. */
must_check enum err policy_canonical(
    struct scope *s, const struct policy *p, struct bytes *ret_text);

#endif
