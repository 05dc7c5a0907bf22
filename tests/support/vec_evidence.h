/*
 * The lines of a scenario that make certificates and revocation data: cert, revoke, crl, ocsp.
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_EVIDENCE_H
#define BULLA_TESTS_SUPPORT_VEC_EVIDENCE_H

#include "tests/support/vec_scene.h"

void vec_evidence_cert(struct vec_scene *v, struct vec_words *w);
void vec_evidence_revoke(struct vec_scene *v, struct vec_words *w);
void vec_evidence_crl(struct vec_scene *v, struct vec_words *w);
void vec_evidence_ocsp(struct vec_scene *v, struct vec_words *w);

#endif
