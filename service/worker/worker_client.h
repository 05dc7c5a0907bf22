/*
 * The front's side of the workers: one function for each job. What comes back is in the scope; it
 * is checked for form, but what it says rests on a hostile document's word where the document is
 * asked (titles, names).
 *
 * Documents are open files that nobody cuts short meanwhile; their descriptors stay the caller's,
 * their offsets may move. Errors are the worker's own, with its text (a person may read it), or:
 * ERR_NET: "no worker is free"; ERR_LIMIT: it overran; ERR_INTERNAL: the worker ended (a crash).
 * An ERR_FORMAT, ERR_UNSUPPORTED, ERR_DENIED or ERR_LIMIT is the document's fault; ERR_NET names
 * the URL.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_CLIENT_H
#define BULLA_SERVICE_WORKER_WORKER_CLIENT_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/instant.h"

struct link_pool; /* service/front/link_pool.h */

/* Whom to ask, and how long. */
struct worker_client {
	struct link_pool *pool;
	int wait_ms; /* for a free worker */
	int work_ms; /* for the job: configuration.workers.seconds */
};

#define WORKER_CLIENT_SHA256 32

/* -- what a document is -- */
struct worker_client_inspection {
	uint64_t size;
	uint8_t sha256[WORKER_CLIENT_SHA256];
	bool encrypted;
	bool locked;         /* it wants a password, or another one: what follows is unknown */
	unsigned pages;      /* 0: cannot be told */
	unsigned signatures; /* with a value, timestamps not counted */
	unsigned timestamps; /* of the document */
	const char *refusal; /* why it cannot be sealed; NULL: it can */
	const char *warning; /* what a person should know before; NULL: nothing */
	const char *title;   /* as the document claims; NULL: none */
};
/* ERR_FORMAT: not a PDF that can be read. */
must_check enum err worker_client_inspect(struct scope *s, const struct worker_client *c,
    int document, struct bytes password, struct worker_client_inspection *ret_inspection);

/* -- judging -- */
enum worker_client_policy {
	WORKER_CLIENT_POLICY_SEALING, /* configuration.policy */
	WORKER_CLIENT_POLICY_FILING,  /* configuration.filing_policy */
	WORKER_CLIENT_POLICIES,
};

/* The one word for a clerk. */
enum worker_client_word {
	WORKER_CLIENT_ACCEPT,
	WORKER_CLIENT_CLOSER, /* look closer */
	WORKER_CLIENT_REFUSE, /* do not accept */
	WORKER_CLIENT_WORDS,
};
/* "accept", "closer", "refuse" */
const char *worker_client_word_name(enum worker_client_word word);

/* What was judged, in short. The summary is one JSON object on one line, below LIMIT_WORKER_SUMMARY
 * octets, with these keys (none is left out, null where nothing is known):
 *
 *	{ "word": "accept|closer|refuse",  "conclusion": "TOTAL-PASSED|...",
 *	  "code": "TOTAL-FAILED, HASH_FAILURE"      the standard's words
 *	  "sentence": {"en": "...", "hu": "..."},   why, for the clerk
 *	  "validationTime": "RFC 3339",  "policy": "name",
 *	  "document": {"name", "size", "sha256"},
 *	  "causes": [ up to 5: {"code": "CRL_STALE", "severity": "failure|indeterminate|warning",
 *	      "signature": "S1" or null, "about": "..." or null,
 *	      "sentence": {"en", "hu"}, "remedy": {"en", "hu"} or null} ],
 *	  "signatures": [ up to 20: {"id": "S1", "field": "name" or null,
 *	      "kind": "seal|signature|document-timestamp",
 *	      "word", "indication", "subIndication", "level": "PAdES-BASELINE-LTA", "intact": true,
 *	      "who": {"name": "organisation or person", "organisation", "number", "country",
 *	          "qualified": true, "seal": true} or null,
 *	      "when": {"time": "RFC 3339", "trusted": true} or null,
 *	      "claimedTime": "RFC 3339" or null,  "reason", "location",
 *	      "changed": {"allowed": 2, "forbidden": 0, "wholeFile": true},
 *	      "certificate": {"sha256", "subject", "issuer", "serial", "from", "until",
 *	          "disclaimer": "text" or null, "approved": true} or null,
 *	      "approvalWanted": true            it waits for a person's approval of its disclaimer
 *	  } ],
 *	  "moreSignatures": 0 }
 *
 * In "signatures" the last ones are left out when there are more. */
