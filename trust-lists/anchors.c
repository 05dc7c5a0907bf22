#include "trust-lists/anchors.h"

#include "base/limits.h"
#include "base/scope.h"

bool anchors_has(const struct anchors *a, const struct cert *c)
{
	for (size_t i = 0; i < a->n; i++)
		if (cert_equal(a->item[i], c))
			return true;
	return false;
}

enum err anchors_new(
    struct scope *s, const struct cert *const *certs, size_t n, const struct anchors **ret_anchors)
{
	if (n > LIMIT_POOL_CERTIFICATES)
		return scope_fault(s, ERR_LIMIT, "trust: %zu anchors are too many", n);
	struct anchors *a = scope_alloc(s, sizeof(*a));
	if (!a)
		return ERR_NOMEM;
	a->item = scope_alloc_array(s, n, sizeof(*a->item));
	if (!a->item)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		if (!anchors_has(a, certs[i]))
			a->item[a->n++] = certs[i];
	*ret_anchors = a;
	return OK;
}
