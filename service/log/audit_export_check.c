/* The other half of audit_export.h: an export by itself. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/log/audit_export.h"
#include "service/log/audit_timestamp.h"

#define RECORDS BYTES_LIT(",\"records\":[")

struct check {
	struct scope *s;
	struct scope *own; /* for one line */
	const struct anchors *anchors;
	struct audit_export_verdict *v;
	struct audit_timestamp stamp;
	struct audit_record record;
	uint64_t seq; /* of the record before */
};

static const char *text_of(const struct json_tree *t)
{
	return t && t->kind == JSON_TREE_TEXT ? t->text : NULL;
}

/* A fault is told of the first line that has one. */
static enum err wrong(struct check *c, const char *why)
{
	char *copy;
	TRY(bytes_to_str(c->s, bytes_of_str(why), &copy));
	c->v->fault = copy;
	return OK;
}

/* `e`, out of the memory for one line: a verdict where the line is to blame. */
static enum err judge_error(struct check *c, enum err e)
{
	if (e == ERR_FORMAT || e == ERR_LIMIT)
		return wrong(c, scope_fault_text(c->own));
	return scope_fault(c->s, e, "%s", scope_fault_text(c->own));
}

/* -- the first line -- */

static enum err check_stamp(struct check *c, const struct json_tree *t)
{
	struct audit_timestamp_verdict verdict;
	char *name;
	if (!t || t->kind == JSON_TREE_NULL)
		return t ? OK : wrong(c, "there is no word on its timestamp");
	if (t->kind != JSON_TREE_OBJECT)
		return wrong(c, "its timestamp is none");
	enum err e = audit_timestamp_parse(c->s, text_of(json_tree_find(t, "size")),
	    text_of(json_tree_find(t, "root")), text_of(json_tree_find(t, "token")), &c->stamp);
	if (e == OK)
		e = audit_timestamp_check(c->s, &c->stamp, c->anchors, &verdict);
	if (e == ERR_NOMEM)
		return e;
	if (e != OK) {
		const char *why = scope_fault_text(c->s);
		TRY(wrong(c, why));
		scope_forgive(c->s);
		return OK;
	}
	TRY(bytes_to_str(c->s, bytes_of_str(verdict.authority), &name));
	c->v->timestamp.size = c->stamp.size;
	c->v->timestamp.time = verdict.time;
	c->v->timestamp.authority = name;
	c->v->timestamp.is_trusted = verdict.is_trusted;
	if (c->anchors && !verdict.is_trusted)
		return wrong(c,
		    "its timestamp is not to be trusted: at its time no chain leads to an anchor");
	return OK;
}

static bool read_bound(const struct json_tree *t, struct instant *ret_bound)
{
	*ret_bound = INSTANT_NONE;
	return t && (t->kind == JSON_TREE_NULL ||
			(t->kind == JSON_TREE_TEXT &&
			    instant_of_rfc3339(bytes_of_str(t->text), ret_bound)));
}

static enum err no_export(struct check *c)
{
	scope_forgive(c->s);
	return scope_fault(c->s, ERR_FORMAT, "is no export of an audit log");
}

static enum err check_start(struct check *c, struct bytes line)
{
	struct buf b = buf_new(c->s, LIMIT_JSON);
	const struct json_tree *t, *kind;
	const size_t end = line.n < RECORDS.n ? 0 : line.n - RECORDS.n;
	if (!bytes_equal(bytes_from(line, end), RECORDS))
		return no_export(c);
	buf_add(&b, bytes_cut(line, 0, end));
	buf_add_byte(&b, '}');
	enum err e = b.failed != OK ? b.failed : json_tree_parse(c->s, buf_bytes(&b), &t);
	if (e == ERR_NOMEM)
		return e;
	if (e != OK || t->kind != JSON_TREE_OBJECT || !(kind = json_tree_find(t, "kind")) ||
	    !text_of(kind) || strcmp(kind->text, "audit-export"))
		return no_export(c);
	c->v->partner = text_of(json_tree_find(t, "partner"));
	if (!c->v->partner || !read_bound(json_tree_find(t, "from"), &c->v->from) ||
	    !read_bound(json_tree_find(t, "to"), &c->v->to))
		return no_export(c);
	return check_stamp(c, json_tree_find(t, "timestamp"));
}

/* -- a record -- */

