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

static enum err any_fits(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert_texts *texts, bool *ret_yes)
{
	for (size_t i = 0; i < texts->n && !*ret_yes; i++)
		TRY(fits(s, wanted, texts->item[i], ret_yes));
	return OK;
}

static enum err notices_fit(
    struct scope *s, const struct policy_disclaimer *wanted, const struct cert *c, bool *ret_yes)
{
	for (size_t i = 0; i < c->policies.n && !*ret_yes; i++)
		TRY(any_fits(s, wanted, &c->policies.item[i].notices, ret_yes));
	return OK;
}

static enum err is_carried(
    struct scope *s, const struct policy_disclaimer *wanted, const struct cert *c, bool *ret_yes)
{
	struct cert_texts texts = { 0 };
	*ret_yes = false;
	switch (wanted->place) {
	case POLICY_DISCLAIMER_NOTICE:
		return notices_fit(s, wanted, c, ret_yes);
	case POLICY_DISCLAIMER_EXTENSION:
		TRY(cert_extensions_texts(s, c, wanted->oid, &texts));
		break;
	case POLICY_DISCLAIMER_SUBJECT:
		TRY(cert_name_texts(s, c->subject, wanted->oid, &texts));
		break;
	}
	return any_fits(s, wanted, &texts, ret_yes);
}

static bool is_approved(const struct policy_disclaimer *wanted, const struct cert *c)
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
	bool carried = true;
	char *hex, *about;
	if (wanted->text[0] || wanted->pattern[0])
		TRY(is_carried(s, wanted, signer, &carried));
	if (!carried)
		TRY(note(s, findings, FINDING_DISCLAIMER_MISSING, signer, signer->subject_text));
	if (!wanted->approval || is_approved(wanted, signer))
		return OK;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(bytes_to_hex(s, digest_bytes(&signer->sha256), &hex));
	buf_add_str(&b, signer->subject_text);
	buf_add_str(&b, ", SHA-256 ");
	buf_add_str(&b, hex);
	TRY(buf_done_str(&b, &about));
	return note(s, findings, FINDING_DISCLAIMER_NOT_APPROVED, signer, about);
}
