/*
 * The object identifiers Bulla knows, each once: constant, dotted form, value octets.
 */
#ifndef BULLA_FORMATS_OID_H
#define BULLA_FORMATS_OID_H

#include "base/bytes.h"

/* clang-format off */
/* X(constant, dotted, value octets) */
#define OID_ENTRIES(X) \
	X(OID_ALG_MD5, "1.2.840.113549.2.5", "\x2a\x86\x48\x86\xf7\x0d\x02\x05") \
	X(OID_ALG_SHA1, "1.3.14.3.2.26", "\x2b\x0e\x03\x02\x1a") \
	X(OID_ALG_SHA224, "2.16.840.1.101.3.4.2.4", "\x60\x86\x48\x01\x65\x03\x04\x02\x04") \
	X(OID_ALG_SHA256, "2.16.840.1.101.3.4.2.1", "\x60\x86\x48\x01\x65\x03\x04\x02\x01") \
	X(OID_ALG_SHA384, "2.16.840.1.101.3.4.2.2", "\x60\x86\x48\x01\x65\x03\x04\x02\x02") \
	X(OID_ALG_SHA512, "2.16.840.1.101.3.4.2.3", "\x60\x86\x48\x01\x65\x03\x04\x02\x03") \
	X(OID_ALG_SHA3_224, "2.16.840.1.101.3.4.2.7", "\x60\x86\x48\x01\x65\x03\x04\x02\x07") \
	X(OID_ALG_SHA3_256, "2.16.840.1.101.3.4.2.8", "\x60\x86\x48\x01\x65\x03\x04\x02\x08") \
	X(OID_ALG_SHA3_384, "2.16.840.1.101.3.4.2.9", "\x60\x86\x48\x01\x65\x03\x04\x02\x09") \
	X(OID_ALG_SHA3_512, "2.16.840.1.101.3.4.2.10", "\x60\x86\x48\x01\x65\x03\x04\x02\x0a") \
	X(OID_ALG_RIPEMD160, "1.3.36.3.2.1", "\x2b\x24\x03\x02\x01") \
	X(OID_ALG_SHAKE256, "2.16.840.1.101.3.4.2.12", "\x60\x86\x48\x01\x65\x03\x04\x02\x0c") \
	X(OID_ALG_RSA, "1.2.840.113549.1.1.1", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") \
	X(OID_ALG_RSA_MD5, "1.2.840.113549.1.1.4", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04") \
	X(OID_ALG_RSA_SHA1, "1.2.840.113549.1.1.5", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05") \
	X(OID_ALG_RSA_SHA1_OIW, "1.3.14.3.2.29", "\x2b\x0e\x03\x02\x1d") \
	X(OID_ALG_RSA_RIPEMD160, "1.3.36.3.3.1.2", "\x2b\x24\x03\x03\x01\x02") \
	X(OID_ALG_RSA_SHA224, "1.2.840.113549.1.1.14", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e") \
	X(OID_ALG_RSA_SHA256, "1.2.840.113549.1.1.11", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b") \
	X(OID_ALG_RSA_SHA384, "1.2.840.113549.1.1.12", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c") \
	X(OID_ALG_RSA_SHA512, "1.2.840.113549.1.1.13", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d") \
	X(OID_ALG_RSA_SHA3_224, "2.16.840.1.101.3.4.3.13", "\x60\x86\x48\x01\x65\x03\x04\x03\x0d") \
	X(OID_ALG_RSA_SHA3_256, "2.16.840.1.101.3.4.3.14", "\x60\x86\x48\x01\x65\x03\x04\x03\x0e") \
	X(OID_ALG_RSA_SHA3_384, "2.16.840.1.101.3.4.3.15", "\x60\x86\x48\x01\x65\x03\x04\x03\x0f") \
	X(OID_ALG_RSA_SHA3_512, "2.16.840.1.101.3.4.3.16", "\x60\x86\x48\x01\x65\x03\x04\x03\x10") \
	X(OID_ALG_RSA_PSS, "1.2.840.113549.1.1.10", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") \
	X(OID_ALG_MGF1, "1.2.840.113549.1.1.8", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08") \
	X(OID_ALG_DSA, "1.2.840.10040.4.1", "\x2a\x86\x48\xce\x38\x04\x01") \
	X(OID_ALG_DSA_SHA1, "1.2.840.10040.4.3", "\x2a\x86\x48\xce\x38\x04\x03") \
	X(OID_ALG_DSA_SHA224, "2.16.840.1.101.3.4.3.1", "\x60\x86\x48\x01\x65\x03\x04\x03\x01") \
	X(OID_ALG_DSA_SHA256, "2.16.840.1.101.3.4.3.2", "\x60\x86\x48\x01\x65\x03\x04\x03\x02") \
	X(OID_ALG_DSA_SHA384, "2.16.840.1.101.3.4.3.3", "\x60\x86\x48\x01\x65\x03\x04\x03\x03") \
	X(OID_ALG_DSA_SHA512, "2.16.840.1.101.3.4.3.4", "\x60\x86\x48\x01\x65\x03\x04\x03\x04") \
	X(OID_ALG_EC_PUBLIC_KEY, "1.2.840.10045.2.1", "\x2a\x86\x48\xce\x3d\x02\x01") \
	X(OID_ALG_ECDSA, "1.2.840.10045.4", "\x2a\x86\x48\xce\x3d\x04") \
	X(OID_ALG_ECDSA_SHA1, "1.2.840.10045.4.1", "\x2a\x86\x48\xce\x3d\x04\x01") \
	X(OID_ALG_ECDSA_SHA224, "1.2.840.10045.4.3.1", "\x2a\x86\x48\xce\x3d\x04\x03\x01") \
	X(OID_ALG_ECDSA_SHA256, "1.2.840.10045.4.3.2", "\x2a\x86\x48\xce\x3d\x04\x03\x02") \
	X(OID_ALG_ECDSA_SHA384, "1.2.840.10045.4.3.3", "\x2a\x86\x48\xce\x3d\x04\x03\x03") \
	X(OID_ALG_ECDSA_SHA512, "1.2.840.10045.4.3.4", "\x2a\x86\x48\xce\x3d\x04\x03\x04") \
	X(OID_ALG_ECDSA_SHA3_224, "2.16.840.1.101.3.4.3.9", "\x60\x86\x48\x01\x65\x03\x04\x03\x09") \
	X(OID_ALG_ECDSA_SHA3_256, "2.16.840.1.101.3.4.3.10", "\x60\x86\x48\x01\x65\x03\x04\x03\x0a") \
	X(OID_ALG_ECDSA_SHA3_384, "2.16.840.1.101.3.4.3.11", "\x60\x86\x48\x01\x65\x03\x04\x03\x0b") \
	X(OID_ALG_ECDSA_SHA3_512, "2.16.840.1.101.3.4.3.12", "\x60\x86\x48\x01\x65\x03\x04\x03\x0c") \
	X(OID_ALG_PLAIN_ECDSA_SHA1, "0.4.0.127.0.7.1.1.4.1.1", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x01") \
	X(OID_ALG_PLAIN_ECDSA_SHA224, "0.4.0.127.0.7.1.1.4.1.2", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x02") \
	X(OID_ALG_PLAIN_ECDSA_SHA256, "0.4.0.127.0.7.1.1.4.1.3", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x03") \
	X(OID_ALG_PLAIN_ECDSA_SHA384, "0.4.0.127.0.7.1.1.4.1.4", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x04") \
	X(OID_ALG_PLAIN_ECDSA_SHA512, "0.4.0.127.0.7.1.1.4.1.5", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x05") \
	X(OID_ALG_PLAIN_ECDSA_RIPEMD160, "0.4.0.127.0.7.1.1.4.1.6", "\x04\x00\x7f\x00\x07\x01\x01\x04\x01\x06") \
	X(OID_ALG_ED25519, "1.3.101.112", "\x2b\x65\x70") \
	X(OID_ALG_ED448, "1.3.101.113", "\x2b\x65\x71") \
	X(OID_CMS_DATA, "1.2.840.113549.1.7.1", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01") \
	X(OID_CMS_SIGNED_DATA, "1.2.840.113549.1.7.2", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") \
	X(OID_CMS_TST_INFO, "1.2.840.113549.1.9.16.1.4", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04") \
	X(OID_ATTR_CONTENT_TYPE, "1.2.840.113549.1.9.3", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03") \
	X(OID_ATTR_MESSAGE_DIGEST, "1.2.840.113549.1.9.4", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04") \
	X(OID_ATTR_SIGNING_TIME, "1.2.840.113549.1.9.5", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05") \
	X(OID_ATTR_COUNTER_SIGNATURE, "1.2.840.113549.1.9.6", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06") \
	X(OID_ATTR_SIGNING_CERTIFICATE, "1.2.840.113549.1.9.16.2.12", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c") \
	X(OID_ATTR_SIGNING_CERTIFICATE_V2, "1.2.840.113549.1.9.16.2.47", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f") \
	X(OID_ATTR_SIGNATURE_TIMESTAMP, "1.2.840.113549.1.9.16.2.14", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e") \
	X(OID_ATTR_CONTENT_TIMESTAMP, "1.2.840.113549.1.9.16.2.20", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x14") \
	X(OID_ATTR_SIGNATURE_POLICY, "1.2.840.113549.1.9.16.2.15", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0f") \
	X(OID_ATTR_COMMITMENT_TYPE, "1.2.840.113549.1.9.16.2.16", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x10") \
	X(OID_ATTR_SIGNER_LOCATION, "1.2.840.113549.1.9.16.2.17", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x11") \
	X(OID_ATTR_SIGNER_ATTRIBUTES, "1.2.840.113549.1.9.16.2.18", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x12") \
	X(OID_ATTR_SIGNER_ATTRIBUTES_V2, "0.4.0.19122.1.1", "\x04\x00\x81\x95\x32\x01\x01") \
	X(OID_ATTR_CONTENT_HINTS, "1.2.840.113549.1.9.16.2.4", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x04") \
	X(OID_ATTR_CERTIFICATE_REFS, "1.2.840.113549.1.9.16.2.21", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x15") \
	X(OID_ATTR_REVOCATION_REFS, "1.2.840.113549.1.9.16.2.22", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x16") \
	X(OID_ATTR_CERTIFICATE_VALUES, "1.2.840.113549.1.9.16.2.23", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x17") \
	X(OID_ATTR_REVOCATION_VALUES, "1.2.840.113549.1.9.16.2.24", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x18") \
	X(OID_ATTR_ESC_TIMESTAMP, "1.2.840.113549.1.9.16.2.25", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x19") \
	X(OID_ATTR_CERT_CRL_TIMESTAMP, "1.2.840.113549.1.9.16.2.26", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x1a") \
	X(OID_ATTR_ARCHIVE_TIMESTAMP_V2, "1.2.840.113549.1.9.16.2.48", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x30") \
	X(OID_ATTR_ARCHIVE_TIMESTAMP_V3, "0.4.0.1733.2.4", "\x04\x00\x8d\x45\x02\x04") \
	X(OID_ATTR_ATS_HASH_INDEX, "0.4.0.1733.2.5", "\x04\x00\x8d\x45\x02\x05") \
	X(OID_ATTR_ATS_HASH_INDEX_V3, "0.4.0.19122.1.5", "\x04\x00\x81\x95\x32\x01\x05") \
	X(OID_ATTR_MIME_TYPE, "0.4.0.1733.2.1", "\x04\x00\x8d\x45\x02\x01") \
	X(OID_ATTR_ADOBE_REVOCATION, "1.2.840.113583.1.1.8", "\x2a\x86\x48\x86\xf7\x2f\x01\x01\x08") \
	X(OID_ATTR_ADOBE_TIMESTAMP, "1.2.840.113583.1.1.9.1", "\x2a\x86\x48\x86\xf7\x2f\x01\x01\x09\x01") \
	X(OID_ATTR_CMS_ALGORITHM_PROTECTION, "1.2.840.113549.1.9.52", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34") \
	X(OID_RI_OCSP_RESPONSE, "1.3.6.1.5.5.7.16.2", "\x2b\x06\x01\x05\x05\x07\x10\x02") \
	X(OID_OCSP_BASIC, "1.3.6.1.5.5.7.48.1.1", "\x2b\x06\x01\x05\x05\x07\x30\x01\x01") \
	X(OID_OCSP_NONCE, "1.3.6.1.5.5.7.48.1.2", "\x2b\x06\x01\x05\x05\x07\x30\x01\x02") \
	X(OID_OCSP_NOCHECK, "1.3.6.1.5.5.7.48.1.5", "\x2b\x06\x01\x05\x05\x07\x30\x01\x05") \
	X(OID_OCSP_ARCHIVE_CUTOFF, "1.3.6.1.5.5.7.48.1.6", "\x2b\x06\x01\x05\x05\x07\x30\x01\x06") \
	X(OID_OCSP_CERT_HASH, "1.3.36.8.3.13", "\x2b\x24\x08\x03\x0d") \
	X(OID_AIA_OCSP, "1.3.6.1.5.5.7.48.1", "\x2b\x06\x01\x05\x05\x07\x30\x01") \
	X(OID_AIA_CA_ISSUERS, "1.3.6.1.5.5.7.48.2", "\x2b\x06\x01\x05\x05\x07\x30\x02") \
	X(OID_EXT_SUBJECT_KEY_ID, "2.5.29.14", "\x55\x1d\x0e") \
	X(OID_EXT_KEY_USAGE, "2.5.29.15", "\x55\x1d\x0f") \
	X(OID_EXT_SUBJECT_ALT_NAME, "2.5.29.17", "\x55\x1d\x11") \
	X(OID_EXT_ISSUER_ALT_NAME, "2.5.29.18", "\x55\x1d\x12") \
	X(OID_EXT_BASIC_CONSTRAINTS, "2.5.29.19", "\x55\x1d\x13") \
	X(OID_EXT_CRL_NUMBER, "2.5.29.20", "\x55\x1d\x14") \
	X(OID_EXT_REASON_CODE, "2.5.29.21", "\x55\x1d\x15") \
	X(OID_EXT_INVALIDITY_DATE, "2.5.29.24", "\x55\x1d\x18") \
	X(OID_EXT_DELTA_CRL_INDICATOR, "2.5.29.27", "\x55\x1d\x1b") \
	X(OID_EXT_ISSUING_DISTRIBUTION_POINT, "2.5.29.28", "\x55\x1d\x1c") \
	X(OID_EXT_CERTIFICATE_ISSUER, "2.5.29.29", "\x55\x1d\x1d") \
	X(OID_EXT_NAME_CONSTRAINTS, "2.5.29.30", "\x55\x1d\x1e") \
	X(OID_EXT_CRL_DISTRIBUTION_POINTS, "2.5.29.31", "\x55\x1d\x1f") \
	X(OID_EXT_CERTIFICATE_POLICIES, "2.5.29.32", "\x55\x1d\x20") \
	X(OID_EXT_POLICY_MAPPINGS, "2.5.29.33", "\x55\x1d\x21") \
	X(OID_EXT_AUTHORITY_KEY_ID, "2.5.29.35", "\x55\x1d\x23") \
	X(OID_EXT_POLICY_CONSTRAINTS, "2.5.29.36", "\x55\x1d\x24") \
	X(OID_EXT_EXTENDED_KEY_USAGE, "2.5.29.37", "\x55\x1d\x25") \
	X(OID_EXT_FRESHEST_CRL, "2.5.29.46", "\x55\x1d\x2e") \
	X(OID_EXT_INHIBIT_ANY_POLICY, "2.5.29.54", "\x55\x1d\x36") \
	X(OID_EXT_EXPIRED_CERTS_ON_CRL, "2.5.29.60", "\x55\x1d\x3c") \
	X(OID_EXT_AUTHORITY_INFO_ACCESS, "1.3.6.1.5.5.7.1.1", "\x2b\x06\x01\x05\x05\x07\x01\x01") \
	X(OID_EXT_QC_STATEMENTS, "1.3.6.1.5.5.7.1.3", "\x2b\x06\x01\x05\x05\x07\x01\x03") \
	X(OID_EXT_VALIDITY_ASSURED_SHORT_TERM, "0.4.0.194121.2.1", "\x04\x00\x8b\xec\x49\x02\x01") \
	X(OID_EXT_NO_REV_AVAIL, "2.5.29.56", "\x55\x1d\x38") \
	X(OID_POLICY_ANY, "2.5.29.32.0", "\x55\x1d\x20\x00") \
	X(OID_QUALIFIER_CPS, "1.3.6.1.5.5.7.2.1", "\x2b\x06\x01\x05\x05\x07\x02\x01") \
	X(OID_QUALIFIER_USER_NOTICE, "1.3.6.1.5.5.7.2.2", "\x2b\x06\x01\x05\x05\x07\x02\x02") \
	X(OID_EKU_ANY, "2.5.29.37.0", "\x55\x1d\x25\x00") \
	X(OID_EKU_TIME_STAMPING, "1.3.6.1.5.5.7.3.8", "\x2b\x06\x01\x05\x05\x07\x03\x08") \
	X(OID_EKU_OCSP_SIGNING, "1.3.6.1.5.5.7.3.9", "\x2b\x06\x01\x05\x05\x07\x03\x09") \
	X(OID_EKU_EMAIL_PROTECTION, "1.3.6.1.5.5.7.3.4", "\x2b\x06\x01\x05\x05\x07\x03\x04") \
	X(OID_EKU_CLIENT_AUTH, "1.3.6.1.5.5.7.3.2", "\x2b\x06\x01\x05\x05\x07\x03\x02") \
	X(OID_EKU_SERVER_AUTH, "1.3.6.1.5.5.7.3.1", "\x2b\x06\x01\x05\x05\x07\x03\x01") \
	X(OID_EKU_DOCUMENT_SIGNING_MS, "1.3.6.1.4.1.311.10.3.12", "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x0c") \
	X(OID_EKU_DOCUMENT_SIGNING, "1.3.6.1.5.5.7.3.36", "\x2b\x06\x01\x05\x05\x07\x03\x24") \
	X(OID_QC_COMPLIANCE, "0.4.0.1862.1.1", "\x04\x00\x8e\x46\x01\x01") \
	X(OID_QC_LIMIT_VALUE, "0.4.0.1862.1.2", "\x04\x00\x8e\x46\x01\x02") \
	X(OID_QC_RETENTION, "0.4.0.1862.1.3", "\x04\x00\x8e\x46\x01\x03") \
	X(OID_QC_SSCD, "0.4.0.1862.1.4", "\x04\x00\x8e\x46\x01\x04") \
	X(OID_QC_PDS, "0.4.0.1862.1.5", "\x04\x00\x8e\x46\x01\x05") \
	X(OID_QC_TYPE, "0.4.0.1862.1.6", "\x04\x00\x8e\x46\x01\x06") \
	X(OID_QC_CC_LEGISLATION, "0.4.0.1862.1.7", "\x04\x00\x8e\x46\x01\x07") \
	X(OID_QC_TYPE_ESIGN, "0.4.0.1862.1.6.1", "\x04\x00\x8e\x46\x01\x06\x01") \
	X(OID_QC_TYPE_ESEAL, "0.4.0.1862.1.6.2", "\x04\x00\x8e\x46\x01\x06\x02") \
	X(OID_QC_TYPE_WEB, "0.4.0.1862.1.6.3", "\x04\x00\x8e\x46\x01\x06\x03") \
	X(OID_NAME_COMMON_NAME, "2.5.4.3", "\x55\x04\x03") \
	X(OID_NAME_SURNAME, "2.5.4.4", "\x55\x04\x04") \
	X(OID_NAME_SERIAL_NUMBER, "2.5.4.5", "\x55\x04\x05") \
	X(OID_NAME_COUNTRY, "2.5.4.6", "\x55\x04\x06") \
	X(OID_NAME_LOCALITY, "2.5.4.7", "\x55\x04\x07") \
	X(OID_NAME_STATE, "2.5.4.8", "\x55\x04\x08") \
	X(OID_NAME_STREET, "2.5.4.9", "\x55\x04\x09") \
	X(OID_NAME_ORGANIZATION, "2.5.4.10", "\x55\x04\x0a") \
	X(OID_NAME_ORGANIZATIONAL_UNIT, "2.5.4.11", "\x55\x04\x0b") \
	X(OID_NAME_TITLE, "2.5.4.12", "\x55\x04\x0c") \
	X(OID_NAME_GIVEN_NAME, "2.5.4.42", "\x55\x04\x2a") \
	X(OID_NAME_PSEUDONYM, "2.5.4.65", "\x55\x04\x41") \
	X(OID_NAME_ORGANIZATION_IDENTIFIER, "2.5.4.97", "\x55\x04\x61") \
	X(OID_NAME_DOMAIN_COMPONENT, "0.9.2342.19200300.100.1.25", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19") \
	X(OID_NAME_USER_ID, "0.9.2342.19200300.100.1.1", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01") \
	X(OID_NAME_EMAIL, "1.2.840.113549.1.9.1", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01") \
	X(OID_CURVE_P256, "1.2.840.10045.3.1.7", "\x2a\x86\x48\xce\x3d\x03\x01\x07") \
	X(OID_CURVE_P384, "1.3.132.0.34", "\x2b\x81\x04\x00\x22") \
	X(OID_CURVE_P521, "1.3.132.0.35", "\x2b\x81\x04\x00\x23") \
	X(OID_CURVE_BRAINPOOL_P256R1, "1.3.36.3.3.2.8.1.1.7", "\x2b\x24\x03\x03\x02\x08\x01\x01\x07") \
	X(OID_CURVE_BRAINPOOL_P384R1, "1.3.36.3.3.2.8.1.1.11", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b") \
	X(OID_CURVE_BRAINPOOL_P512R1, "1.3.36.3.3.2.8.1.1.13", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d")

enum oid {
	OID_UNKNOWN = 0,
#define X(constant, dotted, octets) constant,
	OID_ENTRIES(X)
#undef X
};
/* clang-format on */

/* The identifier with these value octets, or OID_UNKNOWN. */
enum oid oid_of(struct bytes value);
/* The value octets of a known identifier; empty for OID_UNKNOWN. */
struct bytes oid_value(enum oid id);
/* Its dotted form, "" for OID_UNKNOWN. */
const char *oid_dotted(enum oid id);
bool oid_is(struct bytes value, enum oid id);

#endif
