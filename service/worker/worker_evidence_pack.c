#include "service/worker/worker_evidence_pack.h"

#include "base/limits.h"
#include "base/scope.h"

#define NAME "bulla-evidence-pack "
#define HEAD NAME "1\n"
#define LENGTH 8
#define FIXED 3 /* manifest, policy, report */

/* -- writing -- */
static struct bytes length_of(uint8_t room[LENGTH], size_t n)
{
	for (int i = 0; i < LENGTH; i++)
		room[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	return bytes_of(room, LENGTH);
}

enum err worker_evidence_pack_parts(
    struct scope *s, const struct evidence_bundle *b, const struct bytes **ret_parts, size_t *ret_n)
{
	const struct bytes fixed[FIXED] = { b->text, b->policy, b->report };
	const size_t n = FIXED + b->manifest.n_items;
	struct bytes *parts = scope_alloc_array(s, 1 + 2 * n, sizeof(*parts));
	uint8_t(*lengths)[LENGTH] = scope_alloc_array(s, n, LENGTH);
	if (!parts || !lengths)
		return ERR_NOMEM;
	parts[0] = BYTES_LIT(HEAD);
	for (size_t i = 0; i < n; i++) {
		parts[2 + 2 * i] = i < FIXED ? fixed[i] : b->contents[i - FIXED];
		parts[1 + 2 * i] = length_of(lengths[i], parts[2 + 2 * i].n);
	}
	*ret_parts = parts;
	*ret_n = 1 + 2 * n;
	return OK;
}

/* -- reading -- */
static enum err changed(struct scope *s, const char *what)
{
	return scope_fault(s, ERR_FORMAT, "evidence pack: %s was changed", what);
}

static enum err next(struct scope *s, struct bytes *rest, struct bytes *ret_part)
{
	uint64_t n = 0;
	if (rest->n < LENGTH)
		return scope_fault(s, ERR_FORMAT, "evidence pack: it was cut short");
	for (size_t i = 0; i < LENGTH; i++)
		n = n << 8 | rest->p[i];
	if (n > rest->n - LENGTH)
		return scope_fault(s, ERR_FORMAT, "evidence pack: it was cut short");
	*ret_part = bytes_cut(*rest, LENGTH, n);
	*rest = bytes_from(*rest, LENGTH + n);
	return OK;
}

/* The next part, which must be what the manifest says. */
static enum err next_as(struct scope *s, struct bytes *rest,
    const struct evidence_manifest_file *wanted, const char *what, struct bytes *ret_part)
{
	struct digest sha256;
	TRY(next(s, rest, ret_part));
	if (ret_part->n != wanted->size)
		return changed(s, what);
	TRY(digest_of_bytes(s, DIGEST_SHA256, *ret_part, &sha256));
	return digest_equal(&sha256, &wanted->sha256) ? OK : changed(s, what);
}

static enum err check_head(struct scope *s, struct bytes *rest)
{
	if (!bytes_has_prefix(*rest, BYTES_LIT(NAME)))
		return scope_fault(s, ERR_FORMAT, "evidence pack: it is none");
	if (!bytes_has_prefix(*rest, BYTES_LIT(HEAD)))
		return scope_fault(s, ERR_UNSUPPORTED, "evidence pack: of another version");
	*rest = bytes_from(*rest, sizeof(HEAD) - 1);
	return OK;
}

enum err worker_evidence_pack_read(
    struct scope *s, struct bytes pack, struct evidence_bundle *ret_bundle)
{
	struct evidence_bundle b = { 0 };
	struct bytes rest = pack;
	TRY(check_head(s, &rest));
	TRY(next(s, &rest, &b.text));
	TRY(evidence_manifest_parse(s, b.text, &b.manifest));
	TRY(next_as(s, &rest, &b.manifest.policy, "the policy", &b.policy));
	TRY(next_as(s, &rest, &b.manifest.report, "the report", &b.report));
	b.contents = scope_alloc_array(s, b.manifest.n_items, sizeof(*b.contents));
	if (!b.contents)
		return ERR_NOMEM;
	for (size_t i = 0; i < b.manifest.n_items; i++) {
		const struct evidence_manifest_item *item = &b.manifest.items[i];
		TRY(next_as(s, &rest, &item->file, evidence_manifest_kind_name(item->kind),
		    &b.contents[i]));
	}
	if (rest.n)
		return scope_fault(s, ERR_FORMAT, "evidence pack: something follows it");
	*ret_bundle = b;
	return OK;
}
