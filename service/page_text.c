#include "service/page_text.h"

#include <poppler.h>
#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "service/limited_process.h"

#define FRAME_PLACE 1
#define WHAT_SIZE 400

/* What the child tells. */
struct answer {
	int32_t page, pages; /* page 0: nowhere */
	uint32_t times;      /* on that page */
	double x, y, w, h;   /* of the first one */
};

struct search {
	const struct page_text_request *request;
	struct answer answer;
	bool answered;
};

/* -- the child -- */

/* Tables of characters; fonts are not looked at. */
static enum err prepare(struct scope *s, void *ctx, const char *const **ret_readable, size_t *ret_n)
{
	static const char *const paths[] = { "/usr/share/poppler", "/usr/lib", "/lib", "/lib64" };
	(void)s;
	(void)ctx;
	*ret_readable = paths;
	*ret_n = sizeof(paths) / sizeof(paths[0]);
	return OK;
}

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

static enum err open_document(
    struct scope *s, const struct page_text_request *r, PopplerDocument **ret_document)
{
	GError *error = NULL;
	char *password = NULL;
	if (r->password.n)
		TRY(bytes_to_str(s, r->password, &password));
	GBytes *content = g_bytes_new_static(r->content.p, r->content.n);
	PopplerDocument *document = poppler_document_new_from_bytes(content, password, &error);
	g_bytes_unref(content);
	if (!document)
		return fault_of(s, error);
	TRY(scope_own(s, document, unref));
	*ret_document = document;
	return OK;
}

static void free_rectangle(void *rectangle)
{
	poppler_rectangle_free(rectangle);
}

static void find_on_page(
    PopplerDocument *document, int number, const char *wanted, struct answer *a)
{
	double width = 0, height = 0;
	PopplerPage *page = poppler_document_get_page(document, number - 1);
	if (!page)
		return;
	GList *found =
	    poppler_page_find_text_with_options(page, wanted, POPPLER_FIND_CASE_SENSITIVE);
	poppler_page_get_size(page, &width, &height);
	for (GList *l = found; l; l = l->next, a->times++) {
		const PopplerRectangle *r = l->data;
		if (a->times)
			continue;
		/* Poppler's y grows upward from the lower edge of the page as seen. */
		a->page = number;
		a->x = r->x1 < r->x2 ? r->x1 : r->x2;
		a->y = height - (r->y1 > r->y2 ? r->y1 : r->y2);
		a->w = r->x1 < r->x2 ? r->x2 - r->x1 : r->x1 - r->x2;
		a->h = r->y1 < r->y2 ? r->y2 - r->y1 : r->y1 - r->y2;
	}
	g_list_free_full(found, free_rectangle);
	g_object_unref(page);
}

static enum err work(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	const struct search *search = ctx;
	const struct page_text_request *r = search->request;
	PopplerDocument *document;
	struct answer a = { 0 };
	TRY(open_document(s, r, &document));
	a.pages = poppler_document_get_n_pages(document);
	const int first = r->page > 0 ? r->page : (r->page < 0 ? a.pages : 1);
	const int last = r->page ? first : a.pages;
	for (int n = first; n <= last && n <= a.pages && !a.times; n++)
		find_on_page(document, n, r->wanted, &a);
	return limited_process_send(s, pipe, FRAME_PLACE, bytes_of(&a, sizeof(a)));
}

/* -- the parent -- */

static bool is_measure(double value)
{
	return value >= -1e6 && value <= 1e6;
}

static enum err take(struct scope *s, void *ctx, uint32_t kind, struct bytes content)
{
	struct search *search = ctx;
	struct answer *a = &search->answer;
	if (kind != FRAME_PLACE || content.n != sizeof(*a) || search->answered)
		return scope_fault(s, ERR_FORMAT, "the answer is not well-formed");
	memcpy(a, content.p, sizeof(*a));
	if (a->page < 0 || a->page > a->pages || !is_measure(a->x) || !is_measure(a->y) ||
	    !is_measure(a->w) || !is_measure(a->h) || (a->page == 0) != (a->times == 0))
		return scope_fault(s, ERR_FORMAT, "the answer is not well-formed");
	search->answered = true;
	return OK;
}

static enum err check(struct scope *s, const struct page_text_request *r, const struct answer *a)
{
	if (r->page > a->pages)
		return scope_fault(
		    s, ERR_DENIED, "there is no page %d: %d in all", r->page, a->pages);
	if (a->times == 0 && r->page)
		return scope_fault(s, ERR_DENIED, "the text \"%s\" is not on page %d", r->wanted,
		    r->page < 0 ? a->pages : r->page);
	if (a->times == 0)
		return scope_fault(s, ERR_DENIED, "the text \"%s\" is on no page", r->wanted);
	if (a->times > 1)
		return scope_fault(s, ERR_DENIED,
		    "the text \"%s\" is %u times on page %d: a longer one is needed to tell which",
		    r->wanted, a->times, a->page);
	return OK;
}

enum err page_text_find(
    struct scope *s, const struct page_text_request *request, struct page_text_place *ret_place)
{
	struct search search = { .request = request };
	char what[WHAT_SIZE];
	snprintf(what, sizeof(what), "%s", request->name);
	const struct limited_process process = {
		.what = what, .prepare = prepare, .work = work, .take = take, .ctx = &search
	};
	TRY(limited_process_run(s, &process));
	if (!search.answered)
		return scope_fault(s, ERR_FORMAT, "%s: no answer", request->name);
	const struct answer *a = &search.answer;
	const enum err e = check(s, request, a);
	if (e != OK)
		return scope_fault_in(s, e, request->name);
	*ret_place = (struct page_text_place){ a->page, a->x, a->y, a->w, a->h };
	return OK;
}
