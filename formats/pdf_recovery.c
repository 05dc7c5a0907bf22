#include "formats/pdf_recovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_recovery_definitions.h"
#include "formats/pdf_recovery_objects.h"
#include "formats/pdf_syntax.h"

enum visit {
	VISIT_NOT_YET,
	VISIT_OPEN,
	VISIT_DONE
};

struct slot {
	struct pdf_ref ref;
	const struct pdf_value *value;
	enum visit visit; /* of the page tree */
	size_t offset;    /* as the new cross-reference table counts */
	size_t old;       /* of its last definition in the file; SIZE_MAX if none is in the open */
	struct pdf_ref old_ref;
};

struct job {
	struct scope *s;
	struct pdf_recovery_objects *objects;
	const struct pdf_value *trailer;
	struct slot *slots; /* in the order of discovery */
	size_t n, room;
	uint32_t *table; /* open addressing by number: index into slots + 1 */
	size_t table_n;  /* a power of two */
	size_t pages;
};

/* -- the set of objects -- */
static uint32_t *table_place(const struct job *j, uint32_t num)
{
	size_t at = num * (size_t)0x9e3779b1u;
	for (;; at++) {
		uint32_t *place = &j->table[at & (j->table_n - 1)];
		if (*place == 0 || j->slots[*place - 1].ref.num == num)
			return place;
	}
}

static enum err grow(struct job *j)
{
	if (j->n > LIMIT_PDF_OBJECTS)
		return scope_fault(j->s, ERR_LIMIT, "pdf repair: too many objects");
	size_t room = j->room ? 2 * j->room : 64;
	j->slots =
	    scope_resize(j->s, j->slots, j->room * sizeof(*j->slots), room * sizeof(*j->slots));
	j->table = scope_resize(
	    j->s, j->table, j->table_n * sizeof(*j->table), 2 * room * sizeof(*j->table));
	if (!j->slots || !j->table)
		return ERR_NOMEM;
	j->room = room;
	j->table_n = 2 * room;
	memset(j->table, 0, j->table_n * sizeof(*j->table));
	for (size_t i = 0; i < j->n; i++)
		*table_place(j, j->slots[i].ref.num) = (uint32_t)i + 1;
	return OK;
}

/* One number has one generation: a table cannot tell two apart, and readers would disagree. */
static enum err note(struct job *j, struct pdf_ref ref)
{
	if (j->n == j->room)
		TRY(grow(j));
	if (ref.num == 0)
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: object number 0 is used");
	uint32_t *place = table_place(j, ref.num);
	if (*place == 0) {
		j->slots[j->n] = (struct slot){ .ref = ref, .old = SIZE_MAX };
		*place = (uint32_t)++j->n;
		return OK;
	}
	if (j->slots[*place - 1].ref.gen != ref.gen)
		return scope_fault(
		    j->s, ERR_FORMAT, "pdf repair: object %u is used in two generations", ref.num);
	return OK;
}

static struct slot *slot_of(const struct job *j, const struct pdf_value *v)
{
	if (!v || v->kind != PDF_REF)
		return NULL;
	uint32_t index = *table_place(j, v->ref.num);
	return index ? &j->slots[index - 1] : NULL;
}

static const struct pdf_value *resolved(const struct job *j, const struct pdf_value *v)
{
	const struct slot *slot = slot_of(j, v);
	return slot ? slot->value : v;
}

/* -- gathering what is reachable -- */
static bool is_signature(const struct pdf_value *dict)
{
	const struct pdf_value *type = pdf_value_find(dict, "Type");
	if (!pdf_value_find(dict, "Contents"))
		return false;
	return pdf_value_find(dict, "ByteRange") || pdf_value_is_name(type, "Sig") ||
	       pdf_value_is_name(type, "DocTimeStamp");
}

static enum err fault_signed(struct job *j)
{
	return scope_fault(j->s, ERR_DENIED, "pdf repair: the file is signed and damaged");
}

/* As deep as pdf_recovery_objects lets values be. */
static enum err note_all(struct job *j, const struct pdf_value *v)
{
	if (v->kind == PDF_REF)
		return note(j, v->ref);
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	if (v->kind == PDF_DICT && is_signature(v))
		return fault_signed(j);
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(note_all(j, v->array.item[i]));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(note_all(j, v->dict.item[i].value));
	return OK;
}

static enum err gather(struct job *j)
{
	TRY(note_all(j, j->trailer));
	for (size_t i = 0; i < j->n; i++) {
		const struct pdf_value *v;
		TRY(pdf_recovery_objects_get(j->s, j->objects, j->slots[i].ref, &v));
		j->slots[i].value = v;
		TRY(note_all(j, v));
	}
	return OK;
}

