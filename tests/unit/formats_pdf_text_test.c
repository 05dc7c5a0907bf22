#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_text.h"

#define FFFD "\xef\xbf\xbd"

static void assert_decodes(struct scope *s, struct bytes string, const char *utf8)
{
	char *text;
	assert_int_equal(pdf_text_decode(s, string, &text), OK);
	assert_string_equal(text, utf8);
}

static void test_decode_doc(void **state)
{
	struct scope *s = *state;
	assert_decodes(s, BYTES_NONE, "");
	assert_decodes(s, BYTES_LIT("a\tb\r\nc ~"), "a\tb\r\nc ~");
	assert_decodes(s, BYTES_LIT("\x18\x1f\x80\x8a\x92\x9e\xa0\xa1\xff"),
	    "\xcb\x98\xcb\x9c\xe2\x80\xa2\xe2\x88\x92\xe2\x84\xa2\xc5\xbe\xe2\x82\xac\xc2\xa1\xc3"
	    "\xbf");
	assert_decodes(s, BYTES_LIT("\x00\x17\x7f\x9f\xad"), FFFD FFFD FFFD FFFD FFFD);
	/* half a byte-order mark is text */
	assert_decodes(s, BYTES_LIT("\xfe"), "\xc3\xbe");
}

static void test_decode_utf16(void **state)
{
	struct scope *s = *state;
	assert_decodes(s, BYTES_LIT("\xfe\xff"), "");
	assert_decodes(s, BYTES_LIT("\xfe\xff\0A\x20\xac"), "A\xe2\x82\xac");
	assert_decodes(s,
	    BYTES_LIT("\xff\xfe"
		      "A\0\xac\x20"),
	    "A\xe2\x82\xac");
	assert_decodes(s, BYTES_LIT("\xfe\xff\xd8\x3d\xde\x00"), "\xf0\x9f\x98\x80");
	assert_decodes(s, BYTES_LIT("\xfe\xff\xdb\xff\xdf\xff"), "\xf4\x8f\xbf\xbf");
	assert_decodes(s, BYTES_LIT("\xfe\xff\xd8\x3d"), FFFD);
	assert_decodes(s, BYTES_LIT("\xfe\xff\xd8\x3d\0A"), FFFD "A");
	assert_decodes(s, BYTES_LIT("\xfe\xff\xde\x00\xd8\x3d"), FFFD FFFD);
	assert_decodes(s, BYTES_LIT("\xfe\xff\0A\0"), "A" FFFD);
	assert_decodes(s, BYTES_LIT("\xfe\xff\0\0\0A"), FFFD "A");
}

static void test_decode_utf8(void **state)
{
	struct scope *s = *state;
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\xe2\x82\xac!"), "\xe2\x82\xac!");
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\xe2\x82!"), FFFD "!");
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\xc0\xaf"), FFFD FFFD);
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\0"), FFFD);
}

static void test_decode_language(void **state)
{
	struct scope *s = *state;
	assert_decodes(s, BYTES_LIT("\xfe\xff\0\x1b\0e\0n\0\x1b\0A"), "A");
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\x1bzh-CN\x1b\xe6\x97\xa5"), "\xe6\x97\xa5");
	assert_decodes(s, BYTES_LIT("\xfe\xff\0\x1b\0e\0n"), FFFD "en");
	assert_decodes(s, BYTES_LIT("\xef\xbb\xbf\x1bno tag\x1b"), FFFD "no tag" FFFD);
	assert_decodes(s,
	    BYTES_LIT("\xef\xbb\xbf\x1b"
		      "abcdefghabcdefghabcdefghabcdefghabc\x1b!"),
	    "!");
	assert_decodes(s,
	    BYTES_LIT("\xef\xbb\xbf\x1b"
		      "abcdefghabcdefghabcdefghabcdefghabcd\x1b!"),
	    FFFD "abcdefghabcdefghabcdefghabcdefghabcd" FFFD "!");
}

