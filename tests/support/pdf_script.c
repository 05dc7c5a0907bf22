#include "tests/support/pdf_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/pdf_script_work.h"

void pdf_script_check(bool ok, const char *what, const char *more)
{
	if (ok)
		return;
	fprintf(stderr, "pdf_script: wanted %s: %s\n", what, more);
	abort();
}

void pdf_script_must(const struct pdf_script *p, enum err err, const char *what)
{
	if (err == OK)
		return;
	fprintf(stderr, "pdf_script: %s: %s: %s\n", what, err_name(err), scope_fault_text(p->s));
	abort();
}

struct pdf_script *pdf_script_new(struct scope *s, struct bytes document)
{
	struct pdf_script *p = scope_alloc(s, sizeof(*p));
	pdf_script_check(p != NULL, "memory", "");
	p->s = s;
	p->original = p->now = document;
	pdf_script_must(p, pdf_file_open(s, document, BYTES_NONE, &p->first), "open");
	pdf_script_must(p, pdf_signature_list(s, p->first, &p->signatures), "signatures");
	p->file = p->first;
	pdf_script_begin(p);
	return p;
}

/* -- objects -- */

static void put(struct pdf_script *p, const char *rest)
{
	const struct pdf_ref ref = pdf_script_ref(&rest);
	const struct pdf_value *v = pdf_script_value(p, &rest);
	if (strncmp(rest, "stream", 6) == 0)
		v = pdf_value_new_stream(
		    p->s, v, pdf_script_octets(p, rest + 6 + (rest[6] == ' ')));
	else
		pdf_script_check(*rest == '\0', "the end of a line", rest);
	pdf_script_put(p, ref, v);
}

static void raw(struct pdf_script *p, const char *rest)
{
	const struct pdf_ref ref = pdf_script_ref(&rest);
	pdf_script_put(p, ref, NULL)->text = pdf_script_octets(p, rest + strspn(rest, " "));
}

static void bare(struct pdf_script *p, const char *rest)
{
	pdf_script_put(p, (struct pdf_ref){ 0 }, NULL)->text = pdf_script_octets(p, rest);
}

static void copy(struct pdf_script *p, const char *rest)
{
	const struct pdf_ref to = pdf_script_ref(&rest), from = pdf_script_ref(&rest);
	pdf_script_put(p, to, pdf_script_object(p, from));
}

static void edit(struct pdf_script *p, char verb, const char *rest)
{
	const struct pdf_ref ref = pdf_script_ref(&rest);
	const char *path = pdf_script_word(p, &rest);
	path += *path == '.';
	pdf_script_edit(p, verb, ref, path, verb == 'd' ? NULL : pdf_script_value(p, &rest));
}

static struct pdf_script_piece *find_piece(struct pdf_script *p, uint32_t num)
{
	size_t i = p->n;
	while (i-- > 0)
		if (p->piece[i].ref.num == num)
			return &p->piece[i];
	pdf_script_check(false, "an object of this update", "");
	return NULL;
}

static void unlist(struct pdf_script *p, const char *rest)
{
	find_piece(p, pdf_script_ref(&rest).num)->unlisted = true;
}

static void pack(struct pdf_script *p, const char *rest)
{
	const struct pdf_ref stream = pdf_script_ref(&rest);
	struct buf head = buf_new(p->s, PDF_SCRIPT_CAP), body = buf_new(p->s, PDF_SCRIPT_CAP);
	struct pdf_value *dict = pdf_value_new_dict(p->s);
	uint32_t n = 0;
	for (; *rest; n++) {
		struct pdf_script_piece *piece = find_piece(p, pdf_script_ref(&rest).num);
		buf_addf(&head, "%lu %zu ", (unsigned long)piece->ref.num, body.n);
		if (piece->value)
			pdf_script_must(
			    p, pdf_value_write(p->s, &body, piece->value, NULL), "packed");
		else
			buf_add(&body, piece->text);
		buf_add_byte(&body, '\n');
		piece->packed_in = stream.num;
		piece->index = n;
		rest += strspn(rest, " ");
	}
	pdf_script_must(
	    p, pdf_value_set(p->s, dict, "Type", pdf_value_new_name(p->s, "ObjStm")), "Type");
	pdf_script_must(p, pdf_value_set(p->s, dict, "N", pdf_value_new_int(p->s, n)), "N");
	pdf_script_must(p,
	    pdf_value_set(p->s, dict, "First", pdf_value_new_int(p->s, (int64_t)head.n)), "First");
	buf_add(&head, buf_bytes(&body));
	pdf_script_put(p, stream, pdf_value_new_stream(p->s, dict, buf_bytes(&head)));
}

