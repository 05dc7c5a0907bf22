/*
 * Internal to sealer/: the steps that sealing and extending share. Each appends one incremental
 * update to the draft.
 */
#ifndef BULLA_SEALER_AUTHOR_H
#define BULLA_SEALER_AUTHOR_H

#include "sealer/seal.h"
#include "validator/validate.h"

struct author {
	struct scope *s;
	const struct world *world;
	const struct seal_request *request;
	struct draft *draft;
	struct evidence *evidence; /* grows over all steps, so nothing is fetched twice */
	enum digest_alg digest;
	size_t token_max; /* octets of the largest token seen, or the first guess */
	struct buf warning;
};

must_check enum err author_new(struct scope *s, const struct world *world,
    const struct seal_request *request, struct draft *draft, struct author **ret_author);
/* From now on this request, which must live as long. */
void author_take(struct author *a, const struct seal_request *request);
void author_warn(struct author *a, const char *text);
/* The draft as it is, opened by what the request has for it. */
must_check enum err author_open(struct author *a, struct pdf_file **ret_file);

/* A signature: PAdES-B-B, or B-T with `timestamp`. *ret_field: its name. */
must_check enum err author_sign(struct author *a, bool timestamp, char **ret_field);
/* A document timestamp over everything so far. */
must_check enum err author_timestamp(struct author *a);
/* The validation data that this report rests on, into the DSS; nothing is appended when all of it
 * is there already. */
must_check enum err author_embed(struct author *a, const struct report *report);
/* The judge's view of the draft as it is now. Offline: by what the document itself carries. */
must_check enum err author_judge(struct author *a, bool offline, struct report **ret_report);
/* ERR_DENIED or ERR_NET with the cause when the report's signature (index) is not fit to be handed
 * out; a lack of revocation data is only a warning where `lenient`. */
must_check enum err author_demand(
    struct author *a, const struct report *report, size_t index, bool lenient);
/* The same for a document timestamp that was just made: what it lacks in the document may come from
 * the network. `report` is the judge's view offline. */
must_check enum err author_demand_archive(
    struct author *a, const struct report *report, size_t index);
/* The report's signature in the field of that name. ERR_INTERNAL: there is none. */
must_check enum err author_find(
    struct author *a, const struct report *report, const char *field, size_t *ret_index);
/* The judge's view of the whole, which must find the seal in `field` fit to be handed out: with
 * validation data, by what the document carries alone; at B-LTA, its last signature too. */
must_check enum err author_check(struct author *a, const char *field, struct report **ret_report);
/* Learns anew whether the certificates of all timestamps in the report are good as of now, so that
 * what is embedded speaks for the time of the next timestamp. */
must_check enum err author_refresh(struct author *a, const struct report *report);
/* As author_demand for the findings about one certificate. */
must_check enum err author_demand_findings(
    struct author *a, const struct findings *f, const char *what, bool lenient);

#endif
