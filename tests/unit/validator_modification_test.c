#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_references.h"
#include "formats/pdf_unowned.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"
#include "validator/modification.h"

#define WIDGET "/Type /Annot /Subtype /Widget /P 3 0 R "
#define SIG                                                                                        \
	"/Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents "            \
	"<3003020105>"
#define STAMP                                                                                      \
	"/Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /ByteRange [0 10 20 40] /Contents "          \
	"<3003020105>"
#define FORM "/Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf)"
#define CATALOG "/Type /Catalog /Pages 2 0 R /AcroForm 6 0 R"
#define PAGE                                                                                       \
	"/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "                       \
	"/Resources << /Font << /F1 5 0 R >> >> "
#define ANNOTS "7 0 R 8 0 R 12 0 R 13 0 R 14 0 R"
#define NAME WIDGET "/FT /Tx /T (name) /F 4 /Rect [72 600 300 620] "
#define OTHER WIDGET "/FT /Tx /T (group) /F 4 /Rect [72 560 300 580] "
#define EMPTY WIDGET "/FT /Sig /T (empty) /F 4 /Rect [72 400 300 460] "
#define NOTE "/Type /Annot /Subtype /Text /Rect [10 10 30 30] "
#define BOX "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"

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

/* A signed form: text fields "name" (7, appearance 9) and "group" (12), signature fields "seal" (8,
 * dictionary 10) and "empty" (13), a note (14). `catalog` and `sig`: more entries of 1 and 10. */
static struct pdf_make *begin(struct scope *s, const char *catalog, const char *sig)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(m, 1, "<< " CATALOG " %s >>", catalog);
	pdf_make_object(m, 3, "<< " PAGE "/Annots [" ANNOTS "] >>");
	pdf_make_object(m, 6, "<< " FORM " >>");
	pdf_make_object(m, 7, "<< " NAME "/V () /AP << /N 9 0 R >> >>");
	pdf_make_object(m, 8, "<< " WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0] >>");
	pdf_make_stream(m, 9, BOX, BYTES_LIT("empty"));
	pdf_make_objectf(m, 10, "<< " SIG " %s >>", sig);
	pdf_make_object(m, 12, "<< " OTHER "/V () >>");
	pdf_make_object(m, 13, "<< " EMPTY ">>");
	pdf_make_object(m, 14, "<< " NOTE "/Contents (note) >>");
	return m;
}

static void close_revision(struct pdf_make *m)
{
	pdf_make_table(m, "/Root 1 0 R");
}

static struct pdf_make *signed_form(struct scope *s, const char *catalog, const char *sig)
{
	struct pdf_make *m = begin(s, catalog, sig);
	close_revision(m);
	return m;
}

/* What changed since revision `rev`, for the signature "seal". */
static struct modification_list since(struct scope *s, struct bytes bytes, size_t rev)
{
	struct modification_history *history;
	struct modification_list changes = { 0 };
	struct pdf_signature_list list;
	const struct pdf_file *file = pdf_reread_open(s, bytes);
	if (pdf_signature_list(s, file, &list) != OK ||
	    modification_history_new(s, file, &list, &history) != OK)
		fail_msg("%s", scope_fault_text(s));
	for (size_t i = 0; i < list.n; i++) {
		if (strcmp(list.item[i].name, "seal") != 0)
			continue;
		if (modification_find(s, history, &list.item[i], rev, &changes) != OK)
			fail_msg("%s", scope_fault_text(s));
		assert_int_equal(scope_fault_code(s), OK);
		return changes;
	}
	fail_msg("the signature is gone");
	return changes;
}

static struct modification_list changes_of(struct scope *s, struct pdf_make *m)
{
	close_revision(m);
	return since(s, pdf_make_done(m), 0);
}

static void print_all(const struct modification_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		print_message("  %s: %s (%s)\n", l->item[i].allowed ? "allowed" : "forbidden",
		    l->item[i].path, l->item[i].rule);
}

static void expect(const struct modification_list *l, bool allowed, const char *path)
{
	bool found = false;
	for (size_t i = 0; i < l->n; i++)
		found |= l->item[i].allowed == allowed && strstr(l->item[i].path, path) != NULL &&
			 l->item[i].rule[0] != '\0';
	if (found && l->any_forbidden == !allowed)
		return;
	print_all(l);
	fail_msg("not %s: %s", allowed ? "allowed" : "forbidden", path);
}

