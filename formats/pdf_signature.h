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
	PDF_FIELDMDP_NONE, /* also: an action that is not known */
	PDF_FIELDMDP_ALL,
	PDF_FIELDMDP_INCLUDE,
	PDF_FIELDMDP_EXCLUDE,
};

struct pdf_field_lock {
	enum pdf_fieldmdp action;
	char **fields; /* fully qualified names, UTF-8 */
	size_t n_fields;
	int permissions; /* /P, 1 to 3; 0 when absent or another */
	bool is_locked;  /* some name cannot be read: it may be any */
};

struct pdf_signature {
	char *name;    /* fully qualified field name, UTF-8; NULL of a loose one, and where it is
			  locked (formats/pdf_value.h) */
	bool is_loose; /* found by its bytes in a damaged file (formats/pdf_salvage.h): no field
			  leads to it */
	struct pdf_ref field;                      /* num 0: direct */
	struct pdf_ref value;                      /* the signature dictionary; num 0: direct */
	const struct pdf_value *field_dict, *dict; /* in the latest revision */
	bool is_read_only;                         /* the field, by its own or inherited /Ff */
	size_t made_in; /* revision that wrote the present object of the dictionary, or of what it
			   stands in */

	char *filter, *sub_filter, *type; /* "" when absent */
	bool is_document_timestamp;       /* /Type /DocTimeStamp or /SubFilter /ETSI.RFC3161 */
	bool sub_filter_known;
	/* /Name ..., UTF-8, "" when absent or locked */
	char *signer_name, *reason, *location, *contact;
	bool has_m;         /* a string */
	struct bytes m_raw; /* empty when it is locked */
	struct instant m;   /* /M, INSTANT_NONE when absent, unreadable or locked */

	bool has_byte_range, byte_range_ok; /* ok: a direct array of four non-negative integers that
					       do not overflow */
	int64_t byte_range[4];
	bool has_contents;    /* a string; one that is not direct gives nothing of what follows */
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

	/* P of a DocMDP transform, the lowest if there are several: 1 to 3; 0 none. Absent or out
	 * of range means 2, the default. */
	int docmdp;
	/* Of a FieldMDP transform. Two that differ are taken as one that locks all fields. */
	struct pdf_field_lock fieldmdp;
	struct pdf_field_lock lock; /* of the field's /Lock */
};

struct pdf_signature_list {
	struct pdf_signature
	    *item; /* by the ends of their ByteRanges, those without a valid one last */
	size_t n;
	struct pdf_signature *unsigned_fields; /* signature fields without a value */
	size_t n_unsigned;
	size_t *stray; /* offsets, by pdf_signature_find_stray alone */
	size_t n_stray;
	bool usage_rights;    /* the latest catalog has /Perms /UR or /UR3; by the same function */
	bool duplicate_names; /* a signature field's name is another field's too */
	bool shared_value;    /* two fields share a signature dictionary: the first one is listed */
	size_t n_unreadable;  /* objects that could not be read on the way through the fields */
};

/* The lock covers the field with this fully qualified name; a name that cannot be read (NULL, or in
 * the lock) is taken for one that is covered. A name covers its descendants too, by
 * the dot and not by the letters (ISO 32000-2 12.8.2.4). */
bool pdf_signature_locks(const struct pdf_field_lock *lock, const char *name);

/* All signature fields of the latest revision: /FT /Sig, and a dictionary as /V. Loops in the field
 * tree are cut; what cannot be read is taken as absent. ERR_LIMIT beyond LIMIT_PDF_SIGNATURES. */
must_check enum err pdf_signature_list(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *ret_list);

/* Adds the dictionaries that these objects of the file are, as loose signatures. ERR_LIMIT beyond
 * LIMIT_PDF_SIGNATURES. */
must_check enum err pdf_signature_add_loose(struct scope *s, const struct pdf_file *f,
    const struct pdf_syntax_object *objects, size_t n, struct pdf_signature_list *list);

/* Fills in list->stray: where a key `/ByteRange` stands outside of the dictionaries of the list,
 * of usage rights (catalog /Perms of any revision) and of integrity codes (trailer /AuthCode),
 * which are no document signatures. One pass over the whole file; at most LIMIT_PDF_STRAY places
 * are told. Also found are copies of a dictionary in older revisions, and what looks so inside a
 * stream, such as an attached PDF. Not found: a name spelt with #xx, and what is compressed. */
must_check enum err pdf_signature_find_stray(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *list);

#endif
