/*
 * Detached CMS SignedData with any defect, for tests. What formats/cms_build.h makes is right by
 * construction; this is its opposite. Mistakes of the test end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_PAPER_CMS_H
#define BULLA_TESTS_SUPPORT_PAPER_CMS_H

#include "tests/support/mini_pki.h"

enum paper_cms_ess {
	PAPER_CMS_ESS_RIGHT,
	PAPER_CMS_ESS_NONE,
	PAPER_CMS_ESS_OTHER, /* names the root instead */
};

enum paper_cms_flaw {
	PAPER_CMS_FLAW_NONE,
	PAPER_CMS_FLAW_UNREADABLE, /* octets that are no token */
	PAPER_CMS_FLAW_IMPRINT,    /* made for other data */
	PAPER_CMS_FLAW_VALUE,      /* one bit of the signature value changed */
};

struct paper_cms_stamp {
	const char *tsa; /* entry of the infrastructure; NULL: "tsa" */
	int64_t at;
	bool of_content; /* content-time-stamp instead of signature-time-stamp */
	enum paper_cms_flaw flaw;
};

enum paper_cms_counter_flaw {
	PAPER_CMS_COUNTER_RIGHT,
	PAPER_CMS_COUNTER_UNREADABLE, /* no SignerInfo */
	PAPER_CMS_COUNTER_DIGEST,     /* made for another value */
	PAPER_CMS_COUNTER_VALUE,      /* one bit of its own value changed */
	PAPER_CMS_COUNTER_TYPE,       /* with a contentType attribute */
	PAPER_CMS_COUNTER_ESS,        /* names another certificate */
};

struct paper_cms_counter {
	const char *by;
	enum paper_cms_counter_flaw flaw;
	bool nested; /* on the one before it */
};

struct paper_cms {
	const char *by; /* entry that signs */
	enum paper_cms_ess ess;
	int64_t signing_time; /* signingTime attribute; 0: none */
	bool no_attrs, unordered_attrs, wrong_type, no_type;
	bool no_certs, has_content;
	bool two_signers, no_signer;
	bool unknown_alg, bad_value, bad_digest;
	struct paper_cms_stamp stamps[4];
	size_t n_stamps;
	struct paper_cms_counter counters[4];
	size_t n_counters;
};

/* The digest algorithm that goes with the key. */
enum digest_alg paper_cms_digest(struct mini_pki *p, const char *name);
/* `parts`: what is signed, two spans. */
struct bytes paper_cms(struct mini_pki *p, const struct paper_cms *spec, const struct bytes *parts);
/* A token over `parts`. */
struct bytes paper_cms_token(
    struct mini_pki *p, const struct paper_cms_stamp *spec, const struct bytes *parts, size_t n);

#endif
