#include "service/front/route.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"

static const struct {
	const char *name;
	enum route_method bit;
} methods[] = {
	{ "GET", ROUTE_GET },
	{ "POST", ROUTE_POST },
	{ "PUT", ROUTE_PUT },
	{ "PATCH", ROUTE_PATCH },
	{ "DELETE", ROUTE_DELETE },
};
#define METHODS (sizeof(methods) / sizeof(methods[0]))

static unsigned method_bit(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (!strcmp(name, methods[i].name))
			return methods[i].bit;
	return strcmp(name, "HEAD") ? 0 : ROUTE_GET;
}

enum err route_allow(struct scope *s, unsigned bits, const char **ret_allow)
{
	struct buf b = buf_new(s, 128);
	char *text;
	for (size_t i = 0; i < METHODS; i++)
		if (bits & methods[i].bit)
			buf_addf(&b, "%s, %s", methods[i].name, i ? "" : "HEAD, ");
	buf_add_str(&b, "OPTIONS");
	TRY(buf_done_str(&b, &text));
	*ret_allow = text;
	return OK;
}

/* -- paths -- */

/* The text up to the next slash. */
static struct bytes segment(const char *text)
{
	return bytes_of(text, strcspn(text, "/"));
}

static bool is_segment_fine(struct bytes raw)
{
	for (size_t i = 0; i + 2 < raw.n; i++) {
		const char *c = (const char *)raw.p + i;
		if (c[0] == '%' && c[1] == '2' && (c[2] == 'f' || c[2] == 'F'))
			return false;
	}
	return true;
}

static enum err check_path(struct scope *s, const char *path)
{
	if (!form_is_text(bytes_of_str(path), false) || strchr(path, '\\'))
		return scope_fault(s, ERR_FORMAT, "path: a character that has no place there");
	for (const char *at = path; *at == '/'; at += 1 + segment(at + 1).n) {
		struct bytes one = segment(at + 1);
		if (bytes_equal_str(one, ".") || bytes_equal_str(one, ".."))
			return scope_fault(s, ERR_FORMAT, "path: \".\" or \"..\"");
		if (!one.n && at[1])
			return scope_fault(s, ERR_FORMAT, "path: \"//\"");
	}
	return OK;
}

/* What stands in a target unencoded: no blank, no control, no fragment, nothing beyond ASCII. */
static bool is_target(const char *target)
{
	for (; *target; target++)
		if (*target <= ' ' || *target >= 0x7F || *target == '#')
			return false;
	return true;
}

enum err route_split_target(
    struct scope *s, const char *target, const char **ret_path, struct bytes *ret_query)
{
	size_t whole = strlen(target), n = strcspn(target, "?");
	char *path;
	if (whole > LIMIT_HTTP_PATH)
		return scope_fault(s, ERR_LIMIT, "path: more than %d octets", LIMIT_HTTP_PATH);
	if (*target != '/' || !is_target(target) || !is_segment_fine(bytes_of(target, n)))
		return scope_fault(s, ERR_FORMAT, "path: not of a form that is answered");
	TRY(bytes_to_str(s, bytes_of(target, n), &path));
	size_t decoded = n;
	if (!form_decode((uint8_t *)path, &decoded, false) || strlen(path) != decoded)
		return scope_fault(s, ERR_FORMAT, "path: not well encoded");
	TRY(check_path(s, path));
	*ret_path = path;
	*ret_query = bytes_from(bytes_of_str(target), n + 1);
	return OK;
}

/* -- patterns -- */

static bool is_parameter(struct bytes of_pattern)
{
	return of_pattern.n > 2 && of_pattern.p[0] == '{' && of_pattern.p[of_pattern.n - 1] == '}';
}

/* Fills in what stands for parameters; *ret_weight has a bit for each segment that is none, the
 * first one highest. */
