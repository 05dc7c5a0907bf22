#include "validator/modification.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

/* -- noting -- */

static enum err make_room(struct modification_work *w)
{
	struct modification_list *l = w->list;
	if (l->n < w->room)
		return OK;
	size_t room = w->room ? 2 * w->room : 16;
	struct report_modification *item = scope_alloc_array(w->s, room, sizeof(*item));
	if (!item)
		return ERR_NOMEM;
	if (l->n)
		memcpy(item, l->item, l->n * sizeof(*item));
	l->item = item;
	w->room = room;
	return OK;
}

void modification_work_explain(struct modification_work *w, const struct pdf_diff_object *object)
{
	if (object)
		w->explained[object - w->diff.item] = true;
}

bool modification_work_permits(const struct modification_work *w, int level)
{
	return w->level == 0 || w->level >= level;
}

enum err modification_work_note(struct modification_work *w, const struct pdf_diff_object *object,
    enum report_modification_kind kind, bool allowed, const char *rule, const char *path, ...)
{
	struct modification_list *l = w->list;
	char text[512];
	modification_work_explain(w, object);
	l->any_forbidden |= !allowed;
	l->any_annotation |= allowed && kind == MODIFICATION_ANNOTATION;
	l->any_form_fill |= allowed && kind == MODIFICATION_FORM_FILL;
	if (l->n == LIMIT_MODIFICATIONS)
		return OK;
	TRY(make_room(w));
	va_list ap;
	va_start(ap, path);
	vsnprintf(text, sizeof(text), path, ap);
	va_end(ap);
	struct report_modification m = { .kind = kind, .allowed = allowed, .rule = rule };
	if (object) {
		m.object.num = object->ref.num;
		m.object.gen = object->ref.gen;
	}
	TRY(bytes_to_str(w->s, bytes_of_str(text), &m.path));
	l->item[l->n++] = m;
	return OK;
}

/* -- what permissions hold -- */

/* ISO 32000-2 12.8.2.2: the certifying signature's P; and the P of locks. The strictest of those
 * set up to and including the signature in question. */
static int level_that_holds(const struct modification_work *w)
{
	int level = 0;
	for (size_t i = 0; i < w->all->n; i++) {
		const struct pdf_signature *p = &w->all->item[i];
		if (p->made_in > w->rev)
			continue;
		const int set[] = { p->docmdp, p->fieldmdp.permissions };
		for (size_t k = 0; k < 2; k++)
			if (set[k] && (level == 0 || set[k] < level))
				level = set[k];
	}
	return level;
}

/* -- structure of the file -- */

/* One section, its startxref leads to that, it ends with %%EOF, and its trailer names the catalog.
 */
static bool is_well_formed(const struct pdf_file *f, const struct pdf_revision *r)
{
	struct bytes eof = BYTES_LIT("%%EOF");
	if (r->startxref == SIZE_MAX || r->eof < eof.n || r->n_sections != 1)
		return false;
	return r->points_to == r->sections[0]->offset &&
	       bytes_equal(bytes_cut(f->bytes, r->eof - eof.n, eof.n), eof) &&
	       pdf_value_find(r->sections[0]->trailer, "Root") != NULL;
}

static enum err check_structure(struct modification_work *w)
{
	if (w->diff.misplaced)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.6",
		    "an update's cross-reference points at older bytes (object %u)",
		    w->diff.misplaced));
	/* Slips are tolerated in what was signed, not in what came afterwards. */
	for (size_t r = w->rev + 1; r < w->file->n_revisions; r++)
		if (!is_well_formed(w->file, &w->file->revisions[r]))
			TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
			    "ISO 32000-2 7.5.5", "update %zu of the file is not well-formed",
			    r + 1));
	if (w->file->quirks & PDF_QUIRK_TRAILING)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.5",
		    "data that belongs to no update follows the end of the file"));
	for (size_t i = 0; i < w->diff.n; i++)
		if (w->diff.item[i].is_unreadable)
			TRY(modification_work_note(w, &w->diff.item[i], MODIFICATION_FILE_STRUCTURE,
			    false, "ISO 32000-2 7.5.4", "an object that cannot be read"));
	return OK;
}

