#include "validator/report.h"

#include "base/buf.h"
#include "base/limits.h"

/* Text from a document or certificate, so that it cannot move the cursor or start a line. */
static void add_safe(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++)
		buf_add_byte(b, (uint8_t)*c < 0x20 || *c == 0x7f ? '?' : (uint8_t)*c);
}

static void add_line(struct buf *b, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	buf_addf(b, "    %-13s", label);
	add_safe(b, text);
	buf_add_byte(b, '\n');
}

static void add_time_line(struct buf *b, const char *label, struct instant t, const char *remark)
{
	char text[INSTANT_TEXT];
	if (!instant_is_known(t))
		return;
	instant_to_rfc3339(t, text);
	buf_addf(b, "    %-13s%s%s\n", label, text, remark);
}

static const char *signer_name(const struct report_signature *sig)
{
	if (!sig->signer)
		return "an unknown signer";
	if (sig->signer->organization[0])
		return sig->signer->organization;
	return sig->signer->common_name[0] ? sig->signer->common_name : sig->signer->subject_text;
}

static const char *headline(const struct report *r)
{
	switch (r->conclusion) {
	case CONCLUSION_TOTAL_PASSED:
		return "VALID: every signature of this document is valid and its signer is "
		       "trusted.";
	case CONCLUSION_TOTAL_FAILED:
		return "NOT VALID: do not rely on this document.";
	case CONCLUSION_INDETERMINATE:
		return "NOT CERTAIN: the validity of this document cannot be decided.";
	case CONCLUSION_NO_SIGNATURE:
		break;
	}
	return "NOT SIGNED: this document carries no signature.";
}

static void add_findings(struct buf *b, const struct findings *f, const char *indent)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding_row *row = findings_row(f->item[i].code);
		buf_addf(b, "%s%s: %s", indent, findings_severity_name(row->severity), row->text);
		if (f->item[i].about[0]) {
			buf_add_str(b, " (");
			add_safe(b, f->item[i].about);
			buf_add_str(b, ")");
		}
		buf_addf(b, " [%s, %s]\n", row->name, row->clause);
	}
}

static void add_changes(struct buf *b, const struct report_signature *sig)
{
	if (sig->coverage.whole_file)
		add_line(b, "covers", "the whole file");
	else if (sig->coverage.valid)
		buf_addf(b, "    %-13srevision %zu of %zu\n", "covers", sig->coverage.revision,
		    sig->coverage.revisions);
	for (size_t i = 0; i < sig->n_modifications; i++) {
		const struct report_modification *m = &sig->modifications[i];
		buf_addf(b, "    %-13s%s %s: ", i == 0 ? "since then" : "",
		    m->allowed ? "allowed" : "NOT ALLOWED", report_modification_name(m->kind));
		add_safe(b, m->path);
		if (m->object.num)
			buf_addf(b, " (object %u %u)", m->object.num, m->object.gen);
		buf_add_byte(b, '\n');
	}
}

static void add_timestamps(struct buf *b, const struct report_signature *sig)
{
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		char time[INSTANT_TEXT];
		instant_to_rfc3339(t->time, time);
		buf_addf(b, "    %-13s%s %s timestamp %s", t->id, time, t->kind,
		    findings_indication_name(t->indication, false));
		if (t->signer) {
			buf_add_str(b, " by ");
			add_safe(b, t->signer->subject_text);
		}
		buf_add_byte(b, '\n');
		add_findings(b, &t->findings, "                 ");
	}
}

static void add_signature(struct buf *b, const struct report_signature *sig)
{
	buf_addf(b, "\n%s  %s", sig->id, findings_indication_name(sig->indication, true));
	if (sig->sub != SUB_NONE)
		buf_addf(b, " (%s)", findings_sub_name(sig->sub));
	buf_addf(b, "  %s by ", sig->is_document_timestamp ? "document timestamp" : "signature");
	add_safe(b, signer_name(sig));
	buf_add_byte(b, '\n');
	add_line(b, "field", sig->name);
	add_line(b, "signer", sig->signer ? sig->signer->subject_text : NULL);
	add_line(b, "issued by", sig->signer ? sig->signer->issuer_text : NULL);
	add_time_line(b, "claimed time", sig->claimed_time, " (the signer's word)");
	add_time_line(b, "proven time", sig->best_signature_time,
	    sig->is_time_proven ? "" : " (the time of this check)");
	add_line(b, "format", sig->format);
	buf_addf(b, "    %-13s%s with %s\n", "algorithms", sig->signature_algorithm,
	    sig->digest_algorithm);
	add_line(b, "integrity", sig->intact ? "intact" : "NOT intact");
	add_line(b, "reason", sig->reason);
	add_line(b, "location", sig->location);
	add_changes(b, sig);
	add_timestamps(b, sig);
	add_findings(b, &sig->findings, "    ");
}

enum err report_text(struct scope *s, const struct report *r, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_REPORT);
	char at[INSTANT_TEXT];
	instant_to_rfc3339(r->validation_time, at);
	add_safe(&b, r->name);
	buf_addf(&b, ": %s\n", headline(r));
	buf_addf(&b, "%s, %zu octets, checked for %s under policy \"%s\": %s\n", r->format, r->size,
	    at, r->policy->name, report_conclusion_name(r->conclusion));
	for (size_t i = 0; i < r->n_signatures; i++)
		add_signature(&b, &r->signatures[i]);
	if (r->findings.n)
		buf_add_str(&b, "\nDocument\n");
	add_findings(&b, &r->findings, "    ");
	return buf_done(&b, ret_text);
}
