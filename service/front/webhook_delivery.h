/*
 * One attempt at one message of the queue (service/store/store_webhook.h): signed, sent through the
 * fetcher, and what came of it written down.
 *
 * Delivered is what the portal answered with a 2xx status. 410, or no URL configured any more: it
 * is given up. Everything else is tried again, LIMIT_WEBHOOK_ATTEMPTS times in all, after delays
 * that grow from 10 s to a day. Redirects are not followed: 3xx counts as a failure.
 *
 * Delivery is at least once: when the process ends between a portal's answer and the note of it,
 * the message is sent again, with the same id.
 */
#ifndef BULLA_SERVICE_FRONT_WEBHOOK_DELIVERY_H
#define BULLA_SERVICE_FRONT_WEBHOOK_DELIVERY_H

#include "service/front/front.h"
#include "service/process/link.h"
#include "service/store/store_webhook.h"

enum webhook_delivery_outcome {
	WEBHOOK_DELIVERY_DONE,   /* delivered, or given up */
	WEBHOOK_DELIVERY_FAILED, /* the portal answered, but did not take it */
	WEBHOOK_DELIVERY_SILENT, /* it gave no answer: others would not get one either */
	WEBHOOK_DELIVERY_IDLE, /* the fetcher, the secret or the store is not there: not an attempt
				*/
};

/* In seconds, before the attempt that follows the n-th (from 1); `dice` are random octets, which
 * move it by up to a fifth. 0: there is none. */
int64_t webhook_delivery_delay(unsigned attempts, uint32_t dice);

/* `link` is to the fetcher. Nothing of what fails leaves this function but its outcome: it is told
 * on standard error. */
enum webhook_delivery_outcome webhook_delivery_attempt(struct front *f, struct scope *s,
    struct link *link, const struct store_webhook *w, struct instant now);

#endif
