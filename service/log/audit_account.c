#include "service/log/audit_account.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/scope.h"

#define ACCOUNT_OCTETS ((size_t)1 << 20)

static struct instant instant_of_ms(int64_t ms)
{
	return (struct instant){ ms / 1000 };
}

/* -- of a log, for a person -- */

static void add_covered(struct buf *b, const struct audit_verdict *v)
{
	char at[INSTANT_TEXT];
	if (!v->newest.record) {
		buf_add_str(
		    b, "  timestamps   none: nothing proves since when these records exist\n");
		return;
	}
	instant_to_rfc3339(v->newest.time, at);
	buf_addf(b,
	    "  timestamps   %" PRIu64 ", the newest at %s over records 1 to %" PRIu64
	    " (record %" PRIu64 ")\n",
	    v->n_timestamps, at, v->newest.size, v->newest.record);
	buf_addf(b, "  by           %.1000s%s\n", v->newest.authority,
	    v->is_trusted ? ", a chain to an anchor for each"
			  : "; whether to trust it was not asked (--trust)");
}

static void add_uncovered(struct buf *b, const struct audit_verdict *v)
{
	const uint64_t first = v->newest.size + 1;
	if (first > v->last.seq)
		return;
	buf_addf(b, "  not covered  ");
	if (first == v->last.seq)
		buf_addf(b, "record %" PRIu64, first);
	else
		buf_addf(b, "records %" PRIu64 " to %" PRIu64, first, v->last.seq);
	if (first == v->last.seq && first == v->newest.record)
		buf_add_str(b, ", the timestamp's own");
	buf_add_str(b, " by a timestamp\n");
}

static void add_outcome(struct buf *b, const struct audit_verdict *v)
{
	const struct audit_fault *f = &v->fault;
	buf_add_str(b, v->folder);
	if (f->kind == AUDIT_FAULT_NONE) {
		buf_add_str(b, ": WHOLE\n");
		return;
	}
	buf_addf(b, ": NOT WHOLE, %s: %s", audit_fault_name(f->kind), f->text);
	if (f->file)
		buf_addf(b, " (%s, line %" PRIu64 ")", f->file, f->line);
	buf_add_byte(b, '\n');
}

static void add_records(struct buf *b, const struct audit_verdict *v)
{
	char first[INSTANT_TEXT], last[INSTANT_TEXT];
	if (!v->last.seq) {
		buf_add_str(b, "  good         no record\n");
		return;
	}
	instant_to_rfc3339(instant_of_ms(v->first_ms), first);
	instant_to_rfc3339(instant_of_ms(v->last_ms), last);
	buf_addf(b, "  good         records 1 to %" PRIu64 ", from %s to %s, in %zu file%s\n",
	    v->last.seq, first, last, v->files.n, v->files.n == 1 ? "" : "s");
}

static void add_hex(struct buf *b, const char *name, const uint8_t *octets, size_t n)
{
	buf_add_str(b, name);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%02x", octets[i]);
	buf_add_byte(b, '\n');
}

static enum err log_text(struct scope *s, const struct audit_verdict *v, struct bytes *ret_text)
{
	struct buf b = buf_new(s, ACCOUNT_OCTETS);
	add_outcome(&b, v);
	add_records(&b, v);
	if (v->last.seq) {
		add_hex(&b, "  last hash    ", v->last.hash, AUDIT_RECORD_HASH);
		add_hex(&b, "  root         ", v->root.octet, MERKLE_HASH);
	}
	add_covered(&b, v);
	add_uncovered(&b, v);
	if (v->is_in_use)
		buf_add_str(&b, "  note         a service writes to it; what came after the start "
				"of this was left out\n");
	for (size_t i = 0; i < v->n_warnings && i < AUDIT_VERIFY_WARNINGS; i++)
		buf_addf(&b, "  strange      %s\n", v->warning[i]);
	if (v->n_warnings > AUDIT_VERIFY_WARNINGS)
		buf_addf(
		    &b, "  strange      and %zu more\n", v->n_warnings - AUDIT_VERIFY_WARNINGS);
	return buf_done(&b, ret_text);
}

/* -- of a log, for a program -- */

static void put_number(struct json *j, const char *key, uint64_t number)
{
	json_int(j, key, (int64_t)number);
}

static void put_fault(struct json *j, const struct audit_fault *f)
{
	if (f->kind == AUDIT_FAULT_NONE) {
		json_string(j, "fault", NULL);
		return;
	}
	json_begin_object(j, "fault");
	json_string(j, "kind", audit_fault_name(f->kind));
	put_number(j, "record", f->record);
	json_string(j, "file", f->file);
	put_number(j, "line", f->line);
	json_string(j, "text", f->text);
	json_end_object(j);
}

