/* What pages and forms use, and what readers that do not know of /XRefStm find under the same
 * numbers (ISO 32000-2 7.5.8.4). */
#include <string.h>

#include "base/scope.h"
#include "validator/shadow_work.h"

struct walk {
	struct shadow_work *w;
	const struct pdf_file *plain;
	uint8_t *seen;
	uint32_t different; /* the first one; 0: none */
	uint32_t *todo;
	size_t n;
};

static bool is_same_entry(const struct pdf_xref_entry *a, const struct pdf_xref_entry *b)
{
	const bool in_use = a && a->kind != PDF_ENTRY_FREE;
	if (in_use != (b && b->kind != PDF_ENTRY_FREE))
		return false;
	return !in_use || (a->kind == b->kind && a->gen == b->gen && a->offset == b->offset &&
			      a->stream == b->stream && a->index == b->index);
}

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
	if (!x->different && !is_same_entry(pdf_file_entry(w->f, w->last, v->ref.num, NULL),
				 pdf_file_entry(x->plain, w->last, v->ref.num, NULL)))
		x->different = v->ref.num;
}

static enum err walk(struct walk *x)
{
	struct shadow_work *w = x->w;
	const struct pdf_value *catalog, *v;
	TRY(pdf_file_catalog(w->s, w->f, w->last, &catalog));
	const struct pdf_value *const from[] = { pdf_value_find(catalog, "Pages"),
		pdf_value_find(catalog, "AcroForm") };
	for (size_t i = 0; i < 2; i++)
		if (from[i])
			visit(x, from[i]);
	while (x->n > 0 && !x->different) {
		const struct pdf_xref_entry *e =
		    pdf_file_entry(w->f, w->last, x->todo[--x->n], NULL);
		if (!e)
			continue;
		const struct pdf_value ref = { .kind = PDF_REF, .ref = { e->num, e->gen } };
		TRY(shadow_work_resolve(w, w->last, &ref, &v));
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
