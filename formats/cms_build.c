#include "formats/cms_build.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

/* Attribute ::= SEQUENCE { attrType, attrValues }: opens it for one value. */
struct attr_marks {
	size_t attr, values;
};

static struct attr_marks open_attr(struct buf *b, enum oid type)
{
	struct attr_marks m = { .attr = der_open(b, DER_SEQUENCE) };
	der_add(b, DER_OID, oid_value(type));
	m.values = der_open(b, DER_SET);
	return m;
}

static void close_attr(struct buf *b, struct attr_marks m)
{
	der_close(b, m.values);
	der_close(b, m.attr);
}

static void add_attr(struct buf *b, enum oid type, uint8_t tag, struct bytes value)
{
	struct attr_marks m = open_attr(b, type);
	der_add(b, tag, value);
	close_attr(b, m);
}

/* SigningCertificateV2 with one ESSCertIDv2 (RFC 5035 3). */
static void add_signing_certificate(struct buf *b, const struct digest *cert)
{
	struct attr_marks m = open_attr(b, OID_ATTR_SIGNING_CERTIFICATE_V2);
	size_t whole = der_open(b, DER_SEQUENCE);
	size_t certs = der_open(b, DER_SEQUENCE);
	size_t id = der_open(b, DER_SEQUENCE);
	if (cert->alg != DIGEST_SHA256)
		digest_add_algorithm_identifier(
		    b, cert->alg); /* DEFAULT is left out (X.690 11.5) */
	der_add(b, DER_OCTET_STRING, digest_bytes(cert));
	der_close(b, id);
	der_close(b, certs);
	der_close(b, whole);
	close_attr(b, m);
}

enum err cms_build_signed_attrs(
    struct scope *s, const struct cert *signer, const struct digest *content, struct bytes *ret_set)
{
	struct digest cert;
	TRY(digest_of_bytes(s, content->alg, signer->der, &cert));
	struct buf b = buf_new(s, LIMIT_CMS_SIGNED_ATTRS);
	size_t mark = der_open(&b, DER_SET);
	add_attr(&b, OID_ATTR_CONTENT_TYPE, DER_OID, oid_value(OID_CMS_DATA));
	add_attr(&b, OID_ATTR_MESSAGE_DIGEST, DER_OCTET_STRING, digest_bytes(content));
	add_signing_certificate(&b, &cert);
	der_close_set_of(&b, mark);
	return buf_done(&b, ret_set);
}

/* What cms_build and cms_build_bound have in common: lengths that may be stood in for. */
struct composition {
	const struct cms_build *parts;
	struct bytes attrs; /* content of the SET of signed attributes */
	struct bytes sig_value, token;
	size_t sig_room, token_room; /* octets of stand-ins where those two are empty */
};

static void add_signer_id(struct buf *b, const struct cert *signer)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	buf_add(b, signer->issuer);
	der_add(b, DER_INTEGER, signer->serial);
	der_close(b, mark);
}

static void add_signer(struct buf *b, const struct composition *c)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1); /* IssuerAndSerialNumber: version 1 (RFC 5652 5.3) */
	add_signer_id(b, c->parts->signer);
	digest_add_algorithm_identifier(b, c->parts->digest_alg);
	der_add(b, DER_CONTEXT(0), c->attrs);
	signature_alg_add(b, c->parts->sig_alg);
	size_t value = der_open(b, DER_OCTET_STRING);
	buf_add(b, c->sig_value);
	buf_add_repeat(b, 0, c->sig_room);
	der_close(b, value);
	if (c->token.n + c->token_room > 0) {
		size_t attrs = der_open(b, DER_CONTEXT(1));
		struct attr_marks m = open_attr(b, OID_ATTR_SIGNATURE_TIMESTAMP);
		buf_add(b, c->token);
		buf_add_repeat(b, 0, c->token_room);
		close_attr(b, m);
		der_close(b, attrs);
	}
	der_close(b, mark);
}

static void add_certificates(struct buf *b, const struct cms_build *parts)
{
	size_t mark = der_open(b, DER_CONTEXT(0));
	for (size_t i = 0; i < parts->n_certs; i++)
		buf_add(b, parts->certs[i]->der);
	der_close_set_of(b, mark);
}

/* Detached content of type id-data (EN 319 142-1 6.3). */
static void add_content(struct buf *b)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_CMS_DATA));
	der_close(b, mark);
}

static void add_signed_data(struct buf *b, const struct composition *c)
{
	size_t data = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1); /* id-data, X.509 only: version 1 (RFC 5652 5.1) */
	size_t algs = der_open(b, DER_SET);
	digest_add_algorithm_identifier(b, c->parts->digest_alg);
	der_close(b, algs);
	add_content(b);
	if (c->parts->n_certs > 0)
		add_certificates(b, c->parts);
	size_t signers = der_open(b, DER_SET);
	add_signer(b, c);
	der_close(b, signers);
	der_close(b, data);
}

static enum err compose(struct scope *s, const struct composition *c, struct bytes *ret_der)
{
	struct buf b = buf_new(s, LIMIT_CMS_BUILT);
	size_t info = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_CMS_SIGNED_DATA));
	size_t wrapper = der_open(&b, DER_CONTEXT(0));
	add_signed_data(&b, c);
	der_close(&b, wrapper);
	der_close(&b, info);
	return buf_done(&b, ret_der);
}

