#include "service/front/filing_view.h"

#include <string.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/page_path.h"
#include "service/store/store_person.h"

static const struct {
	const char *tone, *word;
} words[STORE_FILING_WORDS] = {
	[STORE_FILING_NO_WORD] = { "quiet", MESSAGES_MARK("Being checked") },
	[STORE_FILING_ACCEPT] = { "good", MESSAGES_MARK("Accept") },
	[STORE_FILING_CLOSER] = { "caution", MESSAGES_MARK("Look closer") },
	[STORE_FILING_REFUSE] = { "bad", MESSAGES_MARK("Do not accept") },
};

const char *filing_view_tone(enum store_filing_word word)
{
	return words[word].tone;
}

const char *filing_view_word(enum store_filing_word word)
{
	return words[word].word;
}

/* -- the judgement in short -- */
static const struct json_tree *member(const struct json_tree *t, const char *key)
{
	return t && t->kind == JSON_TREE_OBJECT ? json_tree_find(t, key) : NULL;
}

static const char *text(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_TEXT ? m->text : NULL;
}

static bool truth(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_BOOL && m->truth;
}

static int64_t number(const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	return m && m->kind == JSON_TREE_INTEGER ? m->number : 0;
}

static struct instant time_of(const struct json_tree *t, const char *key)
{
	struct instant at;
	const char *said = text(t, key);
	return said && instant_of_rfc3339(bytes_of_str(said), &at) ? at : INSTANT_NONE;
}

/* {"en": "...", "hu": "..."} in the page's language. */
static const char *said(const struct page *p, const struct json_tree *t, const char *key)
{
	const struct json_tree *m = member(t, key);
	const char *in_language = text(m, messages_language(p->messages));
	return in_language ? in_language : text(m, "en");
}

/* A summary that cannot be read shows nothing: the row has the words. */
static const struct json_tree *summary_of(struct scope *s, const struct store_filing *f)
{
	const struct json_tree *t = NULL;
	if (!f->summary[0])
		return NULL;
	if (json_tree_parse(s, bytes_of_str(f->summary), &t) != OK) {
		scope_forgive(s);
		return NULL;
	}
	return t;
}

/* What was decided about a certificate's disclaimer may have lowered the judge's word: then the
 * sentence is the row's own. */
static const char *sentence_of(
    const struct page *p, const struct store_filing *f, const struct json_tree *summary)
{
	const char *word = text(summary, "word"), *sentence = said(p, summary, "sentence");
	if (f->state == STORE_FILING_UNREADABLE)
		return page_say(p, MESSAGES_MARK("This is no PDF document that can be read."));
	if (word && sentence && !strcmp(word, store_filing_word_name(f->word)))
		return sentence;
	return page_say(p, f->sentence);
}

/* The first cause besides: the sentence alone does not tell one doubt from another. */
static const char *cause_of(
    const struct page *p, const struct store_filing *f, const struct json_tree *summary)
{
	const struct json_tree *causes = member(summary, "causes");
	if (f->state == STORE_FILING_UNREADABLE)
		return f->sentence;
	if (f->word == STORE_FILING_ACCEPT || !causes || !causes->n)
		return NULL;
	return said(p, &causes->item[0], "sentence");
}

/* -- a row -- */
static const char *decision_word(enum store_filing_decision decision)
{
	switch (decision) {
	case STORE_FILING_OPEN:
		return MESSAGES_MARK("Open");
	case STORE_FILING_ACCEPTED:
		return MESSAGES_MARK("Accepted");
	case STORE_FILING_REFUSED:
		return MESSAGES_MARK("Refused");
	}
	return NULL;
}

