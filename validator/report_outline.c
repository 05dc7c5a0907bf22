#include "validator/report_outline.h"

#include "validator/findings_outline.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* -- the verdict -- */
/* What the verdict is about: the signatures, or the document timestamps where there is none. */
static size_t count(const struct report *r, bool timestamps, enum indication i)
{
	size_t n = 0;
	for (size_t k = 0; k < r->n_signatures; k++)
		n += r->signatures[k].is_document_timestamp == timestamps &&
		     r->signatures[k].indication == i;
	return n;
}

static bool was_changed(const struct report *r)
{
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct findings *f = &r->signatures[i].findings;
		if (findings_has(f, FINDING_HASH_MISMATCH) ||
		    findings_has(f, FINDING_CHANGED_AFTERWARDS) ||
		    (r->signatures[i].is_document_timestamp &&
			findings_has(f, FINDING_TIMESTAMP_IMPRINT)))
			return true;
	}
	return false;
}

static const char *passed_sentence(struct outline *o, const struct report *r)
{
	size_t n = count(r, false, INDICATION_PASSED);
	if (n)
		return outline_count(o,
		    "The signature of this document is valid, and its signer is trusted.",
		    "All {n} signatures of this document are valid, and their signers are trusted.",
		    n);
	return outline_count(o,
	    "This document is not signed, but it carries a valid timestamp: it has existed "
	    "unchanged since then.",
	    "This document is not signed, but it carries {n} valid timestamps: it has existed "
	    "unchanged since then.",
	    count(r, true, INDICATION_PASSED));
}

static const char *failed_sentence(struct outline *o, const struct report *r)
{
	size_t n = count(r, false, INDICATION_FAILED);
	if (was_changed(r))
		return outline_say(o, "This document was changed after it had been signed.");
	if (n)
		return outline_count(o, "A signature of this document is not valid.",
		    "{n} signatures of this document are not valid.", n);
	return outline_say(o, "A timestamp of this document is not valid.");
}

/* Valid, and yet not to be trusted at a glance: what is found of the whole document concerns the
 * person, not the standard's result. */
static bool is_doubtful(const struct report *r)
{
	return r->conclusion == CONCLUSION_TOTAL_PASSED && findings_has_doubt(&r->findings);
}

static const char *sentence(struct outline *o, const struct report *r)
{
	switch (r->conclusion) {
	case CONCLUSION_TOTAL_PASSED:
		if (is_doubtful(r))
			return outline_say(o,
			    "What is signed is intact and its signer is trusted, but the document "
			    "may show something else than was meant to be signed.");
		return passed_sentence(o, r);
	case CONCLUSION_TOTAL_FAILED:
		return failed_sentence(o, r);
	case CONCLUSION_INDETERMINATE:
		return outline_say(o,
		    "With what is known it cannot be decided whether this document is validly "
		    "signed.");
	case CONCLUSION_NO_SIGNATURE:
		break;
	}
	return outline_say(o, "This document carries no signature.");
}

static enum indication indication_of(enum report_conclusion c)
{
	switch (c) {
	case CONCLUSION_TOTAL_PASSED:
		return INDICATION_PASSED;
	case CONCLUSION_TOTAL_FAILED:
		return INDICATION_FAILED;
	case CONCLUSION_INDETERMINATE:
	case CONCLUSION_NO_SIGNATURE:
		break;
	}
	return INDICATION_INDETERMINATE;
}

/* The finding that decided a signature: the first of the worst severity. */
static const struct finding *deciding(const struct report_signature *sig)
{
	const struct finding *found = NULL;
	for (size_t i = 0; i < sig->findings.n; i++) {
		const struct finding *f = &sig->findings.item[i];
		if (!found || findings_row(f->code)->severity < findings_row(found->code)->severity)
			found = f;
	}
	return found;
}

static void add_cause(struct outline *o, const struct finding *f)
{
	if (!f)
		return;
	outline_fact(o, outline_say(o, "Why"), findings_outline_sentence(o, f->code));
	outline_fact(o, outline_say(o, "What helps"), findings_outline_remedy(o, f->code));
}

/* The document's cause is that of its first signature which has the document's indication. */
static const struct finding *reason(const struct report *r)
{
	const struct finding *f = NULL;
	for (size_t i = 0; is_doubtful(r) && i < r->findings.n && !f; i++) {
		const struct findings one = { .item = &r->findings.item[i], .n = 1 };
		f = findings_has_doubt(&one) ? one.item : NULL;
	}
	if (f)
		return f;
	for (size_t i = 0; i < r->n_signatures && !f; i++)
		if (r->signatures[i].indication == indication_of(r->conclusion))
			f = deciding(&r->signatures[i]);
	return r->conclusion == CONCLUSION_TOTAL_PASSED ? NULL : f;
}

struct report_outline_verdict report_outline_verdict(struct outline *o, const struct report *r)
{
	return (struct report_outline_verdict){
		.indication =
		    is_doubtful(r) ? INDICATION_INDETERMINATE : indication_of(r->conclusion),
		.sentence = sentence(o, r),
		.decided = reason(r),
	};
}

static size_t count_warnings(const struct report *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->findings.n; i++)
		n += findings_row(r->findings.item[i].code)->severity == SEVERITY_WARNING;
	for (size_t k = 0; k < r->n_signatures; k++) {
		const struct findings *f = &r->signatures[k].findings;
		for (size_t i = 0; i < f->n; i++)
			n += findings_row(f->item[i].code)->severity == SEVERITY_WARNING;
	}
	return n;
}

