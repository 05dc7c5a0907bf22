#include "validator/report_outline.h"

const char *report_outline_page(struct outline *o, uint32_t sealed, uint32_t now)
{
	const struct messages_value numbers[] = { { "sealed", outline_number(o, sealed) },
		{ "now", outline_number(o, now) }, { 0 } };
	if (!now)
		return outline_fill(o, outline_say(o, "Page {sealed} of what was sealed"), numbers);
	if (!sealed || sealed == now)
		return outline_fill(o, outline_say(o, "Page {now}"), numbers);
	return outline_fill(
	    o, outline_say(o, "Page {now} (page {sealed} when it was sealed)"), numbers);
}

static const char *caption_of(const struct outline *o, size_t kind)
{
	static const char *const captions[] = {
		[REPORT_PICTURE_SEALED] = MESSAGES_MARK("As it was sealed"),
		[REPORT_PICTURE_NOW] = MESSAGES_MARK("Now"),
		[REPORT_PICTURE_MARKED] = MESSAGES_MARK("Now, with what differs framed"),
	};
	return outline_say(o, captions[kind]);
}

void report_outline_page_pictures(struct outline *o, const struct report_page_pictures *page)
{
	struct outline_picture shown[REPORT_PICTURE_KINDS];
	const char *names = "", *text = "";
	size_t n = 0;
	for (size_t i = 0; i < REPORT_PICTURE_KINDS; i++) {
		const struct report_picture *p = &page->picture[i];
		if (!p->uri && !p->name)
			continue;
		shown[n++] = (struct outline_picture){ .uri = p->uri,
			.alt = OUTLINE_FILL(o, "{page}: {what}",
			    { "page", report_outline_page(o, page->sealed, page->now) },
			    { "what", caption_of(o, i) }),
			.caption = caption_of(o, i),
			.link = p->name,
			.width = p->width,
			.height = p->height };
		if (p->name)
			names = OUTLINE_FILL(o, names[0] ? "{names}, {name}" : "{name}",
			    { "names", names }, { "name", p->name });
	}
	if (names[0])
		text = OUTLINE_FILL(o, outline_say(o, "Pictures: {names}"), { "names", names });
	if (n)
		outline_pictures(o, text, shown, n);
}

static void add_pages(struct outline *o, const struct report_pictures *p)
{
	for (size_t i = 0; i < p->n; i++) {
		outline_sentence(o, report_outline_page(o, p->page[i].sealed, p->page[i].now));
		report_outline_page_pictures(o, &p->page[i]);
	}
	if (p->n && p->n_different > p->n)
		outline_sentence(o,
		    outline_count(o,
			"{n} further page looks different; the command \"bulla compare\" shows it.",
			"{n} further pages look different; the command \"bulla compare\" shows "
			"them.",
			p->n_different - p->n));
}

void report_outline_pictures(struct outline *o, const struct report_signature *sig)
{
	const struct report_pictures *p = sig->pictures;
	if (!p)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "How it looks"));
	if (p->failure)
		outline_sentence(
		    o, OUTLINE_FILL(o, outline_say(o, "The pages could not be shown: {why}."),
			   { "why", p->failure }));
	else if (p->n_different)
		outline_sentence(
		    o, outline_count(o, "{n} page looks different from when it was sealed.",
			   "{n} pages look different from when they were sealed.", p->n_different));
	else
		outline_sentence(
		    o, outline_count(o, "The page looks as it did when it was sealed.",
			   "All {n} pages look as they did when they were sealed.", p->n_pages));
	add_pages(o, p);
}
