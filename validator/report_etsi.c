#include "validator/report_etsi.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_name.h"
#include "validator/report_etsi_work.h"

/* -- what was judged -- */

struct report_etsi_subject report_etsi_subject_of_signature(const struct report_signature *sig)
{
	return (struct report_etsi_subject){ .id = sig->id,
		.use = POLICY_USE_SIGNATURE,
		.indication = sig->indication,
		.sub = sig->sub,
		.findings = &sig->findings,
		.signer = sig->signer,
		.path = sig->path,
		.facts = sig->facts && sig->facts->signer.cms ? &sig->facts->signer : NULL };
}

struct report_etsi_subject report_etsi_subject_of_counter(
    const char *id, const struct report_counter_signature *c)
{
	return (struct report_etsi_subject){ .id = id,
		.use = POLICY_USE_SIGNATURE,
		.indication = c->indication,
		.sub = c->sub,
		.findings = &c->findings,
		.signer = c->signer,
		.path = c->path,
		.facts = c->facts && c->facts->cms ? c->facts : NULL };
}

struct report_etsi_subject report_etsi_subject_of_timestamp(const struct report_timestamp *t)
{
	return (struct report_etsi_subject){ .id = t->id,
		.is_timestamp = true,
		.use = POLICY_USE_TIMESTAMP,
		.indication = t->indication,
		.sub = t->sub,
		.findings = &t->findings,
		.signer = t->signer,
		.path = t->path,
		.facts = t->facts && t->facts->signer.cms ? &t->facts->signer : NULL };
}

enum err report_etsi_tolerate(struct scope *s, enum err e)
{
	if (e != ERR_FORMAT && e != ERR_UNSUPPORTED && e != ERR_LIMIT)
		return e;
	scope_forgive(s);
	return OK;
}

/* -- pieces that stand in several places -- */

void report_etsi_reference(struct report_etsi_work *w, const char *name, const char *id)
{
	xml_open(w->x, name);
	xml_attribute(w->x, "VOReference", id);
	xml_close(w->x);
}

void report_etsi_reference_cert(
    struct report_etsi_work *w, const char *name, const struct cert *cert)
{
	char id[REPORT_ETSI_ID];
	report_etsi_objects_cert_id(cert, id);
	report_etsi_reference(w, name, id);
}

void report_etsi_digest(struct report_etsi_work *w, const struct digest *d)
{
	xml_open(w->x, "vr:DigestAlgAndValue");
	xml_open(w->x, "ds:DigestMethod");
	xml_attribute(w->x, "Algorithm", report_etsi_uri_digest(d->alg));
	xml_close(w->x);
	xml_leaf_base64(w->x, "ds:DigestValue", digest_bytes(d));
	xml_close(w->x);
}

/* By attribute, or as German certificates mark it in the common name. */
static enum err is_pseudonym(struct scope *s, const struct cert *c, bool *ret_yes)
{
	char *pseudonym = NULL;
	size_t n = strlen(c->common_name);
	TRY(report_etsi_tolerate(s, cert_name_find(s, c->subject, OID_NAME_PSEUDONYM, &pseudonym)));
	*ret_yes = (pseudonym && pseudonym[0]) || strncmp(c->common_name, "PN:", 3) == 0 ||
		   (n >= 3 && strcmp(c->common_name + n - 3, ":PN") == 0);
	return OK;
}

enum err report_etsi_signer(struct report_etsi_work *w, const struct cert *signer)
{
	bool pseudonym;
	if (!signer)
		return OK;
	TRY(is_pseudonym(w->s, signer, &pseudonym));
	xml_open(w->x, "vr:SignerInformation");
	xml_attribute(w->x, "Pseudonym", pseudonym ? "true" : "false");
	report_etsi_reference_cert(w, "vr:SignerCertificate", signer);
	xml_leaf(
	    w->x, "vr:Signer", signer->common_name[0] ? signer->common_name : signer->subject_text);
	xml_close(w->x);
	return OK;
}

