#include "service/worker/worker_client.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/worker_pool.h"
#include "service/process/message.h"
#include "service/worker/worker_protocol.h"

const char *worker_client_word_name(enum worker_client_word word)
{
	static const char *const names[WORKER_CLIENT_WORDS] = {
		[WORKER_CLIENT_ACCEPT] = "accept",
		[WORKER_CLIENT_CLOSER] = "closer",
		[WORKER_CLIENT_REFUSE] = "refuse",
	};
	return names[word];
}

/* -- asking -- */
struct call {
	struct scope *s;
	const struct worker_client *client;
	struct buf request;
	struct worker_pool_job job;
	struct message answer;
};

static struct call call_new(struct scope *s, const struct worker_client *c, uint32_t kind)
{
	return (struct call){ .s = s,
		.client = c,
		.request = buf_new(s, LIMIT_WORKER_REQUEST),
		.job = { .kind = kind,
		    .wait_ms = c->wait_ms,
		    .work_ms = c->work_ms,
		    .most = LIMIT_WORKER_ANSWER } };
}

static void add_file(struct call *c, int fd)
{
	c->job.fd[c->job.n_fds++] = fd;
}

static void put_password(struct call *c, struct bytes password)
{
	if (password.n)
		message_put_bytes(&c->request, WORKER_FIELD_PASSWORD, password);
}

/* An answer that is not well-formed is the worker's fault, whatever its document did to it. */
static enum err out_of_turn(struct scope *s)
{
	return scope_fault(s, ERR_INTERNAL, "the document's process spoke out of turn");
}

/* Secrets may be in the request: it is wiped once it is sent. */
static enum err ask(struct call *c)
{
	struct bytes answer;
	TRY(buf_done(&c->request, &c->job.content));
	enum err e = worker_pool_run(c->s, c->client->pool, &c->job, &answer);
	bytes_wipe(c->request.p, c->request.n);
	TRY(e);
	e = message_parse(c->s, answer, &c->answer);
	if (e == OK || e == ERR_NOMEM)
		return e;
	scope_forgive(c->s);
	return out_of_turn(c->s);
}

/* Reads what was answered by `read`, all of it. */
static enum err take(struct call *c, enum err (*read)(struct call *c, void *into), void *into)
{
	TRY(ask(c));
	enum err e = read(c, into);
	if (e == OK)
		e = message_done(&c->answer);
	if (e == OK || e == ERR_NOMEM)
		return e;
	scope_forgive(c->s);
	return out_of_turn(c->s);
}

/* -- parts of answers -- */
static enum err read_size(struct call *c, unsigned field, uint64_t most, uint64_t *ret_size)
{
	int64_t n;
	TRY(message_number(&c->answer, field, 0, (int64_t)most, &n));
	*ret_size = (uint64_t)n;
	return OK;
}

static enum err read_count(struct call *c, unsigned field, unsigned most, unsigned *ret_count)
{
	uint64_t n;
	TRY(read_size(c, field, most, &n));
	*ret_count = (unsigned)n;
	return OK;
}

static enum err read_sha256(struct call *c, uint8_t ret_sha256[WORKER_CLIENT_SHA256])
{
	struct bytes b;
	TRY(message_bytes(&c->answer, WORKER_FIELD_SHA256, WORKER_CLIENT_SHA256, &b));
	if (b.n != WORKER_CLIENT_SHA256)
		return ERR_FORMAT;
	memcpy(ret_sha256, b.p, b.n);
	return OK;
}

static enum err read_instant(struct call *c, unsigned field, struct instant *ret_instant)
{
	return message_number(&c->answer, field, INT64_MIN, INT64_MAX, &ret_instant->unix_s);
}

static enum err read_summary(struct call *c, const char **ret_summary)
{
	return message_text(&c->answer, WORKER_FIELD_SUMMARY, LIMIT_WORKER_SUMMARY, ret_summary);
}

static enum err read_judgement(struct call *c, struct worker_client_judgement *ret_judgement)
{
	int64_t word;
	TRY(message_number(&c->answer, WORKER_FIELD_WORD, 0, WORKER_CLIENT_WORDS - 1, &word));
	ret_judgement->word = (enum worker_client_word)word;
	return read_summary(c, &ret_judgement->summary);
}

static enum err read_content(struct call *c, struct bytes *ret_content)
{
	return message_bytes(&c->answer, WORKER_FIELD_CONTENT, LIMIT_WORKER_ANSWER, ret_content);
}

