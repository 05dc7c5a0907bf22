/* Any bytes as an LDAP URL: parts without what cannot stand in them; names read back. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/buf.h"
#include "formats/directory_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* A name that was escaped reads as itself. */
static void read_back(struct scope *s, const struct directory_url *url)
{
	struct buf b = buf_new(s, 1 << 20);
	struct directory_url again;
	struct bytes text;
	buf_add_str(&b, "ldap://h/");
	directory_url_add_escaped(&b, url->dn);
	if (buf_done(&b, &text) != OK)
		return;
	check(directory_url_parse(s, text, &again) == OK);
	check(bytes_equal(again.dn, url->dn));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)16 << 20);
	struct directory_url url;
	if (!s)
		return 0;
	if (size < 100000 && directory_url_parse(s, bytes_of(data, size), &url) == OK) {
		check(url.n_attributes <= LIMIT_LDAP_ATTRIBUTES);
		check(url.port.n == 0 || url.port.p[0] <= '9');
		for (size_t i = 0; i < url.dn.n; i++)
			check(url.dn.p[i] >= 0x20 && url.dn.p[i] != 0x7f);
		for (size_t i = 0; i < url.host.n; i++)
			check(!strchr("/?#@% ", url.host.p[i]));
		read_back(s, &url);
	}
	scope_free(s);
	return 0;
}
