/*
 * Small pictures of the pages that look different, for a report on paper or screen
 * (validator/report.h, struct report_pictures). Never fails for the document's sake: why there are
 * no pictures is told in place of them.
 */
#ifndef BULLA_SERVICE_REPORT_PICTURES_H
#define BULLA_SERVICE_REPORT_PICTURES_H

#include "validator/report.h"

/* For the signature that comparison_choose takes, if something changed after it; else nothing. At
 * most LIMIT_REPORT_PICTURES pages are shown, LIMIT_REPORT_PICTURES_MS is taken. ERR_NOMEM. */
must_check enum err report_pictures_add(
    struct scope *s, struct report *r, struct bytes document, struct bytes password);

#endif