static void put_timestamps(struct json *j, const struct audit_verdict *v)
{
	json_begin_object(j, "timestamps");
	put_number(j, "count", v->n_timestamps);
	json_bool(j, "trusted", v->is_trusted);
	if (v->newest.record) {
		json_begin_object(j, "newest");
		put_number(j, "record", v->newest.record);
		put_number(j, "size", v->newest.size);
		json_instant(j, "time", v->newest.time);
		json_string(j, "authority", v->newest.authority);
		json_end_object(j);
	} else {
		json_string(j, "newest", NULL);
	}
	put_number(j, "uncovered", v->last.seq - v->newest.size);
	json_end_object(j);
}

static enum err log_json(struct scope *s, const struct audit_verdict *v, struct bytes *ret_text)
{
	struct buf b = buf_new(s, ACCOUNT_OCTETS);
	struct json j = json_new(&b, false);
	json_begin_object(&j, NULL);
	json_int(&j, "bulla", 1);
	json_string(&j, "log", v->folder);
	json_bool(&j, "whole", v->fault.kind == AUDIT_FAULT_NONE);
	put_fault(&j, &v->fault);
	put_number(&j, "records", v->last.seq);
	put_number(&j, "files", v->files.n);
	json_instant(&j, "first", v->last.seq ? instant_of_ms(v->first_ms) : INSTANT_NONE);
	json_instant(&j, "last", v->last.seq ? instant_of_ms(v->last_ms) : INSTANT_NONE);
	json_bytes_hex(&j, "hash", bytes_of(v->last.hash, AUDIT_RECORD_HASH));
	json_bytes_hex(&j, "root", bytes_of(v->root.octet, MERKLE_HASH));
	put_number(&j, "head", v->head);
	put_timestamps(&j, v);
	json_bool(&j, "inUse", v->is_in_use);
	json_begin_array(&j, "warnings");
	for (size_t i = 0; i < v->n_warnings && i < AUDIT_VERIFY_WARNINGS; i++)
		json_string(&j, NULL, v->warning[i]);
	json_end_array(&j);
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}

enum err audit_account_of_log(
    struct scope *s, const struct audit_verdict *v, bool as_json, struct bytes *ret_text)
{
	return as_json ? log_json(s, v, ret_text) : log_text(s, v, ret_text);
}

/* -- of an export -- */

static enum err export_text(
    struct scope *s, const char *name, const struct audit_export_verdict *v, struct bytes *ret_text)
{
	struct buf b = buf_new(s, ACCOUNT_OCTETS);
	char at[INSTANT_TEXT];
	buf_add_str(&b, name);
	if (v->fault)
		buf_addf(&b, ": NOT GOOD: line %" PRIu64 ": %.1000s\n", v->line, v->fault);
	else
		buf_add_str(&b, ": GOOD\n");
	buf_addf(&b, "  partner      %.1000s\n", v->partner);
	buf_addf(&b, "  records      %" PRIu64 ", %" PRIu64 " of them proven by the timestamp\n",
	    v->n_records, v->n_covered);
	if (v->timestamp.size) {
		instant_to_rfc3339(v->timestamp.time, at);
		buf_addf(
		    &b, "  timestamp    %s over records 1 to %" PRIu64 "\n", at, v->timestamp.size);
		buf_addf(&b, "  by           %.1000s%s\n", v->timestamp.authority,
		    v->timestamp.is_trusted ? ", a chain to an anchor"
					    : "; whether to trust it was not asked (--trust)");
	} else {
		buf_add_str(&b, "  timestamp    none\n");
	}
	return buf_done(&b, ret_text);
}

static enum err export_json(
    struct scope *s, const char *name, const struct audit_export_verdict *v, struct bytes *ret_text)
{
	struct buf b = buf_new(s, ACCOUNT_OCTETS);
	struct json j = json_new(&b, false);
	json_begin_object(&j, NULL);
	json_int(&j, "bulla", 1);
	json_string(&j, "export", name);
	json_bool(&j, "good", !v->fault);
	if (v->fault) {
		json_begin_object(&j, "fault");
		put_number(&j, "line", v->line);
		json_string(&j, "text", v->fault);
		json_end_object(&j);
	} else {
		json_string(&j, "fault", NULL);
	}
	json_string(&j, "partner", v->partner);
	json_instant(&j, "from", v->from);
	json_instant(&j, "to", v->to);
	put_number(&j, "records", v->n_records);
	put_number(&j, "covered", v->n_covered);
	if (v->timestamp.size) {
		json_begin_object(&j, "timestamp");
		put_number(&j, "size", v->timestamp.size);
		json_instant(&j, "time", v->timestamp.time);
		json_string(&j, "authority", v->timestamp.authority);
		json_bool(&j, "trusted", v->timestamp.is_trusted);
		json_end_object(&j);
	} else {
		json_string(&j, "timestamp", NULL);
	}
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}

enum err audit_account_of_export(struct scope *s, const char *name,
    const struct audit_export_verdict *v, bool as_json, struct bytes *ret_text)
{
	return as_json ? export_json(s, name, v, ret_text) : export_text(s, name, v, ret_text);
}
