#include "service/front/desk_queue.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "service/front/filing_view.h"
#include "service/front/page.h"
#include "service/store/store_person.h"

#define OVERVIEW_ROWS 10
#define QUEUE_ROWS 50

static struct store_filing_filter everything(void)
{
	return (struct store_filing_filter){ .state = STORE_FILING_ANY,
		.word = STORE_FILING_ANY,
		.decision = STORE_FILING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
}

static enum err put_rows(const struct page *p, const struct store_filing_list *list)
{
	template_put_list(p->data, "filings");
	template_put_flag(p->data, "has_filings", list->n > 0);
	for (size_t i = 0; i < list->n; i++)
		TRY(filing_view_row(p, &list->filing[i], template_add(p->data, "filings")));
	return OK;
}

/* -- the overview -- */
static enum err put_tiles(const struct page *p)
{
	static const char *const addresses[] = {
		[STORE_FILING_NO_WORD] = "/filings?decision=open",
		[STORE_FILING_ACCEPT] = "/filings?decision=open&word=accept",
		[STORE_FILING_CLOSER] = "/filings?decision=open&word=closer",
		[STORE_FILING_REFUSE] = "/filings?decision=open&word=refuse",
	};
	static const enum store_filing_word order[] = { STORE_FILING_ACCEPT, STORE_FILING_CLOSER,
		STORE_FILING_REFUSE, STORE_FILING_NO_WORD };
	uint64_t n[STORE_FILING_WORDS] = { 0 };
	TRY(store_filing_count_open(p->s, p->front->store, n));
	for (size_t i = 0; i < STORE_FILING_WORDS; i++) {
		enum store_filing_word word = order[i];
		if (word == STORE_FILING_NO_WORD && !n[word])
			continue;
		struct template_data *tile = template_add(p->data, "tiles");
		template_put(tile, "tone", filing_view_tone(word));
		template_put_said(tile, "word", filing_view_word(word));
		template_put_link(tile, "address", addresses[word]);
		template_put_number(tile, "n", (int64_t)n[word]);
	}
	return OK;
}

static enum err show_overview(const struct page *p, struct http_reply *r)
{
	struct store_filing_filter filter = everything();
	struct store_filing_list list;
	TRY(store_filing_list(
	    p->s, p->front->store, &filter, (struct store_page){ .limit = OVERVIEW_ROWS }, &list));
	template_put_said(p->data, "title", MESSAGES_MARK("Overview"));
	TRY(put_tiles(p));
	TRY(put_rows(p, &list));
	return page_reply(p, "overview", 200, r);
}

/* Everybody's start page is what he is there for. */
static enum err get_start(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	static const struct {
		unsigned role;
		const char *to;
	} starts[] = {
		{ STORE_PERSON_APPROVER, "/approvals" },
		{ STORE_PERSON_ADMINISTRATOR, "/partners" },
		{ STORE_PERSON_AUDITOR, "/log" },
	};
	struct page p;
	TRY(page_open(f, s, q,
	    STORE_PERSON_CLERK | STORE_PERSON_APPROVER | STORE_PERSON_ADMINISTRATOR |
		STORE_PERSON_AUDITOR,
	    r, &p));
	if (!p.session)
		return OK;
	if (p.session->roles & STORE_PERSON_CLERK)
		return show_overview(&p, r);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (p.session->roles & starts[i].role) {
			http_reply_redirect(r, starts[i].to);
			return OK;
		}
	return problem_reply(s, q, PROBLEM_FORBIDDEN, NULL, r);
}

/* -- the queue -- */
static void put_choice(const struct page *p, const char *list, const char *value, const char *word,
    bool is_said, const char *chosen)
{
	struct template_data *item = template_add(p->data, list);
	template_put(item, "value", value);
	if (is_said)
		template_put_said(item, "word", word);
	else
		template_put(item, "word", word);
	template_put_flag(item, "is_chosen", chosen && !strcmp(chosen, value));
}

static void put_choices(
    const struct page *p, const char *word, const char *decision, const char *source)
{
	const struct configuration *c = p->front->configuration;
	put_choice(p, "words", "", MESSAGES_MARK("All"), true, word);
	for (int i = STORE_FILING_ACCEPT; i < STORE_FILING_WORDS; i++)
		put_choice(p, "words", store_filing_word_name((enum store_filing_word)i),
		    filing_view_word((enum store_filing_word)i), true, word);
	put_choice(p, "decisions", "", MESSAGES_MARK("All"), true, decision);
	put_choice(p, "decisions", "open", MESSAGES_MARK("Open"), true, decision);
	put_choice(p, "decisions", "accepted", MESSAGES_MARK("Accepted"), true, decision);
	put_choice(p, "decisions", "refused", MESSAGES_MARK("Refused"), true, decision);
	put_choice(p, "sources", "", MESSAGES_MARK("All"), true, source);
	put_choice(p, "sources", "desk", MESSAGES_MARK("The desk"), true, source);
	for (size_t i = 0; i < c->n_portals; i++)
		put_choice(p, "sources", c->portal[i].id, c->portal[i].name, false, source);
}

static const char *asked(const struct http_request *q, const char *name)
{
	const char *value = http_request_query(q, name);
	return value && strlen(value) <= LIMIT_URL / 8 ? value : "";
}

/* "2026-11-22", as <input type="date"> sends it. */
static struct instant day_of(const char *text)
{
	struct civil c = { 0 };
	struct instant at;
	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return INSTANT_NONE;
	if (text[10])
		return INSTANT_NONE;
	c.year =
	    (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
	c.month = (text[5] - '0') * 10 + text[6] - '0';
	c.day = (text[8] - '0') * 10 + text[9] - '0';
	return instant_of_civil(c, &at) ? at : INSTANT_NONE;
}

static struct store_filing_filter filter_of(const struct http_request *q)
{
	struct store_filing_filter filter = everything();
	enum store_filing_word word;
	enum store_filing_decision decision;
	if (asked(q, "word")[0] && store_filing_word_of_name(asked(q, "word"), &word))
		filter.word = (int)word;
	if (store_filing_decision_of_name(asked(q, "decision"), &decision))
		filter.decision = (int)decision;
	filter.source = asked(q, "source")[0] ? asked(q, "source") : NULL;
	filter.text = asked(q, "q");
	filter.since = day_of(asked(q, "since"));
	return filter;
}

static enum err show_queue(const struct page *p, struct http_reply *r)
{
	const struct http_request *q = p->q;
	const struct store_filing_filter filter = filter_of(q);
	const char *after = asked(q, "after");
	struct store_filing_list list;
	TRY(store_filing_list(p->s, p->front->store, &filter,
	    (struct store_page){ .after = after[0] ? after : NULL, .limit = QUEUE_ROWS }, &list));
	template_put_said(p->data, "title", MESSAGES_MARK("Filings"));
	template_put(p->data, "q", asked(q, "q"));
	template_put(p->data, "since", instant_is_known(filter.since) ? asked(q, "since") : "");
	template_put(p->data, "word_value", asked(q, "word"));
	template_put(p->data, "decision_value", asked(q, "decision"));
	template_put(p->data, "source_value", asked(q, "source"));
	template_put(p->data, "next", list.next);
	template_put_flag(p->data, "is_later", after[0] != 0);
	put_choices(p, asked(q, "word"), asked(q, "decision"), asked(q, "source"));
	TRY(put_rows(p, &list));
	return page_reply(p, "filings", 200, r);
}

static enum err get_queue(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_CLERK, r, &p));
	return p.session ? show_queue(&p, r) : OK;
}

const struct route desk_queue_routes[] = {
	{ .listeners = HTTP_DESK, .method = "GET", .pattern = "/", .handle = get_start },
	{ .listeners = HTTP_DESK, .method = "GET", .pattern = "/filings", .handle = get_queue },
	{ 0 },
};
