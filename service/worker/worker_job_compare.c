#include "base/limits.h"
#include "base/scope.h"
#include "service/comparison_outline.h"
#include "service/worker/worker_job.h"
#include "validator/validate.h"

#define DPI 90
#define OCTETS LIMIT_COMPARE_EMBEDDED /* of all pictures */
#define END_MS 3000                   /* what is left for the rest of the job */

struct shown_picture {
	struct bytes png;
	uint8_t shown[20]; /* WORKER_FIELD_SHOWN */
};

struct comparing {
	struct shown_picture picture[LIMIT_WORKER_PICTURES];
	size_t n, octets;
	bool full;
};

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static enum err put(struct scope *s, struct comparing *x, enum worker_client_picture_kind kind,
    const struct comparison_page *page, const struct raster *r)
{
	struct shown_picture *p = &x->picture[x->n];
	TRY(raster_png(s, r, &p->png));
	if (p->png.n > OCTETS - x->octets) {
		x->full = true;
		return OK;
	}
	x->octets += p->png.n;
	put_u32(p->shown, kind);
	put_u32(p->shown + 4, page->sealed);
	put_u32(p->shown + 8, page->now);
	put_u32(p->shown + 12, r->width);
	put_u32(p->shown + 16, r->height);
	x->n++;
	return OK;
}

/* The pictures of a page together, or none of them. */
static enum err take_page(struct scope *s, void *ctx, const struct comparison_page *page,
    const struct comparison_pictures *pictures)
{
	struct comparing *x = ctx;
	const size_t before = x->n;
	struct raster marked;
	if (page->kind == COMPARISON_SAME || x->full ||
	    x->n + WORKER_CLIENT_PICTURES > LIMIT_WORKER_PICTURES)
		return OK;
	if (page->sealed)
		TRY(put(s, x, WORKER_CLIENT_PICTURE_SEALED, page, &pictures->sealed));
	if (page->now && !x->full)
		TRY(put(s, x, WORKER_CLIENT_PICTURE_NOW, page, &pictures->now));
	if (page->kind == COMPARISON_CHANGED && !x->full) {
		TRY(comparison_mark(s, page, &pictures->now, &marked));
		TRY(put(s, x, WORKER_CLIENT_PICTURE_MARKED, page, &marked));
	}
	if (x->full)
		x->n = before;
	return OK;
}

/* What is told of changes rests on the document alone: no trust, no network. */
static enum err judge_alone(
    struct worker_job *j, struct bytes document, struct bytes password, struct report **ret_report)
{
	const struct anchors *nobody;
	struct fetcher_world *world;
	TRY(worker_job_world(j, INSTANT_NONE, &world));
	TRY(anchors_new(j->s, NULL, 0, &nobody));
	const struct validate_request request = {
		.name = "the document",
		.document = document,
		.password = password,
		.anchors = nobody,
		.policy = policy_default(),
		.at = world->world.now(world->world.ctx),
		.offline = true,
	};
	return validate_pdf(j->s, NULL, &request, ret_report);
}

static enum err compare(struct worker_job *j, struct comparing *x, const char *signature,
    struct comparison_request *request, struct bytes *ret_json)
{
	struct comparison c;
	const unsigned seconds = j->kit->configuration->workers.seconds;
	TRY(comparison_choose(j->s, request->report, signature, &request->signature));
	request->first = 1;
	request->dpi = DPI;
	request->wall_ms = seconds * 1000 > 2 * END_MS ? seconds * 1000 - END_MS : END_MS;
	request->take = take_page;
	request->ctx = x;
	TRY(comparison_make(j->s, request, &c));
	return comparison_json(j->s, &c, NULL, ret_json);
}

enum err worker_job_compare(struct worker_job *j)
{
	struct comparing *x = scope_alloc(j->s, sizeof(*x));
	struct comparison_request request = { .document = BYTES_NONE };
	struct report *r;
	struct bytes kept, json;
	const char *signature;
	int64_t has_pack = 0;
	if (!x)
		return ERR_NOMEM;
	TRY(worker_job_password(j, &request.password));
	TRY(message_text_or_null(
	    &j->request, WORKER_FIELD_SIGNATURE, LIMIT_WORKER_TEXT, &signature));
	TRY(message_number_or(&j->request, WORKER_FIELD_WANTS_PACK, 0, 1, 0, &has_pack));
	TRY(worker_job_begin(j, has_pack ? 2 : 1));
	TRY(worker_job_map(j, 0, &request.document));
	TRY(has_pack ? worker_job_replay(j, 1, request.document, request.password, &r, &kept)
		     : judge_alone(j, request.document, request.password, &r));
	request.report = r;
	TRY(compare(j, x, signature, &request, &json));
	for (size_t i = 0; i < x->n; i++)
		message_put_bytes(&j->answer, WORKER_FIELD_PICTURE, x->picture[i].png);
	message_put_bytes(&j->answer, WORKER_FIELD_CONTENT, json);
	for (size_t i = 0; i < x->n; i++)
		message_put_bytes(&j->answer, WORKER_FIELD_SHOWN,
		    bytes_of(x->picture[i].shown, sizeof(x->picture[i].shown)));
	return OK;
}
