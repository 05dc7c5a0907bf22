#include "tests/authority/authority_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, " ");
		if (n == length && !memcmp(at, word, n))
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static enum err take_option(struct scope *s, int argc, char **argv, int *at, const char *with_value,
    const char *alone, struct authority_options *o)
{
	const char *name = argv[*at] + 2, *value = "on";
	if (has_word(with_value, name)) {
		if (*at + 1 >= argc)
			return scope_fault(s, ERR_MISUSE, "--%s: wants a value", name);
		value = argv[++*at];
	} else if (!has_word(alone, name)) {
		return scope_fault(s, ERR_MISUSE, "--%s: no such option here", name);
	}
	o->pairs[o->n_pairs].name = name;
	o->pairs[o->n_pairs++].value = value;
	return OK;
}

enum err authority_options_parse(struct scope *s, int argc, char **argv, const char *with_value,
    const char *alone, struct authority_options *ret_options)
{
	struct authority_options o = { .n_words = 0 };
	for (int i = 0; i < argc; i++) {
		if (o.n_words >= AUTHORITY_OPTIONS_MOST || o.n_pairs >= AUTHORITY_OPTIONS_MOST)
			return scope_fault(s, ERR_MISUSE, "too many arguments");
		if (!strncmp(argv[i], "--", 2))
			TRY(take_option(s, argc, argv, &i, with_value, alone, &o));
		else
			o.words[o.n_words++] = argv[i];
	}
	*ret_options = o;
	return OK;
}

const char *authority_options_get(
    const struct authority_options *o, const char *name, const char *otherwise)
{
	for (size_t i = o->n_pairs; i-- > 0;) {
		if (!strcmp(o->pairs[i].name, name))
			return o->pairs[i].value;
	}
	return otherwise;
}

bool authority_options_has(const struct authority_options *o, const char *name)
{
	return authority_options_get(o, name, NULL) != NULL;
}

enum err authority_options_switch(struct scope *s, const struct authority_options *o,
    const char *name, bool otherwise, bool *ret_on)
{
	const char *value = authority_options_get(o, name, otherwise ? "on" : "off");
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return scope_fault(s, ERR_MISUSE, "--%s: wants on or off: %s", name, value);
	*ret_on = !strcmp(value, "on");
	return OK;
}

enum err authority_options_instant(struct scope *s, const struct authority_options *o,
    const char *name, struct instant otherwise, struct instant *ret_t)
{
	const char *value = authority_options_get(o, name, NULL);
	struct instant t = otherwise;
	if (value && !instant_of_rfc3339(bytes_of_str(value), &t))
		return scope_fault(s, ERR_MISUSE, "--%s: not an RFC 3339 instant: %s", name, value);
	*ret_t = t;
	return OK;
}

enum err authority_options_number(struct scope *s, const struct authority_options *o,
    const char *name, long most, long otherwise, long *ret_number)
{
	const char *value = authority_options_get(o, name, NULL);
	char *end;
	if (!value) {
		*ret_number = otherwise;
		return OK;
	}
	long n = strtol(value, &end, 10);
	if (end == value || *end || n < 1 || n > most)
		return scope_fault(
		    s, ERR_MISUSE, "--%s: wants a number from 1 to %ld: %s", name, most, value);
	*ret_number = n;
	return OK;
}
