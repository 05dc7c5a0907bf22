/*
 * Messages in a person's language: a reader of GNU .mo catalogues, their plural forms, and
 * sentences with named places. Pure: no locale, no environment, no file; the caller brings the
 * octets.
 *
 * The English text is the key. What a catalogue lacks stays English, so a NULL catalogue is
 * English.
 */
#ifndef BULLA_BASE_MESSAGES_H
#define BULLA_BASE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct messages;

/* Marks a text for the catalogues where it stands in a table; messages_text translates it later. */
#define MESSAGES_MARK(text) text

/* Reads a catalogue, which must outlive the scope. ERR_FORMAT unless it is one of format revision 0
 * with sorted keys, announced as UTF-8, with a Language, and with as many forms for each plural as
 * its Plural-Forms says. */
must_check enum err messages_parse(
    struct scope *s, struct bytes mo, const struct messages **ret_messages);
/* The language tag of the catalogue ("hu"), "en" for NULL. */
const char *messages_language(const struct messages *m);

/* The translation, or `id` itself. */
const char *messages_text(const struct messages *m, const char *id);
/* The form for n: of the catalogue, or `one` for n == 1 and `many` else. */
const char *messages_plural(
    const struct messages *m, const char *one, const char *many, uint64_t n);

/* What stands for a name in braces. */
struct messages_value {
	const char *name, *text; /* a NULL text stands for nothing */
};
/* The template with each "{name}" replaced by the text of the value of this name; a name without a
 * value stays as it is, and replaced text is not looked at again. `values` ends with a NULL name.
 */
must_check enum err messages_fill(
    struct scope *s, const char *template, const struct messages_value *values, char **ret_text);

#endif
