/*
 * Persons who log in: officers of partners, and the operator's own staff.
 */
#ifndef BULLA_SERVICE_STORE_STORE_PERSON_H
#define BULLA_SERVICE_STORE_STORE_PERSON_H

#include "service/store/store.h"

/* Bits: what a person may do. The first two are for persons of partners, the others for staff. */
enum store_person_role {
	STORE_PERSON_OFFICER = 1,       /* seals in the window */
	STORE_PERSON_PARTNER_ADMIN = 2, /* his partner's officers and keys */
	STORE_PERSON_CLERK = 4,         /* validates, decides on filings */
	STORE_PERSON_APPROVER = 8,      /* approves disclaimers and keys */
	STORE_PERSON_ADMINISTRATOR = 16,
	STORE_PERSON_AUDITOR = 32,
};

struct store_person {
	const char *id;      /* "ps_..." */
	const char *partner; /* NULL: staff */
	const char *login;   /* unique over all; as store_person_login gives it */
	const char *name, *email;
	const char *password_hash; /* password_hash.h; "": nobody can log in yet */
	unsigned roles;            /* bits */
	const char *language;      /* "en", "hu" */
	bool active;
	bool must_change;  /* somebody else set the password: it is to be changed at once */
	unsigned failures; /* wrong passwords in a row */
	struct instant waits_until; /* no try before; INSTANT_NONE */
	struct instant created;
};

/* A login as it is stored and looked for: 2 to 64 of a-z 0-9 . _ @ + - with capitals made small;
 * ERR_FORMAT for anything else, so that no two look alike. */
must_check enum err store_person_login(struct scope *s, const char *typed, const char **ret_login);

/* ERR_MISUSE: the login is taken, or no such partner; ERR_FORMAT: the login is not folded. */
must_check enum err store_person_add(
    struct scope *s, struct store *store, const struct store_person *p);
must_check enum err store_person_find(
    struct scope *s, struct store *store, const char *id, const struct store_person **ret_person);
/* `typed` is folded; one that cannot be a login finds nobody. */
must_check enum err store_person_find_login(struct scope *s, struct store *store, const char *typed,
    const struct store_person **ret_person);
/* Name, email, roles, language, active of the person with p->id. One who is no longer active, or
 * whose roles became fewer, loses his sessions. ERR_MISUSE: none such. */
must_check enum err store_person_change(
    struct scope *s, struct store *store, const struct store_person *p);
/* Also ends all sessions of the person but `keep_session` (its digest; NULL: all), and forgets
 * failures. ERR_MISUSE: none such. */
must_check enum err store_person_set_password(struct scope *s, struct store *store, const char *id,
    const char *password_hash, bool must_change, const uint8_t *keep_session);
/* The same password under new parameters: nothing else changes. ERR_MISUSE: the stored hash is no
 * longer `from`. */
must_check enum err store_person_rehash(
    struct scope *s, struct store *store, const char *id, const char *from, const char *to);

/* A wrong password: one failure more; from the `allowed`-th on each makes the person wait, twice as
 * long each time: 30 s, 60 s, ... at most an hour. Gives the instant until which he waits. */
must_check enum err store_person_failed(struct scope *s, struct store *store, const char *id,
    unsigned allowed, struct instant now, struct instant *ret_waits_until);
/* A right one: no failures any more. */
must_check enum err store_person_succeeded(struct scope *s, struct store *store, const char *id);

struct store_person_list {
	const struct store_person *person;
	size_t n;
	const char *next;
};
/* Of a partner, or with NULL the staff; by name. */
must_check enum err store_person_list(struct scope *s, struct store *store, const char *partner,
    struct store_page page, struct store_person_list *ret_list);
/* Active persons who have all these roles: e.g. whether an administrator is left. */
must_check enum err store_person_count(
    struct scope *s, struct store *store, unsigned roles, uint64_t *ret_n);

#endif
