#include "service/pages/template_parse.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

/* Where the HTML stands between two characters. Only what is needed to tell the places apart. */
enum state {
	CONTENT,
	TAG_OPENS, /* after '<' */
	TAG_NAME,
	IN_TAG, /* between attributes */
	ATTRIBUTE,
	VALUE_AWAITED, /* after '=' */
	IN_QUOTES,
	UNQUOTED,
	COMMENT,
	RAW, /* the text of a script or style, to its end tag */
};

#define NAME_MOST 40

struct html {
	enum state state;
	char tag[NAME_MOST], attribute[NAME_MOST];
	size_t tag_n, attribute_n;
	char quote;
	bool has_begun; /* something stands in the value already */
};

struct parser {
	struct scope *s;
	const char *name;
	struct bytes text;
	size_t at;
	unsigned line, depth;
	struct html html;
};

static enum err fault(const struct parser *p, const char *what)
{
	return scope_fault(p->s, ERR_INTERNAL, "template %s:%u: %s", p->name, p->line, what);
}

/* -- the HTML around the tags -- */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

static void add_to(char *name, size_t *n, char c)
{
	if (*n + 1 < NAME_MOST)
		name[(*n)++] = lower(c);
	name[*n] = 0;
}

static void begin_attribute(struct html *h, char c)
{
	h->state = ATTRIBUTE;
	h->attribute_n = 0;
	add_to(h->attribute, &h->attribute_n, c);
}

static enum state after_tag(const struct html *h)
{
	return !strcmp(h->tag, "script") || !strcmp(h->tag, "style") ? RAW : CONTENT;
}

static void step_in_tag(struct html *h, char c)
{
	if (c == '>')
		h->state = after_tag(h);
	else if (c == '=' && h->state == ATTRIBUTE)
		h->state = VALUE_AWAITED;
	else if (is_space(c) || c == '/')
		h->state = IN_TAG;
	else if (h->state == TAG_NAME)
		add_to(h->tag, &h->tag_n, c);
	else if (h->state == ATTRIBUTE)
		add_to(h->attribute, &h->attribute_n, c);
	else
		begin_attribute(h, c);
}

static void step_in_value(struct html *h, char c)
{
	if (h->state == VALUE_AWAITED) {
		h->state = c == '"' || c == '\'' ? IN_QUOTES : UNQUOTED;
		h->quote = c;
		h->has_begun = false;
	} else if (h->state == IN_QUOTES) {
		if (c == h->quote)
			h->state = IN_TAG;
		h->has_begun = true;
	} else if (is_space(c)) {
		h->state = IN_TAG;
	} else if (c == '>') {
		h->state = after_tag(h);
	}
}

/* `rest` begins with the character that is passed. */
static void step(struct html *h, struct bytes rest)
{
	char c = (char)rest.p[0];
	switch (h->state) {
	case CONTENT:
		if (bytes_has_prefix(rest, BYTES_LIT("<!--")))
			h->state = COMMENT;
		else if (c == '<')
			h->state = TAG_OPENS;
		break;
	case TAG_OPENS:
		h->tag_n = 0;
		h->tag[0] = 0;
		h->state = TAG_NAME;
		add_to(h->tag, &h->tag_n, c);
		break;
	case TAG_NAME:
	case IN_TAG:
	case ATTRIBUTE:
		step_in_tag(h, c);
		break;
	case VALUE_AWAITED:
	case IN_QUOTES:
	case UNQUOTED:
		step_in_value(h, c);
		break;
	case COMMENT:
		if (bytes_has_prefix(rest, BYTES_LIT("-->")))
			h->state = CONTENT;
		break;
	case RAW:
		if (bytes_has_prefix(rest, BYTES_LIT("</")))
			h->state = TAG_OPENS;
		break;
	}
}

static bool is_between(enum state s)
{
	return s == TAG_NAME || s == IN_TAG || s == ATTRIBUTE;
}

static bool is_same(const struct html *a, const struct html *b)
{
	if (is_between(a->state) && is_between(b->state))
		return !strcmp(a->tag, b->tag);
	if (a->state != b->state)
		return false;
	return a->state != IN_QUOTES || (a->quote == b->quote && a->has_begun == b->has_begun &&
					    !strcmp(a->attribute, b->attribute));
}

