#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

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

static struct pdf_make *begin_form(struct scope *s, const char *form)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm %s >>", form);
	return m;
}

static struct pdf_field_list listed(struct scope *s, struct pdf_make *m)
{
	struct pdf_field_list list;
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	if (pdf_field_list(s, f, pdf_file_latest(f), &list) != OK)
		fail_msg("%s", scope_fault_text(s));
	return list;
}

static void expect_names(const struct pdf_field_list *list, const char *const *names)
{
	size_t n = 0;
	for (; names[n]; n++) {
		assert_true(n < list->n);
		assert_string_equal(list->item[n].name, names[n]);
	}
	assert_int_equal(list->n, n);
}

static void test_names_and_inheritance(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "20 0 R");
	pdf_make_object(m, 20, "<< /Fields 21 0 R >>");
	pdf_make_object(m, 21, "[10 0 R 14 0 R << /FT /Btn /T (direct) >>]");
	pdf_make_object(m, 10, "<< /T (a) /FT /Sig /V 30 0 R /Kids [11 0 R 12 0 R] >>");
	pdf_make_object(m, 11, "<< /T (b) /Parent 10 0 R >>");
	pdf_make_object(m, 12, "<< /T <FEFF00E9> /Kids [13 0 R] /V (own) /Parent 10 0 R >>");
	pdf_make_object(m, 13, "<< /T (c) /FT 22 0 R /Parent 12 0 R >>");
	pdf_make_object(m, 14, "<< /FT /Tx >>");
	pdf_make_object(m, 22, "/Tx");
	const struct pdf_field_list list = listed(s, m);
	static const char *const names[] = { "a.b", "a.\xc3\xa9.c", "", "direct", NULL };
	expect_names(&list, names);
	assert_true(pdf_value_is_name(list.item[0].type, "Sig"));
	assert_int_equal(list.item[0].ref.num, 11);
	assert_int_equal(list.item[0].value->ref.num, 30);
	assert_int_equal(list.item[0].value_holder.num, 10);
	assert_true(pdf_value_is_name(list.item[1].type, "Tx"));
	assert_true(bytes_equal_str(list.item[1].value->string, "own"));
	assert_int_equal(list.item[1].value_holder.num, 12);
	assert_int_equal(list.item[2].value->kind, PDF_NULL);
	assert_int_equal(list.item[3].ref.num, 0);
	assert_int_equal(list.n_unreadable, 0);
}

static void test_widgets(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R 13 0 R] >>");
	pdf_make_object(m, 10, "<< /T (two) /FT /Tx /V (x) /Kids [11 0 R 12 0 R] >>");
	pdf_make_object(m, 11, "<< /Subtype /Widget >>");
	pdf_make_object(m, 12, "<< /Subtype /Widget >>");
	/* A value of its own makes a kid a field, under its parent's name. */
	pdf_make_object(m, 13, "<< /T (own) /FT /Tx /Kids [14 0 R 15 0 R] >>");
	pdf_make_object(m, 14, "<< /Subtype /Widget /V (y) >>");
	pdf_make_object(m, 15, "<< /Subtype /Widget >>");
	const struct pdf_field_list list = listed(s, m);
	static const char *const names[] = { "two", "own", NULL };
	expect_names(&list, names);
	assert_int_equal(list.item[0].ref.num, 10);
	assert_int_equal(list.item[1].ref.num, 14);
}

static void test_loops(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R 10 0 R 12 0 R] >>");
	pdf_make_object(m, 10, "<< /T (a) /Kids [11 0 R] >>");
	pdf_make_object(m, 11, "<< /T (b) /Kids [10 0 R 11 0 R 12 0 R] >>");
	pdf_make_object(m, 12, "<< /T (c) /Kids 12 0 R >>");
	const struct pdf_field_list list = listed(s, m);
	static const char *const names[] = { "a.b.c", NULL };
	expect_names(&list, names);
}

static void test_oddities(void **state)
{
	static const char *const forms[] = { "null", "<< >>", "[]", "<< /Fields null >>",
		"<< /Fields << >> >>", "<< /Fields [null 7 (x) [] 99 0 R] >>", "99 0 R" };
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct pdf_field_list list = listed(s, begin_form(s, forms[i]));
		assert_int_equal(list.n, 0);
		assert_int_equal(list.n_unreadable, 0);
	}
}

