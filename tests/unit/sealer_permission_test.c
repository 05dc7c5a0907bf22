/* Certification and locks: what stands in the file, what is refused, and how the judge takes later
 * changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/permission.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static struct pdf_field_lock lock_of(
    enum pdf_fieldmdp action, char **fields, size_t n, int permissions)
{
	return (struct pdf_field_lock){ action, fields, n, permissions, false };
}

/* -- what stands in the file -- */

struct reading {
	struct pdf_file *file;
	struct pdf_signature_list list;
	const struct pdf_value *catalog;
};

static struct reading read_file(struct office *o, struct bytes document)
{
	struct reading r;
	scope_forgive(o->s);
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &r.file), OK);
	assert_int_equal(pdf_signature_list(o->s, r.file, &r.list), OK);
	assert_int_equal(pdf_file_catalog(o->s, r.file, pdf_file_latest(r.file), &r.catalog), OK);
	return r;
}

static const struct pdf_value *find(
    struct office *o, const struct reading *r, const struct pdf_value *v, const char *key)
{
	const struct pdf_value *found;
	assert_int_equal(
	    pdf_file_find(o->s, r->file, pdf_file_latest(r->file), v, key, &found), OK);
	return found;
}

static void assert_perms_lead_to(
    struct office *o, const struct reading *r, const struct pdf_signature *sig)
{
	const struct pdf_value *perms = find(o, r, r->catalog, "Perms");
	assert_true(pdf_value_is_ref_to(pdf_value_find(perms, "DocMDP"), sig->value));
}

static bool contains(struct bytes hay, const char *needle)
{
	return bytes_find(hay, bytes_of_str(needle), 0) != BYTES_NOT_FOUND;
}

static void test_certification(void **state)
{
	struct office *o = *state;
	struct bytes before = pdf_make_form(o->s);
	for (int p = 1; p <= 3; p++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		q.certify = p;
		struct bytes after = office_seal(o, &q, before);
		const struct reading r = read_file(o, after);
		assert_int_equal(r.list.n, 1);
		assert_int_equal(r.list.item[0].docmdp, p);
		assert_int_equal(r.list.item[0].fieldmdp.action, PDF_FIELDMDP_NONE);
		assert_perms_lead_to(o, &r, &r.list.item[0]);
		assert_false(contains(after, "/DigestMethod"));
	}
	const struct seal_request plain = mini_pki_request(o->p, SEAL_B_B);
	assert_false(contains(office_seal(o, &plain, before), "/Perms"));
	assert_false(contains(office_seal(o, &plain, before), "/Reference"));
}

/* Archive timestamps and validation data come after it even with P=1, and everything passes. */
static void test_certified_at_every_level(void **state)
{
	struct office *o = *state;
	for (int level = SEAL_B_B; level <= SEAL_B_LTA; level++)
		for (int p = 1; p <= 3; p++) {
			struct seal_request q = mini_pki_request(o->p, (enum seal_level)level);
			q.certify = p;
			struct bytes after = office_seal(o, &q, pdf_make_one_page(o->s));
			if (level == SEAL_B_LTA)
				after = office_extend(o, &q, after);
			const struct report *r = office_judge(o, after, level >= SEAL_B_LT);
			assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
			for (size_t i = 0; i < r->n_signatures; i++)
				assert_true(r->signatures[i].intact);
		}
}