/* -- inspecting -- */
static enum err read_inspection(struct call *c, void *into)
{
	struct worker_client_inspection *x = into;
	int64_t flags;
	TRY(read_size(c, WORKER_FIELD_SIZE, INT64_MAX, &x->size));
	TRY(read_sha256(c, x->sha256));
	TRY(read_count(c, WORKER_FIELD_PAGES, LIMIT_PDF_PAGES, &x->pages));
	TRY(message_number(&c->answer, WORKER_FIELD_FLAGS, 0, INT32_MAX, &flags));
	x->encrypted = flags & WORKER_FLAG_ENCRYPTED;
	x->locked = flags & WORKER_FLAG_LOCKED;
	TRY(read_count(c, WORKER_FIELD_SIGNATURES, LIMIT_PDF_SIGNATURES, &x->signatures));
	TRY(read_count(c, WORKER_FIELD_TIMESTAMPS, LIMIT_PDF_SIGNATURES, &x->timestamps));
	TRY(message_text_or_null(&c->answer, WORKER_FIELD_REFUSAL, LIMIT_WORKER_TEXT, &x->refusal));
	TRY(message_text_or_null(&c->answer, WORKER_FIELD_WARNING, LIMIT_WORKER_TEXT, &x->warning));
	return message_text_or_null(&c->answer, WORKER_FIELD_TITLE, LIMIT_WORKER_TEXT, &x->title);
}

enum err worker_client_inspect(struct scope *s, const struct worker_client *c, int document,
    struct bytes password, struct worker_client_inspection *ret_inspection)
{
	struct call call = call_new(s, c, WORKER_JOB_INSPECT);
	put_password(&call, password);
	add_file(&call, document);
	return take(&call, read_inspection, ret_inspection);
}

/* -- judging -- */
static void put_approved(struct call *c, const struct bytes *approved, size_t n)
{
	for (size_t i = 0; i < n; i++)
		message_put_bytes(&c->request, WORKER_FIELD_APPROVED, approved[i]);
}

struct taken_validation {
	const struct worker_client_validation_request *request;
	struct worker_client_validation v;
};

static enum err read_validation(struct call *c, void *into)
{
	struct taken_validation *t = into;
	TRY(read_instant(c, WORKER_FIELD_AT, &t->v.at));
	if (t->request->pack >= 0) {
		TRY(read_size(c, WORKER_FIELD_SIZE, INT64_MAX, &t->v.pack_size));
		TRY(read_sha256(c, t->v.pack_sha256));
	}
	TRY(read_judgement(c, &t->v.judgement));
	return t->request->wants_report ? read_content(c, &t->v.report) : OK;
}

enum err worker_client_validate(struct scope *s, const struct worker_client *c,
    const struct worker_client_validation_request *request,
    struct worker_client_validation *ret_validation)
{
	struct taken_validation t = { .request = request };
	struct call call = call_new(s, c, WORKER_JOB_VALIDATE);
	struct buf *b = &call.request;
	message_put_text(b, WORKER_FIELD_NAME, request->name);
	put_password(&call, request->password);
	if (instant_is_known(request->at))
		message_put_number(b, WORKER_FIELD_AT, request->at.unix_s);
	message_put_number(b, WORKER_FIELD_OFFLINE, request->offline);
	message_put_number(b, WORKER_FIELD_POLICY, request->policy);
	put_approved(&call, request->approved, request->n_approved);
	message_put_number(b, WORKER_FIELD_WANTS_PACK, request->pack >= 0);
	message_put_number(b, WORKER_FIELD_WANTS_REPORT, request->wants_report);
	add_file(&call, request->document);
	if (request->pack >= 0)
		add_file(&call, request->pack);
	TRY(take(&call, read_validation, &t));
	*ret_validation = t.v;
	return OK;
}

/* -- sealing -- */
static enum err read_sealed(struct call *c, void *into)
{
	struct worker_client_sealed *x = into;
	TRY(read_size(c, WORKER_FIELD_SIZE, INT64_MAX, &x->size));
	TRY(read_sha256(c, x->sha256));
	TRY(message_text_or_null(&c->answer, WORKER_FIELD_WARNING, LIMIT_WORKER_TEXT, &x->warning));
	x->worker = c->job.worker;
	return message_text(&c->answer, WORKER_FIELD_FIELD, LIMIT_WORKER_TEXT, &x->field);
}

enum err worker_client_seal(struct scope *s, const struct worker_client *c,
    const struct worker_client_seal_request *request, struct worker_client_sealed *ret_sealed)
{
	struct call call = call_new(s, c, WORKER_JOB_SEAL);
	struct buf *b = &call.request;
	message_put_text(b, WORKER_FIELD_NAME, request->name);
	put_password(&call, request->password);
	put_approved(&call, request->approved, request->n_approved);
	message_put_bytes(b, WORKER_FIELD_TOKEN, request->token);
	for (size_t i = 0; i < request->n_certificates; i++)
		message_put_bytes(b, WORKER_FIELD_CERTIFICATE, request->certificate[i]);
	if (request->options.n)
		message_put_bytes(b, WORKER_FIELD_OPTIONS, request->options);
	if (request->picture.n)
		message_put_bytes(b, WORKER_FIELD_PICTURE, request->picture);
	add_file(&call, request->document);
	add_file(&call, request->output);
	return take(&call, read_sealed, ret_sealed);
}

