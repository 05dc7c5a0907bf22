#include "service/front/api_query.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "service/front/problem.h"

enum err api_query_page(struct scope *s, const struct http_request *q, struct http_reply *r,
    struct store_page *ret_page)
{
	const char *limit = http_request_query(q, "limit");
	struct store_page page = { .after = http_request_query(q, "after") };
	if (limit) {
		const size_t n = strlen(limit);
		if (!n || n > 6 || strspn(limit, "0123456789") != n)
			return problem_reply(s, q, PROBLEM_FIELD_INVALID, "limit: not a number", r);
		page.limit = (unsigned)strtoul(limit, NULL, 10);
		if (!page.limit || page.limit > LIMIT_STORE_PAGE)
			return problem_reply(s, q, PROBLEM_FIELD_INVALID, "limit: out of range", r);
	}
	*ret_page = page;
	return OK;
}
