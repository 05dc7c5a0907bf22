/* SignatureAttributes (TS 119 102-2 Annex A): those of the CMS and of the signature dictionary. */
#include <string.h>

#include "base/scope.h"
#include "formats/der.h"
#include "validator/report_etsi_work.h"

/* The element is opened by the first attribute: the schema wants one. */
struct attributes {
	struct report_etsi_work *w;
	bool is_open;
};

static void begin(struct attributes *a)
{
	if (!a->is_open)
		xml_open(a->w->x, "vr:SignatureAttributes");
	a->is_open = true;
}

static void end(struct attributes *a)
{
	if (a->is_open)
		xml_close(a->w->x);
}

static void open_attribute(struct attributes *a, const char *name, bool is_signed)
{
	begin(a);
	xml_open(a->w->x, name);
	xml_attribute(a->w->x, "Signed", is_signed ? "true" : "false");
}

/* An attribute whose only part is a text; nothing for an empty one. */
static void add_text(
    struct attributes *a, const char *name, const char *part, bool is_signed, const char *text)
{
	if (!text || !text[0])
		return;
	open_attribute(a, name, is_signed);
	xml_leaf(a->w->x, part, text);
	xml_close(a->w->x);
}

/* -- of the CMS -- */

/* An attribute whose only part is an object identifier. */
static enum err add_oid(struct attributes *a, const char *name, const char *part, struct bytes oid)
{
	char *dotted;
	TRY(der_oid_text(a->w->s, oid, &dotted));
	open_attribute(a, name, true);
	xml_open(a->w->x, part);
	xml_textf(a->w->x, "urn:oid:%s", dotted);
	xml_close(a->w->x);
	xml_close(a->w->x);
	return OK;
}

static enum err add_signing_certificate(
    struct attributes *a, const struct document_signer *facts, const struct cert *signer)
{
	struct xml *x = a->w->x;
	struct cms_ess_cert_id *ids;
	size_t n;
	TRY(cms_signing_certificate(a->w->s, facts->cms, &ids, &n));
	if (!n)
		return OK;
	open_attribute(a, "vr:SigningCertificate", true);
	if (signer && facts->ess_matches)
		report_etsi_reference_cert(a->w, "vr:AttributeObject", signer);
	for (size_t i = 0; i < n; i++) {
		const char *uri = report_etsi_uri_digest(ids[i].digest.alg);
		if (!uri)
			continue;
		xml_open(x, "vr:CertID");
		xml_open(x, "ds:DigestMethod");
		xml_attribute(x, "Algorithm", uri);
		xml_close(x);
		xml_leaf_base64(x, "ds:DigestValue", digest_bytes(&ids[i].digest));
		xml_close(x);
	}
	xml_close(x);
	return OK;
}

static enum err add_content_type(struct attributes *a, const struct cms_signer *cms)
{
	struct bytes oid;
	TRY(cms_content_type(a->w->s, cms, &oid));
	return oid.n ? add_oid(a, "vr:DataObjectFormat", "vr:ContentType", oid) : OK;
}

static enum err add_message_digest(struct attributes *a, const struct cms_signer *cms)
{
	struct bytes digest;
	TRY(cms_message_digest(a->w->s, cms, &digest));
	if (!digest.n)
		return OK;
	open_attribute(a, "vr:MessageDigest", true);
	xml_leaf_base64(a->w->x, "vr:Digest", digest);
	xml_close(a->w->x);
	return OK;
}

/* Attributes whose value is a SEQUENCE that begins with an identifier. */
static enum err add_identifier(struct attributes *a, const struct cms_signer *cms, enum oid id,
    const char *name, const char *part)
{
	const struct cms_attr *attr = cms_find_attr(&cms->signed_attrs, id);
	struct der sequence, oid;
	if (!attr || attr->n_values == 0)
		return OK;
	struct bytes rest = attr->values[0];
	if (!der_step(&rest, &sequence) || sequence.tag != DER_SEQUENCE ||
	    !der_step(&sequence.value, &oid) || oid.tag != DER_OID)
		return OK;
	return add_oid(a, name, part, oid.value);
}

