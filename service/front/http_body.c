#include "service/front/http_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/digest_stream.h"
#include "service/front/form.h"
#include "service/front/media_type.h"
#include "service/front/metrics.h"
#include "service/front/multipart.h"

/* Octets in memory of their own, one more than counted: for a NUL. */
struct memory {
	uint8_t *p;
	size_t n, room, most;
};

struct http_body {
	struct http_body_rules rules;
	const struct route *route;
	const char *id;
	uint64_t octets, most;
	struct memory memory; /* JSON, a form */
	struct multipart *multipart;
	struct http_part *part;
	struct memory *field; /* of the part of the same index */
	size_t n_parts, fields_octets;
	struct digest_stream *digest;
	int fd;          /* of the file that comes; -1 */
	size_t reserved; /* for files in memory; 0: they go to disk */
};

/* -- memory -- */

static bool reserve(const struct http_body *b, size_t n)
{
	size_t before = atomic_fetch_add(b->rules.in_memory, n);
	if (before > LIMIT_HTTP_BODIES || n > LIMIT_HTTP_BODIES - before) {
		atomic_fetch_sub(b->rules.in_memory, n);
		return false;
	}
	metrics_add(b->rules.metrics, METRIC_BODIES, (int64_t)n);
	return true;
}

static void release(const struct http_body *b, size_t n)
{
	atomic_fetch_sub(b->rules.in_memory, n);
	metrics_add(b->rules.metrics, METRIC_BODIES, -(int64_t)n);
}

static void give_back(const struct http_body *b, struct memory *m)
{
	free(m->p);
	release(b, m->room);
	*m = (struct memory){ 0 };
}

/* Room for `room` octets and a NUL. */
static enum err grow(struct scope *s, const struct http_body *b, struct memory *m, size_t room)
{
	room++;
	if (room <= m->room)
		return OK;
	if (!reserve(b, room - m->room))
		return scope_fault(s, ERR_NET, "body: no memory for it at present");
	uint8_t *p = realloc(m->p, room);
	if (!p) {
		release(b, room - m->room);
		return scope_fault(s, ERR_NET, "body: no memory for it at present");
	}
	m->p = p;
	m->room = room;
	return OK;
}

/* A secret is never moved: its memory is of full size from the start. */
static enum err begin_memory(
    struct scope *s, const struct http_body *b, struct memory *m, size_t most, uint64_t expected)
{
	size_t at_first = expected < 4096 ? (size_t)expected : 4096;
	m->most = most;
	if (b->route->secret) {
		m->most = most < LIMIT_HTTP_SECRET ? most : LIMIT_HTTP_SECRET;
		at_first = expected < m->most ? (size_t)expected : m->most;
		m->most = at_first;
	}
	TRY(grow(s, b, m, at_first));
	m->p[0] = 0;
	return OK;
}

static enum err add(
    struct scope *s, const struct http_body *b, struct memory *m, struct bytes piece)
{
	if (piece.n > m->most - m->n)
		return scope_fault(
		    s, ERR_LIMIT, "body: more than %zu octets where that is most", m->most);
	if (m->n + piece.n >= m->room) {
		size_t wanted = m->room * 2 > m->n + piece.n ? m->room * 2 : m->n + piece.n;
		TRY(grow(s, b, m, wanted < m->most ? wanted : m->most));
	}
	if (piece.n)
		memcpy(m->p + m->n, piece.p, piece.n);
	m->n += piece.n;
	m->p[m->n] = 0;
	return OK;
}

/* -- parts -- */

/* Too many descriptors are a matter of the moment. */
static enum err no_file(struct scope *s, const char *what)
{
	if (errno == EMFILE || errno == ENFILE)
		return scope_fault(s, ERR_NET, "body: too many open files");
	return scope_fault(s, ERR_IO, "%s: %s", what, strerror(errno));
}

static enum err begin_in_memory(struct scope *s, struct http_body *b)
{
	b->fd = memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return b->fd < 0 ? no_file(s, "body") : OK;
}

static enum err begin_file(struct scope *s, struct http_body *b, struct http_part *part)
{
	size_t room = strlen(b->rules.incoming) + strlen(b->id) + 16;
	char *path = scope_alloc(s, room);
	if (!path)
		return ERR_NOMEM;
	snprintf(path, room, "%s/%s-%zu", b->rules.incoming, b->id, b->n_parts);
	b->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (b->fd < 0)
		return no_file(s, path);
	part->path = path;
	return OK;
}

