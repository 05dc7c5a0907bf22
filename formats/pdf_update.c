#include "formats/pdf_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_update_cipher.h"
#include "formats/pdf_xref_write.h"

#define GENERATION_MAX 65535
#define XREF_STREAM_VERSION 15
#define OFFSET_DIGITS 19 /* of a number below 2^63 */
#define RANGE_WIDTH (sizeof("[0   ]") - 1 + 3 * OFFSET_DIGITS)
/* A trailer is copied with a search per key. Real ones have under ten. */
#define TRAILER_KEYS_MAX 1024
/* A /Size this far above the highest number is a slip, not room left for missing objects. */
#define SIZE_PLAUSIBLE 65536
/* Numbers tried for one that was never in use. */
#define GAP_TRIES 65536

struct pending {
	struct pdf_ref ref;
	const struct pdf_value *value;
};

struct pdf_update {
	struct scope *s;
	const struct pdf_file *file;
	struct bytes seed;
	bool closed;
	uint32_t first_reserved, next; /* numbers given out: [first_reserved, next) */
	/* Without room above, also what no section has ever named from here up; 0: none yet. */
	uint32_t gap;
	size_t n_gaps;

	struct pending *pending; /* in the order they came */
	size_t n, room;
	uint32_t *slots; /* open addressing: index into pending plus 1, by object number */
	size_t n_slots;  /* a power of two, or 0 */

	struct pdf_value *trailer; /* entries that were set */
	uint32_t signature;        /* object number, 0: none */
	size_t contents_max;
};

/* Where the two entries stand in the update's bytes that are completed late. */
struct places {
	size_t range, contents_start, contents_end;
};

/* -- pending objects -- */

static size_t slot_of(const struct pdf_update *u, uint32_t num)
{
	size_t at = (num * 2654435761u) & (u->n_slots - 1);
	while (u->slots[at] && u->pending[u->slots[at] - 1].ref.num != num)
		at = (at + 1) & (u->n_slots - 1);
	return at;
}

static struct pending *find_pending(const struct pdf_update *u, uint32_t num)
{
	if (u->n_slots == 0)
		return NULL;
	uint32_t i = u->slots[slot_of(u, num)];
	return i ? &u->pending[i - 1] : NULL;
}

/* Keeps at least half of the slots free. */
static enum err make_room(struct pdf_update *u)
{
	if (u->n < u->room)
		return OK;
	if (u->n >= LIMIT_PDF_UPDATE_OBJECTS)
		return scope_fault(u->s, ERR_LIMIT, "pdf: update of more than %d objects",
		    LIMIT_PDF_UPDATE_OBJECTS);
	size_t room = u->room ? u->room * 2 : 32;
	struct pending *more = scope_alloc_array(u->s, room, sizeof(*more));
	uint32_t *slots = scope_alloc_array(u->s, room * 2, sizeof(*slots));
	if (!more || !slots)
		return ERR_NOMEM;
	if (u->n)
		memcpy(more, u->pending, u->n * sizeof(*more));
	u->pending = more;
	u->room = room;
	u->slots = slots;
	u->n_slots = room * 2;
	for (size_t i = 0; i < u->n; i++)
		u->slots[slot_of(u, more[i].ref.num)] = (uint32_t)(i + 1);
	return OK;
}

static const struct pdf_xref_entry *entry_of(const struct pdf_update *u, uint32_t num)
{
	return pdf_file_entry(u->file, pdf_file_latest(u->file), num, NULL);
}

static bool is_reserved(const struct pdf_update *u, uint32_t num)
{
	if (num >= u->first_reserved && num < u->next)
		return true;
	return u->gap && num >= u->gap && num <= LIMIT_PDF_OBJECT_NUMBER && !entry_of(u, num);
}

/* Only a number that was reserved, or that is in use with this generation, may be written: taking
 * up a free one again would look like forgery to a strict reader. */
