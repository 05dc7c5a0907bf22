/* Any bytes as a PDF: its signatures and its security store are listed, or the error is clean. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_dss.h"
#include "formats/pdf_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is told lies inside of the file. */
static void check_places(const struct pdf_file *f, const struct pdf_signature *sig)
{
	if (sig->contents_end > f->bytes.n || sig->contents_start > sig->contents_end ||
	    sig->object_end > f->bytes.n || sig->object_start > sig->object_end ||
	    sig->cms.n > sig->contents.n || sig->made_in >= f->n_revisions)
		abort();
	if (sig->contents_is_hex &&
	    (f->bytes.p[sig->contents_start] != '<' || f->bytes.p[sig->contents_end - 1] != '>'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct pdf_file *f;
	struct pdf_signature_list list;
	struct pdf_dss dss;
	if (!s)
		return 0;
	if (pdf_file_open(s, bytes_of(data, size), BYTES_NONE, &f) == OK) {
		if (pdf_signature_list(s, f, &list) == OK &&
		    pdf_signature_find_stray(s, f, &list) == OK)
			for (size_t i = 0; i < list.n; i++)
				check_places(f, &list.item[i]);
		for (size_t rev = 0; rev < f->n_revisions; rev++)
			if (pdf_dss_read(s, f, rev, &dss) != OK)
				break;
	}
	scope_free(s);
	return 0;
}
