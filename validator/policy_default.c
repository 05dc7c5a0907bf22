#include "validator/policy.h"

#include "formats/cert.h"

/*
 * Source: ETSI TS 119 312 V1.5.1 (2024-12), tables of hash functions and of signature suites with
 * key sizes, which follow SOG-IS Agreed Cryptographic Mechanisms 1.3. What has ended long ago is
 * not in its tables any more: there the dates are those which EU DSS 6.4 publishes for V1.5.1 (its
 * default constraint.xml and its TS 119 322 catalogue), taken from earlier versions and from TS 102
 * 176-1. A date is the first day on which the algorithm is not reliable.
 *
 * Where sources differ, or say nothing:
 * - DSA ends on 2029-01-01 at every size; DSS sets no end for 3000 bits and more.
 * - DSS makes ends that lie after the catalogue's date a warning. Here an end is an end.
 * - ECDSA over curves below 224 bits: 160 bits and more until 2012-08-01; fewer at no time.
 * - RSA below 786 bits: at no time (DSS: likewise, MiniPublicKeySize).
 * - SHA3-224 has no row; it ends with SHA-224, whose strength it has.
 * - EdDSA has no row, so DSS refuses it, and the policy "eidas" does too. Its security is that of
 *   ECDSA over 256 bits and more (RFC 8032, FIPS 186-5), so here it has no end. SHAKE256 is there
 *   for Ed448 in CMS (RFC 8419).
 */
#define DAY_2004_08_01 INT64_C(1091318400)
#define DAY_2010_08_01 INT64_C(1280620800)
#define DAY_2012_08_01 INT64_C(1343779200)
#define DAY_2014_08_01 INT64_C(1406851200)
#define DAY_2015_12_01 INT64_C(1448928000)
#define DAY_2019_10_01 INT64_C(1569888000)
#define DAY_2021_10_01 INT64_C(1633046400)
#define DAY_2029_01_01 INT64_C(1861920000)
#define FOREVER INT64_MAX
#define NEVER (INT64_MIN + 1)

#define RSA_SIZES(end_of_3000)                                                                     \
	{                                                                                          \
		.n = 4, .item = {                                                                  \
			{ 786, { DAY_2010_08_01 } },                                               \
			{ 1024, { DAY_2019_10_01 } },                                              \
			{ 1900, { DAY_2029_01_01 } },                                              \
			{ 3000, { end_of_3000 } },                                                 \
		}                                                                                  \
	}
#define EC_SIZES                                                                                   \
	{                                                                                          \
		.n = 3, .item = {                                                                  \
			{ 160, { DAY_2012_08_01 } },                                               \
			{ 224, { DAY_2021_10_01 } },                                               \
			{ 256, { FOREVER } },                                                      \
		}                                                                                  \
	}
#define ANY_SIZE                                                                                   \
	{                                                                                          \
		.n = 1, .item = { { 0, { FOREVER } } }                                             \
	}

/* clang-format off */
/* The same for every use: TS 119 312 makes no difference. */
#define ALGORITHMS \
	{ \
		.digests = { \
			[DIGEST_UNKNOWN] = { NEVER }, \
			[DIGEST_MD5] = { DAY_2004_08_01 }, \
			[DIGEST_SHA1] = { DAY_2012_08_01 }, \
			[DIGEST_RIPEMD160] = { DAY_2014_08_01 }, \
			[DIGEST_SHA224] = { DAY_2029_01_01 }, \
			[DIGEST_SHA256] = { FOREVER }, \
			[DIGEST_SHA384] = { FOREVER }, \
			[DIGEST_SHA512] = { FOREVER }, \
			[DIGEST_SHA3_224] = { DAY_2029_01_01 }, \
			[DIGEST_SHA3_256] = { FOREVER }, \
			[DIGEST_SHA3_384] = { FOREVER }, \
			[DIGEST_SHA3_512] = { FOREVER }, \
			[DIGEST_SHAKE256] = { FOREVER }, \
		}, \
		.schemes = { \
			[SIGNATURE_ALG_RSA_PKCS1] = RSA_SIZES(DAY_2029_01_01), \
			[SIGNATURE_ALG_RSA_PSS] = RSA_SIZES(FOREVER), \
			[SIGNATURE_ALG_ECDSA] = EC_SIZES, \
			[SIGNATURE_ALG_PLAIN_ECDSA] = EC_SIZES, \
			[SIGNATURE_ALG_DSA] = { .n = 2, \
				.item = { { 1024, { DAY_2015_12_01 } }, { 1900, { DAY_2029_01_01 } } } }, \
			[SIGNATURE_ALG_ED25519] = ANY_SIZE, \
			[SIGNATURE_ALG_ED448] = ANY_SIZE, \
		}, \
	}
/* clang-format on */

static const struct policy the_default = {
	.name = "default",
	.description = "EN 319 102-1 with the algorithms of TS 119 312 V1.5.1; no further constraint",
	.algorithms = {
		[POLICY_USE_SIGNATURE] = ALGORITHMS,
		[POLICY_USE_CERTIFICATE] = ALGORITHMS,
		[POLICY_USE_REVOCATION] = ALGORITHMS,
		[POLICY_USE_TIMESTAMP] = ALGORITHMS,
	},
	.signer_key_usage = CERT_KU_DIGITAL_SIGNATURE | CERT_KU_NON_REPUDIATION,
	.pseudonyms = true,
	.disclaimer = { .text = "", .pattern = "" },
	.revocation_required = true,
	.revocation_kinds = POLICY_REVOCATION_OCSP | POLICY_REVOCATION_CRL,
};

const struct policy *policy_default(void)
{
	return &the_default;
}
