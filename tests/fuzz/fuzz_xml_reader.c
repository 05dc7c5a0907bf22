/* XML: what was read, written again and read again, is the same tree. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/xml.h"
#include "formats/xml_reader.h"

/* Names stand without prefixes: every element declares its own namespace. */
static void write(struct xml *x, const struct xml_reader_node *node)
{
	xml_open(x, node->name);
	xml_attribute(x, "xmlns", node->ns);
	for (const struct xml_reader_attribute *a = node->attributes; a; a = a->next)
		if (!a->ns[0])
			xml_attribute(x, a->name, a->value);
	/* Text first, so that the writer's indentation stays out of it. */
	xml_text(x, node->text);
	for (const struct xml_reader_node *c = node->first; c; c = c->next)
		write(x, c);
	xml_close(x);
}

static void compare(const struct xml_reader_node *a, const struct xml_reader_node *b)
{
	if (!xml_reader_is(b, a->ns, a->name) || strncmp(a->text, b->text, strlen(a->text)) != 0)
		abort();
	for (const struct xml_reader_attribute *t = a->attributes; t; t = t->next)
		if (!t->ns[0] && strcmp(xml_reader_attribute(b, t->name), t->value) != 0)
			abort();
	const struct xml_reader_node *other = b->first;
	for (const struct xml_reader_node *c = a->first; c; c = c->next, other = other->next) {
		if (!other || c->parent != a)
			abort();
		compare(c, other);
	}
	if (other)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scope *s = scope_new((size_t)64 << 20);
	const struct xml_reader_node *root, *again;
	struct bytes text;
	struct xml *x;
	if (s && xml_reader_parse(s, bytes_of(data, n), &root) == OK &&
	    xml_new(s, (size_t)16 << 20, &x) == OK) {
		write(x, root);
		if (xml_done(x, &text) == OK &&
		    (xml_reader_parse(s, text, &again) != OK && scope_fault_code(s) == ERR_FORMAT))
			abort();
		if (scope_fault_code(s) == OK)
			compare(root, again);
	}
	scope_free(s);
	return 0;
}
