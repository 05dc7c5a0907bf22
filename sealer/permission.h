/*
 * What a seal permits afterwards: certification (DocMDP, ISO 32000-2 12.8.2.2) and locked fields
 * (FieldMDP, 12.8.2.4, with the /Lock of the field, 12.7.5.5).
 *
 * No signature reference has a /DigestMethod: ISO 19005-2 6.1.12 forbids it beside /Perms /DocMDP,
 * and no reader computes such a digest.
 */
#ifndef BULLA_SEALER_PERMISSION_H
#define BULLA_SEALER_PERMISSION_H

#include "formats/pdf_update.h"
#include "sealer/field.h"
#include "sealer/seal.h"

/* The lowest P that any signature of the file sets, itself or by the lock of its field; 0: none. */
int permission_level(const struct pdf_signature_list *signatures);

/* Whether what the request wants to permit and to lock can be had in this document. ERR_DENIED:
 * a certification that would not be the first signature (ISO 32000-1 12.8.2.2.1; a document
 * timestamp is one, as pyHanko and EU DSS have it too), a lock level above one that holds already
 * (table 236), a lock of a field that is not there. */
must_check enum err permission_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const struct seal_request *request);

/* Adds /Reference to the signature dictionary that goes to place->value, and with `certify` /Perms
 * to the catalog. place->lock is the lock that the seal has. ERR_DENIED: it permits less than
 * `certify`; or one of the earlier `signatures` locks the field, though it be new. */
must_check enum err permission_put(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, struct pdf_update *update, int certify,
    const struct field_place *place, struct pdf_value *dict);

/* The lock as the entries of a dictionary: /Action, /Fields, /P. */
must_check enum err permission_set_lock(
    struct scope *s, const struct pdf_field_lock *lock, struct pdf_value *dict);

#endif
