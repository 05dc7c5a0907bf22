#include "tests/support/pdf_reread.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"

static void must(struct scope *s, enum err e, const char *what)
{
	if (e == OK)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, err_name(e), scope_fault_text(s));
	abort();
}

struct pdf_file *pdf_reread_open(struct scope *s, struct bytes file)
{
	struct pdf_file *f = NULL;
	must(s, pdf_file_open(s, file, BYTES_NONE, &f), "open");
	return f;
}

struct pdf_update *pdf_reread_begin(struct scope *s, const struct pdf_file *f)
{
	struct pdf_update *u = NULL;
	must(s, pdf_update_new(s, f, BYTES_LIT("thirty-two octets, drawn by hand"), &u), "update");
	return u;
}

struct bytes pdf_reread_join(
    struct scope *s, const struct pdf_file *f, const struct pdf_update_result *r)
{
	struct buf b = buf_new(s, r->file_size);
	struct bytes all;
	buf_add(&b, f->bytes);
	buf_add(&b, bytes_of(r->p, r->n));
	must(s, buf_done(&b, &all), "join");
	must(s, all.n == r->file_size ? OK : ERR_INTERNAL, "size of the file");
	return all;
}

struct pdf_file *pdf_reread_close(struct scope *s, const struct pdf_file *f, struct pdf_update *u)
{
	struct pdf_update_result r;
	must(s, pdf_update_close(u, &r), "close");
	struct pdf_file *again = pdf_reread_open(s, pdf_reread_join(s, f, &r));
	must(s, again->n_revisions == f->n_revisions + 1 ? OK : ERR_INTERNAL, "revisions");
	return again;
}

const struct pdf_value *pdf_reread_object(
    struct scope *s, const struct pdf_file *f, struct pdf_ref ref)
{
	const struct pdf_value *v = NULL;
	must(s, pdf_file_object(s, f, pdf_file_latest(f), ref, &v), "object");
	return v;
}
