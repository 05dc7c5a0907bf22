#include "sealer/appearance.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/cert_name.h"
#include "formats/pdf_text.h"
#include "formats/unicode_text.h"
#include "sealer/pdfa_claim.h"

enum err appearance_place(struct scope *s, const struct pdf_file *file,
    const struct appearance_request *request, const struct pdf_signature *existing,
    struct placement_spot *ret_spot)
{
	const struct placement *place = &request->place;
	struct placement_page page;
	struct placement_box box = place->box;
	if (existing && (place->page || place->has_box))
		return scope_fault(s, ERR_DENIED,
		    "field \"%s\" has its place already: the seal cannot go elsewhere",
		    existing->name);
	if (existing)
		return placement_of_field(s, file, existing, ret_spot);
	TRY(placement_page_open(s, file, place->page ? place->page : 1, &page));
	if (!place->has_box)
		look_template_size(request->look,
		    request->barcode_data.n ? request->barcode : BARCODE_KIND_NONE, page.width,
		    page.height, &box);
	if (place->side != PLACEMENT_SIDE_NONE)
		box = placement_beside(&page, &place->anchor, place->side, box.w, box.h);
	return placement_on_page(s, &page, box, ret_spot);
}

/* -- texts -- */

/* One line that a person may look at. */
static enum err fold(struct scope *s, const char *text, const char **ret_text)
{
	char *folded, *printable;
	if (!text || !text[0]) {
		*ret_text = "";
		return OK;
	}
	TRY(unicode_text_fold(s, text, &folded));
	TRY(pdf_text_printable(s, bytes_of_str(folded), &printable));
	*ret_text = printable;
	return OK;
}

/* "2026-11-22 11:30:00 +01:00", "2026-11-22 10:30:00 UTC" */
static enum err time_text(struct scope *s, struct instant at, int zone, const char **ret_text)
{
	const struct civil c = instant_civil(instant_add(at, (int64_t)zone * 60));
	struct buf b = buf_new(s, 64);
	char *text;
	buf_addf(&b, "%04d-%02d-%02d %02d:%02d:%02d ", c.year, c.month, c.day, c.hour, c.minute,
	    c.second);
	if (zone == 0)
		buf_add_str(&b, "UTC");
	else
		buf_addf(&b, "%c%02d:%02d", zone < 0 ? '-' : '+', abs(zone) / 60, abs(zone) % 60);
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

static const char *first_said(const char *a, const char *b, const char *c)
{
	if (a && a[0])
		return a;
	return b && b[0] ? b : c;
}

static enum err texts_of(struct scope *s, const struct appearance_request *q,
    const struct appearance_facts *f, struct look_template_content *c)
{
	const struct cert *cert = f->cert;
	char *issuer;
	TRY(cert_name_find(s, cert->issuer, OID_NAME_COMMON_NAME, &issuer));
	TRY(fold(s,
	    first_said(f->signer_name, first_said(cert->common_name, cert->organization, ""),
		cert->subject_text),
	    &c->who));
	TRY(fold(s, cert->organization, &c->organisation));
	TRY(fold(s, cert->organization_id, &c->organisation_id));
	TRY(fold(s, cert->serial_text, &c->serial));
	TRY(fold(s, first_said(issuer, NULL, cert->issuer_text), &c->issuer));
	TRY(fold(s, f->reason, &c->reason));
	TRY(fold(s, f->location, &c->location));
	TRY(fold(s, q->note, &c->note));
	return time_text(s, f->at, q->zone_minutes, &c->when);
}

/* -- pictures -- */

static enum err pictures_of(struct scope *s, const struct appearance_request *q,
    const struct pdfa_claim *claim, struct look_template_content *c)
{
	if (q->picture.n) {
		struct picture *picture;
		TRY(picture_open(s, q->picture, &picture));
		if (claim->part && picture->components == 4)
			return scope_fault(s, ERR_DENIED,
			    "a picture in CMYK would break the document's PDF/A-%d: one in RGB "
			    "is needed",
			    claim->part);
		c->picture = picture;
	}
	if (q->barcode_data.n && q->barcode != BARCODE_KIND_NONE) {
		struct barcode *barcode = scope_alloc(s, sizeof(*barcode));
		if (!barcode)
			return ERR_NOMEM;
		TRY(barcode_make(s, q->barcode, q->barcode_data, barcode));
		c->barcode = barcode;
		c->barcode_kind = q->barcode;
	}
	return OK;
}

/* PDF/A-1 has no transparency (ISO 19005-1 6.4); the other parts want to know in which colours a
 * page blends, as an output intent says (ISO 19005-2 6.2.10, -4 6.2.9). */
static enum err must_be_opaque(
    struct scope *s, const struct pdf_file *file, const struct pdfa_claim *claim, bool *ret_must)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *catalog, *intents;
	TRY(pdf_file_catalog(s, file, rev, &catalog));
	TRY(pdf_file_find(s, file, rev, catalog, "OutputIntents", &intents));
	*ret_must = claim->part == 1 ||
		    (claim->part && (intents->kind != PDF_ARRAY || intents->array.n == 0));
	return OK;
}

enum err appearance_build(struct scope *s, const struct pdf_file *file,
    const struct appearance_request *request, const struct appearance_facts *facts,
    const struct placement_spot *spot, struct pdf_update *update, struct appearance *ret_appearance)
{
	struct look_template_content content = { .language = request->language };
	struct appearance result = { .page = spot->page };
	struct pdfa_claim claim;
	struct look_paint *paint;
	bool opaque = false;
	TRY(pdfa_claim_read(s, file, &claim));
	TRY(must_be_opaque(s, file, &claim, &opaque));
	TRY(texts_of(s, request, facts, &content));
	TRY(pictures_of(s, request, &claim, &content));
	TRY(look_paint_new(s, update, &request->fonts, opaque, &paint));
	TRY(look_template_draw(s, paint, request->look, &content, spot->width, spot->height));
	TRY(look_paint_close(paint, spot, &result.normal));
	memcpy(result.rect, spot->rect, sizeof(result.rect));
	*ret_appearance = result;
	return OK;
}
