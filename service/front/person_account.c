#include "service/front/person_account.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/page.h"
#include "service/front/page_language.h"
#include "service/front/page_path.h"
#include "service/front/person_password.h"
#include "service/log/audit_log.h"
#include "service/store/store_person.h"

#define WINDOW_ROLES (STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN)
#define DESK_ROLES                                                                                 \
	(STORE_PERSON_CLERK | STORE_PERSON_APPROVER | STORE_PERSON_ADMINISTRATOR |                 \
	    STORE_PERSON_AUDITOR)

static unsigned roles_here(const struct http_request *q)
{
	return q->listener == HTTP_DESK ? DESK_ROLES : WINDOW_ROLES;
}

/* -- login -- */
static enum err show_login(struct front *f, struct scope *s, const struct http_request *q,
    const char *to, bool has_failed, struct http_reply *r)
{
	struct page p;
	TRY(page_new(f, s, q, NULL, &p));
	template_put_said(p.data, "title", MESSAGES_MARK("Log in"));
	template_put(p.data, "to", page_path_is_own(to) ? to : "/");
	template_put_flag(p.data, "has_failed", has_failed);
	template_put_flag(p.data, "is_desk", q->listener == HTTP_DESK);
	template_put(p.data, "login", has_failed ? http_request_field(q, "login") : "");
	return page_reply(&p, "login", has_failed ? 401 : 200, r);
}

static enum err get_login(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	return show_login(f, s, q, http_request_query(q, "to"), false, r);
}

static enum err post_login(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct person_session_login login;
	const char *typed = http_request_field(q, "to");
	char *to;
	/* The body of a secret route is wiped before its reply is sent. */
	TRY(bytes_to_str(s, bytes_of_str(typed ? typed : "/"), &to));
	TRY(person_session_login(f, s, q, roles_here(q), NULL, NULL, r, &login));
	switch (login.outcome) {
	case PERSON_SESSION_BEGUN:
		http_reply_redirect(r, page_path_is_own(to) ? to : "/");
		return OK;
	case PERSON_SESSION_CROSS_SITE:
		return problem_reply(s, q, PROBLEM_CROSS_SITE, NULL, r);
	case PERSON_SESSION_BUSY:
		return problem_reply(s, q, PROBLEM_BUSY, NULL, r);
	case PERSON_SESSION_WRONG:
	case PERSON_SESSION_WAIT:
		break;
	}
	return show_login(f, s, q, to, true, r);
}

static enum err post_logout(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct person_session *session;
	TRY(person_session_need(f, s, q, 0, r, &session));
	if (!session)
		return OK;
	TRY(person_session_logout(f, s, q, session, r));
	return page_done(s, "/login", PAGE_FLASH_LOGGED_OUT, r);
}

/* -- account -- */
static void put_languages(const struct page *p)
{
	const char *tag;
	for (size_t i = 0; (tag = page_language_tag(i)) != NULL; i++) {
		struct template_data *item = template_add(p->data, "choices");
		template_put(item, "tag", tag);
		template_put(item, "word", page_language_name(i));
		template_put_flag(item, "is_chosen", !strcmp(tag, messages_language(p->messages)));
	}
}

static enum err show_account(const struct page *p, const char *fault, struct http_reply *r)
{
	template_put_said(p->data, "title", MESSAGES_MARK("Own account"));
	template_put(p->data, "login", p->session->login);
	template_put_flag(p->data, "must_change", p->session->must_change);
	template_put_said(p->data, "fault", fault);
	put_languages(p);
	return page_reply(p, "account", fault ? 422 : 200, r);
}

static enum err get_account(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, 0, r, &p));
	return p.session ? show_account(&p, NULL, r) : OK;
}

static enum err post_language(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct person_session *session;
	const struct store_person *person = NULL;
	const char *tag = page_language_known(http_request_field(q, "language"));
	TRY(person_session_need(f, s, q, 0, r, &session));
	if (!session)
		return OK;
	TRY(store_person_find(s, f->store, session->person, &person));
	if (!tag || !person)
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, NULL, r);
	struct store_person changed = *person;
	changed.language = tag;
	TRY(store_person_change(s, f->store, &changed));
	return page_done(s, "/account", PAGE_FLASH_SAVED, r);
}

static enum err change_password(const struct page *p, const char **ret_fault)
{
	const struct http_request *q = p->q;
	const char *typed = http_request_field(q, "password");
	const char *fresh = http_request_field(q, "new_password");
	const char *again = http_request_field(q, "new_password_again");
	bool is_right;
	*ret_fault = NULL;
	if (!fresh || !again || strcmp(fresh, again) != 0) {
		*ret_fault = MESSAGES_MARK("The two new passwords are not the same.");
		return OK;
	}
	*ret_fault = person_password_fault(fresh);
	if (*ret_fault)
		return OK;
	TRY(person_session_is_password(p->front, p->s, q, p->session, typed, &is_right));
	if (!is_right)
		*ret_fault = MESSAGES_MARK("The present password is wrong, or the account must "
					   "wait after too many attempts.");
	else if (!strcmp(typed, fresh))
		*ret_fault = MESSAGES_MARK("The new password is the old one.");
	return OK;
}

static enum err do_change_password(const struct page *p, struct http_reply *r)
{
	struct front *f = p->front;
	const char *encoded, *fault = NULL;
	struct audit_entry e =
	    person_session_entry(p->q, p->session, AUDIT_PASSWORD_CHANGED, p->session->person);
	TRY(change_password(p, &fault));
	if (fault)
		return show_account(p, fault, r);
	TRY(person_session_hash(p->s, http_request_field(p->q, "new_password"), &encoded));
	TRY(store_person_set_password(
	    p->s, f->store, p->session->person, encoded, false, p->session->id));
	TRY(person_session_renew(f, p->s, p->q, p->session, r));
	TRY(audit_log_append(p->s, f->log, &e, NULL));
	return page_done(p->s, "/account", PAGE_FLASH_PASSWORD, r);
}

static enum err post_password(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	static const char *const secrets[] = { "password", "new_password", "new_password_again" };
	struct page p;
	enum err e = page_open(f, s, q, 0, r, &p);
	if (e == OK && p.session)
		e = do_change_password(&p, r);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		http_request_wipe(q, secrets[i]);
	return e;
}

#define BOTH (HTTP_WINDOW | HTTP_DESK)

const struct route person_account_routes[] = {
	{ .listeners = BOTH, .method = "GET", .pattern = "/login", .handle = get_login },
	{ .listeners = BOTH,
	    .method = "POST",
	    .pattern = "/login",
	    .body = ROUTE_FORM,
	    .secret = true,
	    .handle = post_login },
	{ .listeners = BOTH,
	    .method = "POST",
	    .pattern = "/logout",
	    .body = ROUTE_FORM,
	    .handle = post_logout },
	{ .listeners = BOTH, .method = "GET", .pattern = "/account", .handle = get_account },
	{ .listeners = BOTH,
	    .method = "POST",
	    .pattern = "/account/language",
	    .body = ROUTE_FORM,
	    .handle = post_language },
	{ .listeners = BOTH,
	    .method = "POST",
	    .pattern = "/account/password",
	    .body = ROUTE_FORM,
	    .secret = true,
	    .handle = post_password },
	{ 0 },
};
