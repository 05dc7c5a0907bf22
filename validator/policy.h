/*
 * Validation constraints (EN 319 102-1 clause 5.1.4.2): what a verdict depends on besides the
 * document, the evidence, the anchors and the instant. policy.schema.json describes their JSON form
 * key by key; validator/policies/ holds the ready ones.
 *
 * A policy is plain data: nothing here judges. Who reads which member: algorithm_limit.h the
 * algorithms, cert_constraints.h the certificate, its classes, TSAs and the disclaimer,
 * signature_constraints.h the signature and its timestamps, path.h the path, revocation.h and
 * validator/judge.h the rest.
 */
#ifndef BULLA_VALIDATOR_POLICY_H
#define BULLA_VALIDATOR_POLICY_H

#include "base/instant.h"
#include "formats/signature_alg.h"

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

/* -- algorithms (TS 119 312) -- */

/* Ends of reliability that are no date. */
#define POLICY_FOREVER ((struct instant){ INT64_MAX })   /* no end is known */
#define POLICY_NEVER ((struct instant){ INT64_MIN + 1 }) /* at no time */

#define POLICY_DIGESTS (DIGEST_SHAKE256 + 1)
#define POLICY_SCHEMES (SIGNATURE_ALG_ED448 + 1)
#define POLICY_SIZES 8

/* From so many bits on, until so long; ascending. Smaller keys than the first: never. */
struct policy_sizes {
	struct policy_size {
		int bits;
		struct instant end;
	} item[POLICY_SIZES];
	size_t n;
};

struct policy_algorithms {
	struct instant digests[POLICY_DIGESTS];      /* by enum digest_alg */
	struct policy_sizes schemes[POLICY_SCHEMES]; /* by enum signature_alg_kind */
};

/* -- lists -- */

/* OID value octets, or SHA-256 values. */
struct policy_octets {
	const struct bytes *item;
	size_t n;
};

struct policy_texts {
	const char *const *item; /* UTF-8 */
	size_t n;
};

/* A class of certificates: those with one of these certificate policies. */
struct policy_class {
	const char *name;
	struct policy_octets policies;
};

/* -- the rest -- */

enum {
	POLICY_QC_ESIGN = 1 << 0,
	POLICY_QC_ESEAL = 1 << 1,
	POLICY_QC_WEB = 1 << 2,
};

enum {
	POLICY_REVOCATION_OCSP = 1 << 0,
	POLICY_REVOCATION_CRL = 1 << 1,
};

/* EN 319 142-1 clause 6. */
enum policy_level {
	POLICY_LEVEL_ANY,
	POLICY_LEVEL_B,
	POLICY_LEVEL_T,
	POLICY_LEVEL_LT,
	POLICY_LEVEL_LTA,
};

/* Where the disclaimer stands in a certificate. */
enum policy_disclaimer_place {
	POLICY_DISCLAIMER_NOTICE,    /* explicitText of a userNotice (RFC 5280 4.2.1.4) */
	POLICY_DISCLAIMER_EXTENSION, /* text of the extension `oid` */
	POLICY_DISCLAIMER_SUBJECT,   /* attribute `oid` of the subject */
};

struct policy_disclaimer {
	enum policy_disclaimer_place place;
	struct bytes oid;    /* of the extension or attribute; empty for a notice */
	const char *text;    /* must be contained; "": nothing is asked for */
	const char *pattern; /* the whole must match: * is any text, ? any character; "": none */
	bool approval;       /* each certificate must be in `approved` */
	struct policy_octets approved; /* SHA-256 of certificates */
};

/* RFC 5280 6.1.1 (c) to (g): the user's initial settings. */
struct policy_path_inputs {
	const struct bytes *initial_policies; /* OID value octets; none: any-policy */
	size_t n_initial_policies;
	bool explicit_policy, inhibit_mapping, inhibit_any;
};

struct policy {
	const char *name;
	const char *description;
	struct policy_algorithms algorithms[POLICY_USES];

	/* -- the signing certificate; each list, where empty, asks for nothing -- */
	/* keyUsage: one of these bits (0: any usage), and all of those. A certificate without the
	 * extension passes (RFC 5280 4.2.1.3). */
	uint32_t signer_key_usage, signer_key_usage_all;
	struct policy_octets eku_any, eku_all;  /* the same for extKeyUsage */
	struct policy_octets policies_accepted; /* it has one of these */
	struct policy_octets policies_refused;  /* and none of these */
	struct {
		const struct policy_class *item;
		size_t n;
	} classes;
	struct policy_texts classes_accepted; /* names: it belongs to one of these */
	bool qc_compliance, qc_sscd;          /* the statement must be there (EN 319 412-5) */
	uint32_t qc_types;                    /* POLICY_QC_...: one of these */
	bool legal_person;                    /* organizationIdentifier (EN 319 412-3 4.2.1) */
	bool pseudonyms;                      /* may be the subject */
	struct policy_disclaimer disclaimer;

	/* -- revocation -- */
	/* Revocation data must have been issued (thisUpdate) at most this long before the instant
	 * it is needed for; 0: its nextUpdate decides alone, as EU DSS does by default. */
	int64_t revocation_max_age_s;
	/* Revocation data whose nextUpdate has passed is still taken for this long: the grace
	 * period. */
	int64_t grace_s;
	/* Sliding back in the past (EN 319 102-1 5.6.2.2 (2)) stops at revocation data whose
	 * nextUpdate has passed; else only a maximum age makes it stop, as EU DSS has it. */
	bool slide_by_next_update;
	/* A certificate without any means of learning its status (no CRL point, no OCSP) is an
	 * error (true) or passes as EN 319 411 short-term ones do (false). */
	bool revocation_required;
	uint32_t revocation_kinds; /* POLICY_REVOCATION_...: what counts */

	/* -- the signature -- */
	enum policy_level level; /* at least */
	/* Bits 1 << enum digest_alg and 1 << enum signature_alg_kind; 0: any. */
	uint32_t signature_digests, signature_schemes;
	bool all_valid_at_signing; /* every certificate of the chains, the anchor too */

	/* -- its timestamps -- */
	bool timestamp_required;
	/* A signature timestamp may be at most this long after the claimed time, 0: any delay. */
	int64_t timestamp_delay_s;
	struct policy_octets tsa_certs;   /* SHA-256 of trusted ones, or of their authorities */
	struct policy_texts tsa_subjects; /* patterns; both lists empty: any is trusted */

	struct policy_path_inputs path;
};

/* The policy "default": what EN 319 102-1 asks for by itself, algorithms by TS 119 312, no further
 * constraint. Static. */
const struct policy *policy_default(void);
/* The whole policy as JSON, in a fixed order: what its digest is made of. policy_parse reads the
 * same policy out of it. */
must_check enum err policy_canonical(
    struct scope *s, const struct policy *p, struct bytes *ret_text);
/* The policy that a JSON text describes. `text` is not needed any more afterwards. ERR_FORMAT for
 * whatever the schema does not allow (unknown key, duplicate key, wrong type, bad value), with its
 * path: "policy: $.revocation.graceSeconds: not a number of seconds"; ERR_LIMIT beyond
 * LIMIT_JSON. */
must_check enum err policy_parse(
    struct scope *s, struct bytes text, const struct policy **ret_policy);
/* The ready policy of this name: "default", "eidas", "sealed-filing". *ret_policy is NULL when
 * there is none. */
must_check enum err policy_ready(
    struct scope *s, const char *name, const struct policy **ret_policy);

#endif
