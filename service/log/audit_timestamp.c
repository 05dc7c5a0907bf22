#include "service/log/audit_timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/cert_name.h"
#include "formats/cms.h"
#include "formats/tst.h"
#include "validator/document_signer.h"
#include "validator/path.h"

enum err audit_timestamp_imprint(
    struct scope *s, uint64_t size, const struct merkle_hash *root, struct digest *ret_imprint)
{
	struct buf b = buf_new(s, 256);
	char *hex;
	TRY(bytes_to_hex(s, bytes_of(root->octet, MERKLE_HASH), &hex));
	buf_addf(&b, "bulla audit log, root of the first %" PRIu64 " records: %s\n", size, hex);
	TRY(b.failed);
	return digest_of_bytes(s, DIGEST_SHA256, buf_bytes(&b), ret_imprint);
}

bool audit_timestamp_may_be(struct bytes line)
{
	/* Number and time stand before it, in some 60 octets. In texts a quotation mark has a
	 * backslash before it. */
	return bytes_find(bytes_cut(line, 0, 128), BYTES_LIT("\"kind\":\"log.timestamp\","), 0) !=
	       BYTES_NOT_FOUND;
}

bool audit_timestamp_is_one(const struct audit_record *r)
{
	return !strcmp(r->kind, audit_record_kind_name(AUDIT_LOG_TIMESTAMP));
}

enum err audit_timestamp_parse(struct scope *s, const char *size, const char *root,
    const char *token, struct audit_timestamp *ret_timestamp)
{
	struct audit_timestamp t;
	struct bytes octets;
	char again[24], *hex, *base64;
	if (!size || !root || !token)
		return scope_fault(s, ERR_FORMAT, "has no size, root or token");
	t.size = strtoull(size, NULL, 10);
	snprintf(again, sizeof(again), "%" PRIu64, t.size);
	if (!t.size || strcmp(again, size))
		return scope_fault(s, ERR_FORMAT, "its size is no number of records");
	TRY(bytes_of_hex(s, bytes_of_str(root), &octets));
	TRY(bytes_to_hex(s, octets, &hex));
	if (octets.n != MERKLE_HASH || strcmp(hex, root))
		return scope_fault(s, ERR_FORMAT, "its root is no hash");
	memcpy(t.root.octet, octets.p, MERKLE_HASH);
	TRY(bytes_of_base64(s, bytes_of_str(token), &t.token));
	TRY(bytes_to_base64(s, t.token, &base64));
	if (strcmp(base64, token))
		return scope_fault(s, ERR_FORMAT, "its token is not written as tokens are");
	if (t.token.n > LIMIT_AUDIT_TOKEN)
		return scope_fault(
		    s, ERR_FORMAT, "its token has more than %d octets", LIMIT_AUDIT_TOKEN);
	*ret_timestamp = t;
	return OK;
}

enum err audit_timestamp_of_record(
    struct scope *s, const struct audit_record *r, struct audit_timestamp *ret_timestamp)
{
	struct audit_timestamp t;
	TRY(audit_timestamp_parse(s, audit_record_detail(r, "size"), audit_record_detail(r, "root"),
	    audit_record_detail(r, "token"), &t));
	if (t.size >= r->seq)
		return scope_fault(s, ERR_FORMAT, "its size reaches beyond the record itself");
	*ret_timestamp = t;
	return OK;
}

/* -- the token -- */

static enum err bad(struct scope *s, const char *what)
{
	return scope_fault(s, ERR_FORMAT, "%s", what);
}

static enum err check_signature(struct scope *s, const struct cms *cms, const struct evidence *e,
    struct instant time, const struct cert **ret_cert)
{
	struct document_signer signer;
	struct digest content;
	const struct cms_signer *info = &cms->signers[0];
	if (info->digest_alg == DIGEST_UNKNOWN)
		return bad(s, "the token's digest algorithm is not known");
	TRY(digest_of_bytes(s, info->digest_alg, cms->econtent, &content));
	TRY(document_signer_verify(s, info, oid_value(OID_CMS_TST_INFO), &content, e, &signer));
	if (!signer.cert)
		return bad(s, "the token does not carry its signer's certificate");
	if (!signer.digest_matches || !signer.value_valid)
		return bad(s, "the token's signature does not verify");
	if (!signer.has_ess || !signer.ess_matches)
		return bad(s, "the token does not name its signing certificate");
	if (!cert_has_eku(signer.cert, OID_EKU_TIME_STAMPING))
		return bad(s, "the token's certificate is not for timestamping");
	if (instant_before(time, signer.cert->not_before) ||
	    instant_before(signer.cert->not_after, time))
		return bad(s, "the token's certificate was not valid at the token's time");
	*ret_cert = signer.cert;
	return OK;
}

static bool is_valid_at(const struct path *path, struct instant time)
{
	for (size_t i = 0; i < path->n; i++)
		if (instant_before(time, path->item[i]->not_before) ||
		    instant_before(path->item[i]->not_after, time))
			return false;
	return true;
}

static enum err find_chain(struct scope *s, const struct anchors *anchors, const struct evidence *e,
    const struct cert *cert, struct instant time, bool *ret_is_trusted)
{
	struct path_finder *finder;
	struct path_list paths;
	TRY(path_finder_new(s, e, anchors, policy_default(), &finder));
	TRY(path_find(s, finder, cert, &paths));
	bool is_trusted = false;
	for (size_t i = 0; i < paths.n && !is_trusted; i++)
		is_trusted = !paths.item[i].verify_error && is_valid_at(&paths.item[i], time);
	*ret_is_trusted = is_trusted;
	return OK;
}

static enum err read_token(struct scope *s, const struct audit_timestamp *t,
    const struct cms **ret_cms, struct tst_info *ret_info)
{
	struct digest imprint;
	size_t n = 0;
	const struct cms *cms;
	TRY(cms_parse(s, t->token, &n, &cms));
	if (n != t->token.n || cms->n_signers != 1 || !cms->has_econtent ||
	    !oid_is(cms->econtent_type, OID_CMS_TST_INFO))
		return bad(s, "is no timestamp token");
	TRY(tst_info_parse(s, cms->econtent, ret_info));
	TRY(audit_timestamp_imprint(s, t->size, &t->root, &imprint));
	if (!digest_equal(&ret_info->imprint, &imprint))
		return bad(s, "the token was made for something else");
	*ret_cms = cms;
	return OK;
}

enum err audit_timestamp_check(struct scope *s, const struct audit_timestamp *t,
    const struct anchors *anchors, struct audit_timestamp_verdict *ret_verdict)
{
	struct audit_timestamp_verdict v = { .is_trusted = false };
	struct tst_info info;
	const struct cms *cms;
	const struct cert *cert;
	struct evidence *e;
	char *name;
	TRY(read_token(s, t, &cms, &info));
	TRY(evidence_new(s, &e));
	for (size_t i = 0; i < cms->n_certs; i++)
		TRY(evidence_add_cert(s, e, cms->certs[i], EVIDENCE_SIGNATURE));
	TRY(check_signature(s, cms, e, info.gen_time, &cert));
	if (anchors)
		TRY(find_chain(s, anchors, e, cert, info.gen_time, &v.is_trusted));
	TRY(cert_name_text(s, cert->subject, &name));
	v.time = info.gen_time;
	v.authority = name;
	*ret_verdict = v;
	return OK;
}
