#include "tests/support/office.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "sealer/witness.h"
#include "tests/support/pdf_make.h"

struct office *office_open(void)
{
	struct scope *s = scope_new(0);
	struct office *o = s ? scope_alloc(s, sizeof(*o)) : NULL;
	mini_ca_check(o != NULL, "office");
	o->s = s;
	o->w = canned_world_new(s, MINI_CA_NOW);
	o->p = mini_pki_new(o->w);
	return o;
}

void office_close(struct office *o)
{
	scope_free(o->s);
}

int office_setup(void **state)
{
	*state = office_open();
	return 0;
}

int office_teardown(void **state)
{
	office_close(*state);
	return 0;
}

enum err office_try(struct office *o, struct scope *s, const struct seal_request *q, bool extend,
    struct bytes document, struct bytes *ret_sealed, struct seal_outcome *ret_outcome)
{
	struct draft *draft;
	TRY(draft_in_memory(s, document, &draft));
	TRY(extend ? seal_extend(s, &o->w->world, q, draft, ret_outcome)
		   : seal_document(s, &o->w->world, q, draft, ret_outcome));
	*ret_sealed = draft->document;
	return OK;
}

enum err office_witness(struct office *o, const struct seal_request *q, struct bytes original,
    struct bytes sealed, const char *field)
{
	struct report *r;
	const struct witness_request w = { .seal = q,
		.original = original,
		.sealed = sealed,
		.field = field,
		.signer = q->key->cert };
	return witness_check(o->s, &o->w->world, &w, &r);
}

static struct bytes must(
    struct office *o, const struct seal_request *q, struct bytes document, bool extend)
{
	struct seal_outcome outcome;
	struct bytes sealed;
	enum err err = office_try(o, o->s, q, extend, document, &sealed, &outcome);
	/* Whatever is sealed in the tests, somebody else finds it right too. */
	if (err == OK && !extend)
		err = office_witness(o, q, document, sealed, outcome.field);
	if (err == OK)
		return sealed;
	fprintf(stderr, "office: %s: %s\n", err_name(err), scope_fault_text(o->s));
	abort();
}

struct bytes office_seal(struct office *o, const struct seal_request *q, struct bytes document)
{
	return must(o, q, document, false);
}

struct bytes office_extend(struct office *o, const struct seal_request *q, struct bytes document)
{
	return must(o, q, document, true);
}

struct bytes office_sealed(struct office *o, enum seal_level level)
{
	const struct seal_request q = mini_pki_request(o->p, level);
	return office_seal(o, &q, pdf_make_one_page(o->s));
}

struct report *office_judge(struct office *o, struct bytes document, bool offline)
{
	struct report *r;
	const struct validate_request q = { .name = "test.pdf",
		.document = document,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now,
		.offline = offline };
	enum err err = validate_pdf(o->s, &o->w->world, &q, &r);
	if (err == OK)
		return r;
	fprintf(stderr, "office: %s: %s\n", err_name(err), scope_fault_text(o->s));
	abort();
}
