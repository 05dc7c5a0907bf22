/*
 * Where on its pages the objects of a PDF lie: an annotation, its appearance and its field in the
 * annotation's rectangle; a page's own dictionary, content and resources anywhere on that page.
 * Pure.
 *
 * What takes part in no page (catalog, validation data, ...) has no place. What cannot be read is
 * passed over; so is what lies deeper than pages go. The places say where something may show, not
 * that it does.
 */
#ifndef BULLA_SERVICE_CHANGE_PLACE_H
#define BULLA_SERVICE_CHANGE_PLACE_H

#include "formats/pdf_file.h"

/* On the page as people see it, in points from its upper left corner. */
struct change_box {
	double left, top, right, bottom;
};

struct change_place {
	uint32_t object;
	uint32_t page; /* counted from 1 */
	bool has_box;  /* else anywhere on the page */
	struct change_box box;
};

struct change_place_list {
	struct change_place *item; /* by page */
	size_t n, room;
};

/* Adds the places of these objects (ascending) on one page of the latest revision. */
must_check enum err change_place_add(struct scope *s, const struct pdf_file *f, uint32_t page,
    const uint32_t *objects, size_t n_objects, struct change_place_list *places);
/* The object of each page, in order, 0 where it is none; LIMIT_PREVIEW_PAGES at most. */
must_check enum err change_place_pages(
    struct scope *s, const struct pdf_file *f, uint32_t **ret_objects, size_t *ret_n);

#endif
