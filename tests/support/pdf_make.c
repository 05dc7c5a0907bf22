#include "tests/support/pdf_make.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define MAKE_CAP ((size_t)64 << 20)
#define NO_SECTION SIZE_MAX

struct pdf_make *pdf_make_new(struct scope *s)
{
	struct pdf_make *m = scope_alloc(s, sizeof(*m));
	if (!m)
		abort();
	m->s = s;
	m->out = buf_new(s, MAKE_CAP);
	m->prev = NO_SECTION;
	m->size = 1;
	return m;
}

size_t pdf_make_at(const struct pdf_make *m)
{
	return m->out.n - m->base;
}

void pdf_make_octets(struct pdf_make *m, struct bytes octets)
{
	buf_add(&m->out, octets);
}

void pdf_make_raw(struct pdf_make *m, const char *text)
{
	buf_add_str(&m->out, text);
}

static void add_formatted(struct pdf_make *m, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void add_formatted(struct pdf_make *m, const char *fmt, va_list ap)
{
	char text[8192];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		abort();
	pdf_make_raw(m, text);
}

void pdf_make_rawf(struct pdf_make *m, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_formatted(m, fmt, ap);
	va_end(ap);
}

void pdf_make_header(struct pdf_make *m, const char *version)
{
	m->base = m->out.n;
	pdf_make_rawf(m, "%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n", version);
}

/* -- objects -- */

void pdf_make_entry(struct pdf_make *m, struct pdf_make_entry entry)
{
	size_t i = 0;
	while (i < m->n_entries && m->entry[i].num != entry.num)
		i++;
	if (i == PDF_MAKE_ENTRIES)
		abort();
	m->entry[i] = entry;
	m->n_entries += i == m->n_entries;
	if (entry.num >= m->size)
		m->size = entry.num + 1;
}

void pdf_make_free(struct pdf_make *m, uint32_t num, uint32_t gen)
{
	pdf_make_entry(m, (struct pdf_make_entry){ .num = num, .gen = gen });
}

static void begin_object(struct pdf_make *m, uint32_t num)
{
	pdf_make_entry(
	    m, (struct pdf_make_entry){ .num = num, .kind = 1, .offset = pdf_make_at(m) });
	pdf_make_rawf(m, "%lu 0 obj\n", (unsigned long)num);
}

void pdf_make_object(struct pdf_make *m, uint32_t num, const char *body)
{
	begin_object(m, num);
	pdf_make_raw(m, body);
	pdf_make_raw(m, "\nendobj\n");
}

void pdf_make_objectf(struct pdf_make *m, uint32_t num, const char *fmt, ...)
{
	begin_object(m, num);
	va_list ap;
	va_start(ap, fmt);
	add_formatted(m, fmt, ap);
	va_end(ap);
	pdf_make_raw(m, "\nendobj\n");
}

void pdf_make_stream(struct pdf_make *m, uint32_t num, const char *entries, struct bytes data)
{
	begin_object(m, num);
	pdf_make_rawf(m, "<< %s /Length %zu >>\nstream\n", entries, data.n);
	pdf_make_octets(m, data);
	pdf_make_raw(m, "\nendstream\nendobj\n");
}

void pdf_make_object_stream(
    struct pdf_make *m, uint32_t num, size_t n, const uint32_t *nums, const char *const *bodies)
{
	struct buf head = buf_new(m->s, MAKE_CAP), body = buf_new(m->s, MAKE_CAP);
	char entries[80];
	for (size_t i = 0; i < n; i++) {
		buf_addf(&head, "%lu %zu ", (unsigned long)nums[i], body.n);
		buf_add_str(&body, bodies[i]);
		buf_add_byte(&body, '\n');
		pdf_make_entry(
		    m, (struct pdf_make_entry){
			   .num = nums[i], .kind = 2, .stream = num, .at = (uint32_t)i });
	}
	snprintf(entries, sizeof(entries), "/Type /ObjStm /N %zu /First %zu", n, head.n);
	buf_add(&head, buf_bytes(&body));
	pdf_make_stream(m, num, entries, buf_bytes(&head));
}

/* -- sections -- */

static int compare_entries(const void *a, const void *b)
{
	const struct pdf_make_entry *x = a, *y = b;
	return (x->num > y->num) - (x->num < y->num);
}

static void sort_entries(struct pdf_make *m)
{
	if (m->prev == NO_SECTION)
		pdf_make_free(m, 0, 65535);
	qsort(m->entry, m->n_entries, sizeof(m->entry[0]), compare_entries);
}

/* Length of the run of consecutive numbers at i. */
static size_t run_at(const struct pdf_make *m, size_t i)
{
	size_t n = 1;
	while (i + n < m->n_entries && m->entry[i + n].num == m->entry[i].num + n)
		n++;
	return n;
}

static void write_lines(struct pdf_make *m)
{
	pdf_make_raw(m, "xref\n");
	for (size_t i = 0; i < m->n_entries;) {
		size_t end = i + run_at(m, i);
		pdf_make_rawf(m, "%lu %zu\n", (unsigned long)m->entry[i].num, end - i);
		for (; i < end; i++)
			pdf_make_rawf(m, "%010zu %05lu %c \n", m->entry[i].offset,
			    (unsigned long)m->entry[i].gen, m->entry[i].kind == 1 ? 'n' : 'f');
	}
	if (m->n_entries == 0)
		pdf_make_raw(m, "0 0\n");
}

static void write_trailer(struct pdf_make *m, const char *trailer)
{
	pdf_make_rawf(m, "trailer\n<< /Size %lu %s", (unsigned long)m->size, trailer);
	if (m->prev != NO_SECTION)
		pdf_make_rawf(m, " /Prev %zu", m->prev);
	pdf_make_raw(m, " >>\n");
}

size_t pdf_make_bare_table(struct pdf_make *m, const char *trailer)
{
	sort_entries(m);
	const size_t at = pdf_make_at(m);
	write_lines(m);
	write_trailer(m, trailer);
	m->prev = at;
	m->n_entries = 0;
	return at;
}

void pdf_make_startxref(struct pdf_make *m, size_t offset)
{
	pdf_make_rawf(m, "startxref\n%zu\n%%%%EOF\n", offset);
}

size_t pdf_make_table(struct pdf_make *m, const char *trailer)
{
	const size_t at = pdf_make_bare_table(m, trailer);
	pdf_make_startxref(m, at);
	return at;
}

static void add_number(struct buf *b, size_t n, int width)
{
	for (int i = width - 1; i >= 0; i--)
		buf_add_byte(b, (uint8_t)(n >> 8 * i));
}

/* The entries as a stream, of which nothing is kept in m->entry. */
static void write_rows(struct pdf_make *m, uint32_t num, const char *trailer)
{
	struct buf rows = buf_new(m->s, MAKE_CAP), index = buf_new(m->s, MAKE_CAP);
	for (size_t i = 0; i < m->n_entries; i++) {
		const struct pdf_make_entry *e = &m->entry[i];
		if (i == 0 || m->entry[i - 1].num + 1 != e->num)
			buf_addf(&index, "%lu %zu ", (unsigned long)e->num, run_at(m, i));
		add_number(&rows, (size_t)e->kind, 1);
		add_number(&rows, e->kind == 2 ? e->stream : e->offset, 4);
		add_number(&rows, e->kind == 2 ? e->at : e->gen, 2);
	}
	pdf_make_rawf(m,
	    "%lu 0 obj\n<< /Type /XRef /Size %lu /W [1 4 2] /Index [%.*s] %s /Length %zu",
	    (unsigned long)num, (unsigned long)m->size, (int)index.n, (const char *)index.p,
	    trailer, rows.n);
	if (m->prev != NO_SECTION)
		pdf_make_rawf(m, " /Prev %zu", m->prev);
	pdf_make_raw(m, " >>\nstream\n");
	pdf_make_octets(m, buf_bytes(&rows));
	pdf_make_raw(m, "\nendstream\nendobj\n");
}

size_t pdf_make_xref_stream(struct pdf_make *m, uint32_t num, const char *trailer)
{
	const size_t at = pdf_make_at(m);
	pdf_make_entry(m, (struct pdf_make_entry){ .num = num, .kind = 1, .offset = at });
	sort_entries(m);
	write_rows(m, num, trailer);
	pdf_make_startxref(m, at);
	m->prev = at;
	m->n_entries = 0;
	return at;
}

static bool is_in(uint32_t num, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == num)
			return true;
	return false;
}

