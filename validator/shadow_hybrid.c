/* What pages use, and what readers that do not know of /XRefStm find under the same
 * numbers (ISO 32000-2 7.5.8.4). */
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_field.h"
#include "validator/shadow_work.h"

struct walk {
	struct shadow_work *w;
	const struct pdf_file *plain;
	uint8_t *seen;
	uint32_t different; /* the first one; 0: none */
	uint32_t *todo;
	size_t n;
};

/* Structure, metadata and other libraries' marks are not shown. */
static bool is_shown(struct bytes key)
{
	static const char *const others[] = { "Parent", "P", "Metadata", "PieceInfo",
		"StructTreeRoot", "Dest", "A", "B" };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (bytes_equal_str(key, others[i]))
			return false;
	return true;
}

/* All of `a` is in `b`, but for what signing services add behind /XRefStm: widgets of fields. */
static enum err has_all(
    const struct walk *x, const struct pdf_value *a, const struct pdf_value *b, bool *ret_has)
{
	*ret_has = a->kind == b->kind;
	for (size_t i = 0; *ret_has && a->kind == PDF_DICT && i < a->dict.n; i++) {
		char *key;
		if (!is_shown(a->dict.item[i].key) ||
		    bytes_equal_str(a->dict.item[i].key, "Annots"))
			continue;
		TRY(bytes_to_str(x->w->s, a->dict.item[i].key, &key));
		*ret_has = pdf_value_equal(a->dict.item[i].value, pdf_value_find(b, key));
	}
	if (*ret_has && a->kind != PDF_DICT)
		*ret_has = pdf_value_equal(a, b);
	return OK;
}

static enum err compare(struct walk *x, uint32_t num, const struct pdf_value *full)
{
	const struct pdf_value *plain;
	bool more, less;
	const struct pdf_xref_entry *e = pdf_file_entry(x->plain, x->w->last, num, NULL);
	const struct pdf_value ref = { .kind = PDF_REF, .ref = { num, e ? e->gen : 0 } };
	TRY(pdf_field_resolve(x->w->s, x->plain, x->w->last, &ref, NULL, NULL, &plain));
	TRY(has_all(x, full, plain, &more));
	TRY(has_all(x, plain, full, &less));
	if (!more || !less)
		x->different = num;
	return OK;
}

static void visit(struct walk *x, const struct pdf_value *v)
{
	const struct shadow_work *w = x->w;
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		visit(x, v->array.item[i]);
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		if (is_shown(v->dict.item[i].key))
			visit(x, v->dict.item[i].value);
	if (v->kind != PDF_REF || v->ref.num > w->f->highest ||
	    x->seen[v->ref.num / 8] & 1 << v->ref.num % 8)
		return;
	x->seen[v->ref.num / 8] |= (uint8_t)(1 << v->ref.num % 8);
	x->todo[x->n++] = v->ref.num;
}

static enum err walk(struct walk *x)
{
	struct shadow_work *w = x->w;
	const struct pdf_value *catalog, *v;
	TRY(pdf_file_catalog(w->s, w->f, w->last, &catalog));
	v = pdf_value_find(catalog, "Pages");
	if (v)
		visit(x, v);
	while (x->n > 0 && !x->different) {
		const uint32_t num = x->todo[--x->n];
		const struct pdf_xref_entry *e = pdf_file_entry(w->f, w->last, num, NULL);
		const struct pdf_value ref = { .kind = PDF_REF, .ref = { num, e ? e->gen : 0 } };
		TRY(shadow_work_resolve(w, w->last, &ref, &v));
		/* Signing services hide what is of the form. */
		if (pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget"))
			continue;
		TRY(compare(x, num, v));
		visit(x, v);
	}
	return OK;
}

enum err shadow_hybrid_check(struct shadow_work *w)
{
	struct walk x = { .w = w };
	struct pdf_file *plain;
	TRY(pdf_file_plain(w->s, w->f, &plain));
	if (!plain)
		return OK;
	x.plain = plain;
	x.seen = scope_alloc(w->s, (size_t)w->f->highest / 8 + 1);
	x.todo = scope_alloc_array(w->s, (size_t)w->f->highest + 1, sizeof(*x.todo));
	if (!x.seen || !x.todo)
		return ERR_NOMEM;
	TRY(walk(&x));
	return x.different ? shadow_work_note(w, FINDING_HYBRID_VIEWS_DIFFER, "object %lu",
				 (unsigned long)x.different)
			   : OK;
}
