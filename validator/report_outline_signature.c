#include <string.h>

#include "validator/findings_outline.h"
#include "validator/report_outline.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

const char *report_outline_who(const struct outline *o, const struct cert *c)
{
	if (!c)
		return outline_say(o, "an unknown signer");
	if (c->organization[0])
		return c->organization;
	return c->common_name[0] ? c->common_name : c->subject_text;
}

/* EN 319 412-5 4.2.3 (QcType), else EN 319 412-3: a legal person has an organizationIdentifier. */
bool report_outline_is_seal(const struct cert *c)
{
	bool esign = false;
	for (size_t i = 0; c && i < c->qc_types.n; i++) {
		if (oid_of(c->qc_types.item[i]) == OID_QC_TYPE_ESEAL)
			return true;
		esign |= oid_of(c->qc_types.item[i]) == OID_QC_TYPE_ESIGN;
	}
	return c && !esign && c->organization_id[0];
}

static void add_heading(struct outline *o, const struct report_signature *sig)
{
	const char *template = sig->is_document_timestamp
				   ? outline_say(o, "{id}: document timestamp by {who}")
			       : report_outline_is_seal(sig->signer)
				   ? outline_say(o, "{id}: electronic seal of {who}")
				   : outline_say(o, "{id}: electronic signature of {who}");
	outline_heading(o, 2, sig->id,
	    OUTLINE_FILL(
		o, template, { "id", sig->id }, { "who", report_outline_who(o, sig->signer) }));
	outline_heading_verdict(o, findings_outline_tone(sig->indication),
	    findings_outline_word(o, sig->indication),
	    findings_outline_code(o, sig->indication, sig->sub, true));
}

/* -- who -- */
static void add_who(struct outline *o, const struct report_signature *sig)
{
	const struct cert *c = sig->signer;
	if (!c)
		return;
	outline_fact(o, outline_say(o, "Organisation"), c->organization);
	outline_fact(o, outline_say(o, "Organisation number"), c->organization_id);
	outline_fact(o, outline_say(o, "Name in the certificate"), c->common_name);
	outline_fact(o, outline_say(o, "Qualification"), sig->qualification);
}

/* -- when -- */
static void add_timestamp_time(struct outline *o, const struct report_signature *sig)
{
	if (instant_is_known(sig->claimed_time))
		outline_fact(o, outline_say(o, "Time"),
		    OUTLINE_FILL(o, outline_say(o, "{time}, on the timestamp authority's word"),
			{ "time", outline_time(o, sig->claimed_time) }));
	if (sig->is_time_proven)
		outline_fact(o, outline_say(o, "Proven time"),
		    OUTLINE_FILL(o,
			outline_say(o, "{time} at the latest, proven by a later timestamp"),
			{ "time", outline_time(o, sig->best_signature_time) }));
}

static void add_when(struct outline *o, const struct report_signature *sig)
{
	if (sig->is_document_timestamp) {
		add_timestamp_time(o, sig);
		return;
	}
	const char *best = outline_time(o, sig->best_signature_time);
	const char *proven =
	    sig->is_time_proven
		? outline_say(o, "{time}, proven by a timestamp")
		: outline_say(o, "none; judged as of the time of this check, {time}");
	outline_fact(o, outline_say(o, "Proven time"), OUTLINE_FILL(o, proven, { "time", best }));
	const char *claimed =
	    instant_is_known(sig->claimed_time)
		? OUTLINE_FILL(o, outline_say(o, "{time}, on the signer's own word"),
		      { "time", outline_time(o, sig->claimed_time) })
		: outline_say(o, "none");
	outline_fact(o, outline_say(o, "Claimed time"), claimed);
}

/* -- what changed since, what is signed -- */
static size_t count_forbidden(const struct report_signature *sig)
{
	size_t n = 0;
	for (size_t i = 0; i < sig->n_modifications; i++)
		n += !sig->modifications[i].allowed;
	return n;
}

