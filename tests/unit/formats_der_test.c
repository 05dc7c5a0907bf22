#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

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

static enum err read_one(struct scope *s, struct bytes b, struct der *tlv)
{
	scope_forgive(s);
	return der_next(s, &b, tlv);
}

#define READ(lit) read_one(*state, BYTES_LIT(lit), &tlv)

static void test_lengths(void **state)
{
	struct der tlv;
	assert_int_equal(READ("\x04\x02xy"), OK);
	assert_int_equal(tlv.tag, DER_OCTET_STRING);
	assert_true(bytes_equal_str(tlv.value, "xy"));
	assert_int_equal(tlv.whole.n, 4);
	assert_int_equal(READ("\x04\x81\x02xyz"), OK); /* not minimal: BER */
	assert_int_equal(tlv.whole.n, 5);
	assert_int_equal(READ("\x04\x89\x00\x00\x00\x00\x00\x00\x00\x00\x01x"), OK);
	assert_int_equal(tlv.value.n, 1);
	assert_int_equal(READ("\x05\x00"), OK);
	assert_int_equal(tlv.value.n, 0);
	assert_int_equal(READ(""), ERR_FORMAT);
	assert_int_equal(READ("\x04"), ERR_FORMAT);
	assert_int_equal(READ("\x04\x03xy"), ERR_FORMAT);
	assert_int_equal(READ("\x04\x82\x01"), ERR_FORMAT);
	assert_int_equal(READ("\x04\xff\x01x"), ERR_FORMAT);
	assert_int_equal(READ("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x01x"), ERR_FORMAT);
	assert_int_equal(READ("\x04\x88\xff\xff\xff\xff\xff\xff\xff\xffx"), ERR_FORMAT);
	assert_int_equal(READ("\x1f\x01x"), ERR_UNSUPPORTED);
	assert_int_equal(READ("\x00\x00"), ERR_FORMAT);
}

static void test_value_limit(void **state)
{
	struct der tlv;
	size_t n = LIMIT_DER_VALUE + 1;
	uint8_t *big = scope_alloc(*state, n + 6);
	assert_non_null(big);
	memcpy(big, "\x04\x84\x10\x00\x00\x00", 6);
	assert_int_equal(LIMIT_DER_VALUE, 0x10000000);
	assert_int_equal(read_one(*state, bytes_of(big, n + 6), &tlv), OK);
	big[5] = 1;
	assert_int_equal(read_one(*state, bytes_of(big, n + 6), &tlv), ERR_LIMIT);
}

static void test_indefinite(void **state)
{
	struct der tlv;
	assert_int_equal(READ("\x30\x80\x02\x01\x05\x00\x00rest"), OK);
	assert_true(tlv.indefinite);
	assert_int_equal(tlv.whole.n, 7);
	assert_true(bytes_equal(tlv.value, BYTES_LIT("\x02\x01\x05")));
	/* zeros inside a definite value do not end it, nested ones end the inner one only */
	assert_int_equal(READ("\x30\x80\x04\x02\x00\x00\x30\x80\x00\x00\x00\x00"), OK);
	assert_int_equal(tlv.whole.n, 12);
	assert_int_equal(tlv.value.n, 8);
	assert_int_equal(READ("\x04\x80\x00\x00"), ERR_FORMAT); /* primitive */
	assert_int_equal(READ("\x30\x80\x02\x01\x05\x00"), ERR_FORMAT);
	assert_int_equal(READ("\x30\x80\x02\x01\x05\x00\x81\x00"), ERR_FORMAT);
	assert_int_equal(READ("\x30\x80\x02\x01\x05\x00\x01\x00"), ERR_FORMAT);
}

static enum err nested(struct scope *s, size_t depth)
{
	struct buf b = buf_new(s, 4 * depth);
	struct bytes content;
	struct der tlv;
	for (size_t i = 0; i < depth; i++)
		buf_add(&b, BYTES_LIT("\x30\x80"));
	buf_add_repeat(&b, 0, 2 * depth);
	TRY(buf_done(&b, &content));
	return read_one(s, content, &tlv);
}

