#include "base/limits.h"
#include "base/scope.h"
#include "service/report_form.h"
#include "service/report_pictures.h"
#include "service/worker/worker_job.h"
#include "validator/language.h"
#include "validator/report_outline.h"

enum {
	DOCUMENT,
	EVIDENCE,
	FILES
};

static enum err write_fragment(struct worker_job *j, const struct report *r,
    const struct messages *m, struct bytes *ret_content)
{
	struct outline o;
	TRY(report_outline(j->s, r, m, &o));
	return outline_html_body(j->s, &o, ret_content);
}

static enum err write(struct worker_job *j, enum worker_client_form form, const struct report *r,
    const struct messages *m, struct bytes *ret_content)
{
	switch (form) {
	case WORKER_CLIENT_FORM_TEXT:
		return report_form_write(j->s, REPORT_FORM_TEXT, r, m, false, ret_content);
	case WORKER_CLIENT_FORM_HTML:
		return report_form_write(j->s, REPORT_FORM_HTML, r, m, false, ret_content);
	case WORKER_CLIENT_FORM_ETSI:
		return report_form_write(j->s, REPORT_FORM_ETSI, r, m, false, ret_content);
	case WORKER_CLIENT_FORM_PDF:
		return report_form_write(j->s, REPORT_FORM_PDF, r, m, false, ret_content);
	case WORKER_CLIENT_FORM_HTML_FRAGMENT:
		return write_fragment(j, r, m, ret_content);
	case WORKER_CLIENT_FORM_JSON: /* the one that was kept */
	case WORKER_CLIENT_FORMS:
		break;
	}
	return OK;
}

/* A language that Bulla does not speak is English. */
static enum err find_language(
    struct scope *s, const char *tag, const struct messages **ret_messages)
{
	*ret_messages = NULL;
	if (!tag)
		return OK;
	enum err e = language_find(s, tag, ret_messages);
	if (e == ERR_UNSUPPORTED) {
		scope_forgive(s);
		return OK;
	}
	return e;
}

enum err worker_job_report(struct worker_job *j)
{
	struct bytes document, password, kept, again, content;
	const struct messages *m;
	const char *language;
	struct report *r;
	int64_t form = 0;
	TRY(worker_job_password(j, &password));
	TRY(message_number(&j->request, WORKER_FIELD_FORM, 0, WORKER_CLIENT_FORMS - 1, &form));
	TRY(message_text_or_null(
	    &j->request, WORKER_FIELD_LANGUAGE, LIMIT_WORKER_WORDS, &language));
	TRY(worker_job_begin(j, FILES));
	TRY(find_language(j->s, language, &m));
	TRY(worker_job_map(j, DOCUMENT, &document));
	TRY(worker_job_replay(j, EVIDENCE, document, password, &r, &kept));
	TRY(report_json(j->s, r, false, &again));
	if (form == WORKER_CLIENT_FORM_HTML)
		TRY(report_pictures_add(j->s, r, document, password));
	content = kept;
	TRY(write(j, (enum worker_client_form)form, r, m, &content));
	message_put_number(
	    &j->answer, WORKER_FIELD_FLAGS, bytes_equal(again, kept) ? WORKER_FLAG_SAME : 0);
	message_put_bytes(&j->answer, WORKER_FIELD_CONTENT, content);
	return OK;
}
