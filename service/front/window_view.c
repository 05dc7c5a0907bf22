#include "service/front/window_view.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_canonical.h"
#include "service/front/name_view.h"
#include "service/front/sealing_request.h"
#include "service/store/store_partner.h"
#include "service/worker/worker_seal_options.h"

static enum err text_of(struct buf *b, const char **ret_text)
{
	char *text;
	TRY(buf_done_str(b, &text));
	*ret_text = text;
	return OK;
}

enum err window_view_path(
    struct scope *s, const struct store_sealing *l, const char *rest, const char **ret_path)
{
	struct buf b = buf_new(s, 512);
	buf_addf(&b, "/sealing/%s%s", l->id, rest);
	return text_of(&b, ret_path);
}

static enum err put_path(
    const struct page *p, const char *name, const struct store_sealing *l, const char *rest)
{
	const char *path;
	TRY(window_view_path(p->s, l, rest, &path));
	template_put_link(p->data, name, path);
	return OK;
}

enum err window_view_login(const struct page *p, const struct store_sealing *l, const char *fault,
    bool is_lost, int status, struct http_reply *r)
{
	template_put_said(p->data, "title", MESSAGES_MARK("Log in to seal"));
	if (fault)
		template_put_said(p->data, "fault", fault);
	template_put_flag(p->data, "is_lost", is_lost);
	TRY(put_path(p, "login_action", l, "/login"));
	return page_reply(p, "window_login", status, r);
}

/* -- documents -- */

/* "1.2 MB" */
static enum err put_size(struct scope *s, struct template_data *d, uint64_t octets)
{
	static const char *const units[] = { "B", "kB", "MB", "GB" };
	size_t u = 0;
	uint64_t tenths = octets * 10;
	while (tenths >= 10000 && u < 3) {
		tenths = (tenths + 500) / 1000;
		u++;
	}
	struct buf b = buf_new(s, 64);
	const char *text;
	if (u && tenths < 1000)
		buf_addf(
		    &b, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10), units[u]);
	else
		buf_addf(&b, "%u %s", (unsigned)(tenths / 10), units[u]);
	TRY(text_of(&b, &text));
	template_put(d, "size", text);
	return OK;
}

static enum err put_document_link(struct scope *s, struct template_data *d, const char *name,
    const struct store_sealing *l, unsigned n, const char *rest)
{
	struct buf b = buf_new(s, 512);
	const char *path;
	buf_addf(&b, "/sealing/%s/documents/%u%s", l->id, n, rest);
	TRY(text_of(&b, &path));
	template_put_link(d, name, path);
	return OK;
}

static enum err put_digest(struct scope *s, struct template_data *d, const uint8_t sha256[32])
{
	char *hex;
	TRY(bytes_to_hex(s, bytes_of(sha256, 32), &hex));
	template_put(d, "sha256", hex);
	return OK;
}

static enum err put_alt(
    const struct page *p, struct template_data *d, unsigned page, const char *name)
{
	struct buf b = buf_new(p->s, 1024);
	const char *text;
	buf_addf(&b, "%s %u, %s", page_say(p, MESSAGES_MARK("Page")), page, name);
	TRY(text_of(&b, &text));
	template_put(d, "alt", text);
	return OK;
}

static enum err put_document(const struct page *p, const struct store_sealing *l,
    const struct store_sealing_document *document)
{
	struct template_data *d = template_add(p->data, "documents");
	template_put(d, "name", document->name);
	template_put_number(d, "n", document->pages);
	TRY(put_size(p->s, d, document->size));
	TRY(put_digest(p->s, d, document->sha256));
	TRY(put_alt(p, d, 1, document->name));
	TRY(put_document_link(p->s, d, "picture", l, document->n, "/pages/1/picture"));
	TRY(put_document_link(p->s, d, "pages_link", l, document->n, "/pages/1"));
	return put_document_link(p->s, d, "file_link", l, document->n, "/file");
}

/* -- what is asked for -- */

