#include "formats/pdf_xref.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_filter.h"

#define ENTRY_OCTETS 20   /* of a table (ISO 32000-2 7.5.4) */
#define ENTRY_SHORTEST 5  /* what the lenient reading takes: "0 0 n" */
#define MAX_FIELD_WIDTH 8 /* octets of a field in a stream's /W */

/* Entries on their way into a section. */
struct gathered {
	struct pdf_xref_entry *item;
	size_t n, room;
	bool sorted; /* ascending, one per number */
};

size_t pdf_xref_offset(size_t base, uint64_t offset)
{
	size_t sum;
	return __builtin_add_overflow(base, offset, &sum) ? SIZE_MAX : sum;
}

const struct pdf_xref_entry *pdf_xref_find(const struct pdf_section *section, uint32_t num)
{
	const struct pdf_xref_entry *e = section->entries;
	if (section->n_entries == 0 || num < e[0].num || num > e[section->n_entries - 1].num)
		return NULL;
	/* Most sections list every number from their first one on. */
	const size_t guess = num - e[0].num;
	if (guess < section->n_entries && e[guess].num == num)
		return &e[guess];
	size_t low = 0, high = section->n_entries;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (e[mid].num == num)
			return &e[mid];
		if (e[mid].num < num)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* -- gathering -- */

static enum err expect_entries(struct pdf_xref *x, struct gathered *g, size_t n)
{
	x->n_entries += n;
	if (n > LIMIT_PDF_OBJECTS || x->n_entries > LIMIT_PDF_OBJECTS)
		return scope_fault(x->s, ERR_LIMIT, "pdf: more than %d cross-reference entries",
		    LIMIT_PDF_OBJECTS);
	if (g->n + n <= g->room)
		return OK;
	size_t room = g->room * 2 < g->n + n ? g->n + n : g->room * 2;
	struct pdf_xref_entry *more = scope_alloc_array(x->s, room, sizeof(*more));
	if (!more)
		return ERR_NOMEM;
	if (g->n)
		memcpy(more, g->item, g->n * sizeof(*more));
	g->item = more;
	g->room = room;
	return OK;
}

/* Room must have been made. Numbers out of range: no object, so only a free one may have it. */
static enum err add_entry(
    struct pdf_xref *x, struct gathered *g, uint64_t num, struct pdf_xref_entry e)
{
	if (e.kind == PDF_ENTRY_OFFSET && e.offset == x->base) {
		x->quirks |= PDF_QUIRK_ENTRY_OFFSET_0;
		e.kind = PDF_ENTRY_FREE;
		e.offset = 0;
	}
	if (num > LIMIT_PDF_OBJECT_NUMBER) {
		if (e.kind == PDF_ENTRY_FREE)
			return OK;
		return scope_fault(x->s, ERR_LIMIT, "pdf: object number %llu is above %d",
		    (unsigned long long)num, LIMIT_PDF_OBJECT_NUMBER);
	}
	e.num = (uint32_t)num;
	if (g->n > 0 && g->item[g->n - 1].num >= e.num)
		g->sorted = false;
	g->item[g->n++] = e;
	return OK;
}

static int compare_entries(const void *a, const void *b)
{
	const struct pdf_xref_entry *x = a, *y = b;
	return (x->num > y->num) - (x->num < y->num);
}

/* Orders what is out of order; of entries for one number the first keeps its place. */
static enum err sort_entries(struct pdf_xref *x, struct gathered *g)
{
	if (g->sorted)
		return OK;
	/* Merge sort by hand: qsort does not keep the order of equals. */
	struct pdf_xref_entry *from = g->item;
	struct pdf_xref_entry *to = scope_alloc_array(x->s, g->n, sizeof(*to));
	if (!to)
		return ERR_NOMEM;
	for (size_t width = 1; width < g->n; width *= 2) {
		for (size_t at = 0; at < g->n; at += 2 * width) {
			const size_t mid = at + width < g->n ? at + width : g->n;
			const size_t end = mid + width < g->n ? mid + width : g->n;
			size_t i = at, j = mid;
			for (size_t k = at; k < end; k++) {
				const bool left = i < mid && (j == end || compare_entries(&from[i],
									      &from[j]) <= 0);
				to[k] = left ? from[i++] : from[j++];
			}
		}
		struct pdf_xref_entry *swap = from;
		from = to;
		to = swap;
	}
	g->item = from;
	size_t kept = 0;
	for (size_t i = 0; i < g->n; i++) {
		if (kept > 0 && from[kept - 1].num == from[i].num)
			x->quirks |= PDF_QUIRK_XREF_TWICE;
		else
			from[kept++] = from[i];
	}
	g->n = kept;
	g->sorted = true;
	return OK;
}

/* -- tables -- */

static bool digits(const uint8_t *p, size_t n, uint64_t *ret_n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		sum = sum * 10 + (p[i] - '0');
	}
	*ret_n = sum;
	return true;
}

