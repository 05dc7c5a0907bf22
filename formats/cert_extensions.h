/*
 * Certificate extensions (RFC 5280 4.2, RFC 3739, RFC 9608, EN 319 412) read into the facts of
 * struct cert; and the parts of them that CRLs share.
 *
 * Does not check which extensions a certificate must or may have.
 */
#ifndef BULLA_FORMATS_CERT_EXTENSIONS_H
#define BULLA_FORMATS_CERT_EXTENSIONS_H

#include "formats/cert.h"

/* Reads the content of an Extensions SEQUENCE into `cert`. A malformed or repeated extension sets
 * malformed_extension and leaves its facts as they were; ERR_FORMAT when the list itself is broken,
 * ERR_LIMIT beyond LIMIT_CERT_EXTENSIONS. */
must_check enum err cert_extensions_read(
    struct scope *s, struct bytes extensions, struct cert *cert);

/* One Extension of a list (certificate, CRL, CRL entry, OCSP): steps over it. `value` is the
 * content of extnValue. */
struct cert_extension {
	struct bytes oid;
	bool critical;
	struct bytes value;
};
must_check enum err cert_extensions_next(
    struct scope *s, struct bytes *rest, struct cert_extension *ret_extension);

/* The texts of a certificate's extension that Bulla knows nothing of: its value where that is a
 * string, else those strings that are elements of it. None when it is absent or has another form.
 */
must_check enum err cert_extensions_texts(
    struct scope *s, const struct cert *c, struct bytes oid, struct cert_texts *ret_texts);

/* CRLDistributionPoints: the content of the extnValue of cRLDistributionPoints or freshestCRL.
 * `name` of each is the whole [0] TLV of its distributionPoint. */
must_check enum err cert_extensions_distribution_points(
    struct scope *s, struct bytes value, struct cert_distribution_points *ret_points);
/* keyIdentifier of an AuthorityKeyIdentifier, empty if it has none. */
must_check enum err cert_extensions_authority_key_id(
    struct scope *s, struct bytes value, struct bytes *ret_key_id);
/* AuthorityInfoAccess: the URIs of its OCSP responders and caIssuers, in their order. */
must_check enum err cert_extensions_authority_info(struct scope *s, struct bytes value,
    struct cert_texts *ret_ocsp, struct cert_texts *ret_ca_issuers);

#endif
