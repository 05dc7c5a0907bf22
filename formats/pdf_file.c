#include "formats/pdf_file.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_file_cache.h"
#include "formats/pdf_file_index.h"
#include "formats/pdf_filter.h"
#include "formats/pdf_object_stream.h"
#include "formats/pdf_revisions.h"

/* Octets searched for `endstream` in all: so many times the file, and so many more. */
#define SEARCH_TIMES ((size_t)8)
#define SEARCH_MORE ((size_t)64 << 20)
#define DEEP_DEPTH 8     /* nesting of what pdf_file resolves as a whole: /Encrypt, /DecodeParms */
#define DEEP_VALUES 4096 /* values in it */

/* Who is reading, for the parser's questions. */
struct reading {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
};

/* -- entries -- */

const struct pdf_xref_entry *pdf_file_entry(
    const struct pdf_file *f, size_t rev, uint32_t num, size_t *ret_made_in)
{
	if (f->cache->index)
		return pdf_file_index_find(f->cache->index, rev, num, ret_made_in);
	for (size_t r = rev + 1; r-- > 0;)
		for (size_t i = 0; i < f->revisions[r].n_sections; i++) {
			const struct pdf_xref_entry *e =
			    pdf_xref_find(f->revisions[r].sections[i], num);
			if (!e)
				continue;
			if (ret_made_in)
				*ret_made_in = r;
			return e;
		}
	return NULL;
}

const struct pdf_value *pdf_file_trailer(const struct pdf_file *f, size_t rev)
{
	return f->revisions[rev].sections[0]->trailer;
}

/* -- objects in the file -- */

bool pdf_file_is_at_entry(const struct pdf_file *f, const struct pdf_xref_entry *entry)
{
	struct pdf_ref found;
	size_t body;
	return entry->kind == PDF_ENTRY_OFFSET &&
	       pdf_syntax_object_header(
		   f->bytes, pdf_syntax_skip_white(f->bytes, entry->offset), &found, &body) &&
	       found.num == entry->num && found.gen == entry->gen;
}

/* A /Length that cannot be read is searched for, so its fault is no fault of the job. */
static bool length_of(void *ctx, const struct pdf_value *entry, int64_t *ret_length)
{
	const struct reading *r = ctx;
	const struct pdf_value *v;
	const bool had_fault = scope_fault_code(r->s) != OK;
	const enum err e = pdf_file_resolve(r->s, r->f, r->rev, entry, &v);
	if (e != OK && !had_fault)
		scope_forgive(r->s);
	return e == OK && pdf_value_integer(v, ret_length);
}

/* The strings of the encryption dictionary are not encrypted (ISO 32000-2 7.6.2). */
static enum err decrypt_string(
    void *ctx, struct scope *s, struct pdf_ref object, struct pdf_value *string)
{
	const struct reading *r = ctx;
	if (!r->f->crypt || pdf_value_refs_equal(object, r->f->encrypt))
		return OK;
	if (pdf_crypt_is_locked(r->f->crypt, PDF_CRYPT_STRING)) {
		string->locked_in = object;
		return OK;
	}
	return pdf_crypt_decrypt(
	    s, r->f->crypt, PDF_CRYPT_STRING, object, string->string, &string->string);
}

static enum err read_at(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *e, struct pdf_syntax_object *ret_object)
{
	struct reading reading = { s, f, rev };
	const struct pdf_syntax_hooks hooks = { .ctx = &reading,
		.length = length_of,
		.search_left = &f->cache->search_left,
		.decrypt = f->crypt ? decrypt_string : NULL };
	if (!pdf_file_is_at_entry(f, e))
		return scope_fault(s, ERR_FORMAT, "pdf: object %lu %lu is not at offset %zu",
		    (unsigned long)e->num, (unsigned long)e->gen, e->offset);
	return pdf_syntax_object(
	    s, f->bytes, pdf_syntax_skip_white(f->bytes, e->offset), &hooks, ret_object);
}

/* -- objects in object streams -- */

