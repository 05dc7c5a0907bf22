/*
 * All pages of a revision with what they inherit (ISO 32000-2 7.7.3): one walk over the page tree.
 */
#ifndef BULLA_FORMATS_PDF_PAGES_H
#define BULLA_FORMATS_PDF_PAGES_H

#include "formats/pdf_file.h"

struct pdf_rect {
	double x0, y0, x1, y1; /* x0 <= x1, y0 <= y1 */
};

struct pdf_page {
	struct pdf_ref ref; /* num 0: direct */
	const struct pdf_value *dict;
	const struct pdf_value *resources; /* inherited; the null value if there are none */
	struct pdf_rect box; /* the crop box, or media box; that of a letter if there is none */
};

struct pdf_pages {
	struct pdf_page *item;
	size_t n;
};

/* Loops are cut, and what cannot be read is left out. ERR_LIMIT beyond LIMIT_PDF_PAGES. */
must_check enum err pdf_pages_list(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_pages *ret_pages);

/* An array of four numbers, which may be references; false: it is none. */
must_check enum err pdf_pages_rect(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *array, bool *ret_is, struct pdf_rect *ret_rect);
double pdf_pages_area(const struct pdf_rect *r);
/* What both cover; all 0 where that is nothing. */
struct pdf_rect pdf_pages_meet(const struct pdf_rect *a, const struct pdf_rect *b);

#endif
