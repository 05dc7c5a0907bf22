/* The catalog, entry by entry (ISO 32000-2 7.7.2). */
#include <string.h>

#include "base/scope.h"
#include "validator/modification_work.h"

#define METADATA_LOOK ((size_t)1 << 20) /* octets looked through; real ones stay under 100 KB */

/* -- XMP -- */

static bool is_filler(uint8_t c)
{
	return c <= ' ' || c == 0xef || c == 0xbb || c == 0xbf || c == 0xfe || c == 0xff;
}

/* Begins and ends as XML does, in whatever encoding, and declares no entities: what a reader does
 * with those is nobody's guess. No XML parser: it only must not be something else. */
static bool looks_like_xml(struct bytes data)
{
	size_t first = 0, last = data.n;
	while (first < data.n && is_filler(data.p[first]))
		first++;
	while (last > first && is_filler(data.p[last - 1]))
		last--;
	struct bytes text = bytes_cut(data, first, last - first);
	return text.n >= 2 && text.p[0] == '<' && text.p[text.n - 1] == '>' &&
	       bytes_find(text, BYTES_LIT("<!DOCTYPE"), 0) == BYTES_NOT_FOUND &&
	       bytes_find(text, BYTES_LIT("<!ENTITY"), 0) == BYTES_NOT_FOUND;
}

static enum err is_metadata(struct modification_work *w, const struct pdf_value *v, bool *ret_is)
{
	const struct pdf_value *stream;
	struct bytes data;
	TRY(modification_work_resolve(w, w->latest, v, &stream));
	*ret_is = false;
	if (v->kind != PDF_REF || stream->kind != PDF_STREAM)
		return OK;
	const enum err err = pdf_file_stream_data(w->s, w->file, w->latest, stream, &data);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(w->s);
	*ret_is = err == OK && data.n <= METADATA_LOOK * 16 && looks_like_xml(data);
	return OK;
}

static enum err check_metadata(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	bool sound = true;
	if (!o && old && now && pdf_value_equal(old, now))
		return OK;
	if (o && o->was_there && !(old && pdf_value_is_ref_to(old, o->ref)))
		return OK; /* left unexplained: it was something else */
	if (now)
		TRY(is_metadata(w, now, &sound));
	modification_work_explain(w, o, MODIFICATION_ROLE_CATALOG);
	return modification_work_note(w, o, MODIFICATION_METADATA, sound, "ISO 32000-2 14.3.2",
	    sound ? "catalog /Metadata" : "catalog /Metadata is no XMP stream");
}

/* -- versions -- */

static void explain_extensions(struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (depth > 3 || !v)
		return;
	const struct pdf_diff_object *o = modification_work_changed(w, v);
	modification_work_explain(w, o, MODIFICATION_ROLE_CATALOG);
	if (o)
		v = o->now;
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		explain_extensions(w, v->dict.item[i].value, depth + 1);
}

