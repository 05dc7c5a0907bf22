/*
 * Findings: what is true of a document or its evidence. One table (findings.def) gives each code
 * its severity, its EN 319 102-1 indication and sub-indication, its clause and its sentence.
 */
#ifndef BULLA_VALIDATOR_FINDINGS_H
#define BULLA_VALIDATOR_FINDINGS_H

#include "base/instant.h"

struct cert; /* formats/cert.h */

/* EN 319 102-1 table 5 (main indications). For timestamps and building blocks read PASSED/FAILED.
 */
enum indication {
	INDICATION_PASSED,
	INDICATION_INDETERMINATE,
	INDICATION_FAILED,
};

/* EN 319 102-1 table 6. */
#define SUB_INDICATION_ENTRIES(X)                                                                  \
	X(FORMAT_FAILURE)                                                                          \
	X(HASH_FAILURE)                                                                            \
	X(SIG_CRYPTO_FAILURE)                                                                      \
	X(REVOKED)                                                                                 \
	X(EXPIRED)                                                                                 \
	X(NOT_YET_VALID)                                                                           \
	X(SIG_CONSTRAINTS_FAILURE)                                                                 \
	X(CHAIN_CONSTRAINTS_FAILURE)                                                               \
	X(CERTIFICATE_CHAIN_GENERAL_FAILURE)                                                       \
	X(CRYPTO_CONSTRAINTS_FAILURE)                                                              \
	X(POLICY_PROCESSING_ERROR)                                                                 \
	X(SIGNATURE_POLICY_NOT_AVAILABLE)                                                          \
	X(TIMESTAMP_ORDER_FAILURE)                                                                 \
	X(NO_SIGNING_CERTIFICATE_FOUND)                                                            \
	X(NO_CERTIFICATE_CHAIN_FOUND)                                                              \
	X(NO_CERTIFICATE_CHAIN_FOUND_NO_POE)                                                       \
	X(REVOKED_NO_POE)                                                                          \
	X(REVOKED_CA_NO_POE)                                                                       \
	X(OUT_OF_BOUNDS_NO_POE)                                                                    \
	X(OUT_OF_BOUNDS_NOT_REVOKED)                                                               \
	X(REVOCATION_OUT_OF_BOUNDS_NO_POE)                                                         \
	X(CRYPTO_CONSTRAINTS_FAILURE_NO_POE)                                                       \
	X(NO_POE)                                                                                  \
	X(TRY_LATER)                                                                               \
	X(SIGNED_DATA_NOT_FOUND)

enum sub_indication {
	SUB_NONE,
#define X(name) SUB_##name,
	SUB_INDICATION_ENTRIES(X)
#undef X
};

enum finding_severity {
	SEVERITY_FAILURE,       /* FAILED */
	SEVERITY_INDETERMINATE, /* INDETERMINATE */
	SEVERITY_WARNING,       /* a person should look */
	SEVERITY_INFO,
};

enum finding_code {
	FINDING_NONE,
#define X(code, severity, sub, clause, text, remedy) FINDING_##code,
#include "validator/findings.def"
#undef X
};

struct finding {
	enum finding_code code;
	/* What it is about, e.g. a certificate's subject or an object number; "" if nothing more.
	 */
	const char *about;
	const struct cert *cert; /* the certificate concerned, NULL if none */
	const char *url;         /* the address concerned, NULL if none */
	struct instant at;       /* the instant compared with, INSTANT_NONE if none */
};

/* What the table says of a code. */
struct finding_row {
	const char *name; /* "CRL_STALE" */
	enum finding_severity severity;
	enum sub_indication sub;
	const char *clause, *text;
	const char *remedy; /* what would help; "" if nothing does */
};
const struct finding_row *findings_row(enum finding_code code);
const char *findings_severity_name(enum finding_severity severity);
/* "TOTAL-PASSED" ... for signatures, "PASSED" ... for timestamps. */
const char *findings_indication_name(enum indication i, bool total);
/* "REVOKED_NO_POE"; NULL for SUB_NONE. */
const char *findings_sub_name(enum sub_indication sub);

/* A growing list in the scope. */
struct findings {
	struct finding *item;
	size_t n, room;
};
/* Notes a finding; the same code about the same thing once only. */
must_check enum err findings_add(
    struct scope *s, struct findings *f, enum finding_code code, const char *about);
/* The same with all there is to say; `about` may be NULL. */
must_check enum err findings_add_item(
    struct scope *s, struct findings *f, const struct finding *item);
/* Adds all of another list. */
must_check enum err findings_add_all(
    struct scope *s, struct findings *f, const struct findings *more);
bool findings_has(const struct findings *f, enum finding_code code);
/* Whether any of them makes it probable that the document was made to be changed into another one
 * (shadow attacks): a person should look before trusting a verdict that it passed. */
bool findings_has_doubt(const struct findings *f);
/* The worst of the list: the first failure, else the first indeterminate one, else PASSED. */
enum indication findings_indication(const struct findings *f, enum sub_indication *ret_sub);

#endif
