#include <string.h>

#include "validator/embed.h"
#include "validator/policy.h"

/* Installed as files too. */
EMBED(policy_ready_eidas, "validator/policies/eidas.json");
EMBED(policy_ready_sealed_filing, "validator/policies/sealed-filing.json");

enum err policy_ready(struct scope *s, const char *name, const struct policy **ret_policy)
{
	const struct {
		const char *name;
		const uint8_t *text, *end;
	} files[] = {
		{ "eidas", policy_ready_eidas, policy_ready_eidas_end },
		{ "sealed-filing", policy_ready_sealed_filing, policy_ready_sealed_filing_end },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(name, files[i].name) == 0)
			return policy_parse(s,
			    bytes_of(files[i].text, (size_t)(files[i].end - files[i].text)),
			    ret_policy);
	*ret_policy = strcmp(name, "default") == 0 ? policy_default() : NULL;
	return OK;
}
