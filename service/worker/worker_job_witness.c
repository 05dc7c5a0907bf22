#include "base/scope.h"
#include "sealer/witness.h"
#include "service/worker/worker_job.h"
#include "service/worker/worker_seal_terms.h"

enum {
	ORIGINAL,
	SEALED,
	FILES
};

struct witnessing {
	struct worker_seal_options options;
	struct seal_request seal;
	struct witness_request request;
	const char *name;
};

static enum err read_options(struct worker_job *j, struct bytes *ret_json)
{
	*ret_json = BYTES_NONE;
	if (!message_has(&j->request, WORKER_FIELD_OPTIONS))
		return OK;
	return message_bytes(&j->request, WORKER_FIELD_OPTIONS, LIMIT_JSON, ret_json);
}

static enum err read_signer(struct worker_job *j, const struct cert **ret_signer)
{
	struct bytes der;
	TRY(message_bytes(&j->request, WORKER_FIELD_CERTIFICATE, LIMIT_FETCH_CERTIFICATE, &der));
	return cert_parse(j->s, der, ret_signer);
}

static enum err read_request(struct worker_job *j, struct witnessing *x)
{
	struct bytes options;
	TRY(message_text(&j->request, WORKER_FIELD_NAME, LIMIT_WORKER_TEXT, &x->name));
	TRY(worker_job_password(j, &x->seal.document_password));
	TRY(worker_job_policy(j, WORKER_CLIENT_POLICY_SEALING, &x->seal.policy));
	TRY(read_signer(j, &x->request.signer));
	TRY(read_options(j, &options));
	TRY(message_text(&j->request, WORKER_FIELD_FIELD, LIMIT_WORKER_TEXT, &x->request.field));
	TRY(worker_job_begin(j, FILES));
	TRY(worker_seal_options_read(j->s, options, &x->options));
	return worker_seal_terms(j, &x->options, &x->seal);
}

enum err worker_job_witness(struct worker_job *j)
{
	struct witnessing *x = scope_alloc(j->s, sizeof(*x));
	struct fetcher_world *world;
	struct report *r;
	if (!x)
		return ERR_NOMEM;
	TRY(read_request(j, x));
	TRY(worker_job_map(j, ORIGINAL, &x->request.original));
	TRY(worker_job_map(j, SEALED, &x->request.sealed));
	TRY(worker_job_world(j, INSTANT_NONE, &world));
	x->request.seal = &x->seal;
	TRY(witness_check(j->s, &world->world, &x->request, &r));
	r->name = x->name;
	return worker_job_put_judgement(j, r);
}
