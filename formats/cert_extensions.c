#include "formats/cert_extensions.h"

#include <limits.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_policy.h"
#include "formats/der.h"

#define TAG_URI DER_CONTEXT_PRIMITIVE(6) /* uniformResourceIdentifier of GeneralName */

/* The one value that an extnValue holds. */
static enum err open_one(struct scope *s, struct bytes value, uint8_t tag, struct der *ret_tlv)
{
	TRY(der_expect(s, &value, tag, "extension", ret_tlv));
	return der_end(s, value, "extension");
}

/* Number of elements, at most LIMIT_CERT_LIST. */
static enum err count_elements(struct scope *s, struct bytes content, size_t *ret_n)
{
	struct der element;
	size_t n = 0;
	while (content.n > 0) {
		TRY(der_next(s, &content, &element));
		if (++n > LIMIT_CERT_LIST)
			return scope_fault(s, ERR_LIMIT, "list too long");
	}
	*ret_n = n;
	return OK;
}

/* An array for as many elements as `content` has; *ret_n of them may be filled in. */
static enum err alloc_for(
    struct scope *s, struct bytes content, size_t size, void **ret_items, size_t *ret_n)
{
	TRY(count_elements(s, content, ret_n));
	*ret_items = scope_alloc_array(s, *ret_n, size);
	return *ret_items ? OK : ERR_NOMEM;
}

static enum err alloc_texts(struct scope *s, struct bytes content, struct cert_texts *ret_texts)
{
	size_t room;
	void *items;
	TRY(alloc_for(s, content, sizeof(*ret_texts->item), &items, &room));
	*ret_texts = (struct cert_texts){ .item = items };
	return OK;
}

/* SEQUENCE OF OBJECT IDENTIFIER */
static enum err read_oids(struct scope *s, struct bytes value, struct cert_list *ret_list)
{
	struct der sequence, oid;
	size_t room;
	void *items;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(alloc_for(s, sequence.value, sizeof(*ret_list->item), &items, &room));
	struct cert_list list = { .item = items };
	while (sequence.value.n > 0) {
		TRY(der_expect(s, &sequence.value, DER_OID, "identifier in a list", &oid));
		list.item[list.n++] = oid.value;
	}
	*ret_list = list;
	return OK;
}

static enum err read_basic_constraints(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, field;
	bool present;
	int64_t length = -1;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(der_optional(s, &sequence.value, DER_BOOLEAN, "cA", &present, &field));
	if (present)
		TRY(der_boolean(s, field, &c->is_ca));
	TRY(der_optional(s, &sequence.value, DER_INTEGER, "pathLenConstraint", &present, &field));
	if (present)
		TRY(der_small_integer(s, field, &length));
	TRY(der_end(s, sequence.value, "basicConstraints"));
	if (present && length < 0)
		return scope_fault(s, ERR_FORMAT, "negative pathLenConstraint");
	c->path_length = length > INT_MAX ? INT_MAX : (int)length;
	c->has_basic_constraints = true;
	return OK;
}

static enum err read_key_usage(struct scope *s, struct bytes value, struct cert *c)
{
	struct der bits;
	TRY(open_one(s, value, DER_BIT_STRING, &bits));
	TRY(der_named_bits(s, bits, &c->key_usage));
	c->has_key_usage = true;
	return OK;
}

static enum err read_eku(struct scope *s, struct bytes value, struct cert *c)
{
	TRY(read_oids(s, value, &c->eku));
	if (c->eku.n == 0) /* SIZE (1..MAX): allows nothing, or was to allow everything? */
		return scope_fault(s, ERR_FORMAT, "empty extKeyUsage");
	c->has_eku = true;
	return OK;
}

static enum err read_subject_key_id(struct scope *s, struct bytes value, struct cert *c)
{
	struct der id;
	TRY(open_one(s, value, DER_OCTET_STRING, &id));
	c->ski = id.value;
	return OK;
}

enum err cert_extensions_authority_key_id(
    struct scope *s, struct bytes value, struct bytes *ret_key_id)
{
	struct der sequence, id = { 0 };
	bool present;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(der_optional(
	    s, &sequence.value, DER_CONTEXT_PRIMITIVE(0), "keyIdentifier", &present, &id));
	*ret_key_id = present ? id.value : BYTES_NONE;
	return OK;
}

static enum err read_authority_key_id(struct scope *s, struct bytes value, struct cert *c)
{
	return cert_extensions_authority_key_id(s, value, &c->aki);
}

