#include "formats/pdf_seed_value.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

struct reader {
	struct scope *s;
	const struct pdf_file *file;
	size_t rev;
	const struct pdf_value *dict;
	uint32_t *present, *malformed; /* of the dictionary that is read */
};

/* -- entries -- */

static enum err resolve(
    struct reader *r, const struct pdf_value *v, bool *ret_ok, const struct pdf_value **ret_value)
{
	const bool had_fault = scope_fault_code(r->s) != OK;
	*ret_ok = true;
	*ret_value = &pdf_value_null;
	const enum err err = pdf_file_resolve(r->s, r->file, r->rev, v, ret_value);
	if (err != ERR_FORMAT && err != ERR_UNSUPPORTED && err != ERR_DENIED)
		return err;
	if (!had_fault)
		scope_forgive(r->s);
	*ret_ok = false;
	*ret_value = &pdf_value_null;
	return OK;
}

/* The entry, noted as present; the null value when it is absent, unreadable or of another kind. */
static enum err take(struct reader *r, const char *key, uint32_t bit, enum pdf_kind kind,
    const struct pdf_value **ret_value)
{
	bool ok;
	const struct pdf_value *v;
	TRY(resolve(r, pdf_value_find(r->dict, key), &ok, &v));
	*ret_value = &pdf_value_null;
	if (ok && v->kind == PDF_NULL)
		return OK;
	if (ok && v->kind == kind) {
		*r->present |= bit;
		*ret_value = v;
	} else {
		*r->malformed |= bit;
	}
	return OK;
}

static void spoil(struct reader *r, uint32_t bit)
{
	*r->malformed |= bit;
	*r->present &= ~bit;
}

static enum err text_of(struct scope *s, const struct pdf_value *v, char **ret_text)
{
	if (v->kind == PDF_NAME)
		return pdf_text_printable(s, v->name, ret_text);
	return pdf_text_decode(s, v->kind == PDF_STRING ? v->string : BYTES_NONE, ret_text);
}

static enum err take_text(
    struct reader *r, const char *key, uint32_t bit, enum pdf_kind kind, char **ret_text)
{
	const struct pdf_value *v;
	TRY(take(r, key, bit, kind, &v));
	return text_of(r->s, v, ret_text);
}

/* What cannot be a set of flags demands everything that is not known. */
static enum err take_flags(struct reader *r, uint32_t bit, uint32_t *ret_flags)
{
	const struct pdf_value *v;
	bool ok;
	int64_t flags = 0;
	TRY(resolve(r, pdf_value_find(r->dict, "Ff"), &ok, &v));
	*ret_flags = 0;
	if (ok && v->kind == PDF_NULL)
		return OK;
	if (ok && pdf_value_integer(v, &flags) && flags >= 0 && flags <= UINT32_MAX) {
		*r->present |= bit;
		*ret_flags = (uint32_t)flags;
	} else {
		*r->malformed |= bit;
	}
	return OK;
}

/* -- lists -- */

static enum err take_array(
    struct reader *r, const char *key, uint32_t bit, const struct pdf_value **ret_array)
{
	TRY(take(r, key, bit, PDF_ARRAY, ret_array));
	if ((*ret_array)->kind == PDF_ARRAY && (*ret_array)->array.n > LIMIT_PDF_SEED_VALUES)
		return scope_fault(r->s, ERR_LIMIT, "pdf: more than %d seed values in one list",
		    LIMIT_PDF_SEED_VALUES);
	return OK;
}

/* Names or strings: writers mix them up. One entry of another kind spoils the list. */
static enum err take_texts(
    struct reader *r, const char *key, uint32_t bit, struct pdf_seed_value_texts *ret_texts)
{
	const struct pdf_value *array;
	struct pdf_seed_value_texts texts = { 0 };
	TRY(take_array(r, key, bit, &array));
	const size_t n = array->kind == PDF_ARRAY ? array->array.n : 0;
	texts.item = scope_alloc_array(r->s, n, sizeof(*texts.item));
	if (!texts.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct pdf_value *v;
		bool ok;
		TRY(resolve(r, array->array.item[i], &ok, &v));
		if (!ok || (v->kind != PDF_NAME && v->kind != PDF_STRING)) {
			spoil(r, bit);
			return OK;
		}
		TRY(text_of(r->s, v, &texts.item[texts.n++]));
	}
	*ret_texts = texts;
	return OK;
}

