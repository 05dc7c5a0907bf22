/*
 * The judge: document, evidence, anchors, policy, instant -> report. A pure function: the same
 * input gives the same report for ever (EN 319 102-1 5.3 to 5.6: later timestamps are judged first,
 * and what they cover is judged with the proofs of existence they give). Evidence records are not
 * read.
 */
#ifndef BULLA_VALIDATOR_JUDGE_H
#define BULLA_VALIDATOR_JUDGE_H

#include "validator/document.h"
#include "validator/report.h"
#include "validator/xcv.h"

/* Facts about the file that no evidence changes: coverage and modifications, found once. */
struct judge_frame;
must_check enum err judge_frame_new(
    struct scope *s, const struct document *d, struct judge_frame **ret_frame);

/* Judges every signature. `x` carries evidence, anchors, policy and instant; afterwards it holds
 * wishes for what was missing and the set of items used. Only `signatures`, `findings` and
 * `conclusion` of the report are filled in. */
must_check enum err judge_document(struct scope *s, const struct document *d,
    const struct judge_frame *frame, struct xcv *x, struct report *ret_report);

#endif
