/*
 * What a font face puts into a document is read again: the text by ToUnicode, the width by W and
 * the operators, and the outline of each glyph by comparison with the font it came from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <hb.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/unicode_text.h"
#include "sealer/font_face.h"
#include "tests/support/font_sample.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

#define CIDS 512

/* A font as a viewer would have it. */
struct seen_font {
	const struct pdf_value *font, *cid_font, *descriptor;
	struct bytes program;
	unsigned glyph[CIDS]; /* CIDToGIDMap */
	int width[CIDS];      /* W */
	char text[CIDS][64];  /* ToUnicode, as hexadecimal UTF-16BE */
	size_t n;             /* CIDs, with 0 */
};

struct stage {
	struct scope *s;
	struct bytes file;
	struct font_face *face;
	const struct pdf_file *before;
	struct pdf_update *update;
};

static struct stage open_stage(struct scope *s)
{
	struct stage t = { .s = s, .file = font_sample_read(s) };
	t.before = pdf_reread_open(s, pdf_make_one_page(s));
	t.update = pdf_reread_begin(s, t.before);
	if (font_face_open(s, t.file, &t.face) != OK)
		fail_msg("%s", scope_fault_text(s));
	return t;
}

/* -- reading again -- */

static const struct pdf_value *entry(struct scope *s, const struct pdf_file *f,
    const struct pdf_value *v, const char *key, enum pdf_kind kind)
{
	const struct pdf_value *found;
	assert_int_equal(pdf_file_find(s, f, pdf_file_latest(f), v, key, &found), OK);
	if (found->kind != kind)
		fail_msg("/%s is of kind %d", key, (int)found->kind);
	return found;
}

static struct bytes stream(
    struct scope *s, const struct pdf_file *f, const struct pdf_value *v, const char *key)
{
	struct bytes data;
	const struct pdf_value *found = entry(s, f, v, key, PDF_STREAM);
	assert_int_equal(pdf_file_stream_data(s, f, pdf_file_latest(f), found, &data), OK);
	return data;
}

static void read_map(struct seen_font *x, struct bytes map)
{
	assert_true(map.n % 2 == 0 && map.n / 2 <= CIDS);
	x->n = map.n / 2;
	for (size_t i = 0; i < x->n; i++)
		x->glyph[i] = (unsigned)(map.p[2 * i] << 8 | map.p[2 * i + 1]);
	assert_int_equal(x->glyph[0], 0);
}

static void read_widths(struct seen_font *x, const struct pdf_value *w)
{
	int64_t v;
	assert_int_equal(w->array.n, 2);
	assert_true(pdf_value_integer(w->array.item[0], &v) && v == 1);
	assert_int_equal(w->array.item[1]->array.n, x->n - 1);
	for (size_t i = 1; i < x->n; i++) {
		assert_true(pdf_value_integer(w->array.item[1]->array.item[i - 1], &v));
		x->width[i] = (int)v;
	}
}

/* Every CID has its text, each once; blocks say how long they are. */
static void read_to_unicode(struct scope *s, struct seen_font *x, struct bytes cmap)
{
	char *text, *line;
	unsigned left = 0, n = 0, cid;
	assert_int_equal(bytes_to_str(s, cmap, &text), OK);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char hex[64];
		if (sscanf(line, "%u beginbfchar", &cid) == 1 && strstr(line, "bfchar")) {
			assert_true(left == 0 && cid > 0 && cid <= 100);
			left = cid;
		} else if (left && sscanf(line, "<%4x> <%63[0-9A-F]>", &cid, hex) == 2) {
			assert_true(cid > 0 && cid < x->n && !x->text[cid][0]);
			memcpy(x->text[cid], hex, strlen(hex) + 1);
			left--;
			n++;
		}
	}
	assert_int_equal(left, 0);
	assert_int_equal(n, x->n - 1);
}