static enum err begin_part(void *ctx, struct scope *s, const struct multipart_part *told)
{
	struct http_body *b = ctx;
	struct http_part *part = &b->part[b->n_parts];
	part->name = told->name;
	part->file_name = told->file_name;
	part->content_type = told->content_type;
	part->fd = -1;
	size_t most = b->route->secret ? LIMIT_HTTP_SECRET_FIELD : LIMIT_HTTP_FIELD;
	if (told->file_name && !b->digest)
		TRY(digest_stream_new(s, DIGEST_SHA256, &b->digest));
	TRY(told->file_name ? (b->reserved ? begin_in_memory(s, b) : begin_file(s, b, part))
			    : begin_memory(s, b, &b->field[b->n_parts], most, most));
	b->n_parts++;
	return OK;
}

static enum err write_file(struct scope *s, struct http_body *b, struct bytes piece)
{
	struct http_part *part = &b->part[b->n_parts - 1];
	if (piece.n > b->rules.file_most - part->size)
		return scope_fault(s, ERR_LIMIT, "body: a file of more than %llu octets",
		    (unsigned long long)b->rules.file_most);
	TRY(digest_stream_add(s, b->digest, piece));
	part->size += piece.n;
	while (piece.n) {
		ssize_t wrote = write(b->fd, piece.p, piece.n);
		if (wrote < 0 && errno != EINTR)
			return scope_fault(
			    s, ERR_IO, "%s: %s", part->path ? part->path : "body", strerror(errno));
		piece = bytes_from(piece, wrote > 0 ? (size_t)wrote : 0);
	}
	return OK;
}

static enum err add_content(void *ctx, struct scope *s, struct bytes piece)
{
	struct http_body *b = ctx;
	if (b->fd >= 0)
		return write_file(s, b, piece);
	b->fields_octets += piece.n;
	if (b->fields_octets > LIMIT_HTTP_FIELDS)
		return scope_fault(
		    s, ERR_LIMIT, "body: fields of more than %d octets", LIMIT_HTTP_FIELDS);
	return add(s, b, &b->field[b->n_parts - 1], piece);
}

/* What is in memory stays as it was digested, whoever is given the descriptor. */
static enum err end_file(struct scope *s, struct http_body *b, struct http_part *part)
{
	if (!part->path) {
		part->fd = b->fd;
		b->fd = -1;
		if (fcntl(part->fd, F_ADD_SEALS,
			F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE))
			return scope_fault(s, ERR_IO, "body: %s", strerror(errno));
		return OK;
	}
	int failed = close(b->fd) ? errno : 0;
	b->fd = -1;
	return failed ? scope_fault(s, ERR_IO, "%s: %s", part->path, strerror(failed)) : OK;
}

static enum err end_part(void *ctx, struct scope *s)
{
	struct http_body *b = ctx;
	struct http_part *part = &b->part[b->n_parts - 1];
	struct memory *field = &b->field[b->n_parts - 1];
	struct digest digest;
	if (b->fd < 0) {
		part->value = bytes_of(field->p, field->n);
		part->size = field->n;
		return OK;
	}
	TRY(digest_stream_end(s, b->digest, &digest));
	memcpy(part->sha256, digest.value, sizeof(part->sha256));
	return end_file(s, b, part);
}

static enum err begin_multipart(struct scope *s, struct http_body *b, const char *content_type)
{
	const struct multipart_sink sink = { b, begin_part, add_content, end_part };
	b->part = scope_alloc_array(s, LIMIT_HTTP_PARTS, sizeof(*b->part));
	b->field = scope_alloc_array(s, LIMIT_HTTP_PARTS, sizeof(*b->field));
	if (!b->part || !b->field)
		return ERR_NOMEM;
	return multipart_new(s, content_type, LIMIT_HTTP_PARTS, &sink, &b->multipart);
}

/* -- bodies -- */

uint64_t http_body_most(const struct http_body_rules *rules, const struct route *r)
{
	switch (r->body) {
	case ROUTE_NO_BODY:
		return 0;
	case ROUTE_JSON:
		return r->secret ? LIMIT_HTTP_SECRET : LIMIT_HTTP_JSON;
	case ROUTE_FORM:
		return r->secret ? LIMIT_HTTP_SECRET : LIMIT_HTTP_FORM;
	case ROUTE_MULTIPART:
		break;
	}
	return rules->most;
}

