/* Which characters codes stand for: glyph names, encodings, /ToUnicode; and how wide they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_font.h"
#include "formats/pdf_glyph.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

static struct scope *s;

static int setup(void **state)
{
	(void)state;
	s = scope_new(0);
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

static uint32_t named(const char *name)
{
	return pdf_glyph_of_name(bytes_of_str(name));
}

static void test_glyph_names(void **state)
{
	(void)state;
	assert_int_equal(named("A"), 'A');
	assert_int_equal(named("zero"), '0');
	assert_int_equal(named("ohungarumlaut"), 0x151);
	assert_int_equal(named("Uhungarumlaut"), 0x170);
	assert_int_equal(named("zero.oldstyle"), '0');
	assert_int_equal(named("uni0151"), 0x151);
	assert_int_equal(named("u1F600"), 0x1f600);
	assert_int_equal(named("zcaron"), 0x17e);
	assert_int_equal(named(""), 0);
	assert_int_equal(named(".notdef"), 0);
	assert_int_equal(named("g37"), 0);
	assert_int_equal(named("uniD800"), 0);
	assert_int_equal(named("uni015"), 0);
	assert_int_equal(named("zerox"), 0);
}

static void test_encodings(void **state)
{
	static const struct {
		enum pdf_glyph_encoding encoding;
		uint8_t code;
		uint32_t point;
	} cases[] = {
		{ PDF_GLYPH_STANDARD, 'A', 'A' },
		{ PDF_GLYPH_STANDARD, 0x27, 0x2019 },
		{ PDF_GLYPH_STANDARD, 0xe1, 0xc6 },
		{ PDF_GLYPH_STANDARD, 0x80, 0 },
		{ PDF_GLYPH_STANDARD, 0xff, 0 },
		{ PDF_GLYPH_WIN_ANSI, 0x80, 0x20ac },
		{ PDF_GLYPH_WIN_ANSI, 0xf5, 0xf5 },
		{ PDF_GLYPH_WIN_ANSI, 0x1f, 0 },
		{ PDF_GLYPH_MAC_ROMAN, 0x8e, 0xe9 },
		{ PDF_GLYPH_MAC_ROMAN, 0x7f, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    pdf_glyph_of_code(cases[i].encoding, cases[i].code), cases[i].point);
}

static void maps_to(const struct pdf_cmap *m, uint32_t code, size_t octets, uint32_t point)
{
	uint32_t points[PDF_CMAP_POINTS] = { 0 };
	const size_t n = pdf_cmap_find(m, code, octets, points);
	assert_int_equal(n, point ? 1 : 0);
	assert_int_equal(points[0], point);
}

static void test_cmap(void **state)
{
	uint32_t points[PDF_CMAP_POINTS];
	struct pdf_cmap *m;
	(void)state;
	assert_int_equal(
	    pdf_cmap_read(s,
		BYTES_LIT(
		    "/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <ffff> "
		    "endcodespacerange 3 beginbfchar <0001> <0041> <0002> <006600660069> "
		    "<0003> <d83dde00> endbfchar 2 beginbfrange <0010> <0012> <0061> "
		    "<0020> <0021> [<0151> <0171>] endbfrange "
		    "2 beginbfchar <0001> <0042> <07> endbfchar"),
		&m),
	    OK);
	maps_to(m, 1, 2, 'B'); /* the later one counts */
	maps_to(m, 1, 1, 0);
	maps_to(m, 3, 2, 0x1f600);
	maps_to(m, 0x12, 2, 'c');
	maps_to(m, 0x13, 2, 0);
	maps_to(m, 0x21, 2, 0x171);
	maps_to(m, 0x22, 2, 0);
	maps_to(m, 0, 2, 0);
	assert_int_equal(pdf_cmap_find(m, 2, 2, points), 3);
	assert_int_equal(points[2], 'i');
}

/* Font 9 of a file, with 10 as its /ToUnicode and 11 as its descendant. */
static const struct pdf_font *font_of(const char *body)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	const struct pdf_value *dict;
	struct pdf_font *font;
	pdf_make_objectf(m, 9, "<< /Type /Font %s >>", body);
	pdf_make_stream(m, 10, "", BYTES_LIT("1 beginbfchar <0041> <005a> <42> <0059> endbfchar"));
	pdf_make_object(m, 11, "<< /DW 500 /W [65 [250 750] 70 72 900] >>");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 9, 0 }, &dict), OK);
	assert_int_equal(pdf_font_open(s, f, 0, dict, &font), OK);
	return font;
}

static uint32_t first(const struct pdf_font *font, const char *octets, size_t n)
{
	const struct pdf_font_char c = pdf_font_char_at(font, bytes_of(octets, n), 0);
	return c.n ? c.points[0] : 0;
}

static void test_simple(void **state)
{
	(void)state;
	assert_int_equal(first(font_of("/Subtype /Type1 /BaseFont /Helvetica"), "A", 1), 'A');
	assert_int_equal(first(font_of("/Subtype /Type1 /BaseFont /Symbol"), "A", 1), 0);
	assert_int_equal(
	    first(font_of("/Subtype /TrueType /BaseFont /X /Encoding /WinAnsiEncoding"), "\xe9", 1),
	    0xe9);
	const struct pdf_font *font =
	    font_of("/Subtype /Type1 /BaseFont /Helvetica /FirstChar 65 /Widths [400 600] "
		    "/Encoding << /Differences [65 /ohungarumlaut /B 67 /g1] >>");
	assert_int_equal(first(font, "A", 1), 0x151);
	assert_int_equal(first(font, "B", 1), 'B');
	assert_int_equal(first(font, "C", 1), 0);
	assert_int_equal(first(font, "D", 1), 'D');
	assert_true(pdf_font_char_at(font, BYTES_LIT("B"), 0).width == 0.6);
	assert_int_equal(
	    first(font_of("/Subtype /Type1 /BaseFont /Helvetica /ToUnicode 10 0 R"), "B", 1), 'Y');
	/* A program of its own may paint anything. */
	assert_int_equal(first(font_of("/Subtype /TrueType /BaseFont /ABCDEF+Helvetica "
				       "/FontDescriptor << /FontFile2 4 0 R >>"),
			     "A", 1),
	    0);
	assert_int_equal(first(NULL, "A", 1), 0);
}

static void test_composite(void **state)
{
	(void)state;
	const struct pdf_font *font = font_of("/Subtype /Type0 /Encoding /Identity-H "
					      "/DescendantFonts [11 0 R] /ToUnicode 10 0 R");
	struct pdf_font_char c = pdf_font_char_at(font, BYTES_LIT("\0A"), 0);
	assert_int_equal(c.octets, 2);
	assert_int_equal(c.points[0], 'Z');
	assert_true(c.width == 0.25);
	c = pdf_font_char_at(font, BYTES_LIT("\0H"), 0);
	assert_int_equal(c.n, 0);
	assert_true(c.width == 0.9);
	assert_true(pdf_font_char_at(font, BYTES_LIT("\0I"), 0).width == 0.5);
	/* The last octet alone. */
	assert_int_equal(pdf_font_char_at(font, BYTES_LIT("A"), 0).octets, 1);
	assert_int_equal(
	    first(font_of("/Subtype /Type0 /Encoding /UniGB-UCS2-H /DescendantFonts [11 0 R]"),
		"\x01\x51", 2),
	    0x151);
	assert_int_equal(
	    first(font_of("/Subtype /Type0 /Encoding /90ms-RKSJ-H /DescendantFonts [11 0 R]"),
		"\x01\x51", 2),
	    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glyph_names),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_cmap),
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_composite),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
