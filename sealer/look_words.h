/*
 * The words on a visible seal in the languages it may speak.
 */
#ifndef BULLA_SEALER_LOOK_WORDS_H
#define BULLA_SEALER_LOOK_WORDS_H

#include <stdbool.h>

enum look_words_language {
	LOOK_WORDS_EN,
	LOOK_WORDS_HU,
	LOOK_WORDS_AZ,
	LOOK_WORDS_TR,
	LOOK_WORDS_UK,
	LOOK_WORDS_VI,
	LOOK_WORDS_LANGUAGES,
};

enum look_words_word {
	LOOK_WORDS_SEAL,      /* what it is */
	LOOK_WORDS_SEALED_BY, /* above or before the name of who made it */
	LOOK_WORDS_DATE,
	LOOK_WORDS_REASON,
	LOOK_WORDS_PLACE,
	LOOK_WORDS_ORGANISATION_ID,
	LOOK_WORDS_SERIAL,
	LOOK_WORDS_ISSUER,
	LOOK_WORDS_WORDS,
};

/* "en", "hu", "az", "tr", "uk", "vi"; false for another tag. */
bool look_words_language_of_tag(const char *tag, enum look_words_language *ret_language);
const char *look_words_tag(enum look_words_language language);
const char *look_words_text(enum look_words_language language, enum look_words_word word);

#endif
