/*
 * Filings: documents that were received, kept as they came, and judged at that moment under the
 * filing policy, with the disclaimers that persons have approved. From the API (filing_api.h) and
 * from the desk alike.
 *
 * What is kept (service/store/store_files.h): the document, the evidence, the report; so every
 * verdict can be shown again as it was. Judging again adds a verdict, and keeps the files of the
 * former one.
 */
#ifndef BULLA_SERVICE_FRONT_FILING_ENGINE_H
#define BULLA_SERVICE_FRONT_FILING_ENGINE_H

#include "service/front/front.h"

struct store_filing;   /* service/store/store_filing.h */
struct person_session; /* service/front/person_session.h */

/* Who hands a document in. */
struct filing_engine_origin {
	const char *portal;                  /* its id; NULL: the desk */
	const struct person_session *person; /* on the desk; NULL: a portal */
	const char *batch;                   /* files that came in one go ("bt_...") or NULL */
	const char *reference;               /* the portal's own, or NULL */
	const char *idempotency;             /* the portal's key for this request, or NULL */
	uint8_t request_sha256[32];          /* with an idempotency key: of all that was sent */
};

/* SHA-256 of the certificates whose disclaimer was approved: for a validation. */
must_check enum err filing_engine_approved(
    struct front *f, struct scope *s, const struct bytes **ret_list, size_t *ret_n);

/* Takes the file of `part`, stores it, has it judged, logs, and returns when all of that is on the
 * disk. A document that cannot be read is a filing too (state unreadable, word refuse), and no
 * error. A certificate whose disclaimer nobody has decided on gets an approval that waits, and the
 * filing the word `closer`. When no worker is free the filing comes back in state received, and is
 * judged later by filing_engine_resume. A repeated idempotency key gives the filing of then, when
 * the digest is the same (*ret_is_new false), else ERR_MISUSE. ERR_IO: it is not stored, or has no
 * record in the log. */
must_check enum err filing_engine_receive(struct front *f, struct scope *s,
    const struct http_request *q, const struct http_part *part,
    const struct filing_engine_origin *origin, const struct store_filing **ret_filing,
    bool *ret_is_new);

/* Judges again by what is approved now; the former report stays beside the new one. `person` NULL:
 * by itself. ERR_MISUSE: no such filing. */
must_check enum err filing_engine_judge_again(struct front *f, struct scope *s,
    const struct http_request *q, const char *id, const struct person_session *person,
    const struct store_filing **ret_filing);
/* After an approval was decided: judges again what waits for it, and tells how many filings. */
must_check enum err filing_engine_approval_decided(struct front *f, struct scope *s,
    const struct http_request *q, const uint8_t certificate_sha256[32],
    const struct person_session *person, size_t *ret_n);
/* Judges what was received and could not be judged then. From the clock. */
must_check enum err filing_engine_resume(struct front *f, struct scope *s);

/* The files of a filing, for a worker: open for reading, closed with the scope. *ret_pack -1: there
 * is no evidence (not judged, or not readable). */
must_check enum err filing_engine_files(struct front *f, struct scope *s,
    const struct store_filing *filing, int *ret_document, int *ret_pack);

/* The report of a filing in a form of service/worker/worker_client.h ("json", "html", "pdf",
 * "etsi", "text", ...; language "en", "hu"), made from what is kept: the verdict of then, never a
 * new one. ERR_MISUSE: no such filing, or not judged. */
must_check enum err filing_engine_report(struct front *f, struct scope *s, const char *id,
    int worker_client_form, const char *language, struct bytes *ret_content);

#endif
