/* The document security store (EN 319 142-1 5.4): dictionaries, arrays and streams of its own. */
#include <string.h>

#include "validator/modification_work.h"

/* Entries of the store and of its /VRI dictionaries (EN 319 142-1 5.4.2, 5.4.3). */
static bool is_store_key(const char *key)
{
	static const char *const known[] = { "Type", "Certs", "CRLs", "OCSPs", "VRI", "Cert", "CRL",
		"OCSP", "TU", "TS" };
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], key) == 0)
			return true;
	return false;
}

/* An object that is part of the store now and had another use as signed is found by its place. */
static enum err explain(struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > 8)
		return OK;
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	if (modification_work_is_explained(w, o))
		return OK;
	if (o && o->was_there && o->old->kind != o->now->kind)
		return OK; /* it was something else, and stays unexplained */
	modification_work_explain(w, o, MODIFICATION_ROLE_STORE);
	TRY(modification_work_resolve(w, w->latest, v, &v));
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(explain(w, v->array.item[i], depth + 1));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(explain(w, v->dict.item[i].value, depth + 1));
	return OK;
}

static enum err check_keys(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	for (size_t i = 0; now->kind == PDF_DICT && i < now->dict.n; i++) {
		char *key;
		bool same;
		TRY(bytes_to_str(w->s, now->dict.item[i].key, &key));
		if (is_store_key(key))
			continue;
		TRY(modification_work_is_same(
		    w, pdf_value_find(old, key), now->dict.item[i].value, &same));
		if (!same)
			TRY(modification_work_note(w, NULL, MODIFICATION_UNKNOWN, false,
			    "EN 319 142-1 5.4.2", "validation data (DSS) /%s", key));
	}
	return OK;
}

/* -- what was taken away -- */

#define COMPARED_MAX 256 /* streams compared by content with each other; more are not */

static enum err has_stream(struct modification_work *w, const struct pdf_value *now,
    const struct pdf_value *stream, bool *ret_has)
{
	*ret_has = false;
	for (size_t i = 0; i < now->array.n && i < COMPARED_MAX && !*ret_has; i++) {
		const struct pdf_value *v;
		TRY(modification_work_resolve(w, w->latest, now->array.item[i], &v));
		*ret_has = v->kind == PDF_STREAM && stream->kind == PDF_STREAM &&
			   bytes_equal(v->stream.raw, stream->stream.raw);
	}
	return OK;
}

/* An item of the old array that is not in the new one, as it was. */
static enum err has_lost(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_has)
{
	*ret_has = old->kind == PDF_ARRAY && old->array.n > 0 && now->kind != PDF_ARRAY;
	if (old->kind != PDF_ARRAY || now->kind != PDF_ARRAY)
		return OK;
	*ret_has = now->array.n < old->array.n;
	for (size_t i = 0; i < old->array.n && i < COMPARED_MAX && !*ret_has; i++) {
		const struct pdf_value *item = old->array.item[i], *stream;
		bool has = i < now->array.n && pdf_value_equal(item, now->array.item[i]);
		if (has && !modification_work_changed(w, item))
			continue;
		TRY(modification_work_resolve(w, w->rev, item, &stream));
		TRY(has_stream(w, now, stream, &has));
		*ret_has = !has;
	}
	return OK;
}

static enum err note_losses(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	static const char *const keys[] = { "Certs", "CRLs", "OCSPs" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct pdf_value *before, *after;
		bool has;
		TRY(modification_work_find(w, w->rev, old, keys[i], &before));
		TRY(modification_work_find(w, w->latest, now, keys[i], &after));
		TRY(has_lost(w, before, after, &has));
		w->list->any_evidence |= has;
	}
	return OK;
}

enum err modification_store_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *old_store, *store;
	w->list->any_evidence |= old && !now;
	if (!now)
		return old ? modification_work_note(w, NULL, MODIFICATION_LTV_UPDATE, true,
				 "EN 319 142-1 5.4", "validation data (DSS) was removed")
			   : OK;
	TRY(modification_work_resolve(w, w->rev, old, &old_store));
	TRY(modification_work_resolve(w, w->latest, now, &store));
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	if (store->kind != PDF_DICT && store->kind != PDF_NULL &&
	    !pdf_value_equal(old_store, store))
		return modification_work_note(w, o, MODIFICATION_UNKNOWN, false,
		    "EN 319 142-1 5.4.2", "validation data (DSS) that is no dictionary");
	const size_t before = w->list->n;
	bool any = o || !old || !pdf_value_equal(old, now);
	for (size_t i = 0; i < w->diff.n && !any; i++)
		any = w->role[i] == MODIFICATION_ROLE_NONE;
	if (!any)
		return OK;
	TRY(note_losses(w, old_store, store));
	TRY(explain(w, now, 0));
	TRY(check_keys(w, old_store, store));
	if (w->list->n != before)
		return OK;
	if (!o && old && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(
	    w, o, MODIFICATION_LTV_UPDATE, true, "EN 319 142-1 5.4", "validation data (DSS)");
}
