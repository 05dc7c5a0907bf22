/*
 * The desk: a filed document as a signature sealed it beside what it is now, page by page.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_CHANGES_H
#define BULLA_SERVICE_FRONT_DESK_CHANGES_H

#include "service/front/page.h"
#include "service/store/store_filing.h"

/* Has a worker compare and fills in the page (changes.html). `signature`: as "S1"; NULL: the last
 * one that something followed. */
must_check enum err desk_changes_show(const struct page *p, const struct store_filing *filing,
    const char *signature, struct http_reply *r);

#endif
