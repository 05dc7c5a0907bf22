/*
 * Which language a page is in.
 */
#ifndef BULLA_SERVICE_FRONT_PAGE_LANGUAGE_H
#define BULLA_SERVICE_FRONT_PAGE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* The tags there are ("en", "hu") with their names in themselves; NULL after the last. */
const char *page_language_tag(size_t i);
const char *page_language_name(size_t i);
/* The tag as a constant; NULL when there is none such, or `tag` is NULL. */
const char *page_language_known(const char *tag);
/* The one of ours that the browser would most like by its Accept-Language (RFC 9110 12.5.4; a range
 * "hu-HU" counts as "hu"); NULL: none of them. */
const char *page_language_accepted(const char *header);

#endif
