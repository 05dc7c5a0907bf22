#include <string.h>

#include "base/scope.h"
#include "sealer/timestamp.h"
#include "service/worker/worker_job.h"

enum err worker_job_stamp(struct worker_job *j)
{
	const struct configuration *c = j->kit->configuration;
	struct digest imprint = { .alg = DIGEST_SHA256, .n = WORKER_CLIENT_SHA256 };
	struct fetcher_world *world;
	struct bytes sha256, token;
	TRY(message_bytes(&j->request, WORKER_FIELD_DIGEST, WORKER_CLIENT_SHA256, &sha256));
	TRY(worker_job_begin(j, 0));
	if (sha256.n != WORKER_CLIENT_SHA256)
		return scope_fault(j->s, ERR_FORMAT, "worker: no SHA-256");
	if (!c->n_tsa)
		return scope_fault(j->s, ERR_NET, "no time-stamping authority is configured");
	memcpy(imprint.value, sha256.p, sha256.n);
	TRY(worker_job_world(j, INSTANT_NONE, &world));
	TRY(timestamp_obtain(j->s, &world->world, c->tsa, c->n_tsa, &imprint, &token));
	message_put_bytes(&j->answer, WORKER_FIELD_CONTENT, token);
	return OK;
}
