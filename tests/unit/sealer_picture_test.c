/*
 * PNG files of every kind are made octet by octet and read; what is put into a document is read
 * again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <zlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_filter.h"
#include "sealer/picture.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

/* -- making PNG files -- */

enum png_type {
	GRAY = 0,
	RGB = 2,
	PALETTE = 3,
	GRAY_ALPHA = 4,
	RGB_ALPHA = 6,
};

struct png {
	uint32_t width, height;
	enum png_type type;
	unsigned depth;
	bool interlaced;
	struct bytes trns, phys, gama, exif, exif_behind;
};

static void add_u32(struct buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(b, (uint8_t)(v >> shift));
}

static void add_chunk(struct buf *b, const char *type, struct bytes data)
{
	uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);
	if (data.n)
		crc = crc32(crc, data.p, (uInt)data.n);
	add_u32(b, (uint32_t)data.n);
	buf_add_str(b, type);
	buf_add(b, data);
	add_u32(b, (uint32_t)crc);
}

static unsigned channels(enum png_type type)
{
	return type == RGB ? 3 : type == RGB_ALPHA ? 4 : type == GRAY_ALPHA ? 2 : 1;
}

/* The value of a channel of a pixel, of any depth: differs from its neighbours. */
static unsigned value(const struct png *x, uint32_t px, uint32_t py, unsigned channel)
{
	unsigned v = px * 7 + py * 13 + channel * 59 + (px ^ py);
	if (x->depth == 16)
		v = v * 0x0303 + px;
	return v & ((1U << x->depth) - 1);
}

/* Every dx-th pixel of every dy-th line, from x0, y0. */
static void add_lines(
    struct buf *b, const struct png *x, uint32_t x0, uint32_t y0, uint32_t dx, uint32_t dy)
{
	if (x0 >= x->width)
		return;
	for (uint32_t py = y0; py < x->height; py += dy) {
		unsigned bits = 0, n = 0;
		buf_add_byte(b, 0); /* no filter */
		for (uint32_t px = x0; px < x->width; px += dx)
			for (unsigned c = 0; c < channels(x->type); c++) {
				bits = bits << x->depth | value(x, px, py, c);
				n += x->depth;
				for (; n >= 8; n -= 8)
					buf_add_byte(b, (uint8_t)(bits >> (n - 8)));
			}
		if (n)
			buf_add_byte(b, (uint8_t)(bits << (8 - n)));
	}
}

static void add_samples(struct buf *b, const struct png *x)
{
	static const uint32_t adam7[7][4] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 },
		{ 2, 0, 4, 4 }, { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };
	if (!x->interlaced)
		add_lines(b, x, 0, 0, 1, 1);
	for (size_t i = 0; x->interlaced && i < 7; i++)
		add_lines(b, x, adam7[i][0], adam7[i][1], adam7[i][2], adam7[i][3]);
}

static struct bytes head_of(struct scope *s, const struct png *x)
{
	struct buf b = buf_new(s, 13);
	struct bytes head;
	add_u32(&b, x->width);
	add_u32(&b, x->height);
	buf_add_byte(&b, (uint8_t)x->depth);
	buf_add_byte(&b, (uint8_t)x->type);
	buf_add(&b, BYTES_LIT("\0\0"));
	buf_add_byte(&b, x->interlaced);
	assert_int_equal(buf_done(&b, &head), OK);
	return head;
}

/* The i-th colour is (i, 255 - i, i ^ 0x55). */
static struct bytes palette_of(struct scope *s, const struct png *x)
{
	struct buf b = buf_new(s, 768);
	struct bytes palette;
	for (unsigned i = 0; i < 1U << x->depth; i++) {
		const uint8_t colour[] = { (uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i ^ 0x55) };
		buf_add(&b, bytes_of(colour, 3));
	}
	assert_int_equal(buf_done(&b, &palette), OK);
	return palette;
}

