/* SignatureValidationObjects: timestamps, certificates, revocation data, what was signed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/report_etsi_work.h"

/* -- which there are -- */

static int compare_keys(const struct report_etsi_object *a, const struct report_etsi_object *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return bytes_compare(digest_bytes(&a->sha256), digest_bytes(&b->sha256));
}

/* The same thing first as it stands in the evidence. */
static int compare_objects(const void *a, const void *b)
{
	const struct report_etsi_object *x = a, *y = b;
	int order = compare_keys(x, y);
	return order ? order : (int)y->is_item - (int)x->is_item;
}

static void collect_cert(struct report_etsi_work *w, const struct cert *c)
{
	if (c)
		w->objects[w->n_objects++] = (struct report_etsi_object){ .kind = EVIDENCE_CERT,
			.der = c->der,
			.sha256 = c->sha256,
			.proven = INSTANT_NONE,
			.cert = c };
}

static void collect_path(struct report_etsi_work *w, const struct path *path)
{
	for (size_t i = 0; path && i < path->n; i++)
		collect_cert(w, path->item[i]);
}

static void collect_findings(struct report_etsi_work *w, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		collect_cert(w, f->item[i].cert);
}

static void collect_judged(struct report_etsi_work *w, const struct cert *signer,
    const struct path *path, const struct findings *f)
{
	collect_cert(w, signer);
	collect_path(w, path);
	collect_findings(w, f);
}

static void collect_signature(struct report_etsi_work *w, const struct report_signature *sig)
{
	collect_judged(w, sig->signer, sig->path, &sig->findings);
	for (size_t i = 0; i < sig->n_timestamps; i++)
		collect_judged(w, sig->timestamps[i].signer, sig->timestamps[i].path,
		    &sig->timestamps[i].findings);
	for (size_t i = 0; i < sig->n_counter_signatures; i++)
		collect_judged(w, sig->counter_signatures[i].signer,
		    sig->counter_signatures[i].path, &sig->counter_signatures[i].findings);
}

static size_t room_of(const struct path *path, const struct findings *f)
{
	return 1 + (path ? path->n : 0) + f->n;
}

static size_t count(const struct report *r)
{
	const struct evidence *e = r->items;
	size_t n = r->findings.n + (e ? e->n_certs + e->n_crls + e->n_ocsps : 0);
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct report_signature *sig = &r->signatures[i];
		n += room_of(sig->path, &sig->findings);
		for (size_t k = 0; k < sig->n_timestamps; k++)
			n += room_of(sig->timestamps[k].path, &sig->timestamps[k].findings);
		for (size_t k = 0; k < sig->n_counter_signatures; k++)
			n += room_of(
			    sig->counter_signatures[k].path, &sig->counter_signatures[k].findings);
	}
	return n;
}

static void collect_evidence(struct report_etsi_work *w, const struct evidence *e)
{
	for (size_t i = 0; i < e->n_certs; i++) {
		const struct evidence_cert *c = &e->certs[i];
		w->objects[w->n_objects++] = (struct report_etsi_object){ EVIDENCE_CERT,
			c->cert->der, c->cert->sha256, true, c->source, c->place.proven,
			report_etsi_proof(w, c->place.embedded_end, NULL), c->cert, NULL, NULL };
	}
	for (size_t i = 0; i < e->n_crls; i++) {
		const struct evidence_crl *c = &e->crls[i];
		w->objects[w->n_objects++] = (struct report_etsi_object){ EVIDENCE_CRL, c->crl->der,
			c->crl->sha256, true, c->source, c->place.proven,
			report_etsi_proof(w, c->place.embedded_end, NULL), NULL, c->crl, NULL };
	}
	for (size_t i = 0; i < e->n_ocsps; i++) {
		const struct evidence_ocsp *c = &e->ocsps[i];
		w->objects[w->n_objects++] = (struct report_etsi_object){ EVIDENCE_OCSP,
			c->response->der, c->response->sha256, true, c->source, c->place.proven,
			report_etsi_proof(w, c->place.embedded_end, NULL), NULL, NULL,
			c->response };
	}
}

