/*
 * A test program that runs the cases of scenario tables, one cmocka test each.
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_PROGRAM_H
#define BULLA_TESTS_SUPPORT_VEC_PROGRAM_H

#include "tests/support/vec_reader.h"

/* Adds the cases of all scenes, tests/vectors/NAME.vec. */
void vec_program_read_scenes(struct vec_reader *r);
/* Runs those whose names are arguments, all without any. `run` is a cmocka test; its state is a
 * const struct vec_reader_case. What it returns is for main to return. */
int vec_program_run(
    const char *group, struct vec_reader *r, void (*run)(void **state), int argc, char **argv);

#endif
