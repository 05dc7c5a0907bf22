/*
 * Certificate revocation lists (RFC 5280 section 5) as plain facts: base, delta, indirect and
 * partitioned ones. Built for lists of a million entries: they are read once and searched by index.
 *
 * Says what a list holds; whether it is signed by the right key, fresh and in scope for a
 * certificate is validator/crl_rules.h's matter.
 */
#ifndef BULLA_FORMATS_CRL_H
#define BULLA_FORMATS_CRL_H

#include "formats/cert.h"

/* CRLReason; CRL_REASON_NONE when the entry carries none. <openssl/x509v3.h> has macros of the same
 * names and values: a file that needs both includes this header first. */
enum crl_reason {
	CRL_REASON_NONE = -1,
	CRL_REASON_UNSPECIFIED = 0,
	CRL_REASON_KEY_COMPROMISE = 1,
	CRL_REASON_CA_COMPROMISE = 2,
	CRL_REASON_AFFILIATION_CHANGED = 3,
	CRL_REASON_SUPERSEDED = 4,
	CRL_REASON_CESSATION_OF_OPERATION = 5,
	CRL_REASON_CERTIFICATE_HOLD = 6,
	CRL_REASON_REMOVE_FROM_CRL = 8,
	CRL_REASON_PRIVILEGE_WITHDRAWN = 9,
	CRL_REASON_AA_COMPROMISE = 10,
};

/* "keyCompromise", ...; "none given" for CRL_REASON_NONE. */
const char *crl_reason_name(enum crl_reason r);

struct crl_entry {
	struct bytes serial; /* content octets of the INTEGER */
	struct instant revoked_at;
	enum crl_reason reason;
	struct instant invalidity_date; /* INSTANT_NONE if absent */
	struct bytes issuer;   /* Name TLV this entry is about (certificateIssuer, inherited) */
	bool unknown_critical; /* carries a critical entry extension not known here */
};

struct crl {
	struct bytes der; /* borrowed */
	struct digest sha256;
	struct bytes tbs;
	struct bytes issuer; /* Name TLV */
	char *issuer_text;
	struct signature_alg sig_alg;
	bool sig_algs_agree; /* the signed and the unsigned algorithm fields are the same */
	struct bytes sig_value;
	struct instant this_update, next_update; /* next_update INSTANT_NONE if absent */
	struct bytes number;                     /* cRLNumber content octets, empty if absent */
	bool is_delta;
	struct bytes base_number; /* of deltaCRLIndicator */
	struct bytes aki;
	struct cert_distribution_points freshest_crl;
	struct cert_texts aia_ca_issuers; /* where the signer's certificate is (RFC 5280 5.2.7) */
	bool has_idp, idp_critical;
	struct bytes idp_name; /* whole [0] TLV of distributionPoint, empty if absent */
	bool only_user_certs, only_ca_certs, only_attribute_certs, indirect;
	uint32_t only_reasons;               /* 0: all */
	struct instant expired_certs_on_crl; /* INSTANT_NONE if absent */
	bool unknown_critical;               /* a critical list extension not known here */
	size_t n_entries;
	bool unknown_critical_entry; /* some entry has one (RFC 5280 5.3: do not use the list) */
	struct crl_index *index;     /* finds entries by serial; private */
};

/* Parses one list, DER or PEM; `file` is borrowed and must outlive the scope. */
must_check enum err crl_parse(struct scope *s, struct bytes file, const struct crl **ret_crl);
/* The entry for the serial number of a certificate issued by `issuer` (Name TLV; for a list that is
 * not indirect its own issuer), or *ret_found = false. When several match, the last one in the
 * list. */
must_check enum err crl_find(struct scope *s, const struct crl *crl, struct bytes issuer,
    struct bytes serial, bool *ret_found, struct crl_entry *ret_entry);
/* False when the two algorithm fields differ. ERR_UNSUPPORTED as signature_alg_verify. */
must_check enum err crl_is_signed_by(
    struct scope *s, const struct crl *crl, const struct cert *issuer, bool *ret_ok);

#endif
