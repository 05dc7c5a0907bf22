/*
 * TLS of the listeners: the owner of GnuTLS. TLS 1.2 and 1.3, ephemeral keys and authenticated
 * ciphers only.
 *
 * Clients may show a certificate where authorities for them are configured. It counts when it
 * verifies against these now, with the purpose of a client; one that does not counts as none: the
 * route then knows nobody, and says so. Revocation is not looked up: the operator takes a portal's
 * certificate out of the configuration.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_TLS_H
#define BULLA_SERVICE_FRONT_HTTP_TLS_H

#include "service/configuration.h"

/* Contents of the files, NUL-terminated; NULL where none is configured. */
struct http_tls {
	const char *certificate, *key, *client_authorities;
};

extern const char http_tls_priorities[];

/* Reads the files and tries them. ERR_IO, ERR_FORMAT: "FILE: why". */
must_check enum err http_tls_load(
    struct scope *s, const struct configuration_listener *l, struct http_tls *ret_tls);
/* SHA-256 in hex of the certificate that the client of this session showed, if it verifies; else
 * the empty text. `session` is a gnutls_session_t. */
void http_tls_client(void *session, char ret_sha256[65]);

#endif