void report_etsi_signature_reference(
    struct report_etsi_work *w, const char *element, const struct report_signature *sig)
{
	xml_open(w->x, element);
	if (sig->name) {
		xml_leaf(w->x, "vr:PAdESFieldName", sig->name);
	} else {
		xml_open(w->x, "vr:OtherInformation");
		xml_text(w->x, sig->id);
		xml_close(w->x);
	}
	xml_close(w->x);
}

/* -- proofs -- */

size_t report_etsi_range_end(const struct report_signature *sig)
{
	const struct document_signature *f = sig->facts;
	if (!f || !f->has_ranges)
		return 0;
	return (size_t)(f->pdf->byte_range[2] + f->pdf->byte_range[3]);
}

const struct report_timestamp *report_etsi_proof(
    const struct report_etsi_work *w, size_t end, const struct report_timestamp *except)
{
	const struct report_timestamp *best = NULL;
	for (size_t i = 0; end && i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		const struct report_timestamp *t = sig->timestamps;
		if (sig->is_document_timestamp && sig->n_timestamps == 1 && t != except &&
		    sig->indication == INDICATION_PASSED && report_etsi_range_end(sig) > end &&
		    (!best || instant_before(t->time, best->time)))
			best = t;
	}
	return best;
}

static const struct report_timestamp *find_best(
    const struct report_etsi_work *w, const struct report_signature *sig)
{
	if (!sig->is_time_proven)
		return NULL;
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		if (strcmp(t->kind, "content") != 0 && t->indication == INDICATION_PASSED &&
		    instant_equal(t->time, sig->best_signature_time))
			return t;
	}
	const struct report_timestamp *t = report_etsi_proof(w, report_etsi_range_end(sig), NULL);
	return t && instant_equal(t->time, sig->best_signature_time) ? t : NULL;
}

static enum err find_all_best(struct report_etsi_work *w)
{
	w->best = scope_alloc_array(w->s, w->r->n_signatures, sizeof(const void *));
	if (!w->best)
		return ERR_NOMEM;
	for (size_t i = 0; i < w->r->n_signatures; i++)
		w->best[i] = find_best(w, &w->r->signatures[i]);
	return OK;
}

const struct report_timestamp *report_etsi_best(
    const struct report_etsi_work *w, const struct report_signature *sig)
{
	return w->best[sig - w->r->signatures];
}

/* -- one signature -- */

/* The octets whose digest was signed: the signed attributes as a SET (RFC 5652 5.4). */
static enum err add_dtbsr(struct report_etsi_work *w, const struct document_signer *facts)
{
	static const uint8_t set = 0x31;
	const struct cms_signer *cms = facts->cms;
	struct bytes whole = cms->signed_attrs.whole;
	struct digest digest;
	if (!whole.n || !report_etsi_uri_digest(facts->digest_alg))
		return OK;
	const struct bytes parts[] = { bytes_of(&set, 1), bytes_from(whole, 1) };
	enum err e = digest_compute(w->s, facts->digest_alg, parts, 2, &digest);
	if (e != OK)
		return report_etsi_tolerate(w->s, e);
	report_etsi_digest(w, &digest);
	return OK;
}

enum err report_etsi_identifier(struct report_etsi_work *w,
    const struct report_etsi_subject *subject, struct bytes value, const char *field)
{
	xml_open(w->x, "vr:SignatureIdentifier");
	if (!subject->is_timestamp)
		xml_attribute(w->x, "id", subject->id);
	if (subject->facts)
		TRY(add_dtbsr(w, subject->facts));
	if (!value.n && subject->facts)
		value = subject->facts->cms->sig_value;
	if (value.n)
		xml_leaf_base64(w->x, "ds:SignatureValue", value);
	xml_leaf(w->x, "vr:HashOnly", "false");
	xml_leaf(w->x, "vr:DocHashOnly", "false");
	if (field) {
		xml_open(w->x, "vr:OtherInformation");
		xml_open(w->x, "vr:SignatureReference");
		xml_leaf(w->x, "vr:PAdESFieldName", field);
		xml_close(w->x);
		xml_close(w->x);
	}
	xml_close(w->x);
	return OK;
}

