#include "service/process/message.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "formats/pdf_text.h"

#define HEAD 8 /* a field's number and length, each of four octets, the highest first */

enum {
	FIELD_CODE = 1,
	FIELD_TEXT = 2,
};

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void message_put_bytes(struct buf *b, unsigned field, struct bytes value)
{
	uint8_t head[HEAD];
	if (value.n > LIMIT_LINK_FRAME) {
		b->failed = b->failed == OK ? ERR_LIMIT : b->failed;
		return;
	}
	put_u32(head, field);
	put_u32(head + 4, (uint32_t)value.n);
	buf_add(b, bytes_of(head, sizeof(head)));
	buf_add(b, value);
}

void message_put_text(struct buf *b, unsigned field, const char *value)
{
	if (value)
		message_put_bytes(b, field, bytes_of_str(value));
}

void message_put_number(struct buf *b, unsigned field, int64_t value)
{
	uint8_t octets[8];
	put_u32(octets, (uint32_t)((uint64_t)value >> 32));
	put_u32(octets + 4, (uint32_t)(uint64_t)value);
	message_put_bytes(b, field, bytes_of(octets, sizeof(octets)));
}

/* -- reading -- */
static enum err count_fields(struct scope *s, struct bytes b, size_t *ret_n)
{
	size_t n = 0;
	for (uint32_t last = 0; b.n; n++) {
		if (b.n < HEAD || u32_at(b.p + 4) > b.n - HEAD)
			return scope_fault(s, ERR_FORMAT, "message: it ends within a field");
		if (u32_at(b.p) < last)
			return scope_fault(s, ERR_FORMAT, "message: fields out of order");
		if (n == LIMIT_MESSAGE_FIELDS)
			return scope_fault(
			    s, ERR_LIMIT, "message: more than %d fields", LIMIT_MESSAGE_FIELDS);
		last = u32_at(b.p);
		b = bytes_from(b, HEAD + u32_at(b.p + 4));
	}
	*ret_n = n;
	return OK;
}

enum err message_parse(struct scope *s, struct bytes content, struct message *ret_message)
{
	struct message m = { .s = s, .content = content };
	TRY(count_fields(s, content, &m.n));
	m.field = scope_alloc_array(s, m.n, sizeof(*m.field));
	if (!m.field)
		return ERR_NOMEM;
	for (size_t i = 0; i < m.n; i++) {
		m.field[i].number = u32_at(content.p);
		m.field[i].value = bytes_of(content.p + HEAD, u32_at(content.p + 4));
		content = bytes_from(content, HEAD + m.field[i].value.n);
	}
	*ret_message = m;
	return OK;
}

static struct message_field *find(const struct message *m, unsigned field, size_t i)
{
	for (size_t k = 0; k < m->n; k++)
		if (m->field[k].number == field && !i--)
			return &m->field[k];
	return NULL;
}

bool message_has(const struct message *m, unsigned field)
{
	return find(m, field, 0) != NULL;
}

size_t message_count(const struct message *m, unsigned field)
{
	size_t n = 0;
	for (size_t k = 0; k < m->n; k++)
		n += m->field[k].number == field;
	return n;
}

enum err message_bytes_at(
    struct message *m, unsigned field, size_t i, size_t most, struct bytes *ret_value)
{
	struct message_field *f = find(m, field, i);
	if (!f)
		return scope_fault(m->s, ERR_FORMAT, "message: field %u is missing", field);
	if (f->value.n > most)
		return scope_fault(m->s, ERR_LIMIT, "message: field %u is too long", field);
	f->asked = true;
	*ret_value = f->value;
	return OK;
}

enum err message_bytes(struct message *m, unsigned field, size_t most, struct bytes *ret_value)
{
	if (message_count(m, field) > 1)
		return scope_fault(m->s, ERR_FORMAT, "message: field %u comes twice", field);
	return message_bytes_at(m, field, 0, most, ret_value);
}

/* Whether a character that may stand in a text begins at *at, which it steps over. */
static bool is_text_at(struct bytes b, size_t *at)
{
	uint32_t c;
	if (!pdf_text_utf8_step(b, at, &c))
		return false;
	return (c >= 0x20 && (c < 0x7f || c > 0x9f)) || c == '\n' || c == '\t';
}

static bool is_text(struct bytes b)
{
	for (size_t at = 0; at < b.n;)
		if (!is_text_at(b, &at))
			return false;
	return true;
}

