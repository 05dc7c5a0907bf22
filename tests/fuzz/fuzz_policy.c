/* Policies: whatever is taken is written and read again as the same policy. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/unicode_text.h"
#include "validator/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Folding twice is folding once; a text matches itself, wildcards or not. */
static void check_texts(struct scope *s, const struct policy_disclaimer *d)
{
	char *once, *twice;
	check(unicode_text_fold(s, d->text, &once) == OK);
	check(unicode_text_fold(s, once, &twice) == OK);
	check(bytes_equal_str(bytes_of_str(once), twice));
	check(unicode_text_matches(once, twice));
	(void)unicode_text_matches(d->pattern, once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	const struct policy *p, *again;
	struct bytes text, more;
	if (!s)
		return 0;
	if (policy_parse(s, bytes_of(data, size), &p) == OK) {
		check(policy_canonical(s, p, &text) == OK);
		check(policy_parse(s, text, &again) == OK);
		check(policy_canonical(s, again, &more) == OK && bytes_equal(text, more));
		check_texts(s, &p->disclaimer);
	}
	scope_free(s);
	return 0;
}
