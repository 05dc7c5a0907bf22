#include "base/scope.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* Chunks double from the first size up to the last, so a small job costs one malloc. */
#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_LAST ((size_t)1 << 20)

struct chunk {
	struct chunk *next;
	size_t n, used;
	alignas(max_align_t) uint8_t data[];
};

/* A block of its own (scope_resize): doubly linked so that it can move. */
struct block {
	struct block *prev, *next;
	alignas(max_align_t) uint8_t data[];
};

struct owned {
	struct owned *next;
	void *obj;
	void (*release)(void *);
};

struct slot {
	struct slot *next;
	const void *owner;
	void *kept;
};

struct scope {
	struct slot *slots;
	struct chunk *chunks;
	struct block *blocks;
	struct owned *owned;
	size_t used, budget, next_chunk;
	struct scope_account *account;
	size_t fail_after;
	enum err fault_code;
	char fault[LIMIT_FAULT_TEXT];
};

struct scope *scope_new(size_t budget)
{
	struct scope *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->budget = budget ? budget : LIMIT_SCOPE_BUDGET;
	s->next_chunk = CHUNK_FIRST;
	return s;
}

void scope_free(struct scope *s)
{
	if (!s)
		return;
	for (struct owned *o = s->owned; o; o = o->next)
		o->release(o->obj);
	for (struct block *b = s->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	for (struct chunk *c = s->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	if (s->account)
		atomic_fetch_sub(&s->account->held, s->used);
	free(s);
}

void scope_charge(struct scope *s, struct scope_account *account)
{
	s->account = account;
}

static bool may_charge(struct scope_account *a, size_t n)
{
	size_t held = atomic_load(&a->held);
	do
		if (n > a->most || held > a->most - n)
			return false;
	while (!atomic_compare_exchange_weak(&a->held, &held, held + n));
	return true;
}

static void give_back(struct scope *s, size_t n)
{
	s->used -= n;
	if (s->account)
		atomic_fetch_sub(&s->account->held, n);
}

/* Whether n more bytes may be handed out; counts them if so. */
static bool may_take(struct scope *s, size_t n)
{
	if (s->fail_after == 1 || n > s->budget || s->used > s->budget - n) {
		scope_fault(s, ERR_NOMEM, "out of memory: %zu more bytes over a budget of %zu", n,
		    s->budget);
		return false;
	}
	if (s->account && !may_charge(s->account, n)) {
		scope_fault(s, ERR_NOMEM, "out of memory: %zu more bytes over what is shared", n);
		return false;
	}
	if (s->fail_after > 1)
		s->fail_after--;
	s->used += n;
	return true;
}

static struct chunk *chunk_with_room(struct scope *s, size_t n)
{
	if (s->chunks && s->chunks->n - s->chunks->used >= n)
		return s->chunks;
	size_t size = n > s->next_chunk ? n : s->next_chunk;
	struct chunk *c = size > SIZE_MAX - sizeof(*c) ? NULL : malloc(sizeof(*c) + size);
	if (!c) {
		scope_fault(s, ERR_NOMEM, "out of memory");
		return NULL;
	}
	if (s->next_chunk < CHUNK_LAST)
		s->next_chunk *= 2;
	c->n = size;
	c->used = 0;
	/* An oversize chunk is full from the start: keep the current one in front. */
	if (s->chunks && size == n) {
		c->next = s->chunks->next;
		s->chunks->next = c;
		return c;
	}
	c->next = s->chunks;
	s->chunks = c;
	return c;
}

void *scope_alloc(struct scope *s, size_t n)
{
	const size_t align = alignof(max_align_t);
	if (n > SIZE_MAX - align) {
		scope_fault(s, ERR_NOMEM, "out of memory: impossible size");
		return NULL;
	}
	size_t rounded = n == 0 ? align : (n + align - 1) / align * align;
	if (!may_take(s, rounded))
		return NULL;
	struct chunk *c = chunk_with_room(s, rounded);
	if (!c) {
		give_back(s, rounded);
		return NULL;
	}
	void *p = c->data + c->used;
	c->used += rounded;
	memset(p, 0, rounded);
	return p;
}

void *scope_alloc_array(struct scope *s, size_t count, size_t size)
{
	size_t n;
	if (__builtin_mul_overflow(count, size, &n)) {
		scope_fault(s, ERR_NOMEM, "out of memory: impossible size");
		return NULL;
	}
	return scope_alloc(s, n);
}

void *scope_resize(struct scope *s, void *block, size_t old_n, size_t new_n)
{
	const size_t held = block ? old_n : 0;
	const size_t more = new_n > held ? new_n - held : 0;
	if (new_n > SIZE_MAX - sizeof(struct block)) {
		scope_fault(s, ERR_NOMEM, "out of memory: impossible size");
		return NULL;
	}
	if (!may_take(s, more))
		return NULL;
	struct block *old =
	    block ? (struct block *)((uint8_t *)block - offsetof(struct block, data)) : NULL;
	struct block *b = realloc(old, sizeof(*b) + new_n);
	if (!b) {
		give_back(s, more);
		scope_fault(s, ERR_NOMEM, "out of memory");
		return NULL;
	}
	if (!old) {
		b->prev = NULL;
		b->next = s->blocks;
	}
	give_back(s, held > new_n ? held - new_n : 0);
	if (b->prev)
		b->prev->next = b;
	else
		s->blocks = b;
	if (b->next)
		b->next->prev = b;
	return b->data;
}

enum err scope_own(struct scope *s, void *obj, void (*release)(void *))
{
	if (!obj)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	struct owned *o = scope_alloc(s, sizeof(*o));
	if (!o) {
		release(obj);
		return ERR_NOMEM;
	}
	*o = (struct owned){ .next = s->owned, .obj = obj, .release = release };
	s->owned = o;
	return OK;
}

void **scope_slot(struct scope *s, const void *owner)
{
	struct slot *slot = s->slots;
	while (slot && slot->owner != owner)
		slot = slot->next;
	if (slot)
		return &slot->kept;
	slot = scope_alloc(s, sizeof(*slot));
	if (!slot)
		return NULL;
	*slot = (struct slot){ .next = s->slots, .owner = owner };
	s->slots = slot;
	return &slot->kept;
}

static void make_printable(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

enum err scope_fault(struct scope *s, enum err e, const char *fmt, ...)
{
	if (s->fault_code != OK)
		return e;
	s->fault_code = e;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->fault, sizeof(s->fault), fmt, ap);
	va_end(ap);
	make_printable(s->fault);
	return e;
}

enum err scope_fault_in(struct scope *s, enum err e, const char *prefix)
{
	char text[LIMIT_FAULT_TEXT];
	snprintf(text, sizeof(text), "%s", s->fault_code == OK ? err_name(e) : s->fault);
	s->fault_code = OK;
	return scope_fault(s, e, "%s: %s", prefix, text);
}

const char *scope_fault_text(const struct scope *s)
{
	return s->fault;
}

enum err scope_fault_code(const struct scope *s)
{
	return s->fault_code;
}

void scope_forgive(struct scope *s)
{
	s->fault_code = OK;
	s->fault[0] = '\0';
}

size_t scope_used(const struct scope *s)
{
	return s->used;
}

void scope_fail_after(struct scope *s, size_t n)
{
	s->fail_after = n;
}