static void add_times(
    struct report_etsi_work *w, struct instant best, const struct report_timestamp *proof)
{
	xml_open(w->x, "vr:ValidationTimeInfo");
	xml_leaf_instant(w->x, "vr:ValidationTime", w->r->validation_time);
	xml_open(w->x, "vr:BestSignatureTime");
	xml_leaf_instant(w->x, "vr:POETime", instant_is_known(best) ? best : w->r->validation_time);
	xml_leaf(w->x, "vr:TypeOfProof", "urn:etsi:019102:poetype:validation");
	if (proof)
		report_etsi_reference(w, "vr:POEObject", proof->id);
	xml_close(w->x);
	xml_close(w->x);
}

const struct digest *report_etsi_content(const struct report_signature *sig)
{
	const struct digest *d = &sig->content;
	if (d->alg == DIGEST_UNKNOWN && sig->facts)
		d = &sig->facts->content;
	return report_etsi_uri_digest(d->alg) ? d : NULL;
}

static void add_signers_document(struct report_etsi_work *w, const struct report_signature *sig)
{
	char id[REPORT_ETSI_ID];
	const struct digest *content = report_etsi_content(sig);
	if (!content)
		return;
	snprintf(id, sizeof(id), "D-%s", sig->id);
	xml_open(w->x, "vr:SignersDocument");
	report_etsi_digest(w, content);
	report_etsi_reference(w, "vr:SignersDocumentRepresentation", id);
	report_etsi_reference(w, "vr:SignersDocumentRef", "D");
	xml_close(w->x);
}

/* The level by what is there, and what trust lists say of the signer. */
static void add_quality(struct report_etsi_work *w, const struct report_signature *sig)
{
	if (!sig->format && !sig->qualification)
		return;
	xml_open(w->x, "vr:SignatureQuality");
	for (int i = 0; i < 2; i++) {
		const char *word = i ? sig->qualification : sig->format;
		if (!word)
			continue;
		xml_open(w->x, "vr:SignatureQualityInformation");
		xml_textf(w->x, REPORT_ETSI_OWN "%s:%s", i ? "qualification" : "level", word);
		xml_close(w->x);
	}
	xml_close(w->x);
}

static void add_process(struct report_etsi_work *w)
{
	xml_open(w->x, "vr:SignatureValidationProcess");
	xml_leaf(w->x, "vr:SignatureValidationProcessID", "urn:etsi:019102:validationprocess:LTA");
	xml_close(w->x);
}

static void add_flag(struct report_etsi_work *w, const char *name, bool value)
{
	xml_attribute(w->x, name, value ? "true" : "false");
}

static void add_number(struct report_etsi_work *w, const char *name, size_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%zu", value);
	xml_attribute(w->x, name, text);
}

static void add_modification(struct report_etsi_work *w, const struct report_modification *m)
{
	char object[32];
	xml_open(w->x, "bulla:Modification");
	xml_attribute(w->x, "kind", report_modification_name(m->kind));
	if (m->object.num) {
		snprintf(object, sizeof(object), "%u %u", m->object.num, m->object.gen);
		xml_attribute(w->x, "object", object);
	}
	xml_attribute(w->x, "path", m->path);
	add_flag(w, "allowed", m->allowed);
	if (m->rule)
		xml_attribute(w->x, "rule", m->rule);
	xml_close(w->x);
}

void report_etsi_other(struct report_etsi_work *w, const struct report_signature *sig)
{
	xml_open(w->x, "vr:OtherInformation");
	xml_open(w->x, "bulla:Integrity");
	add_flag(w, "intact", sig->intact);
	add_flag(w, "digestMatches", sig->digest_matches);
	add_flag(w, "signatureValueValid", sig->signature_value_valid);
	xml_close(w->x);
	xml_open(w->x, "bulla:Coverage");
	add_number(w, "revision", sig->coverage.revision);
	add_number(w, "revisions", sig->coverage.revisions);
	add_flag(w, "wholeFile", sig->coverage.whole_file);
	add_flag(w, "valid", sig->coverage.valid);
	xml_close(w->x);
	for (size_t i = 0; i < sig->n_modifications; i++)
		add_modification(w, &sig->modifications[i]);
	xml_close(w->x);
}

