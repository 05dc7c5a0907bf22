/*
 * Whether a file still shows what it showed when it was sealed: page by page and in the catalog, by
 * walking both from their catalogs, as a reader does. An oracle for tests, which knows nothing of
 * updates and of what they may change: it compares what may never change. Left out are what may:
 * annotations, the form, tags, metadata, extensions, validation data.
 */
#ifndef BULLA_TESTS_SUPPORT_SEALED_VIEW_H
#define BULLA_TESTS_SUPPORT_SEALED_VIEW_H

#include "formats/pdf_file.h"

/* `old` and its scope; `now` is opened in the scope `s`, and differs if it cannot be. */
bool sealed_view_is_same(
    struct scope *old_scope, const struct pdf_file *old, struct scope *s, struct bytes now);

#endif