static bool holds_address(const char *attribute)
{
	static const char *const names[] = { "href", "src", "action", "formaction", "srcset",
		"poster", "data", "cite", "background", "ping", "manifest" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(attribute, names[i]))
			return true;
	return false;
}

/* Attributes whose values are code, or pages of their own. */
static bool holds_code(const char *attribute)
{
	return !strncmp(attribute, "on", 2) || !strcmp(attribute, "style") ||
	       !strcmp(attribute, "srcdoc") || !strcmp(attribute, "http-equiv");
}

static enum err place_here(struct parser *p, enum template_parse_place *ret_place)
{
	struct html *h = &p->html;
	if (h->state == CONTENT) {
		*ret_place = TEMPLATE_PARSE_IN_CONTENT;
		return OK;
	}
	if (h->state != IN_QUOTES || holds_code(h->attribute))
		return fault(p, "no value may stand here");
	*ret_place = TEMPLATE_PARSE_IN_VALUE;
	if (holds_address(h->attribute))
		*ret_place = h->has_begun ? TEMPLATE_PARSE_IN_LINK : TEMPLATE_PARSE_LINK_BEGINS;
	h->has_begun = true;
	return OK;
}

/* -- tags -- */
/* What stands between the braces, which end with the last two of a run: "{{_ for {name}}}". */
static enum err take_tag(struct parser *p, struct bytes *ret_inner)
{
	size_t from = p->at + 2, end = bytes_find(p->text, BYTES_LIT("}}"), from);
	if (end == BYTES_NOT_FOUND)
		return fault(p, "a tag does not end");
	while (end + 2 < p->text.n && p->text.p[end + 2] == '}')
		end++;
	*ret_inner = bytes_cut(p->text, from, end - from);
	for (size_t i = p->at; i < end; i++)
		p->line += p->text.p[i] == '\n';
	p->at = end + 2;
	return OK;
}

