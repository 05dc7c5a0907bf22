#include "sealer/witness.h"

#include <string.h>

#include "base/scope.h"
#include "sealer/author_repair.h"
#include "validator/document.h"
#include "validator/modification.h"

struct witness {
	struct scope *s;
	const struct world *world;
	const struct witness_request *request;
	struct bytes base; /* what was sealed: the original, repaired if need be */
	size_t n_before;   /* signatures in it */
	size_t revision;   /* its last one, and where that one's startxref stands */
	size_t startxref;
	struct author *author;
};

static enum err not_it(const struct witness *w, const char *what)
{
	return scope_fault(w->s, ERR_DENIED, "witness: %s", what);
}

/* The document as the sealing process had to find it. */
static enum err find_base(struct witness *w)
{
	const struct witness_request *q = w->request;
	struct seal_request seal = *q->seal;
	struct pdf_signature_list signatures;
	struct pdf_file *file;
	struct draft *draft;
	struct author *a;
	seal.key = NULL;
	TRY(draft_in_memory(w->s, q->original, &draft));
	TRY(author_new(w->s, w->world, &seal, draft, &a));
	TRY(author_repair_open(a, &file));
	TRY(pdf_signature_list(w->s, file, &signatures));
	w->base = draft->document;
	w->n_before = signatures.n;
	w->revision = pdf_file_latest(file);
	w->startxref = file->revisions[w->revision].startxref;
	return bytes_has_prefix(q->sealed, w->base)
		   ? OK
		   : not_it(w, "the file does not begin with the document");
}

static enum err check_seal(struct witness *w, struct report **ret_report)
{
	const enum err e = author_check(w->author, w->request->field, ret_report);
	if (e != ERR_INTERNAL)
		return e;
	scope_forgive(w->s);
	return not_it(w, "the seal is not there");
}

static bool is_new(const struct witness *w, const struct pdf_signature *p)
{
	return p->byte_range_ok &&
	       (uint64_t)p->byte_range[2] + (uint64_t)p->byte_range[3] > w->base.n;
}

static bool is_meant(const struct witness *w, const struct report_signature *sig)
{
	return sig->facts && is_new(w, sig->facts->pdf) && !sig->is_document_timestamp &&
	       sig->signer && cert_equal(sig->signer, w->request->signer);
}

/* The room behind the value of each new signature holds nothing. */
static bool has_empty_room(const struct witness *w, const struct report *r)
{
	for (size_t i = 0; i < r->n_signatures; i++) {
		const struct document_signature *facts = r->signatures[i].facts;
		if (facts && is_new(w, facts->pdf) && facts->pdf->padding_nonzero)
			return false;
	}
	return true;
}

static enum err check_signatures(struct witness *w, const struct report *r)
{
	const bool is_archived = w->request->seal->level == SEAL_B_LTA;
	size_t mine = 0;
	TRY(author_find(w->author, r, w->request->field, &mine));
	if (!is_meant(w, &r->signatures[mine]))
		return not_it(w, "the signature is not by the key, or not over the document");
	if (r->n_signatures != w->n_before + 1 + is_archived)
		return not_it(w, "not one signature was added");
	if (is_archived && !r->signatures[r->n_signatures - 1].is_document_timestamp)
		return not_it(w, "the last signature is no document timestamp");
	return has_empty_room(w, r) ? OK : not_it(w, "something stands behind a signature's value");
}

/* The catalog's /Extensions and /Version (ISO 32000-2 7.12, 7.7.2) tell what the seal is written
 * in. */
static bool is_of_format(const struct report_modification *m)
{
	return m->kind == MODIFICATION_METADATA && (strcmp(m->rule, "ISO 32000-2 7.12") == 0 ||
						       strcmp(m->rule, "ISO 32000-2 7.7.2") == 0);
}

/* Allowed changes of the structure are elements for new fields (validator/modification.h). */
static bool is_needed(const struct report_modification *m)
{
	const bool is_seal = m->kind == MODIFICATION_SIGNATURE ||
			     m->kind == MODIFICATION_LTV_UPDATE ||
			     m->kind == MODIFICATION_STRUCTURE;
	return m->allowed && (is_seal || is_of_format(m));
}

static enum err check_changes(struct witness *w)
{
	struct modification_history *history;
	struct modification_list changes;
	struct pdf_signature_list signatures;
	struct pdf_file *file;
	TRY(author_open(w->author, &file));
	if (pdf_file_latest(file) <= w->revision ||
	    file->revisions[w->revision].startxref != w->startxref)
		return not_it(w, "what was appended does not go on from the document");
	TRY(pdf_signature_list(w->s, file, &signatures));
	TRY(modification_history_new(w->s, file, &signatures, &history));
	TRY(modification_find_since(w->s, history, w->revision, w->base.n, &changes));
	for (size_t i = 0; i < changes.n; i++)
		if (!is_needed(&changes.item[i]))
			return scope_fault(w->s, ERR_DENIED,
			    "witness: changed while it was sealed: %s", changes.item[i].path);
	return changes.any_forbidden ? not_it(w, "changed while it was sealed") : OK;
}

enum err witness_check(struct scope *s, const struct world *world,
    const struct witness_request *request, struct report **ret_report)
{
	struct witness w = { .s = s, .world = world, .request = request };
	struct seal_request seal = *request->seal;
	struct draft draft = { .document = request->sealed };
	struct report *r;
	seal.key = NULL;
	TRY(find_base(&w));
	TRY(author_new(s, world, &seal, &draft, &w.author));
	TRY(check_seal(&w, &r));
	TRY(check_signatures(&w, r));
	TRY(check_changes(&w));
	*ret_report = r;
	return OK;
}
