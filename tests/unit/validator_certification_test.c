#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/scope.h"
#include "validator/certification.h"

/* Each signature as one letter: a approval, c certifying, t timestamp, T one with DocMDP, p and P
 * not signed yet. What is found about the last one. */
static void test_rule(void **state)
{
	static const struct {
		const char *signatures;
		enum finding_code code;
	} cases[] = {
		{ "a", FINDING_NONE },
		{ "c", FINDING_NONE },
		{ "ca", FINDING_NONE },
		{ "tc", FINDING_NONE },
		{ "pc", FINDING_NONE },
		{ "aP", FINDING_NONE },
		{ "ac", FINDING_CERTIFICATION_NOT_FIRST },
		{ "tac", FINDING_CERTIFICATION_NOT_FIRST },
		{ "cc", FINDING_CERTIFICATION_REPEATED },
		{ "cac", FINDING_CERTIFICATION_REPEATED },
		{ "T", FINDING_CERTIFICATION_BY_TIMESTAMP },
		{ "cT", FINDING_CERTIFICATION_BY_TIMESTAMP },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scope *s = scope_new(0);
		struct pdf_signature items[4] = { 0 };
		struct pdf_signature_list list = { .item = items };
		struct findings f = { 0 };
		for (const char *c = cases[i].signatures; *c; c++, list.n++) {
			items[list.n].docmdp = *c == 'c' || *c == 'T' || *c == 'P' ? 2 : 0;
			items[list.n].is_document_timestamp = *c == 't' || *c == 'T';
			items[list.n].is_placeholder = *c == 'p' || *c == 'P';
		}
		assert_int_equal(certification_check(s, &list, list.n - 1, &f), OK);
		assert_int_equal(f.n, cases[i].code == FINDING_NONE ? 0 : 1);
		if (f.n)
			assert_int_equal(f.item[0].code, cases[i].code);
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rule) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