/* UserNotice; the explicitText may be of any string type (RFC 5280 4.2.1.4). */
static enum err read_notice(struct scope *s, struct bytes qualifier, struct cert_policy *p)
{
	struct der notice, reference, text;
	bool present;
	TRY(der_expect(s, &qualifier, DER_SEQUENCE, "userNotice", &notice));
	TRY(der_optional(s, &notice.value, DER_SEQUENCE, "noticeRef", &present, &reference));
	if (notice.value.n == 0)
		return OK;
	TRY(der_next(s, &notice.value, &text));
	TRY(der_end(s, notice.value, "userNotice"));
	TRY(der_text(s, text, &p->notices.item[p->notices.n]));
	p->notices.n++;
	return OK;
}

static enum err read_qualifiers(struct scope *s, struct bytes qualifiers, struct cert_policy *p)
{
	struct der info, id, text;
	TRY(alloc_texts(s, qualifiers, &p->cps));
	TRY(alloc_texts(s, qualifiers, &p->notices));
	while (qualifiers.n > 0) {
		TRY(der_expect(s, &qualifiers, DER_SEQUENCE, "PolicyQualifierInfo", &info));
		TRY(der_expect(s, &info.value, DER_OID, "policyQualifierId", &id));
		if (oid_is(id.value, OID_QUALIFIER_USER_NOTICE))
			TRY(read_notice(s, info.value, p));
		if (!oid_is(id.value, OID_QUALIFIER_CPS))
			continue;
		TRY(der_next(s, &info.value, &text));
		TRY(der_text(s, text, &p->cps.item[p->cps.n]));
		p->cps.n++;
	}
	return OK;
}

static enum err read_policies(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, info, id, qualifiers;
	bool present;
	size_t room;
	void *items;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(alloc_for(s, sequence.value, sizeof(*c->policies.item), &items, &room));
	c->policies.item = items;
	while (sequence.value.n > 0) {
		struct cert_policy *p = &c->policies.item[c->policies.n];
		TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "PolicyInformation", &info));
		TRY(der_expect(s, &info.value, DER_OID, "policyIdentifier", &id));
		p->oid = id.value;
		TRY(der_optional(
		    s, &info.value, DER_SEQUENCE, "policyQualifiers", &present, &qualifiers));
		if (present)
			TRY(read_qualifiers(s, qualifiers.value, p));
		TRY(der_end(s, info.value, "PolicyInformation"));
		c->policies.n++;
	}
	return OK;
}

enum err cert_extensions_authority_info(struct scope *s, struct bytes value,
    struct cert_texts *ret_ocsp, struct cert_texts *ret_ca_issuers)
{
	struct der sequence, access, method, location;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(alloc_texts(s, sequence.value, ret_ocsp));
	TRY(alloc_texts(s, sequence.value, ret_ca_issuers));
	while (sequence.value.n > 0) {
		TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "AccessDescription", &access));
		TRY(der_expect(s, &access.value, DER_OID, "accessMethod", &method));
		TRY(der_next(s, &access.value, &location));
		enum oid id = oid_of(method.value);
		if (location.tag != TAG_URI || (id != OID_AIA_OCSP && id != OID_AIA_CA_ISSUERS))
			continue;
		struct cert_texts *to = id == OID_AIA_OCSP ? ret_ocsp : ret_ca_issuers;
		TRY(der_text(s, location, &to->item[to->n]));
		to->n++;
	}
	return OK;
}

static enum err read_authority_info(struct scope *s, struct bytes value, struct cert *c)
{
	return cert_extensions_authority_info(s, value, &c->aia_ocsp, &c->aia_ca_issuers);
}

/* The URIs of DistributionPointName.fullName. */
static enum err read_full_name(struct scope *s, struct bytes name, struct cert_texts *ret_urls)
{
	struct der full, general;
	bool present;
	TRY(der_optional(s, &name, DER_CONTEXT(0), "fullName", &present, &full));
	if (!present)
		return OK;
	struct cert_texts urls;
	TRY(alloc_texts(s, full.value, &urls));
	while (full.value.n > 0) {
		TRY(der_next(s, &full.value, &general));
		if (general.tag != TAG_URI)
			continue;
		TRY(der_text(s, general, &urls.item[urls.n]));
		urls.n++;
	}
	*ret_urls = urls;
	return OK;
}

