#include "service/password_rule.h"

#include "base/limits.h"
#include "base/messages.h"
#include "formats/unicode_text.h"

unsigned password_rule_unmet(struct bytes password)
{
	unsigned unmet = PASSWORD_RULE_LENGTH | PASSWORD_RULE_LOWER | PASSWORD_RULE_UPPER |
			 PASSWORD_RULE_DIGIT | PASSWORD_RULE_OTHER;
	if (password.n > LIMIT_PASSWORD)
		return PASSWORD_RULE_TEXT;
	size_t at = 0, n = 0;
	enum unicode_text_kind kind;
	for (; unicode_text_next(password, &at, &kind); n++) {
		if (kind == UNICODE_TEXT_CONTROL)
			return unmet | PASSWORD_RULE_TEXT;
		if (kind == UNICODE_TEXT_LOWER)
			unmet &= ~(unsigned)PASSWORD_RULE_LOWER;
		else if (kind == UNICODE_TEXT_UPPER)
			unmet &= ~(unsigned)PASSWORD_RULE_UPPER;
		else if (kind == UNICODE_TEXT_DIGIT)
			unmet &= ~(unsigned)PASSWORD_RULE_DIGIT;
		else
			unmet &= ~(unsigned)PASSWORD_RULE_OTHER;
	}
	if (at < password.n)
		return unmet | PASSWORD_RULE_TEXT;
	if (n >= PASSWORD_RULE_CHARACTERS)
		unmet &= ~(unsigned)PASSWORD_RULE_LENGTH;
	return unmet;
}

const char *password_rule_text(enum password_rule part)
{
	switch (part) {
	case PASSWORD_RULE_LENGTH:
		return MESSAGES_MARK("at least 12 characters");
	case PASSWORD_RULE_LOWER:
		return MESSAGES_MARK("a lower-case letter");
	case PASSWORD_RULE_UPPER:
		return MESSAGES_MARK("an upper-case letter");
	case PASSWORD_RULE_DIGIT:
		return MESSAGES_MARK("a digit");
	case PASSWORD_RULE_OTHER:
		return MESSAGES_MARK("another character, such as a full stop or a blank");
	case PASSWORD_RULE_TEXT:
	default:
		return MESSAGES_MARK("no control character, and no more than 1024 octets");
	}
}
