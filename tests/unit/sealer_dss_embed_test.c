#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/dss_embed.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

/* Embeds the items; *ret_changed tells whether anything was appended. */
static struct bytes embedded(
    struct office *o, struct bytes document, const struct evidence *items, bool *ret_changed)
{
	struct pdf_file *f;
	struct pdf_signature_list list;
	struct pdf_update *u;
	struct pdf_update_result r;
	struct buf all = buf_new(o->s, 1 << 24);
	struct bytes result;
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	assert_int_equal(pdf_update_new(o->s, f, BYTES_NONE, &u), OK);
	assert_int_equal(dss_embed(o->s, f, &list, items, u, ret_changed), OK);
	if (!*ret_changed)
		return document;
	assert_int_equal(pdf_update_close(u, &r), OK);
	buf_add(&all, document);
	buf_add(&all, bytes_of(r.p, r.n));
	assert_int_equal(buf_done(&all, &result), OK);
	return result;
}

static struct pdf_dss store_of(struct office *o, struct bytes document)
{
	struct pdf_file *f;
	struct pdf_dss dss;
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_dss_read(o->s, f, pdf_file_latest(f), &dss), OK);
	return dss;
}

static struct evidence *items_of(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	assert_int_equal(
	    evidence_add_cert(o->s, e, mini_pki_cert(o->p, "ca"), EVIDENCE_FETCHED), OK);
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, mini_pki_crl(o->p, "root"), EVIDENCE_FETCHED, NULL), OK);
	assert_int_equal(evidence_add_ocsp_der(o->s, e, mini_pki_ocsp(o->p, "signer", BYTES_NONE),
			     EVIDENCE_FETCHED, NULL, NULL),
	    OK);
	return e;
}

static void test_each_once(void **state)
{
	struct office *o = *state;
	struct evidence *items = items_of(o);
	bool changed = false;
	struct bytes once = embedded(o, office_sealed(o, SEAL_B_B), items, &changed);
	assert_true(changed);
	struct pdf_dss dss = store_of(o, once);
	assert_int_equal(dss.n_certs, items->n_certs);
	assert_int_equal(dss.n_crls, 1);
	assert_int_equal(dss.n_ocsps, 1);
	for (size_t i = 0; i < dss.n_certs; i++)
		assert_true(bytes_equal(dss.certs[i], items->certs[i].cert->der));
	assert_true(bytes_equal(dss.crls[0], items->crls[0].crl->der));
	assert_true(bytes_equal(dss.ocsps[0], items->ocsps[0].response->der));
	embedded(o, once, items, &changed);
	assert_false(changed);
}

static void test_old_entries_stay(void **state)
{
	struct office *o = *state;
	bool changed = false;
	struct evidence *more = items_of(o);
	struct bytes once = embedded(o, office_sealed(o, SEAL_B_B), items_of(o), &changed);
	struct pdf_dss before = store_of(o, once);
	assert_int_equal(
	    evidence_add_crl_der(o->s, more, mini_pki_crl(o->p, "ca"), EVIDENCE_FETCHED, NULL), OK);
	struct pdf_dss after = store_of(o, embedded(o, once, more, &changed));
	assert_true(changed);
	assert_int_equal(after.n_certs, before.n_certs);
	assert_true(after.n_crls > before.n_crls);
	for (size_t i = 0; i < before.n_crls; i++)
		assert_true(bytes_equal(after.crls[i], before.crls[i]));
}

/* ISO 32000-2 12.8.4.4: upper-case SHA-1 of the octets of /Contents, one per signature. */
static void test_vri(void **state)
{
	struct office *o = *state;
	bool changed = false;
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct bytes twice = office_seal(o, &q, office_sealed(o, SEAL_B_B));
	struct bytes all = embedded(o, twice, items_of(o), &changed);
	struct pdf_dss dss = store_of(o, all);
	struct pdf_file *f;
	struct pdf_signature_list list;
	assert_int_equal(dss.n_vri, 2);
	assert_int_equal(pdf_file_open(o->s, all, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	for (size_t i = 0; i < 2; i++) {
		struct digest d;
		char *hex;
		assert_int_equal(digest_of_bytes(o->s, DIGEST_SHA1, list.item[i].contents, &d), OK);
		assert_int_equal(bytes_to_hex(o->s, digest_bytes(&d), &hex), OK);
		for (char *c = hex; *c; c++)
			*c = (char)(*c >= 'a' ? *c - 32 : *c);
		bool found = false;
		for (size_t k = 0; k < dss.n_vri; k++)
			found |= bytes_equal_str(dss.vri[k].key, hex);
		assert_true(found);
	}
}

static const struct pdf_value *catalog_of(struct office *o, struct bytes document)
{
	struct pdf_file *f;
	const struct pdf_value *catalog;
	assert_int_equal(pdf_file_open(o->s, document, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_file_catalog(o->s, f, pdf_file_latest(f), &catalog), OK);
	return catalog;
}

/* Before PDF 2.0 the store is declared as ETSI's extension. */
static void test_extension(void **state)
{
	struct office *o = *state;
	bool changed = false;
	const struct pdf_value *catalog =
	    catalog_of(o, embedded(o, office_sealed(o, SEAL_B_B), items_of(o), &changed));
	const struct pdf_value *esic =
	    pdf_value_find(pdf_value_find(catalog, "Extensions"), "ESIC");
	assert_true(pdf_value_is_name(pdf_value_find(esic, "BaseVersion"), "1.7"));
	struct pdf_make *m = pdf_make_new(o->s);
	pdf_make_header(m, "2.0");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	pdf_make_table(m, "/Root 1 0 R");
	catalog = catalog_of(o, embedded(o, pdf_make_done(m), items_of(o), &changed));
	assert_null(pdf_value_find(catalog, "Extensions"));
	assert_non_null(pdf_value_find(catalog, "DSS"));
}

/* What a CMS held as a bare BasicOCSPResponse is stored whole. */
static void test_bare_responses(void **state)
{
	struct office *o = *state;
	struct evidence *e;
	bool changed = false;
	const struct cert *ca = mini_pki_cert(o->p, "ca");
	const struct mini_ca_revocation_single single = { .subject = mini_pki_cert(o->p, "signer"),
		.issuer = ca };
	struct bytes bare =
	    mini_ca_revocation_ocsp(o->s, &(struct mini_ca_revocation_ocsp){ .responder = ca,
					      .key = mini_pki_private(o->p, "ca"),
					      .singles = &single,
					      .n_singles = 1,
					      .bare = true });
	assert_int_equal(evidence_new(o->s, &e), OK);
	assert_int_equal(evidence_add_ocsp_der(o->s, e, bare, EVIDENCE_SIGNATURE, NULL, NULL), OK);
	struct bytes once = embedded(o, office_sealed(o, SEAL_B_B), e, &changed);
	struct pdf_dss dss = store_of(o, once);
	assert_int_equal(dss.n_ocsps, 1);
	assert_true(dss.ocsps[0].n > bare.n);
	assert_true(bytes_find(dss.ocsps[0], bare, 0) != BYTES_NOT_FOUND);
	embedded(o, once, e, &changed);
	assert_false(changed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_once),
		TEST(test_old_entries_stay),
		TEST(test_vri),
		TEST(test_extension),
		TEST(test_bare_responses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
