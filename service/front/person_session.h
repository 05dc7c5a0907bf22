/*
 * Who is at a page: logging in, sessions, and the gate that every handler passes first.
 *
 * A session is a cookie ("__Host-bulla-desk", "__Host-bulla-window": Secure, HttpOnly, SameSite=
 * Strict) with 32 random octets, of which the store keeps the SHA-256 only. It belongs to one
 * listener, ends after a time without a request and in any case after LIMIT_SESSION_S, and is made
 * anew at each login. When a person's rights change or the password does, his sessions end.
 *
 * Posting takes two proofs that the form was ours: the session's CSRF token in the field `csrf`,
 * and Sec-Fetch-Site or Origin of this listener (the latter also at login, where there is no
 * session yet).
 *
 * Wrong passwords are counted per person; from limits.login_failures on, each further one makes
 * him wait longer (doubling, at most LIMIT_LOGIN_WAIT_S). A name that nobody has takes as long as a
 * wrong password and is told in the same words. Every login, logout and refusal is in the audit log
 * before it is answered.
 */
#ifndef BULLA_SERVICE_FRONT_PERSON_SESSION_H
#define BULLA_SERVICE_FRONT_PERSON_SESSION_H

#include <stdbool.h>

#include "service/front/front.h"
#include "service/log/audit_record.h"

struct person_session {
	const char *person, *login, *name; /* id, login name, name for people */
	const char *actor;                 /* "person:ps_...": as the audit log names him */
	const char *partner;               /* id; NULL: staff */
	unsigned roles;                    /* PERSON_... of service/store/store_person.h */
	const char *language;              /* "" when the person has chosen none */
	const char *csrf;
	const char *sealing; /* window: the sealing that it was begun for; NULL: none */
	uint8_t id[32];      /* SHA-256 of the cookie: the key of its row; for the log: its first
				octets in hex, in `mark` */
	const char *mark;
	bool must_change; /* the password: the gate leads to /account */
};

/* An entry for the audit log that tells who it was: address, session, actor, partner. */
struct audit_entry person_session_entry(const struct http_request *q,
    const struct person_session *session, enum audit_kind kind, const char *object);

/* The session of the request, if there is one that is in force: *ret_session NULL otherwise, and
 * that is no error. Moves its end of idleness on. */
must_check enum err person_session_find(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session **ret_session);

/* The gate. A session whose person has one of `roles` (0: any), and for a POST both proofs. When
 * that is not so, *ret_session is NULL and the reply is complete (303 to /login, or a page with
 * 403), and has been logged where somebody was refused: return OK. */
must_check enum err person_session_need(struct front *f, struct scope *s,
    const struct http_request *q, unsigned roles, struct http_reply *r,
    const struct person_session **ret_session);
/* The same before the body of an upload is read: for route.check. The field csrf is not looked at
 * (the handler's person_session_need does). Sets r->status when it refuses. */
must_check enum err person_session_check(struct front *f, struct scope *s,
    const struct http_request *q, unsigned roles, struct http_reply *r);

/* Whether a POST comes from a page of this listener: Sec-Fetch-Site is same-origin, or, where a
 * browser sends none, Origin is this listener's. Neither: no. */
bool person_session_is_own_page(struct front *f, const struct http_request *q);

enum person_session_outcome {
	PERSON_SESSION_BEGUN,
	PERSON_SESSION_WRONG, /* name, password, listener or role: not told which */
	PERSON_SESSION_WAIT,  /* too many wrong passwords: nothing was tried. Pages say the same
				 as for WRONG, else names could be found out */
	PERSON_SESSION_CROSS_SITE, /* not a form of ours */
	PERSON_SESSION_BUSY,       /* too many log in at a time, or from there: nothing was tried;
				      Retry-After is in the reply */
};
struct person_session_login {
	enum person_session_outcome outcome;
	const struct person_session *session; /* BEGUN */
	int64_t wait_s;                       /* WAIT */
};
/* Logs in with the fields `login` and `password` of the request, which wipes the latter; puts the
 * cookie into the reply. `roles`: one of these the person must have. `partner`: whom he must belong
 * to; NULL: any, or none. `sealing`: what the session is for, NULL. An earlier session of the same
 * browser ends. */
must_check enum err person_session_login(struct front *f, struct scope *s,
    const struct http_request *q, unsigned roles, const char *partner, const char *sealing,
    struct http_reply *r, struct person_session_login *ret_login);
/* Whether this is the present password of who is logged in, for changes that ask for it again;
 * counted and logged like a login. */
must_check enum err person_session_is_password(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session *session, const char *typed,
    bool *ret_is_right);
/* password_hash_make, with no more of them at a time than there is room for. */
must_check enum err person_session_hash(
    struct scope *s, const char *password, const char **ret_encoded);
/* The same person under a new cookie and CSRF token: after his rights or password changed. */
must_check enum err person_session_renew(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session *session, struct http_reply *r);
/* Ends the session, and the cookie. */
must_check enum err person_session_logout(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session *session, struct http_reply *r);

#endif
