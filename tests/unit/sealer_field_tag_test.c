#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/pdf_text.h"
#include "sealer/field.h"
#include "sealer/field_tag.h"
#include "tests/support/pdf_make.h"

#define BODIES 6
#define FIRST_BODY 6

/* Objects 1 to 5 are the catalog, page tree, two pages, and a look; 6 and on as given. */
struct sample {
	const char *name, *catalog, *body[BODIES];
	int64_t key;     /* /StructParent; -1: none */
	uint32_t parent; /* the object whose /K grew */
	size_t kids;     /* in it then */
	const char *why; /* part of the warning; NULL: none */
};

#define MARKED "/MarkInfo << /Marked true >> /StructTreeRoot 6 0 R"
#define ROOT "/Type /StructTreeRoot"

static const struct sample samples[] = {
	{ "no structure", "", { NULL }, -1, 0, 0, NULL },
	{ "not marked", "/StructTreeRoot 6 0 R", { "<< " ROOT " >>" }, -1, 0, 0, NULL },
	{ "marked false", "/MarkInfo << /Marked false >> /StructTreeRoot 6 0 R",
	    { "<< " ROOT " >>" }, -1, 0, 0, NULL },
	{ "marked, no tree", "/MarkInfo << /Marked true >>", { NULL }, -1, 0, 0, NULL },
	{ "an empty root", MARKED, { "<< " ROOT " >>" }, 0, 6, 1, NULL },
	{ "marked elsewhere", "/MarkInfo 7 0 R /StructTreeRoot 6 0 R",
	    { "<< " ROOT " >>", "<< /Marked 8 0 R >>", "true" }, 0, 6, 1, NULL },
	{ "one node", MARKED,
	    { "<< " ROOT " /K 7 0 R /ParentTree << /Nums [0 [8 0 R]] >> /ParentTreeNextKey 1 >>",
		"<< /S /Document /P 6 0 R /K [8 0 R] >>", "<< /S /P /P 7 0 R >>" },
	    1, 7, 2, NULL },
	{ "an empty node", MARKED, { "<< " ROOT " /ParentTree << >> >>" }, 0, 6, 1, NULL },
	{ "the next key is too low", MARKED,
	    { "<< " ROOT " /ParentTree 7 0 R /ParentTreeNextKey 1 >>",
		"<< /Nums [0 8 0 R 4 8 0 R] >>", "<< /S /P >>" },
	    5, 6, 1, NULL },
	{ "the next key leaves room", MARKED,
	    { "<< " ROOT " /ParentTree 7 0 R /ParentTreeNextKey 9 >>",
		"<< /Nums [0 8 0 R 4 8 0 R] >>", "<< /S /P >>" },
	    9, 6, 1, NULL },
	{ "the next key is impossible", MARKED, { "<< " ROOT " /ParentTreeNextKey 2147483647 >>" },
	    0, 6, 1, NULL },
	{ "pairs of their own", MARKED,
	    { "<< " ROOT " /ParentTree 7 0 R >>", "<< /Nums 8 0 R >>", "[0 [9 0 R]]",
		"<< /S /P >>" },
	    1, 6, 1, NULL },
	{ "nodes below nodes", MARKED,
	    { "<< " ROOT " /ParentTree 7 0 R /K [] >>", "<< /Kids [8 0 R 9 0 R] >>",
		"<< /Limits [0 0] /Nums [0 [11 0 R]] >>", "<< /Limits [1 2] /Kids 10 0 R >>",
		"[11 0 R]", "<< /Limits [1 2] /Nums [1 null 2 null] >>" },
	    3, 6, 1, NULL },
	{ "one kid without an array", MARKED,
	    { "<< " ROOT " /K 7 0 R >>", "<< /S /Document /P 6 0 R /K 0 /Pg 3 0 R >>" }, 0, 7, 2,
	    NULL },
	{ "one kid that is a dictionary", MARKED,
	    { "<< " ROOT " /K 7 0 R >>", "<< /S /Sect /K << /Type /MCR /MCID 0 >> >>" }, 0, 7, 2,
	    NULL },
	{ "kids of their own", MARKED,
	    { "<< " ROOT " /K 7 0 R >>", "[8 0 R]", "<< /S /Document /K 9 0 R >>", "[10 0 R]",
		"<< /S /P >>" },
	    0, 8, 2, NULL },
	{ "a top that groups nothing", MARKED, { "<< " ROOT " /K 7 0 R >>", "<< /S /P >>" }, 0, 6,
	    2, NULL },
	{ "two at the top", MARKED,
	    { "<< " ROOT " /K [7 0 R 8 0 R] >>", "<< /S /Document >>", "<< /S /Document >>" }, 0, 6,
	    3, NULL },
	{ "of PDF 2.0", MARKED,
	    { "<< " ROOT " /K 7 0 R /Namespaces [8 0 R] >>", "<< /S /Document /NS 8 0 R >>",
		"<< /Type /Namespace /NS (http://iso.org/pdf2/ssn) >>" },
	    0, 7, 1, NULL },
	/* What is damaged stays. */
	{ "a root in the catalog", "/MarkInfo << /Marked true >> /StructTreeRoot << >>", { NULL },
	    -1, 0, 0, "the structure tree has no root of its own" },
	{ "a root that is none", MARKED, { "[]" }, -1, 0, 0, "no root of its own" },
	{ "a root that is missing", "/MarkInfo << /Marked true >> /StructTreeRoot 77 0 R", { NULL },
	    -1, 0, 0, "no root of its own" },
	{ "a tree that is an array", MARKED, { "<< " ROOT " /ParentTree [0 7 0 R] >>", "<< >>" },
	    -1, 0, 0, "no number tree" },
	{ "no kids", MARKED, { "<< " ROOT " /ParentTree << /Kids [] >> >>" }, -1, 0, 0,
	    "no number tree" },
	{ "kids that are no array", MARKED, { "<< " ROOT " /ParentTree << /Kids 7 >> >>" }, -1, 0,
	    0, "no number tree" },
	{ "kids and pairs", MARKED,
	    { "<< " ROOT " /ParentTree << /Kids [7 0 R] /Nums [] >> >>", "<< /Nums [] >>" }, -1, 0,
	    0, "no number tree" },
	{ "a direct kid", MARKED, { "<< " ROOT " /ParentTree << /Kids [<< /Nums [] >>] >> >>" }, -1,
	    0, 0, "no number tree" },
	{ "half a pair", MARKED, { "<< " ROOT " /ParentTree << /Nums [0] >> >>" }, -1, 0, 0,
	    "no number tree" },
	{ "pairs that are no array", MARKED, { "<< " ROOT " /ParentTree << /Nums 0 >> >>" }, -1, 0,
	    0, "no number tree" },
	{ "a loop", MARKED, { "<< " ROOT " /ParentTree 7 0 R >>", "<< /Kids [7 0 R] >>" }, -1, 0, 0,
	    "no number tree" },
	{ "a negative key", MARKED, { "<< " ROOT " /ParentTree << /Nums [-1 null] >> >>" }, -1, 0,
	    0, "impossible key" },
	{ "no room above", MARKED, { "<< " ROOT " /ParentTree << /Nums [2147483647 null] >> >>" },
	    -1, 0, 0, "impossible key" },
	{ "a key that is none", MARKED, { "<< " ROOT " /ParentTree << /Nums [/a null] >> >>" }, -1,
	    0, 0, "impossible key" },
};

