#include "base/limits.h"
#include "base/scope.h"
#include "service/output_file.h"
#include "service/worker/worker_evidence_pack.h"
#include "service/worker/worker_job.h"
#include "validator/validate.h"

#define PACK "the evidence"

enum {
	DOCUMENT,
	EVIDENCE
};

struct judging {
	struct validate_request request;
	bool wants_pack, wants_report;
	struct bytes report;
	uint64_t pack_size;
	struct digest pack;
};

static enum err read_flag(struct worker_job *j, unsigned field, bool *ret_flag)
{
	int64_t n = 0;
	TRY(message_number_or(&j->request, field, 0, 1, 0, &n));
	*ret_flag = n != 0;
	return OK;
}

static enum err read_request(struct worker_job *j, struct judging *x)
{
	struct validate_request *q = &x->request;
	int64_t policy = 0;
	TRY(message_text(&j->request, WORKER_FIELD_NAME, LIMIT_WORKER_TEXT, &q->name));
	TRY(worker_job_password(j, &q->password));
	TRY(message_number_or(&j->request, WORKER_FIELD_AT, INT64_MIN, INT64_MAX,
	    INSTANT_NONE.unix_s, &q->at.unix_s));
	TRY(read_flag(j, WORKER_FIELD_OFFLINE, &q->offline));
	TRY(message_number(
	    &j->request, WORKER_FIELD_POLICY, 0, WORKER_CLIENT_POLICIES - 1, &policy));
	TRY(worker_job_policy(j, (enum worker_client_policy)policy, &q->policy));
	TRY(read_flag(j, WORKER_FIELD_WANTS_PACK, &x->wants_pack));
	TRY(read_flag(j, WORKER_FIELD_WANTS_REPORT, &x->wants_report));
	return worker_job_begin(j, x->wants_pack ? 2 : 1);
}

static enum err judge(struct worker_job *j, struct judging *x, struct report **ret_report)
{
	struct fetcher_world *world;
	TRY(worker_job_world(j, x->request.at, &world));
	if (!instant_is_known(x->request.at))
		x->request.at = world->world.now(world->world.ctx);
	x->request.anchors = j->kit->anchors;
	return validate_pdf(j->s, &world->world, &x->request, ret_report);
}

static enum err put_pack(struct worker_job *j, struct judging *x, const struct evidence_bundle *b)
{
	const struct bytes *parts;
	size_t n;
	TRY(worker_evidence_pack_parts(j->s, b, &parts, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(output_file_write_at(
		    j->s, j->fds[EVIDENCE], PACK, (size_t)x->pack_size, parts[i]));
		x->pack_size += parts[i].n;
	}
	return digest_compute(j->s, DIGEST_SHA256, parts, n, &x->pack);
}

static enum err keep(struct worker_job *j, struct judging *x, const struct report *r)
{
	struct evidence_bundle b;
	if (x->wants_pack) {
		TRY(evidence_bundle_of_report(j->s, r, j->kit->anchors, &b));
		x->report = b.report;
		return put_pack(j, x, &b);
	}
	return x->wants_report ? report_json(j->s, r, false, &x->report) : OK;
}

enum err worker_job_validate(struct worker_job *j)
{
	struct judging x = { 0 };
	struct report *r;
	TRY(read_request(j, &x));
	TRY(worker_job_map(j, DOCUMENT, &x.request.document));
	TRY(judge(j, &x, &r));
	TRY(keep(j, &x, r));
	message_put_number(&j->answer, WORKER_FIELD_AT, x.request.at.unix_s);
	if (x.wants_pack) {
		message_put_number(&j->answer, WORKER_FIELD_SIZE, (int64_t)x.pack_size);
		message_put_bytes(&j->answer, WORKER_FIELD_SHA256, digest_bytes(&x.pack));
	}
	TRY(worker_job_put_judgement(j, r));
	if (x.wants_report)
		message_put_bytes(&j->answer, WORKER_FIELD_CONTENT, x.report);
	return OK;
}
