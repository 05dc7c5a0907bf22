/*
 * The main navigation: what a person may go to, by listener and roles.
 */
#ifndef BULLA_SERVICE_FRONT_PAGE_NAVIGATION_H
#define BULLA_SERVICE_FRONT_PAGE_NAVIGATION_H

#include "service/front/person_session.h"
#include "service/pages/template.h"

/* Puts `has_navigation` and the list `navigation` (address, word, is_here, waiting). Nothing for
 * nobody, and for the window of a sealing. */
must_check enum err page_navigation_put(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session *session, struct template_data *d);

#endif
