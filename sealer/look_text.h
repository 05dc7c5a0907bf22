/*
 * A block of text on a visible seal: lines, and pairs of a label and a value, wrapped and shrunk so
 * that they fit their box.
 *
 * Labels stand in a column of their own where there is room, else before their values. Words are
 * broken only where nothing else helps.
 */
#ifndef BULLA_SEALER_LOOK_TEXT_H
#define BULLA_SEALER_LOOK_TEXT_H

#include "sealer/look_paint.h"

#define LOOK_TEXT_LEAST 4.0 /* points: smaller print cannot be read on paper */
#define LOOK_TEXT_ITEMS 24

struct look_text_item {
	const char *label; /* NULL: a line of its own */
	const char *text;  /* folded: single blanks, nothing that breaks a line */
	enum look_paint_weight weight;
	enum look_paint_colour colour;
	double scale;  /* of the block's size */
	double gap;    /* above it, but at the top, in the block's size */
	bool anywhere; /* may be broken between any two characters */
};

struct look_text_block {
	struct look_text_item item[LOOK_TEXT_ITEMS];
	size_t n;
	bool centred;  /* lines, not pairs */
	bool one_line; /* nothing is wrapped or broken */
};

/* Adds one; without a text it is left out. Items beyond LOOK_TEXT_ITEMS are a mistake of the
 * caller. */
void look_text_add(struct look_text_block *block, struct look_text_item item);

struct look_text_fitted; /* private */

struct look_text_fit {
	bool fits;
	double width, height; /* taken; when it does not fit, of the least size; width of the
				 longest line, or what it needs */
	double size;
	struct look_text_fitted *lines;
};

/* Sets the block in a box, at most `most` points large. ERR_LIMIT: a text beyond LIMIT_LOOK_TEXT;
 * ERR_UNSUPPORTED as look_paint_measure. */
must_check enum err look_text_fit(struct scope *s, struct look_paint *p,
    const struct look_text_block *block, double w, double h, double most,
    struct look_text_fit *ret_fit);
/* Draws what fits, from this upper left corner down. */
must_check enum err look_text_draw(struct scope *s, struct look_paint *p,
    const struct look_text_block *block, const struct look_text_fit *fit, double x, double top);

#endif
