/*
 * What is wrong with a new password, in one sentence for whoever typed it.
 */
#ifndef BULLA_SERVICE_FRONT_PERSON_PASSWORD_H
#define BULLA_SERVICE_FRONT_PERSON_PASSWORD_H

/* English, marked for the catalogues; NULL: nothing (service/password_rule.h). */
const char *person_password_fault(const char *typed);

#endif
