/*
 * Two texts of a page, word by word: what went and what came (E. W. Myers, "An O(ND) Difference
 * Algorithm and Its Variations", 1986). Pure.
 *
 * Words are what stands between white space; the space itself and the ends of lines do not count.
 * Texts that differ in more than LIMIT_TEXT_DIFFERENCE words are told as one change, from the first
 * word that differs to the last one.
 */
#ifndef BULLA_SERVICE_TEXT_DIFFERENCE_H
#define BULLA_SERVICE_TEXT_DIFFERENCE_H

#include "base/bytes.h"

/* One place. Texts are UTF-8, words with one space between them; "" where there are none. */
struct text_change {
	const char *lead; /* up to TEXT_DIFFERENCE_CONTEXT words before it */
	const char *before, *after;
	const char *trail; /* words that follow */
};

#define TEXT_DIFFERENCE_CONTEXT 4

struct text_difference {
	struct text_change *change; /* in the order of the text */
	size_t n;                   /* LIMIT_TEXT_CHANGES at most */
	size_t n_more;              /* that are not listed */
	size_t removed, added;      /* words */
};

must_check enum err text_difference_find(struct scope *s, struct bytes before, struct bytes after,
    struct text_difference *ret_difference);

#endif
