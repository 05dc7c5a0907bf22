/*
 * PDF files encrypted for certificates, for tests: written by the letter of ISO 32000-2 7.6.5 with
 * OpenSSL's CMS and ciphers, and nothing of formats/ that reads them. Mistakes of the test end the
 * program.
 */
#ifndef BULLA_TESTS_SUPPORT_PAPER_RECIPIENTS_H
#define BULLA_TESTS_SUPPORT_PAPER_RECIPIENTS_H

#include "formats/recipient.h"
#include "tests/support/paper.h"

#define PAPER_RECIPIENTS_LISTS 3

/* One list: a CMS object. */
struct paper_recipients_list {
	const char *names[4]; /* of the infrastructure; ends with NULL */
	const char *cipher;   /* of the content, OpenSSL's name; NULL: AES-256-CBC */
	bool oaep, by_key_id;
	uint32_t permissions;
	size_t seed_n;        /* octets of seed and permissions that go in; 0: 24 */
	struct bytes instead; /* this, and no CMS */
};

struct paper_recipients {
	int v;           /* 1, 2: adbe.pkcs7.s4; 4, 5: adbe.pkcs7.s5; 0: 5 */
	const char *cfm; /* V2, AESV2; NULL: what goes with v */
	size_t key_n;    /* octets of an RC4 key; 0: 16, of V 1 5 */
	bool clear_metadata;
	bool only_attachments; /* strings and streams are not encrypted */
	struct paper_recipients_list list[PAPER_RECIPIENTS_LISTS];
	size_t n_lists;
	size_t repeats;          /* of the first list, before the others */
	const char *attachments; /* who opens these, by a filter of their own; NULL: everybody */
};

/* A page (3), its contents (4), a form (6) with the text field "name" (7), whose value is "secret
 * value", and the unsigned signature field "seal" (8), /Metadata (9), /Info (10) with a /Title of
 * "secret title", an embedded file (11) of "secret file", one under the crypt filter it names, if
 * there are such (12); "secret text" on the page. */
struct bytes paper_recipients_file(struct mini_pki *p, const struct paper_recipients *spec);
/* The CMS object of a list. */
struct bytes paper_recipients_cms(struct mini_pki *p, const struct paper_recipients_list *list);
/* The paper of such a file, which its first recipient opens. */
struct paper *paper_recipients_paper(struct mini_pki *p, const struct paper_recipients *spec);
/* The recipient with the key of this entry, by way of a PKCS#12 file. */
const struct recipient *paper_recipients_key(struct mini_pki *p, const char *name);

#endif
