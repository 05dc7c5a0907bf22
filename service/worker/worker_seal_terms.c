#include "service/worker/worker_seal_terms.h"

#include "base/scope.h"

enum err worker_seal_terms(
    struct worker_job *j, struct worker_seal_options *options, struct seal_request *request)
{
	const struct configuration *c = j->kit->configuration;
	if (!seal_level_of_name(c->level, &request->level))
		return scope_fault(j->s, ERR_INTERNAL, "configuration: no such level");
	request->rsa_pkcs1 = c->rsa_pkcs1;
	request->anchors = j->kit->anchors;
	request->tsa_urls = c->tsa;
	request->n_tsa_urls = c->n_tsa;
	worker_seal_options_apply(options, request);
	return OK;
}
