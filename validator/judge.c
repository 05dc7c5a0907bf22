#include "validator/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/algorithm_limit.h"
#include "validator/certification.h"
#include "validator/counter_signature.h"
#include "validator/coverage.h"
#include "validator/level.h"
#include "validator/modification.h"
#include "validator/shadow.h"
#include "validator/signature_constraints.h"
#include "validator/signer_rules.h"

struct judge_frame {
	struct coverage *coverages; /* parallel to the document's signatures */
	struct findings *findings;
	struct modification_list *modifications;
	const char **levels;
	struct findings shadows; /* about the document as a whole */
};

struct judge {
	struct scope *s;
	const struct document *d;
	const struct judge_frame *frame;
	struct xcv *x;
	struct report *report;
	size_t n_tokens, n_counters;
};

/* From the last signature to the first: what changed after one is what changed until the next one,
 * and what changed after that. `next` has no list before the last. */
static enum err note_modifications(struct scope *s, struct modification_history *history,
    const struct pdf_signature *sig, const struct coverage *c, struct findings *f,
    struct modification_next *next, struct modification_list *m)
{
	if (!c->valid)
		return OK;
	TRY(modification_find(s, history, sig, c->revision, next->list ? next : NULL, m));
	*next = (struct modification_next){ .revision = c->revision, .list = m };
	if (m->any_forbidden)
		TRY(findings_add(s, f, FINDING_CHANGED_AFTERWARDS, m->first_forbidden));
	else if (m->n)
		TRY(findings_add(s, f, FINDING_LATER_UPDATES, NULL));
	if (m->any_annotation)
		TRY(findings_add(s, f, FINDING_LATER_ANNOTATIONS, NULL));
	if (m->any_form_fill)
		TRY(findings_add(s, f, FINDING_LATER_FORM_FILL, NULL));
	if (m->any_look)
		TRY(findings_add(s, f, FINDING_LATER_LOOK, NULL));
	return m->any_evidence ? findings_add(s, f, FINDING_LATER_EVIDENCE_LOSS, NULL) : OK;
}

enum err judge_frame_new(struct scope *s, const struct document *d, struct judge_frame **ret_frame)
{
	struct judge_frame *f = scope_alloc(s, sizeof(*f));
	struct modification_history *history;
	struct modification_next next = { 0 };
	size_t n = d->n_signatures;
	if (!f)
		return ERR_NOMEM;
	TRY(modification_history_new(s, d->file, &d->list, &history));
	f->coverages = scope_alloc_array(s, n, sizeof(*f->coverages));
	f->findings = scope_alloc_array(s, n, sizeof(*f->findings));
	f->modifications = scope_alloc_array(s, n, sizeof(*f->modifications));
	f->levels = scope_alloc_array(s, n, sizeof(*f->levels));
	if (!f->coverages || !f->findings || !f->modifications || !f->levels)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		TRY(coverage_check(
		    s, d->file, d->signatures[i].pdf, &d->list, &f->findings[i], &f->coverages[i]));
	for (size_t i = 0; d->disagreement && i < n; i++)
		TRY(findings_add(s, &f->findings[i], FINDING_READERS_DISAGREE, d->disagreement));
	for (size_t i = 0; i < n; i++)
		TRY(certification_check(s, &d->list, i, &f->findings[i]));
	for (size_t i = n; i-- > 0;)
		TRY(note_modifications(s, history, d->signatures[i].pdf, &f->coverages[i],
		    &f->findings[i], &next, &f->modifications[i]));
	for (size_t i = 0; i < n; i++)
		TRY(level_of(s, d, f->coverages, i, &f->levels[i]));
	TRY(shadow_check(s, d, f->coverages, &f->shadows));
	*ret_frame = f;
	return OK;
}

/* -- timestamps -- */

