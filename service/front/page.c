#include "service/front/page.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/page_language.h"
#include "service/front/page_navigation.h"
#include "service/front/page_path.h"
#include "service/pages/page_file.h"
#include "validator/language.h"

static const struct {
	const char *name;
	bool is_good;
	const char *text;
} flashes[] = {
	[PAGE_FLASH_NONE] = { "", true, "" },
#define X(constant, name, is_good, text) [constant] = { name, is_good, text },
#include "service/front/page_flash.def"
#undef X
};
#define FLASHES (sizeof(flashes) / sizeof(flashes[0]))

/* -- language -- */
enum err page_language(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, const char **ret_tag)
{
	const struct configuration *c = f->configuration;
	const char *tag = session ? page_language_known(session->language) : NULL;
	(void)s;
	if (!tag)
		tag = page_language_known(http_request_cookie(q, "__Host-lang"));
	if (!tag)
		tag = page_language_accepted(http_request_header(q, "Accept-Language"));
	if (!tag)
		tag = page_language_known(c ? c->language : NULL);
	*ret_tag = tag ? tag : "en";
	return OK;
}

const char *page_say(const struct page *p, const char *id)
{
	return messages_text(p->messages, id);
}

enum err page_new(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, struct page *ret_page)
{
	const struct configuration *c = f->configuration;
	struct page p = { .front = f, .s = s, .q = q, .session = session };
	const char *tag;
	TRY(page_language(f, s, q, session, &tag));
	TRY(language_find(s, tag, &p.messages));
	p.data = template_data_new(s);
	if (!p.data)
		return ERR_NOMEM;
	template_put(p.data, "csrf", session ? session->csrf : NULL);
	if (session)
		template_put(p.data, "person", session->name);
	template_put(p.data, "organisation", c ? c->organisation : NULL);
	template_put_flag(p.data, "demo", c && c->demo);
	*ret_page = p;
	return OK;
}

enum err page_open(struct front *f, struct scope *s, const struct http_request *q, unsigned roles,
    struct http_reply *r, struct page *ret_page)
{
	const struct person_session *session;
	TRY(person_session_need(f, s, q, roles, r, &session));
	if (!session) {
		*ret_page = (struct page){ 0 };
		return OK;
	}
	return page_new(f, s, q, session, ret_page);
}

/* -- the frame -- */
/* "/style.css?v=0123456789abcdef": another content has another address, so it may be cached. */
static enum err put_address(struct scope *s, struct template_data *d, const char *name,
    const char *path, struct bytes content)
{
	struct digest digest;
	struct buf b = buf_new(s, LIMIT_URL);
	char *hex, *address;
	TRY(digest_of_bytes(s, DIGEST_SHA256, content, &digest));
	TRY(bytes_to_hex(s, bytes_of(digest.value, 8), &hex));
	buf_addf(&b, "%s?v=%s", path, hex);
	TRY(buf_done_str(&b, &address));
	template_put_link(d, name, address);
	return OK;
}

static void put_languages(struct template_data *d, const char *present)
{
	const char *tag;
	for (size_t i = 0; (tag = page_language_tag(i)) != NULL; i++) {
		struct template_data *item = template_add(d, "languages");
		template_put(item, "tag", tag);
		template_put(item, "word", page_language_name(i));
		template_put_flag(item, "is_here", !strcmp(tag, present));
	}
}

/* A page that answers a POST has no address to come back to. */
static void put_here(const struct page *p, struct template_data *d)
{
	template_put(d, "here", strcmp(p->q->method, "POST") != 0 ? p->q->path : "/");
}

static void put_flash(const struct page *p, struct template_data *d)
{
	const char *name = http_request_query(p->q, "done");
	template_put(d, "flash", NULL);
	for (size_t i = 1; name && i < FLASHES; i++)
		if (!strcmp(name, flashes[i].name)) {
			template_put_said(d, "flash", flashes[i].text);
			template_put(d, "flash_tone", flashes[i].is_good ? "good" : "caution");
		}
}

static enum err frame(const struct page *p, const struct template_fragment *content,
    const struct template_fragment **ret_whole)
{
	static const char *const passed[] = { "title", "csrf", "person", "organisation", "demo" };
	struct template_data *d = template_data_new(p->s);
	if (!d)
		return ERR_NOMEM;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		template_pass(d, passed[i], p->data, passed[i]);
	template_put(d, "lang", messages_language(p->messages));
	template_put(d, "version", BULLA_VERSION);
	template_put_fragment(d, "content", content);
	TRY(put_address(p->s, d, "style", "/style.css", page_file_style()));
	TRY(put_address(p->s, d, "script", "/script.js", page_file_script()));
	TRY(page_navigation_put(p->front, p->s, p->q, p->session, d));
	put_languages(d, messages_language(p->messages));
	put_here(p, d);
	put_flash(p, d);
	return template_render(p->s, &page_file_templates, "frame", d, p->messages, ret_whole);
}

