/*
 * Logging in and out, and what a person may change about himself: language and password. On the
 * window (for partners' own pages) and on the desk.
 */
#ifndef BULLA_SERVICE_FRONT_PERSON_ACCOUNT_H
#define BULLA_SERVICE_FRONT_PERSON_ACCOUNT_H

#include "service/front/route.h"

/* /login, /logout, /account */
extern const struct route person_account_routes[];

#endif