static enum err read_point(struct scope *s, struct bytes fields, struct cert_distribution_point *p)
{
	struct der name, reasons, issuer;
	bool present;
	TRY(der_optional(s, &fields, DER_CONTEXT(0), "distributionPoint", &present, &name));
	if (present) {
		p->name = name.whole;
		TRY(read_full_name(s, name.value, &p->urls));
	}
	TRY(der_optional(s, &fields, DER_CONTEXT_PRIMITIVE(1), "reasons", &present, &reasons));
	if (present)
		TRY(der_named_bits(s, reasons, &p->reasons));
	TRY(der_optional(s, &fields, DER_CONTEXT(2), "cRLIssuer", &present, &issuer));
	if (present)
		p->crl_issuer = issuer.value;
	return der_end(s, fields, "DistributionPoint");
}

enum err cert_extensions_distribution_points(
    struct scope *s, struct bytes value, struct cert_distribution_points *ret_points)
{
	struct der sequence, point;
	size_t room;
	void *items;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(alloc_for(s, sequence.value, sizeof(*ret_points->item), &items, &room));
	struct cert_distribution_points points = { .item = items };
	while (sequence.value.n > 0) {
		TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "DistributionPoint", &point));
		TRY(read_point(s, point.value, &points.item[points.n]));
		points.n++;
	}
	*ret_points = points;
	return OK;
}

static enum err read_crl_points(struct scope *s, struct bytes value, struct cert *c)
{
	return cert_extensions_distribution_points(s, value, &c->crl_points);
}

static enum err read_freshest(struct scope *s, struct bytes value, struct cert *c)
{
	return cert_extensions_distribution_points(s, value, &c->freshest_crl);
}

static enum err read_qc_statements(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, statement, id;
	size_t room;
	void *items;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	TRY(alloc_for(s, sequence.value, sizeof(*c->qc_statements.item), &items, &room));
	c->qc_statements.item = items;
	while (sequence.value.n > 0) {
		TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "QCStatement", &statement));
		TRY(der_expect(s, &statement.value, DER_OID, "statementId", &id));
		c->qc_statements.item[c->qc_statements.n++] = id.value;
		c->qc_compliance = c->qc_compliance || oid_is(id.value, OID_QC_COMPLIANCE);
		c->qc_sscd = c->qc_sscd || oid_is(id.value, OID_QC_SSCD);
		if (oid_is(id.value, OID_QC_TYPE))
			TRY(read_oids(s, statement.value, &c->qc_types));
	}
	return OK;
}

static enum err read_nocheck(struct scope *s, struct bytes value, struct cert *c)
{
	(void)s, (void)value;
	c->ocsp_nocheck = true;
	return OK;
}

static enum err read_no_rev_avail(struct scope *s, struct bytes value, struct cert *c)
{
	(void)s, (void)value;
	c->no_rev_avail = true;
	return OK;
}

static enum err read_short_term(struct scope *s, struct bytes value, struct cert *c)
{
	(void)s, (void)value;
	c->validity_assured_short_term = true;
	return OK;
}

/* Names that nothing is asked of but their shape (RFC 5280 4.2.1.6). Constraints on them are path
 * processing's matter. */
static enum err read_other_names(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, name;
	(void)c;
	TRY(open_one(s, value, DER_SEQUENCE, &sequence));
	if (sequence.value.n == 0)
		return scope_fault(s, ERR_FORMAT, "no alternative name");
	while (sequence.value.n > 0) {
		TRY(der_next(s, &sequence.value, &name));
		unsigned tag = name.tag & ~(unsigned)DER_CONSTRUCTED;
		if (tag < DER_CONTEXT_PRIMITIVE(0) || tag > DER_CONTEXT_PRIMITIVE(8))
			return scope_fault(s, ERR_FORMAT, "no GeneralName");
	}
	return OK;
}

static enum err note_constraint(struct scope *s, struct bytes value, struct cert *c)
{
	(void)s, (void)value;
	c->constrains_names = true;
	return OK;
}