enum err message_text_at(
    struct message *m, unsigned field, size_t i, size_t most, const char **ret_text)
{
	struct bytes b;
	TRY(message_bytes_at(m, field, i, most, &b));
	if (!is_text(b))
		return scope_fault(m->s, ERR_FORMAT, "message: field %u is no text", field);
	char *text = scope_alloc(m->s, b.n + 1);
	if (!text)
		return ERR_NOMEM;
	memcpy(text, b.p, b.n);
	*ret_text = text;
	return OK;
}

enum err message_text(struct message *m, unsigned field, size_t most, const char **ret_text)
{
	if (message_count(m, field) > 1)
		return scope_fault(m->s, ERR_FORMAT, "message: field %u comes twice", field);
	return message_text_at(m, field, 0, most, ret_text);
}

enum err message_text_or_null(struct message *m, unsigned field, size_t most, const char **ret_text)
{
	if (message_has(m, field))
		return message_text(m, field, most, ret_text);
	*ret_text = NULL;
	return OK;
}

enum err message_number(
    struct message *m, unsigned field, int64_t least, int64_t most, int64_t *ret_number)
{
	struct bytes b;
	TRY(message_bytes(m, field, 8, &b));
	if (b.n != 8)
		return scope_fault(m->s, ERR_FORMAT, "message: field %u is no number", field);
	const int64_t v = (int64_t)((uint64_t)u32_at(b.p) << 32 | u32_at(b.p + 4));
	if (v < least || v > most)
		return scope_fault(
		    m->s, ERR_FORMAT, "message: field %u: %" PRId64 " is out of range", field, v);
	*ret_number = v;
	return OK;
}

enum err message_number_or(struct message *m, unsigned field, int64_t least, int64_t most,
    int64_t otherwise, int64_t *ret_number)
{
	if (message_has(m, field))
		return message_number(m, field, least, most, ret_number);
	*ret_number = otherwise;
	return OK;
}

enum err message_done(const struct message *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->field[i].asked)
			return scope_fault(
			    m->s, ERR_FORMAT, "message: field %u is not known", m->field[i].number);
	return OK;
}

/* -- errors over a link -- */
enum err message_send_fault(struct scope *s, struct link *l, enum err e)
{
	uint8_t room[2 * HEAD + 8 + LIMIT_FAULT_TEXT];
	const char *text = scope_fault_text(s);
	const struct bytes t = bytes_of(text, strnlen(text, LIMIT_FAULT_TEXT));
	/* Without memory of the scope: its want may be the fault. */
	memset(room, 0, sizeof(room));
	put_u32(room, FIELD_CODE);
	put_u32(room + 4, 8);
	put_u32(room + HEAD + 4, (uint32_t)e);
	put_u32(room + HEAD + 8, FIELD_TEXT);
	put_u32(room + HEAD + 12, (uint32_t)t.n);
	for (size_t at = 0, from = 0; at < t.n; from = at) {
		bool fits = is_text_at(t, &at);
		at = at > from ? at : from + 1;
		memset(room + 2 * HEAD + 8 + from, '?', at - from);
		if (fits)
			memcpy(room + 2 * HEAD + 8 + from, t.p + from, at - from);
	}
	return link_send(s, l, MESSAGE_FAULT, bytes_of(room, 2 * HEAD + 8 + t.n), NULL, 0);
}

enum err message_take_fault(struct scope *s, struct bytes content)
{
	struct message m;
	int64_t code;
	const char *text;
	TRY(message_parse(s, content, &m));
	TRY(message_number(&m, FIELD_CODE, OK + 1, ERR_INTERNAL, &code));
	TRY(message_text(&m, FIELD_TEXT, LIMIT_FAULT_TEXT, &text));
	TRY(message_done(&m));
	return scope_fault(s, (enum err)code, "%s", text);
}

enum err message_call(struct scope *s, struct link *l, uint32_t kind, struct bytes content,
    const int *fds, size_t n_fds, int timeout_ms, size_t most, uint32_t reply_kind,
    struct link_frame *ret_frame)
{
	struct link_frame f;
	TRY(link_send(s, l, kind, content, fds, n_fds));
	enum err e = link_receive(
	    s, l, timeout_ms, most > MESSAGE_FAULT_MOST ? most : MESSAGE_FAULT_MOST, LINK_FDS, &f);
	/* A reply that comes late would pass for the next one. */
	if (e != OK)
		link_break(l);
	TRY(e);
	if (f.kind == MESSAGE_FAULT)
		return message_take_fault(s, f.content);
	if (f.kind != reply_kind) {
		link_break(l);
		return scope_fault(s, ERR_FORMAT, "message: a reply of kind %" PRIu32, f.kind);
	}
	*ret_frame = f;
	return OK;
}
