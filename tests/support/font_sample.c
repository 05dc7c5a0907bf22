#include "tests/support/font_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define FONT "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
#define HEAD 12   /* of the file, before its table records */
#define RECORD 16 /* tag, checksum, offset, length */

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "font_sample: %s\n", what);
	abort();
}

static struct bytes read_file(struct scope *s, const char *path, const char *otherwise)
{
	FILE *f = fopen(path, "rb");
	check(f != NULL, otherwise);
	check(fseek(f, 0, SEEK_END) == 0, "cannot seek");
	long n = ftell(f);
	uint8_t *p = scope_alloc(s, (size_t)n);
	check(p != NULL, "no memory");
	rewind(f);
	check(fread(p, 1, (size_t)n, f) == (size_t)n, "cannot read");
	fclose(f);
	return bytes_of(p, (size_t)n);
}

struct bytes font_sample_read(struct scope *s)
{
	return read_file(s, FONT, FONT " is missing: install fonts-dejavu-core");
}

struct bytes font_sample_of_seed(struct scope *s, const char *path)
{
	struct bytes seed = read_file(s, path, "the seed is missing: run from the root");
	return bytes_from(seed, bytes_find(seed, BYTES_LIT("\n"), 0) + 1);
}

static size_t number(const uint8_t *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static uint8_t *record(struct bytes font, const char tag[4])
{
	uint8_t *p = (uint8_t *)(uintptr_t)font.p; /* a copy of ours, so it may change */
	for (size_t at = HEAD; at + RECORD <= font.n && at < HEAD + 64 * RECORD; at += RECORD)
		if (memcmp(p + at, tag, 4) == 0)
			return p + at;
	check(false, "no such table");
	return NULL;
}

uint8_t *font_sample_table(struct bytes font, const char tag[4], size_t *ret_n)
{
	const uint8_t *r = record(font, tag);
	size_t at = number(r + 8), n = number(r + 12);
	check(at <= font.n && n <= font.n - at, "a table beyond the end");
	*ret_n = n;
	return (uint8_t *)(uintptr_t)font.p + at;
}

void font_sample_rename(struct bytes font, const char tag[4], const char to[4])
{
	memcpy(record(font, tag), to, 4);
}