static struct bytes file_of(struct scope *s, const struct sample *x)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", x->catalog);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	pdf_make_object(m, 4, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Tabs /R >>");
	pdf_make_object(m, 5, "<< /Look true >>");
	for (uint32_t i = 0; i < BODIES; i++)
		if (x->body[i])
			pdf_make_object(m, FIRST_BODY + i, x->body[i]);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

/* A field on page object `page`, with a look or without. */
static struct pdf_file *placed(
    struct scope *s, const struct sample *x, uint32_t page, bool visible, struct field_place *place)
{
	const struct bytes before = file_of(s, x);
	struct appearance *look = scope_alloc(s, sizeof(*look));
	struct pdf_signature_list list;
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_update_result r;
	struct buf b = buf_new(s, 1 << 20);
	struct bytes all;
	*look =
	    (struct appearance){ .page = { page, 0 }, .rect = { 1, 1, 5, 5 }, .normal = { 5, 0 } };
	*place = (struct field_place){
		.look = visible ? look : NULL, .title = "\xc5\x90r", .language = "hu"
	};
	assert_int_equal(pdf_file_open(s, before, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(s, f, &list), OK);
	assert_int_equal(pdf_update_new(s, f, BYTES_NONE, &u), OK);
	assert_int_equal(field_place(s, f, &list, u, NULL, false, place), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	buf_add(&b, before);
	buf_add(&b, bytes_of(r.p, r.n));
	assert_int_equal(buf_done(&b, &all), OK);
	assert_int_equal(pdf_file_open(s, all, BYTES_NONE, &f), OK);
	return f;
}

static const struct pdf_value *object(struct scope *s, const struct pdf_file *f, uint32_t num)
{
	const struct pdf_value *v;
	assert_int_equal(pdf_file_object(s, f, 1, (struct pdf_ref){ num, 0 }, &v), OK);
	return v;
}

static const struct pdf_value *entry(
    struct scope *s, const struct pdf_file *f, const struct pdf_value *v, const char *key)
{
	const struct pdf_value *found;
	assert_int_equal(pdf_file_find(s, f, 1, v, key, &found), OK);
	return found;
}

static struct pdf_ref field_of(struct scope *s, const struct pdf_file *f)
{
	const struct pdf_value *fields =
	    entry(s, f, entry(s, f, object(s, f, 1), "AcroForm"), "Fields");
	assert_int_equal(fields->array.n, 1);
	return fields->array.item[0]->ref;
}

static int64_t whole(const struct pdf_value *v)
{
	int64_t n = -1;
	return pdf_value_integer(v, &n) ? n : -1;
}

/* Down the tree by /Limits, as a reader does. */
static const struct pdf_value *found_by_key(
    struct scope *s, const struct pdf_file *f, const struct pdf_value *node, int64_t key)
{
	const struct pdf_value *nums = entry(s, f, node, "Nums"), *kids = entry(s, f, node, "Kids");
	for (size_t i = 0; nums->kind == PDF_ARRAY && i < nums->array.n; i += 2)
		if (whole(nums->array.item[i]) == key)
			return nums->array.item[i + 1];
	for (size_t i = 0; kids->kind == PDF_ARRAY && i < kids->array.n; i++) {
		const struct pdf_value *limits = entry(s, f, kids->array.item[i], "Limits");
		if (whole(limits->array.item[0]) <= key && key <= whole(limits->array.item[1]))
			return found_by_key(s, f, kids->array.item[i], key);
	}
	fail_msg("no key");
	return NULL;
}

static void assert_tagged(struct scope *s, const struct pdf_file *f, const struct sample *x)
{
	const struct pdf_ref field = field_of(s, f);
	const struct pdf_value *root = object(s, f, 6), *kids, *objr;
	const struct pdf_value *held = found_by_key(s, f, entry(s, f, root, "ParentTree"), x->key);
	assert_int_equal(held->kind, PDF_REF);
	const struct pdf_value *element = object(s, f, held->ref.num);
	assert_true(pdf_value_is_name(pdf_value_find(element, "S"), "Form"));
	assert_true(bytes_equal_str(pdf_value_find(element, "Lang")->string, "hu"));
	assert_true(
	    pdf_value_is_ref_to(pdf_value_find(element, "P"), (struct pdf_ref){ x->parent, 0 }));
	kids = entry(s, f, element, "K");
	assert_int_equal(kids->array.n, 1);
	objr = kids->array.item[0];
	assert_true(pdf_value_is_name(pdf_value_find(objr, "Type"), "OBJR"));
	assert_true(pdf_value_is_ref_to(pdf_value_find(objr, "Obj"), field));
	assert_true(pdf_value_is_ref_to(pdf_value_find(objr, "Pg"), (struct pdf_ref){ 3, 0 }));
	kids = entry(s, f, object(s, f, x->parent), "K");
	assert_int_equal(kids->kind, PDF_ARRAY);
	assert_int_equal(kids->array.n, x->kids);
	assert_true(pdf_value_equal(kids->array.item[x->kids - 1], held));
	assert_int_equal(whole(entry(s, f, root, "ParentTreeNextKey")), x->key + 1);
	assert_int_equal(pdf_value_find(element, "NS") != NULL, strcmp(x->name, "of PDF 2.0") == 0);
}

static void assert_sample(struct scope *s, const struct sample *x)
{
	struct field_place place;
	const struct pdf_file *f = placed(s, x, 3, true, &place);
	const struct pdf_value *widget = object(s, f, field_of(s, f).num);
	assert_int_equal(whole(pdf_value_find(widget, "StructParent")), x->key);
	assert_int_equal(place.untagged != NULL, x->why != NULL);
	if (x->why && !strstr(place.untagged, x->why))
		fail_msg("%s: %s", x->name, place.untagged);
	if (x->key >= 0)
		assert_tagged(s, f, x);
	for (uint32_t i = 0; x->key < 0 && i < BODIES; i++)
		if (x->body[i])
			assert_int_equal(pdf_file_entry(f, 0, FIRST_BODY + i, NULL)->offset,
			    pdf_file_entry(f, 1, FIRST_BODY + i, NULL)->offset);
}

static void test_structures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct scope *s = scope_new(0);
		assert_sample(s, &samples[i]);
		scope_free(s);
	}
}

