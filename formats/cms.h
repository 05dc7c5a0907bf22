/*
 * CMS SignedData (RFC 5652) with the attributes of CAdES (EN 319 122-1), read as raw spans and
 * plain facts. BER is accepted. Signature values and digests are compared where asked, in
 * cms_verify_*; whether they must match, and whose certificate it should be, is the validator's
 * matter.
 */
#ifndef BULLA_FORMATS_CMS_H
#define BULLA_FORMATS_CMS_H

#include "formats/cert.h"

struct cms_attr {
	struct bytes oid;     /* value octets */
	struct bytes whole;   /* Attribute TLV */
	struct bytes *values; /* TLVs of the SET */
	size_t n_values;
};

struct cms_attrs {
	struct bytes whole; /* the [0] or [1] TLV as it stands; empty when absent */
	struct cms_attr *item;
	size_t n;
};

/* One ESSCertID(v2): digest of a certificate and, if given, its issuer and serial number. */
struct cms_ess_cert_id {
	struct digest digest;
	bool has_issuer_serial;
	struct bytes issuer; /* Name TLV of the directoryName, empty if it holds none */
	struct bytes serial;
};

struct cms_signer {
	int version;
	struct bytes issuer, serial; /* IssuerAndSerialNumber, or */
	struct bytes ski;            /* SubjectKeyIdentifier */
	enum digest_alg digest_alg;
	struct bytes digest_alg_der; /* AlgorithmIdentifier TLV */
	struct cms_attrs signed_attrs, unsigned_attrs;
	struct signature_alg sig_alg;
	struct bytes sig_alg_der;
	struct bytes sig_value;
	struct bytes whole; /* SignerInfo TLV */
};

/* A value of the counterSignature attribute (RFC 5652 11.4): a SignerInfo over the octets of the
 * signature value that it stands at. It should have no contentType attribute. */
struct cms_counter_signature {
	struct bytes whole;       /* as it stands */
	bool is_readable;         /* `signer` is filled in */
	struct cms_signer signer; /* may be counter-signed in its turn */
	size_t on; /* which of the list it signs; CMS_COUNTER_ON_SIGNER: the signer asked about */
};
#define CMS_COUNTER_ON_SIGNER SIZE_MAX

struct cms {
	struct bytes der; /* exactly the ContentInfo value, without what may follow it */
	int version;
	struct bytes econtent_type; /* OID value octets */
	bool has_econtent;
	struct bytes econtent;     /* octets, put together when constructed */
	const struct cert **certs; /* those that parse; others are counted */
	size_t n_certs, n_certs_unreadable;
	struct bytes *crls; /* CertificateList TLVs of crls */
	size_t n_crls;
	struct bytes *ocsps; /* OCSPResponse/BasicOCSPResponse from otherRevInfo (RFC 5940) */
	size_t n_ocsps;
	struct cms_signer *signers;
	size_t n_signers;
	struct bytes *digest_alg_oids; /* SignedData.digestAlgorithms */
	size_t n_digest_alg_oids;
	bool is_der; /* definite lengths throughout */
};

/* Reads the ContentInfo at the start of b; bytes after the value are left alone, *ret_n (may be
 * NULL) says how many it took. ERR_FORMAT if it is no SignedData. b must outlive the scope. */
must_check enum err cms_parse(
    struct scope *s, struct bytes b, size_t *ret_n, const struct cms **ret_cms);

/* The attribute, or NULL. When it occurs more than once the first is returned. */
const struct cms_attr *cms_find_attr(const struct cms_attrs *attrs, enum oid id);
size_t cms_count_attr(const struct cms_attrs *attrs, enum oid id);

/* messageDigest octets; empty and OK when the attribute is absent. */
must_check enum err cms_message_digest(
    struct scope *s, const struct cms_signer *signer, struct bytes *ret_digest);
/* contentType OID value; empty when absent. */
must_check enum err cms_content_type(
    struct scope *s, const struct cms_signer *signer, struct bytes *ret_oid);
/* signingTime; INSTANT_NONE when absent. */
must_check enum err cms_signing_time(
    struct scope *s, const struct cms_signer *signer, struct instant *ret_t);
/* The entries of signing-certificate-v2, else of signing-certificate (SHA-1); n 0 when neither is
 * there. The first entry must be the signing certificate (RFC 5035). */
must_check enum err cms_signing_certificate(struct scope *s, const struct cms_signer *signer,
    struct cms_ess_cert_id **ret_ids, size_t *ret_n);
/* Revocation values: those of the id-aa-ets-revocationValues unsigned attribute, the Adobe
 * revocationInfoArchival attribute (signed or not), and certificates of certificateValues. A
 * malformed attribute gives nothing and is no error. */
struct cms_values {
	struct bytes *certs, *crls, *ocsps; /* TLVs */
	size_t n_certs, n_crls, n_ocsps;
};
must_check enum err cms_embedded_values(
    struct scope *s, const struct cms_signer *signer, struct cms_values *ret_values);

/* Those on the signer, then those on them. One that is malformed is listed, unreadable. ERR_LIMIT:
 * more than LIMIT_CMS_COUNTER_SIGNATURES, or nested deeper than LIMIT_CMS_COUNTER_DEPTH. */
must_check enum err cms_counter_signatures(struct scope *s, const struct cms_signer *signer,
    struct cms_counter_signature **ret_list, size_t *ret_n);

/* Does the signature value verify with the key of `signer_cert`? With signed attributes: over their
 * bytes as stored, with tag 31 (RFC 5652 5.4); *ret_attrs_in_order tells whether those are in DER
 * SET OF order (if not, the sorted form is tried when the stored one fails, and the result is that
 * of either; likewise for the DER encoding of attributes stored in another form). Without: over
 * `content`, the digest of the signed content (else it may be NULL). Errors as
 * signature_alg_verify; EdDSA without signed attributes is ERR_UNSUPPORTED. */
must_check enum err cms_verify_value(struct scope *s, const struct cms_signer *signer,
    const struct cert *signer_cert, const struct digest *content, bool *ret_ok,
    bool *ret_attrs_in_order);

#endif
