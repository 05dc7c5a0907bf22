#include "validator/modification.h"

#include "base/scope.h"
#include "validator/modification_work.h"

enum err modification_history_new(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *all, struct modification_history **ret_history)
{
	struct modification_history *h = scope_alloc(s, sizeof(*h));
	if (!h)
		return ERR_NOMEM;
	h->file = h->octets = file;
	h->all = all;
	h->reach = scope_alloc_array(s, file->n_revisions, sizeof(*h->reach));
	h->unowned = scope_alloc_array(s, file->n_revisions, sizeof(*h->unowned));
	if (!h->reach || !h->unowned)
		return ERR_NOMEM;
	*ret_history = h;
	return modification_hybrid_open(s, h);
}

/* -- what permissions hold -- */

/* ISO 32000-2 12.8.2.2: the certifying signature's P; and the P of locks (12.8.2.4, 12.7.5.5). The
 * strictest of those set up to and including the signature in question. */
static int level_that_holds(const struct modification_work *w)
{
	int level = 0;
	for (size_t i = 0; i < w->all->n; i++) {
		const struct pdf_signature *p = &w->all->item[i];
		if (p->made_in > w->rev)
			continue;
		const int set[] = { p->docmdp, p->fieldmdp.permissions, p->lock.permissions };
		for (size_t k = 0; k < sizeof(set) / sizeof(*set); k++)
			if (set[k] && (level == 0 || set[k] < level))
				level = set[k];
	}
	return level;
}

/* -- the signature itself -- */

/* Its dictionary and field are as they were (PDF signature spoofing). */
static enum err check_own_signature(struct modification_work *w)
{
	const struct pdf_diff_object *value = pdf_diff_find(&w->diff, w->sig->value.num);
	if (w->sig->value.num && value) {
		TRY(modification_work_note(w, value, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.8.1", "the dictionary of signature \"%s\" was changed",
		    modification_field_shown(w->sig->name)));
		modification_work_explain(w, value, MODIFICATION_ROLE_JUDGED);
	}
	const struct pdf_diff_object *field = pdf_diff_find(&w->diff, w->sig->field.num);
	if (w->sig->field.num && field) {
		TRY(modification_work_note(w, field, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.7.5.5", "the field of signature \"%s\" was changed",
		    modification_field_shown(w->sig->name)));
		modification_work_explain(w, field, MODIFICATION_ROLE_JUDGED);
	}
	return OK;
}

static enum err compare_revisions(struct modification_work *w)
{
	TRY(pdf_diff_between(w->s, w->file, w->rev, w->latest, &w->diff));
	w->role = scope_alloc_array(w->s, w->diff.n, sizeof(*w->role));
	if (!w->role)
		return ERR_NOMEM;
	w->level = level_that_holds(w);
	TRY(modification_file_check(w));
	TRY(check_own_signature(w));
	TRY(modification_catalog_check(w));
	TRY(modification_field_check(w));
	TRY(modification_annotation_check(w));
	return modification_place_check(w);
}

/* For a revision that no signature closes. */
static const struct pdf_signature no_signature = { 0 };

/* -- from one signature to the next -- */

static bool is_untouched_since(const struct modification_work *w, struct pdf_ref ref, size_t rev)
{
	size_t made_in = 0;
	return ref.num == 0 ||
	       (pdf_file_entry(w->file, pdf_file_latest(w->file), ref.num, &made_in) &&
		   made_in <= rev);
}

/* What holds for the next signature holds for this one: the locks of FieldMDP only grow. */
static bool may_lean_on(struct modification_work *w, const struct modification_next *next)
{
	if (!next || next->revision <= w->rev || next->list->any_forbidden)
		return false;
	const struct modification_work then = { .all = w->all, .rev = next->revision };
	return level_that_holds(w) == level_that_holds(&then) &&
	       is_untouched_since(w, w->sig->value, next->revision) &&
	       is_untouched_since(w, w->sig->field, next->revision);
}

static struct modification_work work_of(struct scope *s, struct modification_history *history,
    const struct pdf_signature *sig, size_t revision, struct modification_list *list)
{
	return (struct modification_work){ .s = s,
		.history = history,
		.file = history->file,
		.sig = sig,
		.all = history->all,
		.is_unsigned = sig == &no_signature,
		.rev = revision,
		.latest = pdf_file_latest(history->file),
		.list = list };
}

static enum err find(struct scope *s, struct modification_history *history,
    const struct pdf_signature *sig, size_t revision, size_t end,
    const struct modification_next *next, struct modification_list *ret_list)
{
	struct modification_list list = { 0 };
	struct modification_work w = work_of(s, history, sig, revision, &list);
	w.end = end;
	TRY(modification_file_check_chain(&w));
	if (!list.any_forbidden && may_lean_on(&w, next)) {
		w.latest = next->revision;
		TRY(compare_revisions(&w));
		if (!list.any_forbidden) {
			TRY(modification_work_add(&w, next->list));
			TRY(modification_hybrid_check(&w));
			*ret_list = list;
			return OK;
		}
		list = (struct modification_list){ 0 };
		w = work_of(s, history, sig, revision, &list);
	}
	if (revision < w.latest)
		TRY(compare_revisions(&w));
	TRY(modification_hybrid_check(&w));
	*ret_list = list;
	return OK;
}

enum err modification_find(struct scope *s, struct modification_history *history,
    const struct pdf_signature *sig, size_t revision, const struct modification_next *next,
    struct modification_list *ret_list)
{
	return find(s, history, sig, revision, 0, next, ret_list);
}

enum err modification_find_since(struct scope *s, struct modification_history *history,
    size_t revision, size_t end, struct modification_list *ret_list)
{
	return find(s, history, &no_signature, revision, end, NULL, ret_list);
}
