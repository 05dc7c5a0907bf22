#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/worker_output.h"
#include "tests/support/store_scene.h"

#define SIZE (LIMIT_OUTPUT_PIECE + 1000)
#define MORE 500

/* An original of more than a piece, and an output that begins with it. */
struct outputs {
	struct store_scene *c;
	uint8_t content[SIZE + MORE];
	struct digest digest;
	struct store_files_draft draft;
	struct worker_output output;
	struct store_files_name name;
};

static void write_output(struct outputs *o, size_t n)
{
	assert_int_equal(store_files_begin(o->c->s, o->c->store, &o->draft), OK);
	assert_int_equal(write(o->draft.fd, o->content, n), n);
	assert_int_equal(
	    digest_of_bytes(o->c->s, DIGEST_SHA256, bytes_of(o->content, n), &o->digest), OK);
	o->output.fd = o->draft.fd;
	o->output.size = n;
	o->output.sha256 = o->digest.value;
}

static int set_up(void **state)
{
	struct outputs *o = calloc(1, sizeof(*o));
	struct store_files_name original = { NULL, STORE_FILES_DOCUMENT, 1, 0 };
	assert_non_null(o);
	o->c = store_scene_open(NULL);
	original.id = store_scene_id(o->c->s, "sl");
	o->name = (struct store_files_name){ original.id, STORE_FILES_SEALED, 1, 1 };
	for (size_t i = 0; i < sizeof(o->content); i++)
		o->content[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(
	    store_files_put_bytes(o->c->s, o->c->store, bytes_of(o->content, SIZE), original), OK);
	assert_int_equal(store_files_open(o->c->s, o->c->store, original, &o->output.original,
			     &o->output.original_size),
	    OK);
	*state = o;
	return 0;
}

static int tear_down(void **state)
{
	struct outputs *o = *state;
	store_scene_close(o->c);
	free(o);
	return 0;
}

static void assert_refused(struct outputs *o)
{
	assert_int_equal(
	    worker_output_keep(o->c->s, o->c->store, &o->output, o->name), ERR_INTERNAL);
	scope_forgive(o->c->s);
	assert_false(store_files_is_at(o->c->store, o->name));
}

static void test_what_is_as_it_should_be_is_kept(void **state)
{
	struct outputs *o = *state;
	struct bytes kept;
	write_output(o, sizeof(o->content));
	assert_int_equal(worker_output_keep(o->c->s, o->c->store, &o->output, o->name), OK);
	assert_int_equal(
	    store_files_read(o->c->s, o->c->store, o->name, sizeof(o->content), &kept), OK);
	assert_true(bytes_equal(kept, bytes_of(o->content, sizeof(o->content))));
}

/* Who still has the output open writes into what nobody reads any more. */
static void test_later_writing_changes_nothing(void **state)
{
	struct outputs *o = *state;
	struct bytes kept;
	write_output(o, sizeof(o->content));
	assert_int_equal(worker_output_keep(o->c->s, o->c->store, &o->output, o->name), OK);
	assert_int_equal(pwrite(o->draft.fd, "changed", 7, SIZE), 7);
	assert_int_equal(ftruncate(o->draft.fd, 100), 0);
	assert_int_equal(
	    store_files_read(o->c->s, o->c->store, o->name, sizeof(o->content), &kept), OK);
	assert_true(bytes_equal(kept, bytes_of(o->content, sizeof(o->content))));
}

/* A small document's goes to memory, a large one's to the disk; each is of its own. */
static void test_where_workers_write(void **state)
{
	struct outputs *o = *state;
	struct stat of_memory, of_other, of_disk, folder;
	int fd;
	assert_int_equal(
	    worker_output_begin(o->c->s, o->c->store, LIMIT_OUTPUT_IN_MEMORY, &fd), OK);
	assert_int_equal(fstat(fd, &of_memory), 0);
	assert_int_equal(worker_output_begin(o->c->s, o->c->store, 0, &fd), OK);
	assert_int_equal(fstat(fd, &of_other), 0);
	assert_int_equal(
	    worker_output_begin(o->c->s, o->c->store, LIMIT_OUTPUT_IN_MEMORY + 1, &fd), OK);
	assert_int_equal(fstat(fd, &of_disk), 0);
	assert_int_equal(stat(store_files_incoming(o->c->store), &folder), 0);
	assert_int_equal(of_disk.st_dev, folder.st_dev);
	assert_true(of_memory.st_dev != folder.st_dev);
	assert_true(of_memory.st_ino != of_other.st_ino);
	assert_true(S_ISREG(of_memory.st_mode) && of_memory.st_size == 0);
}

/* What is written to memory is kept on the disk. */
static void test_an_output_in_memory_is_kept(void **state)
{
	struct outputs *o = *state;
	struct bytes kept;
	write_output(o, sizeof(o->content));
	assert_int_equal(worker_output_begin(o->c->s, o->c->store, SIZE, &o->output.fd), OK);
	assert_int_equal(write(o->output.fd, o->content, sizeof(o->content)), sizeof(o->content));
	assert_int_equal(worker_output_keep(o->c->s, o->c->store, &o->output, o->name), OK);
	assert_int_equal(
	    store_files_read(o->c->s, o->c->store, o->name, sizeof(o->content), &kept), OK);
	assert_true(bytes_equal(kept, bytes_of(o->content, sizeof(o->content))));
}

static void test_an_original_that_was_changed(void **state)
{
	static const size_t places[] = { 0, LIMIT_OUTPUT_PIECE - 1, LIMIT_OUTPUT_PIECE, SIZE - 1 };
	struct outputs *o = *state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		o->content[places[i]] ^= 1;
		write_output(o, sizeof(o->content));
		assert_refused(o);
		o->content[places[i]] ^= 1;
	}
	o->content[SIZE] ^= 1; /* the first octet behind it is the seal's */
	write_output(o, sizeof(o->content));
	assert_int_equal(worker_output_keep(o->c->s, o->c->store, &o->output, o->name), OK);
}

static void test_an_original_that_was_cut(void **state)
{
	struct outputs *o = *state;
	write_output(o, SIZE - 1);
	assert_refused(o);
	write_output(o, 0);
	assert_refused(o);
}

static void test_a_size_that_is_not_so(void **state)
{
	struct outputs *o = *state;
	write_output(o, sizeof(o->content));
	o->output.size--;
	assert_refused(o);
	o->output.size += 2;
	assert_refused(o);
	o->output.size = UINT64_MAX;
	assert_refused(o);
}

static void test_a_digest_that_is_not_so(void **state)
{
	struct outputs *o = *state;
	write_output(o, sizeof(o->content));
	o->digest.value[31] ^= 1;
	assert_refused(o);
}

static void test_without_an_original(void **state)
{
	struct outputs *o = *state;
	o->output.original = -1;
	write_output(o, 10);
	assert_int_equal(worker_output_keep(o->c->s, o->c->store, &o->output, o->name), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_is_as_it_should_be_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_later_writing_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_where_workers_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_output_in_memory_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_original_that_was_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_original_that_was_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_size_that_is_not_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_digest_that_is_not_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_an_original, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
