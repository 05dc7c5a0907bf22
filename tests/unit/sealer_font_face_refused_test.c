/*
 * Fonts and texts that cannot be shown, and memory that runs out: each is told, and nothing is half
 * done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/font_face.h"
#include "tests/support/font_sample.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

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

static void test_missing(void **state)
{
	static const struct {
		const char *text;
		uint32_t missing;
	} cases[] = {
		{ "", 0 },
		{ "abc \xc5\x91", 0 },
		{ "a\xe6\xbc\xa2\xe5\xad\x97", 0x6f22 }, /* Chinese */
		{ "a\nb", '\n' },
		{ "a\tb", '\t' },
		{ "a\xc2\x85", 0x85 },
		{ "a\xe2\x80\xa8", 0x2028 },
		{ "soft\xc2\xadhyphen", 0 },
		{ "a\xf0\x9f\x97\xb8", 0x1f5f8 },
	};
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct buf content = buf_new(s, 1000);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t missing = 99;
		double width;
		enum err wanted = cases[i].missing ? ERR_UNSUPPORTED : OK;
		assert_int_equal(font_face_missing(s, t.face, cases[i].text, &missing), OK);
		assert_int_equal(missing, cases[i].missing);
		assert_int_equal(font_face_measure(s, t.face, cases[i].text, &width), wanted);
		assert_true(wanted == OK || strstr(scope_fault_text(s), "U+"));
		size_t before = content.n;
		assert_int_equal(font_face_show(s, t.face, cases[i].text, 9, &content), wanted);
		assert_true(wanted == OK || content.n == before);
		scope_forgive(s);
	}
	scope_free(s);
}

static void test_misuse(void **state)
{
	static const double sizes[] = { 0, -1, 14401 };
	struct scope *s = scope_new(0);
	struct stage t = open_stage(s);
	struct buf content = buf_new(s, 1000);
	struct pdf_ref font;
	(void)state;
	assert_int_equal(font_face_put(s, t.face, t.update, &font), ERR_MISUSE);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		scope_forgive(s);
		assert_int_equal(font_face_show(s, t.face, "a", sizes[i], &content), ERR_MISUSE);
	}
	assert_int_equal(content.n, 0);
	scope_free(s);
}

static void test_length(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct scope *s = scope_new(0);
		struct stage t = open_stage(s);
		struct buf b = buf_new(s, LIMIT_FONT_TEXT + 1);
		char *text;
		double width;
		buf_add_repeat(&b, 'x', LIMIT_FONT_TEXT + more);
		assert_int_equal(buf_done_str(&b, &text), OK);
		assert_int_equal(font_face_measure(s, t.face, text, &width), more ? ERR_LIMIT : OK);
		scope_free(s);
	}
}

static enum err try_open(struct scope *s, struct bytes file)
{
	struct font_face *face = NULL;
	scope_forgive(s);
	enum err err = font_face_open(s, file, &face);
	assert_true((err == OK) == (face != NULL));
	assert_true(err == OK || strncmp(scope_fault_text(s), "font: ", 6) == 0);
	return err;
}

/* OS/2 fsType: the rights to embed. */
static void test_rights(void **state)
{
	static const struct {
		uint8_t high, low;
		enum err wanted;
	} cases[] = {
		{ 0, 0, OK }, { 0, 2, ERR_UNSUPPORTED }, /* restricted */
		{ 0, 4, OK },                            /* preview and print */
		{ 0, 8, OK },                            /* editable */
		{ 0, 6, OK },                            /* of two the weaker */
		{ 1, 0, ERR_UNSUPPORTED },               /* no subset */
		{ 2, 0, ERR_UNSUPPORTED },               /* bitmaps only */
	};
	struct scope *s = scope_new(0);
	struct bytes font = font_sample_read(s);
	size_t n;
	uint8_t *os2 = font_sample_table(font, "OS/2", &n);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		os2[8] = cases[i].high;
		os2[9] = cases[i].low;
		assert_int_equal(try_open(s, font), cases[i].wanted);
	}
	scope_free(s);
}

static void test_tables(void **state)
{
	static const char needed[][5] = { "head", "hhea", "maxp", "hmtx", "loca", "cmap" };
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		struct bytes font = font_sample_read(s);
		font_sample_rename(font, needed[i], "junk");
		assert_int_equal(try_open(s, font), ERR_FORMAT);
	}
	struct bytes postscript = font_sample_read(s), empty = font_sample_read(s);
	font_sample_rename(postscript, "glyf", "CFF ");
	assert_int_equal(try_open(s, postscript), ERR_UNSUPPORTED);
	font_sample_rename(empty, "glyf", "junk");
	assert_int_equal(try_open(s, empty), ERR_UNSUPPORTED);
	scope_free(s);
}

static void test_no_font(void **state)
{
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, LIMIT_FONT_FILE + 1);
	struct bytes large;
	(void)state;
	assert_int_equal(try_open(s, BYTES_NONE), ERR_FORMAT);
	assert_int_equal(try_open(s, BYTES_LIT("%PDF-1.7")), ERR_FORMAT);
	assert_int_equal(try_open(s, BYTES_LIT("\0\1\0\0")), ERR_FORMAT);
	buf_add_repeat(&b, 0, LIMIT_FONT_FILE + 1);
	assert_int_equal(buf_done(&b, &large), OK);
	assert_int_equal(try_open(s, large), ERR_LIMIT);
	assert_int_equal(try_open(s, bytes_cut(large, 0, LIMIT_FONT_FILE)), ERR_FORMAT);
	scope_free(s);
}

/* Shows and puts with a font that may be broken; any error but an internal one will do. */
static enum err use_font(struct scope *s, struct bytes file)
{
	const struct pdf_file *before = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *update = pdf_reread_begin(s, before);
	struct buf content = buf_new(s, 1 << 20);
	struct font_face *face;
	struct pdf_ref font;
	TRY(font_face_open(s, file, &face));
	TRY(font_face_show(s, face, "Seal \xc5\x91", 9, &content));
	return font_face_put(s, face, update, &font);
}

static void test_truncated(void **state)
{
	(void)state;
	for (size_t share = 1; share < 32; share++) {
		struct scope *s = scope_new(0);
		struct bytes font = font_sample_read(s);
		enum err err = use_font(s, bytes_cut(font, 0, font.n * share / 32));
		assert_true(err != ERR_INTERNAL && err != ERR_NOMEM);
		scope_free(s);
	}
}

static void test_out_of_memory(void **state)
{
	enum err err = ERR_NOMEM;
	struct scope *fixed = scope_new(0);
	struct bytes font = font_sample_read(fixed), page = pdf_make_one_page(fixed);
	(void)state;
	for (size_t n = 1; err != OK; n++) {
		struct scope *s = scope_new(0);
		const struct pdf_file *before = pdf_reread_open(s, page);
		struct pdf_update *update = pdf_reread_begin(s, before);
		struct buf content = buf_new(s, 1000);
		struct font_face *face;
		struct pdf_ref ref;
		scope_fail_after(s, n);
		err = font_face_open(s, font, &face);
		if (err == OK)
			err = font_face_show(s, face, "x\xcc\x82 \xd7\x90", 9, &content);
		if (err == OK)
			err = content.failed;
		if (err == OK)
			err = font_face_put(s, face, update, &ref);
		if (err != OK && err != ERR_NOMEM)
			fail_msg("allocation %zu: %s: %s", n, err_name(err), scope_fault_text(s));
		scope_free(s);
	}
	scope_free(fixed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_no_font),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
