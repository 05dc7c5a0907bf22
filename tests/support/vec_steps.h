/*
 * The lines of a scenario that do something with the document: "do: sign ...".
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_STEPS_H
#define BULLA_TESTS_SUPPORT_VEC_STEPS_H

#include "tests/support/vec_scene.h"

void vec_steps_do(struct vec_scene *v, struct vec_words *w);

#endif