static enum err take_ders(
    struct reader *r, const char *key, uint32_t bit, struct pdf_seed_value_ders *ret_ders)
{
	const struct pdf_value *array;
	struct pdf_seed_value_ders ders = { 0 };
	TRY(take_array(r, key, bit, &array));
	const size_t n = array->kind == PDF_ARRAY ? array->array.n : 0;
	ders.item = scope_alloc_array(r->s, n, sizeof(*ders.item));
	if (!ders.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct pdf_value *v;
		bool ok;
		TRY(resolve(r, array->array.item[i], &ok, &v));
		if (!ok || v->kind != PDF_STRING) {
			spoil(r, bit);
			return OK;
		}
		ders.item[ders.n++] = v->string;
	}
	*ret_ders = ders;
	return OK;
}

/* -- the certificate's -- */

static enum err add_attributes(
    struct reader *r, const struct pdf_value *dict, struct pdf_seed_value_cert *cert, bool *ret_ok)
{
	for (size_t i = 0; *ret_ok && i < dict->dict.n; i++) {
		const struct pdf_value *v;
		struct pdf_seed_value_attribute a;
		TRY(resolve(r, dict->dict.item[i].value, ret_ok, &v));
		if (v->kind == PDF_NULL)
			continue;
		*ret_ok = *ret_ok && v->kind == PDF_STRING;
		if (!*ret_ok)
			return OK;
		if (cert->subject_dn.n >= LIMIT_PDF_SEED_VALUES)
			return scope_fault(r->s, ERR_LIMIT,
			    "pdf: more than %d seed values in one list", LIMIT_PDF_SEED_VALUES);
		TRY(pdf_text_printable(r->s, dict->dict.item[i].key, &a.type));
		TRY(text_of(r->s, v, &a.value));
		cert->subject_dn.item[cert->subject_dn.n++] = a;
	}
	return OK;
}

static enum err take_subject_dn(struct reader *r, struct pdf_seed_value_cert *cert)
{
	const struct pdf_value *array;
	bool ok = true;
	TRY(take_array(r, "SubjectDN", PDF_SEED_VALUE_CERT_SUBJECT_DN, &array));
	if (array->kind != PDF_ARRAY)
		return OK;
	cert->subject_dn.item =
	    scope_alloc_array(r->s, LIMIT_PDF_SEED_VALUES, sizeof(*cert->subject_dn.item));
	if (!cert->subject_dn.item)
		return ERR_NOMEM;
	for (size_t i = 0; ok && i < array->array.n; i++) {
		const struct pdf_value *dict;
		TRY(resolve(r, array->array.item[i], &ok, &dict));
		ok = ok && dict->kind == PDF_DICT;
		if (ok)
			TRY(add_attributes(r, dict, cert, &ok));
	}
	if (!ok) {
		spoil(r, PDF_SEED_VALUE_CERT_SUBJECT_DN);
		cert->subject_dn.n = 0;
	}
	return OK;
}

static enum err read_cert(
    struct reader *outer, const struct pdf_value *dict, struct pdf_seed_value_cert *cert)
{
	struct reader r = *outer;
	r.dict = dict;
	r.present = &cert->present;
	r.malformed = &cert->malformed;
	TRY(take_flags(&r, PDF_SEED_VALUE_CERT_FLAGS, &cert->required));
	TRY(take_ders(&r, "Subject", PDF_SEED_VALUE_CERT_SUBJECT, &cert->subjects));
	TRY(take_ders(&r, "Issuer", PDF_SEED_VALUE_CERT_ISSUER, &cert->issuers));
	TRY(take_texts(&r, "OID", PDF_SEED_VALUE_CERT_OID, &cert->oids));
	TRY(take_subject_dn(&r, cert));
	TRY(take_texts(&r, "KeyUsage", PDF_SEED_VALUE_CERT_KEY_USAGE, &cert->key_usages));
	TRY(take_text(&r, "URLType", PDF_SEED_VALUE_CERT_URL_TYPE, PDF_NAME, &cert->url_type));
	TRY(take_text(&r, "SignaturePolicyOID", PDF_SEED_VALUE_CERT_SIGNATURE_POLICY, PDF_STRING,
	    &cert->signature_policy));
	if (!((cert->present | cert->malformed) & PDF_SEED_VALUE_CERT_URL_TYPE))
		TRY(bytes_to_str(r.s, BYTES_LIT("Browser"), &cert->url_type));
	return OK;
}

