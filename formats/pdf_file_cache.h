/*
 * What a file has read so far, by cross-reference entry. Private to formats/pdf_file.c.
 */
#ifndef BULLA_FORMATS_PDF_FILE_CACHE_H
#define BULLA_FORMATS_PDF_FILE_CACHE_H

#include <stddef.h>

#include "base/err.h"

struct pdf_file_index;
struct scope;

/* entry: of the object. container: of the object stream that it stands in; NULL for one that
 * stands in the file; the entry itself for the object stream as such. */
struct pdf_file_cache_key {
	const void *entry, *container;
};

struct pdf_file_cache {
	struct pdf_file_cache_slot {
		struct pdf_file_cache_key key;
		const void *content;
	} * slot;
	size_t n, room;     /* room: a power of two, or 0 */
	int reading;        /* objects being read at present, one for the sake of the other */
	size_t search_left; /* struct pdf_syntax_hooks */
	const struct pdf_file_index *index; /* NULL: few sections, each is looked in */
};

/* What was put under the key, or NULL. */
const void *pdf_file_cache_find(const struct pdf_file_cache *cache, struct pdf_file_cache_key key);
must_check enum err pdf_file_cache_put(struct scope *s, struct pdf_file_cache *cache,
    struct pdf_file_cache_key key, const void *content);
/* Forgets everything. */
void pdf_file_cache_clear(struct pdf_file_cache *cache);

#endif
