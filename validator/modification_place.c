/*
 * Through which places of the document a changed object is reached. An object that may change where
 * it is an appearance, part of the store, /Extensions ... may also stand where nothing may change:
 * then changing it is forbidden. And a reference that led nowhere as signed must not be given an
 * object.
 *
 * The places are found backwards, from the object to what refers to it, and only for objects that
 * changed; the references of a file are collected once.
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

#define PLACES_MAX 1000 /* places of one object that are looked at; more is taken as forbidden */
#define VALUES_MAX                                                                                 \
	20000000 /* in the holders of all changed objects; honest ones hold thousands              \
		  */

enum place {
	PLACE_WRONG,
	PLACE_RIGHT,
	PLACE_BETWEEN, /* right if what holds it is in the right place itself */
};

static enum err need_references(struct modification_work *w, bool *ret_have)
{
	*ret_have = true;
	if (w->history->references)
		return OK;
	const enum err err = pdf_references_collect(w->s, w->file, &w->history->references);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(w->s);
	*ret_have = false;
	return OK;
}

/* Whether a revision's trailer leads to an object. */
static enum err is_reached(struct modification_work *w, size_t rev, uint32_t num, bool *ret_is)
{
	const uint8_t **bits = &w->history->reach[rev];
	if (!*bits)
		TRY(pdf_references_reach(w->s, w->file, rev, bits));
	*ret_is = num == 0 || ((*bits)[num / 8] & 1 << num % 8) != 0;
	return OK;
}

/* -- which places a role has -- */

static bool is_key(const char *key, const char *a, const char *b)
{
	return strcmp(key, a) == 0 || strcmp(key, b) == 0;
}

static enum err field_place(
    struct modification_work *w, size_t rev, const struct pdf_value *holder, enum place *ret_place)
{
	char *name;
	TRY(modification_field_name(w, rev, holder, &name));
	*ret_place = modification_field_is_locked(w, name) ? PLACE_WRONG : PLACE_RIGHT;
	return OK;
}

/* A dictionary or array without a type of its own, between a field or the store and the object. */
static bool is_plain(const struct pdf_value *holder)
{
	return holder->kind == PDF_ARRAY ||
	       (holder->kind == PDF_DICT && !pdf_value_find(holder, "Type"));
}

static bool is_store_node(const struct pdf_value *holder)
{
	const struct pdf_value *type = pdf_value_find(holder, "Type");
	return is_plain(holder) || pdf_value_is_name(type, "DSS") || pdf_value_is_name(type, "VRI");
}

/* A page's /Annots; other annotations that belong to it (12.5.6.2, 12.5.6.14), actions that name it
 * (12.6.4.11, 12.6.4.14), the structure tree's object references (14.7.5.3). */
static enum place annotation_place(const struct pdf_value *holder, const char *key, uint32_t num)
{
	static const char *const keys[] = { "Popup", "Parent", "IRT", "T", "AN", "A", "AA", "Obj" };
	if (modification_annotation_is_page(holder))
		return strcmp(key, "Annots") == 0 ? PLACE_RIGHT : PLACE_WRONG;
	if (holder->kind == PDF_ARRAY && num != 0)
		return PLACE_BETWEEN;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (num != 0 && strcmp(key, keys[i]) == 0)
			return PLACE_RIGHT;
	/* An object reference that stands in its structure element. */
	return strcmp(key, "K") == 0 && pdf_value_find(holder, "S") ? PLACE_RIGHT : PLACE_WRONG;
}

