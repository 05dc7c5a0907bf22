#include "tests/support/vec_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "tests/support/mini_ca.h"
#include "tests/support/vec_scene.h"

void vec_program_read_scenes(struct vec_reader *r)
{
	const char *keys[32] = { "conclusion", "document", "S*" };
	size_t n = 3;
	glob_t files;
	for (size_t i = 0; vec_scene_keys[i]; i++)
		keys[n++] = vec_scene_keys[i];
	if (glob("tests/vectors/*.vec", 0, NULL, &files) != 0)
		mini_ca_check(false, "tests/vectors/*.vec (from the root of the repository)");
	for (size_t i = 0; i < files.gl_pathc; i++)
		vec_reader_add(r, files.gl_pathv[i], keys);
	globfree(&files);
}

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int vec_program_run(
    const char *group, struct vec_reader *r, void (*run)(void **state), int argc, char **argv)
{
	struct CMUnitTest *tests = calloc(r->n + 1, sizeof(*tests));
	size_t n = 0;
	if (!tests)
		return 1;
	for (size_t i = 0; i < r->n; i++)
		if (is_wanted(r->cases[i].name, argc, argv))
			tests[n++] = (struct CMUnitTest){ .name = r->cases[i].name,
				.test_func = run,
				.initial_state = &r->cases[i] };
	int failed = _cmocka_run_group_tests(group, tests, n, NULL, NULL);
	free(tests);
	return failed;
}
