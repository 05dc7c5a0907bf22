#include "validator/signature_constraints.h"

#include <string.h>

#include "base/scope.h"

/* EN 319 142-1 clause 6: what the format's name says. Formats that are no baseline reach none. */
static enum policy_level level_of(const char *format)
{
	static const struct {
		const char *format;
		enum policy_level level;
	} levels[] = {
		{ "PAdES-BASELINE-B", POLICY_LEVEL_B },
		{ "PAdES-BASELINE-T", POLICY_LEVEL_T },
		{ "PAdES-BASELINE-LT", POLICY_LEVEL_LT },
		{ "PAdES-BASELINE-LTA", POLICY_LEVEL_LTA },
	};
	for (size_t i = 0; format && i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(format, levels[i].format) == 0)
			return levels[i].level;
	return POLICY_LEVEL_ANY;
}

static bool digest_fits(const struct report_signature *r, const struct policy *p)
{
	return p->signature_digests == 0 ||
	       (p->signature_digests & (1u << digest_of_name(r->digest_algorithm)));
}

static bool scheme_fits(const struct report_signature *r, const struct policy *p)
{
	if (p->signature_schemes == 0)
		return true;
	for (unsigned i = 0; i < POLICY_SCHEMES; i++)
		if ((p->signature_schemes & (1u << i)) &&
		    strcmp(r->signature_algorithm, signature_alg_name(i)) == 0)
			return true;
	return false;
}

/* EN 319 102-1 does not ask for the anchor's dates, nor for those of a certificate that lives on
 * after its issuer; bodies whose rules do say so ask for this ("shell model" over the whole chain).
 */
static enum err check_dates(
    struct scope *s, const struct path *path, struct instant at, struct findings *f)
{
	for (size_t i = 0; path && i < path->n; i++) {
		const struct cert *c = path->item[i];
		if (!instant_before(c->not_after, at) && !instant_before(at, c->not_before))
			continue;
		const struct finding item = { .code = FINDING_CERT_NOT_VALID_AT_SIGNING,
			.about = c->subject_text,
			.cert = c,
			.at = at };
		TRY(findings_add_item(s, f, &item));
	}
	return OK;
}

static enum err check_all_dates(
    struct scope *s, const struct report_signature *r, struct findings *f)
{
	TRY(check_dates(s, r->path, r->best_signature_time, f));
	for (size_t i = 0; i < r->n_timestamps; i++)
		if (r->timestamps[i].indication == INDICATION_PASSED)
			TRY(check_dates(s, r->timestamps[i].path, r->best_signature_time, f));
	return OK;
}

enum err signature_constraints_check(struct scope *s, const struct policy *p,
    const struct report_signature *r, struct findings *findings)
{
	if (p->timestamp_required && !r->is_time_proven)
		TRY(findings_add(s, findings, FINDING_TIMESTAMP_REQUIRED, NULL));
	if (level_of(r->format) < p->level)
		TRY(findings_add(s, findings, FINDING_LEVEL_TOO_LOW, r->format));
	if (!digest_fits(r, p))
		TRY(findings_add(s, findings, FINDING_DIGEST_NOT_ACCEPTED, r->digest_algorithm));
	if (!scheme_fits(r, p))
		TRY(findings_add(s, findings, FINDING_SCHEME_NOT_ACCEPTED, r->signature_algorithm));
	return p->all_valid_at_signing ? check_all_dates(s, r, findings) : OK;
}
