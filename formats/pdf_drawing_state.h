/*
 * Internal to formats/pdf_drawing*.c: the graphics state (ISO 32000-2 8.4) as far as it is
 * followed.
 */
#ifndef BULLA_FORMATS_PDF_DRAWING_STATE_H
#define BULLA_FORMATS_PDF_DRAWING_STATE_H

#include "formats/pdf_content.h"
#include "formats/pdf_drawing.h"

#define PDF_DRAWING_RECTS 16 /* rectangles of one path that are kept */

struct pdf_drawing_matrix {
	double a, b, c, d, e, f;
};

struct pdf_drawing_state {
	struct pdf_drawing_matrix ctm;
	struct pdf_rect clip; /* bounds */
	bool is_clip_exact;   /* the clip is that rectangle */
	double alpha;         /* of filling */
	bool is_blended;      /* another mode than Normal, or a soft mask */
	bool is_pattern;      /* the colour of filling */
	const struct pdf_font *font;
	double size, char_space, word_space, scale, leading, rise;
	int mode;
};

struct pdf_drawing_font {
	const struct pdf_value *dict;
	const struct pdf_font *font;
};

struct pdf_drawing_decoded {
	const struct pdf_value *stream;
	struct bytes data;
};

#define PDF_DRAWING_FONTS 128 /* kept of one revision; texts in more are not known */
#define PDF_DRAWING_FORMS 32  /* kept decoded while one page is drawn */

struct pdf_drawing {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
	struct pdf_drawing_budget *budget;
	struct pdf_drawing_font fonts[PDF_DRAWING_FONTS];
	size_t n_fonts;
	struct pdf_drawing_decoded forms[PDF_DRAWING_FORMS]; /* of the drawing in progress */
	size_t n_forms;
	struct pdf_drawing_run *top; /* kept from one drawing to the next; NULL: there was none */
	bool is_cut;
};

/* One content stream in progress. */
struct pdf_drawing_run {
	struct pdf_drawing *d;
	struct scope *apart; /* for decoded content */
	const struct pdf_drawing_sink *sink;
	const struct pdf_value *resources;
	struct pdf_content *content;
	struct pdf_drawing_state now, saved[LIMIT_PDF_GRAPHICS_STATES];
	size_t n_saved; /* may be more than are kept */
	struct pdf_drawing_matrix text, line;
	struct pdf_rect rects[PDF_DRAWING_RECTS]; /* of the path, while it has nothing else */
	size_t n_rects;
	struct pdf_rect bounds; /* of the path */
	bool has_path, is_path_other, will_clip;
	size_t marks, optional_from; /* marked content; SIZE_MAX: none is optional */
	unsigned depth;
	struct pdf_drawing_run *below; /* for form XObjects; NULL: none was met yet */
	uint8_t octets[LIMIT_PDF_SHOWN];
};

/* -- pdf_drawing_matrix.c -- */
/* First m, then n. */
struct pdf_drawing_matrix pdf_drawing_matrix_of(
    const struct pdf_drawing_matrix *m, const struct pdf_drawing_matrix *n);
/* The bounds of a rectangle after m. */
struct pdf_rect pdf_drawing_matrix_bounds(
    const struct pdf_drawing_matrix *m, const struct pdf_rect *r);
/* Rectangles stay rectangles. */
bool pdf_drawing_matrix_is_straight(const struct pdf_drawing_matrix *m);

/* -- pdf_drawing_text.c -- */
/* True: it was an operator of texts (9.3, 9.4). */
must_check enum err pdf_drawing_text_operator(struct pdf_drawing_run *r, bool *ret_was);

/* -- pdf_drawing.c -- */
/* The operand at `i`, 0 if it is no number. */
double pdf_drawing_number(const struct pdf_drawing_run *r, size_t i);
/* An entry of the resources, resolved: of kind "Font", "XObject", ... */
must_check enum err pdf_drawing_resource(struct pdf_drawing_run *r, const char *kind,
    struct bytes name, const struct pdf_value **ret_value);
/* NULL: not known. */
must_check enum err pdf_drawing_font(
    struct pdf_drawing *d, const struct pdf_value *dict, const struct pdf_font **ret_font);

#endif
