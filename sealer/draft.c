#include "sealer/draft.h"

#include "base/buf.h"
#include "base/scope.h"

/* Each append makes a copy, so that spans handed out before stay valid. */
static enum err append_in_memory(struct draft *d, struct scope *s, struct bytes more)
{
	if (more.n > SIZE_MAX - d->document.n)
		return scope_fault(s, ERR_LIMIT, "document too large");
	struct buf b = buf_new(s, SIZE_MAX);
	uint8_t *room = buf_extend(&b, d->document.n + more.n);
	if (!room)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	b.n = 0;
	buf_add(&b, d->document);
	buf_add(&b, more);
	return buf_done(&b, &d->document);
}

enum err draft_in_memory(struct scope *s, struct bytes document, struct draft **ret_draft)
{
	struct draft *d = scope_alloc(s, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	d->append = append_in_memory;
	d->document = document;
	*ret_draft = d;
	return OK;
}
