#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <pthread.h>
#include <sched.h>
#include <cmocka.h>

#include "base/limits.h"
#include "service/front/person_hashing.h"

#define THREADS 16 /* of requests: 12 may log in, 6 from one address */
#define CLIENTS 40

struct crowd {
	atomic_uint in, refused;
	atomic_bool may_leave;
	const char *address;
};

static void *log_in(void *ctx)
{
	struct crowd *c = ctx;
	if (!person_hashing_try(c->address, THREADS)) {
		c->refused++;
		return NULL;
	}
	c->in++;
	while (!c->may_leave)
		sched_yield();
	person_hashing_leave(c->address);
	return NULL;
}

static void begin(struct crowd *c, pthread_t *threads)
{
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_in, c), 0);
}

static void end(struct crowd *c, const pthread_t *threads)
{
	c->may_leave = true;
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
}

/* So many wait or work, all others are sent away; who comes from elsewhere is not. */
static void test_a_flood_from_one_address(void **state)
{
	struct crowd flood = { .address = "192.0.2.1" }, rest = { .address = "192.0.2.2" };
	pthread_t of_flood[CLIENTS], of_rest[CLIENTS];
	(void)state;
	begin(&flood, of_flood);
	while (flood.refused < CLIENTS - 6)
		sched_yield();
	begin(&rest, of_rest);
	while (rest.refused < CLIENTS - 6)
		sched_yield();
	assert_true(flood.in + rest.in <= LIMIT_PASSWORD_HASHES);
	assert_false(person_hashing_try("192.0.2.3", THREADS));
	end(&flood, of_flood);
	end(&rest, of_rest);
	assert_int_equal(flood.in, 6);
	assert_int_equal(rest.in, 6);
}

static void test_places_are_free_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < (size_t)3 * LIMIT_PASSWORD_LOGINS; i++) {
		assert_true(person_hashing_try("192.0.2.1", 1));
		assert_false(person_hashing_try("192.0.2.2", 1));
		person_hashing_leave("192.0.2.1");
		person_hashing_enter();
		person_hashing_leave(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_from_one_address),
		cmocka_unit_test(test_places_are_free_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
