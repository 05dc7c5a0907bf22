/* The server under TLS, with certificates made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <gnutls/gnutls.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/digest.h"
#include "tests/support/http_scene.h"
#include "tests/support/mini_ca.h"

#define H HTTP_SCENE_HEAD

static struct http_scene c;
static char certificate[400], key[400], authorities[400];
static const char *const authority[] = { "basicConstraints=critical,CA:TRUE",
	"keyUsage=critical,keyCertSign,cRLSign", NULL };
static const char *const for_servers[] = { "extendedKeyUsage=serverAuth",
	"subjectAltName=DNS:localhost", NULL };
static const char *const for_clients[] = { "extendedKeyUsage=clientAuth", NULL };

/* -- certificates -- */

/* Valid from `from` to `to` days from now. */
static struct bytes make(const char *subject, unsigned subject_key, struct bytes issuer,
    unsigned issuer_key, int from, int to, const char *const *extensions)
{
	int64_t now = time(NULL);
	return mini_ca_cert(c.s, &(struct mini_ca_spec){ .subject = subject,
				     .key = mini_ca_key(MINI_CA_P256, subject_key),
				     .issuer = issuer,
				     .issuer_key = mini_ca_key(MINI_CA_P256, issuer_key),
				     .serial = 1 + subject_key,
				     .not_before = now + from * MINI_CA_DAY,
				     .not_after = now + to * MINI_CA_DAY,
				     .extensions = extensions });
}

static void put_certificate(const char *path, struct bytes der)
{
	FILE *f = fopen(path, "w");
	mini_ca_check(f && PEM_write(f, "CERTIFICATE", "", der.p, (long)der.n) > 0, path);
	mini_ca_check(fclose(f) == 0, path);
}

static void put_key(const char *path, unsigned index)
{
	FILE *f = fopen(path, "w");
	mini_ca_check(f && PEM_write_PrivateKey(
			       f, mini_ca_key(MINI_CA_P256, index), NULL, NULL, 0, NULL, NULL) == 1,
	    path);
	mini_ca_check(fclose(f) == 0, path);
}

static struct bytes root(unsigned index)
{
	return make(
	    index ? "/CN=Other root" : "/CN=Root", index, BYTES_NONE, index, -10, 100, authority);
}

