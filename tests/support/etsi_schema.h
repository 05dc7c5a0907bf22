/*
 * The schema of ETSI TS 119 102-2 (1.4.1) as far as Bulla's reports use it: which elements hold
 * which, how many, in which order, and the form of their values. Written down by hand for
 * etsi_check.h.
 */
#ifndef BULLA_TESTS_SUPPORT_ETSI_SCHEMA_H
#define BULLA_TESTS_SUPPORT_ETSI_SCHEMA_H

#include <stdbool.h>

enum etsi_schema_form {
	FORM_ELEMENTS, /* children as the model says, in this order */
	FORM_CHOICE,   /* any of them, one at least */
	FORM_STRING,
	FORM_URI,
	FORM_TIME,
	FORM_BOOLEAN,
	FORM_BASE64,
	FORM_INTEGERS,
	FORM_ANY,
};

struct etsi_schema_part {
	const char *name; /* with its prefix */
	const char *type;
	int min, max; /* max ETSI_SCHEMA_MANY: any number */
};

struct etsi_schema_type {
	const char *name;
	enum etsi_schema_form form;
	const struct etsi_schema_part *parts;
	const char *attributes; /* those it may have, " "-separated; '!' behind a needed one */
};

#define ETSI_SCHEMA_MANY (-1)

/* Ends the program when there is no such type. */
const struct etsi_schema_type *etsi_schema_type(const char *name);
bool etsi_schema_knows_uri(const char *text);

#endif