static const char *change_summary(struct outline *o, const struct report_signature *sig)
{
	size_t forbidden = count_forbidden(sig);
	if (forbidden)
		return outline_count(o, "{n} change that is not allowed",
		    "{n} changes that are not allowed", forbidden);
	if (sig->n_modifications)
		return outline_count(o, "{n} change, which is allowed",
		    "{n} changes, all of them allowed", sig->n_modifications);
	return sig->coverage.valid ? outline_say(o, "nothing") : outline_say(o, "unknown");
}

static const char *signed_part(struct outline *o, const struct report_signature *sig)
{
	if (!sig->coverage.valid)
		return outline_say(o, "cannot be determined");
	if (sig->coverage.whole_file)
		return outline_say(o, "the whole file");
	return OUTLINE_FILL(o, outline_say(o, "the file as of its revision {n} of {all}"),
	    { "n", outline_number(o, sig->coverage.revision) },
	    { "all", outline_number(o, sig->coverage.revisions) });
}

static const char *integrity(const struct outline *o, const struct report_signature *sig)
{
	if (sig->intact)
		return outline_say(o, "intact: what was signed is unchanged");
	if (!sig->coverage.valid)
		return outline_say(o, "not intact: the signature does not protect this file");
	if (!sig->digest_matches)
		return outline_say(o, "not intact: what was signed has been changed");
	if (!sig->signature_value_valid)
		return outline_say(o, "not intact: the signature value is wrong");
	return outline_say(o, "not intact: the file was changed later in ways not allowed");
}

static void add_content(struct outline *o, const struct report_signature *sig)
{
	outline_fact(o, outline_say(o, "Changed since"), change_summary(o, sig));
	outline_fact(o, outline_say(o, "Signed content"), signed_part(o, sig));
	outline_fact(o, outline_say(o, "Integrity"), integrity(o, sig));
	outline_fact(o, outline_say(o, "Stated reason"), sig->reason);
	outline_fact(o, outline_say(o, "Stated place"), sig->location);
	outline_fact(o, outline_say(o, "Stated name"), sig->signer_name);
}

/* -- why -- */
static void add_causes(struct outline *o, const struct findings *f)
{
	bool notes_only = true;
	for (size_t i = 0; i < f->n; i++)
		notes_only &= findings_row(f->item[i].code)->severity == SEVERITY_INFO;
	if (!f->n)
		return;
	outline_heading(o, 3, NULL,
	    notes_only ? outline_say(o, "Notes") : outline_say(o, "Causes, and what helps"));
	findings_outline(o, f);
}

/* -- what proves the time -- */
static const char *kind_of_timestamp(const struct outline *o, const char *kind)
{
	static const char *const kinds[][2] = {
		{ "content", MESSAGES_MARK("content timestamp") },
		{ "signature", MESSAGES_MARK("signature timestamp") },
		{ "archive", MESSAGES_MARK("archive timestamp") },
		{ "document", MESSAGES_MARK("document timestamp") },
	};
	for (size_t i = 0; i < N(kinds); i++)
		if (!strcmp(kind, kinds[i][0]))
			return outline_say(o, kinds[i][1]);
	return kind;
}

static void add_timestamps(struct outline *o, const struct report_signature *sig)
{
	const char *const headers[] = { outline_say(o, "No."), outline_say(o, "Time"),
		outline_say(o, "Kind"), outline_say(o, "Authority"), outline_say(o, "Result") };
	/* A document timestamp's only token is what the section itself tells of. */
	if (sig->is_document_timestamp || !sig->n_timestamps)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "Timestamps"));
	outline_table(o, outline_say(o, "Timestamps"), N(headers), headers);
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		outline_cell(o, t->id);
		outline_cell(o, outline_time(o, t->time));
		outline_cell(o, kind_of_timestamp(o, t->kind));
		outline_cell(o, report_outline_who(o, t->signer));
		outline_cell(o, findings_outline_code(o, t->indication, t->sub, false));
	}
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		if (!t->findings.n)
			continue;
		outline_sentence(
		    o, OUTLINE_FILL(o, outline_say(o, "About timestamp {id}:"), { "id", t->id }));
		findings_outline(o, &t->findings);
	}
}

