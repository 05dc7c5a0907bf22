#include "service/log/audit_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/scope.h"
#include "service/log/audit_timestamp.h"
#include "service/log/merkle_paths.h"
#include "service/output_file.h"

#define SCRATCH_LINES 256
#define FLUSH_OCTETS ((size_t)1 << 20)

struct work {
	struct scope *s;
	struct scope *scratch; /* for some lines */
	uint64_t n_lines;
	const struct audit_verdict *v;
	const struct audit_export_request *request;
	struct bytes needle; /* "partner":"...", as it stands in a record */
	uint64_t *leaf;      /* of the partner's records: number less 1 */
	size_t n, room, n_covered;
	const char *token; /* base64; NULL: no timestamp */
	struct merkle_paths *paths;
	size_t at;      /* written so far */
	struct buf out; /* to be written next */
	struct output_file *file;
	uint64_t written;
};

/* -- reading what was verified -- */

static enum err changed(struct work *w)
{
	return scope_fault(w->s, ERR_FORMAT, "%s: the log changed while it was read", w->v->folder);
}

static enum err next_line(
    struct work *w, struct audit_reader *r, bool *ret_more, struct audit_line *ret_line)
{
	if (w->n_lines++ % SCRATCH_LINES == 0) {
		scope_free(w->scratch);
		w->scratch = scope_new(0);
		if (!w->scratch)
			return scope_fault(w->s, ERR_NOMEM, "audit log: out of memory");
	}
	return audit_reader_next(w->s, r, ret_more, ret_line);
}

/* Calls for every record up to the last one verified, with its number less 1. */
static enum err each_line(
    struct work *w, enum err (*look)(struct work *w, uint64_t leaf, struct bytes line))
{
	struct audit_reader *r;
	struct audit_line line;
	bool more;
	TRY(audit_reader_open(w->s, &w->v->files, 0, &r));
	for (uint64_t leaf = 0; leaf < w->v->last.seq; leaf++) {
		TRY(next_line(w, r, &more, &line));
		if (!more)
			return changed(w);
		TRY(look(w, leaf, line.text));
	}
	return OK;
}

static enum err read_record(struct work *w, struct bytes line, struct audit_record *ret_record)
{
	enum err e = audit_record_parse(w->scratch, line, ret_record);
	return e == OK ? OK : e == ERR_NOMEM ? e : changed(w);
}

static bool is_wanted(const struct audit_export_request *q, const struct audit_record *r)
{
	return r->partner && !strcmp(r->partner, q->partner) &&
	       !(instant_is_known(q->from) && r->ms < q->from.unix_s * 1000) &&
	       !(instant_is_known(q->to) && r->ms >= q->to.unix_s * 1000);
}

/* -- which records, and their paths -- */

static enum err add_leaf(struct work *w, uint64_t leaf)
{
	if (w->n == LIMIT_AUDIT_EXPORT)
		return scope_fault(w->s, ERR_LIMIT,
		    "partner %s: more than %d records; ask for less with --from and --to",
		    w->request->partner, LIMIT_AUDIT_EXPORT);
	if (w->n == w->room) {
		const size_t room = w->room ? 2 * w->room : 256;
		uint64_t *list =
		    scope_resize(w->s, w->leaf, w->room * sizeof(*list), room * sizeof(*list));
		if (!list)
			return ERR_NOMEM;
		w->leaf = list;
		w->room = room;
	}
	w->leaf[w->n++] = leaf;
	if (leaf < w->v->newest.size)
		w->n_covered = w->n;
	return OK;
}

static enum err select_line(struct work *w, uint64_t leaf, struct bytes line)
{
	struct audit_record r;
	const bool is_stamp = leaf + 1 == w->v->newest.record;
	if (!is_stamp && bytes_find(line, w->needle, 0) == BYTES_NOT_FOUND)
		return OK;
	TRY(read_record(w, line, &r));
	if (is_stamp) {
		const char *token = audit_record_detail(&r, "token");
		char *copy;
		if (!token)
			return changed(w);
		TRY(bytes_to_str(w->s, bytes_of_str(token), &copy));
		w->token = copy;
	}
	return is_wanted(w->request, &r) ? add_leaf(w, leaf) : OK;
}

