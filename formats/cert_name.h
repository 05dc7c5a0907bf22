/*
 * Distinguished names (X.501) as they stand in certificates, CRLs and OCSP responses: text for
 * people, single attributes, comparison.
 *
 * Does not check: which attributes a name must have (EN 319 412), nor their lengths.
 */
#ifndef BULLA_FORMATS_CERT_NAME_H
#define BULLA_FORMATS_CERT_NAME_H

#include "formats/cert.h"

/* A Name TLV as RFC 4514 text in UTF-8, NUL-terminated, in the scope. Types are named as OpenSSL
 * names them (CN, O, organizationIdentifier, ...), unknown ones by their number with the value as
 * #hex. Control characters are escaped. ERR_FORMAT for a malformed name. */
must_check enum err cert_name_text(struct scope *s, struct bytes name, char **ret_text);
/* The value of the last (most specific) attribute of this type as der_text gives it, "" if there is
 * none. */
must_check enum err cert_name_find(
    struct scope *s, struct bytes name, enum oid type, char **ret_value);
/* The values of all attributes of a type given by its value octets. */
must_check enum err cert_name_texts(
    struct scope *s, struct bytes name, struct bytes type, struct cert_texts *ret_texts);
/* Comparison of RFC 5280 7.1 as OpenSSL does it: case of ASCII letters and amount of white space do
 * not count, nor does the string type. A malformed name matches only its own bytes. */
bool cert_name_matches(struct bytes a, struct bytes b);
/* The same number for names that match, for look-ups; names that differ may share one. */
uint32_t cert_name_hash(struct bytes name);

#endif
