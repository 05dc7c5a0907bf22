/*
 * Reads multipart/form-data (RFC 7578, on RFC 2046) as it comes, in pieces of any size, and hands
 * out its parts without keeping their content. Pure.
 *
 * Strict: nothing before the first boundary and nothing after the last but one end of line; no
 * white space behind a boundary; lines end with CR LF; Content-Disposition once per part, of
 * form-data and with a name; no parts inside of parts; Content-Transfer-Encoding only where it
 * changes nothing (RFC 7578 4.7); filename* is refused (4.2). What a client tells as file name
 * becomes a bare name: folders are cut off, control characters and what is no UTF-8 become '_'.
 *
 * Does not judge the content of a part, and does not look at its Content-Type but for multipart/.
 */
#ifndef BULLA_SERVICE_FRONT_MULTIPART_H
#define BULLA_SERVICE_FRONT_MULTIPART_H

#include <stdbool.h>

#include "base/bytes.h"

struct multipart;

struct multipart_part {
	const char *name;
	const char *file_name;    /* NULL: none was told, or an empty one (no file was chosen) */
	const char *content_type; /* "" when none was told */
};

/* What is done with parts. An error of theirs ends the reading and is returned. */
struct multipart_sink {
	void *ctx;
	/* `part` lives as long as the scope. */
	enum err (*begin)(void *ctx, struct scope *s, const struct multipart_part *part);
	/* Borrowed. */
	enum err (*content)(void *ctx, struct scope *s, struct bytes piece);
	enum err (*end)(void *ctx, struct scope *s);
};

/* From the value of the Content-Type header: ERR_UNSUPPORTED when it is not multipart/form-data,
 * ERR_FORMAT when its boundary is missing or not of RFC 2046. At most `most` parts. */
must_check enum err multipart_new(struct scope *s, const char *content_type, size_t most,
    const struct multipart_sink *sink, struct multipart **ret_multipart);
/* ERR_FORMAT; ERR_LIMIT: too many parts, or a head or a name too long. */
must_check enum err multipart_feed(struct scope *s, struct multipart *m, struct bytes piece);
/* After the last piece: ERR_FORMAT when the last boundary did not come. */
must_check enum err multipart_finish(struct scope *s, struct multipart *m);

#endif
