#include "formats/pdf_revisions.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define LINEARIZED_WITHIN 1024 /* octets from the header to the dictionary (Annex F.3.2) */

struct chain {
	struct pdf_xref x;
	struct pdf_section **section; /* newest first */
	size_t n, room;
	bool linearized;
};

/* `startxref`, its number, and where what belongs to it ends. */
struct tail {
	size_t keyword, after_number, eof, end;
	uint64_t value;
	bool has_eof;
};

/* -- startxref and %%EOF -- */

static size_t after_end_of_line(struct bytes file, size_t at)
{
	if (at < file.n && file.p[at] == '\r')
		at++;
	else
		return at < file.n && file.p[at] == '\n' ? at + 1 : at;
	return at < file.n && file.p[at] == '\n' ? at + 1 : at;
}

/* `%%EOF` after white space and other comments. */
static bool find_eof(struct bytes file, size_t at, size_t *ret_eof)
{
	for (at = pdf_syntax_skip_white(file, at); at < file.n && file.p[at] == '%';
	     at = pdf_syntax_skip_white(file, at)) {
		if (bytes_has_prefix(bytes_from(file, at), BYTES_LIT("%%EOF"))) {
			*ret_eof = at + 5;
			return true;
		}
		while (at < file.n && file.p[at] != '\r' && file.p[at] != '\n')
			at++;
	}
	return false;
}

static bool read_tail(struct bytes file, size_t keyword, struct tail *t)
{
	size_t at = pdf_syntax_skip_white(file, keyword + 9);
	t->keyword = keyword;
	if (!pdf_syntax_number(file, &at, &t->value))
		return false;
	t->eof = t->after_number = at;
	t->has_eof = find_eof(file, at, &t->eof);
	t->end = after_end_of_line(file, t->eof);
	return true;
}

static bool last_tail(struct bytes file, struct tail *t)
{
	const size_t cut = file.n > LIMIT_PDF_TAIL_SEARCH ? file.n - LIMIT_PDF_TAIL_SEARCH : 0;
	const struct bytes area = bytes_from(file, cut);
	for (size_t at = SIZE_MAX;;) {
		at = bytes_find_last(area, BYTES_LIT("startxref"), at);
		if (at == BYTES_NOT_FOUND)
			return false;
		if (read_tail(file, cut + at, t))
			return true;
	}
}

/* The first startxref in [from, to). */
static bool first_tail(struct bytes file, size_t from, size_t to, struct tail *t)
{
	const struct bytes area = bytes_cut(file, 0, to);
	for (;;) {
		from = bytes_find(area, BYTES_LIT("startxref"), from);
		if (from == BYTES_NOT_FOUND)
			return false;
		if (read_tail(file, from, t))
			return true;
		from += 9;
	}
}

/* -- the chain -- */

