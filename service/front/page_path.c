#include "service/front/page_path.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

bool page_path_is_own(const char *path)
{
	if (!path || path[0] != '/' || path[1] == '/' || strlen(path) >= LIMIT_URL)
		return false;
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '\\')
			return false;
	return true;
}

enum err page_path_of(
    struct scope *s, const char *folder, const char *id, const char *rest, const char **ret_path)
{
	struct buf b = buf_new(s, LIMIT_URL);
	char *path;
	buf_add_str(&b, folder);
	buf_add_str(&b, id);
	buf_add_str(&b, rest);
	TRY(buf_done_str(&b, &path));
	*ret_path = path;
	return OK;
}
