/*
 * A contract before anybody sealed it, for tests of what is done to sealed files: three pages in a
 * tree of two levels with inherited resources, fields of every kind, annotations, layers, tags, an
 * attachment. All object numbers are fixed; CONTRACT_FREE and up are not in use.
 *
 *	1 catalog   2 page tree   3 page 1   4 its contents   5 font F1   6 form
 *	7 text field "name" (value "Anna", appearance 9)   8 empty signature field "empty"
 *	10 note   11 link   39 hidden stamp
 *	12 "group" with the text fields 13 "a" and 14 "b"   19 text field "groupie"
 *	15 check box "agree" (states 16 and 38)   17 choice "city"
 *	18 "way" with the radio buttons 28 and 29 (states 26 and 27)
 *	20 inner page tree with page 2 (21, contents 23 and 24, annotations in array 33) and page 3
 *	(22, contents 25, a note 35)   30 embedded font F2: 31 descriptor, 32 file, 34 ToUnicode
 *	36 image   37 form XObject   40 layer   41 metadata   42 structure tree: 43, 44, number
 *	tree 49   45 extensions   46 names of attachments: 47, 48   50 outlines: 51   52 information
 *	53 an object that nothing refers to
 */
#ifndef BULLA_TESTS_SUPPORT_CONTRACT_H
#define BULLA_TESTS_SUPPORT_CONTRACT_H

#include "base/bytes.h"

struct scope;

enum contract_form {
	CONTRACT_TABLE,
	CONTRACT_STREAM, /* object streams and a cross-reference stream */
	CONTRACT_HYBRID,
	CONTRACT_ENCRYPTED, /* AES-256, empty password */
	CONTRACT_FORMS,
};

#define CONTRACT_FREE 62

/* Mistakes end the program. */
struct bytes contract_new(struct scope *s, enum contract_form form);

#endif