/* One bit for each CID, none beyond. */
static void check_cid_set(const struct seen_font *x, struct bytes set)
{
	assert_int_equal(set.n, (x->n + 7) / 8);
	for (size_t i = 0; i < 8 * set.n; i++)
		assert_int_equal(set.p[i / 8] >> (7 - i % 8) & 1, i < x->n);
}

static void check_names(struct scope *s, const struct pdf_file *f, const struct seen_font *x)
{
	struct bytes name = entry(s, f, x->font, "BaseFont", PDF_NAME)->name;
	assert_true(bytes_equal_str(bytes_from(name, 6), "+DejaVuSans") ||
		    bytes_equal_str(bytes_from(name, 6), "+Box-Seal"));
	for (size_t i = 0; i < 6; i++)
		assert_true(name.p[i] >= 'A' && name.p[i] <= 'Z');
	assert_true(bytes_equal(entry(s, f, x->cid_font, "BaseFont", PDF_NAME)->name, name));
	assert_true(bytes_equal(entry(s, f, x->descriptor, "FontName", PDF_NAME)->name, name));
}

static void check_descriptor(struct scope *s, const struct pdf_file *f, const struct seen_font *x)
{
	int64_t v;
	double ascent, descent, cap;
	assert_true(pdf_value_integer(entry(s, f, x->descriptor, "Flags", PDF_INT), &v) && v == 4);
	assert_true(pdf_value_number(pdf_value_find(x->descriptor, "Ascent"), &ascent));
	assert_true(pdf_value_number(pdf_value_find(x->descriptor, "Descent"), &descent));
	assert_true(pdf_value_number(pdf_value_find(x->descriptor, "CapHeight"), &cap));
	assert_true((ascent == 928 && descent == -236 && cap == 729) ||
		    (ascent == 800 && descent == -200 && cap == 700));
	assert_int_equal(entry(s, f, x->descriptor, "FontBBox", PDF_ARRAY)->array.n, 4);
	assert_non_null(pdf_value_find(x->descriptor, "ItalicAngle"));
	assert_non_null(pdf_value_find(x->descriptor, "StemV"));
	const struct pdf_value *file = entry(s, f, x->descriptor, "FontFile2", PDF_STREAM);
	assert_true(pdf_value_integer(pdf_value_find(file, "Length1"), &v));
	assert_int_equal(v, x->program.n);
}

static struct seen_font *read_font(struct scope *s, const struct pdf_file *f, struct pdf_ref ref)
{
	struct seen_font *x = scope_alloc(s, sizeof(*x));
	assert_non_null(x);
	x->font = pdf_reread_object(s, f, ref);
	assert_true(pdf_value_is_name(pdf_value_find(x->font, "Subtype"), "Type0"));
	assert_true(pdf_value_is_name(pdf_value_find(x->font, "Encoding"), "Identity-H"));
	const struct pdf_value *below = entry(s, f, x->font, "DescendantFonts", PDF_ARRAY);
	assert_int_equal(below->array.n, 1);
	x->cid_font = pdf_reread_object(s, f, below->array.item[0]->ref);
	assert_true(pdf_value_is_name(pdf_value_find(x->cid_font, "Subtype"), "CIDFontType2"));
	x->descriptor = entry(s, f, x->cid_font, "FontDescriptor", PDF_DICT);
	x->program = stream(s, f, x->descriptor, "FontFile2");
	read_map(x, stream(s, f, x->cid_font, "CIDToGIDMap"));
	read_widths(x, entry(s, f, x->cid_font, "W", PDF_ARRAY));
	read_to_unicode(s, x, stream(s, f, x->font, "ToUnicode"));
	check_cid_set(x, stream(s, f, x->descriptor, "CIDSet"));
	check_names(s, f, x);
	check_descriptor(s, f, x);
	return x;
}

/* -- showing -- */

struct shown {
	struct seen_font *font;
	struct bytes content;
	double width; /* as measured */
};

