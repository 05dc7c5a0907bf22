/*
 * Texts from outside on their way into the log: names, addresses, reasons that strangers chose.
 * What could mislead a person who reads the log is written out instead of shown: control
 * characters, marks that turn the direction of writing, ends of line, invisible characters become
 * "<U+202E>".
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_TEXT_H
#define BULLA_SERVICE_LOG_AUDIT_TEXT_H

#include "base/bytes.h"

/* A copy that is valid UTF-8 without any of those, of at most `most` octets (16 or more); a longer
 * one is cut between characters and ends with "...". Octets that are not UTF-8 become U+FFFD. NULL
 * stays NULL. ERR_NOMEM. */
must_check enum err audit_text_clean(
    struct scope *s, const char *text, size_t most, const char **ret_clean);

#endif
