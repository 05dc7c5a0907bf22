#include "service/front/person_roster.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/page_path.h"
#include "service/front/person_password.h"
#include "service/log/audit_log.h"
#include "service/store/identifier.h"
#include "service/store/store_person.h"
#include "service/store/store_session.h"

static const struct {
	unsigned bit;
	const char *name, *word;
} roles[] = {
	{ STORE_PERSON_OFFICER, "officer", MESSAGES_MARK("Officer: seals") },
	{ STORE_PERSON_PARTNER_ADMIN, "partner-admin",
	    MESSAGES_MARK("Partner's administrator: officers and keys") },
	{ STORE_PERSON_CLERK, "clerk", MESSAGES_MARK("Clerk: checks, and decides on filings") },
	{ STORE_PERSON_APPROVER, "approver", MESSAGES_MARK("Approver: disclaimers and keys") },
	{ STORE_PERSON_ADMINISTRATOR, "administrator",
	    MESSAGES_MARK("Administrator: partners and staff") },
	{ STORE_PERSON_AUDITOR, "auditor", MESSAGES_MARK("Auditor: reads the log") },
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

unsigned person_roster_role_of_name(const char *name)
{
	for (size_t i = 0; i < ROLES; i++)
		if (!strcmp(name, roles[i].name))
			return roles[i].bit;
	return 0;
}

/* The bits of the fields `role` of a request; those that cannot be given here are left out. */
static unsigned roles_of(const struct http_request *q, unsigned allowed)
{
	unsigned bits = 0;
	for (size_t i = 0; i < q->n_parts; i++)
		if (!strcmp(q->part[i].name, "role") && q->part[i].value.n)
			bits |= person_roster_role_of_name((const char *)q->part[i].value.p);
	return bits & allowed;
}

/* -- showing -- */
static void put_roles(struct template_data *d, unsigned allowed, unsigned given)
{
	template_put_list(d, "roles");
	for (size_t i = 0; i < ROLES; i++) {
		if (!(roles[i].bit & allowed))
			continue;
		struct template_data *item = template_add(d, "roles");
		template_put(item, "role", roles[i].name);
		template_put_said(item, "role_word", roles[i].word);
		template_put_flag(item, "is_given", roles[i].bit & given);
	}
}

static enum err put_person(const struct page *p, const struct person_roster *roster,
    const struct store_person *person, struct template_data *d)
{
	const char *address, *folder;
	TRY(page_path_of(p->s, roster->base, "/", "", &folder));
	TRY(page_path_of(p->s, folder, person->id, "", &address));
	template_put_link(d, "address", address);
	template_put(d, "login", person->login);
	template_put(d, "name", person->name);
	template_put(d, "email", person->email);
	template_put_flag(d, "is_active", person->active);
	template_put_flag(d, "has_password", person->password_hash[0] != 0);
	template_put_flag(d, "is_self", !strcmp(person->id, p->session->person));
	template_put_list(d, "given");
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].bit & person->roles)
			template_put_said(template_add(d, "given"), "role_word", roles[i].word);
	return OK;
}

enum err person_roster_put(
    const struct page *p, const struct person_roster *roster, const char *fault)
{
	const char *after = http_request_query(p->q, "after");
	struct store_person_list list;
	TRY(store_person_list(p->s, p->front->store, roster->partner,
	    (struct store_page){ .after = after && after[0] ? after : NULL }, &list));
	template_put_link(p->data, "base", roster->base);
	template_put(p->data, "next", list.next);
	template_put_list(p->data, "persons");
	for (size_t i = 0; i < list.n; i++)
		TRY(put_person(p, roster, &list.person[i], template_add(p->data, "persons")));
	template_put_flag(p->data, "has_persons", list.n > 0);
	template_put_said(p->data, "person_fault", fault);
	template_put(p->data, "typed_login", fault ? http_request_field(p->q, "login") : "");
	template_put(p->data, "typed_name", fault ? http_request_field(p->q, "name") : "");
	template_put(p->data, "typed_email", fault ? http_request_field(p->q, "email") : "");
	put_roles(p->data, roster->roles,
	    fault ? roles_of(p->q, roster->roles) : roster->roles & -roster->roles);
	return OK;
}

/* -- the log -- */
static enum err role_text(struct scope *s, unsigned bits, const char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_FAULT_TEXT);
	char *text;
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].bit & bits) {
			buf_add_str(&b, b.n ? " " : "");
			buf_add_str(&b, roles[i].name);
		}
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

