/* A file of any octets: every entry of every revision, stream data, the first page. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_file.h"

#define BUDGET ((size_t)256 << 20)
#define MOST_READS 3000 /* objects and streams of one input, so that each stays quick */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_revisions(const struct pdf_file *f)
{
	size_t before = 0;
	for (size_t r = 0; r < f->n_revisions; r++) {
		const struct pdf_revision *rev = &f->revisions[r];
		if (rev->start != before || rev->end < rev->eof || rev->eof <= rev->startxref ||
		    rev->end > f->bytes.n || rev->n_sections == 0)
			abort();
		before = rev->end;
		for (size_t i = 0; i < rev->n_sections; i++)
			for (size_t k = 1; k < rev->sections[i]->n_entries; k++)
				if (rev->sections[i]->entries[k - 1].num >=
				    rev->sections[i]->entries[k].num)
					abort();
	}
}

static void read_entry(
    struct scope *s, const struct pdf_file *f, size_t rev, const struct pdf_xref_entry *e)
{
	const struct pdf_ref ref = { e->num, e->gen };
	const struct pdf_value *v;
	struct bytes content;
	size_t start, end;
	if (pdf_file_object(s, f, rev, ref, &v) == OK && v->kind == PDF_STREAM)
		if (pdf_file_stream_data(s, f, rev, v, &content) == OK && content.n && !content.p)
			abort();
	if (e->kind == PDF_ENTRY_OFFSET && pdf_file_object_span(s, f, e, &start, &end) == OK)
		if (start >= end || end > f->bytes.n)
			abort();
	scope_forgive(s);
}

static void read_all(struct scope *s, const struct pdf_file *f)
{
	size_t left = MOST_READS;
	for (size_t r = 0; r < f->n_revisions; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++) {
			const struct pdf_section *section = f->revisions[r].sections[i];
			for (size_t k = 0; k < section->n_entries && left > 0; k++, left--)
				read_entry(s, f, r, &section->entries[k]);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new(BUDGET);
	struct pdf_file *f;
	if (!s)
		return 0;
	if (pdf_file_open(s, bytes_of(data, size), BYTES_NONE, &f) == OK) {
		struct pdf_ref ref;
		const struct pdf_value *page;
		size_t wrong;
		char *example;
		check_revisions(f);
		read_all(s, f);
		for (size_t r = 0; r < f->n_revisions && r < 16; r++)
			if (pdf_file_page(s, f, r, 0, &ref, &page) != OK)
				scope_forgive(s);
		if (pdf_file_count_wrong_entries(s, f, &wrong, &example) == OK &&
		    (wrong > 0) != (example != NULL))
			abort();
	}
	scope_free(s);
	return 0;
}
