/*
 * Makes the documents of the demonstration: filing.pdf (text, one page per heading), scan.pdf (a
 * page as a scanner gives it) and form.pdf (fields to fill in and one to seal in).
 *
 *	make_pdfs TEXT FOLDER
 *
 * TEXT is UTF-8, its lines are set as they are; "# " begins a page and is its heading.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/pdf_make.h"

#define TEXT_MAX ((size_t)64 << 10)
#define PAGES_MAX 20
#define A4 "[0 0 595 842]"

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "make_pdfs: %s\n", what);
	exit(EXIT_FAILURE);
}

static struct bytes whole_of(struct buf *b)
{
	struct bytes all;
	if (buf_done(b, &all) != OK)
		fail("out of memory");
	return all;
}

static void write_file(const char *folder, const char *name, struct bytes data)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = n > 0 && (size_t)n < sizeof(path) ? fopen(path, "wb") : NULL;
	if (!f || fwrite(data.p, 1, data.n, f) != data.n || fclose(f) != 0)
		fail("cannot write into the folder");
}

/* -- text in the standard fonts -- */

/* WinAnsiEncoding lacks four Hungarian letters: they take codes that it leaves free. */
static const char font_entries[] =
    "/Type /Font /Subtype /Type1 /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding "
    "/Differences [129 /ohungarumlaut 141 /uhungarumlaut 143 /Ohungarumlaut 144 "
    "/Uhungarumlaut] >>";

static uint8_t code_of(unsigned point)
{
	switch (point) {
	case 0x151:
		return 129;
	case 0x171:
		return 141;
	case 0x150:
		return 143;
	case 0x170:
		return 144;
	default:
		if (point > 0xff)
			fail("the text has a letter that the fonts lack");
		return (uint8_t)point;
	}
}

/* A string object. The text has no letter that takes more than two octets of UTF-8. */
static void add_string(struct buf *b, const char *text, size_t n)
{
	buf_add_byte(b, '<');
	for (size_t i = 0; i < n; i++) {
		unsigned c = (uint8_t)text[i];
		if (c >= 0x80 && i + 1 < n)
			c = (c & 0x1f) << 6 | ((uint8_t)text[++i] & 0x3f);
		buf_addf(b, "%02x", code_of(c));
	}
	buf_add_str(b, ">");
}

static void add_fonts(struct pdf_make *m, uint32_t first)
{
	pdf_make_objectf(m, first, "<< %s /BaseFont /Courier >>", font_entries);
	pdf_make_objectf(m, first + 1, "<< %s /BaseFont /Helvetica-Bold >>", font_entries);
}

/* -- the filing -- */

/* Sets lines up to the next heading; `text` stands at its start then. */
static struct bytes set_page(struct scope *s, const char **text, unsigned page)
{
	struct buf b = buf_new(s, TEXT_MAX * 4);
	const char *line = *text;
	buf_add_str(&b, "BT 14 TL 64 770 Td\n");
	for (bool first = true; *line && (first || strncmp(line, "# ", 2) != 0); first = false) {
		size_t n = strcspn(line, "\n");
		buf_add_str(&b, first ? "/F2 17 Tf " : "/F1 9.8 Tf ");
		add_string(&b, first ? line + 2 : line, first ? n - 2 : n);
		buf_add_str(&b, " Tj T*\n");
		line += n + (line[n] != '\0');
	}
	buf_addf(&b, "ET BT /F1 9 Tf 500 40 Td (page %u) Tj ET\n", page);
	*text = line;
	return whole_of(&b);
}

