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

enum err modification_store_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *old_store, *store;
	if (!now)
		return old ? modification_work_note(w, NULL, MODIFICATION_LTV_UPDATE, true,
				 "EN 319 142-1 5.4", "validation data (DSS) was removed")
			   : OK;
	TRY(modification_work_resolve(w, w->rev, old, &old_store));
	TRY(modification_work_resolve(w, w->latest, now, &store));
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	const size_t before = w->list->n;
	bool any = o || !old || !pdf_value_equal(old, now);
	for (size_t i = 0; i < w->diff.n && !any; i++)
		any = w->role[i] == MODIFICATION_ROLE_NONE;
	if (!any)
		return OK;
	TRY(explain(w, now, 0));
	TRY(check_keys(w, old_store, store));
	if (w->list->n != before)
		return OK;
	if (!o && old && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(
	    w, o, MODIFICATION_LTV_UPDATE, true, "EN 319 142-1 5.4", "validation data (DSS)");
}
