#include "service/page_preview.h"

#include <fontconfig/fontconfig.h>
#include <math.h>
#include <poppler.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/limited_process.h"

#define POINTS_PER_INCH 72.0
#define READABLE 512 /* paths that stay readable */

enum {
	FRAME_BEGIN = 1,
	FRAME_COUNT,
	FRAME_PAGE,
	FRAME_TEXT
};
#define WHAT_SIZE 400
#define OPENING_MS 20000 /* and locking in */

/* What comes before the pixels of a page. */
struct page_head {
	struct page_preview_step step;
	double width, height, dpi;
	uint32_t pixels_wide, pixels_high;
};

/* -- the child: what is loaded before the document -- */
static void add_path(const char **paths, size_t *n, const char *path)
{
	if (path && *n < READABLE)
		paths[(*n)++] = path;
}

static void end_list(void *list)
{
	FcStrListDone(list);
}

/* The strings are the list's. */
static enum err add_paths(struct scope *s, const char **paths, size_t *n, FcStrList *list)
{
	if (!list)
		return OK;
	TRY(scope_own(s, list, end_list));
	for (FcChar8 *path; (path = FcStrListNext(list));)
		add_path(paths, n, (const char *)path);
	return OK;
}

/* Fontconfig tells where fonts are; Poppler's tables of characters lie below /usr. */
enum err page_preview_prepare(struct scope *s, const char *const **ret_readable, size_t *ret_n)
{
	const char **paths = scope_alloc_array(s, READABLE, sizeof(*paths));
	if (!paths)
		return ERR_NOMEM;
	if (!FcInit())
		return scope_fault(s, ERR_INTERNAL, "fontconfig does not start");
	static const char *const always[] = { "/usr", "/lib", "/lib64", "/etc/fonts" };
	size_t n = 0;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add_path(paths, &n, always[i]);
	TRY(add_paths(s, paths, &n, FcConfigGetFontDirs(NULL)));
	TRY(add_paths(s, paths, &n, FcConfigGetCacheDirs(NULL)));
	TRY(add_paths(s, paths, &n, FcConfigGetConfigFiles(NULL)));
	*ret_readable = paths;
	*ret_n = n;
	return OK;
}

static enum err prepare(struct scope *s, void *ctx, const char *const **ret_readable, size_t *ret_n)
{
	(void)ctx;
	return page_preview_prepare(s, ret_readable, ret_n);
}

/* -- the child: the document -- */
static void unref(void *object)
{
	g_object_unref(object);
}

/* Takes the error. */
static enum err fault_of(struct scope *s, GError *error)
{
	const bool locked =
	    error && error->domain == POPPLER_ERROR && error->code == POPPLER_ERROR_ENCRYPTED;
	const enum err e = locked ? scope_fault(s, ERR_DENIED, "needs its password, or another one")
				  : scope_fault(s, ERR_FORMAT, "cannot be shown: %s",
					error ? error->message : "not a PDF");
	g_clear_error(&error);
	return e;
}

/* What comes next; page 0: the document is opened. Whatever goes wrong then is its fault. */
static enum err send_begin(
    struct scope *s, struct limited_process_pipe *pipe, struct page_preview_step step)
{
	return limited_process_send(s, pipe, FRAME_BEGIN, bytes_of(&step, sizeof(step)));
}

static enum err open_document(struct scope *s, struct limited_process_pipe *pipe,
    const struct page_preview_request *r, size_t i, PopplerDocument **ret_document)
{
	const struct page_preview_document *d = &r->documents[i];
	GError *error = NULL;
	char *password = NULL;
	TRY(send_begin(s, pipe, (struct page_preview_step){ (uint32_t)i, 0 }));
	if (d->password.n)
		TRY(bytes_to_str(s, d->password, &password));
	GBytes *content = g_bytes_new_static(d->content.p, d->content.n);
	PopplerDocument *document = poppler_document_new_from_bytes(content, password, &error);
	g_bytes_unref(content);
	if (!document)
		return fault_of(s, error);
	TRY(scope_own(s, document, unref));
	if (poppler_document_get_n_pages(document) < 1)
		return scope_fault(s, ERR_FORMAT, "no page can be shown");
	*ret_document = document;
	return OK;
}

static enum err count(
    struct scope *s, const struct page_preview_request *r, struct limited_process_pipe *pipe)
{
	for (size_t i = 0; i < r->n_documents; i++) {
		PopplerDocument *document;
		TRY(open_document(s, pipe, r, i, &document));
		uint64_t n = (uint64_t)poppler_document_get_n_pages(document);
		TRY(limited_process_send(s, pipe, FRAME_COUNT, bytes_of(&n, sizeof(n))));
	}
	return OK;
}

/* -- the child: a page -- */
static double within(double value, double least, double most)
{
	return value > least ? (value < most ? value : most) : least;
}

