#include "service/log/audit_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "formats/json_tree.h"
#include "service/log/audit_text.h"

#define SESSION_DIGITS 16
#define TIME_TEXT 25 /* "2026-11-22T10:00:00.123Z" */

static const char *const kinds[AUDIT_KINDS] = {
#define KIND(constant, word, what) [AUDIT_##constant] = word,
#include "service/log/audit_kinds.def"
#undef KIND
};

const char *audit_record_kind_name(enum audit_kind kind)
{
	return kinds[kind];
}

/* -- writing -- */

static void write_time(int64_t ms, char ret_text[INSTANT_TEXT + 4])
{
	struct instant t = { ms / 1000 - (ms % 1000 < 0) };
	char text[INSTANT_TEXT];
	instant_to_rfc3339(t, text);
	snprintf(ret_text, INSTANT_TEXT + 4, "%.19s.%03dZ", text, (int)(ms - t.unix_s * 1000));
}

/* From "kind" to "detail" out of texts as they are. */
static enum err write_body(struct scope *s, const char *kind, const struct audit_record *r,
    size_t cap, struct bytes *ret_body)
{
	struct buf b = buf_new(s, cap);
	struct json j = json_new(&b, true);
	struct bytes body;
	json_begin_object(&j, NULL);
	json_string(&j, "kind", kind);
	json_begin_object(&j, "source");
	json_string(&j, "address", r->address);
	json_string(&j, "session", r->session);
	json_end_object(&j);
	json_string(&j, "actor", r->actor);
	json_string(&j, "partner", r->partner);
	json_string(&j, "object", r->object);
	json_begin_object(&j, "detail");
	for (size_t i = 0; i < r->n_details; i++)
		json_string(&j, r->detail[i].name, r->detail[i].text);
	json_end_object(&j);
	json_end_object(&j);
	TRY(buf_done(&b, &body));
	*ret_body = bytes_cut(body, 1, body.n - 2);
	return OK;
}

static enum err clean_details(
    struct scope *s, const struct audit_entry *entry, struct audit_record *r)
{
	while (r->n_details < LIMIT_AUDIT_DETAILS && entry->detail[r->n_details].name) {
		struct audit_detail d = entry->detail[r->n_details];
		if (!d.is_data)
			TRY(audit_text_clean(s, d.text, LIMIT_AUDIT_TEXT, &d.text));
		r->detail[r->n_details++] = d;
	}
	return OK;
}

enum err audit_record_body(struct scope *s, const struct audit_entry *entry, struct bytes *ret_body)
{
	struct audit_record *r = scope_alloc(s, sizeof(*r));
	char session[SESSION_DIGITS + 1];
	if (!r)
		return ERR_NOMEM;
	TRY(audit_text_clean(s, entry->address, LIMIT_AUDIT_NAME, &r->address));
	if (entry->session) {
		snprintf(session, sizeof(session), "%s", entry->session);
		TRY(audit_text_clean(s, session, LIMIT_AUDIT_NAME, &r->session));
	}
	TRY(audit_text_clean(
	    s, entry->actor ? entry->actor : "system", LIMIT_AUDIT_NAME, &r->actor));
	TRY(audit_text_clean(s, entry->partner, LIMIT_AUDIT_NAME, &r->partner));
	TRY(audit_text_clean(s, entry->object, LIMIT_AUDIT_NAME, &r->object));
	TRY(clean_details(s, entry, r));
	return write_body(
	    s, audit_record_kind_name(entry->kind), r, LIMIT_AUDIT_LINE - 512, ret_body);
}

static void add_hex(struct buf *b, const char *before, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	buf_add_str(b, before);
	for (size_t i = 0; i < n; i++) {
		buf_add_byte(b, (uint8_t)digits[p[i] >> 4]);
		buf_add_byte(b, (uint8_t)digits[p[i] & 15]);
	}
}

static enum err write_until_hash(struct buf *out, uint64_t seq, int64_t ms, struct bytes body,
    const uint8_t *salt, const uint8_t *previous)
{
	char time[INSTANT_TEXT + 4];
	write_time(ms, time);
	buf_addf(out, "{\"seq\":%" PRIu64 ",\"time\":\"%s\",", seq, time);
	buf_add(out, body);
	add_hex(out, ",\"salt\":\"", salt, AUDIT_RECORD_SALT);
	add_hex(out, "\",\"previous\":\"", previous, AUDIT_RECORD_HASH);
	buf_add_byte(out, '"');
	return out->failed;
}

