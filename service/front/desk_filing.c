#include "service/front/desk_filing.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/desk_changes.h"
#include "service/front/filing_engine.h"
#include "service/front/filing_view.h"
#include "service/front/page.h"
#include "service/front/page_path.h"
#include "service/log/audit_log.h"
#include "service/pages/page_file.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "service/store/store_person.h"
#include "service/worker/worker_client.h"

/* The gate and the filing; *ret_filing NULL: the reply is complete. Auditors may look. */
static enum err open_filing(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, struct page *ret_page,
    const struct store_filing **ret_filing)
{
	*ret_filing = NULL;
	TRY(page_open(f, s, q, roles, r, ret_page));
	if (!ret_page->session)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_FILING))
		TRY(store_filing_find(s, f->store, q->parameter[0], ret_filing));
	return *ret_filing ? OK : problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
}

#define READERS (STORE_PERSON_CLERK | STORE_PERSON_AUDITOR | STORE_PERSON_APPROVER)

static enum err back(
    struct scope *s, const struct store_filing *filing, enum page_flash flash, struct http_reply *r)
{
	const char *to;
	TRY(page_path_of(s, "/filings/", filing->id, "", &to));
	return page_done(s, to, flash, r);
}

static enum err get_filing(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing;
	struct page p;
	TRY(open_filing(f, s, q, READERS, r, &p, &filing));
	if (!filing)
		return OK;
	TRY(filing_view_whole(&p, filing));
	template_put(p.data, "title", filing->name[0] ? filing->name : filing->id);
	template_put_flag(p.data, "is_clerk", p.session->roles & STORE_PERSON_CLERK);
	template_put_flag(p.data, "is_approver", p.session->roles & STORE_PERSON_APPROVER);
	return page_reply(&p, "filing", 200, r);
}

/* -- the decision -- */
static enum err note_decision(
    const struct page *p, const struct store_filing *filing, const char *decision, const char *note)
{
	struct audit_entry e =
	    person_session_entry(p->q, p->session, AUDIT_FILING_DECIDED, filing->id);
	e.detail[0] = (struct audit_detail){ "decision", decision, true };
	e.detail[1] =
	    (struct audit_detail){ "outcome", store_filing_word_name(filing->word), true };
	e.detail[2] = (struct audit_detail){ "note", note, false };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

/* Against the judge's word a clerk may decide, but not without saying why. */
static bool wants_note(const struct store_filing *filing, enum store_filing_decision decision)
{
	if (decision == STORE_FILING_REFUSED)
		return true;
	return filing->word != STORE_FILING_ACCEPT;
}

static enum err post_decision(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing;
	enum store_filing_decision decision;
	struct page p;
	TRY(open_filing(f, s, q, STORE_PERSON_CLERK, r, &p, &filing));
	if (!filing)
		return OK;
	const char *word = http_request_field(q, "decision"), *note = http_request_field(q, "note");
	if (!word || !store_filing_decision_of_name(word, &decision) ||
	    decision == STORE_FILING_OPEN || (note && strlen(note) > LIMIT_NOTE))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, NULL, r);
	note = note ? note : "";
	if (!note[strspn(note, " \r\n\t")] && wants_note(filing, decision))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID,
		    MESSAGES_MARK("Please go back and write down why you decide so."), r);
	enum err e =
	    store_filing_decide(s, f->store, filing->id, decision, p.session->person, q->at, note);
	if (e == ERR_MISUSE) {
		scope_forgive(s);
		return back(s, filing, PAGE_FLASH_DECIDED_BEFORE, r);
	}
	TRY(e);
	TRY(note_decision(&p, filing, store_filing_decision_name(decision), note));
	return back(s, filing, PAGE_FLASH_DECIDED, r);
}

static enum err post_again(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing, *judged;
	struct page p;
	TRY(open_filing(f, s, q, STORE_PERSON_CLERK, r, &p, &filing));
	if (!filing)
		return OK;
	TRY(filing_engine_judge_again(f, s, q, filing->id, p.session, &judged));
	return back(s, judged, PAGE_FLASH_JUDGED, r);
}

