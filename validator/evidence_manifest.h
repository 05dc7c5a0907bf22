/*
 * The manifest of an evidence bundle, bytes <-> struct: what a verdict was made from, item by item
 * in the order in which the judge had it, so that the same judgement can be made again years later.
 *
 * Lines end with LF; a tab stands between fields. Control characters and backslashes are written as
 * \ and two lower-case hexadecimal digits; "-" stands for an absent text.
 *
 *	bulla-evidence  1
 *	program         VERSION
 *	document        SHA256  SIZE  NAME
 *	instant         RFC3339
 *	conclusion      TOTAL-PASSED | ...
 *	policy          SHA256  SIZE
 *	report          SHA256  SIZE
 *	unreadable      N
 *	KIND            ORDER  SHA256  SIZE  SOURCE  given|found  used|spare  URL      any number
 *	failure         ORDER  URL  WHY                                                any number
 *	sha256          HEX      of all that stands before this line
 *
 * There is one form only: what is parsed and written again gives the same bytes. The digest tells
 * that a byte was changed; it does not tell who wrote the manifest.
 */
#ifndef BULLA_VALIDATOR_EVIDENCE_MANIFEST_H
#define BULLA_VALIDATOR_EVIDENCE_MANIFEST_H

#include "formats/digest.h"
#include "validator/report.h"

/* In the order of the manifest; each counts from 1. */
enum evidence_manifest_kind {
	EVIDENCE_MANIFEST_ANCHOR,
	EVIDENCE_MANIFEST_CERTIFICATE,
	EVIDENCE_MANIFEST_CRL,
	EVIDENCE_MANIFEST_OCSP,
	EVIDENCE_MANIFEST_TIMESTAMP,
	EVIDENCE_MANIFEST_KINDS
};
/* "anchor", "certificate", "crl", "ocsp", "timestamp". */
const char *evidence_manifest_kind_name(enum evidence_manifest_kind kind);

struct evidence_manifest_file {
	struct digest sha256;
	size_t size;
};

struct evidence_manifest_item {
	enum evidence_manifest_kind kind;
	struct evidence_manifest_file file;
	enum evidence_source source;
	/* It was there before the document was read; of a kind, such items come first. */
	bool is_given;
	bool is_used;    /* the verdict rests on it; the others were at hand and decided nothing */
	const char *url; /* where it was fetched, NULL otherwise */
};

struct evidence_manifest {
	const char *program; /* version of the program that judged */
	const char *name;    /* of the document */
	struct evidence_manifest_file document, policy, report;
	struct instant at;
	enum report_conclusion conclusion;
	size_t n_unreadable;
	struct evidence_manifest_item *items;
	size_t n_items;
	struct evidence_failure *failures;
	size_t n_failures;
};

/* ERR_MISUSE: an instant without a civil form, or items out of order. */
must_check enum err evidence_manifest_write(
    struct scope *s, const struct evidence_manifest *m, struct bytes *ret_text);
/* ERR_FORMAT with the line concerned; ERR_UNSUPPORTED: another version of the format. ERR_LIMIT:
 * larger than LIMIT_EVIDENCE_MANIFEST, or more than LIMIT_POOL_CERTIFICATES of a kind. */
must_check enum err evidence_manifest_parse(
    struct scope *s, struct bytes text, struct evidence_manifest *ret_manifest);

#endif