static const struct sample *by_name(const char *name)
{
	size_t i = 0;
	while (strcmp(samples[i].name, name) != 0)
		i++;
	return &samples[i];
}

static void test_name(void **state)
{
	struct scope *s = scope_new(0);
	struct field_place place;
	char *text;
	(void)state;
	const struct pdf_file *f = placed(s, by_name("no structure"), 3, true, &place);
	const struct pdf_value *told = pdf_value_find(object(s, f, field_of(s, f).num), "TU");
	assert_int_equal(pdf_text_decode(s, told->string, &text), OK);
	assert_string_equal(text, "\xc5\x90r");
	told = pdf_value_find(object(s, f, field_of(s, f).num), "Contents");
	assert_int_equal(pdf_text_decode(s, told->string, &text), OK);
	assert_string_equal(text, "\xc5\x90r");
	scope_free(s);
}

/* What nobody sees is no part of the structure, and has an empty look. */
static void test_invisible(void **state)
{
	struct scope *s = scope_new(0);
	struct field_place place;
	(void)state;
	const struct pdf_file *f = placed(s, by_name("one node"), 0, false, &place);
	const struct pdf_value *widget = object(s, f, field_of(s, f).num);
	assert_null(pdf_value_find(widget, "StructParent"));
	assert_null(pdf_value_find(widget, "TU"));
	const struct pdf_value *normal = entry(s, f, pdf_value_find(widget, "AP"), "N");
	assert_int_equal(normal->kind, PDF_STREAM);
	assert_int_equal(normal->stream.raw.n, 0);
	assert_int_equal(whole(entry(s, f, normal, "BBox")->array.item[3]), 0);
	scope_free(s);
}

static bool tabs_are(struct scope *s, const struct sample *x, uint32_t page, const char *order)
{
	struct field_place place;
	const struct pdf_file *f = placed(s, x, page, true, &place);
	const struct pdf_value *tabs = pdf_value_find(object(s, f, page), "Tabs");
	return order ? pdf_value_is_name(tabs, order) : tabs == NULL;
}

/* ISO 14289-1 7.18.3; what a page says itself stays. */
static void test_order_of_tabs(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	assert_true(tabs_are(s, by_name("one node"), 3, "S"));
	assert_true(tabs_are(s, by_name("one node"), 4, "R"));
	assert_true(tabs_are(s, by_name("no structure"), 3, NULL));
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structures),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_invisible),
		cmocka_unit_test(test_order_of_tabs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