/* -- cross-references -- */

static void entry(struct pdf_script *p, int kind, const char *rest)
{
	struct pdf_script_entry *e = &p->entry[p->n_entries++];
	*e = (struct pdf_script_entry){ .num = (uint32_t)pdf_script_number(&rest), .kind = kind };
	p->touched = true;
	if (kind == 1)
		e->offset = (size_t)pdf_script_number(&rest);
	if (kind == 2) {
		e->stream = (uint32_t)pdf_script_number(&rest);
		e->at = (uint32_t)pdf_script_number(&rest);
	}
	if (kind != 2 && *rest)
		e->gen = (uint32_t)pdf_script_number(&rest);
}

static void trailer(struct pdf_script *p, const char *rest)
{
	const char *key = pdf_script_word(p, &rest);
	p->touched = true;
	if (*rest)
		pdf_script_must(
		    p, pdf_value_set(p->s, p->trailer, key + 1, pdf_script_value(p, &rest)), key);
	else
		pdf_value_remove(p->trailer, key + 1);
}

static void section(struct pdf_script *p, const char *rest)
{
	static const char *const names[] = { "table", "stream", "hybrid", "text", "none" };
	const char *name = pdf_script_word(p, &rest);
	size_t i = 0;
	while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i], name) != 0)
		i++;
	pdf_script_check(i < sizeof(names) / sizeof(names[0]), "a form of section", name);
	p->section = (enum pdf_script_section)i;
	p->touched = true;
	if (p->section == PDF_SCRIPT_TEXT) {
		p->section_text = pdf_script_octets(p, rest);
		return;
	}
	if (*rest)
		p->section_num = (uint32_t)pdf_script_number(&rest);
	while (*rest)
		p->hidden[p->n_hidden++] = (uint32_t)pdf_script_number(&rest);
}

/* -- octets -- */

static void join(struct pdf_script *p, struct bytes a, struct bytes b, struct bytes c)
{
	struct buf all = buf_new(p->s, PDF_SCRIPT_CAP);
	buf_add(&all, a);
	buf_add(&all, b);
	buf_add(&all, c);
	pdf_script_must(p, buf_done(&all, &p->now), "join");
}

static void splice(struct pdf_script *p, size_t at, size_t n, struct bytes with)
{
	pdf_script_close(p);
	join(p, bytes_cut(p->now, 0, at), with, bytes_from(p->now, at + n));
}

static void over(struct pdf_script *p, bool same_length, const char *rest)
{
	const size_t at = (size_t)pdf_script_number(&rest);
	const size_t n = same_length ? 0 : (size_t)pdf_script_number(&rest);
	const struct bytes with = pdf_script_octets(p, rest + (*rest == ' '));
	splice(p, at, same_length ? with.n : n, with);
}

static void paste(struct pdf_script *p, const char *rest)
{
	const size_t from = (size_t)pdf_script_number(&rest);
	const size_t n = (size_t)pdf_script_number(&rest);
	pdf_script_close(p);
	splice(p, p->now.n, 0, bytes_cut(p->original, from, n));
}

static void swap(struct pdf_script *p, const char *rest)
{
	const char *arrow = strstr(rest, " => ");
	char *old;
	pdf_script_check(arrow != NULL, "OLD => NEW", rest);
	pdf_script_must(p,
	    bytes_to_str(p->s, bytes_of((const uint8_t *)rest, (size_t)(arrow - rest)), &old),
	    "old");
	const struct bytes needle = pdf_script_octets(p, old);
	pdf_script_close(p);
	const size_t at = bytes_find_last(p->now, needle, p->now.n);
	pdf_script_check(at != BYTES_NOT_FOUND, "octets to swap", rest);
	splice(p, at, needle.n, pdf_script_octets(p, arrow + 4));
}