struct line {
	uint64_t offset, gen;
	uint8_t kind;
};

/* An entry of exactly 20 octets. */
static bool exact_line(struct bytes file, size_t *at, struct line *ret_line)
{
	if (*at > file.n || file.n - *at < ENTRY_OCTETS)
		return false;
	const uint8_t *p = file.p + *at;
	if (!digits(p, 10, &ret_line->offset) || p[10] != ' ' ||
	    !digits(p + 11, 5, &ret_line->gen) || p[16] != ' ' || (p[17] != 'n' && p[17] != 'f') ||
	    !pdf_syntax_is_white(p[18]) || !pdf_syntax_is_white(p[19]))
		return false;
	ret_line->kind = p[17];
	*at += ENTRY_OCTETS;
	return true;
}

/* An entry of another shape, as some writers make them. */
static bool loose_line(struct bytes file, size_t *at, struct line *ret_line)
{
	size_t i = pdf_syntax_skip_white(file, *at);
	if (!pdf_syntax_number(file, &i, &ret_line->offset))
		return false;
	i = pdf_syntax_skip_white(file, i);
	if (!pdf_syntax_number(file, &i, &ret_line->gen))
		return false;
	i = pdf_syntax_skip_white(file, i);
	if (!pdf_syntax_has_keyword(file, i, "n") && !pdf_syntax_has_keyword(file, i, "f"))
		return false;
	ret_line->kind = file.p[i];
	*at = i + 1;
	return true;
}

static struct pdf_xref_entry entry_of_line(const struct pdf_xref *x, const struct line *line)
{
	return (struct pdf_xref_entry){
		.gen = line->gen > UINT32_MAX ? UINT32_MAX : (uint32_t)line->gen,
		.kind = line->kind == 'n' ? PDF_ENTRY_OFFSET : PDF_ENTRY_FREE,
		.offset = line->kind == 'n' ? pdf_xref_offset(x->base, line->offset) : 0,
	};
}

/* The first subsection begins at 1 with the entry that only object 0 has: every number is one too
 * high, if the file agrees. */
static bool starts_one_late(const struct pdf_xref *x, struct bytes file, size_t at, uint64_t count)
{
	struct line line;
	if (!(exact_line(file, &at, &line) || loose_line(file, &at, &line)) || line.kind != 'f' ||
	    line.gen != 65535)
		return false;
	for (uint64_t num = 1; num < count; num++) {
		if (!exact_line(file, &at, &line) && !loose_line(file, &at, &line))
			return false;
		struct pdf_ref ref;
		size_t body;
		if (line.kind == 'n' && line.offset > 0)
			return pdf_syntax_object_header(
				   file, pdf_xref_offset(x->base, line.offset), &ref, &body) &&
			       ref.num == num;
	}
	return false;
}