enum err page_reply(const struct page *p, const char *template, int status, struct http_reply *r)
{
	const struct template_fragment *content, *whole;
	TRY(template_render(p->s, &page_file_templates, template, p->data, p->messages, &content));
	TRY(frame(p, content, &whole));
	http_reply_body(r, status, "text/html; charset=utf-8", template_fragment_html(whole));
	http_reply_add(r, "Content-Language", messages_language(p->messages));
	http_reply_add(r, "Vary", "Accept-Language, Cookie");
	return OK;
}

enum err page_reply_part(
    const struct page *p, const char *template, int status, struct http_reply *r)
{
	const struct template_fragment *part;
	TRY(template_render(p->s, &page_file_templates, template, p->data, p->messages, &part));
	http_reply_body(r, status, "text/html; charset=utf-8", template_fragment_html(part));
	return OK;
}

enum err page_done(struct scope *s, const char *path, enum page_flash flash, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_URL);
	char *to;
	buf_add_str(&b, path);
	if (flash != PAGE_FLASH_NONE)
		buf_addf(&b, "%cdone=%s", strchr(path, '?') ? '&' : '?', flashes[flash].name);
	TRY(buf_done_str(&b, &to));
	http_reply_redirect(r, to);
	return OK;
}

/* -- problems -- */
static const char *const titles[] = {
#define X(constant, code, status, title) [constant] = MESSAGES_MARK(title),
#include "service/front/problems.def"
#undef X
};

static const char *remedy_of(int status)
{
	switch (status) {
	case 403:
		return MESSAGES_MARK("Please go back, load the page again, and try once more; if "
				     "that does not help, ask your administrator for the right.");
	case 429:
	case 503:
		return MESSAGES_MARK("Please wait a minute, and try again.");
	case 502:
		return MESSAGES_MARK("Nothing was lost. Please try again later.");
	default:
		return status >= 500 ? MESSAGES_MARK("What happened has been noted. Please try "
						     "again, and ask the administrator if it "
						     "happens again.")
				     : NULL;
	}
}

enum err page_problem(struct front *f, struct scope *s, const struct http_request *q, int problem,
    const char *detail, struct http_reply *r)
{
	const struct person_session *session = NULL;
	struct page p;
	if (f->store && person_session_find(f, s, q, &session) != OK)
		session = NULL;
	TRY(page_new(f, s, q, session, &p));
	int status = problem_status((enum problem)problem);
	template_put_said(p.data, "title", titles[problem]);
	template_put_said(p.data, "remedy", remedy_of(status));
	template_put(p.data, "request", q->id);
	template_put(p.data, "detail", status < 500 ? detail : NULL);
	if (detail && strcmp(detail, messages_text(p.messages, detail)) != 0)
		template_put(p.data, "detail", messages_text(p.messages, detail));
	return page_reply(&p, "error", status, r);
}

/* -- what belongs to every page -- */
static enum err give(struct http_reply *r, const char *content_type, struct bytes content)
{
	http_reply_body(r, 200, content_type, content);
	r->may_cache = true;
	return OK;
}

static enum err give_style(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f, (void)s, (void)q;
	return give(r, "text/css; charset=utf-8", page_file_style());
}

static enum err give_script(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f, (void)s, (void)q;
	return give(r, "text/javascript; charset=utf-8", page_file_script());
}

static enum err give_icon(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f, (void)s, (void)q;
	return give(r, "image/svg+xml", page_file_icon());
}

static enum err choose_language(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *tag = page_language_known(q->parameter[0]);
	const char *to = http_request_query(q, "to");
	(void)f;
	if (!tag)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	http_reply_cookie(r, "lang", tag);
	http_reply_redirect(r, page_path_is_own(to) ? to : "/");
	return OK;
}

#define BOTH (HTTP_WINDOW | HTTP_DESK)

const struct route page_routes[] = {
	{ .listeners = BOTH, .method = "GET", .pattern = "/style.css", .handle = give_style },
	{ .listeners = BOTH, .method = "GET", .pattern = "/script.js", .handle = give_script },
	{ .listeners = BOTH, .method = "GET", .pattern = "/favicon.svg", .handle = give_icon },
	{ .listeners = BOTH,
	    .method = "GET",
	    .pattern = "/language/{tag}",
	    .handle = choose_language },
	{ 0 },
};
