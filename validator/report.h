/*
 * The report: one tree from which every rendering is made (DESIGN: keys of the JSON form).
 */
#ifndef BULLA_VALIDATOR_REPORT_H
#define BULLA_VALIDATOR_REPORT_H

#include "base/instant.h"
#include "base/messages.h"
#include "validator/document.h"
#include "validator/findings.h"
#include "validator/path.h"
#include "validator/policy.h"

enum report_modification_kind {
	MODIFICATION_LTV_UPDATE,     /* DSS, VRI, document timestamps and what they need */
	MODIFICATION_SIGNATURE,      /* a further signature in a field */
	MODIFICATION_FORM_FILL,      /* values and appearances of fields */
	MODIFICATION_ANNOTATION,     /* annotations that are not fields */
	MODIFICATION_METADATA,       /* /Info, XMP, /Extensions, /Version */
	MODIFICATION_PAGE_CONTENT,   /* what a page shows */
	MODIFICATION_STRUCTURE,      /* catalog, page tree, names, scripts, ... */
	MODIFICATION_FIELD,          /* a new, changed or removed field */
	MODIFICATION_SIGNATURE_LOST, /* a signature's own dictionary or field changed or went */
	MODIFICATION_FILE_STRUCTURE, /* cross-references, trailing bytes, unlisted objects */
	MODIFICATION_UNKNOWN,
};
/* "ltv-update", "signature", "form-fill", ... */
const char *report_modification_name(enum report_modification_kind kind);

struct report_modification {
	enum report_modification_kind kind;
	struct {
		uint32_t num, gen; /* num 0: not one object */
	} object;
	char *path; /* in words: "page 3 /Contents" */
	bool allowed;
	const char *rule; /* what decided */
};

/* A signature on the signature's value (RFC 5652 11.4, EN 319 122-1 5.2.7). */
struct report_counter_signature {
	char id[16]; /* "C1" */
	enum indication indication;
	enum sub_indication sub;
	bool intact;
	const struct cert *signer; /* NULL when not identified */
	struct instant claimed_time;
	const char *digest_algorithm, *signature_algorithm;
	const struct path *path; /* NULL: none was found */
	struct findings findings;
	const struct document_signer *facts; /* what was judged; NULL: not at hand */
};

struct report_timestamp {
	char id[16];        /* "T1" */
	const char *kind;   /* "content", "signature", "archive", "document" */
	struct bytes token; /* as it lies in the document */
	struct instant time;
	enum indication indication;
	enum sub_indication sub;
	bool intact;
	const struct cert *signer;
	const char *digest_algorithm, *signature_algorithm; /* of the imprint; of the token */
	const struct path *path; /* the chain that was judged; NULL: none was found */
	struct findings findings;
	const struct document_token *facts; /* what was judged; NULL: not at hand */
};

/* -- pictures of pages, for forms with pictures; made outside, and no part of the judgement -- */
enum report_picture_kind {
	REPORT_PICTURE_SEALED, /* as the page was when it was signed */
	REPORT_PICTURE_NOW,
	REPORT_PICTURE_MARKED, /* now, with what differs framed */
	REPORT_PICTURE_KINDS,
};

struct report_picture {
	const char *uri;  /* data:...; NULL: none */
	const char *name; /* of a file with it beside the page; NULL: none */
	uint32_t width, height;
};

struct report_page_pictures {
	uint32_t sealed, now; /* its number then and now, from 1; 0: it was not, or is not, there */
	struct report_picture picture[REPORT_PICTURE_KINDS];
};

/* How a document has come to look since a signature. */
struct report_pictures {
	const char *failure; /* why nothing is known of that, in English; NULL: it is */
	size_t n_pages, n_different;
	const struct report_page_pictures *page; /* some of those that are different */
	size_t n;
};

struct report_signature {
	char id[16];      /* "S1" */
	const char *name; /* field name, UTF-8, NULL when it has none */
	bool is_document_timestamp;
	const char *format; /* "PAdES-BASELINE-B", ... */
	enum indication indication;
	enum sub_indication sub;
	bool intact, digest_matches, signature_value_valid;
	const struct cert *signer; /* NULL when not identified */
	const char *digest_algorithm, *signature_algorithm;
	struct instant claimed_time, best_signature_time;
	bool is_time_proven; /* by a timestamp; else best_signature_time is the validation time */
	struct {
		size_t revision, revisions; /* counted from 1; revision 0: none */
		bool whole_file, valid;
	} coverage;
	struct report_modification *modifications;
	size_t n_modifications;
	const struct report_pictures *pictures; /* NULL: none were wanted; never in JSON or XML */
	struct report_timestamp *timestamps;
	size_t n_timestamps;
	const char *qualification; /* NULL: not determined */
	struct report_counter_signature *counter_signatures;
	size_t n_counter_signatures;
	const struct path *path; /* the chain that was judged; NULL: none was found */
	struct digest content;   /* of the signed bytes; alg DIGEST_UNKNOWN: not to be computed */
	struct bytes value;      /* the signature value, empty when there is none */
	struct findings findings;
	const char *reason, *location, *signer_name; /* claimed, UTF-8, "" when absent */
	const struct document_signature *facts;      /* what was judged; NULL: not at hand */
};

enum report_conclusion {
	CONCLUSION_TOTAL_PASSED,
	CONCLUSION_TOTAL_FAILED,
	CONCLUSION_INDETERMINATE,
	CONCLUSION_NO_SIGNATURE,
};

struct report {
	const char *name; /* of the document, as given */
	size_t size;
	struct digest document_sha256;
	const char *format; /* "PDF" */
	struct instant validation_time;
	const struct policy *policy;
	struct digest policy_sha256;
	enum report_conclusion conclusion;
	struct report_signature *signatures; /* in the order of the revisions */
	size_t n_signatures;
	struct findings findings; /* about the document as a whole */
	struct {
		size_t certificates, crls, ocsp_responses, timestamps;
		struct digest sha256;
	} evidence;
	const struct evidence *items;    /* what the numbers count */
	const struct evidence *gathered; /* all that was at hand, in its order */
};

const char *report_conclusion_name(enum report_conclusion c);
/* DESIGN section 6; one object, on one line when `compact`. Same report, same bytes. */
must_check enum err report_json(
    struct scope *s, const struct report *r, bool compact, struct bytes *ret_text);
/* For a person, in the language of the messages (NULL: English); validator/report_outline.h tells
 * in which order, validator/outline.h what each form is like. */
must_check enum err report_text(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_text);
must_check enum err report_html(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_page);

#endif
