/*
 * The file of a part that was uploaded: opened for a worker, and named as people see it.
 */
#ifndef BULLA_SERVICE_FRONT_UPLOAD_FILE_H
#define BULLA_SERVICE_FRONT_UPLOAD_FILE_H

#include "service/front/http_request.h"

/* For reading; closed with the scope, or with the request. ERR_IO. */
must_check enum err upload_file_open(struct scope *s, const struct http_part *part, int *ret_fd);
/* The name that the client told, cut at LIMIT_UPLOAD_NAME octets between characters, or
 * "document-N.pdf". What could mislead a reader (control characters, marks that turn the direction
 * of writing) becomes '_'. */
must_check enum err upload_file_name(
    struct scope *s, const struct http_part *part, unsigned n, const char **ret_name);
/* Whether a text from outside holds nothing of that kind. */
bool upload_file_is_plain(const char *text);

#endif