static enum err check_imprint(
    struct judge *j, const struct document_token *t, struct instant existed, struct findings *f)
{
	struct algorithm_limit limit;
	if (!t->imprint_matches)
		TRY(findings_add(j->s, f, FINDING_TIMESTAMP_IMPRINT, NULL));
	if (t->info.imprint.alg == DIGEST_UNKNOWN)
		return OK;
	TRY(algorithm_limit_of_digest(
	    j->s, j->x->policy, POLICY_USE_TIMESTAMP, t->info.imprint.alg, &limit));
	return xcv_note_algorithm(j->s, j->x, &limit, NULL, existed, INSTANT_NONE, f);
}

/* EN 319 102-1 5.4, and where that fails for want of a proof, 5.6.2.4. `existed`: the earliest
 * proof of the token's existence. */
static enum err check_token(struct judge *j, const struct document_token *t, struct instant existed,
    struct report_timestamp *r)
{
	struct scope *s = j->s;
	struct findings *f = &r->findings;
	if (!t->is_readable)
		return findings_add(s, f, FINDING_TIMESTAMP_UNREADABLE, NULL);
	TRY(check_imprint(j, t, existed, f));
	TRY(signer_rules_check(j->s, &t->signer, f));
	struct instant time = t->info.gen_time;
	if (instant_before(instant_add(j->x->now, LIMIT_TST_FUTURE_S), time))
		TRY(findings_add(s, f, FINDING_TIMESTAMP_IN_FUTURE, NULL));
	if (!t->signer.cert)
		return OK;
	if (instant_before(time, t->signer.cert->not_before))
		TRY(findings_add(s, f, FINDING_CERT_NOT_YET_VALID, t->signer.cert->subject_text));
	/* Its status must be known for the time it tells, not for today: so EU DSS has it, and so
	 * a document passes offline by what it carries. */
	struct xcv_question q = { .cert = t->signer.cert,
		.use = CERT_USE_TIMESTAMP,
		.existed = instant_max(existed, time),
		.not_older = INSTANT_NONE,
		.fresh_for = time };
	struct xcv_answer answer;
	TRY(xcv_check(s, j->x, &q, &answer));
	r->path = answer.path;
	TRY(findings_add_all(s, f, &answer.findings));
	return signer_rules_algorithm(
	    s, j->x, POLICY_USE_TIMESTAMP, &t->signer, existed, INSTANT_NONE, f);
}

static enum err report_token(struct judge *j, const struct document_token *t,
    struct instant existed, struct report_timestamp *r)
{
	snprintf(r->id, sizeof(r->id), "T%zu", ++j->n_tokens);
	r->kind = t->kind;
	r->token = t->der;
	r->facts = t;
	r->time = t->is_readable ? t->info.gen_time : INSTANT_NONE;
	r->signer = t->signer.cert;
	r->digest_algorithm = digest_name(t->info.imprint.alg);
	r->signature_algorithm = signature_alg_name(t->signer.sig_alg.kind);
	r->intact = t->is_readable && t->imprint_matches && t->signer.digest_matches &&
		    t->signer.value_valid;
	TRY(check_token(j, t, existed, r));
	r->indication = findings_indication(&r->findings, &r->sub);
	return OK;
}

static enum err report_tokens(struct judge *j, const struct document_signature *sig,
    struct instant existed, struct report_signature *r)
{
	r->timestamps = scope_alloc_array(j->s, sig->n_tokens, sizeof(*r->timestamps));
	if (!r->timestamps)
		return ERR_NOMEM;
	for (size_t i = 0; i < sig->n_tokens; i++, r->n_timestamps++)
		TRY(report_token(j, &sig->tokens[i], existed, &r->timestamps[i]));
	return OK;
}

/* -- times -- */

/* The earliest time at which a later document timestamp proves signature i to have existed. */
static struct instant proof_of(const struct judge *j, size_t i, bool *ret_proven)
{
	struct instant proof = proofs_of_place(j->x->proofs, j->frame->coverages[i].end);
	*ret_proven = instant_before(proof, j->x->now);
	return proof;
}

