#include "service/front/desk_approvals.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/filing_engine.h"
#include "service/front/key_view.h"
#include "service/front/name_view.h"
#include "service/front/page.h"
#include "service/log/audit_log.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_person.h"

#define ROWS 50

static enum err put_person(
    const struct page *p, struct template_data *d, const char *name, const char *id)
{
	const struct store_person *person = NULL;
	if (id)
		TRY(store_person_find(p->s, p->front->store, id, &person));
	template_put(d, name, person ? person->name : id);
	return OK;
}

static enum err put_approval(
    const struct page *p, const struct store_approval *a, struct template_data *d)
{
	char *hex;
	TRY(bytes_to_hex(
	    p->s, bytes_of(a->certificate_sha256, sizeof(a->certificate_sha256)), &hex));
	template_put(d, "id", a->id);
	TRY(name_view_put(p->s, d, a->subject, NULL));
	template_put(d, "text", a->text);
	template_put(d, "sha256", hex);
	template_put_time(d, "asked_at", a->asked_at);
	template_put_time(d, "decided_at", a->decided_at);
	template_put(d, "note", a->note);
	template_put_flag(d, "is_own", a->asked_by && !strcmp(a->asked_by, p->session->person));
	TRY(put_person(p, d, "asked_by", a->asked_by));
	return put_person(p, d, "decided_by", a->decided_by);
}

static enum err put_approvals(
    const struct page *p, const char *name, enum store_approval_state state, size_t *ret_n)
{
	const struct store_page part = { .limit = ROWS };
	struct store_approval_list list;
	TRY(store_approval_list(p->s, p->front->store, state, part, &list));
	template_put_list(p->data, name);
	for (size_t i = 0; i < list.n; i++)
		TRY(put_approval(p, &list.approval[i], template_add(p->data, name)));
	*ret_n = list.n;
	return OK;
}

static enum err put_keys(const struct page *p)
{
	struct store_key_list list;
	TRY(store_key_list_state(p->s, p->front->store, NULL, STORE_KEY_WAITING,
	    (struct store_page){ .limit = ROWS }, &list));
	template_put_list(p->data, "keys");
	for (size_t i = 0; i < list.n; i++) {
		struct template_data *d = template_add(p->data, "keys");
		TRY(key_view_put(p, &list.key[i], d));
		TRY(key_view_judge(p, &list.key[i], d));
		template_put_flag(
		    d, "is_own", !strcmp(list.key[i].deposited_by, p->session->person));
	}
	template_put_flag(p->data, "has_keys", list.n > 0);
	return OK;
}

static enum err get_approvals(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	size_t waiting, approved, refused;
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_APPROVER, r, &p));
	if (!p.session)
		return OK;
	template_put_said(p.data, "title", MESSAGES_MARK("Approvals"));
	TRY(put_approvals(&p, "waiting", STORE_APPROVAL_WAITING, &waiting));
	TRY(put_approvals(&p, "approved", STORE_APPROVAL_APPROVED, &approved));
	TRY(put_approvals(&p, "refused", STORE_APPROVAL_REFUSED, &refused));
	template_put_flag(p.data, "has_waiting", waiting > 0);
	template_put_flag(p.data, "has_decided", approved + refused > 0);
	TRY(put_keys(&p));
	return page_reply(&p, "approvals", 200, r);
}

/* -- deciding -- */
struct decision {
	bool approved;
	const char *note;
};

/* False: the fields are not those of our form. */
static bool read_decision(const struct http_request *q, struct decision *ret_decision)
{
	const char *word = http_request_field(q, "decision"), *note = http_request_field(q, "note");
	if (!word || (note && strlen(note) > LIMIT_NOTE))
		return false;
	*ret_decision = (struct decision){ !strcmp(word, "approved"), note ? note : "" };
	return ret_decision->approved || !strcmp(word, "refused");
}

static enum err note_decision(
    const struct page *p, const struct decision *d, const char *object, const char *partner)
{
	struct audit_entry e = person_session_entry(
	    p->q, p->session, d->approved ? AUDIT_APPROVAL_GIVEN : AUDIT_APPROVAL_REFUSED, object);
	e.partner = partner;
	e.detail[0] = (struct audit_detail){ "note", d->note, false };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

static enum err answer(const struct page *p, enum err e, struct http_reply *r)
{
	if (e != OK && e != ERR_DENIED && e != ERR_MISUSE)
		return e;
	scope_forgive(p->s);
	return page_done(p->s, "/approvals",
	    e == OK           ? PAGE_FLASH_DECIDED
	    : e == ERR_DENIED ? PAGE_FLASH_OWN
			      : PAGE_FLASH_DECIDED_BEFORE,
	    r);
}

/* A decision that was made may be turned round, with a note that says why. */
static enum err decide(
    const struct page *p, const struct store_approval *a, const struct decision *d)
{
	TRY(store_approval_decide(p->s, p->front->store, a->id, a->state, d->approved,
	    p->session->person, p->q->at, d->note));
	return note_decision(p, d, a->id, NULL);
}

static enum err post_approval(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_approval *a = NULL;
	struct decision d;
	struct page p;
	size_t n;
	TRY(page_open(f, s, q, STORE_PERSON_APPROVER, r, &p));
	if (!p.session)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_APPROVAL))
		TRY(store_approval_find(s, f->store, q->parameter[0], &a));
	if (!a)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	if (!read_decision(q, &d) ||
	    (a->state != STORE_APPROVAL_WAITING && !d.note[strspn(d.note, " \r\n\t")]))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID,
		    MESSAGES_MARK("Please go back and write down why you decide so."), r);
	enum err e = decide(&p, a, &d);
	if (e == OK)
		TRY(filing_engine_approval_decided(f, s, q, a->certificate_sha256, p.session, &n));
	return answer(&p, e, r);
}

static enum err post_key(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_key *key = NULL;
	struct decision d;
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_APPROVER, r, &p));
	if (!p.session)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_KEY))
		TRY(store_key_find(s, f->store, q->parameter[0], &key));
	if (!key)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	if (!read_decision(q, &d))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, NULL, r);
	enum err e =
	    store_key_decide(s, f->store, key->id, d.approved, p.session->person, q->at, d.note);
	if (e == OK)
		TRY(note_decision(&p, &d, key->id, key->partner));
	return answer(&p, e, r);
}

const struct route desk_approvals_routes[] = {
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/approvals",
	    .handle = get_approvals },
	{ .listeners = HTTP_DESK,
	    .method = "POST",
	    .pattern = "/approvals/{id}",
	    .body = ROUTE_FORM,
	    .handle = post_approval },
	{ .listeners = HTTP_DESK,
	    .method = "POST",
	    .pattern = "/approvals/keys/{id}",
	    .body = ROUTE_FORM,
	    .handle = post_key },
	{ 0 },
};