static enum err note(const struct page *p, enum audit_kind kind, const struct store_person *person)
{
	struct audit_entry e = person_session_entry(p->q, p->session, kind, person->id);
	const char *text;
	TRY(role_text(p->s, person->roles, &text));
	e.partner = person->partner;
	e.detail[0] = (struct audit_detail){ "login", person->login, false };
	e.detail[1] = (struct audit_detail){ "name", person->name, false };
	e.detail[2] = (struct audit_detail){ "roles", text, true };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

/* -- adding and changing -- */
static const char *field(const struct http_request *q, const char *name)
{
	const char *value = http_request_field(q, name);
	return value ? value : "";
}

static const char *fault_of(const struct store_person *person)
{
	if (!person->name[strspn(person->name, " \t")] || strlen(person->name) > LIMIT_PERSON_TEXT)
		return MESSAGES_MARK("A name is needed, of at most 200 characters.");
	if (strlen(person->email) > LIMIT_PERSON_TEXT ||
	    (person->email[0] && !strchr(person->email, '@')))
		return MESSAGES_MARK("The e-mail address cannot be one.");
	if (!person->roles)
		return MESSAGES_MARK("At least one right is needed.");
	return NULL;
}

static enum err store_new(
    const struct page *p, struct store_person *person, const char *password, const char **ret_fault)
{
	*ret_fault = person_password_fault(password);
	if (*ret_fault)
		return OK;
	TRY(identifier_new(p->s, IDENTIFIER_PERSON, &person->id));
	TRY(person_session_hash(p->s, password, &person->password_hash));
	enum err e = store_person_add(p->s, p->front->store, person);
	if (e == ERR_MISUSE) {
		scope_forgive(p->s);
		*ret_fault = MESSAGES_MARK("Somebody has this login name already.");
		return OK;
	}
	TRY(e);
	return note(p, AUDIT_PERSON_CREATED, person);
}

static enum err add(
    const struct page *p, const struct person_roster *roster, const char **ret_fault)
{
	const struct http_request *q = p->q;
	struct store_person person = {
		.partner = roster->partner,
		.name = field(q, "name"),
		.email = field(q, "email"),
		.roles = roles_of(q, roster->roles),
		.language = "",
		.active = true,
		.must_change = true,
		.waits_until = INSTANT_NONE,
		.created = q->at,
	};
	if (store_person_login(p->s, field(q, "login"), &person.login) != OK) {
		scope_forgive(p->s);
		*ret_fault = MESSAGES_MARK(
		    "A login name has 2 to 64 letters without accents, digits, or . _ @ + -");
		return OK;
	}
	*ret_fault = fault_of(&person);
	return *ret_fault ? OK : store_new(p, &person, field(q, "password"), ret_fault);
}

enum err person_roster_add(
    const struct page *p, const struct person_roster *roster, const char **ret_fault)
{
	enum err e = add(p, roster, ret_fault);
	http_request_wipe(p->q, "password");
	return e;
}

/* NULL: none of this roster. */
static enum err find(const struct page *p, const struct person_roster *roster, const char *id,
    const struct store_person **ret_person)
{
	const struct store_person *person = NULL;
	if (identifier_is(id, IDENTIFIER_PERSON))
		TRY(store_person_find(p->s, p->front->store, id, &person));
	if (person && roster->partner)
		person =
		    person->partner && !strcmp(person->partner, roster->partner) ? person : NULL;
	else if (person && person->partner)
		person = NULL;
	*ret_person = person;
	return OK;
}

enum err person_roster_show(const struct page *p, const struct person_roster *roster,
    const char *id, const char *fault, struct http_reply *r)
{
	const struct store_person *person;
	TRY(find(p, roster, id, &person));
	if (!person)
		return problem_reply(p->s, p->q, PROBLEM_NOT_FOUND, NULL, r);
	template_put(p->data, "title", person->name);
	template_put_link(p->data, "base", roster->base);
	TRY(put_person(p, roster, person, p->data));
	put_roles(p->data, roster->roles, person->roles);
	template_put_said(p->data, "person_fault", fault);
	return page_reply(p, "person", fault ? 422 : 200, r);
}

static enum err set_password(
    const struct page *p, const struct store_person *person, const char *password)
{
	const char *encoded;
	TRY(person_session_hash(p->s, password, &encoded));
	TRY(store_person_set_password(p->s, p->front->store, person->id, encoded, true, NULL));
	return note(p, AUDIT_PASSWORD_CHANGED, person);
}

static enum err change(const struct page *p, const struct person_roster *roster,
    const struct store_person *was, const char **ret_fault)
{
	const char *password = field(p->q, "password");
	bool is_self = !strcmp(was->id, p->session->person);
	struct store_person now = *was;
	uint64_t n;
	now.name = field(p->q, "name");
	now.email = field(p->q, "email");
	if (!is_self) {
		now.roles = roles_of(p->q, roster->roles);
		now.active = http_request_field(p->q, "active") != NULL;
	}
	*ret_fault = fault_of(&now);
	if (!*ret_fault && password[0])
		*ret_fault = is_self
				 ? MESSAGES_MARK("Change your own password on your account's page.")
				 : person_password_fault(password);
	if (*ret_fault)
		return OK;
	TRY(store_person_change(p->s, p->front->store, &now));
	/* Rights changed: whoever is logged in begins anew. */
	if (now.roles != was->roles)
		TRY(store_session_end_person(p->s, p->front->store, was->id, &n));
	TRY(note(
	    p, was->active && !now.active ? AUDIT_PERSON_REMOVED : AUDIT_PERSON_CHANGED, &now));
	return password[0] ? set_password(p, &now, password) : OK;
}

enum err person_roster_change(
    const struct page *p, const struct person_roster *roster, const char *id, struct http_reply *r)
{
	const struct store_person *was;
	const char *fault = NULL;
	TRY(find(p, roster, id, &was));
	if (!was)
		return problem_reply(p->s, p->q, PROBLEM_NOT_FOUND, NULL, r);
	enum err e = change(p, roster, was, &fault);
	http_request_wipe(p->q, "password");
	TRY(e);
	if (fault)
		return person_roster_show(p, roster, id, fault, r);
	return page_done(p->s, roster->base, PAGE_FLASH_SAVED, r);
}