static enum err put_row(const struct page *p, const struct store_filing *f,
    const struct json_tree *summary, struct template_data *d)
{
	const char *address;
	TRY(page_path_of(p->s, "/filings/", f->id, "", &address));
	template_put(d, "id", f->id);
	template_put_link(d, "address", address);
	template_put(d, "name", f->name[0] ? f->name : f->id);
	template_put(d, "tone", filing_view_tone(f->word));
	template_put_said(d, "word", filing_view_word(f->word));
	template_put(d, "sentence", sentence_of(p, f, summary));
	template_put(d, "first_cause", cause_of(p, f, summary));
	template_put_flag(d, "is_unreadable", f->state == STORE_FILING_UNREADABLE);
	template_put(d, "sender", f->sender);
	template_put(d, "reference", f->reference);
	template_put_time(d, "received", f->received);
	template_put_said(d, "decision", decision_word(f->decision));
	template_put_flag(d, "is_open", f->decision == STORE_FILING_OPEN);
	return OK;
}

enum err filing_view_row(
    const struct page *p, const struct store_filing *f, struct template_data *d)
{
	return put_row(p, f, summary_of(p->s, f), d);
}

/* -- its own page -- */
static const char *tone_of_name(const char *word)
{
	enum store_filing_word w = STORE_FILING_NO_WORD;
	return filing_view_tone(
	    word && store_filing_word_of_name(word, &w) ? w : STORE_FILING_NO_WORD);
}

static const char *word_of_name(const char *word)
{
	enum store_filing_word w = STORE_FILING_NO_WORD;
	return filing_view_word(
	    word && store_filing_word_of_name(word, &w) ? w : STORE_FILING_NO_WORD);
}

static const char *kind_word(const char *kind)
{
	if (kind && !strcmp(kind, "seal"))
		return MESSAGES_MARK("Seal");
	if (kind && !strcmp(kind, "document-timestamp"))
		return MESSAGES_MARK("Document timestamp");
	return MESSAGES_MARK("Signature");
}

static void put_who(const struct json_tree *who, struct template_data *d)
{
	template_put(d, "who", text(who, "name"));
	template_put(d, "organisation_name", text(who, "organisation"));
	template_put(d, "organisation_number", text(who, "number"));
	template_put(d, "country", text(who, "country"));
	template_put_flag(d, "is_qualified", truth(who, "qualified"));
}

static void put_when(const struct json_tree *t, struct template_data *d)
{
	const struct json_tree *when = member(t, "when");
	bool is_trusted = truth(when, "trusted");
	template_put_time(d, "trusted_time", is_trusted ? time_of(when, "time") : INSTANT_NONE);
	template_put_time(d, "claimed_time", time_of(t, "claimedTime"));
}

static void put_changes(const struct json_tree *changed, struct template_data *d)
{
	template_put_number(d, "allowed", number(changed, "allowed"));
	template_put_number(d, "forbidden", number(changed, "forbidden"));
	template_put_flag(d, "is_whole_file", truth(changed, "wholeFile"));
}

static void put_certificate(const struct json_tree *c, struct template_data *d)
{
	template_put_flag(d, "has_certificate", c && c->kind == JSON_TREE_OBJECT);
	template_put(d, "subject", text(c, "subject"));
	template_put(d, "issuer", text(c, "issuer"));
	template_put(d, "serial", text(c, "serial"));
	template_put(d, "certificate_sha256", text(c, "sha256"));
	template_put_time(d, "valid_from", time_of(c, "from"));
	template_put_time(d, "valid_until", time_of(c, "until"));
	template_put(d, "disclaimer", text(c, "disclaimer"));
	template_put_flag(d, "is_approved", truth(c, "approved"));
}

static void put_signature(const struct json_tree *t, struct template_data *d)
{
	template_put(d, "signature", text(t, "id"));
	template_put(d, "field", text(t, "field"));
	template_put_said(d, "kind", kind_word(text(t, "kind")));
	template_put(d, "tone", tone_of_name(text(t, "word")));
	template_put_said(d, "word", word_of_name(text(t, "word")));
	template_put(d, "indication", text(t, "indication"));
	template_put(d, "sub_indication", text(t, "subIndication"));
	template_put(d, "level", text(t, "level"));
	template_put_flag(d, "is_intact", truth(t, "intact"));
	template_put(d, "reason", text(t, "reason"));
	template_put(d, "location", text(t, "location"));
	template_put_flag(d, "approval_wanted", truth(t, "approvalWanted"));
	put_who(member(t, "who"), d);
	put_when(t, d);
	put_changes(member(t, "changed"), d);
	put_certificate(member(t, "certificate"), d);
}

