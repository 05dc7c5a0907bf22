/*
 * Text strings and dates of PDF (ISO 32000-2 7.9.2, 7.9.4).
 */
#ifndef BULLA_FORMATS_PDF_TEXT_H
#define BULLA_FORMATS_PDF_TEXT_H

#include "base/bytes.h"
#include "base/instant.h"

/* PDFDocEncoding, UTF-16BE/LE or UTF-8 with byte-order mark -> UTF-8 with NUL; what cannot be
 * decoded becomes U+FFFD; language escapes are dropped. */
must_check enum err pdf_text_decode(struct scope *s, struct bytes string, char **ret_utf8);
/* UTF-8 -> plain ASCII where possible, else UTF-16BE with byte-order mark. ERR_FORMAT: not UTF-8.
 */
must_check enum err pdf_text_encode(struct scope *s, const char *utf8, struct bytes *ret_string);
/* One UTF-8 character at b.p[*at], which must lie inside; steps past it. A broken sequence (RFC
 * 3629: also overlong forms, surrogates, above U+10FFFF) steps past its valid beginning and gives
 * false. */
bool pdf_text_utf8_step(struct bytes b, size_t *at, uint32_t *ret_point);
/* UTF-8 -> PDFDocEncoding, into utf8.n octets of room. False: not UTF-8, or not in that encoding.
 */
bool pdf_text_doc_encode(struct bytes utf8, uint8_t *ret_octets, size_t *ret_n);
/* "D:YYYYMMDDHHmmSSOHH'mm'" with everything after the year optional; false if it is none. "D:" and
 * the last apostrophe may be missing, as readers allow. Without an offset, UTC is taken. */
bool pdf_text_date(struct bytes string, struct instant *ret_t);
/* "D:20261122100000Z", as a byte string in the scope. */
must_check enum err pdf_text_of_date(struct scope *s, struct instant t, struct bytes *ret_string);
/* Bytes for a person's eye: UTF-8 kept; control characters (C0, C1), line separators, bidirectional
 * overrides and isolates, characters that take no room, noncharacters and broken sequences become
 * U+FFFD. */
must_check enum err pdf_text_printable(struct scope *s, struct bytes any, char **ret_utf8);

#endif