static bool is_utf8(const struct media_type *t)
{
	const char *charset = media_type_parameter(t, "charset");
	return !charset || !strcasecmp(charset, "utf-8") || !strcasecmp(charset, "utf8");
}

static enum err check_type(struct scope *s, const struct route *r, const char *content_type)
{
	struct media_type t;
	const char *wanted = r->body == ROUTE_JSON   ? "application/json"
			     : r->body == ROUTE_FORM ? "application/x-www-form-urlencoded"
						     : "multipart/form-data";
	if (!content_type)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "body: no Content-Type; wanted is %s", wanted);
	TRY(media_type_parse(s, bytes_of_str(content_type), &t));
	if (strcmp(t.name, wanted) || !is_utf8(&t))
		return scope_fault(s, ERR_UNSUPPORTED, "body: wanted is %s", wanted);
	return OK;
}

enum err http_body_new(struct scope *s, const struct http_body_rules *rules, const struct route *r,
    const char *id, const char *content_type, uint64_t length, struct http_body **ret_body)
{
	struct http_body *b = scope_alloc(s, sizeof(*b));
	if (!b)
		return ERR_NOMEM;
	*b = (struct http_body){ .rules = *rules, .route = r, .id = id, .fd = -1 };
	b->most = http_body_most(rules, r);
	TRY(check_type(s, r, content_type));
	if (length != HTTP_BODY_LENGTH_UNKNOWN && length > b->most)
		return scope_fault(
		    s, ERR_LIMIT, "body: more than %llu octets", (unsigned long long)b->most);
	if (r->body == ROUTE_MULTIPART)
		TRY(begin_multipart(s, b, content_type));
	else
		TRY(begin_memory(s, b, &b->memory, (size_t)b->most, length));
	if (r->transient && length <= LIMIT_HTTP_TRANSIENT && reserve(b, (size_t)length))
		b->reserved = (size_t)length;
	*ret_body = b;
	return OK;
}

enum err http_body_feed(struct scope *s, struct http_body *b, struct bytes piece)
{
	b->octets += piece.n;
	if (b->octets > b->most)
		return scope_fault(
		    s, ERR_LIMIT, "body: more than %llu octets", (unsigned long long)b->most);
	if (b->multipart)
		return multipart_feed(s, b->multipart, piece);
	return add(s, b, &b->memory, piece);
}

static enum err finish_form(struct scope *s, struct http_body *b, struct http_request *q)
{
	const struct form_field *field;
	size_t n;
	TRY(form_parse(s, b->memory.p, b->memory.n, LIMIT_HTTP_PARTS, &field, &n));
	struct http_part *part = scope_alloc_array(s, n, sizeof(*part));
	if (!part)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		part[i] = (struct http_part){ .name = field[i].name,
			.content_type = "",
			.value = field[i].value,
			.size = field[i].value.n };
	q->part = part;
	q->n_parts = n;
	return OK;
}

enum err http_body_finish(struct scope *s, struct http_body *b, struct http_request *q)
{
	if (b->multipart) {
		TRY(multipart_finish(s, b->multipart));
		q->part = b->part;
		q->n_parts = b->n_parts;
		return OK;
	}
	if (b->route->body == ROUTE_FORM)
		return finish_form(s, b, q);
	q->body = bytes_of(b->memory.p, b->memory.n);
	return OK;
}

uint64_t http_body_octets(const struct http_body *b)
{
	return b->octets;
}

static void wipe(struct memory *m)
{
	if (m->p)
		bytes_wipe(m->p, m->room);
}

void http_body_settle(struct http_body *b)
{
	if (!b)
		return;
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	for (size_t i = 0; i < b->n_parts; i++) {
		if (b->part[i].path)
			unlink(b->part[i].path);
		if (b->part[i].fd >= 0)
			close(b->part[i].fd);
		b->part[i].path = NULL;
		b->part[i].fd = -1;
		if (b->route->secret)
			wipe(&b->field[i]);
	}
	if (b->route->secret)
		wipe(&b->memory);
}

void http_body_end(struct http_body *b)
{
	if (!b)
		return;
	http_body_settle(b);
	for (size_t i = 0; i < b->n_parts; i++)
		give_back(b, &b->field[i]);
	b->n_parts = 0;
	give_back(b, &b->memory);
	release(b, b->reserved);
	b->reserved = 0;
}
