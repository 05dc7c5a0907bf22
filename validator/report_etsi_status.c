/* Verdicts: SignatureValidationStatus, and the constraints with their findings. */
#include <string.h>

#include "base/scope.h"
#include "formats/der.h"
#include "validator/algorithm_limit.h"
#include "validator/report_etsi_work.h"

void report_etsi_indication(struct report_etsi_work *w, enum indication i, bool total)
{
	static const char *const names[] = { [INDICATION_PASSED] = "passed",
		[INDICATION_INDETERMINATE] = "indeterminate",
		[INDICATION_FAILED] = "failed" };
	xml_open(w->x, "vr:MainIndication");
	xml_textf(w->x, "urn:etsi:019102:mainindication:%s%s",
	    total && i != INDICATION_INDETERMINATE ? "total-" : "", names[i]);
	xml_close(w->x);
}

static void add_sub(struct report_etsi_work *w, enum sub_indication sub)
{
	const char *name = findings_sub_name(sub);
	if (!name)
		return;
	xml_open(w->x, "vr:SubIndication");
	xml_textf(w->x, "urn:etsi:019102:subindication:%s", name);
	xml_close(w->x);
}

static enum indication indication_of(enum finding_severity severity)
{
	if (severity == SEVERITY_FAILURE)
		return INDICATION_FAILED;
	return severity == SEVERITY_INDETERMINATE ? INDICATION_INDETERMINATE : INDICATION_PASSED;
}

/* A value of our own type, of an XML Schema type. */
static void add_typed(struct report_etsi_work *w, const char *element, const char *type,
    const char *xs_type, const char *text)
{
	xml_open(w->x, element);
	xml_open(w->x, "vr:Type");
	xml_textf(w->x, REPORT_ETSI_OWN "%s", type);
	xml_close(w->x);
	xml_open(w->x, "vr:Value");
	xml_attribute(w->x, "xsi:type", xs_type);
	xml_text(w->x, text);
	xml_close(w->x);
	xml_close(w->x);
}

static void add_message(struct report_etsi_work *w, const char *kind, const char *text)
{
	if (text && text[0])
		add_typed(w, "vr:ReportData", kind, "xs:string", text);
}

static const char *message_kind(enum finding_severity severity)
{
	static const char *const kinds[] = { [SEVERITY_FAILURE] = "message:failure",
		[SEVERITY_INDETERMINATE] = "message:indeterminate",
		[SEVERITY_WARNING] = "message:warning",
		[SEVERITY_INFO] = "message:information" };
	return kinds[severity];
}

/* -- revocation -- */

static bool is_about_revocation(enum finding_code code)
{
	return code == FINDING_CERT_REVOKED || code == FINDING_CA_REVOKED ||
	       code == FINDING_CERT_SUSPENDED || code == FINDING_REVOKED_LATER ||
	       code == FINDING_SIGNED_AFTER_REVOCATION || code == FINDING_CERT_SUSPENDED_THEN;
}

struct revocation {
	const struct cert *cert;
	const struct report_etsi_object *object;
	struct instant at;
	enum crl_reason reason;
};

static enum err look_in_crl(
    struct scope *s, const struct report_etsi_object *o, struct revocation *r)
{
	struct crl_entry entry;
	bool found;
	enum err e = crl_find(s, o->crl, r->cert->issuer, r->cert->serial, &found, &entry);
	if (e != OK)
		return report_etsi_tolerate(s, e);
	if (!found || entry.reason == CRL_REASON_REMOVE_FROM_CRL)
		return OK;
	r->object = o;
	r->at = entry.revoked_at;
	r->reason = entry.reason;
	return OK;
}

static void look_in_ocsp(const struct report_etsi_object *o, struct revocation *r)
{
	for (size_t i = 0; i < o->ocsp->n_singles; i++) {
		const struct ocsp_single *single = &o->ocsp->singles[i];
		if (single->status != OCSP_REVOKED || !bytes_equal(single->serial, r->cert->serial))
			continue;
		r->object = o;
		r->at = single->revoked_at;
		r->reason = single->reason;
	}
}

