/*
 * Tables of what is done to sealed files and what the judge must say, as text (tests/updates):
 *
 *	case NAME: BASE...              one test for each of the bases (sealed_bases.h)
 *	# why, in prose
 *	  LINE                          what is done (pdf_script.h), or
 *	  seal LEVEL [FIELD]            one more seal of our own
 *	  show LEVEL [FIELD]            the same with a look
 *	  extend LEVEL                  the seals are lifted to the level
 *	expect VERDICT                  of all bases that have no line of their own
 *	expect BASE,BASE: VERDICT
 *
 * VERDICT is about the first signature of the file as it was sealed:
 *	refused TEXT            the file cannot be judged: the error has this text in it
 *	unsigned CODE...        no signature is there any more; what is found in the document
 *	broken KIND [CLAUSE] TEXT       not intact: a forbidden modification of this kind (as the
 *	                        JSON report names it), by a rule with this in its clause, with this
 *	                        in its words
 *	broken CODE...          not intact: these findings, of the signature or the document
 *	intact KIND... CODE...  it and all others are intact; the kinds of all modifications of the
 *	                        first, and all findings of its own and of the document that are
 *	                        more than an information: exactly these. "intact-alone": others
 *	                        are not intact
 */
#ifndef BULLA_TESTS_SUPPORT_UPDATE_CASES_H
#define BULLA_TESTS_SUPPORT_UPDATE_CASES_H

#include "base/bytes.h"

#define UPDATE_CASES_BASES 20
#define UPDATE_CASES_LINES 40

struct update_case {
	char *name, *file;
	unsigned line;
	char *base[UPDATE_CASES_BASES];
	size_t n_bases;
	char *script[UPDATE_CASES_LINES];
	size_t n_lines;
	struct {
		char *bases; /* with commas; "" for the others */
		char *verdict;
	} expect[UPDATE_CASES_BASES];
	size_t n_expect;
};

struct update_cases {
	struct update_case *item;
	size_t n;
};

/* Reads all tables of the folder whose names begin with `prefix`. A mistake in one ends the
 * program. */
struct update_cases update_cases_read(struct scope *s, const char *folder, const char *prefix);
/* What is expected for a base. */
const char *update_cases_expected(const struct update_case *c, const char *base);

#endif
