/*
 * What a certificate authority publishes besides certificates, made in memory for tests: CRLs and
 * OCSP responses with any content at any date (time-stamps: mini_ca_timestamp.h). As in mini_ca.h,
 * everything ends the program rather than returning an error, and all results live in the scope.
 *
 * Everything left out of a specification has a sensible default, so that a test names only what it
 * is about. Dates are Unix seconds.
 */
#ifndef BULLA_TESTS_SUPPORT_MINI_CA_REVOCATION_H
#define BULLA_TESTS_SUPPORT_MINI_CA_REVOCATION_H

#include "formats/ocsp.h"
#include "tests/support/mini_ca.h"

/* For a date or number that has a default: leave it out. */
#define MINI_CA_REVOCATION_ABSENT INT64_MIN

/* -- CRLs -- */

struct mini_ca_revocation_entry {
	const struct cert *cert; /* whose serial number it is, or */
	struct bytes serial;     /* content octets, or */
	int64_t number;          /* the serial number as a number */
	int64_t at;              /* 0: 30 days before MINI_CA_NOW */
	enum crl_reason reason;  /* CRL_REASON_UNSPECIFIED (0): no reasonCode */
	int64_t invalidity_date; /* 0: none */
	struct bytes issuer;     /* Name TLV for certificateIssuer; empty: none */
	bool unknown_critical;
};

struct mini_ca_revocation_crl {
	const struct cert *issuer;
	EVP_PKEY *key;                    /* the issuer's */
	struct signature_alg alg;         /* all zero: what suits the key, with SHA-256 */
	int64_t this_update, next_update; /* 0: a day before and a week after MINI_CA_NOW */
	bool v1;                          /* no version, no extension */
	int64_t number;                   /* 0: 1 */
	int64_t base_number;              /* not 0: a delta to this number */
	const struct mini_ca_revocation_entry *entries;
	size_t n_entries;
	const char *idp_url; /* issuingDistributionPoint with this fullName */
	bool only_user_certs, only_ca_certs, only_attribute_certs, indirect; /* IDP too */
	uint32_t only_reasons;                                               /* 0: no IDP field */
	const char *freshest_url;
	const char *aia_url;          /* caIssuers of the signer; NULL: none */
	int64_t expired_certs_on_crl; /* 0: none */
	bool no_aki;
	bool unknown_critical;
	bool other_inner_alg; /* the signed algorithm field names another algorithm */
	bool pem;
};

struct bytes mini_ca_revocation_crl(struct scope *s, const struct mini_ca_revocation_crl *spec);

/* -- OCSP -- */

struct mini_ca_revocation_single {
	const struct cert *subject, *issuer;
	enum digest_alg hash; /* of the CertID; 0: SHA-1 */
	enum ocsp_status status;
	int64_t revoked_at;               /* 0: 30 days before MINI_CA_NOW */
	enum crl_reason reason;           /* CRL_REASON_UNSPECIFIED (0): none */
	int64_t this_update, next_update; /* 0: an hour before and a day after MINI_CA_NOW */
	int64_t archive_cutoff;           /* 0: none */
	enum digest_alg cert_hash;        /* CertHash of the subject; 0: none */
	bool wrong_cert_hash;
	bool unknown_critical;
};

struct mini_ca_revocation_ocsp {
	const struct cert *responder;
	EVP_PKEY *key;
	struct signature_alg alg;
	bool by_name;        /* responderID; else by key */
	int64_t produced_at; /* 0: an hour before MINI_CA_NOW */
	const struct mini_ca_revocation_single *singles;
	size_t n_singles;
	struct bytes nonce; /* empty: none */
	bool raw_nonce;     /* not wrapped in an OCTET STRING */
	bool unknown_critical;
	const struct cert *const *certs;
	size_t n_certs;
	bool bare;  /* the BasicOCSPResponse alone */
	int status; /* OCSPResponseStatus; not 0: nothing but the status */
};

struct bytes mini_ca_revocation_ocsp(struct scope *s, const struct mini_ca_revocation_ocsp *spec);
/* A delegated responder below `ca`: OCSPSigning and id-pkix-ocsp-nocheck. */
const struct cert *mini_ca_revocation_responder(
    struct scope *s, const struct cert *ca, EVP_PKEY *ca_key, EVP_PKEY *key);

#endif
