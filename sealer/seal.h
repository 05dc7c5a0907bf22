/*
 * Sealing: PAdES baseline signatures (EN 319 142-1 clause 6) at levels B-B, B-T, B-LT and B-LTA.
 *
 * A seal is refused (ERR_DENIED, with the reason) when its certificate, or one above it, is
 * expired, not yet valid, revoked or outside its key usage, when the document forbids it, or when
 * the fresh seal does not pass Bulla's own judge.
 */
#ifndef BULLA_SEALER_SEAL_H
#define BULLA_SEALER_SEAL_H

#include "base/world.h"
#include "formats/pdf_signature.h"
#include "sealer/appearance.h"
#include "sealer/draft.h"
#include "sealer/key.h"
#include "trust-lists/anchors.h"
#include "validator/report.h"

enum seal_level {
	SEAL_B_B,
	SEAL_B_T,
	SEAL_B_LT,
	SEAL_B_LTA,
};
/* "B-B" ...; false when the text is none of them. */
bool seal_level_of_name(const char *name, enum seal_level *ret_level);
const char *seal_level_name(enum seal_level level);

struct seal_request {
	const struct key *key;
	enum seal_level level;
	enum digest_alg digest; /* DIGEST_UNKNOWN: SHA-256, or what the key's curve suggests */
	bool rsa_pkcs1;         /* RSASSA-PKCS1-v1_5 instead of PSS */
	const char *field; /* an empty signature field to use, or the name of a new one; NULL: the
			      first free name "Signature1", ... */
	int certify;       /* DocMDP: P, 1 to 3; 0: an approval */
	const struct pdf_field_lock *lock; /* FieldMDP: the fields to lock, and perhaps P; NULL: as
					      the field asks */
	const char *reason, *location, *contact, *signer_name; /* UTF-8 or NULL */
	const struct appearance_request *look;                 /* NULL: an invisible seal */
	const char *const *tsa_urls; /* tried in order; needed from B-T up */
	size_t n_tsa_urls;
	const struct anchors *anchors; /* may be empty at B-B: then no chain can be judged */
	const struct policy *policy;
	struct bytes document_password;
	const struct recipient *document_recipient; /* one who opens the document, or NULL */
	/* Octets that the authorities' tokens took so far, learnt from one seal to the next; 0: not
	 * known. NULL is fine. With a counted key one token is asked for first where it is not
	 * known. */
	size_t *token_room;
	struct evidence *evidence; /* what the caller already has, may be NULL */
	bool skip_self_check; /* another process looks at it (sealer/witness.h), or for measurements
			       */
};

struct seal_outcome {
	char *field;           /* name of the field sealed */
	char *warning;         /* e.g. what was repaired; NULL if nothing */
	struct report *report; /* the judge's view of the result; NULL with skip_self_check */
};

/* Seals the draft. On an error the draft may hold part of the work: throw it away. */
must_check enum err seal_document(struct scope *s, const struct world *world,
    const struct seal_request *request, struct draft *draft, struct seal_outcome *ret_outcome);

/* Lifts every signature of a sealed document to `level` (B-T: one document timestamp for those that
 * have no timestamp; B-LT: validation data; B-LTA: a document timestamp over it all; on B-LTA
 * already: fresh validation data and one more document timestamp). key is not used. */
must_check enum err seal_extend(struct scope *s, const struct world *world,
    const struct seal_request *request, struct draft *draft, struct seal_outcome *ret_outcome);

#endif