/* The new trailer: /Root and, where they are sound, /Info and /ID. */
static enum err make_trailer(struct job *j)
{
	const struct pdf_value *old;
	TRY(pdf_recovery_objects_trailer(j->s, j->objects, &old));
	if (pdf_value_find(old, "Encrypt"))
		return scope_fault(j->s, ERR_UNSUPPORTED, "pdf repair: damaged and encrypted");
	const struct pdf_value *root = pdf_value_find(old, "Root");
	const struct pdf_value *info = pdf_value_find(old, "Info");
	const struct pdf_value *id = pdf_value_find(old, "ID");
	if (!root || root->kind != PDF_REF)
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: no catalog");
	struct pdf_value *dict = pdf_value_new_dict(j->s);
	if (!dict)
		return ERR_NOMEM;
	TRY(pdf_value_set(j->s, dict, "Root", root));
	if (info && info->kind == PDF_REF)
		TRY(pdf_value_set(j->s, dict, "Info", info));
	bool sound_id = id && id->kind == PDF_ARRAY && id->array.n == 2 &&
			id->array.item[0]->kind == PDF_STRING &&
			id->array.item[1]->kind == PDF_STRING;
	if (sound_id)
		TRY(pdf_value_set(j->s, dict, "ID", id));
	j->trailer = dict;
	return OK;
}

/* -- the page tree -- */
static enum err walk_pages(struct job *j, const struct pdf_value *at, size_t depth)
{
	struct slot *slot = slot_of(j, at);
	const struct pdf_value *node = resolved(j, at);
	const struct pdf_value *kids = resolved(j, pdf_value_find(node, "Kids"));
	if (slot && slot->visit == VISIT_OPEN)
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: the page tree runs in a circle");
	if (!node || node->kind != PDF_DICT || (slot && slot->visit == VISIT_DONE))
		return OK;
	if (depth > LIMIT_PDF_DEPTH)
		return scope_fault(j->s, ERR_LIMIT, "pdf repair: page tree too deep");
	if (!kids || kids->kind != PDF_ARRAY) {
		j->pages += !pdf_value_is_name(pdf_value_find(node, "Type"), "Pages");
		return OK;
	}
	if (slot)
		slot->visit = VISIT_OPEN;
	for (size_t i = 0; i < kids->array.n; i++)
		TRY(walk_pages(j, kids->array.item[i], depth + 1));
	if (slot)
		slot->visit = VISIT_DONE;
	return OK;
}

static enum err check_pages(struct job *j)
{
	const struct pdf_value *catalog = resolved(j, pdf_value_find(j->trailer, "Root"));
	if (!catalog || catalog->kind != PDF_DICT)
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: no catalog");
	const struct pdf_value *pages = pdf_value_find(catalog, "Pages");
	int64_t count;
	if (!pdf_value_integer(resolved(j, pdf_value_find(resolved(j, pages), "Count")), &count))
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: the page tree has no /Count");
	TRY(walk_pages(j, pages, 0));
	if (j->pages == 0)
		return scope_fault(j->s, ERR_FORMAT, "pdf repair: no page can be found");
	return OK;
}

/* -- what readers would agree on -- */
static enum err check_definition(struct job *j, struct bytes file, const struct slot *slot)
{
	bool agree;
	if (slot->old == SIZE_MAX)
		return OK;
	TRY(pdf_recovery_definitions_agree(j->s, file, slot->old, slot->value, &agree));
	if (!agree || slot->old_ref.gen != slot->ref.gen)
		return scope_fault(j->s, ERR_FORMAT,
		    "pdf repair: object %u %u (see offset %zu) may be read in two ways or "
		    "refers to a lost one",
		    slot->ref.num, slot->ref.gen, slot->old);
	return OK;
}

/* Readers that rebuild take the last definition of a number. Where QPDF has it from elsewhere (an
 * older definition, an object stream), or reads it in another way, others show another document. */
static enum err check_definitions(struct job *j, struct bytes file)
{
	struct pdf_ref ref;
	for (size_t at = 0, start; pdf_recovery_definitions_next(file, &at, &ref, &start);) {
		uint32_t index = *table_place(j, ref.num);
		if (index == 0)
			continue;
		j->slots[index - 1].old = start;
		j->slots[index - 1].old_ref = ref;
	}
	for (size_t i = 0; i < j->n; i++)
		TRY(check_definition(j, file, &j->slots[i]));
	return OK;
}

/* -- writing -- */
static int by_number(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	return (x->ref.num > y->ref.num) - (x->ref.num < y->ref.num);
}

static enum err write_objects(struct job *j, struct buf *b, size_t base)
{
	for (size_t i = 0; i < j->n; i++) {
		struct slot *slot = &j->slots[i];
		slot->offset = base + buf_bytes(b).n;
		buf_addf(b, "%u %u obj\n", slot->ref.num, slot->ref.gen);
		TRY(pdf_value_write(j->s, b, slot->value, NULL));
		buf_add_str(b, "\nendobj\n");
	}
	return OK;
}

