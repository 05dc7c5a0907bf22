/* service/output_folder: a folder appears whole, or nothing does */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/output_folder.h"

static char dir[64], target[128];

static int setup(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/bulla-output-folder-XXXXXX");
	*state = scope_new(0);
	if (!*state || !mkdtemp(dir))
		return 1;
	snprintf(target, sizeof(target), "%s/target", dir);
	return 0;
}

static int teardown(void **state)
{
	scope_free(*state);
	folder_remove(target);
	folder_remove(dir);
	return access(dir, F_OK) == 0;
}

static void it_appears_at_the_end(void **state)
{
	struct output_folder *o;
	struct bytes content;
	char *path;
	assert_int_equal(output_folder_open(*state, target, &o), OK);
	assert_int_equal(output_folder_put(*state, o, "a", BYTES_LIT("one")), OK);
	assert_int_equal(output_folder_put(*state, o, "b", BYTES_NONE), OK);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(output_folder_commit(*state, o), OK);
	assert_int_equal(folder_path(*state, target, "a", &path), OK);
	assert_int_equal(input_file_read(*state, path, 100, &content), OK);
	assert_true(bytes_equal(content, BYTES_LIT("one")));
	assert_int_equal(output_folder_commit(*state, o), ERR_MISUSE);
}

static void without_an_end_there_is_nothing(void **state)
{
	(void)state;
	struct output_folder *o;
	struct scope *own = scope_new(0);
	char name[16];
	assert_int_equal(output_folder_open(own, target, &o), OK);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(output_folder_put(own, o, name, BYTES_LIT("x")), OK);
	}
	assert_int_equal(output_folder_put(own, o, "7", BYTES_LIT("twice")), ERR_IO);
	assert_false(folder_is_empty(dir));
	scope_free(own);
	assert_true(folder_is_empty(dir));
}

static void an_empty_folder_gives_way(void **state)
{
	struct output_folder *o;
	char with_slash[160];
	assert_int_equal(mkdir(target, 0700), 0);
	snprintf(with_slash, sizeof(with_slash), "%s//", target);
	assert_int_equal(output_folder_open(*state, with_slash, &o), OK);
	assert_int_equal(output_folder_put(*state, o, "a", BYTES_LIT("one")), OK);
	assert_int_equal(output_folder_commit(*state, o), OK);
	assert_false(folder_is_empty(target));
}

static void what_is_there_is_not_touched(void **state)
{
	struct output_folder *o;
	char path[160], nowhere[160];
	snprintf(path, sizeof(path), "%s/file", target);
	assert_int_equal(mkdir(target, 0700), 0);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(output_folder_open(*state, target, &o), ERR_IO);
	scope_forgive(*state);
	assert_int_equal(output_folder_open(*state, path, &o), ERR_IO);
	scope_forgive(*state);
	snprintf(nowhere, sizeof(nowhere), "%s/none/x", dir);
	assert_int_equal(output_folder_open(*state, nowhere, &o), ERR_IO);
	scope_forgive(*state);
	assert_int_equal(output_folder_open(*state, "", &o), ERR_IO);
	assert_int_equal(access(path, F_OK), 0);
}

/* One that appears while ours grows. */
static void a_late_one_is_not_touched(void **state)
{
	struct output_folder *o;
	char path[160];
	struct scope *own = scope_new(0);
	assert_int_equal(output_folder_open(own, target, &o), OK);
	assert_int_equal(output_folder_put(own, o, "a", BYTES_LIT("one")), OK);
	assert_int_equal(mkdir(target, 0700), 0);
	snprintf(path, sizeof(path), "%s/file", target);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(output_folder_commit(own, o), ERR_IO);
	scope_free(own);
	assert_int_equal(access(path, F_OK), 0);
	(void)state;
}

static void a_folder_inside_stays(void **state)
{
	char inner[160];
	(void)state;
	snprintf(inner, sizeof(inner), "%s/inner", target);
	assert_int_equal(mkdir(target, 0700), 0);
	assert_int_equal(mkdir(inner, 0700), 0);
	folder_remove(target);
	assert_int_equal(access(inner, F_OK), 0);
	folder_remove(inner);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_appears_at_the_end),
		TEST(without_an_end_there_is_nothing),
		TEST(an_empty_folder_gives_way),
		TEST(what_is_there_is_not_touched),
		TEST(a_late_one_is_not_touched),
		TEST(a_folder_inside_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
