#include "validator/document.h"

#include <string.h>

#include "base/scope.h"
#include "formats/der.h"
#include "formats/pdf_salvage.h"
#include "formats/pdf_second_reading.h"
#include "validator/counter_signature.h"
#include "validator/document_signer.h"

void document_ranges(
    const struct document *d, const struct pdf_signature *p, struct bytes ret_parts[2])
{
	ret_parts[0] = bytes_cut(d->bytes, (size_t)p->byte_range[0], (size_t)p->byte_range[1]);
	ret_parts[1] = bytes_cut(d->bytes, (size_t)p->byte_range[2], (size_t)p->byte_range[3]);
}

static bool ranges_are_inside(const struct document *d, const struct pdf_signature *p)
{
	if (!p->has_byte_range || !p->byte_range_ok)
		return false;
	uint64_t end_0, end_1;
	if (__builtin_add_overflow(
		(uint64_t)p->byte_range[0], (uint64_t)p->byte_range[1], &end_0) ||
	    __builtin_add_overflow((uint64_t)p->byte_range[2], (uint64_t)p->byte_range[3], &end_1))
		return false;
	return end_0 <= d->bytes.n && end_1 <= d->bytes.n;
}

static enum err digest_ranges(struct scope *s, const struct document *d,
    const struct document_signature *sig, enum digest_alg alg, struct digest *ret_digest)
{
	struct bytes parts[2];
	document_ranges(d, sig->pdf, parts);
	if (sig->pdf->byte_range[0] != 0)
		return digest_compute(s, alg, parts, 2, ret_digest);
	return digest_prefix_compute(s, d->prefix, alg, parts[0].n, parts[1], ret_digest);
}

/* -- evidence inside -- */

static enum err add_cms_evidence(struct scope *s, const struct cms *cms, struct evidence *e)
{
	for (size_t i = 0; i < cms->n_certs; i++)
		TRY(evidence_add_cert(s, e, cms->certs[i], EVIDENCE_SIGNATURE));
	for (size_t i = 0; i < cms->n_crls; i++)
		TRY(evidence_add_crl_der(s, e, cms->crls[i], EVIDENCE_SIGNATURE, NULL));
	for (size_t i = 0; i < cms->n_ocsps; i++)
		TRY(evidence_add_ocsp_der(s, e, cms->ocsps[i], EVIDENCE_SIGNATURE, NULL, NULL));
	for (size_t i = 0; i < cms->n_signers; i++) {
		struct cms_values values = { 0 };
		enum err err = cms_embedded_values(s, &cms->signers[i], &values);
		if (err == ERR_FORMAT || err == ERR_UNSUPPORTED) {
			scope_forgive(s);
			e->n_unreadable++;
			continue;
		}
		TRY(err);
		for (size_t k = 0; k < values.n_certs; k++)
			TRY(evidence_add_cert_der(s, e, values.certs[k], EVIDENCE_SIGNATURE));
		for (size_t k = 0; k < values.n_crls; k++)
			TRY(evidence_add_crl_der(s, e, values.crls[k], EVIDENCE_SIGNATURE, NULL));
		for (size_t k = 0; k < values.n_ocsps; k++)
			TRY(evidence_add_ocsp_der(
			    s, e, values.ocsps[k], EVIDENCE_SIGNATURE, NULL, NULL));
	}
	return OK;
}

/* An object is covered by what ends the revision that lists it, or a later one, and reaches beyond
 * the place where it stands: an entry may point anywhere. */
static void embed_object(const struct document *d, struct pdf_ref ref, struct evidence *e)
{
	const size_t latest = pdf_file_latest(d->file);
	size_t made_in = latest, end = 0;
	const struct pdf_xref_entry *entry = NULL;
	if (ref.num)
		entry = pdf_file_entry(d->file, latest, ref.num, &made_in);
	if (entry && entry->kind == PDF_ENTRY_COMPRESSED) {
		size_t stream_made_in = latest;
		entry = pdf_file_entry(d->file, latest, entry->stream, &stream_made_in);
		made_in = stream_made_in > made_in ? stream_made_in : made_in;
	}
	if (entry && entry->kind == PDF_ENTRY_OFFSET)
		end = entry->offset;
	if (end < d->file->revisions[made_in].start)
		end = d->file->revisions[made_in].start;
	evidence_embed(e, end + 1);
}