static struct shown show(struct stage *t, const char *text)
{
	struct shown x;
	struct pdf_ref font;
	struct buf content = buf_new(t->s, 1 << 20);
	if (font_face_measure(t->s, t->face, text, &x.width) != OK ||
	    font_face_show(t->s, t->face, text, 12, &content) != OK ||
	    font_face_put(t->s, t->face, t->update, &font) != OK)
		fail_msg("\"%s\": %s", text, scope_fault_text(t->s));
	assert_int_equal(buf_done(&content, &x.content), OK);
	x.font = read_font(t->s, pdf_reread_close(t->s, t->before, t->update), font);
	return x;
}

/* What a viewer would make of the content: text in the order of showing, and the advance. */
struct viewed {
	char hex[8192];
	long advance; /* thousandths */
	unsigned cid[512];
	size_t n;
	bool raised;
};

static void view(const struct shown *x, struct viewed *v)
{
	char *text = calloc(1, x->content.n + 1), *p = text;
	assert_non_null(text);
	memcpy(text, x->content.p, x->content.n);
	memset(v, 0, sizeof(*v));
	for (bool in_string = false, in_array = false; *p;) {
		unsigned cid;
		if (*p == '[' || *p == ']') {
			in_array = *p++ == '[';
		} else if (*p == '<' || *p == '>') {
			in_string = *p++ == '<';
		} else if (in_string) {
			assert_int_equal(sscanf(p, "%4x", &cid), 1);
			assert_true(cid > 0 && cid < x->font->n && v->n < 512);
			v->cid[v->n++] = cid;
			v->advance += x->font->width[cid];
			strncat(v->hex, x->font->text[cid], sizeof(v->hex) - strlen(v->hex) - 1);
			p += 4;
		} else if (in_array) {
			v->advance -= strtol(p, &p, 10);
		} else if (strncmp(p, " TJ\n", 4) == 0) {
			p += 4;
		} else {
			v->raised = strtod(p, &p) != 0 || v->raised;
			assert_int_equal(strncmp(p, " Ts\n", 4), 0);
			p += 4;
		}
	}
	free(text);
}

static const char *utf16_hex(struct scope *s, const char *utf8)
{
	struct buf b = buf_new(s, 8192);
	char *text;
	for (const unsigned char *p = (const unsigned char *)utf8; *p;) {
		uint32_t c = *p++;
		int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
		c = more == 3 ? c & 7 : more == 2 ? c & 15 : more == 1 ? c & 31 : c;
		while (more-- > 0)
			c = c << 6 | (*p++ & 63);
		if (c < 0x10000)
			buf_addf(&b, "%04X", c);
		else
			buf_addf(&b, "%04X%04X", 0xd7c0 + (c >> 10), 0xdc00 | (c & 0x3ff));
	}
	assert_int_equal(buf_done_str(&b, &text), OK);
	return text;
}

/* -- texts come back -- */

static const char *const left_to_right[] = {
	"B\xc3\xa9k\xc3\xa9s t\xc3\xbck\xc3\xb6rf\xc3\xbar\xc3\xb3g\xc3\xa9p "
	"\xc5\x90 \xc5\x91 \xc5\xb0 \xc5\xb1",                            /* Hungarian */
	"Az\xc9\x99rbaycan \xc6\x8f \xc4\x9f \xc4\x9e \xc4\xb1 \xc4\xb0", /* Azerbaijani */
	"T\xc3\xbcrk\xc3\xa7"
	"e \xc5\x9f fi ffi fl", /* Turkish; no ligature */
	"\xd0\xa3\xd0\xba\xd1\x80\xd0\xb0\xd1\x97\xd0\xbd\xd0\xb0 \xd1\x94 \xd2\x91", /* Ukrainian
										       */
	"Vi\xe1\xbb\x87t \xe1\xba\xbf \xe1\xbb\xa3 \xe1\xbb\xaf", /* Vietnamese */
	"\xce\x94 \xe2\x88\x86 x\xc2\xa0y \xe2\x82\xac",          /* look-alikes */
	"\xf0\x9d\x94\xb8 AVATAR To",                             /* kerned */
	"x\xcc\x82 q\xcc\x81 \xd0\xb0\xcc\x81",                   /* marks that stay apart */
	" ",
};