/* Sizes are the document's own: any number may come. */
static void measure(PopplerPage *page, double dpi, struct page_head *h)
{
	double width = 0, height = 0;
	poppler_page_get_size(page, &width, &height);
	h->width = within(width, 1, 1e6);
	h->height = within(height, 1, 1e6);
	double most = sqrt((LIMIT_PREVIEW_PIXELS - 1e5) / (h->width * h->height)) * POINTS_PER_INCH;
	h->dpi = dpi < most ? dpi : most;
	double wide = ceil(h->width * h->dpi / POINTS_PER_INCH - 1e-3);
	double high = ceil(h->height * h->dpi / POINTS_PER_INCH - 1e-3);
	/* A page like a thread would still have a row of a million. */
	h->pixels_wide = (uint32_t)within(wide, 1, 30000);
	h->pixels_high = (uint32_t)within(high, 1, 30000);
}

/* Draws into memory that follows the head of the frame. */
static enum err draw(struct scope *s, PopplerPage *page, const struct page_head *h, uint8_t *frame)
{
	cairo_surface_t *surface =
	    cairo_image_surface_create_for_data(frame + sizeof(*h), CAIRO_FORMAT_RGB24,
		(int)h->pixels_wide, (int)h->pixels_high, (int)(h->pixels_wide * sizeof(uint32_t)));
	cairo_t *cr = cairo_create(surface);
	cairo_scale(cr, h->dpi / POINTS_PER_INCH, h->dpi / POINTS_PER_INCH);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_save(cr);
	poppler_page_render(page, cr);
	cairo_restore(cr);
	cairo_status_t status = cairo_status(cr);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	cairo_surface_destroy(surface);
	if (status == CAIRO_STATUS_NO_MEMORY)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	/* Another fault is the page's: what was drawn until then is what there is to see. */
	return OK;
}

static enum err send_picture(struct scope *s, struct limited_process_pipe *pipe, PopplerPage *page,
    struct page_head h, bool wanted)
{
	if (!wanted)
		h.pixels_wide = h.pixels_high = 0;
	size_t n = sizeof(h) + (size_t)h.pixels_wide * h.pixels_high * sizeof(uint32_t);
	uint8_t *frame = scope_alloc(s, n);
	if (!frame)
		return ERR_NOMEM;
	memcpy(frame, &h, sizeof(h));
	if (wanted)
		TRY(draw(s, page, &h, frame));
	return limited_process_send(s, pipe, FRAME_PAGE, bytes_of(frame, n));
}

static enum err send_text(
    struct scope *s, struct limited_process_pipe *pipe, PopplerPage *page, bool wanted)
{
	char *text = wanted ? poppler_page_get_text(page) : NULL;
	size_t n = text ? strlen(text) : 0;
	if (n > LIMIT_PREVIEW_TEXT)
		for (n = LIMIT_PREVIEW_TEXT; n && ((uint8_t)text[n] & 0xc0) == 0x80;)
			n--;
	enum err e = limited_process_send(s, pipe, FRAME_TEXT, bytes_of(text ? text : "", n));
	g_free(text);
	return e;
}

/* In a scope of its own: a page's pixels are large. */
static enum err send_page(struct scope *s, struct limited_process_pipe *pipe,
    const struct page_preview_request *r, PopplerPage *page, struct page_preview_step step)
{
	struct page_head h = { .step = step };
	measure(page, r->dpi > 0 ? r->dpi : POINTS_PER_INCH, &h);
	TRY(send_picture(s, pipe, page, h, r->dpi > 0));
	return send_text(s, pipe, page, r->texts);
}

static enum err take_step(struct scope *s, struct limited_process_pipe *pipe,
    const struct page_preview_request *r, PopplerDocument *document, struct page_preview_step step)
{
	TRY(send_begin(s, pipe, step));
	PopplerPage *page = poppler_document_get_page(document, (int)step.page - 1);
	if (!page)
		return scope_fault(s, ERR_FORMAT, "cannot be shown");
	struct scope *own = scope_new(0);
	enum err e = own ? send_page(own, pipe, r, page, step) : ERR_NOMEM;
	if (e != OK)
		e = scope_fault(s, e, "%s", own ? scope_fault_text(own) : "out of memory");
	scope_free(own);
	g_object_unref(page);
	return e;
}

static enum err render(
    struct scope *s, const struct page_preview_request *r, struct limited_process_pipe *pipe)
{
	PopplerDocument **open = scope_alloc_array(s, r->n_documents, sizeof(*open));
	if (!open)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n_documents; i++)
		TRY(open_document(s, pipe, r, i, &open[i]));
	for (size_t i = 0; i < r->n_steps; i++)
		TRY(take_step(s, pipe, r, open[r->steps[i].document], r->steps[i]));
	return OK;
}

/* -- the parent -- */
static enum err out_of_turn(struct scope *s)
{
	return scope_fault(s, ERR_FORMAT, "the renderer's answer is not well-formed");
}

struct taking {
	const struct page_preview_request *request;
	struct scope *s; /* of the page that is waiting for its text */
	struct page_preview_page page;
	size_t *counts; /* NULL: pages are wanted */
	size_t n;       /* counts, or steps, done */
	bool has_picture;
	char what[WHAT_SIZE]; /* is being done */
};

