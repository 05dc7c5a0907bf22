#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "formats/pdf_recovery.h"

/* A file with one page and no cross-reference data; tests change one of its parts. */
struct parts {
	const char *header, *catalog, *pages, *page, *more, *trailer;
};

static const struct parts whole = {
	.header = "%PDF-1.5\n",
	.catalog = "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
	.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n",
	.page =
	    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9.50]/Contents 7 0 R>>\nendobj\n",
	.more = "7 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n",
	.trailer = "trailer\n<</Root 1 0 R/Size 8>>\nstartxref\n5\n%%EOF\n",
};

static struct bytes file_of(struct scope *s, struct parts p)
{
	struct buf b = buf_new(s, 1 << 20);
	struct bytes file;
	buf_add_str(&b, p.header);
	buf_add_str(&b, p.catalog);
	buf_add_str(&b, p.pages);
	buf_add_str(&b, p.page);
	buf_add_str(&b, p.more);
	buf_add_str(&b, p.trailer);
	assert_int_equal(buf_done(&b, &file), OK);
	return file;
}

static char *repair(struct scope *s, struct bytes file)
{
	struct bytes revision;
	char *warning, *text;
	if (pdf_recovery_revision(s, file, &revision, &warning) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_string_not_equal(warning, "");
	assert_int_equal(bytes_to_str(s, revision, &text), OK);
	return text;
}

static char *repair_parts(struct scope *s, struct parts p)
{
	return repair(s, file_of(s, p));
}

static void assert_refused(struct scope *s, struct parts p, enum err code, const char *word)
{
	struct bytes revision = BYTES_LIT("x");
	char *warning = NULL;
	scope_forgive(s);
	assert_int_equal(pdf_recovery_revision(s, file_of(s, p), &revision, &warning), code);
	if (!strstr(scope_fault_text(s), word))
		fail_msg("%s", scope_fault_text(s));
	assert_null(warning);
	assert_true(bytes_equal_str(revision, "x"));
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%s", part, text);
}

/* Every entry of the table leads to its object, and startxref to the table. */
static void assert_table(struct bytes file, const char *revision, size_t header)
{
	size_t at = 0;
	unsigned first, n, num = 0, gen;
	char kind, want[32];
	assert_int_equal(sscanf(strstr(revision, "startxref"), "startxref %zu", &at), 1);
	const char *line = revision + (at + header - file.n);
	assert_memory_equal(line, "xref\n", 5);
	line += 5;
	assert_memory_equal(line, "0 ", 2);
	while (sscanf(line, "%u %u\n", &first, &n) == 2) {
		line = strchr(line, '\n') + 1;
		for (unsigned i = 0; i < n; i++, line += 20) {
			assert_int_equal(sscanf(line, "%10zu %5u %c", &at, &gen, &kind), 3);
			assert_memory_equal(line + 18, "\r\n", 2);
			num = first + i;
			if (kind == 'f') {
				assert_int_equal(num, 0);
				assert_int_equal(gen, 65535);
				continue;
			}
			snprintf(want, sizeof(want), "%u %u obj\n", num, gen);
			assert_memory_equal(revision + (at + header - file.n), want, strlen(want));
		}
	}
	snprintf(want, sizeof(want), "/Size %u", num + 1);
	assert_has(line, want);
}

static void test_writes_a_whole_revision(void **state)
{
	struct bytes file = file_of(*state, whole);
	char *text = repair(*state, file);
	assert_int_equal(text[0], '\n');
	assert_table(file, text, 0);
	assert_has(text, "9.50");
	assert_has(text, "stream\nq Q\nendstream");
	assert_has(text, "xref\n0 4\n0000000000 65535 f\r\n");
	assert_has(text, "\n7 1\n");
	assert_has(text, "/Root 1 0 R");
	assert_null(strstr(text, "/Prev"));
	assert_null(strstr(text, "/Info"));
	assert_null(strstr(text, "/ID"));
	assert_string_equal(text + strlen(text) - 6, "%%EOF\n");
}

static void test_says_what_was_wrong(void **state)
{
	struct bytes revision;
	char *warning;
	assert_int_equal(
	    pdf_recovery_revision(*state, file_of(*state, whole), &revision, &warning), OK);
	assert_has(warning, "damaged");
	assert_null(strchr(warning, '\n'));
}

static void test_same_input_same_output(void **state)
{
	struct bytes file = file_of(*state, whole);
	assert_string_equal(repair(*state, file), repair(*state, file));
}

static void test_info_and_id_are_kept(void **state)
{
	struct parts p = whole;
	p.more = "7 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n"
		 "5 0 obj\n<</Title(\\(x\\)\\377)>>\nendobj\n";
	p.trailer = "trailer\n<</Root 1 0 R/Info 5 0 R/ID[<01ff>(b)]/Prev 17/Size 8>>\n";
	struct bytes file = file_of(*state, p);
	char *text = repair(*state, file);
	assert_table(file, text, 0);
	assert_has(text, "/Info 5 0 R");
	assert_has(text, "/ID");
	assert_has(text, "\n5 0 obj\n");
	assert_null(strstr(text, "/Prev"));
	p.trailer = "trailer\n<</Root 1 0 R/Info 5 0 R/ID(b)/Size 8>>\n";
	text = repair_parts(*state, p);
	assert_has(text, "/Info 5 0 R");
	assert_null(strstr(text, "/ID"));
}

static void test_unreachable_objects_stay_out(void **state)
{
	struct parts p = whole;
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
		  "6 0 obj\n(nobody asks for me)\nendobj\n";
	assert_null(strstr(repair_parts(*state, p), "nobody"));
}

static void test_offsets_count_from_the_header(void **state)
{
	struct parts p = whole;
	p.header = "junk\njunk\n%PDF-1.5\n";
	struct bytes file = file_of(*state, p);
	assert_table(file, repair(*state, file), 10);
}

static void test_header_just_inside_and_outside(void **state)
{
	char header[1024 + 16];
	struct parts p = whole;
	memset(header, ' ', sizeof(header));
	strcpy(header + 1024, "%PDF-1.5\n");
	p.header = header;
	struct bytes file = file_of(*state, p);
	assert_table(file, repair(*state, file), 1024);
	strcpy(header + 1024, " %PDF-1.5\n");
	assert_refused(*state, p, ERR_FORMAT, "%PDF-");
}

static void test_wrong_length_is_mended(void **state)
{
	struct parts p = whole;
	static const char *const lengths[] = { "2", "4000", "(x)" };
	for (size_t i = 0; i < 3; i++) {
		char more[100];
		snprintf(more, sizeof(more),
		    "7 0 obj\n<</Length %s>>\nstream\nq Q\nendstream\nendobj\n", lengths[i]);
		p.more = more;
		char *text = repair_parts(*state, p);
		assert_has(text, "/Length 4");
		assert_has(text, "stream\nq Q\n\nendstream");
	}
}

static void test_values_survive(void **state)
{
	struct parts p = whole;
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 -9 .5]/Contents 7 0 R/A#20B[true "
		 "false null (a\\)\\001b) <01ff> /x#2fy [[<<>>]] -12]>>\nendobj\n";
	char *text = repair_parts(*state, p);
	assert_has(text, "/A#20B");
	assert_has(text, "/x#2fy");
	assert_has(text, "true false null");
	assert_has(text, "-12");
	assert_has(text, "-9 .5");
	/* and it can be repaired once more, from what was written */
	struct bytes again = file_of(*state, p);
	struct buf b = buf_new(*state, 1 << 20);
	buf_add(&b, again);
	buf_add_str(&b, text);
	assert_int_equal(buf_done(&b, &again), OK);
	assert_table(again, repair(*state, again), 0);
}

