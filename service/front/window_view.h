/*
 * What the pages of the sealing window show: the values of their templates.
 */
#ifndef BULLA_SERVICE_FRONT_WINDOW_VIEW_H
#define BULLA_SERVICE_FRONT_WINDOW_VIEW_H

#include "service/front/page.h"
#include "service/store/store_key.h"
#include "service/store/store_sealing.h"

/* "/sealing/ID" and what follows; in the scope. */
must_check enum err window_view_path(
    struct scope *s, const struct store_sealing *l, const char *rest, const char **ret_path);

/* The form to log in. `fault`: NULL, or what a person should know, in English. */
must_check enum err window_view_login(const struct page *p, const struct store_sealing *l,
    const char *fault, bool is_lost, int status, struct http_reply *r);

/* What went wrong with the last try. */
struct window_view_fault {
	const char *text;   /* English; NULL: nothing did */
	const char *detail; /* as it is, or NULL */
	bool is_password;
};
/* All that an officer should see before he seals, and the form. */
must_check enum err window_view_sealing(const struct page *p, const struct store_sealing *l,
    const struct store_key_list *keys, const struct window_view_fault *fault, int status,
    struct http_reply *r);
/* Being sealed, sealed, cancelled, expired, failed. */
must_check enum err window_view_end(
    const struct page *p, const struct store_sealing *l, struct http_reply *r);
/* One page of a document. */
must_check enum err window_view_page(const struct page *p, const struct store_sealing *l,
    const struct store_sealing_document *d, unsigned number, struct http_reply *r);

#endif