/* A signature timestamp proves the certificate that the signed attributes name. */
static const struct report_timestamp *proof_of_signer(
    const struct report_etsi_work *w, const struct report_etsi_object *o)
{
	for (size_t i = 0; o->cert && i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		if (!sig->signer || !cert_equal(sig->signer, o->cert))
			continue;
		for (size_t k = 0; k < sig->n_timestamps; k++)
			if (sig->timestamps[k].indication == INDICATION_PASSED &&
			    instant_equal(sig->timestamps[k].time, o->proven))
				return &sig->timestamps[k];
	}
	return NULL;
}

/* The judge says since when the thing is proven to exist; here only by what is looked for. */
static void settle_proof(const struct report_etsi_work *w, struct report_etsi_object *o)
{
	if (!instant_is_known(o->proven) || !instant_before(o->proven, w->r->validation_time)) {
		o->proven = w->r->validation_time;
		o->proof = NULL;
		return;
	}
	if (!o->proof || !instant_equal(o->proof->time, o->proven))
		o->proof = proof_of_signer(w, o);
}

enum err report_etsi_objects_collect(struct report_etsi_work *w)
{
	size_t n = 0;
	w->objects = scope_alloc_array(w->s, count(w->r), sizeof(*w->objects));
	if (!w->objects)
		return ERR_NOMEM;
	if (w->r->items)
		collect_evidence(w, w->r->items);
	for (size_t i = 0; i < w->r->n_signatures; i++)
		collect_signature(w, &w->r->signatures[i]);
	collect_findings(w, &w->r->findings);
	qsort(w->objects, w->n_objects, sizeof(*w->objects), compare_objects);
	for (size_t i = 0; i < w->n_objects; i++)
		if (n == 0 || compare_keys(&w->objects[n - 1], &w->objects[i]) != 0)
			w->objects[n++] = w->objects[i];
	w->n_objects = n;
	for (size_t i = 0; i < n; i++)
		settle_proof(w, &w->objects[i]);
	return OK;
}

static void make_id(char prefix, const struct digest *d, char ret_id[REPORT_ETSI_ID])
{
	static const char hex[] = "0123456789ABCDEF";
	*ret_id++ = prefix;
	*ret_id++ = '-';
	for (size_t i = 0; i < d->n && i < REPORT_ETSI_ID / 2 - 2; i++) {
		*ret_id++ = hex[d->value[i] >> 4];
		*ret_id++ = hex[d->value[i] & 15];
	}
	*ret_id = '\0';
}

void report_etsi_objects_id(const struct report_etsi_object *o, char ret_id[REPORT_ETSI_ID])
{
	make_id(o->kind == EVIDENCE_CERT ? 'C' : 'R', &o->sha256, ret_id);
}

void report_etsi_objects_cert_id(const struct cert *cert, char ret_id[REPORT_ETSI_ID])
{
	make_id('C', &cert->sha256, ret_id);
}

static enum err ocsp_concerns(struct report_etsi_work *w, const struct ocsp_response *ocsp,
    const struct cert *subject, const struct cert *issuer, bool *ret_yes)
{
	for (size_t i = 0; i < ocsp->n_singles && !*ret_yes; i++)
		if (bytes_equal(ocsp->singles[i].serial, subject->serial))
			TRY(report_etsi_tolerate(w->s, ocsp_single_is_about(w->s, &ocsp->singles[i],
							   subject, issuer, ret_yes)));
	return OK;
}

enum err report_etsi_objects_concerns(struct report_etsi_work *w,
    const struct report_etsi_object *o, const struct path *path, bool *ret_yes)
{
	*ret_yes = false;
	for (size_t i = 0; i + 1 < path->n && !*ret_yes; i++) {
		const struct cert *subject = path->item[i];
		if (o->crl)
			*ret_yes = o->crl->indirect || bytes_equal(o->crl->issuer, subject->issuer);
		else if (o->ocsp)
			TRY(ocsp_concerns(w, o->ocsp, subject, path->item[i + 1], ret_yes));
	}
	return OK;
}