static enum err open_object_stream(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *container, struct pdf_object_stream **ret_stream)
{
	const struct pdf_ref ref = { container->num, container->gen };
	const struct pdf_value *v;
	TRY(pdf_file_object(s, f, rev, ref, &v));
	if (v->kind != PDF_STREAM)
		return scope_fault(
		    s, ERR_FORMAT, "pdf: object %lu is no object stream", (unsigned long)ref.num);
	struct bytes data;
	TRY(pdf_file_stream_data(s, f, rev, v, &data));
	const struct pdf_value *n, *first;
	TRY(pdf_file_find(s, f, rev, v, "N", &n));
	TRY(pdf_file_find(s, f, rev, v, "First", &first));
	struct pdf_value *dict = pdf_value_new_dict(s);
	TRY(pdf_value_set(s, dict, "N", n));
	TRY(pdf_value_set(s, dict, "First", first));
	return pdf_object_stream_open(s, dict, data, ret_stream);
}

static enum err object_stream(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *container, const struct pdf_object_stream **ret_stream)
{
	const struct pdf_file_cache_key key = { container, container };
	*ret_stream = pdf_file_cache_find(f->cache, key);
	if (*ret_stream)
		return OK;
	struct pdf_object_stream *stream;
	TRY(open_object_stream(s, f, rev, container, &stream));
	*ret_stream = stream;
	return pdf_file_cache_put(s, f->cache, key, stream);
}

static enum err read_compressed(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *e, const struct pdf_xref_entry *container,
    const struct pdf_value **ret_value)
{
	const struct pdf_object_stream *stream;
	TRY(object_stream(s, f, rev, container, &stream));
	TRY(pdf_object_stream_object(s, stream, e->num, e->index, ret_value));
	if (!*ret_value)
		return scope_fault(s, ERR_FORMAT, "pdf: object %lu is not in object stream %lu",
		    (unsigned long)e->num, (unsigned long)e->stream);
	return OK;
}

/* -- objects -- */

static enum err read_object(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *e, const struct pdf_xref_entry *container,
    const struct pdf_value **ret_value)
{
	if (container)
		return read_compressed(s, f, rev, e, container, ret_value);
	struct pdf_syntax_object object;
	TRY(read_at(s, f, rev, e, &object));
	*ret_value = object.value;
	return OK;
}

/* The uncompressed object stream that holds a compressed entry, as revision `rev` sees it. */
static enum err find_container(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *e, const struct pdf_xref_entry **ret_container)
{
	*ret_container = NULL;
	if (e->kind != PDF_ENTRY_COMPRESSED)
		return OK;
	*ret_container = pdf_file_entry(f, rev, e->stream, NULL);
	if (!*ret_container || (*ret_container)->kind != PDF_ENTRY_OFFSET)
		return scope_fault(s, ERR_FORMAT,
		    "pdf: object %lu is said to be in %lu, which is no object stream",
		    (unsigned long)e->num, (unsigned long)e->stream);
	return OK;
}

enum err pdf_file_object(struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_ref ref,
    const struct pdf_value **ret_value)
{
	const struct pdf_xref_entry *e = pdf_file_entry(f, rev, ref.num, NULL), *container;
	if (!e || e->kind == PDF_ENTRY_FREE || e->gen != ref.gen || ref.num == 0) {
		*ret_value = &pdf_value_null;
		return OK;
	}
	TRY(find_container(s, f, rev, e, &container));
	const struct pdf_file_cache_key key = { e, container };
	const struct pdf_value *v = pdf_file_cache_find(f->cache, key);
	if (!v) {
		if (f->cache->reading == LIMIT_PDF_NESTED_READS)
			return scope_fault(s, ERR_FORMAT,
			    "pdf: object %lu cannot be read without reading itself",
			    (unsigned long)ref.num);
		f->cache->reading++;
		const enum err err = read_object(s, f, rev, e, container, &v);
		f->cache->reading--;
		TRY(err);
		TRY(pdf_file_cache_put(s, f->cache, key, v));
	}
	*ret_value = v;
	return OK;
}

