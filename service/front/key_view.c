#include "service/front/key_view.h"

#include "service/front/page_path.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

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
	template_put(d, "subject", k->subject);
	template_put(d, "issuer", k->issuer);
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
