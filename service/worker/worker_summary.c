#include "service/worker/worker_summary.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "validator/disclaimer.h"
#include "validator/findings_outline.h"
#include "validator/report_outline.h"

/* -- texts -- */
/* At most so many octets, no character cut in two. */
static struct bytes cut(const char *text, size_t most)
{
	size_t n = strnlen(text, most + 1);
	if (n > most)
		for (n = most; n && ((uint8_t)text[n] & 0xc0) == 0x80;)
			n--;
	return bytes_of(text, n);
}

enum err worker_summary_text(
    struct scope *s, struct json *j, const char *key, const char *text, size_t most)
{
	char *printable;
	if (!text || !text[0]) {
		json_string(j, key, NULL);
		return OK;
	}
	TRY(pdf_text_printable(s, cut(text, most), &printable));
	json_string(j, key, printable);
	return OK;
}

static enum err put_words(struct scope *s, struct json *j, const char *key, const char *text)
{
	return worker_summary_text(s, j, key, text, LIMIT_WORKER_WORDS);
}

static void put_both(struct json *j, const char *key, const char *english, const char *hungarian)
{
	json_begin_object(j, key);
	json_string(j, "en", english);
	json_string(j, "hu", hungarian);
	json_end_object(j);
}

enum err worker_summary_finding(struct scope *s, struct json *j, const struct messages *hungarian,
    const struct finding *f, const char *signature)
{
	const struct finding_row *row = findings_row(f->code);
	json_begin_object(j, NULL);
	json_string(j, "code", row->name);
	json_string(j, "severity", findings_severity_name(row->severity));
	json_string(j, "signature", signature);
	TRY(put_words(s, j, "about", f->about));
	put_both(j, "sentence", row->text, messages_text(hungarian, row->text));
	if (row->remedy[0])
		put_both(j, "remedy", row->remedy, messages_text(hungarian, row->remedy));
	else
		json_string(j, "remedy", NULL);
	json_end_object(j);
	return OK;
}

/* -- causes: what decided comes first, then by severity, in the report's order -- */
struct causes {
	const struct report *report;
	struct json *json;
	const struct messages *hungarian;
	const struct finding *decided;
	size_t n;
};

static enum err add_causes_of(struct scope *s, struct causes *c, const struct findings *f,
    enum finding_severity severity, const char *signature)
{
	for (size_t i = 0; i < f->n && c->n < LIMIT_WORKER_CAUSES; i++) {
		const struct finding *item = &f->item[i];
		if (findings_row(item->code)->severity != severity || item == c->decided)
			continue;
		TRY(worker_summary_finding(s, c->json, c->hungarian, item, signature));
		c->n++;
	}
	return OK;
}

static const char *whose(const struct report *r, const struct finding *f)
{
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct findings *list = &r->signatures[i].findings;
		for (size_t k = 0; k < list->n; k++)
			if (&list->item[k] == f)
				return r->signatures[i].id;
	}
	return NULL;
}

static enum err put_causes(struct scope *s, struct causes *c)
{
	static const enum finding_severity order[] = { SEVERITY_FAILURE, SEVERITY_INDETERMINATE,
		SEVERITY_WARNING };
	const struct report *r = c->report;
	json_begin_array(c->json, "causes");
	if (c->decided) {
		TRY(worker_summary_finding(
		    s, c->json, c->hungarian, c->decided, whose(r, c->decided)));
		c->n++;
	}
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (size_t i = 0; i < r->n_signatures; i++)
			TRY(add_causes_of(
			    s, c, &r->signatures[i].findings, order[k], r->signatures[i].id));
		TRY(add_causes_of(s, c, &r->findings, order[k], NULL));
	}
	json_end_array(c->json);
	return OK;
}

/* -- signatures -- */
static enum worker_client_word word_of(enum indication i)
{
	static const enum worker_client_word words[] = {
		[INDICATION_PASSED] = WORKER_CLIENT_ACCEPT,
		[INDICATION_INDETERMINATE] = WORKER_CLIENT_CLOSER,
		[INDICATION_FAILED] = WORKER_CLIENT_REFUSE,
	};
	return words[i];
}

static enum err put_who(struct scope *s, struct json *j, const struct cert *c)
{
	if (!c) {
		json_string(j, "who", NULL);
		return OK;
	}
	const char *name = c->organization[0]  ? c->organization
			   : c->common_name[0] ? c->common_name
					       : c->subject_text;
	json_begin_object(j, "who");
	TRY(put_words(s, j, "name", name));
	TRY(put_words(s, j, "organisation", c->organization));
	TRY(put_words(s, j, "number", c->organization_id));
	TRY(put_words(s, j, "country", c->country));
	json_bool(j, "qualified", c->qc_compliance);
	json_bool(j, "seal", report_outline_is_seal(c));
	json_end_object(j);
	return OK;
}

static void put_when(struct json *j, const struct report_signature *sig)
{
	const bool trusted =
	    sig->is_document_timestamp ? sig->indication == INDICATION_PASSED : sig->is_time_proven;
	const struct instant t =
	    trusted && !sig->is_document_timestamp ? sig->best_signature_time : sig->claimed_time;
	if (!instant_is_known(t)) {
		json_string(j, "when", NULL);
		return;
	}
	json_begin_object(j, "when");
	json_instant(j, "time", t);
	json_bool(j, "trusted", trusted);
	json_end_object(j);
}

static void put_changed(struct json *j, const struct report_signature *sig)
{
	int64_t allowed = 0;
	for (size_t i = 0; i < sig->n_modifications; i++)
		allowed += sig->modifications[i].allowed;
	json_begin_object(j, "changed");
	json_int(j, "allowed", allowed);
	json_int(j, "forbidden", (int64_t)sig->n_modifications - allowed);
	json_bool(j, "wholeFile", sig->coverage.whole_file);
	json_end_object(j);
}

