#include "service/front/http_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"
#include "service/front/media_type.h"

void http_reply_begin(struct http_reply *r, struct scope *s)
{
	*r = (struct http_reply){ .s = s, .file = -1 };
}

void http_reply_drop(struct http_reply *r)
{
	if (r->file >= 0)
		close(r->file);
	http_reply_begin(r, r->s);
}

void http_reply_body(struct http_reply *r, int status, const char *content_type, struct bytes body)
{
	r->status = status;
	r->content_type = content_type;
	r->body = body;
}

void http_reply_add(struct http_reply *r, const char *name, const char *value)
{
	if (r->n_headers == HTTP_REPLY_HEADERS || !value ||
	    !media_type_is_token(bytes_of_str(name)) || !form_is_text(bytes_of_str(value), false)) {
		r->is_broken = true;
		return;
	}
	r->header[r->n_headers++] = (struct http_reply_header){ name, value };
}

void http_reply_redirect(struct http_reply *r, const char *to)
{
	http_reply_body(r, 303, NULL, BYTES_NONE);
	http_reply_add(r, "Location", to);
}

/* RFC 8187 attr-char */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$&+-.^_`|~", c));
}

/* RFC 6266: an ASCII name for old clients, and the real one. */
static enum err disposition(struct scope *s, const char *name, const char **ret_value)
{
	struct buf b = buf_new(s, LIMIT_BUF_FORMAT);
	char *value;
	buf_add_str(&b, "attachment; filename=\"");
	for (const char *c = name; *c; c++)
		buf_add_byte(&b, is_plain(*c) || *c == ' ' ? (uint8_t)*c : '_');
	buf_add_str(&b, "\"; filename*=UTF-8''");
	for (const char *c = name; *c; c++) {
		if (is_plain(*c))
			buf_add_byte(&b, (uint8_t)*c);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*c);
	}
	TRY(buf_done_str(&b, &value));
	*ret_value = value;
	return OK;
}

enum err http_reply_file(
    struct http_reply *r, const char *path, const char *content_type, const char *download_name)
{
	struct stat st;
	const char *value = NULL;
	if (download_name)
		TRY(disposition(r->s, download_name, &value));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return scope_fault(r->s, ERR_IO, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return scope_fault(r->s, ERR_IO, "%s: not a file", path);
	}
	if (r->file >= 0)
		close(r->file);
	r->file = fd;
	r->file_size = (uint64_t)st.st_size;
	r->status = 200;
	r->content_type = content_type;
	if (value)
		http_reply_add(r, "Content-Disposition", value);
	return OK;
}

void http_reply_cookie(struct http_reply *r, const char *name, const char *value)
{
	struct buf b = buf_new(r->s, LIMIT_BUF_FORMAT);
	char *text;
	buf_add_str(&b, "__Host-");
	buf_add_str(&b, name);
	buf_add_str(&b, "=");
	buf_add_str(&b, value ? value : "");
	buf_add_str(&b, "; Path=/; Secure; HttpOnly; SameSite=Strict");
	if (!value)
		buf_add_str(&b, "; Max-Age=0");
	if (buf_done_str(&b, &text) != OK || (value && strpbrk(value, " \t;,\"\\"))) {
		r->is_broken = true;
		return;
	}
	http_reply_add(r, "Set-Cookie", text);
}
