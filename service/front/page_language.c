#include "service/front/page_language.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *tag, *name;
} languages[] = {
	{ "en", "English" },
	{ "hu", "Magyar" },
};
#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

const char *page_language_tag(size_t i)
{
	return i < LANGUAGES ? languages[i].tag : NULL;
}

const char *page_language_name(size_t i)
{
	return i < LANGUAGES ? languages[i].name : NULL;
}

static const char *known(const char *tag, size_t n)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (strlen(languages[i].tag) == n && !strncasecmp(tag, languages[i].tag, n))
			return languages[i].tag;
	return NULL;
}

const char *page_language_known(const char *tag)
{
	return tag ? known(tag, strlen(tag)) : NULL;
}

/* "0.8" as 800; what cannot be read counts as 1, as if it were not there. */
static int quality(const char *parameters, size_t n)
{
	const char *q = memchr(parameters, '=', n);
	if (!q)
		return 1000;
	int value = 0, unit = 1000;
	for (const char *c = q + 1; c < parameters + n && unit > 0; c++) {
		if (*c >= '0' && *c <= '9') {
			value += (*c - '0') * unit;
			unit /= 10;
		} else if (*c != '.') {
			break;
		}
	}
	return value;
}

const char *page_language_accepted(const char *header)
{
	const char *best = NULL;
	int best_quality = 0;
	for (const char *at = header; at && *at;) {
		at += strspn(at, " \t,");
		size_t n = strcspn(at, ",");
		size_t tag_n = strcspn(at, ",; \t"), primary = strcspn(at, ",;- \t");
		int q = quality(at + tag_n, n - tag_n);
		const char *tag = known(at, primary);
		if (tag && q > best_quality) {
			best = tag;
			best_quality = q;
		}
		at += n;
	}
	return best;
}
