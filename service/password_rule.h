/*
 * What a password must have, for persons and for deposited keys alike: twelve characters, and of
 * each kind at least one: lower case, upper case, digit, other. Characters are those of Unicode;
 * letters without case (as in Chinese) count as other. Nothing is copied: a password stays where it
 * is.
 *
 * Does not tell whether it is in a list of known passwords.
 */
#ifndef BULLA_SERVICE_PASSWORD_RULE_H
#define BULLA_SERVICE_PASSWORD_RULE_H

#include "base/bytes.h"

#define PASSWORD_RULE_CHARACTERS 12

/* Bits. */
enum password_rule {
	PASSWORD_RULE_LENGTH = 1, /* fewer than PASSWORD_RULE_CHARACTERS */
	PASSWORD_RULE_LOWER = 2,
	PASSWORD_RULE_UPPER = 4,
	PASSWORD_RULE_DIGIT = 8,
	PASSWORD_RULE_OTHER = 16,
	PASSWORD_RULE_TEXT = 32, /* not UTF-8, a control character, or longer than LIMIT_PASSWORD */
};

/* The parts that are not met; 0: a good password. */
unsigned password_rule_unmet(struct bytes password);
/* "at least 12 characters", ...: of one bit; English, marked for the catalogues. */
const char *password_rule_text(enum password_rule part);

#endif
