/* Content streams and CMaps out of any octets: as operators, as codes, and drawn with a page's
 * fonts, images and forms. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_content.h"
#include "formats/pdf_drawing.h"
#include "tests/support/pdf_make.h"

#define BUDGET ((size_t)64 << 20)
#define OPERATORS 20000 /* drawn of one input, so that each stays quick */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_operators(struct scope *s, struct bytes in)
{
	struct pdf_content *c = pdf_content_new(s, in);
	uint8_t octets[64];
	size_t before = 0;
	while (c && pdf_content_next(c)) {
		if (c->at > in.n || c->at <= before || c->n > LIMIT_PDF_OPERANDS)
			abort();
		before = c->at;
		for (size_t i = 0; i < c->n; i++) {
			const struct bytes text = c->operand[i].text;
			if (text.n && !bytes_encloses(in, text))
				abort();
			if (pdf_content_octets(&c->operand[i], octets, sizeof(octets)) >
			    sizeof(octets))
				abort();
		}
	}
}

static void read_cmap(struct scope *s, struct bytes in)
{
	struct pdf_cmap *m;
	uint32_t points[PDF_CMAP_POINTS];
	if (pdf_cmap_read(s, in, &m) != OK)
		return;
	for (uint32_t code = 0; code < 300; code++)
		if (pdf_cmap_find(m, code, 1 + code % 4, points) > PDF_CMAP_POINTS)
			abort();
}

/* A page whose only content is the input; a form of it paints the input too. */
static struct bytes make_file(struct scope *s, struct bytes in)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents [4 0 R 4 0 R] "
	    "/Resources << /Font << /F 5 0 R /G 6 0 R >> /ExtGState << /T << /ca .5 /BM /Multiply "
	    "/Font [5 0 R 9] >> >> /XObject << /I 8 0 R /X 9 0 R >> >> >>");
	pdf_make_stream(m, 4, "", in);
	pdf_make_object(m, 5,
	    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 60 /Widths [500 600] "
	    "/Encoding << /Differences [65 /B /uni0151] >> /ToUnicode 4 0 R >>");
	pdf_make_object(m, 6,
	    "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [7 0 R] "
	    "/ToUnicode 4 0 R >>");
	pdf_make_object(m, 7, "<< /DW 500 /W [65 [250 750] 70 72 900] >>");
	pdf_make_stream(m, 8, "/Subtype /Image /Width 1 /Height 1", BYTES_LIT("x"));
	pdf_make_stream(m, 9, "/Subtype /Form /BBox [0 0 50 50] /Matrix [2 0 0 2 10 0]", in);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static enum err see_text(void *ctx, const struct pdf_drawing_text *text)
{
	for (size_t at = 0; at < text->octets.n;) {
		const struct pdf_font_char c = pdf_font_char_at(text->font, text->octets, at);
		if (c.octets == 0 || c.octets > text->octets.n - at || c.n > PDF_CMAP_POINTS)
			abort();
		at += c.octets;
		*(size_t *)ctx += c.n;
	}
	return OK;
}

static enum err see_area(void *ctx, const struct pdf_drawing_area *area)
{
	if (!(pdf_pages_area(&area->box) > 0))
		abort();
	++*(size_t *)ctx;
	return OK;
}

static void draw(struct scope *s, struct bytes in)
{
	struct pdf_drawing_budget budget = { OPERATORS, BUDGET };
	size_t n = 0;
	const struct pdf_drawing_sink sink = { &n, see_text, see_area, false };
	const struct pdf_value *form;
	struct pdf_drawing *d;
	struct pdf_pages pages;
	struct pdf_file *f;
	if (pdf_file_open(s, make_file(s, in), BYTES_NONE, &f) != OK ||
	    pdf_pages_list(s, f, 0, &pages) != OK || pdf_drawing_new(s, f, 0, &budget, &d) != OK ||
	    pages.n != 1)
		return;
	if (pdf_drawing_page(d, &pages.item[0], &sink) != OK ||
	    pdf_file_object(s, f, 0, (struct pdf_ref){ 9, 0 }, &form) != OK ||
	    pdf_drawing_appearance(d, form, &pages.item[0].box, &sink) != OK)
		if (scope_fault_code(s) != ERR_NOMEM)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new(BUDGET);
	if (!s)
		return 0;
	read_operators(s, bytes_of(data, size));
	read_cmap(s, bytes_of(data, size));
	draw(s, bytes_of(data, size));
	scope_free(s);
	return 0;
}
