/*
 * X.509 certificates (RFC 5280, EN 319 412, RFC 3739) as plain facts.
 *
 * Says what is in a certificate, never whether it is acceptable: no signature is checked here (but
 * cert_is_signed_by can be asked), no date compared, no extension refused. A malformed *extension*
 * makes `malformed_extension` true and leaves its facts empty; a malformed certificate is
 * ERR_FORMAT.
 */
#ifndef BULLA_FORMATS_CERT_H
#define BULLA_FORMATS_CERT_H

#include <openssl/x509.h>

#include "base/instant.h"
#include "formats/oid.h"
#include "formats/signature_alg.h"

/* keyUsage bits as der_named_bits gives them (RFC 5280 4.2.1.3). */
enum {
	CERT_KU_DIGITAL_SIGNATURE = 1 << 0,
	CERT_KU_NON_REPUDIATION = 1 << 1,
	CERT_KU_KEY_ENCIPHERMENT = 1 << 2,
	CERT_KU_DATA_ENCIPHERMENT = 1 << 3,
	CERT_KU_KEY_AGREEMENT = 1 << 4,
	CERT_KU_KEY_CERT_SIGN = 1 << 5,
	CERT_KU_CRL_SIGN = 1 << 6,
};

struct cert_list {
	struct bytes *item;
	size_t n;
};

struct cert_texts {
	char **item; /* UTF-8, NUL-terminated */
	size_t n;
};

struct cert_policy {
	struct bytes oid;          /* value octets */
	struct cert_texts cps;     /* CPS URIs */
	struct cert_texts notices; /* userNotice explicitText: the disclaimer */
};

struct cert_policy_mapping {
	struct bytes issuer, subject; /* OID value octets */
};

struct cert_distribution_point {
	struct cert_texts urls;  /* uniformResourceIdentifier of fullName */
	struct bytes name;       /* the DistributionPointName TLV ([0]), empty if absent */
	struct bytes crl_issuer; /* content of cRLIssuer (GeneralNames), empty if absent */
	uint32_t reasons;        /* named bits; 0 if absent: all reasons */
};

struct cert_distribution_points {
	struct cert_distribution_point *item;
	size_t n;
};

struct cert {
	struct bytes der;          /* whole certificate, borrowed from the input */
	struct digest sha256;      /* of der */
	EVP_PKEY *key;             /* owned by the scope; NULL when OpenSSL cannot load it */
	struct cert_x509 *openssl; /* private: ask cert_x509 */
	int version;               /* 1 to 3 */
	struct bytes tbs;          /* TLV that is signed */
	struct bytes serial;       /* content octets of the INTEGER, as they stand */
	struct bytes issuer;       /* Name TLV */
	struct bytes subject;      /* Name TLV */
	struct bytes spki;         /* SubjectPublicKeyInfo TLV */
	struct bytes public_key;   /* content of its BIT STRING: what KeyHash is made of */
	struct signature_alg sig_alg;
	struct bytes sig_value;               /* empty if it is not a whole number of octets */
	struct instant not_before, not_after; /* both inclusive (RFC 5280 4.1.2.5) */
	char *subject_text, *issuer_text;     /* RFC 4514 */
	char *serial_text;                    /* lower-case hex, no leading zeros */

	struct bytes extensions; /* content of the SEQUENCE of them, empty if absent */
	struct bytes ski;        /* key identifier octets, empty if absent */
	struct bytes aki;        /* keyIdentifier of authorityKeyIdentifier, empty if absent */
	bool has_basic_constraints, is_ca;
	int path_length; /* -1: none */
	bool has_key_usage;
	uint32_t key_usage;
	bool has_eku, eku_critical;
	struct cert_list eku; /* OID value octets */
	struct {
		struct cert_policy *item;
		size_t n;
	} policies;
	struct cert_texts aia_ca_issuers, aia_ocsp;
	struct cert_distribution_points crl_points, freshest_crl;
	bool ocsp_nocheck;
	bool no_rev_avail;                /* RFC 9608 */
	bool validity_assured_short_term; /* EN 319 412-1 5.2.2 */
	struct cert_list qc_statements;   /* statementId OIDs */
	bool qc_compliance, qc_sscd;
	struct cert_list qc_types; /* OIDs of QcType */
	bool constrains_names;     /* nameConstraints: read by path processing, not here */
	struct {
		struct cert_policy_mapping *item;
		size_t n;
	} policy_mappings;
	/* Certificates after which it begins to hold; -1: never. */
	int require_explicit_policy, inhibit_policy_mapping, inhibit_any_policy;
	struct bytes unknown_critical; /* OID of the first critical extension not known here */
	bool malformed_extension;
	/* Of the subject, "" when absent; others: cert_name.h */
	char *common_name, *organization, *organization_id, *country;
};

/* Parses one certificate. `der` is borrowed and must outlive the scope; it must be exactly one
 * value (ERR_FORMAT on trailing bytes). */
must_check enum err cert_parse(struct scope *s, struct bytes der, const struct cert **ret_cert);

/* Tells the scope of a certificate parsed elsewhere that outlives it: cert_parse then hands that
 * out for the same octets. */
must_check enum err cert_remember(struct scope *s, const struct cert *c);

/* PEM (one or many certificates, other PEM blocks skipped) or DER, told apart by content.
 * ERR_FORMAT when there is none. The array lives in the scope. */
must_check enum err cert_parse_many(
    struct scope *s, struct bytes file, const struct cert ***ret_certs, size_t *ret_n);

/* OpenSSL's view of the certificate, for path processing; owned by a scope. Made at the first call,
 * because it costs more than all the rest, and kept when `s` is the scope the certificate was
 * parsed in. Another scope gets that one if there is one, else its own: so a certificate that
 * threads share is never written to (whoever loads such certificates calls this once). ERR_FORMAT
 * when OpenSSL cannot read it. */
must_check enum err cert_x509(struct scope *s, const struct cert *c, X509 **ret_x509);

/* The issuer's key verifies the certificate's signature. Names and dates are not compared. */
must_check enum err cert_is_signed_by(
    struct scope *s, const struct cert *subject, const struct cert *issuer, bool *ret_ok);
/* Gives a DSA key without parameters those of the issuer's key (RFC 3279 2.3.2), once the issuer is
 * known to have signed the certificate; otherwise nothing happens. Only for a certificate parsed in
 * `s` itself, so that one which others share is not written to. */
must_check enum err cert_inherit_key(
    struct scope *s, const struct cert *subject, const struct cert *issuer);
/* Same subject and issuer name. */
bool cert_is_self_issued(const struct cert *c);
bool cert_has_eku(const struct cert *c, enum oid eku);
bool cert_equal(const struct cert *a, const struct cert *b);
/* Name comparison of RFC 5280 7.1 as OpenSSL does it (canonical form: case and white space). */
bool cert_names_match(struct bytes name_a, struct bytes name_b);
/* Key size in bits (RSA modulus, EC field), 0 when unknown. */
int cert_key_bits(const struct cert *c);

#endif