static int setup(void **state)
{
	(void)state;
	http_scene_begin(&c);
	snprintf(certificate, sizeof(certificate), "%s/server.pem", c.folder);
	snprintf(key, sizeof(key), "%s/server.key", c.folder);
	snprintf(authorities, sizeof(authorities), "%s/clients.pem", c.folder);
	put_certificate(certificate, make("/CN=localhost", 1, root(0), 0, -1, 10, for_servers));
	put_key(key, 1);
	put_certificate(authorities, root(0));
	c.configuration.api.certificate = certificate;
	c.configuration.api.key = key;
	c.configuration.api.client_authorities = authorities;
	c.configuration.limits.idle_seconds = 2;
	http_scene_start(&c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_scene_end(&c);
	return 0;
}

/* -- a client -- */

struct client {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
};

static void show(struct client *t, struct bytes der, unsigned key_index)
{
	char cert_path[400], key_path[400];
	snprintf(cert_path, sizeof(cert_path), "%s/client.pem", c.folder);
	snprintf(key_path, sizeof(key_path), "%s/client.key", c.folder);
	put_certificate(cert_path, der);
	put_key(key_path, key_index);
	assert_true(gnutls_certificate_set_x509_key_file(
			t->credentials, cert_path, key_path, GNUTLS_X509_FMT_PEM) >= 0);
}

/* The handshake's outcome. `der` may be empty: no certificate is shown. */
static int begin(struct client *t, const char *priorities, struct bytes der, unsigned key_index)
{
	t->fd = http_client_connect(c.port);
	gnutls_certificate_allocate_credentials(&t->credentials);
	if (der.n)
		show(t, der, key_index);
	gnutls_init(&t->session, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
	gnutls_priority_set_direct(t->session, priorities, NULL);
	gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->credentials);
	gnutls_transport_set_int(t->session, t->fd);
	int e;
	do
		e = gnutls_handshake(t->session);
	while (e < 0 && !gnutls_error_is_fatal(e));
	return e;
}

static void end(struct client *t)
{
	gnutls_deinit(t->session);
	gnutls_certificate_free_credentials(t->credentials);
	close(t->fd);
}

/* One request; the reply is in c.reply, by its Content-Length. */
static void ask(struct client *t, const char *request)
{
	struct http_client_reply *r = &c.reply;
	char length[32] = "";
	const char *body = NULL;
	gnutls_record_send(t->session, request, strlen(request));
	r->n = r->body = 0;
	r->status = 0;
	while (!body || r->n < r->body + strtoul(length, NULL, 10)) {
		ssize_t got =
		    gnutls_record_recv(t->session, r->text + r->n, sizeof(r->text) - 1 - r->n);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			continue;
		if (got <= 0)
			return;
		r->n += (size_t)got;
		r->text[r->n] = 0;
		if (!(body = strstr(r->text, "\r\n\r\n")))
			continue;
		r->body = (size_t)(body + 4 - r->text);
		sscanf(r->text, "HTTP/1.1 %d", &r->status);
		http_client_header(r, "Content-Length", length, sizeof(length));
	}
}

static const char *who(struct bytes der, unsigned key_index)
{
	struct client t;
	int e = begin(&t, "NORMAL", der, key_index);
	assert_int_equal(e, 0);
	ask(&t, "GET /who" H "\r\n");
	end(&t);
	assert_int_equal(c.reply.status, 200);
	return http_scene_body(&c);
}

/* -- tests -- */

static void test_versions(void **state)
{
	static const struct {
		const char *priorities;
		bool fine;
	} cases[] = {
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.3", true },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.2", true },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.1", false },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.0", false },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", false },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct client t;
		int e = begin(&t, cases[i].priorities, BYTES_NONE, 0);
		assert_true((e == 0) == cases[i].fine);
		if (e == 0) {
			char hsts[64];
			ask(&t, "GET /hello" H "\r\n");
			assert_string_equal(http_scene_body(&c), "hello");
			http_client_header(
			    &c.reply, "Strict-Transport-Security", hsts, sizeof(hsts));
			assert_string_equal(hsts, "max-age=31536000");
		}
		end(&t);
	}
}

static void test_client_certificates(void **state)
{
	char wanted[65];
	struct digest d;
	struct bytes good = make("/CN=Portal", 2, root(0), 0, -1, 10, for_clients);
	struct bytes past = make("/CN=Portal", 2, root(0), 0, -9, -1, for_clients);
	struct bytes future = make("/CN=Portal", 2, root(0), 0, 1, 9, for_clients);
	struct bytes server_only = make("/CN=Portal", 2, root(0), 0, -1, 10, for_servers);
	struct bytes other = make("/CN=Portal", 2, root(3), 3, -1, 10, for_clients);
	/* Says that it is by the root, and is signed by somebody else. */
	struct bytes forged = make("/CN=Portal", 2, root(0), 3, -1, 10, for_clients);
	struct bytes self = make("/CN=Root", 2, BYTES_NONE, 2, -1, 10, for_clients);
	(void)state;
	assert_int_equal(digest_of_bytes(c.s, DIGEST_SHA256, good, &d), OK);
	for (size_t i = 0; i < 32; i++)
		snprintf(wanted + 2 * i, 3, "%02x", d.value[i]);
	assert_string_equal(who(good, 2), wanted);
	assert_string_equal(who(BYTES_NONE, 0), "nobody");
	assert_string_equal(who(past, 2), "nobody");
	assert_string_equal(who(future, 2), "nobody");
	assert_string_equal(who(server_only, 2), "nobody");
	assert_string_equal(who(other, 2), "nobody");
	assert_string_equal(who(forged, 2), "nobody");
	assert_string_equal(who(self, 2), "nobody");
	assert_string_equal(who(good, 2), wanted);
}

