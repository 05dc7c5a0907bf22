/* Objects and values out of any octets; what is read is written and read back the same. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_syntax.h"

#define BUDGET ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(struct scope *s, const struct pdf_value *v)
{
	struct buf b = buf_new(s, BUDGET);
	const struct pdf_value *again;
	struct bytes text;
	size_t at = 0;
	if (v->kind == PDF_STREAM || pdf_value_write(s, &b, v, NULL) != OK ||
	    buf_done(&b, &text) != OK)
		return;
	const enum err e = pdf_syntax_value(s, text, &at, &again);
	if (e == ERR_NOMEM)
		return;
	if (e != OK || at != text.n || !pdf_value_equal(v, again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new(BUDGET);
	const struct bytes in = bytes_of(data, size);
	const struct pdf_value *v;
	struct pdf_syntax_object object;
	size_t at = 0;
	if (!s)
		return 0;
	if (pdf_syntax_value(s, in, &at, &v) == OK) {
		if (at > size || v->start > v->end || v->end > size)
			abort();
		read_back(s, v);
	}
	scope_forgive(s);
	if (pdf_syntax_object(s, in, 0, NULL, &object) == OK) {
		if (object.end > size || object.start > object.end)
			abort();
		read_back(s, object.value);
	}
	scope_free(s);
	return 0;
}
