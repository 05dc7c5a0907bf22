/*
 * bulla-authority: a small PKI for demonstration, tests and benchmarks. Never for anything real:
 * its keys lie unencrypted in a folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/authority/authority_clock.h"
#include "tests/authority/authority_crl.h"
#include "tests/authority/authority_fault.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_hierarchy.h"
#include "tests/authority/authority_http.h"
#include "tests/authority/authority_issue.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_options.h"
#include "tests/authority/authority_revoke.h"

#define EXIT_USAGE 64
#define EXIT_REFUSED 65
#define EXIT_NETWORK 69
#define EXIT_INTERNAL 70
#define EXIT_IO 74
#define YEAR ((int64_t)365 * 86400)
#define NAMES_WITH_VALUE_ISSUE                                                                     \
	"profile key not-before not-after subject-cn org org-id disclaimer policy qc sscd "        \
	"key-usage password-file revocation ca"

static const char usage[] =
    "bulla-authority COMMAND DIR ...: a test PKI over HTTP on loopback\n"
    "  init DIR [--key TYPE] [--digest sha256|sha384|sha512] [--port N] [--now RFC3339]\n"
    "       [--nocheck on|off] [--idp on|off] [--title TEXT]\n"
    "  issue DIR NAME [--profile seal|signature|tsa|ocsp] [--key TYPE] [--not-before T]\n"
    "       [--not-after T] [--subject-cn TEXT] [--org TEXT] [--org-id TEXT]\n"
    "       [--disclaimer TEXT] [--policy OID] [--qc on|off] [--sscd on|off]\n"
    "       [--key-usage LIST|none] [--password-file F] [--revocation both|crl|ocsp|none]\n"
    "       [--ca NAME] [--no-chain]\n"
    "  revoke DIR NAME [--reason R] [--at T] [--invalidity-date T]\n"
    "       R: unspecified keyCompromise cACompromise affiliationChanged superseded\n"
    "       cessationOfOperation privilegeWithdrawn\n"
    "  suspend DIR NAME [--at T]        resume DIR NAME [--at T]\n"
    "  roll DIR [--key TYPE]            a new key for the issuing CA\n"
    "  publish DIR [--at T] [--delta]   new CRLs (only the deltas)\n"
    "  serve DIR [--workers N] [--log]  until SIGTERM or SIGINT; --log: each request is a line\n"
    "  fault DIR ENDPOINT=FAULT[,FAULT]... | ENDPOINT=none | none\n"
    "  clock DIR RFC3339 | +SECONDS | -SECONDS | real\n"
    "Key types: " AUTHORITY_KEY_TYPES "\n"
    "Endpoints: " AUTHORITY_FAULT_ENDPOINTS "\n"
    "Faults:\n"
#define X(constant, word, endpoints, meaning) "  " word " (" endpoints "): " meaning "\n"
    AUTHORITY_FAULT_ENTRIES(X)
#undef X
    ;

struct command {
	const char *name, *with_value, *alone;
	size_t least, most; /* words */
	enum err (*run)(struct scope *s, const struct authority_options *o);
};

static enum err run_init(struct scope *s, const struct authority_options *o)
{
	struct authority_hierarchy wish = {
		.key_type = authority_options_get(o, "key", "rsa2048"),
		.digest = authority_options_get(o, "digest", "sha256"),
		.title = authority_options_get(o, "title", "Bulla Test Authority"),
	};
	struct instant now;
	long port;
	const char *dir = o->words[0];
	TRY(authority_options_instant(s, o, "now", authority_clock_now(dir), &now));
	TRY(authority_options_switch(s, o, "nocheck", true, &wish.nocheck));
	TRY(authority_options_switch(s, o, "idp", true, &wish.idp));
	TRY(authority_options_number(s, o, "port", 65535, 0, &port));
	wish.port = (int)port;
	if (!authority_key_is_digest(wish.digest))
		return scope_fault(s, ERR_MISUSE, "--digest: not supported: %s", wish.digest);
	if (!authority_key_is_type(wish.key_type))
		return scope_fault(s, ERR_MISUSE, "--key: not supported: %s", wish.key_type);
	if (!wish.port)
		TRY(authority_http_free_port(s, &wish.port));
	return authority_hierarchy_init(s, dir, &wish, now);
}

