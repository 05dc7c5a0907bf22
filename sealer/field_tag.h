/*
 * A new widget in a tagged document (ISO 32000-2 14.7, 14.8; ISO 14289-1 7.18): for those who do
 * not see the page its place in the structure is a Form element that refers to it.
 *
 * Nothing that is there is moved: the element comes last in the document's only top element, or in
 * the tree's root; its key is above all that are used. A structure tree that is not laid out as
 * 14.7.2 and 7.9.7 say stays as it is.
 *
 * Not looked at: whether the rest of the structure makes sense, or is what the page shows.
 */
#ifndef BULLA_SEALER_FIELD_TAG_H
#define BULLA_SEALER_FIELD_TAG_H

#include "formats/pdf_update.h"

/* Whether the document says that it is tagged: /MarkInfo with /Marked true, and a structure tree.
 */
must_check enum err field_tag_is_tagged(
    struct scope *s, struct pdf_update *update, const struct pdf_file *file, bool *ret_tagged);

/* In a tagged document: what annotations need on their page, /Tabs /S, where it says nothing. Not
 * for documents that are signed, whose pages stay as they are. */
must_check enum err field_tag_page(
    struct scope *s, struct pdf_update *update, const struct pdf_file *file, struct pdf_ref page);

/* Puts a Form element for the widget `field` on `page` into the update; `language` (RFC 5646, or
 * NULL) is that of what the widget says. *ret_key is the widget's
 * /StructParent; -1 when it stays without a tag: the document is not tagged (*ret_why NULL), or its
 * structure tree is damaged (*ret_why says how; a text that lives for ever). */
must_check enum err field_tag(struct scope *s, struct pdf_update *update,
    const struct pdf_file *file, struct pdf_ref page, struct pdf_ref field, const char *language,
    int64_t *ret_key, const char **ret_why);

#endif
