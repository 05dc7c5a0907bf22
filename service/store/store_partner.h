/*
 * Partners: organisations whose officers seal with keys that they deposited.
 */
#ifndef BULLA_SERVICE_STORE_STORE_PARTNER_H
#define BULLA_SERVICE_STORE_STORE_PARTNER_H

#include "service/store/store.h"

struct store_partner {
	const char *id;     /* "pt_..." */
	const char *name;   /* as people call it */
	const char *number; /* of the organisation in its register; unique, "" when there is none */
	bool active;        /* its officers may log in and seal */
	struct instant created;
};

/* `id` and all else as given. ERR_MISUSE: the number or id is taken. */
must_check enum err store_partner_add(
    struct scope *s, struct store *store, const struct store_partner *p);
must_check enum err store_partner_find(
    struct scope *s, struct store *store, const char *id, const struct store_partner **ret_partner);
must_check enum err store_partner_find_number(struct scope *s, struct store *store,
    const char *number, const struct store_partner **ret_partner);
/* Name, number and active of the partner with p->id. ERR_MISUSE: none such, or number taken. */
must_check enum err store_partner_change(
    struct scope *s, struct store *store, const struct store_partner *p);

struct store_partner_list {
	const struct store_partner *partner;
	size_t n;
	const char *next; /* for page.after; NULL: this was all */
};
/* By name. */
must_check enum err store_partner_list(struct scope *s, struct store *store, struct store_page page,
    struct store_partner_list *ret_list);

#endif
