#include "service/front/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"
#include "service/front/media_type.h"

enum state {
	STATE_FIRST,   /* the first boundary, which has no end of line before it */
	STATE_BEHIND,  /* behind a boundary: CR LF, or "--" */
	STATE_HEAD,    /* headers of a part */
	STATE_CONTENT, /* of a part, up to a boundary */
	STATE_AFTER,   /* behind the last boundary: at most one CR LF */
};

#define DELIMITER_MAX (4 + LIMIT_HTTP_BOUNDARY) /* CR LF "--" boundary */

struct multipart {
	struct multipart_sink sink;
	enum state state;
	uint8_t delimiter[DELIMITER_MAX];
	size_t n_delimiter;
	size_t matched; /* octets of the delimiter that the last pieces ended with */
	uint8_t behind[2];
	size_t n_behind;
	uint8_t head[LIMIT_HTTP_PART_HEAD];
	size_t n_head;
	size_t n_parts, most;
};

/* bcharsnospace of RFC 2046 5.1.1; a blank inside is allowed too. */
static bool is_boundary(const char *text)
{
	size_t n = text ? strlen(text) : 0;
	if (n < 1 || n > LIMIT_HTTP_BOUNDARY || text[n - 1] == ' ')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!is_letter && !(c >= '0' && c <= '9') && !strchr("'()+_,-./:=? ", c))
			return false;
	}
	return true;
}

enum err multipart_new(struct scope *s, const char *content_type, size_t most,
    const struct multipart_sink *sink, struct multipart **ret_multipart)
{
	struct media_type t;
	TRY(media_type_parse(s, bytes_of_str(content_type), &t));
	const char *boundary = media_type_parameter(&t, "boundary");
	if (strcmp(t.name, "multipart/form-data"))
		return scope_fault(s, ERR_UNSUPPORTED, "body: not multipart/form-data");
	if (!is_boundary(boundary))
		return scope_fault(s, ERR_FORMAT, "body: no boundary (RFC 2046 5.1.1)");
	struct multipart *m = scope_alloc(s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary, strlen(boundary));
	m->n_delimiter = 4 + strlen(boundary);
	m->matched = 2; /* the first one as though an end of line stood before it */
	m->sink = *sink;
	m->most = most;
	*ret_multipart = m;
	return OK;
}

/* -- heads -- */

/* Turns what a client calls a file into a bare name; in place. */
static void clean_file_name(char *name)
{
	char *bare = name;
	for (char *c = name; *c; c++)
		if (*c == '/' || *c == '\\')
			bare = c + 1;
	memmove(name, bare, strlen(bare) + 1);
	for (size_t at = 0, n; name[at]; at += n) {
		struct bytes rest = bytes_of_str(name + at);
		n = form_character(rest);
		if (n && form_is_text(bytes_cut(rest, 0, n), false))
			continue;
		memset(name + at, '_', n ? n : 1);
		n = n ? n : 1;
	}
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		memset(name, '_', strlen(name));
}

static enum err take_disposition(struct scope *s, struct bytes value, struct multipart_part *part)
{
	struct media_type t;
	if (part->name)
		return scope_fault(s, ERR_FORMAT, "part: Content-Disposition stands there twice");
	TRY(media_type_parse(s, value, &t));
	const char *name = media_type_parameter(&t, "name");
	const char *file_name = media_type_parameter(&t, "filename");
	if (strcmp(t.name, "form-data") || !name || !*name)
		return scope_fault(s, ERR_FORMAT, "part: not form-data with a name (RFC 7578 4.2)");
	if (media_type_parameter(&t, "filename*") || media_type_parameter(&t, "name*"))
		return scope_fault(s, ERR_FORMAT, "part: filename* is not used (RFC 7578 4.2)");
	if (!form_is_text(bytes_of_str(name), false))
		return scope_fault(s, ERR_FORMAT, "part: its name is not UTF-8");
	if (strlen(name) > LIMIT_HTTP_NAME || (file_name && strlen(file_name) > LIMIT_HTTP_NAME))
		return scope_fault(s, ERR_LIMIT, "part: a name is too long");
	part->name = name;
	if (file_name && *file_name) {
		char *bare;
		TRY(bytes_to_str(s, bytes_of_str(file_name), &bare));
		clean_file_name(bare);
		part->file_name = *bare ? bare : "_";
	}
	return OK;
}