static struct bytes with_catalog(struct office *o, const char *catalog, const char *object_9)
{
	struct pdf_make *m = pdf_make_begin_one_page(o->s);
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", catalog);
	pdf_make_object(m, 9, object_9);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static void test_other_permissions_stay(void **state)
{
	static const struct {
		const char *catalog, *nine;
		bool stays;
	} cases[] = {
		{ "/Perms << /UR3 9 0 R >>", "<< /Type /Sig >>", true },
		{ "/Perms 9 0 R", "<< /UR3 << /Type /Sig >> >>", true },
		{ "/Perms 9 0 R", "[1]", false },
		{ "/Perms null", "null", false },
		{ "/Perms 77 0 R", "null", false },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
		q.certify = 2;
		const struct reading r = read_file(
		    o, office_seal(o, &q, with_catalog(o, cases[i].catalog, cases[i].nine)));
		assert_perms_lead_to(o, &r, &r.list.item[0]);
		const struct pdf_value *perms = find(o, &r, r.catalog, "Perms");
		assert_int_equal(pdf_value_find(perms, "UR3") != NULL, cases[i].stays);
	}
}

static const struct pdf_value *fieldmdp_of(
    struct office *o, const struct reading *r, const struct pdf_signature *sig)
{
	const struct pdf_value *refs = find(o, r, sig->dict, "Reference");
	for (size_t i = 0; refs->kind == PDF_ARRAY && i < refs->array.n; i++)
		if (pdf_value_is_name(
			pdf_value_find(refs->array.item[i], "TransformMethod"), "FieldMDP"))
			return refs->array.item[i];
	return NULL;
}

static void test_lock_of_new_field(void **state)
{
	struct office *o = *state;
	char *names[] = { (char[]){ "name" } };
	const struct pdf_field_lock locks[] = { lock_of(PDF_FIELDMDP_ALL, NULL, 0, 0),
		lock_of(PDF_FIELDMDP_INCLUDE, names, 1, 2),
		lock_of(PDF_FIELDMDP_EXCLUDE, names, 1, 1) };
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
		q.lock = &locks[i];
		q.field = "new";
		const struct reading r = read_file(o, office_seal(o, &q, pdf_make_form(o->s)));
		const struct pdf_signature *sig = &r.list.item[0];
		assert_string_equal(sig->name, "new");
		assert_int_equal(sig->docmdp, 0);
		assert_int_equal(sig->fieldmdp.action, locks[i].action);
		assert_int_equal(sig->lock.action, locks[i].action);
		assert_int_equal(sig->lock.permissions, locks[i].permissions);
		assert_int_equal(sig->lock.n_fields, locks[i].n_fields);
		for (size_t k = 0; k < locks[i].n_fields; k++)
			assert_string_equal(sig->fieldmdp.fields[k], locks[i].fields[k]);
		/* Tables 235 and 256: references where they have to be. */
		assert_int_equal(pdf_value_find(sig->field_dict, "Lock")->kind, PDF_REF);
		assert_true(pdf_value_is_ref_to(
		    pdf_value_find(fieldmdp_of(o, &r, sig), "Data"), r.file->root));
		assert_null(pdf_value_find(r.catalog, "Perms"));
	}
}

static void test_certified_and_locked(void **state)
{
	struct office *o = *state;
	const struct pdf_field_lock all = lock_of(PDF_FIELDMDP_ALL, NULL, 0, 0);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	q.lock = &all;
	q.certify = 2;
	const struct reading r = read_file(o, office_seal(o, &q, pdf_make_form(o->s)));
	assert_int_equal(r.list.item[0].docmdp, 2);
	assert_int_equal(r.list.item[0].fieldmdp.action, PDF_FIELDMDP_ALL);
	assert_int_equal(find(o, &r, r.list.item[0].dict, "Reference")->array.n, 2);
	/* The field was there, and nobody had signed: it has the lock as well. */
	assert_string_equal(r.list.item[0].name, "seal");
	assert_int_equal(r.list.item[0].lock.action, PDF_FIELDMDP_ALL);
}

/* -- what is refused -- */

static void assert_refused(
    struct office *o, const struct seal_request *q, struct bytes document, const char *text)
{
	struct seal_outcome outcome;
	struct bytes sealed;
	scope_forgive(o->s);
	assert_int_equal(office_try(o, o->s, q, false, document, &sealed, &outcome), ERR_DENIED);
	if (!strstr(scope_fault_text(o->s), text))
		fail_msg("\"%s\" does not tell of \"%s\"", scope_fault_text(o->s), text);
	scope_forgive(o->s);
}

static void test_only_the_first_certifies(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct bytes once = office_seal(o, &q, pdf_make_one_page(o->s));
	q.certify = 3;
	assert_refused(o, &q, once, "only the first signature may certify");
	assert_refused(o, &q, office_seal(o, &q, pdf_make_one_page(o->s)),
	    "only the first signature may certify");
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d,
	    &(struct paper_signature){ .is_timestamp = true,
		.cms = { .stamps = { { .tsa = "tsa", .at = o->w->now.unix_s } }, .n_stamps = 1 } });
	assert_refused(o, &q, d->document, "only the first signature may certify");
}

