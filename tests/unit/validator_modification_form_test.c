/* Fields, signatures, annotations, structure elements after a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/pdf_reread.h"
#include "tests/support/sealed_form.h"

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

/* -- fields -- */

static void fill(struct pdf_make *m, const char *more)
{
	pdf_make_objectf(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP << /N 20 0 R >> %s >>", more);
	pdf_make_stream(m, 20, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
}

static void test_filling(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	fill(m, "/Ff 1");
	sealed_form_allows(s, m, "field \"name\" was filled in");
	m = sealed_form_new(s, "", SEALED_FORM_DOCMDP(2));
	fill(m, "");
	sealed_form_allows(s, m, "field \"name\" was filled in");
	m = sealed_form_new(s, "", SEALED_FORM_DOCMDP(1));
	fill(m, "");
	sealed_form_forbids(s, m, "field \"name\" was filled in");
	m = sealed_form_plain(s);
	fill(m, "/Ff 2");
	sealed_form_forbids(s, m, "/Ff of field \"name\"");
	/* A border that holds anyway, and another. */
	m = sealed_form_plain(s);
	fill(m, "/BS << /W 1 /S /S >>");
	sealed_form_allows(s, m, "field \"name\" was filled in");
	static const char *const other[] = { "/BS << /W 2 >>", "/BS << /S /D >>", "/BS 1",
		"/BS << /D [3] >>" };
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		m = sealed_form_plain(s);
		fill(m, other[i]);
		sealed_form_forbids(s, m, "/BS of field \"name\"");
	}
	m = sealed_form_plain(s);
	pdf_make_object(m, 7,
	    "<< " SEALED_FORM_WIDGET
	    "/FT /Tx /T (name) /F 4 /V () /AP << /N 9 0 R >> /Rect [0 0 612 792] >>");
	sealed_form_forbids(s, m, "/Rect of field \"name\"");
	m = sealed_form_plain(s);
	pdf_make_object(m, 7,
	    "<< " SEALED_FORM_WIDGET
	    "/FT /Tx /T (name) /F 6 /V () /AP << /N 9 0 R >> /Rect [72 600 300 620] >>");
	sealed_form_forbids(s, m, "/F of field \"name\"");
	m = sealed_form_plain(s);
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP null >>");
	sealed_form_forbids(s, m, "the appearance of field \"name\" was removed");
}

/* An appearance rewritten in place: with its field, without, and used elsewhere. */
static void test_appearance(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
	sealed_form_allows(s, m, "field \"name\" was filled in");
	m = sealed_form_plain(s);
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
	sealed_form_forbids(s, m, "a form XObject was changed");
	m = sealed_form_new(s, "/FooBar 9 0 R", "");
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
	sealed_form_forbids(s, m, "is also reached from object 1 /FooBar");
	/* What no trailer leads to is no place. */
	m = sealed_form_begin(s, "", "");
	pdf_make_object(m, 30, "<< /FooBar 9 0 R >>");
	sealed_form_close(m);
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
	sealed_form_allows(s, m, "field \"name\" was filled in");
}

static void test_locks(void **state)
{
	struct scope *s = *state;
	static const struct {
		const char *sig;
		bool locked;
	} cases[] = {
		{ SEALED_FORM_FIELDMDP("All", ""), true },
		{ SEALED_FORM_FIELDMDP("Include", "(name)"), true },
		{ SEALED_FORM_FIELDMDP("Include", "(nam)"), false },
		{ SEALED_FORM_FIELDMDP("Include", "(group)"), false },
		{ SEALED_FORM_FIELDMDP("Exclude", "(name)"), false },
		{ SEALED_FORM_FIELDMDP("Exclude", "(group)"), true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pdf_make *m = sealed_form_new(s, "", cases[i].sig);
		fill(m, "");
		if (cases[i].locked)
			sealed_form_forbids(s, m, "locked field \"name\" was filled in");
		else
			sealed_form_allows(s, m, "field \"name\" was filled in");
	}
}

/* An appearance that a locked field shares. */
static void test_locked_appearance_shared(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_begin(s, "", SEALED_FORM_FIELDMDP("Include", "(group)"));
	pdf_make_object(m, 12, "<< " SEALED_FORM_OTHER "/V () /AP << /N 9 0 R >> >>");
	sealed_form_close(m);
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V (Anna) /AP << /N 9 0 R >> >>");
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("(Anna) Tj"));
	sealed_form_forbids(s, m, "is also reached from object 12 /AP");
}

static void test_form(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 13 0 R] /DR << /Font << /F1 5 0 R >> >> "
	    "/DA (/F1 0 Tf) >>");
	sealed_form_forbids(s, m, "a field was removed");
	m = sealed_form_plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DA (/F1 0 Tf) "
	    "/DR << /Font << /F1 5 0 R /F2 20 0 R >> >> >>");
	pdf_make_object(m, 20, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	sealed_form_allows(s, m, "form /DR");
	m = sealed_form_plain(s);
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DA (/F1 0 Tf) "
	    "/DR << /Font << /F1 20 0 R >> >> >>");
	pdf_make_object(m, 20, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	sealed_form_forbids(s, m, "form /DR");
	m = sealed_form_plain(s);
	pdf_make_object(m, 6, "<< " SEALED_FORM_FORM " /XFA [(template) 4 0 R] >>");
	sealed_form_forbids(s, m, "form /XFA");
	m = sealed_form_plain(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	sealed_form_close(m);
	struct modification_list l;
	struct modification_history *history;
	struct pdf_signature_list none = { 0 };
	struct pdf_signature sig = { .name = (char[]){ "seal" } };
	const struct pdf_file *file = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(modification_history_new(s, file, &none, &history), OK);
	assert_int_equal(modification_find(s, history, &sig, 0, NULL, &l), OK);
	sealed_form_expect(&l, false, "the form was removed");
}

/* -- signatures -- */

static void add_field(struct pdf_make *m, const char *field)
{
	pdf_make_object(m, 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 13 0 R 30 0 R] /SigFlags 3 "
	    "/DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf) >>");
	pdf_make_object(m, 3, "<< " SEALED_FORM_PAGE "/Annots [" SEALED_FORM_ANNOTS " 30 0 R] >>");
	pdf_make_objectf(m, 30, "<< " SEALED_FORM_WIDGET "%s >>", field);
}