/* Each member of the application's data in a row; what is nested as its canonical text. */
static enum err put_data(const struct page *p, const struct store_sealing *l)
{
	const struct json_tree *t;
	TRY(json_tree_parse(p->s, bytes_of_str(l->data), &t));
	template_put_flag(p->data, "has_data", t->kind == JSON_TREE_OBJECT && t->n);
	for (size_t i = 0; t->kind == JSON_TREE_OBJECT && i < t->n; i++) {
		struct template_data *d = template_add(p->data, "data");
		const struct json_tree *v = &t->item[i];
		struct bytes text;
		template_put(d, "name", v->key);
		if (v->kind == JSON_TREE_TEXT)
			text = bytes_of_str(v->text);
		else
			TRY(json_canonical_text(p->s, v, LIMIT_SEALING_DATA, &text));
		template_put(d, "value", (const char *)text.p);
	}
	return OK;
}

static enum err put_matter(const struct page *p, const struct store_sealing *l)
{
	const struct configuration_portal *portal =
	    configuration_find_portal(p->front->configuration, l->portal);
	const struct store_partner *partner = NULL;
	if (l->partner)
		TRY(store_partner_find(p->s, p->front->store, l->partner, &partner));
	template_put(p->data, "title", l->title);
	template_put(p->data, "matter", l->title);
	if (*l->reference)
		template_put(p->data, "reference", l->reference);
	template_put(p->data, "portal", portal ? portal->name : l->portal);
	template_put(p->data, "partner", partner ? partner->name : "");
	template_put_time(p->data, "expires", l->expires);
	template_put_number(p->data, "n", (int64_t)l->n_documents);
	template_put_list(p->data, "documents");
	for (size_t i = 0; i < l->n_documents; i++)
		TRY(put_document(p, l, &l->document[i]));
	return put_data(p, l);
}

static const char *level_words(enum seal_level level)
{
	if (level == SEAL_B_LTA)
		return MESSAGES_MARK(
		    "with a timestamp, proofs of validity, and a timestamp over both");
	if (level == SEAL_B_LT)
		return MESSAGES_MARK("with a timestamp and proofs of validity");
	return MESSAGES_MARK("with a timestamp");
}

static const char *look_words(const struct worker_seal_options *o)
{
	if (!o->is_visible)
		return MESSAGES_MARK("nothing is to be seen of the seal");
	if (o->anchor)
		return MESSAGES_MARK("a seal that is seen, beside a text of the document");
	if (o->look.place.page == -1)
		return MESSAGES_MARK("a seal that is seen, on the last page");
	return MESSAGES_MARK("a seal that is seen");
}

static enum err put_options(const struct page *p, const struct store_sealing *l)
{
	const struct configuration *c = p->front->configuration;
	struct worker_seal_options o;
	enum seal_level level = SEAL_B_LTA;
	TRY(worker_seal_options_read(p->s, bytes_of_str(l->options), &o));
	if (o.has_level)
		level = o.level;
	else if (c->level && !seal_level_of_name(c->level, &level))
		return scope_fault(p->s, ERR_INTERNAL, "window: the level of the configuration");
	template_put(p->data, "level", seal_level_name(level));
	template_put_said(p->data, "level_words", level_words(level));
	template_put_said(p->data, "look", look_words(&o));
	if (o.reason)
		template_put(p->data, "reason", o.reason);
	if (o.is_visible && o.look.barcode != BARCODE_KIND_NONE) {
		char *text;
		TRY(bytes_to_str(p->s, o.look.barcode_data, &text));
		template_put(p->data, "barcode", text);
	}
	return OK;
}