enum err audit_record_write(struct scope *s, struct buf *out, uint64_t seq, int64_t ms,
    struct bytes body, const uint8_t salt[AUDIT_RECORD_SALT],
    const uint8_t previous[AUDIT_RECORD_HASH], uint8_t ret_hash[AUDIT_RECORD_HASH])
{
	struct digest hash;
	const size_t start = out->n;
	TRY(write_until_hash(out, seq, ms, body, salt, previous));
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_from(buf_bytes(out), start), &hash));
	add_hex(out, ",\"hash\":\"", hash.value, AUDIT_RECORD_HASH);
	buf_add_str(out, "\"}\n");
	TRY(out->failed);
	if (out->n - start > LIMIT_AUDIT_LINE) {
		out->n = start;
		return scope_fault(s, ERR_LIMIT, "record: larger than %d octets", LIMIT_AUDIT_LINE);
	}
	memcpy(ret_hash, hash.value, AUDIT_RECORD_HASH);
	return OK;
}

/* -- reading -- */

static enum err bad(struct scope *s, const char *what)
{
	return scope_fault(s, ERR_FORMAT, "%s", what);
}

static bool take(struct bytes *line, struct bytes literal)
{
	if (!bytes_has_prefix(*line, literal))
		return false;
	*line = bytes_from(*line, literal.n);
	return true;
}

/* Lower case only: a record has one form. */
static bool take_hex(struct bytes *line, size_t n, uint8_t *ret_octets)
{
	static const char digits[] = "0123456789abcdef";
	if (line->n < 2 * n)
		return false;
	for (size_t i = 0; i < 2 * n; i++) {
		const char *d = line->p[i] ? strchr(digits, line->p[i]) : NULL;
		if (!d)
			return false;
		ret_octets[i / 2] = (uint8_t)(ret_octets[i / 2] << 4 | (d - digits));
	}
	*line = bytes_from(*line, 2 * n);
	return true;
}

static bool take_number(struct bytes *line, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t n = 0;
	for (; n < line->n && line->p[n] >= '0' && line->p[n] <= '9'; n++)
		number = number * 10 + (line->p[n] - '0');
	if (n == 0 || n > 18 || line->p[0] == '0')
		return false;
	*line = bytes_from(*line, n);
	*ret_number = number;
	return true;
}

/* Where the part begins that has a fixed length: `,"salt":...`. */
#define TAIL                                                                                       \
	(sizeof(",\"salt\":\"\",\"previous\":\"\",\"hash\":\"\"}") - 1 + 2 * AUDIT_RECORD_SALT +   \
	    4 * AUDIT_RECORD_HASH)
#define HASH_TAIL (sizeof(",\"hash\":\"\"}") - 1 + 2 * AUDIT_RECORD_HASH)

static bool read_tail(struct bytes tail, uint8_t *ret_salt, struct audit_frame *ret_frame)
{
	return take(&tail, BYTES_LIT(",\"salt\":\"")) &&
	       take_hex(&tail, AUDIT_RECORD_SALT, ret_salt) &&
	       take(&tail, BYTES_LIT("\",\"previous\":\"")) &&
	       take_hex(&tail, AUDIT_RECORD_HASH, ret_frame->previous) &&
	       take(&tail, BYTES_LIT("\",\"hash\":\"")) &&
	       take_hex(&tail, AUDIT_RECORD_HASH, ret_frame->hash) &&
	       bytes_equal(tail, BYTES_LIT("\"}"));
}