struct worker_client_judgement {
	enum worker_client_word word;
	const char *summary;
};

struct worker_client_validation_request {
	int document;
	const char *name; /* for the report */
	struct bytes password;
	enum worker_client_policy policy;
	const struct bytes *approved; /* SHA-256 of certificates with an approved disclaimer */
	size_t n_approved;
	struct instant at; /* INSTANT_NONE: now */
	bool offline;
	int pack; /* an open empty file, for reading and writing: gets the evidence
		     (service/worker/worker_evidence_pack.h), not synced; -1: not wanted */
	bool wants_report;
};
struct worker_client_validation {
	struct worker_client_judgement judgement;
	struct bytes report; /* JSON (DESIGN section 6); empty unless wanted */
	struct instant at;   /* the validation time */
	uint64_t pack_size;  /* 0: none */
	uint8_t pack_sha256[WORKER_CLIENT_SHA256];
};
/* A bad seal is an outcome, not an error. ERR_FORMAT: not a PDF that can be read; ERR_DENIED: it
 * wants a password. */
must_check enum err worker_client_validate(struct scope *s, const struct worker_client *c,
    const struct worker_client_validation_request *request,
    struct worker_client_validation *ret_validation);

/* -- sealing -- */
struct worker_client_seal_request {
	int document;
	int output; /* an open empty file, for reading and writing; not synced */
	const char *name;
	struct bytes password;           /* of the document */
	struct bytes token;              /* of the unlocked key (service/keeper/) */
	const struct bytes *certificate; /* DER: the key's own, then its chain */
	size_t n_certificates;
	/* SHA-256 of certificates with an approved disclaimer */
	const struct bytes *approved;
	size_t n_approved;
	struct bytes options; /* JSON, as worker_seal_options_parse takes it; empty: the
				 configuration's level, invisible */
	struct bytes picture; /* for the look; empty: none */
};
struct worker_client_sealed {
	uint64_t size;
	uint8_t sha256[WORKER_CLIENT_SHA256]; /* of the output */
	const char *field;
	const char *warning; /* NULL: none */
	unsigned worker;     /* who did it: link_peer of its link */
};
/* On an error the output may hold part of it: throw it away. ERR_DENIED: the document, the key or
 * its certificate forbid it; ERR_NET: a service that is needed gave no usable answer. */
must_check enum err worker_client_seal(struct scope *s, const struct worker_client *c,
    const struct worker_client_seal_request *request, struct worker_client_sealed *ret_sealed);

/* The last look at a seal, by another worker than the one that made it (sealer/witness.h). */
struct worker_client_witness_request {
	const struct worker_client_seal_request *sealing;
	const struct worker_client_sealed *sealed;
	int output;     /* what is to be handed out, open for reading */
	bool by_itself; /* the same worker may do it: there is only one */
};
/* ERR_DENIED: it is not the seal that was asked for, or not fit to be handed out; ERR_NET: for want
 * of data. */
must_check enum err worker_client_witness(struct scope *s, const struct worker_client *c,
    const struct worker_client_witness_request *request,
    struct worker_client_judgement *ret_judgement);

/* -- reports -- */
enum worker_client_form {
	WORKER_CLIENT_FORM_TEXT,
	WORKER_CLIENT_FORM_JSON,
	WORKER_CLIENT_FORM_HTML,
	WORKER_CLIENT_FORM_ETSI, /* XML */
	WORKER_CLIENT_FORM_PDF,
	WORKER_CLIENT_FORM_HTML_FRAGMENT, /* what stands in <main> of the page, for a page of one's
					     own (classes: validator/outline.css) */
	WORKER_CLIENT_FORMS,
};
/* "text", "json", "html", "etsi", "pdf"; false: none of these. */
bool worker_client_form_of_name(const char *name, enum worker_client_form *ret_form);
/* "application/pdf", ... */
const char *worker_client_form_media_type(enum worker_client_form form);

