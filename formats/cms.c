#include "formats/cms.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

#define SID_KEY_ID DER_CONTEXT_PRIMITIVE(0) /* subjectKeyIdentifier of SignerIdentifier */

/* Number of elements in the content of a SET or SEQUENCE OF, at most `cap`. */
static enum err count_elements(
    struct scope *s, struct bytes content, size_t cap, const char *what, size_t *ret_n)
{
	struct der element;
	size_t n = 0;
	while (content.n > 0) {
		TRY(der_next(s, &content, &element));
		if (++n > cap)
			return scope_fault(s, ERR_LIMIT, "cms: too many elements in %s", what);
	}
	*ret_n = n;
	return OK;
}

/* The whole TLVs of a SET or SEQUENCE OF. */
static enum err read_elements(struct scope *s, struct bytes content, size_t cap, const char *what,
    struct bytes **ret_items, size_t *ret_n)
{
	size_t n;
	TRY(count_elements(s, content, cap, what, &n));
	struct bytes *items = scope_alloc_array(s, n, sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct der element;
		TRY(der_next(s, &content, &element));
		items[i] = element.whole;
	}
	*ret_items = items;
	*ret_n = n;
	return OK;
}

static enum err read_attr(struct scope *s, struct bytes *rest, struct cms_attr *attr)
{
	struct der whole, oid, values;
	TRY(der_expect(s, rest, DER_SEQUENCE, "Attribute", &whole));
	TRY(der_expect(s, &whole.value, DER_OID, "attrType", &oid));
	TRY(der_expect(s, &whole.value, DER_SET, "attrValues", &values));
	TRY(der_end(s, whole.value, "Attribute"));
	attr->oid = oid.value;
	attr->whole = whole.whole;
	return read_elements(
	    s, values.value, LIMIT_CMS_ATTRIBUTES, "an attribute", &attr->values, &attr->n_values);
}

/* signedAttrs or unsignedAttrs when it is next (RFC 5652 5.3). */
static enum err read_attrs(
    struct scope *s, struct bytes *rest, uint8_t tag, struct cms_attrs *attrs)
{
	struct der set;
	bool present;
	size_t n;
	TRY(der_optional(s, rest, tag, "attributes", &present, &set));
	if (!present)
		return OK;
	TRY(count_elements(s, set.value, LIMIT_CMS_ATTRIBUTES, "attributes", &n));
	attrs->whole = set.whole;
	attrs->item = scope_alloc_array(s, n, sizeof(*attrs->item));
	if (!attrs->item)
		return ERR_NOMEM;
	while (attrs->n < n) {
		TRY(read_attr(s, &set.value, &attrs->item[attrs->n]));
		attrs->n++;
	}
	return OK;
}

static enum err read_version(struct scope *s, struct bytes *rest, int *ret_version)
{
	struct der number;
	int64_t version;
	TRY(der_expect(s, rest, DER_INTEGER, "version", &number));
	TRY(der_small_integer(s, number, &version));
	if (version < 0 || version > UINT8_MAX)
		return scope_fault(s, ERR_FORMAT, "cms: impossible version");
	*ret_version = (int)version;
	return OK;
}

/* SignerIdentifier */
static enum err read_sid(struct scope *s, struct bytes *rest, struct cms_signer *signer)
{
	struct der sid, part;
	TRY(der_next(s, rest, &sid));
	if ((sid.tag & ~DER_CONSTRUCTED) == SID_KEY_ID)
		return der_octet_string(s, sid, &signer->ski);
	if (sid.tag != DER_SEQUENCE)
		return scope_fault(s, ERR_FORMAT, "cms: unknown kind of signer identifier");
	TRY(der_expect(s, &sid.value, DER_SEQUENCE, "issuer", &part));
	signer->issuer = part.whole;
	TRY(der_expect(s, &sid.value, DER_INTEGER, "serialNumber", &part));
	signer->serial = part.value;
	return der_end(s, sid.value, "IssuerAndSerialNumber");
}

