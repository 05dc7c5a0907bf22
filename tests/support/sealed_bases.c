#include "tests/support/sealed_bases.h"

#include <string.h>

#include "base/scope.h"
#include "tests/support/contract.h"
#include "tests/support/font_sample.h"
#include "tests/support/pdf_make.h"

#define FIELDMDP(action, fields)                                                                   \
	"[<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams "                           \
	"<< /Type /TransformParams /V /1.2 /Action /" action " /Fields [" fields "] >> >>]"

enum how {
	APPROVAL,
	CERTIFIED, /* by paper.h */
};

static const struct recipe {
	const char *name, *paper;
	enum contract_form form;
	enum how how;
	enum seal_level level;
	int docmdp, certify; /* by paper.h; by the sealer */
	const char *reference, *field;
	bool is_visible;
	bool again; /* one more approval seal */
} recipes[] = {
	{ .name = "approval" },
	{ .name = "existing", .field = "empty" },
	{ .name = "stream", .form = CONTRACT_STREAM },
	{ .name = "hybrid", .form = CONTRACT_HYBRID },
	{ .name = "encrypted", .form = CONTRACT_ENCRYPTED },
	{ .name = "certified-1", .how = CERTIFIED, .paper = "contract", .docmdp = 1 },
	{ .name = "certified-2", .how = CERTIFIED, .paper = "contract", .docmdp = 2 },
	{ .name = "certified-3", .how = CERTIFIED, .paper = "contract", .docmdp = 3 },
	{ .name = "certified-2-stream", .how = CERTIFIED, .paper = "contract-stream", .docmdp = 2 },
	{ .name = "locked",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("Include", "(group)") },
	{ .name = "locked-others",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("Exclude", "(name)") },
	{ .name = "locked-all",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("All", "") },
	{ .name = "sealed-certified-1", .certify = 1 },
	{ .name = "sealed-certified-2", .certify = 2 },
	{ .name = "sealed-certified-3", .certify = 3, .form = CONTRACT_STREAM },
	{ .name = "visible", .is_visible = true },
	{ .name = "visible-existing", .is_visible = true, .field = "empty" },
	{ .name = "b-t", .level = SEAL_B_T },
	{ .name = "b-lt", .level = SEAL_B_LT },
	{ .name = "lta", .level = SEAL_B_LTA },
	{ .name = "lta-stream", .level = SEAL_B_LTA, .form = CONTRACT_STREAM },
	{ .name = "twice", .again = true },
	{ .name = "certified-twice",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .docmdp = 2,
	    .again = true },
};

static struct bytes new_loose(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1,
	    "<< /Type /Catalog /Version /1.7 /Pages 2 0 R /AcroForm << /Fields [] /XFA [(template) "
	    "10 0 R "
	    "(datasets) 11 0 R] >> /OCProperties << /OCGs [14 0 R] /D << /OFF [14 0 R] >> >> >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents [4 0 R 91 0 R] "
	    "/Resources << /Font << /F1 5 0 R >> /XObject << /Gone 90 0 R >> "
	    "/Properties << /Oc 14 0 R >> >> /Annots [12 0 R] >>");
	pdf_make_object(m, 4,
	    "<< /Length 6 0 R >>\nstream\n"
	    "BT /F1 14 Tf 72 720 Td (The buyer pays 100 Euro) Tj ( per month.) Tj ET\nendstream");
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
	pdf_make_object(m, 6, "71");
	pdf_make_stream(m, 10, "", BYTES_LIT("<template/>"));
	pdf_make_stream(m, 11, "", BYTES_LIT("<datasets/>"));
	pdf_make_object(m, 12,
	    "<< /Type /Annot /Subtype /Stamp /F 4 /Rect [400 20 500 60] /AP << /N 13 0 R >> >>");
	pdf_make_stream(
	    m, 13, "/Type /XObject /Subtype /Form /BBox [0 0 100 40]", BYTES_LIT("0 0 9 9 re f"));
	pdf_make_object(m, 14, "<< /Type /OCG /Name (Draft) >>");
	pdf_make_free(m, 91, 0);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

struct appearance_request sealed_bases_look(struct office *o, bool has_field)
{
	struct bytes *font = scope_alloc(o->s, sizeof(*font));
	mini_ca_check(font != NULL, "memory");
	*font = font_sample_read(o->s);
	return (struct appearance_request){ .look = LOOK_TEMPLATE_TEXT,
		.place = { .page = has_field ? 0 : 1 },
		.fonts = { .regular = font, .n_regular = 1 } };
}

static struct bytes sealed(struct office *o, const struct recipe *r, struct bytes document)
{
	struct seal_request q = mini_pki_request(o->p, r->level);
	q.field = r->field ? r->field : "Signature1";
	q.certify = r->certify;
	struct appearance_request look;
	if (r->is_visible) {
		look = sealed_bases_look(o, r->field != NULL);
		q.look = &look;
	}
	return office_seal(o, &q, document);
}

static struct bytes certified(struct office *o, const struct recipe *r)
{
	struct paper *d = paper_new(o->p, r->paper);
	const struct paper_signature spec = { .cms = { .by = "signer" },
		.field = "Signature1",
		.docmdp = r->docmdp,
		.reference = r->reference };
	paper_sign(d, &spec);
	return d->document;
}

struct bytes sealed_bases_new(struct office *o, const char *name)
{
	static const struct recipe again = { .name = "again", .field = "Second" };
	static const struct recipe plain = { .name = "plain" };
	if (strcmp(name, "one-page") == 0)
		return sealed(o, &plain, pdf_make_one_page(o->s));
	if (strcmp(name, "linearized") == 0)
		return sealed(o, &plain, pdf_make_linearized(o->s));
	if (strcmp(name, "loose") == 0)
		return sealed(o, &plain, new_loose(o->s));
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		const struct recipe *r = &recipes[i];
		if (strcmp(r->name, name) != 0)
			continue;
		struct bytes once = r->how == CERTIFIED ? certified(o, r)
							: sealed(o, r, contract_new(o->s, r->form));
		return r->again ? sealed(o, &again, once) : once;
	}
	mini_ca_check(false, name);
	return BYTES_NONE;
}
