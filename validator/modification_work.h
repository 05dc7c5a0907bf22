/*
 * Internal to validator/modification*.c: one comparison in progress.
 */
#ifndef BULLA_VALIDATOR_MODIFICATION_WORK_H
#define BULLA_VALIDATOR_MODIFICATION_WORK_H

#include "formats/pdf_diff.h"
#include "validator/modification.h"

struct modification_work {
	struct scope *s;
	const struct pdf_file *file;
	const struct pdf_signature *sig;
	const struct pdf_signature_list *all;
	size_t rev; /* as signed */
	size_t latest;
	struct pdf_diff diff;
	bool *explained; /* parallel to diff.item */
	int level;       /* DocMDP P that holds: 1 to 3; 0: none */
	struct modification_list *list;
	size_t room;
};

/* Notes one change and marks its object (NULL: none) as explained. `path` is copied. */
must_check enum err modification_work_note(struct modification_work *w,
    const struct pdf_diff_object *object, enum report_modification_kind kind, bool allowed,
    const char *rule, const char *path, ...) __attribute__((format(printf, 6, 7)));
/* Marks an object that is part of a change noted already. */
void modification_work_explain(struct modification_work *w, const struct pdf_diff_object *object);
/* Whether DocMDP, where it holds, is at least `level`; true without DocMDP. */
bool modification_work_permits(const struct modification_work *w, int level);

/* /AcroForm and everything below it; and pages' /Annots, which hold the widgets. */
must_check enum err modification_form_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now);
must_check enum err modification_form_check_fields(struct modification_work *w);
must_check enum err modification_page_check(struct modification_work *w);

#endif
