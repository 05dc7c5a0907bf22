/* Policies: whatever is taken is written and read again as the same policy. */
#include <stdlib.h>

#include "base/scope.h"
#include "validator/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	const struct policy *p, *again;
	struct bytes text, more;
	if (!s)
		return 0;
	if (policy_parse(s, bytes_of(data, size), &p) == OK) {
		if (policy_canonical(s, p, &text) != OK || policy_parse(s, text, &again) != OK ||
		    policy_canonical(s, again, &more) != OK || !bytes_equal(text, more))
			abort();
	}
	scope_free(s);
	return 0;
}