static enum err check_target(const struct pdf_update *u, struct pdf_ref ref)
{
	if (u->closed)
		return scope_fault(u->s, ERR_MISUSE, "pdf: update is closed already");
	if (is_reserved(u, ref.num) && ref.gen == 0)
		return OK;
	if (u->file->crypt && ref.num == u->file->encrypt.num)
		return scope_fault(
		    u->s, ERR_MISUSE, "pdf: the encryption dictionary cannot change");
	const struct pdf_xref_entry *e = entry_of(u, ref.num);
	if (!e || ref.num == 0 || e->kind == PDF_ENTRY_FREE || e->gen != ref.gen)
		return scope_fault(u->s, ERR_MISUSE, "pdf: no object %lu %lu to change",
		    (unsigned long)ref.num, (unsigned long)ref.gen);
	if (ref.gen > GENERATION_MAX)
		return scope_fault(u->s, ERR_FORMAT, "pdf: object %lu: impossible generation %lu",
		    (unsigned long)ref.num, (unsigned long)ref.gen);
	return OK;
}

static uint32_t first_free_number(const struct pdf_file *file)
{
	uint32_t first = file->highest + 1;
	int64_t size;
	/* References to objects that were never written usually stay below /Size: such a number,
	 * taken, would give them a target. */
	if (pdf_value_integer(pdf_value_find(file->trailer, "Size"), &size) && size > first &&
	    size - first <= SIZE_PLAUSIBLE && size <= LIMIT_PDF_OBJECT_NUMBER / 2)
		first = (uint32_t)size;
	return first;
}

enum err pdf_update_new(
    struct scope *s, const struct pdf_file *file, struct bytes seed, struct pdf_update **ret_update)
{
	if (file->crypt && seed.n < PDF_UPDATE_CIPHER_SEED)
		return scope_fault(s, ERR_MISUSE, "pdf: update of an encrypted file needs a seed");
	struct pdf_update *u = scope_alloc(s, sizeof(*u));
	if (!u)
		return ERR_NOMEM;
	*u = (struct pdf_update){ .s = s, .file = file };
	u->first_reserved = u->next = first_free_number(file);
	u->trailer = pdf_value_new_dict(s);
	if (!u->trailer)
		return ERR_NOMEM;
	TRY(bytes_copy(s, seed, &u->seed));
	*ret_update = u;
	return OK;
}

/* Some files use the very highest number: then the next lower one that was never in use. */
static enum err reserve_gap(struct pdf_update *u, struct pdf_ref *ret_ref)
{
	uint32_t num = u->gap ? u->gap - 1 : LIMIT_PDF_OBJECT_NUMBER;
	for (unsigned tries = 0; tries < GAP_TRIES && num > 0; tries++, num--) {
		if (entry_of(u, num) || num >= u->first_reserved)
			continue;
		u->gap = num;
		u->n_gaps++;
		*ret_ref = (struct pdf_ref){ .num = num };
		return OK;
	}
	return scope_fault(
	    u->s, ERR_LIMIT, "pdf: no object number left below %d", LIMIT_PDF_OBJECT_NUMBER + 1);
}

enum err pdf_update_reserve(struct pdf_update *u, struct pdf_ref *ret_ref)
{
	if (u->next - u->first_reserved + u->n_gaps >= LIMIT_PDF_UPDATE_OBJECTS)
		return scope_fault(u->s, ERR_LIMIT, "pdf: update of more than %d objects",
		    LIMIT_PDF_UPDATE_OBJECTS);
	if (u->next > LIMIT_PDF_OBJECT_NUMBER)
		return reserve_gap(u, ret_ref);
	*ret_ref = (struct pdf_ref){ .num = u->next++ };
	return OK;
}

enum err pdf_update_put(struct pdf_update *u, struct pdf_ref ref, const struct pdf_value *value)
{
	if (!value)
		return ERR_NOMEM;
	TRY(check_target(u, ref));
	struct pending *present = find_pending(u, ref.num);
	if (present) {
		present->value = value;
		return OK;
	}
	TRY(make_room(u));
	u->pending[u->n] = (struct pending){ .ref = ref, .value = value };
	u->slots[slot_of(u, ref.num)] = (uint32_t)++u->n;
	return OK;
}

enum err pdf_update_object(
    struct pdf_update *u, struct pdf_ref ref, const struct pdf_value **ret_value)
{
	const struct pending *present = find_pending(u, ref.num);
	if (present) {
		*ret_value = present->ref.gen == ref.gen ? present->value : &pdf_value_null;
		return OK;
	}
	if (ref.num >= u->first_reserved) {
		*ret_value = &pdf_value_null;
		return OK;
	}
	return pdf_file_object(u->s, u->file, pdf_file_latest(u->file), ref, ret_value);
}