static void assert_allowed(struct scope *s, struct pdf_make *m, const char *path)
{
	struct modification_list l = changes_of(s, m);
	expect(&l, true, path);
	assert_null(l.first_forbidden);
}

static void assert_forbidden(struct scope *s, struct pdf_make *m, const char *path)
{
	struct modification_list l = changes_of(s, m);
	expect(&l, false, path);
	assert_non_null(l.first_forbidden);
}

static void assert_nothing(struct scope *s, struct pdf_make *m)
{
	struct modification_list l = changes_of(s, m);
	if (l.n)
		print_all(&l);
	assert_int_equal(l.n, 0);
}

static struct pdf_make *plain(struct scope *s)
{
	return signed_form(s, "", "");
}

#define DOCMDP(p) "/Reference [<< /TransformMethod /DocMDP /TransformParams << /P " #p " >> >>]"
#define FIELDMDP(action, fields)                                                                   \
	"/Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action /" action           \
	" /Fields [" fields "] >> >>]"

/* -- nothing changes -- */

static void test_nothing(void **state)
{
	struct scope *s = *state;
	struct modification_list l = since(s, pdf_make_done(plain(s)), 0);
	assert_int_equal(l.n, 0);
	assert_false(l.any_forbidden);
}

/* The same value in other words (ISO 32000-2 7.3). */
static void test_equal_rewrite(void **state)
{
	struct pdf_make *m = plain(*state);
	pdf_make_object(
	    m, 5, "<< /Subtype /Type1 /Type /Font /BaseFont /Helvetica /Encoding null >>");
	pdf_make_object(m, 3,
	    "<< /Annots [" ANNOTS "] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R "
	    "/MediaBox [0 0.0 612.0 792] /Parent 2 0 R /Type /Page >>");
	assert_nothing(*state, m);
}

/* -- the page and the catalog -- */

static void test_pages(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_stream(m, 4, "", BYTES_LIT("(other) Tj"));
	assert_forbidden(s, m, "a stream was changed");
	m = plain(s);
	pdf_make_object(m, 3, "<< " PAGE "/Rotate 90 /Annots [" ANNOTS "] >>");
	assert_forbidden(s, m, "page /Rotate");
	m = plain(s);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>");
	assert_forbidden(s, m, "page tree /");
	m = plain(s);
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	assert_forbidden(s, m, "a font was changed");
	m = plain(s);
	pdf_make_free(m, 4, 1);
	assert_forbidden(s, m, "a stream was removed");
	m = plain(s);
	pdf_make_object(m, 3, "<< " PAGE "/Tabs /S /Annots [" ANNOTS "] >>");
	assert_false(changes_of(s, m).any_forbidden);
}

static void test_catalog(void **state)
{
	struct scope *s = *state;
	static const char *const entries[] = { "/OpenAction << /S /JavaScript /JS (x) >>",
		"/AA << >>", "/Names << /JavaScript << >> >>", "/OCProperties << >>",
		"/Perms << >>" };
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		struct pdf_make *m = plain(s);
		pdf_make_objectf(m, 1, "<< " CATALOG " %s >>", entries[i]);
		assert_forbidden(s, m, "was added");
	}
	struct pdf_make *m = signed_form(s, "/Perms << /DocMDP 10 0 R >>", DOCMDP(2));
	pdf_make_object(m, 1, "<< " CATALOG " >>");
	assert_forbidden(s, m, "catalog /Perms was removed");
	m = plain(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Version /2.0 >>");
	assert_allowed(s, m, "catalog /Version");
}

/* Another catalog is compared with the old one. */
static void test_root(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 20, "<< " CATALOG " >>");
	pdf_make_table(m, "/Root 20 0 R");
	assert_int_equal(since(s, pdf_make_done(m), 0).n, 0);
	m = plain(s);
	pdf_make_object(m, 20, "<< /Type /Catalog /Pages 21 0 R /AcroForm 6 0 R >>");
	pdf_make_object(m, 21, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_table(m, "/Root 20 0 R");
	struct modification_list l = since(s, pdf_make_done(m), 0);
	expect(&l, false, "catalog /Pages was changed");
}