static void test_new_signatures(void **state)
{
	struct scope *s = *state;
	static const char *const levels[] = { "", SEALED_FORM_DOCMDP(1), SEALED_FORM_DOCMDP(2),
		SEALED_FORM_DOCMDP(3) };
	for (int level = 0; level < 4; level++) {
		struct pdf_make *m = sealed_form_new(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (second) /V 31 0 R /Rect [0 0 0 0]");
		pdf_make_object(m, 31, "<< " SEALED_FORM_SIG " >>");
		if (level == 1)
			sealed_form_forbids(s, m, "signature in new field \"second\"");
		else
			sealed_form_allows(s, m, "signature in new field \"second\"");
		m = sealed_form_new(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (stamp) /V 31 0 R /Rect [0 0 0 0]");
		pdf_make_object(m, 31, "<< " SEALED_FORM_STAMP " >>");
		sealed_form_allows(s, m, "document timestamp \"stamp\"");
		m = sealed_form_new(s, "", levels[level]);
		add_field(m, "/FT /Sig /T (hole) /Rect [0 0 612 792]");
		if (level == 0 || level == 3)
			sealed_form_allows(s, m, "unsigned signature field \"hole\"");
		else
			sealed_form_forbids(s, m, "unsigned signature field \"hole\"");
	}
	/* Without DocMDP: as long as it shows nothing. */
	struct pdf_make *m = sealed_form_plain(s);
	add_field(m, "/FT /Sig /T (hole) /Rect [0 0 9 9] /AP << /N 31 0 R >>");
	pdf_make_stream(m, 31, SEALED_FORM_BOX, BYTES_NONE);
	sealed_form_allows(s, m, "unsigned signature field \"hole\"");
	static const char *const more[] = { "/AP << /N 9 0 R >>", "/MK << /BG [1] >>",
		"/A << /S /Named >>", "/Kids [14 0 R]" };
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		char field[128];
		m = sealed_form_plain(s);
		snprintf(field, sizeof(field), "/FT /Sig /T (hole) /Rect [0 0 9 9] %s", more[i]);
		add_field(m, field);
		sealed_form_forbids(s, m, "unsigned signature field \"hole\"");
	}
	m = sealed_form_plain(s);
	add_field(m, "/FT /Tx /T (more) /V (x) /Rect [0 0 612 792]");
	sealed_form_forbids(s, m, "field \"more\" was added");
}

/* A dictionary that was there already, in a field that was not. */
static void test_old_signature_in_new_field(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	add_field(m, "/FT /Sig /T (copy) /V 10 0 R /Rect [0 0 0 0]");
	sealed_form_forbids(s, m, "an older signature was put into new field \"copy\"");
	m = sealed_form_plain(s);
	add_field(m, "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0]");
	pdf_make_object(m, 8, "<< >>");
	assert_true(sealed_form_changes(s, m).any_forbidden);
}

static void test_signing_existing_field(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_new(s, "", SEALED_FORM_DOCMDP(2));
	pdf_make_object(m, 13,
	    "<< " SEALED_FORM_WIDGET "/FT /Sig /T (empty) /F 132 /Rect [72 400 300 460] /V 30 0 R "
	    "/AP << /N 31 0 R >> /Ff 1 >>");
	pdf_make_object(m, 30, "<< " SEALED_FORM_SIG " >>");
	pdf_make_stream(m, 31, SEALED_FORM_BOX, BYTES_LIT("(signed) Tj"));
	sealed_form_allows(s, m, "signature in field \"empty\"");
	m = sealed_form_plain(s);
	pdf_make_object(m, 13,
	    "<< " SEALED_FORM_WIDGET "/FT /Sig /T (empty) /F 4 /Rect [0 0 612 792] /V 30 0 R >>");
	pdf_make_object(m, 30, "<< " SEALED_FORM_SIG " >>");
	sealed_form_forbids(s, m, "/Rect of signature field \"empty\"");
	m = sealed_form_plain(s);
	pdf_make_object(m, 13, "<< " SEALED_FORM_EMPTY "/AP << /N 9 0 R >> >>");
	sealed_form_forbids(s, m, "/V of signature field \"empty\"");
}

/* The later signature's own field is changed once more. */
static void test_later_field_changed(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 13, "<< " SEALED_FORM_EMPTY "/V 30 0 R /AP << /N 9 0 R >> >>");
	pdf_make_object(m, 30, "<< " SEALED_FORM_SIG " >>");
	sealed_form_close(m);
	pdf_make_object(m, 13, "<< " SEALED_FORM_EMPTY "/V 30 0 R >>");
	sealed_form_forbids(s, m, "the field of later signature \"empty\" was changed");
}

