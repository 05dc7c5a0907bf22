#include "validator/path_policies.h"

#include "base/scope.h"
#include "validator/path_openssl.h"

struct bytes path_policies_any(void)
{
	static const uint8_t octets[] = { 0x55, 0x1d, 0x20, 0x00 };
	return bytes_of(octets, sizeof(octets));
}

enum err path_policies_find(struct scope *s, const struct path *path,
    const struct policy_path_inputs *inputs, struct path_policies *ret_policies)
{
	struct path copy = *path;
	if (path->n > 1)
		return path_openssl_judge(s, inputs, &copy, ret_policies);
	struct bytes *item = scope_alloc(s, sizeof(*item));
	if (!item)
		return ERR_NOMEM;
	*item = path_policies_any();
	*ret_policies = (struct path_policies){ item, 1 };
	return OK;
}
