/* Form fields that were there as signed, and what may become of them (ISO 32000-2 12.7.4, 12.8.2.2,
 * 12.8.2.4). */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "validator/modification_work.h"

#define FIELD_DEPTH 32 /* parents followed */

/* -- names -- */

bool modification_field_is_locked(const struct modification_work *w, const char *name)
{
	for (size_t i = 0; i < w->all->n; i++)
		if (w->all->item[i].made_in <= w->rev &&
		    pdf_signature_locks(&w->all->item[i].fieldmdp, name))
			return true;
	return false;
}

enum err modification_field_name(
    struct modification_work *w, size_t rev, const struct pdf_value *field, char **ret_name)
{
	char *parts[FIELD_DEPTH];
	size_t n = 0;
	for (int depth = 0; depth < FIELD_DEPTH && field->kind == PDF_DICT; depth++) {
		const struct pdf_value *t;
		TRY(modification_work_find(w, rev, field, "T", &t));
		if (pdf_value_is_locked(t)) {
			*ret_name = NULL;
			return OK;
		}
		if (t->kind == PDF_STRING)
			TRY(pdf_text_decode(w->s, t->string, &parts[n++]));
		TRY(modification_work_find(w, rev, field, "Parent", &field));
	}
	struct buf b = buf_new(w->s, LIMIT_PDF_STRING);
	while (n-- > 0) {
		buf_add_str(&b, parts[n]);
		if (n)
			buf_add_byte(&b, '.');
	}
	return buf_done_str(&b, ret_name);
}

const char *modification_field_shown(const char *name)
{
	return name ? name : "(encrypted)";
}

/* Inherited /FT (12.7.4.1). */
enum err modification_field_is_signature(
    struct modification_work *w, size_t rev, const struct pdf_value *field, bool *ret_yes)
{
	*ret_yes = false;
	for (int depth = 0; depth < FIELD_DEPTH && field->kind == PDF_DICT; depth++) {
		const struct pdf_value *ft;
		TRY(modification_work_find(w, rev, field, "FT", &ft));
		if (ft->kind == PDF_NAME) {
			*ret_yes = pdf_value_is_name(ft, "Sig");
			return OK;
		}
		TRY(modification_work_find(w, rev, field, "Parent", &field));
	}
	return OK;
}

bool modification_field_is_one(const struct pdf_value *v)
{
	return v->kind == PDF_DICT &&
	       (pdf_value_find(v, "FT") ||
		   pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget") ||
		   (pdf_value_find(v, "T") &&
		       (pdf_value_find(v, "Kids") || pdf_value_find(v, "Parent"))));
}

bool modification_field_is_timestamp(const struct pdf_value *signature)
{
	return pdf_value_is_name(pdf_value_find(signature, "Type"), "DocTimeStamp") ||
	       pdf_value_is_name(pdf_value_find(signature, "SubFilter"), "ETSI.RFC3161");
}

bool modification_field_signs(const struct pdf_value *signature)
{
	const struct pdf_value *range = pdf_value_find(signature, "ByteRange");
	const struct pdf_value *contents = pdf_value_find(signature, "Contents");
	bool any = false;
	if (!range || range->kind != PDF_ARRAY || !contents || contents->kind != PDF_STRING)
		return false;
	for (size_t i = 0; i < contents->string.n && !any; i++)
		any = contents->string.p[i] != 0;
	return any;
}

bool modification_field_has_new_value(
    const struct modification_work *w, const struct pdf_value *field)
{
	const struct pdf_value *v = pdf_value_find(field, "V");
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	return v && (v->kind == PDF_DICT || (o && !o->was_there));
}

/* -- entries -- */

/* Bits that changed are all among `may_rise`, and went from 0 to 1. */
static bool only_rose(const struct pdf_value *old, const struct pdf_value *now, uint32_t may_rise)
{
	int64_t a = 0, b = 0;
	if ((old && !pdf_value_integer(old, &a)) || (now && !pdf_value_integer(now, &b)) || a < 0 ||
	    b < 0 || a > UINT32_MAX || b > UINT32_MAX)
		return false;
	return (a & ~b) == 0 && ((b & ~a) & ~(int64_t)may_rise) == 0;
}

/* A border that says what holds without it (12.5.4): MuPDF writes it when it fills in. */
static bool is_usual_border(const struct pdf_value *v)
{
	int64_t width = 1;
	const struct pdf_value *w = pdf_value_find(v, "W"), *style = pdf_value_find(v, "S");
	if (!v || v->kind != PDF_DICT || pdf_value_find(v, "D"))
		return false;
	return (!w || (pdf_value_integer(w, &width) && width == 1)) &&
	       (!style || pdf_value_is_name(style, "S"));
}

