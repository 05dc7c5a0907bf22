#include "service/front/sealing_notice.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_webhook.h"

static struct json begin(struct buf *b, const struct sealing_notice *notice, const char *id)
{
	struct json j = json_new(b, true);
	json_begin_object(&j, NULL);
	json_string(&j, "event", notice->event);
	json_string(&j, "delivery", id);
	json_instant(&j, "time", notice->at);
	return j;
}

static enum err add(struct scope *s, struct store *store, const char *portal, const char *object,
    const struct sealing_notice *notice, const char *id, struct buf *b)
{
	char *body;
	TRY(buf_done_str(b, &body));
	const struct store_webhook w = {
		.id = id,
		.portal = portal,
		.event = notice->event,
		.object = object,
		.body = body,
		.created = notice->at,
	};
	return store_webhook_add(s, store, &w);
}

static bool is_wanted(const struct configuration *c, const char *portal)
{
	const struct configuration_portal *p = configuration_find_portal(c, portal);
	return p && p->webhook_url;
}

static void add_documents(struct json *j, const struct store_sealing_document *document, size_t n)
{
	json_begin_array(j, "documents");
	for (size_t i = 0; document && i < n; i++) {
		json_begin_object(j, NULL);
		json_int(j, "n", document[i].n);
		json_int(j, "size", (int64_t)document[i].sealed_size);
		json_bytes_hex(j, "sha256", bytes_of(document[i].sealed_sha256, 32));
		json_end_object(j);
	}
	json_end_array(j);
}

enum err sealing_notice_add(struct scope *s, struct store *store, const struct configuration *c,
    const struct store_sealing *sealing, const struct sealing_notice *notice,
    const struct store_sealing_document *document)
{
	if (!is_wanted(c, sealing->portal))
		return OK;
	const char *id;
	TRY(identifier_new(s, IDENTIFIER_WEBHOOK, &id));
	struct buf b = buf_new(s, LIMIT_WEBHOOK_BODY);
	struct json j = begin(&b, notice, id);
	json_string(&j, "sealing", sealing->id);
	json_string(&j, "reference", sealing->reference);
	json_string(&j, "cause", *notice->cause ? notice->cause : NULL);
	add_documents(&j, document, sealing->n_documents);
	json_end_object(&j);
	return add(s, store, sealing->portal, sealing->id, notice, id, &b);
}

enum err sealing_notice_add_filing(struct scope *s, struct store *store,
    const struct configuration *c, const struct store_filing *filing,
    const struct sealing_notice *notice)
{
	if (!is_wanted(c, filing->source))
		return OK;
	const char *id;
	TRY(identifier_new(s, IDENTIFIER_WEBHOOK, &id));
	struct buf b = buf_new(s, LIMIT_WEBHOOK_BODY);
	struct json j = begin(&b, notice, id);
	json_string(&j, "filing", filing->id);
	json_string(&j, "reference", filing->reference);
	json_string(&j, "word", store_filing_word_name(filing->word));
	json_string(&j, "conclusion", filing->conclusion);
	json_bytes_hex(&j, "sha256", bytes_of(filing->sha256, 32));
	json_end_object(&j);
	return add(s, store, filing->source, filing->id, notice, id, &b);
}
