#include "service/front/filing_judgement.h"

#include <string.h>

#include "base/scope.h"
#include "formats/json_tree.h"

static enum store_filing_word word_of(enum worker_client_word word)
{
	static const enum store_filing_word words[WORKER_CLIENT_WORDS] = {
		[WORKER_CLIENT_ACCEPT] = STORE_FILING_ACCEPT,
		[WORKER_CLIENT_CLOSER] = STORE_FILING_CLOSER,
		[WORKER_CLIENT_REFUSE] = STORE_FILING_REFUSE,
	};
	return words[word];
}

/* The text of a member, "" where there is none. */
static const char *text_of(const struct json_tree *object, const char *key)
{
	const struct json_tree *v =
	    object && object->kind == JSON_TREE_OBJECT ? json_tree_find(object, key) : NULL;
	return v && v->kind == JSON_TREE_TEXT ? v->text : "";
}

static bool is_true(const struct json_tree *object, const char *key)
{
	const struct json_tree *v = json_tree_find(object, key);
	return v && v->kind == JSON_TREE_BOOL && v->truth;
}

/* Of the first seal or signature that names somebody. */
static const char *sender_of(const struct json_tree *signatures)
{
	for (size_t i = 0; i < signatures->n; i++) {
		if (signatures->item[i].kind != JSON_TREE_OBJECT)
			continue;
		const char *name = text_of(json_tree_find(&signatures->item[i], "who"), "name");
		if (*name)
			return name;
	}
	return "";
}

static enum err take_wanted(struct scope *s, const struct json_tree *signature,
    struct filing_judgement_certificate *list, size_t *n)
{
	const struct json_tree *c = json_tree_find(signature, "certificate");
	struct filing_judgement_certificate *w = &list[*n];
	struct bytes sha256;
	if (!is_true(signature, "approvalWanted") || !c || c->kind != JSON_TREE_OBJECT)
		return OK;
	TRY(bytes_of_hex(s, bytes_of_str(text_of(c, "sha256")), &sha256));
	if (sha256.n != sizeof w->sha256)
		return scope_fault(s, ERR_FORMAT, "a certificate's digest is missing");
	for (size_t i = 0; i < *n; i++)
		if (!memcmp(list[i].sha256, sha256.p, sha256.n))
			return OK;
	memcpy(w->sha256, sha256.p, sha256.n);
	w->subject = text_of(c, "subject");
	w->disclaimer = text_of(c, "disclaimer");
	++*n;
	return OK;
}

static enum err read(struct scope *s, const struct worker_client_validation *v,
    struct filing_judgement *ret_judgement)
{
	const struct json_tree *t;
	TRY(json_tree_parse(s, bytes_of_str(v->judgement.summary), &t));
	const struct json_tree *signatures =
	    t->kind == JSON_TREE_OBJECT ? json_tree_find(t, "signatures") : NULL;
	if (!signatures || signatures->kind != JSON_TREE_ARRAY)
		return scope_fault(s, ERR_FORMAT, "no list of signatures");
	struct filing_judgement_certificate *list =
	    scope_alloc_array(s, signatures->n + 1, sizeof *list);
	size_t n = 0;
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < signatures->n; i++)
		if (signatures->item[i].kind == JSON_TREE_OBJECT)
			TRY(take_wanted(s, &signatures->item[i], list, &n));
	*ret_judgement = (struct filing_judgement){
		.judgement = { .state = STORE_FILING_JUDGED,
		    .word = word_of(v->judgement.word),
		    .sender = sender_of(signatures),
		    .conclusion = text_of(t, "conclusion"),
		    .sentence = text_of(json_tree_find(t, "sentence"), "en"),
		    .summary = v->judgement.summary,
		    .now = v->at },
		.at = v->at,
		.wanted = list,
		.n_wanted = n,
	};
	return OK;
}

enum err filing_judgement_read(struct scope *s, const struct worker_client_validation *v,
    struct filing_judgement *ret_judgement)
{
	const enum err e = read(s, v, ret_judgement);
	if (e == ERR_FORMAT) /* of ours, not of the document */
		return scope_fault_in(s, ERR_INTERNAL, "the summary of a judgement");
	return e;
}

enum err filing_judgement_unreadable(
    struct scope *s, const char *why, struct instant at, struct filing_judgement *ret_judgement)
{
	char *text;
	TRY(bytes_to_str(s, bytes_of_str(why), &text));
	scope_forgive(s);
	*ret_judgement = (struct filing_judgement){
		.judgement = { .state = STORE_FILING_UNREADABLE,
		    .word = STORE_FILING_REFUSE,
		    .sender = "",
		    .conclusion = "",
		    .sentence = text,
		    .summary = "",
		    .now = at },
		.at = at,
	};
	return OK;
}

void filing_judgement_lower(struct filing_judgement *j, bool is_refused)
{
	if (is_refused)
		j->judgement.word = STORE_FILING_REFUSE;
	else if (j->judgement.word == STORE_FILING_ACCEPT)
		j->judgement.word = STORE_FILING_CLOSER;
}
