/*
 * Which page of a document as it was is which page of it now: by the objects that the pages are
 * (ISO 32000-2 7.7.3.3), in their order. Pure.
 */
#ifndef BULLA_SERVICE_PAGE_MATCH_H
#define BULLA_SERVICE_PAGE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scope.h"

struct page_match_list {
	size_t n_shown;    /* pages that there are */
	uint32_t *objects; /* of the pages, 0: none; NULL: not known */
	size_t n_objects;
};

/* Numbers from 1; 0: the page was added, or removed. */
struct page_match {
	uint32_t sealed, now;
};

/* The longest order that both have in common stays; by their numbers where the objects are not
 * known, or not of all pages. Pages that went are set against those that came in their place; a
 * page that stands elsewhere now was removed and added. */
must_check enum err page_match_find(struct scope *s, const struct page_match_list *sealed,
    const struct page_match_list *now, struct page_match **ret_matches, size_t *ret_n,
    bool *ret_by_object);

#endif
