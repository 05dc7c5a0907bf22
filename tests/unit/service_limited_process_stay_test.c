/* service/limited_process without a child of its own: in a process that is confined already */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "service/limited_process.h"

struct talk {
	struct scope *s;
	struct buf taken; /* "kind:content;" */
	uint32_t stop_at; /* the kind whose taking fails */
};

static enum err take(struct scope *s, void *ctx, uint32_t kind, struct bytes content)
{
	struct talk *t = ctx;
	if (t->stop_at && kind == t->stop_at)
		return scope_fault(s, ERR_DENIED, "enough");
	buf_addf(&t->taken, "%u:", kind);
	buf_add(&t->taken, content);
	buf_add_str(&t->taken, ";");
	return OK;
}

typedef enum err work_function(struct scope *s, void *ctx, struct limited_process_pipe *pipe);

static int setup(void **state)
{
	static struct talk t;
	t = (struct talk){ .s = scope_new(0) };
	t.taken = buf_new(t.s, 10000);
	*state = &t;
	limited_process_stay();
	return 0;
}

static int teardown(void **state)
{
	struct talk *t = *state;
	scope_free(t->s);
	return 0;
}

static enum err run(struct talk *t, work_function *work, unsigned wall_ms)
{
	const struct limited_process p = {
		.what = "work",
		.limits = { .wall_ms = wall_ms, .frame = 8, .total = 12 },
		.work = work,
		.take = take,
		.ctx = t,
	};
	return limited_process_run(t->s, &p);
}

static void assert_taken(struct talk *t, const char *wanted)
{
	char *text;
	assert_int_equal(buf_done_str(&t->taken, &text), OK);
	assert_string_equal(text, wanted);
}

static enum err say_two(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 7, BYTES_LIT("seven")));
	return limited_process_send(s, pipe, 65535, BYTES_LIT("last"));
}

static void frames_come_in_order(void **state)
{
	assert_int_equal(run(*state, say_two, 20000), OK);
	assert_taken(*state, "7:seven;65535:last;");
}

static enum err fail_politely(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("a")));
	return scope_fault(s, ERR_DENIED, "a password is wanted");
}

static void its_error_is_ours(void **state)
{
	struct talk *t = *state;
	assert_int_equal(run(t, fail_politely, 20000), ERR_DENIED);
	assert_string_equal(scope_fault_text(t->s), "work: a password is wanted");
	assert_taken(t, "1:a;");
}

static void the_taker_ends_it(void **state)
{
	struct talk *t = *state;
	t->stop_at = 7;
	assert_int_equal(run(t, say_two, 20000), ERR_DENIED);
	assert_string_equal(scope_fault_text(t->s), "enough");
	assert_taken(t, "");
}

static enum err say_long(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	return limited_process_send(s, pipe, 1, BYTES_LIT("123456789"));
}

static enum err say_much(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("12345678")));
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("1234")));
	return limited_process_send(s, pipe, 1, BYTES_LIT("5"));
}

static void frames_have_an_end(void **state)
{
	assert_int_equal(run(*state, say_long, 20000), ERR_LIMIT);
	assert_int_equal(run(*state, say_much, 20000), ERR_LIMIT);
	assert_taken(*state, "1:12345678;1:1234;");
}

static enum err want_memory(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	(void)pipe;
	return scope_alloc(s, SIZE_MAX / 2) ? OK : ERR_NOMEM;
}

static void memory_has_an_end(void **state)
{
	assert_int_equal(run(*state, want_memory, 20000), ERR_LIMIT);
}

static enum err linger(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return limited_process_send(s, pipe, 2, BYTES_LIT("b"));
}

static void time_has_an_end(void **state)
{
	struct talk *t = *state;
	assert_int_equal(run(t, linger, 1), ERR_LIMIT);
	assert_string_equal(scope_fault_text(t->s), "work: not done within 1 ms");
	assert_taken(t, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(frames_come_in_order), TEST(its_error_is_ours),
		TEST(the_taker_ends_it), TEST(frames_have_an_end), TEST(memory_has_an_end),
		TEST(time_has_an_end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
