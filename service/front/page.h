/*
 * Pages for persons, on the window and the desk: a template in the frame (head, navigation, flash
 * message, demonstration banner), in the person's language.
 *
 * Handlers fill page.data and call page_reply. What every template finds besides, put by page_new:
 *	csrf        the session's token: every form that posts has
 *	            <input type="hidden" name="csrf" value="{{csrf}}">
 *	person      the name of who is logged in; absent when nobody is
 *	organisation, demo
 * The handler puts at least `title` (template_put or template_put_said).
 */
#ifndef BULLA_SERVICE_FRONT_PAGE_H
#define BULLA_SERVICE_FRONT_PAGE_H

#include "service/front/front.h"
#include "service/front/person_session.h"
#include "service/front/problem.h"
#include "service/pages/template.h"

struct page {
	struct front *front;
	struct scope *s;
	const struct http_request *q;
	const struct person_session *session; /* NULL: nobody is logged in */
	const struct messages *messages;      /* NULL: English */
	struct template_data *data;
};

/* What a page says at its head after something was done: page_done. The text stands in the table,
 * the address carries only its name: X(constant, "name", tone, "text"). */
enum page_flash {
	PAGE_FLASH_NONE,
#define X(constant, name, is_good, text) constant,
#include "service/front/page_flash.def"
#undef X
};

/* Language: the person's own, else the cookie `lang` (set by GET /language/{tag}), else
 * Accept-Language, else the configuration. */
must_check enum err page_new(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, struct page *ret_page);
/* person_session_need, then page_new. ret_page->session is NULL when the reply is complete. */
must_check enum err page_open(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, struct page *ret_page);
/* A text in the page's language. */
const char *page_say(const struct page *p, const char *id);
/* `template` is a name of service/pages/page_files.def. */
must_check enum err page_reply(
    const struct page *p, const char *template, int status, struct http_reply *r);
/* Without the frame: for a script that puts it into a page. */
must_check enum err page_reply_part(
    const struct page *p, const char *template, int status, struct http_reply *r);
/* 303 to a path of this listener, whose page then says the text of `flash`. */
must_check enum err page_done(
    struct scope *s, const char *path, enum page_flash flash, struct http_reply *r);

/* A page that says what went wrong: an http_problem_page, for http_server_config. */
must_check enum err page_problem(struct front *f, struct scope *s, const struct http_request *q,
    int problem, const char *detail, struct http_reply *r);

/* The tag of the language that a page of this request would have. */
must_check enum err page_language(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, const char **ret_tag);

/* /style.css, /script.js, /favicon.svg, /language/{tag}: on the window and the desk. */
extern const struct route page_routes[];

#endif
