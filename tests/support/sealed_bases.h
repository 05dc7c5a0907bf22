/*
 * Freshly sealed contracts (contract.h), by name, for tests of what is done to sealed files.
 *
 *	approval      a seal at B-B in a new field
 *	existing      the same in the field "empty"
 *	stream, hybrid, encrypted      approval on the contract in that form
 *	certified-1, certified-2, certified-3      a certifying seal with this P
 *	certified-2-stream      the same with cross-reference streams
 *	locked        FieldMDP, /Include (group)          locked-others     /Exclude (name)
 *	locked-all    FieldMDP, /All
 *	lta           a seal at B-LTA
 *	twice         two seals at B-B                    certified-twice   the first one with P 2
 *	one-page, linearized      approval on pages of pdf_make.h
 */
#ifndef BULLA_TESTS_SUPPORT_SEALED_BASES_H
#define BULLA_TESTS_SUPPORT_SEALED_BASES_H

#include "tests/support/office.h"

/* A new one at each call; an unknown name ends the program. */
struct bytes sealed_bases_new(struct office *o, const char *name);

#endif