/* What says that a certificate of the path, or `only` it, was revoked. r->object NULL: nothing. */
static enum err find_revocation(struct report_etsi_work *w,
    const struct report_etsi_subject *subject, const struct cert *only, struct revocation *r)
{
	const struct path *path = subject->path;
	*r = (struct revocation){ 0 };
	for (size_t i = 0; path && i < path->n; i++) {
		if (only && !cert_equal(path->item[i], only))
			continue;
		/* The certificate and its issuer. */
		const struct path one = { .item = { path->item[i],
					      path->item[i + (i + 1 < path->n)] },
			.n = i + 1 < path->n ? 2 : 1 };
		r->cert = path->item[i];
		for (size_t k = 0; k < w->n_objects && !r->object; k++) {
			const struct report_etsi_object *o = &w->objects[k];
			bool concerns;
			TRY(report_etsi_objects_concerns(w, o, &one, &concerns));
			if (concerns && o->crl)
				TRY(look_in_crl(w->s, o, r));
			else if (concerns && o->ocsp)
				look_in_ocsp(o, r);
		}
		if (r->object && instant_is_known(r->at))
			return OK;
		r->object = NULL;
	}
	return OK;
}

static void add_revocation(struct report_etsi_work *w, const struct revocation *r)
{
	char id[REPORT_ETSI_ID];
	const char *reason = report_etsi_uri_reason(r->reason);
	if (!r->object)
		return;
	xml_open(w->x, "vr:RevocationStatusInformation");
	report_etsi_reference_cert(w, "vr:ValidationObjectId", r->cert);
	xml_leaf_instant(w->x, "vr:RevocationTime", r->at);
	if (reason)
		xml_leaf(w->x, "vr:RevocationReason", reason);
	report_etsi_objects_id(r->object, id);
	report_etsi_reference(w, "vr:RevocationObject", id);
	xml_close(w->x);
}

/* -- one constraint for each finding -- */

static void open_constraint(
    struct report_etsi_work *w, const char *kind, const char *name, bool is_applied)
{
	xml_open(w->x, "vr:ValidationConstraint");
	xml_open(w->x, "vr:ValidationConstraintIdentifier");
	xml_textf(w->x, REPORT_ETSI_OWN "%s:%s", kind, name);
	xml_close(w->x);
	if (is_applied)
		return;
	xml_open(w->x, "vr:ConstraintStatus");
	xml_leaf(w->x, "vr:Status", "urn:etsi:019102:constraintStatus:disabled");
	xml_close(w->x);
}

static void add_applied(struct report_etsi_work *w)
{
	xml_open(w->x, "vr:ConstraintStatus");
	xml_leaf(w->x, "vr:Status", "urn:etsi:019102:constraintStatus:applied");
	xml_close(w->x);
}

static void add_parameters(struct report_etsi_work *w, const struct finding *f)
{
	static const char element[] = "vr:ValidationConstraintParameter";
	char at[INSTANT_TEXT];
	if (f->about && f->about[0])
		add_typed(w, element, "parameter:about", "xs:string", f->about);
	if (f->url)
		add_typed(w, element, "parameter:url", "xs:string", f->url);
	instant_to_rfc3339(f->at, at);
	if (strcmp(at, "unknown") != 0)
		add_typed(w, element, "parameter:instant", "xs:dateTime", at);
}