static enum err read_signer(struct scope *s, struct bytes *rest, struct cms_signer *signer)
{
	struct der whole, part;
	TRY(der_expect(s, rest, DER_SEQUENCE, "SignerInfo", &whole));
	struct bytes fields = whole.value;
	signer->whole = whole.whole;
	TRY(read_version(s, &fields, &signer->version));
	TRY(read_sid(s, &fields, signer));
	TRY(der_expect(s, &fields, DER_SEQUENCE, "digestAlgorithm", &part));
	signer->digest_alg_der = part.whole;
	TRY(digest_of_algorithm_identifier(s, part.whole, &signer->digest_alg));
	TRY(read_attrs(s, &fields, DER_CONTEXT(0), &signer->signed_attrs));
	TRY(der_expect(s, &fields, DER_SEQUENCE, "signatureAlgorithm", &part));
	signer->sig_alg_der = part.whole;
	TRY(signature_alg_parse(s, part.whole, signer->digest_alg, &signer->sig_alg));
	TRY(der_next(s, &fields, &part));
	if ((part.tag & ~DER_CONSTRUCTED) != DER_OCTET_STRING)
		return scope_fault(s, ERR_FORMAT, "cms: signature is no OCTET STRING");
	TRY(der_octet_string(s, part, &signer->sig_value));
	TRY(read_attrs(s, &fields, DER_CONTEXT(1), &signer->unsigned_attrs));
	return der_end(s, fields, "SignerInfo");
}

static enum err read_signers(struct scope *s, struct bytes content, struct cms *cms)
{
	size_t n;
	TRY(count_elements(s, content, LIMIT_CMS_SIGNERS, "signerInfos", &n));
	cms->signers = scope_alloc_array(s, n, sizeof(*cms->signers));
	if (!cms->signers)
		return ERR_NOMEM;
	while (cms->n_signers < n) {
		TRY(read_signer(s, &content, &cms->signers[cms->n_signers]));
		cms->n_signers++;
	}
	return OK;
}

/* One CertificateChoices. What is no X.509 certificate, or no intact one, is counted. */
static enum err read_certificate(struct scope *s, struct der choice, struct cms *cms)
{
	enum err err = ERR_FORMAT;
	if (choice.tag == DER_SEQUENCE)
		err = cert_parse(s, choice.whole, &cms->certs[cms->n_certs]);
	if (err == ERR_NOMEM)
		return err;
	if (err == OK) {
		cms->n_certs++;
		return OK;
	}
	if (choice.tag == DER_SEQUENCE)
		scope_forgive(s);
	cms->n_certs_unreadable++;
	return OK;
}

static enum err read_certificates(struct scope *s, struct bytes *rest, struct cms *cms)
{
	struct der set, choice;
	bool present;
	size_t n;
	TRY(der_optional(s, rest, DER_CONTEXT(0), "certificates", &present, &set));
	if (!present)
		return OK;
	TRY(count_elements(s, set.value, LIMIT_CMS_CERTIFICATES, "certificates", &n));
	cms->certs = scope_alloc_array(s, n, sizeof(struct cert *));
	if (!cms->certs)
		return ERR_NOMEM;
	while (set.value.n > 0) {
		TRY(der_next(s, &set.value, &choice));
		TRY(read_certificate(s, choice, cms));
	}
	return OK;
}

/* One RevocationInfoChoice (RFC 5652 10.2.1); other formats than OCSP (RFC 5940) are passed over.
 */
static enum err read_revocation(struct scope *s, struct der choice, struct cms *cms)
{
	struct der format, value;
	if (choice.tag == DER_SEQUENCE) {
		cms->crls[cms->n_crls++] = choice.whole;
		return OK;
	}
	if (choice.tag != DER_CONTEXT(1))
		return OK;
	TRY(der_expect(s, &choice.value, DER_OID, "otherRevInfoFormat", &format));
	TRY(der_next(s, &choice.value, &value));
	TRY(der_end(s, choice.value, "OtherRevocationInfoFormat"));
	if (oid_is(format.value, OID_RI_OCSP_RESPONSE))
		cms->ocsps[cms->n_ocsps++] = value.whole;
	return OK;
}

static enum err read_revocations(struct scope *s, struct bytes *rest, struct cms *cms)
{
	struct der set, choice;
	bool present;
	size_t n;
	TRY(der_optional(s, rest, DER_CONTEXT(1), "crls", &present, &set));
	if (!present)
		return OK;
	TRY(count_elements(s, set.value, LIMIT_CMS_REVOCATIONS, "crls", &n));
	cms->crls = scope_alloc_array(s, n, sizeof(*cms->crls));
	cms->ocsps = scope_alloc_array(s, n, sizeof(*cms->ocsps));
	if (!cms->crls || !cms->ocsps)
		return ERR_NOMEM;
	while (set.value.n > 0) {
		TRY(der_next(s, &set.value, &choice));
		TRY(read_revocation(s, choice, cms));
	}
	return OK;
}

