#include "service/front/event_log.h"

#include "base/buf.h"
#include "base/scope.h"
#include "service/front/metrics.h"
#include "service/log/audit_log.h"

static enum err actor_name(
    struct scope *s, const struct event_log_actor *actor, const char **ret_name)
{
	const char *kind = actor->person ? "person" : "portal";
	const char *id = actor->person ? actor->person->person : actor->portal;
	*ret_name = NULL;
	if (!id)
		return OK;
	struct buf b = buf_new(s, 1024);
	buf_add_str(&b, kind);
	buf_add_byte(&b, ':');
	buf_add_str(&b, id);
	char *name;
	TRY(buf_done_str(&b, &name));
	*ret_name = name;
	return OK;
}

/* What the log tells of, counted. */
static void count(struct front *f, enum audit_kind kind)
{
	static const struct {
		enum audit_kind kind;
		enum metric metric;
	} counted[] = {
		{ AUDIT_SEALING_SEALED, METRIC_SEALINGS },
		{ AUDIT_SEALING_FAILED, METRIC_SEALINGS_FAILED },
		{ AUDIT_VALIDATION_DONE, METRIC_VALIDATIONS },
		{ AUDIT_FILING_VALIDATED, METRIC_VALIDATIONS },
		{ AUDIT_LOGIN_REFUSED, METRIC_LOGINS_FAILED },
	};
	for (size_t i = 0; f->metrics && i < sizeof(counted) / sizeof(counted[0]); i++)
		if (counted[i].kind == kind)
			metrics_add(f->metrics, counted[i].metric, 1);
}

enum err event_log_write(
    struct front *f, struct scope *s, const struct event_log_actor *actor, struct audit_entry entry)
{
	entry.address = actor->q ? actor->q->address : NULL;
	entry.session = actor->person ? actor->person->mark : NULL;
	TRY(actor_name(s, actor, &entry.actor));
	TRY(audit_log_append(s, f->log, &entry, NULL));
	count(f, entry.kind);
	return OK;
}

const char *event_log_number(struct scope *s, uint64_t number)
{
	struct buf b = buf_new(s, 32);
	char *text;
	buf_addf(&b, "%llu", (unsigned long long)number);
	return buf_done_str(&b, &text) == OK ? text : NULL;
}

const char *event_log_hex(struct scope *s, const uint8_t *octets, size_t n)
{
	char *hex;
	return bytes_to_hex(s, bytes_of(octets, n), &hex) == OK ? hex : NULL;
}
