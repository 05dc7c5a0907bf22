/*
 * A report on paper: validator/outline.h laid out by service/pdf_sheet.h. A4, tagged (headings,
 * tables, paragraphs in reading order), with a title, a language and bookmarks. It is dated with
 * the validation time, so the same report and the same fonts give the same octets.
 *
 * Not claimed: conformance to PDF/UA or PDF/A. The tags do not say which row a header cell heads,
 * and what is repeated on each page is not marked as an artifact.
 */
#ifndef BULLA_SERVICE_REPORT_PDF_H
#define BULLA_SERVICE_REPORT_PDF_H

#include "validator/report.h"

/* ERR_LIMIT: more than LIMIT_REPORT_PAGES pages; ERR_UNSUPPORTED: no font is installed. */
must_check enum err report_pdf(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_pdf);

#endif
