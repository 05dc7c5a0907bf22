/*
 * Scenario tables (tests/vectors, *.vec): cases of "key: value" lines, separated by empty lines.
 * A case begins with prose ("# ..." lines), then "case: name". Keys may repeat. An unknown key, a
 * case without prose or name, or a name used twice ends the program with file and line.
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_READER_H
#define BULLA_TESTS_SUPPORT_VEC_READER_H

#include <stddef.h>

struct vec_reader_line {
	char *key, *value;
	unsigned line;
};

struct vec_reader_case {
	const char *file;
	char *name;
	unsigned line;
	struct vec_reader_line *lines; /* without the name */
	size_t n_lines;
};

struct vec_reader {
	struct vec_reader_case *cases;
	size_t n;
};

/* Adds the cases of one file. `keys`: what is allowed, ends with NULL; one that ends with '*'
 * stands for all that begin so. Nothing is freed: the cases live as long as the program. */
void vec_reader_add(struct vec_reader *r, const char *path, const char *const *keys);
/* Ends the program: "file:line: what: detail". */
_Noreturn void vec_reader_complain(
    const struct vec_reader_case *c, unsigned line, const char *what, const char *detail);

#endif
