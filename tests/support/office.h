/*
 * What tests of sealing and judging share: a scope, a canned world, an infrastructure, and the two
 * things that are done with them. For cmocka: office_setup and office_teardown around each test.
 */
#ifndef BULLA_TESTS_SUPPORT_OFFICE_H
#define BULLA_TESTS_SUPPORT_OFFICE_H

#include "tests/support/paper.h"
#include "validator/validate.h"

struct office {
	struct scope *s;
	struct canned_world *w;
	struct mini_pki *p;
};

int office_setup(void **state);
int office_teardown(void **state);
/* An office without cmocka. */
struct office *office_open(void);
void office_close(struct office *o);

/* Seals (or extends) a copy of the document in the scope `s`. */
enum err office_try(struct office *o, struct scope *s, const struct seal_request *q, bool extend,
    struct bytes document, struct bytes *ret_sealed, struct seal_outcome *ret_outcome);
/* What another process would say of it (sealer/witness.h). */
enum err office_witness(struct office *o, const struct seal_request *q, struct bytes original,
    struct bytes sealed, const char *field);
/* The same as office_try, which must succeed, as must the witness; in the office's scope. */
struct bytes office_seal(struct office *o, const struct seal_request *q, struct bytes document);
struct bytes office_extend(struct office *o, const struct seal_request *q, struct bytes document);
/* One page sealed at this level with everything as usual. */
struct bytes office_sealed(struct office *o, enum seal_level level);
/* The judge's view at the world's clock by nothing but the document (offline) or with services. */
struct report *office_judge(struct office *o, struct bytes document, bool offline);

#endif
