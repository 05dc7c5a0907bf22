/*
 * Reads XML 1.0 with namespaces into a plain tree. Hardened: a document type declaration is
 * refused, and with it every entity but the five predefined ones; nothing is ever loaded; size,
 * depth and number of nodes are capped (base/limits.h).
 *
 * Comments and processing instructions are left out, so text on both sides of one is one text. Says
 * what is there; no schema is looked at. What an XML signature covers must be taken from the
 * octets, not from this tree.
 */
#ifndef BULLA_FORMATS_XML_READER_H
#define BULLA_FORMATS_XML_READER_H

#include "base/bytes.h"

struct xml_reader_attribute {
	const char *ns, *name, *value; /* ns "" for none */
	struct xml_reader_attribute *next;
};

struct xml_reader_node {
	const char *ns, *name;                   /* ns "" for none */
	struct xml_reader_attribute *attributes; /* in their order; declarations of namespaces are
						    not among them */
	const char *text; /* all character data directly in it, joined; "" if there is none */
	struct xml_reader_node *parent, *first, *last, *next; /* NULL where there is none */
};

/* The outermost element; the tree lives in the scope. ERR_FORMAT: not well-formed, or with a
 * document type; ERR_LIMIT: beyond a cap. */
must_check enum err xml_reader_parse(
    struct scope *s, struct bytes text, const struct xml_reader_node **ret_root);

bool xml_reader_is(const struct xml_reader_node *node, const char *ns, const char *name);
/* The first child element of this name after `after` (NULL: from the beginning), or NULL. */
const struct xml_reader_node *xml_reader_child(const struct xml_reader_node *node, const char *ns,
    const char *name, const struct xml_reader_node *after);
/* The value of an attribute without a namespace, or NULL. */
const char *xml_reader_attribute(const struct xml_reader_node *node, const char *name);

#endif
