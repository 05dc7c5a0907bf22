/*
 * The values of certificate and CRL extensions, in DER, and the certificates' and CRLs' way to
 * take them up.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_EXTENSION_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_EXTENSION_H

#include <openssl/x509.h>

#include "base/buf.h"

#define EXT_KEY_USAGE "2.5.29.15"
#define EXT_SUBJECT_KEY_ID "2.5.29.14"
#define EXT_AUTHORITY_KEY_ID "2.5.29.35"
#define EXT_BASIC_CONSTRAINTS "2.5.29.19"
#define EXT_POLICIES "2.5.29.32"
#define EXT_CRL_POINTS "2.5.29.31"
#define EXT_FRESHEST_CRL "2.5.29.46"
#define EXT_EXTENDED_KEY_USAGE "2.5.29.37"
#define EXT_AUTHORITY_INFO "1.3.6.1.5.5.7.1.1"
#define EXT_QC_STATEMENTS "1.3.6.1.5.5.7.1.3"
#define EXT_OCSP_NOCHECK "1.3.6.1.5.5.7.48.1.5"
#define EXT_CRL_NUMBER "2.5.29.20"
#define EXT_DELTA_INDICATOR "2.5.29.27"
#define EXT_ISSUING_POINT "2.5.29.28"
#define EXT_EXPIRED_CERTS "2.5.29.60"

/* A certificate extension under construction: what goes wrong in between sticks. */
struct authority_extension_list {
	struct scope *s;
	X509 *cert; /* exactly one of the two is set */
	X509_CRL *crl;
	enum err failed;
};

/* Adds `value` under that OID. */
void authority_extension_add(
    struct authority_extension_list *list, const char *oid, bool critical, struct buf value);

/* Comma-separated RFC 5280 names, e.g. "digitalSignature,nonRepudiation". ERR_FORMAT for another
 * word. */
must_check enum err authority_extension_key_usage(
    struct scope *s, const char *names, struct buf *ret_value);
struct buf authority_extension_basic_constraints(struct scope *s, int path_len);
/* The SHA-1 of the subject's key (RFC 5280 4.2.1.2 (1)). */
must_check enum err authority_extension_key_id(
    struct scope *s, X509 *cert, struct bytes *ret_key_id);
struct buf authority_extension_octets(struct scope *s, struct bytes octets);
struct buf authority_extension_authority_key_id(struct scope *s, struct bytes key_id);
/* CRLDistributionPoints or FreshestCRL with one URL. */
struct buf authority_extension_crl_points(struct scope *s, const char *url);
/* IssuingDistributionPoint with one URL. */
struct buf authority_extension_issuing_point(struct scope *s, const char *url);
/* Either URL may be NULL. */
struct buf authority_extension_authority_info(
    struct scope *s, const char *issuer_url, const char *ocsp_url);
struct buf authority_extension_extended_key_usage(struct scope *s, const char *purpose);
/* Policies in this order; the first has a CPS pointer and, unless NULL or "", a user notice.
 * `second` may be NULL. */
struct buf authority_extension_policies(struct scope *s, const char *first, const char *cps_url,
    const char *notice, const char *second);
/* EN 319 412-5: QcCompliance, QcSSCD, QcPDS and QcType (eseal or esign). */
struct buf authority_extension_qc_statements(struct scope *s, bool sscd, bool is_seal);

#endif