static void test_levels_that_hold(void **state)
{
	struct office *o = *state;
	for (int first = 1; first <= 3; first++)
		for (int second = 1; second <= 3; second++) {
			const struct pdf_field_lock lock =
			    lock_of(PDF_FIELDMDP_ALL, NULL, 0, second);
			struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
			q.certify = first;
			struct bytes once = office_seal(o, &q, pdf_make_one_page(o->s));
			q.certify = 0;
			q.lock = &lock;
			if (first == 1) {
				assert_refused(o, &q, once, "allows no further change");
			} else if (second > first) {
				assert_refused(o, &q, once, "permits no more than P=2");
			} else {
				const struct report *r =
				    office_judge(o, office_seal(o, &q, once), false);
				assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
			}
		}
}

static void test_names_to_lock(void **state)
{
	static const struct {
		const char *name;
		bool is_there;
	} cases[] = { { "name", true }, { "seal", true }, { "nam", false }, { "name.x", false },
		{ "", false } };
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char copy[16];
		char *names[] = { strcpy(copy, cases[i].name) };
		const struct pdf_field_lock lock = lock_of(PDF_FIELDMDP_INCLUDE, names, 1, 0);
		struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
		q.lock = &lock;
		if (cases[i].is_there)
			office_seal(o, &q, pdf_make_form(o->s));
		else
			assert_refused(o, &q, pdf_make_form(o->s), "is not in the document");
	}
}

/* -- fields that are there -- */

#define FIELD "/Type /Annot /Subtype /Widget /P 3 0 R /Rect [9 9 99 99] /FT"

static struct bytes form_with(struct office *o, const char *a, const char *b)
{
	struct pdf_make *m = pdf_make_begin_one_page(o->s);
	pdf_make_object(
	    m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R 8 0 R 9 0 R] >> >>");
	pdf_make_object(m, 7, "<< " FIELD " /Tx /T (group) /Kids [10 0 R] >>");
	pdf_make_objectf(m, 8, "<< " FIELD " /Sig /T (a) %s >>", a);
	pdf_make_objectf(m, 9, "<< " FIELD " /Sig /T (b) %s >>", b);
	pdf_make_object(m, 10, "<< " FIELD " /Tx /T (name) /Parent 7 0 R >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static struct seal_request request_for(
    struct office *o, const char *field, const struct pdf_field_lock *lock)
{
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.field = field;
	q.lock = lock;
	return q;
}

/* A field's own lock counts; another one cannot be had. */
static void test_own_lock(void **state)
{
	struct office *o = *state;
	char *names[] = { (char[]){ "b" }, (char[]){ "group" } };
	char *swapped[] = { names[1], names[0] };
	const struct pdf_field_lock same = lock_of(PDF_FIELDMDP_INCLUDE, swapped, 2, 2),
				    fewer = lock_of(PDF_FIELDMDP_INCLUDE, names, 1, 0),
				    other = lock_of(PDF_FIELDMDP_EXCLUDE, names, 2, 0),
				    all = lock_of(PDF_FIELDMDP_ALL, NULL, 0, 0),
				    stricter = lock_of(PDF_FIELDMDP_INCLUDE, names, 2, 1);
	struct bytes form =
	    form_with(o, "/Lock << /Action /Include /Fields [(b) (group)] /P 2 >>", "");
	const struct pdf_field_lock *const refused[] = { &fewer, &other, &all, &stricter };
	struct seal_request q = request_for(o, "a", &same);
	const struct reading r = read_file(o, office_seal(o, &q, form));
	assert_int_equal(r.list.item[0].fieldmdp.n_fields, 2);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		q = request_for(o, "a", refused[i]);
		assert_refused(o, &q, form, "has a lock of its own");
	}
	q = request_for(o, "a", NULL);
	q.certify = 3;
	assert_refused(o, &q, form, "it cannot certify P=3");
	q.certify = 2;
	office_seal(o, &q, form);
}

/* Once there is a signature, the field stays what it is. */
static void test_lock_in_signed_document(void **state)
{
	struct office *o = *state;
	const struct pdf_field_lock all = lock_of(PDF_FIELDMDP_ALL, NULL, 0, 0),
				    level = lock_of(PDF_FIELDMDP_ALL, NULL, 0, 2);
	struct seal_request q = request_for(o, "a", NULL);
	struct bytes once = office_seal(o, &q, form_with(o, "", ""));
	q = request_for(o, "b", &all);
	struct bytes twice = office_seal(o, &q, once);
	const struct reading r = read_file(o, twice);
	assert_int_equal(r.list.item[1].fieldmdp.action, PDF_FIELDMDP_ALL);
	assert_null(pdf_value_find(r.list.item[1].field_dict, "Lock"));
	assert_int_equal(office_judge(o, twice, false)->conclusion, CONCLUSION_TOTAL_PASSED);
	q = request_for(o, "b", &level);
	assert_refused(o, &q, once, "only a new field can get a lock level");
	q = request_for(o, "c", &level);
	twice = office_seal(o, &q, once);
	assert_int_equal(office_judge(o, twice, false)->conclusion, CONCLUSION_TOTAL_PASSED);
}

