/*
 * The rectangles are painted and read again by readers of their own: QR Code of versions 1 and 2,
 * and Code 128, after their standards. PDF417 is held to a picture that other programs read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "sealer/barcode.h"

#define SIDE 256

struct sheet {
	struct barcode code;
	bool dark[SIDE][SIDE];
};

/* Paints in modules; no two rectangles overlap, none leaves the symbol. */
static struct sheet *paint(struct scope *s, enum barcode_kind kind, struct bytes data)
{
	struct sheet *sheet = scope_alloc(s, sizeof(*sheet));
	assert_non_null(sheet);
	if (barcode_make(s, kind, data, &sheet->code) != OK)
		fail_msg("%s", scope_fault_text(s));
	const struct barcode *code = &sheet->code;
	for (size_t i = 0; i < code->n; i++) {
		const struct barcode_rect r = code->bar[i];
		assert_true(r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0);
		assert_true(r.x + r.w <= code->width && r.y + r.h <= code->height);
		for (int y = (int)r.y; y < (int)(r.y + r.h) && y < SIDE; y++)
			for (int x = (int)r.x; x < (int)(r.x + r.w) && x < SIDE; x++) {
				assert_false(sheet->dark[y][x]);
				sheet->dark[y][x] = true;
			}
	}
	return sheet;
}

/* -- QR Code, versions 1 and 2, level M: one block (ISO/IEC 18004) -- */

static bool is_function_module(int side, int y, int x)
{
	bool top = y < 9, left = x < 9;
	if ((top && left) || (top && x >= side - 8) || (left && y >= side - 8))
		return true;
	if (y == 6 || x == 6)
		return true;
	return side == 25 && y >= 16 && y <= 20 && x >= 16 && x <= 20;
}

static bool is_masked(int mask, int i, int j)
{
	switch (mask) {
	case 0:
		return (i + j) % 2 == 0;
	case 1:
		return i % 2 == 0;
	case 2:
		return j % 3 == 0;
	case 3:
		return (i + j) % 3 == 0;
	case 4:
		return (i / 2 + j / 3) % 2 == 0;
	case 5:
		return i * j % 2 + i * j % 3 == 0;
	case 6:
		return (i * j % 2 + i * j % 3) % 2 == 0;
	default:
		return ((i + j) % 2 + i * j % 3) % 2 == 0;
	}
}

struct bits {
	uint8_t bit[8 * 64];
	size_t n, at;
};

static unsigned take(struct bits *b, int n)
{
	unsigned v = 0;
	while (n-- > 0) {
		assert_true(b->at < b->n);
		v = v << 1 | b->bit[b->at++];
	}
	return v;
}

/* The bits of the codewords, in their order: upward and downward in columns of two. */
static struct bits qr_bits(const struct sheet *sheet)
{
	struct bits b = { .n = 0 };
	int side = (int)sheet->code.width, mask = 0;
	/* Format information beside the top left finder: level, mask; masked itself. */
	for (int x = 0; x < 5; x++)
		mask = mask << 1 | sheet->dark[8][x];
	mask ^= 0x15;
	assert_int_equal(mask >> 3, 0); /* level M */
	mask &= 7;
	bool up = true;
	for (int right = side - 1; right > 0; right -= 2, up = !up) {
		if (right == 6)
			right--;
		for (int k = 0; k < side; k++)
			for (int x = right; x > right - 2; x--) {
				int y = up ? side - 1 - k : k;
				if (is_function_module(side, y, x) || b.n == sizeof(b.bit))
					continue;
				b.bit[b.n++] = sheet->dark[y][x] != is_masked(mask, y, x);
			}
	}
	return b;
}

static void assert_qr(struct scope *s, struct bytes data, unsigned eci)
{
	const struct sheet *sheet = paint(s, BARCODE_KIND_QR, data);
	assert_true(sheet->code.width == sheet->code.height && sheet->code.quiet == 4);
	assert_true(sheet->code.width == 21 || sheet->code.width == 25);
	struct bits b = qr_bits(sheet);
	if (eci) {
		assert_int_equal(take(&b, 4), 7);
		assert_int_equal(take(&b, 8), eci);
	}
	assert_int_equal(take(&b, 4), 4); /* octets */
	assert_int_equal(take(&b, 8), data.n);
	for (size_t i = 0; i < data.n; i++)
		assert_int_equal(take(&b, 8), data.p[i]);
}

