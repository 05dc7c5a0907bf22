/*
 * Pages from templates without logic (a subset of mustache), and the values that go into them.
 *
 *	{{name}}                    a value, escaped for the place where it stands
 *	{{#name}} ... {{/name}}     once for each item of a list; once when a value is there and
 *true
 *	{{^name}} ... {{/name}}     when the list is empty, or the value is not there or false
 *	{{>file}}                   another template (service/pages/file.html), with the same values
 *	{{&name}}                   a fragment, which only template_render makes
 *	{{_ Text with {name}}}      a text in the page's language; {name} is a value, escaped
 *	{{_#n {n} file|{n} files}}  the form for the number n
 *	{{! a remark }}
 *
 * Values are looked up in the item, then in what encloses it. A value that is to be shown and that
 * nobody has put is an error; for a section it is nothing.
 *
 * Escaping goes by the place. The parser follows the HTML around the tags, and lets values stand in
 * the content of elements and in quoted values of attributes only: not in tags, comments, scripts
 * or styles, nor in the attributes on..., style and srcdoc. In an attribute that holds an address
 * (href, src, action, formaction) a value at its beginning must be a link (template_put_link), and
 * further on it is percent-encoded (RFC 3986 2.1), so that it stays one segment or one parameter.
 *
 * The functions that put never fail: after a failure they do nothing, and template_render tells.
 */
#ifndef BULLA_SERVICE_PAGES_TEMPLATE_H
#define BULLA_SERVICE_PAGES_TEMPLATE_H

#include <stdbool.h>

#include "base/instant.h"
#include "base/messages.h"

/* -- values -- */
struct template_data;
struct template_fragment; /* HTML that is fit for the content of elements */

/* An empty set of values, in the scope. */
struct template_data *template_data_new(struct scope *s);
/* Copied. NULL: there, but nothing. Putting a name again replaces what it stood for. */
void template_put(struct template_data *d, const char *name, const char *text);
/* An English text that is shown in the page's language. `id` is a literal, or was marked. */
void template_put_said(struct template_data *d, const char *name, const char *id);
void template_put_number(struct template_data *d, const char *name, int64_t number);
void template_put_flag(struct template_data *d, const char *name, bool is_so);
/* "2026-11-22 10:00:00 UTC"; an unknown one is there, but nothing. */
void template_put_time(struct template_data *d, const char *name, struct instant t);
/* An address: a path of this listener ("/...", but not "//..."), or http:// or https://. Anything
 * else is an error. NULL as for template_put. */
void template_put_link(struct template_data *d, const char *name, const char *address);
/* A PNG as an address of itself ("data:image/png;base64,..."), for <img src>. */
void template_put_picture(struct template_data *d, const char *name, struct bytes png);
void template_put_fragment(
    struct template_data *d, const char *name, const struct template_fragment *fragment);
/* A list without items as yet; needed only where it is to be told from one nobody has put. */
void template_put_list(struct template_data *d, const char *name);
/* One more item of a list (which it begins), to put values into. Never NULL when d is not. */
struct template_data *template_add(struct template_data *d, const char *name);
/* What a text was put as, for a frame around a page: the value of `from` under `name` in `to`. */
void template_pass(struct template_data *to, const char *name, const struct template_data *from,
    const char *from_name);

/* -- templates -- */
/* Finds a template's text by its name; empty: there is none. */
struct template_source {
	struct bytes (*find)(const char *name);
};

/* The template with its values. `messages` NULL: English. ERR_INTERNAL: a fault of the template or
 * a value that it wants and that nobody put, with its name and line; ERR_LIMIT, ERR_NOMEM. */
must_check enum err template_render(struct scope *s, const struct template_source *source,
    const char *name, const struct template_data *d, const struct messages *messages,
    const struct template_fragment **ret_fragment);
struct bytes template_fragment_html(const struct template_fragment *f);

/* Whether the template and those that it includes are well-formed; ERR_INTERNAL names the fault.
 * `used` (may be NULL) is told each name of a value. */
must_check enum err template_check(struct scope *s, const struct template_source *source,
    const char *name, void (*used)(void *ctx, const char *name), void *ctx);

#endif
