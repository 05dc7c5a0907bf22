#include "service/front/name_view.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

/* The end of a component: a comma or plus sign without a backslash before it, or the end. */
static const char *end_of(const char *at)
{
	for (; *at && *at != ',' && *at != '+'; at++)
		if (*at == '\\' && at[1])
			at++;
	return at;
}

static enum err give(struct buf *b, const char **ret_text)
{
	char *text;
	TRY(buf_done_str(b, &text));
	*ret_text = text;
	return OK;
}

enum err name_view_spaced(struct scope *s, const char *name, const char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_PAGE);
	for (const char *at = name ? name : "", *end; *at; at = *end ? end + 1 : end) {
		end = end_of(at);
		buf_add(&b, bytes_of(at, (size_t)(end - at)));
		if (*end)
			buf_add_str(&b, *end == ',' ? ", " : " + ");
	}
	return give(&b, ret_text);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* \, is a comma; \0A, an octet of a control character, stays as it is written. */
static enum err unescape(struct scope *s, const char *at, const char *end, const char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_PAGE);
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end && !is_hex(at[1]))
			at++;
		buf_add_byte(&b, (uint8_t)*at);
	}
	return give(&b, ret_text);
}

static const char *find(const char *name, const char *type)
{
	size_t n = strlen(type);
	for (const char *at = name, *end; *at; at = *end ? end + 1 : end) {
		end = end_of(at);
		if (!strncmp(at, type, n) && at[n] != '#' && at + n < end)
			return at + n;
	}
	return NULL;
}

enum err name_view_called(struct scope *s, const char *name, const char **ret_text)
{
	const char *value = name ? find(name, "CN=") : NULL;
	if (!value)
		value = name ? find(name, "O=") : NULL;
	return value ? unescape(s, value, end_of(value), ret_text)
		     : name_view_spaced(s, name, ret_text);
}

enum err name_view_put(
    struct scope *s, struct template_data *d, const char *subject, const char *issuer)
{
	const char *spaced, *called, *by;
	TRY(name_view_spaced(s, subject, &spaced));
	TRY(name_view_called(s, subject, &called));
	TRY(name_view_spaced(s, issuer, &by));
	template_put(d, "subject", spaced);
	template_put(d, "called", called);
	if (issuer)
		template_put(d, "issuer", by);
	return OK;
}
