#include "validator/revocation_ocsp.h"

#include "base/scope.h"
#include "validator/ocsp_rules.h"
#include "validator/revocation_signer.h"

static struct revocation_statement statement_of(
    const struct evidence_ocsp *item, const struct ocsp_single *single)
{
	struct revocation_statement st = { .state = REVOCATION_GOOD,
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.said_at = single->this_update,
		.this_update = single->this_update,
		.next_update = single->next_update,
		.ocsp = item };
	if (single->status != OCSP_REVOKED)
		return st;
	st.state = single->reason == CRL_REASON_CERTIFICATE_HOLD ? REVOCATION_SUSPENDED
								 : REVOCATION_REVOKED;
	st.revoked_at = single->revoked_at;
	st.reason = single->reason;
	return st;
}

static enum err collect_single(struct scope *s, struct revocation_judge *j,
    const struct evidence_ocsp *item, const struct ocsp_single *single, const struct cert *cert,
    const struct cert *issuer, struct revocation_history *h)
{
	struct revocation_signer signer = { 0 };
	const char *why;
	bool about = false;
	TRY(ocsp_single_is_about(s, single, cert, issuer, &about));
	if (!about)
		return OK;
	TRY(ocsp_rules_reject(s, item->response, single, cert, j->now, &why));
	if (!why) {
		TRY(revocation_signer_of_ocsp(s, j, item, cert, issuer, &signer));
		why = signer.cert ? NULL : signer.why;
	}
	revocation_history_reject(h, why, item->url);
	if (why)
		return OK;
	struct revocation_statement st = statement_of(item, single);
	st.signer = signer.cert;
	st.signer_path = signer.path;
	return revocation_history_add(s, h, &st);
}

enum err revocation_ocsp_collect(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, struct revocation_history *h)
{
	struct revocation_index_run run = revocation_index_singles(j->memo->index, cert->serial);
	for (size_t i = 0; i < run.n; i++) {
		const struct evidence_ocsp *item = &j->evidence->ocsps[run.item[i].at];
		TRY(collect_single(
		    s, j, item, &item->response->singles[run.item[i].single], cert, issuer, h));
	}
	return OK;
}
