#include "service/pages/template_values.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

const struct template_values *template_values_find(const struct template_data *d, const char *name)
{
	for (const struct template_values *v = d->value; v; v = v->next)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool template_values_is_true(const struct template_values *v)
{
	if (!v)
		return false;
	switch (v->kind) {
	case TEMPLATE_VALUES_NOTHING:
		return false;
	case TEMPLATE_VALUES_TEXT:
	case TEMPLATE_VALUES_SAID:
	case TEMPLATE_VALUES_LINK:
		return v->text[0];
	case TEMPLATE_VALUES_NUMBER:
	case TEMPLATE_VALUES_FLAG:
		return v->number != 0;
	case TEMPLATE_VALUES_FRAGMENT:
		return true;
	case TEMPLATE_VALUES_LIST:
		return v->first;
	}
	return false;
}

static struct template_data *new_data(struct scope *s, enum err *failed)
{
	struct template_data *d = scope_alloc(s, sizeof(*d));
	if (!d) {
		if (failed)
			*failed = ERR_NOMEM;
		return NULL;
	}
	d->s = s;
	d->failed = failed;
	return d;
}

struct template_data *template_data_new(struct scope *s)
{
	enum err *failed = scope_alloc(s, sizeof(*failed));
	return failed ? new_data(s, failed) : NULL;
}

static void note(struct template_data *d, enum err e)
{
	if (*d->failed == OK)
		*d->failed = e;
}

/* The place for a name's value, emptied; NULL after a failure. */
static struct template_values *place(struct template_data *d, const char *name)
{
	struct template_values *v;
	if (!d || *d->failed != OK)
		return NULL;
	for (v = d->value; v && strcmp(v->name, name) != 0; v = v->next)
		;
	if (v) {
		*v = (struct template_values){ .name = v->name, .next = v->next };
		return v;
	}
	v = scope_alloc(d->s, sizeof(*v));
	if (!v) {
		note(d, ERR_NOMEM);
		return NULL;
	}
	*v = (struct template_values){ .name = name, .next = d->value };
	d->value = v;
	return v;
}

/* Several lines become one, so that their ends do not count as hidden characters. */
static enum err one_line(struct scope *s, const char *text, char **ret_text)
{
	TRY(bytes_to_str(s, bytes_of_str(text), ret_text));
	for (char *c = *ret_text; *c; c++)
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	return OK;
}

static void put_text(
    struct template_data *d, const char *name, enum template_values_kind kind, const char *text)
{
	struct template_values *v = place(d, name);
	char *line, *copy;
	if (!v || !text)
		return;
	enum err e = one_line(d->s, text, &line);
	if (e == OK)
		e = pdf_text_printable(d->s, bytes_of_str(line), &copy);
	if (e != OK) {
		note(d, e);
		return;
	}
	v->text = copy;
	v->kind = kind;
}

void template_put(struct template_data *d, const char *name, const char *text)
{
	put_text(d, name, TEMPLATE_VALUES_TEXT, text);
}

void template_put_said(struct template_data *d, const char *name, const char *id)
{
	struct template_values *v = place(d, name);
	if (!v || !id)
		return;
	v->text = id;
	v->kind = TEMPLATE_VALUES_SAID;
}

void template_put_number(struct template_data *d, const char *name, int64_t number)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", (long long)number);
	put_text(d, name, TEMPLATE_VALUES_NUMBER, text);
	struct template_values *v = d ? d->value : NULL;
	for (; v && strcmp(v->name, name) != 0; v = v->next)
		;
	if (v)
		v->number = number;
}

void template_put_flag(struct template_data *d, const char *name, bool is_so)
{
	struct template_values *v = place(d, name);
	if (!v)
		return;
	v->kind = TEMPLATE_VALUES_FLAG;
	v->number = is_so;
}

void template_put_time(struct template_data *d, const char *name, struct instant t)
{
	char text[INSTANT_TEXT];
	if (!instant_is_known(t)) {
		template_put(d, name, NULL);
		return;
	}
	/* "2026-11-22T10:00:00Z": to be read by persons */
	instant_to_rfc3339(t, text);
	text[10] = ' ';
	text[19] = 0;
	char shown[INSTANT_TEXT + 8];
	snprintf(shown, sizeof(shown), "%s UTC", text);
	template_put(d, name, shown);
}

/* What could run a script, or lead away without anybody's having meant it, does not begin so. */
static bool is_link(const char *address)
{
	if (address[0] == '/')
		return address[1] != '/' && address[1] != '\\';
	return !strncmp(address, "https://", 8) || !strncmp(address, "http://", 7);
}

void template_put_link(struct template_data *d, const char *name, const char *address)
{
	if (d && address && !is_link(address)) {
		note(d, scope_fault(d->s, ERR_INTERNAL, "page: %s: not an address", name));
		return;
	}
	put_text(d, name, TEMPLATE_VALUES_LINK, address);
}

void template_put_picture(struct template_data *d, const char *name, struct bytes png)
{
	struct template_values *v = place(d, name);
	char *base64, *address;
	if (!v)
		return;
	enum err e = bytes_to_base64(d->s, png, &base64);
	struct buf b = buf_new(d->s, LIMIT_PAGE);
	buf_add_str(&b, "data:image/png;base64,");
	if (e == OK) {
		buf_add_str(&b, base64);
		e = buf_done_str(&b, &address);
	}
	if (e != OK) {
		note(d, e);
		return;
	}
	v->text = address;
	v->kind = TEMPLATE_VALUES_LINK;
}

void template_put_fragment(
    struct template_data *d, const char *name, const struct template_fragment *fragment)
{
	struct template_values *v = place(d, name);
	if (!v || !fragment)
		return;
	v->kind = TEMPLATE_VALUES_FRAGMENT;
	v->fragment = fragment;
}

void template_put_list(struct template_data *d, const char *name)
{
	struct template_values *v = place(d, name);
	if (v)
		v->kind = TEMPLATE_VALUES_LIST;
}

/* A failed one takes nothing: so its users need not look. */
struct template_data *template_add(struct template_data *d, const char *name)
{
	if (!d)
		return NULL;
	struct template_data *item = new_data(d->s, d->failed);
	if (!item || *d->failed != OK)
		return d;
	struct template_values *v = d->value;
	for (; v && strcmp(v->name, name) != 0; v = v->next)
		;
	if (!v || v->kind != TEMPLATE_VALUES_LIST) {
		v = place(d, name);
		if (!v)
			return d;
		v->kind = TEMPLATE_VALUES_LIST;
	}
	if (v->last)
		v->last->next = item;
	else
		v->first = item;
	v->last = item;
	return item;
}

void template_pass(struct template_data *to, const char *name, const struct template_data *from,
    const char *from_name)
{
	const struct template_values *value = from ? template_values_find(from, from_name) : NULL;
	struct template_values *v = place(to, name);
	if (!v || !value)
		return;
	struct template_values *next = v->next;
	*v = *value;
	v->name = name;
	v->next = next;
}