static enum err read_frame(
    struct scope *s, struct bytes line, uint8_t *ret_salt, struct audit_frame *ret_frame)
{
	struct digest hash;
	struct audit_frame frame = { 0 };
	struct bytes head = line;
	if (line.n < TAIL || line.n >= LIMIT_AUDIT_LINE || !take(&head, BYTES_LIT("{\"seq\":")) ||
	    !take_number(&head, &frame.seq) || !take(&head, BYTES_LIT(",\"time\":\"")) ||
	    !read_tail(bytes_from(line, line.n - TAIL), ret_salt, &frame))
		return bad(s, "is no record");
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_cut(line, 0, line.n - HASH_TAIL), &hash));
	if (memcmp(hash.value, frame.hash, AUDIT_RECORD_HASH))
		return bad(s, "its hash is not that of its octets");
	*ret_frame = frame;
	return OK;
}

enum err audit_record_frame(struct scope *s, struct bytes line, struct audit_frame *ret_frame)
{
	uint8_t salt[AUDIT_RECORD_SALT];
	return read_frame(s, line, salt, ret_frame);
}

static const char *text_of(const struct json_tree *object, const char *key)
{
	const struct json_tree *t =
	    object && object->kind == JSON_TREE_OBJECT ? json_tree_find(object, key) : NULL;
	return t && t->kind == JSON_TREE_TEXT ? t->text : NULL;
}

static enum err read_details(
    struct scope *s, const struct json_tree *detail, struct audit_record *r)
{
	if (!detail || detail->kind != JSON_TREE_OBJECT || detail->n > LIMIT_AUDIT_DETAILS)
		return bad(s, "its detail is none");
	for (size_t i = 0; i < detail->n; i++)
		r->detail[r->n_details++] = (struct audit_detail){
			.name = detail->item[i].key,
			.text = detail->item[i].text,
			.is_data = true,
		};
	return OK;
}

static enum err read_time(struct scope *s, const char *text, int64_t *ret_ms)
{
	struct instant t;
	if (!text || strlen(text) != TIME_TEXT - 1 || !instant_of_rfc3339(bytes_of_str(text), &t))
		return bad(s, "its time is none");
	*ret_ms = t.unix_s * 1000 + (text[20] - '0') * 100 + (text[21] - '0') * 10 + text[22] - '0';
	return OK;
}

/* Kinds are words of ours; what a later version adds looks alike. */
static bool is_kind(const char *kind)
{
	return kind && *kind >= 'a' && *kind <= 'z' &&
	       strspn(kind, "abcdefghijklmnopqrstuvwxyz.-") == strlen(kind);
}

static enum err check_form(struct scope *s, struct bytes line, const struct audit_record *r)
{
	struct buf again = buf_new(s, LIMIT_AUDIT_LINE);
	struct bytes body;
	TRY(write_body(s, r->kind, r, LIMIT_AUDIT_LINE, &body));
	TRY(write_until_hash(&again, r->seq, r->ms, body, r->salt, r->previous));
	if (bytes_equal(buf_bytes(&again), bytes_cut(line, 0, line.n - HASH_TAIL)))
		return OK;
	return bad(s, "is not written as records are");
}

enum err audit_record_parse(struct scope *s, struct bytes line, struct audit_record *ret_record)
{
	struct audit_record *r = scope_alloc(s, sizeof(*r));
	struct audit_frame frame;
	const struct json_tree *t;
	if (!r)
		return ERR_NOMEM;
	TRY(read_frame(s, line, r->salt, &frame));
	TRY(json_tree_parse(s, line, &t));
	r->seq = frame.seq;
	memcpy(r->previous, frame.previous, AUDIT_RECORD_HASH);
	memcpy(r->hash, frame.hash, AUDIT_RECORD_HASH);
	const struct json_tree *source = json_tree_find(t, "source");
	r->address = text_of(source, "address");
	r->session = text_of(source, "session");
	r->kind = text_of(t, "kind");
	r->actor = text_of(t, "actor");
	r->partner = text_of(t, "partner");
	r->object = text_of(t, "object");
	if (!is_kind(r->kind))
		return bad(s, "its kind is none");
	TRY(read_time(s, text_of(t, "time"), &r->ms));
	TRY(read_details(s, json_tree_find(t, "detail"), r));
	TRY(check_form(s, line, r));
	*ret_record = *r;
	return OK;
}

const char *audit_record_detail(const struct audit_record *r, const char *name)
{
	for (size_t i = 0; i < r->n_details; i++)
		if (!strcmp(r->detail[i].name, name))
			return r->detail[i].text;
	return NULL;
}
