#include "service/front/filing_answer.h"

#include "base/json.h"
#include "base/limits.h"

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void add(struct json *j, const struct store_filing *l, bool summary)
{
	json_begin_object(j, NULL);
	json_string(j, "id", l->id);
	json_string(j, "state", store_filing_state_name(l->state));
	json_string(j, "word", or_null(store_filing_word_name(l->word)));
	json_string(j, "conclusion", or_null(l->conclusion));
	json_string(j, "sentence", or_null(l->sentence));
	json_string(j, "sender", or_null(l->sender));
	json_string(j, "name", l->name);
	json_string(j, "reference", l->reference);
	json_int(j, "size", (int64_t)l->size);
	json_bytes_hex(j, "sha256", bytes_of(l->sha256, sizeof l->sha256));
	json_instant(j, "received", l->received);
	json_instant(j, "judged", l->judged_at);
	json_string(j, "sealing", l->sealing);
	json_string(j, "decision", store_filing_decision_name(l->decision));
	json_instant(j, "decided", l->decided_at);
	if (summary)
		json_verbatim(
		    j, "summary", *l->summary ? bytes_of_str(l->summary) : BYTES_LIT("null"));
	json_end_object(j);
}

enum err filing_answer_one(
    struct scope *s, const struct store_filing *filing, int status, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_API_REPLY);
	struct json j = json_new(&b, false);
	struct bytes body;
	add(&j, filing, true);
	TRY(buf_done(&b, &body));
	http_reply_body(r, status, "application/json", body);
	return OK;
}

enum err filing_answer_list(struct scope *s, const struct store_filing *const *filing, size_t n,
    bool summaries, const char *next, int status, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_API_REPLY);
	struct json j = json_new(&b, false);
	struct bytes body;
	json_begin_object(&j, NULL);
	json_begin_array(&j, "filings");
	for (size_t i = 0; i < n; i++)
		add(&j, filing[i], summaries);
	json_end_array(&j);
	json_string(&j, "next", next);
	json_end_object(&j);
	TRY(buf_done(&b, &body));
	http_reply_body(r, status, "application/json", body);
	return OK;
}
