#include "service/pages/page_file.h"

#include <string.h>

#include "validator/embed.h"

#define X(name) EMBED(page_file_##name, "service/pages/" #name ".html");
#include "service/pages/page_files.def"
#undef X
EMBED(page_file_css, "service/pages/bulla.css");
EMBED(page_file_js, "service/pages/bulla.js");
EMBED(page_file_outline, "validator/outline.css");
EMBED(page_file_svg, "service/pages/bulla.svg");

static const struct {
	const char *name;
	const uint8_t *begin, *end;
} files[] = {
#define X(name) { #name, page_file_##name, page_file_##name##_end },
#include "service/pages/page_files.def"
#undef X
};
#define FILES (sizeof(files) / sizeof(files[0]))

static struct bytes between(const uint8_t *begin, const uint8_t *end)
{
	return bytes_of(begin, (size_t)(end - begin));
}

static struct bytes find(const char *name)
{
	for (size_t i = 0; i < FILES; i++)
		if (!strcmp(files[i].name, name))
			return between(files[i].begin, files[i].end);
	return BYTES_NONE;
}

const struct template_source page_file_templates = { find };

const char *page_file_template_name(size_t i)
{
	return i < FILES ? files[i].name : NULL;
}

struct bytes page_file_style(void)
{
	return between(page_file_css, page_file_css_end);
}

struct bytes page_file_script(void)
{
	return between(page_file_js, page_file_js_end);
}

struct bytes page_file_icon(void)
{
	return between(page_file_svg, page_file_svg_end);
}

struct bytes page_file_report_style(void)
{
	return between(page_file_outline, page_file_outline_end);
}
