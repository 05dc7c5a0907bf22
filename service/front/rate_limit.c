#include "service/front/rate_limit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"

#define WAYS 8 /* buckets of a group */
#define GROUPS (LIMIT_RATE_KEYS / WAYS)
#define TOKEN 60000 /* of a bucket's unit: so that one millisecond brings per_minute units */

struct bucket {
	uint64_t key; /* the hash; 0: free */
	int64_t units, at_ms;
};

struct rate_limit {
	pthread_mutex_t lock;
	uint64_t secret[2];
	struct bucket bucket[GROUPS][WAYS];
};

struct rate_limit *rate_limit_new(void)
{
	struct rate_limit *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	if (getrandom(r->secret, sizeof(r->secret), 0) != sizeof(r->secret) ||
	    pthread_mutex_init(&r->lock, NULL)) {
		free(r);
		return NULL;
	}
	return r;
}

void rate_limit_free(struct rate_limit *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* -- SipHash-2-4 (Aumasson and Bernstein) -- */

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

static uint64_t hash(const uint64_t secret[2], const char *text)
{
	uint64_t v[4] = { secret[0] ^ UINT64_C(0x736f6d6570736575),
		secret[1] ^ UINT64_C(0x646f72616e646f6d), secret[0] ^ UINT64_C(0x6c7967656e657261),
		secret[1] ^ UINT64_C(0x7465646279746573) };
	size_t n = strlen(text);
	uint64_t word = 0;
	for (size_t i = 0; i < n; i++) {
		word |= (uint64_t)(uint8_t)text[i] << 8 * (i % 8);
		if (i % 8 == 7) {
			sip_word(v, word);
			word = 0;
		}
	}
	sip_word(v, word | (uint64_t)n << 56);
	v[2] ^= 0xFF;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	uint64_t h = v[0] ^ v[1] ^ v[2] ^ v[3];
	return h ? h : 1;
}

/* -- buckets -- */

static int64_t refilled(const struct bucket *b, int64_t rate, int64_t most, int64_t now_ms)
{
	int64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
	if (passed >= (most - b->units) / rate + 1)
		return most;
	int64_t units = b->units + passed * rate;
	return units < most ? units : most;
}

/* The key's own bucket, or one that is given to it: a free one, else the one used longest ago. */
static struct bucket *bucket_of(struct rate_limit *r, uint64_t key, int64_t most, int64_t now_ms)
{
	struct bucket *group = r->bucket[key % GROUPS], *found = &group[0];
	for (size_t i = 0; i < WAYS; i++) {
		if (group[i].key == key)
			return &group[i];
		if (found->key && (!group[i].key || group[i].at_ms < found->at_ms))
			found = &group[i];
	}
	*found = (struct bucket){ key, most, now_ms };
	return found;
}

unsigned rate_limit_take(
    struct rate_limit *r, const char *key, unsigned per_minute, unsigned burst, int64_t now_ms)
{
	int64_t rate = per_minute, most = (int64_t)(burst ? burst : 1) * TOKEN, lacking = 0;
	if (!per_minute)
		return 0;
	uint64_t h = hash(r->secret, key);
	pthread_mutex_lock(&r->lock);
	struct bucket *b = bucket_of(r, h, most, now_ms);
	b->units = refilled(b, rate, most, now_ms);
	b->at_ms = now_ms;
	if (b->units >= TOKEN)
		b->units -= TOKEN;
	else
		lacking = TOKEN - b->units;
	pthread_mutex_unlock(&r->lock);
	/* rate units come each millisecond */
	return lacking ? (unsigned)(lacking / rate / 1000 + 1) : 0;
}
