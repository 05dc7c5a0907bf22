/*
 * Directory entries as text: LDIF content records (RFC 2849), and the form of them that libcurl
 * writes ("DN:" in capitals, a tab before each attribute).
 *
 * Strict: every line is an attribute with its value, in clear text or base64; a value that is a URL
 * ("attribute:< file:///...") is refused, as are change records. Does not check names, nor what a
 * value holds.
 */
#ifndef BULLA_FORMATS_LDIF_H
#define BULLA_FORMATS_LDIF_H

#include "base/bytes.h"

struct ldif_value {
	struct bytes attribute; /* without options: "certificateRevocationList" */
	struct bytes value;
};

struct ldif {
	size_t n_entries;
	struct ldif_value
	    *values; /* of all entries, in their order; the entries' names are not here */
	size_t n_values;
};

/* The result is in the scope; `text` is borrowed. ERR_FORMAT; ERR_LIMIT: more than
 * LIMIT_LDAP_VALUES values. */
must_check enum err ldif_parse(struct scope *s, struct bytes text, struct ldif *ret_ldif);
/* The names are the same, as ASCII without case (RFC 4512 2.5). */
bool ldif_is_attribute(struct bytes attribute, const char *name);

#endif