static void test_metadata(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_stream(m, 20, "/Type /Metadata", BYTES_LIT("<x:xmpmeta/>"));
	pdf_make_object(m, 1, "<< " CATALOG " /Metadata 20 0 R >>");
	assert_allowed(s, m, "catalog /Metadata");
	static const char *const bad[] = { "no XML", "<!DOCTYPE x><x/>", "<x/> and more" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		m = plain(s);
		pdf_make_stream(m, 20, "/Type /Metadata", bytes_of_str(bad[i]));
		pdf_make_object(m, 1, "<< " CATALOG " /Metadata 20 0 R >>");
		assert_forbidden(s, m, "is no XMP stream");
	}
	m = plain(s);
	pdf_make_object(m, 1, "<< " CATALOG " /Metadata << >> >>");
	assert_forbidden(s, m, "is no XMP stream");
}

static void test_info(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 20, "<< /Producer (x) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 20 0 R");
	struct modification_list l = since(s, pdf_make_done(m), 0);
	expect(&l, true, "document information");
	/* The page's resources turn into it. */
	m = plain(s);
	pdf_make_object(m, 5, "<< /Producer (x) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 5 0 R");
	l = since(s, pdf_make_done(m), 0);
	expect(&l, false, "a font was changed");
}

/* -- validation data -- */

static void test_store(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = signed_form(s, "", DOCMDP(1));
	pdf_make_object(
	    m, 20, "<< /Type /DSS /Certs [21 0 R] /VRI << /AB << /Cert [21 0 R] >> >> >>");
	pdf_make_stream(m, 21, "", BYTES_LIT("certificate"));
	pdf_make_object(m, 1, "<< " CATALOG " /DSS 20 0 R >>");
	assert_allowed(s, m, "validation data");
	m = plain(s);
	pdf_make_object(m, 1, "<< " CATALOG " /DSS << /Other 1 >> >>");
	assert_forbidden(s, m, "(DSS) /Other");
}

/* An array of the store that is a page's /Contents too. */
static void test_store_shared(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = begin(s, "/DSS << /Certs 20 0 R >>", "");
		pdf_make_object(m, 20, "[4 0 R]");
		if (shared)
			pdf_make_object(m, 3,
			    "<< /Type /Page /Parent 2 0 R /Contents 20 0 R /Annots [" ANNOTS
			    "] >>");
		close_revision(m);
		pdf_make_object(m, 20, "[4 0 R 21 0 R]");
		pdf_make_stream(m, 21, "", BYTES_LIT("(more) Tj"));
		if (shared)
			assert_forbidden(s, m, "is also reached from object 3 /Contents");
		else
			assert_false(changes_of(s, m).any_forbidden);
	}
}

static void test_extensions_shared(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = begin(
		    s, shared ? "/Extensions 20 0 R /Other 20 0 R" : "/Extensions 20 0 R", "");
		pdf_make_object(m, 20, "<< >>");
		close_revision(m);
		pdf_make_object(m, 20, "<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >> >>");
		if (shared)
			assert_forbidden(s, m, "is also reached from object 1 /Other");
		else
			assert_allowed(s, m, "catalog /Extensions");
	}
}

/* -- fields -- */

static void fill(struct pdf_make *m, const char *more)
{
	pdf_make_objectf(m, 7, "<< " NAME "/V (Anna) /AP << /N 20 0 R >> %s >>", more);
	pdf_make_stream(m, 20, BOX, BYTES_LIT("(Anna) Tj"));
}

static void test_filling(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	fill(m, "/Ff 1");
	assert_allowed(s, m, "field \"name\" was filled in");
	m = signed_form(s, "", DOCMDP(2));
	fill(m, "");
	assert_allowed(s, m, "field \"name\" was filled in");
	m = signed_form(s, "", DOCMDP(1));
	fill(m, "");
	assert_forbidden(s, m, "field \"name\" was filled in");
	m = plain(s);
	fill(m, "/Ff 2");
	assert_forbidden(s, m, "/Ff of field \"name\"");
	m = plain(s);
	pdf_make_object(m, 7,
	    "<< " WIDGET "/FT /Tx /T (name) /F 4 /V () /AP << /N 9 0 R >> /Rect [0 0 612 792] >>");
	assert_forbidden(s, m, "/Rect of field \"name\"");
	m = plain(s);
	pdf_make_object(m, 7,
	    "<< " WIDGET
	    "/FT /Tx /T (name) /F 6 /V () /AP << /N 9 0 R >> /Rect [72 600 300 620] >>");
	assert_forbidden(s, m, "/F of field \"name\"");
	m = plain(s);
	pdf_make_object(m, 7, "<< " NAME "/V (Anna) /AP null >>");
	assert_forbidden(s, m, "the appearance of field \"name\" was removed");
}