static enum err add_signature(struct report_etsi_work *w, const struct report_signature *sig)
{
	struct report_etsi_subject subject = report_etsi_subject_of_signature(sig);
	xml_open(w->x, "vr:SignatureValidationReport");
	TRY(report_etsi_identifier(w, &subject, sig->value, sig->name));
	TRY(report_etsi_constraints(w, &subject));
	add_times(w, sig->best_signature_time, report_etsi_best(w, sig));
	add_signers_document(w, sig);
	TRY(report_etsi_attributes(w, sig));
	TRY(report_etsi_signer(w, sig->signer));
	add_quality(w, sig);
	add_process(w);
	TRY(report_etsi_status(w, &subject));
	report_etsi_other(w, sig);
	xml_close(w->x);
	return OK;
}

static enum err add_counter_signature(struct report_etsi_work *w,
    const struct report_signature *host, const struct report_counter_signature *c)
{
	char id[REPORT_ETSI_ID];
	snprintf(id, sizeof(id), "%s-%s", host->id, c->id);
	struct report_etsi_subject subject = report_etsi_subject_of_counter(id, c);
	xml_open(w->x, "vr:SignatureValidationReport");
	TRY(report_etsi_identifier(w, &subject, BYTES_NONE, NULL));
	TRY(report_etsi_constraints(w, &subject));
	add_times(w, w->r->validation_time, NULL);
	TRY(report_etsi_signer_attributes(w, subject.facts, c->signer));
	TRY(report_etsi_signer(w, c->signer));
	add_process(w);
	TRY(report_etsi_status(w, &subject));
	xml_open(w->x, "vr:OtherInformation");
	report_etsi_signature_reference(w, "vr:SignatureReference", host);
	xml_close(w->x);
	xml_close(w->x);
	return OK;
}

static void add_no_signature(struct report_etsi_work *w)
{
	xml_open(w->x, "vr:SignatureValidationReport");
	xml_open(w->x, "vr:SignatureValidationStatus");
	xml_leaf(w->x, "vr:MainIndication", "urn:cef:dss:mainindication:noSignatureFound");
	xml_close(w->x);
	xml_close(w->x);
}

static enum err add_signatures(struct report_etsi_work *w)
{
	bool any = false;
	for (size_t i = 0; i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		if (sig->is_document_timestamp)
			continue;
		any = true;
		TRY(add_signature(w, sig));
		for (size_t k = 0; k < sig->n_counter_signatures; k++)
			TRY(add_counter_signature(w, sig, &sig->counter_signatures[k]));
	}
	if (!any)
		add_no_signature(w);
	return OK;
}

enum err report_etsi(struct scope *s, const struct report *r, struct bytes *ret_text)
{
	static const char *const namespaces[][2] = {
		{ "xmlns:vr", "http://uri.etsi.org/19102/v1.4.1#" },
		{ "xmlns:ds", "http://www.w3.org/2000/09/xmldsig#" },
		{ "xmlns:XAdES", "http://uri.etsi.org/01903/v1.3.2#" },
		{ "xmlns:xs", "http://www.w3.org/2001/XMLSchema" },
		{ "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance" },
		{ "xmlns:bulla", REPORT_ETSI_OWN "report:1" },
	};
	struct report_etsi_work w = { .s = s, .r = r };
	TRY(find_all_best(&w));
	TRY(report_etsi_objects_collect(&w));
	TRY(xml_new(s, LIMIT_REPORT, &w.x));
	xml_open(w.x, "vr:ValidationReport");
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		xml_attribute(w.x, namespaces[i][0], namespaces[i][1]);
	TRY(add_signatures(&w));
	TRY(report_etsi_objects(&w));
	return xml_done(w.x, ret_text);
}