static enum err take_type(struct scope *s, struct bytes value, struct multipart_part *part)
{
	struct media_type t;
	char *text;
	if (*part->content_type)
		return scope_fault(s, ERR_FORMAT, "part: Content-Type stands there twice");
	TRY(media_type_parse(s, value, &t));
	if (!strncmp(t.name, "multipart/", 10))
		return scope_fault(s, ERR_FORMAT, "part: no parts inside of parts (RFC 7578 4.3)");
	TRY(bytes_to_str(s, value, &text));
	part->content_type = text;
	return OK;
}

static enum err take_encoding(struct scope *s, struct bytes value)
{
	struct media_type t;
	TRY(media_type_parse(s, value, &t));
	if (strcmp(t.name, "binary") && strcmp(t.name, "7bit") && strcmp(t.name, "8bit"))
		return scope_fault(s, ERR_FORMAT, "part: Content-Transfer-Encoding (RFC 7578 4.7)");
	return OK;
}

static bool is_name(struct bytes name, const char *of)
{
	return name.n == strlen(of) && !strncasecmp((const char *)name.p, of, name.n);
}

static enum err take_line(struct scope *s, struct bytes line, struct multipart_part *part)
{
	size_t colon = bytes_find(line, BYTES_LIT(":"), 0);
	struct bytes name = bytes_cut(line, 0, colon), value = bytes_from(line, name.n + 1);
	if (colon == BYTES_NOT_FOUND || !media_type_is_token(name))
		return scope_fault(s, ERR_FORMAT, "part: a header that is none");
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7F)
			return scope_fault(s, ERR_FORMAT, "part: a control character in a header");
	while (value.n && (value.p[0] == ' ' || value.p[0] == '\t'))
		value = bytes_from(value, 1);
	if (is_name(name, "Content-Disposition"))
		return take_disposition(s, value, part);
	if (is_name(name, "Content-Type"))
		return take_type(s, value, part);
	if (is_name(name, "Content-Transfer-Encoding"))
		return take_encoding(s, value);
	return OK; /* others are ignored (RFC 7578 4.8) */
}

static enum err begin_part(struct scope *s, struct multipart *m)
{
	struct multipart_part *part = scope_alloc(s, sizeof(*part));
	struct bytes head = bytes_of(m->head, m->n_head);
	if (!part)
		return ERR_NOMEM;
	part->content_type = "";
	while (head.n) {
		size_t end = bytes_find(head, BYTES_LIT("\r\n"), 0);
		TRY(take_line(s, bytes_cut(head, 0, end), part));
		head = bytes_from(head, end + 2);
	}
	if (!part->name)
		return scope_fault(s, ERR_FORMAT, "part: no Content-Disposition (RFC 7578 4.2)");
	if (++m->n_parts > m->most)
		return scope_fault(s, ERR_LIMIT, "body: more than %zu parts", m->most);
	m->n_head = 0;
	return m->sink.begin(m->sink.ctx, s, part);
}

/* The head ends with an empty line; m->head is kept without it. */
static bool is_head_end(struct multipart *m)
{
	size_t n = m->n_head;
	if (n >= 2 && m->head[n - 1] == '\n' && m->head[n - 2] == '\r' &&
	    (n == 2 || (n >= 4 && m->head[n - 3] == '\n' && m->head[n - 4] == '\r'))) {
		m->n_head -= 2;
		return true;
	}
	return false;
}

static enum err feed_head(struct scope *s, struct multipart *m, struct bytes *piece)
{
	while (piece->n) {
		if (m->n_head == sizeof(m->head))
			return scope_fault(s, ERR_LIMIT, "part: a head of more than %d octets",
			    LIMIT_HTTP_PART_HEAD);
		m->head[m->n_head++] = piece->p[0];
		*piece = bytes_from(*piece, 1);
		if (is_head_end(m)) {
			m->state = STATE_CONTENT;
			return begin_part(s, m);
		}
	}
	return OK;
}

/* -- boundaries and content -- */

static enum err hand_out(struct scope *s, struct multipart *m, struct bytes content)
{
	return content.n ? m->sink.content(m->sink.ctx, s, content) : OK;
}

