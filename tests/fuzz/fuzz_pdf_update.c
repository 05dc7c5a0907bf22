/* Any bytes as a PDF: when an update of its catalog can be made, the result opens again and shows
 * the change, and the bytes before it are the ones that were there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err make_update(
    struct scope *s, const struct pdf_file *f, struct pdf_update_result *ret_result)
{
	const struct pdf_value *catalog;
	struct pdf_update *u;
	struct pdf_ref fresh, sig;
	TRY(pdf_file_catalog(s, f, pdf_file_latest(f), &catalog));
	TRY(pdf_update_new(s, f, BYTES_LIT("sixteen octets, or a few more"), &u));
	struct pdf_value *changed = pdf_value_copy(s, catalog);
	TRY(pdf_update_reserve(u, &fresh));
	TRY(pdf_update_reserve(u, &sig));
	TRY(pdf_value_set(s, changed, "BullaFuzz", pdf_value_new_ref(s, fresh)));
	TRY(pdf_update_put(u, fresh, pdf_value_new_string(s, BYTES_LIT("(hello)\r\n"))));
	TRY(pdf_update_put(u, f->root, changed));
	TRY(pdf_update_put_signature(u, sig, pdf_value_new_dict(s), 16));
	TRY(pdf_update_close(u, ret_result));
	return pdf_update_fill(s, f, ret_result, BYTES_LIT("\x30\x00"));
}

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_pdf_update: %s\n", what);
	abort();
}

static void check_result(
    struct scope *s, const struct pdf_file *f, const struct pdf_update_result *result)
{
	const struct bytes parts[] = { f->bytes, bytes_of(result->p, result->n) };
	struct buf whole = buf_new(s, result->file_size);
	struct pdf_file *again;
	const struct pdf_value *catalog, *string;
	struct bytes all;
	buf_add(&whole, parts[0]);
	buf_add(&whole, parts[1]);
	if (buf_done(&whole, &all) != OK)
		return;
	check(all.n == result->file_size, "size of the result");
	enum err e = pdf_file_open(s, all, BYTES_NONE, &again);
	/* Junk before the header that offsets count in: what they count from is a guess, and the
	 * update's `startxref` may by chance make the other one look right. */
	if (e != OK && f->base != f->header)
		return;
	check(e == OK || e == ERR_NOMEM || e == ERR_LIMIT, scope_fault_text(s));
	if (e != OK)
		return;
	/* A last section that stands behind its startxref cannot be told from the update's. */
	check(
	    again->n_revisions == f->n_revisions + 1 || again->quirks & PDF_QUIRK_REVISIONS_MERGED,
	    "one more revision");
	e = pdf_file_catalog(s, again, pdf_file_latest(again), &catalog);
	check(e == OK || e == ERR_NOMEM || e == ERR_LIMIT, scope_fault_text(s));
	if (e != OK)
		return;
	e = pdf_file_find(s, again, pdf_file_latest(again), catalog, "BullaFuzz", &string);
	check(e == OK || e == ERR_NOMEM || e == ERR_LIMIT, scope_fault_text(s));
	if (e == OK)
		check(string->kind == PDF_STRING && bytes_equal_str(string->string, "(hello)\r\n"),
		    "the string that was put");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct pdf_file *f;
	struct pdf_update_result result;
	if (!s)
		return 0;
	if (pdf_file_open(s, bytes_of(data, size), BYTES_NONE, &f) == OK &&
	    make_update(s, f, &result) == OK)
		check_result(s, f, &result);
	scope_free(s);
	return 0;
}
