/*
 * What a worker says of a filing, made into what is stored of it: from the summary
 * (service/worker/worker_client.h) the sender, the sentence, and the certificates whose disclaimer
 * waits for a person.
 */
#ifndef BULLA_SERVICE_FRONT_FILING_JUDGEMENT_H
#define BULLA_SERVICE_FRONT_FILING_JUDGEMENT_H

#include "service/store/store_filing.h"
#include "service/worker/worker_client.h"

struct filing_judgement {
	struct store_filing_judgement judgement;
	struct instant at;
	const struct filing_judgement_certificate {
		uint8_t sha256[32];
		const char *subject, *disclaimer;
	} * wanted;
	size_t n_wanted;
};

/* In the scope. ERR_INTERNAL: the summary is not what the worker promised. */
must_check enum err filing_judgement_read(struct scope *s, const struct worker_client_validation *v,
    struct filing_judgement *ret_judgement);
/* Of a document that cannot be read: refused, `why` is the sentence. */
must_check enum err filing_judgement_unreadable(
    struct scope *s, const char *why, struct instant at, struct filing_judgement *ret_judgement);
/* A disclaimer waits for a person: the word is `closer` at best; or one was refused: `refuse`. */
void filing_judgement_lower(struct filing_judgement *j, bool is_refused);

#endif
