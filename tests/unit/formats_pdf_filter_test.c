#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_filter.h"
#include "formats/pdf_syntax.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

static const struct pdf_value *parsed(struct scope *s, const char *text)
{
	const struct pdf_value *v = NULL;
	size_t at = 0;
	if (text)
		assert_int_equal(pdf_syntax_value(s, bytes_of_str(text), &at, &v), OK);
	return v;
}

static enum err decode(struct scope *s, const char *filter, const char *parms, struct bytes raw,
    struct bytes *ret_data)
{
	bool damaged = true;
	enum err e =
	    pdf_filter_decode(s, parsed(s, filter), parsed(s, parms), raw, ret_data, &damaged);
	if (e == OK)
		assert_false(damaged);
	return e;
}

static void decodes_to(
    struct scope *s, const char *filter, const char *parms, struct bytes raw, struct bytes expected)
{
	struct bytes data;
	assert_int_equal(decode(s, filter, parms, raw, &data), OK);
	assert_true(bytes_equal(data, expected));
}

static enum err outcome(const char *filter, const char *parms, struct bytes raw)
{
	struct scope *s = scope_new(0);
	struct bytes data;
	enum err e = decode(s, filter, parms, raw, &data);
	scope_free(s);
	return e;
}

static struct bytes deflated(struct scope *s, struct bytes data)
{
	struct bytes out;
	assert_int_equal(pdf_filter_deflate(s, data, &out), OK);
	return out;
}

static void no_filter_is_no_change(void **state)
{
	decodes_to(*state, NULL, NULL, BYTES_LIT("abc"), BYTES_LIT("abc"));
	decodes_to(*state, "null", NULL, BYTES_LIT("abc"), BYTES_LIT("abc"));
	decodes_to(*state, "[]", NULL, BYTES_LIT("abc"), BYTES_LIT("abc"));
	decodes_to(*state, "[/Crypt]", NULL, BYTES_LIT("abc"), BYTES_LIT("abc"));
	decodes_to(*state, "/Crypt", "<</Name/Identity>>", BYTES_LIT("abc"), BYTES_LIT("abc"));
}

static void flate_comes_back(void **state)
{
	struct scope *s = *state;
	uint8_t *big = scope_alloc(s, 3000000);
	for (size_t i = 0; i < 3000000; i++)
		big[i] = (uint8_t)(i * i >> 8);
	decodes_to(s, "/FlateDecode", NULL, deflated(s, BYTES_NONE), BYTES_NONE);
	decodes_to(s, "/FlateDecode", NULL, BYTES_NONE, BYTES_NONE);
	decodes_to(s, "[/FlateDecode]", "[null]", deflated(s, BYTES_LIT("abc")), BYTES_LIT("abc"));
	decodes_to(
	    s, "/FlateDecode", NULL, deflated(s, bytes_of(big, 3000000)), bytes_of(big, 3000000));
	decodes_to(s, "/FlateDecode", NULL, deflated(s, bytes_of(big, 4096)), bytes_of(big, 4096));
}

static void a_flate_stream_cut_short_gives_what_there_is(void **state)
{
	struct scope *s = *state;
	uint8_t *zeros = scope_alloc(s, 100000);
	struct bytes raw = deflated(s, bytes_of(zeros, 100000)), data;
	bool damaged = false;
	assert_int_equal(pdf_filter_decode(s, parsed(s, "/FlateDecode"), NULL,
			     bytes_cut(raw, 0, raw.n - 10), &data, &damaged),
	    OK);
	assert_true(damaged);
	assert_in_range(data.n, 1000, 100000);
	assert_int_equal(pdf_filter_decode(s, parsed(s, "/FlateDecode"), NULL,
			     BYTES_LIT("no zlib at all"), &data, &damaged),
	    OK);
	assert_true(damaged);
	assert_int_equal(data.n, 0);
}

