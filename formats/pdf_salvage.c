#include "formats/pdf_salvage.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_revisions.h"

#define CHAIN_SEARCH 4096 /* startxref keywords looked at */
#define UNREADABLE 16     /* objects that may turn out to be none */
#define XREF_HEAD 1024    /* octets of a cross-reference stream's dictionary looked at */

/* -- revisions -- */

/* No revision can be read: one that has no objects. */
static enum err hollow(struct scope *s, struct pdf_file *f)
{
	struct pdf_section *section = scope_alloc(s, sizeof(*section));
	const struct pdf_section **sections = scope_alloc(s, sizeof(*sections));
	struct pdf_revision *revision = scope_alloc(s, sizeof(*revision));
	struct pdf_value *trailer = pdf_value_new_dict(s), *catalog = pdf_value_new_dict(s);
	if (!section || !sections || !revision || !trailer || !catalog)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, trailer, "Root", catalog));
	section->trailer = trailer;
	sections[0] = section;
	*revision = (struct pdf_revision){
		.sections = sections,
		.n_sections = 1,
		.startxref = SIZE_MAX,
		.points_to = SIZE_MAX,
	};
	f->revisions = revision;
	f->n_revisions = 1;
	f->trailer = trailer;
	return OK;
}

static size_t after_end_of_line(struct bytes file, size_t at)
{
	at += at < file.n && file.p[at] == '\r';
	return at + (at < file.n && file.p[at] == '\n');
}

/* The longest beginning that ends with %%EOF and can be read. */
static enum err open_beginning(struct scope *s, struct bytes bytes,
    const struct pdf_crypt_means *means, struct pdf_file **ret_file)
{
	const struct bytes mark = BYTES_LIT("%%EOF");
	size_t at = SIZE_MAX;
	*ret_file = NULL;
	for (int i = 0; i < LIMIT_PDF_SALVAGE_TRIES; i++) {
		at = bytes_find_last(bytes, mark, at);
		if (at == BYTES_NOT_FOUND)
			return OK;
		const enum err e = pdf_file_open_by(
		    s, bytes_cut(bytes, 0, after_end_of_line(bytes, at + mark.n)), means, ret_file);
		if (e != ERR_FORMAT)
			return e;
		scope_forgive(s);
		*ret_file = NULL;
	}
	return OK;
}

enum err pdf_salvage_open(struct scope *s, struct bytes bytes, const struct pdf_crypt_means *means,
    struct pdf_file **ret_file)
{
	const enum err e = pdf_file_open_by(s, bytes, means, ret_file);
	struct pdf_file *f;
	char *damage;
	if (e != ERR_FORMAT)
		return e;
	TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &damage));
	scope_forgive(s);
	TRY(open_beginning(s, bytes, means, &f));
	if (!f) {
		TRY(pdf_file_new(s, bytes, &f));
		TRY(hollow(s, f));
	}
	f->bytes = bytes;
	f->damage = damage;
	f->quirks |= PDF_QUIRK_TRAILING;
	*ret_file = f;
	return OK;
}

/* -- a chain that was cut -- */

static bool is_known_section(const struct pdf_file *f, size_t offset)
{
	for (size_t r = 0; r < f->n_revisions; r++)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++)
			if (f->revisions[r].sections[i]->offset == offset ||
			    f->revisions[r].sections[i]->xrefstm_offset == offset)
				return true;
	return false;
}

static bool is_section(struct bytes file, size_t at)
{
	struct pdf_ref ref;
	size_t body;
	if (pdf_syntax_has_keyword(file, at, "xref"))
		return true;
	const struct bytes head = bytes_cut(file, 0, at + XREF_HEAD);
	return pdf_syntax_object_header(file, at, &ref, &body) &&
	       bytes_find(head, BYTES_LIT("/XRef"), body) <
		   bytes_find(head, BYTES_LIT("stream"), body);
}

