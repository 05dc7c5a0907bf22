/* Any octets as a damaged PDF: when it can be repaired, the strict reader opens the result and
 * finds a page in it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_file.h"
#include "formats/pdf_recovery.h"

/* QPDF is not built for fuzzing: more only makes it slow. */
#define SIZE_MAX_FUZZED ((size_t)64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_pdf_recovery: %s\n", what);
	abort();
}

static void check_result(struct scope *s, struct bytes file, struct bytes revision)
{
	struct buf whole = buf_new(s, file.n + revision.n);
	struct bytes all;
	struct pdf_file *f;
	struct pdf_ref ref;
	const struct pdf_value *page;
	buf_add(&whole, file);
	buf_add(&whole, revision);
	if (buf_done(&whole, &all) != OK)
		return;
	enum err e = pdf_file_open(s, all, BYTES_NONE, &f);
	check(e == OK || e == ERR_NOMEM || e == ERR_LIMIT, scope_fault_text(s));
	if (e != OK)
		return;
	e = pdf_file_page(s, f, pdf_file_latest(f), 0, &ref, &page);
	check(e == OK || e == ERR_NOMEM || e == ERR_LIMIT, scope_fault_text(s));
	check(e != OK || page, "no page");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct bytes file = bytes_of(data, size), revision;
	char *warning;
	if (!s)
		return 0;
	if (size <= SIZE_MAX_FUZZED && pdf_recovery_revision(s, file, &revision, &warning) == OK)
		check_result(s, file, revision);
	scope_free(s);
	return 0;
}
