#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
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

static const struct pdf_xref_entry *entry(const struct pdf_file *f, uint32_t num)
{
	return pdf_file_entry(f, pdf_file_latest(f), num, NULL);
}

static const struct pdf_section *section(const struct pdf_file *f)
{
	return f->revisions[pdf_file_latest(f)].sections[0];
}

/* The catalog with /Lang set: the change that most cases make. */
static void put_catalog(struct scope *s, struct pdf_update *u, const struct pdf_file *f)
{
	const struct pdf_value *catalog;
	assert_int_equal(pdf_update_object(u, f->root, &catalog), OK);
	struct pdf_value *changed = pdf_value_copy(s, catalog);
	assert_int_equal(
	    pdf_value_set(s, changed, "Lang", pdf_value_new_string(s, BYTES_LIT("en"))), OK);
	assert_int_equal(pdf_update_put(u, f->root, changed), OK);
}

/* -- signatures -- */

static struct pdf_value *signature_dict(struct scope *s)
{
	struct pdf_value *dict = pdf_value_new_dict(s);
	assert_int_equal(pdf_value_set(s, dict, "Type", pdf_value_new_name(s, "Sig")), OK);
	assert_int_equal(
	    pdf_value_set(s, dict, "Name", pdf_value_new_string(s, BYTES_LIT("A. Signer"))), OK);
	/* Not the caller's to say. */
	assert_int_equal(pdf_value_set(s, dict, "ByteRange", pdf_value_new_int(s, 1)), OK);
	assert_int_equal(pdf_value_set(s, dict, "Contents", pdf_value_new_int(s, 1)), OK);
	return dict;
}

static void check_range(struct scope *s, const struct pdf_file *f,
    const struct pdf_update_result *r, const struct pdf_file *again, struct pdf_ref sig)
{
	const struct bytes all = again->bytes;
	const struct pdf_value *range =
	    pdf_value_find(pdf_reread_object(s, again, sig), "ByteRange");
	assert_int_equal(range->array.n, 4);
	assert_int_equal(range->array.item[0]->integer, 0);
	assert_int_equal(range->array.item[1]->integer, r->contents_start);
	assert_int_equal(range->array.item[2]->integer, r->contents_end);
	assert_int_equal(
	    range->array.item[2]->integer + range->array.item[3]->integer, r->file_size);
	assert_int_equal(all.p[r->contents_start], '<');
	assert_int_equal(all.p[r->contents_end - 1], '>');

	struct bytes parts[3];
	struct buf b = buf_new(s, all.n);
	pdf_update_signed_parts(f, r, parts);
	for (size_t i = 0; i < 3; i++)
		buf_add(&b, parts[i]);
	assert_true(bytes_equal(
	    bytes_cut(buf_bytes(&b), 0, r->contents_start), bytes_cut(all, 0, r->contents_start)));
	assert_true(bytes_equal(
	    bytes_from(buf_bytes(&b), r->contents_start), bytes_from(all, r->contents_end)));
}

static void test_signature(void **state)
{
	struct scope *s = *state;
	struct bytes files[] = { pdf_make_one_page(s), pdf_make_compressed(s) };
	for (size_t i = 0; i < 2; i++) {
		struct pdf_file *f = pdf_reread_open(s, files[i]);
		struct pdf_update *u = pdf_reread_begin(s, f);
		struct pdf_ref sig, later;
		struct pdf_update_result r;
		const struct pdf_value *v;
		assert_int_equal(pdf_update_reserve(u, &sig), OK);
		assert_int_equal(pdf_update_reserve(u, &later), OK);
		assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 8), OK);
		assert_int_equal(pdf_update_object(u, sig, &v), OK);
		assert_true(pdf_value_is_name(pdf_value_find(v, "Type"), "Sig"));
		assert_int_equal(pdf_update_put(u, later, pdf_value_new_name(s, "Later")), OK);
		put_catalog(s, u, f);
		assert_int_equal(pdf_update_close(u, &r), OK);
		assert_int_equal(r.contents_end - r.contents_start, 2 * 8 + 2);

		struct pdf_file *again = pdf_reread_open(s, pdf_reread_join(s, f, &r));
		check_range(s, f, &r, again, sig);
		assert_true(entry(again, sig.num)->offset > entry(again, later.num)->offset);
		assert_true(entry(again, sig.num)->offset < section(again)->offset);
		assert_false(pdf_reread_object(s, again, sig)->duplicate_keys);
		const struct pdf_value *contents =
		    pdf_value_find(pdf_reread_object(s, again, sig), "Contents");
		assert_int_equal(contents->string.n, 8);
		assert_int_equal(contents->string.p[0], 0);
	}
}

static void test_fill(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref sig;
	struct pdf_update_result r;
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 5), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(
	    pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x04\xab\xcd\xef\x01")), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x03\xab\xcd\xef")), OK);
	struct pdf_file *again = pdf_reread_open(s, pdf_reread_join(s, f, &r));
	assert_true(
	    bytes_equal_str(pdf_value_find(pdf_reread_object(s, again, sig), "Contents")->string,
		"\x30\x03\xab\xcd\xef"));
	/* A shorter one leaves nothing of the longer one. */
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30")), OK);
	again = pdf_reread_open(s, pdf_reread_join(s, f, &r));
	assert_true(
	    bytes_equal(pdf_value_find(pdf_reread_object(s, again, sig), "Contents")->string,
		BYTES_LIT("\x30\0\0\0\0")));
	check_range(s, f, &r, again, sig);
}

static void test_fill_without_signature(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_update_result r;
	struct bytes parts[3];
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30")), ERR_MISUSE);
	pdf_update_signed_parts(f, &r, parts);
	assert_true(bytes_equal(parts[0], f->bytes));
	assert_int_equal(parts[1].n, r.n);
	assert_int_equal(parts[2].n, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_signature),
		T(test_fill),
		T(test_fill_without_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