/* Entries that filling in and signing set; of a signature field only those that signing does. Flags
 * may become read-only, locked or printed (12.5.3, 12.7.4.1), as locks ask; what is shown on screen
 * may not. */
static bool may_change(
    const char *key, bool is_signature, const struct pdf_value *old, const struct pdf_value *now)
{
	static const char *const sign[] = { "V", "AP", "AS", "M", NULL };
	static const char *const fill[] = { "I", "RV", "DA", "Q", NULL };
	const uint32_t print = 1 << 2, read_only = 1 << 6, locked = 1 << 7, contents = 1 << 9;
	for (const char *const *k = sign; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	for (const char *const *k = fill; *k && !is_signature; k++)
		if (strcmp(*k, key) == 0)
			return true;
	if (strcmp(key, "Ff") == 0)
		return only_rose(old, now, 1);
	if (strcmp(key, "F") == 0)
		return only_rose(old, now, print | read_only | locked | contents);
	if (strcmp(key, "Type") == 0)
		return !old && pdf_value_is_name(now, "Annot");
	if (strcmp(key, "BS") == 0)
		return !is_signature && !old && is_usual_border(now);
	return strcmp(key, "StructParent") == 0 && !old;
}

/* What the first signature locks, its field may say too (12.7.5.5). */
static bool is_new_lock(const struct modification_work *w, const char *key, bool is_signature,
    const struct pdf_value *old)
{
	return w->is_unsigned && is_signature && !old && strcmp(key, "Lock") == 0;
}

/* The first entry that changed and may not, or NULL. *ret_any: some changed that may. */
static enum err offending_entry(struct modification_work *w, const struct pdf_diff_object *o,
    bool is_signature, const char **ret_key, bool *ret_any)
{
	const struct pdf_value *const sides[2] = { o->now, o->old };
	*ret_key = NULL;
	*ret_any = false;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->dict.n && !*ret_key; i++) {
			char *key;
			bool same = false;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			const struct pdf_value *a = pdf_value_find(o->old, key);
			const struct pdf_value *b = pdf_value_find(o->now, key);
			if (side == 1 && b)
				continue;
			const bool free =
			    (may_change(key, is_signature, a, b) ||
				is_new_lock(w, key, is_signature, a)) &&
			    !(strcmp(key, "BS") == 0 && pdf_value_find(o->old, "Border"));
			if (free && a && b && pdf_value_equal(a, b))
				continue;
			if (!free)
				TRY(modification_work_is_same(w, a, b, &same));
			*ret_any |= free;
			if (!free && !same)
				*ret_key = key;
		}
	return OK;
}

/* -- appearances and values -- */

/* The appearance streams of a widget, and the dictionaries of them by state, that were rewritten in
 * place (12.5.5). */
static enum err explain_appearance(
    struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > 3)
		return OK;
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	const struct pdf_value *type = o ? pdf_value_find(o->old, "Type") : NULL;
	if (o && o->was_there && o->now->kind == o->old->kind &&
	    (!type || pdf_value_is_name(type, "XObject")))
		modification_work_explain(w, o, MODIFICATION_ROLE_APPEARANCE);
	TRY(modification_work_resolve(w, w->latest, v, &v));
	if (v->kind == PDF_STREAM)
		modification_work_explain_new(w, v);
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(explain_appearance(w, v->dict.item[i].value, depth + 1));
	return OK;
}

static void explain_value(struct modification_work *w, const struct pdf_value *v)
{
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	if (o && o->was_there &&
	    (o->old->kind == PDF_STRING || o->old->kind == PDF_STREAM ||
		o->old->kind == PDF_NAME) &&
	    !pdf_value_find(o->old, "Type"))
		modification_work_explain(w, o, MODIFICATION_ROLE_VALUE);
	if (v)
		modification_work_explain_new(w, v);
}

/* An appearance dictionary with something to show as long as nobody touches the field: a stream, or
 * states of which one is a stream (12.5.5). */
static enum err shows(
    struct modification_work *w, size_t rev, const struct pdf_value *ap, bool *ret_shows)
{
	const struct pdf_value *normal, *state;
	TRY(modification_work_find(w, rev, ap, "N", &normal));
	*ret_shows = normal->kind == PDF_STREAM;
	for (size_t i = 0; normal->kind == PDF_DICT && i < normal->dict.n && !*ret_shows; i++) {
		TRY(modification_work_resolve(w, rev, normal->dict.item[i].value, &state));
		*ret_shows = state->kind == PDF_STREAM;
	}
	return OK;
}

