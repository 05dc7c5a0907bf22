#include "validator/level.h"

#include <string.h>

enum family {
	FAMILY_BASELINE,
	FAMILY_EXTENDED,
	FAMILY_PKCS7,
	FAMILY_OTHER,
	FAMILIES,
};

enum reach {
	REACH_B,
	REACH_T,
	REACH_LT,
	REACH_LTA,
	REACHES,
};

static const char *const names[FAMILIES][REACHES] = {
	[FAMILY_BASELINE] = { "PAdES-BASELINE-B", "PAdES-BASELINE-T", "PAdES-BASELINE-LT",
	    "PAdES-BASELINE-LTA" },
	[FAMILY_EXTENDED] = { "PAdES-BES", "PAdES-BES", "PAdES-LTV", "PAdES-LTV" },
	[FAMILY_PKCS7] = { "PKCS7-B", "PKCS7-T", "PKCS7-LT", "PKCS7-LTA" },
	[FAMILY_OTHER] = { "PDF-NOT-ETSI", "PDF-NOT-ETSI", "PDF-NOT-ETSI", "PDF-NOT-ETSI" },
};

/* EN 319 142-1 6.3: what a baseline signature must and must not have. */
static bool is_baseline(const struct document_signature *sig)
{
	const struct cms_attrs *attrs = &sig->signer.cms->signed_attrs;
	return sig->signer.has_ess && !cms_find_attr(attrs, OID_ATTR_SIGNING_TIME) &&
	       sig->pdf->has_m;
}

static enum family family_of(const struct document_signature *sig)
{
	/* EN 319 142-1 4.1: a PAdES or PKCS#7 signature is detached. */
	if (!sig->signer.cms || sig->cms->has_econtent)
		return FAMILY_OTHER;
	if (strcmp(sig->pdf->sub_filter, "ETSI.CAdES.detached") == 0)
		return is_baseline(sig) ? FAMILY_BASELINE : FAMILY_EXTENDED;
	if (strcmp(sig->pdf->sub_filter, "adbe.pkcs7.detached") == 0)
		return FAMILY_PKCS7;
	return FAMILY_OTHER;
}

static bool has_signature_timestamp(const struct document_signature *sig)
{
	for (size_t i = 0; i < sig->n_tokens; i++)
		if (strcmp(sig->tokens[i].kind, "signature") == 0 && sig->tokens[i].is_readable)
			return true;
	return false;
}

/* EN 319 142-1 5.4.3: its dictionary is no /Sig, it was made for this file, and it came later. */
static bool is_document_timestamp_after(
    const struct document_signature *sig, const struct coverage *coverage, size_t end)
{
	return sig->pdf->is_document_timestamp && strcmp(sig->pdf->type, "Sig") != 0 &&
	       sig->signer.digest_matches && coverage->valid && coverage->end > end;
}

/* The store holds validation data as of this revision. */
static enum err has_store(struct scope *s, const struct document *d, size_t revision, bool *ret_has)
{
	struct pdf_dss dss;
	TRY(pdf_dss_read(s, d->file, revision, &dss));
	*ret_has = dss.present && dss.n_certs + dss.n_crls + dss.n_ocsps > 0;
	return OK;
}

enum err level_of(struct scope *s, const struct document *d, const struct coverage *coverages,
    size_t index, const char **ret_name)
{
	const struct document_signature *sig = &d->signatures[index];
	if (sig->pdf->is_document_timestamp) {
		*ret_name = "DOCUMENT-TIMESTAMP";
		return OK;
	}
	/* What makes it B-T does not make it B-LTA too: the first document timestamp is for the
	 * signature, if that has none of its own. */
	bool timed = has_signature_timestamp(sig), archived = false;
	for (size_t i = 0; i < d->n_signatures; i++) {
		if (!is_document_timestamp_after(
			&d->signatures[i], &coverages[i], coverages[index].end))
			continue;
		if (timed && !archived)
			TRY(has_store(s, d, coverages[i].revision, &archived));
		timed = true;
	}
	bool stored = d->dss.present && d->dss.n_certs + d->dss.n_crls + d->dss.n_ocsps > 0;
	enum reach reach = timed ? REACH_T : REACH_B;
	if (reach == REACH_T && stored)
		reach = archived ? REACH_LTA : REACH_LT;
	*ret_name = names[family_of(sig)][reach];
	return OK;
}
