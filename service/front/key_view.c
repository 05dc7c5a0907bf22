#include "service/front/key_view.h"

#include <string.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/name_view.h"
#include "service/front/page_path.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"
#include "service/worker/worker_client.h"

#define WAIT_MS 2000 /* a page does not wait longer for what it could do without */

static const struct {
	const char *tone, *word;
} states[] = {
	[STORE_KEY_WAITING] = { "caution", MESSAGES_MARK("Waits for approval") },
	[STORE_KEY_APPROVED] = { "good", MESSAGES_MARK("In use") },
	[STORE_KEY_REFUSED] = { "bad", MESSAGES_MARK("Refused") },
	[STORE_KEY_WITHDRAWN] = { "quiet", MESSAGES_MARK("Withdrawn") },
	[STORE_KEY_DESTROYED] = { "quiet", MESSAGES_MARK("Destroyed") },
};

static enum err put_persons(
    const struct page *p, const struct store_key *k, struct template_data *d)
{
	const struct store_person *by = NULL, *decided = NULL;
	const struct store_partner *partner = NULL;
	TRY(store_person_find(p->s, p->front->store, k->deposited_by, &by));
	if (k->decided_by)
		TRY(store_person_find(p->s, p->front->store, k->decided_by, &decided));
	TRY(store_partner_find(p->s, p->front->store, k->partner, &partner));
	template_put(d, "deposited_by", by ? by->name : k->deposited_by);
	template_put(d, "decided_by", decided ? decided->name : k->decided_by);
	template_put(d, "partner", partner ? partner->name : k->partner);
	template_put(d, "partner_number", partner ? partner->number : NULL);
	return OK;
}

static enum err put_digest(const struct page *p, const struct store_key *k, struct template_data *d)
{
	char *hex;
	TRY(bytes_to_hex(
	    p->s, bytes_of(k->certificate_sha256, sizeof(k->certificate_sha256)), &hex));
	template_put(d, "sha256", hex);
	return OK;
}

enum err key_view_put(const struct page *p, const struct store_key *k, struct template_data *d)
{
	const struct configuration *c = p->front->configuration;
	const char *address;
	bool lives = k->state == STORE_KEY_WAITING || k->state == STORE_KEY_APPROVED;
	struct instant soon = instant_add(p->q->at, (int64_t)c->times.key_notice_days * 86400);
	bool has_ended = !instant_before(p->q->at, k->not_after);
	TRY(page_path_of(p->s, "/partner/keys/", k->id, "", &address));
	template_put(d, "id", k->id);
	template_put_link(d, "address", address);
	TRY(name_view_put(p->s, d, k->subject, k->issuer));
	template_put(d, "serial", k->serial);
	template_put(d, "disclaimer", k->disclaimer);
	template_put_time(d, "valid_from", k->not_before);
	template_put_time(d, "valid_until", k->not_after);
	template_put_time(d, "deposited_at", k->deposited_at);
	template_put_time(d, "decided_at", k->decided_at);
	template_put_time(d, "ended_at", k->ended_at);
	template_put(d, "note", k->note);
	template_put(d, "tone", lives && has_ended ? "bad" : states[k->state].tone);
	template_put_said(d, "state",
	    lives && has_ended ? MESSAGES_MARK("Certificate has ended") : states[k->state].word);
	template_put_flag(
	    d, "is_ending", lives && !has_ended && instant_before(k->not_after, soon));
	template_put_flag(d, "has_ended", lives && has_ended);
	template_put_flag(d, "may_withdraw", lives);
	TRY(put_digest(p, k, d));
	return put_persons(p, k, d);
}

/* -- the judge's word -- */
static const struct json_tree *member(const struct json_tree *t, const char *key)
{
	return t && t->kind == JSON_TREE_OBJECT ? json_tree_find(t, key) : NULL;
}

static const char *text(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_TEXT ? m->text : NULL;
}

static const char *said(const struct page *p, const struct json_tree *t, const char *key)
{
	const char *in_language = text(member(t, key), messages_language(p->messages));
	return in_language ? in_language : text(member(t, key), "en");
}

static bool truth(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_BOOL && m->truth;
}

/* The certificate's "NTRHU-12345678" for the partner's "12345678": it must at least be in there. */
static bool is_other_number(const char *certified, const struct store_partner *partner)
{
	return partner && partner->number[0] && certified && !strstr(certified, partner->number);
}

static void put_judgement(const struct page *p, const struct json_tree *t,
    const struct store_partner *partner, struct template_data *d)
{
	const struct json_tree *reasons = member(t, "reasons");
	template_put_flag(d, "is_accepted", truth(t, "accepted"));
	template_put_flag(d, "is_qualified", truth(t, "qualified"));
	template_put_flag(d, "is_seal", truth(t, "seal"));
	template_put(d, "organisation_name", text(t, "organisation"));
	template_put(d, "organisation_number", text(t, "number"));
	template_put_flag(d, "is_other_number", is_other_number(text(t, "number"), partner));
	template_put_list(d, "reasons");
	for (size_t i = 0; reasons && i < reasons->n; i++) {
		struct template_data *item = template_add(d, "reasons");
		template_put(item, "reason", said(p, &reasons->item[i], "sentence"));
		template_put(item, "code", text(&reasons->item[i], "code"));
	}
}

static enum err ask(const struct page *p, const struct store_key *k,
    struct worker_client_certificate *ret_certificate)
{
	const struct configuration *c = p->front->configuration;
	const struct worker_client client = { .pool = p->front->workers,
		.wait_ms = WAIT_MS,
		.work_ms = (int)c->workers.seconds * 1000 };
	struct bytes *der = scope_alloc_array(p->s, k->n_chain + 1, sizeof(*der));
	if (!der)
		return ERR_NOMEM;
	der[0] = k->certificate;
	for (size_t i = 0; i < k->n_chain; i++)
		der[i + 1] = k->chain[i];
	return worker_client_certificate(p->s, &client, der, k->n_chain + 1, ret_certificate);
}

enum err key_view_judge(const struct page *p, const struct store_key *k, struct template_data *d)
{
	struct worker_client_certificate c = { 0 };
	const struct store_partner *partner = NULL;
	const struct json_tree *t = NULL;
	enum err e = ask(p, k, &c);
	if (e == ERR_NOMEM)
		return e;
	if (e == OK)
		e = json_tree_parse(p->s, bytes_of_str(c.facts), &t);
	template_put_flag(d, "is_unchecked", e != OK);
	if (e != OK) {
		scope_forgive(p->s);
		return OK;
	}
	TRY(store_partner_find(p->s, p->front->store, k->partner, &partner));
	put_judgement(p, t, partner, d);
	return OK;
}