static void test_encode(void **state)
{
	struct bytes out;
	assert_int_equal(pdf_text_encode(*state, "Seal No. 7", &out), OK);
	assert_true(bytes_equal_str(out, "Seal No. 7"));
	assert_int_equal(pdf_text_encode(*state, "", &out), OK);
	assert_int_equal(out.n, 0);
	assert_int_equal(pdf_text_encode(*state, "\xc3\xa4\xf0\x9f\x98\x80", &out), OK);
	assert_true(bytes_equal(out, BYTES_LIT("\xfe\xff\0\xe4\xd8\x3d\xde\x00")));
	/* octets that PDFDocEncoding has other ideas about */
	assert_int_equal(pdf_text_encode(*state, "\x18", &out), OK);
	assert_true(bytes_equal(out, BYTES_LIT("\xfe\xff\0\x18")));
	static const char *const broken[] = { "\xff", "\xc3", "\xc3(", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xe0\x80\xaf", "\x80" };
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		scope_forgive(*state);
		assert_int_equal(pdf_text_encode(*state, broken[i], &out), ERR_FORMAT);
	}
}

static void test_every_doc_octet_comes_back(void **state)
{
	size_t defined = 0;
	for (unsigned o = 0; o < 256; o++) {
		uint8_t octet = (uint8_t)o, back[4];
		size_t n;
		char *utf8;
		assert_int_equal(pdf_text_decode(*state, bytes_of(&octet, 1), &utf8), OK);
		struct bytes text = bytes_of_str(utf8);
		if (bytes_equal_str(text, FFFD))
			continue;
		defined++;
		assert_true(pdf_text_doc_encode(text, back, &n));
		assert_true(n == 1 && back[0] == octet);
	}
	/* 256 less 21 controls, 0x7f, 0x9f, 0xad */
	assert_int_equal(defined, 256 - 21 - 3);
	uint8_t out[8];
	size_t n;
	assert_false(pdf_text_doc_encode(BYTES_LIT("a\xc5\x91"), out, &n));
	assert_false(pdf_text_doc_encode(BYTES_LIT("a\xff"), out, &n));
}

static const struct {
	const char *text, *instant; /* NULL: no date */
} dates[] = {
	{ "D:20261122100000Z", "2026-11-22T10:00:00Z" },
	{ "D:20261122100000Z00'00'", "2026-11-22T10:00:00Z" },
	{ "D:20261122100000+02'00'", "2026-11-22T08:00:00Z" },
	{ "D:20261122100000+02'00", "2026-11-22T08:00:00Z" },
	{ "D:20261122100000+0530", "2026-11-22T04:30:00Z" },
	{ "D:20261122100000-03'30'", "2026-11-22T13:30:00Z" },
	{ "D:20261122100000-03", "2026-11-22T13:00:00Z" },
	{ "D:20261231233000-01'00'", "2027-01-01T00:30:00Z" },
	{ "D:20261122100000+23'59'", "2026-11-21T10:01:00Z" },
	{ "20261122100000Z", "2026-11-22T10:00:00Z" },
	{ "D:20261122100000", "2026-11-22T10:00:00Z" },
	{ "D:202611221000", "2026-11-22T10:00:00Z" },
	{ "D:2026112210+01", "2026-11-22T09:00:00Z" },
	{ "D:202611", "2026-11-01T00:00:00Z" },
	{ "D:2026", "2026-01-01T00:00:00Z" },
	{ "D:00010101", "0001-01-01T00:00:00Z" },
	{ "D:20240229", "2024-02-29T00:00:00Z" },
	{ "D:20230229", NULL },
	{ "D:202613", NULL },
	{ "D:20261100", NULL },
	{ "D:0000", NULL },
	{ "D:2026112224", NULL },
	{ "D:202611221060", NULL },
	{ "D:20261122100000+24'00'", NULL },
	{ "D:20261122100000+02'60'", NULL },
	{ "D:20261122100000Z01'00'", NULL },
	{ "D:20261122100000+", NULL },
	{ "D:20261122100000+2", NULL },
	{ "D:20261122100000+02'0", NULL },
	{ "D:20261122100000+02'00'x", NULL },
	{ "D:20261122100000 ", NULL },
	{ "D:202611221000001", NULL },
	{ "D:2026-11-22", NULL },
	{ "D:20261", NULL },
	{ "D:202", NULL },
	{ "D:", NULL },
	{ "", NULL },
};

