#include "validator/report.h"

#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "validator/report_json_parts.h"

static void add_modifications(struct json *j, const struct report_signature *sig)
{
	json_begin_array(j, "modifications");
	for (size_t i = 0; i < sig->n_modifications; i++) {
		const struct report_modification *m = &sig->modifications[i];
		char object[32] = "";
		json_begin_object(j, NULL);
		json_string(j, "kind", report_modification_name(m->kind));
		if (m->object.num)
			snprintf(object, sizeof(object), "%u %u", m->object.num, m->object.gen);
		json_string(j, "object", m->object.num ? object : NULL);
		json_string(j, "path", m->path);
		json_bool(j, "allowed", m->allowed);
		json_string(j, "rule", m->rule);
		json_end_object(j);
	}
	json_end_array(j);
}

static void add_timestamps(struct json *j, const struct report_signature *sig)
{
	json_begin_array(j, "timestamps");
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		json_begin_object(j, NULL);
		json_string(j, "id", t->id);
		json_string(j, "kind", t->kind);
		json_instant(j, "time", t->time);
		json_string(j, "indication", findings_indication_name(t->indication, false));
		json_string(j, "subIndication", findings_sub_name(t->sub));
		json_bool(j, "intact", t->intact);
		report_json_parts_cert(j, "signer", t->signer);
		report_json_parts_chain(j, "chain", t->path);
		report_json_parts_findings(j, "findings", &t->findings);
		json_end_object(j);
	}
	json_end_array(j);
}

static void add_counter_signatures(struct json *j, const struct report_signature *sig)
{
	json_begin_array(j, "counterSignatures");
	for (size_t i = 0; i < sig->n_counter_signatures; i++) {
		const struct report_counter_signature *c = &sig->counter_signatures[i];
		json_begin_object(j, NULL);
		json_string(j, "id", c->id);
		json_string(j, "indication", findings_indication_name(c->indication, true));
		json_string(j, "subIndication", findings_sub_name(c->sub));
		json_bool(j, "intact", c->intact);
		report_json_parts_cert(j, "signer", c->signer);
		json_instant(j, "claimedTime", c->claimed_time);
		report_json_parts_findings(j, "findings", &c->findings);
		json_end_object(j);
	}
	json_end_array(j);
}

static void add_coverage(struct json *j, const struct report_signature *sig)
{
	json_begin_object(j, "coverage");
	json_int(j, "revision", (int64_t)sig->coverage.revision);
	json_int(j, "revisions", (int64_t)sig->coverage.revisions);
	json_bool(j, "wholeFile", sig->coverage.whole_file);
	json_bool(j, "valid", sig->coverage.valid);
	json_end_object(j);
}

static const char *or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

static void add_signature(struct json *j, const struct report_signature *sig)
{
	json_begin_object(j, NULL);
	json_string(j, "id", sig->id);
	json_string(j, "name", sig->name);
	json_string(j, "kind", sig->is_document_timestamp ? "document-timestamp" : "signature");
	json_string(j, "format", sig->format);
	json_string(j, "indication", findings_indication_name(sig->indication, true));
	json_string(j, "subIndication", findings_sub_name(sig->sub));
	json_bool(j, "intact", sig->intact);
	json_bool(j, "digestMatches", sig->digest_matches);
	json_bool(j, "signatureValueValid", sig->signature_value_valid);
	report_json_parts_cert(j, "signer", sig->signer);
	report_json_parts_chain(j, "chain", sig->path);
	json_string(j, "digestAlgorithm", sig->digest_algorithm);
	json_string(j, "signatureAlgorithm", sig->signature_algorithm);
	json_instant(j, "claimedTime", sig->claimed_time);
	json_instant(j, "bestSignatureTime", sig->best_signature_time);
	json_string(j, "claimedName", or_null(sig->signer_name));
	json_string(j, "reason", or_null(sig->reason));
	json_string(j, "location", or_null(sig->location));
	add_coverage(j, sig);
	add_modifications(j, sig);
	add_timestamps(j, sig);
	add_counter_signatures(j, sig);
	json_string(j, "qualification", sig->qualification);
	report_json_parts_findings(j, "findings", &sig->findings);
	json_end_object(j);
}

enum err report_json(struct scope *s, const struct report *r, bool compact, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_REPORT);
	struct json j = json_new(&b, compact);
	json_begin_object(&j, NULL);
	json_int(&j, "bulla", 1);
	json_begin_object(&j, "document");
	json_string(&j, "name", r->name);
	json_int(&j, "size", (int64_t)r->size);
	json_bytes_hex(&j, "sha256", digest_bytes(&r->document_sha256));
	json_string(&j, "format", r->format);
	json_end_object(&j);
	json_instant(&j, "validationTime", r->validation_time);
	json_begin_object(&j, "policy");
	json_string(&j, "name", r->policy->name);
	json_bytes_hex(&j, "sha256", digest_bytes(&r->policy_sha256));
	json_end_object(&j);
	json_string(&j, "conclusion", report_conclusion_name(r->conclusion));
	json_begin_array(&j, "signatures");
	for (size_t i = 0; i < r->n_signatures; i++)
		add_signature(&j, &r->signatures[i]);
	json_end_array(&j);
	report_json_parts_findings(&j, "findings", &r->findings);
	json_begin_object(&j, "evidence");
	json_int(&j, "certificates", (int64_t)r->evidence.certificates);
	json_int(&j, "crls", (int64_t)r->evidence.crls);
	json_int(&j, "ocspResponses", (int64_t)r->evidence.ocsp_responses);
	json_int(&j, "timestamps", (int64_t)r->evidence.timestamps);
	json_bytes_hex(&j, "sha256", digest_bytes(&r->evidence.sha256));
	json_end_object(&j);
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}
