/* What a field demands of the certificate (ISO 32000-2 table 238). */
#include <string.h>
#include <strings.h>

#include "base/scope.h"
#include "formats/cert_name.h"
#include "formats/der.h"
#include "formats/unicode_text.h"
#include "sealer/seed_values.h"

struct look {
	struct scope *s;
	const struct seed_values_field *field;
	const struct pdf_seed_value_cert *v;
	const struct key *key;
};

static bool is_demanded(const struct look *l, uint32_t entry)
{
	return (l->v->required & l->v->present & entry) != 0;
}

static enum err refuse(const struct look *l, const char *entry, const char *what)
{
	return scope_fault(l->s, ERR_DENIED, "field \"%.200s\": seed value /Cert %s: %s",
	    l->field->name, entry, what);
}

static enum err can_be_read(const struct look *l)
{
	if (l->v->malformed & (l->v->required | PDF_SEED_VALUE_CERT_FLAGS))
		return refuse(l, "", "cannot be read");
	if (l->v->required & ~(uint32_t)PDF_SEED_VALUE_CERT_FLAGS_KNOWN)
		return refuse(l, "/Ff", "demands something that is not known");
	/* Of the type Browser, the address is for people, and its flag says nothing. */
	if ((l->v->required & PDF_SEED_VALUE_CERT_URL) && strcmp(l->v->url_type, "Browser") != 0)
		return refuse(l, "/URLType", "demands something that is not known");
	return OK;
}

static enum err subject(const struct look *l)
{
	if (!is_demanded(l, PDF_SEED_VALUE_CERT_SUBJECT))
		return OK;
	for (size_t i = 0; i < l->v->subjects.n; i++)
		if (bytes_equal(l->v->subjects.item[i], l->key->cert->der))
			return OK;
	return refuse(l, "/Subject", "the seal's certificate is none of those accepted");
}

/* -- issuers -- */

/* Whether one certificate names and was signed by the other. */
static enum err is_issued_by(
    const struct look *l, const struct cert *c, const struct cert *issuer, bool *ret_is)
{
	*ret_is = false;
	if (!cert_names_match(c->issuer, issuer->subject))
		return OK;
	const enum err err = cert_is_signed_by(l->s, c, issuer, ret_is);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(l->s);
	*ret_is = false;
	return OK;
}

/* The seal's certificate and those of its key that lead on from it, nearest first. */
static enum err find_line(const struct look *l, const struct cert ***ret_line, size_t *ret_n)
{
	const struct key *key = l->key;
	const struct cert **line = scope_alloc_array(l->s, key->n_chain + 1, sizeof(*line));
	bool *used = scope_alloc_array(l->s, key->n_chain + 1, sizeof(*used));
	size_t n = 0;
	if (!line || !used)
		return ERR_NOMEM;
	line[n++] = key->cert;
	for (size_t at = 0; at < n; at++)
		for (size_t i = 0; i < key->n_chain; i++) {
			bool is = false;
			if (!used[i])
				TRY(is_issued_by(l, line[at], key->chain[i], &is));
			if (!is)
				continue;
			used[i] = true;
			line[n++] = key->chain[i];
		}
	*ret_line = line;
	*ret_n = n;
	return OK;
}

static enum err issued_by_one(
    const struct look *l, struct bytes der, const struct cert **line, size_t n, bool *ret_is)
{
	const struct cert *issuer;
	const enum err err = cert_parse(l->s, der, &issuer);
	*ret_is = false;
	if (err != OK && err != ERR_NOMEM)
		scope_forgive(l->s);
	if (err != OK)
		return err == ERR_NOMEM ? err : OK;
	for (size_t i = 0; i < n && !*ret_is; i++)
		TRY(is_issued_by(l, line[i], issuer, ret_is));
	return OK;
}

static enum err issuer(const struct look *l)
{
	const struct cert **line;
	size_t n;
	bool is = false;
	if (!is_demanded(l, PDF_SEED_VALUE_CERT_ISSUER))
		return OK;
	TRY(find_line(l, &line, &n));
	for (size_t i = 0; i < l->v->issuers.n && !is; i++)
		TRY(issued_by_one(l, l->v->issuers.item[i], line, n, &is));
	return is ? OK
		  : refuse(l, "/Issuer",
			"the certificates of the seal's key lead to no issuer that is accepted");
}

/* -- policies -- */

static enum err has_policy(const struct look *l, const char *dotted, bool *ret_has)
{
	struct bytes oid;
	const enum err err = der_oid_of_text(l->s, dotted, &oid);
	*ret_has = false;
	if (err != OK && err != ERR_NOMEM)
		scope_forgive(l->s);
	if (err != OK)
		return err == ERR_NOMEM ? err : OK;
	for (size_t i = 0; i < l->key->cert->policies.n && !*ret_has; i++)
		*ret_has = bytes_equal(l->key->cert->policies.item[i].oid, oid);
	return OK;
}