/* -- the dictionary -- */

/* Table 237: without /P no rule. */
static enum err read_mdp(struct reader *r, int *ret_mdp)
{
	const struct pdf_value *mdp, *p;
	bool ok;
	int64_t level = -1;
	*ret_mdp = -1;
	TRY(take(r, "MDP", PDF_SEED_VALUE_MDP, PDF_DICT, &mdp));
	TRY(resolve(r, pdf_value_find(mdp, "P"), &ok, &p));
	if (ok && p->kind == PDF_NULL)
		return OK;
	if (ok && pdf_value_integer(p, &level) && level >= 0 && level <= 3)
		*ret_mdp = (int)level;
	else
		spoil(r, PDF_SEED_VALUE_MDP);
	return OK;
}

static enum err read_timestamp(struct reader *outer, struct pdf_seed_value *seed)
{
	struct reader r = *outer;
	uint32_t flags, present = 0, malformed = 0;
	TRY(take(outer, "TimeStamp", PDF_SEED_VALUE_TIME_STAMP, PDF_DICT, &r.dict));
	r.present = &present;
	r.malformed = &malformed;
	TRY(take_flags(&r, 1, &flags));
	TRY(take_text(&r, "URL", 2, PDF_STRING, &seed->timestamp_url));
	if ((malformed & 1) || flags > 1)
		spoil(outer, PDF_SEED_VALUE_TIME_STAMP);
	seed->timestamp_required = flags == 1;
	return OK;
}

static enum err read_numbers(struct reader *r, struct pdf_seed_value *seed)
{
	const struct pdf_value *v;
	bool ok;
	TRY(resolve(r, pdf_value_find(r->dict, "V"), &ok, &v));
	if (ok && pdf_value_number(v, &seed->version))
		seed->present |= PDF_SEED_VALUE_V;
	else if (!ok || v->kind != PDF_NULL)
		seed->malformed |= PDF_SEED_VALUE_V;
	TRY(take(r, "AddRevInfo", PDF_SEED_VALUE_ADD_REV_INFO, PDF_BOOL, &v));
	seed->add_rev_info = v->kind == PDF_BOOL && v->boolean;
	TRY(read_mdp(r, &seed->mdp));
	return read_timestamp(r, seed);
}

static enum err read_entries(struct reader *r, struct pdf_seed_value *seed)
{
	const struct pdf_value *cert;
	TRY(take_flags(r, PDF_SEED_VALUE_FLAGS, &seed->required));
	TRY(take_text(r, "Filter", PDF_SEED_VALUE_FILTER, PDF_NAME, &seed->filter));
	TRY(take_texts(r, "SubFilter", PDF_SEED_VALUE_SUB_FILTER, &seed->sub_filters));
	TRY(take_texts(r, "Reasons", PDF_SEED_VALUE_REASONS, &seed->reasons));
	TRY(take_texts(
	    r, "LegalAttestation", PDF_SEED_VALUE_LEGAL_ATTESTATION, &seed->legal_attestations));
	TRY(take_texts(r, "DigestMethod", PDF_SEED_VALUE_DIGEST_METHOD, &seed->digests));
	TRY(take_text(
	    r, "LockDocument", PDF_SEED_VALUE_LOCK_DOCUMENT, PDF_NAME, &seed->lock_document));
	TRY(take_text(r, "AppearanceFilter", PDF_SEED_VALUE_APPEARANCE_FILTER, PDF_STRING,
	    &seed->appearance));
	TRY(read_numbers(r, seed));
	TRY(take(r, "Cert", PDF_SEED_VALUE_CERT, PDF_DICT, &cert));
	return read_cert(r, cert, &seed->cert);
}

enum err pdf_seed_value_read(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *field, struct pdf_seed_value *ret_seed)
{
	struct pdf_seed_value seed = { 0 };
	struct reader r = { .s = s,
		.file = f,
		.rev = rev,
		.dict = field,
		.present = &seed.present,
		.malformed = &seed.malformed };
	TRY(take(&r, "SV", PDF_SEED_VALUE_ALL, PDF_DICT, &r.dict));
	seed.present = 0;
	TRY(read_entries(&r, &seed));
	*ret_seed = seed;
	return OK;
}
