/* Messages between processes: what is taken and put again is the same; and what the steward's
 * children make of them. */
#include <stdlib.h>

#include "base/scope.h"
#include "service/process/message.h"
#include "service/process/role.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_all(struct scope *s, struct message *m)
{
	struct buf b = buf_new(s, (size_t)1 << 20);
	for (size_t i = 0; i < m->n; i++) {
		const unsigned number = m->field[i].number;
		struct bytes value;
		const char *text;
		int64_t n;
		size_t nth = 0;
		for (size_t k = 0; k < i; k++)
			nth += m->field[k].number == number;
		check(nth < message_count(m, number));
		check(message_bytes_at(m, number, nth, SIZE_MAX, &value) == OK);
		message_put_bytes(&b, number, value);
		(void)!message_text_or_null(m, number, 100, &text);
		(void)!message_number_or(m, number, -10, 10, 0, &n);
		scope_forgive(s);
	}
	check(message_done(m) == OK);
	check(buf_done(&b, &(struct bytes){ 0 }) == OK && bytes_equal(buf_bytes(&b), m->content));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct message m;
	const struct configuration *c;
	unsigned index;
	if (!s)
		return 0;
	if (size > 4096)
		size = 4096;
	if (message_parse(s, bytes_of(data, size), &m) == OK && m.n < 64)
		read_all(s, &m);
	scope_forgive(s);
	check(message_take_fault(s, bytes_of(data, size)) != OK);
	scope_forgive(s);
	(void)!role_take_configuration(s, bytes_of(data, size), &c, &index);
	scope_forgive(s);
	(void)!configuration_parse(s, bytes_of(data, size), "/", &c);
	scope_free(s);
	return 0;
}
