#include "sealer/timestamp.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms.h"
#include "formats/tst.h"
#include "validator/document_signer.h"

#define NONCE_OCTETS 16

static enum err lie(struct scope *s, const char *url, const char *what)
{
	return scope_fault(s, ERR_NET, "%s: %s", url, what);
}

/* The token's own signature, with the certificate it carries (certReq was set). */
static enum err check_signature(
    struct scope *s, const char *url, const struct cms *cms, struct instant time)
{
	struct evidence *e;
	struct document_signer signer;
	struct digest content;
	const struct cms_signer *info = &cms->signers[0];
	if (info->digest_alg == DIGEST_UNKNOWN)
		return lie(s, url, "the token's digest algorithm is not known");
	TRY(evidence_new(s, &e));
	for (size_t i = 0; i < cms->n_certs; i++)
		TRY(evidence_add_cert(s, e, cms->certs[i], EVIDENCE_SIGNATURE));
	TRY(digest_of_bytes(s, info->digest_alg, cms->econtent, &content));
	TRY(document_signer_verify(s, info, oid_value(OID_CMS_TST_INFO), &content, e, &signer));
	if (!signer.cert)
		return lie(s, url, "the token does not carry its signer's certificate");
	if (!signer.digest_matches || !signer.value_valid)
		return lie(s, url, "the token's signature does not verify");
	if (signer.has_ess && !signer.ess_matches)
		return lie(s, url, "the token names another signing certificate");
	if (!cert_has_eku(signer.cert, OID_EKU_TIME_STAMPING))
		return lie(s, url, "the token's certificate is not for timestamping");
	if (instant_before(time, signer.cert->not_before) ||
	    instant_before(signer.cert->not_after, time))
		return lie(s, url, "the token's certificate was not valid at the token's time");
	return OK;
}

static enum err check_token(struct scope *s, const char *url, struct bytes token,
    const struct digest *imprint, struct bytes nonce)
{
	const struct cms *cms;
	struct tst_info info;
	size_t n = 0;
	TRY(cms_parse(s, token, &n, &cms));
	if (n != token.n || cms->n_signers != 1 || !cms->has_econtent ||
	    !oid_is(cms->econtent_type, OID_CMS_TST_INFO))
		return lie(s, url, "the answer holds no timestamp token");
	TRY(tst_info_parse(s, cms->econtent, &info));
	if (!digest_equal(&info.imprint, imprint))
		return lie(s, url, "the token was made for other data");
	if (!tst_nonce_matches(&info, nonce))
		return lie(s, url, "the token answers another request (nonce)");
	return check_signature(s, url, cms, info.gen_time);
}

static enum err refusal(struct scope *s, const char *url, const struct tst_reply *reply)
{
	const char *failure = tst_failure_name(reply->failure);
	return scope_fault(s, ERR_NET, "%s: the authority refused: %s%s%s%s%s", url,
	    tst_status_name(reply->status), failure[0] ? ", " : "", failure,
	    reply->status_text[0] ? ": " : "", reply->status_text);
}

static enum err obtain_from(struct scope *s, const struct world *world, const char *url,
    const struct digest *imprint, struct bytes *ret_token)
{
	uint8_t nonce[NONCE_OCTETS];
	struct bytes request;
	struct fetch_reply answer;
	struct tst_reply reply;
	TRY(world->random(world->ctx, s, nonce, sizeof(nonce)));
	nonce[0] = (uint8_t)((nonce[0] & 0x7f) | 0x40); /* one length, and no sign octet */
	TRY(tst_request_build(s, imprint, bytes_of(nonce, sizeof(nonce)), BYTES_NONE, &request));
	struct fetch_request want = { .kind = FETCH_TIMESTAMP,
		.url = url,
		.body = request,
		.content_type = "application/timestamp-query" };
	TRY(world->fetch(world->ctx, s, &want, &answer));
	enum err err = tst_reply_parse(s, answer.body, &reply);
	if (err != OK)
		return scope_fault_in(s, err == ERR_NOMEM ? err : ERR_NET, url);
	if (reply.status > 1)
		return refusal(s, url, &reply);
	if (reply.token.n == 0)
		return lie(s, url, "the answer holds no timestamp token");
	err = check_token(s, url, reply.token, imprint, bytes_of(nonce, sizeof(nonce)));
	if (err != OK && err != ERR_NOMEM && err != ERR_NET)
		return scope_fault_in(s, ERR_NET, url);
	TRY(err);
	*ret_token = reply.token;
	return OK;
}

enum err timestamp_obtain(struct scope *s, const struct world *world, const char *const *urls,
    size_t n_urls, const struct digest *imprint, struct bytes *ret_token)
{
	enum err err = ERR_NET;
	if (n_urls == 0)
		return scope_fault(
		    s, ERR_MISUSE, "timestamp: no time-stamping authority was named");
	for (size_t i = 0; i < n_urls; i++) {
		if (i > 0)
			scope_forgive(s);
		err = obtain_from(s, world, urls[i], imprint, ret_token);
		if (err == OK || err == ERR_NOMEM)
			return err;
	}
	return err;
}
