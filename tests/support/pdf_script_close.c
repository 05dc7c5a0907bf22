/* The end of an update: objects, cross-references, trailer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_update_cipher.h"
#include "tests/support/pdf_script_work.h"

static bool belongs_to_section(struct bytes key)
{
	static const char *const keys[] = { "Prev", "XRefStm", "Size", "Type", "W", "Index",
		"Filter", "DecodeParms", "Length" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (bytes_equal_str(key, keys[i]))
			return true;
	return false;
}

static struct pdf_value *trailer_of(struct pdf_script *p)
{
	const struct pdf_value *old = p->file->trailer;
	struct pdf_value *trailer = pdf_value_new_dict(p->s);
	old = old->kind == PDF_STREAM ? old->stream.dict : old;
	for (size_t i = 0; i < old->dict.n; i++) {
		char *key;
		if (belongs_to_section(old->dict.item[i].key))
			continue;
		pdf_script_must(p, bytes_to_str(p->s, old->dict.item[i].key, &key), "key");
		pdf_script_must(p, pdf_value_set(p->s, trailer, key, old->dict.item[i].value), key);
	}
	return trailer;
}

void pdf_script_begin(struct pdf_script *p)
{
	const struct pdf_revision *r = &p->file->revisions[pdf_file_latest(p->file)];
	p->n = p->n_entries = p->n_hidden = 0;
	p->trailer = trailer_of(p);
	p->prev = r->sections[0]->offset - p->file->base;
	p->section =
	    r->sections[0]->kind == PDF_SECTION_STREAM ? PDF_SCRIPT_STREAM : PDF_SCRIPT_TABLE;
	p->section_num = 0;
	p->touched = p->has_startxref = p->noeof = false;
}

/* -- objects -- */

static void write_value(
    struct pdf_script *p, struct buf *b, struct pdf_ref ref, const struct pdf_value *v)
{
	const struct pdf_value_cipher *cipher = NULL;
	if (p->file->crypt)
		pdf_script_must(p,
		    pdf_update_cipher_new(p->s, p->file->crypt,
			BYTES_LIT("sixteen octets, or a few more"), ref, v, &cipher),
		    "cipher");
	pdf_script_must(p, pdf_value_write(p->s, b, v, cipher), "write");
}

static void write_piece(struct pdf_script *p, struct buf *b, struct pdf_script_piece *piece)
{
	piece->offset = b->n;
	if (piece->ref.num == 0) {
		buf_add(b, piece->text);
		return;
	}
	buf_addf(b, "%lu %lu obj\n", (unsigned long)piece->ref.num, (unsigned long)piece->ref.gen);
	if (piece->value)
		write_value(p, b, piece->ref, piece->value);
	else
		buf_add(b, piece->text);
	buf_add_str(b, "\nendobj\n");
}

static void add_entry(struct pdf_script *p, struct pdf_script_entry entry)
{
	size_t i = 0;
	while (i < p->n_entries && p->entry[i].num != entry.num)
		i++;
	pdf_script_check(i < sizeof(p->entry) / sizeof(p->entry[0]), "room", "for entries");
	if (i < p->n_entries)
		return; /* the one that the script gave */
	p->entry[p->n_entries++] = entry;
}

static int compare_entries(const void *a, const void *b)
{
	const struct pdf_script_entry *x = a, *y = b;
	return (x->num > y->num) - (x->num < y->num);
}

static void write_pieces(struct pdf_script *p, struct buf *b)
{
	for (size_t i = 0; i < p->n; i++) {
		struct pdf_script_piece *piece = &p->piece[i];
		if (piece->packed_in) {
			add_entry(p, (struct pdf_script_entry){ .num = piece->ref.num,
					 .kind = 2,
					 .stream = piece->packed_in,
					 .at = piece->index });
			continue;
		}
		write_piece(p, b, piece);
		if (piece->ref.num && !piece->unlisted)
			add_entry(p, (struct pdf_script_entry){ .num = piece->ref.num,
					 .gen = piece->ref.gen,
					 .kind = 1,
					 .offset = piece->offset - p->file->base });
	}
}

/* -- sections -- */

static uint32_t size_of(const struct pdf_script *p)
{
	uint32_t size = p->file->highest + 1;
	for (size_t i = 0; i < p->n_entries; i++)
		size = p->entry[i].num >= size ? p->entry[i].num + 1 : size;
	return size;
}

static void complete_trailer(struct pdf_script *p)
{
	struct pdf_value *t = p->trailer;
	if (!pdf_value_find(t, "Size"))
		pdf_script_must(
		    p, pdf_value_set(p->s, t, "Size", pdf_value_new_int(p->s, size_of(p))), "Size");
	if (!pdf_value_find(t, "Prev"))
		pdf_script_must(p,
		    pdf_value_set(p->s, t, "Prev", pdf_value_new_int(p->s, (int64_t)p->prev)),
		    "Prev");
}

static bool is_hidden(const struct pdf_script *p, const struct pdf_script_entry *e)
{
	for (size_t i = 0; i < p->n_hidden; i++)
		if (p->hidden[i] == e->num)
			return true;
	return e->kind == 2;
}

