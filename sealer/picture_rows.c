#include "sealer/picture_parts.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/scope.h"

/* Types of a row (PNG 1.2, 6): what is taken off each octet. Average gains little beside Paeth. */
static const uint8_t types[] = { 0, 1, 2, 4 };

/* A row and the one above it (NULL: zeros). */
struct row {
	const uint8_t *p, *above;
	size_t n, pixel;
};

static uint8_t paeth(int left, int up, int corner)
{
	int p = left + up - corner;
	int a = abs(p - left), b = abs(p - up), c = abs(p - corner);
	return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

static uint8_t filtered(const struct row *r, uint8_t type, size_t i)
{
	uint8_t left = i < r->pixel ? 0 : r->p[i - r->pixel];
	uint8_t up = r->above ? r->above[i] : 0;
	uint8_t corner = r->above && i >= r->pixel ? r->above[i - r->pixel] : 0;
	switch (type) {
	case 1:
		return (uint8_t)(r->p[i] - left);
	case 2:
		return (uint8_t)(r->p[i] - up);
	case 4:
		return (uint8_t)(r->p[i] - paeth(left, up, corner));
	default:
		return r->p[i];
	}
}

/* The type whose octets are nearest to zero in sum, as libpng chooses too (PNG 1.2, 9.6). */
static uint8_t best_type(const struct row *r)
{
	uint8_t best = 0;
	uint64_t least = UINT64_MAX;
	for (size_t t = 0; t < sizeof(types); t++) {
		uint64_t sum = 0;
		for (size_t i = 0; i < r->n && sum < least; i++)
			sum += (uint64_t)abs((int8_t)filtered(r, types[t], i));
		if (sum >= least)
			continue;
		least = sum;
		best = types[t];
	}
	return best;
}

enum err picture_rows(
    struct scope *s, struct bytes samples, size_t row, size_t pixel, struct bytes *ret_filtered)
{
	struct buf b = buf_new(s, samples.n + samples.n / row);
	for (size_t at = 0; at + row <= samples.n; at += row) {
		const struct row r = { samples.p + at, at ? samples.p + at - row : NULL, row,
			pixel };
		uint8_t type = best_type(&r);
		buf_add_byte(&b, type);
		uint8_t *out = buf_extend(&b, row);
		for (size_t i = 0; out && i < row; i++)
			out[i] = filtered(&r, type, i);
	}
	return buf_done(&b, ret_filtered);
}
