/*
 * Findings as a person reads them: sentence, certificate, address, instant, clause, what would
 * help.
 */
#ifndef BULLA_VALIDATOR_FINDINGS_OUTLINE_H
#define BULLA_VALIDATOR_FINDINGS_OUTLINE_H

#include "validator/findings.h"
#include "validator/outline.h"

/* Adds a cause for each finding, what decides first. */
void findings_outline(struct outline *o, const struct findings *f);
/* The sentence of a finding in the outline's language, and what would help ("" if nothing). */
const char *findings_outline_sentence(const struct outline *o, enum finding_code code);
const char *findings_outline_remedy(const struct outline *o, enum finding_code code);
/* How an indication looks, and what a clerk does: "Accept", "Look closer", "Do not accept". */
enum outline_tone findings_outline_tone(enum indication i);
const char *findings_outline_word(const struct outline *o, enum indication i);
/* "TOTAL-FAILED, HASH_FAILURE": the standard's words, the same in every language. */
const char *findings_outline_code(
    struct outline *o, enum indication i, enum sub_indication sub, bool total);

#endif
