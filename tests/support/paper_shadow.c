#include "tests/support/paper_shadow.h"

#include <string.h>

#define PAGE "/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
#define FONT "/Font << /F1 5 0 R >> "
#define TEXT "BT /F1 24 Tf 72 720 Td (What is signed) Tj ET\n"
#define FIELD "/Type /Annot /Subtype /Widget /FT /Tx /F 4 /P 3 0 R "
#define FORM "/Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R 8 0 R] /DA (/F1 0 Tf) >> "
#define CATALOG "/Type /Catalog /Pages 2 0 R "
#define LAYERS(config)                                                                             \
	CATALOG "/OCProperties << /OCGs [7 0 R] /D << /Order [7 0 R] " config " >> >> "
#define BOX "/Type /XObject /Subtype /Form /BBox [0 0 228 40] /Resources << " FONT ">> "

enum place {
	LISTED,
	UNLISTED, /* before the others of its number, if there are any */
	HIDDEN,   /* behind the /XRefStm of a hybrid file */
};

struct object {
	uint32_t num;       /* 0: the end */
	const char *body;   /* or of a stream, what its dictionary has */
	const char *stream; /* NULL: none */
	enum place place;
};

struct base {
	const char *name;
	const char *catalog, *page, *contents; /* NULL: the plain ones */
	struct object more[4];
};

static const struct base bases[] = {
	{ "says-another", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R]", NULL,
	    { { 7, FIELD "/T (a) /V (Attacker) /Rect [72 600 300 640] /AP << /N 8 0 R >>", NULL,
		  LISTED },
		{ 8, BOX, "BT /F1 12 Tf 2 4 Td (World Health) Tj ET", LISTED } } },
	{ "says-same", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R]", NULL,
	    { { 7, FIELD "/T (a) /V (World Health) /Rect [72 600 300 640] /AP << /N 8 0 R >>", NULL,
		  LISTED },
		{ 8, BOX, "BT /F1 12 Tf 2 20 Td [(Wor) -5 (ld)] TJ 0 -14 Td <4865616c7468> Tj ET",
		    LISTED } } },
	{ "says-formatted", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R]", NULL,
	    { { 7,
		  FIELD "/T (a) /V (1000) /Rect [72 600 300 640] /AP << /N 8 0 R >> "
			"/AA << /F << /S /JavaScript /JS (x) >> >>",
		  NULL, LISTED },
		{ 8, BOX, "BT /F1 12 Tf 2 4 Td (1 000.00 EUR) Tj ET", LISTED } } },
	{ "covered", CATALOG, PAGE "/Resources << " FONT "/XObject << /I 7 0 R >> >>",
	    TEXT "q 612 0 0 792 0 0 cm /I Do Q",
	    { { 7,
		"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
		"/ColorSpace /DeviceGray",
		"x", LISTED } } },
	{ "behind", CATALOG, PAGE "/Resources << " FONT "/XObject << /I 7 0 R >> >>",
	    "q 612 0 0 792 0 0 cm /I Do Q\n" TEXT,
	    { { 7,
		"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
		"/ColorSpace /DeviceGray",
		"x", LISTED } } },
	{ "sheer", CATALOG, PAGE "/Resources << " FONT "/XObject << /I 7 0 R >> >>",
	    TEXT "q 612 0 0 792 0 0 cm /I Do Q",
	    { { 7,
		"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
		"/ColorSpace /DeviceGray /SMask 7 0 R",
		"x", LISTED } } },
	{ "field-over", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R]", TEXT,
	    { { 7, FIELD "/T (a) /Rect [60 710 300 750] /AP << /N 8 0 R >>", NULL, LISTED },
		{ 8, BOX, "1 g 0 0 228 40 re f", LISTED } } },
	{ "stacked", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R 8 0 R]", NULL,
	    { { 7, FIELD "/T (a) /Ff 1 /Rect [72 600 300 640] /AP << /N 9 0 R >>", NULL, LISTED },
		{ 8, FIELD "/T (b) /Ff 1 /Rect [72 600 300 640] /AP << /N 9 0 R >>", NULL, LISTED },
		{ 9, BOX, "BT /F1 12 Tf 2 4 Td (x) Tj ET", LISTED } } },
	{ "side-by-side", FORM, PAGE "/Resources << " FONT ">> /Annots [7 0 R 8 0 R]", NULL,
	    { { 7, FIELD "/T (a) /Ff 1 /Rect [72 600 300 640] /AP << /N 9 0 R >>", NULL, LISTED },
		{ 8, FIELD "/T (b) /Ff 1 /Rect [72 500 300 540] /AP << /N 9 0 R >>", NULL, LISTED },
		{ 9, BOX, "BT /F1 12 Tf 2 4 Td (x) Tj ET", LISTED } } },
	{ "hidden-page", CATALOG, NULL, NULL, { { 7, PAGE, NULL, LISTED } } },
	{ "hidden-octets", CATALOG, NULL, NULL, { { 7, PAGE, NULL, UNLISTED } } },
	{ "twice", CATALOG, NULL, NULL,
	    { { 4, "", "BT /F1 24 Tf 72 720 Td (Else) Tj ET", UNLISTED } } },
	{ "twice-same", CATALOG, NULL, "BT ET", { { 4, "", "BT ET", UNLISTED } } },
	{ "elsewhere", CATALOG, PAGE "/Resources << /XObject << /I 7 0 R >> >>", NULL,
	    { { 7,
		"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
		"/ColorSpace /DeviceGray /F (other.dat)",
		"", LISTED } } },
	{ "script", CATALOG "/OpenAction << /S /JavaScript /JS (x) >>", NULL, NULL, { { 0 } } },
	{ "launch", CATALOG "/OpenAction << /S /Launch /F (x) >>", NULL, NULL, { { 0 } } },
	{ "link", CATALOG, PAGE "/Annots [7 0 R]", NULL,
	    { { 7,
		"/Type /Annot /Subtype /Link /Rect [72 710 300 740] "
		"/A << /S /URI /URI (http://a.test/) >>",
		NULL, LISTED } } },
	{ "jump", CATALOG "/OpenAction [3 0 R /Fit]", PAGE "/Annots [7 0 R]", NULL,
	    { { 7,
		"/Type /Annot /Subtype /Link /Rect [72 710 300 740] "
		"/A << /S /GoTo /D [3 0 R /Fit] >>",
		NULL, LISTED } } },
	{ "layers", LAYERS("/OFF [7 0 R]"), NULL, NULL,
	    { { 7, "/Type /OCG /Name (a)", NULL, LISTED } } },
	{ "layers-shown", LAYERS("/ON [7 0 R]"), NULL, NULL,
	    { { 7, "/Type /OCG /Name (a)", NULL, LISTED } } },
	{ "layers-printed", LAYERS("/AS [<< /Event /Print /OCGs [7 0 R] /Category [/Print] >>]"),
	    NULL, NULL,
	    { { 7, "/Type /OCG /Name (a) /Usage << /Print << /PrintState /OFF >> >>", NULL,
		LISTED } } },
	{ "drawn-anew", CATALOG "/AcroForm << /Fields [] /NeedAppearances true >>", NULL, NULL,
	    { { 0 } } },
	{ "hybrid-view", CATALOG, PAGE "/Resources << " FONT ">> /Annots [7 0 R]", NULL,
	    { { 7, "/Type /Annot /Subtype /Text /Rect [9 9 29 29] /Contents (x)", NULL,
		HIDDEN } } },
	{ "hybrid-same", CATALOG, NULL, NULL, { { 7, "/A 1", NULL, HIDDEN } } },
};