static enum err add_dss_evidence(struct scope *s, const struct document *d, struct evidence *e)
{
	const struct pdf_dss *dss = &d->dss;
	for (size_t i = 0; i < dss->n_certs; i++) {
		embed_object(d, dss->cert_refs[i], e);
		TRY(evidence_add_cert_der(s, e, dss->certs[i], EVIDENCE_DSS));
	}
	for (size_t i = 0; i < dss->n_crls; i++) {
		embed_object(d, dss->crl_refs[i], e);
		TRY(evidence_add_crl_der(s, e, dss->crls[i], EVIDENCE_DSS, NULL));
	}
	for (size_t i = 0; i < dss->n_ocsps; i++) {
		embed_object(d, dss->ocsp_refs[i], e);
		TRY(evidence_add_ocsp_der(s, e, dss->ocsps[i], EVIDENCE_DSS, NULL, NULL));
	}
	e->n_unreadable += dss->n_unreadable;
	return OK;
}

/* -- CMS -- */

/* A CMS that cannot be read is a property of the document: NULL, and no error. */
static enum err read_cms(struct scope *s, struct bytes der, const struct cms **ret_cms)
{
	*ret_cms = NULL;
	if (der.n == 0)
		return OK;
	enum err err = cms_parse(s, der, NULL, ret_cms);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	*ret_cms = NULL;
	return OK;
}

