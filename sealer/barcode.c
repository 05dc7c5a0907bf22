#include "sealer/barcode.h"

#include <string.h>

#include "base/scope.h"
#include "formats/pdf_text.h"

#include <zint.h>

/* ECI assignment number of UTF-8 (AIM ITS/04-023). */
#define ECI_UTF8 26

struct symbology {
	const char *name;
	int zint;         /* its number there */
	int security;     /* its option_1; -1: what the length asks */
	bool has_eci;     /* may say that octets are UTF-8 */
	double quiet;     /* the quiet zone of its standard */
	double row;       /* modules of height of a row */
	double row_share; /* or this share of the width, when that is more */
};

static const struct symbology symbologies[] = {
	[BARCODE_KIND_QR] = { "qr", BARCODE_QRCODE, 2, true, 4, 1, 0 },
	[BARCODE_KIND_PDF417] = { "pdf417", BARCODE_PDF417, -1, true, 2, 3, 0 },
	[BARCODE_KIND_CODE128] = { "code128", BARCODE_CODE128, -1, false, 10, 1, 0.15 },
};
#define N_SYMBOLOGIES (sizeof(symbologies) / sizeof(symbologies[0]))

bool barcode_kind_of_name(const char *name, enum barcode_kind *ret_kind)
{
	for (size_t i = BARCODE_KIND_NONE + 1; i < N_SYMBOLOGIES; i++) {
		if (strcmp(name, symbologies[i].name) != 0)
			continue;
		*ret_kind = (enum barcode_kind)i;
		return true;
	}
	return false;
}

static bool is_ascii(struct bytes data)
{
	for (size_t i = 0; i < data.n; i++)
		if (data.p[i] >= 0x80)
			return false;
	return true;
}

static bool is_utf8(struct bytes data)
{
	uint32_t c;
	for (size_t at = 0; at < data.n;)
		if (!pdf_text_utf8_step(data, &at, &c))
			return false;
	return true;
}

/* -- modules to rectangles -- */

static bool is_dark(const struct zint_symbol *z, int row, int column)
{
	return z->encoded_data[row][column / 8] >> column % 8 & 1;
}

/* Where the run of modules like this one ends. */
static int run_end(const struct zint_symbol *z, int row, int column)
{
	int end = column;
	while (end < z->width && is_dark(z, row, end) == is_dark(z, row, column))
		end++;
	return end;
}

/* The run stands exactly so in this row too. */
static bool has_run(const struct zint_symbol *z, int row, int column, int end)
{
	return (column == 0 || !is_dark(z, row, column - 1)) && is_dark(z, row, column) &&
	       run_end(z, row, column) == end;
}

/* Rows that repeat a run make one rectangle of it, so that no hair-line shows between them. */
static enum err add_bars(
    struct scope *s, const struct zint_symbol *z, double row_height, struct barcode *b)
{
	size_t room = (size_t)z->rows * (size_t)(z->width + 1) / 2;
	b->bar = scope_alloc_array(s, room, sizeof(*b->bar));
	if (!b->bar)
		return ERR_NOMEM;
	for (int y = 0; y < z->rows; y++) {
		for (int x = 0, end; x < z->width; x = end) {
			int below = y + 1;
			end = run_end(z, y, x);
			if (!is_dark(z, y, x) || (y > 0 && has_run(z, y - 1, x, end)))
				continue;
			while (below < z->rows && has_run(z, below, x, end))
				below++;
			b->bar[b->n++] = (struct barcode_rect){ x, y * row_height, end - x,
				(below - y) * row_height };
		}
	}
	return OK;
}

/* -- encoding -- */

static enum err zint_fault(struct scope *s, int code, const struct zint_symbol *z)
{
	switch (code) {
	case ZINT_ERROR_MEMORY:
		return scope_fault(s, ERR_NOMEM, "out of memory");
	case ZINT_ERROR_TOO_LONG:
		return scope_fault(s, ERR_LIMIT, "barcode: too long for its kind");
	default:
		return scope_fault(s, ERR_INTERNAL, "barcode: %s", z->errtxt);
	}
}

static enum err encode(struct scope *s, struct zint_symbol *z, const struct symbology *kind,
    struct bytes data, struct barcode *ret_barcode)
{
	z->symbology = kind->zint;
	z->option_1 = kind->security;
	z->input_mode = DATA_MODE;
	z->show_hrt = 0;
	if (kind->has_eci && !is_ascii(data) && is_utf8(data))
		z->eci = ECI_UTF8;
	int code = ZBarcode_Encode(z, data.p, (int)data.n);
	if (code >= ZINT_ERROR)
		return zint_fault(s, code, z);
	struct barcode b = { .width = z->width, .quiet = kind->quiet };
	double row = kind->row;
	if (row < kind->row_share * z->width)
		row = kind->row_share * z->width;
	b.height = z->rows * row;
	TRY(add_bars(s, z, row, &b));
	*ret_barcode = b;
	return OK;
}

enum err barcode_make(
    struct scope *s, enum barcode_kind kind, struct bytes data, struct barcode *ret_barcode)
{
	if (kind == BARCODE_KIND_NONE || (size_t)kind >= N_SYMBOLOGIES)
		return scope_fault(s, ERR_MISUSE, "barcode: no kind given");
	if (data.n == 0)
		return scope_fault(s, ERR_UNSUPPORTED, "barcode: nothing to put into it");
	if (data.n > ZINT_MAX_DATA_LEN)
		return scope_fault(s, ERR_LIMIT, "barcode: too long for its kind");
	if (!symbologies[kind].has_eci && !is_ascii(data))
		return scope_fault(s, ERR_UNSUPPORTED, "barcode: only ASCII fits into this kind");
	struct zint_symbol *z = ZBarcode_Create();
	if (!z)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err err = encode(s, z, &symbologies[kind], data, ret_barcode);
	ZBarcode_Delete(z);
	return err;
}