static void test_qr(void **state)
{
	struct scope *s = *state;
	assert_qr(s, BYTES_LIT("hello, seal"), 0);
	assert_qr(s, BYTES_LIT("b\xc5\xb1v\xc3\xb6s"), 26); /* UTF-8 */
	assert_qr(s, BYTES_LIT("\xff\xfe\x80"), 0);         /* not UTF-8 */
	assert_qr(s, BYTES_LIT("\xed\xa0\x80"), 0);         /* a surrogate is not UTF-8 */
	assert_qr(s, BYTES_LIT("a\0b"), 0);
	assert_qr(s, BYTES_LIT("twenty-three octets, is"), 0);
}

/* -- Code 128 (ISO/IEC 15417): widths of the patterns of values -- */

static const char *const patterns[] = { "212222", "222122", "222221", "121223", "121322", "131222",
	"122213", "122312", "132212", "221213", "221312", "231212", "112232", "122132", "122231",
	"113222", "123122", "123221", "223211", "221132", "221231", "213212", "223112", "312131",
	"311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
	"111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311",
	"112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331", "231131",
	"213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221",
	"112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111",
	"241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212",
	"421112", "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113",
	"114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412", "211214",
	"211232" };
#define START_B 104
#define START_C 105

static int pattern_at(const struct sheet *sheet, int x)
{
	for (size_t v = 0; v < sizeof(patterns) / sizeof(patterns[0]); v++) {
		int at = x;
		bool same = true, dark = true;
		for (const char *w = patterns[v]; *w; w++, dark = !dark)
			for (int k = 0; k < *w - '0'; k++)
				same = same && sheet->dark[0][at++] == dark;
		if (same && sheet->dark[0][at])
			return (int)v;
	}
	fail_msg("no pattern at %d", x);
	return -1;
}

static void test_code128(void **state)
{
	struct scope *s = *state;
	static const char text[] = "Bulla {#} x";
	const struct sheet *sheet = paint(s, BARCODE_KIND_CODE128, bytes_of_str(text));
	int n = (int)strlen(text), sum = START_B;
	assert_int_equal((int)sheet->code.width, 11 * (n + 2) + 13);
	assert_true(sheet->code.height == 0.15 * sheet->code.width && sheet->code.quiet == 10);
	assert_int_equal(pattern_at(sheet, 0), START_B);
	for (int i = 0; i < n; i++) {
		assert_int_equal(pattern_at(sheet, 11 * (i + 1)), text[i] - ' ');
		sum += (i + 1) * (text[i] - ' ');
	}
	assert_int_equal(pattern_at(sheet, 11 * (n + 1)), sum % 103);
	for (size_t i = 0; i < sheet->code.n; i++) /* bars, from top to bottom */
		assert_true(sheet->code.bar[i].h == sheet->code.height);
	sheet = paint(s, BARCODE_KIND_CODE128, BYTES_LIT("1234"));
	assert_int_equal(pattern_at(sheet, 0), START_C);
	assert_int_equal(pattern_at(sheet, 11), 12);
	assert_int_equal(pattern_at(sheet, 22), 34);
}

/* -- PDF417 -- */

static struct bytes picture_of(struct scope *s, const struct sheet *sheet)
{
	struct buf b = buf_new(s, SIDE * SIDE);
	struct bytes all;
	for (int y = 0; y < (int)sheet->code.height; y++)
		for (int x = 0; x < (int)sheet->code.width; x++)
			buf_add_byte(&b, sheet->dark[y][x]);
	assert_int_equal(buf_done(&b, &all), OK);
	return all;
}