static bool fits(
    const char *pattern, const char *path, struct bytes *parameter, uint32_t *ret_weight)
{
	uint32_t weight = 0, bit = UINT32_C(1) << 31;
	for (size_t n = 0; *pattern == '/' && *path == '/'; bit >>= 1) {
		struct bytes want = segment(++pattern), have = segment(++path);
		pattern += want.n;
		path += have.n;
		if (is_parameter(want) && have.n && n < ROUTE_PARAMETERS)
			parameter[n++] = have;
		else if (bytes_equal(want, have))
			weight |= bit;
		else
			return false;
	}
	*ret_weight = weight;
	return !*pattern && !*path;
}

struct best {
	const struct route *route;
	uint32_t weight;
	struct bytes parameter[ROUTE_PARAMETERS];
};

static void consider(const struct route *r, unsigned bit, const char *path, struct best *best,
    unsigned *methods_seen)
{
	struct bytes parameter[ROUTE_PARAMETERS] = { { NULL, 0 } };
	uint32_t weight;
	if (!fits(r->pattern, path, parameter, &weight))
		return;
	*methods_seen |= method_bit(r->method);
	if (!(method_bit(r->method) & bit) || (best->route && weight <= best->weight))
		return;
	best->route = r;
	best->weight = weight;
	memcpy(best->parameter, parameter, sizeof(parameter));
}

enum err route_find(struct scope *s, const struct route *const *tables, size_t n_tables,
    enum http_listener listener, const char *method, const char *path,
    struct route_match *ret_match)
{
	struct route_match m = { 0 };
	struct best best = { 0 };
	for (size_t i = 0; i < n_tables; i++)
		for (const struct route *r = tables[i]; r->method; r++)
			if (r->listeners & (unsigned)listener)
				consider(r, method_bit(method), path, &best, &m.methods);
	m.route = best.route;
	for (size_t i = 0; i < ROUTE_PARAMETERS && best.parameter[i].n; i++) {
		char *text;
		TRY(bytes_to_str(s, best.parameter[i], &text));
		m.parameter[i] = text;
	}
	*ret_match = m;
	return OK;
}

/* -- tables -- */

/* Whether the patterns are the same but for the names of parameters. */
static bool is_same(const char *a, const char *b)
{
	while (*a == '/' && *b == '/') {
		struct bytes one = segment(++a), other = segment(++b);
		if (is_parameter(one) != is_parameter(other) ||
		    (!is_parameter(one) && !bytes_equal(one, other)))
			return false;
		a += one.n;
		b += other.n;
	}
	return !*a && !*b;
}

static enum err check_route(struct scope *s, const struct route *r)
{
	size_t n = 0;
	for (const char *at = r->pattern; *at == '/'; at += 1 + segment(at + 1).n)
		n += is_parameter(segment(at + 1));
	if (!method_bit(r->method) || !strcmp(r->method, "HEAD") || *r->pattern != '/' ||
	    n > ROUTE_PARAMETERS || !r->handle || !r->listeners)
		return scope_fault(s, ERR_MISUSE, "route: %s %s is none", r->method, r->pattern);
	return OK;
}

static enum err check_pair(struct scope *s, const struct route *a, const struct route *b)
{
	if (a != b && (a->listeners & b->listeners) && !strcmp(a->method, b->method) &&
	    is_same(a->pattern, b->pattern))
		return scope_fault(
		    s, ERR_MISUSE, "route: %s %s stands there twice", a->method, a->pattern);
	return OK;
}

static enum err check_against(
    struct scope *s, const struct route *r, const struct route *const *tables, size_t n_tables)
{
	TRY(check_route(s, r));
	for (size_t i = 0; i < n_tables; i++)
		for (const struct route *other = tables[i]; other->method; other++)
			TRY(check_pair(s, r, other));
	return OK;
}

enum err route_check_tables(struct scope *s, const struct route *const *tables, size_t n_tables)
{
	size_t n = 0;
	for (size_t i = 0; i < n_tables; i++)
		for (const struct route *r = tables[i]; r->method; r++, n++)
			TRY(check_against(s, r, tables, n_tables));
	if (n > LIMIT_HTTP_ROUTES)
		return scope_fault(s, ERR_LIMIT, "routes: more than %d", LIMIT_HTTP_ROUTES);
	return OK;
}
