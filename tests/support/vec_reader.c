#include "tests/support/vec_reader.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void complain(
    const char *file, unsigned line, const char *what, const char *detail)
{
	fprintf(stderr, "%s:%u: %s: %s\n", file, line, what, detail);
	exit(1);
}

_Noreturn void vec_reader_complain(
    const struct vec_reader_case *c, unsigned line, const char *what, const char *detail)
{
	complain(c->file, line, what, detail);
}

static void *grown(void *p, size_t n, size_t size)
{
	p = realloc(p, (n + 1) * size);
	if (!p)
		abort();
	return p;
}

static bool is_allowed(const char *key, const char *const *keys)
{
	for (; *keys; keys++) {
		size_t n = strlen(*keys);
		if (strcmp(*keys, key) == 0 ||
		    ((*keys)[n - 1] == '*' && strncmp(*keys, key, n - 1) == 0))
			return true;
	}
	return false;
}

struct reading {
	struct vec_reader *r;
	const char *file;
	const char *const *keys;
	unsigned line;
	bool has_prose; /* above what comes next */
	struct vec_reader_case *now;
};

static void begin_case(struct reading *in, char *name)
{
	struct vec_reader *r = in->r;
	if (!in->has_prose)
		complain(in->file, in->line, "a case without prose", name);
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->cases[i].name, name) == 0)
			complain(in->file, in->line, "a name used twice", name);
	r->cases = grown(r->cases, r->n, sizeof(*r->cases));
	in->now = &r->cases[r->n++];
	*in->now = (struct vec_reader_case){ .file = in->file, .name = name, .line = in->line };
}

static void add_line(struct reading *in, char *key, char *value)
{
	struct vec_reader_case *c = in->now;
	if (!is_allowed(key, in->keys))
		complain(in->file, in->line, "unknown key", key);
	if (!c)
		complain(in->file, in->line, "before any case", key);
	c->lines = grown(c->lines, c->n_lines, sizeof(*c->lines));
	c->lines[c->n_lines++] = (struct vec_reader_line){ key, value, in->line };
}

static void take_line(struct reading *in, char *text)
{
	if (text[0] == '\0') {
		in->now = NULL;
		in->has_prose = false;
		return;
	}
	if (text[0] == '#') {
		in->has_prose = true;
		return;
	}
	char *colon = strstr(text, ": ");
	if (!colon)
		complain(in->file, in->line, "neither prose nor \"key: value\"", text);
	*colon = '\0';
	const bool is_case = strcmp(text, "case") == 0;
	char *key = is_case ? NULL : strdup(text), *value = strdup(colon + 2);
	if ((!key && !is_case) || !value)
		abort();
	if (!is_case)
		add_line(in, key, value);
	else if (in->now)
		complain(in->file, in->line, "no empty line before", value);
	else
		begin_case(in, value);
}

void vec_reader_add(struct vec_reader *r, const char *path, const char *const *keys)
{
	char text[1024];
	struct reading in = { .r = r, .file = strdup(path), .keys = keys };
	FILE *f = fopen(path, "r");
	if (!f || !in.file)
		complain(path, 0, "cannot be read", "");
	while (fgets(text, sizeof(text), f)) {
		in.line++;
		size_t n = strcspn(text, "\n");
		if (text[n] == '\0' && !feof(f))
			complain(path, in.line, "too long", text);
		text[n] = '\0';
		take_line(&in, text);
	}
	fclose(f);
}
