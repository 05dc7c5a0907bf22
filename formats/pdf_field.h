/*
 * Form fields (ISO 32000-2 12.7.4): the tree under the catalog's /AcroForm, flattened, with what a
 * field inherits. Of a field with several widgets, the field itself is listed and not its widgets.
 *
 * A kid without /T is a widget, unless it has a value or kids of its own: then it is listed as a
 * field with its parent's name. Whether names are unique is for the caller to see.
 */
#ifndef BULLA_FORMATS_PDF_FIELD_H
#define BULLA_FORMATS_PDF_FIELD_H

#include "formats/pdf_file.h"

struct pdf_field {
	char *name;                   /* fully qualified, UTF-8; "" when there is no /T at all */
	bool name_is_locked;          /* part of it cannot be read: the name is "" */
	struct pdf_ref ref;           /* num 0: direct */
	const struct pdf_value *dict; /* never NULL */
	const struct pdf_value *type; /* /FT, inherited; the null value if there is none */
	/* /V as it stands, perhaps a reference; inherited; the null value if there is none. */
	const struct pdf_value *value;
	struct pdf_ref value_holder; /* the field it was taken from; num 0 when that is direct */
	int64_t flags;               /* /Ff, inherited; 0 if there is none */
	bool duplicate_keys;         /* in its dictionary, or in one it inherits from */
};

struct pdf_field_list {
	struct pdf_field *item; /* in the order of the tree */
	size_t n;
	size_t n_unreadable; /* objects on the way that could not be read: their fields are missing
			      */
};

/* The terminal fields of a revision. Loops, and a second way to the same object, are cut.
 * ERR_LIMIT beyond LIMIT_PDF_FIELDS nodes or LIMIT_PDF_DEPTH levels. */
must_check enum err pdf_field_list(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_field_list *ret_list);

/* As pdf_file_find, but what cannot be read (ERR_FORMAT, ERR_UNSUPPORTED, ERR_DENIED) is the null
 * value and adds one to *n_unreadable (may be NULL). A fault recorded before is kept. */
must_check enum err pdf_field_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const char *key, size_t *n_unreadable,
    const struct pdf_value **ret_value);
/* As pdf_file_resolve, in the same way; *ret_ref (may be NULL) is the last reference followed, num
 * 0 when v is direct. */
must_check enum err pdf_field_resolve(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, size_t *n_unreadable, struct pdf_ref *ret_ref,
    const struct pdf_value **ret_value);

#endif
