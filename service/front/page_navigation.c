#include "service/front/page_navigation.h"

#include <string.h>

#include "service/store/store_approval.h"
#include "service/store/store_filing.h"
#include "service/store/store_key.h"
#include "service/store/store_person.h"

enum counted {
	NOTHING,
	FILINGS,
	APPROVALS,
};

static const struct place {
	enum http_listener listener;
	unsigned roles;
	const char *address, *word;
	enum counted counted;
} places[] = {
	{ HTTP_DESK, STORE_PERSON_CLERK, "/", MESSAGES_MARK("Overview"), NOTHING },
	{ HTTP_DESK, STORE_PERSON_CLERK, "/check", MESSAGES_MARK("Check files"), NOTHING },
	{ HTTP_DESK, STORE_PERSON_CLERK, "/filings", MESSAGES_MARK("Filings"), FILINGS },
	{ HTTP_DESK, STORE_PERSON_APPROVER, "/approvals", MESSAGES_MARK("Approvals"), APPROVALS },
	{ HTTP_DESK, STORE_PERSON_ADMINISTRATOR, "/partners", MESSAGES_MARK("Partners"), NOTHING },
	{ HTTP_DESK, STORE_PERSON_ADMINISTRATOR, "/staff", MESSAGES_MARK("Staff"), NOTHING },
	{ HTTP_DESK, STORE_PERSON_AUDITOR, "/log", MESSAGES_MARK("Audit log"), NOTHING },
	{ HTTP_WINDOW, STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN, "/partner",
	    MESSAGES_MARK("Seal keys"), NOTHING },
	{ HTTP_WINDOW, STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN, "/partner/sealings",
	    MESSAGES_MARK("Sealings"), NOTHING },
	{ HTTP_WINDOW, STORE_PERSON_PARTNER_ADMIN, "/partner/officers", MESSAGES_MARK("Officers"),
	    NOTHING },
	{ HTTP_WINDOW, STORE_PERSON_PARTNER_ADMIN, "/partner/log", MESSAGES_MARK("Log"), NOTHING },
};

/* The place of the page itself, or the one it lies below. */
static bool is_here(const char *path, const char *address)
{
	size_t n = strlen(address);
	if (!strcmp(address, "/") || !strcmp(address, "/partner"))
		return !strcmp(path, address);
	return !strncmp(path, address, n) && (path[n] == 0 || path[n] == '/');
}

static enum err count_waiting(
    struct scope *s, struct store *store, enum counted what, uint64_t *ret_n)
{
	uint64_t words[STORE_FILING_WORDS] = { 0 }, approvals = 0, keys = 0;
	if (what == FILINGS) {
		TRY(store_filing_count_open(s, store, words));
		for (size_t i = 0; i < STORE_FILING_WORDS; i++)
			approvals += words[i];
	} else if (what == APPROVALS) {
		TRY(store_approval_count(s, store, STORE_APPROVAL_WAITING, &approvals));
		TRY(store_key_count(s, store, STORE_KEY_WAITING, &keys));
	}
	*ret_n = approvals + keys;
	return OK;
}

enum err page_navigation_put(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, struct template_data *d)
{
	size_t n = 0;
	template_put_list(d, "navigation");
	for (size_t i = 0; session && !session->sealing && i < sizeof(places) / sizeof(places[0]);
	     i++) {
		const struct place *p = &places[i];
		uint64_t waiting = 0;
		if (p->listener != q->listener || !(p->roles & session->roles))
			continue;
		TRY(count_waiting(s, f->store, p->counted, &waiting));
		struct template_data *item = template_add(d, "navigation");
		template_put_link(item, "address", p->address);
		template_put_said(item, "word", p->word);
		template_put_flag(item, "is_here", is_here(q->path, p->address));
		template_put_number(item, "waiting", (int64_t)waiting);
		n++;
	}
	template_put_flag(d, "has_navigation", n > 0);
	return OK;
}