static enum err add_finding(
    struct report_etsi_work *w, const struct report_etsi_subject *subject, const struct finding *f)
{
	const struct finding_row *row = findings_row(f->code);
	struct revocation revocation = { 0 };
	if (subject && is_about_revocation(f->code))
		TRY(find_revocation(w, subject, f->cert, &revocation));
	open_constraint(w, "finding", row->name, true);
	add_parameters(w, f);
	add_applied(w);
	xml_open(w->x, "vr:ValidationStatus");
	report_etsi_indication(w, indication_of(row->severity), false);
	add_sub(w, row->sub);
	xml_open(w->x, "vr:AssociatedValidationReportData");
	if (f->cert)
		report_etsi_reference_cert(w, "vr:RelatedValidationObject", f->cert);
	add_revocation(w, &revocation);
	xml_open(w->x, "vr:AdditionalValidationReportData");
	add_message(w, message_kind(row->severity), row->text);
	add_message(w, "clause", row->clause);
	add_message(w, "remedy", row->remedy);
	xml_close(w->x);
	xml_close(w->x);
	xml_close(w->x);
	xml_close(w->x);
	return OK;
}

/* -- the building blocks of EN 319 102-1 5.2, by the findings -- */

enum block {
	BLOCK_FORMAT,      /* 5.2.2 */
	BLOCK_IDENTIFYING, /* 5.2.3 */
	BLOCK_CONTEXT,     /* 5.2.4 */
	BLOCK_X509,        /* 5.2.6 */
	BLOCK_CRYPTO,      /* 5.2.7 */
	BLOCK_ACCEPTANCE,  /* 5.2.8 */
	BLOCKS
};

static enum block block_of(enum sub_indication sub)
{
	switch (sub) {
	case SUB_NONE:
	case SUB_FORMAT_FAILURE:
		return BLOCK_FORMAT;
	case SUB_NO_SIGNING_CERTIFICATE_FOUND:
		return BLOCK_IDENTIFYING;
	case SUB_POLICY_PROCESSING_ERROR:
	case SUB_SIGNATURE_POLICY_NOT_AVAILABLE:
		return BLOCK_CONTEXT;
	case SUB_HASH_FAILURE:
	case SUB_SIG_CRYPTO_FAILURE:
	case SUB_SIGNED_DATA_NOT_FOUND:
		return BLOCK_CRYPTO;
	case SUB_SIG_CONSTRAINTS_FAILURE:
	case SUB_CRYPTO_CONSTRAINTS_FAILURE:
	case SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE:
	case SUB_TIMESTAMP_ORDER_FAILURE:
		return BLOCK_ACCEPTANCE;
	case SUB_REVOKED:
	case SUB_EXPIRED:
	case SUB_NOT_YET_VALID:
	case SUB_CHAIN_CONSTRAINTS_FAILURE:
	case SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE:
	case SUB_NO_CERTIFICATE_CHAIN_FOUND:
	case SUB_NO_CERTIFICATE_CHAIN_FOUND_NO_POE:
	case SUB_REVOKED_NO_POE:
	case SUB_REVOKED_CA_NO_POE:
	case SUB_OUT_OF_BOUNDS_NO_POE:
	case SUB_OUT_OF_BOUNDS_NOT_REVOKED:
	case SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE:
	case SUB_NO_POE:
	case SUB_TRY_LATER:
		break;
	}
	return BLOCK_X509;
}

static void add_block(
    struct report_etsi_work *w, const struct report_etsi_subject *subject, enum block block)
{
	static const char *const names[] = { [BLOCK_FORMAT] = "format-checking",
		[BLOCK_IDENTIFYING] = "identification-of-the-signing-certificate",
		[BLOCK_CONTEXT] = "validation-context-initialization",
		[BLOCK_X509] = "x509-certificate-validation",
		[BLOCK_CRYPTO] = "cryptographic-verification",
		[BLOCK_ACCEPTANCE] = "signature-acceptance-validation" };
	/* Without a readable signature or its certificate there is nothing for the later ones. */
	bool applied = block == BLOCK_FORMAT || (subject->facts && subject->signer) ||
		       (block == BLOCK_IDENTIFYING && subject->facts);
	enum indication worst = INDICATION_PASSED;
	enum sub_indication sub = SUB_NONE;
	for (size_t i = 0; i < subject->findings->n; i++) {
		const struct finding_row *row = findings_row(subject->findings->item[i].code);
		enum indication i_of = indication_of(row->severity);
		if (block_of(row->sub) == block && i_of > worst) {
			worst = i_of;
			sub = row->sub;
		}
	}
	applied |= worst != INDICATION_PASSED;
	open_constraint(w, "block", names[block], applied);
	if (applied) {
		add_applied(w);
		xml_open(w->x, "vr:ValidationStatus");
		report_etsi_indication(w, worst, false);
		add_sub(w, sub);
		xml_close(w->x);
	}
	xml_close(w->x);
}

