/*
 * A comparison (service/comparison.h) in words: as a page for a person, and as JSON.
 */
#ifndef BULLA_SERVICE_COMPARISON_OUTLINE_H
#define BULLA_SERVICE_COMPARISON_OUTLINE_H

#include "service/comparison.h"
#include "validator/outline.h"

/* One page's pictures: their files' names, NULL where there is none, and how a page shows them. */
struct comparison_view {
	const char *sealed, *now, *marked;
	const char *uri[3]; /* of those three; NULL: only the name is told */
	uint32_t width[3], height[3];
};

/* `views`: one for each page of the comparison; NULL: there are no pictures. `m`: NULL: English. */
must_check enum err comparison_outline(struct scope *s, const struct comparison *c,
    const struct comparison_view *views, const struct messages *m, struct outline *ret_outline);
/* The pictures of one page, as a block: sealed, now, marked, as far as they are there. */
void comparison_outline_pictures(
    struct outline *o, const struct comparison_page *page, const struct comparison_view *view);
/* "Page 3", "Page 3 (page 2 when it was sealed)", ... */
const char *comparison_outline_page(struct outline *o, const struct comparison_page *page);

/* The keys are told in service/bulla.1. */
must_check enum err comparison_json(struct scope *s, const struct comparison *c,
    const struct comparison_view *views, struct bytes *ret_text);

#endif