static void test_pages_that_are_none(void **state)
{
	struct parts p = whole;
	p.pages = "2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "no page");
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R]>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "/Count");
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count(1)>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "/Count");
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R 2 0 R]/Count 1>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "circle");
	/* the same page twice is odd, but no circle; a page may stand in /Kids itself */
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>\nendobj\n";
	repair_parts(*state, p);
	p.pages =
	    "2 0 obj\n<</Type/Pages/Kids[<</Type/Page/MediaBox[0 0 1 1]>>]/Count 1>>\nendobj\n";
	repair_parts(*state, p);
}

static void test_deep_page_tree(void **state)
{
	struct buf b = buf_new(*state, 1 << 20);
	struct parts p = whole;
	char *pages;
	for (int i = 10; i < 400; i++)
		buf_addf(&b, "%d 0 obj\n<</Type/Pages/Count 1/Kids[%d 0 R]>>\nendobj\n", i,
		    i < 399 ? i + 1 : 3);
	buf_add_str(&b, "2 0 obj\n<</Type/Pages/Kids[10 0 R]/Count 1>>\nendobj\n");
	assert_int_equal(buf_done_str(&b, &pages), OK);
	p.pages = pages;
	assert_refused(*state, p, ERR_LIMIT, "too deep");
}

static void test_deep_values(void **state)
{
	for (int depth = 120; depth <= 140; depth += 20) {
		struct buf b = buf_new(*state, 1 << 20);
		struct parts p = whole;
		char *more;
		buf_add_str(&b, "7 0 obj\n");
		buf_add_repeat(&b, '[', (size_t)depth);
		buf_add_repeat(&b, ']', (size_t)depth);
		buf_add_str(&b, "\nendobj\n");
		assert_int_equal(buf_done_str(&b, &more), OK);
		p.more = more;
		if (depth < 128)
			repair_parts(*state, p);
		else
			assert_refused(*state, p, ERR_LIMIT, "nested");
	}
}

