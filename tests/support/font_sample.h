/*
 * The font that tests show text with: DejaVu Sans, from the package fonts-dejavu-core. Whole, or
 * with a table changed.
 */
#ifndef BULLA_TESTS_SUPPORT_FONT_SAMPLE_H
#define BULLA_TESTS_SUPPORT_FONT_SAMPLE_H

#include "base/bytes.h"

/* A copy of its own, in the scope. Ends the program when the font is not installed. */
struct bytes font_sample_read(struct scope *s);
/* The font in a seed of fuzz_font_face, which follows a line of text. */
struct bytes font_sample_of_seed(struct scope *s, const char *path);
/* The octets of a table in a font file, to be changed in place; ends the program without one. */
uint8_t *font_sample_table(struct bytes font, const char tag[4], size_t *ret_n);
/* Gives a table another tag, so that nobody finds it. */
void font_sample_rename(struct bytes font, const char tag[4], const char to[4]);

#endif