/* Catalog 1, pages 2, fonts 3 and 4, then a page and its contents in turn. */
static struct bytes make_filing(struct scope *s, const char *text)
{
	struct pdf_make *m = pdf_make_new(s);
	struct buf kids = buf_new(s, 1024);
	unsigned n = 0;
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /Lang (en) >>");
	add_fonts(m, 3);
	while (*text && n < PAGES_MAX) {
		struct bytes contents = set_page(s, &text, n + 1);
		uint32_t page = 5 + 2 * n++;
		pdf_make_objectf(m, page,
		    "<< /Type /Page /Parent 2 0 R /MediaBox " A4 " /Contents %u 0 R "
		    "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
		    page + 1);
		pdf_make_stream(m, page + 1, "", contents);
		buf_addf(&kids, "%u 0 R ", page);
	}
	buf_add_byte(&kids, '\0');
	pdf_make_objectf(
	    m, 2, "<< /Type /Pages /Kids [%s] /Count %u >>", (const char *)whole_of(&kids).p, n);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

/* -- the scan -- */

enum {
	SCAN_W = 496,
	SCAN_H = 702,
	SCAN_LINE = 22,
	SCAN_MARGIN = 60
};

/* The same noise on every machine (a linear congruential generator, Numerical Recipes). */
static unsigned noise(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 24;
}

/* Whether there is ink: lines of words, a little askew, the last of each paragraph short. */
static bool is_ink(int x, int y)
{
	int row = (y + x / 60 - SCAN_MARGIN) / SCAN_LINE;
	int in_row = (y + x / 60 - SCAN_MARGIN) % SCAN_LINE;
	int end = row % 6 == 5 ? SCAN_W / 2 : SCAN_W - SCAN_MARGIN;
	int word = (x + row * 37) % 53;
	if (y < SCAN_MARGIN || y > SCAN_H - SCAN_MARGIN || x < SCAN_MARGIN || x > end)
		return false;
	return in_row > 6 && in_row < 14 && word > 7 && (x * 7 + row) % 5 != 0 && row % 6 != 0;
}

static struct bytes make_scan(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	struct buf image = buf_new(s, (size_t)SCAN_W * SCAN_H);
	struct buf contents = buf_new(s, 256);
	unsigned state = 1;
	for (int y = 0; y < SCAN_H; y++)
		for (int x = 0; x < SCAN_W; x++) {
			unsigned paper = 240 - (unsigned)(x * y) / 14000;
			unsigned ink = is_ink(x, y) ? 150 : 0;
			buf_add_byte(&image, (uint8_t)(paper - ink - noise(&state) % 15));
		}
	buf_add_str(&contents, "q 595 0 0 842 0 0 cm /Im Do Q");
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox " A4 " /Contents 4 0 R "
	    "/Resources << /XObject << /Im 5 0 R >> >> >>");
	pdf_make_stream(m, 4, "", whole_of(&contents));
	char entries[200];
	snprintf(entries, sizeof(entries),
	    "/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
	    "/BitsPerComponent 8",
	    SCAN_W, SCAN_H);
	pdf_make_stream(m, 5, entries, whole_of(&image));
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

/* -- the form -- */

static void add_text_field(
    struct pdf_make *m, uint32_t num, const char *name, const char *value, const char *label, int y)
{
	struct buf look = buf_new(m->s, 4096);
	buf_add_str(&look, "/Tx BMC q BT /F1 11 Tf 4 6 Td ");
	add_string(&look, value, strlen(value));
	buf_add_str(&look, " Tj ET Q EMC");
	pdf_make_objectf(m, num,
	    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (%s) /TU (%s) /V (%s) /F 4 /P 3 0 R "
	    "/DA (/F1 11 Tf 0 g) /MK << /BC [0.4] >> /Rect [200 %d 500 %d] /AP << /N %u 0 R >> >>",
	    name, label, value, y, y + 20, num + 1);
	pdf_make_stream(m, num + 1,
	    "/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F1 5 0 R >> "
	    ">>",
	    whole_of(&look));
}

static void add_look(struct pdf_make *m, uint32_t num, const char *box, const char *operators)
{
	char entries[200];
	snprintf(entries, sizeof(entries), "/Type /XObject /Subtype /Form /BBox [0 0 %s]", box);
	pdf_make_stream(m, num, entries, bytes_of_str(operators));
}

static void add_form_page(struct pdf_make *m)
{
	struct buf b = buf_new(m->s, 4096);
	buf_add_str(&b, "BT /F2 17 Tf 64 770 Td (Application for a copy of the register) Tj ET\n"
			"BT /F1 11 Tf 64 706 Td (Applicant) Tj 0 -36 Td (Reference) Tj "
			"0 -36 Td (Certified copy) Tj 0 -90 Td (Seal of the office) Tj ET\n"
			"0.6 G 200 700 300 20 re 200 664 300 20 re 200 628 16 16 re S\n"
			"[4 3] 0 d 200 480 240 90 re S\n");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox " A4 " /Contents 4 0 R /Annots [8 0 R 10 0 R "
	    "12 0 R 15 0 R] /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>");
	pdf_make_stream(m, 4, "", whole_of(&b));
	add_fonts(m, 5);
}

static struct bytes make_form(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 7 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	add_form_page(m);
	pdf_make_object(m, 7,
	    "<< /Fields [8 0 R 10 0 R 12 0 R 15 0 R] /DR << /Font << /F1 5 0 R >> >> "
	    "/DA (/F1 11 Tf 0 g) >>");
	add_text_field(m, 8, "applicant", "Kovacs Anna", "Applicant", 700);
	add_text_field(m, 10, "reference", "2026/004711", "Reference", 664);
	pdf_make_object(m, 12,
	    "<< /Type /Annot /Subtype /Widget /FT /Btn /T (certified) /V /Yes /AS /Yes /F 4 "
	    "/P 3 0 R /Rect [200 628 216 644] /AP << /N << /Yes 13 0 R /Off 14 0 R >> >> >>");
	add_look(m, 13, "16 16", "q 1.5 w 3 3 m 13 13 l 3 13 m 13 3 l S Q");
	add_look(m, 14, "16 16", "");
	pdf_make_object(m, 15,
	    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (office seal) /F 132 /P 3 0 R "
	    "/Rect [200 480 440 570] >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

int main(int argc, char **argv)
{
	static char text[TEXT_MAX];
	if (argc != 3)
		fail("usage: make_pdfs TEXT FOLDER");
	FILE *f = fopen(argv[1], "rb");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (n == 0 || n == sizeof(text) - 1 || strncmp(text, "# ", 2) != 0)
		fail("the text cannot be read, is too long or has no heading");
	fclose(f);
	struct scope *s = scope_new(0);
	if (!s)
		fail("out of memory");
	write_file(argv[2], "filing.pdf", make_filing(s, text));
	write_file(argv[2], "scan.pdf", make_scan(s));
	write_file(argv[2], "form.pdf", make_form(s));
	scope_free(s);
	return EXIT_SUCCESS;
}
