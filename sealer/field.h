/*
 * The signature field of a seal (ISO 32000-2 12.7.5.5): an empty one that is there, or a new
 * invisible one on the first page, with its widget, in /AcroForm.
 */
#ifndef BULLA_SEALER_FIELD_H
#define BULLA_SEALER_FIELD_H

#include "formats/pdf_signature.h"
#include "formats/pdf_update.h"

struct field_place {
	char *name;
	struct pdf_ref value;              /* reserved for the signature dictionary */
	const struct pdf_field_lock *lock; /* of the field; NULL: none */
};

/* Puts the field into the update. `wanted` NULL: the only empty signature field, if the form has
 * exactly one (and it asks for nothing special: /SV), else a new "Signature1", "Signature2", ...
 * ERR_DENIED: the named field is signed already or is no signature field; ERR_UNSUPPORTED: the
 * document has no usable first page. For a document timestamp `wanted` is NULL and `is_timestamp`
 * true: always new. */
must_check enum err field_place(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, struct pdf_update *update, const char *wanted,
    bool is_timestamp, struct field_place *ret_place);

#endif