static void test_no_catalog(void **state)
{
	struct parts p = whole;
	p.trailer = "trailer\n<</Size 8>>\n";
	p.catalog = "1 0 obj\n<</Pages 2 0 R>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "catalog");
	p.trailer = "trailer\n<</Root<</Type/Catalog/Pages 2 0 R>>>>\n";
	assert_refused(*state, p, ERR_FORMAT, "catalog");
	p.trailer = "";
	assert_refused(*state, p, ERR_FORMAT, "trailer");
}

static void test_signed(void **state)
{
	struct parts p = whole;
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Annots[8 0 R]>>\nendobj\n"
		 "8 0 obj\n<</V<</Type/Sig/Contents<00>>>>>\nendobj\n";
	assert_refused(*state, p, ERR_DENIED, "signed");
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Annots[8 0 R]>>\nendobj\n"
		 "8 0 obj\n<</V<</Byte#52ange[0 1 2 3]/Contents<00>>>>>\nendobj\n";
	assert_refused(*state, p, ERR_DENIED, "signed");
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Annots[8 0 R]>>\nendobj\n"
		 "8 0 obj\n<</V<</Type/DocTimeStamp/Contents<00>>>>>\nendobj\n";
	assert_refused(*state, p, ERR_DENIED, "signed");
	/* cut off from the catalog, and not even an object any more */
	p = whole;
	p.header = "%PDF-1.5\n/ByteRange[0 1 2 3]\n";
	assert_refused(*state, p, ERR_DENIED, "signed");
	/* a field that waits for its signature */
	p = whole;
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Annots[8 0 R]>>\nendobj\n"
		 "8 0 obj\n<</FT/Sig/T(s)/ByteRanges 1/Contents(note)>>\nendobj\n";
	repair_parts(*state, p);
}

static void test_encrypted(void **state)
{
	struct parts p = whole;
	p.trailer = "trailer\n<</Root 1 0 R/Encrypt 9 0 R>>\n";
	assert_refused(*state, p, ERR_UNSUPPORTED, "encrypted");
	p = whole;
	p.header = "%PDF-1.5\n% lost: /Encrypt\n";
	assert_refused(*state, p, ERR_UNSUPPORTED, "encrypted");
	p.header = "%PDF-1.5\n% lost: /EncryptMetadata\n";
	repair_parts(*state, p);
}

