#include "tests/support/update_cases.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define CASES_MAX 1000
#define LINE_MAX_LENGTH 4000

struct reader {
	struct scope *s;
	const char *path;
	unsigned line;
	struct update_cases *cases;
};

static void check(const struct reader *r, bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%u: %s\n", r->path, r->line, what);
	abort();
}

static char *keep(struct reader *r, const char *text, size_t n)
{
	char *kept;
	check(r, bytes_to_str(r->s, bytes_of((const uint8_t *)text, n), &kept) == OK, "no memory");
	return kept;
}

static struct update_case *last(struct reader *r)
{
	check(r, r->cases->n > 0, "no case before this line");
	return &r->cases->item[r->cases->n - 1];
}

static void read_case(struct reader *r, const char *rest)
{
	check(r, r->cases->n < CASES_MAX, "too many cases");
	struct update_case *c = &r->cases->item[r->cases->n++];
	const size_t n = strcspn(rest, ":");
	check(r, n > 0 && rest[n] == ':', "case NAME: BASE...");
	c->name = keep(r, rest, n);
	c->file = keep(r, r->path, strlen(r->path));
	c->line = r->line;
	for (rest += n + 1; *(rest += strspn(rest, " "));) {
		const size_t length = strcspn(rest, " ");
		check(r, c->n_bases < UPDATE_CASES_BASES, "too many bases");
		c->base[c->n_bases++] = keep(r, rest, length);
		rest += length;
	}
	check(r, c->n_bases > 0, "a case without a base");
}

static void read_expect(struct reader *r, const char *rest)
{
	struct update_case *c = last(r);
	const size_t n = strcspn(rest, " :");
	const bool has_bases = rest[n] == ':';
	check(r, c->n_expect < UPDATE_CASES_BASES, "too many expectations");
	c->expect[c->n_expect].bases = keep(r, rest, has_bases ? n : 0);
	rest += has_bases ? n + 1 + strspn(rest + n + 1, " ") : 0;
	c->expect[c->n_expect++].verdict = keep(r, rest, strlen(rest));
}

static void read_line(struct reader *r, const char *text)
{
	if (*text == '#' || *text == '\0')
		return;
	if (strncmp(text, "case ", 5) == 0) {
		read_case(r, text + 5);
		return;
	}
	if (strncmp(text, "expect ", 7) == 0) {
		read_expect(r, text + 7);
		return;
	}
	struct update_case *c = last(r);
	check(r, *text == ' ' && c->n_expect == 0, "neither case, nor what is done, nor expect");
	check(r, c->n_lines < UPDATE_CASES_LINES, "too many lines");
	text += strspn(text, " ");
	c->script[c->n_lines++] = keep(r, text, strlen(text));
}

static void read_file(struct reader *r)
{
	char text[LINE_MAX_LENGTH];
	FILE *f = fopen(r->path, "r");
	check(r, f != NULL, "cannot be opened");
	while (fgets(text, sizeof(text), f)) {
		r->line++;
		check(r, strchr(text, '\n') != NULL, "a line that is too long");
		text[strcspn(text, "\n")] = '\0';
		read_line(r, text);
	}
	fclose(f);
}

struct update_cases update_cases_read(struct scope *s, const char *folder, const char *prefix)
{
	struct dirent **names;
	struct update_cases cases = { .item =
					  scope_alloc_array(s, CASES_MAX, sizeof(*cases.item)) };
	const int n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		struct reader r = { .s = s, .path = path, .cases = &cases };
		if (strncmp(names[i]->d_name, prefix, strlen(prefix)) == 0)
			read_file(&r);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (cases.n == 0) {
		fprintf(stderr, "%s/%s*: no case (run from the root of the repository)\n", folder,
		    prefix);
		abort();
	}
	return cases;
}

/* Among words with commas between them. */
static bool is_among(const char *list, const char *word)
{
	const size_t n = strlen(word);
	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ',') && (at[n] == '\0' || at[n] == ','))
			return true;
	return false;
}

const char *update_cases_expected(const struct update_case *c, const char *base)
{
	const char *verdict = "(nothing)";
	for (size_t i = c->n_expect; i-- > 0;) {
		if (is_among(c->expect[i].bases, base))
			return c->expect[i].verdict;
		if (*c->expect[i].bases == '\0')
			verdict = c->expect[i].verdict;
	}
	return verdict;
}