static void add_verdict(struct outline *o, const struct report *r)
{
	const struct report_outline_verdict v = report_outline_verdict(o, r);
	const enum indication i = v.indication;
	size_t warnings = count_warnings(r);
	outline_verdict(o, findings_outline_tone(i), findings_outline_word(o, i), v.sentence,
	    report_conclusion_name(r->conclusion));
	add_cause(o, v.decided);
	outline_fact(o, outline_say(o, "Document"), r->name);
	outline_fact(o, outline_say(o, "Checked"),
	    OUTLINE_FILL(o, outline_say(o, "as of {time}, under the policy \"{policy}\""),
		{ "time", outline_time(o, r->validation_time) }, { "policy", r->policy->name }));
	if (r->conclusion != CONCLUSION_NO_SIGNATURE)
		outline_fact(o, outline_say(o, "Result"),
		    OUTLINE_FILL(o, "{name} (ETSI EN 319 102-1)",
			{ "name", report_conclusion_name(r->conclusion) }));
	if (warnings)
		outline_fact(o, outline_say(o, "Warnings"),
		    outline_count(o, "{n} warning below", "{n} warnings below", warnings));
}

/* -- all signatures at a glance -- */
static const char *glance_time(struct outline *o, const struct report_signature *sig)
{
	if (sig->is_document_timestamp)
		return outline_time(o, sig->claimed_time);
	if (sig->is_time_proven)
		return outline_time(o, sig->best_signature_time);
	if (!instant_is_known(sig->claimed_time))
		return outline_say(o, "unknown");
	return OUTLINE_FILL(
	    o, outline_say(o, "{time} (claimed)"), { "time", outline_time(o, sig->claimed_time) });
}

static void add_glance(struct outline *o, const struct report *r)
{
	const char *const headers[] = { outline_say(o, "No."), outline_say(o, "Verdict"),
		outline_say(o, "Kind"), outline_say(o, "Who"), outline_say(o, "When") };
	if (r->n_signatures < 2)
		return;
	outline_heading(o, 2, "glance", outline_say(o, "Signatures and timestamps"));
	outline_table(o, outline_say(o, "Signatures and timestamps"), N(headers), headers);
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct report_signature *sig = &r->signatures[i];
		outline_cell(o, sig->id);
		outline_cell(o, findings_outline_word(o, sig->indication));
		outline_cell(o, sig->is_document_timestamp ? outline_say(o, "timestamp")
							   : outline_say(o, "signature"));
		outline_cell(o, report_outline_who(o, sig->signer));
		outline_cell(o, glance_time(o, sig));
	}
}

/* -- the document, and what all rests on -- */
static const char *evidence_counts(struct outline *o, const struct report *r)
{
	return OUTLINE_FILL(o, "{certificates}, {crls}, {answers}, {timestamps}",
	    { "certificates",
		outline_count(o, "{n} certificate", "{n} certificates", r->evidence.certificates) },
	    { "crls",
		outline_count(o, "{n} revocation list", "{n} revocation lists", r->evidence.crls) },
	    { "answers", outline_count(o, "{n} OCSP response", "{n} OCSP responses",
			     r->evidence.ocsp_responses) },
	    { "timestamps",
		outline_count(o, "{n} timestamp", "{n} timestamps", r->evidence.timestamps) });
}

static void add_document(struct outline *o, const struct report *r)
{
	if (r->findings.n) {
		outline_heading(o, 2, "document", outline_say(o, "The document as a whole"));
		findings_outline(o, &r->findings);
	}
	outline_heading(o, 2, "basis", outline_say(o, "What this report rests on"));
	outline_fact(o, outline_say(o, "Document"),
	    OUTLINE_FILL(o, "{format}, {size}", { "format", r->format },
		{ "size", outline_count(o, "{n} byte", "{n} bytes", r->size) }));
	outline_fact(o, outline_say(o, "Document SHA-256"),
	    outline_hex(o, digest_bytes(&r->document_sha256)));
	outline_fact(
	    o, outline_say(o, "Policy SHA-256"), outline_hex(o, digest_bytes(&r->policy_sha256)));
	outline_fact(o, outline_say(o, "Evidence"), evidence_counts(o, r));
	outline_fact(o, outline_say(o, "Evidence SHA-256"),
	    outline_hex(o, digest_bytes(&r->evidence.sha256)));
	outline_fact(o, outline_say(o, "Made by"), "Bulla " BULLA_VERSION);
	outline_sentence(o,
	    outline_say(o,
		"\"Accept\", \"Look closer\" and \"Do not accept\" stand for TOTAL-PASSED, "
		"INDETERMINATE and TOTAL-FAILED of the standard ETSI EN 319 102-1. What is said of "
		"signatures holds for electronic seals alike."));
}

enum err report_outline(
    struct scope *s, const struct report *r, const struct messages *m, struct outline *ret_outline)
{
	struct outline o = outline_new(s, m);
	outline_title(&o, outline_say(&o, "Validation report"), r->name);
	add_verdict(&o, r);
	add_glance(&o, r);
	for (size_t i = 0; i < r->n_signatures; i++)
		report_outline_signature(&o, &r->signatures[i]);
	add_document(&o, r);
	TRY(outline_done(&o));
	*ret_outline = o;
	return OK;
}
