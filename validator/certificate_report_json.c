#include "validator/certificate_report.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"
#include "validator/report_json_parts.h"

/* An identifier that cannot be written as text is left out. */
static enum err add_oid(struct scope *s, struct json *j, const char *key, struct bytes oid)
{
	char *dotted;
	enum err err = der_oid_text(s, oid, &dotted);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(s);
	json_string(j, key, err == OK ? dotted : NULL);
	return OK;
}

static void add_texts(struct json *j, const char *key, const struct cert_texts *texts)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < texts->n; i++)
		json_string(j, NULL, texts->item[i]);
	json_end_array(j);
}

static enum err add_inputs(struct scope *s, struct json *j, const struct policy_path_inputs *in)
{
	json_begin_object(j, "inputs");
	json_begin_array(j, "initialPolicies");
	for (size_t i = 0; i < in->n_initial_policies; i++)
		TRY(add_oid(s, j, NULL, in->initial_policies[i]));
	json_end_array(j);
	json_bool(j, "explicitPolicy", in->explicit_policy);
	json_bool(j, "inhibitMapping", in->inhibit_mapping);
	json_bool(j, "inhibitAny", in->inhibit_any);
	json_end_object(j);
	return OK;
}

static enum err add_policy(struct scope *s, struct json *j, const struct path_policy *p)
{
	json_begin_object(j, NULL);
	TRY(add_oid(s, j, "policy", p->oid));
	add_texts(j, "cps", &p->cps);
	add_texts(j, "notices", &p->notices);
	json_end_object(j);
	return OK;
}

static enum err add_policies(struct scope *s, struct json *j, const struct certificate_report *r)
{
	json_begin_array(j, "policies");
	for (size_t i = 0; i < r->policies.n; i++)
		TRY(add_policy(s, j, &r->policies.item[i]));
	json_end_array(j);
	return OK;
}

static void add_item(
    struct json *j, enum evidence_source source, const char *url, const struct digest *sha256)
{
	json_begin_object(j, NULL);
	json_string(j, "source", evidence_source_name(source));
	json_string(j, "url", url);
	json_bytes_hex(j, "sha256", digest_bytes(sha256));
	json_end_object(j);
}

/* What decided: one response, or one list or several (a base and its deltas, parts by reasons). */
static void add_statement(struct json *j, const struct revocation_statement *st)
{
	if (instant_is_known(st->revoked_at)) {
		json_instant(j, "revokedAt", st->revoked_at);
		json_string(j, "reason", crl_reason_name(st->reason));
	}
	json_instant(j, "thisUpdate", st->this_update);
	json_instant(j, "nextUpdate", st->next_update);
	json_string(j, "by", st->ocsp ? "ocsp" : "crl");
	json_begin_array(j, "items");
	if (st->ocsp)
		add_item(j, st->ocsp->source, st->ocsp->url, &st->ocsp->response->sha256);
	for (size_t i = 0; i < st->n_crls; i++)
		add_item(j, st->crls[i]->source, st->crls[i]->url, &st->crls[i]->crl->sha256);
	json_end_array(j);
	report_json_parts_cert(j, "signer", st->signer);
}

static void add_revocation(struct json *j, const struct certificate_report_link *link)
{
	if (link->is_anchor) {
		json_string(j, "revocation", NULL);
		return;
	}
	json_begin_object(j, "revocation");
	json_string(j, "status", certificate_report_status_name(link));
	if (link->decides)
		add_statement(j, link->decides);
	if (link->record->rejected) {
		json_string(j, "rejected", link->record->rejected);
		json_string(j, "rejectedUrl", link->record->rejected_url);
	}
	json_end_object(j);
}

static void add_chain(struct json *j, const struct certificate_report *r)
{
	json_begin_array(j, "chain");
	for (size_t i = 0; i < r->n_chain; i++) {
		const struct certificate_report_link *link = &r->chain[i];
		json_begin_object(j, NULL);
		report_json_parts_cert_keys(j, link->cert);
		json_string(j, "source", evidence_source_name(link->source));
		json_bool(j, "anchor", link->is_anchor);
		add_revocation(j, link);
		json_end_object(j);
	}
	json_end_array(j);
}

static void add_paths(struct json *j, const struct certificate_report *r)
{
	json_begin_array(j, "paths");
	for (size_t i = 0; i < r->n_paths; i++) {
		const struct certificate_report_path *p = &r->paths[i];
		json_begin_object(j, NULL);
		json_begin_array(j, "certificates");
		for (size_t k = 0; k < p->path->n; k++)
			json_bytes_hex(j, NULL, digest_bytes(&p->path->item[k]->sha256));
		json_end_array(j);
		json_begin_array(j, "subjects");
		for (size_t k = 0; k < p->path->n; k++)
			json_string(j, NULL, p->path->item[k]->subject_text);
		json_end_array(j);
		json_bool(j, "taken", p->taken);
		json_bool(j, "tried", p->tried);
		report_json_parts_findings(j, "causes", &p->findings);
		json_end_object(j);
	}
	json_end_array(j);
}

static void add_evidence(struct json *j, const struct certificate_report *r)
{
	json_begin_object(j, "evidence");
	json_int(j, "certificates", (int64_t)r->items->n_certs);
	json_int(j, "crls", (int64_t)r->items->n_crls);
	json_int(j, "ocspResponses", (int64_t)r->items->n_ocsps);
	json_bytes_hex(j, "sha256", digest_bytes(&r->items_sha256));
	json_end_object(j);
}

enum err certificate_report_json(
    struct scope *s, const struct certificate_report *r, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_REPORT);
	struct json j = json_new(&b, false);
	json_begin_object(&j, NULL);
	json_int(&j, "bulla", 1);
	json_begin_object(&j, "certificate");
	json_string(&j, "name", r->name);
	report_json_parts_cert_keys(&j, r->cert);
	json_end_object(&j);
	json_instant(&j, "validationTime", r->validation_time);
	json_begin_object(&j, "policy");
	json_string(&j, "name", r->policy->name);
	json_bytes_hex(&j, "sha256", digest_bytes(&r->policy_sha256));
	TRY(add_inputs(s, &j, &r->policy->path));
	json_end_object(&j);
	json_string(&j, "use", certificate_report_use_name(r->use));
	json_string(&j, "indication", findings_indication_name(r->indication, false));
	json_string(&j, "subIndication", findings_sub_name(r->sub));
	add_chain(&j, r);
	TRY(add_policies(s, &j, r));
	add_paths(&j, r);
	report_json_parts_findings(&j, "findings", &r->findings);
	add_evidence(&j, r);
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}