static void assert_comes_back(const char *text)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, text);
	struct viewed v;
	char *nfc;
	view(&x, &v);
	assert_int_equal(unicode_text_compose(s, text, &nfc), OK);
	assert_string_equal(v.hex, utf16_hex(s, nfc));
	double off = (double)v.advance / 1000 - x.width;
	if (off > 0.0016 || off < -0.0016)
		fail_msg("\"%s\": measured %g, shown %ld", text, x.width, v.advance);
	scope_free(s);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(left_to_right) / sizeof(left_to_right[0]); i++)
		assert_comes_back(left_to_right[i]);
}

/* Decomposed letters come back composed, of one glyph each. */
static void test_decomposed(void **state)
{
	static const struct {
		const char *text;
		size_t glyphs;
	} cases[] = {
		{ "e\xcc\x82\xcc\x81", 1 },
		{ "o\xcc\x9b\xcc\xa3", 1 },
		{ "u\xcc\x9b\xcc\x83", 1 },
		{ "o\xcc\x8b u\xcc\x8b", 3 },
		{ "\xd1\x96\xcc\x88", 1 },
		{ "I\xcc\x87", 1 },
		{ "x\xcc\x82", 2 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scope *s = scope_new(0);
		struct stage t = open_stage(s);
		struct shown x = show(&t, cases[i].text);
		struct viewed v;
		view(&x, &v);
		assert_int_equal(v.n, cases[i].glyphs);
		assert_comes_back(cases[i].text);
		scope_free(s);
	}
}

/* Hebrew stands from right to left, numbers in it from left to right. */
static void test_right_to_left(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, "a \xd7\x90\xd7\x91\xd7\x92 12");
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_string_equal(v.hex, utf16_hex(s, "a 12 \xd7\x92\xd7\x91\xd7\x90"));
	scope_free(s);
}

/* Arabic letters have forms by their place; each stands for its letter. */
static void test_joined(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, "\xd8\xa8\xd8\xa8\xd8\xa8"); /* three times the same letter */
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_int_equal(v.n, 3);
	assert_true(v.cid[0] != v.cid[1] && v.cid[1] != v.cid[2] && v.cid[0] != v.cid[2]);
	assert_string_equal(v.hex, "062806280628");
	scope_free(s);
}

/* Two scripts that run to the left, in one run: the second stands before the first. */
static void test_scripts_in_one_run(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, "\xd7\x90\xd8\xa8");
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_string_equal(v.hex, "062805D0");
	scope_free(s);
}

/* Small fonts of our own that make one glyph of two letters, and two glyphs of one. */
static struct shown show_own(struct scope *s, const char *path, const char *text)
{
	struct stage t = { .s = s };
	t.before = pdf_reread_open(s, pdf_make_one_page(s));
	t.update = pdf_reread_begin(s, t.before);
	t.file = font_sample_of_seed(s, path);
	if (font_face_open(s, t.file, &t.face) != OK)
		fail_msg("%s", scope_fault_text(s));
	return show(&t, text);
}

static void test_ligature(void **state)
{
	struct scope *s = scope_new(0);
	struct shown x = show_own(s, "tests/fuzz/corpus/font_face/ligature", "abba");
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_int_equal(v.n, 3);
	assert_string_equal(x.font->text[v.cid[0]], "00610062");
	assert_string_equal(v.hex, "0061006200620061");
	scope_free(s);
}

static void test_glyphs_apart(void **state)
{
	struct scope *s = scope_new(0);
	struct shown x = show_own(s, "tests/fuzz/corpus/font_face/apart", "b\xc3\xa1");
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_int_equal(v.n, 3);
	assert_string_equal(v.hex, "006200610301");
	scope_free(s);
}

/* -- glyphs -- */