/* An appearance rewritten in place: with its field, without, and used elsewhere. */
static void test_appearance(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 7, "<< " NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, BOX, BYTES_LIT("(Anna) Tj"));
	assert_allowed(s, m, "field \"name\" was filled in");
	m = plain(s);
	pdf_make_stream(m, 9, BOX, BYTES_LIT("(Anna) Tj"));
	assert_forbidden(s, m, "a form XObject was changed");
	m = signed_form(s, "/FooBar 9 0 R", "");
	pdf_make_object(m, 7, "<< " NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, BOX, BYTES_LIT("(Anna) Tj"));
	assert_forbidden(s, m, "is also reached from object 1 /FooBar");
	/* What no trailer leads to is no place. */
	m = begin(s, "", "");
	pdf_make_object(m, 30, "<< /FooBar 9 0 R >>");
	close_revision(m);
	pdf_make_object(m, 7, "<< " NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, BOX, BYTES_LIT("(Anna) Tj"));
	assert_allowed(s, m, "field \"name\" was filled in");
}

static void test_locks(void **state)
{
	struct scope *s = *state;
	static const struct {
		const char *sig;
		bool locked;
	} cases[] = {
		{ FIELDMDP("All", ""), true },
		{ FIELDMDP("Include", "(name)"), true },
		{ FIELDMDP("Include", "(nam)"), false },
		{ FIELDMDP("Include", "(group)"), false },
		{ FIELDMDP("Exclude", "(name)"), false },
		{ FIELDMDP("Exclude", "(group)"), true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pdf_make *m = signed_form(s, "", cases[i].sig);
		fill(m, "");
		if (cases[i].locked)
			assert_forbidden(s, m, "locked field \"name\" was filled in");
		else
			assert_allowed(s, m, "field \"name\" was filled in");
	}
}

/* An appearance that a locked field shares. */
static void test_locked_appearance_shared(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin(s, "", FIELDMDP("Include", "(group)"));
	pdf_make_object(m, 12, "<< " OTHER "/V () /AP << /N 9 0 R >> >>");
	close_revision(m);
	pdf_make_object(m, 7, "<< " NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, BOX, BYTES_LIT("(Anna) Tj"));
	assert_forbidden(s, m, "is also reached from object 12 /AP");
}

static void test_form(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 13 0 R] /DR << /Font << /F1 5 0 R >> >> "
	    "/DA (/F1 0 Tf) >>");
	assert_forbidden(s, m, "a field was removed");
	m = plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DA (/F1 0 Tf) "
	    "/DR << /Font << /F1 5 0 R /F2 20 0 R >> >> >>");
	pdf_make_object(m, 20, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	assert_allowed(s, m, "form /DR");
	m = plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DA (/F1 0 Tf) "
	    "/DR << /Font << /F1 20 0 R >> >> >>");
	pdf_make_object(m, 20, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	assert_forbidden(s, m, "form /DR");
	m = plain(s);
	pdf_make_object(m, 6, "<< " FORM " /XFA [(template) 4 0 R] >>");
	assert_forbidden(s, m, "form /XFA");
	m = plain(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	close_revision(m);
	struct modification_list l;
	struct modification_history *history;
	struct pdf_signature_list none = { 0 };
	struct pdf_signature sig = { .name = (char[]){ "seal" } };
	const struct pdf_file *file = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(modification_history_new(s, file, &none, &history), OK);
	assert_int_equal(modification_find(s, history, &sig, 0, &l), OK);
	expect(&l, false, "the form was removed");
}

/* -- signatures -- */

static void add_field(struct pdf_make *m, const char *field)
{
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R 30 0 R] /SigFlags 3 "
	    "/DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf) >>");
	pdf_make_object(m, 3, "<< " PAGE "/Annots [" ANNOTS " 30 0 R] >>");
	pdf_make_objectf(m, 30, "<< " WIDGET "%s >>", field);
}

