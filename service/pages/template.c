#include "service/pages/template.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/pages/template_parse.h"
#include "service/pages/template_values.h"

/* What encloses what: items of lists, each in that of its section. */
struct frame {
	const struct template_data *data;
	const struct frame *outer;
};

struct renderer {
	struct scope *s;
	const struct template_source *source;
	const struct messages *messages;
	const char *template;
	struct buf out;
	unsigned depth;
};

static enum err fault(
    const struct renderer *r, const struct template_parse_node *n, const char *what)
{
	return scope_fault(r->s, ERR_INTERNAL, "template %s:%u: %s: %s", r->template, n->line,
	    n->name ? n->name : n->one, what);
}

/* -- escaping -- */
static void add_escaped(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '&')
			buf_add_str(b, "&amp;");
		else if (*c == '<')
			buf_add_str(b, "&lt;");
		else if (*c == '>')
			buf_add_str(b, "&gt;");
		else if (*c == '"')
			buf_add_str(b, "&quot;");
		else if (*c == '\'')
			buf_add_str(b, "&#39;");
		else
			buf_add_byte(b, (uint8_t)*c);
	}
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_percent_encoded(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (is_unreserved(*c))
			buf_add_byte(b, (uint8_t)*c);
		else
			buf_addf(b, "%%%02X", (unsigned)(uint8_t)*c);
	}
}

/* -- values -- */
static const struct template_values *find(const struct frame *f, const char *name)
{
	const struct template_values *v = NULL;
	for (; f && !v; f = f->outer)
		v = template_values_find(f->data, name);
	return v;
}

/* What is shown for a value; NULL: it cannot be. */
static const char *shown(const struct renderer *r, const struct template_values *v)
{
	switch (v ? v->kind : TEMPLATE_VALUES_LIST) {
	case TEMPLATE_VALUES_NOTHING:
		return "";
	case TEMPLATE_VALUES_TEXT:
	case TEMPLATE_VALUES_NUMBER:
	case TEMPLATE_VALUES_LINK:
		return v->text;
	case TEMPLATE_VALUES_SAID:
		return messages_text(r->messages, v->text);
	case TEMPLATE_VALUES_FLAG:
	case TEMPLATE_VALUES_FRAGMENT:
	case TEMPLATE_VALUES_LIST:
		break;
	}
	return NULL;
}

static enum err add_value(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	const struct template_values *v = find(f, n->name);
	const char *text = shown(r, v);
	if (!text)
		return fault(r, n, v ? "is no text" : "nobody has put it");
	if (n->place == TEMPLATE_PARSE_LINK_BEGINS && v->kind != TEMPLATE_VALUES_LINK)
		return fault(r, n, "is no link");
	if (n->place == TEMPLATE_PARSE_IN_LINK)
		add_percent_encoded(&r->out, text);
	else
		add_escaped(&r->out, text);
	return OK;
}

static enum err add_fragment(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	const struct template_values *v = find(f, n->name);
	if (!v || (v->kind != TEMPLATE_VALUES_FRAGMENT && v->kind != TEMPLATE_VALUES_NOTHING))
		return fault(r, n, "is no fragment");
	if (v->kind == TEMPLATE_VALUES_FRAGMENT)
		buf_add(&r->out, v->fragment->html);
	return OK;
}

/* -- texts -- */
#define PLACES 8

static enum err escaped(struct scope *s, const char *text, char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_PAGE);
	add_escaped(&b, text);
	return buf_done_str(&b, ret_text);
}

/* The values that the English text names. */
static enum err fill_places(struct renderer *r, const struct template_parse_node *n,
    const char *text, const struct frame *f, struct messages_value places[PLACES + 1])
{
	size_t count = 0;
	for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
		const char *close = strchr(open, '}');
		char *name, *value;
		if (!close)
			return fault(r, n, "a brace that is not closed");
		if (count == PLACES)
			return fault(r, n, "too many values");
		TRY(bytes_to_str(r->s, bytes_of(open + 1, (size_t)(close - open - 1)), &name));
		const char *text_of = shown(r, find(f, name));
		if (!text_of)
			return fault(r, n, "nobody has put one of its values");
		TRY(escaped(r->s, text_of, &value));
		places[count++] = (struct messages_value){ name, value };
	}
	places[count] = (struct messages_value){ 0 };
	return OK;
}

static enum err add_message(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	struct messages_value places[PLACES + 1];
	const char *said = messages_text(r->messages, n->one);
	char *html, *filled;
	if (n->many) {
		const struct template_values *v = find(f, n->name);
		if (!v || v->kind != TEMPLATE_VALUES_NUMBER)
			return fault(r, n, "is no number");
		said = messages_plural(r->messages, n->one, n->many, (uint64_t)v->number);
	}
	TRY(fill_places(r, n, n->many ? n->many : n->one, f, places));
	TRY(escaped(r->s, said, &html));
	TRY(messages_fill(r->s, html, places, &filled));
	buf_add_str(&r->out, filled);
	return OK;
}