static enum err note_late(struct judge *j, struct report_signature *r)
{
	int64_t delay = j->x->policy->timestamp_delay_s;
	if (delay > 0 && instant_is_known(r->claimed_time) &&
	    !instant_before(r->best_signature_time, instant_add(r->claimed_time, delay)))
		return findings_add(j->s, &r->findings, FINDING_TIMESTAMP_LATE, NULL);
	return OK;
}

/* EN 319 102-1 5.5.4 (3), (5), (6): the best signature time from the tokens that passed; and from
 * content timestamps, when the signature did not yet exist. */
static enum err best_time(struct judge *j, struct report_signature *r, struct instant proof,
    struct instant *ret_not_older)
{
	struct instant best = proof, earliest = INSTANT_NONE;
	for (size_t i = 0; i < r->n_timestamps; i++) {
		const struct report_timestamp *t = &r->timestamps[i];
		if (t->indication != INDICATION_PASSED) {
			TRY(findings_add(j->s, &r->findings, FINDING_TIMESTAMP_NOT_USED, t->id));
			continue;
		}
		if (strcmp(t->kind, "content") == 0) {
			earliest = instant_max(earliest, t->time);
			continue;
		}
		if (instant_before(instant_add(proof, LIMIT_TST_FUTURE_S), t->time))
			TRY(findings_add(j->s, &r->findings, FINDING_TIMESTAMP_ORDER, t->id));
		best = instant_min(best, t->time);
		r->is_time_proven = true;
	}
	if (instant_is_known(earliest) && instant_before(best, earliest))
		TRY(findings_add(j->s, &r->findings, FINDING_TIMESTAMP_ORDER, NULL));
	r->best_signature_time = best;
	*ret_not_older = earliest;
	return note_late(j, r);
}

/* -- one signature -- */

static void describe(struct judge *j, size_t i, struct report_signature *r)
{
	const struct document_signature *sig = &j->d->signatures[i];
	const struct coverage *c = &j->frame->coverages[i];
	const struct modification_list *m = &j->frame->modifications[i];
	snprintf(r->id, sizeof(r->id), "S%zu", i + 1);
	r->name = sig->pdf->name;
	r->facts = sig;
	r->is_document_timestamp = sig->pdf->is_document_timestamp;
	r->format = j->frame->levels[i];
	r->digest_matches = sig->signer.digest_matches;
	r->signature_value_valid = sig->signer.value_valid;
	r->signer = sig->signer.cert;
	r->digest_algorithm = digest_name(sig->signer.digest_alg);
	r->signature_algorithm = signature_alg_name(sig->signer.sig_alg.kind);
	r->claimed_time = sig->signer.cms && instant_is_known(sig->signer.signing_time)
			      ? sig->signer.signing_time
			      : sig->pdf->m;
	r->coverage.revisions = j->d->file->n_revisions;
	r->coverage.revision = c->valid ? c->revision + 1 : 0;
	r->coverage.whole_file = c->whole_file;
	r->coverage.valid = c->valid;
	r->modifications = m->item;
	r->n_modifications = m->n;
	r->content = sig->content;
	r->value = sig->signer.cms ? sig->signer.cms->sig_value : BYTES_NONE;
	r->reason = sig->pdf->reason;
	r->location = sig->pdf->location;
	r->signer_name = sig->pdf->signer_name;
	r->intact = r->digest_matches && r->signature_value_valid && c->valid && !m->any_forbidden;
}

