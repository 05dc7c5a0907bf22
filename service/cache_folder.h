/*
 * A folder of fetched answers: one file for each, written whole or not at all, with a digest over
 * what is in it. Several processes and threads may use one folder at once.
 *
 * Nothing in it is trusted: what comes out is judged as if it had just come from the network. A
 * file that was damaged, cut short or exchanged is taken away and counts as not there. What cannot
 * be written is not kept, which is no fault.
 */
#ifndef BULLA_SERVICE_CACHE_FOLDER_H
#define BULLA_SERVICE_CACHE_FOLDER_H

#include "base/world.h"
#include "formats/digest.h"

struct cache_folder;

/* An answer, or that there was none. */
struct cache_entry {
	const char *url;
	struct instant fetched, until; /* until then it may be handed out */
	enum err failure;              /* OK, or ERR_NET or ERR_LIMIT with its text */
	const char *text;
	struct fetch_reply reply; /* when OK */
};

/* The bounds are LIMIT_CACHE_OCTETS and LIMIT_CACHE_ENTRIES, but for tests. */
struct cache_folder_bounds {
	size_t octets, entries;
};

/* Makes the folder if it is not there, for its owner only; its parent must be. ERR_IO. */
must_check enum err cache_folder_open(struct scope *s, const char *path,
    const struct cache_folder_bounds *bounds, struct cache_folder **ret_folder);

/* The entry under this key, for this URL; its parts are in the scope. */
must_check enum err cache_folder_find(struct scope *s, struct cache_folder *folder,
    const struct digest *key, const char *url, bool *ret_found, struct cache_entry *ret_entry);
/* Keeps an entry in place of the former one; then lets the oldest go while the folder is too large.
 * A fault that the scope has recorded before stays as it was. ERR_NOMEM. */
must_check enum err cache_folder_put(struct scope *s, struct cache_folder *folder,
    const struct digest *key, const struct cache_entry *entry);

/* Waits until nobody else holds the lock of this key, at most wait_ms; keys share 256 locks. -1
 * when it did not come free, or there can be none. */
int cache_folder_lock(struct cache_folder *folder, const struct digest *key, long wait_ms);
void cache_folder_unlock(int lock);

#endif
