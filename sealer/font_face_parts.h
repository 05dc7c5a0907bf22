/*
 * Internal to sealer/font_face*.c: a face, a line of shaped text, and what was shown of the face.
 */
#ifndef BULLA_SEALER_FONT_FACE_PARTS_H
#define BULLA_SEALER_FONT_FACE_PARTS_H

#include "sealer/font_face.h"

/* HarfBuzz's, so that this header needs none of its own. */
struct hb_face_t;
struct hb_font_t;
struct hb_buffer_t;

/* A pair of glyph and text that was shown; its CID is its place, counted from 1. */
struct font_face_cid {
	uint32_t glyph;
	struct bytes text; /* UTF-8 */
	int64_t width;     /* in thousandths, as W says it */
};

struct font_face {
	struct hb_face_t *face;
	struct hb_font_t *font;     /* in font units */
	struct hb_buffer_t *buffer; /* for each line anew */
	int64_t upem;
	struct font_face_metrics metrics;
	struct font_face_cid *cid;
	size_t n_cids, room;
};

/* A glyph of a line, in visual order; in font units. */
struct font_face_glyph {
	uint32_t glyph;
	int32_t advance, x, y; /* x, y: from the pen to its origin */
	struct bytes text;     /* what it stands for */
};

struct font_face_line {
	struct font_face_glyph *item;
	size_t n;
	uint32_t missing; /* the first character without a glyph, or 0 */
};

/* Shapes the text. Characters that are missing are no error here. */
must_check enum err font_face_shape(
    struct scope *s, struct font_face *face, const char *text, struct font_face_line *ret_line);

/* `v` font units in thousandths of the size, rounded. */
int64_t font_face_thousandths(const struct font_face *face, int64_t v);
/* Width of a glyph as the embedded font has it, without kerning; font units. */
int32_t font_face_advance(const struct font_face *face, uint32_t glyph);

#endif