/* EN 319 102-1 5.2.2: is it a signature at all. */
static enum err check_format(
    struct judge *j, const struct document_signature *sig, struct findings *f)
{
	struct scope *s = j->s;
	bool bare_rsa = strcmp(sig->pdf->sub_filter, "adbe.x509.rsa_sha1") == 0;
	if (!sig->pdf->sub_filter_known)
		TRY(findings_add(s, f, FINDING_SUB_FILTER_UNKNOWN, sig->pdf->sub_filter));
	if (!sig->cms && !bare_rsa)
		return findings_add(s, f, FINDING_CMS_UNREADABLE, NULL);
	if (sig->cms && sig->cms->n_signers != 1)
		TRY(findings_add(s, f, FINDING_CMS_SIGNER_COUNT, NULL));
	if (sig->cms && sig->cms->has_econtent && !sig->pdf->is_document_timestamp &&
	    strcmp(sig->pdf->sub_filter, "adbe.pkcs7.sha1") != 0)
		TRY(findings_add(s, f, FINDING_CMS_CONTENT_PRESENT, NULL));
	return OK;
}

static enum err judge_timestamp(struct judge *j, size_t i)
{
	const struct document_signature *sig = &j->d->signatures[i];
	struct report_signature *r = &j->report->signatures[i];
	struct instant proof = proof_of(j, i, &r->is_time_proven);
	describe(j, i, r);
	TRY(findings_add_all(j->s, &r->findings, &j->frame->findings[i]));
	TRY(check_format(j, sig, &r->findings));
	TRY(report_tokens(j, sig, proof, r));
	TRY(findings_add_all(j->s, &r->findings, &r->timestamps[0].findings));
	r->best_signature_time = proof;
	r->claimed_time = r->timestamps[0].time;
	r->indication = findings_indication(&r->findings, &r->sub);
	r->path = r->timestamps[0].path;
	/* 5.6.2.3: what it covers existed at its time. */
	if (r->indication == INDICATION_PASSED)
		return proofs_add_range(
		    j->s, j->x->proofs, j->frame->coverages[i].end, r->timestamps[0].time);
	return OK;
}

/* EN 319 102-1 5.3.4 (4) to (7), 5.5.4 (4). */
static enum err check_certificate(struct judge *j, const struct document_signer *signer,
    struct instant not_older, struct report_signature *r)
{
	struct xcv_question q = { .cert = signer->cert,
		.use = CERT_USE_SIGNATURE,
		.existed = r->best_signature_time,
		.not_older = not_older,
		.fresh_for = r->best_signature_time };
	struct xcv_answer answer;
	if (!signer->cert)
		return OK;
	if (signer->has_ess && signer->ess_matches && signer->value_valid)
		TRY(proofs_add_cert(j->s, j->x->proofs, signer->cert, r->best_signature_time));
	TRY(xcv_check(j->s, j->x, &q, &answer));
	r->path = answer.path;
	return findings_add_all(j->s, &r->findings, &answer.findings);
}

static enum err judge_signature(struct judge *j, size_t i)
{
	const struct document_signature *sig = &j->d->signatures[i];
	const struct document_signer *signer = &sig->signer;
	struct report_signature *r = &j->report->signatures[i];
	struct instant not_older, proof = proof_of(j, i, &r->is_time_proven);
	describe(j, i, r);
	TRY(findings_add_all(j->s, &r->findings, &j->frame->findings[i]));
	TRY(check_format(j, sig, &r->findings));
	TRY(report_tokens(j, sig, proof, r));
	if (signer->cms || signer->cert)
		TRY(signer_rules_check(j->s, signer, &r->findings));
	TRY(best_time(j, r, proof, &not_older));
	TRY(check_certificate(j, signer, not_older, r));
	TRY(signer_rules_algorithm(j->s, j->x, POLICY_USE_SIGNATURE, signer, r->best_signature_time,
	    not_older, &r->findings));
	TRY(signature_constraints_check(j->s, j->x->policy, r, &r->findings));
	TRY(counter_signature_judge(j->s, j->x, sig, proof, &j->n_counters, r));
	r->indication = findings_indication(&r->findings, &r->sub);
	return OK;
}

