#include "service/cmd_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "service/comparison_outline.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/output_file.h"
#include "service/output_folder.h"
#include "service/page_preview.h"
#include "service/password.h"
#include "service/report_options.h"
#include "validator/validate.h"

#define DPI 100

struct job {
	struct scope *scope;
	const char *file, *signature, *password_file;
	uint32_t first, last, dpi;
	struct report_options report; /* -o is the folder */
	/* The run's own: */
	const struct input_file *in;
	struct bytes password;
	struct output_folder *folder;
	struct comparison comparison;
	struct report_page_pictures *page; /* so far */
	size_t n_pages, room;
	size_t embedded; /* octets of pictures in the page */
};

enum {
	OPTION_SIGNATURE = OPTIONS_LONG,
	OPTION_PAGE,
	OPTION_RESOLUTION,
	OPTION_PASSWORD_FILE,
};

static const struct option compare_options[] = {
	{ "signature", required_argument, NULL, OPTION_SIGNATURE },
	{ "page", required_argument, NULL, OPTION_PAGE },
	{ "resolution", required_argument, NULL, OPTION_RESOLUTION },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	REPORT_OPTIONS_TABLE,
	{ 0 },
};

/* -- the command line -- */
static int take_pages(struct job *j, const char *value)
{
	if (options_range(value, LIMIT_PDF_PAGES, &j->first, &j->last))
		return EXIT_STATUS_DONE;
	return diagnostic_usage("compare: --page %s: neither a page nor pages like 2-5", value);
}

static int take_resolution(struct job *j, const char *value)
{
	uint32_t same;
	if (options_range(value, PAGE_PREVIEW_DPI_MOST, &j->dpi, &same) && j->dpi == same &&
	    j->dpi >= PAGE_PREVIEW_DPI_LEAST && !strchr(value, '-'))
		return EXIT_STATUS_DONE;
	return diagnostic_usage("compare: --resolution %s: not between %d and %d", value,
	    PAGE_PREVIEW_DPI_LEAST, PAGE_PREVIEW_DPI_MOST);
}

static int take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_SIGNATURE:
		j->signature = value;
		break;
	case OPTION_PAGE:
		return take_pages(j, value);
	case OPTION_RESOLUTION:
		return take_resolution(j, value);
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		break;
	default:
		return report_options_take(j->scope, &j->report, "compare", option, value);
	}
	return EXIT_STATUS_DONE;
}