static void test_new_signatures(void **state)
{
	struct scope *s = *state;
	static const char *const levels[] = { "", DOCMDP(1), DOCMDP(2), DOCMDP(3) };
	for (int level = 0; level < 4; level++) {
		struct pdf_make *m = signed_form(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (second) /V 31 0 R /Rect [0 0 0 0]");
		pdf_make_object(m, 31, "<< " SIG " >>");
		if (level == 1)
			assert_forbidden(s, m, "signature in new field \"second\"");
		else
			assert_allowed(s, m, "signature in new field \"second\"");
		m = signed_form(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (stamp) /V 31 0 R /Rect [0 0 0 0]");
		pdf_make_object(m, 31, "<< " STAMP " >>");
		assert_allowed(s, m, "document timestamp \"stamp\"");
		m = signed_form(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (hole) /Rect [0 0 612 792]");
		if (level == 3)
			assert_allowed(s, m, "unsigned signature field \"hole\"");
		else
			assert_forbidden(s, m, "unsigned signature field \"hole\"");
	}
	struct pdf_make *m = plain(s);
	add_field(m, "/FT /Tx /T (more) /V (x) /Rect [0 0 612 792]");
	assert_forbidden(s, m, "field \"more\" was added");
}

/* A dictionary that was there already, in a field that was not. */
static void test_old_signature_in_new_field(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	add_field(m, "/FT /Sig /T (copy) /V 10 0 R /Rect [0 0 0 0]");
	assert_forbidden(s, m, "an older signature was put into new field \"copy\"");
	m = plain(s);
	add_field(m, "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0]");
	pdf_make_object(m, 8, "<< >>");
	assert_true(changes_of(s, m).any_forbidden);
}

static void test_signing_existing_field(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = signed_form(s, "", DOCMDP(2));
	pdf_make_object(m, 13,
	    "<< " WIDGET "/FT /Sig /T (empty) /F 132 /Rect [72 400 300 460] /V 30 0 R "
	    "/AP << /N 31 0 R >> /Ff 1 >>");
	pdf_make_object(m, 30, "<< " SIG " >>");
	pdf_make_stream(m, 31, BOX, BYTES_LIT("(signed) Tj"));
	assert_allowed(s, m, "signature in field \"empty\"");
	m = plain(s);
	pdf_make_object(
	    m, 13, "<< " WIDGET "/FT /Sig /T (empty) /F 4 /Rect [0 0 612 792] /V 30 0 R >>");
	pdf_make_object(m, 30, "<< " SIG " >>");
	assert_forbidden(s, m, "/Rect of signature field \"empty\"");
	m = plain(s);
	pdf_make_object(m, 13, "<< " EMPTY "/AP << /N 9 0 R >> >>");
	assert_forbidden(s, m, "/V of signature field \"empty\"");
}

/* The later signature's own field is changed once more. */
static void test_later_field_changed(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 13, "<< " EMPTY "/V 30 0 R /AP << /N 9 0 R >> >>");
	pdf_make_object(m, 30, "<< " SIG " >>");
	close_revision(m);
	pdf_make_object(m, 13, "<< " EMPTY "/V 30 0 R >>");
	assert_forbidden(s, m, "the field of later signature \"empty\" was changed");
}

static void test_own_signature(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 10, "<< " SIG " /Name (Somebody else) >>");
	assert_forbidden(s, m, "the dictionary of signature \"seal\" was changed");
	m = plain(s);
	pdf_make_object(m, 8, "<< " WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 99 99] >>");
	assert_forbidden(s, m, "the field of signature \"seal\" was changed");
}

/* -- annotations -- */

static void test_annotations(void **state)
{
	struct scope *s = *state;
	static const char *const levels[] = { "", DOCMDP(1), DOCMDP(2), DOCMDP(3) };
	for (int level = 0; level < 4; level++) {
		const bool may = level == 0 || level == 3;
		struct pdf_make *m = signed_form(s, "", levels[level]);
		pdf_make_object(m, 3, "<< " PAGE "/Annots [" ANNOTS " 30 0 R] >>");
		pdf_make_object(m, 30, "<< " NOTE ">>");
		struct modification_list l = changes_of(s, m);
		expect(&l, may, "an annotation was added");
		assert_int_equal(l.any_annotation, may);
		m = signed_form(s, "", levels[level]);
		pdf_make_object(m, 14, "<< " NOTE "/Contents (other) >>");
		l = changes_of(s, m);
		expect(&l, may, "an annotation was changed");
		m = signed_form(s, "", levels[level]);
		pdf_make_object(m, 3, "<< " PAGE "/Annots [7 0 R 8 0 R 12 0 R 13 0 R] >>");
		l = changes_of(s, m);
		expect(&l, may, "an annotation was removed");
	}
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 3, "<< " PAGE "/Annots [7 0 R 12 0 R 13 0 R 14 0 R] >>");
	assert_forbidden(s, m, "the widget of a field was taken off its page");
	m = plain(s);
	pdf_make_object(m, 3, "<< " PAGE "/Annots [" ANNOTS " 30 0 R] >>");
	pdf_make_object(m, 30, "<< " WIDGET "/Rect [0 0 612 792] >>");
	assert_forbidden(s, m, "a widget was put on a page");
}

