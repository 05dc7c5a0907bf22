#include "tests/support/sealed_view.h"

#include <string.h>

#include "base/scope.h"

#define STEPS 20000 /* values compared */
#define DEPTH 64

struct side {
	struct scope *s;
	const struct pdf_file *file;
};

struct view {
	struct side old, now;
	uint32_t *partner; /* by old number: the new number that it was compared with */
	int left;
};

static const struct pdf_value *resolved(const struct side *x, const struct pdf_value *v)
{
	const struct pdf_value *found = &pdf_value_null;
	if (!v)
		return found;
	if (pdf_file_resolve(x->s, x->file, pdf_file_latest(x->file), v, &found) != OK)
		scope_forgive(x->s);
	return found;
}

static bool is_same(struct view *w, const struct pdf_value *old, const struct pdf_value *now,
    bool is_catalog, int depth);

static bool is_left_out(struct bytes key, bool is_catalog)
{
	static const char *const anywhere[] = { "Annots", "Parent", "Tabs", "LastModified", "ITXT",
		"Length" };
	static const char *const catalog[] = { "DSS", "AcroForm", "Metadata", "Extensions",
		"Version", "StructTreeRoot", "Type" };
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (bytes_equal_str(key, anywhere[i]))
			return true;
	for (size_t i = 0; is_catalog && i < sizeof(catalog) / sizeof(catalog[0]); i++)
		if (bytes_equal_str(key, catalog[i]))
			return true;
	return false;
}

static const struct pdf_value *value_at(const struct pdf_value *dict, struct bytes key)
{
	for (size_t i = dict->dict.n; i-- > 0;)
		if (bytes_equal(dict->dict.item[i].key, key))
			return dict->dict.item[i].value;
	return NULL;
}

static bool are_dicts_same(struct view *w, const struct pdf_value *old, const struct pdf_value *now,
    bool is_catalog, int depth)
{
	const struct pdf_value *const sides[2] = { old, now };
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->dict.n; i++) {
			const struct bytes key = sides[side]->dict.item[i].key;
			if (!is_left_out(key, is_catalog) &&
			    !is_same(w, value_at(old, key), value_at(now, key), false, depth + 1))
				return false;
		}
	return true;
}

/* The two were compared, or are being compared. */
static bool is_known(struct view *w, const struct pdf_value *old, const struct pdf_value *now)
{
	if (!old || !now || old->kind != PDF_REF || now->kind != PDF_REF ||
	    old->ref.num > w->old.file->highest)
		return false;
	uint32_t *partner = &w->partner[old->ref.num];
	if (*partner == now->ref.num + 1)
		return true;
	if (*partner == 0)
		*partner = now->ref.num + 1;
	return false;
}

static bool is_same(struct view *w, const struct pdf_value *old, const struct pdf_value *now,
    bool is_catalog, int depth)
{
	if (depth > DEPTH || w->left-- <= 0 || is_known(w, old, now))
		return true;
	old = resolved(&w->old, old);
	now = resolved(&w->now, now);
	if (old->kind == PDF_STREAM && now->kind == PDF_STREAM)
		return bytes_equal(old->stream.raw, now->stream.raw) &&
		       are_dicts_same(w, old->stream.dict, now->stream.dict, false, depth);
	if (old->kind == PDF_DICT && now->kind == PDF_DICT)
		return are_dicts_same(w, old, now, is_catalog, depth);
	if (old->kind != PDF_ARRAY || now->kind != PDF_ARRAY)
		return pdf_value_equal(old, now);
	for (size_t i = 0; i < old->array.n && i < now->array.n; i++)
		if (!is_same(w, old->array.item[i], now->array.item[i], false, depth + 1))
			return false;
	return old->array.n == now->array.n;
}

bool sealed_view_is_same(
    struct scope *old_scope, const struct pdf_file *old, struct scope *s, struct bytes now)
{
	struct pdf_file *file;
	const struct pdf_value *before, *after;
	if (pdf_file_open(s, now, BYTES_NONE, &file) != OK ||
	    pdf_file_catalog(s, file, pdf_file_latest(file), &after) != OK ||
	    pdf_file_catalog(old_scope, old, pdf_file_latest(old), &before) != OK)
		return false;
	struct view w = { .old = { old_scope, old },
		.now = { s, file },
		.partner = scope_alloc_array(s, (size_t)old->highest + 1, sizeof(*w.partner)),
		.left = STEPS };
	return w.partner && is_same(&w, before, after, true, 0);
}
