#include "validator/disclaimer.h"

#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/cert_name.h"
#include "formats/unicode_text.h"

/* A text of the certificate says what is wanted. */
static enum err fits(
    struct scope *s, const struct policy_disclaimer *wanted, const char *text, bool *ret_yes)
{
	char *folded, *clause, *pattern;
	TRY(unicode_text_fold(s, text, &folded));
	TRY(unicode_text_fold(s, wanted->text, &clause));
	TRY(unicode_text_fold(s, wanted->pattern, &pattern));
	bool has_clause = clause[0] == '\0' || bytes_find(bytes_of_str(folded),
						   bytes_of_str(clause), 0) != BYTES_NOT_FOUND;
	*ret_yes = has_clause && (pattern[0] == '\0' || unicode_text_matches(pattern, folded));
	return OK;
}

/* What was found so far: a text that fits ends the search. */
struct search {
	const char *text; /* the one that fits, else the first; NULL: none */
	bool fits;
};

static enum err look_at(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert_texts *texts, struct search *found)
{
	for (size_t i = 0; i < texts->n && !found->fits; i++) {
		TRY(fits(s, wanted, texts->item[i], &found->fits));
		if (found->fits || !found->text)
			found->text = texts->item[i];
	}
	return OK;
}

static enum err look_at_notices(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert *c, struct search *found)
{
	for (size_t i = 0; i < c->policies.n && !found->fits; i++)
		TRY(look_at(s, wanted, &c->policies.item[i].notices, found));
	return OK;
}

static enum err find(struct scope *s, const struct policy_disclaimer *wanted, const struct cert *c,
    struct search *ret_found)
{
	struct cert_texts texts = { 0 };
	*ret_found = (struct search){ .text = NULL };
	switch (wanted->place) {
	case POLICY_DISCLAIMER_NOTICE:
		return look_at_notices(s, wanted, c, ret_found);
	case POLICY_DISCLAIMER_EXTENSION:
		TRY(cert_extensions_texts(s, c, wanted->oid, &texts));
		break;
	case POLICY_DISCLAIMER_SUBJECT:
		TRY(cert_name_texts(s, c->subject, wanted->oid, &texts));
		break;
	}
	return look_at(s, wanted, &texts, ret_found);
}

enum err disclaimer_text(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert *signer, const char **ret_text)
{
	struct search found;
	TRY(find(s, wanted, signer, &found));
	*ret_text = found.text;
	return OK;
}

bool disclaimer_is_approved(const struct policy_disclaimer *wanted, const struct cert *c)
{
	for (size_t i = 0; i < wanted->approved.n; i++)
		if (bytes_equal(wanted->approved.item[i], digest_bytes(&c->sha256)))
			return true;
	return false;
}

static enum err note(struct scope *s, struct findings *f, enum finding_code code,
    const struct cert *c, const char *about)
{
	const struct finding item = { .code = code, .about = about, .cert = c, .at = INSTANT_NONE };
	return findings_add_item(s, f, &item);
}

enum err disclaimer_check(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert *signer, struct findings *findings)
{
	struct search found = { .fits = true };
	char *hex, *about;
	if (wanted->text[0] || wanted->pattern[0])
		TRY(find(s, wanted, signer, &found));
	if (!found.fits)
		TRY(note(s, findings, FINDING_DISCLAIMER_MISSING, signer, signer->subject_text));
	if (!wanted->approval || disclaimer_is_approved(wanted, signer))
		return OK;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(bytes_to_hex(s, digest_bytes(&signer->sha256), &hex));
	buf_add_str(&b, signer->subject_text);
	buf_add_str(&b, ", SHA-256 ");
	buf_add_str(&b, hex);
	TRY(buf_done_str(&b, &about));
	return note(s, findings, FINDING_DISCLAIMER_NOT_APPROVED, signer, about);
}