bool pdf_salvage_is_cut(const struct pdf_file *f)
{
	const struct pdf_revision *first = &f->revisions[0];
	const struct bytes area = bytes_cut(f->bytes, 0, first->sections[0]->offset);
	size_t at = 0;
	for (int i = 0; i < CHAIN_SEARCH; i++, at += 9) {
		uint64_t n;
		at = bytes_find(area, BYTES_LIT("startxref"), at);
		if (at == BYTES_NOT_FOUND)
			return false;
		size_t number = pdf_syntax_skip_white(f->bytes, at + 9);
		if (!pdf_syntax_number(f->bytes, &number, &n) || n == 0 || n >= at)
			continue;
		size_t offset = pdf_syntax_skip_white(f->bytes, f->base + (size_t)n);
		if (offset < at && is_section(f->bytes, offset) && !is_known_section(f, offset))
			return true;
	}
	return false;
}

/* -- signatures -- */

/* The beginning of the last `N G obj` in [from, at). */
static bool find_head(struct bytes file, size_t from, size_t at, size_t *ret_start)
{
	struct pdf_ref ref;
	size_t body,
	    start = bytes_find_last(bytes_cut(file, from, at - from), BYTES_LIT("obj"), SIZE_MAX);
	if (start == BYTES_NOT_FOUND)
		return false;
	start += from;
	/* Two numbers and white space: what the longest of each take up. */
	for (size_t i = 0; i < 32 && start > 0; i++) {
		start--;
		const bool begins =
		    file.p[start] >= '0' && file.p[start] <= '9' &&
		    (start == 0 || file.p[start - 1] < '0' || file.p[start - 1] > '9');
		if (begins && pdf_syntax_object_header(file, start, &ref, &body) && body <= at) {
			*ret_start = start;
			return true;
		}
	}
	return false;
}

static bool is_known(const struct pdf_signature_list *list, size_t start)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->item[i].object_start == start && list->item[i].object_end)
			return true;
	return false;
}

/* Which object it is, its bytes alone do not tell for certain: a key might be the wrong one. */
static enum err lock_string(
    void *ctx, struct scope *s, struct pdf_ref object, struct pdf_value *string)
{
	(void)ctx;
	(void)s;
	string->locked_in = object;
	return OK;
}

struct salvage {
	struct scope *s;
	const struct pdf_file *f;
	struct pdf_syntax_object *object; /* that are signature dictionaries */
	size_t n;
	size_t left; /* octets that may still be read; what cannot be read costs a whole window */
};

static enum err add_one(struct salvage *v, size_t start)
{
	struct scope *s = v->s;
	struct pdf_syntax_object object;
	const struct pdf_syntax_hooks hooks = { .decrypt = v->f->crypt ? lock_string : NULL };
	const size_t window =
	    v->left < LIMIT_PDF_SALVAGE_OBJECT ? v->left : LIMIT_PDF_SALVAGE_OBJECT;
	const enum err e =
	    pdf_syntax_object(s, bytes_cut(v->f->bytes, 0, start + window), start, &hooks, &object);
	v->left -= e == OK && object.end - start < window ? object.end - start : window;
	if (e == ERR_FORMAT || e == ERR_LIMIT) {
		scope_forgive(s);
		return OK;
	}
	TRY(e);
	if (pdf_value_find(object.value, "ByteRange") && pdf_value_find(object.value, "Contents"))
		v->object[v->n++] = object;
	return OK;
}

enum err pdf_salvage_signatures(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *list)
{
	struct salvage v = {
		.s = s, .f = f, .left = f->bytes.n + UNREADABLE * LIMIT_PDF_SALVAGE_OBJECT
	};
	size_t start, from = 0;
	v.object = scope_alloc_array(s, list->n_stray, sizeof(*v.object));
	if (!v.object)
		return ERR_NOMEM;
	/* Without a head since the one before, it stands in the same object. */
	for (size_t i = 0; i < list->n_stray; from = list->stray[i++])
		if (find_head(f->bytes, from, list->stray[i], &start) && !is_known(list, start))
			TRY(add_one(&v, start));
	return pdf_signature_add_loose(s, f, v.object, v.n, list);
}
