/*
 * The plural rule of a catalogue: "nplurals=2; plural=(n != 1);", an expression of C over n (GNU
 * gettext manual, "Additional functions for plural forms").
 */
#ifndef BULLA_BASE_MESSAGES_PLURAL_H
#define BULLA_BASE_MESSAGES_PLURAL_H

#include "base/bytes.h"

struct messages_plural {
	size_t forms;            /* 1 to 6 */
	struct bytes expression; /* borrowed */
};

/* Reads the value of a Plural-Forms header. False: malformed, or for one of a few n the expression
 * has no value below `forms`. */
bool messages_plural_parse(struct bytes header, struct messages_plural *ret_plural);
/* The form for n, always below `forms`: what the expression cannot say is form 0. */
size_t messages_plural_form(const struct messages_plural *p, uint64_t n);

#endif
