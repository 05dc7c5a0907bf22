/*
 * The named looks of a visible seal: what stands where in its box.
 */
#ifndef BULLA_SEALER_LOOK_TEMPLATE_H
#define BULLA_SEALER_LOOK_TEMPLATE_H

#include "sealer/look_paint.h"
#include "sealer/look_words.h"

enum look_template {
	LOOK_TEMPLATE_TEXT,     /* who, when, reason, place */
	LOOK_TEMPLATE_PICTURE,  /* a picture alone */
	LOOK_TEMPLATE_BOTH,     /* picture on the left, text on the right */
	LOOK_TEMPLATE_OFFICIAL, /* framed, with a heading, all there is to say, barcode on the right
				 */
	LOOK_TEMPLATE_STRIP,    /* one line, along an edge of the page */
	LOOK_TEMPLATE_CODE,     /* a barcode with a line below */
};
/* "text", "picture", "both", "official", "strip", "code"; false for another name. */
bool look_template_of_name(const char *name, enum look_template *ret_look);
const char *look_template_name(enum look_template look);

/* What there is to show; texts folded, NULL or "" where there is none. */
struct look_template_content {
	enum look_words_language language;
	const char *who, *organisation, *organisation_id, *when, *reason, *location, *serial,
	    *issuer;
	const char *note;
	const struct picture *picture; /* NULL: none */
	const struct barcode *barcode; /* NULL: none */
	enum barcode_kind barcode_kind;
};

/* Where the look goes by itself on a page of this size: into the lower right corner. */
void look_template_size(enum look_template look, enum barcode_kind barcode, double page_width,
    double page_height, struct placement_box *ret_box);

/* Draws it in a box of this size. ERR_DENIED: the box is too small, or something that the look
 * needs is missing, or it has no use for something that is there; as the text tells. */
must_check enum err look_template_draw(struct scope *s, struct look_paint *p,
    enum look_template look, const struct look_template_content *content, double width,
    double height);

#endif
