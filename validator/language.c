#include "validator/language.h"

#include <string.h>

#include "base/scope.h"
#include "validator/embed.h"

EMBED(language_mo_hu, "validator/languages/hu.mo");

static const struct {
	const char *tag;
	const uint8_t *begin, *end;
} catalogues[] = {
	{ "hu", language_mo_hu, language_mo_hu_end },
};

const char *language_names(void)
{
	return "en, hu";
}

enum err language_find(struct scope *s, const char *tag, const struct messages **ret_messages)
{
	*ret_messages = NULL;
	if (!strcmp(tag, "en"))
		return OK;
	for (size_t i = 0; i < sizeof(catalogues) / sizeof(catalogues[0]); i++)
		if (!strcmp(tag, catalogues[i].tag))
			return messages_parse(s,
			    bytes_of(catalogues[i].begin,
				(size_t)(catalogues[i].end - catalogues[i].begin)),
			    ret_messages);
	return scope_fault(s, ERR_UNSUPPORTED, "language %s: none of %s", tag, language_names());
}
