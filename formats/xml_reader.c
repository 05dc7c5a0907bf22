#include "formats/xml_reader.h"

#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

struct work {
	struct scope *s;
	xmlParserCtxtPtr parser;
	struct xml_reader_node *root, *open;
	struct buf texts[LIMIT_XML_DEPTH]; /* of the elements that are open */
	size_t depth, n_nodes;
	enum err failed;
};

/* The first reason is kept. The parser calls nothing more after this. */
static void stop(struct work *w, enum err e, const char *why)
{
	if (w->failed == OK)
		w->failed = e == ERR_NOMEM ? e : scope_fault(w->s, e, "xml: %s", why);
	xmlStopParser(w->parser);
}

static void *new_node(struct work *w, size_t size)
{
	void *node = NULL;
	if (++w->n_nodes > LIMIT_XML_NODES)
		stop(w, ERR_LIMIT, "too many nodes");
	else if (!(node = scope_alloc(w->s, size)))
		stop(w, ERR_NOMEM, NULL);
	return node;
}

static const char *copy(struct work *w, const xmlChar *from, size_t n)
{
	char *text = NULL;
	if (bytes_to_str(w->s, bytes_of(from, n), &text) != OK)
		stop(w, ERR_NOMEM, NULL);
	return text;
}

static const char *copy_str(struct work *w, const xmlChar *from)
{
	return from ? copy(w, from, strlen((const char *)from)) : "";
}

/* `from` holds for each attribute: name, prefix, namespace, value, end of the value. */
static void take_attributes(
    struct work *w, struct xml_reader_node *node, int n, const xmlChar **from)
{
	struct xml_reader_attribute **place = &node->attributes;
	for (int i = 0; i < n && w->failed == OK; i++, from += 5) {
		struct xml_reader_attribute *a = new_node(w, sizeof(*a));
		if (!a)
			return;
		a->name = copy_str(w, from[0]);
		a->ns = copy_str(w, from[2]);
		a->value = copy(w, from[3], (size_t)(from[4] - from[3]));
		*place = a;
		place = &a->next;
	}
}

static void hang_in(struct work *w, struct xml_reader_node *node)
{
	struct xml_reader_node *parent = w->open;
	node->parent = parent;
	if (!parent)
		w->root = node;
	else if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	if (parent)
		parent->last = node;
	w->open = node;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	struct work *w = context;
	(void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
	if (w->failed != OK)
		return;
	if (w->depth == LIMIT_XML_DEPTH) {
		stop(w, ERR_LIMIT, "nested too deeply");
		return;
	}
	struct xml_reader_node *node = new_node(w, sizeof(*node));
	if (!node)
		return;
	node->name = copy_str(w, name);
	node->ns = copy_str(w, ns);
	node->text = "";
	take_attributes(w, node, n_attributes, attributes);
	w->texts[w->depth++] = buf_new(w->s, LIMIT_XML_DOCUMENT);
	hang_in(w, node);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
	struct work *w = context;
	char *text;
	(void)name, (void)prefix, (void)ns;
	if (w->failed != OK || !w->open)
		return;
	struct buf *b = &w->texts[--w->depth];
	if (b->n || b->failed != OK) {
		enum err e = buf_done_str(b, &text);
		if (e != OK) {
			stop(w, e, "text too long");
			return;
		}
		w->open->text = text;
	}
	w->open = w->open->parent;
}

static void on_text(void *context, const xmlChar *text, int n)
{
	struct work *w = context;
	if (w->failed == OK && w->depth)
		buf_add(&w->texts[w->depth - 1], bytes_of(text, (size_t)n));
}

static void on_doctype(
    void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	stop(context, ERR_FORMAT, "has a document type declaration");
}

/* Without this libxml2 prints what it finds. */
static void on_error(void *context, xmlErrorPtr error)
{
	struct work *w = context;
	const char *why = error->message ? error->message : "not well-formed";
	if (error->level != XML_ERR_FATAL || w->failed != OK)
		return;
	w->failed = error->code == XML_ERR_NO_MEMORY
			? ERR_NOMEM
			: scope_fault(w->s, ERR_FORMAT, "xml: line %d: %.*s", error->line,
			      (int)strcspn(why, "\n"), why);
}

enum err xml_reader_parse(
    struct scope *s, struct bytes text, const struct xml_reader_node **ret_root)
{
	struct work *w = scope_alloc(s, sizeof(*w));
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.internalSubset = on_doctype,
		.serror = on_error };
	if (!w)
		return ERR_NOMEM;
	if (text.n > LIMIT_XML_DOCUMENT)
		return scope_fault(s, ERR_LIMIT, "xml: larger than %zu", LIMIT_XML_DOCUMENT);
	if (!text.n)
		return scope_fault(s, ERR_FORMAT, "xml: empty");
	w->s = s;
	xmlInitParser();
	w->parser = xmlCreateMemoryParserCtxt((const char *)text.p, (int)text.n);
	if (!w->parser)
		return scope_fault(s, ERR_NOMEM, "xml: no memory");
	/* There are no entities but the predefined ones: those are to be replaced in attributes
	 * too. */
	xmlCtxtUseOptions(w->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
	*w->parser->sax = sax;
	w->parser->userData = w;
	xmlParseDocument(w->parser);
	bool ok = w->parser->wellFormed && w->parser->nsWellFormed;
	xmlFreeParserCtxt(w->parser);
	if (w->failed != OK)
		return w->failed;
	if (!ok || !w->root || w->open)
		return scope_fault(s, ERR_FORMAT, "xml: not well-formed");
	*ret_root = w->root;
	return OK;
}

bool xml_reader_is(const struct xml_reader_node *node, const char *ns, const char *name)
{
	return strcmp(node->name, name) == 0 && strcmp(node->ns, ns) == 0;
}

const struct xml_reader_node *xml_reader_child(const struct xml_reader_node *node, const char *ns,
    const char *name, const struct xml_reader_node *after)
{
	const struct xml_reader_node *c = after ? after->next : node->first;
	while (c && !xml_reader_is(c, ns, name))
		c = c->next;
	return c;
}

const char *xml_reader_attribute(const struct xml_reader_node *node, const char *name)
{
	for (const struct xml_reader_attribute *a = node->attributes; a; a = a->next)
		if (a->ns[0] == '\0' && strcmp(a->name, name) == 0)
			return a->value;
	return NULL;
}
