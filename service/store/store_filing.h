/*
 * Filings: documents that came to be judged, from a portal or dropped on the desk, what the judge
 * said, and what the clerk decided.
 *
 *	received -> judged | unreadable        store_filing_judge
 *	open -> accepted | refused             store_filing_decide, by a clerk
 *
 * Files: store_files.h.
 */
#ifndef BULLA_SERVICE_STORE_STORE_FILING_H
#define BULLA_SERVICE_STORE_STORE_FILING_H

#include "service/store/store.h"

enum store_filing_state {
	STORE_FILING_RECEIVED,
	STORE_FILING_JUDGED,
	STORE_FILING_UNREADABLE, /* no document that Bulla can read; `sentence` says why */
};
enum store_filing_word {
	STORE_FILING_NO_WORD, /* not yet judged */
	STORE_FILING_ACCEPT,
	STORE_FILING_CLOSER,
	STORE_FILING_REFUSE,
	STORE_FILING_WORDS,
};
enum store_filing_decision {
	STORE_FILING_OPEN,
	STORE_FILING_ACCEPTED,
	STORE_FILING_REFUSED,
};
#define STORE_FILING_ANY (-1)
/* "received", "judged", "unreadable"; "", "accept", "closer", "refuse"; "open", "accepted",
 * "refused". The second gives false when there is no such word. */
const char *store_filing_state_name(enum store_filing_state state);
const char *store_filing_word_name(enum store_filing_word word);
const char *store_filing_decision_name(enum store_filing_decision decision);
bool store_filing_state_of_name(const char *name, enum store_filing_state *ret_state);
bool store_filing_word_of_name(const char *name, enum store_filing_word *ret_word);
bool store_filing_decision_of_name(const char *name, enum store_filing_decision *ret_decision);

struct store_filing {
	const char *id;              /* "fl_..." */
	const char *source;          /* a portal's id, or "desk" */
	const char *person;          /* who dropped it on the desk; NULL */
	const char *batch;           /* of files dropped in one go, "bt_..."; NULL */
	const char *idempotency_key; /* of a portal; NULL */
	uint8_t request_sha256[32];
	const char *name;      /* of the file */
	const char *reference; /* of the portal; "" */
	uint64_t size;
	uint8_t sha256[32];
	struct instant received;

	enum store_filing_state state;
	enum store_filing_word word;
	const char *sender;     /* who sealed or signed it, as far as is known; "" */
	const char *conclusion; /* "TOTAL-PASSED", ...; "" */
	const char *sentence;   /* why, for people, English; "" */
	const char *summary;    /* JSON, whatever pages show without the report; "" */
	struct instant judged_at;
	const char *sealing; /* whose sealed file this is, octet by octet; NULL */

	enum store_filing_decision decision;
	const char *decided_by;
	struct instant decided_at;
	const char *note; /* "" */
};

/* Stores a new one, received and open whatever `filing` says of those; `sealing` is found by the
 * digest. Idempotency as with store_sealing_add, for a source. */
must_check enum err store_filing_add(struct scope *s, struct store *store,
    const struct store_filing *filing, const struct store_filing **ret_filing, bool *ret_is_new);
must_check enum err store_filing_find_repeat(struct scope *s, struct store *store,
    const char *source, const char *idempotency_key, const struct store_filing **ret_filing);
must_check enum err store_filing_find(
    struct scope *s, struct store *store, const char *id, const struct store_filing **ret_filing);

struct store_filing_judgement {
	enum store_filing_state state; /* judged or unreadable */
	enum store_filing_word word;
	const char *sender, *conclusion, *sentence, *summary;
	struct instant now;
};
/* received -> judged or unreadable; and again later (judged anew) from either, as long as the
 * decision is open. ERR_MISUSE: decided, or none such. */
must_check enum err store_filing_judge(
    struct scope *s, struct store *store, const char *id, const struct store_filing_judgement *j);
/* ERR_MISUSE: not open (somebody else decided), or still in state received. */
must_check enum err store_filing_decide(struct scope *s, struct store *store, const char *id,
    enum store_filing_decision decision, const char *by, struct instant now, const char *note);

struct store_filing_filter {
	const char *source; /* NULL: all */
	const char *batch;  /* NULL: all */
	int state;          /* of the enums, or STORE_FILING_ANY */
	int word, decision;
	struct instant since, before; /* received; INSTANT_NONE */
	const char *text; /* somewhere in name, reference or sender, without regard to case and
			     accents; NULL or "": all */
};
struct store_filing_list {
	const struct store_filing *filing;
	size_t n;
	const char *next;
};
/* The queue: open ones first, in either part the newest first. */
must_check enum err store_filing_list(struct scope *s, struct store *store,
    const struct store_filing_filter *filter, struct store_page page,
    struct store_filing_list *ret_list);
/* Still in state received, the oldest first: after a restart they are judged. */
must_check enum err store_filing_list_received(
    struct scope *s, struct store *store, unsigned limit, struct store_filing_list *ret_list);
/* Received before `before`: past their retention; the oldest first, at most LIMIT_STORE_PAGE. */
must_check enum err store_filing_list_retired(struct scope *s, struct store *store,
    struct instant before, struct store_filing_list *ret_list);
/* The row goes; then the caller removes the folder. OK when there is none. */
must_check enum err store_filing_remove(struct scope *s, struct store *store, const char *id);

/* Open ones that wait for a clerk, by word; [STORE_FILING_NO_WORD] those still to be judged. */
must_check enum err store_filing_count_open(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_FILING_WORDS]);

#endif
