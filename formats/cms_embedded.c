/* Certificates and revocation data inside attributes. */
#include "formats/cms.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

/* Where one kind of value goes; `room` 0 while they are only counted. */
struct bin {
	struct bytes *item;
	size_t n, room;
};

struct bins {
	struct bin certs, crls, ocsps;
};

/* SEQUENCE OF */
static enum err put_all(struct scope *s, struct bytes der, struct bin *bin)
{
	struct der list, element;
	TRY(der_expect(s, &der, DER_SEQUENCE, "embedded values", &list));
	TRY(der_end(s, der, "embedded values"));
	while (list.value.n > 0) {
		TRY(der_next(s, &list.value, &element));
		if (bin->n == LIMIT_CMS_REVOCATIONS)
			return scope_fault(s, ERR_LIMIT, "cms: too many embedded values");
		if (bin->n < bin->room)
			bin->item[bin->n] = element.whole;
		bin->n++;
	}
	return OK;
}

/* RevocationValues (EN 319 122-1 A.1.2.2) and Adobe's RevocationInfoArchival (ISO 32000-2
 * 12.8.3.3.2) agree in their first two fields: [0] CRLs, [1] OCSP responses. */
static enum err put_revocations(struct scope *s, struct bytes der, struct bins *bins)
{
	struct der whole, field;
	TRY(der_expect(s, &der, DER_SEQUENCE, "revocation values", &whole));
	while (whole.value.n > 0) {
		TRY(der_next(s, &whole.value, &field));
		if (field.tag == DER_CONTEXT(0))
			TRY(put_all(s, field.value, &bins->crls));
		if (field.tag == DER_CONTEXT(1))
			TRY(put_all(s, field.value, &bins->ocsps));
	}
	return OK;
}

static enum err put_value(struct scope *s, enum oid id, struct bytes der, struct bins *bins)
{
	struct bins before = *bins;
	enum err err = id == OID_ATTR_CERTIFICATE_VALUES ? put_all(s, der, &bins->certs)
							 : put_revocations(s, der, bins);
	if (err == OK || err == ERR_NOMEM)
		return err;
	/* Malformed: nothing is taken from it, the other attributes still count. */
	scope_forgive(s);
	*bins = before;
	return OK;
}

static enum err put_attrs(struct scope *s, const struct cms_attrs *attrs, struct bins *bins)
{
	for (size_t i = 0; i < attrs->n; i++) {
		const struct cms_attr *attr = &attrs->item[i];
		enum oid id = oid_of(attr->oid);
		if (id != OID_ATTR_REVOCATION_VALUES && id != OID_ATTR_ADOBE_REVOCATION &&
		    id != OID_ATTR_CERTIFICATE_VALUES)
			continue;
		for (size_t j = 0; j < attr->n_values; j++)
			TRY(put_value(s, id, attr->values[j], bins));
	}
	return OK;
}

static enum err put_signer(struct scope *s, const struct cms_signer *signer, struct bins *bins)
{
	TRY(put_attrs(s, &signer->signed_attrs, bins));
	return put_attrs(s, &signer->unsigned_attrs, bins);
}

static enum err make_room(struct scope *s, struct bin *bin)
{
	bin->room = bin->n;
	bin->n = 0;
	bin->item = scope_alloc_array(s, bin->room, sizeof(*bin->item));
	return bin->item ? OK : ERR_NOMEM;
}

enum err cms_embedded_values(
    struct scope *s, const struct cms_signer *signer, struct cms_values *ret_values)
{
	struct bins bins = { 0 };
	TRY(put_signer(s, signer, &bins));
	TRY(make_room(s, &bins.certs));
	TRY(make_room(s, &bins.crls));
	TRY(make_room(s, &bins.ocsps));
	TRY(put_signer(s, signer, &bins));
	*ret_values = (struct cms_values){
		.certs = bins.certs.item,
		.n_certs = bins.certs.n,
		.crls = bins.crls.item,
		.n_crls = bins.crls.n,
		.ocsps = bins.ocsps.item,
		.n_ocsps = bins.ocsps.n,
	};
	return OK;
}