static enum err name_of(const struct parser *p, struct bytes text, const char **ret_name)
{
	char *name;
	bool is_good = text.n > 0 && text.n < NAME_MOST;
	for (size_t i = 0; i < text.n; i++)
		is_good = is_good && ((text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '_' ||
					 (i && text.p[i] >= '0' && text.p[i] <= '9'));
	if (!is_good)
		return fault(p, "a tag without a good name");
	TRY(bytes_to_str(p->s, text, &name));
	*ret_name = name;
	return OK;
}

/* White space counts as one space each, and not at the ends: texts may go on in the next line. */
static enum err message_of(const struct parser *p, struct bytes text, const char **ret_message)
{
	struct buf b = buf_new(p->s, LIMIT_REPORT);
	char *message;
	for (size_t i = 0; i < text.n; i++) {
		char c = (char)text.p[i];
		if (!is_space(c)) {
			if (i && is_space((char)text.p[i - 1]) && b.n)
				buf_add_byte(&b, ' ');
			buf_add_byte(&b, (uint8_t)c);
		}
	}
	if (b.n == 0 && b.failed == OK)
		return fault(p, "an empty text");
	TRY(buf_done_str(&b, &message));
	*ret_message = message;
	return OK;
}

/* "#n {n} file|{n} files" */
static enum err read_plural(
    const struct parser *p, struct bytes inner, struct template_parse_node *node)
{
	size_t space = bytes_find(inner, BYTES_LIT(" "), 0);
	size_t bar = bytes_find(inner, BYTES_LIT("|"), 0);
	if (space == BYTES_NOT_FOUND || bar == BYTES_NOT_FOUND || bar < space)
		return fault(p, "no two forms");
	TRY(name_of(p, bytes_cut(inner, 1, space - 1), &node->name));
	TRY(message_of(p, bytes_cut(inner, space, bar - space), &node->one));
	return message_of(p, bytes_from(inner, bar + 1), &node->many);
}

static enum err read_message(struct parser *p, struct bytes inner, struct template_parse_node *node)
{
	node->kind = TEMPLATE_PARSE_MESSAGE;
	TRY(place_here(p, &node->place));
	if (node->place == TEMPLATE_PARSE_LINK_BEGINS || node->place == TEMPLATE_PARSE_IN_LINK)
		return fault(p, "a text in an address");
	if (inner.n && inner.p[0] == '#')
		return read_plural(p, inner, node);
	return message_of(p, inner, &node->one);
}

static enum err parse_nodes(
    struct parser *p, const char *closes, struct template_parse_node **ret_first);

static enum err read_section(struct parser *p, struct bytes inner, struct template_parse_node *node)
{
	struct html before = p->html;
	node->kind = inner.p[0] == '#' ? TEMPLATE_PARSE_SECTION : TEMPLATE_PARSE_INVERTED;
	TRY(name_of(p, bytes_from(inner, 1), &node->name));
	if (++p->depth > LIMIT_TEMPLATE_DEPTH)
		return fault(p, "sections too deep in each other");
	TRY(parse_nodes(p, node->name, &node->child));
	p->depth--;
	/* Else what follows would stand in another place when the section is left out. */
	if (!is_same(&before, &p->html))
		return fault(p, "a section that ends in another place than it begins");
	if (is_between(before.state))
		p->html.state = IN_TAG;
	return OK;
}

static enum err read_tag(struct parser *p, struct bytes inner, struct template_parse_node *node)
{
	switch (inner.n ? inner.p[0] : 0) {
	case '#':
	case '^':
		return read_section(p, inner, node);
	case '_':
		if (inner.n > 1 && (is_space((char)inner.p[1]) || inner.p[1] == '#'))
			return read_message(p, bytes_from(inner, 1), node);
		break;
	case '>':
	case '&':
		node->kind = inner.p[0] == '>' ? TEMPLATE_PARSE_INCLUDED : TEMPLATE_PARSE_FRAGMENT;
		if (p->html.state != CONTENT)
			return fault(p, "HTML may stand between elements only");
		return name_of(p, bytes_from(inner, 1), &node->name);
	default:
		break;
	}
	node->kind = TEMPLATE_PARSE_VALUE;
	TRY(name_of(p, inner, &node->name));
	return place_here(p, &node->place);
}

/* The literal text up to the next tag or the end. */
static struct bytes take_literal(struct parser *p)
{
	size_t from = p->at;
	while (
	    p->at < p->text.n && !bytes_has_prefix(bytes_from(p->text, p->at), BYTES_LIT("{{"))) {
		step(&p->html, bytes_from(p->text, p->at));
		p->line += p->text.p[p->at++] == '\n';
	}
	return bytes_cut(p->text, from, p->at - from);
}

static enum err parse_node(struct parser *p, struct bytes inner, struct template_parse_node ***tail)
{
	struct template_parse_node *node = scope_alloc(p->s, sizeof(*node));
	if (!node)
		return ERR_NOMEM;
	node->line = p->line;
	TRY(read_tag(p, inner, node));
	**tail = node;
	*tail = &node->next;
	return OK;
}

static enum err add_literal(struct parser *p, struct bytes text, struct template_parse_node ***tail)
{
	struct template_parse_node *node = scope_alloc(p->s, sizeof(*node));
	if (!node)
		return ERR_NOMEM;
	*node = (struct template_parse_node){ .kind = TEMPLATE_PARSE_LITERAL, .text = text };
	**tail = node;
	*tail = &node->next;
	return OK;
}

static enum err parse_nodes(
    struct parser *p, const char *closes, struct template_parse_node **ret_first)
{
	struct template_parse_node *first = NULL, **tail = &first;
	struct bytes inner;
	for (;;) {
		struct bytes literal = take_literal(p);
		if (literal.n)
			TRY(add_literal(p, literal, &tail));
		if (p->at >= p->text.n)
			break;
		TRY(take_tag(p, &inner));
		if (inner.n && inner.p[0] == '!')
			continue;
		if (inner.n && inner.p[0] == '/') {
			if (!closes || !bytes_equal_str(bytes_from(inner, 1), closes))
				return fault(p, "closes a section that is not open");
			*ret_first = first;
			return OK;
		}
		TRY(parse_node(p, inner, &tail));
	}
	if (closes)
		return fault(p, "a section is not closed");
	*ret_first = first;
	return OK;
}

enum err template_parse_tree(
    struct scope *s, const char *name, struct bytes text, struct template_parse_node **ret_first)
{
	struct parser p = { .s = s, .name = name, .text = text, .line = 1 };
	TRY(parse_nodes(&p, NULL, ret_first));
	if (p.html.state != CONTENT)
		return fault(&p, "ends inside of a tag");
	return OK;
}
