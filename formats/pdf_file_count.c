/* Whether entries lead to their objects, of pdf_file.h. */
#include "formats/pdf_file.h"

#include "base/scope.h"

struct count {
	struct scope *s;
	const struct pdf_file *f;
	uint8_t *seen; /* a bit for each number: its entry that counts was met */
	size_t wrong;
	const struct pdf_xref_entry *example;
};

static bool is_wrong(const struct pdf_file *f, const struct pdf_xref_entry *e)
{
	if (e->kind == PDF_ENTRY_FREE || e->num == 0)
		return false;
	if (e->kind == PDF_ENTRY_COMPRESSED) {
		e = pdf_file_entry(f, pdf_file_latest(f), e->stream, NULL);
		return !e || e->kind != PDF_ENTRY_OFFSET;
	}
	return !pdf_file_is_at_entry(f, e);
}

static void count_section(struct count *c, const struct pdf_section *section)
{
	for (size_t i = 0; i < section->n_entries; i++) {
		const struct pdf_xref_entry *e = &section->entries[i];
		const uint8_t bit = (uint8_t)(1 << e->num % 8);
		if (c->seen[e->num / 8] & bit)
			continue;
		c->seen[e->num / 8] |= bit;
		if (!is_wrong(c->f, e))
			continue;
		c->wrong++;
		c->example = c->example ? c->example : e;
	}
}

static enum err describe(struct scope *s, const struct pdf_xref_entry *e, char **ret_text)
{
	struct buf b = buf_new(s, 256);
	if (e->kind == PDF_ENTRY_COMPRESSED)
		buf_addf(&b, "object %lu is said to be in %lu, which is no object stream",
		    (unsigned long)e->num, (unsigned long)e->stream);
	else
		buf_addf(&b, "object %lu %lu is not at offset %zu", (unsigned long)e->num,
		    (unsigned long)e->gen, e->offset);
	return buf_done_str(&b, ret_text);
}

enum err pdf_file_count_wrong_entries(
    struct scope *s, const struct pdf_file *f, size_t *ret_n, char **ret_example)
{
	struct count c = { .s = s, .f = f, .seen = scope_alloc(s, (size_t)f->highest / 8 + 1) };
	if (!c.seen)
		return ERR_NOMEM;
	for (size_t r = f->n_revisions; r-- > 0;)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++)
			count_section(&c, f->revisions[r].sections[i]);
	char *example = NULL;
	if (c.example)
		TRY(describe(s, c.example, &example));
	*ret_n = c.wrong;
	*ret_example = example;
	return OK;
}
