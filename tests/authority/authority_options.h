/*
 * The command line of one command: words, then or between them "--name value" and "--name" alone.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_OPTIONS_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/instant.h"

#define AUTHORITY_OPTIONS_MOST 64

struct scope;

struct authority_options {
	char *words[AUTHORITY_OPTIONS_MOST];
	size_t n_words;
	struct {
		const char *name, *value;
	} pairs[AUTHORITY_OPTIONS_MOST];
	size_t n_pairs;
};

/* `with_value` and `alone` are the names that are allowed, blank-separated, without dashes.
 * Borrows argv. ERR_MISUSE for anything else, as all misuse of the command line. */
must_check enum err authority_options_parse(struct scope *s, int argc, char **argv,
    const char *with_value, const char *alone, struct authority_options *ret_options);

/* The value, or `otherwise`. The last one given counts. */
const char *authority_options_get(
    const struct authority_options *o, const char *name, const char *otherwise);
bool authority_options_has(const struct authority_options *o, const char *name);
/* "on" or "off". */
must_check enum err authority_options_switch(struct scope *s, const struct authority_options *o,
    const char *name, bool otherwise, bool *ret_on);
/* RFC 3339. */
must_check enum err authority_options_instant(struct scope *s, const struct authority_options *o,
    const char *name, struct instant otherwise, struct instant *ret_t);
must_check enum err authority_options_number(struct scope *s, const struct authority_options *o,
    const char *name, long most, long otherwise, long *ret_number);

#endif
