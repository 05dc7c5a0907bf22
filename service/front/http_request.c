#include "service/front/http_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/front/form.h"

static const char *find(const struct http_request_pair *pair, const char *name,
    int (*compare)(const char *, const char *))
{
	for (; pair && pair->name; pair++)
		if (!compare(pair->name, name))
			return pair->value;
	return NULL;
}

const char *http_request_header(const struct http_request *q, const char *name)
{
	return q->values ? find(q->values->header, name, strcasecmp) : NULL;
}

const char *http_request_query(const struct http_request *q, const char *name)
{
	return q->values ? find(q->values->query, name, strcmp) : NULL;
}

const char *http_request_cookie(const struct http_request *q, const char *name)
{
	return q->values ? find(q->values->cookie, name, strcmp) : NULL;
}

const char *http_request_field(const struct http_request *q, const char *name)
{
	for (size_t i = 0; i < q->n_parts; i++) {
		const struct http_part *part = &q->part[i];
		if (part->file_name || strcmp(part->name, name))
			continue;
		return form_is_text(part->value, true) ? (const char *)part->value.p : NULL;
	}
	return NULL;
}

void http_request_wipe(const struct http_request *q, const char *name)
{
	for (size_t i = 0; i < q->n_parts; i++)
		if (!strcmp(q->part[i].name, name) && q->part[i].value.n) {
			/* The body is ours to write: const only for routes. */
			union {
				const uint8_t *borrowed;
				uint8_t *own;
			} value = { .borrowed = q->part[i].value.p };
			bytes_wipe(value.own, q->part[i].value.n);
		}
}
