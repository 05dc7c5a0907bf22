#include "tests/support/vec_words.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/mini_ca.h"

char *vec_words_copy(const struct vec_words *w, const char *text)
{
	char *copy;
	if (bytes_to_str(w->s, bytes_of_str(text), &copy) != OK)
		abort();
	return copy;
}

struct vec_words vec_words_of(
    struct scope *s, const struct vec_reader_case *c, const struct vec_reader_line *line)
{
	struct vec_words w = { .s = s, .c = c, .line = line->line };
	char *rest = vec_words_copy(&w, line->value);
	for (char *word; (word = strsep(&rest, " "));) {
		if (word[0] == '\0')
			continue;
		if (w.n == VEC_WORDS_MAX)
			vec_reader_complain(c, w.line, "too many words", line->value);
		w.word[w.n++] = word;
	}
	return w;
}

const char *vec_words_next(struct vec_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->used[i] || strchr(w->word[i], '='))
			continue;
		w->used[i] = true;
		return w->word[i];
	}
	return NULL;
}

const char *vec_words_name(struct vec_words *w)
{
	const char *word = vec_words_next(w);
	if (!word)
		vec_reader_complain(w->c, w->line, "a word is missing", w->n ? w->word[0] : "");
	return word;
}

bool vec_words_flag(struct vec_words *w, const char *flag)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->used[i] && strcmp(w->word[i], flag) == 0)
			return w->used[i] = true;
	return false;
}

const char *vec_words_value(struct vec_words *w, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i < w->n; i++)
		if (!w->used[i] && strncmp(w->word[i], key, n) == 0 && w->word[i][n] == '=') {
			w->used[i] = true;
			return w->word[i] + n + 1;
		}
	return NULL;
}

static int64_t unit_of(char letter)
{
	switch (letter) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return MINI_CA_DAY;
	case 'y':
		return 365 * MINI_CA_DAY;
	default:
		return 0;
	}
}

int64_t vec_words_instant(const struct vec_words *w, const char *text)
{
	int64_t t = MINI_CA_NOW;
	if (strcmp(text, "0") == 0)
		return t;
	for (const char *p = text; *p;) {
		char *end = NULL;
		long long n = *p == '+' || *p == '-' ? strtoll(p, &end, 10) : 0;
		if (!end || end == p || unit_of(*end) == 0)
			vec_reader_complain(w->c, w->line, "no instant", text);
		t += n * unit_of(*end);
		p = end + 1;
	}
	return t;
}

int64_t vec_words_time(struct vec_words *w, const char *key, int64_t otherwise)
{
	const char *text = vec_words_value(w, key);
	return text ? vec_words_instant(w, text) : otherwise;
}

void vec_words_end(struct vec_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->used[i])
			vec_reader_complain(w->c, w->line, "unknown word", w->word[i]);
}

int vec_words_choice(const struct vec_words *w, const char *text, const char *const *list)
{
	for (int i = 0; list[i]; i++)
		if (strcmp(list[i], text) == 0)
			return i;
	vec_reader_complain(w->c, w->line, "unknown word", text);
}
