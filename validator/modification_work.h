/*
 * Internal to validator/modification*.c: one comparison in progress.
 */
#ifndef BULLA_VALIDATOR_MODIFICATION_WORK_H
#define BULLA_VALIDATOR_MODIFICATION_WORK_H

#include "formats/pdf_diff.h"
#include "formats/pdf_references.h"
#include "formats/pdf_unowned.h"
#include "validator/modification.h"

#define MODIFICATION_DEPTH 16 /* nesting of objects below a change; real ones stay under 8 */

struct modification_history {
	const struct pdf_file *file;
	const struct pdf_signature_list *all;
	struct pdf_references *references; /* NULL until needed */
	const uint8_t **reach;             /* by revision; NULL until needed */
	struct {
		bool is_known;
		struct pdf_unowned found;
	} * unowned;                 /* by revision */
	bool chain_known, chain_cut; /* cut: there were savings that no /Prev leads to */
	/* The file without its /XRefStm, its signatures, and its history; NULL: there is none. */
	struct modification_history *plain;
	const struct pdf_file *octets; /* whose objects own the octets: with /XRefStm */
};

/* What a changed object is to the document: what explains its change, and through which places only
 * it may be reached (validator/modification_place.c). */
enum modification_role {
	MODIFICATION_ROLE_NONE,    /* not explained */
	MODIFICATION_ROLE_JUDGED,  /* its content was compared entry by entry: the place is free */
	MODIFICATION_ROLE_NEW,     /* part of something new */
	MODIFICATION_ROLE_INFO,    /* the trailer's /Info */
	MODIFICATION_ROLE_CATALOG, /* below the catalog's /Metadata, /Extensions */
	MODIFICATION_ROLE_STORE,   /* below the catalog's /DSS */
	MODIFICATION_ROLE_FORM,    /* the form, its /Fields, /XFA */
	MODIFICATION_ROLE_APPEARANCE, /* below a field's /AP */
	MODIFICATION_ROLE_VALUE,      /* a field's /V or /RV */
	MODIFICATION_ROLE_ANNOTS,     /* a page's /Annots */
	MODIFICATION_ROLE_ANNOTATION, /* an annotation that is no widget */
};

struct modification_work {
	struct scope *s;
	struct modification_history *history;
	const struct pdf_file *file;
	const struct pdf_signature *sig;
	const struct pdf_signature_list *all;
	bool is_unsigned; /* no signature closes `rev`: `sig` stands for none */
	size_t end;       /* then: octets before it were there */
	size_t rev;       /* as signed */
	size_t latest; /* what it is compared with: the latest one, or the next that was signed */
	struct pdf_diff diff;
	enum modification_role *role; /* parallel to diff.item */
	int level;                    /* DocMDP P that holds: 1 to 3; 0: none */
	struct modification_list *list;
	size_t room;
	size_t places_left; /* values that may still be looked through for places */
};

/* -- modification_work.c -- */
/* Notes one change of an object (NULL: of none). `path` is a format; the text is copied. */
must_check enum err modification_work_note(struct modification_work *w,
    const struct pdf_diff_object *object, enum report_modification_kind kind, bool allowed,
    const char *rule, const char *path, ...) __attribute__((format(printf, 6, 7)));
/* Adds what was found about a later signature; an object that is listed already is not repeated. */
must_check enum err modification_work_add(
    struct modification_work *w, const struct modification_list *later);
/* Gives an object (NULL: none) its role; the first role stays. */
void modification_work_explain(
    struct modification_work *w, const struct pdf_diff_object *object, enum modification_role role);
bool modification_work_is_explained(
    const struct modification_work *w, const struct pdf_diff_object *object);
/* The changed object that v refers to; NULL when v is no reference, or to an unchanged one. */
const struct pdf_diff_object *modification_work_changed(
    const struct modification_work *w, const struct pdf_value *v);
