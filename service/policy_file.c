#include "service/policy_file.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"

static enum err load_policy(struct scope *s, const char *name, const struct policy **ret_policy)
{
	struct bytes text;
	TRY(policy_ready(s, name, ret_policy));
	if (*ret_policy)
		return OK;
	TRY(input_file_read(s, name, LIMIT_JSON, &text));
	enum err err = policy_parse(s, text, ret_policy);
	return err == OK ? OK : scope_fault_in(s, err, name);
}

/* -- approved certificates -- */

static struct bytes next_line(struct bytes *rest)
{
	size_t end = bytes_find(*rest, BYTES_LIT("\n"), 0);
	struct bytes line = bytes_cut(*rest, 0, end);
	*rest = bytes_from(*rest, end == BYTES_NOT_FOUND ? rest->n : end + 1);
	return line;
}

static bool is_blank(struct bytes line, size_t at)
{
	return at >= line.n || line.p[at] == ' ' || line.p[at] == '\t' || line.p[at] == '\r';
}

static enum err read_line(
    struct scope *s, const char *path, size_t number, struct bytes line, struct bytes *ret_sha256)
{
	enum err err = ERR_FORMAT;
	*ret_sha256 = BYTES_NONE;
	bool is_empty = line.n == 0 || bytes_equal_str(line, "\r");
	if (is_empty || line.p[0] == '#')
		return OK;
	if (line.n >= 64 && is_blank(line, 64))
		err = bytes_of_hex(s, bytes_cut(line, 0, 64), ret_sha256);
	if (err != ERR_FORMAT)
		return err;
	scope_forgive(s);
	return scope_fault(
	    s, ERR_FORMAT, "%s:%zu: not a SHA-256 value of 64 hexadecimal digits", path, number);
}

static size_t count_lines(struct bytes text)
{
	size_t n = 1;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static enum err add_approved(struct scope *s, const char *path, struct policy *p)
{
	struct bytes rest;
	struct policy_octets *all = &p->disclaimer.approved;
	TRY(input_file_read(s, path, LIMIT_JSON, &rest));
	struct bytes *items = scope_alloc_array(s, all->n + count_lines(rest), sizeof(*items));
	size_t n = all->n;
	if (!items)
		return ERR_NOMEM;
	if (n)
		memcpy(items, all->item, n * sizeof(*items));
	for (size_t number = 1; rest.n > 0; number++) {
		TRY(read_line(s, path, number, next_line(&rest), &items[n]));
		n += items[n].n > 0;
	}
	if (n > LIMIT_POLICY_LIST)
		return scope_fault(
		    s, ERR_LIMIT, "%s: more than %d certificates", path, LIMIT_POLICY_LIST);
	*all = (struct policy_octets){ items, n };
	return OK;
}

enum err policy_file_load(
    struct scope *s, const char *name, const char *approved, const struct policy **ret_policy)
{
	const struct policy *base;
	TRY(load_policy(s, name ? name : "default", &base));
	*ret_policy = base;
	if (!approved)
		return OK;
	struct policy *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	*p = *base;
	TRY(add_approved(s, approved, p));
	*ret_policy = p;
	return OK;
}