/* The commonest first. */
static const struct {
	enum oid id;
	enum err (*read)(struct scope *s, struct bytes value, struct cert *c);
} known[] = {
	{ OID_EXT_AUTHORITY_KEY_ID, read_authority_key_id },
	{ OID_EXT_SUBJECT_KEY_ID, read_subject_key_id },
	{ OID_EXT_KEY_USAGE, read_key_usage },
	{ OID_EXT_BASIC_CONSTRAINTS, read_basic_constraints },
	{ OID_EXT_CERTIFICATE_POLICIES, read_policies },
	{ OID_EXT_AUTHORITY_INFO_ACCESS, read_authority_info },
	{ OID_EXT_CRL_DISTRIBUTION_POINTS, read_crl_points },
	{ OID_EXT_EXTENDED_KEY_USAGE, read_eku },
	{ OID_EXT_QC_STATEMENTS, read_qc_statements },
	{ OID_EXT_SUBJECT_ALT_NAME, read_other_names },
	{ OID_EXT_ISSUER_ALT_NAME, read_other_names },
	{ OID_EXT_NAME_CONSTRAINTS, note_constraint },
	{ OID_EXT_POLICY_MAPPINGS, cert_policy_mappings },
	{ OID_EXT_POLICY_CONSTRAINTS, cert_policy_constraints },
	{ OID_EXT_INHIBIT_ANY_POLICY, cert_policy_inhibit_any },
	{ OID_EXT_FRESHEST_CRL, read_freshest },
	{ OID_OCSP_NOCHECK, read_nocheck },
	{ OID_EXT_NO_REV_AVAIL, read_no_rev_avail },
	{ OID_EXT_VALIDITY_ASSURED_SHORT_TERM, read_short_term },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static size_t find_known(struct bytes oid)
{
	size_t i = 0;
	while (i < KNOWN && !oid_is(oid, known[i].id))
		i++;
	return i;
}

enum err cert_extensions_next(
    struct scope *s, struct bytes *rest, struct cert_extension *ret_extension)
{
	struct der whole, oid, field;
	bool present, critical = false;
	TRY(der_expect(s, rest, DER_SEQUENCE, "Extension", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "extnID", &oid));
	TRY(der_optional(s, &whole.value, DER_BOOLEAN, "critical", &present, &field));
	if (present)
		TRY(der_boolean(s, field, &critical));
	TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "extnValue", &field));
	TRY(der_end(s, whole.value, "Extension"));
	*ret_extension = (struct cert_extension){
		.oid = oid.value,
		.critical = critical,
		.value = field.value,
	};
	return OK;
}

/* A fault in the content is a fact about this extension; want of memory is not. */
static enum err read_known(
    struct scope *s, size_t index, const struct cert_extension *e, struct cert *c)
{
	struct cert before = *c;
	enum err err = known[index].read(s, e->value, c);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	*c = before;
	c->malformed_extension = true;
	return OK;
}

enum err cert_extensions_read(struct scope *s, struct bytes extensions, struct cert *cert)
{
	bool seen[KNOWN] = { false };
	for (size_t n = 0; extensions.n > 0; n++) {
		struct cert_extension e;
		if (n == LIMIT_CERT_EXTENSIONS)
			return scope_fault(s, ERR_LIMIT, "too many extensions");
		TRY(cert_extensions_next(s, &extensions, &e));
		size_t index = find_known(e.oid);
		if (index == KNOWN) {
			if (e.critical && cert->unknown_critical.n == 0)
				cert->unknown_critical = e.oid;
			continue;
		}
		if (seen[index]) {
			cert->malformed_extension = true; /* RFC 5280 4.2 */
			continue;
		}
		seen[index] = true;
		TRY(read_known(s, index, &e, cert));
		if (known[index].id == OID_EXT_EXTENDED_KEY_USAGE && cert->has_eku)
			cert->eku_critical = e.critical;
	}
	return OK;
}

static bool is_text(const struct der *value)
{
	switch (value->tag) {
	case DER_UTF8_STRING:
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING:
	case DER_VISIBLE_STRING:
	case DER_BMP_STRING:
		return true;
	default:
		return false;
	}
}

static enum err add_text(struct scope *s, struct der value, struct cert_texts *texts)
{
	if (!is_text(&value) || texts->n == LIMIT_CERT_LIST)
		return OK;
	enum err err = der_text(s, value, &texts->item[texts->n]);
	if (err == OK)
		texts->n++;
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	return OK;
}

enum err cert_extensions_texts(
    struct scope *s, const struct cert *c, struct bytes oid, struct cert_texts *ret_texts)
{
	struct bytes rest = c->extensions;
	struct cert_extension e = { 0 };
	struct der whole, element;
	struct cert_texts texts = { .item = scope_alloc_array(s, LIMIT_CERT_LIST, sizeof(char *)) };
	if (!texts.item)
		return ERR_NOMEM;
	while (rest.n > 0 && !bytes_equal(e.oid, oid))
		TRY(cert_extensions_next(s, &rest, &e));
	if (bytes_equal(e.oid, oid) && der_step(&e.value, &whole) && e.value.n == 0) {
		TRY(add_text(s, whole, &texts));
		while (whole.tag == DER_SEQUENCE && whole.value.n > 0 &&
		       der_step(&whole.value, &element))
			TRY(add_text(s, element, &texts));
	}
	*ret_texts = texts;
	return OK;
}
