#include "validator/certificate_report.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

#define LABEL "    %-13s"

/* Text from a certificate, so that it cannot move the cursor or start a line. */
static void add_safe(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++)
		buf_add_byte(b, (uint8_t)*c < 0x20 || *c == 0x7f ? '?' : (uint8_t)*c);
}

static void add_line(struct buf *b, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	buf_addf(b, LABEL, label);
	add_safe(b, text);
	buf_add_byte(b, '\n');
}

static void add_instant(struct buf *b, struct instant t)
{
	char text[INSTANT_TEXT];
	instant_to_rfc3339(t, text);
	buf_add_str(b, text);
}

/* The finding that decided. */
static const struct finding *cause_of(const struct certificate_report *r)
{
	enum finding_severity wanted =
	    r->indication == INDICATION_FAILED ? SEVERITY_FAILURE : SEVERITY_INDETERMINATE;
	for (size_t i = 0; i < r->findings.n; i++)
		if (findings_row(r->findings.item[i].code)->severity == wanted)
			return &r->findings.item[i];
	return NULL;
}

static void add_headline(struct buf *b, const struct certificate_report *r)
{
	const struct finding *cause = cause_of(r);
	add_safe(b, r->name);
	if (r->indication == INDICATION_PASSED)
		buf_add_str(
		    b, ": VALID: the certificate is valid and leads to a trusted authority.\n");
	else
		buf_addf(b, ": %s: %s\n",
		    r->indication == INDICATION_FAILED ? "NOT VALID" : "NOT CERTAIN",
		    cause ? findings_row(cause->code)->text : "");
}

static void add_subject(struct buf *b, const struct certificate_report *r)
{
	buf_add_str(b, "Certificate, checked for ");
	add_instant(b, r->validation_time);
	buf_addf(b, " under policy \"%s\", use \"%s\": %s", r->policy->name,
	    certificate_report_use_name(r->use), findings_indication_name(r->indication, false));
	if (r->sub != SUB_NONE)
		buf_addf(b, " (%s)", findings_sub_name(r->sub));
	buf_add_byte(b, '\n');
	add_line(b, "subject", r->cert->subject_text);
	add_line(b, "issued by", r->cert->issuer_text);
	add_line(b, "serial", r->cert->serial_text);
	buf_addf(b, LABEL, "valid");
	add_instant(b, r->cert->not_before);
	buf_add_str(b, " to ");
	add_instant(b, r->cert->not_after);
	buf_add_byte(b, '\n');
}

static enum err add_policies(struct scope *s, struct buf *b, const struct certificate_report *r)
{
	for (size_t i = 0; i < r->policies.n; i++) {
		char *dotted;
		enum err err = der_oid_text(s, r->policies.item[i].oid, &dotted);
		if (err == ERR_NOMEM)
			return err;
		if (err == OK)
			add_line(b, i ? "" : "policies", dotted);
		else
			scope_forgive(s);
	}
	for (size_t i = 0; i < r->policies.n; i++)
		for (size_t k = 0; k < r->policies.item[i].notices.n; k++)
			add_line(b, "notice", r->policies.item[i].notices.item[k]);
	return OK;
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
		if (row->remedy[0])
			buf_addf(b, "%s    %s\n", indent, row->remedy);
	}
}

static void add_statement(struct buf *b, const struct revocation_statement *st)
{
	if (instant_is_known(st->revoked_at)) {
		buf_add_str(b, " at ");
		add_instant(b, st->revoked_at);
		buf_addf(b, " (%s)", crl_reason_name(st->reason));
	}
	buf_addf(b, ", says %s of ", st->ocsp ? "an OCSP response" : "a CRL");
	add_instant(b, st->this_update);
}

static void add_status(struct buf *b, const struct certificate_report_link *link)
{
	static const char *const words[] = {
		[REVOCATION_UNKNOWN] = "nothing usable says whether it was revoked",
		[REVOCATION_GOOD] = "not revoked",
		[REVOCATION_REVOKED] = "REVOKED",
		[REVOCATION_SUSPENDED] = "SUSPENDED",
		[REVOCATION_NOT_NEEDED] = "its status need not be asked for",
	};
	buf_addf(b, "        %s", words[certificate_report_status(link)]);
	if (link->decides)
		add_statement(b, link->decides);
	buf_add_byte(b, '\n');
	if (!link->record->rejected)
		return;
	buf_add_str(b, "        not accepted: ");
	add_safe(b, link->record->rejected);
	buf_add_byte(b, '\n');
}

static void add_chain(struct buf *b, const struct certificate_report *r)
{
	if (r->n_chain)
		buf_add_str(b, "\nChain\n");
	for (size_t i = 0; i < r->n_chain; i++) {
		const struct certificate_report_link *link = &r->chain[i];
		buf_add_str(b, "    ");
		add_safe(b, link->cert->subject_text);
		if (link->is_anchor)
			buf_add_str(b, "\n        trusted\n");
		else
			buf_add_byte(b, '\n');
		if (!link->is_anchor)
			add_status(b, link);
	}
}

static void add_others(struct buf *b, const struct certificate_report *r)
{
	size_t others = 0;
	for (size_t i = 0; i < r->n_paths; i++) {
		const struct certificate_report_path *p = &r->paths[i];
		if (p->taken)
			continue;
		if (others++ == 0)
			buf_add_str(b, "\nOther chains\n");
		for (size_t k = 0; k < p->path->n; k++) {
			buf_add_str(b, k ? " <- " : "    ");
			add_safe(b, p->path->item[k]->subject_text);
		}
		buf_add_str(b, p->tried ? "\n" : "\n        valid too, not needed\n");
		add_findings(b, &p->findings, "        ");
	}
}

enum err certificate_report_text(
    struct scope *s, const struct certificate_report *r, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_REPORT);
	add_headline(&b, r);
	add_subject(&b, r);
	TRY(add_policies(s, &b, r));
	add_findings(&b, &r->findings, "    ");
	add_chain(&b, r);
	add_others(&b, r);
	return buf_done(&b, ret_text);
}
