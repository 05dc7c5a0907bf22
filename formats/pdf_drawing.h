/*
 * What content streams put where (ISO 32000-2 8, 9): texts and opaque areas with their places, in
 * the order in which they are painted. Form XObjects are followed.
 *
 * Places are approximate: a text's box goes from its base line to about the height of a capital,
 * with widths as the font tells them. Not looked at: colours, paths that are no rectangles,
 * shadings, patterns, what fonts and images really show. What depends on optional content counts
 * neither as painted nor as opaque.
 */
#ifndef BULLA_FORMATS_PDF_DRAWING_H
#define BULLA_FORMATS_PDF_DRAWING_H

#include "formats/pdf_font.h"
#include "formats/pdf_pages.h"

struct pdf_drawing_text {
	struct pdf_rect box;         /* bounds, in the space that the drawing began with */
	const struct pdf_font *font; /* NULL: not known */
	struct bytes octets;         /* valid during the call */
	size_t letters;              /* struct pdf_font_extent */
	bool is_painted; /* not in an invisible mode, transparent, or wholly outside of the clip */
	bool is_cut;     /* it is longer than what could be read of it */
};

struct pdf_drawing_area {
	struct pdf_rect box;
	bool is_opaque; /* whole of it is painted over */
	bool is_image;
};

/* Who is told; each function may be NULL. */
struct pdf_drawing_sink {
	void *ctx;
	enum err (*text)(void *ctx, const struct pdf_drawing_text *text);
	enum err (*area)(void *ctx, const struct pdf_drawing_area *area);
	bool ends_with_objects; /* what a page paints after its last XObject is of no interest */
};

/* What may still be spent, for all drawings of a job. A drawing that runs out of it ends there. */
struct pdf_drawing_budget {
	size_t operators; /* texts count as more than one */
	size_t raw;       /* octets of streams, as stored */
};

/* Keeps the fonts of a revision. */
struct pdf_drawing;

/* All three must outlive it. */
must_check enum err pdf_drawing_new(struct scope *s, const struct pdf_file *f, size_t rev,
    struct pdf_drawing_budget *budget, struct pdf_drawing **ret_drawing);

/* The contents of a page, in its default user space. Streams that cannot be read are left out.
 * Errors: those of the sink, and ERR_NOMEM. */
must_check enum err pdf_drawing_page(
    struct pdf_drawing *d, const struct pdf_page *page, const struct pdf_drawing_sink *sink);
/* An appearance stream, fitted into the rectangle of its annotation (12.5.5). */
must_check enum err pdf_drawing_appearance(struct pdf_drawing *d, const struct pdf_value *stream,
    const struct pdf_rect *rect, const struct pdf_drawing_sink *sink);
/* Content as it stands, with these resources: for tests. */
must_check enum err pdf_drawing_content(struct pdf_drawing *d, struct bytes content,
    const struct pdf_value *resources, const struct pdf_rect *clip,
    const struct pdf_drawing_sink *sink);
/* Whether nothing was left out for want of budget. */
bool pdf_drawing_is_complete(const struct pdf_drawing *d);

#endif
