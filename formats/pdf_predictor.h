/*
 * Predictors of FlateDecode and LZWDecode (ISO 32000-2 7.4.4.4): TIFF predictor 2 and the PNG
 * filters. Only for formats/pdf_filter.c.
 */
#ifndef BULLA_FORMATS_PDF_PREDICTOR_H
#define BULLA_FORMATS_PDF_PREDICTOR_H

#include "formats/pdf_value.h"

/* Undoes what `parms` (may be NULL) says was done to *data; a copy in the scope, or *data as it was
 * without a predictor. A last row that is cut short gives what there is of it. ERR_FORMAT: numbers
 * out of range, or a PNG row of unknown type. */
must_check enum err pdf_predictor_undo(
    struct scope *s, const struct pdf_value *parms, struct bytes *data);

#endif
