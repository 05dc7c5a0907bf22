#include "tests/support/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_update.h"
#include "tests/support/pdf_make.h"

#define OBJECT_STREAM 60
#define XREF_STREAM 61
#define ENCRYPTION 59

struct part {
	uint32_t num;
	const char *body; /* of a stream: the entries of its dictionary */
	const char *data; /* NULL: no stream */
};

#define WIDGET "/Type /Annot /Subtype /Widget /F 4 /P 3 0 R "
#define BOX                                                                                        \
	"/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 5 0 R >> >>"

static const struct part parts[] = {
	{ 1,
	    "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Metadata 41 0 R /Extensions 45 0 R "
	    "/OCProperties << /OCGs [40 0 R] /D << /ON [40 0 R] /Order [40 0 R] >> >> "
	    "/StructTreeRoot 42 0 R /MarkInfo << /Marked true >> /Outlines 50 0 R "
	    "/Names << /EmbeddedFiles 46 0 R >> /PageLabels << /Nums [0 << /S /D >>] >> "
	    "/ViewerPreferences << /DisplayDocTitle true >> /Lang (en) >>",
	    NULL },
	{ 2,
	    "<< /Type /Pages /Kids [3 0 R 20 0 R] /Count 3 /MediaBox [0 0 612 792] "
	    "/Resources << /Font << /F1 5 0 R >> >> >>",
	    NULL },
	{ 3,
	    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /StructParents 0 "
	    "/Resources << /Font << /F1 5 0 R /F2 30 0 R >> /XObject << /Im 36 0 R /Fm 37 0 R >> "
	    "/ExtGState << /Gs << /Type /ExtGState /ca 1 >> >> /Properties << /Oc 40 0 R >> >> "
	    "/Annots [7 0 R 8 0 R 10 0 R 11 0 R 13 0 R 14 0 R 15 0 R 17 0 R 19 0 R 28 0 R 29 0 R "
	    "39 0 R] >>",
	    NULL },
	{ 4, "",
	    "/P << /MCID 0 >> BDC BT /F1 14 Tf 72 720 Td (The buyer pays 100 Euro.) Tj ET EMC\n"
	    "BT /F2 14 Tf 72 690 Td (Signed in Linz.) Tj ET\n"
	    "q 50 0 0 50 500 700 cm /Im Do Q /Fm Do\n"
	    "/OC /Oc BDC BT /F1 14 Tf 72 660 Td (Draft.) Tj ET EMC" },
	{ 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", NULL },
	{ 6,
	    "<< /Fields [7 0 R 8 0 R 12 0 R 15 0 R 17 0 R 18 0 R 19 0 R] "
	    "/DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf) >>",
	    NULL },
	{ 7,
	    "<< " WIDGET "/FT /Tx /T (name) /V (Anna) /AP << /N 9 0 R >> /Rect [72 600 300 620] >>",
	    NULL },
	{ 8, "<< " WIDGET "/FT /Sig /T (empty) /Rect [72 100 300 160] >>", NULL },
	{ 9, BOX, "/Tx BMC BT /F1 12 Tf 2 4 Td (Anna) Tj ET EMC" },
	{ 10, "<< /Type /Annot /Subtype /Text /Contents (a note) /Rect [20 20 40 40] >>", NULL },
	{ 11,
	    "<< /Type /Annot /Subtype /Link /Rect [72 640 200 655] "
	    "/A << /S /URI /URI (https://example.org/terms) >> >>",
	    NULL },
	{ 12, "<< /FT /Tx /T (group) /Kids [13 0 R 14 0 R] >>", NULL },
	{ 13, "<< " WIDGET "/Parent 12 0 R /T (a) /V () /Rect [72 560 180 580] >>", NULL },
	{ 14, "<< " WIDGET "/Parent 12 0 R /T (b) /V () /Rect [190 560 300 580] >>", NULL },
	{ 15,
	    "<< " WIDGET "/FT /Btn /T (agree) /V /Off /AS /Off "
	    "/AP << /N << /Yes 16 0 R /Off 38 0 R >> >> /Rect [72 530 90 548] >>",
	    NULL },
	{ 16, BOX, "0 0 m 20 20 l S" },
	{ 17,
	    "<< " WIDGET
	    "/FT /Ch /T (city) /Opt [(Linz) (Wien) (Graz)] /V (Linz) /Rect [72 500 180 520] >>",
	    NULL },
	{ 18, "<< /FT /Btn /Ff 49152 /T (way) /V /Off /Kids [28 0 R 29 0 R] >>", NULL },
	{ 19, "<< " WIDGET "/FT /Tx /T (groupie) /V () /Rect [72 470 180 490] >>", NULL },
	{ 20, "<< /Type /Pages /Parent 2 0 R /Kids [21 0 R 22 0 R] /Count 2 >>", NULL },
	{ 21, "<< /Type /Page /Parent 20 0 R /Contents [23 0 R 24 0 R] /Annots 33 0 R >>", NULL },
	{ 22, "<< /Type /Page /Parent 20 0 R /Contents 25 0 R /Annots [35 0 R] >>", NULL },
	{ 23, "", "BT /F1 14 Tf 72 720 Td (Terms.) Tj ET" },
	{ 24, "", "BT /F1 14 Tf 72 700 Td (No refund.) Tj ET" },
	{ 25, "", "BT /F1 14 Tf 72 720 Td (Annex.) Tj ET" },
	{ 26, BOX, "0 0 20 20 re f" },
	{ 27, BOX, "" },
	{ 28,
	    "<< " WIDGET "/Parent 18 0 R /AS /Off /AP << /N << /Cash 26 0 R /Off 27 0 R >> >> "
	    "/Rect [72 440 90 458] >>",
	    NULL },
	{ 29,
	    "<< " WIDGET "/Parent 18 0 R /AS /Off /AP << /N << /Card 26 0 R /Off 27 0 R >> >> "
	    "/Rect [100 440 118 458] >>",
	    NULL },
	{ 30,
	    "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Text /FirstChar 32 /LastChar 34 "
	    "/Widths [250 300 300] /FontDescriptor 31 0 R /ToUnicode 34 0 R >>",
	    NULL },
	{ 31,
	    "<< /Type /FontDescriptor /FontName /ABCDEF+Text /Flags 32 /FontBBox [0 0 500 700] "
	    "/ItalicAngle 0 /Ascent 700 /Descent -200 /CapHeight 600 /StemV 80 /FontFile2 32 0 R "
	    ">>",
	    NULL },
	{ 32, "/Length1 12", "glyphs of F2" },
	{ 33, "[35 0 R]", NULL },
	{ 34, "", "/CMapName /Text def 1 beginbfchar <20> <0020> endbfchar" },
	{ 35, "<< /Type /Annot /Subtype /Text /Contents (see the annex) /Rect [20 20 40 40] >>",
	    NULL },
	{ 36,
	    "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
	    "/BitsPerComponent 8",
	    "\x7f" },
	{ 37, BOX, "BT /F1 10 Tf 72 640 Td (Terms on page 2) Tj ET" },
	{ 38, BOX, "" },
	{ 39,
	    "<< /Type /Annot /Subtype /FreeText /F 2 /Contents (VOID) /DA (/F1 40 Tf) "
	    "/Rect [100 300 500 500] >>",
	    NULL },
	{ 40, "<< /Type /OCG /Name (Draft) >>", NULL },
	{ 41, "/Type /Metadata /Subtype /XML", "<x:xmpmeta><title>Contract</title></x:xmpmeta>" },
	{ 42, "<< /Type /StructTreeRoot /K [43 0 R] /ParentTree 49 0 R /ParentTreeNextKey 1 >>",
	    NULL },
	{ 43, "<< /Type /StructElem /S /Document /P 42 0 R /K [44 0 R] >>", NULL },
	{ 44, "<< /Type /StructElem /S /P /P 43 0 R /Pg 3 0 R /K 0 >>", NULL },
	{ 45, "<< /ADBE << /BaseVersion /1.7 /ExtensionLevel 3 >> >>", NULL },
	{ 46, "<< /Names [(terms.txt) 47 0 R] >>", NULL },
	{ 47, "<< /Type /Filespec /F (terms.txt) /UF (terms.txt) /EF << /F 48 0 R >> >>", NULL },
	{ 48, "/Type /EmbeddedFile", "No refund." },
	{ 49, "<< /Nums [0 [44 0 R]] >>", NULL },
	{ 50, "<< /Type /Outlines /First 51 0 R /Last 51 0 R /Count 1 >>", NULL },
	{ 51, "<< /Title (Terms) /Parent 50 0 R /Dest [21 0 R /Fit] >>", NULL },
	{ 52, "<< /Title (Contract) /Producer (Tests) >>", NULL },
	{ 53, "<< /Nothing (refers to this) >>", NULL },
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static void must(struct scope *s, enum err err)
{
	if (err == OK)
		return;
	fprintf(stderr, "contract: %s: %s\n", err_name(err), scope_fault_text(s));
	abort();
}

static void add_part(struct pdf_make *m, const struct part *p)
{
	if (p->data)
		pdf_make_stream(m, p->num, p->body, bytes_of_str(p->data));
	else
		pdf_make_object(m, p->num, p->body);
}

/* Objects that are no streams stand in an object stream. */
static void add_compressed(struct pdf_make *m)
{
	uint32_t nums[N_PARTS];
	const char *bodies[N_PARTS];
	size_t n = 0;
	for (size_t i = 0; i < N_PARTS; i++) {
		if (parts[i].data) {
			add_part(m, &parts[i]);
			continue;
		}
		nums[n] = parts[i].num;
		bodies[n++] = parts[i].body;
	}
	pdf_make_object_stream(m, OBJECT_STREAM, n, nums, bodies);
}

#define TRAILER "/Root 1 0 R /Info 52 0 R"

/* The tags are hidden from readers that know no object streams, as word processors do it. */
static void add_hybrid(struct pdf_make *m)
{
	static const uint32_t hidden[] = { 42, 43, 44, 49 };
	for (size_t i = 0; i < N_PARTS; i++)
		add_part(m, &parts[i]);
	pdf_make_hybrid(m, XREF_STREAM, TRAILER, hidden, sizeof(hidden) / sizeof(hidden[0]));
}

/* -- encrypted -- */

/* AES-256 with an empty user password, as qpdf 11 makes it. */
static const char encryption[] =
    "<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter /Standard "
    "/Length 256 /V 5 /R 6 /P -4 /StmF /StdCF /StrF /StdCF "
    "/O <9983fe38750046bc9a7b5b4fbcacadd0e8b6e63337d070f2bb356d824889cba7bdf895978cac3a41"
    "4e224b83ed3785cc> /OE <622b2721b332c5d3736a98674b2967080e00de2e3c9dfe5fca96afbdfdbb628b> "
    "/U <4d2019f62a7529521193b4bbe21cccef557a74316bc28b476cb6533f27a8aec7b6a0ae43951e4a6e"
    "1f4cf6e2c1c590f6> /UE <0d37dfeabd84f5e4c731f1c855d1f53272e8df0cbc71a34b63f2191e670c1fb9> "
    "/Perms <03e6a2972649553a6cf6f647c0333b4b> >>";

static const struct pdf_value *value_of(struct scope *s, const struct part *p)
{
	const struct pdf_value *v;
	size_t at = 0;
	struct buf b = buf_new(s, 1 << 16);
	struct bytes text;
	buf_addf(&b, p->data ? "<< %s >>" : "%s", p->body);
	must(s, buf_done(&b, &text));
	must(s, pdf_syntax_value(s, text, &at, &v));
	return p->data ? pdf_value_new_stream(s, v, bytes_of_str(p->data)) : v;
}

/* A skeleton without strings, which needs no encryption, and an update that fills it. */
static struct bytes new_encrypted(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_update_result r;
	pdf_make_header(m, "2.0");
	for (size_t i = 0; i < N_PARTS; i++)
		pdf_make_object(m, parts[i].num,
		    parts[i].num == 1 ? "<< /Type /Catalog /Pages 2 0 R >>" : "null");
	pdf_make_object(m, ENCRYPTION, encryption);
	pdf_make_table(m, TRAILER " /ID [<31415926535897932384626433832795> "
				  "<31415926535897932384626433832795>] /Encrypt 59 0 R");
	struct bytes skeleton = pdf_make_done(m), all;
	must(s, pdf_file_open(s, skeleton, BYTES_NONE, &f));
	must(s, pdf_update_new(s, f, BYTES_LIT("sixteen octets, or a few more"), &u));
	for (size_t i = 0; i < N_PARTS; i++)
		must(s,
		    pdf_update_put(u, (struct pdf_ref){ parts[i].num, 0 }, value_of(s, &parts[i])));
	must(s, pdf_update_close(u, &r));
	struct buf b = buf_new(s, 1 << 20);
	buf_add(&b, skeleton);
	buf_add(&b, bytes_of(r.p, r.n));
	must(s, buf_done(&b, &all));
	return all;
}

struct bytes contract_new(struct scope *s, enum contract_form form)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	switch (form) {
	case CONTRACT_TABLE:
		for (size_t i = 0; i < N_PARTS; i++)
			add_part(m, &parts[i]);
		pdf_make_table(m, TRAILER);
		break;
	case CONTRACT_STREAM:
		add_compressed(m);
		pdf_make_xref_stream(m, XREF_STREAM, TRAILER);
		break;
	case CONTRACT_HYBRID:
		add_hybrid(m);
		break;
	case CONTRACT_ENCRYPTED:
	case CONTRACT_FORMS:
		return new_encrypted(s);
	}
	return pdf_make_done(m);
}