size_t pdf_make_hybrid(
    struct pdf_make *m, uint32_t num, const char *trailer, const uint32_t *hidden, size_t n_hidden)
{
	char more[512];
	const size_t stream_at = pdf_make_at(m), prev = m->prev;
	pdf_make_entry(m, (struct pdf_make_entry){ .num = num, .kind = 1, .offset = stream_at });
	sort_entries(m);
	const struct pdf_make all = *m;
	m->n_entries = 0;
	for (size_t i = 0; i < all.n_entries; i++)
		if (all.entry[i].kind == 2 || is_in(all.entry[i].num, hidden, n_hidden))
			m->entry[m->n_entries++] = all.entry[i];
	m->prev = NO_SECTION;
	write_rows(m, num, "");
	m->prev = prev;
	m->n_entries = all.n_entries;
	memcpy(m->entry, all.entry, sizeof(m->entry));
	for (size_t i = 0; i < m->n_entries; i++)
		if (m->entry[i].kind == 2 || is_in(m->entry[i].num, hidden, n_hidden))
			m->entry[i] = (struct pdf_make_entry){ .num = m->entry[i].num };
	snprintf(more, sizeof(more), "%s /XRefStm %zu", trailer, stream_at);
	return pdf_make_table(m, more);
}

struct bytes pdf_make_done(struct pdf_make *m)
{
	struct bytes file;
	if (buf_done(&m->out, &file) != OK)
		abort();
	return file;
}

