/*
 * A signed PDF in the making, for tests: signatures, document timestamps, validation data and other
 * updates, each right or with a defect, appended one after the other. Unlike sealer/ it asks nobody
 * and refuses nothing. Mistakes of the test end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_PAPER_H
#define BULLA_TESTS_SUPPORT_PAPER_H

#include "formats/pdf_crypt.h"
#include "tests/support/paper_cms.h"

enum paper_range {
	PAPER_RANGE_RIGHT,
	PAPER_RANGE_MISSING,  /* no /ByteRange */
	PAPER_RANGE_FRACTION, /* a real among the four numbers */
	PAPER_RANGE_FROM_1,   /* does not begin at 0 */
	PAPER_RANGE_EMPTY_TAIL,
	PAPER_RANGE_BEYOND,    /* one octet past the end of the file */
	PAPER_RANGE_GAP_WIDE,  /* leaves out one octet after /Contents */
	PAPER_RANGE_GAP_EARLY, /* ... and one before it */
	PAPER_RANGE_BRACKETS,  /* covers '<' and '>' */
	PAPER_RANGE_SHORT,     /* ends before the %%EOF of its revision */
	PAPER_RANGE_OVERLAP,   /* the gap begins inside the revision before */
};

struct paper_signature {
	struct paper_cms cms;   /* cms.by: who signs */
	bool is_timestamp;      /* a document timestamp, of cms.stamps[0] */
	const char *field;      /* NULL: the next free one */
	const char *sub_filter; /* NULL: ETSI.CAdES.detached, or ETSI.RFC3161 */
	int64_t claimed;        /* /M; 0: none */
	int docmdp;             /* DocMDP transform with this P; 0: none */
	bool lock_all;          /* FieldMDP, all fields */
	const char *reference;  /* instead of both: /Reference, written out */
	enum paper_range range;
	bool no_contents;       /* stays empty */
	bool garbage;           /* octets that are no CMS */
	bool trailing;          /* octets after the CMS */
	bool duplicate_key;     /* /Type twice in the dictionary */
	const char *share_with; /* an unsigned field that gets the same /V */
};

struct paper {
	struct scope *s;
	struct mini_pki *pki;
	struct bytes document;
	struct pdf_crypt_means means; /* of an encrypted one */
};

/* "one-page", "form", "compressed", "linearized", "junk" (before the header), "stray" (a loose
 * /ByteRange), "rights" (usage rights), "dangling" (the page refers to object 99, which is not
 * there), "twins" (two fields "seal"), "pair" (signature fields "a" and "b"), "contract" and
 * "contract-stream" (contract.h); and what paper_shadow.h has. */
struct paper *paper_new(struct mini_pki *p, const char *base);
void paper_sign(struct paper *d, const struct paper_signature *spec);

struct paper_store {
	struct bytes certs[8], crls[8], ocsps[8];
	size_t n_certs, n_crls, n_ocsps;
};
/* A document security store in place of any other. */
void paper_store(struct paper *d, const struct paper_store *items);
/* "page" (other contents), "content" (of the same stream), "annotation", "overlay"
 * (an annotation on the text), "fill" (field "name"),
 * "info", "script", "field" (a new text field), "dangling" (defines object 99), "nothing" (an empty
 * update). */
void paper_change(struct paper *d, const char *what);
void paper_append(struct paper *d, const char *octets);
/* Changes one bit of the octet at `at`. */
void paper_flip(struct paper *d, size_t at);
void paper_cut(struct paper *d, size_t n);

#endif