static int parse(int argc, char **argv, struct job *j)
{
	for (int c; (c = options_next(argc, argv, compare_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (argc - optind != 1)
		return diagnostic_usage("compare: one file is wanted");
	if (!j->report.out)
		return diagnostic_usage("compare: -o DIR is missing");
	j->file = argv[optind];
	return EXIT_STATUS_DONE;
}

/* -- pictures -- */
/* A file in the folder, and with `embeds` in the page as long as that is not too large. */
static enum err put_picture(struct scope *s, struct job *j, const struct raster *r,
    const char *kind, uint32_t page, bool embeds, struct report_picture *ret_picture)
{
	struct report_picture picture = { .width = r->width, .height = r->height };
	char name[64], *kept;
	struct bytes png;
	struct scope *own = scope_new(0);
	if (!own)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	snprintf(name, sizeof(name), "%s-%03u.png", kind, page);
	enum err e = raster_png(own, r, &png);
	if (e == OK)
		e = output_folder_put(own, j->folder, name, png);
	if (e == OK && embeds && png.n <= LIMIT_COMPARE_EMBEDDED - j->embedded) {
		j->embedded += png.n;
		e = raster_uri(s, png, &picture.uri);
	}
	if (e != OK && scope_fault_code(s) == OK)
		e = scope_fault(s, e, "%s", scope_fault_text(own));
	scope_free(own);
	TRY(e);
	TRY(bytes_to_str(s, bytes_of_str(name), &kept));
	picture.name = kept;
	*ret_picture = picture;
	return OK;
}

static enum err put_marked(struct scope *s, struct job *j, const struct comparison_page *page,
    const struct raster *now, struct report_picture *ret_picture)
{
	struct raster marked;
	struct scope *own = scope_new(0);
	if (!own)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = comparison_mark(own, page, now, &marked);
	if (e == OK)
		e = put_picture(s, j, &marked, "marked", page->now, true, ret_picture);
	if (e != OK && scope_fault_code(s) == OK)
		e = scope_fault(s, e, "%s", scope_fault_text(own));
	scope_free(own);
	return e;
}

static enum err put_pictures(struct scope *s, struct job *j, const struct comparison_page *page,
    const struct comparison_pictures *pictures, struct report_picture *ret)
{
	bool differs = page->kind != COMPARISON_SAME;
	if (page->sealed && differs)
		TRY(put_picture(s, j, &pictures->sealed, "sealed", page->sealed, true,
		    &ret[REPORT_PICTURE_SEALED]));
	if (page->now)
		TRY(put_picture(
		    s, j, &pictures->now, "now", page->now, differs, &ret[REPORT_PICTURE_NOW]));
	if (page->kind == COMPARISON_CHANGED)
		TRY(put_marked(s, j, page, &pictures->now, &ret[REPORT_PICTURE_MARKED]));
	/* One file stands for both. */
	if (!differs)
		ret[REPORT_PICTURE_SEALED] = ret[REPORT_PICTURE_NOW];
	return OK;
}

static enum err take_page(struct scope *s, void *ctx, const struct comparison_page *page,
    const struct comparison_pictures *pictures)
{
	struct job *j = ctx;
	if (j->n_pages == j->room) {
		size_t more = j->room ? 2 * j->room : 16;
		struct report_page_pictures *grown =
		    scope_resize(s, j->page, j->room * sizeof(*grown), more * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		j->page = grown;
		j->room = more;
	}
	struct report_page_pictures *taken = &j->page[j->n_pages++];
	*taken = (struct report_page_pictures){ .sealed = page->sealed, .now = page->now };
	return put_pictures(s, j, page, pictures, taken->picture);
}

/* -- the run -- */
/* What the report says of changes rests on the document alone: no trust, no network. */
static enum err judge(struct scope *s, const struct job *j, struct report **ret_report)
{
	const struct anchors *nobody;
	TRY(anchors_new(s, NULL, 0, &nobody));
	const struct validate_request request = {
		.name = j->in->name,
		.document = j->in->bytes,
		.password = j->password,
		.anchors = nobody,
		.policy = policy_default(),
		.at = { time(NULL) },
		.offline = true,
	};
	return validate_pdf(s, NULL, &request, ret_report);
}

static enum err compare(struct scope *s, struct job *j)
{
	struct report *report;
	struct comparison_request request = {
		.document = j->in->bytes,
		.password = j->password,
		.first = j->first,
		.last = j->last,
		.dpi = j->dpi,
		.take = take_page,
		.ctx = j,
	};
	TRY(judge(s, j, &report));
	request.report = report;
	TRY(comparison_choose(s, report, j->signature, &request.signature));
	return comparison_make(s, &request, &j->comparison);
}

static enum err put_all(struct scope *s, struct job *j, struct bytes *ret_said)
{
	struct outline o;
	struct bytes page, json, text;
	TRY(comparison_outline(s, &j->comparison, j->page, j->report.messages, &o));
	TRY(outline_html(s, &o, &page));
	TRY(outline_text(s, &o, &text));
	TRY(comparison_json(s, &j->comparison, j->page, &json));
	TRY(output_folder_put(s, j->folder, "index.html", page));
	TRY(output_folder_put(s, j->folder, "compare.json", json));
	*ret_said = j->report.form == REPORT_FORM_JSON   ? json
		    : j->report.form == REPORT_FORM_HTML ? page
							 : text;
	return output_folder_commit(s, j->folder);
}

static enum err prepare(struct scope *s, struct job *j)
{
	TRY(input_file_open(s, j->file, &j->in));
	if (j->password_file)
		TRY(password_of_file(s, j->password_file, &j->password));
	return output_folder_open(s, j->report.out, &j->folder);
}

static int run(struct scope *s, struct job *j)
{
	struct bytes said;
	enum err e = prepare(s, j);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	e = j->in->bytes.n ? compare(s, j) : scope_fault(s, ERR_FORMAT, "the file is empty");
	if (e != OK)
		return diagnostic_fault(s, e, j->in->name);
	e = put_all(s, j, &said);
	if (e == OK)
		e = output_file_print(s, said);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	return j->comparison.n_different ? EXIT_STATUS_FAILED : EXIT_STATUS_DONE;
}

int cmd_compare(int argc, char **argv)
{
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = { .scope = s,
		.first = 1,
		.dpi = DPI,
		.report = { .forms = REPORT_FORM_BIT(REPORT_FORM_TEXT) |
				     REPORT_FORM_BIT(REPORT_FORM_JSON) |
				     REPORT_FORM_BIT(REPORT_FORM_HTML) } };
	int status = parse(argc, argv, &j);
	if (status == EXIT_STATUS_DONE)
		status = run(s, &j);
	scope_free(s);
	return status;
}
