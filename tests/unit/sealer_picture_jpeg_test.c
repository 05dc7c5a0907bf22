/*
 * JPEG files are put together of marker segments: which are kept, which dropped, which refused. The
 * samples need not decode for that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "sealer/picture.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

#define PIECES 16

/* "" ends it. Each piece is a whole segment with its marker. */
struct jpeg {
	struct bytes piece[PIECES];
};

#define SEGMENT(literal) BYTES_LIT(literal)

#define SOI SEGMENT("\xff\xd8")
#define EOI SEGMENT("\xff\xd9")
#define JFIF                                                                                       \
	SEGMENT("\xff\xe0\0\x10"                                                                   \
		"JFIF\0\1\2\1\0\x48\0\x60\0\0")
#define DQT SEGMENT("\xff\xdb\0\5\0ab")
#define DHT SEGMENT("\xff\xc4\0\4\0c")
#define DRI SEGMENT("\xff\xdd\0\4\0\1")
/* 7 lines of 9 samples */
#define GRAY_FRAME(sof) SEGMENT("\xff" sof "\0\x0b\x8\0\7\0\x9\1\1\x11\0")
#define SCAN                                                                                       \
	SEGMENT("\xff\xda\0\x8\1\1\0\0\x3f\0"                                                      \
		"data\xff\0more\xff\xd0rest")
#define COLOUR_FRAME SEGMENT("\xff\xc0\0\x11\x8\0\7\0\x9\3\1\x22\0\2\x11\1\3\x11\1")
#define COLOUR_SCAN SEGMENT("\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0data")
#define CMYK_FRAME SEGMENT("\xff\xc0\0\x14\x8\0\7\0\x9\4\1\x11\0\2\x11\0\3\x11\0\4\x11\0")
#define CMYK_SCAN SEGMENT("\xff\xda\0\x0e\4\1\0\2\0\3\0\4\0\0\x3f\0data")
#define ADOBE                                                                                      \
	SEGMENT("\xff\xee\0\x0e"                                                                   \
		"Adobe\0\x64\0\0\0\0\2")

static struct bytes join(struct scope *s, const struct jpeg *x)
{
	struct buf b = buf_new(s, 4096);
	struct bytes file;
	for (size_t i = 0; i < PIECES && x->piece[i].n; i++)
		buf_add(&b, x->piece[i]);
	assert_int_equal(buf_done(&b, &file), OK);
	return file;
}

static enum err open_jpeg(struct scope *s, const struct jpeg *x, struct picture **ret_picture)
{
	scope_forgive(s);
	return picture_open(s, join(s, x), ret_picture);
}

static const struct picture *opened(struct scope *s, const struct jpeg *x)
{
	struct picture *p;
	if (open_jpeg(s, x, &p) != OK)
		fail_msg("%s", scope_fault_text(s));
	return p;
}

/* -- what is read -- */

static void test_gray(void **state)
{
	struct scope *s = *state;
	const struct jpeg x = { { SOI, JFIF, DQT, DHT, DRI, GRAY_FRAME("\xc0"), SCAN, EOI } };
	const struct picture *p = opened(s, &x);
	assert_int_equal(p->width, 9);
	assert_int_equal(p->height, 7);
	assert_int_equal(p->components, 1);
	assert_true(p->dpi_x == 72 && p->dpi_y == 96);
	assert_false(p->inverted || p->plain_rgb || p->has_alpha);
	assert_true(bytes_equal(p->jpeg, join(s, &x))); /* nothing to drop */
}