/* Their being there is told; what they hold is among the validation objects, where it was used. */
static void add_presence(struct attributes *a, const struct cms_signer *cms)
{
	static const struct {
		enum oid id;
		const char *name;
	} known[] = {
		{ OID_ATTR_CERTIFICATE_REFS, "vr:CompleteCertificateRefs" },
		{ OID_ATTR_REVOCATION_REFS, "vr:CompleteRevocationRefs" },
		{ OID_ATTR_CERTIFICATE_VALUES, "vr:CertificateValues" },
		{ OID_ATTR_REVOCATION_VALUES, "vr:RevocationValues" },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!cms_find_attr(&cms->unsigned_attrs, known[i].id))
			continue;
		open_attribute(a, known[i].name, false);
		xml_close(a->w->x);
	}
}

static enum err add_cms(
    struct attributes *a, const struct document_signer *facts, const struct cert *signer)
{
	struct scope *s = a->w->s;
	const struct cms_signer *cms = facts->cms;
	TRY(report_etsi_tolerate(s, add_signing_certificate(a, facts, signer)));
	TRY(report_etsi_tolerate(s, add_content_type(a, cms)));
	TRY(report_etsi_tolerate(s, add_message_digest(a, cms)));
	TRY(report_etsi_tolerate(
	    s, add_identifier(a, cms, OID_ATTR_COMMITMENT_TYPE, "vr:CommitmentTypeIndication",
		   "vr:CommitmentTypeIdentifier")));
	TRY(report_etsi_tolerate(s, add_identifier(a, cms, OID_ATTR_SIGNATURE_POLICY,
					"vr:SigPolicyIdentifier", "vr:SigPolicyId")));
	add_presence(a, cms);
	return OK;
}

static void add_signing_time(struct attributes *a, struct instant t)
{
	if (!instant_is_known(t))
		return;
	open_attribute(a, "vr:SigningTime", true);
	xml_leaf_instant(a->w->x, "vr:Time", t);
	xml_close(a->w->x);
}

enum err report_etsi_signer_attributes(
    struct report_etsi_work *w, const struct document_signer *facts, const struct cert *signer)
{
	struct attributes a = { .w = w };
	if (!facts)
		return OK;
	add_signing_time(&a, facts->signing_time);
	TRY(add_cms(&a, facts, signer));
	end(&a);
	return OK;
}

/* -- timestamps and counter-signatures -- */

static void add_timestamp(struct attributes *a, const struct report_timestamp *t)
{
	static const char *const names[][2] = {
		{ "content", "vr:AllDataObjectsTimeStamp" },
		{ "signature", "vr:SignatureTimeStamp" },
		{ "archive", "vr:ArchiveTimeStamp" },
		{ "document", "vr:DocTimeStamp" },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(t->kind, names[i][0]) != 0 || !instant_is_known(t->time))
			continue;
		open_attribute(a, names[i][1], strcmp(t->kind, "content") == 0);
		report_etsi_reference(a->w, "vr:AttributeObject", t->id);
		xml_leaf_instant(a->w->x, "vr:TimeStampValue", t->time);
		xml_close(a->w->x);
	}
}

/* The document timestamps behind a signature. */
static void add_document_timestamps(struct attributes *a, const struct report_signature *sig)
{
	const struct report *r = a->w->r;
	size_t end = report_etsi_range_end(sig);
	for (size_t i = 0; end && i < r->n_signatures; i++)
		if (r->signatures[i].is_document_timestamp &&
		    report_etsi_range_end(&r->signatures[i]) > end)
			for (size_t k = 0; k < r->signatures[i].n_timestamps; k++)
				add_timestamp(a, &r->signatures[i].timestamps[k]);
}

static enum err add_counter_signature(
    struct attributes *a, const struct report_counter_signature *c)
{
	struct xml *x = a->w->x;
	struct digest digest;
	if (!c->facts || !c->facts->cms)
		return OK;
	TRY(digest_of_bytes(a->w->s, DIGEST_SHA256, c->facts->cms->whole, &digest));
	open_attribute(a, "vr:CounterSignature", false);
	xml_open(x, "vr:CounterSignature");
	xml_leaf(x, "vr:DigestMethod", report_etsi_uri_digest(digest.alg));
	xml_leaf_base64(x, "vr:DigestValue", digest_bytes(&digest));
	xml_close(x);
	xml_close(x);
	return OK;
}

/* -- the document security store: what of it concerns this signature -- */

