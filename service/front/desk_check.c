#include "service/front/desk_check.h"

#include <string.h>

#include "base/scope.h"
#include "service/front/filing_engine.h"
#include "service/front/filing_view.h"
#include "service/front/page.h"
#include "service/front/page_path.h"
#include "service/store/identifier.h"
#include "service/store/store_person.h"

static void put_counts(struct template_data *d, const struct store_filing_list *list)
{
	int64_t n[STORE_FILING_WORDS] = { 0 };
	for (size_t i = 0; i < list->n; i++)
		n[list->filing[i].word]++;
	template_put_flag(d, "counts", list->n > 1);
	template_put_number(d, "accept", n[STORE_FILING_ACCEPT]);
	template_put_number(d, "closer", n[STORE_FILING_CLOSER]);
	template_put_number(d, "refuse", n[STORE_FILING_REFUSE]);
}

/* What the script fills in itself. */
static void put_places(struct template_data *d)
{
	template_put(d, "i_place", "{i}");
	template_put(d, "n_place", "{n}");
	template_put(d, "name_place", "{name}");
	template_put(d, "failed_place", "{failed}");
}

static enum err show(const struct page *p, const char *batch, struct http_reply *r)
{
	const struct configuration *c = p->front->configuration;
	struct store_filing_list list = { 0 };
	struct store_filing_filter filter = { .batch = batch,
		.state = STORE_FILING_ANY,
		.word = STORE_FILING_ANY,
		.decision = STORE_FILING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	if (batch)
		TRY(store_filing_list(p->s, p->front->store, &filter,
		    (struct store_page){ .limit = c->limits.documents }, &list));
	else
		TRY(identifier_new(p->s, IDENTIFIER_BATCH, &batch));
	template_put_said(p->data, "title", MESSAGES_MARK("Check files"));
	template_put(p->data, "batch", batch);
	template_put_number(p->data, "most", c->limits.documents);
	template_put_flag(p->data, "has_filings", list.n > 0);
	template_put_list(p->data, "filings");
	put_counts(p->data, &list);
	put_places(p->data);
	for (size_t i = 0; i < list.n; i++)
		TRY(filing_view_row(p, &list.filing[i], template_add(p->data, "filings")));
	return page_reply(p, "check", 200, r);
}

static enum err get_check(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *batch = q->parameter[0];
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_CLERK, r, &p));
	if (!p.session)
		return OK;
	if (batch && !identifier_is(batch, IDENTIFIER_BATCH))
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	return show(&p, batch, r);
}

static enum err may_post(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	return person_session_check(f, s, q, STORE_PERSON_CLERK, r);
}

/* A browser whose form has no file chosen sends one of no name and no octets. */
static bool is_file(const struct http_part *part)
{
	return part->file_name && !strcmp(part->name, "file") &&
	       (part->file_name[0] || part->size > 0);
}

/* What could not be judged yet is judged later by itself: the row says so. */
static enum err receive(const struct page *p, const struct http_part *part, const char *batch,
    const struct store_filing **ret_filing)
{
	const struct filing_engine_origin origin = { .person = p->session, .batch = batch };
	bool is_new;
	return filing_engine_receive(p->front, p->s, p->q, part, &origin, ret_filing, &is_new);
}

/* For the script, which sends files one by one: the row alone. */
static enum err answer_row(
    const struct page *p, const struct store_filing *filing, struct http_reply *r)
{
	TRY(filing_view_row(p, filing, p->data));
	return page_reply_part(p, "filing_row", 200, r);
}

static enum err receive_all(const struct page *p, const char *batch, struct http_reply *r)
{
	const struct configuration *c = p->front->configuration;
	const struct store_filing *filing = NULL;
	const char *to;
	unsigned n = 0;
	for (size_t i = 0; i < p->q->n_parts; i++)
		n += is_file(&p->q->part[i]);
	if (n > c->limits.documents)
		return problem_reply(
		    p->s, p->q, PROBLEM_TOO_LARGE, MESSAGES_MARK("Too many files at a time."), r);
	for (size_t i = 0; i < p->q->n_parts; i++)
		if (is_file(&p->q->part[i]))
			TRY(receive(p, &p->q->part[i], batch, &filing));
	if (n && http_request_header(p->q, "X-Bulla-Row"))
		return answer_row(p, filing, r);
	TRY(page_path_of(p->s, "/check/", batch, "", &to));
	return page_done(p->s, n ? to : "/check", n ? PAGE_FLASH_NONE : PAGE_FLASH_NO_FILE, r);
}

static enum err post_check(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *batch;
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_CLERK, r, &p));
	if (!p.session)
		return OK;
	batch = http_request_field(q, "batch");
	if (!identifier_is(batch, IDENTIFIER_BATCH))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, NULL, r);
	return receive_all(&p, batch, r);
}

const struct route desk_check_routes[] = {
	{ .listeners = HTTP_DESK, .method = "GET", .pattern = "/check", .handle = get_check },
	{ .listeners = HTTP_DESK,
	    .method = "POST",
	    .pattern = "/check",
	    .body = ROUTE_MULTIPART,
	    .check = may_post,
	    .handle = post_check },
	{ .listeners = HTTP_DESK,
	    .method = "GET",
	    .pattern = "/check/{batch}",
	    .handle = get_check },
	{ 0 },
};