static void test_two_definitions(void **state)
{
	struct parts p = whole;
	/* an update: its definition is the last one for everybody */
	p.more = "7 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n"
		 "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/Rotate 90>>\nendobj\n";
	assert_has(repair_parts(*state, p), "/Rotate 90");
	/* a last definition that QPDF does not see, in a stream */
	p.more = "7 0 obj\n<</Length 30>>\nstream\n(2 0 obj <</Type/Pages>> endobj)\nendstream\n"
		 "endobj\n";
	assert_refused(*state, p, ERR_FORMAT, "object 2 0");
	/* another generation of a number */
	p.more = "7 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n"
		 "3 1 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "object 3 0");
	p.pages = "2 0 obj\n<</Type/Pages/Kids[3 0 R 3 1 R]/Count 2>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "object 3");
}

static void test_lost_objects(void **state)
{
	struct parts p = whole;
	p.more = "";
	assert_refused(*state, p, ERR_FORMAT, "lost");
	/* listed, but not there: QPDF's words tell */
	p = whole;
	struct buf b = buf_new(*state, 4096);
	size_t at = strlen(p.header) + strlen(p.catalog) + strlen(p.pages) + strlen(p.page);
	size_t xref = at + strlen(p.more);
	char *trailer;
	buf_addf(&b, "xref\n0 1\n0000000000 65535 f\r\n1 1\n%010zu 00000 n\r\n", strlen(p.header));
	buf_addf(&b, "2 1\n%010zu 00000 n\r\n", strlen(p.header) + strlen(p.catalog));
	buf_addf(
	    &b, "3 1\n%010zu 00000 n\r\n", strlen(p.header) + strlen(p.catalog) + strlen(p.pages));
	buf_addf(&b, "7 1\n%010zu 00000 n\r\n", at);
	buf_addf(&b, "trailer\n<</Root 1 0 R/Size 8>>\nstartxref\n%zu\n%%%%EOF\n", xref);
	assert_int_equal(buf_done_str(&b, &trailer), OK);
	p.trailer = trailer;
	repair_parts(*state, p);
	p.more = "9 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "7 0 not found in file");
}

static void test_broken_objects(void **state)
{
	struct parts p = whole;
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Rotate>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "object 3 0");
	p.page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 7 0 R/Rotate ninety>>\nendobj\n";
	assert_refused(*state, p, ERR_FORMAT, "object 3 0");
}

static void test_garbage(void **state)
{
	static const char *const junk[] = { "", "%PDF-", "%PDF-1.7\n", "%PDF-1.7\ntrailer",
		"%PDF-1.7\ntrailer<</Root 1 0 R>>", "%PDF-1.7\nxref\n0 99999999\n" };
	for (size_t i = 0; i < sizeof(junk) / sizeof(*junk); i++) {
		struct bytes revision;
		char *warning;
		scope_forgive(*state);
		assert_int_equal(
		    pdf_recovery_revision(*state, bytes_of_str(junk[i]), &revision, &warning),
		    ERR_FORMAT);
	}
}

static void test_out_of_memory(void **state)
{
	struct bytes file = file_of(*state, whole);
	enum err e = ERR_NOMEM;
	size_t n = 1;
	for (; e == ERR_NOMEM && n < 2000; n++) {
		struct scope *s = scope_new(0);
		struct bytes revision;
		char *warning;
		scope_fail_after(s, n);
		e = pdf_recovery_revision(s, file, &revision, &warning);
		scope_free(s);
	}
	assert_int_equal(e, OK);
	assert_true(n > 20);
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
		T(test_writes_a_whole_revision),
		T(test_says_what_was_wrong),
		T(test_same_input_same_output),
		T(test_info_and_id_are_kept),
		T(test_unreachable_objects_stay_out),
		T(test_offsets_count_from_the_header),
		T(test_header_just_inside_and_outside),
		T(test_wrong_length_is_mended),
		T(test_values_survive),
		T(test_pages_that_are_none),
		T(test_deep_page_tree),
		T(test_deep_values),
		T(test_no_catalog),
		T(test_signed),
		T(test_encrypted),
		T(test_two_definitions),
		T(test_lost_objects),
		T(test_broken_objects),
		T(test_garbage),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