/* -- whole files -- */

static const char page_body[] =
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
    "/Resources << /Font << /F1 5 0 R >> >> >>";
static const char font_body[] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

static void add_contents(struct pdf_make *m, const char *text)
{
	struct buf b = buf_new(m->s, MAKE_CAP);
	buf_addf(&b, "BT /F1 24 Tf 72 720 Td (%s) Tj ET", text);
	pdf_make_stream(m, 4, "", buf_bytes(&b));
}

struct pdf_make *pdf_make_begin_page(
    struct scope *s, const char *catalog, const char *page, const char *text)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, catalog);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, page);
	add_contents(m, text);
	pdf_make_object(m, 5, font_body);
	return m;
}

struct pdf_make *pdf_make_begin_one_page(struct scope *s)
{
	return pdf_make_begin_page(s, "<< /Type /Catalog /Pages 2 0 R >>", page_body, "Bulla");
}

struct bytes pdf_make_one_page(struct scope *s)
{
	return pdf_make_text(s, "Bulla");
}

struct bytes pdf_make_text(struct scope *s, const char *text)
{
	struct pdf_make *m =
	    pdf_make_begin_page(s, "<< /Type /Catalog /Pages 2 0 R >>", page_body, text);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

struct bytes pdf_make_form(struct scope *s)
{
	struct pdf_make *m =
	    pdf_make_begin_page(s, "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
		"/Resources << /Font << /F1 5 0 R >> >> /Annots [7 0 R 8 0 R] >>",
		"Form");
	pdf_make_object(
	    m, 6, "<< /Fields [7 0 R 8 0 R] /DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf) >>");
	pdf_make_object(m, 7,
	    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V () /F 4 /P 3 0 R "
	    "/Rect [72 600 300 620] >>");
	pdf_make_object(m, 8,
	    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (seal) /F 132 /P 3 0 R "
	    "/Rect [72 500 300 560] >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

struct bytes pdf_make_compressed(struct scope *s)
{
	static const uint32_t nums[] = { 1, 2, 3, 5 };
	const char *const bodies[] = { "<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page_body, font_body };
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	add_contents(m, "Bulla");
	pdf_make_object_stream(m, 6, 4, nums, bodies);
	pdf_make_xref_stream(m, 7, "/Root 1 0 R");
	return pdf_make_done(m);
}

static size_t offset_of(const struct pdf_make *m, uint32_t num)
{
	for (size_t i = 0; m && i < m->n_entries; i++)
		if (m->entry[i].num == num)
			return m->entry[i].offset;
	return 0;
}

/* Objects 1 and 2 stand in the second half and are listed by the section at the end, whose offset
 * is the result. All numbers have one width, so what the draft found where is true of the file. */
static size_t write_linearized(struct pdf_make *m, const struct pdf_make *draft, size_t last)
{
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 6, "<< /Linearized 1 /L 00000 /H [0 0] /O 3 /E 0 /N 1 /T 0 >>");
	const size_t first = pdf_make_at(m);
	pdf_make_raw(m, "xref\n3 4\n");
	for (uint32_t num = 3; num <= 6; num++)
		pdf_make_rawf(m, "%010zu 00000 n \n", offset_of(draft, num));
	pdf_make_rawf(
	    m, "trailer\n<< /Size 7 /Root 1 0 R /Prev %05zu >>\nstartxref\n0\n%%%%EOF\n", last);
	pdf_make_object(m, 3, page_body);
	add_contents(m, "Bulla");
	pdf_make_object(m, 5, font_body);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	const size_t at = pdf_make_at(m);
	pdf_make_rawf(m,
	    "xref\n0 3\n0000000000 65535 f \n%010zu 00000 n \n%010zu 00000 n \n"
	    "trailer\n<< /Size 3 >>\n",
	    offset_of(draft, 1), offset_of(draft, 2));
	pdf_make_startxref(m, first);
	m->prev = first; /* for an update */
	return at;
}

struct pdf_make *pdf_make_begin_linearized(struct scope *s)
{
	struct pdf_make *draft = pdf_make_new(s), *m = pdf_make_new(s);
	const size_t last = write_linearized(draft, NULL, 0);
	write_linearized(m, draft, last);
	m->n_entries = 0;
	return m;
}

struct bytes pdf_make_linearized(struct scope *s)
{
	return pdf_make_done(pdf_make_begin_linearized(s));
}
