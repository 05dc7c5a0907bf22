#include "base/limits.h"
#include "base/scope.h"
#include "sealer/key.h"
#include "service/worker/worker_job.h"
#include "service/worker/worker_summary.h"
#include "validator/disclaimer.h"
#include "validator/report_outline.h"
#include "validator/validate.h"

struct judging {
	const struct cert *cert;
	struct evidence *evidence; /* its chain */
	struct policy policy;      /* of filings, without the approval */
	struct findings findings;
	enum indication indication;
	enum sub_indication sub;
};

/* -- the request -- */
static enum err read_certificates(struct worker_job *j, struct judging *x)
{
	const size_t n = message_count(&j->request, WORKER_FIELD_CERTIFICATE);
	TRY(evidence_new(j->s, &x->evidence));
	if (n < 1 || n > LIMIT_WORKER_CERTIFICATES)
		return scope_fault(j->s, ERR_FORMAT, "worker: %zu certificates", n);
	for (size_t i = 0; i < n; i++) {
		struct bytes der;
		TRY(message_bytes_at(
		    &j->request, WORKER_FIELD_CERTIFICATE, i, LIMIT_FETCH_CERTIFICATE, &der));
		if (i)
			TRY(evidence_add_cert_der(j->s, x->evidence, der, EVIDENCE_GIVEN));
		else
			TRY(cert_parse(j->s, der, &x->cert));
	}
	return worker_job_begin(j, 0);
}

static enum err judge(struct worker_job *j, struct judging *x)
{
	struct fetcher_world *world;
	TRY(worker_job_world(j, INSTANT_NONE, &world));
	x->policy = *j->kit->policy[WORKER_CLIENT_POLICY_FILING];
	x->policy.disclaimer.approval = false;
	const struct validate_request q = { .anchors = j->kit->anchors,
		.policy = &x->policy,
		.at = world->world.now(world->world.ctx),
		.evidence = x->evidence };
	TRY(validate_certificate(
	    j->s, &world->world, &q, x->cert, CERT_USE_SIGNATURE, &x->findings));
	x->indication = findings_indication(&x->findings, &x->sub);
	return OK;
}

/* -- the facts -- */
static const char *type_of_key(struct scope *s, const struct cert *c)
{
	const struct key key = { .cert = c };
	struct signature_alg alg;
	if (key_signature_alg(s, &key, key_digest(&key, DIGEST_UNKNOWN), false, &alg) != OK) {
		scope_forgive(s);
		return "unknown";
	}
	switch (alg.kind) {
	case SIGNATURE_ALG_RSA_PKCS1:
	case SIGNATURE_ALG_RSA_PSS:
		return "RSA";
	case SIGNATURE_ALG_ECDSA:
	case SIGNATURE_ALG_PLAIN_ECDSA:
		return "EC";
	case SIGNATURE_ALG_DSA:
	case SIGNATURE_ALG_ED25519:
	case SIGNATURE_ALG_ED448:
		return signature_alg_name(alg.kind);
	case SIGNATURE_ALG_UNKNOWN:
		break;
	}
	return "unknown";
}

static void put_key(struct scope *s, struct json *j, const struct cert *c)
{
	json_begin_object(j, "key");
	json_string(j, "type", c->key ? type_of_key(s, c) : "unknown");
	json_int(j, "bits", c->key ? cert_key_bits(c) : 0);
	json_end_object(j);
}

static void put_usage(struct json *j, const struct cert *c)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} usages[] = {
		{ CERT_KU_DIGITAL_SIGNATURE, "digitalSignature" },
		{ CERT_KU_NON_REPUDIATION, "nonRepudiation" },
		{ CERT_KU_KEY_ENCIPHERMENT, "keyEncipherment" },
		{ CERT_KU_DATA_ENCIPHERMENT, "dataEncipherment" },
		{ CERT_KU_KEY_AGREEMENT, "keyAgreement" },
		{ CERT_KU_KEY_CERT_SIGN, "keyCertSign" },
		{ CERT_KU_CRL_SIGN, "cRLSign" },
	};
	json_begin_array(j, "keyUsage");
	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++)
		if (c->key_usage & usages[i].bit)
			json_string(j, NULL, usages[i].name);
	json_end_array(j);
}

