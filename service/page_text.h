/*
 * Where a text stands on the pages of a PDF, as a reader shows them. With Poppler, in a process of
 * its own under limits (service/limited_process.h): what comes back is checked for form only, and
 * the document has the last word about it.
 *
 * Found is text within a line, letter for letter, upper and lower case told apart. Not found: text
 * in pictures, in annotations and in the appearances of fields.
 */
#ifndef BULLA_SERVICE_PAGE_TEXT_H
#define BULLA_SERVICE_PAGE_TEXT_H

#include "base/bytes.h"

struct page_text_request {
	const char *name; /* of the document, for faults */
	struct bytes content, password;
	const char *wanted; /* UTF-8, not empty */
	int page;           /* from 1; -1: the last; 0: the first one that has it */
};

struct page_text_place {
	int page;
	double x, y, w, h; /* of the visible page, turned upright, from its upper left corner, in
			      units of user space */
};

/* The one place of the text on its page. ERR_DENIED: it is on no page, several times on this one,
 * or there is no such page; or a password is wanted; ERR_FORMAT: not a PDF, or its reader crashed;
 * ERR_LIMIT: time, memory. */
must_check enum err page_text_find(
    struct scope *s, const struct page_text_request *request, struct page_text_place *ret_place);

#endif