static void test_depth_limit(void **state)
{
	assert_int_equal(nested(*state, LIMIT_DER_DEPTH), OK);
	assert_int_equal(nested(*state, LIMIT_DER_DEPTH + 1), ERR_LIMIT);
	assert_int_equal(nested(*state, 100000), ERR_LIMIT);
}

static void test_expect_and_optional(void **state)
{
	struct scope *s = *state;
	struct bytes rest = BYTES_LIT("\x02\x01\x05\x05\x00");
	struct der tlv;
	bool present = true;
	assert_int_equal(der_optional(s, &rest, DER_OID, "x", &present, &tlv), OK);
	assert_false(present);
	assert_int_equal(rest.n, 5);
	assert_int_equal(der_expect(s, &rest, DER_NULL, "thing", &tlv), ERR_FORMAT);
	assert_non_null(strstr(scope_fault_text(s), "thing"));
	assert_int_equal(rest.n, 5);
	assert_int_equal(der_optional(s, &rest, DER_INTEGER, "x", &present, &tlv), OK);
	assert_true(present);
	assert_int_equal(der_end(s, rest, "x"), ERR_FORMAT);
	assert_int_equal(der_expect(s, &rest, DER_NULL, "x", &tlv), OK);
	assert_int_equal(der_end(s, rest, "x"), OK);
	assert_int_equal(der_expect(s, &rest, DER_NULL, "x", &tlv), ERR_FORMAT);
	assert_false(der_has(rest, DER_NULL));
}

static struct der value_of(uint8_t tag, const void *p, size_t n)
{
	return (struct der){ .tag = tag, .value = bytes_of(p, n) };
}

#define VALUE(tag, lit) value_of((tag), (lit), sizeof(lit) - 1)

static void test_integers(void **state)
{
	struct scope *s = *state;
	static const struct {
		const char *octets;
		size_t n;
		enum err err;
		int64_t value;
	} rows[] = {
		{ "\x00", 1, OK, 0 },
		{ "\x7f", 1, OK, 127 },
		{ "\x80", 1, OK, -128 },
		{ "\x00\x80", 2, OK, 128 },
		{ "\xff\x7f", 2, OK, -129 },
		{ "\x7f\xff\xff\xff\xff\xff\xff\xff", 8, OK, INT64_MAX },
		{ "\x80\x00\x00\x00\x00\x00\x00\x00", 8, OK, INT64_MIN },
		{ "\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", 10, OK, INT64_MAX },
		{ "\x00\x80\x00\x00\x00\x00\x00\x00\x00", 9, ERR_LIMIT, 0 },
		{ "\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 9, ERR_LIMIT, 0 },
		{ "", 0, ERR_FORMAT, 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t value = 0;
		struct der tlv = value_of(DER_INTEGER, rows[i].octets, rows[i].n);
		assert_int_equal(der_small_integer(s, tlv, &value), rows[i].err);
		assert_int_equal(value, rows[i].value);
	}
}

static void test_integers_written(void **state)
{
	const int64_t values[] = { 0, 1, 127, 128, 255, 256, -1, -128, -129, 65535, INT64_MAX,
		INT64_MIN };
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct buf b = buf_new(*state, 16);
		struct bytes content;
		struct der tlv;
		int64_t value = 0;
		der_add_small_integer(&b, values[i]);
		assert_int_equal(buf_done(&b, &content), OK);
		assert_int_equal(der_next(*state, &content, &tlv), OK);
		assert_int_equal(der_small_integer(*state, tlv, &value), OK);
		assert_int_equal(value, values[i]);
		if (tlv.value.n > 1) /* minimal: X.690 8.3.2 */
			assert_true((tlv.value.p[0] != 0 || (tlv.value.p[1] & 0x80)) &&
				    (tlv.value.p[0] != 0xff || !(tlv.value.p[1] & 0x80)));
	}
}

static void test_booleans_and_bits(void **state)
{
	struct scope *s = *state;
	bool yes = false;
	uint32_t bits = 0;
	struct bytes octets;
	assert_int_equal(der_boolean(s, VALUE(DER_BOOLEAN, "\x01"), &yes), OK);
	assert_true(yes);
	assert_int_equal(der_boolean(s, VALUE(DER_BOOLEAN, "\x00"), &yes), OK);
	assert_false(yes);
	assert_int_equal(der_boolean(s, VALUE(DER_BOOLEAN, ""), &yes), ERR_FORMAT);
	assert_int_equal(der_boolean(s, VALUE(DER_BOOLEAN, "\x01\x01"), &yes), ERR_FORMAT);

	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x01\x06"), &bits), OK);
	assert_int_equal(bits, 1 << 5 | 1 << 6);
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x07\x00\x80"), &bits), OK);
	assert_int_equal(bits, 1 << 8);
	/* padding bits do not count */
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x07\xff"), &bits), OK);
	assert_int_equal(bits, 1);
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x00"), &bits), OK);
	assert_int_equal(bits, 0);
	assert_int_equal(
	    der_named_bits(s, VALUE(DER_BIT_STRING, "\x00\x00\x00\x00\x01\xff\xff"), &bits), OK);
	assert_true(bits == UINT32_C(1) << 31);
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, ""), &bits), ERR_FORMAT);
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x01"), &bits), ERR_FORMAT);
	assert_int_equal(der_named_bits(s, VALUE(DER_BIT_STRING, "\x08\x00"), &bits), ERR_FORMAT);

	assert_int_equal(der_bit_string(s, VALUE(DER_BIT_STRING, "\x00xy"), &octets), OK);
	assert_true(bytes_equal_str(octets, "xy"));
	assert_int_equal(der_bit_string(s, VALUE(DER_BIT_STRING, "\x01xy"), &octets), ERR_FORMAT);
	assert_int_equal(der_bit_string(s, VALUE(DER_BIT_STRING, ""), &octets), ERR_FORMAT);
}

