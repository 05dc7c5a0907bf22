/*
 * What changed after a signature, object by object, and whether it may (ISO 32000-2 12.8.2.2
 * DocMDP, 12.8.2.4 FieldMDP; EN 319 142-1 5.4 and 5.5 for validation data and document timestamps).
 *
 * Compares the revision that the signature closes with the latest one, or step by step from one
 * signature to the next (modification_find says when): every object added, replaced
 * or freed, and every octet after the signed range. What no rule allows is forbidden. An object
 * that may change in one place may do so only if no other place of the document leads to it; and a
 * reference that led nowhere as signed may not be given an object later.
 *
 * Not looked at: how pages look (what is drawn over what), and what stood in the signed revision
 * already.
 */
#ifndef BULLA_VALIDATOR_MODIFICATION_H
#define BULLA_VALIDATOR_MODIFICATION_H

#include "formats/pdf_signature.h"
#include "validator/report.h"

struct modification_list {
	struct report_modification *item;
	size_t n;
	bool any_forbidden;
	const char *first_forbidden; /* in words; NULL when there is none */
	/* Allowed ones that a person should know of: */
	bool any_annotation, any_form_fill;
	bool any_look;     /* what a field shows and its value were not changed together */
	bool any_evidence; /* validation data were taken away */
};

/* The next later revision that a signature closes, and what was found about that signature. */
struct modification_next {
	size_t revision;
	const struct modification_list *list;
};

/* A file and its signatures; keeps what is costly to find out, for all comparisons of the file. */
struct modification_history;

/* Both must outlive it. */
must_check enum err modification_history_new(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *all, struct modification_history **ret_history);

/* `revision` is the index of the revision that the signature's range ends. The signature's own
 * DocMDP, FieldMDP and its field's lock, and those of earlier signatures of the file, decide. A
 * structure that cannot be read is a forbidden change, never an error.
 *
 * With `next` (NULL: compare with the latest revision) the comparison goes as far as that one only,
 * where both signatures permit the same and nothing forbidden came later: so a file with many
 * signatures costs as much for each as one with few. Where it finds anything forbidden on that way,
 * the latest revision decides after all. */
must_check enum err modification_find(struct scope *s, struct modification_history *history,
    const struct pdf_signature *sig, size_t revision, const struct modification_next *next,
    struct modification_list *ret_list);

/* The same for a revision that need not be closed by a signature: what was appended to it, judged
 * as if it had been signed without restrictions then. Octets before `end` were there, whether they
 * belong to it or not. */
must_check enum err modification_find_since(struct scope *s, struct modification_history *history,
    size_t revision, size_t end, struct modification_list *ret_list);

#endif
