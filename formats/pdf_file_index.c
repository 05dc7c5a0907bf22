#include "formats/pdf_file_index.h"

#include <stdlib.h>

#include "base/scope.h"

#define FEW_SECTIONS 16

struct item {
	const struct pdf_xref_entry *entry;
	uint32_t rev, section;
};

struct pdf_file_index {
	struct item
	    *item; /* by number, then the latest revision first, then as sections are looked in */
	size_t n;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->entry->num != y->entry->num)
		return x->entry->num < y->entry->num ? -1 : 1;
	if (x->rev != y->rev)
		return x->rev > y->rev ? -1 : 1;
	return (x->section > y->section) - (x->section < y->section);
}

static size_t fill(const struct pdf_file *f, struct item *item)
{
	size_t n = 0;
	for (size_t r = 0; r < f->n_revisions; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++) {
			const struct pdf_section *section = f->revisions[r].sections[i];
			for (size_t k = 0; k < section->n_entries; k++)
				item[n++] =
				    (struct item){ &section->entries[k], (uint32_t)r, (uint32_t)i };
		}
	return n;
}

enum err pdf_file_index_build(
    struct scope *s, const struct pdf_file *f, const struct pdf_file_index **ret_index)
{
	size_t n_sections = 0, n = 0;
	for (size_t r = 0; r < f->n_revisions; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++, n_sections++)
			n += f->revisions[r].sections[i]->n_entries;
	*ret_index = NULL;
	if (n_sections <= FEW_SECTIONS)
		return OK;
	struct pdf_file_index *index = scope_alloc(s, sizeof(*index));
	if (!index)
		return ERR_NOMEM;
	index->item = scope_alloc_array(s, n, sizeof(*index->item));
	if (!index->item)
		return ERR_NOMEM;
	index->n = fill(f, index->item);
	qsort(index->item, n, sizeof(*index->item), compare_items);
	*ret_index = index;
	return OK;
}

const struct pdf_xref_entry *pdf_file_index_find(
    const struct pdf_file_index *index, size_t rev, uint32_t num, size_t *ret_made_in)
{
	/* The first item that is not before (num, rev). */
	size_t low = 0, high = index->n;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const struct item *at = &index->item[mid];
		if (at->entry->num < num || (at->entry->num == num && at->rev > rev))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == index->n || index->item[low].entry->num != num)
		return NULL;
	if (ret_made_in)
		*ret_made_in = index->item[low].rev;
	return index->item[low].entry;
}
