/*
 * What the JSON reports on documents and on certificates have in common: certificates and findings
 * (DESIGN: keys of the report).
 */
#ifndef BULLA_VALIDATOR_REPORT_JSON_PARTS_H
#define BULLA_VALIDATOR_REPORT_JSON_PARTS_H

#include "base/json.h"
#include "formats/cert.h"
#include "validator/findings.h"
#include "validator/path.h"

/* Subject, issuer, serial, digest and dates, into the object that is open. */
void report_json_parts_cert_keys(struct json *j, const struct cert *c);
/* The same as an object; null for NULL. */
void report_json_parts_cert(struct json *j, const char *key, const struct cert *c);
/* Subjects and digests from the certificate to the anchor; empty for NULL. */
void report_json_parts_chain(struct json *j, const char *key, const struct path *path);
/* Each with its clause, the certificate, address and instant concerned, and what helps. */
void report_json_parts_findings(struct json *j, const char *key, const struct findings *f);

#endif
