#include "formats/pdf_unowned.h"

#include <stdlib.h>

#include "base/scope.h"

struct span {
	size_t start, end;
	uint32_t num; /* 0: no object */
};

struct spans {
	struct span *item;
	size_t n;
};

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	if (x->start != y->start)
		return x->start > y->start ? 1 : -1;
	return (x->end > y->end) - (x->end < y->end);
}

static void add_span(struct spans *spans, size_t start, size_t end, uint32_t num)
{
	spans->item[spans->n++] = (struct span){ start, end, num };
}

static enum err add_object(struct scope *s, const struct pdf_file *f, const struct pdf_revision *r,
    const struct pdf_xref_entry *e, struct spans *spans)
{
	size_t start, end;
	if (e->kind != PDF_ENTRY_OFFSET || e->offset < r->start || e->offset >= r->end)
		return OK;
	const bool had_fault = scope_fault_code(s) != OK;
	const enum err err = pdf_file_object_span(s, f, e, &start, &end);
	if (err == OK)
		add_span(spans, start, end, e->num);
	if (err == OK || err == ERR_NOMEM)
		return err;
	if (!had_fault)
		scope_forgive(s);
	return OK;
}

/* A cross-reference stream need not list itself. */
static enum err add_section(struct scope *s, const struct pdf_file *f,
    const struct pdf_section *section, struct spans *spans)
{
	add_span(spans, section->offset, section->end, 0);
	if (section->kind != PDF_SECTION_HYBRID)
		return OK;
	struct pdf_syntax_object object;
	const bool had_fault = scope_fault_code(s) != OK;
	const enum err err = pdf_syntax_object(
	    s, f->bytes, pdf_syntax_skip_white(f->bytes, section->xrefstm_offset), NULL, &object);
	if (err == OK)
		add_span(spans, object.start, object.end, 0);
	else if (err != ERR_NOMEM && !had_fault)
		scope_forgive(s);
	return err == ERR_NOMEM ? err : OK;
}

/* Where something else than white space and comments stands in [at, end); `end` if nothing. */
static size_t first_octet(struct bytes file, size_t at, size_t end)
{
	const size_t found = pdf_syntax_skip(bytes_cut(file, 0, end), at);
	return found < end ? found : end;
}

static enum err collect(struct scope *s, const struct pdf_file *f, const struct pdf_revision *r,
    struct spans *ret_spans)
{
	size_t n = 1;
	for (size_t i = 0; i < r->n_sections; i++)
		n += r->sections[i]->n_entries + 2;
	struct spans spans = { .item = scope_alloc_array(s, n, sizeof(*spans.item)) };
	if (!spans.item)
		return ERR_NOMEM;
	if (r->startxref != SIZE_MAX)
		add_span(&spans, r->startxref, r->eof, 0);
	for (size_t i = 0; i < r->n_sections; i++) {
		TRY(add_section(s, f, r->sections[i], &spans));
		for (size_t k = 0; k < r->sections[i]->n_entries; k++)
			TRY(add_object(s, f, r, &r->sections[i]->entries[k], &spans));
	}
	qsort(spans.item, spans.n, sizeof(*spans.item), compare_spans);
	*ret_spans = spans;
	return OK;
}

enum err pdf_unowned_find(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_unowned *ret_unowned)
{
	const struct pdf_revision *r = &f->revisions[rev];
	struct pdf_unowned u = { 0 };
	struct spans spans;
	TRY(collect(s, f, r, &spans));
	size_t at = r->start;
	for (size_t i = 0; i < spans.n; i++) {
		const struct span *span = &spans.item[i];
		const struct span *before = i > 0 ? &spans.item[i - 1] : NULL;
		if (span->start < at && before && span->num && before->num &&
		    span->start < before->end && !u.has_overlap) {
			u.has_overlap = true;
			u.overlap = span->start;
		}
		if (span->start > at && !u.has_gap) {
			const size_t found = first_octet(f->bytes, at, span->start);
			u.has_gap = found < span->start;
			u.gap = found;
		}
		at = span->end > at ? span->end : at;
	}
	if (!u.has_gap && at < r->end) {
		u.gap = first_octet(f->bytes, at, r->end);
		u.has_gap = u.gap < r->end;
	}
	*ret_unowned = u;
	return OK;
}
