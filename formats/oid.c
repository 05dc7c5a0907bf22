#include "formats/oid.h"

struct row {
	const char *dotted;
	struct bytes value;
};

static const struct row rows[] = { [OID_UNKNOWN] = { "", { NULL, 0 } },
#define X(constant, dotted, octets)                                                                \
	[constant] = { dotted, { (const uint8_t *)(octets), sizeof(octets) - 1 } },
	OID_ENTRIES(X)
#undef X
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

enum oid oid_of(struct bytes value)
{
	for (size_t i = 1; i < ROWS; i++)
		if (bytes_equal(rows[i].value, value))
			return (enum oid)i;
	return OID_UNKNOWN;
}

struct bytes oid_value(enum oid id)
{
	return (size_t)id < ROWS ? rows[id].value : BYTES_NONE;
}

const char *oid_dotted(enum oid id)
{
	return (size_t)id < ROWS ? rows[id].dotted : "";
}

bool oid_is(struct bytes value, enum oid id)
{
	return id != OID_UNKNOWN && bytes_equal(value, oid_value(id));
}
