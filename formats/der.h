/*
 * ASN.1 TLVs (X.690). Reads BER where real files carry it (indefinite lengths, constructed
 * strings) and hands out raw spans, so nothing that somebody signed is ever re-encoded. Writes DER.
 *
 * Does not check: that an encoding is DER (der_is_der tells), nor the meaning of a value. Tag
 * numbers above 30 are refused (ERR_UNSUPPORTED): no structure Bulla reads has one.
 */
#ifndef BULLA_FORMATS_DER_H
#define BULLA_FORMATS_DER_H

#include "base/buf.h"
#include "base/instant.h"

/* Identifier octets as they stand. */
enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONSTRUCTED = 0x20,
};
/* Context-specific tags: [n] constructed (EXPLICIT or of a SEQUENCE) and [n] primitive. */
#define DER_CONTEXT(n) (0xa0 | (n))
#define DER_CONTEXT_PRIMITIVE(n) (0x80 | (n))

struct der {
	struct bytes whole; /* identifier, length, value and, if indefinite, the end-of-contents */
	struct bytes value; /* the value alone */
	uint8_t tag;        /* identifier octet */
	bool indefinite;
};

/* Reads the next TLV of *rest and steps over it. ERR_FORMAT on a truncated or impossible one;
 * ERR_LIMIT beyond LIMIT_DER_DEPTH (indefinite nesting) or LIMIT_DER_VALUE. */
must_check enum err der_next(struct scope *s, struct bytes *rest, struct der *ret_tlv);
/* As der_next for predicates: false, and no fault, where that fails. */
bool der_step(struct bytes *rest, struct der *ret_tlv);
/* As der_next, and the tag must be `tag`; `what` names the element in the fault's text. */
must_check enum err der_expect(
    struct scope *s, struct bytes *rest, uint8_t tag, const char *what, struct der *ret_tlv);
/* As der_expect when *rest begins with `tag`; otherwise nothing is read and *ret_present = false.
 */
must_check enum err der_optional(struct scope *s, struct bytes *rest, uint8_t tag, const char *what,
    bool *ret_present, struct der *ret_tlv);
/* `b` must be one value of this tag and nothing else. */
must_check enum err der_only(
    struct scope *s, struct bytes b, uint8_t tag, const char *what, struct der *ret_tlv);
bool der_has(struct bytes rest, uint8_t tag);
/* ERR_FORMAT unless nothing is left: "trailing data in WHAT". */
must_check enum err der_end(struct scope *s, struct bytes rest, const char *what);

/* A BOOLEAN (any non-zero octet is true). */
must_check enum err der_boolean(struct scope *s, struct der tlv, bool *ret_value);
/* INTEGER or ENUMERATED that fits 64 bits, else ERR_LIMIT. */
must_check enum err der_small_integer(struct scope *s, struct der tlv, int64_t *ret_value);
/* Named bits of a BIT STRING: bit 0 of ASN.1 is bit 0 (1 << 0) of the result; bits above 31 are
 * dropped. */
must_check enum err der_named_bits(struct scope *s, struct der tlv, uint32_t *ret_bits);
/* BIT STRING whose number of bits is a multiple of eight, without the leading octet. Copies only a
 * constructed one. */
must_check enum err der_bit_string(struct scope *s, struct der tlv, struct bytes *ret_octets);
/* OCTET STRING; a constructed one is put together in the scope. `tag` of tlv may be implicit. */
must_check enum err der_octet_string(struct scope *s, struct der tlv, struct bytes *ret_octets);
/* UTCTime (years 1950 to 2049) or GeneralizedTime, with 'Z', a numeric offset or (lenient) neither;
 * fractions are cut off. */
must_check enum err der_time(struct scope *s, struct der tlv, struct instant *ret_t);
/* A character string of any ASN.1 type as UTF-8, NUL-terminated, in the scope; what cannot be
 * decoded, and a NUL, becomes U+FFFD. Other control characters stay: escape them where you show
 * them. */
must_check enum err der_text(struct scope *s, struct der tlv, char **ret_utf8);
/* "1.2.840.113549" for the value octets of an OBJECT IDENTIFIER. */
must_check enum err der_oid_text(struct scope *s, struct bytes oid_value, char **ret_dotted);
/* The value octets of a dotted object identifier; ERR_FORMAT if it is none. */
must_check enum err der_oid_of_text(struct scope *s, const char *dotted, struct bytes *ret_value);

/* Length of the one BER value at the start of b, found by its structure and never by looking for
 * zeros (PDF /Contents is padded). ERR_FORMAT when b does not begin with a whole value. */
must_check enum err der_length_of_value(struct scope *s, struct bytes b, size_t *ret_n);
/* True when b is exactly one value in which every length is definite and minimal. */
bool der_is_der(struct bytes b);

/* -- writing: open a constructed value, add to it, close it; the length is put in at the end -- */
size_t der_open(struct buf *b, uint8_t tag);
void der_close(struct buf *b, size_t mark);
/* As der_close for a SET OF: orders the elements as X.690 11.6 wants. */
void der_close_set_of(struct buf *b, size_t mark);
void der_add(struct buf *b, uint8_t tag, struct bytes value);
void der_add_small_integer(struct buf *b, int64_t value);
/* A non-negative big-endian number of any length. */
void der_add_unsigned(struct buf *b, struct bytes magnitude);
void der_add_boolean(struct buf *b, bool value);
void der_add_null(struct buf *b);
/* UTCTime up to 2049, GeneralizedTime after (RFC 5280 4.1.2.5). */
void der_add_time(struct buf *b, struct instant t);
void der_add_generalized_time(struct buf *b, struct instant t);

#endif
