#include "service/front/desk_partners.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/key_view.h"
#include "service/front/page.h"
#include "service/front/page_path.h"
#include "service/front/person_roster.h"
#include "service/log/audit_log.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

#define STAFF_ROLES                                                                                \
	(STORE_PERSON_CLERK | STORE_PERSON_APPROVER | STORE_PERSON_ADMINISTRATOR |                 \
	    STORE_PERSON_AUDITOR)
#define OFFICER_ROLES (STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN)

static const struct person_roster staff = { .roles = STAFF_ROLES, .base = "/staff" };

/* -- partners -- */
static enum err put_partner(
    const struct page *p, const struct store_partner *partner, struct template_data *d)
{
	const char *address;
	TRY(page_path_of(p->s, "/partners/", partner->id, "", &address));
	template_put(d, "id", partner->id);
	template_put_link(d, "address", address);
	template_put(d, "name", partner->name);
	template_put(d, "number", partner->number);
	template_put_flag(d, "is_active", partner->active);
	template_put_time(d, "created", partner->created);
	return OK;
}

static enum err show_partners(const struct page *p, const char *fault, struct http_reply *r)
{
	const char *after = http_request_query(p->q, "after");
	struct store_partner_list list;
	TRY(store_partner_list(p->s, p->front->store,
	    (struct store_page){ .after = after && after[0] ? after : NULL }, &list));
	template_put_said(p->data, "title", MESSAGES_MARK("Partners"));
	template_put(p->data, "next", list.next);
	template_put_list(p->data, "partners");
	template_put_flag(p->data, "has_partners", list.n > 0);
	for (size_t i = 0; i < list.n; i++)
		TRY(put_partner(p, &list.partner[i], template_add(p->data, "partners")));
	template_put_said(p->data, "fault", fault);
	template_put(p->data, "typed_name", fault ? http_request_field(p->q, "name") : "");
	template_put(p->data, "typed_number", fault ? http_request_field(p->q, "number") : "");
	return page_reply(p, "partners", fault ? 422 : 200, r);
}

static enum err get_partners(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	return p.session ? show_partners(&p, NULL, r) : OK;
}

static const char *fault_of(const struct store_partner *partner)
{
	if (!partner->name || !partner->name[strspn(partner->name, " \t")] ||
	    strlen(partner->name) > LIMIT_PERSON_TEXT)
		return MESSAGES_MARK("A name is needed, of at most 200 characters.");
	if (strlen(partner->number) > LIMIT_PERSON_TEXT)
		return MESSAGES_MARK("The number is too long.");
	return NULL;
}

static enum err note(
    const struct page *p, enum audit_kind kind, const struct store_partner *partner)
{
	struct audit_entry e = person_session_entry(p->q, p->session, kind, partner->id);
	e.partner = partner->id;
	e.detail[0] = (struct audit_detail){ "name", partner->name, false };
	e.detail[1] = (struct audit_detail){ "number", partner->number, false };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

/* *ret_fault: the number is taken. */
static enum err taken(struct scope *s, enum err e, const char **ret_fault)
{
	if (e != ERR_MISUSE)
		return e;
	scope_forgive(s);
	*ret_fault = MESSAGES_MARK("Another partner has this number already.");
	return OK;
}

static enum err post_partners(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *number = http_request_field(q, "number"), *fault, *to;
	struct store_partner partner = {
		.number = number ? number : "", .active = true, .created = q->at
	};
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	if (!p.session)
		return OK;
	partner.name = http_request_field(q, "name");
	TRY(identifier_new(s, IDENTIFIER_PARTNER, &partner.id));
	fault = fault_of(&partner);
	if (!fault)
		TRY(taken(s, store_partner_add(s, f->store, &partner), &fault));
	if (fault)
		return show_partners(&p, fault, r);
	TRY(note(&p, AUDIT_PARTNER_CREATED, &partner));
	TRY(page_path_of(s, "/partners/", partner.id, "", &to));
	return page_done(s, to, PAGE_FLASH_ADDED, r);
}

/* The gate and the partner of the path; *ret_partner NULL: the reply is complete. */
static enum err open_partner(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, struct page *ret_page, const struct store_partner **ret_partner,
    struct person_roster *ret_roster)
{
	const char *base;
	*ret_partner = NULL;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, ret_page));
	if (!ret_page->session)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_PARTNER))
		TRY(store_partner_find(s, f->store, q->parameter[0], ret_partner));
	if (!*ret_partner)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(page_path_of(s, "/partners/", (*ret_partner)->id, "/persons", &base));
	*ret_roster = (struct person_roster){
		.partner = (*ret_partner)->id, .roles = OFFICER_ROLES, .base = base
	};
	return OK;
}

static enum err put_keys(const struct page *p, const char *partner)
{
	struct store_key_list list;
	TRY(store_key_list(p->s, p->front->store, partner, (struct store_page){ 0 }, &list));
	template_put_list(p->data, "keys");
	template_put_flag(p->data, "has_keys", list.n > 0);
	for (size_t i = 0; i < list.n; i++)
		TRY(key_view_put(p, &list.key[i], template_add(p->data, "keys")));
	return OK;
}