static void test_unreadable(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R 11 0 R 12 0 R] >>");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 10, .kind = 1, .offset = 2 });
	pdf_make_object(m, 11, "<< /T (a) /FT /Tx >>");
	pdf_make_object(m, 12, "12 0 R");
	const struct pdf_field_list list = listed(s, m);
	static const char *const names[] = { "a", NULL };
	expect_names(&list, names);
	assert_int_equal(list.n_unreadable, 2);
	assert_int_equal(scope_fault_code(s), OK);
}

/* A fault that was there before stays. */
static void test_fault_is_kept(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R] >>");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 10, .kind = 1, .offset = 2 });
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	struct pdf_field_list list;
	scope_fault(s, ERR_NET, "earlier");
	assert_int_equal(pdf_field_list(s, f, 0, &list), OK);
	assert_int_equal(list.n_unreadable, 1);
	assert_string_equal(scope_fault_text(s), "earlier");
}

static void test_revisions(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R] >>");
	pdf_make_object(m, 10, "<< /T (old) /FT /Tx >>");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 10, "<< /T (new) /FT /Tx >>");
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	struct pdf_field_list list;
	assert_int_equal(pdf_field_list(s, f, 0, &list), OK);
	assert_string_equal(list.item[0].name, "old");
	assert_int_equal(pdf_field_list(s, f, 1, &list), OK);
	assert_string_equal(list.item[0].name, "new");
}

static enum err list_of(struct scope *s, struct pdf_make *m)
{
	struct pdf_field_list list;
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	return pdf_field_list(s, f, 0, &list);
}

static void test_depth(void **state)
{
	struct scope *s = *state;
	for (uint32_t extra = 0; extra < 2; extra++) {
		const uint32_t levels = LIMIT_PDF_DEPTH + extra;
		struct pdf_make *m = begin_form(s, "<< /Fields [10 0 R] >>");
		for (uint32_t i = 0; i < levels; i++)
			pdf_make_objectf(m, 10 + i,
			    i + 1 < levels ? "<< /T (x) /Kids [%u 0 R] >>" : "<< /T (leaf) >>",
			    (unsigned)(11 + i));
		assert_int_equal(list_of(s, m), extra ? ERR_LIMIT : OK);
		scope_forgive(s);
	}
}

static void test_too_many(void **state)
{
	struct scope *s = *state;
	for (uint32_t extra = 0; extra < 2; extra++) {
		struct pdf_make *m = begin_form(s, "<< /Fields 10 0 R >>");
		const size_t at = pdf_make_at(m);
		pdf_make_raw(m, "10 0 obj\n[");
		for (size_t i = 0; i < LIMIT_PDF_FIELDS + extra; i++)
			pdf_make_raw(m, "<< /FT /Tx >>\n");
		pdf_make_raw(m, "]\nendobj\n");
		pdf_make_entry(
		    m, (struct pdf_make_entry){ .num = 10, .kind = 1, .offset = at - m->base });
		assert_int_equal(list_of(s, m), extra ? ERR_LIMIT : OK);
	}
}

static void test_out_of_memory(void **state)
{
	struct pdf_make *m = begin_form(*state, "<< /Fields [10 0 R] >>");
	pdf_make_object(m, 10, "<< /T (a) /Kids [<< /T (b) /FT /Sig >> << /T (c) >>] >>");
	pdf_make_table(m, "/Root 1 0 R");
	const struct bytes file = pdf_make_done(m);
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		struct pdf_field_list list;
		struct pdf_file *f;
		assert_non_null(s);
		scope_fail_after(s, n);
		e = pdf_file_open(s, file, BYTES_NONE, &f);
		if (e == OK)
			e = pdf_field_list(s, f, 0, &list);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_names_and_inheritance),
		T(test_widgets),
		T(test_loops),
		T(test_oddities),
		T(test_unreadable),
		T(test_fault_is_kept),
		T(test_revisions),
		T(test_depth),
		T(test_too_many),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
