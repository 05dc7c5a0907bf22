/*
 * Where a visible seal stands: from a page and a box as people see them to the page's user space.
 *
 * As people see it: the visible part of the page (CropBox inside MediaBox, ISO 32000-2 14.11.2),
 * turned by /Rotate; points of 1/72 inch, /UserUnit counted in; x to the right and y downward from
 * the upper left corner. What is inherited, indirect, reversed or fractional is taken as it is
 * meant; a page without a usable box is of letter size, as readers show it.
 *
 * Not checked: what is on the page already.
 */
#ifndef BULLA_SEALER_PLACEMENT_H
#define BULLA_SEALER_PLACEMENT_H

#include "formats/pdf_signature.h"

struct placement_box {
	double x, y, w, h;
};

/* On which side of a text the seal goes. */
enum placement_side {
	PLACEMENT_SIDE_NONE,
	PLACEMENT_SIDE_RIGHT,
	PLACEMENT_SIDE_BELOW,
	PLACEMENT_SIDE_OVER, /* upper left corner on upper left corner */
};

struct placement {
	int page;     /* from 1; -1: the last; 0: not said */
	bool has_box; /* else in a corner, as large as the look likes it */
	struct placement_box box;
	/* Beside a text: has_box says whether the box's w and h are wanted, the rest of it is not
	 * looked at. */
	enum placement_side side;
	struct placement_box anchor; /* the text, as people see it, but in units of user space */
};

struct placement_page {
	struct pdf_ref ref;
	size_t number;                   /* from 1 */
	double left, bottom, right, top; /* what is visible, in user space */
	int rotate;                      /* 0, 90, 180, 270: clockwise */
	double unit;                     /* points in a unit of user space */
	double width, height;            /* as people see it, in points */
};

/* Where a form goes. Its space is upright to the eye, in points, from its own lower left corner. */
struct placement_spot {
	struct pdf_ref page;
	double rect[4];       /* of the widget, in user space: left, bottom, right, top */
	double width, height; /* of the form: its /BBox is [0 0 width height] */
	double matrix[6];     /* the form's /Matrix */
};

/* A page by its number, or -1. ERR_DENIED: there is no such page; ERR_UNSUPPORTED: it is no object
 * of its own, so nothing can be put on it. */
must_check enum err placement_page_open(
    struct scope *s, const struct pdf_file *file, int number, struct placement_page *ret_page);

/* The place of a box of this size beside the anchor: a little way from it, and moved along the
 * anchor's side, but not over it, as far as the page's edge demands. */
struct placement_box placement_beside(const struct placement_page *page,
    const struct placement_box *anchor, enum placement_side side, double w, double h);

/* A box on the page. ERR_DENIED: it reaches outside, or has no area. */
must_check enum err placement_on_page(struct scope *s, const struct placement_page *page,
    struct placement_box box, struct placement_spot *ret_spot);

/* The box of a signature field that is there: its widget's /Rect, upright on the page as seen, or
 * as /MK /R says. ERR_DENIED: it is invisible or on no page. */
must_check enum err placement_of_field(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *field, struct placement_spot *ret_spot);

#endif