static enum err check_trailer(struct modification_work *w)
{
	const struct pdf_value *old = pdf_file_trailer(w->file, w->rev);
	const struct pdf_value *now = pdf_file_trailer(w->file, w->latest);
	static const char *const fixed[] = { "Root", "Encrypt" };
	for (size_t i = 0; i < 2; i++) {
		const struct pdf_value *a = pdf_value_find(old, fixed[i]);
		const struct pdf_value *b = pdf_value_find(now, fixed[i]);
		if (a && b ? !pdf_value_equal(a, b) : a != b)
			TRY(modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
			    "ISO 32000-2 7.5.5", "trailer /%s", fixed[i]));
	}
	const struct pdf_value *info = pdf_value_find(now, "Info");
	const struct pdf_diff_object *o =
	    info && info->kind == PDF_REF ? pdf_diff_find(&w->diff, info->ref.num) : NULL;
	if (o && !o->was_there)
		return modification_work_note(w, o, MODIFICATION_METADATA, true,
		    "ISO 32000-2 14.3.3", "document information");
	/* An object that became /Info must have been so before, or it has another use too. */
	const struct pdf_value *old_info = pdf_value_find(old, "Info");
	if (o && old_info && pdf_value_is_ref_to(old_info, info->ref))
		return modification_work_note(w, o, MODIFICATION_METADATA, true,
		    "ISO 32000-2 14.3.3", "document information");
	return OK;
}

/* -- the document security store -- */

/* Everything below /DSS is validation data: dictionaries, arrays and streams of its own. */
static enum err explain_store(struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > 8)
		return OK;
	if (v->kind == PDF_REF) {
		const struct pdf_diff_object *o = pdf_diff_find(&w->diff, v->ref.num);
		if (!o || w->explained[o - w->diff.item])
			return OK;
		modification_work_explain(w, o);
		v = o->now;
	}
	if (v->kind == PDF_ARRAY)
		for (size_t i = 0; i < v->array.n; i++)
			TRY(explain_store(w, v->array.item[i], depth + 1));
	if (v->kind == PDF_DICT)
		for (size_t i = 0; i < v->dict.n; i++)
			TRY(explain_store(w, v->dict.item[i].value, depth + 1));
	return OK;
}

/* The store may have had any object number before: an object of another use does not turn into it.
 */
static bool was_store(const struct pdf_value *old_entry, const struct pdf_diff_object *o)
{
	return !o->was_there ||
	       (old_entry && old_entry->kind == PDF_REF && old_entry->ref.num == o->ref.num);
}

static enum err check_store(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_diff_object *o =
	    now && now->kind == PDF_REF ? pdf_diff_find(&w->diff, now->ref.num) : NULL;
	if (!now)
		return old ? modification_work_note(w, NULL, MODIFICATION_LTV_UPDATE, true,
				 "EN 319 142-1 5.4", "validation data (DSS) was removed")
			   : OK;
	bool same = old && pdf_value_equal(old, now);
	if (!o && same)
		return explain_store(w, now, 0);
	if (o && !was_store(old, o))
		return OK; /* left unexplained */
	TRY(explain_store(w, now, 0));
	return modification_work_note(
	    w, o, MODIFICATION_LTV_UPDATE, true, "EN 319 142-1 5.4", "validation data (DSS)");
}

/* -- the catalog -- */

