#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/pdfa_claim.h"
#include "tests/support/pdf_make.h"

#define RDF "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
#define ID "xmlns:p='http://www.aiim.org/pdfa/ns/id/'"
#define PACKET(inner)                                                                              \
	"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"   \
	"<rdf:RDF " RDF ">" inner "</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"

static struct pdfa_claim claim_of(struct scope *s, const char *catalog, const char *xmp)
{
	struct pdf_make *m = pdf_make_new(s);
	struct pdf_file *f;
	struct pdfa_claim claim = { 9, 'x' };
	pdf_make_header(m, "1.4");
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", catalog);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_stream(m, 3, "/Type /Metadata /Subtype /XML", bytes_of_str(xmp));
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(pdf_file_open(s, pdf_make_done(m), BYTES_NONE, &f), OK);
	assert_int_equal(pdfa_claim_read(s, f, &claim), OK);
	assert_string_equal(scope_fault_text(s), "");
	return claim;
}

static void test_claims(void **state)
{
	static const struct {
		const char *xmp;
		int part;
		char conformance;
	} rows[] = {
		{ PACKET("<rdf:Description rdf:about='' " ID " p:part='1' p:conformance='B'/>"), 1,
		    'B' },
		{ PACKET("<rdf:Description rdf:about='' " ID
			 "><p:part> 3\n</p:part><p:conformance>U</p:conformance>"
			 "</rdf:Description>"),
		    3, 'U' },
		{ PACKET("<rdf:Description rdf:about=''/><rdf:Description " ID " p:part='2'/>"
			 "<rdf:Description " ID " p:conformance='A'/>"),
		    2, 'A' },
		{ PACKET("<rdf:Description " ID " p:part='4' p:rev='2020'/>"), 4, 0 },
		{ "<rdf:RDF " RDF "><rdf:Description " ID " p:part='1'/></rdf:RDF>", 1, 0 },
		/* No claim of this kind. */
		{ PACKET("<rdf:Description " ID " p:part='5'/>"), 0, 0 },
		{ PACKET("<rdf:Description " ID " p:part='11'/>"), 0, 0 },
		{ PACKET("<rdf:Description " ID " p:conformance='B'/>"), 0, 0 },
		{ PACKET("<rdf:Description part='1' xmlns:p='urn:other' p:part='1'/>"), 0, 0 },
		{ "<part>1</part>", 0, 0 },
		{ "", 0, 0 },
		{ PACKET("<rdf:Description " ID " p:part='1'>"), 0, 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pdfa_claim claim = claim_of(*state, "/Metadata 3 0 R", rows[i].xmp);
		assert_int_equal(claim.part, rows[i].part);
		assert_int_equal(claim.conformance, rows[i].conformance);
	}
}

static void test_no_metadata(void **state)
{
	static const char *const catalogs[] = { "", "/Metadata 2 0 R", "/Metadata 77 0 R",
		"/Metadata null" };
	for (size_t i = 0; i < sizeof(catalogs) / sizeof(catalogs[0]); i++)
		assert_int_equal(claim_of(*state, catalogs[i], "").part, 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_claims, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_metadata, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
