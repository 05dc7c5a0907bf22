/* Names of certificates for eyes: where a line may end, what one is called by, escapes, odd ones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/front/name_view.h"

static const struct {
	const char *name, *spaced, *called;
} cases[] = {
	{ "CN=A seal,O=A,C=HU", "CN=A seal, O=A, C=HU", "A seal" },
	{ "O=A\\, B \\+ C,C=HU", "O=A\\, B \\+ C, C=HU", "A, B + C" },
	{ "C=HU,O=A,CN=B", "C=HU, O=A, CN=B", "B" },
	{ "CN=A+serialNumber=1,C=HU", "CN=A + serialNumber=1, C=HU", "A" },
	{ "ACN=x,C=HU", "ACN=x, C=HU", "ACN=x, C=HU" },
	{ "CN=#0401ff,O=A", "CN=#0401ff, O=A", "A" },
	{ "CN=,O=A", "CN=, O=A", "A" },
	{ "CN=a\\0Ab", "CN=a\\0Ab", "a\\0Ab" },
	{ "CN=a\\", "CN=a\\", "a\\" },
	{ "CN=\\,", "CN=\\,", "," },
	{ "CN=\xc5\x91", "CN=\xc5\x91", "\xc5\x91" },
	{ "x,", "x, ", "x, " },
	{ "", "", "" },
	{ NULL, "", "" },
};

static void names_as_pages_show_them(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *spaced, *called;
		assert_int_equal(name_view_spaced(s, cases[i].name, &spaced), OK);
		assert_string_equal(spaced, cases[i].spaced);
		assert_int_equal(name_view_called(s, cases[i].name, &called), OK);
		assert_string_equal(called, cases[i].called);
	}
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_as_pages_show_them) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
