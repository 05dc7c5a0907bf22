/*
 * What is in a PDF, as text for a person: revisions, signatures, certificates, the document
 * security store. Facts only, no judgement: nothing here says whether a signature is good.
 */
#ifndef BULLA_SERVICE_INSPECTION_H
#define BULLA_SERVICE_INSPECTION_H

#include "formats/pdf_crypt.h"

/* Ends with a line feed; holds no control characters but line feeds. What cannot be read is said in
 * its place. Errors are those of pdf_file_open_by. */
must_check enum err inspection_text(struct scope *s, struct bytes document,
    const struct pdf_crypt_means *means, struct bytes *ret_text);

#endif