static hb_font_t *hb_font_of(struct bytes file)
{
	hb_blob_t *blob = hb_blob_create(
	    (const char *)file.p, (unsigned)file.n, HB_MEMORY_MODE_READONLY, NULL, NULL);
	hb_face_t *face = hb_face_create(blob, 0);
	hb_font_t *font = hb_font_create(face);
	hb_face_destroy(face);
	hb_blob_destroy(blob);
	return font;
}

/* The glyph of each CID has the outline and the width that its character has in the whole font, and
 * no program. */
static void test_outlines(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, left_to_right[0]);
	hb_font_t *whole = hb_font_of(t.file), *part = hb_font_of(x.font->program);
	(void)state;
	assert_true(x.font->program.n < 20000);
	assert_true(hb_face_get_glyph_count(hb_font_get_face(part)) < 60);
	for (size_t cid = 1; cid < x.font->n; cid++) {
		hb_codepoint_t glyph, c = (hb_codepoint_t)strtoul(x.font->text[cid], NULL, 16);
		hb_glyph_extents_t a, b;
		assert_true(hb_font_get_nominal_glyph(whole, c, &glyph));
		assert_true(hb_font_get_glyph_extents(whole, glyph, &a));
		assert_true(hb_font_get_glyph_extents(part, x.font->glyph[cid], &b));
		assert_memory_equal(&a, &b, sizeof(a));
		long width = hb_font_get_glyph_h_advance(part, x.font->glyph[cid]) * 1000L;
		long off = width - x.font->width[cid] * 2048L;
		assert_true(off <= 1024 && off >= -1024);
	}
	hb_blob_t *fpgm =
	    hb_face_reference_table(hb_font_get_face(part), HB_TAG('f', 'p', 'g', 'm'));
	assert_int_equal(hb_blob_get_length(fpgm), 0);
	hb_blob_destroy(fpgm);
	hb_font_destroy(whole);
	hb_font_destroy(part);
	scope_free(s);
}

/* A mark above a capital is raised, and the line is put back. */
static void test_rise(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct shown x = show(&t, "X\xcc\x82.");
	struct viewed v;
	(void)state;
	view(&x, &v);
	assert_int_equal(v.n, 3);
	assert_true(v.raised);
	char *content;
	assert_int_equal(bytes_to_str(s, x.content, &content), OK);
	assert_non_null(strstr(content, "] TJ\n0 Ts\n["));
	scope_free(s);
}

/* The same calls give the same octets; another text another name. */
static void test_steady(void **state)
{
	struct scope *s = scope_new(0);
	struct stage a = open_stage(s), b = open_stage(s), c = open_stage(s);
	struct shown x = show(&a, left_to_right[3]), y = show(&b, left_to_right[3]),
		     z = show(&c, "x");
	(void)state;
	assert_true(bytes_equal(x.content, y.content));
	assert_true(bytes_equal(x.font->program, y.font->program));
	assert_true(pdf_value_equal(
	    pdf_value_find(x.font->font, "BaseFont"), pdf_value_find(y.font->font, "BaseFont")));
	assert_false(pdf_value_equal(
	    pdf_value_find(x.font->font, "BaseFont"), pdf_value_find(z.font->font, "BaseFont")));
	scope_free(s);
}

/* More CIDs than one block of a CMap may hold. */
static void test_many_glyphs(void **state)
{
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct buf b = buf_new(s, 4096);
	char *text;
	(void)state;
	for (unsigned c = 0xc0; c < 0x180; c++) {
		buf_add_byte(&b, (uint8_t)(0xc0 | c >> 6));
		buf_add_byte(&b, (uint8_t)(0x80 | (c & 63)));
	}
	assert_int_equal(buf_done_str(&b, &text), OK);
	struct shown x = show(&t, text);
	assert_int_equal(x.font->n, 1 + 0x180 - 0xc0);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_decomposed),
		cmocka_unit_test(test_right_to_left),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_scripts_in_one_run),
		cmocka_unit_test(test_ligature),
		cmocka_unit_test(test_glyphs_apart),
		cmocka_unit_test(test_outlines),
		cmocka_unit_test(test_rise),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_many_glyphs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
