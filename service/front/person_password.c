#include "service/front/person_password.h"

#include "base/bytes.h"
#include "base/messages.h"
#include "service/password_rule.h"

const char *person_password_fault(const char *typed)
{
	unsigned unmet = password_rule_unmet(bytes_of_str(typed));
	if (unmet & PASSWORD_RULE_TEXT)
		return MESSAGES_MARK("A password must be text of at most 1024 octets.");
	if (unmet & PASSWORD_RULE_LENGTH)
		return MESSAGES_MARK("The new password is too short: it needs 12 characters.");
	if (unmet & PASSWORD_RULE_LOWER)
		return MESSAGES_MARK("The new password needs a lower-case letter.");
	if (unmet & PASSWORD_RULE_UPPER)
		return MESSAGES_MARK("The new password needs an upper-case letter.");
	if (unmet & PASSWORD_RULE_DIGIT)
		return MESSAGES_MARK("The new password needs a digit.");
	if (unmet & PASSWORD_RULE_OTHER)
		return MESSAGES_MARK(
		    "The new password needs a character that is neither letter nor digit.");
	return NULL;
}
