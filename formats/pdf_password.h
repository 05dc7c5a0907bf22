/*
 * The octets that a typed password may stand for in a PDF's encryption (ISO 32000-2 7.6.4): R 2 to
 * 4 hash PDFDocEncoding, R 5 and 6 hash UTF-8 after SASLprep (RFC 4013, ICU's profile).
 *
 * Not every writer keeps to that, so the octets as given are always a second form.
 */
#ifndef BULLA_FORMATS_PDF_PASSWORD_H
#define BULLA_FORMATS_PDF_PASSWORD_H

#include <stdbool.h>

#include "base/bytes.h"

#define PDF_PASSWORD_MAX 127 /* octets that R 5 and 6 look at; the older ones look at 32 */
#define PDF_PASSWORD_FORMS 2

struct pdf_password {
	size_t n;
	uint8_t octets[PDF_PASSWORD_MAX];
};

/* The forms to try, best first, cut to PDF_PASSWORD_MAX; equal ones are given once. Returns their
 * number, at least 1. The caller wipes them. ICU failing for want of memory loses the first form.
 */
size_t pdf_password_forms(
    struct bytes given, bool unicode, struct pdf_password ret_forms[PDF_PASSWORD_FORMS]);

#endif
