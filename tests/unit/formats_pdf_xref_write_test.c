#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_xref_write.h"
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

static bool has_lang(struct scope *s, const struct pdf_file *f)
{
	const struct pdf_value *v = pdf_value_find(pdf_reread_object(s, f, f->root), "Lang");
	return v && v->kind == PDF_STRING && bytes_equal_str(v->string, "en");
}

/* -- the two forms -- */

static struct bytes written(struct buf *b)
{
	struct bytes text;
	assert_int_equal(buf_done(b, &text), OK);
	return text;
}

static void test_table(void **state)
{
	struct scope *s = *state;
	static const struct pdf_xref_write_line lines[] = { { { 1, 0 }, 15 }, { { 2, 65535 }, 0 },
		{ { 4, 1 }, 9999999999 } };
	struct buf b = buf_new(s, 4096), none = buf_new(s, 4096);
	const struct pdf_value *trailer = pdf_value_new_dict(s);
	assert_int_equal(pdf_xref_write_table(s, &b, lines, 3, trailer), OK);
	assert_true(
	    bytes_equal_str(written(&b), "xref\n1 2\n0000000015 00000 n \n0000000000 65535 n \n"
					 "4 1\n9999999999 00001 n \ntrailer\n<< >>\n"));
	assert_int_equal(pdf_xref_write_table(s, &none, NULL, 0, trailer), OK);
	assert_true(bytes_equal_str(written(&none), "xref\n0 0\ntrailer\n<< >>\n"));
}

static void test_stream(void **state)
{
	static const struct {
		size_t offset;
		const char *start;
		size_t data;
	} cases[] = {
		{ 255, "/W [1 1 2] /Length 8 >>\nstream\n\x01\x07", 8 },
		{ 256, "/W [1 2 2] /Length 10 >>\nstream\n\x01", 10 },
		{ (size_t)1 << 32, "/W [1 5 2] /Length 16 >>\nstream\n\x01", 16 },
		{ (size_t)1 << 56, "/W [1 8 2] /Length 22 >>\nstream\n\x01", 22 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct pdf_xref_write_line lines[] = { { { 3, 258 }, 7 },
			{ { 9, 0 }, cases[i].offset } };
		struct buf b = buf_new(s, 4096);
		assert_int_equal(
		    pdf_xref_write_stream(s, &b, lines, 2, 1, pdf_value_new_dict(s)), OK);
		const struct bytes text = written(&b);
		assert_true(bytes_has_prefix(
		    text, BYTES_LIT("9 0 obj\n<< /Type /XRef /Index [3 1 9 1] /W [1 ")));
		const size_t at = bytes_find(text, bytes_of_str(cases[i].start), 0);
		assert_int_not_equal(at, BYTES_NOT_FOUND);
		const size_t data = bytes_find(text, BYTES_LIT("stream\n"), 0) + 7;
		/* Type 1, generation 258, type 1. */
		const uint8_t *middle = text.p + data + cases[i].data / 2;
		assert_int_equal(middle[-2], 1);
		assert_int_equal(middle[-1], 2);
		assert_int_equal(middle[0], 1);
		assert_true(bytes_has_prefix(
		    bytes_from(text, data + cases[i].data), BYTES_LIT("\nendstream\nendobj\n")));
	}
}

/* -- files of more than ten digits -- */

#define HUGE_SIZE ((size_t)10000000100)
#define HUGE_ROOM (HUGE_SIZE + (1 << 20))

/* The page at the front, an empty section at the end, holes between: not a byte of it is stored. */
static struct bytes huge_file(struct scope *s, uint8_t *room, const char *version)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, version);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	const size_t first = pdf_make_table(m, "/Root 1 0 R");
	const struct bytes front = pdf_make_done(m);
	struct buf b = buf_new(s, 4096);
	buf_addf(&b,
	    "\nxref\n0 0\ntrailer\n<< /Root 1 0 R /Size 3 /Prev %zu >>\nstartxref\n%zu\n%%%%EOF\n",
	    first, HUGE_SIZE + 1);
	memcpy(room, front.p, front.n);
	memcpy(room + HUGE_SIZE, b.p, b.n);
	return bytes_of(room, HUGE_SIZE + b.n);
}

static void check_huge(struct scope *s, uint8_t *room, const char *version, bool possible)
{
	struct pdf_file *f = pdf_reread_open(s, huge_file(s, room, version));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_update_result r;
	put_catalog(s, u, f);
	assert_int_equal(pdf_update_close(u, &r), possible ? OK : ERR_UNSUPPORTED);
	if (!possible) {
		scope_forgive(s);
		return;
	}
	memcpy(room + f->bytes.n, r.p, r.n);
	struct pdf_file *again = pdf_reread_open(s, bytes_of(room, r.file_size));
	assert_int_equal(section(again)->kind, PDF_SECTION_STREAM);
	assert_true(entry(again, 1)->offset > 9999999999);
	assert_true(has_lang(s, again));
	memset(room + f->bytes.n, 0, r.n);
}

static void test_huge(void **state)
{
	uint8_t *room = mmap(NULL, HUGE_ROOM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED) {
		print_message("no address space for a file of 10 GB: skipped\n");
		skip();
	}
	check_huge(*state, room, "1.4", false);
	check_huge(*state, room, "1.5", true);
	munmap(room, HUGE_ROOM);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_table),
		T(test_stream),
		T(test_huge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