static enum err take_begin(struct scope *s, struct taking *t, struct bytes content)
{
	struct page_preview_step step;
	if (content.n != sizeof(step))
		return out_of_turn(s);
	memcpy(&step, content.p, sizeof(step));
	if (step.document >= t->request->n_documents)
		return out_of_turn(s);
	const char *name = t->request->documents[step.document].name;
	if (step.page)
		snprintf(t->what, sizeof(t->what), "%s: page %u", name, step.page);
	else
		snprintf(t->what, sizeof(t->what), "%s", name);
	return OK;
}

static enum err take_count(struct scope *s, struct taking *t, struct bytes content)
{
	uint64_t n;
	if (!t->counts || content.n != sizeof(n) || t->n == t->request->n_documents)
		return out_of_turn(s);
	memcpy(&n, content.p, sizeof(n));
	if (n < 1 || n > INT32_MAX)
		return out_of_turn(s);
	t->counts[t->n++] = n;
	return OK;
}

static bool is_step(const struct taking *t, struct page_preview_step step)
{
	const struct page_preview_step *wanted = &t->request->steps[t->n];
	return step.document == wanted->document && step.page == wanted->page;
}

static bool is_measure(double value)
{
	return value > 0 && value <= 1e6;
}

static enum err take_picture(struct scope *s, struct taking *t, struct bytes content)
{
	struct page_head h;
	if (content.n < sizeof(h) || t->counts || t->n == t->request->n_steps || t->has_picture)
		return out_of_turn(s);
	memcpy(&h, content.p, sizeof(h));
	content = bytes_from(content, sizeof(h));
	uint64_t pixels = (uint64_t)h.pixels_wide * h.pixels_high;
	if (!is_step(t, h.step) || pixels > LIMIT_PREVIEW_PIXELS || !is_measure(h.width) ||
	    !is_measure(h.height) || !is_measure(h.dpi) || (t->request->dpi > 0) != (pixels > 0) ||
	    content.n != pixels * sizeof(uint32_t))
		return out_of_turn(s);
	uint32_t *pixel = scope_alloc(t->s, content.n);
	if (!pixel)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	if (content.n)
		memcpy(pixel, content.p, content.n);
	t->page = (struct page_preview_page){ h.step, h.width, h.height, h.dpi,
		{ h.pixels_wide, h.pixels_high, pixel }, BYTES_NONE };
	t->has_picture = true;
	return OK;
}

static enum err take_text(struct scope *s, struct taking *t, struct bytes content)
{
	if (!t->has_picture || content.n > LIMIT_PREVIEW_TEXT)
		return out_of_turn(s);
	t->page.text = content;
	TRY(t->request->take(s, t->request->ctx, &t->page));
	scope_free(t->s);
	t->s = scope_new(0);
	t->has_picture = false;
	t->n++;
	return t->s ? OK : scope_fault(s, ERR_NOMEM, "out of memory");
}

static enum err take(struct scope *s, void *ctx, uint32_t kind, struct bytes content)
{
	switch (kind) {
	case FRAME_BEGIN:
		return take_begin(s, ctx, content);
	case FRAME_COUNT:
		return take_count(s, ctx, content);
	case FRAME_PAGE:
		return take_picture(s, ctx, content);
	case FRAME_TEXT:
		return take_text(s, ctx, content);
	default:
		return out_of_turn(s);
	}
}

static enum err work(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	const struct taking *t = ctx;
	return t->counts ? count(s, t->request, pipe) : render(s, t->request, pipe);
}

static enum err run(struct scope *s, struct taking *t, unsigned wall_ms)
{
	const struct limited_process p = {
		.what = t->what,
		.limits = { .cpu_s = wall_ms / 1000 + 1, .wall_ms = wall_ms, .total = SIZE_MAX },
		.prepare = prepare,
		.work = work,
		.take = take,
		.ctx = t,
	};
	snprintf(t->what, sizeof(t->what), "the renderer");
	t->s = scope_new(0);
	if (!t->s)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = limited_process_run(s, &p);
	scope_free(t->s);
	return e;
}

enum err page_preview_count(
    struct scope *s, const struct page_preview_document *documents, size_t n, size_t *ret_counts)
{
	const struct page_preview_request r = { .documents = documents, .n_documents = n };
	struct taking t = { .request = &r, .counts = ret_counts };
	TRY(run(s, &t, OPENING_MS));
	return t.n == n ? OK : out_of_turn(s);
}

enum err page_preview_run(struct scope *s, const struct page_preview_request *request)
{
	struct taking t = { .request = request };
	unsigned wall_ms = OPENING_MS + (unsigned)request->n_steps * LIMIT_PREVIEW_PAGE_MS;
	TRY(run(s, &t, request->wall_ms ? request->wall_ms : wall_ms));
	return t.n == request->n_steps ? OK : out_of_turn(s);
}