static enum err read_pointers(struct scope *s, const char *text, struct authority_profile *p)
{
	bool both = !strcmp(text, "both");
	p->crl = both || !strcmp(text, "crl");
	p->ocsp = both || !strcmp(text, "ocsp");
	if (!p->crl && !p->ocsp && strcmp(text, "none") != 0)
		return scope_fault(
		    s, ERR_MISUSE, "--revocation: wants both, crl, ocsp or none: %s", text);
	return OK;
}

static enum err read_profile(struct scope *s, const struct authority_options *o,
    const struct authority_store *store, struct instant now, struct authority_profile *ret_profile)
{
	const char *kind = authority_options_get(o, "profile", "seal");
	bool seal = !strcmp(kind, "seal"), signature = !strcmp(kind, "signature");
	bool ocsp = !strcmp(kind, "ocsp");
	if (!seal && !signature && !ocsp && strcmp(kind, "tsa") != 0)
		return scope_fault(s, ERR_MISUSE, "--profile: not known: %s", kind);
	const char *cn = authority_options_get(o, "subject-cn", o->words[1]);
	struct authority_profile p = {
		.name = kind,
		.country = "XX",
		.cn = cn,
		.org = authority_options_get(o, "org", signature ? NULL : cn),
		.org_id = authority_options_get(o, "org-id", signature ? NULL : "NTRXX-12345678"),
		.disclaimer = authority_options_get(
		    o, "disclaimer", seal || signature ? AUTHORITY_PROFILE_DISCLAIMER : NULL),
		.policy = authority_options_get(o, "policy", NULL),
		.key_usage = authority_options_get(o, "key-usage", NULL),
		.nocheck = ocsp && store->nocheck,
		.path_len = -1,
	};
	const char *otherwise = !ocsp ? "both" : p.nocheck ? "none" : "crl";
	TRY(read_pointers(s, authority_options_get(o, "revocation", otherwise), &p));
	TRY(authority_options_switch(s, o, "qc", true, &p.qc));
	TRY(authority_options_switch(s, o, "sscd", true, &p.sscd));
	TRY(authority_options_instant(s, o, "not-before", now, &p.not_before));
	TRY(authority_options_instant(
	    s, o, "not-after", instant_add(p.not_before, 3 * YEAR), &p.not_after));
	*ret_profile = p;
	return OK;
}

static enum err run_issue(struct scope *s, const struct authority_options *o)
{
	const struct authority_store *store;
	const char *dir = o->words[0];
	struct instant now = authority_clock_now(dir);
	TRY(authority_file_lock(s, dir));
	TRY(authority_store_load(s, dir, &store));
	struct authority_issue wish = {
		.name = o->words[1],
		.ca = authority_options_get(o, "ca", authority_store_issuing_ca(store)->name),
		.key_type = authority_options_get(o, "key", store->key_type),
		.password_file = authority_options_get(o, "password-file", NULL),
		.no_chain = authority_options_has(o, "no-chain"),
	};
	TRY(read_profile(s, o, store, now, &wish.profile));
	if (!authority_key_is_type(wish.key_type))
		return scope_fault(s, ERR_MISUSE, "--key: not supported: %s", wish.key_type);
	return authority_issue_make(s, store, &wish, now);
}

static enum err change_status(
    struct scope *s, const struct authority_options *o, enum authority_store_event_kind kind)
{
	const char *dir = o->words[0];
	struct authority_revoke change = { .name = o->words[1], .kind = kind };
	change.reason = authority_options_get(o, "reason", "unspecified");
	if (authority_store_reason(change.reason) < 0)
		return scope_fault(s, ERR_MISUSE, "--reason: not known: %s", change.reason);
	TRY(authority_options_instant(s, o, "at", authority_clock_now(dir), &change.at));
	TRY(authority_options_instant(s, o, "invalidity-date", INSTANT_NONE, &change.invalidity));
	return authority_revoke_record(s, dir, &change);
}

