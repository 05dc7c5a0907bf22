/*
 * The policy that a command was asked to judge by: a ready one by its name, or a file; and the list
 * of certificates whose disclaimer a person has approved.
 */
#ifndef BULLA_SERVICE_POLICY_FILE_H
#define BULLA_SERVICE_POLICY_FILE_H

#include "validator/policy.h"

/* `name`: "default", "eidas", "sealed-filing", else the path of a JSON file; NULL: default.
 * `approved`, NULL for none: the path of a text with the SHA-256 of a certificate at the start of
 * each line, whatever follows a blank on it, empty lines and lines that begin with #; they are
 * added to disclaimer.approved. ERR_IO; ERR_FORMAT and ERR_LIMIT as policy_parse. Faults begin with
 * the path of a file. */
must_check enum err policy_file_load(
    struct scope *s, const char *name, const char *approved, const struct policy **ret_policy);

#endif