static enum err append_section(struct chain *c, size_t at)
{
	struct scope *s = c->x.s;
	if (c->n == LIMIT_PDF_SECTIONS)
		return scope_fault(
		    s, ERR_LIMIT, "pdf: more than %d cross-reference sections", LIMIT_PDF_SECTIONS);
	if (c->n == c->room) {
		const size_t room = c->room ? c->room * 2 : 4;
		struct pdf_section **more = scope_alloc_array(s, room, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (c->n)
			memcpy(more, c->section, c->n * sizeof(*more));
		c->section = more;
		c->room = room;
	}
	struct pdf_section *section = scope_alloc(s, sizeof(*section));
	if (!section)
		return ERR_NOMEM;
	TRY(pdf_xref_section(&c->x, at, section));
	for (size_t i = 0; i < c->n; i++)
		if (c->section[i]->offset == section->offset)
			return scope_fault(s, ERR_FORMAT,
			    "pdf: the cross-reference sections form a loop at offset %zu", at);
	c->section[c->n++] = section;
	return OK;
}

/* SIZE_MAX: there is none before. */
static enum err offset_before(struct chain *c, size_t *ret_at)
{
	const struct pdf_section *section = c->section[c->n - 1];
	const struct pdf_value *prev = pdf_value_find(section->trailer, "Prev");
	int64_t offset = 0;
	*ret_at = SIZE_MAX;
	if (!prev || prev->kind == PDF_NULL)
		return OK;
	if (!pdf_value_integer(prev, &offset) || offset < 0)
		return scope_fault(c->x.s, ERR_FORMAT,
		    "pdf: malformed /Prev of the cross-reference section at offset %zu",
		    section->offset);
	if (offset == 0)
		c->x.quirks |= PDF_QUIRK_PREV_0;
	else
		*ret_at = pdf_xref_offset(c->x.base, (uint64_t)offset);
	return OK;
}

static enum err read_chain(struct chain *c, size_t at)
{
	while (at != SIZE_MAX) {
		TRY(append_section(c, at));
		TRY(offset_before(c, &at));
	}
	return OK;
}

static bool is_linearized(const struct pdf_file *f)
{
	const struct bytes head = bytes_cut(f->bytes, 0, f->header + LINEARIZED_WITHIN);
	struct pdf_ref ref;
	size_t body;
	const size_t at = pdf_syntax_skip(head, f->header);
	return pdf_syntax_object_header(head, at, &ref, &body) &&
	       bytes_find(head, BYTES_LIT("/Linearized"), body) <
		   bytes_find(head, BYTES_LIT("endobj"), body);
}

/* -- revisions -- */

/* Whether the sections [i] and older, back to `oldest` (an index, above i), end before the next
 * newer one with a startxref of their own. */
static bool ends_revision(const struct chain *c, size_t oldest, size_t i, struct tail *t)
{
	size_t end = 0;
	for (size_t k = i; k <= oldest; k++)
		end = c->section[k]->end > end ? c->section[k]->end : end;
	const size_t next = c->section[i - 1]->offset;
	return end <= next && first_tail(c->x.file, end, next, t);
}

static struct pdf_revision revision_of(
    const struct chain *c, size_t oldest, size_t i, size_t start, const struct tail *t)
{
	const struct pdf_section *const *sections =
	    (const struct pdf_section *const *)(c->section + i);
	return (struct pdf_revision){
		.sections = sections,
		.n_sections = oldest - i + 1,
		.start = start,
		.startxref = t->keyword,
		.points_to = t->value ? pdf_xref_offset(c->x.base, t->value) : 0,
		.eof = t->eof,
		.end = t->end,
	};
}

static bool is_linearized_pair(const struct chain *c, size_t i)
{
	return c->linearized && i + 2 == c->n && c->section[i]->offset < c->section[i + 1]->offset;
}

static enum err make_revisions(struct chain *c, const struct tail *last, struct pdf_file *f)
{
	struct pdf_revision *revision = scope_alloc_array(c->x.s, c->n, sizeof(*revision));
	if (!revision)
		return ERR_NOMEM;
	size_t n = 0, start = 0, oldest = c->n - 1;
	for (size_t i = c->n; i-- > 0;) {
		if (i < oldest && !is_linearized_pair(c, i))
			c->x.quirks |= PDF_QUIRK_REVISIONS_MERGED;
		struct tail t = *last;
		if (i > 0 && !ends_revision(c, oldest, i, &t))
			continue;
		revision[n++] = revision_of(c, oldest, i, start, &t);
		start = t.end;
		oldest = i - 1;
	}
	f->revisions = revision;
	f->n_revisions = n;
	return OK;
}

static void sum_up(struct chain *c, const struct tail *last, struct pdf_file *f)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pdf_section *section = c->section[i];
		const uint32_t highest =
		    section->n_entries ? section->entries[section->n_entries - 1].num : 0;
		f->highest = highest > f->highest ? highest : f->highest;
	}
	f->trailer = c->section[0]->trailer;
	int64_t size;
	if (!pdf_value_integer(pdf_value_find(f->trailer, "Size"), &size) || size <= f->highest)
		c->x.quirks |= PDF_QUIRK_SIZE;
	if (!last->has_eof)
		c->x.quirks |= PDF_QUIRK_EOF_MISSING;
	if (pdf_syntax_skip_white(f->bytes, last->end) < f->bytes.n)
		c->x.quirks |= PDF_QUIRK_TRAILING;
	f->quirks |= c->x.quirks;
	f->linearized = c->linearized;
}

enum err pdf_revisions_read(struct scope *s, struct pdf_file *f)
{
	struct chain c = { .x = { .s = s, .file = f->bytes, .base = f->header } };
	struct tail last;
	if (!last_tail(f->bytes, &last))
		return scope_fault(s, ERR_FORMAT, "pdf: no startxref at the end of the file");
	size_t at = pdf_xref_offset(c.x.base, last.value);
	if (f->header > 0 && !pdf_xref_is_section(f->bytes, at) && last.value < f->bytes.n &&
	    pdf_xref_is_section(f->bytes, last.value)) {
		c.x.quirks |= PDF_QUIRK_OFFSETS_ABSOLUTE;
		c.x.base = 0;
		at = last.value;
	}
	if (at >= f->bytes.n)
		return scope_fault(s, ERR_FORMAT, "pdf: no cross-reference section at offset %llu",
		    (unsigned long long)last.value);
	f->base = c.x.base;
	c.linearized = is_linearized(f);
	TRY(read_chain(&c, at));
	TRY(make_revisions(&c, &last, f));
	sum_up(&c, &last, f);
	return OK;
}