static enum err read_digest_algs(struct scope *s, struct bytes *rest, struct cms *cms)
{
	struct der set, alg, oid;
	size_t n;
	TRY(der_expect(s, rest, DER_SET, "digestAlgorithms", &set));
	TRY(count_elements(s, set.value, LIMIT_CMS_SIGNERS, "digestAlgorithms", &n));
	cms->digest_alg_oids = scope_alloc_array(s, n, sizeof(*cms->digest_alg_oids));
	if (!cms->digest_alg_oids)
		return ERR_NOMEM;
	while (set.value.n > 0) {
		TRY(der_expect(s, &set.value, DER_SEQUENCE, "digestAlgorithm", &alg));
		TRY(der_expect(s, &alg.value, DER_OID, "digestAlgorithm", &oid));
		cms->digest_alg_oids[cms->n_digest_alg_oids++] = oid.value;
	}
	return OK;
}

/* encapContentInfo. PKCS #7 allowed any type as content: its value octets are what is digested
 * (RFC 5652 5.2.1). */
static enum err read_content(struct scope *s, struct bytes *rest, struct cms *cms)
{
	struct der info, type, wrapper, content;
	TRY(der_expect(s, rest, DER_SEQUENCE, "encapContentInfo", &info));
	TRY(der_expect(s, &info.value, DER_OID, "eContentType", &type));
	cms->econtent_type = type.value;
	TRY(der_optional(s, &info.value, DER_CONTEXT(0), "eContent", &cms->has_econtent, &wrapper));
	TRY(der_end(s, info.value, "encapContentInfo"));
	if (!cms->has_econtent)
		return OK;
	TRY(der_next(s, &wrapper.value, &content));
	TRY(der_end(s, wrapper.value, "eContent"));
	if ((content.tag & ~DER_CONSTRUCTED) == DER_OCTET_STRING)
		return der_octet_string(s, content, &cms->econtent);
	cms->econtent = content.value;
	return OK;
}

static enum err read_signed_data(struct scope *s, struct bytes fields, struct cms *cms)
{
	struct der set;
	TRY(read_version(s, &fields, &cms->version));
	TRY(read_digest_algs(s, &fields, cms));
	TRY(read_content(s, &fields, cms));
	TRY(read_certificates(s, &fields, cms));
	TRY(read_revocations(s, &fields, cms));
	TRY(der_expect(s, &fields, DER_SET, "signerInfos", &set));
	TRY(der_end(s, fields, "SignedData"));
	return read_signers(s, set.value, cms);
}

static enum err read_content_info(struct scope *s, struct bytes b, struct cms *cms)
{
	struct der info, type, wrapper, data;
	TRY(der_expect(s, &b, DER_SEQUENCE, "ContentInfo", &info));
	cms->der = info.whole;
	TRY(der_expect(s, &info.value, DER_OID, "contentType", &type));
	if (!oid_is(type.value, OID_CMS_SIGNED_DATA))
		return scope_fault(s, ERR_FORMAT, "cms: content is not SignedData");
	TRY(der_expect(s, &info.value, DER_CONTEXT(0), "content", &wrapper));
	TRY(der_end(s, info.value, "ContentInfo"));
	TRY(der_expect(s, &wrapper.value, DER_SEQUENCE, "SignedData", &data));
	TRY(der_end(s, wrapper.value, "content"));
	cms->is_der = der_is_der(cms->der);
	return read_signed_data(s, data.value, cms);
}

enum err cms_parse(struct scope *s, struct bytes b, size_t *ret_n, const struct cms **ret_cms)
{
	struct cms *cms = scope_alloc(s, sizeof(*cms));
	if (!cms)
		return ERR_NOMEM;
	enum err err = read_content_info(s, b, cms);
	if (err == ERR_UNSUPPORTED)
		err = ERR_FORMAT; /* no structure of CMS has a tag above 30 */
	if (err != OK)
		return scope_fault_in(s, err, "CMS");
	if (ret_n)
		*ret_n = cms->der.n;
	*ret_cms = cms;
	return OK;
}

const struct cms_attr *cms_find_attr(const struct cms_attrs *attrs, enum oid id)
{
	for (size_t i = 0; i < attrs->n; i++)
		if (oid_is(attrs->item[i].oid, id))
			return &attrs->item[i];
	return NULL;
}