static enum err grow_line(struct work *w, uint64_t leaf, struct bytes line)
{
	struct audit_frame frame;
	if (leaf >= w->v->newest.size)
		return OK;
	if (audit_record_frame(w->scratch, line, &frame) != OK)
		return changed(w);
	return merkle_paths_add(w->s, w->paths, bytes_of(frame.hash, AUDIT_RECORD_HASH));
}

/* -- writing -- */

static enum err flush(struct work *w, size_t keep_below)
{
	TRY(w->out.failed);
	if (w->out.n <= keep_below)
		return OK;
	TRY(output_file_write(w->s, w->file, w->at, buf_bytes(&w->out)));
	w->at += w->out.n;
	w->out.n = 0;
	return OK;
}

static void write_number(struct json *j, const char *key, uint64_t number)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, number);
	json_string(j, key, text);
}

static enum err write_start(struct work *w)
{
	struct json j = json_new(&w->out, true);
	struct merkle_hash root;
	json_begin_object(&j, NULL);
	json_int(&j, "bulla", 1);
	json_string(&j, "kind", "audit-export");
	json_string(&j, "partner", w->request->partner);
	json_instant(&j, "from", w->request->from);
	json_instant(&j, "to", w->request->to);
	if (w->token) {
		TRY(merkle_paths_root(w->s, w->paths, &root));
		json_begin_object(&j, "timestamp");
		write_number(&j, "record", w->v->newest.record);
		write_number(&j, "size", w->v->newest.size);
		json_bytes_hex(&j, "root", bytes_of(root.octet, MERKLE_HASH));
		json_string(&j, "token", w->token);
		json_end_object(&j);
	} else {
		json_string(&j, "timestamp", NULL);
	}
	buf_add_str(&w->out, ",\"records\":[\n");
	return w->out.failed;
}

static enum err write_path(struct work *w, struct json *j, uint64_t leaf)
{
	struct merkle_hash path[MERKLE_LEVELS];
	size_t n;
	if (leaf >= w->v->newest.size) {
		json_string(j, "path", NULL);
		return OK;
	}
	TRY(merkle_paths_get(w->s, w->paths, leaf, path, &n));
	json_begin_array(j, "path");
	for (size_t i = 0; i < n; i++)
		json_bytes_hex(j, NULL, bytes_of(path[i].octet, MERKLE_HASH));
	json_end_array(j);
	return OK;
}

static enum err write_line(struct work *w, uint64_t leaf, struct bytes line)
{
	struct json j = json_new(&w->out, true);
	struct audit_record r;
	char *text;
	if (w->written == w->n || w->leaf[w->written] != leaf)
		return OK;
	TRY(read_record(w, line, &r));
	if (!is_wanted(w->request, &r))
		return changed(w);
	TRY(bytes_to_str(w->scratch, line, &text));
	json_begin_object(&j, NULL);
	json_string(&j, "line", text);
	TRY(write_path(w, &j, leaf));
	json_end_object(&j);
	buf_add_str(&w->out, ++w->written < w->n ? ",\n" : "\n");
	return flush(w, FLUSH_OCTETS);
}

static enum err make_needle(struct work *w)
{
	struct buf b = buf_new(w->s, LIMIT_AUDIT_LINE);
	struct json j = json_new(&b, true);
	struct bytes text;
	json_begin_object(&j, NULL);
	json_string(&j, "partner", w->request->partner);
	json_end_object(&j);
	TRY(buf_done(&b, &text));
	w->needle = bytes_cut(text, 1, text.n - 2);
	return OK;
}

static enum err run(struct work *w)
{
	TRY(make_needle(w));
	TRY(each_line(w, select_line));
	TRY(merkle_paths_new(w->s, w->leaf, w->n_covered, w->v->newest.size, &w->paths));
	if (w->v->newest.size)
		TRY(each_line(w, grow_line));
	TRY(write_start(w));
	TRY(each_line(w, write_line));
	if (w->written != w->n)
		return changed(w);
	buf_add_str(&w->out, "]}\n");
	return flush(w, 0);
}

enum err audit_export_write(struct scope *s, const struct audit_verdict *v,
    const struct audit_export_request *request, struct output_file *out, uint64_t *ret_n)
{
	struct work w = { .s = s, .v = v, .request = request, .file = out };
	w.out = buf_new(s, FLUSH_OCTETS + 4 * LIMIT_AUDIT_LINE);
	enum err e = run(&w);
	scope_free(w.scratch);
	TRY(e);
	*ret_n = w.n;
	return OK;
}
