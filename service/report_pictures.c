#include "service/report_pictures.h"

#include "base/limits.h"
#include "base/scope.h"
#include "service/comparison.h"

#define DPI 75
#define SIDE 480 /* pixels of the longer side */

struct job {
	struct report_page_pictures page[LIMIT_REPORT_PICTURES];
	size_t n, octets;
};

static enum err put(
    struct scope *s, struct job *j, const struct raster *r, struct report_picture *ret_picture)
{
	struct raster small;
	struct bytes png;
	TRY(raster_reduce(s, r, SIDE, &small));
	TRY(raster_png(s, &small, &png));
	if (png.n > LIMIT_REPORT_PICTURE_OCTETS - j->octets)
		return OK;
	j->octets += png.n;
	*ret_picture = (struct report_picture){ .width = small.width, .height = small.height };
	return raster_uri(s, png, &ret_picture->uri);
}

static enum err take_page(struct scope *s, void *ctx, const struct comparison_page *page,
    const struct comparison_pictures *pictures)
{
	struct job *j = ctx;
	struct raster marked;
	if (page->kind == COMPARISON_SAME || j->n == LIMIT_REPORT_PICTURES)
		return OK;
	struct report_page_pictures *p = &j->page[j->n++];
	*p = (struct report_page_pictures){ .sealed = page->sealed, .now = page->now };
	if (page->sealed)
		TRY(put(s, j, &pictures->sealed, &p->picture[REPORT_PICTURE_SEALED]));
	if (page->now)
		TRY(put(s, j, &pictures->now, &p->picture[REPORT_PICTURE_NOW]));
	if (page->kind != COMPARISON_CHANGED)
		return OK;
	TRY(comparison_mark(s, page, &pictures->now, &marked));
	return put(s, j, &marked, &p->picture[REPORT_PICTURE_MARKED]);
}

static enum err make(struct scope *s, struct report *r, struct comparison_request *request,
    struct job *j, struct report_pictures *p)
{
	struct comparison c;
	char *why;
	enum err e = comparison_make(s, request, &c);
	if (e == ERR_NOMEM)
		return e;
	if (e != OK) {
		TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &why));
		scope_forgive(s);
		p->failure = why;
	} else {
		p->n_pages = c.n_pages;
		p->n_different = c.n_different;
		p->page = j->page;
		p->n = j->n;
	}
	r->signatures[request->signature].pictures = p;
	return OK;
}

enum err report_pictures_add(
    struct scope *s, struct report *r, struct bytes document, struct bytes password)
{
	struct job *j = scope_alloc(s, sizeof(*j));
	struct report_pictures *p = scope_alloc(s, sizeof(*p));
	struct comparison_request request = {
		.document = document,
		.password = password,
		.report = r,
		.first = 1,
		.dpi = DPI,
		.wall_ms = LIMIT_REPORT_PICTURES_MS,
		.take = take_page,
		.ctx = j,
	};
	if (!j || !p)
		return ERR_NOMEM;
	if (!r->n_signatures)
		return OK;
	TRY(comparison_choose(s, r, NULL, &request.signature));
	if (!r->signatures[request.signature].n_modifications)
		return OK;
	return make(s, r, &request, j, p);
}