/* Baseline, extended, progressive with several scans. */
static void test_codings(void **state)
{
	const struct jpeg samples[] = {
		{ { SOI, GRAY_FRAME("\xc0"), SCAN, EOI } },
		{ { SOI, GRAY_FRAME("\xc1"), SCAN, EOI } },
		{ { SOI, GRAY_FRAME("\xc2"), SCAN, DHT, SCAN, SCAN, EOI } },
		{ { SOI, DQT, COLOUR_FRAME, DHT, COLOUR_SCAN, EOI } },
		{ { SOI, ADOBE, CMYK_FRAME, CMYK_SCAN, EOI } },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_true(bytes_equal(opened(s, &samples[i])->jpeg, join(s, &samples[i])));
}

static void test_density(void **state)
{
	static const struct {
		struct bytes jfif;
		double dpi;
	} cases[] = {
		{ SEGMENT("\xff\xe0\0\x10"
			  "JFIF\0\1\1\1\1\x2c\1\x2c\0\0"),
		    300 },
		{ SEGMENT("\xff\xe0\0\x10"
			  "JFIF\0\1\1\2\0\x64\0\x64\0\0"),
		    254 },
		{ SEGMENT("\xff\xe0\0\x10"
			  "JFIF\0\1\1\0\0\1\0\1\0\0"),
		    0 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jpeg x = { { SOI, cases[i].jfif, GRAY_FRAME("\xc0"), SCAN, EOI } };
		assert_true(opened(s, &x)->dpi_x == cases[i].dpi);
		assert_true(opened(s, &x)->dpi_y == cases[i].dpi);
	}
}

/* Only what a decoder needs goes on. */
static void test_dropped(void **state)
{
	struct scope *s = *state;
	const struct jpeg full = { { SOI,
	    SEGMENT("\xff\xe0\0\x13"
		    "JFIF\0\1\2\1\0\x48\0\x60\1\1rgb"), /* with a thumbnail */
	    SEGMENT("\xff\xe0\0\x8"
		    "JFXX\0\x10"),
	    SEGMENT("\xff\xe1\0\x0c"
		    "Exif\0\0MM\0*"),
	    SEGMENT("\xff\xe1\0\x7"
		    "http:"),
	    SEGMENT("\xff\xe2\0\7ICC_P"), SEGMENT("\xff\xfe\0\7where"),
	    SEGMENT("\xff\xff\xff\xef\0\3x"),
	    SEGMENT("\xff\xee\0\x10"
		    "Adobe\0\x64\0\0\0\0\1??"),
	    SEGMENT("\xff\xee\0\6nope"), DQT, COLOUR_FRAME, COLOUR_SCAN, EOI,
	    SEGMENT("behind the end") } };
	const struct jpeg kept = { { SOI, JFIF,
	    SEGMENT("\xff\xee\0\x0e"
		    "Adobe\0\x64\0\0\0\0\1"),
	    DQT, COLOUR_FRAME, COLOUR_SCAN, EOI } };
	assert_true(bytes_equal(opened(s, &full)->jpeg, join(s, &kept)));
}

/* -- colours -- */

static const struct pdf_value *put(struct scope *s, const struct jpeg *x)
{
	const struct pdf_file *before = pdf_reread_open(s, pdf_make_one_page(s)), *after;
	struct pdf_update *u = pdf_reread_begin(s, before);
	const struct picture *p = opened(s, x);
	struct pdf_ref image;
	assert_int_equal(picture_put(s, p, u, false, NULL, NULL, &image), OK);
	after = pdf_reread_close(s, before, u);
	const struct pdf_value *v = pdf_reread_object(s, after, image);
	assert_int_equal(v->kind, PDF_STREAM);
	assert_true(bytes_equal(v->stream.raw, p->jpeg));
	assert_true(pdf_value_is_name(pdf_value_find(v, "Filter"), "DCTDecode"));
	return v;
}

/* Adobe's programs store how much ink is not there. */
static void test_cmyk(void **state)
{
	struct scope *s = *state;
	const struct jpeg adobe = { { SOI, ADOBE, CMYK_FRAME, CMYK_SCAN, EOI } };
	const struct jpeg plain = { { SOI, CMYK_FRAME, CMYK_SCAN, EOI } };
	const struct pdf_value *image = put(s, &adobe), *decode;
	int64_t v;
	assert_true(pdf_value_is_name(pdf_value_find(image, "ColorSpace"), "DeviceCMYK"));
	decode = pdf_value_find(image, "Decode");
	assert_int_equal(decode->array.n, 8);
	for (size_t i = 0; i < 8; i++)
		assert_true(pdf_value_integer(decode->array.item[i], &v) && v == (i % 2 == 0));
	assert_true(opened(s, &adobe)->inverted && opened(s, &adobe)->components == 4);
	image = put(s, &plain);
	assert_false(opened(s, &plain)->inverted);
	assert_null(pdf_value_find(image, "Decode"));
}

/* Components named R, G and B are not YCbCr, unless a marker says how it is. */
static void test_rgb_names(void **state)
{
	static const struct bytes frame =
	    SEGMENT("\xff\xc0\0\x11\x8\0\7\0\x9\3R\x11\0G\x11\0B\x11\0");
	const struct jpeg named = { { SOI, frame, COLOUR_SCAN, EOI } };
	const struct jpeg jfif = { { SOI, JFIF, frame, COLOUR_SCAN, EOI } };
	const struct jpeg adobe = { { SOI, ADOBE, frame, COLOUR_SCAN, EOI } };
	const struct jpeg usual = { { SOI, COLOUR_FRAME, COLOUR_SCAN, EOI } };
	struct scope *s = *state;
	int64_t v;
	const struct pdf_value *parms = pdf_value_find(put(s, &named), "DecodeParms");
	assert_true(pdf_value_integer(pdf_value_find(parms, "ColorTransform"), &v) && v == 0);
	assert_null(pdf_value_find(put(s, &jfif), "DecodeParms"));
	assert_null(pdf_value_find(put(s, &adobe), "DecodeParms"));
	assert_null(pdf_value_find(put(s, &usual), "DecodeParms"));
	assert_true(pdf_value_is_name(pdf_value_find(put(s, &usual), "ColorSpace"), "DeviceRGB"));
}

/* -- what does not go -- */

static void test_unsupported(void **state)
{
	static const char sofs[][2] = { "\xc3", "\xc5", "\xc6", "\xc7", "\xc9", "\xca", "\xcb",
		"\xcc", "\xcd", "\xce", "\xcf", "\xdc", "\xde", "\xdf" };
	struct scope *s = *state;
	struct picture *p;
	for (size_t i = 0; i < sizeof(sofs) / sizeof(sofs[0]); i++) {
		uint8_t segment[] = "\xff?\0\x0b\x8\0\7\0\x9\1\1\x11\0";
		segment[1] = (uint8_t)sofs[i][0];
		const struct jpeg x = { { SOI, bytes_of(segment, sizeof(segment) - 1), SCAN,
		    EOI } };
		assert_int_equal(open_jpeg(s, &x, &p), ERR_UNSUPPORTED);
	}
	static const struct bytes frames[] = {
		SEGMENT("\xff\xc1\0\x0b\x0c\0\7\0\x9\1\1\x11\0"),        /* 12 bits */
		SEGMENT("\xff\xc0\0\x0b\x8\0\0\0\x9\1\1\x11\0"),         /* no height */
		SEGMENT("\xff\xc0\0\x0e\x8\0\7\0\x9\2\1\x11\0\2\x11\0"), /* 2 components */
		SEGMENT("\xff\xc0\0\x8\x8\0\7\0\x9\0"),                  /* none */
	};
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		const struct jpeg x = { { SOI, frames[i], SCAN, EOI } };
		assert_int_equal(open_jpeg(s, &x, &p), ERR_UNSUPPORTED);
	}
	const struct jpeg turned = { { SOI,
	    SEGMENT("\xff\xe1\0\x22"
		    "Exif\0\0MM\0*\0\0\0\x8\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
	    GRAY_FRAME("\xc0"), SCAN, EOI } };
	assert_int_equal(open_jpeg(s, &turned, &p), ERR_UNSUPPORTED);
	assert_non_null(strstr(scope_fault_text(s), "orientation 6"));
}

static void test_malformed(void **state)
{
	static const struct jpeg samples[] = {
		{ { SOI, EOI } },
		{ { SOI, GRAY_FRAME("\xc0"), EOI } },       /* no samples */
		{ { SOI, SCAN, GRAY_FRAME("\xc0"), EOI } }, /* too early */
		{ { SOI, GRAY_FRAME("\xc0"), GRAY_FRAME("\xc0"), SCAN, EOI } },
		{ { SOI, GRAY_FRAME("\xc0"), COLOUR_SCAN, EOI } }, /* more components */
		{ { SOI, GRAY_FRAME("\xc0"), SCAN, SEGMENT("\xff\x02\0\2"), EOI } },
		{ { SOI, GRAY_FRAME("\xc0"), SCAN, SEGMENT("\xff\xd8"), EOI } }, /* another one */
		{ { SOI, SEGMENT("\xff\xfe\0\2xx"), GRAY_FRAME("\xc0"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xfe\0\1"), GRAY_FRAME("\xc0"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xc0\0\x0b\x8\0\7\0\x9\1\1\x01\0"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xc0\0\x0b\x8\0\7\0\x9\1\1\x15\0"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xc0\0\x0b\x8\0\7\0\x9\1\1\x11\4"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xc0\0\x0c\x8\0\7\0\x9\1\1\x11\0?"), SCAN, EOI } },
		{ { SOI, SEGMENT("\xff\xc0\0\x0b\x8\0\7\0\0\1\1\x11\0"), SCAN, EOI } },
		{ { SOI, GRAY_FRAME("\xc0"), SEGMENT("\xff\xda\0\x6\0\0\x3f\0"), EOI } },
	};
	struct scope *s = *state;
	struct picture *p;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (open_jpeg(s, &samples[i], &p) != ERR_FORMAT)
			fail_msg("%zu: %s", i, scope_fault_text(s));
}

static void test_truncated(void **state)
{
	struct scope *s = *state;
	const struct jpeg x = { { SOI, JFIF, DQT, DHT, COLOUR_FRAME, COLOUR_SCAN, EOI } };
	struct bytes file = join(s, &x);
	struct picture *p;
	for (size_t n = 3; n < file.n; n++) {
		scope_forgive(s);
		assert_int_equal(picture_open(s, bytes_cut(file, 0, n), &p), ERR_FORMAT);
	}
	scope_forgive(s);
	assert_int_equal(picture_open(s, file, &p), OK);
}

static void test_sizes(void **state)
{
	static const struct {
		struct bytes frame;
		enum err wanted;
	} cases[] = {
		{ SEGMENT("\xff\xc0\0\x0b\x8\0\1\x40\0\1\1\x11\0"), OK },
		{ SEGMENT("\xff\xc0\0\x0b\x8\0\1\x40\1\1\1\x11\0"), ERR_LIMIT },
		{ SEGMENT("\xff\xc0\0\x0b\x8\x40\1\0\1\1\1\x11\0"), ERR_LIMIT },
		{ SEGMENT("\xff\xc0\0\x0b\x8\x4\0\x40\0\1\1\x11\0"), OK },
		{ SEGMENT("\xff\xc0\0\x0b\x8\x4\1\x40\0\1\1\x11\0"), ERR_LIMIT },
	};
	struct scope *s = *state;
	struct picture *p;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jpeg x = { { SOI, cases[i].frame, SCAN, EOI } };
		assert_int_equal(open_jpeg(s, &x, &p), cases[i].wanted);
	}
}

static void test_out_of_memory(void **state)
{
	struct scope *fixed = *state;
	const struct jpeg x = { { SOI, ADOBE, CMYK_FRAME, CMYK_SCAN, EOI } };
	struct bytes file = join(fixed, &x), page = pdf_make_one_page(fixed);
	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != OK; n++) {
		struct scope *s = scope_new(0);
		struct pdf_update *u = pdf_reread_begin(s, pdf_reread_open(s, page));
		struct picture *p;
		struct pdf_ref image;
		scope_fail_after(s, n);
		err = picture_open(s, file, &p);
		if (err == OK)
			err = picture_put(s, p, u, false, NULL, NULL, &image);
		assert_true(err == OK || err == ERR_NOMEM);
		scope_free(s);
	}
}

static int open_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int close_scope(void **state)
{
	scope_free(*state);
	return 0;
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, open_scope, close_scope)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gray),
		TEST(test_codings),
		TEST(test_density),
		TEST(test_dropped),
		TEST(test_cmyk),
		TEST(test_rgb_names),
		TEST(test_unsupported),
		TEST(test_malformed),
		TEST(test_truncated),
		TEST(test_sizes),
		TEST(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
