#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_dss.h"
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

/* A page whose catalog has this /DSS; streams 10 to 15 hold "ten" to "fifteen". */
static struct pdf_make *begin_store(struct scope *s, const char *dss)
{
	static const char *const words[] = { "ten", "eleven", "twelve", "thirteen", "fourteen",
		"fifteen" };
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R /DSS %s >>", dss);
	for (uint32_t i = 0; i < 6; i++)
		pdf_make_stream(m, 10 + i, "", bytes_of_str(words[i]));
	return m;
}

static struct pdf_file *end_store(struct scope *s, struct pdf_make *m)
{
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_reread_open(s, pdf_make_done(m));
}

static struct pdf_dss read_latest(struct scope *s, struct pdf_file *f)
{
	struct pdf_dss dss;
	if (pdf_dss_read(s, f, pdf_file_latest(f), &dss) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_int_equal(scope_fault_code(s), OK);
	return dss;
}

static void test_items(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_store(s, "20 0 R");
	pdf_make_object(m, 20, "<< /Certs [10 0 R 11 0 R] /CRLs 21 0 R /OCSPs [13 0 R] >>");
	pdf_make_object(m, 21, "[12 0 R]");
	const struct pdf_dss dss = read_latest(s, end_store(s, m));
	assert_true(dss.present);
	assert_int_equal(dss.n_certs, 2);
	assert_true(bytes_equal_str(dss.certs[0], "ten"));
	assert_true(bytes_equal_str(dss.certs[1], "eleven"));
	assert_int_equal(dss.cert_refs[1].num, 11);
	assert_int_equal(dss.n_crls, 1);
	assert_true(bytes_equal_str(dss.crls[0], "twelve"));
	assert_int_equal(dss.crl_refs[0].num, 12);
	assert_int_equal(dss.n_ocsps, 1);
	assert_true(bytes_equal_str(dss.ocsps[0], "thirteen"));
	assert_int_equal(dss.ocsp_refs[0].num, 13);
	assert_int_equal(dss.n_vri, 0);
	assert_int_equal(dss.n_unreadable, 0);
}

static void test_vri(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_store(
	    s, "<< /Certs [10 0 R 10 0 R] /VRI << /AB 20 0 R /CD << /OCSP [14 0 R] >> /EF 7 >> >>");
	pdf_make_object(m, 20, "<< /Cert [10 0 R 11 0 R] /CRL [12 0 R 12 0 R] /TU (x) >>");
	const struct pdf_dss dss = read_latest(s, end_store(s, m));
	assert_int_equal(dss.n_vri, 2);
	assert_true(bytes_equal_str(dss.vri[0].key, "AB"));
	assert_non_null(pdf_value_find(dss.vri[0].dict, "TU"));
	assert_true(bytes_equal_str(dss.vri[1].key, "CD"));
	/* What the store has already is not repeated. */
	assert_int_equal(dss.n_certs, 2);
	assert_true(bytes_equal_str(dss.certs[1], "eleven"));
	assert_int_equal(dss.n_crls, 1);
	assert_int_equal(dss.n_ocsps, 1);
}

static void test_unreadable(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m =
	    begin_store(s, "<< /Certs [20 0 R 21 0 R 99 0 R (x) 22 0 R 10 0 R] /CRLs 23 0 R >>");
	pdf_make_stream(m, 20, "/Filter /JBIG2Decode", BYTES_LIT("x"));
	pdf_make_object(m, 21, "<< >>");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 22, .kind = 1, .offset = 1 });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 23, .kind = 1, .offset = 1 });
	const struct pdf_dss dss = read_latest(s, end_store(s, m));
	assert_int_equal(dss.n_certs, 1);
	assert_true(bytes_equal_str(dss.certs[0], "ten"));
	/* 20, 21, 99 and the string; 22 as an object and as a stream; 23. */
	assert_int_equal(dss.n_unreadable, 7);
}

static void test_absent(void **state)
{
	static const char *const stores[] = { "null", "99 0 R", "[]", "(x)" };
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(stores) / sizeof(*stores); i++)
		assert_false(read_latest(s, end_store(s, begin_store(s, stores[i]))).present);
	const struct pdf_dss empty = read_latest(s, end_store(s, begin_store(s, "<< >>")));
	assert_true(empty.present);
	assert_int_equal(empty.n_certs + empty.n_crls + empty.n_ocsps + empty.n_vri, 0);
}

static void test_revisions(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_store(s, "<< /Certs [10 0 R] >>");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(
	    m, 1, "<< /Type /Catalog /Pages 2 0 R /DSS << /Certs [10 0 R 11 0 R] >> >>");
	struct pdf_file *f = end_store(s, m);
	struct pdf_dss dss;
	assert_int_equal(pdf_dss_read(s, f, 0, &dss), OK);
	assert_int_equal(dss.n_certs, 1);
	assert_int_equal(pdf_dss_read(s, f, 1, &dss), OK);
	assert_int_equal(dss.n_certs, 2);
}

static struct pdf_make *store_with_array(struct scope *s, const char *item, size_t n)
{
	struct pdf_make *m = begin_store(s, "<< /Certs 20 0 R >>");
	const size_t at = pdf_make_at(m);
	pdf_make_raw(m, "20 0 obj\n[");
	for (size_t i = 0; i < n; i++)
		pdf_make_raw(m, item);
	pdf_make_raw(m, "]\nendobj\n");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 20, .kind = 1, .offset = at - m->base });
	return m;
}

static void test_limits(void **state)
{
	struct scope *s = *state;
	struct pdf_dss dss;
	for (size_t extra = 0; extra < 2; extra++) {
		struct pdf_file *f =
		    end_store(s, store_with_array(s, "10 0 R\n", LIMIT_PDF_DSS_ITEMS + extra));
		assert_int_equal(pdf_dss_read(s, f, 0, &dss), extra ? ERR_LIMIT : OK);
		if (!extra)
			assert_int_equal(dss.n_certs, 1);
	}
}

/* Few octets that name very many items: every entry shares one long array. */
static void test_shared_arrays(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = store_with_array(s, "10 0 R\n", LIMIT_PDF_DSS_ITEMS);
	pdf_make_object(m, 1,
	    "<< /Type /Catalog /Pages 2 0 R /DSS << /VRI << /A 21 0 R /B 21 0 R /C 21 0 R >> >> "
	    ">>");
	pdf_make_object(m, 21, "<< /Cert 20 0 R /CRL 20 0 R /OCSP 20 0 R >>");
	struct pdf_dss dss;
	assert_int_equal(pdf_dss_read(s, end_store(s, m), 0, &dss), ERR_LIMIT);
}

static void test_out_of_memory(void **state)
{
	struct pdf_make *m = begin_store(*state,
	    "<< /Certs [10 0 R 11 0 R] /CRLs [12 0 R] /VRI << /AB << /OCSP [13 0 R] >> >> >>");
	pdf_make_table(m, "/Root 1 0 R");
	const struct bytes file = pdf_make_done(m);
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		struct pdf_file *f;
		struct pdf_dss dss;
		assert_non_null(s);
		scope_fail_after(s, n);
		e = pdf_file_open(s, file, BYTES_NONE, &f);
		if (e == OK)
			e = pdf_dss_read(s, f, 0, &dss);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_items),
		T(test_vri),
		T(test_unreadable),
		T(test_absent),
		T(test_revisions),
		T(test_limits),
		T(test_shared_arrays),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
