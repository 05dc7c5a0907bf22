#include "tests/authority/authority_fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_file.h"

#define FAULTS_CAP 4096
#define ENDPOINTS_MOST 8
#define DELAY_MOST 3600

static const struct {
	const char *word, *endpoints;
} kinds[] = {
#define X(constant, word, endpoints, meaning) { word, endpoints },
	AUTHORITY_FAULT_ENTRIES(X)
#undef X
};

/* True when `word` is one of the blank-separated words of `list`. */
static bool has_word(const char *list, struct bytes word)
{
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, " ");
		if (bytes_equal(bytes_of(at, n), word))
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

/* One fault of a list; false when it is not known or not one of this endpoint's. */
static bool read_one(struct bytes word, struct bytes endpoint, struct authority_fault *fault)
{
	if (bytes_has_prefix(word, BYTES_LIT("delay:")) && word.n < 16) {
		char digits[16] = { 0 }, *end;
		memcpy(digits, word.p + 6, word.n - 6);
		fault->delay_s = strtol(digits, &end, 10);
		fault->bits |= 1U << FAULT_DELAY;
		return end != digits && !*end && fault->delay_s >= 0 &&
		       fault->delay_s <= DELAY_MOST;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (i == FAULT_DELAY || !bytes_equal_str(word, kinds[i].word))
			continue;
		fault->bits |= 1U << i;
		return !strcmp(kinds[i].endpoints, "*") || has_word(kinds[i].endpoints, endpoint);
	}
	return false;
}

static bool read_list(struct bytes list, struct bytes endpoint, struct authority_fault *ret_fault)
{
	struct authority_fault fault = { 0 };
	while (list.n) {
		size_t comma = bytes_find(list, BYTES_LIT(","), 0);
		size_t n = comma == BYTES_NOT_FOUND ? list.n : comma;
		if (!read_one(bytes_cut(list, 0, n), endpoint, &fault))
			return false;
		list = bytes_from(list, n + 1);
	}
	*ret_fault = fault;
	return true;
}

static size_t read_all(const char *dir, char *text, size_t room)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/faults", dir);
	int fd = n > 0 && (size_t)n < sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, text, room);
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

/* The list of one endpoint in the file's text, empty when there is none. */
static struct bytes list_of(struct bytes text, struct bytes endpoint)
{
	while (text.n) {
		size_t end = bytes_find(text, BYTES_LIT("\n"), 0);
		struct bytes line = bytes_cut(text, 0, end == BYTES_NOT_FOUND ? text.n : end);
		text = bytes_from(text, line.n + 1);
		if (bytes_has_prefix(line, endpoint) && line.n > endpoint.n &&
		    line.p[endpoint.n] == '=')
			return bytes_from(line, endpoint.n + 1);
	}
	return BYTES_NONE;
}

struct authority_fault authority_fault_read(const char *dir, const char *endpoint)
{
	char text[FAULTS_CAP];
	struct authority_fault fault = { 0 };
	struct bytes all = bytes_of(text, read_all(dir, text, sizeof(text)));
	struct bytes name = bytes_of_str(endpoint);
	if (!read_list(list_of(all, name), name, &fault))
		fault = (struct authority_fault){ 0 };
	return fault;
}

struct setting {
	const char *endpoint;
	struct bytes list;
};

static enum err apply(
    struct scope *s, const char *text, struct setting table[ENDPOINTS_MOST], size_t n)
{
	struct authority_fault fault;
	struct bytes all = bytes_of_str(text);
	for (size_t i = 0; i < n; i++) {
		struct bytes name = bytes_of_str(table[i].endpoint);
		if (!strcmp(text, "none")) {
			table[i].list = BYTES_NONE;
			continue;
		}
		if (!bytes_has_prefix(all, name) || all.n <= name.n || all.p[name.n] != '=')
			continue;
		struct bytes list = bytes_from(all, name.n + 1);
		if (bytes_equal_str(list, "none"))
			list = BYTES_NONE;
		if (!read_list(list, name, &fault))
			return scope_fault(
			    s, ERR_FORMAT, "fault: not one of %s: %s", table[i].endpoint, text);
		table[i].list = list;
		return OK;
	}
	if (!strcmp(text, "none"))
		return OK;
	return scope_fault(s, ERR_FORMAT, "fault: wants one of %s before '=': %s",
	    AUTHORITY_FAULT_ENDPOINTS, text);
}

enum err authority_fault_set(struct scope *s, const char *dir, char *const *settings, size_t n)
{
	static const char *const names[] = { "tsa", "ocsp", "crl", "delta", "aia", "certs" };
	const size_t endpoints = sizeof(names) / sizeof(names[0]);
	struct setting table[ENDPOINTS_MOST];
	char before[FAULTS_CAP], *path;
	struct bytes old = bytes_of(before, read_all(dir, before, sizeof(before)));
	for (size_t i = 0; i < endpoints; i++)
		table[i] = (struct setting){ names[i], list_of(old, bytes_of_str(names[i])) };
	for (size_t i = 0; i < n; i++)
		TRY(apply(s, settings[i], table, endpoints));
	struct buf b = buf_new(s, FAULTS_CAP);
	for (size_t i = 0; i < endpoints; i++) {
		if (!table[i].list.n)
			continue;
		buf_addf(&b, "%s=", table[i].endpoint);
		buf_add(&b, table[i].list);
		buf_add_byte(&b, '\n');
	}
	struct bytes text;
	TRY(buf_done(&b, &text));
	TRY(authority_file_path(s, &path, dir, "faults"));
	return authority_file_write(s, path, text, 0644);
}
