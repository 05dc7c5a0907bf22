/*
 * Lines of a scenario that are about policies: what the policy is, and what certificates carry for
 * it (tests/vectors/README.md is the manual).
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_POLICY_H
#define BULLA_TESTS_SUPPORT_VEC_POLICY_H

#include "tests/support/vec_scene.h"

/* "policy: [NAME] WORDS" */
void vec_policy_words(struct vec_scene *v, struct vec_words *w);
/* "policy-json: MEMBERS" */
void vec_policy_json(struct vec_scene *v, struct vec_words *w);
/* "policies= notice= qc=" of a "cert:" line. */
void vec_policy_cert(struct vec_words *w, struct mini_pki_entry *e);

#endif