/* /Annots as an object of its own; and one that is /Contents too. */
static void test_annots_array(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = begin(s, shared ? "/Other 20 0 R" : "", "");
		pdf_make_object(m, 3, "<< " PAGE "/Annots 20 0 R >>");
		pdf_make_object(m, 20, "[" ANNOTS "]");
		close_revision(m);
		pdf_make_object(m, 20, "[" ANNOTS " 30 0 R]");
		pdf_make_object(m, 30, "<< " NOTE ">>");
		if (shared)
			assert_forbidden(s, m, "is also reached from object 1 /Other");
		else
			assert_allowed(s, m, "an annotation was added");
	}
}

/* A page that looks like an annotation as well. */
static void test_annotation_as_page(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin(s, "", "");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 30 0 R] /Count 2 >>");
	pdf_make_object(m, 30, "<< " NOTE "/Parent 2 0 R /Contents 4 0 R >>");
	close_revision(m);
	pdf_make_object(m, 30, "<< " NOTE "/Parent 2 0 R /Contents 9 0 R >>");
	assert_forbidden(s, m, "is also reached from object 2 /Kids");
}

/* -- references that led nowhere -- */

static void test_dangling(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin(s, "", "");
	pdf_make_object(
	    m, 3, "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 40 0 R] /Annots [" ANNOTS "] >>");
	close_revision(m);
	pdf_make_stream(m, 40, "", BYTES_LIT("(more) Tj"));
	pdf_make_object(m, 41, "<< /Certs [40 0 R] >>");
	pdf_make_object(m, 1, "<< " CATALOG " /DSS 41 0 R >>");
	assert_forbidden(
	    s, m, "was put where a reference had led nowhere (from object 3 /Contents)");
	/* Nothing leads to it. */
	m = plain(s);
	pdf_make_stream(m, 40, "", BYTES_LIT("(more) Tj"));
	assert_nothing(s, m);
}

/* -- structure elements -- */

#define ELEMENT "/Type /StructElem /S /Document /P 20 0 R "

static struct pdf_make *tagged(struct scope *s)
{
	struct pdf_make *m = begin(s, "/StructTreeRoot 20 0 R", "");
	pdf_make_object(m, 20, "<< /Type /StructTreeRoot /K [21 0 R] /ParentTree 22 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [23 0 R] >>");
	pdf_make_object(m, 22, "<< /Nums [0 23 0 R] >>");
	pdf_make_object(m, 23, "<< /Type /StructElem /S /P /P 21 0 R /K 0 >>");
	close_revision(m);
	return m;
}

static void add_tagged_field(struct pdf_make *m, const char *kid)
{
	add_field(m, "/FT /Sig /T (second) /V 31 0 R /Rect [0 0 0 0] /StructParent 1");
	pdf_make_object(m, 31, "<< " SIG " >>");
	pdf_make_object(m, 20, "<< /Type /StructTreeRoot /K [21 0 R] /ParentTree 33 0 R >>");
	pdf_make_object(m, 33, "<< /Nums [0 23 0 R 1 32 0 R] >>");
	pdf_make_objectf(m, 32, "<< /Type /StructElem /S /Form /P 21 0 R /K %s >>", kid);
}