static void test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		struct instant t = INSTANT_NONE;
		char text[INSTANT_TEXT];
		bool ok = pdf_text_date(bytes_of_str(dates[i].text), &t);
		if (ok != (dates[i].instant != NULL))
			fail_msg("date %zu: %s", i, dates[i].text);
		instant_to_rfc3339(t, text);
		assert_string_equal(text, ok ? dates[i].instant : "unknown");
	}
}

static void test_date_comes_back(void **state)
{
	struct bytes string;
	struct instant t = { 1795341600 }, back;
	assert_int_equal(pdf_text_of_date(*state, t, &string), OK);
	assert_true(bytes_equal_str(string, "D:20261122100000Z"));
	assert_true(pdf_text_date(string, &back));
	assert_true(instant_equal(t, back));
}

static void assert_prints(struct scope *s, struct bytes any, const char *utf8)
{
	char *text;
	assert_int_equal(pdf_text_printable(s, any, &text), OK);
	assert_string_equal(text, utf8);
}

static void test_printable(void **state)
{
	/* U+200A and U+200B, U+FEFE and U+FEFF, U+FFFD and U+FFFE, U+E007F and U+E0080 */
	assert_prints(*state,
	    BYTES_LIT("\xe2\x80\x8a\xe2\x80\x8b|\xef\xbb\xbe\xef\xbb\xbf|\xef\xbf\xbd\xef\xbf\xbe|"
		      "\xf3\xa0\x81\xbf\xf3\xa0\x82\x80"),
	    "\xe2\x80\x8a\xef\xbf\xbd|\xef\xbb\xbe\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|"
	    "\xef\xbf\xbd\xf3\xa0\x82\x80");
	struct scope *s = *state;
	assert_prints(s, BYTES_NONE, "");
	assert_prints(
	    s, BYTES_LIT("K\xc3\xb6nig \xf0\x9f\x98\x80"), "K\xc3\xb6nig \xf0\x9f\x98\x80");
	assert_prints(s, BYTES_LIT("a\0b\x1b[2J\x7f"), "a" FFFD "b" FFFD "[2J" FFFD);
	assert_prints(s, BYTES_LIT("\xc2\x80\xc2\x9f\xc2\xa0"), FFFD FFFD "\xc2\xa0");
	assert_prints(s, BYTES_LIT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"),
	    "\xe2\x80\xa7" FFFD FFFD "\xe2\x80\xaf");
	assert_prints(s, BYTES_LIT("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"),
	    "\xe2\x81\xa5" FFFD FFFD "\xe2\x81\xaa");
	assert_prints(s, BYTES_LIT("\xff\xc3(\xed\xa0\x80"), FFFD FFFD "(" FFFD);
}

static void test_out_of_memory(void **state)
{
	struct scope *s = *state;
	char *text;
	scope_fail_after(s, 1);
	assert_int_equal(pdf_text_decode(s, BYTES_LIT("x"), &text), ERR_NOMEM);
	assert_int_equal(pdf_text_printable(s, BYTES_LIT("x"), &text), ERR_NOMEM);
}

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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_decode_doc),
		T(test_decode_utf16),
		T(test_decode_utf8),
		T(test_decode_language),
		T(test_encode),
		T(test_every_doc_octet_comes_back),
		T(test_dates),
		T(test_date_comes_back),
		T(test_printable),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