enum err pdf_file_resolve(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const struct pdf_value **ret_value)
{
	for (int hops = 0; v && v->kind == PDF_REF; hops++) {
		if (hops == LIMIT_PDF_RESOLVE)
			return scope_fault(s, ERR_FORMAT,
			    "pdf: more than %d references to references at object %lu",
			    LIMIT_PDF_RESOLVE, (unsigned long)v->ref.num);
		TRY(pdf_file_object(s, f, rev, v->ref, &v));
	}
	*ret_value = v ? v : &pdf_value_null;
	return OK;
}

enum err pdf_file_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const char *key, const struct pdf_value **ret_value)
{
	TRY(pdf_file_resolve(s, f, rev, v, &v));
	return pdf_file_resolve(s, f, rev, pdf_value_find(v, key), ret_value);
}

/* Root of the trailer that counts; of an older one if it has none, as some updates are written. */
static const struct pdf_value *root_of(const struct pdf_file *f, size_t rev)
{
	const struct pdf_value *root = NULL;
	for (size_t r = rev + 1; r-- > 0 && !root;)
		root = pdf_value_find(pdf_file_trailer(f, r), "Root");
	return root;
}

enum err pdf_file_catalog(
    struct scope *s, const struct pdf_file *f, size_t rev, const struct pdf_value **ret_catalog)
{
	const struct pdf_value *v;
	TRY(pdf_file_resolve(s, f, rev, root_of(f, rev), &v));
	if (v->kind != PDF_DICT)
		return scope_fault(s, ERR_FORMAT, "pdf: revision %zu has no catalog", rev + 1);
	*ret_catalog = v;
	return OK;
}

enum err pdf_file_object_span(struct scope *s, const struct pdf_file *f,
    const struct pdf_xref_entry *entry, size_t *ret_start, size_t *ret_end)
{
	struct pdf_syntax_object object;
	if (entry->kind != PDF_ENTRY_OFFSET)
		return scope_fault(s, ERR_MISUSE, "pdf: object %lu does not stand in the file",
		    (unsigned long)entry->num);
	TRY(read_at(s, f, pdf_file_latest(f), entry, &object));
	*ret_start = object.start;
	*ret_end = object.end;
	return OK;
}

/* -- values without references -- */

static bool has_reference(const struct pdf_value *v)
{
	bool found = v->kind == PDF_REF;
	if (v->kind == PDF_ARRAY)
		for (size_t i = 0; i < v->array.n && !found; i++)
			found = has_reference(v->array.item[i]);
	if (v->kind == PDF_DICT)
		for (size_t i = 0; i < v->dict.n && !found; i++)
			found = has_reference(v->dict.item[i].value);
	return found;
}

/* *v with everything in it resolved. `left` counts down the values, against loops. */
static enum err resolve_deep(
    const struct reading *r, const struct pdf_value **v, int depth, int *left)
{
	TRY(pdf_file_resolve(r->s, r->f, r->rev, *v, v));
	if (!has_reference(*v))
		return OK;
	struct pdf_value *copy = pdf_value_copy(r->s, *v);
	if (!copy)
		return ERR_NOMEM;
	const size_t n = copy->kind == PDF_ARRAY ? copy->array.n : copy->dict.n;
	if (depth == DEEP_DEPTH || n > (size_t)*left)
		return scope_fault(r->s, ERR_FORMAT, "pdf: references form a loop");
	*left -= (int)n;
	for (size_t i = 0; i < n; i++)
		TRY(resolve_deep(r,
		    copy->kind == PDF_ARRAY ? &copy->array.item[i] : &copy->dict.item[i].value,
		    depth + 1, left));
	*v = copy;
	return OK;
}

static enum err find_deep(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *dict, const char *key, const struct pdf_value **ret_value)
{
	const struct reading r = { s, f, rev };
	int left = DEEP_VALUES;
	*ret_value = pdf_value_find(dict, key);
	return resolve_deep(&r, ret_value, 0, &left);
}

/* -- stream data -- */