/* The digest is of a picture that zxing-cpp read as this text, marked as UTF-8. */
static void test_pdf417(void **state)
{
	struct scope *s = *state;
	static const char start[] = "11111111010101000", stop[] = "111111101000101001";
	const struct sheet *sheet =
	    paint(s, BARCODE_KIND_PDF417, BYTES_LIT("hello PDF417 \xc5\x91 \xc9\x99"));
	int width = (int)sheet->code.width;
	struct digest d;
	char *hex;
	assert_true(sheet->code.width == 120 && sheet->code.height == 27 && sheet->code.quiet == 2);
	for (int y = 0; y < 27; y++) {
		for (int x = 0; x < 17; x++)
			assert_int_equal(sheet->dark[y][x], start[x] - '0');
		for (int x = 0; x < 18; x++)
			assert_int_equal(sheet->dark[y][width - 18 + x], stop[x] - '0');
	}
	assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, picture_of(s, sheet), &d), OK);
	assert_int_equal(bytes_to_hex(s, digest_bytes(&d), &hex), OK);
	assert_string_equal(
	    hex, "dfe1014b55cef48a3d39e81421db683f5bb94f7d24bced1818ed739b276308cd");
}

/* -- what does not go -- */

static void assert_refused(
    struct scope *s, enum barcode_kind kind, uint8_t octet, size_t n, enum err wanted)
{
	struct buf b = buf_new(s, 20000);
	struct barcode code = { .n = 77 };
	struct bytes data;
	buf_add_repeat(&b, octet, n);
	assert_int_equal(buf_done(&b, &data), OK);
	scope_forgive(s);
	assert_int_equal(barcode_make(s, kind, data, &code), wanted);
	assert_true(wanted == OK || code.n == 77);
	assert_true(wanted == OK || *scope_fault_text(s));
	scope_forgive(s);
}

static void test_refused(void **state)
{
	struct scope *s = *state;
	for (enum barcode_kind k = BARCODE_KIND_QR; k <= BARCODE_KIND_CODE128; k++)
		assert_refused(s, k, 0, 0, ERR_UNSUPPORTED);
	assert_refused(s, BARCODE_KIND_NONE, 'a', 1, ERR_MISUSE);
	assert_refused(s, (enum barcode_kind)99, 'a', 1, ERR_MISUSE);
	assert_refused(s, BARCODE_KIND_QR, 'a', 2331, OK); /* version 40, level M */
	assert_refused(s, BARCODE_KIND_QR, 'a', 2332, ERR_LIMIT);
	assert_refused(s, BARCODE_KIND_QR, 'a', 17400, ERR_LIMIT);
	assert_refused(s, BARCODE_KIND_QR, 'a', 17401, ERR_LIMIT);
	assert_refused(s, BARCODE_KIND_PDF417, 0xff, 900, OK);
	assert_refused(s, BARCODE_KIND_PDF417, 0xff, 2000, ERR_LIMIT);
	assert_refused(s, BARCODE_KIND_CODE128, 0x7f, 10, OK);
	assert_refused(s, BARCODE_KIND_CODE128, 0x80, 10, ERR_UNSUPPORTED);
	assert_refused(s, BARCODE_KIND_CODE128, 'a', 500, ERR_LIMIT);
}

static void test_names(void **state)
{
	(void)state;
	enum barcode_kind kind = BARCODE_KIND_NONE;
	assert_true(barcode_kind_of_name("qr", &kind) && kind == BARCODE_KIND_QR);
	assert_true(barcode_kind_of_name("pdf417", &kind) && kind == BARCODE_KIND_PDF417);
	assert_true(barcode_kind_of_name("code128", &kind) && kind == BARCODE_KIND_CODE128);
	assert_false(barcode_kind_of_name("QR", &kind));
	assert_false(barcode_kind_of_name("", &kind));
	assert_int_equal(kind, BARCODE_KIND_CODE128);
}

static void test_out_of_memory(void **state)
{
	struct scope *s = *state;
	struct barcode code;
	scope_fail_after(s, 1);
	assert_int_equal(barcode_make(s, BARCODE_KIND_QR, BYTES_LIT("x"), &code), ERR_NOMEM);
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
		TEST(test_qr),
		TEST(test_code128),
		TEST(test_pdf417),
		TEST(test_refused),
		TEST(test_names),
		TEST(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