static enum err put_certificate(
    struct scope *s, struct json *j, const struct policy *p, const struct cert *c)
{
	const char *disclaimer;
	if (!c) {
		json_string(j, "certificate", NULL);
		return OK;
	}
	TRY(disclaimer_text(s, &p->disclaimer, c, &disclaimer));
	json_begin_object(j, "certificate");
	json_bytes_hex(j, "sha256", digest_bytes(&c->sha256));
	TRY(put_words(s, j, "subject", c->subject_text));
	TRY(put_words(s, j, "issuer", c->issuer_text));
	TRY(put_words(s, j, "serial", c->serial_text));
	json_instant(j, "from", c->not_before);
	json_instant(j, "until", c->not_after);
	TRY(worker_summary_text(s, j, "disclaimer", disclaimer, LIMIT_WORKER_CLAUSE));
	json_bool(j, "approved", disclaimer_is_approved(&p->disclaimer, c));
	json_end_object(j);
	return OK;
}

static enum err put_signature(
    struct scope *s, struct json *j, const struct policy *p, const struct report_signature *sig)
{
	json_begin_object(j, NULL);
	json_string(j, "id", sig->id);
	TRY(put_words(s, j, "field", sig->name));
	json_string(j, "kind",
	    sig->is_document_timestamp            ? "document-timestamp"
	    : report_outline_is_seal(sig->signer) ? "seal"
						  : "signature");
	json_string(j, "word", worker_client_word_name(word_of(sig->indication)));
	json_string(j, "indication", findings_indication_name(sig->indication, true));
	json_string(j, "subIndication", findings_sub_name(sig->sub));
	json_string(j, "level", sig->format);
	json_bool(j, "intact", sig->intact);
	TRY(put_who(s, j, sig->signer));
	put_when(j, sig);
	json_instant(j, "claimedTime", sig->claimed_time);
	TRY(put_words(s, j, "reason", sig->reason));
	TRY(put_words(s, j, "location", sig->location));
	put_changed(j, sig);
	TRY(put_certificate(s, j, p, sig->signer));
	json_bool(
	    j, "approvalWanted", findings_has(&sig->findings, FINDING_DISCLAIMER_NOT_APPROVED));
	json_end_object(j);
	return OK;
}

static enum err put_signatures(struct scope *s, struct json *j, const struct report *r)
{
	const size_t told =
	    r->n_signatures < LIMIT_WORKER_SIGNATURES ? r->n_signatures : LIMIT_WORKER_SIGNATURES;
	json_begin_array(j, "signatures");
	for (size_t i = 0; i < told; i++)
		TRY(put_signature(s, j, r->policy, &r->signatures[i]));
	json_end_array(j);
	json_int(j, "moreSignatures", (int64_t)(r->n_signatures - told));
	return OK;
}

/* -- the whole -- */
static enum err put_document(struct scope *s, struct json *j, const struct report *r)
{
	json_begin_object(j, "document");
	TRY(put_words(s, j, "name", r->name));
	json_int(j, "size", (int64_t)r->size);
	json_bytes_hex(j, "sha256", digest_bytes(&r->document_sha256));
	json_end_object(j);
	return OK;
}

/* The standard's words: those of the signature that decided. */
static enum err put_code(
    struct scope *s, struct json *j, const struct report *r, const struct finding *decided)
{
	struct outline o = outline_new(s, NULL);
	const char *code = report_conclusion_name(r->conclusion);
	const char *id = decided ? whose(r, decided) : NULL;
	for (size_t i = 0; id && i < r->n_signatures; i++)
		if (!strcmp(r->signatures[i].id, id))
			code = findings_outline_code(
			    &o, r->signatures[i].indication, r->signatures[i].sub, true);
	TRY(outline_done(&o));
	json_string(j, "code", code);
	return OK;
}

static enum err put_all(struct scope *s, struct json *j, const struct report *r,
    const struct messages *hungarian, enum worker_client_word *ret_word)
{
	struct outline en = outline_new(s, NULL), hu = outline_new(s, hungarian);
	const struct report_outline_verdict v = report_outline_verdict(&en, r);
	const struct report_outline_verdict in_hungarian = report_outline_verdict(&hu, r);
	struct causes causes = {
		.report = r, .json = j, .hungarian = hungarian, .decided = v.decided
	};
	TRY(outline_done(&en));
	TRY(outline_done(&hu));
	json_begin_object(j, NULL);
	json_string(j, "word", worker_client_word_name(word_of(v.indication)));
	json_string(j, "conclusion", report_conclusion_name(r->conclusion));
	TRY(put_code(s, j, r, v.decided));
	put_both(j, "sentence", v.sentence, in_hungarian.sentence);
	json_instant(j, "validationTime", r->validation_time);
	TRY(put_words(s, j, "policy", r->policy->name));
	TRY(put_document(s, j, r));
	TRY(put_causes(s, &causes));
	TRY(put_signatures(s, j, r));
	json_end_object(j);
	*ret_word = word_of(v.indication);
	return OK;
}

enum err worker_summary_write(struct scope *s, const struct report *r,
    const struct messages *hungarian, enum worker_client_word *ret_word, struct bytes *ret_json)
{
	struct buf b = buf_new(s, LIMIT_WORKER_SUMMARY);
	struct json j = json_new(&b, true);
	enum worker_client_word word;
	TRY(put_all(s, &j, r, hungarian, &word));
	TRY(buf_done(&b, ret_json));
	*ret_word = word;
	return OK;
}