static enum err open_attrs(struct scope *s, struct bytes set, struct bytes *ret_content)
{
	struct der tlv;
	TRY(der_expect(s, &set, DER_SET, "signed attributes", &tlv));
	TRY(der_end(s, set, "signed attributes"));
	*ret_content = tlv.value;
	return OK;
}

enum err cms_build(struct scope *s, const struct cms_build *parts, struct bytes *ret_der)
{
	struct composition c = {
		.parts = parts,
		.sig_value = parts->sig_value,
		.token = parts->timestamp_token,
	};
	TRY(open_attrs(s, parts->signed_attrs, &c.attrs));
	return compose(s, &c, ret_der);
}

enum err cms_build_bound(
    struct scope *s, const struct cms_build *parts, size_t sig_max, size_t token_max, size_t *ret_n)
{
	struct composition c = { .parts = parts, .sig_room = sig_max, .token_room = token_max };
	struct bytes set = parts->signed_attrs, der;
	struct digest content = { .alg = parts->digest_alg, .n = digest_size(parts->digest_alg) };
	if (set.n == 0)
		TRY(cms_build_signed_attrs(s, parts->signer, &content, &set));
	TRY(open_attrs(s, set, &c.attrs));
	TRY(compose(s, &c, &der));
	*ret_n = der.n;
	return OK;
}

/* The enclosing values of signer 0, from the outside in. */
struct enclosure {
	struct der info, wrapper, data, signers, signer;
	struct der unsigned_attrs; /* empty when there are none */
};

static enum err find_enclosure(struct scope *s, const struct cms *cms, struct enclosure *e)
{
	struct bytes rest = cms->der, before;
	struct der field;
	*e = (struct enclosure){ 0 };
	TRY(der_next(s, &rest, &e->info));
	rest = e->info.value;
	TRY(der_next(s, &rest, &field));
	TRY(der_next(s, &rest, &e->wrapper));
	rest = e->wrapper.value;
	TRY(der_next(s, &rest, &e->data));
	/* signerInfos is the last field of SignedData */
	for (rest = e->data.value; rest.n > 0;)
		TRY(der_next(s, &rest, &e->signers));
	before = e->signers.value;
	TRY(der_next(s, &before, &e->signer));
	if (cms->signers[0].unsigned_attrs.whole.n == 0)
		return OK;
	rest = cms->signers[0].unsigned_attrs.whole;
	return der_next(s, &rest, &e->unsigned_attrs);
}

/* Where a new attribute belongs in the order of a SET OF: before the first greater one. */
static size_t place_of(struct bytes attrs, struct bytes attr)
{
	struct bytes rest = attrs;
	struct der element;
	size_t at = 0;
	while (der_step(&rest, &element) && bytes_compare(element.whole, attr) <= 0)
		at += element.whole.n;
	return at;
}

static void add_unsigned_attrs(struct buf *b, struct bytes attrs, struct bytes attr)
{
	size_t at = place_of(attrs, attr);
	size_t mark = der_open(b, DER_CONTEXT(1));
	buf_add(b, bytes_cut(attrs, 0, at));
	buf_add(b, attr);
	buf_add(b, bytes_from(attrs, at));
	der_close(b, mark);
}

/* The octets of `outer` before and after `inner`, which lies inside. */
static struct bytes part_before(struct bytes outer, struct bytes inner)
{
	return bytes_cut(outer, 0, (size_t)(inner.p - outer.p));
}

static struct bytes part_after(struct bytes outer, struct bytes inner)
{
	return bytes_from(outer, (size_t)(inner.p - outer.p) + inner.n);
}

static void add_spliced(struct buf *b, const struct enclosure *e, struct bytes attr)
{
	struct bytes attrs = e->unsigned_attrs.whole;
	size_t info = der_open(b, e->info.tag);
	buf_add(b, part_before(e->info.value, e->wrapper.whole));
	size_t wrapper = der_open(b, e->wrapper.tag);
	size_t data = der_open(b, e->data.tag);
	buf_add(b, part_before(e->data.value, e->signers.whole));
	size_t signers = der_open(b, e->signers.tag);
	size_t signer = der_open(b, e->signer.tag);
	buf_add(b, attrs.n ? part_before(e->signer.value, attrs) : e->signer.value);
	add_unsigned_attrs(b, e->unsigned_attrs.value, attr);
	der_close(b, signer);
	buf_add(b, part_after(e->signers.value, e->signer.whole));
	der_close(b, signers);
	der_close(b, data);
	der_close(b, wrapper);
	der_close(b, info);
}

enum err cms_build_with_unsigned(struct scope *s, const struct cms *cms, enum oid attr,
    struct bytes value_tlv, struct bytes *ret_der)
{
	struct enclosure e;
	struct bytes new_attr;
	if (cms->n_signers == 0)
		return scope_fault(s, ERR_MISUSE, "cms: no signer to add an attribute to");
	TRY(find_enclosure(s, cms, &e));
	struct buf one = buf_new(s, LIMIT_CMS_BUILT);
	struct attr_marks m = open_attr(&one, attr);
	buf_add(&one, value_tlv);
	close_attr(&one, m);
	TRY(buf_done(&one, &new_attr));
	struct buf b = buf_new(s, LIMIT_CMS_BUILT);
	add_spliced(&b, &e, new_attr);
	return buf_done(&b, ret_der);
}