/* Newest first: what a later timestamp proves is needed to judge an earlier one. */
static enum err judge_all(struct judge *j)
{
	for (size_t i = j->d->n_signatures; i-- > 0;)
		if (j->d->signatures[i].pdf->is_document_timestamp)
			TRY(judge_timestamp(j, i));
	for (size_t i = 0; i < j->d->n_signatures; i++)
		if (!j->d->signatures[i].pdf->is_document_timestamp)
			TRY(judge_signature(j, i));
	return OK;
}

/* -- the document as a whole -- */

static enum err judge_whole(struct judge *j, struct findings *f)
{
	const struct document *d = j->d;
	struct scope *s = j->s;
	if (d->file->quirks & PDF_QUIRK_JUNK_BEFORE_HEADER)
		TRY(findings_add(s, f, FINDING_HEADER_NOT_AT_START, NULL));
	if (d->file->damage)
		TRY(findings_add(s, f, FINDING_STRUCTURE_DAMAGED, d->file->damage));
	else if (d->file->quirks & PDF_QUIRK_TRAILING)
		TRY(findings_add(s, f, FINDING_TRAILING_BYTES, NULL));
	if (pdf_file_is_locked(d->file))
		TRY(findings_add(s, f, FINDING_DOCUMENT_LOCKED, NULL));
	if (d->list.duplicate_names)
		TRY(findings_add(s, f, FINDING_FIELD_NAMES_NOT_UNIQUE, NULL));
	if (d->list.shared_value)
		TRY(findings_add(s, f, FINDING_VALUE_SHARED, NULL));
	if (d->list.usage_rights)
		TRY(findings_add(s, f, FINDING_USAGE_RIGHTS, NULL));
	if (d->list.n_stray)
		TRY(findings_add(s, f, FINDING_STRAY_SIGNATURE, NULL));
	TRY(findings_add_all(s, f, &j->frame->shadows));
	if (j->x->evidence->n_unreadable)
		TRY(findings_add(s, f, FINDING_EVIDENCE_UNREADABLE, NULL));
	for (size_t i = 0; i < j->x->evidence->n_failures; i++)
		TRY(findings_add(s, f, FINDING_FETCH_FAILED, j->x->evidence->failures[i].why));
	return OK;
}

/* Anything that failed fails the document. Otherwise its signatures decide; document timestamps do
 * so only where there is nothing else. */
static enum report_conclusion conclude(const struct report *r)
{
	bool signed_ = false, all_passed = true;
	for (size_t i = 0; i < r->n_signatures; i++) {
		if (r->signatures[i].indication == INDICATION_FAILED)
			return CONCLUSION_TOTAL_FAILED;
		signed_ |= !r->signatures[i].is_document_timestamp;
	}
	if (r->n_signatures == 0)
		return CONCLUSION_NO_SIGNATURE;
	for (size_t i = 0; i < r->n_signatures; i++)
		if (!signed_ || !r->signatures[i].is_document_timestamp)
			all_passed &= r->signatures[i].indication == INDICATION_PASSED;
	return all_passed ? CONCLUSION_TOTAL_PASSED : CONCLUSION_INDETERMINATE;
}

enum err judge_document(struct scope *s, const struct document *d, const struct judge_frame *frame,
    struct xcv *x, struct report *ret_report)
{
	struct judge j = { .s = s, .d = d, .frame = frame, .x = x, .report = ret_report };
	ret_report->n_signatures = d->n_signatures;
	ret_report->signatures =
	    scope_alloc_array(s, d->n_signatures, sizeof(*ret_report->signatures));
	if (!ret_report->signatures)
		return ERR_NOMEM;
	TRY(judge_all(&j));
	xcv_date_used(x);
	ret_report->findings = (struct findings){ 0 };
	TRY(judge_whole(&j, &ret_report->findings));
	ret_report->evidence.timestamps = j.n_tokens;
	ret_report->conclusion = conclude(ret_report);
	return OK;
}