static enum err policies(const struct look *l)
{
	for (size_t i = 0; is_demanded(l, PDF_SEED_VALUE_CERT_OID) && i < l->v->oids.n; i++) {
		bool has;
		TRY(has_policy(l, l->v->oids.item[i], &has));
		if (!has)
			return scope_fault(l->s, ERR_DENIED,
			    "field \"%.200s\": seed value /Cert /OID: the seal's certificate lacks "
			    "the policy %.80s",
			    l->field->name, l->v->oids.item[i]);
	}
	return OK;
}

/* -- names -- */

static enum oid type_of(const char *name)
{
	static const struct {
		const char *name;
		enum oid type;
	} known[] = {
		{ "CN", OID_NAME_COMMON_NAME },
		{ "SN", OID_NAME_SURNAME },
		{ "serialNumber", OID_NAME_SERIAL_NUMBER },
		{ "C", OID_NAME_COUNTRY },
		{ "L", OID_NAME_LOCALITY },
		{ "ST", OID_NAME_STATE },
		{ "street", OID_NAME_STREET },
		{ "O", OID_NAME_ORGANIZATION },
		{ "OU", OID_NAME_ORGANIZATIONAL_UNIT },
		{ "title", OID_NAME_TITLE },
		{ "GN", OID_NAME_GIVEN_NAME },
		{ "givenName", OID_NAME_GIVEN_NAME },
		{ "pseudonym", OID_NAME_PSEUDONYM },
		{ "organizationIdentifier", OID_NAME_ORGANIZATION_IDENTIFIER },
		{ "DC", OID_NAME_DOMAIN_COMPONENT },
		{ "UID", OID_NAME_USER_ID },
		{ "E", OID_NAME_EMAIL },
		{ "email", OID_NAME_EMAIL },
		{ "emailAddress", OID_NAME_EMAIL },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(known[i].name, name) == 0)
			return known[i].type;
	return OID_UNKNOWN;
}

/* The type as a word or as numbers; empty when it is neither. */
static enum err octets_of_type(const struct look *l, const char *name, struct bytes *ret_type)
{
	*ret_type = oid_value(type_of(name));
	if (ret_type->n)
		return OK;
	const enum err err = der_oid_of_text(l->s, name, ret_type);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(l->s);
	*ret_type = BYTES_NONE;
	return OK;
}

/* As RFC 5280 7.1 compares: case of ASCII letters and amount of white space do not count. */
static enum err has_attribute(
    const struct look *l, const struct pdf_seed_value_attribute *a, bool *ret_has)
{
	struct bytes type;
	struct cert_texts texts;
	char *wanted, *mine;
	*ret_has = false;
	TRY(octets_of_type(l, a->type, &type));
	if (!type.n)
		return OK;
	TRY(unicode_text_fold(l->s, a->value, &wanted));
	TRY(cert_name_texts(l->s, l->key->cert->subject, type, &texts));
	for (size_t i = 0; i < texts.n && !*ret_has; i++) {
		TRY(unicode_text_fold(l->s, texts.item[i], &mine));
		*ret_has = strcasecmp(wanted, mine) == 0;
	}
	return OK;
}

static enum err subject_name(const struct look *l)
{
	for (size_t i = 0; is_demanded(l, PDF_SEED_VALUE_CERT_SUBJECT_DN) && i < l->v->subject_dn.n;
	     i++) {
		const struct pdf_seed_value_attribute *a = &l->v->subject_dn.item[i];
		bool has;
		TRY(has_attribute(l, a, &has));
		if (!has)
			return scope_fault(l->s, ERR_DENIED,
			    "field \"%.200s\": seed value /Cert /SubjectDN: the name in the seal's "
			    "certificate lacks %.40s=%.100s",
			    l->field->name, a->type, a->value);
	}
	return OK;
}

/* -- key usage -- */

/* From digitalSignature to decipherOnly; what is neither 0 nor 1, or not there, does not matter. */
static bool fits_usage(const struct cert *c, const char *profile)
{
	for (unsigned bit = 0; bit < 9 && profile[bit]; bit++) {
		const bool is_set = c->key_usage & (1u << bit);
		if ((profile[bit] == '1' && !is_set) || (profile[bit] == '0' && is_set))
			return false;
	}
	return true;
}

static enum err key_usage(const struct look *l)
{
	if (!is_demanded(l, PDF_SEED_VALUE_CERT_KEY_USAGE))
		return OK;
	for (size_t i = 0; l->key->cert->has_key_usage && i < l->v->key_usages.n; i++)
		if (fits_usage(l->key->cert, l->v->key_usages.item[i]))
			return OK;
	return refuse(
	    l, "/KeyUsage", "the key usage of the seal's certificate is none of those accepted");
}

enum err seed_values_check_certificate(
    struct scope *s, const struct seed_values_field *field, const struct key *key)
{
	static enum err (*const rules[])(const struct look *) = { can_be_read, subject, issuer,
		policies, subject_name, key_usage };
	const struct look l = { .s = s, .field = field, .v = &field->values.cert, .key = key };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		TRY(rules[i](&l));
	return OK;
}
