#include "validator/proofs.h"

#include "base/scope.h"
#include "formats/cert.h"

struct range {
	struct range *next;
	size_t end;
	struct instant time;
};

struct bound {
	struct bound *next;
	const struct cert *cert;
	struct instant time;
};

struct proofs {
	const struct evidence *evidence;
	struct instant now;
	struct range *ranges; /* one for each document timestamp: few */
	struct bound *bound;  /* one for each signing certificate: few */
};

enum err proofs_new(struct scope *s, const struct evidence *evidence, struct instant now,
    struct proofs **ret_proofs)
{
	struct proofs *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	*p = (struct proofs){ .evidence = evidence, .now = now };
	*ret_proofs = p;
	return OK;
}

enum err proofs_add_range(struct scope *s, struct proofs *p, size_t end, struct instant time)
{
	/* The list stays sorted, furthest first, and each further one earlier than those before it:
	 * a range that another one reaches beyond at an earlier time proves nothing of its own. */
	struct range **at = &p->ranges;
	while (*at && (*at)->end > end) {
		if (!instant_before(time, (*at)->time))
			return OK;
		at = &(*at)->next;
	}
	struct range *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	*r = (struct range){ .next = *at, .end = end, .time = time };
	*at = r;
	return OK;
}

enum err proofs_add_cert(
    struct scope *s, struct proofs *p, const struct cert *cert, struct instant time)
{
	for (struct bound *b = p->bound; b; b = b->next)
		if (cert_equal(b->cert, cert)) {
			b->time = instant_min(b->time, time);
			return OK;
		}
	struct bound *b = scope_alloc(s, sizeof(*b));
	if (!b)
		return ERR_NOMEM;
	*b = (struct bound){ .next = p->bound, .cert = cert, .time = time };
	p->bound = b;
	return OK;
}

struct instant proofs_of_place(const struct proofs *p, size_t embedded_end)
{
	struct instant best = p->now;
	if (embedded_end == 0)
		return best;
	for (const struct range *r = p->ranges; r && r->end > embedded_end; r = r->next)
		best = instant_min(best, r->time);
	return best;
}

struct instant proofs_of_cert(const struct proofs *p, const struct cert *cert)
{
	const struct evidence_cert *item = evidence_find_cert(p->evidence, cert);
	struct instant best = item ? proofs_of_place(p, item->place.embedded_end) : p->now;
	for (const struct bound *b = p->bound; b; b = b->next)
		if (cert_equal(b->cert, cert))
			best = instant_min(best, b->time);
	return best;
}
