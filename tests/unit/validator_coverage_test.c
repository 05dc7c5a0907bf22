#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/coverage.h"

struct view {
	struct pdf_file *file;
	struct pdf_signature_list list;
};

static struct view open_file(struct office *o, struct bytes document)
{
	struct view v;
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &v.file), OK);
	assert_int_equal(pdf_signature_list(o->s, v.file, &v.list), OK);
	return v;
}

static struct coverage check(struct office *o, struct view *v, size_t i, struct findings *f)
{
	struct coverage c;
	*f = (struct findings){ 0 };
	assert_int_equal(coverage_check(o->s, v->file, &v->list.item[i], &v->list, f, &c), OK);
	return c;
}

static void test_two_revisions(void **state)
{
	struct office *o = *state;
	struct findings f;
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct bytes once = office_sealed(o, SEAL_B_B), twice = office_seal(o, &q, once);
	struct view v = open_file(o, twice);
	struct coverage first = check(o, &v, 0, &f);
	assert_int_equal(f.n, 0);
	assert_true(first.valid);
	assert_false(first.whole_file);
	assert_int_equal(first.revision, 1);
	assert_int_equal(first.end, once.n);
	struct coverage second = check(o, &v, 1, &f);
	assert_true(second.valid && second.whole_file);
	assert_int_equal(second.revision, 2);
	assert_int_equal(second.end, twice.n);
}

static void test_white_space_behind(void **state)
{
	struct office *o = *state;
	struct findings f;
	struct buf b = buf_new(o->s, 1 << 20);
	struct bytes document;
	buf_add(&b, office_sealed(o, SEAL_B_B));
	buf_add(&b, BYTES_LIT(" \r\n\t\f\0"));
	assert_int_equal(buf_done(&b, &document), OK);
	struct view v = open_file(o, document);
	struct coverage c = check(o, &v, 0, &f);
	assert_true(c.valid && c.whole_file);
}

/* The facts of a good signature with one of them changed. */
static void test_each_defect(void **state)
{
	struct office *o = *state;
	struct findings f;
	struct view v = open_file(o, office_sealed(o, SEAL_B_B));
	const struct pdf_signature good = v.list.item[0];
	struct pdf_signature *p = &v.list.item[0];
#define DEFECT(change, wanted)                                                                     \
	*p = good;                                                                                 \
	change;                                                                                    \
	assert_false(check(o, &v, 0, &f).valid);                                                   \
	assert_true(findings_has(&f, wanted))
	assert_true(check(o, &v, 0, &f).valid);
	DEFECT(p->has_byte_range = false, FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range_ok = false, FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range[0] = 1, FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range[1] = 0, FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range[2] = p->byte_range[1], FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range[3] = 0, FINDING_BYTE_RANGE_MISSING);
	DEFECT(p->byte_range[3]++, FINDING_BYTE_RANGE_BEYOND_FILE);
	DEFECT(p->byte_range[3] = INT64_MAX, FINDING_BYTE_RANGE_BEYOND_FILE);
	DEFECT(p->byte_range[3] -= 8, FINDING_BYTE_RANGE_END);
	DEFECT(p->byte_range[1]--, FINDING_BYTE_RANGE_GAP);
	DEFECT(p->contents_end--, FINDING_BYTE_RANGE_GAP);
	DEFECT(p->contents_is_hex = false, FINDING_BYTE_RANGE_GAP);
	/* The dictionary that counts stands elsewhere. */
	DEFECT(p->object_start = p->contents_start + 5, FINDING_BYTE_RANGE_GAP);
	DEFECT(p->object_end = p->contents_start + 5, FINDING_BYTE_RANGE_GAP);
	DEFECT(p->has_contents = false, FINDING_CONTENTS_MISSING);
	DEFECT(p->is_placeholder = true, FINDING_CONTENTS_MISSING);
	DEFECT(p->duplicate_keys = true, FINDING_DUPLICATE_KEYS);
#undef DEFECT
	*p = good;
	p->padding_nonzero = 3;
	assert_true(check(o, &v, 0, &f).valid);
	assert_true(findings_has(&f, FINDING_CONTENTS_TRAILING));
}

/* Nested ranges are as they should be; two that end alike, or cross, are not. */
static void test_overlaps(void **state)
{
	struct office *o = *state;
	struct findings f;
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct view v = open_file(o, office_seal(o, &q, office_sealed(o, SEAL_B_B)));
	struct pdf_signature *first = &v.list.item[0], *second = &v.list.item[1];
	assert_true(check(o, &v, 0, &f).valid && check(o, &v, 1, &f).valid);
	const struct pdf_signature good = *first;
	first->byte_range[3] = second->byte_range[2] + second->byte_range[3] - first->byte_range[2];
	for (size_t i = 0; i < 2; i++) {
		assert_false(check(o, &v, i, &f).valid);
		assert_true(findings_has(&f, FINDING_BYTE_RANGE_OVERLAP));
	}
	*first = good;
	first->byte_range[3] += second->byte_range[1] - good.byte_range[2] - good.byte_range[3] + 1;
	check(o, &v, 1, &f);
	assert_true(findings_has(&f, FINDING_BYTE_RANGE_OVERLAP));
	/* One that has no valid range cannot spoil the others. */
	first->byte_range_ok = false;
	check(o, &v, 1, &f);
	assert_false(findings_has(&f, FINDING_BYTE_RANGE_OVERLAP));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_two_revisions),
		TEST(test_white_space_behind),
		TEST(test_each_defect),
		TEST(test_overlaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
