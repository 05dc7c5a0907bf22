#include "tests/support/sealed_bases.h"

#include <string.h>

#include "tests/support/contract.h"
#include "tests/support/pdf_make.h"

#define FIELDMDP(action, fields)                                                                   \
	"[<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams "                           \
	"<< /Type /TransformParams /V /1.2 /Action /" action " /Fields [" fields "] >> >>]"

enum how {
	APPROVAL,
	CERTIFIED, /* by paper.h */
};

static const struct recipe {
	const char *name, *paper;
	enum contract_form form;
	enum how how;
	enum seal_level level;
	int docmdp;
	const char *reference, *field;
	bool again; /* one more approval seal */
} recipes[] = {
	{ .name = "approval" },
	{ .name = "existing", .field = "empty" },
	{ .name = "stream", .form = CONTRACT_STREAM },
	{ .name = "hybrid", .form = CONTRACT_HYBRID },
	{ .name = "encrypted", .form = CONTRACT_ENCRYPTED },
	{ .name = "certified-1", .how = CERTIFIED, .paper = "contract", .docmdp = 1 },
	{ .name = "certified-2", .how = CERTIFIED, .paper = "contract", .docmdp = 2 },
	{ .name = "certified-3", .how = CERTIFIED, .paper = "contract", .docmdp = 3 },
	{ .name = "certified-2-stream", .how = CERTIFIED, .paper = "contract-stream", .docmdp = 2 },
	{ .name = "locked",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("Include", "(group)") },
	{ .name = "locked-others",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("Exclude", "(name)") },
	{ .name = "locked-all",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .reference = FIELDMDP("All", "") },
	{ .name = "lta", .level = SEAL_B_LTA },
	{ .name = "twice", .again = true },
	{ .name = "certified-twice",
	    .how = CERTIFIED,
	    .paper = "contract",
	    .docmdp = 2,
	    .again = true },
};

static struct bytes sealed(struct office *o, const struct recipe *r, struct bytes document)
{
	struct seal_request q = mini_pki_request(o->p, r->level);
	q.field = r->field ? r->field : "Signature1";
	return office_seal(o, &q, document);
}

static struct bytes certified(struct office *o, const struct recipe *r)
{
	struct paper *d = paper_new(o->p, r->paper);
	const struct paper_signature spec = { .cms = { .by = "signer" },
		.field = "Signature1",
		.docmdp = r->docmdp,
		.reference = r->reference };
	paper_sign(d, &spec);
	return d->document;
}

struct bytes sealed_bases_new(struct office *o, const char *name)
{
	static const struct recipe again = { .name = "again", .field = "Second" };
	static const struct recipe plain = { .name = "plain" };
	if (strcmp(name, "one-page") == 0)
		return sealed(o, &plain, pdf_make_one_page(o->s));
	if (strcmp(name, "linearized") == 0)
		return sealed(o, &plain, pdf_make_linearized(o->s));
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		const struct recipe *r = &recipes[i];
		if (strcmp(r->name, name) != 0)
			continue;
		struct bytes once = r->how == CERTIFIED ? certified(o, r)
							: sealed(o, r, contract_new(o->s, r->form));
		return r->again ? sealed(o, &again, once) : once;
	}
	mini_ca_check(false, name);
	return BYTES_NONE;
}
