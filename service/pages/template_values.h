/*
 * The values of a template as its renderer sees them: service/pages/template.h puts them there.
 */
#ifndef BULLA_SERVICE_PAGES_TEMPLATE_VALUES_H
#define BULLA_SERVICE_PAGES_TEMPLATE_VALUES_H

#include <stdbool.h>

#include "service/pages/template.h"

enum template_values_kind {
	TEMPLATE_VALUES_NOTHING,
	TEMPLATE_VALUES_TEXT,
	TEMPLATE_VALUES_SAID, /* text, to be translated */
	TEMPLATE_VALUES_NUMBER,
	TEMPLATE_VALUES_FLAG,
	TEMPLATE_VALUES_LINK, /* text */
	TEMPLATE_VALUES_FRAGMENT,
	TEMPLATE_VALUES_LIST,
};

struct template_values {
	const char *name;
	enum template_values_kind kind;
	const char *text; /* of numbers too */
	int64_t number;   /* of flags too */
	const struct template_fragment *fragment;
	struct template_data *first, *last; /* items, by next */
	struct template_values *next;
};

struct template_fragment {
	struct bytes html;
};

struct template_data {
	struct scope *s;
	struct template_values *value;
	enum err *failed; /* of the whole tree */
	struct template_data *next;
};

/* NULL: nobody put it into this set. */
const struct template_values *template_values_find(const struct template_data *d, const char *name);
bool template_values_is_true(const struct template_values *v);

#endif
