#include "service/password_hash.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/scope.h"

#define SALT 16
#define HASH 32
#define MEMORY ((uint64_t)256 << 20) /* what a stored text may ask for at most */

struct parameters {
	unsigned log_n, r, p;
};
static const struct parameters present = { 15, 8, 1 };

struct encoded {
	struct parameters parameters;
	uint8_t salt[SALT], hash[HASH];
};

static enum err derive(struct scope *s, struct bytes password, const struct parameters *a,
    const uint8_t salt[SALT], uint8_t ret_hash[HASH])
{
	/* OpenSSL takes a NULL password for the question about the parameters alone. */
	const char *p = password.n ? (const char *)password.p : "";
	if (EVP_PBE_scrypt(p, password.n, salt, SALT, UINT64_C(1) << a->log_n, a->r, a->p, MEMORY,
		ret_hash, HASH) != 1)
		return scope_fault(s, ERR_CRYPTO, "scrypt failed");
	return OK;
}

static enum err draw_salt(struct scope *s, uint8_t salt[SALT])
{
	ssize_t n;
	do
		n = getrandom(salt, SALT, 0);
	while (n < 0 && errno == EINTR);
	return n == SALT ? OK : scope_fault(s, ERR_IO, "randomness: %s", strerror(errno));
}

enum err password_hash_make(struct scope *s, struct bytes password, const char **ret_encoded)
{
	struct encoded e = { .parameters = present };
	char *salt, *hash, *text;
	TRY(draw_salt(s, e.salt));
	TRY(derive(s, password, &present, e.salt, e.hash));
	TRY(bytes_to_base64(s, bytes_of(e.salt, SALT), &salt));
	TRY(bytes_to_base64(s, bytes_of(e.hash, HASH), &hash));
	struct buf b = buf_new(s, 256);
	buf_addf(&b, "$scrypt$%u$%u$%u$%s$%s", present.log_n, present.r, present.p, salt, hash);
	TRY(buf_done_str(&b, &text));
	*ret_encoded = text;
	return OK;
}

static enum err decode_octets(struct scope *s, const char *text, uint8_t *ret, size_t n)
{
	struct bytes b;
	TRY(bytes_of_base64(s, bytes_of_str(text), &b));
	if (b.n != n)
		return scope_fault(s, ERR_FORMAT, "not a stored password");
	memcpy(ret, b.p, n);
	return OK;
}

static enum err decode(struct scope *s, const char *text, struct encoded *ret)
{
	char salt[64], hash[64];
	int end = 0;
	struct parameters *a = &ret->parameters;
	if (sscanf(text, "$scrypt$%2u$%2u$%2u$%63[^$]$%63[^$]%n", &a->log_n, &a->r, &a->p, salt,
		hash, &end) != 5 ||
	    text[end] || a->log_n < 1 || a->log_n > 20)
		return scope_fault(s, ERR_FORMAT, "not a stored password");
	TRY(decode_octets(s, salt, ret->salt, SALT));
	return decode_octets(s, hash, ret->hash, HASH);
}

enum err password_hash_check(struct scope *s, struct bytes password, const char *encoded,
    struct password_hash_answer *ret_answer)
{
	struct encoded e = { .parameters = present };
	uint8_t hash[HASH];
	if (encoded)
		TRY(decode(s, encoded, &e));
	TRY(derive(s, password, &e.parameters, e.salt, hash));
	bool is_same = CRYPTO_memcmp(hash, e.hash, HASH) == 0;
	bytes_wipe(hash, HASH);
	bool is_right = encoded && is_same;
	*ret_answer = (struct password_hash_answer){
		.is_right = is_right,
		.is_old =
		    is_right && (e.parameters.log_n != present.log_n ||
				    e.parameters.r != present.r || e.parameters.p != present.p),
	};
	return OK;
}
