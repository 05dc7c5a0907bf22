#include "service/front/http_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"

const char http_tls_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:"
    "+AES-128-GCM:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:"
    "+GROUP-SECP384R1:%SERVER_PRECEDENCE";

static enum err read_open(struct scope *s, int fd, const char *path, const char **ret_text)
{
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > LIMIT_HTTP_TLS_FILE)
		return scope_fault(s, ERR_IO, "%s: not a file of a usual size", path);
	size_t n = (size_t)st.st_size, at = 0;
	char *text = scope_alloc(s, n + 1);
	if (!text)
		return ERR_NOMEM;
	while (at < n) {
		ssize_t got = read(fd, text + at, n - at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return scope_fault(s, ERR_IO, "%s: cannot be read", path);
		at += (size_t)got;
	}
	if (strlen(text) != n)
		return scope_fault(s, ERR_FORMAT, "%s: not PEM", path);
	*ret_text = text;
	return OK;
}

static enum err read_text(struct scope *s, const char *path, const char **ret_text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	enum err e = read_open(s, fd, path, ret_text);
	close(fd);
	return e;
}

static gnutls_datum_t datum(const char *text)
{
	union {
		const char *borrowed;
		unsigned char *as_gnutls_wants;
	} p = { .borrowed = text };
	return (gnutls_datum_t){ p.as_gnutls_wants, (unsigned)strlen(text) };
}

static enum err try_out(struct scope *s, const struct configuration_listener *l,
    const struct http_tls *tls, gnutls_certificate_credentials_t c)
{
	gnutls_datum_t certificate = datum(tls->certificate), key = datum(tls->key);
	int e = gnutls_certificate_set_x509_key_mem2(
	    c, &certificate, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (e < 0)
		return scope_fault(
		    s, ERR_FORMAT, "%s with %s: %s", l->certificate, l->key, gnutls_strerror(e));
	if (!tls->client_authorities)
		return OK;
	gnutls_datum_t authorities = datum(tls->client_authorities);
	e = gnutls_certificate_set_x509_trust_mem(c, &authorities, GNUTLS_X509_FMT_PEM);
	if (e <= 0)
		return scope_fault(s, ERR_FORMAT, "%s: %s", l->client_authorities,
		    e ? gnutls_strerror(e) : "no certificate in it");
	return OK;
}

enum err http_tls_load(
    struct scope *s, const struct configuration_listener *l, struct http_tls *ret_tls)
{
	struct http_tls tls = { NULL, NULL, NULL };
	gnutls_certificate_credentials_t c;
	if (!l->certificate || !l->key) {
		*ret_tls = tls;
		return OK;
	}
	TRY(read_text(s, l->certificate, &tls.certificate));
	TRY(read_text(s, l->key, &tls.key));
	if (l->client_authorities)
		TRY(read_text(s, l->client_authorities, &tls.client_authorities));
	if (gnutls_certificate_allocate_credentials(&c) < 0)
		return scope_fault(s, ERR_NOMEM, "tls: out of memory");
	enum err e = try_out(s, l, &tls, c);
	gnutls_certificate_free_credentials(c);
	if (e == OK)
		*ret_tls = tls;
	return e;
}

void http_tls_client(void *session, char ret_sha256[65])
{
	char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st wanted = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)purpose };
	unsigned n = 0, status = 1;
	uint8_t digest[32];
	size_t size = sizeof(digest);
	ret_sha256[0] = 0;
	const gnutls_datum_t *chain = session ? gnutls_certificate_get_peers(session, &n) : NULL;
	if (!chain || !n || gnutls_certificate_type_get(session) != GNUTLS_CRT_X509 ||
	    gnutls_certificate_verify_peers(session, &wanted, 1, &status) < 0 || status ||
	    gnutls_fingerprint(GNUTLS_DIG_SHA256, &chain[0], digest, &size) < 0)
		return;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret_sha256 + 2 * i, 3, "%02x", digest[i]);
}
