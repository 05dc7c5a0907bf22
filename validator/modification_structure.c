/* The structure tree (ISO 32000-2 14.7): it may grow by elements for new widgets, as taggers do
 * when a signature field is added; nothing that was there may change. */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

/* -- elements that are new -- */

/* An element that holds nothing but references to new widgets, and other such elements. */
static enum err is_for_widgets(
    struct modification_work *w, const struct pdf_value *v, int depth, bool *ret_is)
{
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	const struct pdf_value *kids, *subtype;
	*ret_is = false;
	if (depth > MODIFICATION_DEPTH || (v->kind == PDF_REF && (!o || o->was_there)))
		return OK;
	TRY(modification_work_resolve(w, w->latest, v, &v));
	if (pdf_value_is_name(pdf_value_find(v, "Type"), "OBJR")) {
		const struct pdf_value *obj = pdf_value_find(v, "Obj");
		const struct pdf_diff_object *widget = modification_work_changed(w, obj);
		TRY(modification_work_find(w, w->latest, obj, "Subtype", &subtype));
		*ret_is = widget && !widget->was_there && pdf_value_is_name(subtype, "Widget");
		return OK;
	}
	/* What is read out instead of the widget (14.9.4) would be said by nobody who signed. */
	if (v->kind != PDF_DICT || !pdf_value_find(v, "S") || pdf_value_find(v, "ActualText"))
		return OK;
	TRY(modification_work_find(w, w->latest, v, "K", &kids));
	*ret_is = true;
	if (kids->kind == PDF_DICT)
		return is_for_widgets(w, pdf_value_find(v, "K"), depth + 1, ret_is);
	for (size_t i = 0; *ret_is && kids->kind == PDF_ARRAY && i < kids->array.n; i++)
		TRY(is_for_widgets(w, kids->array.item[i], depth + 1, ret_is));
	*ret_is = *ret_is && kids->kind == PDF_ARRAY && kids->array.n > 0;
	return OK;
}

/* /K of an element or of the root: what it was, and new elements after that. One kid may have
 * stood there without an array. */
static enum err has_grown(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_has)
{
	const struct pdf_value *old_kids, *kids;
	TRY(modification_work_resolve(w, w->rev, old, &old_kids));
	TRY(modification_work_resolve(w, w->latest, now, &kids));
	if (kids->kind != PDF_ARRAY)
		return modification_work_is_same(w, old, now, ret_has);
	size_t n = old_kids->kind == PDF_ARRAY ? old_kids->array.n : old_kids->kind != PDF_NULL;
	*ret_has = kids->array.n >= n;
	for (size_t i = 0; *ret_has && i < n; i++)
		TRY(modification_work_is_same(w,
		    old_kids->kind == PDF_ARRAY ? old_kids->array.item[i] : old,
		    kids->array.item[i], ret_has));
	for (size_t i = n; *ret_has && i < kids->array.n; i++)
		TRY(is_for_widgets(w, kids->array.item[i], 0, ret_has));
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	if (*ret_has && o)
		modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	return OK;
}

/* -- number trees (7.9.7) -- */

struct pair {
	const struct pdf_value *key, *value;
};

struct pairs {
	struct pair *item;
	size_t n, room;
	bool is_broken;
};

static enum err add_pair(struct modification_work *w, struct pairs *p, struct pair pair)
{
	if (p->n == p->room) {
		const size_t room = p->room ? 2 * p->room : 64;
		struct pair *item =
		    scope_resize(w->s, p->item, p->room * sizeof(*item), room * sizeof(*item));
		if (!item)
			return ERR_NOMEM;
		p->item = item;
		p->room = room;
	}
	p->item[p->n++] = pair;
	return OK;
}

/* In order; nodes that changed are explained when the whole tree is found to be sound. */
static enum err flatten(struct modification_work *w, size_t rev, const struct pdf_value *node,
    int depth, struct pairs *p)
{
	const struct pdf_value *nums, *kids;
	if (depth > MODIFICATION_DEPTH || p->n > LIMIT_PDF_PAGES) {
		p->is_broken = true;
		return OK;
	}
	TRY(modification_work_find(w, rev, node, "Nums", &nums));
	TRY(modification_work_find(w, rev, node, "Kids", &kids));
	for (size_t i = 0; nums->kind == PDF_ARRAY && i + 1 < nums->array.n; i += 2)
		TRY(add_pair(w, p, (struct pair){ nums->array.item[i], nums->array.item[i + 1] }));
	for (size_t i = 0; !p->is_broken && kids->kind == PDF_ARRAY && i < kids->array.n; i++)
		TRY(flatten(w, rev, kids->array.item[i], depth + 1, p));
	return OK;
}

