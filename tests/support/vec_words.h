/*
 * One line of a scenario as words: "NAME key=value flag ...".
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_WORDS_H
#define BULLA_TESTS_SUPPORT_VEC_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "tests/support/vec_reader.h"

#define VEC_WORDS_MAX 24

struct vec_words {
	struct scope *s;
	const struct vec_reader_case *c;
	unsigned line;
	char *word[VEC_WORDS_MAX];
	bool used[VEC_WORDS_MAX];
	size_t n;
};

/* The words of a value, cut at spaces; they live in the scope. */
struct vec_words vec_words_of(
    struct scope *s, const struct vec_reader_case *c, const struct vec_reader_line *line);
/* A copy in the scope, which may be cut up. */
char *vec_words_copy(const struct vec_words *w, const char *text);
/* The next word that is neither "key=value" nor used yet; complains when there is none. */
const char *vec_words_name(struct vec_words *w);
/* The same, NULL when there is none. */
const char *vec_words_next(struct vec_words *w);
/* The word stands there. */
bool vec_words_flag(struct vec_words *w, const char *flag);
/* The value of "key=value", or NULL. Of several the first one that is not used yet. */
const char *vec_words_value(struct vec_words *w, const char *key);
/* The same as an instant, Unix seconds; `otherwise` when absent. */
int64_t vec_words_time(struct vec_words *w, const char *key, int64_t otherwise);
/* Complains about a word that nobody asked for. */
void vec_words_end(struct vec_words *w);

/* Index of the text in a list that ends with NULL; complains when it is not in it. */
int vec_words_choice(const struct vec_words *w, const char *text, const char *const *list);
/* "+1d-1s", "0": MINI_CA_NOW and so many seconds (units s m h d y); complains about others. */
int64_t vec_words_instant(const struct vec_words *w, const char *text);

#endif
