/* X.509: one certificate or a PEM file; its facts stay inside it, and it does not sign itself
 * without OpenSSL agreeing. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/cert.h"

static void ask(struct scope *s, const struct cert *c)
{
	bool ok;
	X509 *x509;
	if (!bytes_encloses(c->der, c->tbs) || !bytes_encloses(c->tbs, c->subject) ||
	    !bytes_encloses(c->tbs, c->spki) || !bytes_encloses(c->tbs, c->serial))
		abort();
	if (!cert_names_match(c->subject, c->subject) || !cert_equal(c, c))
		abort();
	(void)cert_is_self_issued(c);
	(void)cert_key_bits(c);
	if (cert_is_signed_by(s, c, c, &ok) == OK && ok && cert_x509(s, c, &x509) == OK &&
	    X509_verify(x509, c->key) != 1)
		abort();
	scope_forgive(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scope *s = scope_new((size_t)64 << 20);
	const struct cert **certs;
	size_t count;
	if (s && cert_parse_many(s, bytes_of(data, n), &certs, &count) == OK)
		for (size_t i = 0; i < count; i++)
			ask(s, certs[i]);
	scope_free(s);
	return 0;
}