enum err pdf_update_set_trailer(
    struct pdf_update *u, const char *key, const struct pdf_value *value)
{
	return pdf_value_set(u->s, u->trailer, key, value);
}

enum err pdf_update_put_signature(
    struct pdf_update *u, struct pdf_ref ref, const struct pdf_value *dict, size_t contents_max)
{
	if (!dict)
		return ERR_NOMEM;
	if (u->signature != 0)
		return scope_fault(u->s, ERR_MISUSE, "pdf: update has a signature already");
	if (dict->kind != PDF_DICT || contents_max == 0)
		return scope_fault(u->s, ERR_MISUSE, "pdf: no signature dictionary");
	if (contents_max > LIMIT_PDF_STRING / 2)
		return scope_fault(u->s, ERR_LIMIT, "pdf: signature of more than %zu octets",
		    (size_t)LIMIT_PDF_STRING / 2);
	TRY(pdf_update_put(u, ref, dict));
	u->signature = ref.num;
	u->contents_max = contents_max;
	return OK;
}

/* -- objects -- */

/* Entries one by one: for /ByteRange and /Contents stand at known places. */
static enum err write_signature(struct pdf_update *u, struct buf *b, const struct pdf_value *dict,
    const struct pdf_value_cipher *cipher, struct places *ret_places)
{
	buf_add_str(b, "<<\n");
	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct pdf_entry *e = &dict->dict.item[i];
		if (bytes_equal_str(e->key, "ByteRange") || bytes_equal_str(e->key, "Contents"))
			continue;
		const struct pdf_value key = { .kind = PDF_NAME, .name = e->key };
		TRY(pdf_value_write(u->s, b, &key, NULL));
		buf_add_byte(b, ' ');
		TRY(pdf_value_write(u->s, b, e->value, cipher));
		buf_add_byte(b, '\n');
	}
	buf_add_str(b, "/ByteRange ");
	struct places at = { .range = b->n };
	buf_add_repeat(b, ' ', RANGE_WIDTH);
	buf_add_str(b, "\n/Contents ");
	at.contents_start = b->n;
	buf_add_byte(b, '<');
	buf_add_repeat(b, '0', 2 * u->contents_max);
	buf_add_byte(b, '>');
	at.contents_end = b->n;
	buf_add_str(b, "\n>>");
	*ret_places = at;
	return OK;
}

static enum err write_object(struct pdf_update *u, struct buf *b, const struct pending *object,
    struct pdf_xref_write_line *ret_line, struct places *ret_places)
{
	const struct pdf_value_cipher *cipher = NULL;
	if (u->file->crypt)
		TRY(pdf_update_cipher_new(
		    u->s, u->file->crypt, u->seed, object->ref, object->value, &cipher));
	*ret_line = (struct pdf_xref_write_line){
		.ref = object->ref,
		.offset = u->file->bytes.n + b->n - u->file->base,
	};
	buf_addf(
	    b, "%lu %lu obj\n", (unsigned long)object->ref.num, (unsigned long)object->ref.gen);
	if (object->ref.num == u->signature)
		TRY(write_signature(u, b, object->value, cipher, ret_places));
	else
		TRY(pdf_value_write(u->s, b, object->value, cipher));
	buf_add_str(b, "\nendobj\n");
	return OK;
}

static int compare_pending(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;
	return (x->ref.num > y->ref.num) - (x->ref.num < y->ref.num);
}

/* Objects by ascending number, the signature last. ret_lines has room for one more. */
static enum err write_objects(struct pdf_update *u, struct buf *b,
    struct pdf_xref_write_line **ret_lines, struct places *ret_places)
{
	struct pdf_xref_write_line *lines = scope_alloc_array(u->s, u->n + 1, sizeof(*lines));
	struct pending *sorted = scope_alloc_array(u->s, u->n + 1, sizeof(*sorted));
	if (!lines || !sorted)
		return ERR_NOMEM;
	if (u->n)
		memcpy(sorted, u->pending, u->n * sizeof(*sorted));
	qsort(sorted, u->n, sizeof(*sorted), compare_pending);
	size_t signature = u->n;
	for (size_t i = 0; i < u->n; i++) {
		if (u->signature && sorted[i].ref.num == u->signature)
			signature = i;
		else
			TRY(write_object(u, b, &sorted[i], &lines[i], ret_places));
	}
	if (signature < u->n)
		TRY(write_object(u, b, &sorted[signature], &lines[signature], ret_places));
	*ret_lines = lines;
	return OK;
}