static enum err read_entries(
    struct pdf_xref *x, size_t *at, uint64_t first, uint64_t count, struct gathered *g)
{
	struct bytes file = x->file;
	if (count > (file.n - *at) / ENTRY_SHORTEST)
		return scope_fault(x->s, ERR_FORMAT,
		    "pdf: cross-reference table at offset %zu: fewer entries than announced", *at);
	TRY(expect_entries(x, g, count));
	for (uint64_t i = 0; i < count; i++) {
		struct line line;
		if (!exact_line(file, at, &line)) {
			if (!loose_line(file, at, &line))
				return scope_fault(x->s, ERR_FORMAT,
				    "pdf: cross-reference table: no entry at offset %zu", *at);
			x->quirks |= PDF_QUIRK_XREF_FORM;
			if (i + 1 < count)
				*at = pdf_syntax_skip_white(file, *at);
		}
		TRY(add_entry(x, g, first + i, entry_of_line(x, &line)));
	}
	return OK;
}

/* `first count`, then its entries. */
static enum err read_subsection(struct pdf_xref *x, size_t *at, bool is_first, struct gathered *g)
{
	struct bytes file = x->file;
	uint64_t first, count;
	size_t i = *at;
	if (!pdf_syntax_number(file, &i, &first))
		return scope_fault(x->s, ERR_FORMAT,
		    "pdf: cross-reference table: neither subsection nor trailer at offset %zu", i);
	i = pdf_syntax_skip_white(file, i);
	if (!pdf_syntax_number(file, &i, &count) || first > UINT32_MAX)
		return scope_fault(x->s, ERR_FORMAT,
		    "pdf: cross-reference table: malformed subsection at offset %zu", *at);
	i = pdf_syntax_skip_white(file, i);
	if (is_first && first == 1 && count > 0 && starts_one_late(x, file, i, count)) {
		x->quirks |= PDF_QUIRK_XREF_FIRST;
		first = 0;
	}
	TRY(read_entries(x, &i, first, count, g));
	*at = i;
	return OK;
}

static enum err read_table(
    struct pdf_xref *x, size_t at, struct pdf_section *section, struct gathered *g)
{
	struct bytes file = x->file;
	section->kind = PDF_SECTION_TABLE;
	size_t i = at + 4;
	while (i < file.n && (file.p[i] == ' ' || file.p[i] == '\t'))
		i++;
	if (i < file.n && file.p[i] != '\r' && file.p[i] != '\n')
		x->quirks |= PDF_QUIRK_XREF_FORM;
	for (bool is_first = true;; is_first = false) {
		i = pdf_syntax_skip(file, i);
		if (pdf_syntax_has_keyword(file, i, "trailer"))
			break;
		TRY(read_subsection(x, &i, is_first, g));
	}
	i += 7;
	TRY(pdf_syntax_value(x->s, file, &i, &section->trailer));
	if (section->trailer->kind != PDF_DICT)
		return scope_fault(
		    x->s, ERR_FORMAT, "pdf: trailer before offset %zu is not a dictionary", i);
	section->end = i;
	return OK;
}

/* -- streams -- */

struct fields {
	size_t width[3];
	size_t row;
};

static enum err read_widths(struct pdf_xref *x, const struct pdf_value *dict, struct fields *f)
{
	const struct pdf_value *w = pdf_value_find(dict, "W");
	bool good = w && w->kind == PDF_ARRAY && w->array.n >= 3;
	f->row = 0;
	for (size_t i = 0; good && i < 3; i++) {
		int64_t n = -1;
		good = pdf_value_integer(w->array.item[i], &n) && n >= 0 && n <= MAX_FIELD_WIDTH;
		f->width[i] = good ? (size_t)n : 0;
		f->row += f->width[i];
	}
	if (!good || f->row == 0)
		return scope_fault(x->s, ERR_FORMAT, "pdf: cross-reference stream: malformed /W");
	return OK;
}

static uint64_t field(const uint8_t **p, size_t width, uint64_t by_default)
{
	uint64_t n = 0;
	for (size_t i = 0; i < width; i++)
		n = n << 8 | *(*p)++;
	return width ? n : by_default;
}

