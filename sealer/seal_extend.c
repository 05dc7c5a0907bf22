/* Lifting what is sealed already (EN 319 142-1 6.2; the renewal of B-LTA is clause 5.5). */
#include "base/scope.h"
#include "sealer/author.h"

static enum err check_request(struct scope *s, const struct seal_request *q)
{
	if (q->level == SEAL_B_B)
		return scope_fault(s, ERR_MISUSE, "nothing can be extended to level B-B");
	if (q->n_tsa_urls == 0)
		return scope_fault(s, ERR_MISUSE, "extending needs a time-stamping authority");
	if (q->level >= SEAL_B_LT && q->anchors->n == 0)
		return scope_fault(
		    s, ERR_MISUSE, "level %s needs trust anchors", seal_level_name(q->level));
	return OK;
}

/* Nobody is helped by preserving what is broken. */
static enum err demand_first(struct author *a, const struct report *r, size_t n, bool lenient)
{
	for (size_t i = 0; i < n; i++)
		TRY(author_demand(a, r, i, lenient));
	return OK;
}

static enum err demand_all(struct author *a, const struct report *r, bool lenient)
{
	if (r->n_signatures == 0)
		return scope_fault(a->s, ERR_DENIED, "the document carries no signature");
	return demand_first(a, r, r->n_signatures, lenient);
}

/* Signatures that no timestamp proves: neither one of their own nor a later one of the document. */
static bool lacks_timestamp(const struct report *r)
{
	for (size_t i = 0; i < r->n_signatures; i++)
		if (!r->signatures[i].is_document_timestamp && !r->signatures[i].is_time_proven)
			return true;
	return false;
}

static enum err extend(struct author *a)
{
	struct report *r;
	enum seal_level level = a->request->level;
	TRY(author_judge(a, false, &r));
	TRY(demand_all(a, r, level == SEAL_B_T));
	if (level == SEAL_B_LTA)
		TRY(author_refresh(a, r));
	if (lacks_timestamp(r))
		TRY(author_timestamp(a));
	if (level < SEAL_B_LT)
		return OK;
	TRY(author_judge(a, false, &r));
	TRY(demand_all(a, r, false));
	TRY(author_embed(a, r));
	return level == SEAL_B_LTA ? author_timestamp(a) : OK;
}

/* From B-LT up by what the document carries; its newest archive timestamp has its own data on the
 * network until the next one comes. */
static enum err check_result(struct author *a, struct report **ret_report)
{
	enum seal_level level = a->request->level;
	TRY(author_judge(a, level >= SEAL_B_LT, ret_report));
	if (level < SEAL_B_LTA)
		return demand_all(a, *ret_report, level < SEAL_B_LT);
	size_t newest = (*ret_report)->n_signatures - 1;
	TRY(demand_first(a, *ret_report, newest, false));
	return author_demand_archive(a, *ret_report, newest);
}

enum err seal_extend(struct scope *s, const struct world *world, const struct seal_request *request,
    struct draft *draft, struct seal_outcome *ret_outcome)
{
	struct author *a;
	struct seal_outcome outcome = { 0 };
	TRY(check_request(s, request));
	TRY(author_new(s, world, request, draft, &a));
	TRY(extend(a));
	TRY(check_result(a, &outcome.report));
	bool warned = a->warning.n > 0;
	TRY(buf_done_str(&a->warning, &outcome.warning));
	if (!warned)
		outcome.warning = NULL;
	*ret_outcome = outcome;
	return OK;
}
