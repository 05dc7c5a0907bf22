#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/draft_file.h"
#include "service/output_file.h"
#include "service/signal_guard.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static struct draft *open_draft(struct scope *s, const char *in_path, struct output_file **ret_out)
{
	const struct input_file *in;
	struct draft *draft;
	assert_int_equal(input_file_open(s, in_path, &in), OK);
	assert_int_equal(output_file_open(s, at("out"), ret_out), OK);
	assert_int_equal(
	    draft_file_open(s, in, output_file_fd(*ret_out), output_file_name(*ret_out), 0, &draft),
	    OK);
	assert_true(bytes_equal(draft->document, in->bytes));
	return draft;
}

/* Appending a little, across a page boundary, and a lot: old spans stay. */
static void test_grows_and_keeps_old_spans(void **state)
{
	struct scope *s = *state;
	struct output_file *out;
	struct bytes content;
	assert_int_equal(output_file_put(s, at("in"), BYTES_LIT("%PDF-1.7 the input")), OK);
	struct draft *draft = open_draft(s, at("in"), &out);
	struct bytes old = draft->document;
	static uint8_t more[3 << 20];
	memset(more, 'm', sizeof(more));
	static const size_t sizes[] = { 1, 4095, 5000, 3 << 20, 0, 7 };
	size_t n = old.n;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(draft->append(draft, s, bytes_of(more, sizes[i])), OK);
		n += sizes[i];
		assert_int_equal(draft->document.n, n);
		assert_ptr_equal(draft->document.p, old.p);
		assert_true(bytes_equal_str(old, "%PDF-1.7 the input"));
		assert_int_equal(draft->document.p[n - 1], 'm');
	}
	assert_int_equal(output_file_commit(s, out), OK);
	assert_int_equal(input_file_read(s, at("out"), 8 << 20, &content), OK);
	assert_true(bytes_equal(content, draft->document));
	assert_int_equal(input_file_read(s, at("in"), 100, &content), OK);
	assert_true(bytes_equal_str(content, "%PDF-1.7 the input"));
}

static void test_an_input_in_memory(void **state)
{
	struct scope *s = *state;
	const struct input_file in = { .name = "pipe", .bytes = BYTES_LIT("piped"), .fd = -1 };
	struct output_file *out;
	struct draft *draft;
	assert_int_equal(output_file_open(s, at("out"), &out), OK);
	assert_int_equal(
	    draft_file_open(s, &in, output_file_fd(out), output_file_name(out), 0, &draft), OK);
	assert_true(bytes_equal_str(draft->document, "piped"));
	assert_int_equal(draft->append(draft, s, BYTES_LIT("+")), OK);
	assert_true(bytes_equal_str(draft->document, "piped+"));
}

/* A sparse gigabyte stays sparse and costs no anonymous memory. */
static void test_a_large_file_costs_no_memory(void **state)
{
	struct scope *s = *state;
	struct output_file *out;
	struct stat st;
	off_t size = (off_t)1 << 30;
	int fd = open(at("large"), O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(pwrite(fd, "middle", 6, size / 2), 6);
	assert_int_equal(pwrite(fd, "end", 3, size - 3), 3);
	close(fd);
	const struct input_file *in;
	struct draft *draft;
	assert_int_equal(input_file_open(s, at("large"), &in), OK);
	assert_int_equal(output_file_open(s, at("out"), &out), OK);
	assert_int_equal(
	    draft_file_open(s, in, output_file_fd(out), output_file_name(out), 0, &draft), OK);
	assert_int_equal(draft->document.n, size);
	assert_memory_equal(draft->document.p + size / 2, "middle", 6);
	assert_memory_equal(draft->document.p + size - 3, "end", 3);
	assert_int_equal(draft->document.p[12345], 0);
	assert_int_equal(draft->append(draft, s, BYTES_LIT("tail")), OK);
	assert_memory_equal(draft->document.p + size, "tail", 4);
	assert_int_equal(fstat(output_file_fd(out), &st), 0);
	assert_int_equal(st.st_size, size + 4);
	assert_true(st.st_blocks * 512 < 64 << 20);
	assert_true(scope_used(s) < 1 << 20);
	unlink(at("large"));
}

static void test_an_input_that_shrank(void **state)
{
	struct scope *s = *state;
	static const uint8_t content[40000];
	const struct input_file *in;
	struct output_file *out;
	struct draft *draft;
	assert_int_equal(output_file_put(s, at("in"), bytes_of(content, sizeof(content))), OK);
	assert_int_equal(input_file_open(s, at("in"), &in), OK);
	assert_int_equal(truncate(at("in"), 10), 0);
	assert_int_equal(output_file_open(s, at("out"), &out), OK);
	assert_int_equal(
	    draft_file_open(s, in, output_file_fd(out), output_file_name(out), 0, &draft), ERR_IO);
	assert_non_null(strstr(scope_fault_text(s), "/in: the file shrank"));
}

/* RLIMIT_FSIZE stands in for a full disk. */
static void test_a_failed_append(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		static const uint8_t more[20000];
		struct scope *s = scope_new(0);
		const struct input_file in = { .name = "m", .bytes = BYTES_LIT("in"), .fd = -1 };
		struct output_file *out;
		struct draft *draft;
		signal_guard_install();
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 8192, 8192 });
		bool right = output_file_open(s, at("failed"), &out) == OK &&
			     draft_file_open(s, &in, output_file_fd(out), output_file_name(out), 0,
				 &draft) == OK &&
			     draft->append(draft, s, bytes_of(more, sizeof(more))) == ERR_IO &&
			     strstr(scope_fault_text(s), "/failed: File too large") &&
			     draft->document.n == 2;
		scope_free(s);
		_exit(right && access(at("failed"), F_OK) != 0 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bulla-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_grows_and_keeps_old_spans, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_an_input_in_memory, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_a_large_file_costs_no_memory, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_an_input_that_shrank, new_scope, end_scope),
		cmocka_unit_test(test_a_failed_append),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
