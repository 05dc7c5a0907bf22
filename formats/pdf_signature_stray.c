/* The scan of pdf_signature.h for what no field leads to. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"
#include "formats/pdf_signature.h"

/* Where a /ByteRange is explained. */
struct span {
	size_t start, end;
};

struct spans {
	struct span *item;
	size_t n;
};

static void add_span(struct spans *spans, size_t start, size_t end)
{
	if (end > start)
		spans->item[spans->n++] = (struct span){ start, end };
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return (x->start > y->start) - (x->start < y->start);
}

/* A dictionary explains its own octets only: an object can be drawn out to hold another one. */
static enum err collect_spans(struct scope *s, const struct pdf_file *f,
    const struct pdf_signature_list *list, struct spans *ret_spans)
{
	static const char *const rights[] = { "UR", "UR3" };
	const size_t n_rights = sizeof(rights) / sizeof(*rights);
	const size_t rev = pdf_file_latest(f);
	struct spans spans = { 0 };
	const struct pdf_value *catalog, *perms;
	spans.item = scope_alloc_array(s, list->n + n_rights, sizeof(*spans.item));
	if (!spans.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->n; i++)
		add_span(&spans, list->item[i].dict->start, list->item[i].dict->end);
	TRY(pdf_file_catalog(s, f, rev, &catalog));
	TRY(pdf_field_find(s, f, rev, catalog, "Perms", NULL, &perms));
	for (size_t i = 0; i < n_rights; i++) {
		const struct pdf_value *right;
		TRY(pdf_field_find(s, f, rev, perms, rights[i], NULL, &right));
		add_span(&spans, right->start, right->end);
	}
	qsort(spans.item, spans.n, sizeof(*spans.item), compare_spans);
	*ret_spans = spans;
	return OK;
}

static bool ends_name(struct bytes file, size_t at)
{
	return at >= file.n || !pdf_syntax_is_regular(file.p[at]);
}

enum err pdf_signature_find_stray(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *list)
{
	const struct bytes needle = BYTES_LIT("/ByteRange");
	struct spans spans;
	TRY(collect_spans(s, f, list, &spans));
	size_t *stray = scope_alloc_array(s, LIMIT_PDF_STRAY, sizeof(*stray));
	if (!stray)
		return ERR_NOMEM;
	size_t n = 0, span = 0, reach = 0;
	for (size_t at = 0; n < LIMIT_PDF_STRAY; at += needle.n) {
		at = bytes_find(f->bytes, needle, at);
		if (at == BYTES_NOT_FOUND)
			break;
		/* Both ascend: each span is taken up once. */
		for (; span < spans.n && spans.item[span].start <= at; span++)
			if (spans.item[span].end > reach)
				reach = spans.item[span].end;
		if (at >= reach && ends_name(f->bytes, at + needle.n))
			stray[n++] = at;
	}
	list->stray = stray;
	list->n_stray = n;
	return OK;
}