static enum err add_policy(struct report_etsi_work *w)
{
	char *hex;
	TRY(bytes_to_hex(w->s, digest_bytes(&w->r->policy_sha256), &hex));
	xml_open(w->x, "vr:SignatureValidationPolicy");
	xml_open(w->x, "vr:SignaturePolicyIdentifier");
	xml_open(w->x, "XAdES:SignaturePolicyId");
	xml_open(w->x, "XAdES:SigPolicyId");
	xml_open(w->x, "XAdES:Identifier");
	xml_textf(w->x, REPORT_ETSI_OWN "policy:sha256:%s", hex);
	xml_close(w->x);
	xml_close(w->x);
	xml_open(w->x, "XAdES:SigPolicyHash");
	xml_open(w->x, "ds:DigestMethod");
	xml_attribute(w->x, "Algorithm", report_etsi_uri_digest(DIGEST_SHA256));
	xml_close(w->x);
	xml_leaf_base64(w->x, "ds:DigestValue", digest_bytes(&w->r->policy_sha256));
	xml_close(w->x);
	xml_close(w->x);
	xml_close(w->x);
	xml_leaf(w->x, "vr:PolicyName", w->r->policy->name);
	xml_close(w->x);
	return OK;
}

enum err report_etsi_constraints(
    struct report_etsi_work *w, const struct report_etsi_subject *subject)
{
	xml_open(w->x, "vr:ValidationConstraintsEvaluationReport");
	TRY(add_policy(w));
	for (enum block block = 0; block < BLOCKS; block++)
		add_block(w, subject, block);
	for (size_t i = 0; i < subject->findings->n; i++)
		TRY(add_finding(w, subject, &subject->findings->item[i]));
	xml_close(w->x);
	return OK;
}

enum err report_etsi_document_constraints(struct report_etsi_work *w)
{
	xml_open(w->x, "vr:ValidationConstraintsEvaluationReport");
	TRY(add_policy(w));
	for (size_t i = 0; i < w->r->findings.n; i++)
		TRY(add_finding(w, NULL, &w->r->findings.item[i]));
	xml_close(w->x);
	return OK;
}

/* -- the status -- */

static void add_chain(struct report_etsi_work *w, const struct report_etsi_subject *subject)
{
	const struct path *path = subject->path;
	if (!subject->signer)
		return;
	if (path && path->n)
		report_etsi_reference_cert(w, "vr:TrustAnchor", path->item[path->n - 1]);
	xml_open(w->x, "vr:CertificateChain");
	report_etsi_reference_cert(w, "vr:SigningCertificate", subject->signer);
	for (size_t i = 1; path && i + 1 < path->n; i++)
		report_etsi_reference_cert(w, "vr:IntermediateCertificate", path->item[i]);
	if (path && path->n)
		report_etsi_reference_cert(w, "vr:TrustAnchor", path->item[path->n - 1]);
	xml_close(w->x);
}