static struct bytes make_png(struct scope *s, const struct png *x)
{
	struct buf b = buf_new(s, 1 << 20), samples = buf_new(s, 1 << 20);
	struct bytes deflated, file;
	add_samples(&samples, x);
	assert_int_equal(pdf_filter_deflate(s, buf_bytes(&samples), &deflated), OK);
	buf_add_str(&b, "\x89PNG\r\n\x1a\n");
	add_chunk(&b, "IHDR", head_of(s, x));
	if (x->gama.n)
		add_chunk(&b, "gAMA", x->gama);
	if (x->type == PALETTE)
		add_chunk(&b, "PLTE", palette_of(s, x));
	if (x->trns.n)
		add_chunk(&b, "tRNS", x->trns);
	if (x->phys.n)
		add_chunk(&b, "pHYs", x->phys);
	if (x->exif.n)
		add_chunk(&b, "eXIf", x->exif);
	add_chunk(&b, "IDAT", deflated);
	if (x->exif_behind.n)
		add_chunk(&b, "eXIf", x->exif_behind);
	add_chunk(&b, "IEND", BYTES_NONE);
	assert_int_equal(buf_done(&b, &file), OK);
	return file;
}

static enum err open_file(struct scope *s, struct bytes file, struct picture **ret_picture)
{
	scope_forgive(s);
	return picture_open(s, file, ret_picture);
}

static const struct picture *open_png(struct scope *s, const struct png *x)
{
	struct picture *p;
	if (open_file(s, make_png(s, x), &p) != OK)
		fail_msg("type %d depth %u: %s", (int)x->type, x->depth, scope_fault_text(s));
	assert_int_equal(p->width, x->width);
	assert_int_equal(p->height, x->height);
	assert_int_equal(p->jpeg.n, 0);
	return p;
}

/* -- what is read -- */

static unsigned to_8_bits(const struct png *x, unsigned v)
{
	unsigned max = (1U << x->depth) - 1;
	return (v * 255 + max / 2) / max;
}

/* What the sample must be; of the alpha with channel 3. */
static unsigned wanted(const struct png *x, uint32_t px, uint32_t py, unsigned channel)
{
	if (x->type == PALETTE) {
		unsigned i = value(x, px, py, 0);
		const unsigned colour[] = { i, 255 - i, i ^ 0x55 };
		return channel == 3 ? (i < x->trns.n ? x->trns.p[i] : 255) : colour[channel];
	}
	if (channel == 3 && x->trns.n) { /* one colour is transparent */
		bool same = true;
		for (unsigned c = 0; c < channels(x->type); c++)
			same = same && value(x, px, py, c) ==
					   (unsigned)(x->trns.p[2 * c] << 8 | x->trns.p[2 * c + 1]);
		return same ? 0 : 255;
	}
	return to_8_bits(x, value(x, px, py, channel == 3 ? channels(x->type) - 1 : channel));
}

static void assert_near(unsigned is, unsigned should, const struct png *x)
{
	unsigned off = is > should ? is - should : should - is;
	if (off > (x->depth == 16))
		fail_msg("type %d depth %u%s: %u, not %u", (int)x->type, x->depth,
		    x->interlaced ? " interlaced" : "", is, should);
}

static void assert_reads(struct scope *s, const struct png *x)
{
	const struct picture *p = open_png(s, x);
	bool colour = x->type == RGB || x->type == PALETTE || x->type == RGB_ALPHA;
	size_t n = (size_t)x->width * x->height;
	assert_int_equal(p->components, colour ? 3 : 1);
	assert_int_equal(p->has_alpha, x->trns.n || x->type >= GRAY_ALPHA);
	assert_int_equal(p->samples.n, n * p->components);
	assert_int_equal(p->alpha.n, p->has_alpha ? n : 0);
	for (size_t i = 0; i < n; i++) {
		uint32_t px = (uint32_t)i % x->width, py = (uint32_t)i / x->width;
		for (unsigned c = 0; c < p->components; c++)
			assert_near(p->samples.p[i * p->components + c], wanted(x, px, py, c), x);
		if (p->has_alpha)
			assert_near(p->alpha.p[i], wanted(x, px, py, 3), x);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		enum png_type type;
		unsigned depth;
	} kinds[] = { { GRAY, 1 }, { GRAY, 2 }, { GRAY, 4 }, { GRAY, 8 }, { GRAY, 16 },
		{ GRAY_ALPHA, 8 }, { GRAY_ALPHA, 16 }, { RGB, 8 }, { RGB, 16 }, { RGB_ALPHA, 8 },
		{ RGB_ALPHA, 16 }, { PALETTE, 1 }, { PALETTE, 2 }, { PALETTE, 4 }, { PALETTE, 8 } };
	static const uint32_t sizes[][2] = { { 1, 1 }, { 3, 2 }, { 9, 17 }, { 33, 20 } };
	struct scope *s = *state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (int interlaced = 0; interlaced < 2; interlaced++) {
				const struct png x = { sizes[i][0], sizes[i][1], kinds[k].type,
					kinds[k].depth, interlaced, .trns = BYTES_NONE };
				if (!interlaced || x.depth < 16)
					assert_reads(s, &x);
			}
}

