#include "tests/support/mini_ca_parts.h"

#include "formats/der.h"
#include "formats/oid.h"
#include "tests/support/mini_ca.h"

struct bytes mini_ca_parts_done(struct buf *b, const char *what)
{
	struct bytes der;
	mini_ca_check(buf_done(b, &der) == OK, what);
	return der;
}

struct instant mini_ca_parts_date(int64_t given, int64_t otherwise)
{
	return (struct instant){ given ? given : otherwise };
}

struct signature_alg mini_ca_parts_alg(struct signature_alg wish, EVP_PKEY *key)
{
	if (wish.kind != SIGNATURE_ALG_UNKNOWN)
		return wish;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return mini_ca_alg(MINI_CA_P256, false);
	case EVP_PKEY_ED25519:
		return mini_ca_alg(MINI_CA_ED25519, false);
	case EVP_PKEY_ED448:
		return mini_ca_alg(MINI_CA_ED448, false);
	case EVP_PKEY_RSA_PSS:
		return mini_ca_alg(MINI_CA_RSA_PSS, true);
	default:
		return mini_ca_alg(MINI_CA_RSA, false);
	}
}

static void add_bit_string(struct buf *b, struct bytes octets)
{
	size_t mark = der_open(b, DER_BIT_STRING);
	buf_add_byte(b, 0);
	buf_add(b, octets);
	der_close(b, mark);
}

void mini_ca_parts_named_bits(struct buf *b, uint8_t tag, uint32_t bits)
{
	uint8_t octets[5] = { 0 };
	unsigned last = 0;
	for (unsigned bit = 0; bit < 32; bit++)
		if (bits & UINT32_C(1) << bit) {
			octets[1 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
			last = bit;
		}
	octets[0] = (uint8_t)(7 - last % 8);
	der_add(b, tag, bytes_of(octets, 2 + last / 8));
}

void mini_ca_parts_full_name(struct buf *b, const char *url)
{
	size_t outer = der_open(b, DER_CONTEXT(0));
	size_t inner = der_open(b, DER_CONTEXT(0));
	der_add(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(url));
	der_close(b, inner);
	der_close(b, outer);
}

void mini_ca_parts_enumerated(struct buf *b, int value)
{
	const uint8_t octet = (uint8_t)value;
	der_add(b, DER_ENUMERATED, bytes_of(&octet, 1));
}

struct mini_ca_parts_extension mini_ca_parts_open_extension(
    struct buf *b, struct bytes oid, bool critical)
{
	struct mini_ca_parts_extension e = { .whole = der_open(b, DER_SEQUENCE) };
	der_add(b, DER_OID, oid);
	if (critical)
		der_add_boolean(b, true);
	e.value = der_open(b, DER_OCTET_STRING);
	return e;
}

void mini_ca_parts_close_extension(struct buf *b, struct mini_ca_parts_extension e)
{
	der_close(b, e.value);
	der_close(b, e.whole);
}

/* 1.3.6.1.4.1.99999.1: nobody knows it. */
void mini_ca_parts_unknown_critical(struct buf *b)
{
	const struct bytes oid = BYTES_LIT("\x2b\x06\x01\x04\x01\x86\x8d\x1f\x01");
	struct mini_ca_parts_extension e = mini_ca_parts_open_extension(b, oid, true);
	der_add_null(b);
	mini_ca_parts_close_extension(b, e);
}

/* AlgorithmIdentifier and BIT STRING over `tbs`. */
void mini_ca_parts_signature(
    struct scope *s, struct buf *b, EVP_PKEY *key, struct signature_alg alg, struct bytes tbs)
{
	signature_alg_add(b, alg);
	add_bit_string(b, mini_ca_sign(s, key, alg, tbs));
}

void mini_ca_parts_digest(
    struct scope *s, struct buf *b, enum digest_alg alg, struct bytes of, bool wrong)
{
	struct digest digest;
	mini_ca_check(digest_of_bytes(s, alg, of, &digest) == OK, "digest");
	digest.value[0] ^= wrong;
	der_add(b, DER_OCTET_STRING, digest_bytes(&digest));
}
