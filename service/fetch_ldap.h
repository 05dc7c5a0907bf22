/*
 * What of a directory is asked for, and what of its answer is handed on (RFC 4516, RFC 4523): the
 * certificates or CRLs of one entry, read without credentials.
 *
 * An LDAP URL can make a server walk through all it has. Here the search has one entry as its base
 * and its end; a filter may compare one attribute with one value, which CAs put there to name the
 * entry's class. Other scopes and filters are refused. The request itself is libcurl's work
 * (service/fetch_curl.c).
 */
#ifndef BULLA_SERVICE_FETCH_LDAP_H
#define BULLA_SERVICE_FETCH_LDAP_H

#include "base/world.h"

bool fetch_ldap_is_url(const char *url);
/* The URL to ask with: that of the request, composed anew from what was understood of it, with the
 * attributes fit for the kind of fetch. ERR_DENIED: text "URL: cause". */
must_check enum err fetch_ldap_url(
    struct scope *s, const struct fetch_request *want, char **ret_url);
/* Size of libcurl's text for an answer of `cap` octets. */
size_t fetch_ldap_cap(size_t cap);
/* The reply for libcurl's text. ERR_NET: no value of a wanted attribute, or not understood;
 * ERR_LIMIT: larger than `cap`. */
must_check enum err fetch_ldap_reply(struct scope *s, const struct fetch_request *want, size_t cap,
    struct bytes text, struct fetch_reply *ret_reply);

#endif