static bool read_path(const struct json_tree *t, struct merkle_hash path[MERKLE_LEVELS])
{
	if (t->n > MERKLE_LEVELS)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		const char *hex = text_of(&t->item[i]);
		if (!hex || strlen(hex) != 2 * MERKLE_HASH ||
		    strspn(hex, "0123456789abcdef") != 2 * MERKLE_HASH)
			return false;
		for (size_t k = 0; k < MERKLE_HASH; k++) {
			const char pair[] = { hex[2 * k], hex[2 * k + 1], 0 };
			path[i].octet[k] = (uint8_t)strtoul(pair, NULL, 16);
		}
	}
	return true;
}

static enum err check_path(struct check *c, const struct json_tree *t)
{
	struct merkle_hash path[MERKLE_LEVELS];
	const struct audit_record *r = &c->record;
	bool holds = false;
	if (t && t->kind == JSON_TREE_NULL)
		return r->seq > c->stamp.size
			   ? OK
			   : wrong(c, "the record has no path, though the timestamp covers it");
	if (!t || t->kind != JSON_TREE_ARRAY || !read_path(t, path))
		return wrong(c, "the record's path is none");
	TRY(merkle_path_check(c->s, bytes_of(r->hash, AUDIT_RECORD_HASH), r->seq - 1, c->stamp.size,
	    path, t->n, &c->stamp.root, &holds));
	if (!holds)
		return wrong(c, "the record's path does not lead to the timestamped root");
	c->v->n_covered++;
	return OK;
}

static enum err check_record(struct check *c, struct bytes line)
{
	const struct json_tree *t;
	const struct audit_export_verdict *v = c->v;
	struct audit_record *r = &c->record;
	enum err e = json_tree_parse(c->own, line, &t);
	const char *text = e == OK && t->kind == JSON_TREE_OBJECT && t->n == 2
			       ? text_of(json_tree_find(t, "line"))
			       : NULL;
	if (e == OK && !text)
		return wrong(c, "is no record with a path");
	if (e == OK)
		e = audit_record_parse(c->own, bytes_of_str(text), r);
	if (e != OK)
		return judge_error(c, e);
	if (!r->partner || strcmp(r->partner, v->partner))
		return wrong(c, "the record is not one of this partner's");
	if (r->seq <= c->seq)
		return wrong(c, "the record does not come after the one before it");
	if ((instant_is_known(v->from) && r->ms < v->from.unix_s * 1000) ||
	    (instant_is_known(v->to) && r->ms >= v->to.unix_s * 1000))
		return wrong(c, "the record's time is not one that was asked for");
	c->seq = r->seq;
	TRY(check_path(c, json_tree_find(t, "path")));
	c->v->n_records += !c->v->fault;
	return OK;
}

/* -- line by line -- */

static bool next_line(struct bytes *text, struct bytes *ret_line)
{
	const size_t end = bytes_find(*text, BYTES_LIT("\n"), 0);
	if (end == BYTES_NOT_FOUND)
		return false;
	*ret_line = bytes_cut(*text, 0, end);
	*text = bytes_from(*text, end + 1);
	return true;
}

static enum err check_records(struct check *c, struct bytes text)
{
	struct bytes line;
	bool wants_more = false; /* the line before ended with a comma */
	while (!c->v->fault) {
		c->v->line++;
		if (!next_line(&text, &line))
			return wrong(c, "the end is missing");
		if (bytes_equal(line, BYTES_LIT("]}")))
			return wants_more || text.n ? wrong(c, "does not end as exports do") : OK;
		if (c->v->n_records && !wants_more)
			return wrong(c, "the line before has no comma");
		wants_more = line.n && line.p[line.n - 1] == ',';
		c->own = scope_new(0);
		if (!c->own)
			return scope_fault(c->s, ERR_NOMEM, "audit export: out of memory");
		enum err e = check_record(c, bytes_cut(line, 0, line.n - wants_more));
		scope_free(c->own);
		TRY(e);
	}
	return OK;
}

enum err audit_export_check(struct scope *s, struct bytes text, const struct anchors *anchors,
    struct audit_export_verdict *ret_verdict)
{
	struct audit_export_verdict v = { .line = 1 };
	struct check c = { .s = s, .anchors = anchors, .v = &v };
	struct bytes line;
	if (!next_line(&text, &line))
		return no_export(&c);
	TRY(check_start(&c, line));
	TRY(check_records(&c, text));
	*ret_verdict = v;
	return OK;
}
