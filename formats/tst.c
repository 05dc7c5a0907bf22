#include "formats/tst.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/der.h"
#include "formats/oid.h"

/* PKIStatus (RFC 3161 2.4.2). */
static const char *const status_names[] = {
	"granted",
	"grantedWithMods",
	"rejection",
	"waiting",
	"revocationWarning",
	"revocationNotification",
};

/* PKIFailureInfo: RFC 3161 2.4.2 and, for authorities that use them, RFC 4210 appendix F. */
static const char *const failure_names[32] = {
	[0] = "badAlg",
	[1] = "badMessageCheck",
	[2] = "badRequest",
	[3] = "badTime",
	[4] = "badCertId",
	[5] = "badDataFormat",
	[6] = "wrongAuthority",
	[7] = "incorrectData",
	[8] = "missingTimeStamp",
	[9] = "badPOP",
	[10] = "certRevoked",
	[11] = "certConfirmed",
	[12] = "wrongIntegrity",
	[13] = "badRecipientNonce",
	[14] = "timeNotAvailable",
	[15] = "unacceptedPolicy",
	[16] = "unacceptedExtension",
	[17] = "addInfoNotAvailable",
	[18] = "badSenderNonce",
	[19] = "badCertTemplate",
	[20] = "signerNotTrusted",
	[21] = "transactionIdInUse",
	[22] = "unsupportedVersion",
	[23] = "notAuthorized",
	[24] = "systemUnavail",
	[25] = "systemFailure",
	[26] = "duplicateCertReq",
};

const char *tst_status_name(int status)
{
	const int n = (int)(sizeof(status_names) / sizeof(status_names[0]));
	return status >= 0 && status < n ? status_names[status] : "unknown";
}

const char *tst_failure_name(uint32_t failure)
{
	for (unsigned bit = 0; bit < 32; bit++)
		if (failure & UINT32_C(1) << bit)
			return failure_names[bit] ? failure_names[bit] : "unknown";
	return "";
}

static void add_imprint(struct buf *b, const struct digest *imprint)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	digest_add_algorithm_identifier(b, imprint->alg);
	der_add(b, DER_OCTET_STRING, digest_bytes(imprint));
	der_close(b, mark);
}

enum err tst_request_build(struct scope *s, const struct digest *imprint, struct bytes nonce,
    struct bytes policy, struct bytes *ret_der)
{
	if (imprint->alg == DIGEST_UNKNOWN || imprint->n != digest_size(imprint->alg))
		return scope_fault(s, ERR_MISUSE, "timestamp request: no digest to ask for");
	if (nonce.n == 0)
		return scope_fault(s, ERR_MISUSE, "timestamp request: no nonce");
	struct buf b = buf_new(s, LIMIT_TST_REQUEST);
	size_t mark = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, 1);
	add_imprint(&b, imprint);
	if (policy.n > 0)
		der_add(&b, DER_OID, policy);
	der_add_unsigned(&b, nonce);
	der_add_boolean(&b, true);
	der_close(&b, mark);
	return buf_done(&b, ret_der);
}

/* PKIFreeText: the pieces with "; " between them. */
static enum err read_free_text(struct scope *s, struct bytes rest, char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_TST_STATUS_TEXT);
	while (rest.n > 0) {
		struct der piece;
		char *text;
		TRY(der_next(s, &rest, &piece));
		TRY(der_text(s, piece, &text));
		buf_add_str(&b, b.n > 0 ? "; " : "");
		buf_add_str(&b, text);
	}
	return buf_done_str(&b, ret_text);
}

static enum err read_status(struct scope *s, struct bytes rest, struct tst_reply *reply)
{
	struct der status, text, failure;
	bool has_text, has_failure;
	int64_t value;
	TRY(der_expect(s, &rest, DER_INTEGER, "PKIStatus", &status));
	TRY(der_small_integer(s, status, &value));
	if (value < 0 || value > INT32_MAX)
		return scope_fault(s, ERR_FORMAT, "timestamp reply: status out of range");
	reply->status = (int)value;
	TRY(der_optional(s, &rest, DER_SEQUENCE, "statusString", &has_text, &text));
	TRY(read_free_text(s, has_text ? text.value : BYTES_NONE, &reply->status_text));
	TRY(der_optional(s, &rest, DER_BIT_STRING, "failInfo", &has_failure, &failure));
	if (has_failure)
		TRY(der_named_bits(s, failure, &reply->failure));
	return der_end(s, rest, "PKIStatusInfo");
}

enum err tst_reply_parse(struct scope *s, struct bytes der, struct tst_reply *ret_reply)
{
	struct tst_reply reply = { 0 };
	struct der whole, status, token;
	bool has_token;
	TRY(der_expect(s, &der, DER_SEQUENCE, "TimeStampResp", &whole));
	TRY(der_end(s, der, "a timestamp reply"));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "PKIStatusInfo", &status));
	TRY(read_status(s, status.value, &reply));
	TRY(der_optional(s, &whole.value, DER_SEQUENCE, "TimeStampToken", &has_token, &token));
	TRY(der_end(s, whole.value, "TimeStampResp"));
	if (has_token)
		reply.token = token.whole;
	*ret_reply = reply;
	return OK;
}

