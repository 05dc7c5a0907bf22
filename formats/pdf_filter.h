/*
 * Stream filters as far as structure needs them (ISO 32000-2 7.4): FlateDecode, LZWDecode,
 * ASCIIHexDecode, ASCII85Decode, RunLengthDecode, with PNG and TIFF predictors. Image filters,
 * Crypt (other than Identity) and unknown ones are ERR_UNSUPPORTED, named in the text.
 */
#ifndef BULLA_FORMATS_PDF_FILTER_H
#define BULLA_FORMATS_PDF_FILTER_H

#include "formats/pdf_value.h"

/* `filter` and `parms` are the resolved /Filter and /DecodeParms (NULL when absent; arrays hold
 * resolved items). Output is capped at LIMIT_PDF_INFLATED (ERR_LIMIT). A Flate stream that ends
 * early gives what there was, and *ret_damaged = true. */
must_check enum err pdf_filter_decode(struct scope *s, const struct pdf_value *filter,
    const struct pdf_value *parms, struct bytes raw, struct bytes *ret_data, bool *ret_damaged);
/* zlib at the default level. */
must_check enum err pdf_filter_deflate(
    struct scope *s, struct bytes data, struct bytes *ret_deflated);

#endif