static void add(struct pdf_make *m, const struct object *o)
{
	const size_t listed = m->n_entries;
	if (o->stream)
		pdf_make_stream(m, o->num, o->body, bytes_of_str(o->stream));
	else
		pdf_make_objectf(m, o->num, "<< %s >>", o->body);
	if (o->place == UNLISTED)
		m->n_entries = listed;
}

static struct bytes make(struct scope *s, const struct base *b)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_objectf(m, 1, "<< %s >>", b->catalog);
	for (size_t i = 0; i < 4 && b->more[i].num; i++)
		if (b->more[i].place == UNLISTED)
			add(m, &b->more[i]);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_objectf(m, 3, "<< %s >>", b->page ? b->page : PAGE "/Resources << " FONT ">>");
	pdf_make_stream(m, 4, "", bytes_of_str(b->contents ? b->contents : TEXT));
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
	for (size_t i = 0; i < 4 && b->more[i].num; i++)
		if (b->more[i].place != UNLISTED)
			add(m, &b->more[i]);
	if (b->more[0].place == HIDDEN)
		pdf_make_hybrid(m, 30, "/Root 1 0 R", &b->more[0].num, 1);
	else
		pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

struct bytes paper_shadow_base(struct scope *s, const char *name)
{
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (strcmp(bases[i].name, name) == 0)
			return make(s, &bases[i]);
	return BYTES_NONE;
}