/* -- how they are written -- */

static void add_type(struct report_etsi_work *w, const char *type)
{
	xml_open(w->x, "vr:ObjectType");
	xml_textf(w->x, "urn:etsi:019102:validationObject:%s", type);
	xml_close(w->x);
}

static void open_object(struct report_etsi_work *w, const char *id, const char *type)
{
	xml_open(w->x, "vr:ValidationObject");
	xml_attribute(w->x, "id", id);
	add_type(w, type);
}

/* In full as long as there is room, its digest in any case. */
static void add_representation(
    struct report_etsi_work *w, struct bytes der, const struct digest *digest)
{
	xml_open(w->x, "vr:ValidationObjectRepresentation");
	if (der.n && der.n <= LIMIT_REPORT_OBJECT && w->embedded + der.n <= LIMIT_REPORT_OBJECTS) {
		xml_leaf_base64(w->x, "vr:base64", der);
		w->embedded += der.n;
	}
	report_etsi_digest(w, digest);
	xml_close(w->x);
}

static void add_poe(
    struct report_etsi_work *w, struct instant t, const struct report_timestamp *proof)
{
	xml_open(w->x, "vr:POE");
	xml_leaf_instant(w->x, "vr:POETime", t);
	xml_leaf(w->x, "vr:TypeOfProof", "urn:etsi:019102:poetype:validation");
	if (proof)
		report_etsi_reference(w, "vr:POEObject", proof->id);
	xml_close(w->x);
}

static void add_evidence(struct report_etsi_work *w)
{
	static const char *const types[] = { [EVIDENCE_CERT] = "certificate",
		[EVIDENCE_CRL] = "CRL",
		[EVIDENCE_OCSP] = "OCSPResponse" };
	char id[REPORT_ETSI_ID];
	for (size_t i = 0; i < w->n_objects; i++) {
		const struct report_etsi_object *o = &w->objects[i];
		report_etsi_objects_id(o, id);
		open_object(w, id, types[o->kind]);
		add_representation(w, o->der, &o->sha256);
		add_poe(w, o->proven, o->proof);
		xml_close(w->x);
	}
}

/* -- timestamps -- */

/* What has its earliest proof from this timestamp. */
static void add_provisioning(struct report_etsi_work *w, const struct report_timestamp *t)
{
	char id[REPORT_ETSI_ID];
	xml_open(w->x, "vr:POEProvisioning");
	xml_leaf_instant(w->x, "vr:POETime", t->time);
	for (size_t i = 0; i < w->n_objects; i++) {
		if (w->objects[i].proof != t)
			continue;
		report_etsi_objects_id(&w->objects[i], id);
		report_etsi_reference(w, "vr:ValidationObject", id);
	}
	for (size_t i = 0; i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		if (sig->is_document_timestamp || report_etsi_best(w, sig) != t ||
		    !report_etsi_content(sig))
			continue;
		snprintf(id, sizeof(id), "D-%s", sig->id);
		report_etsi_reference(w, "vr:ValidationObject", id);
	}
	for (size_t i = 0; i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		if (!sig->is_document_timestamp && report_etsi_best(w, sig) == t)
			report_etsi_signature_reference(w, "vr:SignatureReference", sig);
	}
	xml_close(w->x);
}

static enum err add_token(struct report_etsi_work *w, struct bytes token)
{
	struct digest digest;
	if (!token.n) {
		xml_open(w->x, "vr:ValidationObjectRepresentation");
		xml_leaf(w->x, "vr:URI", REPORT_ETSI_OWN "timestamp:none");
		xml_close(w->x);
		return OK;
	}
	TRY(digest_of_bytes(w->s, DIGEST_SHA256, token, &digest));
	add_representation(w, token, &digest);
	return OK;
}