static void blank(struct pdf_script *p, const char *rest)
{
	const size_t at = (size_t)pdf_script_number(&rest);
	const size_t n = (size_t)pdf_script_number(&rest);
	struct buf spaces = buf_new(p->s, PDF_SCRIPT_CAP);
	buf_add_repeat(&spaces, ' ', n);
	splice(p, at, n, buf_bytes(&spaces));
}

static void pad(struct pdf_script *p, const char *rest)
{
	const size_t to = (size_t)pdf_script_number(&rest);
	struct buf spaces = buf_new(p->s, PDF_SCRIPT_CAP);
	pdf_script_close(p);
	pdf_script_check(to >= p->now.n, "an offset beyond the end", rest);
	buf_add_repeat(&spaces, ' ', to - p->now.n);
	splice(p, p->now.n, 0, buf_bytes(&spaces));
}

static void append(struct pdf_script *p, const char *rest)
{
	pdf_script_close(p);
	splice(p, p->now.n, 0, pdf_script_octets(p, rest));
}

/* -- lines -- */

static bool run_object(struct pdf_script *p, const char *verb, const char *rest)
{
	if (strcmp(verb, "put") == 0)
		put(p, rest);
	else if (strcmp(verb, "raw") == 0)
		raw(p, rest);
	else if (strcmp(verb, "bare") == 0)
		bare(p, rest);
	else if (strcmp(verb, "copy") == 0)
		copy(p, rest);
	else if (strcmp(verb, "set") == 0 || strcmp(verb, "push") == 0 ||
		 strcmp(verb, "insert") == 0 || strcmp(verb, "delete") == 0)
		edit(p, *verb, rest);
	else if (strcmp(verb, "unlist") == 0)
		unlist(p, rest);
	else if (strcmp(verb, "pack") == 0)
		pack(p, rest);
	else
		return false;
	return true;
}

static bool run_section(struct pdf_script *p, const char *verb, const char *rest)
{
	if (strcmp(verb, "free") == 0)
		entry(p, 0, rest);
	else if (strcmp(verb, "entry") == 0)
		entry(p, 1, rest);
	else if (strcmp(verb, "inside") == 0)
		entry(p, 2, rest);
	else if (strcmp(verb, "trailer") == 0)
		trailer(p, rest);
	else if (strcmp(verb, "section") == 0)
		section(p, rest);
	else if (strcmp(verb, "noeof") == 0)
		p->noeof = true;
	else if (strcmp(verb, "close") == 0)
		pdf_script_close(p);
	else if (strcmp(verb, "startxref") == 0) {
		p->startxref = pdf_script_number(&rest);
		p->has_startxref = p->touched = true;
	} else
		return false;
	return true;
}

static bool run_octets(struct pdf_script *p, const char *verb, const char *rest)
{
	if (strcmp(verb, "append") == 0)
		append(p, rest);
	else if (strcmp(verb, "prepend") == 0)
		splice(p, 0, 0, pdf_script_octets(p, rest));
	else if (strcmp(verb, "over") == 0)
		over(p, true, rest);
	else if (strcmp(verb, "splice") == 0)
		over(p, false, rest);
	else if (strcmp(verb, "cut") == 0)
		p->now = bytes_cut(p->now, 0, (size_t)pdf_script_number(&rest));
	else if (strcmp(verb, "paste") == 0)
		paste(p, rest);
	else if (strcmp(verb, "swap") == 0)
		swap(p, rest);
	else if (strcmp(verb, "blank") == 0)
		blank(p, rest);
	else if (strcmp(verb, "pad") == 0)
		pad(p, rest);
	else if (strcmp(verb, "mark") == 0) {
		pdf_script_close(p);
		p->mark = p->now.n;
	} else
		return false;
	return true;
}

void pdf_script_run(struct pdf_script *p, const char *line)
{
	const char *rest = pdf_script_expand(p, line);
	const char *verb = pdf_script_word(p, &rest);
	if (!run_object(p, verb, rest) && !run_section(p, verb, rest) && !run_octets(p, verb, rest))
		pdf_script_check(false, "a verb", line);
}

struct bytes pdf_script_done(struct pdf_script *p)
{
	pdf_script_close(p);
	return p->now;
}
