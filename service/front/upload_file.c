#include "service/front/upload_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

static void close_it(void *fd)
{
	close(*(const int *)fd);
}

enum err upload_file_open(struct scope *s, const struct http_part *part, int *ret_fd)
{
	int *held = scope_alloc(s, sizeof *held);
	if (!held)
		return ERR_NOMEM;
	if (!part->path) {
		*ret_fd = part->fd;
		return OK;
	}
	*held = open(part->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*held < 0)
		return scope_fault(s, ERR_IO, "%s: %s", part->path, strerror(errno));
	TRY(scope_own(s, held, close_it));
	*ret_fd = *held;
	return OK;
}

/* Octets of a mark at p that may mislead: U+0000..1F, U+007F..9F, U+061C, U+200B..F, U+2028..E,
 * U+2066..9, U+FEFF. 0: none. */
static size_t misleading(const uint8_t *p)
{
	if (p[0] < 0x20 || p[0] == 0x7f)
		return 1;
	if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c))
		return 2;
	if (p[0] == 0xe2 && p[1] == 0x80 &&
	    ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae)))
		return 3;
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
		return 3;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf ? 3 : 0;
}

enum err upload_file_name(
    struct scope *s, const struct http_part *part, unsigned n, const char **ret_name)
{
	struct buf b = buf_new(s, LIMIT_UPLOAD_NAME * 4);
	const uint8_t *p = (const uint8_t *)(part->file_name ? part->file_name : "");
	while (*p && (buf_bytes(&b).n < LIMIT_UPLOAD_NAME - 4 || (*p & 0xc0) == 0x80)) {
		const size_t bad = misleading(p);
		buf_add_byte(&b, bad ? '_' : *p);
		p += bad ? bad : 1;
	}
	if (!buf_bytes(&b).n)
		buf_addf(&b, "document-%u.pdf", n);
	char *name;
	TRY(buf_done_str(&b, &name));
	*ret_name = name;
	return OK;
}

bool upload_file_is_plain(const char *text)
{
	for (const uint8_t *p = (const uint8_t *)text; *p; p++)
		if (misleading(p))
			return false;
	return true;
}
