/*
 * Refuses what must not be sealed, before a key is touched: certified against changes, locked,
 * without pages. Owner restrictions and XFA forms are no reason to refuse, but a person should know
 * of them.
 */
#ifndef BULLA_SEALER_PREFLIGHT_H
#define BULLA_SEALER_PREFLIGHT_H

#include "formats/pdf_signature.h"

/* ERR_DENIED or ERR_UNSUPPORTED with the reason. *ret_warning (in the scope) tells what a person
 * should know all the same, NULL if nothing: owner restrictions, an XFA form beside the fields. */
must_check enum err preflight_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const char *field, char **ret_warning);

#endif