static enum err run_revoke(struct scope *s, const struct authority_options *o)
{
	return change_status(s, o, AUTHORITY_REVOKED);
}

static enum err run_suspend(struct scope *s, const struct authority_options *o)
{
	return change_status(s, o, AUTHORITY_SUSPENDED);
}

static enum err run_resume(struct scope *s, const struct authority_options *o)
{
	return change_status(s, o, AUTHORITY_RESUMED);
}

static enum err run_roll(struct scope *s, const struct authority_options *o)
{
	const char *dir = o->words[0], *type = authority_options_get(o, "key", NULL);
	if (type && !authority_key_is_type(type))
		return scope_fault(s, ERR_MISUSE, "--key: not supported: %s", type);
	return authority_hierarchy_roll(s, dir, type, authority_clock_now(dir));
}

static enum err run_publish(struct scope *s, const struct authority_options *o)
{
	const struct authority_store *store;
	const char *dir = o->words[0];
	struct instant at;
	TRY(authority_options_instant(s, o, "at", authority_clock_now(dir), &at));
	TRY(authority_store_load(s, dir, &store));
	return authority_crl_publish(s, store, at, authority_options_has(o, "delta"));
}

static enum err run_serve(struct scope *s, const struct authority_options *o)
{
	long workers;
	TRY(authority_options_number(s, o, "workers", 256, 0, &workers));
	return authority_http_serve(
	    s, o->words[0], (unsigned)workers, authority_options_has(o, "log"));
}

static enum err run_fault(struct scope *s, const struct authority_options *o)
{
	return authority_fault_set(s, o->words[0], o->words + 1, o->n_words - 1);
}

static enum err run_clock(struct scope *s, const struct authority_options *o)
{
	return authority_clock_set(s, o->words[0], o->words[1]);
}

static const struct command commands[] = {
	{ "init", "key digest port now nocheck idp title", "", 1, 1, run_init },
	{ "issue", NAMES_WITH_VALUE_ISSUE, "no-chain", 2, 2, run_issue },
	{ "revoke", "reason at invalidity-date", "", 2, 2, run_revoke },
	{ "suspend", "at", "", 2, 2, run_suspend },
	{ "resume", "at", "", 2, 2, run_resume },
	{ "roll", "key", "", 1, 1, run_roll },
	{ "publish", "at", "delta", 1, 1, run_publish },
	{ "serve", "workers", "log", 1, 1, run_serve },
	{ "fault", "", "", 2, AUTHORITY_OPTIONS_MOST, run_fault },
	{ "clock", "", "", 2, 2, run_clock },
};

static int exit_status(enum err e)
{
	switch (e) {
	case OK:
		return EXIT_SUCCESS;
	case ERR_MISUSE:
		return EXIT_USAGE;
	case ERR_FORMAT:
	case ERR_UNSUPPORTED:
	case ERR_LIMIT:
	case ERR_DENIED:
		return EXIT_REFUSED;
	case ERR_NET:
		return EXIT_NETWORK;
	case ERR_IO:
		return EXIT_IO;
	case ERR_NOMEM:
	case ERR_CRYPTO:
	case ERR_INTERNAL:
		break;
	}
	return EXIT_INTERNAL;
}

static enum err run(struct scope *s, const struct command *command, int argc, char **argv)
{
	struct authority_options o;
	TRY(authority_options_parse(s, argc, argv, command->with_value, command->alone, &o));
	if (o.n_words < command->least || o.n_words > command->most)
		return scope_fault(s, ERR_MISUSE, "wrong number of arguments; --help shows them");
	return command->run(s, &o);
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")))
		return fputs(usage, stdout) < 0 ? EXIT_IO : EXIT_SUCCESS;
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, argv[1]))
			command = &commands[i];
	}
	if (!command) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	struct scope *s = scope_new(0);
	enum err e = s ? run(s, command, argc - 2, argv + 2) : ERR_NOMEM;
	if (e != OK)
		fprintf(stderr, "bulla-authority: %s: %s\n", command->name,
		    s && *scope_fault_text(s) ? scope_fault_text(s) : err_name(e));
	scope_free(s);
	return exit_status(e);
}
