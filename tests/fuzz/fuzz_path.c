/*
 * Rules for paths over hostile certificates: the input is certificates one after the other, the one
 * asked about first, the anchor last. Whatever they hold, each rule ends with an answer, and the
 * policies that hold are within the limit.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"
#include "validator/path_openssl.h"
#include "validator/path_policies.h"
#include "validator/path_rules.h"

static void judge(struct scope *s, struct path *p)
{
	static const struct policy_path_inputs inputs[] = { { 0 }, { .explicit_policy = true },
		{ .inhibit_mapping = true, .inhibit_any = true } };
	struct path_rules_memo *memo = NULL;
	struct findings findings = { 0 };
	if (path_rules_judge(s, &memo, p) != OK || path_openssl_judge(s, p) != OK)
		abort();
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct path_policies set;
		if (path_policies_judge(s, &inputs[i], p) != OK ||
		    path_explain(s, p, &findings) != OK)
			abort();
		if (path_policies_find(s, p, &inputs[i], &set) != OK)
			abort();
		/* An explicit policy that holds is in the set, and nothing is in it otherwise. */
		if ((p->verify_error != 0 && set.n) ||
		    (p->verify_error == 0 && inputs[i].explicit_policy && !set.n))
			abort();
		if (p->error_at >= p->n || set.n > p->n * LIMIT_PATH_POLICIES + 1)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct bytes rest = bytes_of(data, size);
	struct path p = { .n = 0 };
	struct der whole;
	if (!s)
		return 0;
	while (p.n < LIMIT_PATH_DEPTH && der_step(&rest, &whole)) {
		if (cert_parse(s, whole.whole, &p.item[p.n]) == OK)
			p.n++;
		else
			scope_forgive(s);
	}
	if (p.n > 1)
		judge(s, &p);
	scope_free(s);
	return 0;
}