static enum err put_keys(const struct page *p, const struct store_key_list *keys)
{
	const struct configuration *c = p->front->configuration;
	const struct instant soon =
	    instant_add(p->q->at, (int64_t)c->times.key_notice_days * 86400);
	template_put_flag(p->data, "has_keys", keys->n > 0);
	for (size_t i = 0; i < keys->n; i++) {
		const struct store_key *k = &keys->key[i];
		struct template_data *d = template_add(p->data, "keys");
		template_put(d, "id", k->id);
		TRY(name_view_put(p->s, d, k->subject, k->issuer));
		template_put(d, "serial", k->serial);
		template_put_time(d, "until", k->not_after);
		template_put_time(d, "approved", k->decided_at);
		template_put_flag(d, "is_first", i == 0);
		template_put_flag(d, "ends_soon", instant_before(k->not_after, soon));
		if (*k->disclaimer)
			template_put(d, "disclaimer", k->disclaimer);
	}
	return OK;
}

enum err window_view_sealing(const struct page *p, const struct store_sealing *l,
    const struct store_key_list *keys, const struct window_view_fault *fault, int status,
    struct http_reply *r)
{
	TRY(put_matter(p, l));
	TRY(put_options(p, l));
	TRY(put_keys(p, keys));
	if (fault->text)
		template_put_said(p->data, "fault", fault->text);
	if (fault->detail && *fault->detail)
		template_put(p->data, "fault_detail", fault->detail);
	template_put_flag(p->data, "is_wrong", fault->is_password);
	TRY(put_path(p, "seal_action", l, "/seal"));
	TRY(put_path(p, "refuse_action", l, "/refuse"));
	return page_reply(p, "window_sealing", status, r);
}

/* -- how it ended -- */

static const struct {
	const char *tone, *state, *words;
} ends[STORE_SEALING_STATES] = {
	[STORE_SEALING_AWAITING] = { "quiet", MESSAGES_MARK("Waits"), "" },
	[STORE_SEALING_SEALING] = { "quiet", MESSAGES_MARK("Is being sealed"),
	    MESSAGES_MARK("This takes some seconds.") },
	[STORE_SEALING_SEALED] = { "good", MESSAGES_MARK("Sealed"),
	    MESSAGES_MARK("The documents are sealed; the portal has been told.") },
	[STORE_SEALING_CANCELLED] = { "caution", MESSAGES_MARK("Cancelled"),
	    MESSAGES_MARK("Nothing was sealed; the portal has been told.") },
	[STORE_SEALING_EXPIRED] = { "caution", MESSAGES_MARK("Expired"),
	    MESSAGES_MARK("Nothing was sealed in time. Ask the portal for a new sealing.") },
	[STORE_SEALING_FAILED] = { "bad", MESSAGES_MARK("Failed"),
	    MESSAGES_MARK("Nothing was sealed; the portal has been told.") },
};

/* The judge's sentence about a sealed document, in the page's language. */
static enum err put_sentence(
    const struct page *p, struct template_data *d, const struct store_sealing_document *document)
{
	const struct json_tree *t, *sentence = NULL, *text = NULL, *word = NULL;
	const char *language;
	template_put(d, "tone", "good");
	if (!*document->summary)
		return OK;
	TRY(json_tree_parse(p->s, bytes_of_str(document->summary), &t));
	TRY(page_language(p->front, p->s, p->q, p->session, &language));
	if (t->kind == JSON_TREE_OBJECT) {
		sentence = json_tree_find(t, "sentence");
		word = json_tree_find(t, "word");
	}
	if (sentence && sentence->kind == JSON_TREE_OBJECT) {
		text = json_tree_find(sentence, language);
		if (!text)
			text = json_tree_find(sentence, "en");
	}
	if (text && text->kind == JSON_TREE_TEXT)
		template_put(d, "sentence", text->text);
	if (word && word->kind == JSON_TREE_TEXT && strcmp(word->text, "accept"))
		template_put(d, "tone", strcmp(word->text, "closer") ? "bad" : "caution");
	return OK;
}

static enum err put_result(const struct page *p, const struct store_sealing *l,
    const struct store_sealing_document *document)
{
	struct template_data *d = template_add(p->data, "results");
	template_put(d, "name", document->name);
	TRY(put_size(p->s, d, document->sealed_size));
	TRY(put_digest(p->s, d, document->sealed_sha256));
	if (l->has_files)
		TRY(put_document_link(p->s, d, "file_link", l, document->n, "/file"));
	return put_sentence(p, d, document);
}

