/*
 * Administering persons: a list with a form to add one, and a page for each to change. The same for
 * the operator's staff, a partner's officers on the desk, and a partner's officers on its own
 * pages.
 *
 * Nobody changes his own rights. A password that somebody else set is to be changed at once.
 */
#ifndef BULLA_SERVICE_FRONT_PERSON_ROSTER_H
#define BULLA_SERVICE_FRONT_PERSON_ROSTER_H

#include "service/front/page.h"

struct person_roster {
	const char *partner; /* NULL: staff */
	unsigned roles;      /* that can be given here */
	const char *base;    /* "/staff": its list; "/staff/{id}" a person */
};

/* "clerk", ...; 0: no such role. For the command line too. */
unsigned person_roster_role_of_name(const char *name);

/* Puts `persons`, `base` and what the form to add wants (persons.html) into the page. `fault`: what
 * is wrong with what was typed, NULL. */
must_check enum err person_roster_put(
    const struct page *p, const struct person_roster *roster, const char *fault);
/* Adds the person of the form. *ret_fault: what is wrong with it (then nothing was done), or NULL.
 */
must_check enum err person_roster_add(
    const struct page *p, const struct person_roster *roster, const char **ret_fault);
/* The page of one, and what its form changes; complete replies. */
must_check enum err person_roster_show(const struct page *p, const struct person_roster *roster,
    const char *id, const char *fault, struct http_reply *r);
must_check enum err person_roster_change(
    const struct page *p, const struct person_roster *roster, const char *id, struct http_reply *r);

#endif
