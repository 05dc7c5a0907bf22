/* The JSON of a portal's request: what is taken is canonical, and is taken again as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/json_canonical.h"
#include "service/front/sealing_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct sealing_request r;
	if (s && sealing_request_parse(s, bytes_of(data, size), &r) == OK) {
		const struct json_tree *t;
		struct bytes again;
		if (json_tree_parse(s, r.data, &t) != OK ||
		    json_canonical_text(s, t, r.data.n, &again) != OK ||
		    !bytes_equal(r.data, again) || strlen(r.barcode) != 72)
			abort();
	}
	scope_free(s);
	return 0;
}
