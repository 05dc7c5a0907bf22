/* Objects that lie ready ("shadow hide and replace"): there twice with different content, or
 * complete pages and fields that nothing leads to (ISO 32000-2 7.5.4). */
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_references.h"
#include "formats/pdf_unlisted.h"
#include "validator/shadow_work.h"

/* -- octets that no section lists -- */

static bool is_type(const struct pdf_value *v, const char *name)
{
	return pdf_value_is_name(pdf_value_find(v, "Type"), name);
}

/* Of a field that is no signature: remains of those that were never signed are common. */
static bool is_widget(const struct pdf_value *v)
{
	const struct pdf_value *type = pdf_value_find(v, "FT");
	return pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget") && type &&
	       !pdf_value_is_name(type, "Sig");
}

/* What could show something, if it came to life. */
static bool has_content(const struct pdf_value *v)
{
	if (v->kind == PDF_STREAM)
		return !is_type(v, "XRef") && !is_type(v, "ObjStm") && !is_type(v, "Metadata");
	return v->kind == PDF_DICT &&
	       (is_type(v, "Page") || is_type(v, "Pages") || is_type(v, "Catalog") ||
		   is_type(v, "Font") || pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget"));
}

/* Whether any revision up to the last signature has this number in use; and with the same content.
 */
static enum err look_up(
    struct shadow_work *w, const struct pdf_unlisted_object *o, bool *ret_in_use, bool *ret_same)
{
	*ret_in_use = *ret_same = false;
	for (size_t r = 0; r <= w->last && !*ret_same; r++) {
		size_t made_in;
		const struct pdf_xref_entry *e = pdf_file_entry(w->f, r, o->ref.num, &made_in);
		const struct pdf_value *v;
		if (!e || made_in != r || e->kind == PDF_ENTRY_FREE)
			continue;
		const struct pdf_value ref = { .kind = PDF_REF, .ref = { e->num, e->gen } };
		TRY(shadow_work_resolve(w, r, &ref, &v));
		*ret_in_use = true;
		*ret_same = pdf_value_equal(v, o->value);
	}
	return OK;
}

static enum err check_unlisted(struct shadow_work *w)
{
	struct pdf_unlisted found;
	TRY(pdf_unlisted_find(w->s, w->f, w->last, &found));
	for (size_t i = 0; i < found.n; i++) {
		const struct pdf_unlisted_object *o = &found.item[i];
		bool in_use, same;
		if (!has_content(o->value))
			continue;
		TRY(look_up(w, o, &in_use, &same));
		if (same)
			continue;
		TRY(shadow_work_note(w,
		    in_use ? FINDING_OBJECT_DEFINED_TWICE : FINDING_OBJECT_HIDDEN,
		    "object %lu, offset %zu", (unsigned long)o->ref.num, o->offset));
	}
	return OK;
}

/* -- objects that nothing leads to -- */

/* Pages and fields: other writers leave much else unused. */
static bool is_hidden_content(const struct pdf_value *v)
{
	if (v->kind != PDF_DICT)
		return false;
	if (is_type(v, "Pages")) {
		const struct pdf_value *kids = pdf_value_find(v, "Kids");
		return kids && (kids->kind != PDF_ARRAY || kids->array.n > 0);
	}
	if (is_type(v, "Page"))
		return pdf_value_find(v, "Contents") != NULL;
	return is_widget(v) && pdf_value_find(v, "AP");
}

/* An update that deletes a page leaves it behind: what could be seen once is no secret. */
static enum err was_reached_before(struct shadow_work *w, uint32_t num, bool *ret_was)
{
	*ret_was = false;
	for (size_t r = 0; r < w->last && !*ret_was; r++) {
		const uint8_t *bits;
		TRY(pdf_references_reach(w->s, w->f, r, &bits));
		*ret_was = bits[num / 8] & 1 << num % 8;
	}
	return OK;
}

static enum err check_unreached(struct shadow_work *w, const uint8_t *reached)
{
	for (uint32_t num = 1; num <= w->f->highest; num++) {
		const struct pdf_xref_entry *e;
		const struct pdf_value *v;
		bool was;
		if (reached[num / 8] & 1 << num % 8)
			continue;
		e = pdf_file_entry(w->f, w->last, num, NULL);
		if (!e || e->kind == PDF_ENTRY_FREE)
			continue;
		const struct pdf_value ref = { .kind = PDF_REF, .ref = { e->num, e->gen } };
		TRY(shadow_work_resolve(w, w->last, &ref, &v));
		if (!is_hidden_content(v))
			continue;
		TRY(was_reached_before(w, num, &was));
		if (!was)
			TRY(shadow_work_note(
			    w, FINDING_OBJECT_HIDDEN, "object %lu", (unsigned long)num));
	}
	return OK;
}

enum err shadow_object_check(struct shadow_work *w)
{
	const uint8_t *reached;
	TRY(shadow_action_check(w, &reached));
	TRY(check_unreached(w, reached));
	return check_unlisted(w);
}