/* `key` under which `holder`, object `num`, refers to it; "" in an array. */
static enum err judge_place(struct modification_work *w, enum modification_role role, size_t rev,
    uint32_t num, const struct pdf_value *holder, const char *key, enum place *ret_place)
{
	const bool catalog = modification_work_is_catalog(w, rev, num);
	const bool field = !catalog && num != 0 && modification_field_is_one(holder);
	*ret_place = PLACE_WRONG;
	/* OpenOffice lists there what no reader of PDF looks at. */
	if (num == 0 && strcmp(key, "AdditionalStreams") == 0)
		role = MODIFICATION_ROLE_JUDGED;
	switch (role) {
	case MODIFICATION_ROLE_NONE:
		break;
	case MODIFICATION_ROLE_JUDGED:
		*ret_place = PLACE_RIGHT;
		break;
	case MODIFICATION_ROLE_INFO:
		*ret_place = num == 0 && strcmp(key, "Info") == 0 ? PLACE_RIGHT : PLACE_WRONG;
		break;
	case MODIFICATION_ROLE_CATALOG:
		if (catalog)
			*ret_place =
			    is_key(key, "Metadata", "Extensions") ? PLACE_RIGHT : PLACE_WRONG;
		else if (num != 0 && is_plain(holder) && !field)
			*ret_place = PLACE_BETWEEN;
		break;
	case MODIFICATION_ROLE_STORE:
		if (catalog)
			*ret_place = strcmp(key, "DSS") == 0 ? PLACE_RIGHT : PLACE_WRONG;
		else if (num != 0 && is_store_node(holder) && !field)
			*ret_place = PLACE_BETWEEN;
		break;
	case MODIFICATION_ROLE_FORM:
		if (catalog)
			*ret_place = strcmp(key, "AcroForm") == 0 ? PLACE_RIGHT : PLACE_WRONG;
		else if (num != 0 && (is_key(key, "Fields", "XFA") || holder->kind == PDF_ARRAY))
			*ret_place = PLACE_BETWEEN;
		break;
	case MODIFICATION_ROLE_NEW:
	case MODIFICATION_ROLE_APPEARANCE:
		if (field && strcmp(key, "AP") == 0)
			return field_place(w, rev, holder, ret_place);
		if (num != 0 && is_plain(holder) && holder->kind == PDF_DICT && !catalog && !field)
			*ret_place = PLACE_BETWEEN;
		break;
	case MODIFICATION_ROLE_VALUE:
		if (field && is_key(key, "V", "RV"))
			return field_place(w, rev, holder, ret_place);
		break;
	case MODIFICATION_ROLE_ANNOTS:
		if (modification_annotation_is_page(holder))
			*ret_place = strcmp(key, "Annots") == 0 ? PLACE_RIGHT : PLACE_WRONG;
		break;
	case MODIFICATION_ROLE_ANNOTATION:
		*ret_place = annotation_place(holder, key, num);
		break;
	}
	return OK;
}

/* -- from an object to its places -- */

struct search {
	struct modification_work *w;
	enum modification_role role;
	size_t rev;
	int left;      /* places */
	uint32_t from; /* the object refers to itself: no place */
	bool wrong;
	char where[128];
};

static enum err check_places(struct search *q, uint32_t num, uint32_t gen, int depth);

static bool mentions(struct modification_work *w, const struct pdf_value *v, struct pdf_ref ref)
{
	bool found = v->kind == PDF_REF && pdf_value_refs_equal(v->ref, ref);
	w->places_left -= w->places_left > 0;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n && !found; i++)
		found = mentions(w, v->array.item[i], ref);
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n && !found; i++)
		found = mentions(w, v->dict.item[i].value, ref);
	return found;
}

/* A wrong place counts when the document leads there at all. */
static enum err take(
    struct search *q, const struct pdf_reference *r, const char *key, enum place place, int depth)
{
	bool reached;
	if (place == PLACE_RIGHT)
		return OK;
	if (place == PLACE_BETWEEN && depth < MODIFICATION_DEPTH) {
		const struct pdf_xref_entry *e =
		    pdf_file_entry(q->w->file, q->rev, r->holder, NULL);
		return check_places(q, r->holder, e ? e->gen : 0, depth + 1);
	}
	TRY(is_reached(q->w, q->rev, r->holder, &reached));
	if (!reached)
		return OK;
	q->wrong = true;
	if (r->holder)
		snprintf(
		    q->where, sizeof(q->where), "object %u%s%s", r->holder, *key ? " /" : "", key);
	else
		snprintf(q->where, sizeof(q->where), "the trailer /%s", key);
	return OK;
}

