#include "sealer/seal.h"

#include <string.h>

#include "base/scope.h"
#include "sealer/author.h"
#include "sealer/author_repair.h"
#include "sealer/permission.h"
#include "sealer/preflight.h"
#include "sealer/seed_values.h"

static const char *const level_names[] = {
	[SEAL_B_B] = "B-B",
	[SEAL_B_T] = "B-T",
	[SEAL_B_LT] = "B-LT",
	[SEAL_B_LTA] = "B-LTA",
};

const char *seal_level_name(enum seal_level level)
{
	return level_names[level];
}

bool seal_level_of_name(const char *name, enum seal_level *ret_level)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
		if (strcmp(level_names[i], name) == 0) {
			*ret_level = (enum seal_level)i;
			return true;
		}
	return false;
}

/* -- before -- */

/* What the named field demands of its signature (ISO 32000-2 12.7.5.5). */
static enum err meet_field(
    struct author *a, const struct pdf_file *file, const struct pdf_signature_list *signatures)
{
	const struct pdf_signature *f = NULL;
	struct seed_values_field field = { .name = a->request->field,
		.document_is_signed = signatures->n > 0 };
	char *told;
	if (a->request->field)
		TRY(field_find(a->s, signatures, a->request->field, &f));
	if (!f)
		return OK;
	if (f->lock.action != PDF_FIELDMDP_NONE || f->lock.permissions)
		field.lock = &f->lock;
	TRY(pdf_seed_value_read(a->s, file, pdf_file_latest(file), f->field_dict, &field.values));
	struct seal_request *met = scope_alloc(a->s, sizeof(*met));
	if (!met)
		return ERR_NOMEM;
	*met = *a->request;
	TRY(seed_values_meet(a->s, &field, met, &told));
	author_take(a, met);
	if (told[0])
		author_warn(a, told);
	return OK;
}

static enum err prepare(struct author *a)
{
	struct pdf_file *file;
	struct pdf_signature_list signatures;
	char *warning;
	TRY(author_repair_open(a, &file));
	TRY(pdf_signature_list(a->s, file, &signatures));
	TRY(preflight_check(a->s, file, &signatures, a->request->field, &warning));
	if (warning)
		author_warn(a, warning);
	TRY(meet_field(a, file, &signatures));
	return permission_check(a->s, file, &signatures, a->request);
}

/* Without anchors no chain can be judged: at least the certificate's own dates and usage. */
static enum err check_certificate_alone(struct author *a)
{
	const struct cert *c = a->request->key->cert;
	const struct policy *p = a->request->policy;
	struct instant now = a->world->now(a->world->ctx);
	char date[INSTANT_TEXT];
	if (instant_before(c->not_after, now)) {
		instant_to_rfc3339(c->not_after, date);
		return scope_fault(a->s, ERR_DENIED, "seal certificate: expired on %s", date);
	}
	if (instant_before(now, c->not_before)) {
		instant_to_rfc3339(c->not_before, date);
		return scope_fault(a->s, ERR_DENIED, "seal certificate: not valid before %s", date);
	}
	if (c->has_key_usage && p->signer_key_usage && !(c->key_usage & p->signer_key_usage))
		return scope_fault(
		    a->s, ERR_DENIED, "seal certificate: its key usage does not allow sealing");
	return OK;
}

static enum err check_certificate(struct author *a)
{
	struct findings f;
	const struct key *key = a->request->key;
	struct validate_request q = { .anchors = a->request->anchors,
		.policy = a->request->policy,
		.at = a->world->now(a->world->ctx),
		.evidence = a->evidence };
	TRY(check_certificate_alone(a));
	if (a->request->anchors->n == 0)
		return OK;
	for (size_t i = 0; i < key->n_chain; i++)
		TRY(evidence_add_cert(a->s, a->evidence, key->chain[i], EVIDENCE_GIVEN));
	TRY(validate_certificate(a->s, a->world, &q, key->cert, CERT_USE_SIGNATURE, &f));
	return author_demand_findings(a, &f, "seal certificate", a->request->level < SEAL_B_LT);
}

/* -- the levels -- */

static enum err raise_level(struct author *a, const char *field)
{
	struct report *r;
	size_t mine = 0;
	if (a->request->level < SEAL_B_LT)
		return OK;
	TRY(author_judge(a, false, &r));
	TRY(author_find(a, r, field, &mine));
	TRY(author_demand(a, r, mine, false));
	TRY(author_embed(a, r));
	return a->request->level == SEAL_B_LTA ? author_timestamp(a) : OK;
}

static enum err check_request(struct scope *s, const struct seal_request *q)
{
	if (q->level >= SEAL_B_T && q->n_tsa_urls == 0)
		return scope_fault(s, ERR_MISUSE, "level %s needs a time-stamping authority",
		    seal_level_name(q->level));
	if (q->level >= SEAL_B_LT && q->anchors->n == 0)
		return scope_fault(
		    s, ERR_MISUSE, "level %s needs trust anchors", seal_level_name(q->level));
	return OK;
}

enum err seal_document(struct scope *s, const struct world *world,
    const struct seal_request *request, struct draft *draft, struct seal_outcome *ret_outcome)
{
	struct author *a;
	struct seal_outcome outcome = { 0 };
	TRY(check_request(s, request));
	TRY(author_new(s, world, request, draft, &a));
	TRY(prepare(a));
	TRY(check_certificate(a));
	TRY(author_sign(a, a->request->level >= SEAL_B_T, &outcome.field));
	TRY(raise_level(a, outcome.field));
	if (!request->skip_self_check)
		TRY(author_check(a, outcome.field, &outcome.report));
	bool warned = a->warning.n > 0;
	TRY(buf_done_str(&a->warning, &outcome.warning));
	if (!warned)
		outcome.warning = NULL;
	*ret_outcome = outcome;
	return OK;
}