static struct pdf_xref_entry entry_of_row(
    const struct pdf_xref *x, const struct fields *f, const uint8_t *p)
{
	const uint64_t type = field(&p, f->width[0], 1); /* 7.5.8.2: absent, it is 1 */
	const uint64_t second = field(&p, f->width[1], 0), third = field(&p, f->width[2], 0);
	const uint32_t clipped = third > UINT32_MAX ? UINT32_MAX : (uint32_t)third;
	if (type == 1)
		return (struct pdf_xref_entry){ .kind = PDF_ENTRY_OFFSET,
			.offset = pdf_xref_offset(x->base, second),
			.gen = clipped };
	/* Number 0, which is no object, where it is out of range. */
	if (type == 2)
		return (struct pdf_xref_entry){ .kind = PDF_ENTRY_COMPRESSED,
			.stream = second > UINT32_MAX ? 0 : (uint32_t)second,
			.index = clipped };
	/* Unknown types are references to null (7.5.8.3). */
	return (struct pdf_xref_entry){ .kind = PDF_ENTRY_FREE, .gen = type == 0 ? clipped : 0 };
}

static enum err read_rows(struct pdf_xref *x, const struct fields *f, struct bytes *rows,
    int64_t first, int64_t count, struct gathered *g)
{
	if (first < 0 || count < 0 || first > UINT32_MAX)
		return scope_fault(
		    x->s, ERR_FORMAT, "pdf: cross-reference stream: malformed /Index");
	size_t n = (uint64_t)count;
	if (n > rows->n / f->row) {
		n = rows->n / f->row;
		x->quirks |= PDF_QUIRK_XREF_FORM;
	}
	TRY(expect_entries(x, g, n));
	for (size_t i = 0; i < n; i++)
		TRY(add_entry(x, g, (uint64_t)first + i, entry_of_row(x, f, rows->p + i * f->row)));
	*rows = bytes_from(*rows, n * f->row);
	return OK;
}

static enum err read_index(struct pdf_xref *x, const struct pdf_value *dict, const struct fields *f,
    struct bytes rows, struct gathered *g)
{
	const struct pdf_value *index = pdf_value_find(dict, "Index");
	int64_t first = 0, count = 0;
	if (!index) {
		if (!pdf_value_integer(pdf_value_find(dict, "Size"), &count))
			count = -1;
		return read_rows(x, f, &rows, 0, count, g);
	}
	if (index->kind != PDF_ARRAY || index->array.n % 2 != 0)
		return scope_fault(
		    x->s, ERR_FORMAT, "pdf: cross-reference stream: malformed /Index");
	for (size_t i = 0; i < index->array.n; i += 2) {
		if (!pdf_value_integer(index->array.item[i], &first) ||
		    !pdf_value_integer(index->array.item[i + 1], &count))
			first = -1;
		TRY(read_rows(x, f, &rows, first, count, g));
	}
	return OK;
}

static enum err read_stream(
    struct pdf_xref *x, size_t at, struct pdf_section *section, struct gathered *g)
{
	struct pdf_syntax_object object;
	TRY(pdf_syntax_object(x->s, x->file, at, NULL, &object));
	const struct pdf_value *v = object.value;
	if (v->kind != PDF_STREAM || !pdf_value_is_name(pdf_value_find(v, "Type"), "XRef"))
		return scope_fault(x->s, ERR_FORMAT,
		    "pdf: the object at offset %zu is no cross-reference stream", at);
	struct fields f;
	TRY(read_widths(x, v, &f));
	struct bytes rows;
	bool damaged;
	TRY(pdf_filter_decode(x->s, pdf_value_find(v, "Filter"), pdf_value_find(v, "DecodeParms"),
	    v->stream.raw, &rows, &damaged));
	TRY(read_index(x, v, &f, rows, g));
	section->kind = PDF_SECTION_STREAM;
	section->trailer = v->stream.dict;
	section->end = object.end;
	return OK;
}