/* Twice deflated zeros: a few octets that become more than the cap. */
static void bombs_are_refused(void **state)
{
	struct scope *s = *state;
	uint8_t *zeros = scope_alloc(s, LIMIT_PDF_INFLATED + 1);
	struct bytes whole = bytes_of(zeros, LIMIT_PDF_INFLATED + 1), data;
	struct bytes over = deflated(s, whole);
	struct bytes full = deflated(s, bytes_cut(whole, 0, LIMIT_PDF_INFLATED));
	assert_int_equal(decode(s, "/FlateDecode", NULL, over, &data), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(decode(s, "/FlateDecode", NULL, full, &data), OK);
	assert_int_equal(data.n, LIMIT_PDF_INFLATED);
	uint8_t *runs = scope_alloc(s, 2 * LIMIT_PDF_INFLATED / 128 + 2);
	for (size_t i = 0; i < LIMIT_PDF_INFLATED / 128 + 1; i++)
		runs[2 * i] = 129;
	assert_int_equal(decode(s, "/RunLengthDecode", NULL,
			     bytes_of(runs, 2 * LIMIT_PDF_INFLATED / 128), &data),
	    OK);
	assert_int_equal(decode(s, "/RunLengthDecode", NULL,
			     bytes_of(runs, 2 * LIMIT_PDF_INFLATED / 128 + 2), &data),
	    ERR_LIMIT);
}

static void ascii_filters(void **state)
{
	struct scope *s = *state;
	decodes_to(s, "/ASCIIHexDecode", NULL, BYTES_LIT("61 6\n27>zz"), BYTES_LIT("abp"));
	decodes_to(s, "/AHx", NULL, BYTES_LIT("6A6b"), BYTES_LIT("jk"));
	decodes_to(
	    s, "/ASCII85Decode", NULL, BYTES_LIT("87cUR\nD]j7BEbo80~>"), BYTES_LIT("Hello world!"));
	decodes_to(s, "/A85", NULL, BYTES_LIT("<~z5l~>"), BYTES_LIT("\0\0\0\0A"));
	decodes_to(s, "/ASCII85Decode", NULL, BYTES_LIT("s8W-!~>"), BYTES_LIT("\xff\xff\xff\xff"));
	assert_int_equal(outcome("/ASCII85Decode", NULL, BYTES_LIT("s8W-\"~>")), ERR_FORMAT);
	assert_int_equal(outcome("/ASCII85Decode", NULL, BYTES_LIT("5~>")), ERR_FORMAT);
	assert_int_equal(outcome("/ASCII85Decode", NULL, BYTES_LIT("5z~>")), ERR_FORMAT);
	assert_int_equal(outcome("/ASCII85Decode", NULL, BYTES_LIT("v~>")), ERR_FORMAT);
	assert_int_equal(outcome("/ASCIIHexDecode", NULL, BYTES_LIT("6g>")), ERR_FORMAT);
}

static void run_lengths(void **state)
{
	struct scope *s = *state;
	decodes_to(
	    s, "/RunLengthDecode", NULL, BYTES_LIT("\2abc\376z\200more"), BYTES_LIT("abczzz"));
	decodes_to(s, "/RL", NULL, BYTES_LIT("\5ab"), BYTES_LIT("ab"));
	decodes_to(s, "/RL", NULL, BYTES_LIT("\376"), BYTES_NONE);
}

/* The example of ISO 32000-2 7.4.4.2. */
static void lzw(void **state)
{
	struct scope *s = *state;
	decodes_to(s, "/LZWDecode", NULL, BYTES_LIT("\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01"),
	    BYTES_LIT("\x2d\x2d\x2d\x2d\x2d\x41\x2d\x2d\x2d\x42"));
	decodes_to(s, "/LZW", "<</EarlyChange 0>>",
	    BYTES_LIT("\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01"),
	    BYTES_LIT("\x2d\x2d\x2d\x2d\x2d\x41\x2d\x2d\x2d\x42"));
	decodes_to(s, "/LZWDecode", NULL, BYTES_LIT("\x80"), BYTES_NONE);
	assert_int_equal(outcome("/LZWDecode", NULL, BYTES_LIT("\xff\xff\xff")), ERR_FORMAT);
	assert_int_equal(outcome("/LZWDecode", NULL, BYTES_LIT("\x80\x60\x00")), ERR_FORMAT);
}

/* An encoder that never finds a repetition: single octets, with the width that a decoder expects
 * after each of them, and no clear code. */
static struct bytes lzw_literals(struct scope *s, unsigned early, size_t n)
{
	uint8_t *out = scope_alloc(s, 2 * n + 8);
	size_t bit = 0;
	unsigned learnt = 258, width = 9;
	for (size_t i = 0; i <= n; i++) {
		const unsigned code = i == n ? 257 : (unsigned)(i % 256);
		for (unsigned k = width; k-- > 0; bit++)
			out[bit / 8] |= (uint8_t)((code >> k & 1) << (7 - bit % 8));
		learnt += i > 0; /* nothing is learnt from the first code */
		while (width < 12 && learnt + early >= 1u << width)
			width++;
	}
	return bytes_of(out, (bit + 7) / 8);
}

static void lzw_widths_change_early_or_not(void **state)
{
	struct scope *s = *state;
	uint8_t expected[3000];
	for (size_t i = 0; i < sizeof(expected); i++)
		expected[i] = (uint8_t)i;
	const struct bytes all = bytes_of(expected, sizeof(expected)),
			   late = lzw_literals(s, 0, 3000);
	struct bytes data;
	decodes_to(s, "/LZWDecode", NULL, lzw_literals(s, 1, 3000), all);
	decodes_to(s, "/LZWDecode", "<</EarlyChange 0>>", late, all);
	assert_true(decode(s, "/LZWDecode", NULL, late, &data) != OK || !bytes_equal(data, all));
}

static void png_predictors(void **state)
{
	struct scope *s = *state;
	const char *parms = "<</Predictor 12/Columns 4/Colors 1>>";
	/* None, Sub, Up, Average, Paeth. */
	const struct bytes rows = BYTES_LIT("\0\1\2\3\4"
					    "\1\1\1\1\1"
					    "\2\1\1\1\1"
					    "\3\1\1\1\1"
					    "\4\1\1\1\1");
	const struct bytes expected = BYTES_LIT("\1\2\3\4"
						"\1\2\3\4"
						"\2\3\4\5"
						"\2\3\4\5"
						"\3\4\5\6");
	decodes_to(s, "/FlateDecode", parms, deflated(s, rows), expected);
	decodes_to(s, "/FlateDecode", parms, deflated(s, bytes_cut(rows, 0, 8)),
	    BYTES_LIT("\1\2\3\4\1\2"));
	decodes_to(s, "[/ASCIIHexDecode/FlateDecode]", "[null <</Predictor 1>>]", BYTES_LIT(">"),
	    BYTES_NONE);
	assert_int_equal(
	    outcome("/FlateDecode", parms, deflated(s, BYTES_LIT("\5abcd"))), ERR_FORMAT);
}

static void tiff_predictor(void **state)
{
	struct scope *s = *state;
	decodes_to(s, "/FlateDecode", "<</Predictor 2/Columns 2/Colors 2>>",
	    deflated(s, BYTES_LIT("\1\2\3\4\5\6\7\10")), BYTES_LIT("\1\2\4\6\5\6\14\16"));
	decodes_to(s, "/FlateDecode", "<</Predictor 2/Columns 2/BitsPerComponent 16>>",
	    deflated(s, BYTES_LIT("\0\377\0\1")), BYTES_LIT("\0\377\1\0"));
	decodes_to(s, "/FlateDecode", "<</Predictor 2/Columns 4/BitsPerComponent 4>>",
	    deflated(s, BYTES_LIT("\x12\xff")), BYTES_LIT("\x13\x21"));
}

static void predictor_numbers_are_checked(void **state)
{
	struct scope *s = *state;
	const struct bytes raw = deflated(s, BYTES_LIT("\0abc"));
	static const char *const bad[] = { "<</Predictor 3>>", "<</Predictor 16>>",
		"<</Predictor 0>>", "<</Predictor 12/Columns 0>>",
		"<</Predictor 12/Columns 67108865>>", "<</Predictor 12/Colors 33>>",
		"<</Predictor 12/BitsPerComponent 3>>" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(outcome("/FlateDecode", bad[i], raw), ERR_FORMAT);
	/* The largest claim costs no more memory than the data. */
	const size_t before = scope_used(s);
	decodes_to(s, "/FlateDecode",
	    "<</Predictor 12/Columns 67108864/Colors 32/BitsPerComponent 16>>", raw,
	    BYTES_LIT("abc"));
	assert_in_range(scope_used(s) - before, 1, 20000);
}

static void what_is_not_known_is_named(void **state)
{
	struct scope *s = *state;
	struct bytes data;
	assert_int_equal(decode(s, "/BrotliDecode", NULL, BYTES_LIT("x"), &data), ERR_UNSUPPORTED);
	assert_non_null(strstr(scope_fault_text(s), "BrotliDecode"));
	assert_int_equal(outcome("/DCTDecode", NULL, BYTES_LIT("x")), ERR_UNSUPPORTED);
	assert_int_equal(outcome("/Crypt", "<</Name/StdCF>>", BYTES_LIT("x")), ERR_UNSUPPORTED);
	assert_int_equal(outcome("5", NULL, BYTES_LIT("x")), ERR_FORMAT);
	assert_int_equal(outcome("[null]", NULL, BYTES_LIT("x")), ERR_FORMAT);
	assert_int_equal(outcome("[/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx"
				 "/AHx/AHx]",
			     NULL, BYTES_NONE),
	    ERR_LIMIT);
}

static void memory_runs_out_cleanly(void **state)
{
	struct scope *outer = *state;
	const struct bytes raw = deflated(outer, BYTES_LIT("\2abcd\2abcd"));
	bool done = false;
	for (size_t n = 1; !done; n++) {
		struct scope *s = scope_new(0);
		const struct pdf_value *filter =
		    parsed(outer, "[/FlateDecode/LZWDecode/AHx/A85/RL]");
		const struct pdf_value *parms = parsed(outer, "[<</Predictor 12/Columns 4>>]");
		struct bytes data;
		bool damaged;
		scope_fail_after(s, n);
		enum err e = pdf_filter_decode(s, filter, parms, raw, &data, &damaged);
		assert_true(e == OK || e == ERR_FORMAT || e == ERR_NOMEM);
		done = e != ERR_NOMEM;
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_filter_is_no_change, setup, teardown),
		cmocka_unit_test_setup_teardown(flate_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_flate_stream_cut_short_gives_what_there_is, setup, teardown),
		cmocka_unit_test_setup_teardown(bombs_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(ascii_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(run_lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(lzw, setup, teardown),
		cmocka_unit_test_setup_teardown(lzw_widths_change_early_or_not, setup, teardown),
		cmocka_unit_test_setup_teardown(png_predictors, setup, teardown),
		cmocka_unit_test_setup_teardown(tiff_predictor, setup, teardown),
		cmocka_unit_test_setup_teardown(predictor_numbers_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_runs_out_cleanly, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