static void test_constructed_strings(void **state)
{
	struct scope *s = *state;
	struct bytes octets;
	assert_int_equal(der_octet_string(s,
			     VALUE(0x24, "\x04\x02"
					 "ab\x24\x03\x04\x01"
					 "c\x04\x00"),
			     &octets),
	    OK);
	assert_true(bytes_equal_str(octets, "abc"));
	assert_int_equal(der_octet_string(s, VALUE(0xa0, "\x04\x01x"), &octets), OK);
	assert_true(bytes_equal_str(octets, "x"));
	assert_int_equal(der_octet_string(s, VALUE(0x24, ""), &octets), OK);
	assert_int_equal(octets.n, 0);
	assert_int_equal(der_octet_string(s, VALUE(0x24, "\x02\x01x"), &octets), ERR_FORMAT);
	assert_int_equal(der_octet_string(s, VALUE(0x24, "\x04\x02x"), &octets), ERR_FORMAT);
	assert_int_equal(der_bit_string(s, VALUE(0x23, "\x03\x02\x00x\x03\x02\x00y"), &octets), OK);
	assert_true(bytes_equal_str(octets, "xy"));
	assert_int_equal(der_bit_string(s, VALUE(0x23, "\x03\x02\x04x"), &octets), ERR_FORMAT);
}

