/* Any bytes as a time-stamp reply and as TSTInfo: what is told lies inside and within bounds. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/tst.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_info(struct bytes in, const struct tst_info *info)
{
	check(bytes_encloses(in, info->policy) && bytes_encloses(in, info->serial));
	check(info->nonce.n == 0 || bytes_encloses(in, info->nonce));
	check(info->tsa.n == 0 || bytes_encloses(in, info->tsa));
	check(instant_is_known(info->gen_time));
	check(info->imprint.n <= DIGEST_MAX);
	check(info->has_accuracy || info->accuracy_ms == 0);
	check(info->accuracy_ms >= 0);
	check(tst_nonce_matches(info, info->nonce) == (info->nonce.n > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)16 << 20);
	const struct bytes in = bytes_of(data, size);
	struct tst_reply reply;
	struct tst_info info;
	if (!s)
		return 0;
	if (tst_reply_parse(s, in, &reply) == OK) {
		check(reply.token.n == 0 || bytes_encloses(in, reply.token));
		check(reply.status_text != NULL && reply.status >= 0);
		check((*tst_failure_name(reply.failure) == '\0') == (reply.failure == 0));
	}
	if (tst_info_parse(s, in, &info) == OK)
		check_info(in, &info);
	scope_free(s);
	return 0;
}
