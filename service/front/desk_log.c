#include "service/front/desk_log.h"

#include <string.h>

#include "base/limits.h"
#include "service/front/log_view.h"
#include "service/front/page.h"
#include "service/log/audit_log.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

#define ROWS 50

static const char *asked(const struct http_request *q, const char *name)
{
	const char *value = http_request_query(q, name);
	return value && strlen(value) <= LIMIT_URL / 8 ? value : "";
}

static uint64_t number_asked(const struct http_request *q, const char *name)
{
	uint64_t n = 0;
	for (const char *c = asked(q, name); *c >= '0' && *c <= '9' && n < UINT64_MAX / 100; c++)
		n = n * 10 + (uint64_t)(*c - '0');
	return n;
}

/* What an auditor writes down, to hold the log against it later. */
static enum err put_head(const struct page *p)
{
	struct log_view_filter filter = { .kind = "log.timestamp", .limit = LIMIT_LOG_ROWS };
	struct log_view_records stamps;
	struct merkle_hash root;
	uint64_t size;
	const char *folder;
	char *hex;
	TRY(audit_log_root(p->s, p->front->log, &size, &root));
	TRY(bytes_to_hex(p->s, bytes_of(&root, sizeof(root)), &hex));
	template_put_number(p->data, "size", (int64_t)size);
	template_put(p->data, "root", hex);
	template_put_number(p->data, "uncovered", (int64_t)audit_log_uncovered(p->front->log));
	TRY(log_view_folder(p->s, p->front, &folder));
	template_put(p->data, "folder", folder);
	TRY(log_view_read(p->s, folder, &filter, &stamps));
	template_put_time(p->data, "stamped", INSTANT_NONE);
	for (size_t i = 0; i < stamps.n; i++)
		if (!strcmp(stamps.record[i].kind, "log.timestamp")) {
			template_put_time(
			    p->data, "stamped", (struct instant){ stamps.record[i].ms / 1000 });
			break;
		}
	return OK;
}

static enum err put_partners(const struct page *p, const char *chosen)
{
	struct store_partner_list list;
	TRY(store_partner_list(
	    p->s, p->front->store, (struct store_page){ .limit = LIMIT_STORE_PAGE }, &list));
	template_put_list(p->data, "partners");
	for (size_t i = 0; i < list.n; i++) {
		struct template_data *item = template_add(p->data, "partners");
		template_put(item, "value", list.partner[i].id);
		template_put(item, "word", list.partner[i].name);
		template_put_flag(item, "is_chosen", !strcmp(chosen, list.partner[i].id));
	}
	return OK;
}

static void put_kinds(const struct page *p, const char *chosen)
{
	static const struct {
		const char *kind, *word;
	} kinds[] = {
		{ "login.", MESSAGES_MARK("Logins") },
		{ "access.", MESSAGES_MARK("Refused access") },
		{ "person.", MESSAGES_MARK("Persons") },
		{ "partner.", MESSAGES_MARK("Partners") },
		{ "key.", MESSAGES_MARK("Seal keys") },
		{ "approval.", MESSAGES_MARK("Approvals") },
		{ "sealing.", MESSAGES_MARK("Sealings") },
		{ "filing.", MESSAGES_MARK("Filings") },
		{ "report.", MESSAGES_MARK("Reports") },
		{ "webhook.", MESSAGES_MARK("Messages to portals") },
		{ "configuration.", MESSAGES_MARK("Configuration") },
		{ "administration.", MESSAGES_MARK("Operator's commands") },
		{ "service.", MESSAGES_MARK("Service") },
		{ "log.", MESSAGES_MARK("The log itself") },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct template_data *item = template_add(p->data, "kinds");
		template_put(item, "value", kinds[i].kind);
		template_put_said(item, "word", kinds[i].word);
		template_put_flag(item, "is_chosen", !strcmp(chosen, kinds[i].kind));
	}
}

static enum err get_log(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct log_view_filter filter = { .kind = asked(q, "kind"),
		.partner = asked(q, "partner"),
		.text = asked(q, "q"),
		.before = number_asked(q, "before"),
		.limit = ROWS };
	struct page p;
	TRY(page_open(f, s, q, STORE_PERSON_AUDITOR, r, &p));
	if (!p.session)
		return OK;
	template_put_said(p.data, "title", MESSAGES_MARK("Audit log"));
	template_put(p.data, "kind_value", filter.kind);
	template_put(p.data, "partner_value", filter.partner);
	template_put(p.data, "q", filter.text);
	template_put_flag(p.data, "is_later", filter.before != 0);
	TRY(put_head(&p));
	put_kinds(&p, filter.kind);
	TRY(put_partners(&p, filter.partner));
	TRY(log_view_put(&p, &filter));
	return page_reply(&p, "log", 200, r);
}

const struct route desk_log_routes[] = {
	{ .listeners = HTTP_DESK, .method = "GET", .pattern = "/log", .handle = get_log },
	{ 0 },
};
