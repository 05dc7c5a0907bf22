/*
 * The report on one certificate judged by itself (EN 319 102-1 5.2.6, RFC 5280 6): its verdict, the
 * chain that was taken, what said that nobody revoked it, and the other chains with what spoke
 * against each.
 *
 * The verdict is that of validator/validate.h; here it is only put together and rendered. Same
 * report, same bytes.
 */
#ifndef BULLA_VALIDATOR_CERTIFICATE_REPORT_H
#define BULLA_VALIDATOR_CERTIFICATE_REPORT_H

#include "base/messages.h"
#include "base/world.h"
#include "validator/path_policies.h"
#include "validator/validate.h"

struct certificate_report_link {
	const struct cert *cert;
	enum evidence_source source;
	bool is_anchor; /* then nothing is asked about its status: both are NULL */
	const struct revocation_record *record;
	const struct revocation_statement *decides; /* NULL: nobody said anything */
};

/* A chain that was found, the one taken among them. */
struct certificate_report_path {
	const struct path *path;
	bool taken;
	struct findings findings; /* what speaks against it; empty where it was not needed */
	bool tried;               /* false: valid, but a chain before it had passed already */
};

struct certificate_report {
	const char *name; /* of the file, as given */
	const struct cert *cert;
	enum cert_use use;
	struct instant validation_time;
	const struct policy *policy;
	struct digest policy_sha256;
	enum indication indication;
	enum sub_indication sub;
	struct certificate_report_link *chain; /* the certificate first; none without a path */
	size_t n_chain;
	struct certificate_report_path *paths;
	size_t n_paths;
	struct path_policies policies; /* RFC 5280 6.1.6 over the chain taken */
	struct findings findings;
	const struct evidence *items; /* everything the verdict rests on */
	struct digest items_sha256;
};

/* "any", "signature", "timestamp". */
const char *certificate_report_use_name(enum cert_use use);

/* In words: "good", "revoked", "suspended", "unknown", "not-needed". */
const char *certificate_report_status_name(const struct certificate_report_link *link);
enum revocation_state certificate_report_status(const struct certificate_report_link *link);

/* Judges and puts together; gathers what is missing unless the request says offline. The request's
 * `name` is that of the certificate's file; its document and password are not looked at. */
must_check enum err certificate_report_make(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct certificate_report **ret_report);

/* One object over several lines, ends with a line feed. */
must_check enum err certificate_report_json(
    struct scope *s, const struct certificate_report *r, struct bytes *ret_text);
/* For a terminal: the verdict in one sentence first. In the language of the messages (NULL:
 * English). */
must_check enum err certificate_report_text(struct scope *s, const struct certificate_report *r,
    const struct messages *m, struct bytes *ret_text);

#endif