static void add_counter_signatures(struct outline *o, const struct report_signature *sig)
{
	const char *const headers[] = { outline_say(o, "No."), outline_say(o, "Claimed time"),
		outline_say(o, "Signer"), outline_say(o, "Result") };
	if (!sig->n_counter_signatures)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "Counter-signatures"));
	outline_table(o, outline_say(o, "Counter-signatures"), N(headers), headers);
	for (size_t i = 0; i < sig->n_counter_signatures; i++) {
		const struct report_counter_signature *c = &sig->counter_signatures[i];
		outline_cell(o, c->id);
		outline_cell(o, outline_time(o, c->claimed_time));
		outline_cell(o, report_outline_who(o, c->signer));
		outline_cell(o, findings_outline_code(o, c->indication, c->sub, true));
	}
	for (size_t i = 0; i < sig->n_counter_signatures; i++) {
		const struct report_counter_signature *c = &sig->counter_signatures[i];
		if (!c->findings.n)
			continue;
		outline_sentence(o, OUTLINE_FILL(o, outline_say(o, "About counter-signature {id}:"),
					{ "id", c->id }));
		findings_outline(o, &c->findings);
	}
}

/* -- details -- */
static void add_path(struct outline *o, const struct path *p)
{
	for (size_t i = 1; p && i < p->n; i++) {
		const char *template =
		    i + 1 < p->n ? "{subject}" : outline_say(o, "{subject} (trust anchor)");
		outline_fact(o, i == 1 ? outline_say(o, "Certificate chain") : "",
		    OUTLINE_FILL(
			o, template, { "subject", outline_name(o, p->item[i]->subject_text) }));
	}
}

static void add_certificate(struct outline *o, const struct cert *c)
{
	if (!c)
		return;
	outline_fact(o, outline_say(o, "Certificate"), outline_name(o, c->subject_text));
	outline_fact(o, outline_say(o, "Issued by"), outline_name(o, c->issuer_text));
	outline_fact(o, outline_say(o, "Serial number"), c->serial_text);
	outline_fact(o, outline_say(o, "Valid"),
	    OUTLINE_FILL(o, outline_say(o, "{from} to {to}"),
		{ "from", outline_time(o, c->not_before) },
		{ "to", outline_time(o, c->not_after) }));
	outline_fact(
	    o, outline_say(o, "Certificate SHA-256"), outline_hex(o, digest_bytes(&c->sha256)));
}

static void add_details(struct outline *o, const struct report_signature *sig)
{
	outline_heading(o, 3, NULL, outline_say(o, "Details"));
	outline_fact(o, outline_say(o, "Form field"), sig->name);
	outline_fact(o, outline_say(o, "Format"), sig->format);
	outline_fact(o, outline_say(o, "Algorithms"),
	    OUTLINE_FILL(o, outline_say(o, "{signature} with {digest}"),
		{ "signature", sig->signature_algorithm }, { "digest", sig->digest_algorithm }));
	add_certificate(o, sig->signer);
	add_path(o, sig->path);
	if (sig->content.alg != DIGEST_UNKNOWN)
		outline_fact(o,
		    OUTLINE_FILL(o, outline_say(o, "{algorithm} of the signed content"),
			{ "algorithm", digest_name(sig->content.alg) }),
		    outline_hex(o, digest_bytes(&sig->content)));
}

void report_outline_signature(struct outline *o, const struct report_signature *sig)
{
	add_heading(o, sig);
	add_who(o, sig);
	add_when(o, sig);
	add_content(o, sig);
	add_causes(o, &sig->findings);
	report_outline_changes(o, sig);
	report_outline_pictures(o, sig);
	add_timestamps(o, sig);
	add_counter_signatures(o, sig);
	add_details(o, sig);
}
