/*
 * Object streams (ISO 32000-2 7.5.7), decoded: which objects they hold and where.
 */
#ifndef BULLA_FORMATS_PDF_OBJECT_STREAM_H
#define BULLA_FORMATS_PDF_OBJECT_STREAM_H

#include "formats/pdf_syntax.h"

struct pdf_object_stream;

/* dict: of the stream; data: its decoded content, which must outlive the scope. ERR_FORMAT: /N,
 * /First or the numbers at the beginning are malformed. */
must_check enum err pdf_object_stream_open(struct scope *s, const struct pdf_value *dict,
    struct bytes data, struct pdf_object_stream **ret_stream);
/* Object `num`: the one at `index` if it has that number, else the last one of that number, for
 * some writers get the index wrong. NULL when it is not there. A stream, which may not stand there
 * (7.5.7), is the null value. */
must_check enum err pdf_object_stream_object(struct scope *s,
    const struct pdf_object_stream *stream, uint32_t num, uint32_t index,
    const struct pdf_value **ret_value);

#endif
