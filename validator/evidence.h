/*
 * Evidence: every certificate, CRL, OCSP response and timestamp that a verdict may rest on, with
 * where it came from. gather fills it, judge only reads it. Nothing in here has been believed yet.
 */
#ifndef BULLA_VALIDATOR_EVIDENCE_H
#define BULLA_VALIDATOR_EVIDENCE_H

#include "base/instant.h"
#include "formats/ocsp.h"

enum evidence_source {
	EVIDENCE_SIGNATURE, /* inside a CMS of the document */
	EVIDENCE_DSS,       /* the document security store */
	EVIDENCE_GIVEN, /* handed in by the caller (files, a stored bundle, the seal key's chain) */
	EVIDENCE_FETCHED, /* from the network in this job */
	EVIDENCE_ANCHOR,  /* a trust anchor */
};

/* "signature", "dss", "given", "fetched", "anchor". */
const char *evidence_source_name(enum evidence_source source);

/* Where an item lies in the document, and since when it is known to exist. */
struct evidence_place {
	/* A ByteRange that reaches beyond so many octets covers it; 0: it is not in the document.
	 */
	size_t embedded_end;
	/* In a report's items: the earliest proof of its existence; else INSTANT_NONE. */
	struct instant proven;
};

enum evidence_kind {
	EVIDENCE_CERT,
	EVIDENCE_CRL,
	EVIDENCE_OCSP,
};

/* Finds items by their octets; private. */
struct evidence_index {
	uint32_t *slot;
	size_t room;
};

struct evidence_cert {
	const struct cert *cert;
	enum evidence_source source;
	struct evidence_place place;
};

struct evidence_crl {
	const struct crl *crl;
	enum evidence_source source;
	const char *url; /* where it was fetched, NULL otherwise */
	struct evidence_place place;
};

struct evidence_ocsp {
	const struct ocsp_response *response; /* successful ones only */
	enum evidence_source source;
	const char *url;
	struct evidence_place place;
};

/* An attempt to fetch that failed; the report names it as a cause. */
struct evidence_failure {
	const char *url, *why;
};

struct evidence {
	struct evidence_cert *certs;
	size_t n_certs, room_certs;
	struct evidence_crl *crls;
	size_t n_crls, room_crls;
	struct evidence_ocsp *ocsps;
	size_t n_ocsps, room_ocsps;
	struct evidence_failure *failures;
	size_t n_failures, room_failures;
	size_t n_unreadable; /* items that could not be parsed */
	struct evidence_index index[EVIDENCE_OCSP + 1];
	size_t embedding; /* see evidence_embed */
	/* So many of each were there before the document was read; set by validate. */
	struct {
		size_t certs, crls, ocsps;
	} given;
};

must_check enum err evidence_new(struct scope *s, struct evidence **ret_evidence);
/* What is added from now on has this place.embedded_end. */
void evidence_embed(struct evidence *e, size_t end);
/* NULL when it is not there. Stays until the next certificate is added. */
const struct evidence_cert *evidence_find_cert(const struct evidence *e, const struct cert *cert);
/* Where the item with these octets lies; nowhere when it is not there. */
struct evidence_place evidence_find_place(
    const struct evidence *e, enum evidence_kind kind, struct bytes der);
/* Adding: what is there already (same octets) is left as it is. Those with _der parse: a malformed
 * item is counted in n_unreadable, not an error. ERR_LIMIT beyond LIMIT_POOL_CERTIFICATES items of
 * a kind. `der` must outlive the scope. */
must_check enum err evidence_add_cert(
    struct scope *s, struct evidence *e, const struct cert *cert, enum evidence_source source);
must_check enum err evidence_add_cert_der(
    struct scope *s, struct evidence *e, struct bytes der, enum evidence_source source);
must_check enum err evidence_add_crl(struct scope *s, struct evidence *e, const struct crl *crl,
    enum evidence_source source, const char *url);
must_check enum err evidence_add_crl_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url);
must_check enum err evidence_add_ocsp(struct scope *s, struct evidence *e,
    const struct ocsp_response *response, enum evidence_source source, const char *url);
/* Also adds the certificates inside the response. *ret_ocsp (may be NULL) is NULL when it is
 * malformed or not successful. */
must_check enum err evidence_add_ocsp_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url, const struct ocsp_response **ret_ocsp);
must_check enum err evidence_add_failure(
    struct scope *s, struct evidence *e, const char *url, const char *why);

/* Adds all of another set in its order, failures too; its own items' sources stay. */
must_check enum err evidence_add_all(
    struct scope *s, struct evidence *e, const struct evidence *more);

/* SHA-256 over the sorted SHA-256 values of all items: names the set. */
must_check enum err evidence_digest(
    struct scope *s, const struct evidence *e, struct digest *ret_digest);

#endif