static bool is_area(const struct pdf_value *rect)
{
	double at[4];
	if (rect->kind != PDF_ARRAY || rect->array.n != 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!pdf_value_number(rect->array.item[i], &at[i]))
			return true; /* who knows */
	return at[0] != at[2] && at[1] != at[3];
}

enum err modification_field_is_visible(
    struct modification_work *w, size_t rev, const struct pdf_value *field, bool *ret_yes)
{
	const struct pdf_value *rect;
	TRY(modification_work_find(w, rev, field, "Rect", &rect));
	TRY(shows(w, rev, pdf_value_find(field, "AP"), ret_yes));
	*ret_yes = *ret_yes && is_area(rect);
	return OK;
}

/* A field that had an appearance keeps one; a null one hides it. */
static enum err lost_appearance(
    struct modification_work *w, const struct pdf_diff_object *o, bool *ret_lost)
{
	const struct pdf_value *now;
	bool did, does;
	TRY(shows(w, w->rev, pdf_value_find(o->old, "AP"), &did));
	TRY(shows(w, w->latest, pdf_value_find(o->now, "AP"), &does));
	TRY(modification_work_find(w, w->latest, o->now, "AP", &now));
	*ret_lost = (did && !does) || (now->kind != PDF_NULL && now->kind != PDF_DICT);
	return OK;
}

/* -- fields -- */

/* The field is not what it was when its signature was made. */
static enum err was_changed_again(
    struct modification_work *w, const struct pdf_diff_object *o, bool *ret_was)
{
	const struct pdf_value *value = pdf_value_find(o->now, "V"), *then;
	size_t signed_in;
	*ret_was = false;
	if (!value || value->kind != PDF_REF ||
	    !pdf_file_entry(w->file, w->latest, value->ref.num, &signed_in))
		return OK;
	const struct pdf_value field = { .kind = PDF_REF, .ref = o->ref };
	TRY(modification_work_resolve(w, signed_in, &field, &then));
	*ret_was = !pdf_value_equal(then, o->now);
	return OK;
}

static enum err check_signature_field(
    struct modification_work *w, const struct pdf_diff_object *o, const char *name)
{
	const struct pdf_value *old_value, *value, *ap = pdf_value_find(o->now, "AP");
	const char *key;
	bool any, lost;
	TRY(modification_work_find(w, w->rev, o->old, "V", &old_value));
	TRY(modification_work_find(w, w->latest, o->now, "V", &value));
	TRY(offending_entry(w, o, true, &key, &any));
	TRY(lost_appearance(w, o, &lost));
	if (old_value->kind == PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.7.5.5", "the field of signature \"%s\" was changed",
		    modification_field_shown(name));
	if (key || value->kind != PDF_DICT || !modification_field_has_new_value(w, o->now) ||
	    !modification_field_signs(value))
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "/%s of signature field \"%s\"", key ? key : "V",
		    modification_field_shown(name));
	if (lost)
		return modification_work_note(w, o, MODIFICATION_FIELD, false, "ISO 32000-2 12.5.5",
		    "the appearance of signature field \"%s\" was removed",
		    modification_field_shown(name));
	TRY(was_changed_again(w, o, &lost));
	if (lost)
		return modification_work_note(w, o, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.7.5.5", "the field of later signature \"%s\" was changed",
		    modification_field_shown(name));
	modification_work_explain_new(w, pdf_value_find(o->now, "V"));
	modification_work_explain_new(w, ap);
	TRY(explain_appearance(w, ap, 0));
	bool timestamp = modification_field_is_timestamp(value);
	return modification_work_note(w, o,
	    timestamp ? MODIFICATION_LTV_UPDATE : MODIFICATION_SIGNATURE,
	    timestamp ||
		(modification_work_permits(w, 2) && !modification_field_is_locked(w, name)),
	    "ISO 32000-2 12.8.2.2", "signature in field \"%s\"", modification_field_shown(name));
}

/* -- what is shown, and what is said -- */

/* Something that was there below an appearance dictionary is not what it was. */
static enum err was_rewritten(
    struct modification_work *w, const struct pdf_value *v, int depth, bool *ret_was)
{
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	*ret_was = o && o->was_there;
	if (!v || depth > 3 || *ret_was)
		return OK;
	TRY(modification_work_resolve(w, w->latest, v, &v));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n && !*ret_was; i++)
		TRY(was_rewritten(w, v->dict.item[i].value, depth + 1, ret_was));
	return OK;
}

