#include <string.h>

#include "validator/policy.h"

/* The texts of validator/policies/NAME.json, which are installed as files too. The assembler takes
 * them in, because C17 has no #embed; the Makefile knows that this object depends on them. */
#define EMBED(symbol, file)                                                                        \
	extern const char symbol[], symbol##_end[];                                                \
	__asm__(".pushsection .rodata\n"                                                           \
		".global " #symbol "\n" #symbol ":\n"                                              \
		".incbin \"" file "\"\n"                                                           \
		".global " #symbol "_end\n" #symbol "_end:\n"                                      \
		".byte 0\n"                                                                        \
		".popsection\n")

EMBED(policy_ready_eidas, "validator/policies/eidas.json");
EMBED(policy_ready_sealed_filing, "validator/policies/sealed-filing.json");

enum err policy_ready(struct scope *s, const char *name, const struct policy **ret_policy)
{
	const struct {
		const char *name, *text, *end;
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
