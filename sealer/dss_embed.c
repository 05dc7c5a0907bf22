#include "sealer/dss_embed.h"

#include "base/scope.h"
#include "formats/digest.h"
#include "formats/pdf_filter.h"

struct embedding {
	struct scope *s;
	const struct pdf_file *file;
	struct pdf_update *update;
	size_t rev;
	struct pdf_dss old;
	struct pdf_value *certs, *crls, *ocsps; /* arrays of the new store */
	bool changed;
};

static enum err put_stream(struct embedding *e, struct bytes der, struct pdf_ref *ret_ref)
{
	struct scope *s = e->s;
	struct bytes packed;
	struct pdf_value *dict = pdf_value_new_dict(s);
	if (!dict)
		return ERR_NOMEM;
	TRY(pdf_filter_deflate(s, der, &packed));
	if (packed.n < der.n)
		TRY(pdf_value_set(s, dict, "Filter", pdf_value_new_name(s, "FlateDecode")));
	else
		packed = der;
	TRY(pdf_update_reserve(e->update, ret_ref));
	struct pdf_value *stream = pdf_value_new_stream(s, dict, packed);
	return stream ? pdf_update_put(e->update, *ret_ref, stream) : ERR_NOMEM;
}

static bool is_held(struct bytes der, const struct bytes *held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_equal(held[i], der))
			return true;
	return false;
}

static enum err add_item(struct embedding *e, struct pdf_value *array, struct bytes der,
    const struct bytes *held, size_t n_held)
{
	struct pdf_ref ref;
	if (is_held(der, held, n_held))
		return OK;
	TRY(put_stream(e, der, &ref));
	e->changed = true;
	return pdf_value_append(e->s, array, pdf_value_new_ref(e->s, ref));
}

/* The array that the store has at `key`, as a copy of its own; or a new one. */
static enum err old_array(struct embedding *e, const char *key, struct pdf_value **ret_array)
{
	const struct pdf_value *old;
	TRY(pdf_file_find(e->s, e->file, e->rev, e->old.dict, key, &old));
	*ret_array = old->kind == PDF_ARRAY ? pdf_value_copy(e->s, old) : pdf_value_new_array(e->s);
	return *ret_array ? OK : ERR_NOMEM;
}

static enum err add_items(struct embedding *e, const struct evidence *items)
{
	const struct pdf_dss *o = &e->old;
	TRY(old_array(e, "Certs", &e->certs));
	TRY(old_array(e, "CRLs", &e->crls));
	TRY(old_array(e, "OCSPs", &e->ocsps));
	for (size_t i = 0; i < items->n_certs; i++)
		TRY(add_item(e, e->certs, items->certs[i].cert->der, o->certs, o->n_certs));
	for (size_t i = 0; i < items->n_crls; i++)
		TRY(add_item(e, e->crls, items->crls[i].crl->der, o->crls, o->n_crls));
	for (size_t i = 0; i < items->n_ocsps; i++) {
		/* The store holds OCSPResponses, also of what a CMS held bare. */
		struct bytes whole;
		TRY(ocsp_wrap(e->s, items->ocsps[i].response->der, &whole));
		TRY(add_item(e, e->ocsps, whole, o->ocsps, o->n_ocsps));
	}
	return OK;
}

/* -- VRI -- */

/* Upper-case hexadecimal SHA-1 of the octets of /Contents (ISO 32000-2 12.8.4.4). */
static enum err vri_key(struct scope *s, const struct pdf_signature *sig, char ret_key[2 * 20 + 1])
{
	static const char digits[] = "0123456789ABCDEF";
	struct digest d;
	TRY(digest_of_bytes(s, DIGEST_SHA1, sig->contents, &d));
	for (size_t i = 0; i < d.n; i++) {
		ret_key[2 * i] = digits[d.value[i] >> 4];
		ret_key[2 * i + 1] = digits[d.value[i] & 15];
	}
	ret_key[2 * d.n] = '\0';
	return OK;
}

static enum err set_if_any(
    struct scope *s, struct pdf_value *dict, const char *key, const struct pdf_value *array)
{
	return array->array.n ? pdf_value_set(s, dict, key, array) : OK;
}

