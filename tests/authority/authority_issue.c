#include "tests/authority/authority_issue.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define SERIAL_OCTETS 16
#define P12_ITERATIONS 10000

static enum err new_serial(struct scope *s, struct bytes *ret_serial)
{
	uint8_t *p = scope_alloc(s, SERIAL_OCTETS);
	if (!p)
		return ERR_NOMEM;
	if (RAND_bytes(p, SERIAL_OCTETS) != 1)
		return scope_fault(s, ERR_CRYPTO, "serial number: no randomness");
	p[0] = (uint8_t)((p[0] & 0x3f) | 0x40); /* positive and of full length */
	*ret_serial = bytes_of(p, SERIAL_OCTETS);
	return OK;
}

static enum err bio_text(struct scope *s, BIO *bio, struct bytes *ret_text)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	return bytes_copy(s, bytes_of(p, (size_t)n), ret_text);
}

/* `cert`, when not NULL, then the chain, when not NULL, in PEM. */
static enum err write_pem(struct scope *s, const char *path, X509 *cert, STACK_OF(X509) * chain)
{
	struct bytes text;
	BIO *bio = BIO_new(BIO_s_mem());
	TRY(authority_own_bio(s, bio));
	bool done = PEM_write_bio_X509(bio, cert) == 1;
	for (int i = 0; done && chain && i < sk_X509_num(chain); i++)
		done = PEM_write_bio_X509(bio, sk_X509_value(chain, i)) == 1;
	if (!done)
		return scope_fault(s, ERR_NOMEM, "%s: cannot be encoded", path);
	TRY(bio_text(s, bio, &text));
	return authority_file_write(s, path, text, 0644);
}

static enum err read_password(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, char **ret_password)
{
	struct bytes data;
	char *path;
	TRY(authority_file_path(s, &path, store->dir, "password"));
	TRY(authority_file_read(s, wish->password_file ? wish->password_file : path, &data));
	size_t end = bytes_find(data, BYTES_LIT("\n"), 0);
	if (end == BYTES_NOT_FOUND)
		end = data.n;
	if (end > LIMIT_PASSWORD)
		return scope_fault(s, ERR_LIMIT, "password: too long");
	return bytes_to_str(s, bytes_cut(data, 0, end), ret_password);
}

static enum err write_p12(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, X509 *cert, STACK_OF(X509) * chain)
{
	char *path, *password;
	uint8_t *der = NULL;
	TRY(read_password(s, store, wish, &password));
	PKCS12 *p12 = PKCS12_create(password, wish->name, wish->profile.key, cert,
	    wish->no_chain ? NULL : chain, NID_aes_256_cbc, NID_aes_256_cbc, P12_ITERATIONS,
	    P12_ITERATIONS, 0);
	if (!p12)
		return scope_fault(s, ERR_CRYPTO, "%s.p12: cannot be made", wish->name);
	TRY(authority_own_p12(s, p12));
	TRY(authority_file_path(s, &path, store->dir, "issued/%s.p12", wish->name));
	int n = i2d_PKCS12(p12, &der);
	if (n <= 0)
		return scope_fault(s, ERR_NOMEM, "%s: cannot be encoded", path);
	enum err e = authority_file_write(s, path, bytes_of(der, (size_t)n), 0600);
	OPENSSL_free(der);
	return e;
}

static enum err write_files(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, X509 *cert)
{
	const char *profile = wish->profile.name;
	bool is_link = !strcmp(profile, "link"), is_ca = is_link || !strcmp(profile, "ca");
	const char *folder = is_ca ? "ca" : "issued";
	char *path;
	STACK_OF(X509) * chain;
	if (!is_link) {
		TRY(authority_file_path(s, &path, store->dir, "%s/%s.key.pem", folder, wish->name));
		TRY(authority_key_write(s, wish->profile.key, path));
	}
	TRY(authority_file_path(s, &path, store->dir, "%s/%s.pem", folder, wish->name));
	TRY(write_pem(s, path, cert, NULL));
	if (is_ca)
		return OK;
	struct authority_store_record leaf = { .name = wish->name, .ca = wish->ca };
	TRY(authority_store_chain(s, store, &leaf, &chain));
	TRY(authority_file_path(s, &path, store->dir, "issued/%s.chain.pem", wish->name));
	TRY(write_pem(s, path, cert, chain));
	return write_p12(s, store, wish, cert, chain);
}

static enum err record(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, struct instant now)
{
	char date[INSTANT_TEXT], *serial;
	instant_to_rfc3339(now, date);
	TRY(bytes_to_hex(s, wish->profile.serial, &serial));
	return authority_store_append(s, store->dir, "issued %s %s %s %s %s\n", date, wish->name,
	    serial, wish->ca ? wish->ca : wish->name, wish->profile.name);
}

enum err authority_issue_make(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, struct instant now)
{
	struct authority_issue w = *wish;
	const struct authority_store_record *ca = NULL;
	X509 *cert;
	if (!authority_store_is_name(w.name))
		return scope_fault(s, ERR_MISUSE, "name: letters, digits, '.', '_' and '-' only");
	if (authority_store_find(store, w.name))
		return scope_fault(s, ERR_DENIED, "%s: there is one already", w.name);
	if (w.ca) {
		ca = authority_store_find(store, w.ca);
		if (!ca || !authority_store_is_ca(ca))
			return scope_fault(s, ERR_DENIED, "%s: no such CA", w.ca);
	}
	if (!w.profile.key)
		TRY(authority_key_generate(s, w.key_type, &w.profile.key));
	TRY(new_serial(s, &w.profile.serial));
	TRY(authority_profile_certify(s, store, ca, &w.profile, &cert));
	TRY(write_files(s, store, &w, cert));
	return record(s, store, &w, now);
}