static enum err check_extensions(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	const struct pdf_value *v;
	TRY(modification_work_resolve(w, w->latest, now, &v));
	explain_extensions(w, now, 0);
	if (!o && old && now && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(w, o, MODIFICATION_METADATA, !now || v->kind == PDF_DICT,
	    "ISO 32000-2 7.12", "catalog /Extensions");
}

/* A later version than before, by its digits: an earlier one has readers leave out what is newer.
 */
static bool is_later(const struct pdf_value *old, const struct pdf_value *now)
{
	const bool had = old && old->kind == PDF_NAME && old->name.n == 3;
	return now->kind == PDF_NAME && now->name.n == 3 &&
	       (!had || memcmp(now->name.p, old->name.p, 3) >= 0);
}

static enum err check_version(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	if (old && now && pdf_value_equal(old, now))
		return OK;
	return modification_work_note(w, NULL, MODIFICATION_METADATA, !now || is_later(old, now),
	    "ISO 32000-2 7.7.2", "catalog /Version");
}

/* -- a certification -- */

/* /Perms with what names the signature that certifies (ISO 32000-2 12.8.6), and all else as it was.
 * Such a signature is the first of all: only a revision without one may be followed by it. */
static enum err is_certification(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_is)
{
	const struct pdf_value *before, *after, *ref = NULL;
	bool is_extended, is_known = false;
	TRY(modification_work_resolve(w, w->rev, old, &before));
	TRY(modification_work_resolve(w, w->latest, now, &after));
	TRY(modification_work_is_extended(w, before, after, &is_extended));
	if (after->kind == PDF_DICT && (is_extended || before->kind != PDF_DICT) &&
	    after->dict.n == (before->kind == PDF_DICT ? before->dict.n : 0) + 1)
		ref = pdf_value_find(after, "DocMDP");
	for (size_t i = 0; ref && i < w->all->n && !is_known; i++)
		is_known = w->all->item[i].docmdp && w->all->item[i].made_in > w->rev &&
			   pdf_value_is_ref_to(ref, w->all->item[i].value);
	*ret_is = is_known;
	return OK;
}

static enum err check_permissions(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	bool same, is_new = false;
	TRY(modification_work_is_same(w, old, now, &same));
	if (same)
		return OK;
	if (w->is_unsigned)
		TRY(is_certification(w, old, now, &is_new));
	if (is_new)
		return modification_work_note(w, NULL, MODIFICATION_SIGNATURE, true,
		    "ISO 32000-2 12.8.2.2", "catalog /Perms: a certification");
	return modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
	    "ISO 32000-2 12.8.2.2", "catalog /Perms was %s",
	    !old  ? "added"
	    : now ? "changed"
		  : "removed");
}

/* -- the rest -- */

/* /Type is required and was missing; /ITXT is a mark of the iText library (Annex E). */
static bool is_harmless(const char *key, const struct pdf_value *now)
{
	return (strcmp(key, "Type") == 0 && pdf_value_is_name(now, "Catalog")) ||
	       strcmp(key, "ITXT") == 0;
}

static enum err check_entry(struct modification_work *w, const char *key,
    const struct pdf_value *old, const struct pdf_value *now)
{
	bool same;
	if (strcmp(key, "DSS") == 0)
		return modification_store_check(w, old, now);
	if (strcmp(key, "AcroForm") == 0)
		return modification_form_check(w, old, now);
	if (strcmp(key, "Metadata") == 0)
		return check_metadata(w, old, now);
	if (strcmp(key, "Extensions") == 0)
		return check_extensions(w, old, now);
	if (strcmp(key, "Version") == 0)
		return check_version(w, old, now);
	if (strcmp(key, "Perms") == 0)
		return check_permissions(w, old, now);
	if (strcmp(key, "StructTreeRoot") == 0)
		return modification_structure_check(w, old, now);
	TRY(modification_work_is_same(w, old, now, &same));
	if (same || is_harmless(key, now))
		return OK;
	return modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
	    "ISO 32000-2 12.8.2.2", "catalog /%s was %s", key,
	    !old  ? "added"
	    : now ? "changed"
		  : "removed");
}

static enum err check_entries(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	for (size_t i = 0; i < now->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, now->dict.item[i].key, &key));
		TRY(check_entry(w, key, pdf_value_find(old, key), now->dict.item[i].value));
	}
	for (size_t i = 0; i < old->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, old->dict.item[i].key, &key));
		if (!pdf_value_find(now, key))
			TRY(check_entry(w, key, old->dict.item[i].value, NULL));
	}
	return OK;
}

/* The catalog may become another object: it is compared all the same (EU DSS agrees). */
enum err modification_catalog_check(struct modification_work *w)
{
	const struct pdf_value *old, *now;
	enum err err = pdf_file_catalog(w->s, w->file, w->rev, &old);
	if (err == OK)
		err = pdf_file_catalog(w->s, w->file, w->latest, &now);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK) {
		scope_forgive(w->s);
		return modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 7.7.2", "the catalog cannot be read");
	}
	if (now->duplicate_keys)
		TRY(modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 7.3.7", "the catalog has the same key twice"));
	modification_work_explain(
	    w, pdf_diff_find(&w->diff, w->file->root.num), MODIFICATION_ROLE_JUDGED);
	return check_entries(w, old, now);
}
