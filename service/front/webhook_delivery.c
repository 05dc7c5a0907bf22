#include "service/front/webhook_delivery.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/fetcher/fetcher_client.h"
#include "service/front/metrics.h"
#include "service/front/webhook_signature.h"
#include "service/log/audit_log.h"

#define GONE 410

int64_t webhook_delivery_delay(unsigned attempts, uint32_t dice)
{
	static const int64_t delays[LIMIT_WEBHOOK_ATTEMPTS - 1] = { 10, 60, 300, 900, 3600, 10800,
		21600, 43200, 86400, 86400, 86400 };
	if (attempts == 0 || attempts >= LIMIT_WEBHOOK_ATTEMPTS)
		return 0;
	const int64_t delay = delays[attempts - 1], spread = delay * 2 / 5;
	return delay - spread / 2 + (int64_t)(dice % (uint64_t)(spread + 1));
}

/* -- what came of it -- */

static void count(struct front *f, enum metric which)
{
	if (f->metrics)
		metrics_add(f->metrics, which, 1);
}

/* The record is for those who ask later; without it the message is no less delivered. */
static void note(struct front *f, struct scope *s, enum audit_kind kind,
    const struct store_webhook *w, const char *answer)
{
	char actor[LIMIT_FETCHER_TEXT];
	const struct audit_entry entry = {
		.kind = kind,
		.actor = actor,
		.object = w->object,
		.detail = { { .name = "delivery", .text = w->id, .is_data = true },
		    { .name = "event", .text = w->event }, { .name = "answer", .text = answer } },
	};
	snprintf(actor, sizeof(actor), "portal:%s", w->portal);
	if (f->log && audit_log_append(s, f->log, &entry, NULL) != OK)
		diagnostic_fault(s, scope_fault_code(s), "the audit log");
	scope_forgive(s);
}

static enum webhook_delivery_outcome end(struct scope *s, const struct store_webhook *w, enum err e,
    enum webhook_delivery_outcome outcome)
{
	if (e == OK || e == ERR_MISUSE) /* Somebody else decided on it meanwhile. */
		return outcome;
	diagnostic_fault(s, e, w->id);
	return WEBHOOK_DELIVERY_IDLE;
}

static enum webhook_delivery_outcome delivered(struct front *f, struct scope *s,
    const struct store_webhook *w, const char *answer, struct instant now)
{
	count(f, METRIC_WEBHOOKS_SENT);
	note(f, s, AUDIT_WEBHOOK_DELIVERED, w, answer);
	return end(
	    s, w, store_webhook_delivered(s, f->store, w->id, answer, now), WEBHOOK_DELIVERY_DONE);
}

static enum webhook_delivery_outcome given_up(
    struct front *f, struct scope *s, const struct store_webhook *w, const char *answer)
{
	diagnostic_line("webhook %s: portal %s: given up after %u attempts: %s", w->id, w->portal,
	    w->attempts + 1, answer);
	note(f, s, AUDIT_WEBHOOK_GIVEN_UP, w, answer);
	return end(s, w, store_webhook_failed(s, f->store, w->id, answer, INSTANT_NONE),
	    WEBHOOK_DELIVERY_DONE);
}

static enum webhook_delivery_outcome failed(struct front *f, struct scope *s,
    const struct store_webhook *w, const char *answer, struct instant now,
    enum webhook_delivery_outcome outcome)
{
	uint32_t dice = 0;
	count(f, METRIC_WEBHOOKS_FAILED);
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != (ssize_t)sizeof(dice))
		dice = (uint32_t)now.unix_s;
	const int64_t delay = webhook_delivery_delay(w->attempts + 1, dice);
	if (!delay)
		return given_up(f, s, w, answer);
	return end(s, w, store_webhook_failed(s, f->store, w->id, answer, instant_add(now, delay)),
	    outcome);
}

/* -- the attempt -- */

static enum webhook_delivery_outcome judge(
    struct front *f, struct scope *s, const struct store_webhook *w, int status, struct instant now)
{
	char answer[32];
	snprintf(answer, sizeof(answer), "HTTP %d", status);
	if (status >= 200 && status <= 299)
		return delivered(f, s, w, answer, now);
	if (status != GONE)
		return failed(f, s, w, answer, now, WEBHOOK_DELIVERY_FAILED);
	count(f, METRIC_WEBHOOKS_FAILED);
	return given_up(f, s, w, answer);
}

static enum webhook_delivery_outcome judge_fault(struct front *f, struct scope *s,
    const struct link *link, const struct store_webhook *w, enum err e, struct instant now)
{
	char answer[LIMIT_FAULT_TEXT];
	if (link_is_broken(link) || (e != ERR_NET && e != ERR_DENIED)) {
		diagnostic_fault(s, e, w->id);
		return WEBHOOK_DELIVERY_IDLE;
	}
	snprintf(answer, sizeof(answer), "%s", scope_fault_text(s));
	scope_forgive(s);
	return failed(f, s, w, answer, now, WEBHOOK_DELIVERY_SILENT);
}

enum webhook_delivery_outcome webhook_delivery_attempt(struct front *f, struct scope *s,
    struct link *link, const struct store_webhook *w, struct instant now)
{
	const struct configuration_portal *p =
	    configuration_find_portal(f->configuration, w->portal);
	struct fetcher_webhook hook = { .portal = w->portal,
		.event = w->event,
		.delivery = w->id,
		.body = bytes_of_str(w->body) };
	int status;
	if (!p || !p->webhook_url || !p->webhook_secret_file)
		return given_up(f, s, w, "no URL is configured for this portal");
	enum err e = webhook_signature_make_by_file(
	    s, p->webhook_secret_file, now, hook.body, &hook.signature);
	if (e != OK) {
		diagnostic_fault(s, e, w->id);
		scope_forgive(s);
		return failed(f, s, w, "its secret cannot be read", now, WEBHOOK_DELIVERY_SILENT);
	}
	e = fetcher_client_webhook(s, link, &hook, &status);
	if (e != OK)
		return judge_fault(f, s, link, w, e, now);
	return judge(f, s, w, status, now);
}
