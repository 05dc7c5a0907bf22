/* What all parts of a comparison use. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

#define SAME_VALUES 20000 /* compared in one question: a page's resources hold some hundred */

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

static enum err append(struct modification_work *w, struct report_modification m, const char *text)
{
	TRY(make_room(w));
	TRY(bytes_to_str(w->s, bytes_of_str(text), &m.path));
	w->list->item[w->list->n++] = m;
	if (!m.allowed && !w->list->first_forbidden)
		w->list->first_forbidden = m.path;
	return OK;
}

static bool is_listed(
    const struct modification_list *l, size_t n, const struct report_modification *m)
{
	for (size_t i = 0; m->object.num && i < n; i++)
		if (l->item[i].object.num == m->object.num && l->item[i].kind == m->kind &&
		    l->item[i].allowed == m->allowed)
			return true;
	return false;
}

enum err modification_work_add(struct modification_work *w, const struct modification_list *later)
{
	struct modification_list *l = w->list;
	const size_t own = l->n;
	l->any_annotation |= later->any_annotation;
	l->any_form_fill |= later->any_form_fill;
	l->any_look |= later->any_look;
	l->any_evidence |= later->any_evidence;
	for (size_t i = 0; i < later->n && l->n < LIMIT_MODIFICATIONS; i++) {
		if (is_listed(l, own, &later->item[i]))
			continue;
		TRY(make_room(w));
		l->item[l->n++] = later->item[i];
	}
	return OK;
}

enum err modification_work_note(struct modification_work *w, const struct pdf_diff_object *object,
    enum report_modification_kind kind, bool allowed, const char *rule, const char *path, ...)
{
	struct modification_list *l = w->list;
	char text[512];
	l->any_annotation |= allowed && kind == MODIFICATION_ANNOTATION;
	l->any_form_fill |= allowed && kind == MODIFICATION_FORM_FILL;
	const bool first = !allowed && !l->any_forbidden;
	l->any_forbidden |= !allowed;
	if (l->n >= LIMIT_MODIFICATIONS && !first)
		return OK;
	va_list ap;
	va_start(ap, path);
	vsnprintf(text, sizeof(text), path, ap);
	va_end(ap);
	struct report_modification m = { .kind = kind, .allowed = allowed, .rule = rule };
	if (object) {
		m.object.num = object->ref.num;
		m.object.gen = object->ref.gen;
	}
	return append(w, m, text);
}

/* -- explaining -- */

void modification_work_explain(
    struct modification_work *w, const struct pdf_diff_object *object, enum modification_role role)
{
	if (object && w->role[object - w->diff.item] == MODIFICATION_ROLE_NONE)
		w->role[object - w->diff.item] = role;
}

bool modification_work_is_explained(
    const struct modification_work *w, const struct pdf_diff_object *object)
{
	return object && w->role[object - w->diff.item] != MODIFICATION_ROLE_NONE;
}

const struct pdf_diff_object *modification_work_changed(
    const struct modification_work *w, const struct pdf_value *v)
{
	return v && v->kind == PDF_REF ? pdf_diff_find(&w->diff, v->ref.num) : NULL;
}

static void explain_new(struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > MODIFICATION_DEPTH)
		return;
	if (v->kind == PDF_REF) {
		const struct pdf_diff_object *o = modification_work_changed(w, v);
		if (!o || o->was_there || modification_work_is_explained(w, o))
			return;
		modification_work_explain(w, o, MODIFICATION_ROLE_NEW);
		v = o->now;
	}
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		explain_new(w, v->array.item[i], depth + 1);
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		if (!bytes_equal_str(v->dict.item[i].key, "P") &&
		    !bytes_equal_str(v->dict.item[i].key, "Parent"))
			explain_new(w, v->dict.item[i].value, depth + 1);
}

void modification_work_explain_new(struct modification_work *w, const struct pdf_value *v)
{
	explain_new(w, v, 0);
}

bool modification_work_permits(const struct modification_work *w, int level)
{
	return w->level == 0 || w->level >= level;
}

bool modification_work_is_catalog(const struct modification_work *w, size_t rev, uint32_t num)
{
	const struct pdf_value *root = NULL;
	for (size_t r = rev + 1; r-- > 0 && !root;)
		root = pdf_value_find(pdf_file_trailer(w->file, r), "Root");
	return num != 0 && root && root->kind == PDF_REF && root->ref.num == num;
}

/* -- reading what may be broken -- */

static enum err forgive(
    struct modification_work *w, enum err err, const struct pdf_value **ret_value)
{
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(w->s);
	*ret_value = &pdf_value_null;
	return OK;
}

