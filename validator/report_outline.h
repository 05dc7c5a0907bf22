/*
 * A report in the order in which a clerk reads it: the verdict, then for each signature who, when,
 * what changed since, what is signed, why not, and what would help; then what all of it rests on.
 */
#ifndef BULLA_VALIDATOR_REPORT_OUTLINE_H
#define BULLA_VALIDATOR_REPORT_OUTLINE_H

#include "validator/outline.h"
#include "validator/report.h"

must_check enum err report_outline(
    struct scope *s, const struct report *r, const struct messages *m, struct outline *ret_outline);

/* -- its parts -- */
/* The verdict: what a clerk does (findings_outline_word), one sentence, and the finding that
 * decided it, NULL when nothing stands against it. */
struct report_outline_verdict {
	enum indication indication;
	const char *sentence;
	const struct finding *decided;
};
struct report_outline_verdict report_outline_verdict(struct outline *o, const struct report *r);
/* A legal person's certificate, as far as it says so; false for NULL. */
bool report_outline_is_seal(const struct cert *c);
/* One signature: a heading and all below it. */
void report_outline_signature(struct outline *o, const struct report_signature *sig);
/* What changed since, what is not allowed first, LIMIT_OUTLINE_CHANGES of it. */
void report_outline_changes(struct outline *o, const struct report_signature *sig);
/* Of one change, in the language: "form filled in"; "field "name" was filled in (object 7)". */
const char *report_outline_change_kind(const struct outline *o, enum report_modification_kind kind);
/* What validator/modification.h says of a place, in the language. */
const char *report_outline_change_sentence(struct outline *o, const char *path);
const char *report_outline_change_place(struct outline *o, const struct report_modification *m);
/* How it has come to look since, if that is known. */
void report_outline_pictures(struct outline *o, const struct report_signature *sig);
/* "Page 3", "Page 3 (page 2 when it was sealed)", ... */
const char *report_outline_page(struct outline *o, uint32_t sealed, uint32_t now);
/* The pictures of one page, as far as they are there, in one block. */
void report_outline_page_pictures(struct outline *o, const struct report_page_pictures *page);
/* The organisation, else the common name, else the whole name; "an unknown signer" for NULL. */
const char *report_outline_who(const struct outline *o, const struct cert *c);

#endif
