/*
 * Certificate paths: every way from a certificate to a trust anchor through the certificates at
 * hand (RFC 5280 6.1; EN 319 102-1 5.2.6.4 (1)). Several may exist (cross-certificates, renewed
 * keys); each is judged on its own, because OpenSSL does not try a second one.
 *
 * Judged here: signatures, names, basic constraints, path length, keyCertSign, unknown critical
 * extensions (validator/path_rules.h), name constraints and certificate policies under the policy's
 * initial settings (validator/path_openssl.h). Not here: dates, revocation, key usage of the end
 * certificate (validator/xcv.h).
 */
#ifndef BULLA_VALIDATOR_PATH_H
#define BULLA_VALIDATOR_PATH_H

#include "base/limits.h"
#include "trust-lists/anchors.h"
#include "validator/evidence.h"
#include "validator/findings.h"
#include "validator/policy.h"

struct path {
	const struct cert *item[LIMIT_PATH_DEPTH]; /* [0] the certificate, [n-1] the anchor */
	size_t n;
	int verify_error; /* 0, or OpenSSL's X509_V_ERR_... */
	size_t error_at;  /* which certificate breaks the rule; 0 where none does */
};

struct path_list {
	const struct path *item; /* valid ones first, of these the shortest */
	size_t n;
	bool cut; /* the search was given up at a limit of base/limits.h: there may be more */
};

/* Finds paths and remembers them: asking again for the same certificate costs nothing as long as
 * no certificate was added to the evidence. */
struct path_finder;
must_check enum err path_finder_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, const struct policy *policy, struct path_finder **ret_finder);
/* At most LIMIT_PATH_CANDIDATES paths. An anchor's own path is itself alone. */
must_check enum err path_find(struct scope *s, struct path_finder *finder,
    const struct cert *target, struct path_list *ret_paths);
/* The certificates above `target` (itself included) for which no issuer is at hand: those whose AIA
 * could help. At most LIMIT_PATH_DEPTH. */
must_check enum err path_find_dead_ends(struct scope *s, struct path_finder *finder,
    const struct cert *target, const struct cert **ret_ends, size_t *ret_n);
/* The part of a path from its i-th certificate up, judged as it was with those below. */
struct path path_above(const struct path *path, size_t i);
/* The finding that a verify_error is; FINDING_NONE for 0. */
enum finding_code path_finding(int verify_error);
/* Adds the finding that speaks against this path by itself, with the certificate concerned; nothing
 * for a valid one. */
must_check enum err path_explain(
    struct scope *s, const struct path *path, struct findings *findings);
/* A sentence about a verify_error. */
const char *path_error_text(int verify_error);

#endif
