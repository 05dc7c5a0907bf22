#include "formats/pdf_cipher.h"

#include "base/scope.h"
#include "formats/auto.h"

/* EVP counts in int. */
#define STEP ((size_t)1 << 30)

struct rc4 {
	uint8_t state[256];
	uint8_t i, j;
};

static void swap(uint8_t *a, uint8_t *b)
{
	uint8_t t = *a;
	*a = *b;
	*b = t;
}

void pdf_cipher_rc4(struct bytes key, uint8_t *p, size_t n)
{
	struct rc4 c = { .i = 0 };
	if (key.n == 0)
		return;
	for (unsigned k = 0; k < 256; k++)
		c.state[k] = (uint8_t)k;
	for (unsigned k = 0; k < 256; k++) {
		c.j = (uint8_t)(c.j + c.state[k] + key.p[k % key.n]);
		swap(&c.state[k], &c.state[c.j]);
	}
	c.j = 0;
	for (size_t k = 0; k < n; k++) {
		c.i++;
		c.j = (uint8_t)(c.j + c.state[c.i]);
		swap(&c.state[c.i], &c.state[c.j]);
		p[k] ^= c.state[(uint8_t)(c.state[c.i] + c.state[c.j])];
	}
	bytes_wipe(&c, sizeof(c));
}

static enum err aes(struct scope *s, bool encrypt, struct bytes key,
    const uint8_t iv[PDF_CIPHER_BLOCK], struct bytes in, uint8_t *ret_out)
{
	if ((key.n != 16 && key.n != 32) || in.n % PDF_CIPHER_BLOCK != 0)
		return scope_fault(
		    s, ERR_INTERNAL, "aes: key of %zu, data of %zu octets", key.n, in.n);
	AUTO(EVP_CIPHER_CTX) *ctx = EVP_CIPHER_CTX_new();
	if (!ctx)
		return scope_fault(s, ERR_NOMEM, "aes: out of memory");
	const EVP_CIPHER *cipher = key.n == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
	if (EVP_CipherInit_ex(ctx, cipher, NULL, key.p, iv, encrypt) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1)
		return scope_fault(s, ERR_CRYPTO, "aes: OpenSSL has no AES-CBC");
	for (size_t at = 0; at < in.n;) {
		int done, n = (int)(in.n - at < STEP ? in.n - at : STEP);
		if (EVP_CipherUpdate(ctx, ret_out + at, &done, in.p + at, n) != 1 || done != n)
			return scope_fault(s, ERR_CRYPTO, "aes: OpenSSL failed");
		at += (size_t)n;
	}
	return OK;
}

enum err pdf_cipher_aes_encrypt(struct scope *s, struct bytes key,
    const uint8_t iv[PDF_CIPHER_BLOCK], struct bytes in, uint8_t *ret_out)
{
	return aes(s, true, key, iv, in, ret_out);
}

enum err pdf_cipher_aes_decrypt(struct scope *s, struct bytes key,
    const uint8_t iv[PDF_CIPHER_BLOCK], struct bytes in, uint8_t *ret_out)
{
	return aes(s, false, key, iv, in, ret_out);
}