/* -- nodes -- */
static enum err render(struct renderer *r, const char *name, const struct frame *f);
static enum err add_nodes(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f);

static enum err add_section(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	const struct template_values *v = find(f, n->name);
	bool is_true = template_values_is_true(v);
	if (n->kind == TEMPLATE_PARSE_INVERTED)
		return is_true ? OK : add_nodes(r, n->child, f);
	if (!is_true)
		return OK;
	if (v->kind != TEMPLATE_VALUES_LIST)
		return add_nodes(r, n->child, f);
	for (const struct template_data *item = v->first; item; item = item->next)
		TRY(add_nodes(r, n->child, &(struct frame){ .data = item, .outer = f }));
	return OK;
}

static enum err add_node(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	switch (n->kind) {
	case TEMPLATE_PARSE_LITERAL:
		buf_add(&r->out, n->text);
		return OK;
	case TEMPLATE_PARSE_VALUE:
		return add_value(r, n, f);
	case TEMPLATE_PARSE_SECTION:
	case TEMPLATE_PARSE_INVERTED:
		return add_section(r, n, f);
	case TEMPLATE_PARSE_INCLUDED:
		return render(r, n->name, f);
	case TEMPLATE_PARSE_FRAGMENT:
		return add_fragment(r, n, f);
	case TEMPLATE_PARSE_MESSAGE:
		return add_message(r, n, f);
	}
	return fault(r, n, "of no kind");
}

static enum err add_nodes(
    struct renderer *r, const struct template_parse_node *n, const struct frame *f)
{
	for (; n; n = n->next)
		TRY(add_node(r, n, f));
	return OK;
}

static enum err open_template(struct scope *s, const struct template_source *source,
    const char *name, struct template_parse_node **ret_first)
{
	struct bytes text = source->find(name);
	if (!text.n)
		return scope_fault(s, ERR_INTERNAL, "template %s: there is none", name);
	return template_parse_tree(s, name, text, ret_first);
}

static enum err render(struct renderer *r, const char *name, const struct frame *f)
{
	struct template_parse_node *first;
	const char *outer = r->template;
	if (++r->depth > LIMIT_TEMPLATE_DEPTH)
		return scope_fault(r->s, ERR_INTERNAL, "template %s: includes itself", name);
	TRY(open_template(r->s, r->source, name, &first));
	r->template = name;
	TRY(add_nodes(r, first, f));
	r->template = outer;
	r->depth--;
	return OK;
}

enum err template_render(struct scope *s, const struct template_source *source, const char *name,
    const struct template_data *d, const struct messages *messages,
    const struct template_fragment **ret_fragment)
{
	struct renderer r = {
		.s = s, .source = source, .messages = messages, .out = buf_new(s, LIMIT_PAGE)
	};
	struct template_fragment *fragment = scope_alloc(s, sizeof(*fragment));
	if (!d || !fragment)
		return ERR_NOMEM;
	if (*d->failed != OK)
		return *d->failed;
	TRY(render(&r, name, &(struct frame){ .data = d }));
	TRY(buf_done(&r.out, &fragment->html));
	*ret_fragment = fragment;
	return OK;
}

struct bytes template_fragment_html(const struct template_fragment *f)
{
	return f->html;
}

/* -- checking -- */
struct checker {
	struct scope *s;
	const struct template_source *source;
	void (*used)(void *ctx, const char *name);
	void *ctx;
	unsigned depth;
};

static enum err check(struct checker *c, const char *name);

static void tell(const struct checker *c, const char *name)
{
	if (c->used && name)
		c->used(c->ctx, name);
}

static enum err tell_places(const struct checker *c, const char *text)
{
	for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
		char *name;
		const char *close = strchr(open, '}');
		if (!close)
			return scope_fault(c->s, ERR_INTERNAL, "template: %s: a brace", text);
		TRY(bytes_to_str(c->s, bytes_of(open + 1, (size_t)(close - open - 1)), &name));
		tell(c, name);
	}
	return OK;
}

static enum err check_nodes(struct checker *c, const struct template_parse_node *n)
{
	for (; n; n = n->next) {
		if (n->kind == TEMPLATE_PARSE_INCLUDED) {
			TRY(check(c, n->name));
			continue;
		}
		tell(c, n->name);
		if (n->one)
			TRY(tell_places(c, n->one));
		if (n->many)
			TRY(tell_places(c, n->many));
		TRY(check_nodes(c, n->child));
	}
	return OK;
}

static enum err check(struct checker *c, const char *name)
{
	struct template_parse_node *first;
	if (++c->depth > LIMIT_TEMPLATE_DEPTH)
		return scope_fault(c->s, ERR_INTERNAL, "template %s: includes itself", name);
	TRY(open_template(c->s, c->source, name, &first));
	TRY(check_nodes(c, first));
	c->depth--;
	return OK;
}

enum err template_check(struct scope *s, const struct template_source *source, const char *name,
    void (*used)(void *ctx, const char *name), void *ctx)
{
	struct checker c = { .s = s, .source = source, .used = used, .ctx = ctx };
	return check(&c, name);
}
