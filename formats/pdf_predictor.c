#include "formats/pdf_predictor.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define MAX_COLORS 32
#define MAX_COLUMNS (1 << 26)

struct layout {
	int64_t predictor, colors, bits, columns;
	size_t pixel; /* octets from one sample to that of the pixel before, at least 1 */
	size_t row;
};

static enum err read_layout(struct scope *s, const struct pdf_value *parms, struct layout *l)
{
	*l = (struct layout){ .predictor = 1, .colors = 1, .bits = 8, .columns = 1 };
	pdf_value_integer(pdf_value_find(parms, "Predictor"), &l->predictor);
	pdf_value_integer(pdf_value_find(parms, "Colors"), &l->colors);
	pdf_value_integer(pdf_value_find(parms, "BitsPerComponent"), &l->bits);
	pdf_value_integer(pdf_value_find(parms, "Columns"), &l->columns);
	const bool known_bits =
	    l->bits == 1 || l->bits == 2 || l->bits == 4 || l->bits == 8 || l->bits == 16;
	if (l->predictor < 1 || (l->predictor > 2 && l->predictor < 10) || l->predictor > 15 ||
	    l->colors < 1 || l->colors > MAX_COLORS || !known_bits || l->columns < 1 ||
	    l->columns > MAX_COLUMNS)
		return scope_fault(s, ERR_FORMAT, "pdf: predictor: numbers out of range");
	l->pixel = (size_t)(l->colors * l->bits + 7) / 8;
	l->row = (size_t)(l->colors * l->bits * l->columns + 7) / 8;
	return OK;
}

/* -- PNG (ISO 32000-2 7.4.4.4, PNG 9) -- */

static uint8_t paeth(uint8_t left, uint8_t up, uint8_t corner)
{
	const int p = left + up - corner;
	const int a = abs(p - left), b = abs(p - up), c = abs(p - corner);
	return a <= b && a <= c ? left : b <= c ? up : corner;
}

/* up: the row before, decoded. False for an unknown type. */
static bool png_row(
    uint8_t type, const uint8_t *in, size_t n, size_t pixel, const uint8_t *up, uint8_t *out)
{
	if (type > 4)
		return false;
	for (size_t i = 0; i < n; i++) {
		const uint8_t left = i < pixel ? 0 : out[i - pixel];
		const uint8_t corner = i < pixel ? 0 : up[i - pixel];
		uint8_t guess = 0;
		if (type == 1)
			guess = left;
		else if (type == 2)
			guess = up[i];
		else if (type == 3)
			guess = (uint8_t)((left + up[i]) / 2);
		else if (type == 4)
			guess = paeth(left, up[i], corner);
		out[i] = (uint8_t)(in[i] + guess);
	}
	return true;
}

static enum err undo_png(struct scope *s, const struct layout *l, struct bytes *data)
{
	const size_t rows = data->n / (l->row + 1) + (data->n % (l->row + 1) > 1);
	/* One row of zeros stands above the first. */
	size_t room;
	if (__builtin_mul_overflow(rows + 1, l->row, &room))
		return scope_fault(s, ERR_LIMIT, "pdf: predictor: too large");
	uint8_t *out = scope_alloc(s, room);
	if (!out)
		return ERR_NOMEM;
	size_t made = 0;
	for (size_t at = 0, r = 0; r < rows; r++, at += l->row + 1) {
		struct bytes in = bytes_cut(*data, at + 1, l->row);
		uint8_t *up = out + r * l->row;
		if (!png_row(data->p[at], in.p, in.n, l->pixel, up, up + l->row))
			return scope_fault(
			    s, ERR_FORMAT, "pdf: predictor: PNG row of type %u", data->p[at]);
		made += in.n;
	}
	*data = bytes_of(out + l->row, made);
	return OK;
}

/* -- TIFF predictor 2: every component is the difference to the pixel before -- */

static void tiff_row_16(uint8_t *row, size_t n, size_t pixel)
{
	for (size_t i = pixel; i + 1 < n; i += 2) {
		const unsigned before = (unsigned)row[i - pixel] << 8 | row[i - pixel + 1];
		const unsigned sum = before + ((unsigned)row[i] << 8 | row[i + 1]);
		row[i] = (uint8_t)(sum >> 8);
		row[i + 1] = (uint8_t)sum;
	}
}

static void tiff_row_bits(uint8_t *row, size_t n, size_t colors, unsigned bits)
{
	uint8_t before[MAX_COLORS] = { 0 };
	const unsigned mask = (1u << bits) - 1;
	size_t color = 0;
	for (size_t bit = 0; bit + bits <= n * 8; bit += bits) {
		uint8_t *octet = &row[bit / 8];
		const unsigned shift = 8 - bits - bit % 8;
		const unsigned sum = (before[color] + (*octet >> shift & mask)) & mask;
		*octet = (uint8_t)((*octet & ~(mask << shift)) | sum << shift);
		before[color] = (uint8_t)sum;
		color = (color + 1) % colors;
	}
}

static enum err undo_tiff(struct scope *s, const struct layout *l, struct bytes *data)
{
	uint8_t *out = scope_alloc(s, data->n);
	if (!out)
		return ERR_NOMEM;
	if (data->n)
		memcpy(out, data->p, data->n);
	for (size_t at = 0; at < data->n; at += l->row) {
		const size_t n = data->n - at < l->row ? data->n - at : l->row;
		if (l->bits == 16)
			tiff_row_16(out + at, n, l->pixel);
		else if (l->bits < 8)
			tiff_row_bits(out + at, n, (size_t)l->colors, (unsigned)l->bits);
		for (size_t i = l->pixel; l->bits == 8 && i < n; i++)
			out[at + i] = (uint8_t)(out[at + i] + out[at + i - l->pixel]);
	}
	*data = bytes_of(out, data->n);
	return OK;
}

enum err pdf_predictor_undo(struct scope *s, const struct pdf_value *parms, struct bytes *data)
{
	struct layout l;
	TRY(read_layout(s, parms, &l));
	if (l.predictor == 1 || data->n == 0)
		return OK;
	/* One short row: what it claims to be long must not cost memory. */
	if (l.row > data->n)
		l.row = data->n;
	return l.predictor == 2 ? undo_tiff(s, &l, data) : undo_png(s, &l, data);
}
