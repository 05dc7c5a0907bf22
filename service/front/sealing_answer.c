#include "service/front/sealing_answer.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/sealing_request.h"

static void add_sealed(
    struct json *j, const struct store_sealing *l, const struct store_sealing_document *d)
{
	if (l->state != STORE_SEALING_SEALED) {
		json_string(j, "sealed", NULL);
		return;
	}
	json_begin_object(j, "sealed");
	json_int(j, "size", (int64_t)d->sealed_size);
	json_bytes_hex(j, "sha256", bytes_of(d->sealed_sha256, 32));
	json_bool(j, "available", l->has_files);
	json_end_object(j);
}

static void add_document(
    struct json *j, const struct store_sealing *l, const struct store_sealing_document *d)
{
	json_begin_object(j, NULL);
	json_int(j, "n", d->n);
	json_string(j, "name", d->name);
	json_int(j, "size", (int64_t)d->size);
	json_bytes_hex(j, "sha256", bytes_of(d->sha256, 32));
	json_int(j, "pages", d->pages);
	add_sealed(j, l, d);
	json_end_object(j);
}

static void add_facts(struct json *j, const struct store_sealing *l)
{
	json_string(j, "id", l->id);
	json_string(j, "state", store_sealing_state_name(l->state));
	json_string(j, "partner", l->partner);
	json_string(j, "reference", l->reference);
	json_string(j, "title", l->title);
	json_bool(j, "unattended", l->unattended);
	json_instant(j, "created", l->created);
	json_instant(j, "expires", l->expires);
	json_instant(j, "ended", l->ended);
	json_int(j, "attempts", l->attempts);
	json_string(j, "cause", *l->cause ? l->cause : NULL);
	json_string(j, "causeText", *l->cause_text ? l->cause_text : NULL);
}

enum err sealing_answer_one(struct scope *s, const struct store_sealing *sealing,
    const char *window_url, int status, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_API_REPLY);
	struct json j = json_new(&b, false);
	const char *barcode = NULL;
	struct bytes body;
	if (*sealing->data) /* empty after its retention */
		TRY(sealing_request_barcode(
		    s, bytes_of_str(sealing->data), sealing->reference, &barcode));
	json_begin_object(&j, NULL);
	add_facts(&j, sealing);
	json_string(&j, "windowUrl", window_url);
	json_string(&j, "barcode", barcode);
	json_begin_array(&j, "documents");
	for (size_t i = 0; i < sealing->n_documents; i++)
		add_document(&j, sealing, &sealing->document[i]);
	json_end_array(&j);
	json_end_object(&j);
	TRY(buf_done(&b, &body));
	struct buf where = buf_new(s, 256);
	char *path;
	buf_addf(&where, "/v1/sealings/%s", sealing->id);
	TRY(buf_done_str(&where, &path));
	http_reply_body(r, status, "application/json", body);
	if (status != 200)
		http_reply_add(r, "Location", path);
	return OK;
}

enum err sealing_answer_list(
    struct scope *s, const struct store_sealing_list *list, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_API_REPLY);
	struct json j = json_new(&b, false);
	struct bytes body;
	json_begin_object(&j, NULL);
	json_begin_array(&j, "sealings");
	for (size_t i = 0; i < list->n; i++) {
		json_begin_object(&j, NULL);
		add_facts(&j, &list->sealing[i]);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_string(&j, "next", list->next);
	json_end_object(&j);
	TRY(buf_done(&b, &body));
	http_reply_body(r, 200, "application/json", body);
	return OK;
}
