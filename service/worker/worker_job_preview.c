#include "base/limits.h"
#include "base/scope.h"
#include "service/page_preview.h"
#include "service/worker/worker_job.h"

#define NAME "the document"

struct shown {
	struct bytes png;
	uint32_t width, height;
};

static enum err take(struct scope *s, void *ctx, const struct page_preview_page *page)
{
	struct shown *shown = ctx;
	shown->width = page->raster.width;
	shown->height = page->raster.height;
	return raster_png(s, &page->raster, &shown->png);
}

enum err worker_job_preview(struct worker_job *j)
{
	struct page_preview_document d = { .name = NAME };
	struct shown shown = { 0 };
	int64_t page = 0, dpi = 0;
	size_t pages = 0;
	TRY(worker_job_password(j, &d.password));
	TRY(message_number(&j->request, WORKER_FIELD_PAGE, 1, LIMIT_PDF_PAGES, &page));
	TRY(message_number(
	    &j->request, WORKER_FIELD_DPI, PAGE_PREVIEW_DPI_LEAST, PAGE_PREVIEW_DPI_MOST, &dpi));
	TRY(worker_job_begin(j, 1));
	TRY(worker_job_map(j, 0, &d.content));
	TRY(page_preview_count(j->s, &d, 1, &pages));
	if ((size_t)page > pages)
		return scope_fault(j->s, ERR_DENIED, "there is no such page: %zu in all", pages);
	const struct page_preview_step step = { .page = (uint32_t)page };
	const struct page_preview_request r = { .documents = &d,
		.n_documents = 1,
		.steps = &step,
		.n_steps = 1,
		.dpi = (double)dpi,
		.take = take,
		.ctx = &shown };
	TRY(page_preview_run(j->s, &r));
	message_put_bytes(&j->answer, WORKER_FIELD_PICTURE, shown.png);
	message_put_number(&j->answer, WORKER_FIELD_PAGES, (int64_t)pages);
	message_put_number(&j->answer, WORKER_FIELD_WIDTH, shown.width);
	message_put_number(&j->answer, WORKER_FIELD_HEIGHT, shown.height);
	return OK;
}
