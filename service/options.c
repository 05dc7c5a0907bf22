#include "service/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "service/diagnostic.h"

int options_next(int argc, char **argv, const struct option *table)
{
	opterr = 0;
	int at = optind;
	int c = getopt_long(argc, argv, ":o:", table, NULL);
	if (c == ':') {
		diagnostic_usage("%s: %s needs a value", argv[0], argv[optind - 1]);
		return OPTIONS_BAD;
	}
	if (c != '?')
		return c;
	/* optind has passed a long option, but not a cluster of short ones. */
	const char *word = argv[optind > at ? optind - 1 : at];
	if (optopt > 0 && optopt < OPTIONS_LONG && strncmp(word, "--", 2))
		diagnostic_usage("%s: unknown option -%c", argv[0], optopt);
	else if (optopt)
		diagnostic_usage("%s: %s takes no value", argv[0], word);
	else
		diagnostic_usage("%s: unknown option %s", argv[0], word);
	return OPTIONS_BAD;
}

enum err options_list_new(struct scope *s, int argc, struct options_list *ret_list)
{
	struct options_list list = { .item = scope_alloc_array(s, (size_t)argc, sizeof(char *)) };
	if (!list.item)
		return ERR_NOMEM;
	*ret_list = list;
	return OK;
}

void options_list_add(struct options_list *list, const char *value)
{
	list->item[list->n++] = value;
}

bool options_milliseconds(const char *text, long *ret_ms)
{
	char *end;
	errno = 0;
	double seconds = strtod(text, &end);
	if (errno || end == text || *end || !(seconds >= 0.001 && seconds <= 3600))
		return false;
	*ret_ms = (long)(seconds * 1000 + 0.5);
	return true;
}

bool options_descriptor(const char *text, int *ret_fd)
{
	char *end;
	errno = 0;
	long fd = strtol(text, &end, 10);
	if (errno || end == text || *end || fd < 0 || fd > INT_MAX)
		return false;
	*ret_fd = (int)fd;
	return true;
}

static bool take_number(const char **text, uint32_t most, uint32_t *ret_n)
{
	uint64_t n = 0;
	const char *c = *text;
	for (; *c >= '0' && *c <= '9' && n <= most; c++)
		n = 10 * n + (uint64_t)(*c - '0');
	if (c == *text || n < 1 || n > most)
		return false;
	*text = c;
	*ret_n = (uint32_t)n;
	return true;
}

bool options_range(const char *text, uint32_t most, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t first, last;
	if (!take_number(&text, most, &first))
		return false;
	last = first;
	if (*text == '-') {
		text++;
		if (!take_number(&text, most, &last) || last < first)
			return false;
	}
	if (*text)
		return false;
	*ret_first = first;
	*ret_last = last;
	return true;
}