static void test_times(void **state)
{
	static const struct {
		uint8_t tag;
		const char *text, *expected; /* NULL: malformed */
	} rows[] = {
		{ DER_UTC_TIME, "260722100102Z", "2026-07-22T10:01:02Z" },
		{ DER_UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z" },
		{ DER_UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z" },
		{ DER_UTC_TIME, "2607221001Z", "2026-07-22T10:01:00Z" },
		{ DER_UTC_TIME, "260722100102+0130", "2026-07-22T08:31:02Z" },
		{ DER_UTC_TIME, "260722100102-0200", "2026-07-22T12:01:02Z" },
		{ DER_UTC_TIME, "260722100102", "2026-07-22T10:01:02Z" },
		{ DER_GENERALIZED_TIME, "20260722100102Z", "2026-07-22T10:01:02Z" },
		{ DER_GENERALIZED_TIME, "20260722100102.999Z", "2026-07-22T10:01:02Z" },
		{ DER_GENERALIZED_TIME, "20260722100102,5", "2026-07-22T10:01:02Z" },
		{ DER_GENERALIZED_TIME, "2026072210Z", "2026-07-22T10:00:00Z" },
		{ DER_GENERALIZED_TIME, "20260722100102+01", "2026-07-22T09:01:02Z" },
		{ DER_GENERALIZED_TIME, "99991231235959Z", "9999-12-31T23:59:59Z" },
		{ DER_UTC_TIME, "260230100102Z", NULL },
		{ DER_UTC_TIME, "261322100102Z", NULL },
		{ DER_UTC_TIME, "260722250102Z", NULL },
		{ DER_UTC_TIME, "260722100102.5Z", NULL },
		{ DER_UTC_TIME, "2607221001x2Z", NULL },
		{ DER_UTC_TIME, "260722100102Zx", NULL },
		{ DER_UTC_TIME, "260722100102+01300", NULL },
		{ DER_UTC_TIME, "260722100102+2460", NULL },
		{ DER_UTC_TIME, "", NULL },
		{ DER_GENERALIZED_TIME, "20260722100102.Z", NULL },
		{ DER_GENERALIZED_TIME, "260722100102Z", NULL },
		{ DER_GENERALIZED_TIME, "00000722100102Z", NULL },
		{ DER_UTF8_STRING, "260722100102Z", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct instant t;
		char text[INSTANT_TEXT];
		struct der tlv = value_of(rows[i].tag, rows[i].text, strlen(rows[i].text));
		enum err err = der_time(*state, tlv, &t);
		assert_int_equal(err, rows[i].expected ? OK : ERR_FORMAT);
		if (!rows[i].expected)
			continue;
		instant_to_rfc3339(t, text);
		assert_string_equal(text, rows[i].expected);
	}
}

static void test_times_written(void **state)
{
	static const char *const texts[] = { "1949-12-31T23:59:59Z", "1950-01-01T00:00:00Z",
		"2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct instant t, again;
		struct buf b = buf_new(*state, 32);
		struct bytes content;
		struct der tlv;
		assert_true(instant_of_rfc3339(bytes_of_str(texts[i]), &t));
		der_add_time(&b, t);
		assert_int_equal(buf_done(&b, &content), OK);
		assert_int_equal(der_next(*state, &content, &tlv), OK);
		assert_int_equal(tlv.tag, i == 1 || i == 2 ? DER_UTC_TIME : DER_GENERALIZED_TIME);
		assert_int_equal(der_time(*state, tlv, &again), OK);
		assert_true(instant_equal(t, again));
	}
}

static void test_text(void **state)
{
	static const struct {
		uint8_t tag;
		const char *octets;
		size_t n;
		const char *expected;
	} rows[] = {
		{ DER_UTF8_STRING,
		    "Stra\xc3\x9f"
		    "e",
		    7,
		    "Stra\xc3\x9f"
		    "e" },
		{ DER_UTF8_STRING,
		    "a\xff"
		    "b",
		    3,
		    "a\xef\xbf\xbd"
		    "b" },
		{ DER_UTF8_STRING, "\xc0\x80", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ DER_UTF8_STRING, "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
		{ DER_UTF8_STRING, "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ DER_UTF8_STRING, "\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ DER_PRINTABLE_STRING, "good.example\0.bad", 17, "good.example\xef\xbf\xbd.bad" },
		{ DER_T61_STRING, "M\xfcller", 6, "M\xc3\xbcller" },
		{ DER_BMP_STRING, "\x00M\x20\xac", 4, "M\xe2\x82\xac" },
		{ DER_BMP_STRING, "\xd8\x3d\xde\x00", 4, "\xf0\x9f\x98\x80" },
		{ DER_BMP_STRING, "\xd8\x3d\x00M", 4, "\xef\xbf\xbdM" },
		{ DER_BMP_STRING, "\x00M\x20", 3, "M\xef\xbf\xbd" },
		{ DER_UNIVERSAL_STRING, "\x00\x01\xf6\x00", 4, "\xf0\x9f\x98\x80" },
		{ DER_UNIVERSAL_STRING, "\x00\x11\x00\x00", 4, "\xef\xbf\xbd" },
		{ DER_UTF8_STRING | DER_CONSTRUCTED, "\x04\x01x\x04\x01y", 6, "xy" },
		{ DER_CONTEXT_PRIMITIVE(6), "http://x", 8, "http://x" },
		{ DER_IA5_STRING, "", 0, "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text;
		struct der tlv = value_of(rows[i].tag, rows[i].octets, rows[i].n);
		assert_int_equal(der_text(*state, tlv, &text), OK);
		assert_string_equal(text, rows[i].expected);
	}
}

static void test_object_identifiers(void **state)
{
	static const struct {
		const char *dotted, *octets;
		size_t n;
	} rows[] = {
		{ "0.4.0.1862.1.1", "\x04\x00\x8e\x46\x01\x01", 6 },
		{ "1.2.840.113549", "\x2a\x86\x48\x86\xf7\x0d", 6 },
		{ "2.5.29.15", "\x55\x1d\x0f", 3 }, { "2.999.0", "\x88\x37\x00", 3 },
		{ "2.25.329800735698586629295641978511506172918", NULL, 0 }, /* a UUID */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes value;
		char *text;
		assert_int_equal(der_oid_of_text(*state, rows[i].dotted, &value), OK);
		if (rows[i].n)
			assert_true(bytes_equal(value, bytes_of(rows[i].octets, rows[i].n)));
		assert_int_equal(der_oid_text(*state, value, &text), OK);
		assert_string_equal(text, rows[i].dotted);
	}
	static const char *const bad[] = { "", "1", "3.1", "1.40", "1.2.", "1..2", ".1.2", "1.02",
		"1.2x", "1.-2", "2.25.9999999999999999999999999999999999999999" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes value;
		assert_int_equal(der_oid_of_text(*state, bad[i], &value), ERR_FORMAT);
	}
	char *text;
	assert_int_equal(der_oid_text(*state, BYTES_NONE, &text), ERR_FORMAT);
	assert_int_equal(der_oid_text(*state, BYTES_LIT("\x2a\x86"), &text), ERR_FORMAT);
	assert_int_equal(
	    der_oid_text(*state,
		BYTES_LIT("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
			  "\xff\xff\x7f"),
		&text),
	    ERR_LIMIT);
}

/* PDF /Contents: padded with zeros, or with anything. */
static void test_length_of_value(void **state)
{
	size_t n = 0;
	assert_int_equal(
	    der_length_of_value(*state, BYTES_LIT("\x30\x03\x04\x01\x00\x00\x00\x00"), &n), OK);
	assert_int_equal(n, 5);
	assert_int_equal(
	    der_length_of_value(*state, BYTES_LIT("\x30\x80\x04\x01\x00\x00\x00\x00\xff"), &n), OK);
	assert_int_equal(n, 7);
	assert_int_equal(
	    der_length_of_value(*state, BYTES_LIT("\x30\x80\x04\x01\x00\x00"), &n), ERR_FORMAT);
	assert_int_equal(der_length_of_value(*state, BYTES_LIT("\x00\x00\x00"), &n), ERR_FORMAT);
}

static void test_is_der(void **state)
{
	(void)state;
	assert_true(der_is_der(BYTES_LIT("\x30\x00")));
	assert_true(der_is_der(BYTES_LIT("\x30\x05\x30\x03\x02\x01\x05")));
	assert_true(der_is_der(BYTES_LIT("\x30\x06\x30\x00\x30\x02\x05\x00")));
	assert_false(der_is_der(BYTES_NONE));
	assert_false(der_is_der(BYTES_LIT("\x30\x00\x00")));
	assert_false(der_is_der(BYTES_LIT("\x30\x80\x00\x00")));
	assert_false(der_is_der(BYTES_LIT("\x30\x81\x03\x02\x01\x05")));
	assert_false(der_is_der(BYTES_LIT("\x30\x04\x02\x81\x01\x05")));
	assert_false(der_is_der(BYTES_LIT("\x30\x03\x02\x02\x05\x05"))); /* past its parent */
	assert_false(der_is_der(BYTES_LIT("\x30\x02\x02\x02\x05\x05")));
	assert_false(der_is_der(BYTES_LIT("\x30\x05\x02\x01\x05")));
}

static void test_open_and_close(void **state)
{
	const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf b = buf_new(*state, 70000);
		struct bytes content;
		struct der outer, inner;
		size_t mark = der_open(&b, DER_SEQUENCE);
		size_t within = der_open(&b, DER_OCTET_STRING);
		buf_add_repeat(&b, 'x', sizes[i]);
		der_close(&b, within);
		der_close(&b, mark);
		assert_int_equal(buf_done(&b, &content), OK);
		assert_true(der_is_der(content));
		assert_int_equal(der_next(*state, &content, &outer), OK);
		assert_int_equal(der_next(*state, &outer.value, &inner), OK);
		assert_int_equal(inner.value.n, sizes[i]);
		assert_int_equal(outer.value.n + content.n, 0);
	}
	struct buf small = buf_new(*state, 200);
	struct bytes content;
	size_t mark = der_open(&small, DER_SEQUENCE);
	buf_add_repeat(&small, 'x', 198); /* full: no room for the longer length */
	der_close(&small, mark);
	assert_int_equal(buf_done(&small, &content), ERR_LIMIT);
}

static void test_set_of_order(void **state)
{
	struct buf b = buf_new(*state, 100);
	struct bytes content;
	size_t mark = der_open(&b, DER_SET);
	buf_add(&b, BYTES_LIT("\x04\x02zz\x04\x01z\x02\x01\x05\x04\x01"
			      "a"));
	der_close_set_of(&b, mark);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_true(bytes_equal(content, BYTES_LIT("\x31\x0d\x02\x01\x05\x04\x01"
						   "a\x04\x01z\x04\x02zz")));
	struct buf broken = buf_new(*state, 100);
	mark = der_open(&broken, DER_SET);
	buf_add(&broken, BYTES_LIT("\x04\x05z"));
	der_close_set_of(&broken, mark);
	assert_int_equal(buf_done(&broken, &content), ERR_FORMAT);
}

static void test_unsigned_numbers(void **state)
{
	static const struct {
		struct bytes in, out;
	} rows[] = {
		{ { (const uint8_t *)"", 0 }, { (const uint8_t *)"\x02\x01\x00", 3 } },
		{ { (const uint8_t *)"\x00\x00", 2 }, { (const uint8_t *)"\x02\x01\x00", 3 } },
		{ { (const uint8_t *)"\x7f", 1 }, { (const uint8_t *)"\x02\x01\x7f", 3 } },
		{ { (const uint8_t *)"\x80", 1 }, { (const uint8_t *)"\x02\x02\x00\x80", 4 } },
		{ { (const uint8_t *)"\x00\x01", 2 }, { (const uint8_t *)"\x02\x01\x01", 3 } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_new(*state, 100);
		der_add_unsigned(&b, rows[i].in);
		assert_true(bytes_equal(buf_bytes(&b), rows[i].out));
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_lengths),
		T(test_value_limit),
		T(test_indefinite),
		T(test_depth_limit),
		T(test_expect_and_optional),
		T(test_integers),
		T(test_integers_written),
		T(test_booleans_and_bits),
		T(test_constructed_strings),
		T(test_times),
		T(test_times_written),
		T(test_text),
		T(test_object_identifiers),
		T(test_length_of_value),
		T(test_is_der),
		T(test_open_and_close),
		T(test_set_of_order),
		T(test_unsigned_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
