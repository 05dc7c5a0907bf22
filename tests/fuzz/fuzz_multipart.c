/* Any octets as a multipart body: pieces of any size give the same parts, which are bounded and
 * whose content lies in the body. The first octet chooses the size of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"
#include "service/front/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

struct seen {
	struct buf told;
	size_t parts, octets;
	bool open;
};

static enum err begin(void *ctx, struct scope *s, const struct multipart_part *part)
{
	struct seen *seen = ctx;
	(void)s;
	check(!seen->open);
	check(*part->name && strlen(part->name) <= LIMIT_HTTP_NAME);
	check(form_is_text(bytes_of_str(part->name), false));
	if (part->file_name) {
		check(*part->file_name && strlen(part->file_name) <= LIMIT_HTTP_NAME);
		check(!strpbrk(part->file_name, "/\\"));
		check(strcmp(part->file_name, ".") && strcmp(part->file_name, ".."));
		check(form_is_text(bytes_of_str(part->file_name), false));
		buf_add_str(&seen->told, part->file_name);
	}
	buf_add_str(&seen->told, part->name);
	buf_add_str(&seen->told, part->content_type);
	seen->open = true;
	seen->parts++;
	return OK;
}

static enum err content(void *ctx, struct scope *s, struct bytes piece)
{
	struct seen *seen = ctx;
	(void)s;
	check(seen->open && piece.n > 0);
	seen->octets += piece.n;
	buf_add(&seen->told, piece);
	return OK;
}

static enum err end(void *ctx, struct scope *s)
{
	struct seen *seen = ctx;
	(void)s;
	check(seen->open);
	seen->open = false;
	buf_add_byte(&seen->told, 0);
	return OK;
}

static enum err read_in(struct scope *s, struct bytes body, size_t step, struct seen *seen)
{
	const struct multipart_sink sink = { seen, begin, content, end };
	struct multipart *m;
	*seen = (struct seen){ .told = buf_new(s, (size_t)16 << 20) };
	TRY(multipart_new(s, "multipart/form-data; boundary=XX", 8, &sink, &m));
	for (size_t at = 0; at < body.n; at += step)
		TRY(multipart_feed(s, m, bytes_cut(body, at, step)));
	TRY(multipart_finish(s, m));
	check(!seen->open);
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct seen whole, pieces;
	if (!s || !size) {
		scope_free(s);
		return 0;
	}
	struct bytes body = bytes_of(data + 1, size - 1);
	enum err one = read_in(s, body, body.n + 1, &whole);
	enum err other = read_in(s, body, (size_t)data[0] % 16 + 1, &pieces);
	check(one == other);
	check(whole.parts <= 8 && whole.octets <= body.n);
	if (one == OK)
		check(bytes_equal(buf_bytes(&whole.told), buf_bytes(&pieces.told)));
	scope_free(s);
	return 0;
}