static enum err add_related(struct report_etsi_work *w, const struct report_etsi_subject *subject)
{
	char id[REPORT_ETSI_ID];
	for (size_t i = 0; subject->path && i < w->n_objects; i++) {
		const struct report_etsi_object *o = &w->objects[i];
		bool concerns;
		TRY(report_etsi_objects_concerns(w, o, subject->path, &concerns));
		if (!concerns)
			continue;
		report_etsi_objects_id(o, id);
		report_etsi_reference(w, "vr:RelatedValidationObject", id);
	}
	return OK;
}

static enum err add_algorithm_uri(struct report_etsi_work *w, const struct document_signer *facts)
{
	const char *uri = report_etsi_uri_signature(facts->sig_alg, facts->digest_alg);
	struct bytes rest = facts->cms->sig_alg_der;
	struct der sequence, oid;
	char *dotted;
	if (uri) {
		xml_leaf(w->x, "vr:Algorithm", uri);
		return OK;
	}
	if (der_step(&rest, &sequence) && der_step(&sequence.value, &oid) && oid.tag == DER_OID) {
		enum err e = der_oid_text(w->s, oid.value, &dotted);
		if (e == OK) {
			xml_open(w->x, "vr:Algorithm");
			xml_textf(w->x, "urn:oid:%s", dotted);
			xml_close(w->x);
			return OK;
		}
		TRY(report_etsi_tolerate(w->s, e));
	}
	xml_leaf(w->x, "vr:Algorithm", REPORT_ETSI_OWN "algorithm:unknown");
	return OK;
}

/* By the policy's table, at the validation time. */
static enum err add_algorithm(struct report_etsi_work *w, const struct report_etsi_subject *subject)
{
	const struct document_signer *facts = subject->facts;
	struct algorithm_limit limit = { .end = ALGORITHM_NEVER };
	if (!facts)
		return OK;
	if (subject->signer && facts->algorithm_known)
		TRY(report_etsi_tolerate(
		    w->s, algorithm_limit_of_signature(w->s, w->r->policy, subject->use,
			      facts->sig_alg, facts->digest_alg, subject->signer, &limit)));
	xml_open(w->x, "vr:CryptoInformation");
	report_etsi_reference(w, "vr:ValidationObjectId", subject->id);
	TRY(add_algorithm_uri(w, facts));
	xml_leaf(w->x, "vr:SecureAlgorithm",
	    instant_before(w->r->validation_time, limit.end) ? "true" : "false");
	if (!instant_equal(limit.end, ALGORITHM_FOREVER) &&
	    !instant_equal(limit.end, ALGORITHM_NEVER))
		xml_leaf_instant(w->x, "vr:NotAfter", limit.end);
	xml_close(w->x);
	return OK;
}

static void add_causes(struct report_etsi_work *w, const struct findings *f)
{
	bool any = false;
	for (size_t i = 0; i < f->n; i++) {
		const struct finding_row *row = findings_row(f->item[i].code);
		if (indication_of(row->severity) == INDICATION_PASSED)
			continue;
		if (!any)
			xml_open(w->x, "vr:AdditionalValidationReportData");
		any = true;
		add_message(w, message_kind(row->severity), row->text);
	}
	if (any)
		xml_close(w->x);
}

enum err report_etsi_status(struct report_etsi_work *w, const struct report_etsi_subject *subject)
{
	struct revocation revocation = { 0 };
	for (size_t i = 0; i < subject->findings->n && !revocation.object; i++)
		if (is_about_revocation(subject->findings->item[i].code))
			TRY(find_revocation(
			    w, subject, subject->findings->item[i].cert, &revocation));
	xml_open(w->x, "vr:SignatureValidationStatus");
	report_etsi_indication(w, subject->indication, !subject->is_timestamp);
	add_sub(w, subject->sub);
	xml_open(w->x, "vr:AssociatedValidationReportData");
	add_chain(w, subject);
	TRY(add_related(w, subject));
	add_revocation(w, &revocation);
	TRY(add_algorithm(w, subject));
	add_causes(w, subject->findings);
	xml_close(w->x);
	xml_close(w->x);
	return OK;
}