static enum err at_delimiter(struct scope *s, struct multipart *m)
{
	bool is_first = m->state == STATE_FIRST;
	m->matched = 0;
	m->n_behind = 0;
	m->state = STATE_BEHIND;
	return is_first ? OK : m->sink.end(m->sink.ctx, s);
}

/* Goes on with a delimiter of which m->matched octets came before. A carriage return stands in it
 * only at its begin, so after a mismatch nothing of what was matched can begin another one. */
static enum err feed_matched(struct scope *s, struct multipart *m, struct bytes *piece)
{
	while (piece->n && m->matched < m->n_delimiter && piece->p[0] == m->delimiter[m->matched]) {
		m->matched++;
		*piece = bytes_from(*piece, 1);
	}
	if (m->matched == m->n_delimiter)
		return at_delimiter(s, m);
	if (!piece->n)
		return OK;
	if (m->state == STATE_FIRST)
		return scope_fault(s, ERR_FORMAT, "body: does not begin with its boundary");
	size_t n = m->matched;
	m->matched = 0;
	return hand_out(s, m, bytes_of(m->delimiter, n));
}

/* How many octets at the end of the piece may begin a delimiter. */
static size_t tail_of(const struct multipart *m, struct bytes piece)
{
	size_t most = piece.n < m->n_delimiter - 1 ? piece.n : m->n_delimiter - 1;
	const uint8_t *from = piece.p + piece.n - most;
	const uint8_t *cr = most ? memrchr(from, '\r', most) : NULL;
	size_t n = cr ? (size_t)(piece.p + piece.n - cr) : 0;
	return n && !memcmp(cr, m->delimiter, n) ? n : 0;
}

static enum err feed_content(struct scope *s, struct multipart *m, struct bytes *piece)
{
	struct bytes delimiter = bytes_of(m->delimiter, m->n_delimiter), all = *piece;
	if (m->matched)
		return feed_matched(s, m, piece);
	size_t at = bytes_find(all, delimiter, 0);
	if (at != BYTES_NOT_FOUND) {
		*piece = bytes_from(all, at + delimiter.n);
		TRY(hand_out(s, m, bytes_cut(all, 0, at)));
		return at_delimiter(s, m);
	}
	m->matched = tail_of(m, all);
	*piece = BYTES_NONE;
	return hand_out(s, m, bytes_cut(all, 0, all.n - m->matched));
}

static enum err feed_behind(struct scope *s, struct multipart *m, struct bytes *piece)
{
	m->behind[m->n_behind++] = piece->p[0];
	*piece = bytes_from(*piece, 1);
	if (m->n_behind < 2)
		return OK;
	if (m->behind[0] == '-' && m->behind[1] == '-') {
		m->state = STATE_AFTER;
		m->n_behind = 0;
		return OK;
	}
	if (m->behind[0] != '\r' || m->behind[1] != '\n')
		return scope_fault(s, ERR_FORMAT, "body: something behind a boundary");
	m->state = STATE_HEAD;
	m->n_head = 0;
	return OK;
}

static enum err feed_after(struct scope *s, struct multipart *m, struct bytes *piece)
{
	if (m->n_behind == 2 || piece->p[0] != (m->n_behind ? '\n' : '\r'))
		return scope_fault(s, ERR_FORMAT, "body: something behind its last boundary");
	m->n_behind++;
	*piece = bytes_from(*piece, 1);
	return OK;
}

static enum err feed_some(struct scope *s, struct multipart *m, struct bytes *piece)
{
	switch (m->state) {
	case STATE_FIRST:
		return feed_matched(s, m, piece);
	case STATE_BEHIND:
		return feed_behind(s, m, piece);
	case STATE_HEAD:
		return feed_head(s, m, piece);
	case STATE_CONTENT:
		return feed_content(s, m, piece);
	case STATE_AFTER:
		break;
	}
	return feed_after(s, m, piece);
}

enum err multipart_feed(struct scope *s, struct multipart *m, struct bytes piece)
{
	while (piece.n)
		TRY(feed_some(s, m, &piece));
	return OK;
}

enum err multipart_finish(struct scope *s, struct multipart *m)
{
	if (m->state != STATE_AFTER || m->n_behind == 1)
		return scope_fault(s, ERR_FORMAT, "body: ends before its last boundary");
	return OK;
}