/* Everything new below v becomes part of the change that v belongs to. Objects that were there
 * before stay unexplained. */
void modification_work_explain_new(struct modification_work *w, const struct pdf_value *v);
/* Whether `num` is the catalog of a revision. */
bool modification_work_is_catalog(const struct modification_work *w, size_t rev, uint32_t num);
/* Whether DocMDP, where it holds, is at least `level`; true without DocMDP. */
bool modification_work_permits(const struct modification_work *w, int level);
/* As pdf_file_find and pdf_file_resolve, but what cannot be read is the null value. */
must_check enum err modification_work_find(struct modification_work *w, size_t rev,
    const struct pdf_value *v, const char *key, const struct pdf_value **ret_value);
must_check enum err modification_work_resolve(struct modification_work *w, size_t rev,
    const struct pdf_value *v, const struct pdf_value **ret_value);
/* Same content, whether direct or indirect: `old` as signed, `now` in the latest revision. A
 * reference to the same object is the same: objects are judged by themselves. */
must_check enum err modification_work_is_same(struct modification_work *w,
    const struct pdf_value *old, const struct pdf_value *now, bool *ret_same);
/* As is_same; but dictionaries, and dictionaries in them, may have more entries. */
must_check enum err modification_work_is_extended(struct modification_work *w,
    const struct pdf_value *old, const struct pdf_value *now, bool *ret_is);
bool modification_work_has_ref(const struct pdf_value *array, const struct pdf_value *ref);
/* All old entries, in their order, come first. */
bool modification_work_is_prefix(const struct pdf_value *old, const struct pdf_value *now);

/* -- what is judged, by file -- */
must_check enum err modification_file_check(struct modification_work *w);
must_check enum err modification_file_check_chain(struct modification_work *w);
/* A hybrid file for readers that do not know of /XRefStm: what changed for them too. */
must_check enum err modification_hybrid_check(struct modification_work *w);
must_check enum err modification_hybrid_open(struct scope *s, struct modification_history *h);
must_check enum err modification_catalog_check(struct modification_work *w);
must_check enum err modification_store_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now);
must_check enum err modification_structure_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now);
must_check enum err modification_form_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now);
/* A field that was not there as signed. */
must_check enum err modification_form_check_new(
    struct modification_work *w, const struct pdf_value *ref);
must_check enum err modification_field_check(struct modification_work *w);
must_check enum err modification_annotation_check(struct modification_work *w);
/* At last: whether each changed object is reached through the places of its role only. */
must_check enum err modification_place_check(struct modification_work *w);

/* -- facts about fields, of modification_field.c -- */
/* *ret_name NULL: part of it is locked. */
must_check enum err modification_field_name(
    struct modification_work *w, size_t rev, const struct pdf_value *field, char **ret_name);
/* The name in words where a person reads it: "(encrypted)" for one that cannot be read. */
const char *modification_field_shown(const char *name);
must_check enum err modification_field_is_signature(
    struct modification_work *w, size_t rev, const struct pdf_value *field, bool *ret_yes);
bool modification_field_is_locked(const struct modification_work *w, const char *name);
bool modification_field_is_one(const struct pdf_value *v);
bool modification_field_is_timestamp(const struct pdf_value *signature);
/* Whether a signature dictionary has what a signature is made of: a range and a value. */
bool modification_field_signs(const struct pdf_value *signature);
/* Whether a field has an appearance, and a rectangle to show it in. */
must_check enum err modification_field_is_visible(
    struct modification_work *w, size_t rev, const struct pdf_value *field, bool *ret_yes);
/* Whether the /V of a field is a dictionary that came after what was signed, itself or as a new
 * object: an older one was made for another place. */
bool modification_field_has_new_value(
    const struct modification_work *w, const struct pdf_value *field);
/* -- of modification_annotation.c -- */
bool modification_annotation_is_page(const struct pdf_value *v);
bool modification_annotation_is_one(const struct pdf_value *v);

#endif
