/* The file around the objects: cross-references, trailers, octets that nothing owns (ISO
 * 32000-2 7.5). Slips are tolerated in what was signed, not in what came afterwards. */
#include "base/scope.h"
#include "formats/pdf_salvage.h"
#include "validator/modification_work.h"

/* -- the chain of revisions -- */

enum err modification_file_check_chain(struct modification_work *w)
{
	if (w->file->damage)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.5", "what follows offset %zu cannot be read (%s)",
		    w->file->revisions[w->file->n_revisions - 1].end, w->file->damage));
	else if (w->file->quirks & PDF_QUIRK_TRAILING)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.5",
		    "data that belongs to no update follows the end of the file"));
	if (!w->history->chain_known) {
		/* Without a signature among them the savings were given up before anybody
		 * signed: a damaged file gets one fresh revision before its first seal. */
		w->history->chain_cut = w->all->n_stray > 0 && pdf_salvage_is_cut(w->file);
		w->history->chain_known = true;
	}
	if (w->history->chain_cut)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.6",
		    "earlier savings of the file are cut off: no /Prev leads to them"));
	return OK;
}

/* -- each update -- */

/* One section, its startxref leads to that, it ends with %%EOF, and its trailer names the catalog.
 * A startxref at the end-of-line before the section is taken: signing services write such. */
static bool is_well_formed(const struct pdf_file *f, const struct pdf_revision *r)
{
	struct bytes eof = BYTES_LIT("%%EOF");
	if (r->startxref == SIZE_MAX || r->points_to == SIZE_MAX || r->eof < eof.n ||
	    r->n_sections != 1)
		return false;
	const struct pdf_section *section = r->sections[0];
	if (section->n_entries && section->entries[0].num == 0 &&
	    section->entries[0].kind != PDF_ENTRY_FREE)
		return false; /* object 0 is never in use (7.5.4) */
	return pdf_syntax_skip_white(f->bytes, r->points_to) == r->sections[0]->offset &&
	       bytes_equal(bytes_cut(f->bytes, r->eof - eof.n, eof.n), eof) &&
	       pdf_value_find(r->sections[0]->trailer, "Root") != NULL;
}

/* 7.5.6: /Prev is the section of the revision before; offsets rise. */
static bool follows(const struct pdf_file *f, size_t rev)
{
	const struct pdf_section *section = f->revisions[rev].sections[0];
	const struct pdf_section *before = f->revisions[rev - 1].sections[0];
	int64_t prev;
	return pdf_value_integer(pdf_value_find(section->trailer, "Prev"), &prev) && prev > 0 &&
	       pdf_syntax_skip_white(f->bytes, f->base + (size_t)prev) == before->offset &&
	       section->offset > before->offset;
}

static enum err unowned(struct modification_work *w, size_t rev, struct pdf_unowned *ret_unowned)
{
	if (!w->history->unowned[rev].is_known) {
		TRY(pdf_unowned_find(
		    w->s, w->history->octets, rev, &w->history->unowned[rev].found));
		w->history->unowned[rev].is_known = true;
	}
	*ret_unowned = w->history->unowned[rev].found;
	return OK;
}

static enum err bad(struct modification_work *w, const char *rule, size_t rev, const char *what)
{
	return modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false, rule,
	    "update %zu of the file %s", rev + 1, what);
}

static bool has_hybrid(const struct pdf_file *f, size_t rev)
{
	for (size_t r = 0; r <= rev; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++)
			if (f->revisions[r].sections[i]->kind == PDF_SECTION_HYBRID)
				return true;
	return false;
}