/* The only empty field is left alone when it is not for us. */
static void test_fields_not_to_be_taken(void **state)
{
	struct office *o = *state;
	struct seal_request q = request_for(o, "a", NULL);
	struct bytes once =
	    office_seal(o, &q, form_with(o, "/Lock << /Action /Include /Fields [(b)] >>", ""));
	q = request_for(o, NULL, NULL);
	struct bytes twice = office_seal(o, &q, once);
	const struct report *r = office_judge(o, twice, false);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_string_equal(r->signatures[1].name, "Signature1");
	q = request_for(o, "b", NULL);
	assert_refused(o, &q, once, "was locked by an earlier signature");
}

static void test_read_only_fields(void **state)
{
	struct office *o = *state;
	struct bytes form = form_with(o, "/Ff 1", "/V << /Type /Sig >>");
	struct seal_request q = request_for(o, "a", NULL);
	assert_refused(o, &q, form, "is read-only");
	q = request_for(o, NULL, NULL);
	const struct reading r = read_file(o, office_seal(o, &q, form));
	bool made = false;
	for (size_t i = 0; i < r.list.n; i++)
		made |= strcmp(r.list.item[i].name, "Signature1") == 0;
	assert_true(made);
}

/* A lock of all fields, or of all but some, leaves room for none but timestamps. */
static void test_no_new_field_under_lock(void **state)
{
	struct office *o = *state;
	char *names[] = { (char[]){ "b" } };
	const struct pdf_field_lock all = lock_of(PDF_FIELDMDP_ALL, NULL, 0, 0),
				    others = lock_of(PDF_FIELDMDP_EXCLUDE, names, 1, 0);
	struct seal_request q = request_for(o, "a", &all);
	struct bytes once = office_seal(o, &q, form_with(o, "", ""));
	q = request_for(o, NULL, NULL);
	assert_refused(o, &q, once, "none may be added");
	q = mini_pki_request(o->p, SEAL_B_LTA);
	once = office_extend(o, &q, once);
	assert_int_equal(office_judge(o, once, true)->conclusion, CONCLUSION_TOTAL_PASSED);
	/* The one that is left out of the lock is taken. */
	q = request_for(o, "a", &others);
	once = office_seal(o, &q, form_with(o, "", ""));
	q = request_for(o, NULL, NULL);
	once = office_seal(o, &q, once);
	assert_string_equal(office_judge(o, once, false)->signatures[1].name, "b");
	assert_int_equal(office_judge(o, once, false)->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_refused(o, &q, once, "none may be added");
}

/* Timestamps share the look of the seal; where it is none to share, P=1 and locks go without. */
static void test_looks_of_timestamps(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	q.certify = 1;
	struct reading r = read_file(o, office_seal(o, &q, pdf_make_one_page(o->s)));
	assert_int_equal(r.list.n, 2);
	const struct pdf_value *look = pdf_value_find(r.list.item[0].field_dict, "AP");
	assert_non_null(look);
	assert_true(pdf_value_equal(look, pdf_value_find(r.list.item[1].field_dict, "AP")));
	for (int p = 1; p <= 2; p++) {
		struct paper *d = paper_new(o->p, "form");
		paper_sign(d,
		    &(struct paper_signature){ .cms.by = "signer", .field = "seal", .docmdp = p });
		r = read_file(o, office_extend(o, &q, d->document));
		assert_true(r.list.item[r.list.n - 1].is_document_timestamp);
		look = pdf_value_find(r.list.item[r.list.n - 1].field_dict, "AP");
		assert_int_equal(look != NULL, p == 2);
	}
}

/* -- what may come later -- */

enum later {
	LATER_FILL,
	LATER_NOTE,
	LATER_PAGE,
	LATER_SEAL,     /* in a new field */
	LATER_SEAL_OLD, /* in the field "seal" */
	LATER_ARCHIVE,
	LATER_N,
};

static struct bytes change(struct office *o, struct bytes sealed, enum later what)
{
	static const char *const by_hand[] = { "fill", "annotation", "page" };
	struct paper *d = paper_new(o->p, "one-page");
	d->document = sealed;
	switch (what) {
	case LATER_FILL:
	case LATER_NOTE:
	case LATER_PAGE:
		paper_change(d, by_hand[what]);
		break;
	case LATER_SEAL:
		paper_sign(d, &(struct paper_signature){ .cms.by = "other", .field = "third" });
		break;
	case LATER_SEAL_OLD:
		paper_sign(d, &(struct paper_signature){ .cms.by = "other", .field = "seal" });
		break;
	case LATER_ARCHIVE:
	case LATER_N: {
		const struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
		return office_extend(o, &q, sealed);
	}
	}
	return d->document;
}

static void test_what_may_come_later(void **state)
{
	char *names[] = { (char[]){ "name" } };
	char *seals[] = { (char[]){ "seal" } };
	/* fill, note, page, seal, seal in the field that was there, archive */
	const struct {
		int certify;
		struct pdf_field_lock lock;
		bool allowed[LATER_N];
	} cases[] = {
		{ 0, { 0 }, { true, true, false, true, true, true } },
		{ 1, { 0 }, { false, false, false, false, false, true } },
		{ 2, { 0 }, { true, false, false, true, true, true } },
		{ 3, { 0 }, { true, true, false, true, true, true } },
		{ 0, { .action = PDF_FIELDMDP_ALL }, { false, true, false, false, false, true } },
		{ 0, { PDF_FIELDMDP_INCLUDE, names, 1, 0, false },
		    { false, true, false, true, true, true } },
		{ 0, { PDF_FIELDMDP_INCLUDE, seals, 1, 0, false },
		    { true, true, false, true, false, true } },
		{ 0, { PDF_FIELDMDP_EXCLUDE, names, 1, 0, false },
		    { true, true, false, false, false, true } },
		{ 0, { PDF_FIELDMDP_EXCLUDE, seals, 1, 0, false },
		    { false, true, false, false, true, true } },
		{ 0, { PDF_FIELDMDP_EXCLUDE, names, 1, 1, false },
		    { false, false, false, false, false, true } },
		{ 0, { PDF_FIELDMDP_EXCLUDE, names, 1, 2, false },
		    { true, false, false, false, false, true } },
		{ 0, { PDF_FIELDMDP_EXCLUDE, names, 1, 3, false },
		    { true, true, false, false, false, true } },
		{ 3, { PDF_FIELDMDP_EXCLUDE, names, 1, 0, false },
		    { true, true, false, false, false, true } },
		{ 2, { .action = PDF_FIELDMDP_ALL }, { false, false, false, false, false, true } },
		{ 1, { .action = PDF_FIELDMDP_ALL }, { false, false, false, false, false, true } },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int what = 0; what < LATER_N; what++) {
			struct seal_request q = mini_pki_request(o->p, SEAL_B_T);
			q.field = "first";
			q.certify = cases[i].certify;
			if (cases[i].lock.action != PDF_FIELDMDP_NONE)
				q.lock = &cases[i].lock;
			struct bytes sealed = office_seal(o, &q, pdf_make_form(o->s));
			const struct report *r =
			    office_judge(o, change(o, sealed, (enum later)what), false);
			assert_string_equal(r->signatures[0].name, "first");
			assert_true(r->signatures[0].n_modifications > 0);
			if (r->signatures[0].intact != cases[i].allowed[what])
				fail_msg("case %zu, change %d: %s", i, what,
				    r->signatures[0].modifications[0].path);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_certification),
		TEST(test_certified_at_every_level),
		TEST(test_other_permissions_stay),
		TEST(test_lock_of_new_field),
		TEST(test_certified_and_locked),
		TEST(test_only_the_first_certifies),
		TEST(test_levels_that_hold),
		TEST(test_names_to_lock),
		TEST(test_own_lock),
		TEST(test_lock_in_signed_document),
		TEST(test_fields_not_to_be_taken),
		TEST(test_read_only_fields),
		TEST(test_no_new_field_under_lock),
		TEST(test_looks_of_timestamps),
		TEST(test_what_may_come_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