static enum err read_witnessed(struct call *c, void *into)
{
	return read_judgement(c, into);
}

enum err worker_client_witness(struct scope *s, const struct worker_client *c,
    const struct worker_client_witness_request *request,
    struct worker_client_judgement *ret_judgement)
{
	const struct worker_client_seal_request *q = request->sealing;
	struct call call = call_new(s, c, WORKER_JOB_WITNESS);
	struct buf *b = &call.request;
	message_put_text(b, WORKER_FIELD_NAME, q->name);
	put_password(&call, q->password);
	put_approved(&call, q->approved, q->n_approved);
	message_put_bytes(b, WORKER_FIELD_CERTIFICATE, q->certificate[0]);
	if (q->options.n)
		message_put_bytes(b, WORKER_FIELD_OPTIONS, q->options);
	message_put_text(b, WORKER_FIELD_FIELD, request->sealed->field);
	add_file(&call, q->document);
	add_file(&call, request->output);
	call.job.is_picky = !request->by_itself;
	call.job.not_by = request->sealed->worker;
	return take(&call, read_witnessed, ret_judgement);
}

/* -- reports -- */
static const struct {
	const char *name, *media_type;
} forms[WORKER_CLIENT_FORMS] = {
	[WORKER_CLIENT_FORM_TEXT] = { "text", "text/plain; charset=utf-8" },
	[WORKER_CLIENT_FORM_JSON] = { "json", "application/json" },
	[WORKER_CLIENT_FORM_HTML] = { "html", "text/html; charset=utf-8" },
	[WORKER_CLIENT_FORM_ETSI] = { "etsi", "application/xml" },
	[WORKER_CLIENT_FORM_PDF] = { "pdf", "application/pdf" },
	[WORKER_CLIENT_FORM_HTML_FRAGMENT] = { NULL, "text/html; charset=utf-8" },
};

bool worker_client_form_of_name(const char *name, enum worker_client_form *ret_form)
{
	for (size_t i = 0; i < WORKER_CLIENT_FORMS; i++) {
		if (!forms[i].name || strcmp(forms[i].name, name) != 0)
			continue;
		*ret_form = (enum worker_client_form)i;
		return true;
	}
	return false;
}

const char *worker_client_form_media_type(enum worker_client_form form)
{
	return forms[form].media_type;
}

struct taken_report {
	struct bytes content;
	bool is_same;
};

static enum err read_report(struct call *c, void *into)
{
	struct taken_report *t = into;
	int64_t flags;
	TRY(message_number(&c->answer, WORKER_FIELD_FLAGS, 0, INT32_MAX, &flags));
	t->is_same = flags & WORKER_FLAG_SAME;
	return read_content(c, &t->content);
}

enum err worker_client_report(struct scope *s, const struct worker_client *c,
    const struct worker_client_report_request *request, struct bytes *ret_content,
    bool *ret_is_same)
{
	struct taken_report t;
	struct call call = call_new(s, c, WORKER_JOB_REPORT);
	put_password(&call, request->password);
	message_put_number(&call.request, WORKER_FIELD_FORM, request->form);
	message_put_text(&call.request, WORKER_FIELD_LANGUAGE, request->language);
	add_file(&call, request->document);
	add_file(&call, request->pack);
	TRY(take(&call, read_report, &t));
	*ret_content = t.content;
	*ret_is_same = t.is_same;
	return OK;
}

/* -- pages -- */
static enum err read_preview(struct call *c, void *into)
{
	struct worker_client_preview *x = into;
	TRY(message_bytes(&c->answer, WORKER_FIELD_PICTURE, LIMIT_PREVIEW_PNG, &x->png));
	TRY(read_count(c, WORKER_FIELD_PAGES, LIMIT_PDF_PAGES, &x->pages));
	TRY(read_count(c, WORKER_FIELD_WIDTH, LIMIT_PREVIEW_PIXELS, &x->width));
	return read_count(c, WORKER_FIELD_HEIGHT, LIMIT_PREVIEW_PIXELS, &x->height);
}