/* -- what can be fetched -- */
static enum err note_fetched(
    const struct page *p, const struct store_filing *filing, const char *what)
{
	struct audit_entry e =
	    person_session_entry(p->q, p->session, AUDIT_REPORT_FETCHED, filing->id);
	e.detail[0] = (struct audit_detail){ "form", what, true };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

static enum err get_document(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing;
	const char *path;
	struct page p;
	TRY(open_filing(f, s, q, READERS, r, &p, &filing));
	if (!filing)
		return OK;
	TRY(store_files_path(s, f->store,
	    (struct store_files_name){ .id = filing->id, .kind = STORE_FILES_DOCUMENT }, &path));
	TRY(note_fetched(&p, filing, "document"));
	return http_reply_file(r, path, "application/pdf", filing->name);
}

/* The report is a page of its own, made by a process that reads hostile documents: whatever it
 * might hold, nothing in it runs, sends, or loads, and it has an origin of its own (sandbox). */
static enum err guard(struct scope *s, struct http_reply *r)
{
	const struct bytes parts[] = { BYTES_LIT("\n"), page_file_report_style() };
	struct digest d;
	struct buf b = buf_new(s, LIMIT_URL);
	char *base64, *policy;
	TRY(digest_compute(s, DIGEST_SHA256, parts, 2, &d));
	TRY(bytes_to_base64(s, digest_bytes(&d), &base64));
	buf_addf(&b,
	    "default-src 'none'; script-src 'none'; style-src 'sha256-%s'; img-src data:; "
	    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
	    base64);
	TRY(buf_done_str(&b, &policy));
	r->content_policy = policy;
	return OK;
}

static enum err file_name(struct scope *s, const struct store_filing *filing, const char *ending,
    const char **ret_disposition)
{
	struct buf b = buf_new(s, LIMIT_URL);
	char *text;
	buf_addf(&b, "attachment; filename=\"report-%s.%s\"", filing->id, ending);
	TRY(buf_done_str(&b, &text));
	*ret_disposition = text;
	return OK;
}

static enum err get_report(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing;
	const char *name = q->parameter[1], *disposition;
	bool is_xml = name && !strcmp(name, "xml");
	enum worker_client_form form;
	struct bytes content;
	struct page p;
	TRY(open_filing(f, s, q, READERS, r, &p, &filing));
	if (!filing)
		return OK;
	if (!name || !worker_client_form_of_name(is_xml ? "etsi" : name, &form) ||
	    form == WORKER_CLIENT_FORM_HTML_FRAGMENT || filing->state != STORE_FILING_JUDGED)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(filing_engine_report(
	    f, s, filing->id, (int)form, messages_language(p.messages), &content));
	TRY(note_fetched(&p, filing, name));
	http_reply_body(r, 200, worker_client_form_media_type(form), content);
	if (form == WORKER_CLIENT_FORM_HTML)
		return guard(s, r);
	TRY(file_name(s, filing, is_xml ? "xml" : name, &disposition));
	http_reply_add(r, "Content-Disposition", disposition);
	return OK;
}

/* -- then and now -- */
static enum err get_changes(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *filing;
	struct page p;
	TRY(open_filing(f, s, q, READERS, r, &p, &filing));
	if (!filing)
		return OK;
	if (filing->state != STORE_FILING_JUDGED)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(filing_view_row(&p, filing, p.data));
	return desk_changes_show(&p, filing, http_request_query(q, "signature"), r);
}

const struct route desk_filing_routes[] = {
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/filings/{id}",
	    .handle = get_filing },
	{ .listeners = HTTP_DESK,
	    .method = "POST",
	    .pattern = "/filings/{id}/decision",
	    .body = ROUTE_FORM,
	    .handle = post_decision },
	{ .listeners = HTTP_DESK,
	    .method = "POST",
	    .pattern = "/filings/{id}/again",
	    .body = ROUTE_FORM,
	    .handle = post_again },
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/filings/{id}/document",
	    .handle = get_document },
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/filings/{id}/report/{form}",
	    .handle = get_report },
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/filings/{id}/changes",
	    .handle = get_changes },
	{ 0 },
};