/* -- cross-reference section -- */

static const struct pdf_section *latest_section(const struct pdf_file *file)
{
	return file->revisions[pdf_file_latest(file)].sections[0];
}

/* What says something about the section alone; and the integrity code of ISO/TS 32004, which covers
 * a file of one length: carried over, it would be a wrong one. */
static bool belongs_to_section(struct bytes key)
{
	static const char *const keys[] = { "Prev", "XRefStm", "Size", "Type", "W", "Index",
		"Filter", "DecodeParms", "Length", "DL", "AuthCode" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (bytes_equal_str(key, keys[i]))
			return true;
	return false;
}

static enum err new_trailer(struct pdf_update *u, struct pdf_value **ret_trailer)
{
	const struct pdf_value *old = u->file->trailer;
	if (old->kind == PDF_STREAM)
		old = old->stream.dict;
	if (old->dict.n > TRAILER_KEYS_MAX)
		return scope_fault(
		    u->s, ERR_LIMIT, "pdf: trailer of %zu entries", (size_t)old->dict.n);
	struct pdf_value *trailer = pdf_value_new_dict(u->s);
	for (size_t i = 0; i < old->dict.n; i++) {
		char *key;
		if (belongs_to_section(old->dict.item[i].key))
			continue;
		TRY(bytes_to_str(u->s, old->dict.item[i].key, &key));
		TRY(pdf_value_set(u->s, trailer, key, old->dict.item[i].value));
	}
	for (size_t i = 0; i < u->trailer->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(u->s, u->trailer->dict.item[i].key, &key));
		TRY(pdf_value_set(u->s, trailer, key, u->trailer->dict.item[i].value));
	}
	const struct pdf_section *latest = latest_section(u->file);
	if (latest->offset < u->file->base)
		return scope_fault(u->s, ERR_FORMAT, "pdf: cross-references before the header");
	int64_t size = u->next, old_size;
	if (pdf_value_integer(pdf_value_find(old, "Size"), &old_size) && old_size > size &&
	    old_size <= INT32_MAX)
		size = old_size;
	TRY(pdf_value_set(u->s, trailer, "Size", pdf_value_new_int(u->s, size)));
	TRY(pdf_value_set(u->s, trailer, "Prev",
	    pdf_value_new_int(u->s, (int64_t)(latest->offset - u->file->base))));
	*ret_trailer = trailer;
	return OK;
}

/* 10 * major + minor of a name such as /1.7; 0 if it is none. */
static int version_of_name(const struct pdf_value *v)
{
	if (!v || v->kind != PDF_NAME || v->name.n != 3 || v->name.p[1] != '.')
		return 0;
	return (v->name.p[0] - '0') * 10 + (v->name.p[2] - '0');
}

static enum err may_use_stream(struct pdf_update *u, bool *ret_may)
{
	const struct pdf_value *catalog;
	TRY(pdf_update_object(u, u->file->root, &catalog));
	*ret_may = u->file->version >= XREF_STREAM_VERSION ||
		   version_of_name(pdf_value_find(catalog, "Version")) >= XREF_STREAM_VERSION;
	return OK;
}

static enum err write_stream(
    struct pdf_update *u, struct buf *b, struct pdf_xref_write_line *lines, size_t n)
{
	struct pdf_ref own;
	struct pdf_value *trailer;
	TRY(pdf_update_reserve(u, &own));
	TRY(new_trailer(u, &trailer));
	const struct pdf_xref_write_line line = {
		.ref = own,
		.offset = u->file->bytes.n + b->n - u->file->base,
	};
	size_t at = n;
	for (; at > 0 && lines[at - 1].ref.num > own.num; at--)
		lines[at] = lines[at - 1];
	lines[at] = line;
	return pdf_xref_write_stream(u->s, b, lines, n + 1, at, trailer);
}

