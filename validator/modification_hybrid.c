/* Hybrid files (ISO 32000-2 7.5.8.4) show one document to readers that know of /XRefStm and may
 * show another one to those that do not: what changed is compared for both. */
#include <string.h>

#include "base/scope.h"
#include "validator/modification_work.h"

/* What cannot be read without /XRefStm is no file of its own: its objects are null. */
static enum err open_plain(struct scope *s, struct modification_history *h)
{
	struct modification_history *plain;
	struct pdf_signature_list *list = scope_alloc(s, sizeof(*list));
	struct pdf_file *file;
	if (!list)
		return ERR_NOMEM;
	TRY(pdf_file_plain(s, h->file, &file));
	if (!file)
		return OK;
	TRY(pdf_signature_list(s, file, list));
	plain = scope_alloc(s, sizeof(*plain));
	if (!plain)
		return ERR_NOMEM;
	*plain = (struct modification_history){ .file = file,
		.all = list,
		.octets = h->file,
		.unowned = h->unowned,
		.reach = scope_alloc_array(s, file->n_revisions, sizeof(*plain->reach)) };
	if (!plain->reach)
		return ERR_NOMEM;
	h->plain = plain;
	return OK;
}

enum err modification_hybrid_open(struct scope *s, struct modification_history *h)
{
	const bool had_fault = scope_fault_code(s) != OK;
	const enum err err = open_plain(s, h);
	if (err == OK || err == ERR_NOMEM)
		return err;
	if (!had_fault)
		scope_forgive(s);
	return OK;
}

static bool was_hybrid(const struct pdf_file *f, size_t rev)
{
	for (size_t r = 0; r <= rev; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++)
			if (f->revisions[r].sections[i]->kind == PDF_SECTION_HYBRID)
				return true;
	return false;
}

/* As those readers find it; what they have never found, they cannot miss. */
static const struct pdf_signature *same_signature(
    const struct pdf_signature_list *list, const struct pdf_signature *sig)
{
	for (size_t i = 0; i < list->n; i++)
		if (pdf_value_refs_equal(list->item[i].value, sig->value) &&
		    memcmp(list->item[i].byte_range, sig->byte_range, sizeof(sig->byte_range)) == 0)
			return &list->item[i];
	return sig;
}

/* Signing services hide forms and signatures, which such readers can do nothing with. */
static bool is_shown(enum report_modification_kind kind)
{
	return kind != MODIFICATION_FIELD && kind != MODIFICATION_SIGNATURE_LOST;
}

/* A later section that is hybrid where nothing was before is refused as such. */
enum err modification_hybrid_check(struct modification_work *w)
{
	const struct modification_history *h = w->history;
	struct modification_list list;
	if (!h->plain || !was_hybrid(w->file, w->rev) || w->rev == pdf_file_latest(w->file) ||
	    w->list->any_forbidden)
		return OK;
	TRY(modification_find(
	    w->s, h->plain, same_signature(h->plain->all, w->sig), w->rev, NULL, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!list.item[i].allowed && is_shown(list.item[i].kind))
			TRY(modification_work_note(w, NULL, list.item[i].kind, false,
			    list.item[i].rule, "some readers show: %s", list.item[i].path));
	return OK;
}
