/* A hybrid file without what its /XRefStm hide (ISO 32000-2 7.5.8.4), of pdf_file.h. */
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_file.h"
#include "formats/pdf_file_cache.h"
#include "formats/pdf_file_index.h"

static bool is_hybrid(const struct pdf_file *f)
{
	for (size_t r = 0; r < f->n_revisions; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++)
			if (f->revisions[r].sections[i]->kind == PDF_SECTION_HYBRID)
				return true;
	return false;
}

static enum err plain_revision(struct scope *s, struct pdf_revision *r)
{
	struct pdf_section *section = scope_alloc_array(s, r->n_sections, sizeof(*section));
	const struct pdf_section **pointers =
	    scope_alloc_array(s, r->n_sections, sizeof(*pointers));
	if (!section || !pointers)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n_sections; i++) {
		section[i] = *r->sections[i];
		pointers[i] = &section[i];
		if (section[i].kind != PDF_SECTION_HYBRID)
			continue;
		section[i].kind = PDF_SECTION_TABLE;
		section[i].entries = section[i].table;
		section[i].n_entries = section[i].n_table;
	}
	r->sections = pointers;
	return OK;
}

enum err pdf_file_plain(struct scope *s, const struct pdf_file *f, struct pdf_file **ret_plain)
{
	*ret_plain = NULL;
	if (!is_hybrid(f))
		return OK;
	struct pdf_file *plain = scope_alloc(s, sizeof(*plain));
	struct pdf_file_cache *cache = scope_alloc(s, sizeof(*cache));
	struct pdf_revision *r = scope_alloc_array(s, f->n_revisions, sizeof(*r));
	if (!plain || !cache || !r)
		return ERR_NOMEM;
	*plain = *f;
	memcpy(r, f->revisions, f->n_revisions * sizeof(*r));
	for (size_t i = 0; i < f->n_revisions; i++)
		TRY(plain_revision(s, &r[i]));
	plain->revisions = r;
	plain->cache = cache;
	cache->search_left = f->cache->search_left;
	TRY(pdf_file_index_build(s, plain, &cache->index));
	*ret_plain = plain;
	return OK;
}
