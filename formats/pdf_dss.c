#include "formats/pdf_dss.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"

struct reader {
	struct scope *s;
	const struct pdf_file *file;
	size_t rev;
	size_t n_unreadable;
	size_t looked_at; /* entries, repeated ones counted in */
};

/* One of /Certs, /CRLs, /OCSPs. */
struct kind {
	struct reader *r;
	const char *name;
	uint8_t *seen; /* a bit per object number */
	struct bytes *item;
	struct pdf_ref *ref;
	size_t n, room;
};

static enum err look(struct reader *r, const struct pdf_value *v, struct pdf_ref *ret_ref,
    const struct pdf_value **ret_value)
{
	return pdf_field_resolve(r->s, r->file, r->rev, v, &r->n_unreadable, ret_ref, ret_value);
}

static enum err find(struct reader *r, const struct pdf_value *dict, const char *key,
    const struct pdf_value **ret_value)
{
	return look(r, pdf_value_find(dict, key), NULL, ret_value);
}

static bool mark(struct kind *k, struct pdf_ref ref)
{
	if (ref.num == 0 || ref.num > k->r->file->highest)
		return true;
	uint8_t *octet = &k->seen[ref.num / 8];
	const uint8_t bit = (uint8_t)(1u << (ref.num % 8));
	const bool is_new = !(*octet & bit);
	*octet |= bit;
	return is_new;
}

static enum err make_room(struct kind *k)
{
	if (k->n < k->room)
		return OK;
	if (k->n >= LIMIT_PDF_DSS_ITEMS)
		return scope_fault(k->r->s, ERR_LIMIT, "pdf: more than %d %s in the security store",
		    LIMIT_PDF_DSS_ITEMS, k->name);
	size_t room = k->room ? k->room * 2 : 16;
	struct bytes *item = scope_alloc_array(k->r->s, room, sizeof(*item));
	struct pdf_ref *ref = scope_alloc_array(k->r->s, room, sizeof(*ref));
	if (!item || !ref)
		return ERR_NOMEM;
	if (k->n) {
		memcpy(item, k->item, k->n * sizeof(*item));
		memcpy(ref, k->ref, k->n * sizeof(*ref));
	}
	k->item = item;
	k->ref = ref;
	k->room = room;
	return OK;
}

/* An unreadable stream may also be one that inflates without end. */
static bool is_pardonable(enum err e)
{
	return e == ERR_FORMAT || e == ERR_UNSUPPORTED || e == ERR_DENIED || e == ERR_LIMIT;
}

static enum err add(struct kind *k, const struct pdf_value *entry)
{
	struct reader *r = k->r;
	struct pdf_ref ref;
	const struct pdf_value *stream;
	/* VRI entries may share their arrays: thousands times thousands. */
	if (++r->looked_at > 8 * LIMIT_PDF_DSS_ITEMS)
		return scope_fault(r->s, ERR_LIMIT, "pdf: too many references in the VRI entries");
	TRY(look(r, entry, &ref, &stream));
	if (!mark(k, ref))
		return OK;
	struct bytes data;
	const bool had_fault = scope_fault_code(r->s) != OK;
	enum err e = stream->kind == PDF_STREAM
			 ? pdf_file_stream_data(r->s, r->file, r->rev, stream, &data)
			 : ERR_FORMAT;
	if (is_pardonable(e)) {
		if (!had_fault)
			scope_forgive(r->s);
		r->n_unreadable++;
		return OK;
	}
	TRY(e);
	TRY(make_room(k));
	k->item[k->n] = data;
	k->ref[k->n++] = ref;
	return OK;
}

static enum err add_all(struct kind *k, const struct pdf_value *dict, const char *key)
{
	const struct pdf_value *array;
	TRY(find(k->r, dict, key, &array));
	if (array->kind != PDF_ARRAY)
		return OK;
	if (array->array.n > LIMIT_PDF_DSS_ITEMS)
		return scope_fault(k->r->s, ERR_LIMIT, "pdf: more than %d %s in the security store",
		    LIMIT_PDF_DSS_ITEMS, k->name);
	for (size_t i = 0; i < array->array.n; i++)
		TRY(add(k, array->array.item[i]));
	return OK;
}

static enum err read_vri(
    struct reader *r, const struct pdf_value *vri, struct kind kinds[3], struct pdf_dss *dss)
{
	static const char *const keys[] = { "Cert", "CRL", "OCSP" };
	if (vri->kind != PDF_DICT)
		return OK;
	if (vri->dict.n > LIMIT_PDF_DSS_ITEMS)
		return scope_fault(
		    r->s, ERR_LIMIT, "pdf: more than %d VRI entries", LIMIT_PDF_DSS_ITEMS);
	dss->vri = scope_alloc_array(r->s, vri->dict.n, sizeof(*dss->vri));
	if (!dss->vri)
		return ERR_NOMEM;
	for (size_t i = 0; i < vri->dict.n; i++) {
		const struct pdf_entry *e = &vri->dict.item[i];
		const struct pdf_value *dict;
		TRY(look(r, e->value, NULL, &dict));
		if (dict->kind != PDF_DICT)
			continue;
		dss->vri[dss->n_vri++] = (struct pdf_dss_vri){ .key = e->key, .dict = dict };
		for (size_t k = 0; k < 3; k++)
			TRY(add_all(&kinds[k], dict, keys[k]));
	}
	return OK;
}

static enum err read_items(struct reader *r, struct pdf_dss *dss)
{
	struct kind kinds[3] = { { .name = "Certs" }, { .name = "CRLs" }, { .name = "OCSPs" } };
	const struct pdf_value *vri;
	for (size_t k = 0; k < 3; k++) {
		kinds[k].r = r;
		kinds[k].seen = scope_alloc(r->s, (size_t)r->file->highest / 8 + 1);
		if (!kinds[k].seen)
			return ERR_NOMEM;
		TRY(add_all(&kinds[k], dss->dict, kinds[k].name));
	}
	TRY(find(r, dss->dict, "VRI", &vri));
	TRY(read_vri(r, vri, kinds, dss));
	dss->certs = kinds[0].item;
	dss->cert_refs = kinds[0].ref;
	dss->n_certs = kinds[0].n;
	dss->crls = kinds[1].item;
	dss->crl_refs = kinds[1].ref;
	dss->n_crls = kinds[1].n;
	dss->ocsps = kinds[2].item;
	dss->ocsp_refs = kinds[2].ref;
	dss->n_ocsps = kinds[2].n;
	return OK;
}

enum err pdf_dss_read(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_dss *ret_dss)
{
	struct reader r = { .s = s, .file = f, .rev = rev };
	struct pdf_dss dss = { 0 };
	const struct pdf_value *catalog, *dict;
	TRY(pdf_file_catalog(s, f, rev, &catalog));
	TRY(find(&r, catalog, "DSS", &dict));
	if (dict->kind == PDF_DICT) {
		dss.present = true;
		dss.dict = dict;
		TRY(read_items(&r, &dss));
	}
	dss.n_unreadable = r.n_unreadable;
	*ret_dss = dss;
	return OK;
}
