/*
 * The audit log as pages show it: the newest records first, by kind and partner. Looks at the last
 * LIMIT_LOG_VIEW octets of it; who wants all of it, or proof, takes `bulla audit`.
 */
#ifndef BULLA_SERVICE_FRONT_LOG_VIEW_H
#define BULLA_SERVICE_FRONT_LOG_VIEW_H

#include "service/front/page.h"

struct log_view_filter {
	const char *kind;    /* begins so: "sealing."; NULL or "": all */
	const char *partner; /* NULL or "": all */
	const char *text;    /* stands somewhere in the record; NULL or "": all */
	uint64_t before;     /* numbers below this; 0: all */
	size_t limit;        /* at most LIMIT_LOG_ROWS */
};

struct log_view_records {
	const struct audit_record *record; /* newest first */
	size_t n;
	uint64_t next; /* for filter.before; 0: this was all that was looked at */
	bool is_cut;   /* older ones were not looked at */
};

/* `folder`: DATA/log. Records that cannot be read are left out. ERR_IO. */
must_check enum err log_view_read(struct scope *s, const char *folder,
    const struct log_view_filter *filter, struct log_view_records *ret_records);

/* Puts the list `records` (log_table.html) and `next`. */
must_check enum err log_view_put(const struct page *p, const struct log_view_filter *filter);
/* DATA/log of the configuration. */
must_check enum err log_view_folder(
    struct scope *s, const struct front *f, const char **ret_folder);

#endif