static enum err explain_nodes(struct modification_work *w, const struct pdf_value *node, int depth)
{
	static const char *const below[] = { "Nums", "Kids" };
	const struct pdf_value *kids;
	if (!node || depth > MODIFICATION_DEPTH)
		return OK;
	modification_work_explain(w, modification_work_changed(w, node), MODIFICATION_ROLE_JUDGED);
	TRY(modification_work_resolve(w, w->latest, node, &node));
	for (size_t k = 0; k < 2; k++)
		modification_work_explain(w,
		    modification_work_changed(w, pdf_value_find(node, below[k])),
		    MODIFICATION_ROLE_JUDGED);
	TRY(modification_work_find(w, w->latest, node, "Kids", &kids));
	for (size_t i = 0; kids->kind == PDF_ARRAY && i < kids->array.n; i++)
		TRY(explain_nodes(w, kids->array.item[i], depth + 1));
	return OK;
}

/* Walking a tree costs as much as the document is large: only when a node may have changed. */
static bool may_have_changed(
    const struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	if (!old || !pdf_value_equal(old, now))
		return true;
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_value *v = w->diff.item[i].old;
		if (w->role[i] == MODIFICATION_ROLE_NONE && w->diff.item[i].was_there &&
		    (v->kind == PDF_ARRAY || pdf_value_find(v, "Nums") ||
			pdf_value_find(v, "Limits") || pdf_value_find(v, "Kids")))
			return true;
	}
	return false;
}

/* All old pairs are there in their order; the others lead to new elements. */
static enum err parent_tree_has_grown(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_has)
{
	struct pairs before = { 0 }, after = { 0 };
	size_t next = 0;
	TRY(flatten(w, w->rev, old, 0, &before));
	TRY(flatten(w, w->latest, now, 0, &after));
	*ret_has = !before.is_broken && !after.is_broken;
	for (size_t i = 0; *ret_has && i < after.n; i++) {
		if (next < before.n && pdf_value_equal(before.item[next].key, after.item[i].key)) {
			TRY(modification_work_is_same(
			    w, before.item[next++].value, after.item[i].value, ret_has));
			continue;
		}
		TRY(is_for_widgets(w, after.item[i].value, 0, ret_has));
	}
	*ret_has = *ret_has && next == before.n;
	return *ret_has ? explain_nodes(w, now, 0) : OK;
}

/* -- what was there -- */

/* An entry of the root or of an element, by its key. */
static enum err check_entry(struct modification_work *w, const char *key,
    const struct pdf_value *old, const struct pdf_value *now, bool *ret_ok)
{
	*ret_ok = true;
	if ((strcmp(key, "K") == 0 || strcmp(key, "ParentTree") == 0) && now &&
	    !may_have_changed(w, old, now))
		return OK;
	if (strcmp(key, "K") == 0 && now)
		return has_grown(w, old, now, ret_ok);
	if (strcmp(key, "ParentTree") == 0 && now)
		return parent_tree_has_grown(w, old, now, ret_ok);
	if (strcmp(key, "ParentTreeNextKey") == 0)
		return OK;
	return modification_work_is_same(w, old, now, ret_ok);
}

static enum err check_entries(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, const char **ret_bad)
{
	const struct pdf_value *const sides[2] = { now, old };
	*ret_bad = NULL;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; sides[side]->kind == PDF_DICT && i < sides[side]->dict.n; i++) {
			char *key;
			bool ok;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			TRY(check_entry(
			    w, key, pdf_value_find(old, key), pdf_value_find(now, key), &ok));
			if (!ok && !*ret_bad)
				*ret_bad = key;
		}
	return OK;
}

static bool is_element(const struct pdf_value *v)
{
	return v->kind == PDF_DICT && pdf_value_find(v, "S") && pdf_value_find(v, "P") &&
	       !pdf_value_find(v, "Rect");
}

static enum err check_elements(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		const char *bad;
		if (w->role[i] != MODIFICATION_ROLE_NONE || !o->was_there || !is_element(o->old) ||
		    !is_element(o->now))
			continue;
		TRY(check_entries(w, o->old, o->now, &bad));
		modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
		TRY(modification_work_note(w, o, MODIFICATION_STRUCTURE,
		    !bad && modification_work_permits(w, 2), "ISO 32000-2 14.7.2",
		    "structure element%s%s", bad ? " /" : " for new fields", bad ? bad : ""));
	}
	return OK;
}

enum err modification_structure_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *old_root, *root;
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	const char *bad;
	TRY(modification_work_resolve(w, w->rev, old, &old_root));
	TRY(modification_work_resolve(w, w->latest, now, &root));
	if (old_root->kind != PDF_DICT || root->kind != PDF_DICT) {
		if (pdf_value_equal(old_root, root))
			return OK;
		return modification_work_note(w, o, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 14.7.2", "the structure tree was %s", now ? "added" : "removed");
	}
	const bool direct = now->kind != PDF_REF && !pdf_value_equal(old_root, root);
	const bool changed = o || direct || !pdf_value_equal(old, now);
	TRY(check_elements(w));
	TRY(check_entries(w, old_root, root, &bad));
	if (!changed && !bad)
		return OK;
	modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	return modification_work_note(w, o, MODIFICATION_STRUCTURE, !bad, "ISO 32000-2 14.7.2",
	    "structure tree%s%s", bad ? " /" : " for new fields", bad ? bad : "");
}
