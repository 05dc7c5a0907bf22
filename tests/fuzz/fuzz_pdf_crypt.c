/* An encryption dictionary in PDF syntax, then any octets as /ID, password and data; opened by the
 * password, by a recipient whose key gives the same octets for everything, and locked. What opens
 * must decrypt without harm, and what it encrypts it must decrypt to the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_crypt.h"
#include "formats/pdf_syntax.h"

#define PART 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_pdf_crypt: %s\n", what);
	abort();
}

static void round_trip(
    struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item, struct bytes plain)
{
	static const uint8_t iv[16] = { 7 };
	const struct pdf_ref object = { 70000, 258 };
	struct bytes cipher, back;
	enum err e = pdf_crypt_decrypt(s, crypt, item, object, plain, &back);
	check(e == OK || e == ERR_DENIED || e == ERR_NOMEM, scope_fault_text(s));
	e = pdf_crypt_encrypt(s, crypt, item, object, bytes_of(iv, sizeof(iv)), plain, &cipher);
	if (e != OK)
		return;
	e = pdf_crypt_decrypt(s, crypt, item, object, cipher, &back);
	check(e == OK || e == ERR_NOMEM, scope_fault_text(s));
	check(e != OK || bytes_equal(back, plain), "decrypts to something else");
}

static enum err decrypt(void *ctx, struct scope *s, const struct recipient_padding *padding,
    struct bytes encrypted, size_t n, struct recipient_secret *ret_key)
{
	(void)ctx;
	(void)encrypted;
	check(n <= RECIPIENT_SECRET_MAX && digest_name(padding->oaep_digest), "impossible key");
	check(s != NULL, "no scope");
	ret_key->n = n;
	memset(ret_key->octets, 'Z', n);
	return OK;
}

static enum err agree(
    void *ctx, struct scope *s, struct bytes public_key, struct recipient_secret *ret_secret)
{
	(void)ctx;
	if (public_key.n == 0)
		return scope_fault(s, ERR_CRYPTO, "no key");
	ret_secret->n = 32;
	memset(ret_secret->octets, 'Z', 32);
	return OK;
}

static void open_by(struct scope *s, const struct pdf_value *dict, struct bytes id0,
    const struct pdf_crypt_means *means, struct bytes plain)
{
	struct pdf_crypt *crypt;
	if (pdf_crypt_open(s, dict, id0, means, &crypt) != OK)
		return;
	for (int item = PDF_CRYPT_STRING; item <= PDF_CRYPT_METADATA; item++)
		round_trip(s, crypt, (enum pdf_crypt_item)item, plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cert cert = { .issuer = { (const uint8_t *)"\x30\x00", 2 },
		.serial = { (const uint8_t *)"\x07", 1 },
		.ski = { (const uint8_t *)"key", 3 } };
	static const struct recipient recipient = {
		.cert = &cert, .decrypt = decrypt, .agree = agree
	};
	struct scope *s = scope_new((size_t)64 << 20);
	struct bytes file = bytes_of(data, size);
	const struct pdf_value *dict;
	size_t at = 0;
	if (!s)
		return 0;
	if (pdf_syntax_value(s, file, &at, &dict) == OK) {
		struct bytes id0 = bytes_cut(file, at, PART);
		struct bytes password = bytes_cut(file, at + PART, PART);
		struct bytes plain = bytes_from(file, at + PART);
		const struct pdf_crypt_means means[] = { { .password = password, .locked = true },
			{ .recipient = &recipient } };
		for (size_t i = 0; i < sizeof(means) / sizeof(*means); i++) {
			scope_forgive(s);
			open_by(s, dict, id0, &means[i], plain);
		}
	}
	scope_free(s);
	return 0;
}