/* 7.4.10: a Crypt filter in the first place replaces the file's own. */
static bool has_crypt_filter(const struct pdf_value *filter)
{
	if (filter->kind == PDF_ARRAY)
		return filter->array.n > 0 && pdf_value_is_name(filter->array.item[0], "Crypt");
	return pdf_value_is_name(filter, "Crypt");
}

/* The list without its first item; of what is no list, nothing. */
static struct pdf_value without_first(const struct pdf_value *list)
{
	struct pdf_value rest = { .kind = PDF_NULL };
	if (list->kind == PDF_ARRAY && list->array.n > 0) {
		rest = *list;
		rest.array.item++;
		rest.array.n--;
	}
	return rest;
}

/* Identity is the default. */
static enum err decrypt_by_own_filter(struct scope *s, const struct pdf_file *f,
    const struct pdf_value *stream, const struct pdf_value *parms, struct bytes *raw)
{
	if (parms->kind == PDF_ARRAY && parms->array.n > 0)
		parms = parms->array.item[0];
	const struct pdf_value *name = pdf_value_find(parms, "Name");
	if (!name || name->kind != PDF_NAME || pdf_value_is_name(name, "Identity"))
		return OK;
	if (!f->crypt || stream->stream.owner.num == 0)
		return scope_fault(s, ERR_FORMAT, "pdf: a crypt filter without encryption");
	return pdf_crypt_decrypt_by(s, f->crypt, name->name, stream->stream.owner, *raw, raw);
}

static enum err decrypt_stream(
    struct scope *s, const struct pdf_file *f, const struct pdf_value *stream, struct bytes *raw)
{
	const struct pdf_value *type = pdf_value_find(stream, "Type");
	enum pdf_crypt_item item = PDF_CRYPT_STREAM;
	if (!f->crypt || stream->stream.owner.num == 0 || pdf_value_is_name(type, "XRef"))
		return OK;
	if (pdf_value_is_name(type, "Metadata"))
		item = PDF_CRYPT_METADATA;
	else if (pdf_value_is_name(type, "EmbeddedFile"))
		item = PDF_CRYPT_EMBEDDED_FILE;
	return pdf_crypt_decrypt(s, f->crypt, item, stream->stream.owner, *raw, raw);
}

enum err pdf_file_stream_data_apart(struct scope *s, struct scope *apart, const struct pdf_file *f,
    size_t rev, const struct pdf_value *stream, struct bytes *ret_data)
{
	TRY(pdf_file_resolve(s, f, rev, stream, &stream));
	if (stream->kind != PDF_STREAM)
		return scope_fault(s, ERR_FORMAT, "pdf: a stream was expected");
	if (pdf_value_find(stream, "F"))
		return scope_fault(s, ERR_UNSUPPORTED, "pdf: stream data in another file");
	const struct pdf_value *filter, *parms;
	TRY(find_deep(s, f, rev, stream, "Filter", &filter));
	TRY(find_deep(s, f, rev, stream, "DecodeParms", &parms));
	struct bytes raw = stream->stream.raw;
	bool damaged;
	if (has_crypt_filter(filter)) {
		const struct pdf_value other_filters = without_first(filter);
		const struct pdf_value other_parms = without_first(parms);
		TRY(decrypt_by_own_filter(apart, f, stream, parms, &raw));
		return pdf_filter_decode(
		    apart, &other_filters, &other_parms, raw, ret_data, &damaged);
	}
	TRY(decrypt_stream(apart, f, stream, &raw));
	return pdf_filter_decode(apart, filter, parms, raw, ret_data, &damaged);
}

enum err pdf_file_stream_data(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *stream, struct bytes *ret_data)
{
	return pdf_file_stream_data_apart(s, s, f, rev, stream, ret_data);
}

/* -- opening -- */