/* -- sections -- */

/* Entries of the stream count where the table says free or nothing (7.5.8.4). */
static enum err add_hidden(struct pdf_xref *x, const struct gathered *hidden, struct gathered *g)
{
	const struct pdf_section table = { .entries = g->item, .n_entries = g->n };
	const size_t n_table = g->n;
	struct gathered more = { .sorted = true };
	TRY(expect_entries(x, &more, hidden->n));
	for (size_t i = 0; i < hidden->n; i++) {
		const struct pdf_xref_entry *e = pdf_xref_find(&table, hidden->item[i].num);
		if (!e)
			more.item[more.n++] = hidden->item[i];
		else if (e->kind == PDF_ENTRY_FREE)
			g->item[e - g->item] = hidden->item[i];
	}
	TRY(expect_entries(x, g, more.n));
	for (size_t i = 0; i < more.n; i++)
		g->item[g->n++] = more.item[i];
	g->sorted = g->n == n_table;
	return sort_entries(x, g);
}

/* Those of the stream will take the place of some. */
static enum err keep_table(
    struct pdf_xref *x, const struct gathered *g, struct pdf_section *section)
{
	struct pdf_xref_entry *table = scope_alloc_array(x->s, g->n, sizeof(*table));
	if (!table)
		return ERR_NOMEM;
	if (g->n)
		memcpy(table, g->item, g->n * sizeof(*table));
	section->table = table;
	section->n_table = g->n;
	return OK;
}

static enum err read_hybrid(
    struct pdf_xref *x, int64_t offset, struct pdf_section *section, struct gathered *g)
{
	struct pdf_section stream = { 0 };
	struct gathered hidden = { .sorted = true };
	const size_t at = offset < 0 ? SIZE_MAX : pdf_xref_offset(x->base, (uint64_t)offset);
	if (!pdf_xref_is_section(x->file, at))
		return scope_fault(
		    x->s, ERR_FORMAT, "pdf: /XRefStm does not lead to a cross-reference stream");
	TRY(read_stream(x, pdf_syntax_skip_white(x->file, at), &stream, &hidden));
	TRY(sort_entries(x, &hidden));
	section->kind = PDF_SECTION_HYBRID;
	section->xrefstm_offset = at;
	TRY(keep_table(x, g, section));
	return add_hidden(x, &hidden, g);
}

bool pdf_xref_is_section(struct bytes file, size_t at)
{
	struct pdf_ref ref;
	size_t body;
	if (at >= file.n)
		return false;
	at = pdf_syntax_skip_white(file, at);
	return bytes_has_prefix(bytes_from(file, at), BYTES_LIT("xref")) ||
	       pdf_syntax_object_header(file, at, &ref, &body);
}

enum err pdf_xref_section(struct pdf_xref *x, size_t at, struct pdf_section *ret_section)
{
	if (!pdf_xref_is_section(x->file, at))
		return scope_fault(
		    x->s, ERR_FORMAT, "pdf: no cross-reference section at offset %zu", at);
	struct pdf_section section = { .offset = pdf_syntax_skip_white(x->file, at) };
	struct gathered g = { .sorted = true };
	if (section.offset != at)
		x->quirks |= PDF_QUIRK_STARTXREF_WHITE;
	if (x->file.p[section.offset] == 'x')
		TRY(read_table(x, section.offset, &section, &g));
	else
		TRY(read_stream(x, section.offset, &section, &g));
	TRY(sort_entries(x, &g));
	int64_t hidden_at;
	if (section.kind == PDF_SECTION_TABLE &&
	    pdf_value_integer(pdf_value_find(section.trailer, "XRefStm"), &hidden_at))
		TRY(read_hybrid(x, hidden_at, &section, &g));
	section.entries = g.item;
	section.n_entries = g.n;
	*ret_section = section;
	return OK;
}