/* No TLS, half of it, and garbage inside of it. */
static void test_no_tls(void **state)
{
	(void)state;
	http_scene_ask(&c, "GET /hello" H "\r\n");
	assert_int_equal(c.reply.status, 0);
	int silent = http_client_connect(c.port), half = http_client_connect(c.port);
	http_client_send(half, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
	assert_true(http_client_is_closed(silent));
	assert_true(http_client_is_closed(half));
	close(silent);
	close(half);
	struct client t;
	assert_int_equal(begin(&t, "NORMAL", BYTES_NONE, 0), 0);
	http_client_say(t.fd, "GET /hello" H "\r\n"); /* not encrypted */
	ask(&t, "GET /hello" H "\r\n");
	assert_int_equal(c.reply.status, 0);
	end(&t);
	assert_string_equal(who(BYTES_NONE, 0), "nobody");
}

/* The certificate that the server shows: two octets of its digest. */
static int shown(struct client *t)
{
	unsigned n;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(t->session, &n);
	struct digest d;
	assert_true(chain && n == 1);
	assert_int_equal(
	    digest_of_bytes(c.s, DIGEST_SHA256, bytes_of(chain->data, chain->size), &d), OK);
	return d.value[0] << 8 | d.value[1];
}

static void test_reload(void **state)
{
	struct client before, after;
	(void)state;
	assert_int_equal(begin(&before, "NORMAL", BYTES_NONE, 0), 0);
	ask(&before, "GET /hello" H "\r\n");
	/* A key that does not belong to it: nothing changes. */
	put_key(key, 2);
	assert_int_equal(http_server_reload_tls(c.s, c.server), ERR_FORMAT);
	scope_forgive(c.s);
	assert_int_equal(begin(&after, "NORMAL", BYTES_NONE, 0), 0);
	assert_int_equal(shown(&after), shown(&before));
	end(&after);
	put_certificate(certificate, make("/CN=localhost", 2, root(0), 0, -1, 10, for_servers));
	assert_int_equal(http_server_reload_tls(c.s, c.server), OK);
	assert_int_equal(begin(&after, "NORMAL", BYTES_NONE, 0), 0);
	assert_int_not_equal(shown(&after), shown(&before));
	ask(&after, "GET /hello" H "\r\n");
	assert_int_equal(c.reply.status, 200);
	ask(&before, "GET /hello" H "\r\n"); /* who was there before is served on */
	assert_int_equal(c.reply.status, 200);
	end(&before);
	end(&after);
	for (int i = 0; i < 20; i++) {
		enum err e = http_server_reload_tls(c.s, c.server);
		assert_true(e == OK || e == ERR_MISUSE);
		scope_forgive(c.s);
	}
	assert_string_equal(who(BYTES_NONE, 0), "nobody");
}

static void test_start_refused(void **state)
{
	static struct http_scene other;
	struct http_server *server;
	(void)state;
	http_scene_begin(&other);
	struct http_server_config config = {
		.configuration = &other.configuration, .incoming = other.incoming, .log = -1
	};
	other.configuration.api.address = "0.0.0.0";
	assert_int_equal(http_server_start(other.s, &other.front, &config, &server), ERR_DENIED);
	scope_forgive(other.s);
	other.configuration.api.address = "localhost";
	assert_int_equal(http_server_start(other.s, &other.front, &config, &server), ERR_FORMAT);
	scope_forgive(other.s);
	other.configuration.api.address = "127.0.0.1";
	other.configuration.api.port = c.port; /* taken */
	assert_int_equal(http_server_start(other.s, &other.front, &config, &server), ERR_IO);
	scope_forgive(other.s);
	other.configuration.api.port = 0;
	other.configuration.api.certificate = certificate;
	other.configuration.api.key = "none/such";
	assert_int_equal(http_server_start(other.s, &other.front, &config, &server), ERR_IO);
	scope_forgive(other.s);
	other.configuration.api.key = certificate;
	assert_int_equal(http_server_start(other.s, &other.front, &config, &server), ERR_FORMAT);
	http_scene_end(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_versions),
		T(test_client_certificates),
		T(test_no_tls),
		T(test_reload),
		T(test_start_refused),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
