/*
 * Composes CMS SignedData for seals: DER, no attribute but those asked for (RFC 5652, EN 319 122-1,
 * EN 319 142-1). OpenSSL's CMS_sign is not used: it adds signingTime by itself, which PAdES
 * baseline does not allow.
 */
#ifndef BULLA_FORMATS_CMS_BUILD_H
#define BULLA_FORMATS_CMS_BUILD_H

#include "formats/cms.h"

struct cms_build {
	const struct cert *signer;
	const struct cert *const *certs; /* to embed, signer included; DER orders them */
	size_t n_certs;
	enum digest_alg digest_alg;
	struct signature_alg sig_alg;
	struct bytes signed_attrs; /* SET OF TLV (tag 31) as cms_build_signed_attrs made it */
	struct bytes sig_value;
	struct bytes timestamp_token; /* signature-time-stamp, or empty */
};

/* The signed attributes of a PAdES baseline seal: contentType (id-data), messageDigest,
 * signing-certificate-v2 (hash algorithm digest_alg, issuerSerial left out as EN 319 122-1 5.2.2.3
 * recommends); DER SET OF with tag 31: these bytes are what is signed. */
must_check enum err cms_build_signed_attrs(struct scope *s, const struct cert *signer,
    const struct digest *content, struct bytes *ret_set);
/* The detached SignedData as a ContentInfo. */
must_check enum err cms_build(
    struct scope *s, const struct cms_build *parts, struct bytes *ret_der);
/* Upper bound for the length of cms_build's result with these certificates, a signature value of
 * sig_max octets and a token of token_max octets (0: none). Exact: it composes the real parts;
 * sig_value and timestamp_token are not looked at, signed_attrs may still be empty. */
must_check enum err cms_build_bound(struct scope *s, const struct cms_build *parts, size_t sig_max,
    size_t token_max, size_t *ret_n);
/* The same SignedData with one more unsigned attribute in signer 0 (e.g. a signature-time-stamp);
 * every other byte is kept as it is but the lengths of what encloses the attribute (definite
 * afterwards). ERR_MISUSE when there is no signer. */
must_check enum err cms_build_with_unsigned(struct scope *s, const struct cms *cms, enum oid attr,
    struct bytes value_tlv, struct bytes *ret_der);

#endif
