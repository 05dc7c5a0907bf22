/*
 * A comparison (service/comparison.h) in words: as a page for a person, and as JSON.
 */
#ifndef BULLA_SERVICE_COMPARISON_OUTLINE_H
#define BULLA_SERVICE_COMPARISON_OUTLINE_H

#include "service/comparison.h"
#include "validator/outline.h"

/* `pictures`: one for each page of the comparison; NULL: there are none. `m`: NULL: English. */
must_check enum err comparison_outline(struct scope *s, const struct comparison *c,
    const struct report_page_pictures *pictures, const struct messages *m,
    struct outline *ret_outline);
/* The keys are told in service/bulla.1. */
must_check enum err comparison_json(struct scope *s, const struct comparison *c,
    const struct report_page_pictures *pictures, struct bytes *ret_text);

#endif
