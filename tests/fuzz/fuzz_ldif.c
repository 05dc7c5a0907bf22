/* Any bytes as directory entries: what is told lies inside or was decoded, and reads back. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/ldif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* The values written anew in base64 are the same values. */
static void read_back(struct scope *s, const struct ldif *ldif)
{
	struct buf b = buf_new(s, (size_t)64 << 20);
	struct ldif again;
	struct bytes text;
	buf_add_str(&b, "dn: o=x\n");
	for (size_t i = 0; i < ldif->n_values; i++) {
		char *value;
		if (bytes_to_base64(s, ldif->values[i].value, &value) != OK)
			return;
		buf_add(&b, ldif->values[i].attribute);
		buf_add_str(&b, ":: ");
		buf_add_str(&b, value);
		buf_add_str(&b, "\n");
	}
	if (buf_done(&b, &text) != OK || ldif_parse(s, text, &again) != OK)
		return;
	check(again.n_values == ldif->n_values);
	for (size_t i = 0; i < again.n_values; i++)
		check(bytes_equal(again.values[i].value, ldif->values[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct ldif ldif;
	if (!s)
		return 0;
	if (ldif_parse(s, bytes_of(data, size), &ldif) == OK) {
		check(ldif.n_values <= LIMIT_LDAP_VALUES);
		check(ldif.n_entries > 0 || ldif.n_values == 0);
		for (size_t i = 0; i < ldif.n_values; i++)
			check(bytes_encloses(bytes_of(data, size), ldif.values[i].attribute) ||
			      ldif.values[i].attribute.n == 0);
		read_back(s, &ldif);
	}
	scope_free(s);
	return 0;
}
