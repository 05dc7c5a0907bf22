/*
 * A DER writer over struct buf. Values nest by authority_der_open / authority_der_close; failures
 * stick to the buffer and are asked for once, with buf_done.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_DER_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_DER_H

#include "base/buf.h"
#include "base/instant.h"

#define DER_BOOLEAN 0x01
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL 0x05
#define DER_OID 0x06
#define DER_ENUMERATED 0x0a
#define DER_UTF8 0x0c
#define DER_SEQUENCE 0x30
#define DER_SET 0x31
#define DER_PRINTABLE 0x13
#define DER_IA5 0x16
#define DER_TIME 0x18
/* Context-specific tags: primitive and constructed. */
#define DER_CTX(n) (0x80 | (n))
#define DER_CTX_CONS(n) (0xa0 | (n))

/* Begins a value with this tag; the result goes to authority_der_close. */
size_t authority_der_open(struct buf *b, uint8_t tag);
/* Ends it: the length is put in front of what was added since. */
void authority_der_close(struct buf *b, size_t mark);

/* A whole value from its content octets. */
void authority_der_value(struct buf *b, uint8_t tag, struct bytes content);
void authority_der_str(struct buf *b, uint8_t tag, const char *text);
/* Dotted decimal; a malformed one fails the buffer by a patch outside of it. */
void authority_der_oid(struct buf *b, const char *dotted);
void authority_der_uint(struct buf *b, uint8_t tag, uint64_t value);
/* An unsigned big-endian number of any length: leading zeros go, a sign octet comes. */
void authority_der_unsigned(struct buf *b, uint8_t tag, struct bytes big_endian);
void authority_der_true(struct buf *b);
/* GeneralizedTime, whole seconds, 'Z'. */
void authority_der_time(struct buf *b, uint8_t tag, struct instant t);
/* BIT STRING of whole octets. */
void authority_der_bits(struct buf *b, struct bytes octets);
/* SEQUENCE { OID } and SEQUENCE { OID, NULL }. */
void authority_der_oid_sequence(struct buf *b, const char *dotted, bool with_null);

#endif
