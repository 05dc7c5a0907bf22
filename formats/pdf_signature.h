/*
 * Signatures in a PDF as facts (ISO 32000-2 12.8): the fields, their dictionaries, ByteRange and
 * /Contents as they stand in the bytes, transforms and locks.
 *
 * Says what is there; whether a ByteRange is acceptable is validator/coverage.h's matter. The raw
 * CMS is cut out of /Contents by its ASN.1 length; what follows it is told.
 */
#ifndef BULLA_FORMATS_PDF_SIGNATURE_H
#define BULLA_FORMATS_PDF_SIGNATURE_H

#include "base/instant.h"
#include "formats/pdf_file.h"

enum pdf_fieldmdp {
	PDF_FIELDMDP_NONE,
	PDF_FIELDMDP_ALL,
	PDF_FIELDMDP_INCLUDE,
	PDF_FIELDMDP_EXCLUDE,
};

struct pdf_field_lock {
	enum pdf_fieldmdp action;
	char **fields; /* fully qualified names, UTF-8 */
	size_t n_fields;
	int permissions; /* /P, 0 when absent */
};

struct pdf_signature {
	char *name;                                /* fully qualified field name, UTF-8 */
	struct pdf_ref field;                      /* num 0: direct */
	struct pdf_ref value;                      /* the signature dictionary; num 0: direct */
	const struct pdf_value *field_dict, *dict; /* in the latest revision */
	size_t made_in; /* revision that wrote the dictionary's present object */

	char *filter, *sub_filter, *type; /* "" when absent */
	bool is_document_timestamp;       /* /Type /DocTimeStamp or /SubFilter /ETSI.RFC3161 */
	bool sub_filter_known;
	char *signer_name, *reason, *location, *contact; /* /Name ..., UTF-8, "" when absent */
	struct bytes m_raw;
	struct instant m; /* /M, INSTANT_NONE when absent or unreadable */

	bool has_byte_range, byte_range_ok; /* ok: a direct array of four non-negative integers that
					       do not overflow */
	int64_t byte_range[4];
	bool has_contents;
	bool contents_is_hex; /* a hex string standing in the file (not in an object stream) */
	size_t contents_start, contents_end; /* '<' to after '>' */
	struct bytes contents;               /* decoded octets */
	struct bytes cms;       /* the one ASN.1 value at its start; empty when there is none */
	size_t padding_nonzero; /* octets after the value that are not 00 */
	struct bytes cert;      /* /Cert (adbe.x509.rsa_sha1), first one */
	bool is_placeholder;    /* /Contents empty or all zero: not signed yet */
	size_t object_start, object_end; /* `N G obj` to `endobj` of the dictionary; 0 if direct or
					    compressed */
	bool duplicate_keys;             /* in the dictionary or its field */

	int docmdp; /* P of a DocMDP transform: 1 to 3; 0 none; 2 is the default */
	struct pdf_field_lock fieldmdp; /* of a FieldMDP transform */
	struct pdf_field_lock lock;     /* of the field's /Lock */
};

struct pdf_signature_list {
	struct pdf_signature
	    *item; /* in the order of their ByteRange ends, unsigned ones left out */
	size_t n;
	struct pdf_signature *unsigned_fields; /* signature fields without a value */
	size_t n_unsigned;
	/* Signature dictionaries found by scanning for /ByteRange that no field leads to: offsets.
	 */
	size_t *stray;
	size_t n_stray;
	bool duplicate_names; /* two fields share a fully qualified name */
	bool shared_value;    /* two fields share a signature dictionary */
};

/* All signature fields of the latest revision. Loops in the field tree are cut. */
must_check enum err pdf_signature_list(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *ret_list);

/* The document security store of a revision (EN 319 142-1 5.4.2). Streams that cannot be decoded
 * are counted, not fatal. */
struct pdf_signature_dss {
	bool present;
	const struct pdf_value *dict;
	struct bytes *certs, *crls, *ocsps;
	size_t n_certs, n_crls, n_ocsps, n_unreadable;
	struct pdf_ref *cert_refs, *crl_refs, *ocsp_refs; /* parallel; num 0 when direct */
	struct pdf_signature_vri {
		struct bytes key; /* the name: upper-case hex SHA-1 of the /Contents octets */
		const struct pdf_value *dict;
	} * vri;
	size_t n_vri;
};
must_check enum err pdf_signature_dss(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_signature_dss *ret_dss);

#endif
