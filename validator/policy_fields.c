#include "validator/policy_fields.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* -- vocabularies -- */

static const char *key_usage(unsigned i)
{
	/* RFC 5280 4.2.1.3, in the order of the bits */
	static const char *const words[] = { "digitalSignature", "nonRepudiation",
		"keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign" };
	return i < COUNT(words) ? words[i] : NULL;
}

static const char *qc_type(unsigned i)
{
	static const char *const words[] = { "esign", "eseal", "web" };
	return i < COUNT(words) ? words[i] : NULL;
}

static const char *revocation_kind(unsigned i)
{
	static const char *const words[] = { "ocsp", "crl" };
	return i < COUNT(words) ? words[i] : NULL;
}

static const char *level(unsigned i)
{
	static const char *const words[] = { "any", "B-B", "B-T", "B-LT", "B-LTA" };
	return i < COUNT(words) ? words[i] : NULL;
}

static const char *place(unsigned i)
{
	static const char *const words[] = { "notice", "extension", "subject" };
	return i < COUNT(words) ? words[i] : NULL;
}

const char *policy_fields_digest(unsigned i)
{
	if (i >= POLICY_DIGESTS)
		return NULL;
	return i == DIGEST_UNKNOWN ? "" : digest_name((enum digest_alg)i);
}

const char *policy_fields_scheme(unsigned i)
{
	if (i >= POLICY_SCHEMES)
		return NULL;
	return i == SIGNATURE_ALG_UNKNOWN ? "" : signature_alg_name((enum signature_alg_kind)i);
}

const char *policy_fields_use(enum policy_use use)
{
	static const char *const names[] = {
		[POLICY_USE_SIGNATURE] = "signature",
		[POLICY_USE_CERTIFICATE] = "certificate",
		[POLICY_USE_REVOCATION] = "revocation",
		[POLICY_USE_TIMESTAMP] = "timestamp",
	};
	return names[use];
}

/* -- the table -- */

#define AT(member) offsetof(struct policy, member)
#define ONE(kind, section, key, member)                                                            \
	{                                                                                          \
		section, key, POLICY_FIELD_##kind, AT(member), 0, NULL, false                      \
	}
#define LIST(kind, section, key, member)                                                           \
	{                                                                                          \
		section, key, POLICY_FIELD_##kind, AT(member.item), AT(member.n), NULL, false      \
	}
#define WORDS(kind, section, key, member, word, some)                                              \
	{                                                                                          \
		section, key, POLICY_FIELD_##kind, AT(member), 0, word, some                       \
	}

static const struct policy_field fields[] = {
	{ NULL, "name", POLICY_FIELD_TEXT, AT(name), 0, NULL, true },
	ONE(TEXT, NULL, "description", description),

	WORDS(FLAGS, "certificate", "keyUsageAny", signer_key_usage, key_usage, false),
	WORDS(FLAGS, "certificate", "keyUsageAll", signer_key_usage_all, key_usage, false),
	LIST(OIDS, "certificate", "extKeyUsageAny", eku_any),
	LIST(OIDS, "certificate", "extKeyUsageAll", eku_all),
	LIST(OIDS, "certificate", "policiesAccepted", policies_accepted),
	LIST(OIDS, "certificate", "policiesRefused", policies_refused),
	LIST(CLASSES, "certificate", "classes", classes),
	LIST(TEXTS, "certificate", "classesAccepted", classes_accepted),
	ONE(BOOL, "certificate", "qcCompliance", qc_compliance),
	WORDS(FLAGS, "certificate", "qcTypes", qc_types, qc_type, false),
	ONE(BOOL, "certificate", "qcSscd", qc_sscd),
	ONE(BOOL, "certificate", "legalPerson", legal_person),
	ONE(BOOL, "certificate", "pseudonyms", pseudonyms),

	WORDS(CHOICE, "disclaimer", "place", disclaimer.place, place, false),
	ONE(OID, "disclaimer", "oid", disclaimer.oid),
	ONE(TEXT, "disclaimer", "text", disclaimer.text),
	ONE(TEXT, "disclaimer", "pattern", disclaimer.pattern),
	ONE(BOOL, "disclaimer", "approval", disclaimer.approval),
	LIST(SHA256S, "disclaimer", "approved", disclaimer.approved),

	ONE(BOOL, "revocation", "required", revocation_required),
	WORDS(FLAGS, "revocation", "kinds", revocation_kinds, revocation_kind, true),
	ONE(SECONDS, "revocation", "maxAgeSeconds", revocation_max_age_s),
	ONE(SECONDS, "revocation", "graceSeconds", grace_s),
	ONE(BOOL, "revocation", "slideByNextUpdate", slide_by_next_update),

	WORDS(CHOICE, "signature", "level", level, level, false),
	WORDS(FLAGS, "signature", "digests", signature_digests, policy_fields_digest, false),
	WORDS(FLAGS, "signature", "schemes", signature_schemes, policy_fields_scheme, false),
	ONE(BOOL, "signature", "allCertificatesValid", all_valid_at_signing),

	ONE(BOOL, "timestamp", "required", timestamp_required),
	ONE(SECONDS, "timestamp", "maxDelaySeconds", timestamp_delay_s),
	LIST(SHA256S, "timestamp", "tsaCertificates", tsa_certs),
	LIST(TEXTS, "timestamp", "tsaSubjects", tsa_subjects),

	{ "path", "initialPolicies", POLICY_FIELD_OIDS, AT(path.initial_policies),
	    AT(path.n_initial_policies), NULL, false },
	ONE(BOOL, "path", "explicitPolicy", path.explicit_policy),
	ONE(BOOL, "path", "inhibitMapping", path.inhibit_mapping),
	ONE(BOOL, "path", "inhibitAnyPolicy", path.inhibit_any),
};

const struct policy_field *policy_fields(size_t *ret_n)
{
	*ret_n = COUNT(fields);
	return fields;
}

bool policy_fields_find(const char *(*word)(unsigned i), const char *text, unsigned *ret_i)
{
	for (unsigned i = 0; text[0] && word(i); i++)
		if (strcmp(word(i), text) == 0) {
			*ret_i = i;
			return true;
		}
	return false;
}