static enum err read_token_info(struct scope *s, struct document_token *t)
{
	if (!t->cms || t->cms->n_signers == 0 || !t->cms->has_econtent ||
	    !oid_is(t->cms->econtent_type, OID_CMS_TST_INFO))
		return OK;
	enum err err = tst_info_parse(s, t->cms->econtent, &t->info);
	if (err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	t->is_readable = err == OK && !t->info.unknown_critical;
	return OK;
}

static enum err read_token(struct scope *s, struct bytes der, const char *kind, struct evidence *e,
    struct document_token *t)
{
	t->kind = kind;
	t->der = der;
	TRY(read_cms(s, der, &t->cms));
	if (t->cms)
		t->der = t->cms->der;
	TRY(read_token_info(s, t));
	return t->cms ? add_cms_evidence(s, t->cms, e) : OK;
}

/* An algorithm that is not to be had leaves the imprint unmatched. */
static enum err take_imprint(
    struct scope *s, struct document_token *t, enum err err, const struct digest *d)
{
	if (err == ERR_UNSUPPORTED) {
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	t->imprint_matches = digest_equal(d, &t->info.imprint);
	return OK;
}

/* Compares the token's imprint with the digest of `data`. */
static enum err match_data(struct scope *s, struct document_token *t, struct bytes data)
{
	struct digest d = { 0 };
	if (!t->is_readable || t->info.imprint.alg == DIGEST_UNKNOWN)
		return OK;
	return take_imprint(s, t, digest_of_bytes(s, t->info.imprint.alg, data, &d), &d);
}

/* The same with what the ByteRange covers. */
static enum err match_ranges(struct scope *s, const struct document *doc,
    const struct document_signature *sig, struct document_token *t)
{
	struct digest d = { 0 };
	if (!sig->has_ranges || !t->is_readable || t->info.imprint.alg == DIGEST_UNKNOWN)
		return OK;
	return take_imprint(s, t, digest_ranges(s, doc, sig, t->info.imprint.alg, &d), &d);
}

static enum err read_attr_tokens(struct scope *s, struct document_signature *sig, enum oid attr,
    const char *kind, struct evidence *e)
{
	const struct cms_attrs *attrs = &sig->signer.cms->unsigned_attrs;
	for (size_t i = 0; i < attrs->n; i++) {
		if (!oid_is(attrs->item[i].oid, attr))
			continue;
		for (size_t k = 0; k < attrs->item[i].n_values; k++) {
			struct document_token *t = &sig->tokens[sig->n_tokens++];
			TRY(read_token(s, attrs->item[i].values[k], kind, e, t));
			TRY(match_data(s, t, sig->signer.cms->sig_value));
		}
	}
	return OK;
}

static size_t count_values(const struct cms_attrs *attrs)
{
	size_t n = 0;
	for (size_t i = 0; i < attrs->n; i++)
		n += attrs->item[i].n_values;
	return n;
}

static enum err read_content_tokens(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	const struct cms_attr *attr =
	    cms_find_attr(&sig->signer.cms->signed_attrs, OID_ATTR_CONTENT_TIMESTAMP);
	for (size_t k = 0; attr && k < attr->n_values; k++) {
		struct document_token *t = &sig->tokens[sig->n_tokens++];
		TRY(read_token(s, attr->values[k], "content", e, t));
		TRY(match_ranges(s, d, sig, t));
	}
	return OK;
}

static enum err read_tokens(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	const struct cms_signer *signer = sig->signer.cms;
	size_t n = count_values(&signer->unsigned_attrs) + count_values(&signer->signed_attrs);
	sig->tokens = scope_alloc_array(s, n, sizeof(*sig->tokens));
	if (!sig->tokens)
		return ERR_NOMEM;
	TRY(read_content_tokens(s, d, sig, e));
	TRY(read_attr_tokens(s, sig, OID_ATTR_SIGNATURE_TIMESTAMP, "signature", e));
	return read_attr_tokens(s, sig, OID_ATTR_ADOBE_TIMESTAMP, "signature", e);
}

static enum err read_document_timestamp(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	sig->tokens = scope_alloc(s, sizeof(*sig->tokens));
	if (!sig->tokens)
		return ERR_NOMEM;
	sig->n_tokens = 1;
	TRY(read_token(s, sig->pdf->cms, "document", e, sig->tokens));
	sig->cms = sig->tokens->cms;
	return match_ranges(s, d, sig, sig->tokens);
}

/* adbe.pkcs7.sha1 (ISO 32000-1 12.8.3.3): the SHA-1 of the ranges is the CMS's own content. */
static bool is_sha1_content(const struct document_signature *sig)
{
	return strcmp(sig->pdf->sub_filter, "adbe.pkcs7.sha1") == 0;
}

static enum err digest_content(
    struct scope *s, const struct document *d, struct document_signature *sig)
{
	enum digest_alg alg = is_sha1_content(sig) ? DIGEST_SHA1 : sig->signer.cms->digest_alg;
	if (!sig->has_ranges || alg == DIGEST_UNKNOWN)
		return OK;
	enum err err = digest_ranges(s, d, sig, alg, &sig->content);
	if (err != ERR_UNSUPPORTED)
		return err;
	scope_forgive(s);
	sig->content.alg = DIGEST_UNKNOWN;
	return OK;
}

static enum err read_signature(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	sig->has_ranges = ranges_are_inside(d, sig->pdf);
	/* Its own range does not cover /Contents. Without one nothing is known to. */
	evidence_embed(e, sig->has_ranges
			      ? (size_t)(sig->pdf->byte_range[2] + sig->pdf->byte_range[3])
			      : SIZE_MAX);
	if (sig->pdf->is_document_timestamp)
		return read_document_timestamp(s, d, sig, e);
	TRY(read_cms(s, sig->pdf->cms, &sig->cms));
	if (!sig->cms)
		return OK;
	TRY(add_cms_evidence(s, sig->cms, e));
	if (sig->cms->n_signers == 0)
		return OK;
	sig->signer.cms = &sig->cms->signers[0];
	TRY(digest_content(s, d, sig));
	TRY(read_tokens(s, d, sig, e));
	return counter_signature_read(s, sig);
}

/* -- cryptographic facts, once every certificate is at hand -- */

static enum err verify_token(struct scope *s, struct document_token *t, const struct evidence *e)
{
	if (!t->is_readable)
		return OK;
	struct digest content = { 0 };
	const struct cms_signer *signer = &t->cms->signers[0];
	bool known = signer->digest_alg != DIGEST_UNKNOWN;
	if (known)
		TRY(digest_of_bytes(s, signer->digest_alg, t->cms->econtent, &content));
	return document_signer_verify(
	    s, signer, oid_value(OID_CMS_TST_INFO), known ? &content : NULL, e, &t->signer);
}

static enum err verify_sha1_content(
    struct scope *s, struct document_signature *sig, const struct evidence *e)
{
	struct digest content;
	TRY(digest_of_bytes(s, sig->signer.cms->digest_alg, sig->cms->econtent, &content));
	TRY(document_signer_verify(
	    s, sig->signer.cms, sig->cms->econtent_type, &content, e, &sig->signer));
	sig->signer.digest_matches &= bytes_equal(digest_bytes(&sig->content), sig->cms->econtent);
	return OK;
}

/* adbe.x509.rsa_sha1 (ISO 32000-1 12.8.3.2): no CMS, a bare RSA signature and /Cert. */
static enum err verify_bare_rsa(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	struct bytes rest = sig->pdf->contents, value;
	struct der tlv;
	struct digest ranges;
	if (sig->pdf->cert.n == 0)
		return OK;
	enum err err = cert_parse(s, sig->pdf->cert, &sig->signer.cert);
	if (err == OK)
		err = der_expect(s, &rest, DER_OCTET_STRING, "signature value", &tlv);
	if (err == OK)
		err = der_octet_string(s, tlv, &value);
	if (err != OK && err != ERR_NOMEM) {
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	TRY(evidence_add_cert(s, e, sig->signer.cert, EVIDENCE_SIGNATURE));
	TRY(digest_ranges(s, d, sig, DIGEST_SHA1, &ranges));
	sig->signer.digest_alg = DIGEST_SHA1;
	sig->signer.sig_alg =
	    (struct signature_alg){ .kind = SIGNATURE_ALG_RSA_PKCS1, .digest = DIGEST_SHA1 };
	sig->signer.algorithm_known = true;
	err = signature_alg_verify_digest(s, sig->signer.sig_alg, sig->signer.cert->key, &ranges,
	    value, &sig->signer.value_valid);
	if (err == ERR_UNSUPPORTED) {
		scope_forgive(s);
		sig->signer.algorithm_known = false;
		return OK;
	}
	sig->signer.digest_matches = sig->signer.value_valid;
	return err;
}

/* RFC 5652 5.4: content that is there, though it should not be, is what was signed. */
static enum err check_own_content(struct scope *s, struct document_signature *sig)
{
	struct digest own;
	TRY(digest_of_bytes(s, sig->content.alg, sig->cms->econtent, &own));
	sig->signer.value_valid = sig->signer.value_valid && digest_equal(&own, &sig->content);
	return OK;
}

static enum err verify_signature(
    struct scope *s, const struct document *d, struct document_signature *sig, struct evidence *e)
{
	for (size_t i = 0; i < sig->n_tokens; i++)
		TRY(verify_token(s, &sig->tokens[i], e));
	TRY(counter_signature_verify(s, sig, e));
	if (sig->pdf->is_document_timestamp) {
		sig->signer = sig->tokens[0].signer;
		sig->signer.digest_matches &= sig->tokens[0].imprint_matches;
		return OK;
	}
	if (bytes_equal_str(bytes_of_str(sig->pdf->sub_filter), "adbe.x509.rsa_sha1"))
		return sig->has_ranges ? verify_bare_rsa(s, d, sig, e) : OK;
	if (!sig->signer.cms)
		return OK;
	bool known = sig->content.alg != DIGEST_UNKNOWN;
	if (known && is_sha1_content(sig) && sig->signer.cms->digest_alg != DIGEST_UNKNOWN)
		return verify_sha1_content(s, sig, e);
	TRY(document_signer_verify(s, sig->signer.cms, oid_value(OID_CMS_DATA),
	    known ? &sig->content : NULL, e, &sig->signer));
	return known && sig->cms->has_econtent ? check_own_content(s, sig) : OK;
}

/* The first revision that came after what somebody signed. */
static size_t first_update(const struct document *d)
{
	size_t end = SIZE_MAX, rev = 0;
	for (size_t i = 0; i < d->n_signatures; i++) {
		const struct pdf_signature *p = d->signatures[i].pdf;
		if (d->signatures[i].has_ranges &&
		    (size_t)(p->byte_range[2] + p->byte_range[3]) < end)
			end = (size_t)(p->byte_range[2] + p->byte_range[3]);
	}
	while (rev < d->file->n_revisions && d->file->revisions[rev].start < end)
		rev++;
	return rev;
}

enum err document_read(struct scope *s, struct bytes bytes, const struct pdf_crypt_means *means,
    struct evidence *evidence, struct document **ret_document)
{
	struct document *d = scope_alloc(s, sizeof(*d));
	struct pdf_file *file;
	if (!d)
		return ERR_NOMEM;
	d->bytes = bytes;
	TRY(digest_prefix_new(s, bytes, &d->prefix));
	TRY(pdf_salvage_open(s, bytes, means, &file));
	d->file = file;
	TRY(pdf_signature_list(s, d->file, &d->list));
	TRY(pdf_signature_find_stray(s, d->file, &d->list));
	if (file->damage || (d->list.n_stray && pdf_salvage_is_cut(file)))
		TRY(pdf_salvage_signatures(s, d->file, &d->list));
	if (file->damage && d->list.n == 0)
		return scope_fault(s, ERR_FORMAT, "%s", file->damage);
	TRY(pdf_dss_read(s, d->file, pdf_file_latest(d->file), &d->dss));
	TRY(add_dss_evidence(s, d, evidence));
	d->signatures = scope_alloc_array(s, d->list.n, sizeof(*d->signatures));
	if (!d->signatures)
		return ERR_NOMEM;
	d->n_signatures = d->list.n;
	for (size_t i = 0; i < d->n_signatures; i++) {
		d->signatures[i].pdf = &d->list.item[i];
		TRY(read_signature(s, d, &d->signatures[i], evidence));
	}
	evidence_embed(evidence, 0);
	for (size_t i = 0; i < d->n_signatures; i++)
		TRY(verify_signature(s, d, &d->signatures[i], evidence));
	if (d->n_signatures && !file->damage)
		TRY(pdf_second_reading_compare(
		    s, file, first_update(d), means->password, &d->disagreement));
	*ret_document = d;
	return OK;
}