static void write_lines(struct pdf_script *p, struct buf *b, bool hybrid)
{
	buf_add_str(b, "xref\n");
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct pdf_script_entry *e = &p->entry[i];
		if (hybrid && is_hidden(p, e))
			continue;
		buf_addf(b, "%lu 1\n%010zu %05lu %c \n", (unsigned long)e->num, e->offset,
		    (unsigned long)e->gen, e->kind == 1 ? 'n' : 'f');
	}
	if (p->n_entries == 0)
		buf_add_str(b, "0 0\n");
}

static void write_table(struct pdf_script *p, struct buf *b, bool hybrid)
{
	write_lines(p, b, hybrid);
	buf_add_str(b, "trailer\n");
	complete_trailer(p);
	pdf_script_must(p, pdf_value_write(p->s, b, p->trailer, NULL), "trailer");
	buf_add_byte(b, '\n');
}

static void add_number(struct buf *b, size_t n, int width)
{
	for (int i = width - 1; i >= 0; i--)
		buf_add_byte(b, (uint8_t)(n >> 8 * i));
}

/* `alone`: with the whole trailer; else only what a table refers to with /XRefStm. */
static void write_stream(struct pdf_script *p, struct buf *b, bool alone)
{
	struct buf rows = buf_new(p->s, PDF_SCRIPT_CAP), index = buf_new(p->s, PDF_SCRIPT_CAP);
	const size_t at = b->n - p->file->base;
	if (alone) {
		add_entry(
		    p, (struct pdf_script_entry){ .num = p->section_num, .kind = 1, .offset = at });
		qsort(p->entry, p->n_entries, sizeof(p->entry[0]), compare_entries);
		complete_trailer(p);
	}
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct pdf_script_entry *e = &p->entry[i];
		if (!alone && !is_hidden(p, e))
			continue;
		buf_addf(&index, "%lu 1 ", (unsigned long)e->num);
		add_number(&rows, (size_t)e->kind, 1);
		add_number(&rows, e->kind == 2 ? e->stream : e->offset, 4);
		add_number(&rows, e->kind == 2 ? e->at : e->gen, 2);
	}
	buf_addf(b, "%lu 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%.*s] /Length %zu ",
	    (unsigned long)p->section_num, (int)index.n, (const char *)index.p, rows.n);
	if (!alone)
		buf_addf(b, "/Size %lu ", (unsigned long)size_of(p));
	for (size_t i = 0; alone && i < p->trailer->dict.n; i++) {
		const struct pdf_value key = { .kind = PDF_NAME,
			.name = p->trailer->dict.item[i].key };
		pdf_script_must(p, pdf_value_write(p->s, b, &key, NULL), "key");
		buf_add_byte(b, ' ');
		pdf_script_must(
		    p, pdf_value_write(p->s, b, p->trailer->dict.item[i].value, NULL), "value");
		buf_add_byte(b, ' ');
	}
	buf_add_str(b, ">>\nstream\n");
	buf_add(b, buf_bytes(&rows));
	buf_add_str(b, "\nendstream\nendobj\n");
}

static size_t write_section(struct pdf_script *p, struct buf *b)
{
	size_t at = b->n;
	qsort(p->entry, p->n_entries, sizeof(p->entry[0]), compare_entries);
	if (!p->section_num)
		p->section_num = size_of(p);
	switch (p->section) {
	case PDF_SCRIPT_TABLE:
		write_table(p, b, false);
		break;
	case PDF_SCRIPT_STREAM:
		write_stream(p, b, true);
		break;
	case PDF_SCRIPT_HYBRID:
		add_entry(p, (struct pdf_script_entry){
				 .num = p->section_num, .kind = 1, .offset = at - p->file->base });
		qsort(p->entry, p->n_entries, sizeof(p->entry[0]), compare_entries);
		write_stream(p, b, false);
		pdf_script_must(p,
		    pdf_value_set(p->s, p->trailer, "XRefStm",
			pdf_value_new_int(p->s, (int64_t)(at - p->file->base))),
		    "XRefStm");
		at = b->n;
		write_table(p, b, true);
		break;
	case PDF_SCRIPT_TEXT:
		buf_add(b, p->section_text);
		break;
	case PDF_SCRIPT_NONE:
		break;
	}
	return at - p->file->base;
}

void pdf_script_close(struct pdf_script *p)
{
	struct buf b = buf_new(p->s, PDF_SCRIPT_CAP);
	struct pdf_file *again;
	if (!p->touched)
		return;
	buf_add(&b, p->now);
	if (p->now.n && p->now.p[p->now.n - 1] != '\n')
		buf_add_byte(&b, '\n');
	write_pieces(p, &b);
	const size_t at = write_section(p, &b);
	if (p->section != PDF_SCRIPT_NONE) {
		buf_addf(&b, "startxref\n%lld\n",
		    p->has_startxref ? (long long)p->startxref : (long long)at);
		buf_add_str(&b, p->noeof ? "" : "%%EOF\n");
	}
	pdf_script_must(p, buf_done(&b, &p->now), "update");
	if (pdf_file_open(p->s, p->now, BYTES_NONE, &again) == OK)
		p->file = again;
	else
		scope_forgive(p->s);
	pdf_script_begin(p);
	p->prev = at;
}
