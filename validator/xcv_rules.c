#include "validator/xcv_rules.h"

#include "formats/cert.h"

enum finding_code xcv_rules_signer_dates(const struct cert *c, enum cert_use use,
    const struct revocation_statement *st, bool not_needed, const struct xcv_instants *t)
{
	if (instant_before(t->existed, c->not_before))
		return use == CERT_USE_SIGNATURE ? FINDING_SIGNED_BEFORE_CERTIFICATE
						 : FINDING_CERT_NOT_YET_VALID;
	if (!instant_before(c->not_after, t->now))
		return FINDING_NONE;
	if (instant_is_known(t->not_older) && instant_before(c->not_after, t->not_older))
		return FINDING_SIGNED_AFTER_EXPIRY;
	if (!st && !not_needed)
		return FINDING_CERT_EXPIRED;
	return instant_before(c->not_after, t->existed) ? FINDING_CERT_EXPIRED_NOT_REVOKED
							: FINDING_EXPIRED_LATER;
}

enum finding_code xcv_rules_ca_dates(const struct cert *c, const struct xcv_instants *t)
{
	if (instant_before(t->existed, c->not_before))
		return FINDING_CA_NOT_YET_VALID;
	return instant_before(c->not_after, t->now) ? FINDING_CA_EXPIRED : FINDING_NONE;
}

static enum finding_code suspended(
    const struct revocation_record *record, const struct xcv_instants *t)
{
	struct instant from, until;
	if (revocation_was_suspended(record, t->existed, &from, &until))
		return FINDING_CERT_SUSPENDED_THEN;
	for (size_t i = 0; i < record->n; i++)
		if (record->item[i].state == REVOCATION_SUSPENDED)
			return FINDING_SUSPENSION_ENDED;
	return FINDING_NONE;
}

enum finding_code xcv_rules_revoked(const struct revocation_record *record,
    const struct revocation_statement *st, bool is_ca, const struct xcv_instants *t)
{
	if (!st)
		return FINDING_NONE;
	if (st->state == REVOCATION_GOOD)
		return suspended(record, t);
	if (!is_ca && instant_is_known(t->not_older) &&
	    instant_before(st->revoked_at, t->not_older) && st->state == REVOCATION_REVOKED)
		return FINDING_SIGNED_AFTER_REVOCATION;
	if (instant_before(t->existed, st->revoked_at))
		return FINDING_REVOKED_LATER;
	if (st->state == REVOCATION_SUSPENDED)
		return FINDING_CERT_SUSPENDED;
	return is_ca ? FINDING_CA_REVOKED : FINDING_CERT_REVOKED;
}

/* The signer is the issuer, whose dates are judged in the path; or its certificate is valid still,
 * or was when the statement is proven to have existed. That the signature is older than its end is
 * not enough (5.5.4 (2) stops here): whoever got hold of the key later could say what he likes. */
static bool is_signer_proven(const struct revocation_statement *st, const struct cert *issuer,
    struct instant proven, const struct xcv_instants *t)
{
	return cert_equal(st->signer, issuer) ||
	       !instant_before(st->signer->not_after, instant_min(t->now, proven));
}

enum finding_code xcv_rules_known(const struct policy *policy,
    const struct revocation_record *record, const struct revocation_statement *st,
    const struct cert *issuer, struct instant proven, const struct xcv_instants *t)
{
	if (record->not_needed)
		return FINDING_NONE;
	if (!st)
		return policy->revocation_required ? FINDING_REVOCATION_DATA_MISSING : FINDING_NONE;
	if (st->state != REVOCATION_GOOD)
		return FINDING_NONE;
	if (!revocation_statement_is_fresh(policy, st, t->fresh_for))
		return FINDING_REVOCATION_DATA_STALE;
	return is_signer_proven(st, issuer, proven, t) ? FINDING_NONE
						       : FINDING_REVOCATION_DATA_UNPROVEN;
}