static void put_cause(const struct page *p, const struct json_tree *t, struct template_data *d)
{
	const char *severity = text(t, "severity");
	bool fails = severity && !strcmp(severity, "failure");
	template_put(d, "cause_tone", fails ? "bad" : "caution");
	template_put_said(d, "cause_word", fails ? MESSAGES_MARK("Fault") : MESSAGES_MARK("Doubt"));
	template_put(d, "cause", said(p, t, "sentence"));
	template_put(d, "remedy", said(p, t, "remedy"));
	template_put(d, "about", text(t, "about"));
	template_put(d, "cause_signature", text(t, "signature"));
	template_put(d, "code", text(t, "code"));
}

static bool has_changed(const struct json_tree *signature)
{
	const struct json_tree *changed = member(signature, "changed");
	return changed && !truth(changed, "wholeFile");
}

static void put_judgement(const struct page *p, const struct json_tree *summary)
{
	const struct json_tree *causes = member(summary, "causes");
	const struct json_tree *signatures = member(summary, "signatures");
	bool may_compare = false;
	template_put_list(p->data, "causes");
	template_put_flag(p->data, "has_causes", causes && causes->n > 0);
	template_put_list(p->data, "signatures");
	for (size_t i = 0; causes && i < causes->n; i++)
		put_cause(p, &causes->item[i], template_add(p->data, "causes"));
	for (size_t i = 0; signatures && i < signatures->n; i++) {
		put_signature(&signatures->item[i], template_add(p->data, "signatures"));
		may_compare = may_compare || has_changed(&signatures->item[i]);
	}
	template_put_flag(p->data, "may_compare", may_compare);
	template_put_number(p->data, "more_signatures", number(summary, "moreSignatures"));
	template_put_time(p->data, "judged_for", time_of(summary, "validationTime"));
	template_put(p->data, "policy", text(summary, "policy"));
	template_put(p->data, "standard_words", text(summary, "code"));
	template_put_number(p->data, "page_count", number(member(summary, "document"), "pages"));
}

static enum err put_decision(const struct page *p, const struct store_filing *f)
{
	const struct store_person *person = NULL;
	if (f->decided_by)
		TRY(store_person_find(p->s, p->front->store, f->decided_by, &person));
	template_put(p->data, "decided_by", person ? person->name : f->decided_by);
	template_put_time(p->data, "decided_at", f->decided_at);
	template_put(p->data, "note", f->note);
	template_put_flag(p->data, "may_decide",
	    f->decision == STORE_FILING_OPEN && f->state != STORE_FILING_RECEIVED);
	template_put_flag(p->data, "is_received", f->state == STORE_FILING_RECEIVED);
	template_put_flag(p->data, "is_judged", f->state == STORE_FILING_JUDGED);
	template_put(p->data, "decision_tone",
	    f->decision == STORE_FILING_ACCEPTED  ? "good"
	    : f->decision == STORE_FILING_REFUSED ? "bad"
						  : "quiet");
	return OK;
}

enum err filing_view_whole(const struct page *p, const struct store_filing *f)
{
	const struct json_tree *summary = summary_of(p->s, f);
	const struct configuration_portal *portal =
	    configuration_find_portal(p->front->configuration, f->source);
	char *hex;
	TRY(put_row(p, f, summary, p->data));
	TRY(bytes_to_hex(p->s, bytes_of(f->sha256, sizeof(f->sha256)), &hex));
	template_put(p->data, "sha256", hex);
	template_put_number(p->data, "size", (int64_t)f->size);
	template_put(p->data, "source", portal ? portal->name : NULL);
	template_put_time(p->data, "judged_at", f->judged_at);
	template_put(p->data, "sealing", f->sealing);
	put_judgement(p, summary);
	return put_decision(p, f);
}