static void test_structure(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = tagged(s);
	add_tagged_field(m, "<< /Type /OBJR /Obj 30 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [23 0 R 32 0 R] >>");
	assert_allowed(s, m, "structure tree for new fields");
	m = tagged(s);
	add_tagged_field(m, "<< /Type /OBJR /Obj 7 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [23 0 R 32 0 R] >>");
	assert_forbidden(s, m, "structure element /K");
	m = tagged(s);
	add_tagged_field(m, "<< /Type /OBJR /Obj 30 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [32 0 R 23 0 R] >>");
	assert_forbidden(s, m, "structure element /K");
	m = tagged(s);
	pdf_make_object(m, 23, "<< /Type /StructElem /S /P /P 21 0 R /K 0 /ActualText (x) >>");
	assert_forbidden(s, m, "structure element /ActualText");
}

/* -- the file -- */

static void test_file(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	pdf_make_object(m, 40, "null");
	pdf_make_raw(m, "4 0 obj\n(not listed)\nendobj\n");
	assert_forbidden(s, m, "belong to no object of an update");
	m = plain(s);
	pdf_make_raw(m, "% a comment\n\n");
	pdf_make_object(m, 40, "null");
	assert_nothing(s, m);
	m = plain(s);
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 4, .kind = 1, .offset = 17 });
	assert_forbidden(s, m, "points at older bytes");
	m = plain(s);
	pdf_make_object(m, 40, "null");
	close_revision(m);
	pdf_make_raw(m, "more");
	struct modification_list l = since(s, pdf_make_done(m), 0);
	expect(&l, false, "follows the end of the file");
}

/* An entry of an update that leads into another of its objects. */
static void test_overlap(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = plain(s);
	const size_t at = pdf_make_at(m);
	pdf_make_object(m, 40, "( 41 0 obj null endobj )");
	pdf_make_entry(m,
	    (struct pdf_make_entry){ .num = 41, .kind = 1, .offset = at + strlen("40 0 obj\n( ") });
	assert_forbidden(s, m, "an object begins inside another one");
}

/* /Prev of the last saving is cut: what was before is out of reach. */
static void test_cut_chain(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin(s, "", "");
	close_revision(m);
	m->prev = SIZE_MAX;
	pdf_make_object(m, 1, "<< " CATALOG " >>");
	pdf_make_object(m, 6, "<< /Fields [8 0 R] >>");
	pdf_make_object(m, 8, "<< " WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0] >>");
	pdf_make_object(m, 10, "<< " SIG " >>");
	close_revision(m);
	struct modification_list l = since(s, pdf_make_done(m), 0);
	expect(&l, false, "earlier savings of the file are cut off");
}

/* -- who refers to what -- */

static void test_references(void **state)
{
	struct scope *s = *state;
	struct pdf_references *r;
	const struct pdf_reference *first;
	const uint8_t *bits;
	size_t n;
	struct pdf_make *m = begin(s, "", "");
	pdf_make_object(m, 50, "<< /Alone 9 0 R >>");
	close_revision(m);
	const struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(pdf_references_collect(s, f, &r), OK);
	pdf_references_to(r, 9, &first, &n);
	assert_int_equal(n, 2);
	assert_int_equal(first[0].holder, 7);
	assert_int_equal(first[1].holder, 50);
	pdf_references_to(r, 1, &first, &n);
	assert_int_equal(n, 1);
	assert_int_equal(first[0].holder, 0);
	pdf_references_to(r, LIMIT_PDF_OBJECT_NUMBER, &first, &n);
	assert_int_equal(n, 0);
	assert_int_equal(pdf_references_reach(s, f, 0, &bits), OK);
	assert_true(bits[9 / 8] & 1 << 9 % 8);
	assert_false(bits[50 / 8] & 1 << 50 % 8);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_nothing),
		T(test_equal_rewrite),
		T(test_pages),
		T(test_catalog),
		T(test_root),
		T(test_metadata),
		T(test_info),
		T(test_store),
		T(test_store_shared),
		T(test_extensions_shared),
		T(test_filling),
		T(test_appearance),
		T(test_locks),
		T(test_locked_appearance_shared),
		T(test_form),
		T(test_new_signatures),
		T(test_old_signature_in_new_field),
		T(test_signing_existing_field),
		T(test_later_field_changed),
		T(test_own_signature),
		T(test_annotations),
		T(test_annots_array),
		T(test_annotation_as_page),
		T(test_dangling),
		T(test_structure),
		T(test_file),
		T(test_overlap),
		T(test_cut_chain),
		T(test_references),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
