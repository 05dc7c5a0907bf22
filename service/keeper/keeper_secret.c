#include "service/keeper/keeper_secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/limits.h"
#include "base/scope.h"

#define SWEPT ((size_t)64 << 10) /* OpenSSL's deepest calls for a key take less */

/* -- what OpenSSL allocates with -- */
static void *plain_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n ? malloc(n) : NULL;
}

static void wiping_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p)
		bytes_wipe(p, malloc_usable_size(p));
	free(p);
}

static void *wiping_realloc(void *p, size_t n, const char *file, int line)
{
	if (!n) {
		wiping_free(p, file, line);
		return NULL;
	}
	void *grown = malloc(n);
	if (!p || !grown)
		return grown;
	const size_t held = malloc_usable_size(p);
	memcpy(grown, p, held < n ? held : n);
	wiping_free(p, file, line);
	return grown;
}

enum err keeper_secret_prepare(struct scope *s, bool *ret_is_locked)
{
	if (CRYPTO_set_mem_functions(plain_malloc, wiping_realloc, wiping_free) != 1)
		return scope_fault(s, ERR_MISUSE, "keeper: OpenSSL's memory is in use already");
	int made = CRYPTO_secure_malloc_init(LIMIT_KEEPER_SECRETS, 32);
	if (!made)
		return scope_fault(s, ERR_NOMEM, "keeper: no memory for secrets");
	*ret_is_locked = made == 1;
	return OK;
}

/* -- secrets of ours -- */
struct secret {
	size_t n;
	uint8_t octets[];
};

static void release(void *obj)
{
	struct secret *x = obj;
	OPENSSL_secure_clear_free(x, sizeof(*x) + x->n);
}

enum err keeper_secret_new(struct scope *s, size_t n, uint8_t **ret_octets)
{
	struct secret *x = n < SIZE_MAX - sizeof(*x) ? OPENSSL_secure_zalloc(sizeof(*x) + n) : NULL;
	if (!x)
		return scope_fault(s, ERR_NOMEM, "keeper: no memory for more secrets");
	x->n = n;
	TRY(scope_own(s, x, release));
	*ret_octets = x->octets;
	return OK;
}

enum err keeper_secret_copy(struct scope *s, struct bytes secret, struct bytes *ret_copy)
{
	uint8_t *octets;
	TRY(keeper_secret_new(s, secret.n + 1, &octets));
	if (secret.n)
		memcpy(octets, secret.p, secret.n);
	*ret_copy = bytes_of(octets, secret.n);
	return OK;
}

__attribute__((noinline)) void keeper_secret_sweep(void)
{
	uint8_t remains[SWEPT];
	bytes_wipe(remains, sizeof(remains));
}

void keeper_secret_end_thread(void)
{
	OPENSSL_thread_stop();
}