static enum err check_metadata(struct modification_work *w, const char *key,
    const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_diff_object *o =
	    now && now->kind == PDF_REF ? pdf_diff_find(&w->diff, now->ref.num) : NULL;
	if (o && o->was_there && !pdf_value_is_ref_to(old, now->ref))
		return OK;
	if (!o && old && now && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(
	    w, o, MODIFICATION_METADATA, true, "ISO 32000-2 14.3", "catalog /%s", key);
}

static enum err check_catalog_entry(struct modification_work *w, const char *key,
    const struct pdf_value *old, const struct pdf_value *now)
{
	if (strcmp(key, "DSS") == 0)
		return check_store(w, old, now);
	if (strcmp(key, "AcroForm") == 0)
		return modification_form_check(w, old, now);
	if (strcmp(key, "Extensions") == 0 || strcmp(key, "Version") == 0 ||
	    strcmp(key, "Metadata") == 0)
		return check_metadata(w, key, old, now);
	if (old && now && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
	    "ISO 32000-2 12.8.2.2", "catalog /%s was %s", key,
	    !old  ? "added"
	    : now ? "changed"
		  : "removed");
}

static enum err check_catalog(struct modification_work *w)
{
	const struct pdf_value *old, *now;
	enum err err = pdf_file_catalog(w->s, w->file, w->rev, &old);
	if (err == OK)
		err = pdf_file_catalog(w->s, w->file, w->latest, &now);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK) {
		scope_forgive(w->s);
		return modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 7.7.2", "the catalog cannot be read");
	}
	modification_work_explain(w, pdf_diff_find(&w->diff, w->file->root.num));
	for (size_t i = 0; i < now->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, now->dict.item[i].key, &key));
		TRY(check_catalog_entry(w, key, pdf_value_find(old, key), now->dict.item[i].value));
	}
	for (size_t i = 0; i < old->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, old->dict.item[i].key, &key));
		if (!pdf_value_find(now, key))
			TRY(check_catalog_entry(w, key, old->dict.item[i].value, NULL));
	}
	return OK;
}

/* -- the rest -- */

static const char *kind_text(const struct pdf_value *v)
{
	if (pdf_value_is_name(pdf_value_find(v, "Type"), "Page"))
		return "a page";
	if (pdf_value_is_name(pdf_value_find(v, "Type"), "Pages"))
		return "the page tree";
	if (pdf_value_is_name(pdf_value_find(v, "Type"), "Font"))
		return "a font";
	if (pdf_value_is_name(pdf_value_find(v, "Subtype"), "Image"))
		return "an image";
	if (pdf_value_is_name(pdf_value_find(v, "Subtype"), "Form"))
		return "a form XObject";
	return v->kind == PDF_STREAM ? "a stream" : "an object";
}

/* What existed and changed without any rule that allows it. New objects can do nothing by
 * themselves: something that leads to them has changed, and was judged. */
static enum err check_unexplained(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (w->explained[i] || !o->was_there || o->is_container)
			continue;
		bool page = pdf_value_is_name(pdf_value_find(o->old, "Type"), "Page") ||
			    o->old->kind == PDF_STREAM;
		TRY(modification_work_note(w, o,
		    page ? MODIFICATION_PAGE_CONTENT : MODIFICATION_UNKNOWN, false,
		    "ISO 32000-2 12.8.2.2", "%s was %s", kind_text(o->old),
		    o->now->kind == PDF_NULL ? "removed" : "changed"));
	}
	return OK;
}

/* The signature's own dictionary and field are as they were (PDF signature spoofing). */
static enum err check_own_signature(struct modification_work *w)
{
	const struct pdf_diff_object *value = pdf_diff_find(&w->diff, w->sig->value.num);
	if (w->sig->value.num && value)
		TRY(modification_work_note(w, value, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.8.1", "the dictionary of signature \"%s\" was changed",
		    w->sig->name));
	const struct pdf_diff_object *field = pdf_diff_find(&w->diff, w->sig->field.num);
	if (w->sig->field.num && field)
		TRY(modification_work_note(w, field, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.7.5.5", "the field of signature \"%s\" was changed",
		    w->sig->name));
	return OK;
}

enum err modification_find(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *sig, const struct pdf_signature_list *all, size_t revision,
    struct modification_list *ret_list)
{
	struct modification_list list = { 0 };
	struct modification_work w = { .s = s,
		.file = file,
		.sig = sig,
		.all = all,
		.rev = revision,
		.latest = pdf_file_latest(file),
		.list = &list };
	if (revision < w.latest) {
		TRY(pdf_diff_since(s, file, revision, &w.diff));
		w.explained = scope_alloc_array(s, w.diff.n, sizeof(*w.explained));
		if (!w.explained)
			return ERR_NOMEM;
		w.level = level_that_holds(&w);
		TRY(check_structure(&w));
		TRY(check_own_signature(&w));
		TRY(check_trailer(&w));
		TRY(check_catalog(&w));
		TRY(modification_form_check_fields(&w));
		TRY(modification_page_check(&w));
		TRY(check_unexplained(&w));
	} else if (file->quirks & PDF_QUIRK_TRAILING) {
		TRY(check_structure(&w));
	}
	*ret_list = list;
	return OK;
}
