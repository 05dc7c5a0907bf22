/* The first octets are a text, up to a line feed; what follows is a font. A text that can be
 * measured can be shown, what was shown can be put into a document or is refused with a reason, and
 * all of it is the same a second time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "sealer/font_face.h"
#include "tests/support/pdf_make.h"

#define TEXT_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_font_face: %s\n", what);
	abort();
}

static bool is_reason(enum err e)
{
	return e == OK || e == ERR_NOMEM || e == ERR_LIMIT || e == ERR_FORMAT ||
	       e == ERR_UNSUPPORTED;
}

/* The operators and the font's objects, one after the other. */
static enum err use(struct scope *s, struct bytes font, const char *text, struct bytes *ret_made)
{
	struct font_face *face;
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_update_result result;
	struct pdf_ref ref;
	double width;
	uint32_t missing;
	struct buf b = buf_new(s, (size_t)64 << 20);
	TRY(font_face_open(s, font, &face));
	TRY(font_face_missing(s, face, text, &missing));
	enum err e = font_face_measure(s, face, text, &width);
	check((e == ERR_UNSUPPORTED) == (missing != 0) || e == ERR_NOMEM, "missing characters");
	TRY(e);
	TRY(font_face_show(s, face, text, 12, &b));
	check(pdf_file_open(s, pdf_make_one_page(s), BYTES_NONE, &f) == OK, scope_fault_text(s));
	check(pdf_update_new(s, f, BYTES_NONE, &u) == OK, scope_fault_text(s));
	e = font_face_put(s, face, u, &ref);
	check(e != ERR_MISUSE || b.n == 0, "something was shown");
	if (e == ERR_MISUSE)
		return ERR_UNSUPPORTED;
	TRY(e);
	TRY(pdf_update_close(u, &result));
	buf_add(&b, bytes_of(result.p, result.n));
	return buf_done(&b, ret_made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = bytes_of(data, size), first, second;
	size_t end = bytes_find(input, BYTES_LIT("\n"), 0);
	char text[TEXT_MAX + 1] = "";
	if (end > TEXT_MAX)
		return 0;
	memcpy(text, data, end);
	struct scope *s = scope_new((size_t)256 << 20), *t = scope_new((size_t)256 << 20);
	if (s && t) {
		struct bytes font = bytes_from(input, end + 1);
		enum err e = use(s, font, text, &first), again = use(t, font, text, &second);
		check(is_reason(e), scope_fault_text(s));
		check(e == again, "the same outcome");
		check(e != OK || bytes_equal(first, second), "the same octets");
	}
	scope_free(s);
	scope_free(t);
	return 0;
}
