/* The page tree, of pdf_file.h. */
#include "formats/pdf_file.h"

#include "base/limits.h"
#include "base/scope.h"

struct walk {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
	size_t left;                       /* pages to pass by */
	struct pdf_ref wanted, annotation; /* or the page to find: itself, or by what is on it */
	size_t visited;                    /* nodes */
	size_t depth;
	size_t passed;                        /* pages before it */
	struct pdf_ref path[LIMIT_PDF_DEPTH]; /* the nodes above */
	const struct pdf_value *node[LIMIT_PDF_DEPTH];
	const struct pdf_value **above; /* a copy of them when it is found, nearest first */
	size_t n_above;
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

static enum err has_annotation(struct walk *w, const struct pdf_value *page, bool *ret_has)
{
	const struct pdf_value *annots;
	*ret_has = false;
	enum err err = pdf_file_find(w->s, w->f, w->rev, page, "Annots", &annots);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(w->s);
	for (size_t i = 0; err == OK && annots->kind == PDF_ARRAY && i < annots->array.n; i++)
		if (pdf_value_is_ref_to(annots->array.item[i], w->annotation))
			*ret_has = true;
	return OK;
}

static enum err take_page(struct walk *w, struct pdf_ref ref, const struct pdf_value *dict)
{
	bool found = false;
	if (w->wanted.num)
		found = pdf_value_refs_equal(ref, w->wanted);
	else if (w->annotation.num)
		TRY(has_annotation(w, dict, &found));
	else
		found = w->left-- == 0;
	if (!found) {
		w->passed++;
		return OK;
	}
	w->above = scope_alloc_array(w->s, w->depth, sizeof(*w->above));
	if (!w->above)
		return ERR_NOMEM;
	for (size_t i = 0; i < w->depth; i++)
		w->above[i] = w->node[w->depth - 1 - i];
	w->n_above = w->depth;
	w->page = dict;
	w->ref = ref;
	return OK;
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
		if (pdf_value_is_name(pdf_value_find(dict, "Type"), "Pages"))
			return OK;
		return take_page(w, ref, dict);
	}
	w->node[w->depth] = dict;
	w->path[w->depth++] = ref;
	for (size_t i = 0; i < kids->array.n && !w->page; i++)
		TRY(walk(w, kids->array.item[i]));
	w->depth--;
	return OK;
}

static enum err walk_from_catalog(struct walk *w)
{
	const struct pdf_value *catalog, *pages;
	TRY(pdf_file_catalog(w->s, w->f, w->rev, &catalog));
	pages = pdf_value_find(catalog, "Pages");
	return pages ? walk(w, pages) : OK;
}

enum err pdf_file_page(struct scope *s, const struct pdf_file *f, size_t rev, size_t n,
    struct pdf_ref *ret_ref, const struct pdf_value **ret_page)
{
	struct walk w = { .s = s, .f = f, .rev = rev, .left = n };
	TRY(walk_from_catalog(&w));
	*ret_ref = w.ref;
	*ret_page = w.page;
	return OK;
}

static enum err leaf_of(struct walk *w, struct pdf_file_leaf *ret_leaf)
{
	TRY(walk_from_catalog(w));
	*ret_leaf = (struct pdf_file_leaf){ .ref = w->ref,
		.page = w->page,
		.above = w->above,
		.n_above = w->n_above,
		.passed = w->passed };
	return OK;
}

enum err pdf_file_leaf(
    struct scope *s, const struct pdf_file *f, size_t rev, size_t n, struct pdf_file_leaf *ret_leaf)
{
	struct walk w = { .s = s, .f = f, .rev = rev, .left = n };
	return leaf_of(&w, ret_leaf);
}

enum err pdf_file_leaf_with(struct scope *s, const struct pdf_file *f, size_t rev,
    struct pdf_ref page, struct pdf_ref annotation, struct pdf_file_leaf *ret_leaf)
{
	struct walk w = { .s = s, .f = f, .rev = rev, .wanted = page, .annotation = annotation };
	return leaf_of(&w, ret_leaf);
}

enum err pdf_file_leaf_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_file_leaf *leaf, const char *key, const struct pdf_value **ret_value)
{
	TRY(pdf_file_find(s, f, rev, leaf->page, key, ret_value));
	for (size_t i = 0; i < leaf->n_above && (*ret_value)->kind == PDF_NULL; i++)
		TRY(pdf_file_find(s, f, rev, leaf->above[i], key, ret_value));
	return OK;
}
