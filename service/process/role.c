#include "service/process/role.h"

#include <limits.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/process/message.h"

const char *role_name(enum role role)
{
	switch (role) {
	case ROLE_STEWARD:
		return "steward";
	case ROLE_FRONT:
		return "front";
	case ROLE_WORKER:
		return "worker";
	case ROLE_KEEPER:
		return "keeper";
	case ROLE_FETCHER:
		return "fetcher";
	case ROLE_OPERATOR:
		return "operator";
	}
	return "process";
}

enum err role_take_peer(
    struct scope *s, struct link *control, struct link_frame *frame, struct role_peer *ret_peer)
{
	struct message m;
	int64_t role, index;
	TRY(message_parse(s, frame->content, &m));
	TRY(message_number(&m, ROLE_FIELD_ROLE, ROLE_FRONT, ROLE_OPERATOR, &role));
	TRY(message_number(&m, ROLE_FIELD_INDEX, 0, UINT_MAX, &index));
	TRY(message_done(&m));
	int fd = link_take_file(control, frame, 0);
	if (fd < 0)
		return scope_fault(s, ERR_FORMAT, "a peer without a link");
	struct link *l = link_new(fd);
	if (!l)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	link_set_peer(l, (unsigned)index);
	*ret_peer = (struct role_peer){ (enum role)role, (unsigned)index, l };
	return OK;
}

enum err role_take_configuration(struct scope *s, struct bytes content,
    const struct configuration **ret_configuration, unsigned *ret_index)
{
	struct message m;
	struct bytes text;
	const char *folder;
	int64_t index;
	TRY(message_parse(s, content, &m));
	TRY(message_bytes(&m, ROLE_FIELD_CONFIGURATION, LIMIT_JSON, &text));
	TRY(message_number(&m, ROLE_FIELD_INDEX, 0, UINT_MAX, &index));
	TRY(message_text(&m, ROLE_FIELD_FOLDER, 4096, &folder));
	TRY(message_done(&m));
	TRY(configuration_parse(s, text, folder, ret_configuration));
	if (ret_index)
		*ret_index = (unsigned)index;
	return OK;
}
