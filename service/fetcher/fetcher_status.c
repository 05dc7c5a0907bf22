#include "service/fetcher/fetcher_status.h"

#include "base/limits.h"
#include "base/scope.h"

enum {
	STATUS_COUNT = 1, /* all of them, in order */
	STATUS_HELD = 2,
	STATUS_HELD_MOST = 3,
	STATUS_URL = 4, /* of each authority; 5 to 7 have one for each, too */
	STATUS_ANSWERED = 5,
	STATUS_FAILED = 6,
	STATUS_CAUSE = 7,
};
#define COUNT_OCTETS (FETCHER_STATUS_KINDS * FETCHER_STATUS_OUTCOMES * sizeof(uint64_t))

bool fetcher_status_has_authority(const struct fetcher_status *st)
{
	for (size_t i = 0; i < st->n_authorities; i++) {
		const struct fetcher_status_authority *a = &st->authority[i];
		if (!instant_is_known(a->failed) ||
		    (instant_is_known(a->answered) && !instant_before(a->answered, a->failed)))
			return true;
	}
	return false;
}

static void put_instant(struct buf *b, unsigned field, struct instant t)
{
	uint8_t octets[8];
	for (unsigned i = 0; i < 8; i++)
		octets[i] = (uint8_t)((uint64_t)t.unix_s >> (56 - 8 * i));
	message_put_bytes(b, field, bytes_of(octets, sizeof(octets)));
}

static uint64_t number_of(const uint8_t *p)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

static enum err take_instant(
    struct message *m, unsigned field, size_t i, struct instant *ret_instant)
{
	struct bytes octets;
	TRY(message_bytes_at(m, field, i, 8, &octets));
	if (octets.n != 8)
		return scope_fault(m->s, ERR_FORMAT, "fetcher: field %u is no instant", field);
	ret_instant->unix_s = (int64_t)number_of(octets.p);
	return OK;
}

void fetcher_status_put(struct buf *b, const struct fetcher_status *st)
{
	uint8_t counts[COUNT_OCTETS];
	for (size_t i = 0; i < sizeof(counts); i++)
		counts[i] = (uint8_t)(st->count[i / 8 / FETCHER_STATUS_OUTCOMES]
					       [i / 8 % FETCHER_STATUS_OUTCOMES] >>
				      (56 - 8 * (i % 8)));
	message_put_bytes(b, STATUS_COUNT, bytes_of(counts, sizeof(counts)));
	message_put_number(b, STATUS_HELD, (int64_t)st->held);
	message_put_number(b, STATUS_HELD_MOST, (int64_t)st->held_most);
	for (size_t i = 0; i < st->n_authorities; i++)
		message_put_text(b, STATUS_URL, st->authority[i].url);
	for (size_t i = 0; i < st->n_authorities; i++)
		put_instant(b, STATUS_ANSWERED, st->authority[i].answered);
	for (size_t i = 0; i < st->n_authorities; i++)
		put_instant(b, STATUS_FAILED, st->authority[i].failed);
	for (size_t i = 0; i < st->n_authorities; i++)
		message_put_text(b, STATUS_CAUSE, st->authority[i].cause);
}

static enum err take_text_at(struct message *m, unsigned field, size_t i, const char **ret_text)
{
	struct bytes octets;
	char *text;
	TRY(message_bytes_at(m, field, i, LIMIT_URL, &octets));
	TRY(bytes_to_str(m->s, octets, &text));
	*ret_text = text;
	return OK;
}

static enum err take_authority(
    struct message *m, size_t i, struct fetcher_status_authority *ret_authority)
{
	TRY(take_text_at(m, STATUS_URL, i, &ret_authority->url));
	TRY(take_instant(m, STATUS_ANSWERED, i, &ret_authority->answered));
	TRY(take_instant(m, STATUS_FAILED, i, &ret_authority->failed));
	return take_text_at(m, STATUS_CAUSE, i, &ret_authority->cause);
}

static enum err take_counts(struct message *m, struct fetcher_status *st)
{
	struct bytes counts;
	TRY(message_bytes(m, STATUS_COUNT, COUNT_OCTETS, &counts));
	if (counts.n != COUNT_OCTETS)
		return scope_fault(m->s, ERR_FORMAT, "fetcher: not the counts that are known");
	for (size_t i = 0; i < counts.n / 8; i++)
		st->count[i / FETCHER_STATUS_OUTCOMES][i % FETCHER_STATUS_OUTCOMES] =
		    number_of(counts.p + 8 * i);
	return OK;
}

enum err fetcher_status_take(
    struct scope *s, struct bytes content, struct fetcher_status *ret_status)
{
	struct message m;
	struct fetcher_status st = { .n_authorities = 0 };
	int64_t held, held_most;
	TRY(message_parse(s, content, &m));
	TRY(take_counts(&m, &st));
	TRY(message_number(&m, STATUS_HELD, 0, INT64_MAX, &held));
	TRY(message_number(&m, STATUS_HELD_MOST, 0, INT64_MAX, &held_most));
	st.held = (size_t)held;
	st.held_most = (size_t)held_most;
	st.n_authorities = message_count(&m, STATUS_URL);
	st.authority = scope_alloc_array(s, st.n_authorities, sizeof(*st.authority));
	if (!st.authority)
		return ERR_NOMEM;
	for (size_t i = 0; i < st.n_authorities; i++)
		TRY(take_authority(&m, i, &st.authority[i]));
	TRY(message_done(&m));
	*ret_status = st;
	return OK;
}