static enum err look_changed(
    struct modification_work *w, const struct pdf_diff_object *o, bool *ret_has)
{
	static const char *const keys[] = { "AP", "AS", "DA", "Q", "RV" };
	TRY(was_rewritten(w, pdf_value_find(o->now, "AP"), 0, ret_has));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !*ret_has; i++) {
		bool same;
		TRY(modification_work_is_same(
		    w, pdf_value_find(o->old, keys[i]), pdf_value_find(o->now, keys[i]), &same));
		*ret_has = !same;
	}
	return OK;
}

/* Its own or inherited /V (12.7.4.1). */
static enum err value_of(struct modification_work *w, size_t rev, const struct pdf_value *field,
    const struct pdf_value **ret_value)
{
	*ret_value = &pdf_value_null;
	for (int depth = 0; depth < FIELD_DEPTH && field->kind == PDF_DICT; depth++) {
		TRY(modification_work_find(w, rev, field, "V", ret_value));
		if ((*ret_value)->kind != PDF_NULL)
			return OK;
		TRY(modification_work_find(w, rev, field, "Parent", &field));
	}
	return OK;
}

static enum err makes_appearances(struct modification_work *w, bool *ret_makes)
{
	const struct pdf_value *catalog, *form, *need;
	const enum err err = pdf_file_catalog(w->s, w->file, w->latest, &catalog);
	*ret_makes = false;
	if (err == ERR_NOMEM)
		return err;
	if (err != OK) {
		scope_forgive(w->s);
		return OK;
	}
	TRY(modification_work_find(w, w->latest, catalog, "AcroForm", &form));
	TRY(modification_work_find(w, w->latest, form, "NeedAppearances", &need));
	*ret_makes = need->kind == PDF_BOOL && need->boolean;
	return OK;
}

/* Another look for the same value, or another value behind the same look (shadow attacks). A field
 * without an appearance has none that could differ; nor where readers make them anew. */
static enum err compare_look(struct modification_work *w, const struct pdf_diff_object *o)
{
	const struct pdf_value *old, *now;
	bool look, same, makes, did;
	TRY(look_changed(w, o, &look));
	TRY(value_of(w, w->rev, o->old, &old));
	TRY(value_of(w, w->latest, o->now, &now));
	TRY(modification_work_is_same(w, old, now, &same));
	TRY(makes_appearances(w, &makes));
	TRY(shows(w, w->rev, pdf_value_find(o->old, "AP"), &did));
	w->list->any_look |= look ? same : !same && did && !makes;
	return OK;
}

static enum err check_filled(
    struct modification_work *w, const struct pdf_diff_object *o, const char *name)
{
	const struct pdf_value *ap = pdf_value_find(o->now, "AP");
	const char *key;
	bool any, lost;
	TRY(offending_entry(w, o, false, &key, &any));
	TRY(lost_appearance(w, o, &lost));
	if (key)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "/%s of field \"%s\"", key,
		    modification_field_shown(name));
	if (lost)
		return modification_work_note(w, o, MODIFICATION_FIELD, false, "ISO 32000-2 12.5.5",
		    "the appearance of field \"%s\" was removed", modification_field_shown(name));
	if (!any)
		return OK;
	if (modification_field_is_locked(w, name))
		return modification_work_note(w, o, MODIFICATION_FORM_FILL, false,
		    "ISO 32000-2 12.8.2.4", "locked field \"%s\" was filled in",
		    modification_field_shown(name));
	TRY(compare_look(w, o));
	modification_work_explain_new(w, ap);
	explain_value(w, pdf_value_find(o->now, "V"));
	explain_value(w, pdf_value_find(o->now, "RV"));
	TRY(explain_appearance(w, ap, 0));
	return modification_work_note(w, o, MODIFICATION_FORM_FILL, modification_work_permits(w, 2),
	    "ISO 32000-2 12.8.2.2", "field \"%s\" was filled in", modification_field_shown(name));
}

static enum err check_field(struct modification_work *w, const struct pdf_diff_object *o)
{
	char *name;
	bool is_sig = false;
	modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	TRY(modification_field_name(w, w->rev, o->old, &name));
	TRY(modification_field_is_signature(w, w->rev, o->old, &is_sig));
	if (o->now->kind != PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "field \"%s\" was removed",
		    modification_field_shown(name));
	if (o->now->duplicate_keys)
		return modification_work_note(w, o, MODIFICATION_FIELD, false, "ISO 32000-2 7.3.7",
		    "field \"%s\" has the same key twice", modification_field_shown(name));
	return is_sig ? check_signature_field(w, o, name) : check_filled(w, o, name);
}

enum err modification_field_check(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (w->role[i] == MODIFICATION_ROLE_NONE && o->was_there &&
		    modification_field_is_one(o->old))
			TRY(check_field(w, o));
	}
	return OK;
}
