/*
 * One job's lifetime: an arena with a byte budget, objects of foreign libraries that are released
 * with it, and the text of the first fault. Not thread-safe: one scope belongs to one thread.
 */
#ifndef BULLA_BASE_SCOPE_H
#define BULLA_BASE_SCOPE_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/err.h"

struct scope;

/* Memory that several scopes share: together they hold at most `most` octets. */
struct scope_account {
	_Atomic size_t held;
	size_t most;
};

/* A scope that may hold at most `budget` bytes of arena (0: LIMIT_SCOPE_BUDGET). NULL when there
 * is no memory. The caller ends it with scope_free. */
struct scope *scope_new(size_t budget);
/* Releases owned objects in the reverse order of scope_own, then all memory. NULL is fine. */
void scope_free(struct scope *s);

/* Before the first allocation: what the scope hands out counts in the account too, which must
 * outlive it. Where the account has no more, it is as with a budget: ERR_NOMEM. */
void scope_charge(struct scope *s, struct scope_account *account);

/* n zeroed bytes, aligned for any type, that live as long as the scope. NULL and a recorded
 * ERR_NOMEM fault when the budget or the machine has no more. n of 0 gives a valid pointer. */
void *scope_alloc(struct scope *s, size_t n);
/* As scope_alloc for count elements of `size`, checked for overflow. */
void *scope_alloc_array(struct scope *s, size_t count, size_t size);
/* Grows (or makes, with NULL) a block of its own, outside the arena chunks; content is kept, new
 * bytes are NOT zeroed. `old_n` is its present size. Only for blocks made by this function. */
void *scope_resize(struct scope *s, void *block, size_t old_n, size_t new_n);

/* The scope takes obj and will call release(obj) at its end. When that cannot be recorded, obj is
 * released at once and ERR_NOMEM returned. A NULL obj is refused with ERR_NOMEM: so the result of
 * a foreign constructor can be passed in unchecked. */
must_check enum err scope_own(struct scope *s, void *obj, void (*release)(void *));

/* Records text for the fault and returns `e`. Only the first fault of a scope is kept, until
 * scope_forgive. The text is one line without a final full stop. Control characters become '?'. */
enum err scope_fault(struct scope *s, enum err e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The text of the first fault, "" if there was none. Lives as long as the scope. */
const char *scope_fault_text(const struct scope *s);
/* Code of the first fault, OK if there was none. */
enum err scope_fault_code(const struct scope *s);
/* Forgets the fault: its cause was dealt with. */
void scope_forgive(struct scope *s);
/* Puts "prefix: " before the recorded text, to say what was being done; returns `e`. */
enum err scope_fault_in(struct scope *s, enum err e, const char *prefix);

/* A place where one module keeps what it remembers for this job (e.g. what it parsed already),
 * found by an address of its own; NULL in it at first. Returns NULL when there is no memory. */
void **scope_slot(struct scope *s, const void *owner);

/* Number of bytes handed out so far; for tests and for limits. */
size_t scope_used(const struct scope *s);
/* Makes the n-th allocation from now (1 = the next) and all later ones fail; 0 switches it off.
 * For the allocation-failure sweep of the tests. */
void scope_fail_after(struct scope *s, size_t n);

#endif
