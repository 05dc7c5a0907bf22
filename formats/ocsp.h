/*
 * OCSP (RFC 6960): requests are built, responses read as plain facts.
 * Does not check a response's signature by itself (ask ocsp_is_signed_by), its responder's
 * authority or its freshness: validator/ocsp_rules.h.
 */
#ifndef BULLA_FORMATS_OCSP_H
#define BULLA_FORMATS_OCSP_H

#include "formats/crl.h"

enum ocsp_status {
	OCSP_GOOD,
	OCSP_REVOKED,
	OCSP_UNKNOWN,
};

struct ocsp_single {
	enum digest_alg hash;
	struct bytes issuer_name_hash, issuer_key_hash, serial; /* of the CertID */
	enum ocsp_status status;
	struct instant revoked_at; /* for OCSP_REVOKED */
	enum crl_reason reason;
	struct instant this_update, next_update; /* next_update INSTANT_NONE if absent */
	struct instant archive_cutoff;           /* INSTANT_NONE if absent */
	enum digest_alg cert_hash_alg;           /* CertHash extension; DIGEST_UNKNOWN if absent */
	struct bytes cert_hash;
};

struct ocsp_response {
	struct bytes der;     /* the whole value as it was given */
	struct bytes basic;   /* the BasicOCSPResponse inside */
	struct digest sha256; /* of der */
	int response_status;  /* OCSPResponseStatus; 0 = successful. If not, nothing below is set */
	struct bytes tbs;
	struct bytes responder_name;     /* Name TLV, empty when by key */
	struct bytes responder_key_hash; /* SHA-1 octets, empty when by name */
	struct instant produced_at;
	struct ocsp_single *singles;
	size_t n_singles;
	struct bytes nonce;        /* content of the nonce extension's value, empty if absent */
	bool unknown_critical;     /* a critical extension not known here, in whichever place */
	const struct cert **certs; /* those that can be read */
	size_t n_certs;
	struct signature_alg sig_alg;
	struct bytes sig_value;
};

/* A request about one certificate. The CertID uses `hash`. A nonce is put in when not empty
 * (RFC 9654: 1 to 128 octets, as an OCTET STRING inside the extension's value). */
must_check enum err ocsp_request_build(struct scope *s, const struct cert *subject,
    const struct cert *issuer, enum digest_alg hash, struct bytes nonce, struct bytes *ret_der);
/* Reads an OCSPResponse, or a bare BasicOCSPResponse as CMS revocation values hold it. */
must_check enum err ocsp_parse(
    struct scope *s, struct bytes der, const struct ocsp_response **ret_response);
/* "malformedRequest", "tryLater", ... */
const char *ocsp_response_status_name(int status);
/* The CertID names this certificate of this issuer. */
must_check enum err ocsp_single_is_about(struct scope *s, const struct ocsp_single *single,
    const struct cert *subject, const struct cert *issuer, bool *ret_yes);
/* The responder ID names this certificate (by subject name or by key hash). */
must_check enum err ocsp_responder_is(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, bool *ret_yes);
/* ERR_UNSUPPORTED as signature_alg_verify. */
must_check enum err ocsp_is_signed_by(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, bool *ret_ok);
/* An OCSPResponse (status successful) around a bare BasicOCSPResponse; a whole one is returned as
 * it is. PDF DSS holds the whole form. */
must_check enum err ocsp_wrap(struct scope *s, struct bytes der, struct bytes *ret_der);

#endif
