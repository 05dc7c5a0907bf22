#include "service/look_fonts.h"

#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"

/* Debian, Fedora, Arch, others. */
static const char *const folders[] = {
	"/usr/share/fonts/truetype/dejavu",
	"/usr/share/fonts/dejavu-sans-fonts",
	"/usr/share/fonts/TTF",
	"/usr/share/fonts/dejavu",
	"/usr/local/share/fonts",
};

static enum err find(struct scope *s, const char *name, struct bytes *ret_font)
{
	*ret_font = BYTES_NONE;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (access(path, R_OK) == 0)
			return input_file_read(s, path, LIMIT_FONT_FILE, ret_font);
	}
	return OK;
}

enum err look_fonts_regular(struct scope *s, struct bytes *ret_font)
{
	TRY(find(s, "DejaVuSans.ttf", ret_font));
	if (!ret_font->n)
		return scope_fault(s, ERR_IO,
		    "DejaVuSans.ttf: not found in %s and the like: a visible seal needs it, or "
		    "--font FILE",
		    folders[0]);
	return OK;
}

enum err look_fonts_bold(struct scope *s, struct bytes *ret_font)
{
	return find(s, "DejaVuSans-Bold.ttf", ret_font);
}
