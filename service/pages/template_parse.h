/*
 * A template as a tree: what stands where. The language, and the places where a value may stand,
 * are described in service/pages/template.h.
 */
#ifndef BULLA_SERVICE_PAGES_TEMPLATE_PARSE_H
#define BULLA_SERVICE_PAGES_TEMPLATE_PARSE_H

#include <stdbool.h>

#include "base/bytes.h"

enum template_parse_kind {
	TEMPLATE_PARSE_LITERAL,  /* text */
	TEMPLATE_PARSE_VALUE,    /* name */
	TEMPLATE_PARSE_SECTION,  /* name, child */
	TEMPLATE_PARSE_INVERTED, /* name, child */
	TEMPLATE_PARSE_INCLUDED, /* name: of a template */
	TEMPLATE_PARSE_FRAGMENT, /* name */
	TEMPLATE_PARSE_MESSAGE,  /* one; with many: the form for the number `name` */
};

enum template_parse_place {
	TEMPLATE_PARSE_IN_CONTENT,
	TEMPLATE_PARSE_IN_VALUE,    /* of an attribute, in quotes */
	TEMPLATE_PARSE_LINK_BEGINS, /* first in an attribute that holds an address */
	TEMPLATE_PARSE_IN_LINK,     /* further on in such */
};

struct template_parse_node {
	enum template_parse_kind kind;
	enum template_parse_place place;
	unsigned line;
	struct bytes text;
	const char *name, *one, *many;
	struct template_parse_node *child, *next;
};

/* The first node, NULL for an empty template; borrows `text`. ERR_INTERNAL: "template NAME:LINE:
 * what". */
must_check enum err template_parse_tree(
    struct scope *s, const char *name, struct bytes text, struct template_parse_node **ret_first);

#endif