static enum err read_imprint(struct scope *s, struct bytes rest, struct digest *ret_imprint)
{
	struct der alg, hash;
	struct bytes octets;
	struct digest imprint = { 0 };
	TRY(der_expect(s, &rest, DER_SEQUENCE, "hashAlgorithm", &alg));
	TRY(digest_of_algorithm_identifier(s, alg.whole, &imprint.alg));
	TRY(der_expect(s, &rest, DER_OCTET_STRING, "hashedMessage", &hash));
	TRY(der_octet_string(s, hash, &octets));
	TRY(der_end(s, rest, "MessageImprint"));
	if (octets.n > sizeof(imprint.value))
		return scope_fault(s, ERR_FORMAT, "timestamp: imprint of %zu octets", octets.n);
	imprint.n = octets.n;
	if (octets.n > 0)
		memcpy(imprint.value, octets.p, octets.n);
	*ret_imprint = imprint;
	return OK;
}

/* One part of Accuracy, 0 when it is left out. */
static enum err read_accuracy_part(
    struct scope *s, struct bytes *rest, uint8_t tag, int64_t max, int64_t *ret_value)
{
	struct der tlv;
	bool present;
	int64_t value = 0;
	TRY(der_optional(s, rest, tag, "accuracy", &present, &tlv));
	if (present)
		TRY(der_small_integer(s, tlv, &value));
	if (value < 0 || value > max)
		return scope_fault(
		    s, ERR_FORMAT, "timestamp: accuracy out of range (RFC 3161 2.4.2)");
	*ret_value = value;
	return OK;
}

static enum err read_accuracy(struct scope *s, struct bytes rest, int64_t *ret_ms)
{
	int64_t seconds, millis, micros;
	TRY(read_accuracy_part(s, &rest, DER_INTEGER, INT32_MAX, &seconds));
	TRY(read_accuracy_part(s, &rest, DER_CONTEXT_PRIMITIVE(0), 999, &millis));
	TRY(read_accuracy_part(s, &rest, DER_CONTEXT_PRIMITIVE(1), 999, &micros));
	TRY(der_end(s, rest, "Accuracy"));
	*ret_ms = seconds * 1000 + millis + (micros > 0);
	return OK;
}

static enum err read_extensions(struct scope *s, struct bytes rest, bool *ret_unknown_critical)
{
	struct cert_extension e;
	for (size_t n = 0; rest.n > 0; n++) {
		if (n == LIMIT_CERT_EXTENSIONS)
			return scope_fault(s, ERR_LIMIT, "timestamp: too many extensions");
		TRY(cert_extensions_next(s, &rest, &e));
		*ret_unknown_critical |= e.critical && !oid_is(e.oid, OID_EXT_QC_STATEMENTS);
	}
	return OK;
}

/* version to genTime: what every TSTInfo has. */
static enum err read_mandatory(struct scope *s, struct bytes *rest, struct tst_info *info)
{
	struct der version, policy, imprint, serial, time;
	int64_t number;
	TRY(der_expect(s, rest, DER_INTEGER, "version of TSTInfo", &version));
	TRY(der_small_integer(s, version, &number));
	if (number != 1)
		return scope_fault(s, ERR_UNSUPPORTED, "timestamp: unknown version of TSTInfo");
	TRY(der_expect(s, rest, DER_OID, "policy", &policy));
	info->policy = policy.value;
	TRY(der_expect(s, rest, DER_SEQUENCE, "messageImprint", &imprint));
	TRY(read_imprint(s, imprint.value, &info->imprint));
	TRY(der_expect(s, rest, DER_INTEGER, "serialNumber", &serial));
	info->serial = serial.value;
	TRY(der_expect(s, rest, DER_GENERALIZED_TIME, "genTime", &time));
	return der_time(s, time, &info->gen_time);
}

static enum err read_optional(struct scope *s, struct bytes *rest, struct tst_info *info)
{
	struct der tlv;
	bool present;
	TRY(der_optional(s, rest, DER_SEQUENCE, "accuracy", &info->has_accuracy, &tlv));
	if (info->has_accuracy)
		TRY(read_accuracy(s, tlv.value, &info->accuracy_ms));
	TRY(der_optional(s, rest, DER_BOOLEAN, "ordering", &present, &tlv));
	if (present)
		TRY(der_boolean(s, tlv, &info->ordering));
	TRY(der_optional(s, rest, DER_INTEGER, "nonce", &present, &tlv));
	info->nonce = present ? tlv.value : BYTES_NONE;
	TRY(der_optional(s, rest, DER_CONTEXT(0), "tsa", &present, &tlv));
	info->tsa = present ? tlv.value : BYTES_NONE;
	TRY(der_optional(s, rest, DER_CONTEXT(1), "extensions", &present, &tlv));
	return present ? read_extensions(s, tlv.value, &info->unknown_critical) : OK;
}

enum err tst_info_parse(struct scope *s, struct bytes econtent, struct tst_info *ret_info)
{
	struct tst_info info = { 0 };
	struct der whole;
	TRY(der_expect(s, &econtent, DER_SEQUENCE, "TSTInfo", &whole));
	TRY(der_end(s, econtent, "the content of a timestamp"));
	TRY(read_mandatory(s, &whole.value, &info));
	TRY(read_optional(s, &whole.value, &info));
	TRY(der_end(s, whole.value, "TSTInfo"));
	*ret_info = info;
	return OK;
}

static struct bytes without_leading_zeros(struct bytes number)
{
	while (number.n > 0 && number.p[0] == 0)
		number = bytes_from(number, 1);
	return number;
}

bool tst_nonce_matches(const struct tst_info *info, struct bytes magnitude)
{
	return info->nonce.n > 0 &&
	       bytes_equal(without_leading_zeros(info->nonce), without_leading_zeros(magnitude));
}
