#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_pages.h"
#include "formats/pdf_recovery.h"
#include "formats/pdf_text.h"
#include "sealer/preflight.h"
#include "service/worker/worker_job.h"

struct facts {
	struct bytes document;
	struct pdf_crypt_means means;
	struct pdf_file *file; /* NULL: locked */
	size_t pages, signatures, timestamps;
	const char *refusal, *warning, *title;
};

/* What happens to a damaged file when it is sealed, in memory. */
static enum err repair(struct scope *s, struct facts *f)
{
	struct bytes revision;
	char *warning;
	TRY(pdf_recovery_revision(s, f->document, &revision, &warning));
	struct buf b = buf_new(s, SIZE_MAX);
	buf_add(&b, f->document);
	buf_add(&b, revision);
	TRY(buf_done(&b, &f->document));
	f->warning = warning;
	return OK;
}

/* The strict reader's words tell more than those of the one that repairs. */
static enum err open_repaired(struct scope *s, struct facts *f, enum err why)
{
	char first[LIMIT_FAULT_TEXT];
	strncpy(first, scope_fault_text(s), sizeof(first) - 1);
	first[sizeof(first) - 1] = '\0';
	scope_forgive(s);
	enum err e = repair(s, f);
	if (e == OK)
		return pdf_file_open_by(s, f->document, &f->means, &f->file);
	if (e == ERR_NOMEM || e == ERR_LIMIT)
		return e;
	scope_forgive(s);
	return scope_fault(s, why, "%s", first);
}

/* A file that wants a password is told of; everything else that keeps it from being read is an
 * error. */
static enum err open_file(struct scope *s, struct facts *f)
{
	enum err e = pdf_file_open_by(s, f->document, &f->means, &f->file);
	if (e == ERR_FORMAT)
		e = open_repaired(s, f, e);
	if (e != ERR_DENIED)
		return e;
	scope_forgive(s);
	f->file = NULL;
	return OK;
}

static enum err count(struct scope *s, struct facts *f, struct pdf_signature_list *ret_list)
{
	struct pdf_pages pages;
	TRY(pdf_pages_list(s, f->file, pdf_file_latest(f->file), &pages));
	TRY(pdf_signature_list(s, f->file, ret_list));
	f->pages = pages.n;
	for (size_t i = 0; i < ret_list->n; i++) {
		f->timestamps += ret_list->item[i].is_document_timestamp;
		f->signatures += !ret_list->item[i].is_document_timestamp;
	}
	return OK;
}

/* /Title of the document information dictionary, which some call the title and some leave there. */
static enum err find_title(struct scope *s, struct facts *f)
{
	const size_t rev = pdf_file_latest(f->file);
	const struct pdf_value *info, *title;
	char *text;
	TRY(pdf_file_find(s, f->file, rev, pdf_file_trailer(f->file, rev), "Info", &info));
	if (info->kind != PDF_DICT)
		return OK;
	TRY(pdf_file_find(s, f->file, rev, info, "Title", &title));
	if (title->kind != PDF_STRING || pdf_value_is_locked(title))
		return OK;
	TRY(pdf_text_decode(s, bytes_cut(title->string, 0, LIMIT_WORKER_TEXT), &text));
	f->title = text[0] ? text : NULL;
	return OK;
}

/* What cannot be read is not told; without memory nothing can be. */
static enum err forgive(struct scope *s, enum err e)
{
	if (e == ERR_NOMEM)
		return e;
	if (e != OK)
		scope_forgive(s);
	return OK;
}

static enum err check(struct scope *s, struct facts *f, const struct pdf_signature_list *list)
{
	char *warning, *why;
	enum err e = preflight_check(s, f->file, list, NULL, &warning);
	if (e == OK) {
		f->warning = f->warning ? f->warning : warning;
		return OK;
	}
	if (e == ERR_NOMEM)
		return e;
	TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &why));
	scope_forgive(s);
	f->refusal = why;
	return OK;
}

static enum err look_into(struct scope *s, struct facts *f)
{
	struct pdf_signature_list list;
	TRY(open_file(s, f));
	if (!f->file)
		return OK;
	enum err e = count(s, f, &list);
	if (e == ERR_DENIED) {
		/* Encrypted for somebody's certificate, and its objects too. */
		scope_forgive(s);
		f->file = NULL;
		return OK;
	}
	TRY(e);
	TRY(forgive(s, find_title(s, f)));
	return check(s, f, &list);
}

enum err worker_job_inspect(struct worker_job *j)
{
	struct facts f = { .means.locked = true };
	struct bytes whole;
	struct digest sha256;
	TRY(worker_job_password(j, &f.means.password));
	TRY(worker_job_begin(j, 1));
	TRY(worker_job_map(j, 0, &whole));
	TRY(digest_of_bytes(j->s, DIGEST_SHA256, whole, &sha256));
	f.document = whole;
	TRY(look_into(j->s, &f));
	const bool locked = !f.file || pdf_file_is_locked(f.file);
	const bool encrypted = !f.file || f.file->crypt;
	message_put_number(&j->answer, WORKER_FIELD_SIZE, (int64_t)whole.n);
	message_put_bytes(&j->answer, WORKER_FIELD_SHA256, digest_bytes(&sha256));
	message_put_number(&j->answer, WORKER_FIELD_PAGES, (int64_t)f.pages);
	message_put_number(&j->answer, WORKER_FIELD_FLAGS,
	    (encrypted ? WORKER_FLAG_ENCRYPTED : 0) | (locked ? WORKER_FLAG_LOCKED : 0));
	message_put_number(&j->answer, WORKER_FIELD_SIGNATURES, (int64_t)f.signatures);
	message_put_number(&j->answer, WORKER_FIELD_TIMESTAMPS, (int64_t)f.timestamps);
	TRY(worker_job_put_text(j, WORKER_FIELD_REFUSAL, f.refusal));
	TRY(worker_job_put_text(j, WORKER_FIELD_WARNING, f.warning));
	return worker_job_put_text(j, WORKER_FIELD_TITLE, f.title);
}
