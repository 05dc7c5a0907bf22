#include "validator/validate.h"

#include "base/scope.h"
#include "validator/gather.h"
#include "validator/judge.h"

/* A chain needs its issuers, then their status, then that of responders: a few rounds. */
#define GATHER_ROUNDS 12

struct job {
	struct scope *s;
	const struct world *world; /* NULL: offline */
	const struct validate_request *request;
	struct evidence *evidence;
};

static enum err judge_round(struct job *job, const struct document *d,
    const struct judge_frame *frame, struct xcv **ret_x, struct report *r)
{
	const struct validate_request *q = job->request;
	TRY(xcv_new(job->s, job->evidence, q->anchors, q->policy, q->at, ret_x));
	return judge_document(job->s, d, frame, *ret_x, r);
}

/* Judges, fetches what the judgement lacked, and judges again until nothing new comes. */
static enum err gather_and_judge(struct job *job, struct document *d, struct report *r)
{
	struct scope *s = job->s;
	struct judge_frame *frame;
	struct xcv *x = NULL;
	struct gather g = {
		.world = job->world, .evidence = job->evidence, .at = job->request->at
	};
	TRY(judge_frame_new(s, d, &frame));
	TRY(judge_round(job, d, frame, &x, r));
	for (int round = 0; job->world && round < GATHER_ROUNDS && x->n_wishes; round++) {
		bool grew = false;
		size_t failures = job->evidence->n_failures;
		TRY(gather_fulfil(s, &g, x->wishes, x->n_wishes, &grew));
		if (!grew && job->evidence->n_failures == failures)
			break;
		TRY(judge_round(job, d, frame, &x, r));
	}
	r->items = x->used;
	r->gathered = job->evidence;
	return OK;
}

static enum err describe(struct job *job, const struct document *d, struct report *r)
{
	struct bytes policy;
	const struct validate_request *q = job->request;
	r->name = q->name;
	r->size = q->document.n;
	r->format = "PDF";
	r->validation_time = q->at;
	r->policy = q->policy;
	TRY(policy_canonical(job->s, q->policy, &policy));
	TRY(digest_of_bytes(job->s, DIGEST_SHA256, policy, &r->policy_sha256));
	TRY(digest_prefix_compute(
	    job->s, d->prefix, DIGEST_SHA256, q->document.n, BYTES_NONE, &r->document_sha256));
	r->evidence.certificates = r->items->n_certs;
	r->evidence.crls = r->items->n_crls;
	r->evidence.ocsp_responses = r->items->n_ocsps;
	return evidence_digest(job->s, r->items, &r->evidence.sha256);
}

enum err validate_pdf(struct scope *s, const struct world *world,
    const struct validate_request *request, struct report **ret_report)
{
	struct job job = { .s = s,
		.world = request->offline ? NULL : world,
		.request = request,
		.evidence = request->evidence };
	const struct pdf_crypt_means means = { .password = request->password,
		.recipient = request->recipient,
		.locked = !request->recipient };
	struct document *d;
	struct report *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	if (!job.evidence)
		TRY(evidence_new(s, &job.evidence));
	job.evidence->given.certs = job.evidence->n_certs;
	job.evidence->given.crls = job.evidence->n_crls;
	job.evidence->given.ocsps = job.evidence->n_ocsps;
	TRY(document_read(s, request->document, &means, job.evidence, &d));
	if (request->later) {
		TRY(evidence_add_all(s, job.evidence, request->later));
		job.evidence->n_unreadable = request->later->n_unreadable;
	}
	TRY(gather_and_judge(&job, d, r));
	TRY(describe(&job, d, r));
	*ret_report = r;
	return OK;
}

enum err validate_certificate_in_context(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct xcv **ret_context, struct xcv_answer *ret_answer)
{
	struct evidence *evidence = request->evidence;
	if (!evidence)
		TRY(evidence_new(s, &evidence));
	struct gather g = { .world = world, .evidence = evidence, .at = request->at };
	struct xcv_question q = { .cert = cert,
		.use = use,
		.existed = request->at,
		.not_older = INSTANT_NONE,
		.fresh_for = request->at };
	for (int round = 0;; round++) {
		struct xcv *x;
		struct xcv_answer answer;
		size_t failures = evidence->n_failures;
		bool grew = false;
		TRY(xcv_new(s, evidence, request->anchors, request->policy, request->at, &x));
		TRY(xcv_check(s, x, &q, &answer));
		if (!request->offline && x->n_wishes && round < GATHER_ROUNDS)
			TRY(gather_fulfil(s, &g, x->wishes, x->n_wishes, &grew));
		if (grew || evidence->n_failures > failures)
			continue;
		*ret_context = x;
		*ret_answer = answer;
		return OK;
	}
}

enum err validate_certificate(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct findings *ret_findings)
{
	struct xcv *context;
	struct xcv_answer answer;
	TRY(validate_certificate_in_context(s, world, request, cert, use, &context, &answer));
	*ret_findings = answer.findings;
	return OK;
}
