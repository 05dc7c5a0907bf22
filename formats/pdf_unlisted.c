#include "formats/pdf_unlisted.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"

#define SHORT 4096 /* octets in which an `endobj` is looked for before anything is parsed */

/* Where something that is listed begins; its end, or 0: an object, whose end must be found. */
struct place {
	size_t start, end;
	const struct pdf_xref_entry *entry;
};

struct search {
	struct scope *s;
	const struct pdf_file *f;
	struct place *place;
	size_t n;
	struct pdf_unlisted found;
};

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->start != y->start)
		return x->start > y->start ? 1 : -1;
	return (x->end > y->end) - (x->end < y->end);
}

static void add_place(
    struct search *c, size_t start, size_t end, const struct pdf_xref_entry *entry)
{
	c->place[c->n++] = (struct place){ start, end, entry };
}

static enum err add_section(struct search *c, const struct pdf_section *section)
{
	struct pdf_syntax_object object;
	add_place(c, section->offset, section->end, NULL);
	for (size_t i = 0; i < section->n_entries; i++)
		if (section->entries[i].kind == PDF_ENTRY_OFFSET &&
		    section->entries[i].offset < c->f->bytes.n)
			add_place(c, section->entries[i].offset, 0, &section->entries[i]);
	if (section->kind != PDF_SECTION_HYBRID)
		return OK;
	const bool had_fault = scope_fault_code(c->s) != OK;
	const size_t at = pdf_syntax_skip_white(c->f->bytes, section->xrefstm_offset);
	const enum err err = pdf_syntax_object(c->s, c->f->bytes, at, NULL, &object);
	if (err == OK)
		add_place(c, object.start, object.end, NULL);
	else if (err != ERR_NOMEM && !had_fault)
		scope_forgive(c->s);
	return err == ERR_NOMEM ? err : OK;
}

static enum err collect(struct search *c, size_t rev)
{
	size_t n = 1;
	for (size_t r = 0; r <= rev; r++)
		for (size_t i = 0; i < c->f->revisions[r].n_sections; i++)
			n += c->f->revisions[r].sections[i]->n_entries + 3;
	c->place = scope_resize(c->s, NULL, 0, n * sizeof(*c->place));
	if (!c->place)
		return ERR_NOMEM;
	for (size_t r = 0; r <= rev; r++) {
		const struct pdf_revision *v = &c->f->revisions[r];
		if (v->startxref != SIZE_MAX)
			add_place(c, v->startxref, v->eof, NULL);
		for (size_t i = 0; i < v->n_sections; i++)
			TRY(add_section(c, v->sections[i]));
	}
	qsort(c->place, c->n, sizeof(*c->place), compare);
	return OK;
}

/* -- where objects end -- */

static bool is_blank_to(struct bytes file, size_t at, size_t end)
{
	return pdf_syntax_skip(bytes_cut(file, 0, end), at) >= end;
}

/* One `obj`, one `endobj`, and nothing after it: so most objects end. */
static bool ends_plainly(struct bytes file, size_t start, size_t next)
{
	const struct bytes whole = bytes_cut(file, start, next - start);
	if (whole.n > SHORT)
		return false;
	const size_t head = bytes_find(whole, BYTES_LIT("obj"), 0);
	const size_t end = bytes_find(whole, BYTES_LIT("endobj"), 0);
	if (head == BYTES_NOT_FOUND || end == BYTES_NOT_FOUND || head > end ||
	    bytes_find(whole, BYTES_LIT("obj"), head + 3) != end + 3)
		return false;
	return is_blank_to(file, start + end + 6, next);
}

static enum err end_of(struct search *c, const struct place *p, size_t *ret_end)
{
	size_t start;
	*ret_end = p->end;
	if (!p->entry)
		return OK;
	*ret_end = p->start;
	const bool had_fault = scope_fault_code(c->s) != OK;
	const enum err err = pdf_file_object_span(c->s, c->f, p->entry, &start, ret_end);
	if (err != OK && err != ERR_NOMEM && !had_fault)
		scope_forgive(c->s);
	return err == ERR_NOMEM ? err : OK;
}

/* -- what stands between -- */

/* The head of an object at or after `at`: from the first `obj` back over its two numbers. */
static bool next_head(struct bytes file, size_t at, size_t end, size_t *ret_head)
{
	const struct bytes area = bytes_cut(file, 0, end);
	for (size_t obj = bytes_find(area, BYTES_LIT("obj"), at); obj != BYTES_NOT_FOUND;
	     obj = bytes_find(area, BYTES_LIT("obj"), obj + 3)) {
		size_t i = obj;
		for (int part = 0; part < 2; part++) {
			while (i > at && pdf_syntax_is_white(file.p[i - 1]))
				i--;
			while (i > at && file.p[i - 1] >= '0' && file.p[i - 1] <= '9')
				i--;
		}
		struct pdf_ref ref;
		size_t body;
		if (pdf_syntax_object_header(file, i, &ref, &body)) {
			*ret_head = i;
			return true;
		}
	}
	return false;
}

static enum err look_between(struct search *c, size_t at, size_t end)
{
	struct bytes file = c->f->bytes;
	while (c->found.n < LIMIT_PDF_UNLISTED && next_head(file, at, end, &at)) {
		struct pdf_syntax_object o;
		const bool had_fault = scope_fault_code(c->s) != OK;
		const enum err err = pdf_syntax_object(c->s, bytes_cut(file, 0, end), at, NULL, &o);
		if (err == ERR_NOMEM)
			return err;
		if (err != OK && !had_fault)
			scope_forgive(c->s);
		if (err == OK)
			c->found.item[c->found.n++] =
			    (struct pdf_unlisted_object){ o.ref, o.start, o.value };
		at = err == OK && o.end > at ? o.end : at + 3;
	}
	return OK;
}

static enum err search(struct search *c, size_t end)
{
	struct bytes file = c->f->bytes;
	size_t at = c->n ? c->place[0].start : end;
	for (size_t i = 0; i < c->n; i++) {
		const struct place *p = &c->place[i];
		const size_t next = i + 1 < c->n ? c->place[i + 1].start : end;
		size_t own;
		if (p->start > at && !is_blank_to(file, at, p->start))
			TRY(look_between(c, at, p->start));
		if (p->entry && p->start >= at && next > p->start &&
		    ends_plainly(file, p->start, next)) {
			at = next;
			continue;
		}
		TRY(end_of(c, p, &own));
		at = own > at ? own : at;
	}
	return at < end && !is_blank_to(file, at, end) ? look_between(c, at, end) : OK;
}

enum err pdf_unlisted_find(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_unlisted *ret_unlisted)
{
	struct search c = { .s = s, .f = f };
	c.found.item = scope_alloc_array(s, LIMIT_PDF_UNLISTED, sizeof(*c.found.item));
	if (!c.found.item)
		return ERR_NOMEM;
	TRY(collect(&c, rev));
	TRY(search(&c, f->revisions[rev].end));
	*ret_unlisted = c.found;
	return OK;
}