/* What libpng is not trusted with. */
static void test_deep_and_interlaced(void **state)
{
	struct scope *s = *state;
	const struct png x = { 9, 9, RGB, 16, true, .trns = BYTES_NONE };
	struct picture *p;
	assert_int_equal(open_file(s, make_png(s, &x), &p), ERR_UNSUPPORTED);
}

static void test_transparent_colours(void **state)
{
	const struct png samples[] = {
		{ 9, 9, GRAY, 8, false, .trns = BYTES_LIT("\0\0") },
		{ 9, 9, GRAY, 4, true, .trns = BYTES_LIT("\0\0") },
		{ 9, 9, RGB, 8, false, .trns = BYTES_LIT("\0\0\0\x3b\0\x76") },
		{ 9, 9, PALETTE, 8, false, .trns = BYTES_LIT("\0\x80\xff\x40") },
		{ 9, 9, PALETTE, 2, true, .trns = BYTES_LIT("\x10") },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_reads(s, &samples[i]);
}

/* An alpha channel that hides nothing is none. */
static void test_opaque_alpha(void **state)
{
	struct scope *s = *state;
	struct png x = { 1, 1, PALETTE, 8, false, .trns = BYTES_LIT("\xff\xff") };
	assert_false(open_png(s, &x)->has_alpha);
	assert_int_equal(open_png(s, &x)->alpha.n, 0);
	x.trns = BYTES_LIT("\xfe");
	assert_true(open_png(s, &x)->has_alpha);
}

static void test_density(void **state)
{
	struct scope *s = *state;
	struct png x = { 1, 1, GRAY, 8, false, .trns = BYTES_NONE };
	assert_true(open_png(s, &x)->dpi_x == 0 && open_png(s, &x)->dpi_y == 0);
	x.phys = BYTES_LIT("\0\0\x2e\x23\0\0\x17\x12\1"); /* 11811 and 5906 a metre */
	const struct picture *p = open_png(s, &x);
	assert_true(p->dpi_x > 299.9 && p->dpi_x < 300.1);
	assert_true(p->dpi_y > 149.9 && p->dpi_y < 150.1);
	x.phys = BYTES_LIT("\0\0\x2e\x23\0\0\x17\x12\0"); /* only a ratio */
	assert_true(open_png(s, &x)->dpi_x == 0);
}

/* gAMA 1.0: samples are intensities of light; 0.45455: as without. */
static void test_gamma(void **state)
{
	struct scope *s = *state;
	struct png x = { 9, 9, GRAY, 8, false, .gama = BYTES_LIT("\0\1\x86\xa0") };
	const struct picture *linear = open_png(s, &x);
	x.gama = BYTES_LIT("\0\0\xb1\x8f");
	const struct picture *usual = open_png(s, &x);
	x.gama = BYTES_NONE;
	assert_true(bytes_equal(usual->samples, open_png(s, &x)->samples));
	for (size_t i = 0; i < 81; i++) {
		unsigned v = usual->samples.p[i];
		assert_true(v < 8 || v > 247 || linear->samples.p[i] > v);
	}
}

/* -- Exif orientation -- */

static const uint8_t exif_upright[] = "MM\0*\0\0\0\x8\0\1\1\x12\0\3\0\0\0\1\0\1\0\0";
#define EXIF_SIZE (sizeof(exif_upright) - 1)

static void test_orientation(void **state)
{
	struct scope *s = *state;
	for (unsigned value = 0; value < 10; value++) {
		uint8_t big[EXIF_SIZE], little[] = "II*\0\x8\0\0\0\1\0\x12\1\3\0\1\0\0\0\1\0\0\0";
		memcpy(big, exif_upright, EXIF_SIZE);
		big[19] = little[18] = (uint8_t)value;
		bool turned = value >= 2 && value <= 8;
		struct png x = { 1, 1, GRAY, 8, false, .exif = bytes_of(big, EXIF_SIZE) };
		struct picture *p;
		assert_int_equal(open_file(s, make_png(s, &x), &p), turned ? ERR_UNSUPPORTED : OK);
		x.exif = BYTES_NONE;
		x.exif_behind = bytes_of(little, EXIF_SIZE);
		assert_int_equal(open_file(s, make_png(s, &x), &p), turned ? ERR_UNSUPPORTED : OK);
		/* Cut short it says nothing. */
		for (size_t n = 1; turned && n < 20; n++) {
			x.exif_behind = bytes_of(big, n);
			assert_int_equal(open_file(s, make_png(s, &x), &p), OK);
		}
	}
}

/* -- into a document -- */

static const struct pdf_value *put(struct scope *s, const struct picture *p, bool opaque,
    const struct pdf_value *rgb, const struct pdf_value *gray, const struct pdf_file **ret_file)
{
	const struct pdf_file *before = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *u = pdf_reread_begin(s, before);
	struct pdf_ref image;
	assert_int_equal(picture_put(s, p, u, opaque, rgb, gray, &image), OK);
	*ret_file = pdf_reread_close(s, before, u);
	return pdf_reread_object(s, *ret_file, image);
}

static struct bytes data_of(
    struct scope *s, const struct pdf_file *f, const struct pdf_value *stream)
{
	struct bytes data;
	assert_int_equal(pdf_file_stream_data(s, f, pdf_file_latest(f), stream, &data), OK);
	return data;
}

static void assert_image(const struct pdf_value *image, const char *space)
{
	int64_t v;
	assert_true(pdf_value_is_name(pdf_value_find(image, "Type"), "XObject"));
	assert_true(pdf_value_is_name(pdf_value_find(image, "Subtype"), "Image"));
	assert_true(pdf_value_is_name(pdf_value_find(image, "ColorSpace"), space));
	assert_true(pdf_value_integer(pdf_value_find(image, "Width"), &v) && v == 9);
	assert_true(pdf_value_integer(pdf_value_find(image, "Height"), &v) && v == 5);
	assert_true(pdf_value_integer(pdf_value_find(image, "BitsPerComponent"), &v) && v == 8);
}

static void test_put(void **state)
{
	struct scope *s = *state;
	const struct png x = { 9, 5, RGB, 8, false, .trns = BYTES_NONE };
	const struct picture *p = open_png(s, &x);
	const struct pdf_file *f;
	const struct pdf_value *image = put(s, p, false, NULL, NULL, &f);
	assert_image(image, "DeviceRGB");
	assert_null(pdf_value_find(image, "SMask"));
	assert_true(bytes_equal(data_of(s, f, image), p->samples));
	image = put(s, p, false, pdf_value_new_name(s, "Mine"), NULL, &f);
	assert_image(image, "Mine");
}

static void test_put_gray(void **state)
{
	struct scope *s = *state;
	const struct png x = { 9, 5, GRAY, 2, false, .trns = BYTES_NONE };
	const struct picture *p = open_png(s, &x);
	const struct pdf_file *f;
	const struct pdf_value *image = put(s, p, true, NULL, NULL, &f);
	assert_image(image, "DeviceGray");
	assert_true(bytes_equal(data_of(s, f, image), p->samples));
	assert_image(put(s, p, true, NULL, pdf_value_new_name(s, "Mine"), &f), "Mine");
}

static void test_put_alpha(void **state)
{
	struct scope *s = *state;
	const struct png x = { 9, 5, RGB_ALPHA, 8, false, .trns = BYTES_NONE };
	const struct picture *p = open_png(s, &x);
	const struct pdf_file *f;
	const struct pdf_value *image = put(s, p, false, NULL, NULL, &f), *mask;
	assert_image(image, "DeviceRGB");
	assert_true(bytes_equal(data_of(s, f, image), p->samples));
	mask = pdf_reread_object(s, f, pdf_value_find(image, "SMask")->ref);
	assert_image(mask, "DeviceGray");
	assert_true(bytes_equal(data_of(s, f, mask), p->alpha));
}

/* On white paper: nothing of the colour where the alpha is 0, all of it where it is 255. */
static void test_put_opaque(void **state)
{
	struct scope *s = *state;
	static const uint8_t samples[9 * 5] = { 0, 0, 0, 200, 100 },
					 alpha[9 * 5] = { 0, 255, 128, 128, 255 };
	const struct picture p = { .width = 9,
		.height = 5,
		.components = 1,
		.has_alpha = true,
		.samples = bytes_of(samples, 45),
		.alpha = bytes_of(alpha, 45) };
	const struct pdf_file *f;
	const struct pdf_value *image = put(s, &p, true, NULL, NULL, &f);
	static const uint8_t laid[] = { 255, 0, 127, 227, 100, 255 };
	assert_image(image, "DeviceGray");
	assert_null(pdf_value_find(image, "SMask"));
	assert_memory_equal(data_of(s, f, image).p, laid, sizeof(laid));
}

/* Colours that change smoothly are predicted, dots are not. */
static void test_predictor(void **state)
{
	struct scope *s = *state;
	static uint8_t smooth[64 * 64 * 3], flat[64 * 64 * 3];
	for (size_t i = 0; i < sizeof(smooth); i++)
		smooth[i] = (uint8_t)(i * i / 700 + i % 3 * 90 + i / 192 * i / 400);
	for (size_t i = 0; i < sizeof(flat); i++)
		flat[i] = (uint32_t)i * 2654435761u >> 13 & 1 ? 255 : 0;
	struct picture p = { .width = 64, .height = 64, .components = 3 };
	const struct pdf_file *f;
	p.samples = bytes_of(smooth, sizeof(smooth));
	const struct pdf_value *image = put(s, &p, false, NULL, NULL, &f);
	int64_t v;
	assert_true(pdf_value_integer(
	    pdf_value_find(pdf_value_find(image, "DecodeParms"), "Predictor"), &v));
	assert_int_equal(v, 15);
	assert_true(bytes_equal(data_of(s, f, image), p.samples));
	p.samples = bytes_of(flat, sizeof(flat));
	image = put(s, &p, false, NULL, NULL, &f);
	assert_null(pdf_value_find(image, "DecodeParms"));
	assert_true(bytes_equal(data_of(s, f, image), p.samples));
}

/* -- what does not go -- */

static void test_no_picture(void **state)
{
	struct scope *s = *state;
	struct picture *p;
	struct buf b = buf_new(s, LIMIT_PICTURE_FILE + 1);
	assert_int_equal(open_file(s, BYTES_NONE, &p), ERR_UNSUPPORTED);
	assert_int_equal(open_file(s, BYTES_LIT("GIF89a"), &p), ERR_UNSUPPORTED);
	assert_int_equal(open_file(s, BYTES_LIT("\x89PNG\r\n\x1a\n"), &p), ERR_FORMAT);
	buf_add_str(&b, "\x89PNG\r\n\x1a\n");
	buf_add_repeat(&b, 0, LIMIT_PICTURE_FILE - 7);
	assert_int_equal(open_file(s, buf_bytes(&b), &p), ERR_LIMIT);
	assert_int_equal(
	    open_file(s, bytes_cut(buf_bytes(&b), 0, LIMIT_PICTURE_FILE), &p), ERR_FORMAT);
}

/* Sizes are told in the header; the samples are not there, which is found out only later. */
static void test_sizes(void **state)
{
	static const struct {
		uint32_t width, height;
		enum err wanted;
	} cases[] = {
		{ 0, 1, ERR_FORMAT },
		{ 1, 0, ERR_FORMAT },
		{ LIMIT_PICTURE_SIDE, 1, ERR_FORMAT },
		{ LIMIT_PICTURE_SIDE + 1, 1, ERR_LIMIT },
		{ 1, LIMIT_PICTURE_SIDE + 1, ERR_LIMIT },
		{ LIMIT_PICTURE_SIDE, LIMIT_PICTURE_PIXELS / LIMIT_PICTURE_SIDE, ERR_FORMAT },
		{ LIMIT_PICTURE_SIDE, LIMIT_PICTURE_PIXELS / LIMIT_PICTURE_SIDE + 1, ERR_LIMIT },
		{ 0xffffffff, 0xffffffff, ERR_LIMIT },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct png x = { 1, 1, GRAY, 8, false, .trns = BYTES_NONE };
		struct bytes file = make_png(s, &x);
		struct buf b = buf_new(s, file.n);
		struct picture *p;
		buf_add(&b, bytes_cut(file, 0, 8 + 4 + 4)); /* up to the header's content */
		size_t head = b.n;
		add_u32(&b, cases[i].width);
		add_u32(&b, cases[i].height);
		buf_add(&b, bytes_cut(file, b.n, 5));
		add_u32(&b, (uint32_t)crc32(0, b.p + head - 4, 17));
		buf_add(&b, bytes_from(file, b.n));
		assert_int_equal(open_file(s, buf_bytes(&b), &p), cases[i].wanted);
	}
}

/* Any octet short, any octet changed: an error or a picture, never more. */
static void test_broken(void **state)
{
	struct scope *s = *state;
	const struct png x = { 9, 9, PALETTE, 4, true, .trns = BYTES_LIT("\x10") };
	struct bytes file = make_png(s, &x);
	struct picture *p;
	size_t whole = file.n - 12; /* libpng does not ask for IEND */
	for (size_t n = 0; n < whole; n++)
		assert_int_not_equal(open_file(s, bytes_cut(file, 0, n), &p), OK);
	for (size_t at = 0; at < file.n; at++) {
		struct bytes copy;
		assert_int_equal(bytes_copy(s, file, &copy), OK);
		*(uint8_t *)(uintptr_t)(copy.p + at) ^= 0x24;
		enum err err = open_file(s, copy, &p);
		if (err == ERR_INTERNAL || err == ERR_NOMEM)
			fail_msg("octet %zu: %s", at, scope_fault_text(s));
	}
}

static void test_header_twice(void **state)
{
	struct scope *s = *state;
	const struct png x = { 1, 1, GRAY, 8, false, .trns = BYTES_NONE };
	struct bytes file = make_png(s, &x);
	struct buf b = buf_new(s, 1000);
	struct picture *p;
	buf_add(&b, bytes_cut(file, 0, 8 + 25));
	buf_add(&b, bytes_from(file, 8));
	assert_int_equal(open_file(s, buf_bytes(&b), &p), ERR_FORMAT);
	b = buf_new(s, 1000);
	buf_add(&b, bytes_cut(file, 0, 8));
	buf_add(&b, bytes_from(file, 8 + 25));
	assert_int_equal(open_file(s, buf_bytes(&b), &p), ERR_FORMAT);
}

static void test_out_of_memory(void **state)
{
	struct scope *fixed = *state;
	const struct png x = { 9, 5, RGB_ALPHA, 8, false, .trns = BYTES_NONE };
	struct bytes file = make_png(fixed, &x), page = pdf_make_one_page(fixed);
	for (int opaque = 0; opaque < 2; opaque++) {
		enum err err = ERR_NOMEM;
		for (size_t n = 1; err != OK; n++) {
			struct scope *s = scope_new(0);
			struct pdf_update *u = pdf_reread_begin(s, pdf_reread_open(s, page));
			struct picture *p;
			struct pdf_ref image;
			scope_fail_after(s, n);
			err = picture_open(s, file, &p);
			if (err == OK)
				err = picture_put(s, p, u, opaque, NULL, NULL, &image);
			assert_true(err == OK || err == ERR_NOMEM);
			scope_free(s);
		}
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
		TEST(test_kinds),
		TEST(test_deep_and_interlaced),
		TEST(test_transparent_colours),
		TEST(test_opaque_alpha),
		TEST(test_density),
		TEST(test_gamma),
		TEST(test_orientation),
		TEST(test_put),
		TEST(test_put_gray),
		TEST(test_put_alpha),
		TEST(test_put_opaque),
		TEST(test_predictor),
		TEST(test_no_picture),
		TEST(test_sizes),
		TEST(test_broken),
		TEST(test_header_twice),
		TEST(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
