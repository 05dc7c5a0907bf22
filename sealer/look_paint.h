/*
 * The canvas of a visible seal: a form XObject in the making (ISO 32000-2 8.10), with its fonts,
 * pictures and colour spaces. Points, y upward from the lower left corner.
 *
 * Every colour is RGB and means sRGB by the form's own /DefaultRGB, so the form needs no output
 * intent (ISO 19005-1 6.2.3.3 and its like in the later parts). Nothing is transparent but pictures
 * that are, unless `opaque`.
 */
#ifndef BULLA_SEALER_LOOK_PAINT_H
#define BULLA_SEALER_LOOK_PAINT_H

#include "formats/pdf_update.h"
#include "sealer/barcode.h"
#include "sealer/picture.h"
#include "sealer/placement.h"

struct look_paint;

enum look_paint_weight {
	LOOK_PAINT_REGULAR,
	LOOK_PAINT_BOLD
};

enum look_paint_colour {
	LOOK_PAINT_WHITE,
	LOOK_PAINT_BLACK,
	LOOK_PAINT_INK,    /* text */
	LOOK_PAINT_GRAY,   /* labels */
	LOOK_PAINT_ACCENT, /* rules, headings */
};

/* Font files in order of preference: a text is shown in the first that has all its characters;
 * bold text in a regular font when no bold one has. */
struct look_paint_fonts {
	const struct bytes *regular, *bold;
	size_t n_regular, n_bold;
};

struct look_paint_metrics {
	double ascent, descent, cap_height; /* at size 1; descent is positive */
};

/* ERR_MISUSE: no regular font. What the fonts point to must outlive the scope. */
must_check enum err look_paint_new(struct scope *s, struct pdf_update *update,
    const struct look_paint_fonts *fonts, bool opaque, struct look_paint **ret_paint);

/* Width at size 1. ERR_UNSUPPORTED: a character that no font has. */
must_check enum err look_paint_measure(
    struct look_paint *p, enum look_paint_weight weight, const char *text, double *ret_width);
/* Of the font that shows the text. */
must_check enum err look_paint_measure_height(struct look_paint *p, enum look_paint_weight weight,
    const char *text, struct look_paint_metrics *ret_metrics);
/* From x on this base line. An empty text is none. */
must_check enum err look_paint_text(struct look_paint *p, enum look_paint_weight weight,
    enum look_paint_colour colour, double size, double x, double y, const char *text);

void look_paint_fill(
    struct look_paint *p, enum look_paint_colour colour, double x, double y, double w, double h);
/* A line of this width around the inside of the box. */
void look_paint_frame(struct look_paint *p, enum look_paint_colour colour, double line, double x,
    double y, double w, double h);
must_check enum err look_paint_picture(
    struct look_paint *p, const struct picture *picture, double x, double y, double w, double h);
/* The symbol without quiet zone, its lower left corner at x, y; size of a module across and down.
 */
void look_paint_barcode(struct look_paint *p, const struct barcode *barcode, double x, double y,
    double module_w, double module_h);
/* What follows is turned a quarter to the left, in a box of `width`: x upward, y from its right
 * side to the left. Once. */
void look_paint_turn(struct look_paint *p, double width);

/* Puts the form into the update, with all it needs. */
must_check enum err look_paint_close(
    struct look_paint *p, const struct placement_spot *spot, struct pdf_ref *ret_form);

#endif