size_t cms_count_attr(const struct cms_attrs *attrs, enum oid id)
{
	size_t n = 0;
	for (size_t i = 0; i < attrs->n; i++)
		n += oid_is(attrs->item[i].oid, id);
	return n;
}

/* The one value of a signed attribute that may have only one (RFC 5652 11); *ret_present = false
 * when the attribute is absent. */
static enum err single_value(struct scope *s, const struct cms_signer *signer, enum oid id,
    uint8_t tag, bool *ret_present, struct der *ret_value)
{
	const struct cms_attr *attr = cms_find_attr(&signer->signed_attrs, id);
	*ret_present = attr != NULL;
	if (!attr)
		return OK;
	if (attr->n_values != 1)
		return scope_fault(s, ERR_FORMAT, "cms: attribute %s with %zu values",
		    oid_dotted(id), attr->n_values);
	struct bytes value = attr->values[0];
	return der_expect(s, &value, tag, "attribute value", ret_value);
}

enum err cms_message_digest(
    struct scope *s, const struct cms_signer *signer, struct bytes *ret_digest)
{
	struct der value;
	bool present;
	TRY(single_value(s, signer, OID_ATTR_MESSAGE_DIGEST, DER_OCTET_STRING, &present, &value));
	*ret_digest = present ? value.value : BYTES_NONE;
	return OK;
}

enum err cms_content_type(struct scope *s, const struct cms_signer *signer, struct bytes *ret_oid)
{
	struct der value;
	bool present;
	TRY(single_value(s, signer, OID_ATTR_CONTENT_TYPE, DER_OID, &present, &value));
	*ret_oid = present ? value.value : BYTES_NONE;
	return OK;
}

/* -- counter-signatures -- */

struct counters {
	struct cms_counter_signature *item;
	size_t n;
};

static size_t depth_of(const struct counters *list, size_t on)
{
	size_t depth = 1;
	for (; on != CMS_COUNTER_ON_SIGNER; on = list->item[on].on)
		depth++;
	return depth;
}

static enum err read_counter(struct scope *s, struct bytes whole, struct cms_counter_signature *c)
{
	struct bytes rest = whole;
	enum err err = read_signer(s, &rest, &c->signer);
	if (err == OK)
		err = der_end(s, rest, "counterSignature");
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(s);
	c->whole = whole;
	c->is_readable = err == OK;
	return OK;
}

/* The values of one attribute; `on`: whose it is. */
static enum err read_counters(
    struct scope *s, const struct cms_attr *attr, size_t on, struct counters *list)
{
	if (attr->n_values && depth_of(list, on) > LIMIT_CMS_COUNTER_DEPTH)
		return scope_fault(s, ERR_LIMIT, "cms: counter-signatures nested too deep");
	for (size_t i = 0; i < attr->n_values; i++) {
		if (list->n == LIMIT_CMS_COUNTER_SIGNATURES)
			return scope_fault(s, ERR_LIMIT, "cms: too many counter-signatures");
		TRY(read_counter(s, attr->values[i], &list->item[list->n]));
		list->item[list->n++].on = on;
	}
	return OK;
}

static enum err read_counters_on(
    struct scope *s, const struct cms_signer *signer, size_t on, struct counters *list)
{
	const struct cms_attrs *attrs = &signer->unsigned_attrs;
	for (size_t i = 0; i < attrs->n; i++)
		if (oid_is(attrs->item[i].oid, OID_ATTR_COUNTER_SIGNATURE))
			TRY(read_counters(s, &attrs->item[i], on, list));
	return OK;
}

enum err cms_counter_signatures(struct scope *s, const struct cms_signer *signer,
    struct cms_counter_signature **ret_list, size_t *ret_n)
{
	struct counters list = { 0 };
	*ret_list = NULL;
	*ret_n = 0;
	if (cms_count_attr(&signer->unsigned_attrs, OID_ATTR_COUNTER_SIGNATURE) == 0)
		return OK;
	list.item = scope_alloc_array(s, LIMIT_CMS_COUNTER_SIGNATURES, sizeof(*list.item));
	if (!list.item)
		return ERR_NOMEM;
	TRY(read_counters_on(s, signer, CMS_COUNTER_ON_SIGNER, &list));
	for (size_t i = 0; i < list.n; i++)
		if (list.item[i].is_readable)
			TRY(read_counters_on(s, &list.item[i].signer, i, &list));
	*ret_list = list.item;
	*ret_n = list.n;
	return OK;
}
