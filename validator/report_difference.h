/*
 * Where two reports in JSON differ, for a person: one line per difference, such as
 *
 *	signatures.S1.indication: was "TOTAL-PASSED", is "INDETERMINATE"
 *	signatures.S1.findings: CRL_STALE (CN=Root) is new
 *
 * Findings are compared as sets, members of other arrays one by one. Does not judge what a
 * difference means.
 */
#ifndef BULLA_VALIDATOR_REPORT_DIFFERENCE_H
#define BULLA_VALIDATOR_REPORT_DIFFERENCE_H

#include "base/bytes.h"

/* At most LIMIT_DIFFERENCES lines, and one that says how many more there are; empty when the trees
 * are alike (then only white space, or the order of keys, differs). ERR_FORMAT, ERR_LIMIT: no JSON
 * that can be read. */
must_check enum err report_difference(
    struct scope *s, struct bytes was, struct bytes is, struct bytes *ret_lines);

#endif
