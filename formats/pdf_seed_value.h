/*
 * Seed values of a signature field as facts (ISO 32000-2 12.7.5.5, tables 237 and 238): what the
 * author of a form demands of the signature that goes there, or merely suggests.
 *
 * Says what is there; whether a seal meets it is sealer/seed_values.h's matter. An entry of the
 * wrong type, or that cannot be read, is told in `malformed` and otherwise taken as absent.
 */
#ifndef BULLA_FORMATS_PDF_SEED_VALUE_H
#define BULLA_FORMATS_PDF_SEED_VALUE_H

#include "formats/pdf_file.h"

/* Entries of the seed value dictionary. The lower ones are the bits of its /Ff. */
enum {
	PDF_SEED_VALUE_FILTER = 1 << 0,
	PDF_SEED_VALUE_SUB_FILTER = 1 << 1,
	PDF_SEED_VALUE_V = 1 << 2,
	PDF_SEED_VALUE_REASONS = 1 << 3,
	PDF_SEED_VALUE_LEGAL_ATTESTATION = 1 << 4,
	PDF_SEED_VALUE_ADD_REV_INFO = 1 << 5,
	PDF_SEED_VALUE_DIGEST_METHOD = 1 << 6,
	PDF_SEED_VALUE_LOCK_DOCUMENT = 1 << 7,
	PDF_SEED_VALUE_APPEARANCE_FILTER = 1 << 8,
	PDF_SEED_VALUE_FLAGS_KNOWN = (1 << 9) - 1,
	/* Not in /Ff: what they say is demanded, or they have flags of their own. */
	PDF_SEED_VALUE_MDP = 1 << 16,
	PDF_SEED_VALUE_TIME_STAMP = 1 << 17,
	PDF_SEED_VALUE_CERT = 1 << 18,
	PDF_SEED_VALUE_FLAGS = 1 << 19, /* /Ff itself */
	PDF_SEED_VALUE_ALL = 1 << 20,   /* only malformed: /SV is no dictionary */
};

/* The same of the certificate seed value dictionary. */
enum {
	PDF_SEED_VALUE_CERT_SUBJECT = 1 << 0,
	PDF_SEED_VALUE_CERT_ISSUER = 1 << 1,
	PDF_SEED_VALUE_CERT_OID = 1 << 2,
	PDF_SEED_VALUE_CERT_SUBJECT_DN = 1 << 3,
	PDF_SEED_VALUE_CERT_KEY_USAGE = 1 << 5,
	PDF_SEED_VALUE_CERT_URL = 1 << 6,
	PDF_SEED_VALUE_CERT_FLAGS_KNOWN = 0x6f, /* bit 5 is reserved */
	PDF_SEED_VALUE_CERT_URL_TYPE = 1 << 16,
	PDF_SEED_VALUE_CERT_SIGNATURE_POLICY = 1 << 17,
	PDF_SEED_VALUE_CERT_FLAGS = 1 << 18,
};

struct pdf_seed_value_texts {
	char **item; /* UTF-8 */
	size_t n;
};

struct pdf_seed_value_ders {
	struct bytes *item; /* meant to be certificates */
	size_t n;
};

struct pdf_seed_value_attribute {
	char *type, *value; /* "CN" or "2.5.4.3", as it stands; UTF-8 */
};

struct pdf_seed_value_cert {
	uint32_t required, present, malformed; /* PDF_SEED_VALUE_CERT_... */
	struct pdf_seed_value_ders subjects, issuers;
	struct pdf_seed_value_texts oids, key_usages;
	struct {
		struct pdf_seed_value_attribute *item; /* of all its dictionaries */
		size_t n;
	} subject_dn;
	char *url_type;         /* "Browser" when absent */
	char *signature_policy; /* an OID, "" when absent */
};

struct pdf_seed_value {
	uint32_t required, present, malformed; /* PDF_SEED_VALUE_...; none: there is no /SV */
	char *filter;                          /* texts are "" when absent */
	struct pdf_seed_value_texts sub_filters, digests, reasons, legal_attestations;
	double version;
	int mdp; /* 0: an approval; 1 to 3: a certification; -1: nothing is said */
	bool add_rev_info;
	char *lock_document; /* "true", "false", "auto" or another name */
	char *appearance;
	bool timestamp_required;
	char *timestamp_url;
	struct pdf_seed_value_cert cert; /* empty without PDF_SEED_VALUE_CERT */
};

/* The /SV of a field's dictionary. ERR_LIMIT: a list of more than LIMIT_PDF_SEED_VALUES. */
must_check enum err pdf_seed_value_read(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *field, struct pdf_seed_value *ret_seed);

#endif