static enum err add_timestamp(struct report_etsi_work *w, const struct report_signature *host,
    const struct report_timestamp *t)
{
	struct report_etsi_subject subject = report_etsi_subject_of_timestamp(t);
	const struct report_timestamp *proof = report_etsi_proof(w, report_etsi_range_end(host), t);
	bool is_document = host->is_document_timestamp;
	if (is_document) {
		/* Its place in the file was judged too. */
		subject.findings = &host->findings;
		subject.indication = host->indication;
		subject.sub = host->sub;
	}
	open_object(w, t->id, "timestamp");
	TRY(add_token(w, t->token));
	add_poe(w, proof ? proof->time : w->r->validation_time, proof);
	if (subject.indication == INDICATION_PASSED && instant_is_known(t->time))
		add_provisioning(w, t);
	xml_open(w->x, "vr:ValidationReport");
	TRY(report_etsi_identifier(w, &subject, BYTES_NONE, is_document ? host->name : NULL));
	TRY(report_etsi_constraints(w, &subject));
	TRY(report_etsi_signer_attributes(w, subject.facts, t->signer));
	TRY(report_etsi_signer(w, t->signer));
	TRY(report_etsi_status(w, &subject));
	if (is_document)
		report_etsi_other(w, host);
	xml_close(w->x);
	xml_close(w->x);
	return OK;
}

/* -- what was signed, and the document -- */

static void add_signed_data(struct report_etsi_work *w, const struct report_signature *sig)
{
	const struct digest *content = report_etsi_content(sig);
	char id[REPORT_ETSI_ID];
	if (!content)
		return;
	snprintf(id, sizeof(id), "D-%s", sig->id);
	open_object(w, id, "signedData");
	add_representation(w, BYTES_NONE, content);
	add_poe(w,
	    sig->is_time_proven && instant_is_known(sig->best_signature_time)
		? sig->best_signature_time
		: w->r->validation_time,
	    report_etsi_best(w, sig));
	xml_close(w->x);
}

static enum err add_document(struct report_etsi_work *w)
{
	const struct report *r = w->r;
	static const enum indication indications[] = {
		[CONCLUSION_TOTAL_PASSED] = INDICATION_PASSED,
		[CONCLUSION_TOTAL_FAILED] = INDICATION_FAILED,
		[CONCLUSION_INDETERMINATE] = INDICATION_INDETERMINATE,
	};
	open_object(w, "D", "other");
	add_representation(w, BYTES_NONE, &r->document_sha256);
	add_poe(w, r->validation_time, NULL);
	xml_open(w->x, "vr:ValidationReport");
	TRY(report_etsi_document_constraints(w));
	xml_open(w->x, "vr:SignatureValidationStatus");
	if (r->conclusion == CONCLUSION_NO_SIGNATURE)
		xml_leaf(w->x, "vr:MainIndication", "urn:cef:dss:mainindication:noSignatureFound");
	else
		report_etsi_indication(w, indications[r->conclusion], false);
	xml_close(w->x);
	xml_open(w->x, "vr:OtherInformation");
	xml_open(w->x, "bulla:Document");
	xml_attribute(w->x, "name", r->name);
	char size[24];
	snprintf(size, sizeof(size), "%zu", r->size);
	xml_attribute(w->x, "size", size);
	xml_attribute(w->x, "format", r->format);
	xml_attribute(w->x, "conclusion", report_conclusion_name(r->conclusion));
	xml_close(w->x);
	xml_close(w->x);
	xml_close(w->x);
	xml_close(w->x);
	return OK;
}

enum err report_etsi_objects(struct report_etsi_work *w)
{
	xml_open(w->x, "vr:SignatureValidationObjects");
	for (size_t i = 0; i < w->r->n_signatures; i++) {
		const struct report_signature *sig = &w->r->signatures[i];
		for (size_t k = 0; k < sig->n_timestamps; k++)
			TRY(add_timestamp(w, sig, &sig->timestamps[k]));
	}
	add_evidence(w);
	for (size_t i = 0; i < w->r->n_signatures; i++)
		if (!w->r->signatures[i].is_document_timestamp)
			add_signed_data(w, &w->r->signatures[i]);
	TRY(add_document(w));
	xml_close(w->x);
	return OK;
}