static enum err put_names(struct scope *s, struct json *j, const struct cert *c)
{
	const struct {
		const char *key, *text;
	} names[] = {
		{ "subject", c->subject_text },
		{ "issuer", c->issuer_text },
		{ "serial", c->serial_text },
		{ "commonName", c->common_name },
		{ "organisation", c->organization },
		{ "number", c->organization_id },
		{ "country", c->country },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		TRY(worker_summary_text(s, j, names[i].key, names[i].text, LIMIT_WORKER_WORDS));
	return OK;
}

static enum err put_reasons(struct worker_job *job, struct json *j, const struct judging *x)
{
	static const enum finding_severity order[] = { SEVERITY_FAILURE, SEVERITY_INDETERMINATE,
		SEVERITY_WARNING, SEVERITY_INFO };
	size_t n = 0;
	json_begin_array(j, "reasons");
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < x->findings.n && n < LIMIT_WORKER_REASONS; i++) {
			const struct finding *f = &x->findings.item[i];
			if (findings_row(f->code)->severity != order[k])
				continue;
			TRY(worker_summary_finding(job->s, j, job->kit->hungarian, f, NULL));
			n++;
		}
	json_end_array(j);
	return OK;
}

static enum err put_facts(struct worker_job *job, struct json *j, const struct judging *x)
{
	const struct cert *c = x->cert;
	const struct policy *filing = job->kit->policy[WORKER_CLIENT_POLICY_FILING];
	const char *disclaimer;
	TRY(disclaimer_text(job->s, &filing->disclaimer, c, &disclaimer));
	json_begin_object(j, NULL);
	json_bytes_hex(j, "sha256", digest_bytes(&c->sha256));
	TRY(put_names(job->s, j, c));
	json_instant(j, "from", c->not_before);
	json_instant(j, "until", c->not_after);
	put_key(job->s, j, c);
	put_usage(j, c);
	json_bool(j, "qualified", c->qc_compliance);
	json_bool(j, "seal", report_outline_is_seal(c));
	TRY(worker_summary_text(job->s, j, "disclaimer", disclaimer, LIMIT_WORKER_CLAUSE));
	json_bool(j, "approvalWanted",
	    filing->disclaimer.approval && !disclaimer_is_approved(&filing->disclaimer, c));
	json_bool(j, "accepted", x->indication == INDICATION_PASSED);
	json_string(j, "indication", findings_indication_name(x->indication, false));
	json_string(j, "subIndication", findings_sub_name(x->sub));
	TRY(put_reasons(job, j, x));
	json_end_object(j);
	return OK;
}

enum err worker_job_certificate(struct worker_job *job)
{
	struct judging x = { .cert = NULL };
	struct bytes facts;
	struct buf b = buf_new(job->s, LIMIT_WORKER_SUMMARY);
	struct json j = json_new(&b, true);
	TRY(read_certificates(job, &x));
	TRY(judge(job, &x));
	TRY(put_facts(job, &j, &x));
	TRY(buf_done(&b, &facts));
	message_put_bytes(&job->answer, WORKER_FIELD_SHA256, digest_bytes(&x.cert->sha256));
	message_put_number(&job->answer, WORKER_FIELD_FLAGS,
	    x.indication == INDICATION_PASSED ? WORKER_FLAG_ACCEPTED : 0);
	message_put_bytes(&job->answer, WORKER_FIELD_SUMMARY, facts);
	message_put_number(&job->answer, WORKER_FIELD_FROM, x.cert->not_before.unix_s);
	message_put_number(&job->answer, WORKER_FIELD_SOONEST, x.cert->not_after.unix_s);
	return OK;
}