static enum err check_holder(struct search *q, const struct pdf_reference *r, int depth)
{
	struct modification_work *w = q->w;
	const struct pdf_value *holder = pdf_file_trailer(w->file, q->rev);
	enum place place;
	if (r->holder) {
		const struct pdf_xref_entry *e = pdf_file_entry(w->file, q->rev, r->holder, NULL);
		const struct pdf_value ref = { .kind = PDF_REF,
			.ref = { r->holder, e ? e->gen : 0 } };
		TRY(modification_work_resolve(w, q->rev, &ref, &holder));
	}
	if (holder->kind == PDF_ARRAY) {
		TRY(judge_place(w, q->role, q->rev, r->holder, holder, "", &place));
		return take(q, r, "", place, depth);
	}
	const struct pdf_value *dict = holder->kind == PDF_STREAM ? holder->stream.dict : holder;
	for (size_t i = 0; dict->kind == PDF_DICT && i < dict->dict.n && !q->wrong; i++) {
		char *key;
		if (!mentions(w, dict->dict.item[i].value, r->target))
			continue;
		TRY(bytes_to_str(w->s, dict->dict.item[i].key, &key));
		TRY(judge_place(w, q->role, q->rev, r->holder, holder, key, &place));
		TRY(take(q, r, key, place, depth));
	}
	return OK;
}

/* What came with an update and was explained is no place of its own: it belongs to a change that
 * was judged. */
static bool is_new_holder(const struct search *q, const struct pdf_reference *r)
{
	const struct pdf_diff_object *o = pdf_diff_find(&q->w->diff, r->holder);
	return q->rev == q->w->latest && r->holder && o && !o->was_there;
}

static enum err check_places(struct search *q, uint32_t num, uint32_t gen, int depth)
{
	const struct pdf_reference *r;
	size_t n;
	pdf_references_to(q->w->history->references, num, &r, &n);
	for (size_t i = 0; i < n && !q->wrong; i++) {
		if (r[i].target.gen != gen || r[i].holder == q->from ||
		    !pdf_references_is_seen(&r[i], q->rev) || is_new_holder(q, &r[i]))
			continue;
		/* A holder's references to one target stand together. */
		if (i > 0 && r[i - 1].holder == r[i].holder && r[i - 1].rev == r[i].rev &&
		    r[i - 1].target.gen == gen)
			continue;
		if (q->left-- <= 0 || q->w->places_left == 0) {
			q->wrong = true;
			snprintf(q->where, sizeof(q->where), "too many places");
			return OK;
		}
		TRY(check_holder(q, &r[i], depth));
	}
	return OK;
}

static enum err find_wrong_place(struct modification_work *w, const struct pdf_diff_object *o,
    size_t rev, struct search *ret_search)
{
	struct search q = { .w = w,
		.role = w->role[o - w->diff.item],
		.rev = rev,
		.left = PLACES_MAX,
		.from = o->ref.num };
	TRY(check_places(&q, o->ref.num, o->ref.gen, 0));
	*ret_search = q;
	return OK;
}

/* -- verdicts -- */

