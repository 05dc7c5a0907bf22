#include "validator/coverage.h"

#include "formats/pdf_syntax.h"

/* Ranges nest: an earlier signature ends before the gap of a later one. The later one is blamed;
 * two that end alike are both. */
static bool overlaps(const struct pdf_signature *sig, const struct pdf_signature *other)
{
	if (sig == other || !other->has_byte_range || !other->byte_range_ok)
		return false;
	int64_t end = sig->byte_range[2] + sig->byte_range[3];
	int64_t other_end = other->byte_range[2] + other->byte_range[3];
	return other_end == end || (other_end < end && other_end > sig->byte_range[1]);
}

static enum finding_code gap_rule(const struct pdf_signature *p)
{
	if (p->byte_range[0] != 0 || p->byte_range[1] <= 0 ||
	    p->byte_range[2] <= p->byte_range[1] || p->byte_range[3] <= 0)
		return FINDING_BYTE_RANGE_MISSING;
	size_t gap_start = (size_t)p->byte_range[1], gap_end = (size_t)p->byte_range[2];
	if (!p->contents_is_hex)
		return FINDING_BYTE_RANGE_GAP;
	/* The dictionary that the cross-references give must enclose the gap: a copy elsewhere does
	 * not count. */
	if (p->object_start >= gap_start || p->object_end < gap_end)
		return FINDING_BYTE_RANGE_GAP;
	if (gap_start == p->contents_start && gap_end == p->contents_end)
		return FINDING_NONE;
	if (gap_start == p->contents_start + 1 && gap_end + 1 == p->contents_end)
		return FINDING_CONTENTS_BRACKETS_SIGNED;
	return FINDING_BYTE_RANGE_GAP;
}

/* The revision that ends at `end`, or false. */
static bool find_revision(const struct pdf_file *f, size_t end, size_t *ret_revision)
{
	for (size_t i = 0; i < f->n_revisions; i++) {
		const struct pdf_revision *r = &f->revisions[i];
		if (end < r->eof || end > r->end)
			continue;
		*ret_revision = i;
		return true;
	}
	return false;
}

static bool is_only_white(struct bytes file, size_t from)
{
	for (size_t i = from; i < file.n; i++)
		if (!pdf_syntax_is_white(file.p[i]))
			return false;
	return true;
}

static enum finding_code range_rule(const struct pdf_file *f, const struct pdf_signature *p)
{
	if (!p->has_byte_range || !p->byte_range_ok)
		return FINDING_BYTE_RANGE_MISSING;
	uint64_t end = (uint64_t)p->byte_range[2] + (uint64_t)p->byte_range[3];
	return end > f->bytes.n ? FINDING_BYTE_RANGE_BEYOND_FILE : FINDING_NONE;
}

static enum err note(struct scope *s, struct findings *f, enum finding_code code, bool *valid)
{
	if (code == FINDING_NONE)
		return OK;
	if (findings_row(code)->severity == SEVERITY_FAILURE)
		*valid = false;
	return findings_add(s, f, code, NULL);
}

enum err coverage_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *sig, const struct pdf_signature_list *others,
    struct findings *findings, struct coverage *ret_coverage)
{
	struct coverage c = { .valid = true };
	TRY(note(
	    s, findings, sig->duplicate_keys ? FINDING_DUPLICATE_KEYS : FINDING_NONE, &c.valid));
	TRY(note(s, findings,
	    !sig->has_contents || sig->is_placeholder ? FINDING_CONTENTS_MISSING : FINDING_NONE,
	    &c.valid));
	TRY(note(s, findings, sig->is_loose ? FINDING_STRUCTURE_DAMAGED : FINDING_NONE, &c.valid));
	enum finding_code range = range_rule(file, sig);
	TRY(note(s, findings, range, &c.valid));
	if (range != FINDING_NONE) {
		*ret_coverage = c;
		return OK;
	}
	TRY(note(s, findings, gap_rule(sig), &c.valid));
	c.end = (size_t)(sig->byte_range[2] + sig->byte_range[3]);
	if (!find_revision(file, c.end, &c.revision))
		TRY(note(s, findings, FINDING_BYTE_RANGE_END, &c.valid));
	c.whole_file = is_only_white(file->bytes, c.end);
	for (size_t i = 0; i < others->n; i++)
		if (overlaps(sig, &others->item[i]))
			TRY(note(s, findings, FINDING_BYTE_RANGE_OVERLAP, &c.valid));
	if (sig->padding_nonzero)
		TRY(note(s, findings, FINDING_CONTENTS_TRAILING, &c.valid));
	*ret_coverage = c;
	return OK;
}
