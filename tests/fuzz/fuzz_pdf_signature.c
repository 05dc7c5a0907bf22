/* Any bytes as a PDF: its signatures, the seed values of its empty fields and its security store
 * are listed, or the error is clean. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_dss.h"
#include "formats/pdf_seed_value.h"
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

/* An entry is there, or it is spoilt, or neither; and nothing is told of one that is not there. */
static void check_seed(const struct pdf_seed_value *v)
{
	if ((v->present & v->malformed) || (v->cert.present & v->cert.malformed) || v->mdp < -1 ||
	    v->mdp > 3 || (v->reasons.n && !(v->present & PDF_SEED_VALUE_REASONS)) ||
	    (v->cert.subject_dn.n && !(v->cert.present & PDF_SEED_VALUE_CERT_SUBJECT_DN)))
		abort();
}

static void read_seeds(
    struct scope *s, const struct pdf_file *f, const struct pdf_signature_list *list)
{
	struct pdf_seed_value seed;
	for (size_t i = 0; i < list->n_unsigned; i++)
		if (pdf_seed_value_read(
			s, f, pdf_file_latest(f), list->unsigned_fields[i].field_dict, &seed) == OK)
			check_seed(&seed);
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
		    pdf_signature_find_stray(s, f, &list) == OK) {
			for (size_t i = 0; i < list.n; i++)
				check_places(f, &list.item[i]);
			read_seeds(s, f, &list);
		}
		for (size_t rev = 0; rev < f->n_revisions; rev++)
			if (pdf_dss_read(s, f, rev, &dss) != OK)
				break;
	}
	scope_free(s);
	return 0;
}