static void test_own_signature(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 10, "<< " SEALED_FORM_SIG " /Name (Somebody else) >>");
	sealed_form_forbids(s, m, "the dictionary of signature \"seal\" was changed");
	m = sealed_form_plain(s);
	pdf_make_object(
	    m, 8, "<< " SEALED_FORM_WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 99 99] >>");
	sealed_form_forbids(s, m, "the field of signature \"seal\" was changed");
}

/* -- annotations -- */

static void test_annotations(void **state)
{
	struct scope *s = *state;
	static const char *const levels[] = { "", SEALED_FORM_DOCMDP(1), SEALED_FORM_DOCMDP(2),
		SEALED_FORM_DOCMDP(3) };
	for (int level = 0; level < 4; level++) {
		const bool may = level == 0 || level == 3;
		struct pdf_make *m = sealed_form_new(s, "", levels[level]);
		pdf_make_object(
		    m, 3, "<< " SEALED_FORM_PAGE "/Annots [" SEALED_FORM_ANNOTS " 30 0 R] >>");
		pdf_make_object(m, 30, "<< " SEALED_FORM_NOTE ">>");
		struct modification_list l = sealed_form_changes(s, m);
		sealed_form_expect(&l, may, "an annotation was added");
		assert_int_equal(l.any_annotation, may);
		m = sealed_form_new(s, "", levels[level]);
		pdf_make_object(m, 14, "<< " SEALED_FORM_NOTE "/Contents (other) >>");
		l = sealed_form_changes(s, m);
		sealed_form_expect(&l, may, "an annotation was changed");
		m = sealed_form_new(s, "", levels[level]);
		pdf_make_object(
		    m, 3, "<< " SEALED_FORM_PAGE "/Annots [7 0 R 8 0 R 12 0 R 13 0 R] >>");
		l = sealed_form_changes(s, m);
		sealed_form_expect(&l, may, "an annotation was removed");
	}
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 3, "<< " SEALED_FORM_PAGE "/Annots [7 0 R 12 0 R 13 0 R 14 0 R] >>");
	sealed_form_forbids(s, m, "the widget of a field was taken off its page");
	m = sealed_form_plain(s);
	pdf_make_object(m, 3, "<< " SEALED_FORM_PAGE "/Annots [" SEALED_FORM_ANNOTS " 30 0 R] >>");
	pdf_make_object(m, 30, "<< " SEALED_FORM_WIDGET "/Rect [0 0 612 792] >>");
	sealed_form_forbids(s, m, "a widget was put on a page");
}