static enum err add_vri(
    struct embedding *e, struct pdf_value *vri, const struct pdf_signature_list *signatures)
{
	for (size_t i = 0; i < signatures->n; i++) {
		char key[2 * 20 + 1];
		if (!signatures->item[i].contents_is_hex || signatures->item[i].is_placeholder)
			continue;
		TRY(vri_key(e->s, &signatures->item[i], key));
		if (pdf_value_find(vri, key))
			continue;
		struct pdf_value *entry = pdf_value_new_dict(e->s);
		struct bytes kept_key;
		if (!entry)
			return ERR_NOMEM;
		TRY(set_if_any(e->s, entry, "Cert", e->certs));
		TRY(set_if_any(e->s, entry, "CRL", e->crls));
		TRY(set_if_any(e->s, entry, "OCSP", e->ocsps));
		TRY(bytes_copy(e->s, bytes_of_str(key), &kept_key));
		TRY(pdf_value_set(e->s, vri, (const char *)kept_key.p, entry));
		e->changed = true;
	}
	return OK;
}

static enum err copy_or_new(struct embedding *e, const struct pdf_value *owner, const char *key,
    struct pdf_value **ret_dict)
{
	const struct pdf_value *old;
	TRY(pdf_file_find(e->s, e->file, e->rev, owner, key, &old));
	*ret_dict = old->kind == PDF_DICT ? pdf_value_copy(e->s, old) : pdf_value_new_dict(e->s);
	return *ret_dict ? OK : ERR_NOMEM;
}

/* -- the catalog -- */

/* Before PDF 2.0 the store is an extension of ETSI's (EN 319 142-1 5.4.1, TS 102 778-4 annex A). */
static enum err declare_extension(struct embedding *e, struct pdf_value *catalog)
{
	struct scope *s = e->s;
	struct pdf_value *extensions;
	if (e->file->version >= 20)
		return OK;
	TRY(copy_or_new(e, catalog, "Extensions", &extensions));
	if (pdf_value_find(extensions, "ESIC"))
		return OK;
	struct pdf_value *esic = pdf_value_new_dict(s);
	if (!esic)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, esic, "BaseVersion", pdf_value_new_name(s, "1.7")));
	TRY(pdf_value_set(s, esic, "ExtensionLevel", pdf_value_new_int(s, 1)));
	TRY(pdf_value_set(s, extensions, "ESIC", esic));
	return pdf_value_set(s, catalog, "Extensions", extensions);
}

static enum err put_store(struct embedding *e, const struct pdf_value *store)
{
	struct scope *s = e->s;
	const struct pdf_value *catalog_now;
	TRY(pdf_update_object(e->update, e->file->root, &catalog_now));
	const struct pdf_value *old = pdf_value_find(catalog_now, "DSS");
	if (old && old->kind == PDF_REF && e->old.present)
		return pdf_update_put(e->update, old->ref, store);
	struct pdf_value *catalog = pdf_value_copy(s, catalog_now);
	struct pdf_ref ref;
	if (!catalog)
		return ERR_NOMEM;
	TRY(pdf_update_reserve(e->update, &ref));
	TRY(pdf_update_put(e->update, ref, store));
	TRY(pdf_value_set(s, catalog, "DSS", pdf_value_new_ref(s, ref)));
	TRY(declare_extension(e, catalog));
	return pdf_update_put(e->update, e->file->root, catalog);
}

enum err dss_embed(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const struct evidence *items,
    struct pdf_update *update, bool *ret_changed)
{
	struct embedding e = {
		.s = s, .file = file, .update = update, .rev = pdf_file_latest(file)
	};
	struct pdf_value *store, *vri;
	TRY(pdf_dss_read(s, file, e.rev, &e.old));
	store = e.old.present && e.old.dict ? pdf_value_copy(s, e.old.dict) : pdf_value_new_dict(s);
	if (!store)
		return ERR_NOMEM;
	TRY(add_items(&e, items));
	TRY(copy_or_new(&e, store, "VRI", &vri));
	TRY(add_vri(&e, vri, signatures));
	*ret_changed = e.changed;
	if (!e.changed)
		return OK;
	if (!pdf_value_find(store, "Type"))
		TRY(pdf_value_set(s, store, "Type", pdf_value_new_name(s, "DSS")));
	TRY(set_if_any(s, store, "Certs", e.certs));
	TRY(set_if_any(s, store, "CRLs", e.crls));
	TRY(set_if_any(s, store, "OCSPs", e.ocsps));
	if (vri->dict.n)
		TRY(pdf_value_set(s, store, "VRI", vri));
	return put_store(&e, store);
}