enum err worker_client_show(struct scope *s, const struct worker_client *c, int document,
    struct bytes password, unsigned page, unsigned dpi, struct worker_client_preview *ret_preview)
{
	struct call call = call_new(s, c, WORKER_JOB_PREVIEW);
	put_password(&call, password);
	message_put_number(&call.request, WORKER_FIELD_PAGE, page);
	message_put_number(&call.request, WORKER_FIELD_DPI, dpi);
	add_file(&call, document);
	return take(&call, read_preview, ret_preview);
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum err read_picture(struct call *c, size_t i, struct worker_client_picture *ret_picture)
{
	struct bytes png, shown;
	TRY(message_bytes_at(&c->answer, WORKER_FIELD_PICTURE, i, LIMIT_PREVIEW_PNG, &png));
	TRY(message_bytes_at(&c->answer, WORKER_FIELD_SHOWN, i, 20, &shown));
	if (shown.n != 20 || u32_at(shown.p) >= WORKER_CLIENT_PICTURES)
		return ERR_FORMAT;
	*ret_picture = (struct worker_client_picture){
		.kind = (enum worker_client_picture_kind)u32_at(shown.p),
		.sealed = u32_at(shown.p + 4),
		.now = u32_at(shown.p + 8),
		.width = u32_at(shown.p + 12),
		.height = u32_at(shown.p + 16),
		.png = png,
	};
	return OK;
}

static enum err read_comparison(struct call *c, void *into)
{
	struct worker_client_comparison *x = into;
	const size_t n = message_count(&c->answer, WORKER_FIELD_PICTURE);
	struct worker_client_picture *pictures = scope_alloc_array(c->s, n, sizeof(*pictures));
	if (!pictures)
		return ERR_NOMEM;
	if (n > LIMIT_WORKER_PICTURES)
		return ERR_FORMAT;
	for (size_t i = 0; i < n; i++)
		TRY(read_picture(c, i, &pictures[i]));
	x->picture = pictures;
	x->n_pictures = n;
	return read_content(c, &x->json);
}

enum err worker_client_compare(struct scope *s, const struct worker_client *c, int document,
    int pack, struct bytes password, const char *signature,
    struct worker_client_comparison *ret_comparison)
{
	struct call call = call_new(s, c, WORKER_JOB_COMPARE);
	put_password(&call, password);
	message_put_text(&call.request, WORKER_FIELD_SIGNATURE, signature);
	message_put_number(&call.request, WORKER_FIELD_WANTS_PACK, pack >= 0);
	add_file(&call, document);
	if (pack >= 0)
		add_file(&call, pack);
	return take(&call, read_comparison, ret_comparison);
}

/* -- the rest -- */
static enum err read_token(struct call *c, void *into)
{
	return read_content(c, into);
}

enum err worker_client_stamp(
    struct scope *s, const struct worker_client *c, struct bytes sha256, struct bytes *ret_token)
{
	struct call call = call_new(s, c, WORKER_JOB_STAMP);
	message_put_bytes(&call.request, WORKER_FIELD_DIGEST, sha256);
	return take(&call, read_token, ret_token);
}

static enum err read_certificate(struct call *c, void *into)
{
	struct worker_client_certificate *x = into;
	int64_t flags;
	TRY(read_sha256(c, x->sha256));
	TRY(message_number(&c->answer, WORKER_FIELD_FLAGS, 0, INT32_MAX, &flags));
	x->accepted = flags & WORKER_FLAG_ACCEPTED;
	TRY(read_summary(c, &x->facts));
	TRY(read_instant(c, WORKER_FIELD_FROM, &x->from));
	return read_instant(c, WORKER_FIELD_SOONEST, &x->until);
}

enum err worker_client_certificate(struct scope *s, const struct worker_client *c,
    const struct bytes *der, size_t n, struct worker_client_certificate *ret_certificate)
{
	struct call call = call_new(s, c, WORKER_JOB_CERTIFICATE);
	for (size_t i = 0; i < n; i++)
		message_put_bytes(&call.request, WORKER_FIELD_CERTIFICATE, der[i]);
	return take(&call, read_certificate, ret_certificate);
}

static enum err read_readiness(struct call *c, void *into)
{
	struct worker_client_readiness *x = into;
	uint64_t anchors;
	TRY(message_text(&c->answer, WORKER_FIELD_NAME, LIMIT_WORKER_TEXT, &x->policy));
	TRY(read_size(c, WORKER_FIELD_COUNT, LIMIT_POOL_CERTIFICATES, &anchors));
	x->anchors = (size_t)anchors;
	TRY(read_instant(c, WORKER_FIELD_SOONEST, &x->soonest));
	return message_text(&c->answer, WORKER_FIELD_FILING, LIMIT_WORKER_TEXT, &x->filing_policy);
}

enum err worker_client_ready(
    struct scope *s, const struct worker_client *c, struct worker_client_readiness *ret_readiness)
{
	struct call call = call_new(s, c, WORKER_JOB_READY);
	return take(&call, read_readiness, ret_readiness);
}
