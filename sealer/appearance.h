/*
 * How a visible seal looks on its page (ISO 32000-2 12.5.5): a form XObject for its widget, made of
 * a named look (sealer/look_template.h), texts of the certificate and the request, a picture, a
 * barcode.
 *
 * Good for PDF/A-1 to PDF/A-4: fonts are embedded, colours bring their own colour space; in a
 * document that claims PDF/A-1, or another part without an output intent, pictures lose their
 * transparency.
 *
 * Not checked: what the seal hides of the page.
 */
#ifndef BULLA_SEALER_APPEARANCE_H
#define BULLA_SEALER_APPEARANCE_H

#include "base/instant.h"
#include "formats/cert.h"
#include "sealer/look_template.h"

struct appearance_request {
	enum look_template look;
	enum look_words_language language;
	struct placement place;
	struct bytes picture; /* PNG or JPEG; empty: none */
	enum barcode_kind barcode;
	struct bytes barcode_data;
	const char *note; /* UTF-8; NULL: none */
	struct look_paint_fonts fonts;
	int zone_minutes; /* east of Greenwich, of the time shown */
};

/* What a seal says of itself; texts may be NULL. */
struct appearance_facts {
	const struct cert *cert;
	const char *signer_name; /* else the certificate's */
	const char *reason, *location;
	struct instant at;
};

/* A look that an update holds already, and where it goes. */
struct appearance {
	struct pdf_ref page;
	double rect[4];        /* left, bottom, right, top in the page's user space */
	struct pdf_ref normal; /* the form: /AP /N of the widget */
};

/* Where the look goes: the box of the field `existing`, or with NULL the one asked for. ERR_DENIED:
 * outside of the page, or both a field that is there and a place are asked for. */
must_check enum err appearance_place(struct scope *s, const struct pdf_file *file,
    const struct appearance_request *request, const struct pdf_signature *existing,
    struct placement_spot *ret_spot);

/* Puts the look into the update. ERR_DENIED: too small a box, or something is missing (as
 * look_template_draw); ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT: a font, the picture, the barcode. */
must_check enum err appearance_build(struct scope *s, const struct pdf_file *file,
    const struct appearance_request *request, const struct appearance_facts *facts,
    const struct placement_spot *spot, struct pdf_update *update,
    struct appearance *ret_appearance);

#endif
