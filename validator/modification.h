/*
 * What changed after a signature, object by object, and whether it may (ISO 32000-2 12.8.2.2
 * DocMDP, 12.8.2.4 FieldMDP; EN 319 142-1 5.4 and 5.5 for validation data and document timestamps).
 *
 * Compares the revision that the signature closes with the latest one: every object added, replaced
 * or freed, and every octet after the signed range. What no rule allows is forbidden.
 */
#ifndef BULLA_VALIDATOR_MODIFICATION_H
#define BULLA_VALIDATOR_MODIFICATION_H

#include "formats/pdf_signature.h"
#include "validator/report.h"

struct modification_list {
	struct report_modification *item;
	size_t n;
	bool any_forbidden;
	bool any_annotation, any_form_fill; /* allowed ones that a person should know of */
};

/* `revision` is the index of the revision that the signature's range ends. The signature's own
 * DocMDP, FieldMDP and its field's lock, and those of earlier and later signatures in `all`,
 * decide. A structure that cannot be read is a forbidden change, never an error. */
must_check enum err modification_find(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *sig, const struct pdf_signature_list *all, size_t revision,
    struct modification_list *ret_list);

#endif
