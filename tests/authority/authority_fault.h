/*
 * Fault switches: what the server does wrong on purpose, per endpoint. DIR/faults holds one line
 * per endpoint, e.g. "tsa=delay:3,wrong-nonce"; it is read at every request.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_FAULT_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_FAULT_H

#include "base/bytes.h"

/* X(constant, word, endpoints, meaning) */
#define AUTHORITY_FAULT_ENTRIES(X)                                                                 \
	X(FAULT_DELAY, "delay", "*", "delay:SECONDS, then the proper answer")                      \
	X(FAULT_HANG, "hang", "*", "no answer")                                                    \
	X(FAULT_500, "500", "*", "HTTP 500")                                                       \
	X(FAULT_GARBAGE, "garbage", "*", "200 and the right type, but noise")                      \
	X(FAULT_TRUNCATE, "truncate", "*", "the connection ends in the middle of the body")        \
	X(FAULT_SHORT, "short", "*", "half of the body, with a Content-Length that fits it")       \
	X(FAULT_BIG, "big", "*", "a body without end")                                             \
	X(FAULT_REDIRECT, "redirect-loop", "*", "302 to itself")                                   \
	X(FAULT_WRONG_NONCE, "wrong-nonce", "tsa ocsp", "another nonce than asked")                \
	X(FAULT_WRONG_IMPRINT, "wrong-imprint", "tsa", "a token over another digest")              \
	X(FAULT_EXPIRED, "expired-signer", "tsa ocsp", "signed under an expired certificate")      \
	X(FAULT_STALE, "stale", "ocsp crl", "thisUpdate and nextUpdate long past")                 \
	X(FAULT_WRONG_KEY, "wrong-key", "tsa ocsp crl", "signed by a key that may not")            \
	X(FAULT_UNKNOWN, "unknown", "ocsp", "status unknown for every certificate")                \
	X(FAULT_TRYLATER, "trylater", "ocsp", "tryLater, unsigned")                                \
	X(FAULT_WRONG_SERIAL, "wrong-serial", "ocsp", "an answer about another certificate")       \
	X(FAULT_QUOTA, "quota", "tsa", "rejection: over quota")                                    \
	X(FAULT_NO_CERTS, "no-certs", "tsa", "no certificates, though asked for")                  \
	X(FAULT_MANY_CERTS, "many-certs", "tsa", "certificates that nobody needs: 12 KB of them")

enum authority_fault_kind {
#define X(constant, word, endpoints, meaning) constant,
	AUTHORITY_FAULT_ENTRIES(X)
#undef X
};

#define AUTHORITY_FAULT_ENDPOINTS "tsa ocsp crl delta aia certs"

struct authority_fault {
	unsigned bits;   /* 1 << enum authority_fault_kind */
	int64_t delay_s; /* of FAULT_DELAY */
};

static inline bool authority_fault_has(struct authority_fault f, enum authority_fault_kind kind)
{
	return (f.bits >> kind) & 1U;
}

/* What is switched on for this endpoint now. */
struct authority_fault authority_fault_read(const char *dir, const char *endpoint);

/* Applies ENDPOINT=FAULT[,FAULT]..., ENDPOINT=none and "none" (all off), in this order. */
must_check enum err authority_fault_set(
    struct scope *s, const char *dir, char *const *settings, size_t n);

#endif
