/* The keeper used by many threads at once: as its links do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_secret.h"
#include "tests/support/keeper_bench.h"

#define THREADS 4
#define ROUNDS 60

struct crew {
	struct keeper_bench b;
	uint8_t shared[KEEPER_TOKEN]; /* of a session that all use */
	atomic_uint signatures, refusals, mistakes;
};

static void count(struct crew *c, enum err e, enum err may_be)
{
	if (e == OK)
		atomic_fetch_add(&c->signatures, 1);
	else
		atomic_fetch_add(e == may_be ? &c->refusals : &c->mistakes, 1);
}

static enum err sign(struct crew *c, struct scope *s, struct bytes token)
{
	const struct signature_alg alg = mini_ca_alg(MINI_CA_P256, false);
	struct bytes value;
	bool ok = false;
	TRY(keeper_sign(c->b.k, s, token, &alg, KEEPER_BENCH_ATTRIBUTES, &value));
	if (signature_alg_verify(s, alg, c->b.bag.leaf->key, KEEPER_BENCH_ATTRIBUTES, value, &ok) !=
		OK ||
	    !ok)
		return ERR_INTERNAL;
	return OK;
}

/* -- all take uses of one session -- */
static void *take_uses(void *arg)
{
	struct crew *c = arg;
	for (int i = 0; i < ROUNDS; i++) {
		struct scope *s = scope_new(0);
		count(c, sign(c, s, bytes_of(c->shared, KEEPER_TOKEN)), ERR_MISUSE);
		scope_free(s);
	}
	return NULL;
}

static void run_all(struct crew *c, void *(*work)(void *))
{
	pthread_t t[THREADS];
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, work, c), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static void no_use_is_taken_twice(void **state)
{
	(void)state;
	struct crew c = { .refusals = 0 };
	keeper_bench_open(&c.b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&c.b, ROUNDS + 7, 60);
	memcpy(c.shared, session.token.p, KEEPER_TOKEN);
	run_all(&c, take_uses);
	assert_int_equal(c.signatures, ROUNDS + 7);
	assert_int_equal(c.refusals, THREADS * ROUNDS - (ROUNDS + 7));
	assert_int_equal(c.mistakes, 0);
	assert_int_equal(keeper_sessions(c.b.k), 0);
	keeper_bench_close(&c.b);
}

/* -- each does all there is to do, while keys are locked and sessions end -- */
static void one_round(struct crew *c, struct scope *s, int i)
{
	struct keeper_session own, granted;
	struct bytes password, certificate;
	const char *name;
	struct keeper *k = c->b.k;
	if (keeper_secret_copy(s, BYTES_LIT(KEEPER_BENCH_PASSWORD), &password) != OK ||
	    keeper_unlock_session(k, s, c->b.wrapped, password, 3, 60, &own) != OK) {
		atomic_fetch_add(&c->mistakes, 1);
		return;
	}
	count(c, sign(c, s, own.token), OK);
	scope_forgive(s);
	count(c, keeper_unlock(k, s, "batch", password, &certificate), OK);
	if (keeper_grant(k, s, "batch", 2, 60, &granted) == OK)
		count(c, sign(c, s, granted.token), ERR_MISUSE);
	scope_forgive(s);
	if (i % 3 == 0)
		count(c, keeper_lock(k, s, "batch"), OK);
	count(c, keeper_unattended_at(k, s, 0, &name, &certificate), OK);
	keeper_tick(k);
	keeper_close_session(k, own.token);
	count(c, sign(c, s, own.token) == ERR_MISUSE ? OK : ERR_INTERNAL, OK);
}

static void *do_everything(void *arg)
{
	for (int i = 0; i < ROUNDS / 4; i++) {
		struct scope *s = scope_new(0);
		one_round(arg, s, i);
		scope_free(s);
	}
	return NULL;
}

static void all_at_once(void **state)
{
	(void)state;
	struct crew c = { .refusals = 0 };
	keeper_bench_open(&c.b, MINI_CA_P256);
	assert_int_equal(keeper_add_unattended(c.b.k, c.b.s, "batch", c.b.bag.pkcs12), OK);
	run_all(&c, do_everything);
	assert_int_equal(c.mistakes, 0);
	assert_true(c.signatures >= THREADS * (ROUNDS / 4) * 3);
	keeper_lock_all(c.b.k);
	assert_int_equal(keeper_sessions(c.b.k), 0);
	keeper_bench_close(&c.b);
}

/* -- guesses at once are no more than guesses one by one -- */
static void *guess(void *arg)
{
	struct crew *c = arg;
	struct scope *s = scope_new(0);
	struct keeper_session x;
	struct bytes password;
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++) {
		if (keeper_secret_copy(s, BYTES_LIT("wrong"), &password) != OK)
			atomic_fetch_add(&c->mistakes, 1);
		enum err e = keeper_unlock_session(c->b.k, s, c->b.wrapped, password, 1, 1, &x);
		count(c, e == ERR_DENIED ? OK : e, ERR_LIMIT);
		scope_forgive(s);
	}
	scope_free(s);
	return NULL;
}

static void guesses_are_counted_together(void **state)
{
	(void)state;
	struct crew c = { .refusals = 0 };
	keeper_bench_open(&c.b, MINI_CA_P256);
	run_all(&c, guess);
	assert_int_equal(c.signatures, LIMIT_KEEPER_TRIES); /* passwords that were tried */
	assert_int_equal(c.refusals, (THREADS - 1) * LIMIT_KEEPER_TRIES);
	assert_int_equal(c.mistakes, 0);
	keeper_bench_close(&c.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_use_is_taken_twice),
		cmocka_unit_test(all_at_once),
		cmocka_unit_test(guesses_are_counted_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
