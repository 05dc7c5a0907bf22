/*
 * LDAP URLs (RFC 4516) as certificates carry them in AIA and CRL distribution points (RFC 5280
 * 4.2.1.13, 4.2.2.1): ldap://host:port/dn?attributes?scope?filter?extensions.
 *
 * Says what the URL asks for, decoded; what of that may be asked is service/fetch_ldap.h's matter.
 * Does not read the distinguished name or the filter.
 */
#ifndef BULLA_FORMATS_DIRECTORY_URL_H
#define BULLA_FORMATS_DIRECTORY_URL_H

#include "base/bytes.h"
#include "base/limits.h"

enum directory_url_scope {
	DIRECTORY_URL_SCOPE_ENTRY, /* base, also when none is given */
	DIRECTORY_URL_SCOPE_CHILDREN,
	DIRECTORY_URL_SCOPE_TREE,
	DIRECTORY_URL_SCOPE_UNKNOWN,
};

/* All spans are in the scope, or borrowed from the URL. */
struct directory_url {
	bool is_tls; /* ldaps */
	struct bytes
	    host; /* a name, an IPv4 address, or an IPv6 address in brackets; may be empty */
	struct bytes port; /* digits, empty if absent */
	struct bytes dn;
	struct bytes attributes[LIMIT_LDAP_ATTRIBUTES]; /* with their options */
	size_t n_attributes;
	enum directory_url_scope scope;
	struct bytes filter; /* empty if absent */
	bool has_critical_extension;
};

/* ERR_FORMAT: no LDAP URL, or octets that cannot stand in one; ERR_LIMIT: too many attributes. */
must_check enum err directory_url_parse(
    struct scope *s, struct bytes url, struct directory_url *ret_url);
/* Adds text to a URL, with every octet escaped that has or could have a meaning there. */
struct buf;
void directory_url_add_escaped(struct buf *b, struct bytes text);

#endif
