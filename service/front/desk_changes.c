#include "service/front/desk_changes.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/filing_engine.h"
#include "service/worker/worker_client.h"

#define WAIT_MS 20000

static const struct json_tree *member(const struct json_tree *t, const char *key)
{
	return t && t->kind == JSON_TREE_OBJECT ? json_tree_find(t, key) : NULL;
}

static const char *text(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_TEXT ? m->text : "";
}

static int64_t number(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_INTEGER ? m->number : 0;
}

static const struct worker_client_picture *picture_of(const struct worker_client_comparison *c,
    enum worker_client_picture_kind kind, int64_t sealed, int64_t now)
{
	for (size_t i = 0; i < c->n_pictures; i++)
		if (c->picture[i].kind == kind && c->picture[i].sealed == sealed &&
		    c->picture[i].now == now)
			return &c->picture[i];
	return NULL;
}

static void put_picture(struct template_data *d, const char *list,
    const struct worker_client_picture *picture, const char *caption, int64_t page)
{
	if (!picture || !page)
		return;
	struct template_data *item = template_add(d, list);
	template_put_picture(item, "picture", picture->png);
	template_put_number(item, "width", picture->width);
	template_put_number(item, "height", picture->height);
	template_put_said(item, "caption", caption);
	template_put_number(item, "page", page);
}

static void put_texts(const struct json_tree *texts, struct template_data *d)
{
	template_put_list(d, "texts");
	for (size_t i = 0; texts && i < texts->n && i < LIMIT_OUTLINE_CHANGES; i++) {
		struct template_data *item = template_add(d, "texts");
		template_put(item, "lead", text(&texts->item[i], "lead"));
		template_put(item, "went", text(&texts->item[i], "sealed"));
		template_put(item, "came", text(&texts->item[i], "now"));
		template_put(item, "trail", text(&texts->item[i], "trail"));
	}
}

static const char *look_word(const char *look)
{
	static const struct {
		const char *name, *word;
	} words[] = {
		{ "same", MESSAGES_MARK("looks the same") },
		{ "changed", MESSAGES_MARK("looks different") },
		{ "added", MESSAGES_MARK("was added") },
		{ "removed", MESSAGES_MARK("was removed") },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(look, words[i].name))
			return words[i].word;
	return MESSAGES_MARK("could not be compared");
}

static void put_page(
    const struct page *p, const struct worker_client_comparison *c, const struct json_tree *t)
{
	int64_t sealed = number(t, "sealed"), now = number(t, "now");
	const struct worker_client_picture *marked =
	    picture_of(c, WORKER_CLIENT_PICTURE_MARKED, sealed, now);
	if (!strcmp(text(t, "look"), "same"))
		return;
	struct template_data *d = template_add(p->data, "pages");
	template_put_number(d, "number", now ? now : sealed);
	template_put_said(d, "look", look_word(text(t, "look")));
	template_put_list(d, "pictures");
	put_picture(d, "pictures", picture_of(c, WORKER_CLIENT_PICTURE_SEALED, sealed, now),
	    MESSAGES_MARK("as it was signed"), sealed);
	put_picture(d, "pictures",
	    marked ? marked : picture_of(c, WORKER_CLIENT_PICTURE_NOW, sealed, now),
	    marked ? MESSAGES_MARK("now, with what differs framed") : MESSAGES_MARK("now"), now);
	put_texts(member(t, "text"), d);
}

/* Pictures without a text about them are shown all the same. */
static void put_comparison(const struct page *p, const struct worker_client_comparison *c)
{
	const struct json_tree *t = NULL;
	if (json_tree_parse(p->s, c->json, &t) != OK)
		scope_forgive(p->s);
	const struct json_tree *pages = member(t, "pages"), *changed = member(t, "changed");
	const struct json_tree *signature = member(t, "signature");
	template_put(p->data, "signature", text(signature, "id"));
	template_put(p->data, "field", text(signature, "name"));
	template_put_flag(p->data, "has_changed", changed && changed->truth);
	template_put_number(p->data, "page_count", number(t, "nowPages"));
	template_put_list(p->data, "pages");
	for (size_t i = 0; pages && i < pages->n; i++)
		put_page(p, c, &pages->item[i]);
	if (!pages)
		for (size_t i = 0; i < c->n_pictures; i++) {
			struct template_data *d = template_add(p->data, "pages");
			template_put_number(d, "number", c->picture[i].now);
			template_put_said(d, "look", look_word(""));
			put_picture(
			    d, "pictures", &c->picture[i], MESSAGES_MARK("now"), c->picture[i].now);
		}
}

static enum err compare(const struct page *p, const struct store_filing *filing,
    const char *signature, struct worker_client_comparison *ret_comparison)
{
	const struct configuration *c = p->front->configuration;
	const struct worker_client client = { .pool = p->front->workers,
		.wait_ms = WAIT_MS,
		.work_ms = (int)c->workers.seconds * 1000 };
	int document, pack;
	TRY(filing_engine_files(p->front, p->s, filing, &document, &pack));
	return worker_client_compare(
	    p->s, &client, document, pack, BYTES_NONE, signature, ret_comparison);
}

enum err desk_changes_show(const struct page *p, const struct store_filing *filing,
    const char *signature, struct http_reply *r)
{
	struct worker_client_comparison c;
	if (signature && strlen(signature) > LIMIT_NOTE)
		signature = NULL;
	enum err e = compare(p, filing, signature, &c);
	if (e == ERR_DENIED || e == ERR_FORMAT || e == ERR_UNSUPPORTED || e == ERR_MISUSE)
		return problem_reply(p->s, p->q, PROBLEM_NOT_FOUND,
		    MESSAGES_MARK("There is nothing here that can be compared."), r);
	TRY(e);
	template_put_said(p->data, "title", MESSAGES_MARK("What changed since it was signed"));
	put_comparison(p, &c);
	return page_reply(p, "changes", 200, r);
}
