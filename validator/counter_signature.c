#include "validator/counter_signature.h"

#include <stdio.h>

#include "base/scope.h"
#include "validator/document_signer.h"
#include "validator/signer_rules.h"

enum err counter_signature_read(struct scope *s, struct document_signature *sig)
{
	struct cms_counter_signature *list = NULL;
	size_t n = 0;
	enum err err = cms_counter_signatures(s, sig->signer.cms, &list, &n);
	if (err == ERR_NOMEM)
		return err;
	bool too_many = err != OK;
	if (too_many) {
		scope_forgive(s);
		n = 1;
	}
	sig->counters = scope_alloc_array(s, n, sizeof(*sig->counters));
	if (!sig->counters)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && !too_many; i++)
		sig->counters[i].cms = &list[i];
	sig->n_counters = n;
	return OK;
}

static bool is_readable(const struct document_counter_signature *c)
{
	return c->cms && c->cms->is_readable;
}

/* The octets that it signs. */
static struct bytes value_under(
    const struct document_signature *sig, const struct document_counter_signature *c)
{
	const struct cms_signer *on = c->cms->on == CMS_COUNTER_ON_SIGNER
					  ? sig->signer.cms
					  : &sig->counters[c->cms->on].cms->signer;
	return on->sig_value;
}

/* RFC 5652 11.4: no content-type attribute, so none matches. */
static enum err verify(struct scope *s, const struct document_signature *sig,
    struct document_counter_signature *c, const struct evidence *evidence)
{
	const struct cms_signer *signer = &c->cms->signer;
	struct digest content = { 0 };
	enum err err = ERR_UNSUPPORTED;
	if (signer->digest_alg != DIGEST_UNKNOWN)
		err = digest_of_bytes(s, signer->digest_alg, value_under(sig, c), &content);
	if (err != OK && err != ERR_UNSUPPORTED)
		return err;
	scope_forgive(s);
	return document_signer_verify(
	    s, signer, BYTES_NONE, err == OK ? &content : NULL, evidence, &c->signer);
}

enum err counter_signature_verify(
    struct scope *s, struct document_signature *sig, const struct evidence *evidence)
{
	for (size_t i = 0; i < sig->n_counters; i++)
		if (is_readable(&sig->counters[i]))
			TRY(verify(s, sig, &sig->counters[i], evidence));
	return OK;
}

/* EN 319 102-1 5.3. */
static enum err check(struct scope *s, struct xcv *x, const struct document_signer *signer,
    struct instant existed, struct report_counter_signature *r)
{
	struct xcv_answer answer;
	struct xcv_question q = { .cert = signer->cert,
		.use = CERT_USE_SIGNATURE,
		.existed = existed,
		.not_older = INSTANT_NONE,
		.fresh_for = existed };
	TRY(signer_rules_check(s, signer, &r->findings));
	if (!signer->cert)
		return OK;
	TRY(xcv_check(s, x, &q, &answer));
	r->path = answer.path;
	TRY(findings_add_all(s, &r->findings, &answer.findings));
	return signer_rules_algorithm(
	    s, x, POLICY_USE_SIGNATURE, signer, existed, INSTANT_NONE, &r->findings);
}

static enum err judge_one(struct scope *s, struct xcv *x,
    const struct document_counter_signature *c, struct instant existed,
    struct report_counter_signature *r)
{
	const struct document_signer *signer = &c->signer;
	r->claimed_time = INSTANT_NONE;
	r->digest_algorithm = digest_name(signer->digest_alg);
	r->signature_algorithm = signature_alg_name(signer->sig_alg.kind);
	if (!is_readable(c))
		return findings_add(s, &r->findings, FINDING_COUNTER_SIGNATURE_UNREADABLE, NULL);
	r->facts = signer;
	r->signer = signer->cert;
	r->claimed_time = signer->signing_time;
	r->intact = signer->digest_matches && signer->value_valid;
	return check(s, x, signer, existed, r);
}

enum err counter_signature_judge(struct scope *s, struct xcv *x,
    const struct document_signature *sig, struct instant existed, size_t *n,
    struct report_signature *report)
{
	report->counter_signatures =
	    scope_alloc_array(s, sig->n_counters, sizeof(*report->counter_signatures));
	if (!report->counter_signatures)
		return ERR_NOMEM;
	report->n_counter_signatures = sig->n_counters;
	for (size_t i = 0; i < sig->n_counters; i++) {
		struct report_counter_signature *r = &report->counter_signatures[i];
		snprintf(r->id, sizeof(r->id), "C%zu", ++*n);
		TRY(judge_one(s, x, &sig->counters[i], existed, r));
		r->indication = findings_indication(&r->findings, &r->sub);
		if (r->indication != INDICATION_PASSED)
			TRY(findings_add(
			    s, &report->findings, FINDING_COUNTER_SIGNATURE_NOT_PASSED, r->id));
	}
	return OK;
}