struct worker_client_report_request {
	int document, pack;
	struct bytes password;
	enum worker_client_form form;
	const char *language; /* "en", "hu"; NULL: "en"; another one: "en" */
};
/* Judges again by the evidence, offline, as it was judged then. ERR_FORMAT: the evidence was
 * changed, or belongs to another document. *ret_is_same: the same verdict byte for byte (another
 * version of Bulla may differ); the JSON form is always the one that was kept. */
must_check enum err worker_client_report(struct scope *s, const struct worker_client *c,
    const struct worker_client_report_request *request, struct bytes *ret_content,
    bool *ret_is_same);

/* -- pages -- */
struct worker_client_preview {
	unsigned pages;
	unsigned width, height; /* pixels */
	struct bytes png;
};
/* Page from 1; dpi 20 to 300. ERR_DENIED: no such page, or a password is wanted; ERR_FORMAT: it
 * cannot be shown. */
must_check enum err worker_client_show(struct scope *s, const struct worker_client *c, int document,
    struct bytes password, unsigned page, unsigned dpi, struct worker_client_preview *ret_preview);

enum worker_client_picture_kind {
	WORKER_CLIENT_PICTURE_SEALED, /* as the page was when it was signed */
	WORKER_CLIENT_PICTURE_NOW,
	WORKER_CLIENT_PICTURE_MARKED, /* now, with what differs framed */
	WORKER_CLIENT_PICTURES,
};
struct worker_client_picture {
	enum worker_client_picture_kind kind;
	unsigned sealed, now; /* number of the page then and now; 0: it was not, or is not, there */
	unsigned width, height;
	struct bytes png;
};
struct worker_client_comparison {
	struct bytes json; /* as `bulla compare --report json`, without names of files */
	const struct worker_client_picture *picture; /* of the first pages that differ, in order */
	size_t n_pictures;
};
/* The document as a signature sealed it against what it is now. `pack` -1: the evidence is not at
 * hand, then what changed is told by the document alone. `signature`: NULL: the last one that
 * something followed. ERR_DENIED: no signature, or not this one. */
must_check enum err worker_client_compare(struct scope *s, const struct worker_client *c,
    int document, int pack, struct bytes password, const char *signature,
    struct worker_client_comparison *ret_comparison);

/* -- for the log and for partners -- */
/* A timestamp token over a SHA-256, from the first authority that answers well. ERR_NET. */
must_check enum err worker_client_stamp(
    struct scope *s, const struct worker_client *c, struct bytes sha256, struct bytes *ret_token);

/* Facts of a certificate (the others are its chain), as one JSON object on one line:
 *
 *	{ "sha256", "subject", "issuer", "serial", "commonName", "organisation", "number",
 *	  "country",  "from", "until",
 *	  "key": {"type": "RSA|EC|Ed25519|...", "bits": 2048},
 *	  "keyUsage": ["digitalSignature", ...],  "qualified": true,  "seal": true,
 *	  "disclaimer": "text" or null,  "approvalWanted": true,
 *	  "accepted": true,                      by the filing policy, but for the approval
 *	  "indication": "PASSED|...",  "subIndication",
 *	  "reasons": [ {"code", "severity", "about", "sentence": {"en","hu"},
 *	      "remedy": {"en","hu"} or null} ] } */
struct worker_client_certificate {
	uint8_t sha256[WORKER_CLIENT_SHA256];
	struct instant from, until;
	bool accepted;
	const char *facts;
};
/* ERR_FORMAT: not a certificate. */
must_check enum err worker_client_certificate(struct scope *s, const struct worker_client *c,
    const struct bytes *der, size_t n, struct worker_client_certificate *ret_certificate);

/* -- for /readyz -- */
struct worker_client_readiness {
	size_t anchors;
	struct instant soonest; /* end of an anchor; INSTANT_NONE: none */
	const char *policy, *filing_policy;
};
must_check enum err worker_client_ready(
    struct scope *s, const struct worker_client *c, struct worker_client_readiness *ret_readiness);

#endif
