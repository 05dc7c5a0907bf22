/*
 * Time-stamp protocol (RFC 3161, RFC 5816): requests, replies and the TSTInfo inside a token. The
 * token's CMS is read by formats/cms.h.
 */
#ifndef BULLA_FORMATS_TST_H
#define BULLA_FORMATS_TST_H

#include "base/instant.h"
#include "formats/digest.h"

struct tst_info {
	struct bytes policy; /* OID value octets */
	struct digest imprint;
	struct bytes serial; /* content octets */
	struct instant gen_time;
	bool has_accuracy;
	int64_t accuracy_ms; /* whole milliseconds, rounded up */
	bool ordering;
	struct bytes nonce; /* content octets of the INTEGER, empty if absent */
	struct bytes tsa;   /* GeneralName TLV, empty if absent */
	bool unknown_critical;
};

struct tst_reply {
	int status;         /* PKIStatus: 0 granted, 1 grantedWithMods, 2 rejection, ... */
	char *status_text;  /* statusString pieces joined with "; ", "" if none */
	uint32_t failure;   /* named bits of PKIFailureInfo */
	struct bytes token; /* ContentInfo TLV, empty when there is none */
};

/* nonce: big-endian magnitude, not empty; policy: OID value octets or empty. certReq is true. */
must_check enum err tst_request_build(struct scope *s, const struct digest *imprint,
    struct bytes nonce, struct bytes policy, struct bytes *ret_der);
must_check enum err tst_reply_parse(struct scope *s, struct bytes der, struct tst_reply *ret_reply);
/* "granted", "rejection", ...; and the first failure bit's name, "" if none. */
const char *tst_status_name(int status);
const char *tst_failure_name(uint32_t failure);
/* Reads the eContent of a token. An unknown imprint algorithm gives imprint.alg DIGEST_UNKNOWN. */
must_check enum err tst_info_parse(
    struct scope *s, struct bytes econtent, struct tst_info *ret_info);
/* Same number, whatever the sign octets (requests carry a nonce as magnitude). */
bool tst_nonce_matches(const struct tst_info *info, struct bytes magnitude);

#endif
