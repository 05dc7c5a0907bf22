#include "validator/report_json_parts.h"

void report_json_parts_cert_keys(struct json *j, const struct cert *c)
{
	json_string(j, "subject", c->subject_text);
	json_string(j, "issuer", c->issuer_text);
	json_string(j, "serial", c->serial_text);
	json_bytes_hex(j, "sha256", digest_bytes(&c->sha256));
	json_instant(j, "notBefore", c->not_before);
	json_instant(j, "notAfter", c->not_after);
}

void report_json_parts_cert(struct json *j, const char *key, const struct cert *c)
{
	if (!c) {
		json_string(j, key, NULL);
		return;
	}
	json_begin_object(j, key);
	report_json_parts_cert_keys(j, c);
	json_end_object(j);
}

void report_json_parts_chain(struct json *j, const char *key, const struct path *path)
{
	json_begin_array(j, key);
	for (size_t i = 0; path && i < path->n; i++) {
		json_begin_object(j, NULL);
		json_string(j, "subject", path->item[i]->subject_text);
		json_bytes_hex(j, "sha256", digest_bytes(&path->item[i]->sha256));
		json_end_object(j);
	}
	json_end_array(j);
}

void report_json_parts_findings(struct json *j, const char *key, const struct findings *f)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *item = &f->item[i];
		const struct finding_row *row = findings_row(item->code);
		json_begin_object(j, NULL);
		json_string(j, "code", row->name);
		json_string(j, "severity", findings_severity_name(row->severity));
		json_string(j, "clause", row->clause);
		json_string(j, "text", row->text);
		if (item->about[0])
			json_string(j, "about", item->about);
		if (item->cert)
			json_bytes_hex(j, "certificate", digest_bytes(&item->cert->sha256));
		if (item->url)
			json_string(j, "url", item->url);
		if (instant_is_known(item->at))
			json_instant(j, "at", item->at);
		if (row->remedy[0])
			json_string(j, "remedy", row->remedy);
		json_end_object(j);
	}
	json_end_array(j);
}