static enum err concerns_signature(struct report_etsi_work *w, const struct report_etsi_object *o,
    const struct report_signature *sig, bool *ret_yes)
{
	const struct path *path = sig->path;
	*ret_yes = o->cert && sig->signer && cert_equal(o->cert, sig->signer);
	for (size_t k = 0; k <= sig->n_timestamps && !*ret_yes; k++) {
		for (size_t i = 0; o->cert && path && i < path->n; i++)
			*ret_yes |= cert_equal(o->cert, path->item[i]);
		if (!o->cert && path)
			TRY(report_etsi_objects_concerns(w, o, path, ret_yes));
		path = k < sig->n_timestamps ? sig->timestamps[k].path : NULL;
	}
	return OK;
}

static enum err add_store(struct attributes *a, const struct report_signature *sig)
{
	static const char *const names[] = { [EVIDENCE_CERT] = "vr:Certs",
		[EVIDENCE_CRL] = "vr:CRLs",
		[EVIDENCE_OCSP] = "vr:OCSPs" };
	struct report_etsi_work *w = a->w;
	struct buf ids[EVIDENCE_OCSP + 1];
	bool any = false;
	for (size_t k = 0; k <= EVIDENCE_OCSP; k++)
		ids[k] = buf_new(w->s, SIZE_MAX);
	for (size_t i = 0; i < w->n_objects; i++) {
		const struct report_etsi_object *o = &w->objects[i];
		char id[REPORT_ETSI_ID];
		bool concerns = false;
		if (o->is_item && o->source == EVIDENCE_DSS)
			TRY(concerns_signature(w, o, sig, &concerns));
		if (!concerns)
			continue;
		report_etsi_objects_id(o, id);
		buf_addf(&ids[o->kind], "%s%s", ids[o->kind].n ? " " : "", id);
		any = true;
	}
	if (!any)
		return OK;
	open_attribute(a, "vr:DSS", false);
	for (size_t k = 0; k <= EVIDENCE_OCSP; k++) {
		char *list;
		if (!ids[k].n && ids[k].failed == OK)
			continue;
		TRY(buf_done_str(&ids[k], &list));
		report_etsi_reference(w, names[k], list);
	}
	xml_close(w->x);
	return OK;
}

/* -- of the signature dictionary -- */

static void add_dictionary(struct attributes *a, const struct report_signature *sig)
{
	const struct pdf_signature *pdf = sig->facts ? sig->facts->pdf : NULL;
	bool covered = sig->coverage.valid;
	struct xml *x = a->w->x;
	add_text(a, "vr:SignatureProductionPlace", "vr:AddressString", covered, sig->location);
	add_text(a, "vr:Reason", "vr:ReasonElement", covered, sig->reason);
	add_text(a, "vr:Name", "vr:NameElement", covered, sig->signer_name);
	if (!pdf)
		return;
	add_text(a, "vr:ContactInfo", "vr:ContactInfoElement", covered, pdf->contact);
	add_text(a, "vr:SubFilter", "vr:SubFilterElement", covered, pdf->sub_filter);
	if (pdf->has_byte_range && pdf->byte_range_ok) {
		const int64_t *n = pdf->byte_range;
		begin(a);
		xml_open(x, "vr:ByteRange");
		xml_textf(x, "%lld %lld %lld %lld", (long long)n[0], (long long)n[1],
		    (long long)n[2], (long long)n[3]);
		xml_close(x);
	}
	if (pdf->filter && pdf->filter[0]) {
		begin(a);
		xml_open(x, "vr:Filter");
		xml_leaf(x, "vr:Filter", pdf->filter);
		xml_close(x);
	}
}

enum err report_etsi_attributes(struct report_etsi_work *w, const struct report_signature *sig)
{
	struct attributes a = { .w = w };
	add_signing_time(&a, sig->claimed_time);
	if (sig->facts && sig->facts->signer.cms)
		TRY(add_cms(&a, &sig->facts->signer, sig->signer));
	for (size_t i = 0; i < sig->n_timestamps; i++)
		add_timestamp(&a, &sig->timestamps[i]);
	add_document_timestamps(&a, sig);
	for (size_t i = 0; i < sig->n_counter_signatures; i++)
		TRY(add_counter_signature(&a, &sig->counter_signatures[i]));
	TRY(add_store(&a, sig));
	add_dictionary(&a, sig);
	end(&a);
	return OK;
}
