/* Any octets as an urlencoded form, a cookie header, a request target, a media type: what is told
 * is bounded, is text, and a target means one thing. The first octet chooses. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"
#include "service/front/media_type.h"
#include "service/front/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void try_form(struct scope *s, struct bytes text)
{
	const struct form_field *field;
	size_t n;
	uint8_t *own = scope_alloc(s, text.n + 1);
	if (!own)
		return;
	if (text.n)
		memcpy(own, text.p, text.n);
	if (form_parse(s, own, text.n, LIMIT_HTTP_PARTS, &field, &n) != OK)
		return;
	check(n <= LIMIT_HTTP_PARTS);
	for (size_t i = 0; i < n; i++) {
		check(*field[i].name && form_is_text(bytes_of_str(field[i].name), false));
		check(bytes_encloses(bytes_of(own, text.n + 1), field[i].value));
		check(field[i].value.p[field[i].value.n] == 0);
	}
}

static void try_cookies(struct scope *s, const char *text)
{
	const struct form_field *field;
	size_t n;
	if (form_parse_cookies(s, text, LIMIT_HTTP_COOKIES, &field, &n) != OK)
		return;
	check(n <= LIMIT_HTTP_COOKIES);
	for (size_t i = 0; i < n; i++) {
		check(media_type_is_token(bytes_of_str(field[i].name)));
		check(form_is_text(field[i].value, false));
		check(!strchr((const char *)field[i].value.p, ';'));
	}
}

static void try_target(struct scope *s, const char *text)
{
	const char *path;
	struct bytes query;
	if (route_split_target(s, text, &path, &query) != OK)
		return;
	check(*path == '/' && strlen(path) <= LIMIT_HTTP_PATH);
	check(form_is_text(bytes_of_str(path), false));
	check(!strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../"));
	check(!strchr(path, '\\'));
	check(query.n == 0 || bytes_encloses(bytes_of_str(text), query));
}

static void try_type(struct scope *s, struct bytes text)
{
	struct media_type t;
	if (media_type_parse(s, text, &t) != OK)
		return;
	check(*t.name && t.n <= MEDIA_TYPE_PARAMETERS);
	for (size_t i = 0; i < t.n; i++) {
		check(media_type_is_token(bytes_of_str(t.parameter[i].name)));
		check(t.parameter[i].is_quoted ||
		      media_type_is_token(bytes_of_str(t.parameter[i].value)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	char *text;
	if (s && size && bytes_to_str(s, bytes_of(data + 1, size - 1), &text) == OK) {
		struct bytes rest = bytes_of(data + 1, size - 1);
		switch (data[0] % 4) {
		case 0:
			try_form(s, rest);
			break;
		case 1:
			try_cookies(s, text);
			break;
		case 2:
			try_target(s, text);
			break;
		default:
			try_type(s, rest);
			break;
		}
	}
	scope_free(s);
	return 0;
}
