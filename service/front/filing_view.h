/*
 * A filing as pages show it: values for templates, from its row and from the judgement in short
 * that it holds (service/worker/worker_client.h). What it says rests on a worker's word about a
 * hostile document: all of it is text, none is taken for an address or for HTML.
 */
#ifndef BULLA_SERVICE_FRONT_FILING_VIEW_H
#define BULLA_SERVICE_FRONT_FILING_VIEW_H

#include "service/front/page.h"
#include "service/store/store_filing.h"

/* Tone ("good", "caution", "bad", "quiet") and word ("Accept", ...; English, marked) of a word. */
const char *filing_view_tone(enum store_filing_word word);
const char *filing_view_word(enum store_filing_word word);

/* For a line of a table (filing_row.html). */
must_check enum err filing_view_row(
    const struct page *p, const struct store_filing *f, struct template_data *d);
/* For its own page (filing.html), into p->data: the row's, and signatures, causes, decision. */
must_check enum err filing_view_whole(const struct page *p, const struct store_filing *f);

#endif