enum err modification_work_find(struct modification_work *w, size_t rev, const struct pdf_value *v,
    const char *key, const struct pdf_value **ret_value)
{
	return forgive(w, pdf_file_find(w->s, w->file, rev, v, key, ret_value), ret_value);
}

enum err modification_work_resolve(struct modification_work *w, size_t rev,
    const struct pdf_value *v, const struct pdf_value **ret_value)
{
	return forgive(w, pdf_file_resolve(w->s, w->file, rev, v, ret_value), ret_value);
}

/* -- comparing across revisions -- */

struct comparison {
	struct modification_work *w;
	int left; /* values, so that shared objects cannot make it explode */
	bool same;
};

static enum err compare(struct comparison *c, const struct pdf_value *old,
    const struct pdf_value *now, int depth, int may_extend);

static enum err compare_dicts(struct comparison *c, const struct pdf_value *old,
    const struct pdf_value *now, int depth, int may_extend)
{
	const struct pdf_value *const sides[2] = { old, now };
	const bool is_stream = old->kind == PDF_STREAM;
	for (int side = 0; side < (may_extend > 0 ? 1 : 2); side++) {
		const struct pdf_value *v = sides[side];
		v = v->kind == PDF_STREAM ? v->stream.dict : v;
		for (size_t i = 0; i < v->dict.n && c->same; i++) {
			char *key;
			if (is_stream && bytes_equal_str(v->dict.item[i].key, "Length"))
				continue;
			TRY(bytes_to_str(c->w->s, v->dict.item[i].key, &key));
			TRY(compare(c, pdf_value_find(old, key), pdf_value_find(now, key),
			    depth + 1, may_extend - 1));
		}
	}
	return OK;
}

/* A key may be the object's own: equal ciphertext of two objects says nothing. */
static bool streams_hold_same(
    const struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	return bytes_equal(old->stream.raw, now->stream.raw) &&
	       (!w->file->crypt || pdf_value_refs_equal(old->stream.owner, now->stream.owner));
}

static enum err compare(struct comparison *c, const struct pdf_value *old,
    const struct pdf_value *now, int depth, int may_extend)
{
	if (!c->same ||
	    (old && now && old->kind != PDF_STREAM && pdf_value_equal(old, now) && may_extend <= 0))
		return OK;
	if (old && now && old->kind == PDF_REF && now->kind == PDF_REF &&
	    pdf_value_refs_equal(old->ref, now->ref) && may_extend <= 0)
		return OK;
	if (depth > MODIFICATION_DEPTH || c->left-- <= 0) {
		c->same = false;
		return OK;
	}
	TRY(modification_work_resolve(c->w, c->w->rev, old, &old));
	TRY(modification_work_resolve(c->w, c->w->latest, now, &now));
	if (old->kind != now->kind ||
	    (old->kind != PDF_ARRAY && old->kind != PDF_DICT && old->kind != PDF_STREAM)) {
		c->same = pdf_value_equal(old, now);
		return OK;
	}
	if (old->kind == PDF_STREAM)
		c->same = streams_hold_same(c->w, old, now);
	if (old->kind == PDF_STREAM || old->kind == PDF_DICT)
		return compare_dicts(c, old, now, depth, old->kind == PDF_STREAM ? 0 : may_extend);
	c->same = old->array.n == now->array.n;
	for (size_t i = 0; c->same && i < old->array.n; i++)
		TRY(compare(c, old->array.item[i], now->array.item[i], depth + 1, 0));
	return OK;
}

enum err modification_work_is_same(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_same)
{
	struct comparison c = { .w = w, .left = SAME_VALUES, .same = true };
	TRY(compare(&c, old, now, 0, 0));
	*ret_same = c.same;
	return OK;
}

enum err modification_work_is_extended(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_is)
{
	struct comparison c = { .w = w, .left = SAME_VALUES, .same = true };
	TRY(compare(&c, old, now, 0, 2));
	*ret_is = c.same;
	return OK;
}

/* -- arrays -- */

bool modification_work_has_ref(const struct pdf_value *array, const struct pdf_value *ref)
{
	for (size_t i = 0; array->kind == PDF_ARRAY && i < array->array.n; i++)
		if (pdf_value_equal(array->array.item[i], ref))
			return true;
	return false;
}

bool modification_work_is_prefix(const struct pdf_value *old, const struct pdf_value *now)
{
	size_t n = old->kind == PDF_ARRAY ? old->array.n : 0;
	if (n == 0)
		return true;
	if (now->kind != PDF_ARRAY || now->array.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!pdf_value_equal(old->array.item[i], now->array.item[i]))
			return false;
	return true;
}
