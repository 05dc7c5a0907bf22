/*
 * Which objects of a PDF differ between two of its revisions: facts, by value (ISO 32000-2
 * 7.5.6). The cost grows with the later revisions, not with the document.
 *
 * Says nothing about whether a change is allowed, nor from where an object is reached.
 */
#ifndef BULLA_FORMATS_PDF_DIFF_H
#define BULLA_FORMATS_PDF_DIFF_H

#include "formats/pdf_file.h"

struct pdf_diff_object {
	struct pdf_ref ref;                /* with the generation it has now (then, if freed) */
	bool has_new_generation;           /* in use then and now, and not the same ... */
	uint32_t old_gen;                  /* ... as this, which it had */
	bool has_new_twins;                /* a key stands twice in it now, and did not */
	const struct pdf_value *old, *now; /* the null value when there is none */
	bool was_there;                    /* the number had an object in the older revision */
	bool is_unreadable;                /* one of the two cannot be read */
	bool is_container; /* an object stream or cross-reference stream: not content */
};

struct pdf_diff {
	/* Ascending by number; equal objects are left out, but for those with keys that stand twice
	 * now: which one counts is the reader's choice. */
	struct pdf_diff_object *item;
	size_t n;
	/* An entry of a later revision that leads outside that revision's own bytes, or otherwise
	 * than before into an older object stream: how hidden objects are brought back. */
	bool is_misplaced;
	uint32_t misplaced; /* its number */
};

/* What `until` shows otherwise than `rev`, which is older. ERR_LIMIT beyond LIMIT_PDF_OBJECTS. */
must_check enum err pdf_diff_between(
    struct scope *s, const struct pdf_file *f, size_t rev, size_t until, struct pdf_diff *ret_diff);
/* The changed object with this number, or NULL. */
const struct pdf_diff_object *pdf_diff_find(const struct pdf_diff *d, uint32_t num);

#endif
