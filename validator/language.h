/*
 * The languages that reports are written in: catalogues that are part of the library. English is
 * the language of the sources; for each other one there is validator/languages/XX.po.
 */
#ifndef BULLA_VALIDATOR_LANGUAGE_H
#define BULLA_VALIDATOR_LANGUAGE_H

#include "base/messages.h"

/* What language_find takes, for a person: "en, hu". */
const char *language_names(void);
/* The catalogue of a language by its tag; NULL for "en". ERR_UNSUPPORTED: there is none. */
must_check enum err language_find(
    struct scope *s, const char *tag, const struct messages **ret_messages);

#endif