/* /Annots as an object of its own; and one that is /Contents too. */
static void test_annots_array(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = sealed_form_begin(s, shared ? "/Other 20 0 R" : "", "");
		pdf_make_object(m, 3, "<< " SEALED_FORM_PAGE "/Annots 20 0 R >>");
		pdf_make_object(m, 20, "[" SEALED_FORM_ANNOTS "]");
		sealed_form_close(m);
		pdf_make_object(m, 20, "[" SEALED_FORM_ANNOTS " 30 0 R]");
		pdf_make_object(m, 30, "<< " SEALED_FORM_NOTE ">>");
		if (shared)
			sealed_form_forbids(s, m, "is also reached from object 1 /Other");
		else
			sealed_form_allows(s, m, "an annotation was added");
	}
}

/* A page that looks like an annotation as well. */
static void test_annotation_as_page(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_begin(s, "", "");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 30 0 R] /Count 2 >>");
	pdf_make_object(m, 30, "<< " SEALED_FORM_NOTE "/Parent 2 0 R /Contents 4 0 R >>");
	sealed_form_close(m);
	pdf_make_object(m, 30, "<< " SEALED_FORM_NOTE "/Parent 2 0 R /Contents 9 0 R >>");
	sealed_form_forbids(s, m, "is also reached from object 2 /Kids");
}

/* -- structure elements -- */

#define ELEMENT "/Type /StructElem /S /Document /P 20 0 R "

static struct pdf_make *tagged(struct scope *s)
{
	struct pdf_make *m = sealed_form_begin(s, "/StructTreeRoot 20 0 R", "");
	pdf_make_object(m, 20, "<< /Type /StructTreeRoot /K [21 0 R] /ParentTree 22 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [23 0 R] >>");
	pdf_make_object(m, 22, "<< /Nums [0 23 0 R] >>");
	pdf_make_object(m, 23, "<< /Type /StructElem /S /P /P 21 0 R /K 0 >>");
	sealed_form_close(m);
	return m;
}

static void add_tagged_field(struct pdf_make *m, const char *kid)
{
	add_field(m, "/FT /Sig /T (second) /V 31 0 R /Rect [0 0 0 0] /StructParent 1");
	pdf_make_object(m, 31, "<< " SEALED_FORM_SIG " >>");
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
	sealed_form_allows(s, m, "structure tree for new fields");
	m = tagged(s);
	add_tagged_field(m, "<< /Type /OBJR /Obj 7 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [23 0 R 32 0 R] >>");
	sealed_form_forbids(s, m, "structure element /K");
	m = tagged(s);
	add_tagged_field(m, "<< /Type /OBJR /Obj 30 0 R >>");
	pdf_make_object(m, 21, "<< " ELEMENT "/K [32 0 R 23 0 R] >>");
	sealed_form_forbids(s, m, "structure element /K");
	m = tagged(s);
	pdf_make_object(m, 23, "<< /Type /StructElem /S /P /P 21 0 R /K 0 /ActualText (x) >>");
	sealed_form_forbids(s, m, "structure element /ActualText");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
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
		T(test_structure),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
