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
 *	sealed-certified-1, -2, -3      certified by the sealer, which tells the catalog so
 *	visible       a seal with a look                 visible-existing  in the field "empty"
 *	b-t, b-lt, lta, lta-stream      a seal at this level
 *	twice         two seals at B-B                    certified-twice   the first one with P 2
 *	one-page, linearized      approval on pages of pdf_make.h
 *	loose         a page with loose ends: contents 4 of the length 6, a resource 90 that is
 *	        missing, contents 91 that are free, a form with XFA (template 10, datasets 11), a
 *	        stamp 12 with the appearance 13, a layer 14 that is off
 */
#ifndef BULLA_TESTS_SUPPORT_SEALED_BASES_H
#define BULLA_TESTS_SUPPORT_SEALED_BASES_H

#include "tests/support/office.h"

/* A look that a seal may have: text in the lower right corner of page 1, or where its field is. */
struct appearance_request sealed_bases_look(struct office *o, bool has_field);
/* A new one at each call; an unknown name ends the program. */
struct bytes sealed_bases_new(struct office *o, const char *name);

#endif
