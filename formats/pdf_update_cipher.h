/*
 * Encryption of one object of an update (ISO 32000-2 7.6): its strings and its stream, with
 * initialisation vectors that are a function of a seed. Left as they are: the /Contents of
 * signature dictionaries, and a stream whose octets came from the file for this same object.
 */
#ifndef BULLA_FORMATS_PDF_UPDATE_CIPHER_H
#define BULLA_FORMATS_PDF_UPDATE_CIPHER_H

#include "formats/pdf_crypt.h"

#define PDF_UPDATE_CIPHER_SEED 16 /* octets that a seed has at least */

/* For one writing of `value` as the object `ref`. A vector never occurs twice under one seed, as
 * long as every object is written once. The cipher gives ERR_UNSUPPORTED for a new stream whose
 * first filter is /Crypt. */
must_check enum err pdf_update_cipher_new(struct scope *s, const struct pdf_crypt *crypt,
    struct bytes seed, struct pdf_ref ref, const struct pdf_value *value,
    const struct pdf_value_cipher **ret_cipher);

#endif
