#include "validator/certificate_report.h"

#include "base/scope.h"
#include "formats/der.h"
#include "validator/findings_outline.h"

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

static const char *sentence(struct outline *o, const struct certificate_report *r)
{
	const struct finding *cause = cause_of(r);
	if (r->indication == INDICATION_PASSED)
		return outline_say(o, "The certificate is valid and leads to a trusted authority.");
	return cause ? findings_outline_sentence(o, cause->code) : "";
}

static const char *use_of(const struct outline *o, enum cert_use use)
{
	switch (use) {
	case CERT_USE_SIGNATURE:
		return outline_say(o, "signing documents");
	case CERT_USE_TIMESTAMP:
		return outline_say(o, "timestamping");
	case CERT_USE_ANY:
		break;
	}
	return outline_say(o, "any");
}

static void add_verdict(struct outline *o, const struct certificate_report *r)
{
	const struct finding *cause = r->indication == INDICATION_PASSED ? NULL : cause_of(r);
	const char *code = findings_outline_code(o, r->indication, r->sub, false);
	outline_title(o, outline_say(o, "Report on a certificate"), r->name);
	outline_verdict(o, findings_outline_tone(r->indication),
	    findings_outline_word(o, r->indication), sentence(o, r), code);
	if (cause)
		outline_fact(
		    o, outline_say(o, "What helps"), findings_outline_remedy(o, cause->code));
	outline_fact(o, outline_say(o, "File"), r->name);
	outline_fact(o, outline_say(o, "Checked"),
	    OUTLINE_FILL(o, outline_say(o, "as of {time}, under the policy \"{policy}\""),
		{ "time", outline_time(o, r->validation_time) }, { "policy", r->policy->name }));
	outline_fact(o, outline_say(o, "Asked use"), use_of(o, r->use));
	outline_fact(o, outline_say(o, "Result"),
	    OUTLINE_FILL(o, "{name} (ETSI EN 319 102-1)", { "name", code }));
}

static enum err add_policies(struct scope *s, struct outline *o, const struct certificate_report *r)
{
	const char *label = outline_say(o, "Certificate policies");
	for (size_t i = 0; i < r->policies.n; i++) {
		char *dotted;
		enum err err = der_oid_text(s, r->policies.item[i].oid, &dotted);
		if (err == ERR_NOMEM)
			return err;
		if (err != OK) {
			scope_forgive(s);
			continue;
		}
		outline_fact(o, label, dotted);
		label = "";
	}
	for (size_t i = 0; i < r->policies.n; i++)
		for (size_t k = 0; k < r->policies.item[i].notices.n; k++)
			outline_fact(o, outline_say(o, "Notice to relying parties"),
			    r->policies.item[i].notices.item[k]);
	return OK;
}

static void add_subject(struct outline *o, const struct cert *c)
{
	outline_heading(o, 2, "certificate", outline_say(o, "The certificate"));
	outline_fact(o, outline_say(o, "Organisation"), c->organization);
	outline_fact(o, outline_say(o, "Organisation number"), c->organization_id);
	outline_fact(o, outline_say(o, "Certificate"), outline_name(o, c->subject_text));
	outline_fact(o, outline_say(o, "Issued by"), outline_name(o, c->issuer_text));
	outline_fact(o, outline_say(o, "Serial number"), c->serial_text);
	outline_fact(o, outline_say(o, "Valid"),
	    OUTLINE_FILL(o, outline_say(o, "{from} to {to}"),
		{ "from", outline_time(o, c->not_before) },
		{ "to", outline_time(o, c->not_after) }));
}

/* -- chains -- */
static const char *status_word(const struct outline *o, enum revocation_state state)
{
	static const char *const words[] = {
		[REVOCATION_UNKNOWN] = MESSAGES_MARK("nothing usable says whether it was revoked"),
		[REVOCATION_GOOD] = MESSAGES_MARK("not revoked"),
		[REVOCATION_REVOKED] = MESSAGES_MARK("REVOKED"),
		[REVOCATION_SUSPENDED] = MESSAGES_MARK("SUSPENDED"),
		[REVOCATION_NOT_NEEDED] = MESSAGES_MARK("its status need not be asked for"),
	};
	return outline_say(o, words[state]);
}

static void add_statement(struct outline *o, const struct revocation_statement *st)
{
	if (instant_is_known(st->revoked_at))
		outline_fact(o, outline_say(o, "Since"),
		    OUTLINE_FILL(o, "{time} ({reason})",
			{ "time", outline_time(o, st->revoked_at) },
			{ "reason", crl_reason_name(st->reason) }));
	outline_fact(o, outline_say(o, "Told by"),
	    OUTLINE_FILL(o,
		st->ocsp ? outline_say(o, "an OCSP response of {time}")
			 : outline_say(o, "a revocation list of {time}"),
		{ "time", outline_time(o, st->this_update) }));
}

static void add_chain(struct outline *o, const struct certificate_report *r)
{
	if (r->n_chain)
		outline_heading(o, 2, "chain", outline_say(o, "The chain that was taken"));
	for (size_t i = 0; i < r->n_chain; i++) {
		const struct certificate_report_link *link = &r->chain[i];
		outline_fact(
		    o, outline_number(o, i + 1), outline_name(o, link->cert->subject_text));
		if (link->is_anchor) {
			outline_fact(o, outline_say(o, "Status"), outline_say(o, "trusted"));
			continue;
		}
		outline_fact(
		    o, outline_say(o, "Status"), status_word(o, certificate_report_status(link)));
		if (link->decides)
			add_statement(o, link->decides);
		outline_fact(o, outline_say(o, "Not accepted"), link->record->rejected);
	}
}

static void add_others(struct outline *o, const struct certificate_report *r)
{
	size_t others = 0;
	for (size_t i = 0; i < r->n_paths; i++) {
		const struct certificate_report_path *p = &r->paths[i];
		if (p->taken)
			continue;
		if (others++ == 0)
			outline_heading(o, 2, "others", outline_say(o, "Other chains"));
		outline_heading(o, 3, NULL,
		    OUTLINE_FILL(
			o, outline_say(o, "Chain {n}"), { "n", outline_number(o, others) }));
		for (size_t k = 0; k < p->path->n; k++)
			outline_fact(o, outline_number(o, k + 1),
			    outline_name(o, p->path->item[k]->subject_text));
		if (!p->tried)
			outline_sentence(
			    o, outline_say(o, "This chain is valid too; it was not needed."));
		findings_outline(o, &p->findings);
	}
}

enum err certificate_report_text(struct scope *s, const struct certificate_report *r,
    const struct messages *m, struct bytes *ret_text)
{
	struct outline o = outline_new(s, m);
	add_verdict(&o, r);
	add_subject(&o, r->cert);
	TRY(add_policies(s, &o, r));
	if (r->findings.n) {
		outline_heading(&o, 2, "causes", outline_say(&o, "Causes, and what helps"));
		findings_outline(&o, &r->findings);
	}
	add_chain(&o, r);
	add_others(&o, r);
	TRY(outline_done(&o));
	return outline_text(s, &o, ret_text);
}