static enum err read_header(struct scope *s, struct pdf_file *f)
{
	/* The whole marker may begin at the last place that counts. */
	const struct bytes head =
	    bytes_cut(f->bytes, 0, LIMIT_PDF_HEADER_SEARCH + sizeof("%PDF-") - 2);
	f->header = bytes_find(head, BYTES_LIT("%PDF-"), 0);
	if (f->header == BYTES_NOT_FOUND)
		return scope_fault(s, ERR_FORMAT, "not a PDF");
	if (f->header > 0)
		f->quirks |= PDF_QUIRK_JUNK_BEFORE_HEADER;
	const struct bytes v = bytes_cut(f->bytes, f->header + 5, 3);
	if (v.n == 3 && v.p[0] >= '0' && v.p[0] <= '9' && v.p[1] == '.' && v.p[2] >= '0' &&
	    v.p[2] <= '9')
		f->version = 10 * (v.p[0] - '0') + (v.p[2] - '0');
	if (!(f->version >= 10 && f->version <= 17) && f->version != 20)
		f->quirks |= PDF_QUIRK_HEADER;
	return OK;
}

static enum err open_encryption(
    struct scope *s, struct pdf_file *f, const struct pdf_crypt_means *means)
{
	const size_t rev = pdf_file_latest(f);
	const struct pdf_value *entry = pdf_value_find(f->trailer, "Encrypt"), *dict, *ids;
	if (!entry || entry->kind == PDF_NULL)
		return OK;
	if (entry->kind == PDF_REF)
		f->encrypt = entry->ref;
	else
		f->quirks |= PDF_QUIRK_ENCRYPT_DIRECT;
	TRY(find_deep(s, f, rev, f->trailer, "Encrypt", &dict));
	if (dict->kind != PDF_DICT)
		return scope_fault(s, ERR_FORMAT, "pdf: /Encrypt is not a dictionary");
	TRY(find_deep(s, f, rev, f->trailer, "ID", &ids));
	const bool has_id =
	    ids->kind == PDF_ARRAY && ids->array.n > 0 && ids->array.item[0]->kind == PDF_STRING;
	TRY(pdf_crypt_open(
	    s, dict, has_id ? ids->array.item[0]->string : BYTES_NONE, means, &f->crypt));
	/* What was read until now was read without decryption. */
	pdf_file_cache_clear(f->cache);
	return OK;
}

enum err pdf_file_new(struct scope *s, struct bytes bytes, struct pdf_file **ret_file)
{
	struct pdf_file *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	f->bytes = bytes;
	f->cache = scope_alloc(s, sizeof(*f->cache));
	if (!f->cache)
		return ERR_NOMEM;
	if (__builtin_mul_overflow(bytes.n, SEARCH_TIMES, &f->cache->search_left) ||
	    __builtin_add_overflow(f->cache->search_left, SEARCH_MORE, &f->cache->search_left))
		f->cache->search_left = SIZE_MAX;
	TRY(read_header(s, f));
	*ret_file = f;
	return OK;
}

enum err pdf_file_open_by(struct scope *s, struct bytes bytes, const struct pdf_crypt_means *means,
    struct pdf_file **ret_file)
{
	struct pdf_file *f;
	TRY(pdf_file_new(s, bytes, &f));
	TRY(pdf_revisions_read(s, f));
	TRY(pdf_file_index_build(s, f, &f->cache->index));
	const struct pdf_value *root = root_of(f, pdf_file_latest(f)), *catalog;
	if (!pdf_value_find(f->trailer, "Root"))
		f->quirks |= PDF_QUIRK_ROOT_OLDER;
	if (!root || root->kind != PDF_REF)
		return scope_fault(s, ERR_FORMAT, "pdf: the trailer has no reference /Root");
	f->root = root->ref;
	TRY(open_encryption(s, f, means));
	TRY(pdf_file_catalog(s, f, pdf_file_latest(f), &catalog));
	*ret_file = f;
	return OK;
}

enum err pdf_file_open(
    struct scope *s, struct bytes bytes, struct bytes password, struct pdf_file **ret_file)
{
	const struct pdf_crypt_means means = { .password = password };
	return pdf_file_open_by(s, bytes, &means, ret_file);
}

bool pdf_file_is_locked(const struct pdf_file *f)
{
	return f->crypt && (pdf_crypt_is_locked(f->crypt, PDF_CRYPT_STRING) ||
			       pdf_crypt_is_locked(f->crypt, PDF_CRYPT_STREAM));
}
