#include "validator/cert_constraints.h"

#include <string.h>

#include "base/scope.h"
#include "formats/cert_name.h"
#include "formats/unicode_text.h"
#include "validator/disclaimer.h"

/* -- rules: each tells whether a certificate meets one constraint -- */

static bool has(const struct bytes *item, size_t n, struct bytes wanted)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_equal(item[i], wanted))
			return true;
	return false;
}

/* A certificate without keyUsage may be used for anything (RFC 5280 4.2.1.3). */
static bool key_usage_fits(const struct cert *c, const struct policy *p)
{
	uint32_t any = p->signer_key_usage, all = p->signer_key_usage_all;
	if (!c->has_key_usage)
		return true;
	return (any == 0 || (c->key_usage & any)) && (c->key_usage & all) == all;
}

/* Likewise without extKeyUsage (RFC 5280 4.2.1.12). */
static bool eku_fits(const struct cert *c, const struct policy *p)
{
	bool any = p->eku_any.n == 0;
	if (!c->has_eku || cert_has_eku(c, OID_EKU_ANY))
		return true;
	for (size_t i = 0; i < p->eku_any.n; i++)
		any = any || has(c->eku.item, c->eku.n, p->eku_any.item[i]);
	for (size_t i = 0; i < p->eku_all.n; i++)
		if (!has(c->eku.item, c->eku.n, p->eku_all.item[i]))
			return false;
	return any;
}

/* RFC 3161 2.3: exactly one purpose, critical. */
static bool is_for_timestamps(const struct cert *c)
{
	return c->has_eku && c->eku.n == 1 && cert_has_eku(c, OID_EKU_TIME_STAMPING) &&
	       c->eku_critical;
}

static bool has_policy_of(const struct cert *c, const struct policy_octets *set)
{
	for (size_t i = 0; i < c->policies.n; i++)
		if (has(set->item, set->n, c->policies.item[i].oid))
			return true;
	return false;
}

static bool is_of_class(const struct cert *c, const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->classes.n; i++)
		if (strcmp(p->classes.item[i].name, name) == 0)
			return has_policy_of(c, &p->classes.item[i].policies);
	return false;
}

static bool class_is_accepted(const struct cert *c, const struct policy *p)
{
	bool fits = p->classes_accepted.n == 0;
	for (size_t i = 0; i < p->classes_accepted.n; i++)
		fits = fits || is_of_class(c, p, p->classes_accepted.item[i]);
	return fits;
}

static bool qc_type_fits(const struct cert *c, const struct policy *p)
{
	static const enum oid types[] = { OID_QC_TYPE_ESIGN, OID_QC_TYPE_ESEAL, OID_QC_TYPE_WEB };
	if (p->qc_types == 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((p->qc_types & (1u << i)) &&
		    has(c->qc_types.item, c->qc_types.n, oid_value(types[i])))
			return true;
	return false;
}

/* The attribute (EN 319 412-2 4.2.4), or the custom of marking the common name. */
static enum err is_pseudonym(struct scope *s, const struct cert *c, bool *ret_yes)
{
	char *pseudonym;
	TRY(cert_name_find(s, c->subject, OID_NAME_PSEUDONYM, &pseudonym));
	*ret_yes = pseudonym[0] != '\0' || strncmp(c->common_name, "PN:", 3) == 0;
	return OK;
}

/* The authority's own certificate is in the set, or one above it. */
static bool tsa_is_trusted(const struct path *path, const struct policy *p)
{
	bool fits = p->tsa_certs.n == 0 && p->tsa_subjects.n == 0;
	for (size_t i = 0; i < path->n; i++)
		fits = fits ||
		       has(p->tsa_certs.item, p->tsa_certs.n, digest_bytes(&path->item[i]->sha256));
	for (size_t i = 0; i < p->tsa_subjects.n; i++)
		fits = fits ||
		       unicode_text_matches(p->tsa_subjects.item[i], path->item[0]->subject_text);
	return fits;
}

/* -- their findings -- */

static enum err note(
    struct scope *s, struct findings *f, enum finding_code code, const struct cert *c)
{
	const struct finding item = {
		.code = code, .about = c->subject_text, .cert = c, .at = INSTANT_NONE
	};
	return findings_add_item(s, f, &item);
}

static enum err check_signer(
    struct scope *s, const struct policy *p, const struct cert *c, struct findings *f)
{
	bool pseudonym;
	TRY(is_pseudonym(s, c, &pseudonym));
	const struct {
		bool met;
		enum finding_code code;
	} rules[] = {
		{ key_usage_fits(c, p), FINDING_KEY_USAGE_WRONG },
		{ eku_fits(c, p), FINDING_EXTENDED_KEY_USAGE_WRONG },
		{ !has_policy_of(c, &p->policies_refused), FINDING_CERT_POLICY_REFUSED },
		{ p->policies_accepted.n == 0 || has_policy_of(c, &p->policies_accepted),
		    FINDING_CERT_POLICY_NOT_ACCEPTED },
		{ class_is_accepted(c, p), FINDING_CERT_CLASS_NOT_ACCEPTED },
		{ c->qc_compliance || !p->qc_compliance, FINDING_QC_COMPLIANCE_MISSING },
		{ qc_type_fits(c, p), FINDING_QC_TYPE_WRONG },
		{ c->qc_sscd || !p->qc_sscd, FINDING_QC_SSCD_MISSING },
		{ c->organization_id[0] || !p->legal_person, FINDING_LEGAL_PERSON_MISSING },
		{ !pseudonym || p->pseudonyms, FINDING_PSEUDONYM_NOT_ALLOWED },
	};
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!rules[i].met)
			TRY(note(s, f, rules[i].code, c));
	return disclaimer_check(s, &p->disclaimer, c, f);
}

enum err cert_constraints_check(struct scope *s, const struct policy *p, const struct path *path,
    enum cert_use use, struct findings *findings)
{
	const struct cert *c = path->item[0];
	switch (use) {
	case CERT_USE_SIGNATURE:
		return check_signer(s, p, c, findings);
	case CERT_USE_TIMESTAMP:
		if (!is_for_timestamps(c))
			TRY(note(s, findings, FINDING_TIMESTAMP_EKU, c));
		return tsa_is_trusted(path, p) ? OK : note(s, findings, FINDING_TSA_NOT_TRUSTED, c);
	case CERT_USE_ANY:
		break;
	}
	return OK;
}
