#include "service/front/partner_pages.h"

#include <string.h>

#include "base/limits.h"
#include "service/front/log_view.h"
#include "service/front/page.h"
#include "service/front/person_roster.h"
#include "service/store/store_person.h"
#include "service/store/store_sealing.h"

#define ROWS 50
#define PARTNER_ROLES (STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN)

/* Of persons of a partner only, and not in a session that is for one sealing. */
static enum err open_page(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, struct page *ret_page)
{
	TRY(page_open(f, s, q, roles, r, ret_page));
	if (!ret_page->session || (ret_page->session->partner && !ret_page->session->sealing))
		return OK;
	ret_page->session = NULL;
	return problem_reply(s, q, PROBLEM_FORBIDDEN, NULL, r);
}

/* -- officers -- */
static struct person_roster roster_of(const struct page *p)
{
	return (struct person_roster){
		.partner = p->session->partner, .roles = PARTNER_ROLES, .base = "/partner/officers"
	};
}

static enum err show_officers(const struct page *p, const char *fault, struct http_reply *r)
{
	const struct person_roster roster = roster_of(p);
	template_put_said(p->data, "title", MESSAGES_MARK("Officers"));
	TRY(person_roster_put(p, &roster, fault));
	return page_reply(p, "officers", fault ? 422 : 200, r);
}

static enum err get_officers(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p));
	return p.session ? show_officers(&p, NULL, r) : OK;
}

static enum err post_officers(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *fault = NULL;
	struct page p;
	TRY(open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p));
	if (!p.session)
		return OK;
	const struct person_roster roster = roster_of(&p);
	TRY(person_roster_add(&p, &roster, &fault));
	return fault ? show_officers(&p, fault, r) : page_done(s, roster.base, PAGE_FLASH_ADDED, r);
}

static enum err get_officer(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p));
	if (!p.session)
		return OK;
	const struct person_roster roster = roster_of(&p);
	return person_roster_show(&p, &roster, q->parameter[0], NULL, r);
}

static enum err post_officer(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p));
	if (!p.session)
		return OK;
	const struct person_roster roster = roster_of(&p);
	return person_roster_change(&p, &roster, q->parameter[0], r);
}

/* -- sealings -- */
static const struct {
	const char *tone, *word;
} states[STORE_SEALING_STATES] = {
	[STORE_SEALING_AWAITING] = { "caution", MESSAGES_MARK("Waits for an officer") },
	[STORE_SEALING_SEALING] = { "quiet", MESSAGES_MARK("Being sealed") },
	[STORE_SEALING_SEALED] = { "good", MESSAGES_MARK("Sealed") },
	[STORE_SEALING_CANCELLED] = { "quiet", MESSAGES_MARK("Cancelled") },
	[STORE_SEALING_EXPIRED] = { "quiet", MESSAGES_MARK("Expired") },
	[STORE_SEALING_FAILED] = { "bad", MESSAGES_MARK("Failed") },
};

static enum err put_sealing(
    const struct page *p, const struct store_sealing *x, struct template_data *d)
{
	const struct configuration_portal *portal =
	    configuration_find_portal(p->front->configuration, x->portal);
	const struct store_person *officer = NULL;
	if (x->officer)
		TRY(store_person_find(p->s, p->front->store, x->officer, &officer));
	template_put(d, "id", x->id);
	template_put(d, "name", x->title[0] ? x->title : x->id);
	template_put(d, "reference", x->reference);
	template_put(d, "portal", portal ? portal->name : x->portal);
	template_put(d, "tone", states[x->state].tone);
	template_put_said(d, "state", states[x->state].word);
	template_put(d, "officer", officer ? officer->name : NULL);
	template_put_time(d, "created", x->created);
	template_put_time(d, "ended", x->ended);
	return OK;
}

static enum err get_sealings(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *after = http_request_query(q, "after");
	struct store_sealing_list list;
	struct page p;
	TRY(open_page(f, s, q, PARTNER_ROLES, r, &p));
	if (!p.session)
		return OK;
	const struct store_sealing_filter filter = { .partner = p.session->partner,
		.state = STORE_SEALING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	TRY(store_sealing_list(s, f->store, &filter,
	    (struct store_page){ .after = after && after[0] ? after : NULL, .limit = ROWS },
	    &list));
	template_put_said(p.data, "title", MESSAGES_MARK("Sealings"));
	template_put(p.data, "next", list.next);
	template_put_list(p.data, "sealings");
	template_put_flag(p.data, "has_sealings", list.n > 0);
	for (size_t i = 0; i < list.n; i++)
		TRY(put_sealing(&p, &list.sealing[i], template_add(p.data, "sealings")));
	return page_reply(&p, "sealings", 200, r);
}

/* -- the log -- */
static uint64_t number_asked(const struct http_request *q, const char *name)
{
	const char *text = http_request_query(q, name);
	uint64_t n = 0;
	for (; text && *text >= '0' && *text <= '9' && n < UINT64_MAX / 100; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	return n;
}

static enum err get_log(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p));
	if (!p.session)
		return OK;
	const struct log_view_filter filter = {
		.partner = p.session->partner, .before = number_asked(q, "before"), .limit = ROWS
	};
	template_put_said(p.data, "title", MESSAGES_MARK("Log"));
	TRY(log_view_put(&p, &filter));
	return page_reply(&p, "partner_log", 200, r);
}

#define READ(path, function)                                                                       \
	{                                                                                          \
		.listeners = HTTP_WINDOW, .method = "GET", .pattern = path, .handle = function     \
	}
#define WRITE(path, function)                                                                      \
	{                                                                                          \
		.listeners = HTTP_WINDOW, .method = "POST", .pattern = path, .body = ROUTE_FORM,   \
		.secret = true, .handle = function                                                 \
	}

const struct route partner_pages_routes[] = {
	READ("/partner/officers", get_officers),
	WRITE("/partner/officers", post_officers),
	READ("/partner/officers/{id}", get_officer),
	WRITE("/partner/officers/{id}", post_officer),
	READ("/partner/sealings", get_sealings),
	READ("/partner/log", get_log),
	{ 0 },
};
