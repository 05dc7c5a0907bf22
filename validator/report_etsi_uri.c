/* Identifiers of algorithms (RFC 9231, XML Signature) and of reasons (TS 119 102-2). */
#include "validator/report_etsi_work.h"

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define ENC "http://www.w3.org/2001/04/xmlenc#"
#define MORE_2001 "http://www.w3.org/2001/04/xmldsig-more#"
#define MORE_2007 "http://www.w3.org/2007/05/xmldsig-more#"
#define MORE_2021 "http://www.w3.org/2021/04/xmldsig-more#"
#define OID "urn:oid:"

const char *report_etsi_uri_digest(enum digest_alg alg)
{
	static const char *const uris[] = {
		[DIGEST_UNKNOWN] = NULL,
		[DIGEST_MD5] = MORE_2001 "md5",
		[DIGEST_SHA1] = DSIG "sha1",
		[DIGEST_RIPEMD160] = ENC "ripemd160",
		[DIGEST_SHA224] = MORE_2001 "sha224",
		[DIGEST_SHA256] = ENC "sha256",
		[DIGEST_SHA384] = MORE_2001 "sha384",
		[DIGEST_SHA512] = ENC "sha512",
		[DIGEST_SHA3_224] = MORE_2007 "sha3-224",
		[DIGEST_SHA3_256] = MORE_2007 "sha3-256",
		[DIGEST_SHA3_384] = MORE_2007 "sha3-384",
		[DIGEST_SHA3_512] = MORE_2007 "sha3-512",
		[DIGEST_SHAKE256] = OID "2.16.840.1.101.3.4.2.12",
	};
	return uris[alg];
}

#define DIGESTS (DIGEST_SHAKE256 + 1)

/* RSA and DSA with SHA-3 have no URI of the W3C's. */
static const char *const rsa[DIGESTS] = {
	[DIGEST_MD5] = MORE_2001 "rsa-md5",
	[DIGEST_SHA1] = DSIG "rsa-sha1",
	[DIGEST_RIPEMD160] = MORE_2001 "rsa-ripemd160",
	[DIGEST_SHA224] = MORE_2001 "rsa-sha224",
	[DIGEST_SHA256] = MORE_2001 "rsa-sha256",
	[DIGEST_SHA384] = MORE_2001 "rsa-sha384",
	[DIGEST_SHA512] = MORE_2001 "rsa-sha512",
	[DIGEST_SHA3_224] = OID "2.16.840.1.101.3.4.3.13",
	[DIGEST_SHA3_256] = OID "2.16.840.1.101.3.4.3.14",
	[DIGEST_SHA3_384] = OID "2.16.840.1.101.3.4.3.15",
	[DIGEST_SHA3_512] = OID "2.16.840.1.101.3.4.3.16",
};
static const char *const pss[DIGESTS] = {
	[DIGEST_MD5] = MORE_2007 "md5-rsa-MGF1",
	[DIGEST_SHA1] = MORE_2007 "sha1-rsa-MGF1",
	[DIGEST_RIPEMD160] = MORE_2007 "ripemd160-rsa-MGF1",
	[DIGEST_SHA224] = MORE_2007 "sha224-rsa-MGF1",
	[DIGEST_SHA256] = MORE_2007 "sha256-rsa-MGF1",
	[DIGEST_SHA384] = MORE_2007 "sha384-rsa-MGF1",
	[DIGEST_SHA512] = MORE_2007 "sha512-rsa-MGF1",
	[DIGEST_SHA3_224] = MORE_2007 "sha3-224-rsa-MGF1",
	[DIGEST_SHA3_256] = MORE_2007 "sha3-256-rsa-MGF1",
	[DIGEST_SHA3_384] = MORE_2007 "sha3-384-rsa-MGF1",
	[DIGEST_SHA3_512] = MORE_2007 "sha3-512-rsa-MGF1",
};
static const char *const ecdsa[DIGESTS] = {
	[DIGEST_SHA1] = MORE_2001 "ecdsa-sha1",
	[DIGEST_RIPEMD160] = MORE_2007 "ecdsa-ripemd160",
	[DIGEST_SHA224] = MORE_2001 "ecdsa-sha224",
	[DIGEST_SHA256] = MORE_2001 "ecdsa-sha256",
	[DIGEST_SHA384] = MORE_2001 "ecdsa-sha384",
	[DIGEST_SHA512] = MORE_2001 "ecdsa-sha512",
	[DIGEST_SHA3_224] = MORE_2021 "ecdsa-sha3-224",
	[DIGEST_SHA3_256] = MORE_2021 "ecdsa-sha3-256",
	[DIGEST_SHA3_384] = MORE_2021 "ecdsa-sha3-384",
	[DIGEST_SHA3_512] = MORE_2021 "ecdsa-sha3-512",
};
static const char *const dsa[DIGESTS] = {
	[DIGEST_SHA1] = DSIG "dsa-sha1",
	[DIGEST_SHA224] = OID "2.16.840.1.101.3.4.3.1",
	[DIGEST_SHA256] = "http://www.w3.org/2009/xmldsig11#dsa-sha256",
	[DIGEST_SHA384] = OID "2.16.840.1.101.3.4.3.3",
	[DIGEST_SHA512] = OID "2.16.840.1.101.3.4.3.4",
};

const char *report_etsi_uri_signature(struct signature_alg alg, enum digest_alg digest)
{
	digest = alg.digest != DIGEST_UNKNOWN ? alg.digest : digest;
	switch (alg.kind) {
	case SIGNATURE_ALG_RSA_PKCS1:
		return rsa[digest];
	case SIGNATURE_ALG_RSA_PSS:
		return pss[digest];
	case SIGNATURE_ALG_ECDSA:
	case SIGNATURE_ALG_PLAIN_ECDSA:
		return ecdsa[digest];
	case SIGNATURE_ALG_DSA:
		return dsa[digest];
	case SIGNATURE_ALG_ED25519:
		return MORE_2021 "eddsa-ed25519";
	case SIGNATURE_ALG_ED448:
		return MORE_2021 "eddsa-ed448";
	case SIGNATURE_ALG_UNKNOWN:
		break;
	}
	return NULL;
}

#define REASON "urn:etsi:019102:revocationReason:"

const char *report_etsi_uri_reason(enum crl_reason reason)
{
	switch (reason) {
	case CRL_REASON_NONE:
		break;
	case CRL_REASON_UNSPECIFIED:
		return REASON "unspecified";
	case CRL_REASON_KEY_COMPROMISE:
		return REASON "keyCompromise";
	case CRL_REASON_CA_COMPROMISE:
		return REASON "cACompromise";
	case CRL_REASON_AFFILIATION_CHANGED:
		return REASON "affiliationChanged";
	case CRL_REASON_SUPERSEDED:
		return REASON "superseded";
	case CRL_REASON_CESSATION_OF_OPERATION:
		return REASON "cessationOfOperation";
	case CRL_REASON_CERTIFICATE_HOLD:
		return REASON "certificateHold";
	case CRL_REASON_REMOVE_FROM_CRL:
		return REASON "removeFromCRL";
	case CRL_REASON_PRIVILEGE_WITHDRAWN:
		return REASON "privilegeWithdrawn";
	case CRL_REASON_AA_COMPROMISE:
		return REASON "aACompromise";
	}
	return NULL;
}