static const char *kind_text(const struct pdf_value *v)
{
	static const struct {
		const char *key, *name, *text;
	} kinds[] = {
		{ "Type", "Page", "a page" },
		{ "Type", "Pages", "the page tree" },
		{ "Type", "Font", "a font" },
		{ "Type", "FontDescriptor", "a font" },
		{ "Type", "OCG", "an optional content group" },
		{ "Type", "Metadata", "a metadata stream" },
		{ "Type", "ObjStm", "an object stream that older objects stand in" },
		{ "Subtype", "Image", "an image" },
		{ "Subtype", "Form", "a form XObject" },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (pdf_value_is_name(pdf_value_find(v, kinds[i].key), kinds[i].name))
			return kinds[i].text;
	return v->kind == PDF_STREAM ? "a stream" : "an object";
}

static enum report_modification_kind kind_of(const struct pdf_value *v)
{
	return v->kind == PDF_STREAM || pdf_value_is_name(pdf_value_find(v, "Type"), "Page") ||
		       pdf_value_is_name(pdf_value_find(v, "Type"), "Font")
		   ? MODIFICATION_PAGE_CONTENT
		   : MODIFICATION_UNKNOWN;
}

static enum err note_wrong(
    struct modification_work *w, const struct pdf_diff_object *o, const struct search *q)
{
	if (!o->was_there)
		return modification_work_note(w, o, MODIFICATION_PAGE_CONTENT, false,
		    "ISO 32000-2 7.3.10", "%s was put where a reference had led nowhere (from %s)",
		    kind_text(o->now), q->where);
	if (q->role == MODIFICATION_ROLE_NONE)
		return modification_work_note(w, o, kind_of(o->old), false, "ISO 32000-2 12.8.2.2",
		    "%s was %s (reached from %s)", kind_text(o->old),
		    o->now->kind == PDF_NULL ? "removed" : "changed", q->where);
	return modification_work_note(w, o, kind_of(o->old), false, "ISO 32000-2 12.8.2.2",
	    "%s that may change is also reached from %s", kind_text(o->old), q->where);
}

/* Object streams are no content; but what was sealed in one must not be exchanged with it. */
static enum err check_container(struct modification_work *w, const struct pdf_diff_object *o)
{
	if (!o->was_there || !pdf_value_is_name(pdf_value_find(o->old, "Type"), "ObjStm"))
		return OK;
	for (size_t rev = 0; rev <= w->latest; rev++)
		for (size_t k = 0; k < w->file->revisions[rev].n_sections; k++) {
			const struct pdf_section *section = w->file->revisions[rev].sections[k];
			for (size_t i = 0; i < section->n_entries; i++) {
				const struct pdf_xref_entry *e = &section->entries[i];
				if (e->kind != PDF_ENTRY_COMPRESSED || e->stream != o->ref.num ||
				    rev > w->rev ||
				    pdf_file_entry(w->file, w->latest, e->num, NULL) != e)
					continue;
				return modification_work_note(w, o, MODIFICATION_PAGE_CONTENT,
				    false, "ISO 32000-2 7.5.7",
				    "an object stream that older objects stand in was changed");
			}
		}
	return OK;
}

/* References to the generation that was lead nowhere now: for them it is freed. */
static enum err check_generation(struct modification_work *w, const struct pdf_diff_object *o)
{
	struct search q = { .w = w, .rev = w->latest, .left = PLACES_MAX, .from = o->ref.num };
	TRY(check_places(&q, o->ref.num, o->old_gen, 0));
	return q.wrong ? modification_work_note(w, o, MODIFICATION_FILE_STRUCTURE, false,
			     "ISO 32000-2 7.5.4", "an object in use was given another generation")
		       : OK;
}

/* Where a wrong place is looked for. Of something new: dangling references as signed that are still
 * there. Of something freed: references that are left. */
static enum err check_object(struct modification_work *w, const struct pdf_diff_object *o)
{
	struct search q = { 0 };
	const enum modification_role role = w->role[o - w->diff.item];
	if (o->has_new_generation)
		TRY(check_generation(w, o));
	if (role == MODIFICATION_ROLE_JUDGED)
		return OK;
	if (o->was_there && o->now->kind == PDF_NULL && role == MODIFICATION_ROLE_NONE) {
		TRY(find_wrong_place(w, o, w->latest, &q));
		return q.wrong ? note_wrong(w, o, &q) : OK;
	}
	TRY(find_wrong_place(w, o, w->rev, &q));
	if (!q.wrong && o->was_there && role != MODIFICATION_ROLE_NEW)
		TRY(find_wrong_place(w, o, w->latest, &q));
	return q.wrong ? note_wrong(w, o, &q) : OK;
}

enum err modification_place_check(struct modification_work *w)
{
	bool have;
	if (w->diff.n == 0)
		return OK;
	w->places_left = VALUES_MAX;
	TRY(need_references(w, &have));
	if (!have)
		return modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.3.10", "who refers to the changed objects cannot be found out");
	for (size_t i = 0; i < w->diff.n; i++) {
		if (pdf_value_is_name(pdf_value_find(w->diff.item[i].old, "Type"), "ObjStm"))
			TRY(check_container(w, &w->diff.item[i]));
		if (!w->diff.item[i].is_container)
			TRY(check_object(w, &w->diff.item[i]));
	}
	return OK;
}
