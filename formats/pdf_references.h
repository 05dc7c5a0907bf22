/*
 * Who refers to an object: every indirect reference of every revision of a PDF, by its target
 * (ISO 32000-2 7.3.10). Made in one pass over the dictionaries and arrays of the file; stream data
 * is not touched, but for object streams.
 *
 * Objects that cannot be read hold nothing. Says nothing about whether a holder is itself reached
 * from anywhere: pdf_references_reach does.
 */
#ifndef BULLA_FORMATS_PDF_REFERENCES_H
#define BULLA_FORMATS_PDF_REFERENCES_H

#include "formats/pdf_file.h"

struct pdf_reference {
	struct pdf_ref target;
	uint32_t holder; /* object number; 0: the trailer */
	uint32_t rev;    /* revision that wrote the holder */
	uint32_t until;  /* the next one that writes, or frees, an object of that number */
};

struct pdf_references;

/* ERR_LIMIT beyond LIMIT_PDF_REFERENCES, or when objects overlap so that reading them all costs
 * more than a few passes over the file. */
must_check enum err pdf_references_collect(
    struct scope *s, const struct pdf_file *f, struct pdf_references **ret_references);
/* The references to an object number, of any generation and revision. */
void pdf_references_to(const struct pdf_references *r, uint32_t num,
    const struct pdf_reference **ret_first, size_t *ret_n);
/* Whether the holder of a reference, as written, is what revision `rev` has under its number. */
bool pdf_references_is_seen(const struct pdf_reference *reference, size_t rev);

/* Which objects can be reached from the trailer of a revision: bit num % 8 of octet num / 8. One
 * walk over that revision. What cannot be read leads nowhere. */
must_check enum err pdf_references_reach(
    struct scope *s, const struct pdf_file *f, size_t rev, const uint8_t **ret_bits);

#endif
