/*
 * Documents that are ready to be changed into others, or that only look so, for tests of
 * validator/shadow.h.
 */
#ifndef BULLA_TESTS_SUPPORT_PAPER_SHADOW_H
#define BULLA_TESTS_SUPPORT_PAPER_SHADOW_H

#include "tests/support/pdf_make.h"

/* One page with a text and:
 * "says-another" a field that shows another text than it holds, "says-same" one that shows its own
 * in two lines, "says-formatted" as says-another, but by a script;
 * "covered" an image over the text, "behind" under it, "sheer" a transparent one over it,
 * "field-over" a field over it;
 * "stacked" two read-only fields in one place, "side-by-side" in two;
 * "hidden-page" a page that nothing leads to, "hidden-octets" one that no section lists;
 * "twice" contents that are there twice, "twice-same" twice the same;
 * "elsewhere" an image from a file, "script", "launch", "link", "jump" (to a page of its own);
 * "layers" that begin hidden, "layers-shown", "layers-printed"; "drawn-anew";
 * "hybrid-view" a hybrid file an annotation of which some readers do not find, "hybrid-same" one in
 * which they miss nothing. Empty: there is none of that name. */
struct bytes paper_shadow_base(struct scope *s, const char *name);

#endif
