#include "formats/pdf_file_cache.h"

#include <stdint.h>

#include "base/scope.h"

#define FIRST_ROOM 32

static size_t slot_of(
    const struct pdf_file_cache_slot *slot, size_t room, struct pdf_file_cache_key key)
{
	uint64_t mix = (uint64_t)(uintptr_t)key.entry * UINT64_C(0x9e3779b97f4a7c15);
	mix ^= (uint64_t)(uintptr_t)key.container * UINT64_C(0xc2b2ae3d27d4eb4f);
	size_t at = (size_t)(mix >> 32) & (room - 1);
	while (slot[at].key.entry &&
	       (slot[at].key.entry != key.entry || slot[at].key.container != key.container))
		at = (at + 1) & (room - 1);
	return at;
}

const void *pdf_file_cache_find(const struct pdf_file_cache *cache, struct pdf_file_cache_key key)
{
	if (cache->n == 0)
		return NULL;
	return cache->slot[slot_of(cache->slot, cache->room, key)].content;
}

static enum err grow(struct scope *s, struct pdf_file_cache *cache)
{
	const size_t room = cache->room ? cache->room * 2 : FIRST_ROOM;
	struct pdf_file_cache_slot *slot = scope_alloc_array(s, room, sizeof(*slot));
	if (!slot)
		return ERR_NOMEM;
	for (size_t i = 0; i < cache->room; i++)
		if (cache->slot[i].key.entry)
			slot[slot_of(slot, room, cache->slot[i].key)] = cache->slot[i];
	cache->slot = slot;
	cache->room = room;
	return OK;
}

enum err pdf_file_cache_put(struct scope *s, struct pdf_file_cache *cache,
    struct pdf_file_cache_key key, const void *content)
{
	if (cache->n + 1 > cache->room / 4 * 3)
		TRY(grow(s, cache));
	struct pdf_file_cache_slot *slot = &cache->slot[slot_of(cache->slot, cache->room, key)];
	cache->n += slot->key.entry == NULL;
	*slot = (struct pdf_file_cache_slot){ .key = key, .content = content };
	return OK;
}

void pdf_file_cache_clear(struct pdf_file_cache *cache)
{
	for (size_t i = 0; i < cache->room; i++)
		cache->slot[i] = (struct pdf_file_cache_slot){ 0 };
	cache->n = 0;
}
