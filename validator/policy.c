#include "validator/policy.h"

#include <inttypes.h>

#include "base/buf.h"

enum err policy_canonical(struct scope *s, const struct policy *p, struct bytes *ret_text)
{
	struct buf b = buf_new(s, 4096);
	buf_addf(&b, "name=%s\n", p->name);
	buf_addf(&b, "revocation_max_age_s=%" PRId64 "\n", p->revocation_max_age_s);
	buf_addf(&b, "grace_s=%" PRId64 "\n", p->grace_s);
	buf_addf(&b, "timestamp_delay_s=%" PRId64 "\n", p->timestamp_delay_s);
	buf_addf(&b, "signer_key_usage=%" PRIu32 "\n", p->signer_key_usage);
	buf_addf(&b, "revocation_required=%d\n", p->revocation_required);
	return buf_done(&b, ret_text);
}
