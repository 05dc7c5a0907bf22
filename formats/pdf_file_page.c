/* The page tree, of pdf_file.h. */
#include "formats/pdf_file.h"

#include "base/limits.h"
#include "base/scope.h"

struct walk {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
	size_t left;    /* pages to pass by */
	size_t visited; /* nodes */
	size_t depth;
	struct pdf_ref path[LIMIT_PDF_DEPTH]; /* the nodes above */
	struct pdf_ref ref;
	const struct pdf_value *page; /* NULL until found */
};

static bool is_on_path(const struct walk *w, struct pdf_ref ref)
{
	for (size_t i = 0; i < w->depth; i++)
		if (ref.num != 0 && pdf_value_refs_equal(w->path[i], ref))
			return true;
	return false;
}

/* node: a value of /Kids, or /Pages itself. */
static enum err walk(struct walk *w, const struct pdf_value *node)
{
	const struct pdf_ref ref = node->kind == PDF_REF ? node->ref : (struct pdf_ref){ 0 };
	const struct pdf_value *dict, *kids;
	if (is_on_path(w, ref))
		return OK;
	if (++w->visited > LIMIT_PDF_PAGES || w->depth == LIMIT_PDF_DEPTH)
		return scope_fault(w->s, ERR_LIMIT, "pdf: the page tree is too large or too deep");
	TRY(pdf_file_resolve(w->s, w->f, w->rev, node, &dict));
	if (dict->kind != PDF_DICT)
		return OK;
	TRY(pdf_file_find(w->s, w->f, w->rev, dict, "Kids", &kids));
	if (kids->kind != PDF_ARRAY) {
		if (pdf_value_is_name(pdf_value_find(dict, "Type"), "Pages") || w->left-- > 0)
			return OK;
		w->page = dict;
		w->ref = ref;
		return OK;
	}
	w->path[w->depth++] = ref;
	for (size_t i = 0; i < kids->array.n && !w->page; i++)
		TRY(walk(w, kids->array.item[i]));
	w->depth--;
	return OK;
}

enum err pdf_file_page(struct scope *s, const struct pdf_file *f, size_t rev, size_t n,
    struct pdf_ref *ret_ref, const struct pdf_value **ret_page)
{
	struct walk w = { .s = s, .f = f, .rev = rev, .left = n };
	const struct pdf_value *catalog, *pages;
	TRY(pdf_file_catalog(s, f, rev, &catalog));
	pages = pdf_value_find(catalog, "Pages");
	if (pages)
		TRY(walk(&w, pages));
	*ret_ref = w.ref;
	*ret_page = w.page;
	return OK;
}