/* ISO 32000-2 7.5.4: entries of 20 octets, one subsection for each run of numbers. */
static void write_table(struct job *j, struct buf *b)
{
	qsort(j->slots, j->n, sizeof(*j->slots), by_number);
	buf_add_str(b, "xref\n");
	if (j->slots[0].ref.num != 1)
		buf_add_str(b, "0 1\n0000000000 65535 f\r\n");
	for (size_t i = 0, end; i < j->n; i = end) {
		for (end = i + 1; end < j->n; end++) {
			if (j->slots[end].ref.num != j->slots[end - 1].ref.num + 1)
				break;
		}
		if (j->slots[i].ref.num == 1)
			buf_addf(b, "0 %zu\n0000000000 65535 f\r\n", end - i + 1);
		else
			buf_addf(b, "%u %zu\n", j->slots[i].ref.num, end - i);
		for (size_t k = i; k < end; k++)
			buf_addf(b, "%010zu %05u n\r\n", j->slots[k].offset, j->slots[k].ref.gen);
	}
}

static enum err write_revision(struct job *j, size_t base, struct bytes *ret_revision)
{
	struct buf b = buf_new(j->s, LIMIT_PDF_UPDATE);
	struct pdf_value *trailer = pdf_value_copy(j->s, j->trailer);
	buf_add_byte(&b, '\n');
	TRY(write_objects(j, &b, base));
	size_t startxref = base + buf_bytes(&b).n;
	if (startxref > 9999999999u)
		return scope_fault(j->s, ERR_LIMIT, "pdf repair: file too long for a table");
	write_table(j, &b);
	int64_t size = (int64_t)j->slots[j->n - 1].ref.num + 1;
	if (!trailer)
		return ERR_NOMEM;
	TRY(pdf_value_set(j->s, trailer, "Size", pdf_value_new_int(j->s, size)));
	buf_add_str(&b, "trailer\n");
	TRY(pdf_value_write(j->s, &b, trailer, NULL));
	buf_addf(&b, "\nstartxref\n%zu\n%%%%EOF\n", startxref);
	return buf_done(&b, ret_revision);
}

/* -- what may be repaired -- */
/* Whether a name stands anywhere in the octets of the file, in whatever they are part of. */
static bool has_name(struct bytes file, const char *name)
{
	struct bytes needle = bytes_of_str(name);
	for (size_t at = bytes_find(file, needle, 0); at != BYTES_NOT_FOUND;
	     at = bytes_find(file, needle, at + 1)) {
		size_t behind = at + needle.n;
		if (behind == file.n || !pdf_syntax_is_regular(file.p[behind]))
			return true;
	}
	return false;
}

/* Also what QPDF no longer reaches tells what the file was: a seal cut off is still a seal. */
static enum err check_octets(struct job *j, struct bytes file, size_t *ret_header)
{
	*ret_header =
	    bytes_find(bytes_cut(file, 0, LIMIT_PDF_HEADER_SEARCH + 5), BYTES_LIT("%PDF-"), 0);
	if (*ret_header == BYTES_NOT_FOUND)
		return scope_fault(j->s, ERR_FORMAT,
		    "pdf repair: no %%PDF- within the first %d octets", LIMIT_PDF_HEADER_SEARCH);
	if (has_name(file, "/ByteRange"))
		return fault_signed(j);
	if (has_name(file, "/Encrypt"))
		return scope_fault(j->s, ERR_UNSUPPORTED, "pdf repair: damaged and encrypted");
	return OK;
}

static enum err open_objects(struct job *j, struct bytes file)
{
	const enum err e = pdf_recovery_objects_open(j->s, file, BYTES_NONE, true, &j->objects);
	if (e != ERR_DENIED && (e != OK || !pdf_recovery_objects_is_encrypted(j->objects)))
		return e;
	scope_forgive(j->s);
	return scope_fault(j->s, ERR_UNSUPPORTED, "pdf repair: damaged and encrypted");
}

enum err pdf_recovery_revision(
    struct scope *s, struct bytes file, struct bytes *ret_revision, char **ret_warning)
{
	struct job j = { .s = s };
	struct bytes revision;
	size_t header;
	char *warning;
	TRY(check_octets(&j, file, &header));
	TRY(open_objects(&j, file));
	TRY(make_trailer(&j));
	TRY(gather(&j));
	TRY(pdf_recovery_objects_warning(s, j.objects, &warning));
	TRY(check_pages(&j));
	TRY(check_definitions(&j, file));
	TRY(write_revision(&j, file.n - header, &revision));
	if (!warning[0])
		TRY(bytes_to_str(s, BYTES_LIT("damage that QPDF passes over"), &warning));
	*ret_revision = revision;
	*ret_warning = warning;
	return OK;
}
