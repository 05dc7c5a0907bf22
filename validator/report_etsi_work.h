/*
 * The ETSI report in the making, shared by the files report_etsi*.c. ETSI TS 119 102-2, schema
 * version 1.4.1; element by element in its order.
 */
#ifndef BULLA_VALIDATOR_REPORT_ETSI_WORK_H
#define BULLA_VALIDATOR_REPORT_ETSI_WORK_H

#include "formats/xml.h"
#include "validator/report_etsi.h"

/* What has no URI of ETSI's or the W3C's gets one of these. */
#define REPORT_ETSI_OWN "urn:x-bulla:"
/* "C-" or "R-", a SHA-256 in upper-case hexadecimal. */
#define REPORT_ETSI_ID 80

/* A certificate, CRL or OCSP response. */
struct report_etsi_object {
	enum evidence_kind kind;
	struct bytes der;
	struct digest sha256;
	bool is_item; /* in the report's evidence; else only named somewhere */
	enum evidence_source source;
	struct instant proven;
	const struct report_timestamp *proof; /* that proves it, NULL if none does */
	const struct cert *cert;              /* one of the three */
	const struct crl *crl;
	const struct ocsp_response *ocsp;
};

struct report_etsi_work {
	struct scope *s;
	const struct report *r;
	struct xml *x;
	struct report_etsi_object *objects; /* by kind and digest, each once */
	size_t n_objects;
	/* Of each signature: the timestamp that gives it its best-signature-time, NULL if none
	 * does. */
	const struct report_timestamp **best;
	size_t embedded; /* octets of objects written in full so far */
};

/* What was judged by itself: a signature, a counter-signature, a timestamp. */
struct report_etsi_subject {
	const char *id;
	bool is_timestamp; /* PASSED, and not TOTAL-PASSED */
	enum policy_use use;
	enum indication indication;
	enum sub_indication sub;
	const struct findings *findings;
	const struct cert *signer;
	const struct path *path;
	const struct document_signer *facts; /* NULL: not at hand */
};
struct report_etsi_subject report_etsi_subject_of_signature(const struct report_signature *sig);
struct report_etsi_subject report_etsi_subject_of_counter(
    const char *id, const struct report_counter_signature *c);
struct report_etsi_subject report_etsi_subject_of_timestamp(const struct report_timestamp *t);

/* -- report_etsi.c -- */
/* What a malformed or oversized thing inside the document caused is no error of the report. */
must_check enum err report_etsi_tolerate(struct scope *s, enum err e);
/* SignatureIdentifier of a subject; `field` may be NULL. */
must_check enum err report_etsi_identifier(struct report_etsi_work *w,
    const struct report_etsi_subject *subject, struct bytes value, const char *field);
void report_etsi_digest(struct report_etsi_work *w, const struct digest *d);
/* SignerInformation; nothing for NULL. */
must_check enum err report_etsi_signer(struct report_etsi_work *w, const struct cert *signer);
/* OtherInformation: what the standard has no place for. */
void report_etsi_other(struct report_etsi_work *w, const struct report_signature *sig);
/* The digest of what was signed, NULL if there is none that can be written. */
const struct digest *report_etsi_content(const struct report_signature *sig);
/* SignatureReference to a signature of the document. */
void report_etsi_signature_reference(
    struct report_etsi_work *w, const char *element, const struct report_signature *sig);
/* <name VOReference="id"/> */
void report_etsi_reference(struct report_etsi_work *w, const char *name, const char *id);
void report_etsi_reference_cert(
    struct report_etsi_work *w, const char *name, const struct cert *cert);
/* The place behind the last signed octet; 0: none. */
size_t report_etsi_range_end(const struct report_signature *sig);
/* The document timestamp with the earliest time among those that passed and cover `end`, NULL if
 * there is none; `except` is left out. */
const struct report_timestamp *report_etsi_proof(
    const struct report_etsi_work *w, size_t end, const struct report_timestamp *except);
const struct report_timestamp *report_etsi_best(
    const struct report_etsi_work *w, const struct report_signature *sig);

/* -- report_etsi_status.c -- */
/* SignatureValidationStatus, with the chain, the algorithm and what decided. */
must_check enum err report_etsi_status(
    struct report_etsi_work *w, const struct report_etsi_subject *subject);
/* ValidationConstraintsEvaluationReport: policy, building blocks, every finding. */
must_check enum err report_etsi_constraints(
    struct report_etsi_work *w, const struct report_etsi_subject *subject);
/* That of the document as a whole: its findings alone. */
must_check enum err report_etsi_document_constraints(struct report_etsi_work *w);
void report_etsi_indication(struct report_etsi_work *w, enum indication i, bool total);

/* -- report_etsi_attributes.c -- */
must_check enum err report_etsi_attributes(
    struct report_etsi_work *w, const struct report_signature *sig);
/* Of a timestamp token or counter-signature: those of its CMS alone. */
must_check enum err report_etsi_signer_attributes(
    struct report_etsi_work *w, const struct document_signer *facts, const struct cert *signer);

/* -- report_etsi_objects.c -- */
must_check enum err report_etsi_objects_collect(struct report_etsi_work *w);
void report_etsi_objects_id(const struct report_etsi_object *o, char ret_id[REPORT_ETSI_ID]);
void report_etsi_objects_cert_id(const struct cert *cert, char ret_id[REPORT_ETSI_ID]);
/* The object says something about the status of a certificate of the path. */
must_check enum err report_etsi_objects_concerns(struct report_etsi_work *w,
    const struct report_etsi_object *o, const struct path *path, bool *ret_yes);
/* SignatureValidationObjects. */
must_check enum err report_etsi_objects(struct report_etsi_work *w);

/* -- report_etsi_uri.c -- */
/* NULL when there is none for it. */
const char *report_etsi_uri_digest(enum digest_alg alg);
const char *report_etsi_uri_signature(struct signature_alg alg, enum digest_alg digest);
const char *report_etsi_uri_reason(enum crl_reason reason);

#endif