static enum err check_update(struct modification_work *w, size_t rev)
{
	struct pdf_unowned u;
	if (!is_well_formed(w->file, &w->file->revisions[rev]))
		TRY(bad(w, "ISO 32000-2 7.5.5", rev, "is not well-formed"));
	else if (!follows(w->file, rev))
		TRY(bad(w, "ISO 32000-2 7.5.6", rev, "does not follow the one before it"));
	if (w->file->revisions[rev].sections[0]->kind == PDF_SECTION_HYBRID &&
	    !has_hybrid(w->file, w->rev))
		TRY(bad(w, "ISO 32000-2 7.5.8.4", rev, "shows other objects to some readers"));
	TRY(unowned(w, rev, &u));
	if (u.has_gap && u.gap >= w->end)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.6", "octets at offset %zu belong to no object of an update",
		    u.gap));
	if (u.has_overlap)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.4", "an object begins inside another one, at offset %zu",
		    u.overlap));
	return OK;
}

/* -- the trailer -- */

static bool changed(const struct pdf_value *a, const struct pdf_value *b)
{
	return a && b ? !pdf_value_equal(a, b) : a != b;
}

static enum err check_info(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *info;
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	if (!changed(old, now) && !o)
		return OK;
	TRY(modification_work_resolve(w, w->latest, now, &info));
	const bool sound = info->kind == PDF_DICT || info->kind == PDF_NULL;
	/* An object that became /Info must have been so before, or it has another use too. */
	if (o && o->was_there && !(old && pdf_value_is_ref_to(old, o->ref)))
		return OK;
	modification_work_explain(
	    w, o, o && o->was_there ? MODIFICATION_ROLE_INFO : MODIFICATION_ROLE_NEW);
	return modification_work_note(
	    w, o, MODIFICATION_METADATA, sound, "ISO 32000-2 14.3.3", "document information");
}

/* 7.6.4.3.2: keys are made of the first half of /ID, so that with another one readers decrypt
 * something else, or nothing. */
static const struct pdf_value *first_id(const struct pdf_value *trailer)
{
	const struct pdf_value *id = pdf_value_find(trailer, "ID");
	return id && id->kind == PDF_ARRAY && id->array.n > 0 ? id->array.item[0] : id;
}

/* /Root may name another object: catalogs are compared by content. /ID is left alone where nothing
 * is encrypted: honest writers make up a new one, and nothing that is shown hangs on it. */
static enum err check_trailer(struct modification_work *w)
{
	const struct pdf_value *old = pdf_file_trailer(w->file, w->rev);
	const struct pdf_value *now = pdf_file_trailer(w->file, w->latest);
	if (changed(pdf_value_find(old, "Encrypt"), pdf_value_find(now, "Encrypt")))
		TRY(modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 7.6.2", "trailer /Encrypt"));
	if (w->file->crypt && changed(first_id(old), first_id(now)))
		TRY(modification_work_note(w, NULL, MODIFICATION_STRUCTURE, false,
		    "ISO 32000-2 7.6.4.3.2", "trailer /ID of an encrypted file"));
	return check_info(w, pdf_value_find(old, "Info"), pdf_value_find(now, "Info"));
}

/* What readers take differently, whatever the object is for. */
static enum err check_object(struct modification_work *w, const struct pdf_diff_object *o)
{
	/* A later signature with such a dictionary fails by itself. */
	if (o->has_new_twins && (o->was_there || !pdf_value_find(o->now, "ByteRange")))
		TRY(modification_work_note(w, o, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.3.7", "an object that has the same key twice"));
	if (!o->is_unreadable)
		return OK;
	modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	return modification_work_note(w, o, MODIFICATION_FILE_STRUCTURE, false, "ISO 32000-2 7.5.4",
	    "an object that cannot be read");
}

enum err modification_file_check(struct modification_work *w)
{
	if (w->diff.is_misplaced)
		TRY(modification_work_note(w, NULL, MODIFICATION_FILE_STRUCTURE, false,
		    "ISO 32000-2 7.5.6",
		    "an update's cross-reference points at older bytes (object %u)",
		    w->diff.misplaced));
	for (size_t rev = w->rev + 1; rev <= w->latest; rev++)
		TRY(check_update(w, rev));
	for (size_t i = 0; i < w->diff.n; i++)
		TRY(check_object(w, &w->diff.item[i]));
	return check_trailer(w);
}
