/*
 * The whole of validation, offline. An input that begins with "%PDF" (or anything but 'M') is a
 * document: it is judged and reported on. One that begins with 'M' is a list of changes to a sealed
 * document made here: each three octets say where inside the signed range (16 bits, scaled) and by
 * what to change an octet. Whatever they are, the seal is no longer intact and never passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_signature.h"
#include "tests/support/office.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST_CHANGE 2 /* after 'M' and the level */

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_validate: %s\n", what);
	abort();
}

/* -- the sealed documents: made once, of each level -- */

struct sealed {
	struct bytes document;
	size_t start[2], n[2]; /* of the signed range of the first signature */
};

static struct office *office;
static struct sealed levels[SEAL_B_LTA + 1];

static void prepare(void)
{
	if (office)
		return;
	office = office_open();
	for (int level = SEAL_B_B; level <= SEAL_B_LTA; level++) {
		struct sealed *x = &levels[level];
		struct pdf_file *f;
		struct pdf_signature_list list;
		x->document = office_sealed(office, (enum seal_level)level);
		check(pdf_file_open(office->s, x->document, BYTES_NONE, &f) == OK &&
			  pdf_signature_list(office->s, f, &list) == OK,
		    "the seal cannot be read");
		for (size_t i = 0; i < 2; i++) {
			x->start[i] = (size_t)list.item[0].byte_range[2 * i];
			x->n[i] = (size_t)list.item[0].byte_range[2 * i + 1];
		}
	}
}

static enum err judge(struct scope *s, struct bytes document, struct report **ret_report)
{
	const struct validate_request q = { .name = "fuzz",
		.document = document,
		.anchors = mini_pki_anchors(office->p, "root"),
		.policy = policy_default(),
		.at = office->w->now,
		.offline = true };
	return validate_pdf(s, NULL, &q, ret_report);
}

/* -- any document -- */

static void render(struct scope *s, const struct report *r)
{
	struct bytes text;
	enum err err = report_json(s, r, true, &text);
	check(err == OK || err == ERR_NOMEM || err == ERR_LIMIT, "report_json");
	err = report_text(s, r, NULL, &text);
	check(err == OK || err == ERR_NOMEM || err == ERR_LIMIT, "report_text");
}

static void judge_document(struct scope *s, struct bytes document)
{
	struct report *r;
	if (judge(s, document, &r) != OK)
		return;
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct report_signature *sig = &r->signatures[i];
		check(sig->intact || sig->indication != INDICATION_PASSED, "passed, not intact");
		check(!sig->intact || sig->coverage.valid, "intact, range not valid");
	}
	render(s, r);
}

/* -- changes to a seal -- */

static void change(const struct sealed *x, uint8_t *copy, const uint8_t *three)
{
	size_t total = x->n[0] + x->n[1];
	size_t at = (size_t)(three[0] << 8 | three[1]) * total >> 16;
	at = at < x->n[0] ? at : at - x->n[0] + x->start[1];
	copy[at] ^= three[2];
}

static void judge_changed(struct scope *s, struct bytes list)
{
	const struct sealed *x = &levels[list.n > 1 ? list.p[1] % (SEAL_B_LTA + 1) : 0];
	struct report *r;
	uint8_t *copy = scope_alloc(s, x->document.n);
	if (!copy)
		return;
	memcpy(copy, x->document.p, x->document.n);
	for (size_t i = FIRST_CHANGE; i + 3 <= list.n; i += 3)
		change(x, copy, list.p + i);
	bool is_same = memcmp(copy, x->document.p, x->document.n) == 0;
	if (judge(s, bytes_of(copy, x->document.n), &r) != OK) {
		check(!is_same, "the seal as it was cannot be judged");
		return;
	}
	if (is_same)
		return;
	check(r->conclusion != CONCLUSION_TOTAL_PASSED, "a changed document passed");
	for (size_t i = 0; i < r->n_signatures; i++)
		check(!r->signatures[i].intact, "a changed document is called intact");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prepare();
	struct scope *s = scope_new((size_t)256 << 20);
	if (!s)
		return 0;
	if (size > 0 && data[0] == 'M')
		judge_changed(s, bytes_of(data, size));
	else
		judge_document(s, bytes_of(data, size));
	scope_free(s);
	return 0;
}
