/* Any bytes as a picture: one that is taken has as many samples as it says, goes into a document,
 * and as a JPEG is read again as the same. */
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "sealer/picture.h"
#include "tests/support/pdf_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_picture: %s\n", what);
	abort();
}

static void check_jpeg(struct scope *s, const struct picture *p)
{
	struct picture *again;
	check(p->jpeg.p[0] == 0xff && p->jpeg.p[1] == 0xd8, "the first marker");
	check(p->jpeg.p[p->jpeg.n - 2] == 0xff && p->jpeg.p[p->jpeg.n - 1] == 0xd9,
	    "the last marker");
	check(picture_open(s, p->jpeg, &again) == OK, scope_fault_text(s));
	check(bytes_equal(again->jpeg, p->jpeg), "what is kept is kept again");
	check(again->components == p->components && again->inverted == p->inverted &&
		  again->plain_rgb == p->plain_rgb,
	    "the same colours");
}

static void check_png(const struct picture *p)
{
	size_t n = (size_t)p->width * p->height;
	check(p->components == 1 || p->components == 3, "components of a PNG");
	check(p->samples.n == n * p->components, "as many samples as it has pixels");
	check(p->alpha.n == (p->has_alpha ? n : 0), "as much alpha as it has pixels");
}

static void check_put(struct scope *s, const struct picture *p, bool opaque)
{
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_ref image;
	check(pdf_file_open(s, pdf_make_one_page(s), BYTES_NONE, &f) == OK, scope_fault_text(s));
	check(pdf_update_new(s, f, BYTES_NONE, &u) == OK, scope_fault_text(s));
	enum err e = picture_put(s, p, u, opaque, NULL, NULL, &image);
	check(e == OK || e == ERR_NOMEM, scope_fault_text(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct picture *p;
	if (!s)
		return 0;
	if (picture_open(s, bytes_of(data, size), &p) == OK) {
		check(p->width > 0 && p->height > 0, "a size");
		if (p->jpeg.n)
			check_jpeg(s, p);
		else
			check_png(p);
		check_put(s, p, size % 2);
	} else {
		check(scope_fault_code(s) != ERR_INTERNAL, scope_fault_text(s));
	}
	scope_free(s);
	return 0;
}
