/*
 * Any bytes as a manifest of an evidence bundle, as they are and with a digest that fits: what is
 * read is within bounds, and written again it is the same text.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/evidence_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_manifest(struct scope *s, struct bytes text)
{
	struct evidence_manifest m;
	struct bytes again;
	if (evidence_manifest_parse(s, text, &m) != OK) {
		scope_forgive(s);
		return;
	}
	check(m.program && m.name && m.n_items <= text.n && m.n_failures <= text.n);
	for (size_t i = 0; i < m.n_items; i++) {
		check(m.items[i].kind < EVIDENCE_MANIFEST_KINDS && m.items[i].file.sha256.n == 32);
		check(m.items[i].source <= EVIDENCE_ANCHOR);
	}
	for (size_t i = 0; i < m.n_failures; i++)
		check(m.failures[i].url && m.failures[i].why);
	check(evidence_manifest_write(s, &m, &again) == OK && bytes_equal(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct digest sha256;
	char *hex;
	if (!s)
		return 0;
	check_manifest(s, bytes_of(data, size));
	/* No mutation finds a digest: the input without its last line gets one. */
	size_t end = bytes_find_last(bytes_of(data, size), BYTES_LIT("sha256\t"), size);
	struct bytes head = bytes_of(data, end == BYTES_NOT_FOUND ? size : end);
	struct buf b = buf_new(s, LIMIT_EVIDENCE_MANIFEST);
	buf_add(&b, head);
	if (digest_of_bytes(s, DIGEST_SHA256, head, &sha256) == OK &&
	    bytes_to_hex(s, digest_bytes(&sha256), &hex) == OK) {
		buf_addf(&b, "sha256\t%s\n", hex);
		check_manifest(s, buf_bytes(&b));
	}
	scope_free(s);
	return 0;
}