static enum err show_partner(const struct page *p, const struct store_partner *partner,
    const struct person_roster *roster, const char *fault, const char *person_fault,
    struct http_reply *r)
{
	TRY(put_partner(p, partner, p->data));
	template_put(p->data, "title", partner->name);
	template_put_said(p->data, "fault", fault);
	TRY(person_roster_put(p, roster, person_fault));
	TRY(put_keys(p, partner->id));
	return page_reply(p, "partner_admin", fault || person_fault ? 422 : 200, r);
}

static enum err get_partner(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	return partner ? show_partner(&p, partner, &roster, NULL, NULL, r) : OK;
}

static enum err post_partner(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	const char *fault, *to;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	if (!partner)
		return OK;
	struct store_partner now = *partner;
	now.name = http_request_field(q, "name");
	now.number = http_request_field(q, "number") ? http_request_field(q, "number") : "";
	now.active = http_request_field(q, "active") != NULL;
	fault = fault_of(&now);
	if (!fault)
		TRY(taken(s, store_partner_change(s, f->store, &now), &fault));
	if (fault)
		return show_partner(&p, partner, &roster, fault, NULL, r);
	TRY(note(&p, partner->active && !now.active ? AUDIT_PARTNER_REMOVED : AUDIT_PARTNER_CHANGED,
	    &now));
	TRY(page_path_of(s, "/partners/", partner->id, "", &to));
	return page_done(s, to, PAGE_FLASH_SAVED, r);
}

static enum err post_partner_person(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	const char *fault = NULL, *to;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	if (!partner)
		return OK;
	TRY(person_roster_add(&p, &roster, &fault));
	if (fault)
		return show_partner(&p, partner, &roster, NULL, fault, r);
	TRY(page_path_of(s, "/partners/", partner->id, "", &to));
	return page_done(s, to, PAGE_FLASH_ADDED, r);
}

/* Where the list of a partner's persons is. */
static enum err get_partner_persons(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	const char *to;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	if (!partner)
		return OK;
	TRY(page_path_of(s, "/partners/", partner->id, "", &to));
	return page_done(
	    s, to, http_request_query(q, "done") ? PAGE_FLASH_SAVED : PAGE_FLASH_NONE, r);
}

static enum err get_partner_person(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	return partner ? person_roster_show(&p, &roster, q->parameter[1], NULL, r) : OK;
}

static enum err post_one_partner_person(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_partner *partner;
	struct person_roster roster;
	struct page p;
	TRY(open_partner(f, s, q, r, &p, &partner, &roster));
	return partner ? person_roster_change(&p, &roster, q->parameter[1], r) : OK;
}

/* -- staff -- */
static enum err show_staff(const struct page *p, const char *fault, struct http_reply *r)
{
	template_put_said(p->data, "title", MESSAGES_MARK("Staff"));
	TRY(person_roster_put(p, &staff, fault));
	return page_reply(p, "staff", fault ? 422 : 200, r);
}

static enum err get_staff(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	return p.session ? show_staff(&p, NULL, r) : OK;
}

static enum err post_staff(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *fault = NULL;
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	if (!p.session)
		return OK;
	TRY(person_roster_add(&p, &staff, &fault));
	return fault ? show_staff(&p, fault, r) : page_done(s, "/staff", PAGE_FLASH_ADDED, r);
}

static enum err get_one_staff(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	return p.session ? person_roster_show(&p, &staff, q->parameter[0], NULL, r) : OK;
}

static enum err post_one_staff(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_ADMINISTRATOR, r, &p));
	return p.session ? person_roster_change(&p, &staff, q->parameter[0], r) : OK;
}

#define READ(path, function)                                                                       \
	{                                                                                          \
		.listeners = HTTP_DESK, .method = "GET", .pattern = path, .handle = function       \
	}
#define WRITE(path, is_secret, function)                                                           \
	{                                                                                          \
		.listeners = HTTP_DESK, .method = "POST", .pattern = path, .body = ROUTE_FORM,     \
		.secret = is_secret, .handle = function                                            \
	}

const struct route desk_partners_routes[] = {
	READ("/partners", get_partners),
	WRITE("/partners", false, post_partners),
	READ("/partners/{id}", get_partner),
	WRITE("/partners/{id}", false, post_partner),
	READ("/partners/{id}/persons", get_partner_persons),
	WRITE("/partners/{id}/persons", true, post_partner_person),
	READ("/partners/{id}/persons/{person}", get_partner_person),
	WRITE("/partners/{id}/persons/{person}", true, post_one_partner_person),
	READ("/staff", get_staff),
	WRITE("/staff", true, post_staff),
	READ("/staff/{id}", get_one_staff),
	WRITE("/staff/{id}", true, post_one_staff),
	{ 0 },
};