/* The form of the latest section; but an offset of eleven digits fits no table. */
static enum err write_section(
    struct pdf_update *u, struct buf *b, struct pdf_xref_write_line *lines, size_t n)
{
	if (latest_section(u->file)->kind == PDF_SECTION_STREAM)
		return write_stream(u, b, lines, n);
	if (u->file->bytes.n + b->n - u->file->base <= PDF_XREF_WRITE_TABLE_MAX) {
		struct pdf_value *trailer;
		TRY(new_trailer(u, &trailer));
		return pdf_xref_write_table(u->s, b, lines, n, trailer);
	}
	bool may;
	TRY(may_use_stream(u, &may));
	if (!may)
		return scope_fault(u->s, ERR_UNSUPPORTED,
		    "pdf: offsets of a file this large do not fit PDF before 1.5");
	return write_stream(u, b, lines, n);
}

/* -- closing -- */

static void fill_byte_range(struct buf *b, size_t base, const struct places *at)
{
	char text[RANGE_WIDTH + 1];
	const size_t start = base + at->contents_start, end = base + at->contents_end;
	int n = snprintf(text, sizeof(text), "[0 %zu %zu %zu]", start, end, base + b->n - end);
	buf_patch(b, at->range, bytes_of(text, (size_t)n));
}

static bool ends_line(struct bytes file)
{
	return file.n > 0 && (file.p[file.n - 1] == '\n' || file.p[file.n - 1] == '\r');
}

enum err pdf_update_close(struct pdf_update *u, struct pdf_update_result *ret_result)
{
	if (u->closed)
		return scope_fault(u->s, ERR_MISUSE, "pdf: update is closed already");
	u->closed = true;
	const struct bytes file = u->file->bytes;
	struct buf b = buf_new(u->s, LIMIT_PDF_UPDATE);
	struct pdf_xref_write_line *lines;
	struct places at = { 0 };
	if (!ends_line(file))
		buf_add_byte(&b, '\n');
	TRY(write_objects(u, &b, &lines, &at));
	const size_t section = file.n + b.n;
	TRY(write_section(u, &b, lines, u->n));
	buf_addf(&b, "startxref\n%zu\n%%%%EOF\n", section - u->file->base);
	if (u->signature)
		fill_byte_range(&b, file.n, &at);

	struct bytes done;
	TRY(buf_done(&b, &done));
	*ret_result = (struct pdf_update_result){
		.p = b.p,
		.n = done.n,
		.contents_start = u->signature ? file.n + at.contents_start : 0,
		.contents_end = u->signature ? file.n + at.contents_end : 0,
		.file_size = file.n + done.n,
	};
	return OK;
}

enum err pdf_update_fill(struct scope *s, const struct pdf_file *file,
    struct pdf_update_result *result, struct bytes cms)
{
	static const char digits[] = "0123456789abcdef";
	if (result->contents_end == 0)
		return scope_fault(s, ERR_MISUSE, "pdf: update has no signature");
	const size_t room = (result->contents_end - result->contents_start - 2) / 2;
	if (cms.n > room)
		return scope_fault(s, ERR_LIMIT,
		    "pdf: signature of %zu octets does not fit the %zu reserved", cms.n, room);
	uint8_t *at = result->p + (result->contents_start - file->bytes.n) + 1;
	memset(at, '0', 2 * room);
	for (size_t i = 0; i < cms.n; i++) {
		at[2 * i] = (uint8_t)digits[cms.p[i] >> 4];
		at[2 * i + 1] = (uint8_t)digits[cms.p[i] & 15];
	}
	return OK;
}

void pdf_update_signed_parts(
    const struct pdf_file *file, const struct pdf_update_result *result, struct bytes ret_parts[3])
{
	const struct bytes all = bytes_of(result->p, result->n);
	ret_parts[0] = file->bytes;
	ret_parts[1] = all;
	ret_parts[2] = BYTES_NONE;
	if (result->contents_end == 0)
		return;
	ret_parts[1] = bytes_cut(all, 0, result->contents_start - file->bytes.n);
	ret_parts[2] = bytes_from(all, result->contents_end - file->bytes.n);
}