/* Back to the portal, if it may still say so. */
static enum err put_return(const struct page *p, const struct store_sealing *l)
{
	const struct configuration_portal *portal =
	    configuration_find_portal(p->front->configuration, l->portal);
	if (!l->return_url || !portal ||
	    !sealing_request_may_return(l->return_url, portal->return_urls, portal->n_return_urls))
		return OK;
	const char *host = strstr(l->return_url, "//") + 2;
	char *name;
	TRY(bytes_to_str(p->s, bytes_of(host, strcspn(host, "/?#")), &name));
	template_put_link(p->data, "return_link", l->return_url);
	template_put(p->data, "return_host", name);
	return OK;
}

enum err window_view_end(const struct page *p, const struct store_sealing *l, struct http_reply *r)
{
	const bool is_sealed = l->state == STORE_SEALING_SEALED;
	template_put(p->data, "title", l->title);
	template_put(p->data, "tone", ends[l->state].tone);
	template_put_said(p->data, "state", ends[l->state].state);
	template_put_said(p->data, "state_words", ends[l->state].words);
	if (!is_sealed && *l->cause_text)
		template_put(p->data, "cause", l->cause_text);
	template_put_flag(p->data, "is_working", l->state == STORE_SEALING_SEALING);
	TRY(put_path(p, "here_link", l, ""));
	template_put_flag(p->data, "is_sealed", is_sealed);
	template_put_list(p->data, "results");
	for (size_t i = 0; is_sealed && i < l->n_documents; i++)
		TRY(put_result(p, l, &l->document[i]));
	TRY(put_return(p, l));
	return page_reply(p, "window_end", 200, r);
}

/* -- one page -- */

static enum err put_page_link(const struct page *p, struct template_data *d, const char *name,
    const struct store_sealing *l, const struct store_sealing_document *document, unsigned number,
    const char *rest)
{
	char path[64];
	struct buf b = buf_new(p->s, sizeof path);
	char *text;
	buf_addf(&b, "/pages/%u%s", number, rest);
	TRY(buf_done_str(&b, &text));
	return put_document_link(p->s, d, name, l, document->n, text);
}

static enum err put_near(const struct page *p, const struct store_sealing *l,
    const struct store_sealing_document *d, unsigned number)
{
	const unsigned first = number > 5 ? number - 5 : 1;
	const unsigned last = number + 5 < d->pages ? number + 5 : d->pages;
	for (unsigned i = first; i <= last; i++) {
		struct template_data *item = template_add(p->data, "near");
		template_put_number(item, "number", i);
		template_put_flag(item, "is_here", i == number);
		TRY(put_page_link(p, item, "link", l, d, i, ""));
	}
	if (number > 1) {
		TRY(put_page_link(p, p->data, "first_link", l, d, 1, ""));
		TRY(put_page_link(p, p->data, "previous_link", l, d, number - 1, ""));
	}
	if (number < d->pages) {
		TRY(put_page_link(p, p->data, "next_link", l, d, number + 1, ""));
		TRY(put_page_link(p, p->data, "last_link", l, d, d->pages, ""));
	}
	return OK;
}

enum err window_view_page(const struct page *p, const struct store_sealing *l,
    const struct store_sealing_document *d, unsigned number, struct http_reply *r)
{
	struct buf b = buf_new(p->s, 256);
	const char *where;
	buf_addf(&b, "%s %u / %u", page_say(p, MESSAGES_MARK("Page")), number, d->pages);
	TRY(text_of(&b, &where));
	template_put(p->data, "title", d->name);
	template_put(p->data, "where", where);
	template_put_list(p->data, "near");
	TRY(put_alt(p, p->data, number, d->name));
	TRY(put_near(p, l, d, number));
	TRY(put_page_link(p, p->data, "picture", l, d, number, "/picture"));
	TRY(put_path(p, "back_link", l, ""));
	return page_reply(p, "window_page", 200, r);
}
