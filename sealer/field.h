/*
 * The signature field of a seal (ISO 32000-2 12.7.5.5): an empty one that is there, or a new
 * one with its widget, in /AcroForm: where its look goes, else invisible on the first page.
 */
#ifndef BULLA_SEALER_FIELD_H
#define BULLA_SEALER_FIELD_H

#include "formats/pdf_signature.h"
#include "formats/pdf_update.h"
#include "sealer/appearance.h"

struct field_place {
	/* What is wanted. */
	const struct appearance *look; /* NULL: a new field is invisible, another's look stays */
	bool fresh;                    /* a new field, though there is just one that is empty */
	const struct pdf_field_lock *asked_lock; /* NULL: none but the field's own */
	const char *title;    /* what a screen reader calls a new visible one; or NULL */
	const char *language; /* of what it shows (RFC 5646); or NULL */
	/* What it became. */
	char *name;
	struct pdf_ref value;              /* reserved for the signature dictionary */
	const struct pdf_field_lock *lock; /* that the seal has; NULL: none */
	const char *untagged; /* why a visible one has no tag in a tagged document; NULL: it has */
};

/* An earlier signature locks the field of this name (FieldMDP). */
bool field_is_locked(const struct pdf_signature_list *signatures, const char *name);
/* The empty field that field_place would use; NULL: it would make a new one. Errors as there. */
must_check enum err field_find(struct scope *s, const struct pdf_signature_list *signatures,
    const char *wanted, const struct pdf_signature **ret_field);
/* The widget of a field: itself, or its only kid. ERR_UNSUPPORTED: it has none of its own. */
must_check enum err field_widget(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *field, struct pdf_ref *ret_ref, const struct pdf_value **ret_dict);

/* Puts the field into the update. `wanted` NULL: the only empty signature field, if the form has
 * exactly one (and it asks for nothing special: /SV, is not read-only, not locked), else a new
 * "Signature1", "Signature2", ... ERR_DENIED: the named field is signed already, read-only or no
 * signature field, or has another lock than the one asked for, or a new one could not have the
 * name; ERR_UNSUPPORTED: the document has no usable first page, or the look has no widget to go to.
 * For a document timestamp `wanted` is NULL and `is_timestamp` true: always new. */
must_check enum err field_place(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, struct pdf_update *update, const char *wanted,
    bool is_timestamp, struct field_place *place);

#endif
