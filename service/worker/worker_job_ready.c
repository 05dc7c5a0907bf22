#include "service/worker/worker_job.h"

enum err worker_job_ready(struct worker_job *j)
{
	const struct anchors *a = j->kit->anchors;
	struct instant soonest = INSTANT_NONE;
	TRY(worker_job_begin(j, 0));
	for (size_t i = 0; i < a->n; i++)
		soonest = instant_min(soonest, a->item[i]->not_after);
	message_put_text(
	    &j->answer, WORKER_FIELD_NAME, j->kit->policy[WORKER_CLIENT_POLICY_SEALING]->name);
	message_put_number(&j->answer, WORKER_FIELD_COUNT, (int64_t)a->n);
	message_put_number(&j->answer, WORKER_FIELD_SOONEST, soonest.unix_s);
	message_put_text(
	    &j->answer, WORKER_FIELD_FILING, j->kit->policy[WORKER_CLIENT_POLICY_FILING]->name);
	return OK;
}
