/*
 * The configuration of `bulla serve`: one JSON file (its keys: man 5 bulla.json). What it
 * says that is not known is refused with its path, as in policies. Relative paths count from the
 * file's folder. Secrets are never in it: it names files.
 */
#ifndef BULLA_SERVICE_CONFIGURATION_H
#define BULLA_SERVICE_CONFIGURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct configuration_listener {
	const char *address;            /* numeric */
	uint16_t port;                  /* 0: any free one; told in DATA/run/ports.json */
	const char *certificate, *key;  /* PEM files; NULL: no TLS, on the loopback only */
	const char *client_authorities; /* PEM file: clients may show certificates of these; NULL */
	const char *url; /* "https://seal.example.hu": how others reach it; no final slash */
};

struct configuration_portal {
	const char *id, *name;
	const char *api_key_sha256; /* hex of the SHA-256 of its key; NULL: by certificate only */
	const char *const *certificates; /* SHA-256 of client certificates, hex */
	size_t n_certificates;
	const char *webhook_url;         /* NULL: the portal polls */
	const char *webhook_secret_file; /* its content, ends of line cut, is the HMAC key */
	const char *const
	    *return_urls; /* prefixes of where the window may send the officer back to */
	size_t n_return_urls;
	const char *unattended_key; /* name of the key it may seal with without an officer; NULL */
	unsigned requests_per_minute; /* 0: limits.requests_per_minute */
};

struct configuration_key {
	const char *name, *file; /* a PKCS#12 of the operator's own, unlocked by `bulla unlock` */
};

struct configuration {
	const char *data;         /* folder */
	const char *user;         /* whom to become when started as root; NULL: stays who it is */
	const char *organisation; /* who runs this, for pages and messages */
	const char
	    *language; /* of pages when the browser asks for none that is there: "en", "hu" */
	struct configuration_listener api, window, desk;
	const char *const *trust;
	size_t n_trust;
	const char *policy, *filing_policy; /* names or files: for sealing and desk; for filings */
	const char *const *tsa;
	size_t n_tsa;
	const char *level;         /* "B-T", "B-LT", "B-LTA" */
	bool rsa_pkcs1;            /* RSASSA-PKCS1-v1_5 for seals, as older readers want it */
	const char *look;          /* of visible seals where a sealing names none; "official" */
	const char *look_language; /* of the words on a visible seal */
	struct {
		unsigned n;       /* 0: one for each processor, at least 2 */
		unsigned jobs;    /* after which one is replaced; 1000 */
		size_t memory;    /* octets; LIMIT_PROCESS_MEMORY */
		unsigned seconds; /* for one job; 120 */
	} workers;
	const struct configuration_portal *portal;
	size_t n_portals;
	const char *service_key; /* file of 32 random octets; made when missing */
	const struct configuration_key *key;
	size_t n_keys;
	const char *cache; /* folder for fetched answers; default DATA/cache */
	const char *const
	    *allow_addresses; /* CIDR, as --allow-address; "none" refuses the loopback */
	size_t n_allow_addresses;
	struct {
		uint64_t document;                /* octets of one; 256 MiB */
		unsigned documents;               /* of one sealing or filing; 50 */
		unsigned connections;             /* at a time; 10000 */
		unsigned connections_per_address; /* 500 */
		unsigned requests_per_minute;     /* of one portal, session or address; 6000 */
		unsigned request_threads;         /* 16 */
		unsigned queue;                   /* requests that wait for a thread; 256 */
		unsigned idle_seconds;            /* a connection may be silent; 30 */
		unsigned login_failures;          /* until an account waits; 5 */
	} limits;
	struct {
		unsigned sealing_minutes; /* until a sealing nobody came for expires; 1440 */
		unsigned window_minutes;  /* of an officer's session in the window; 15 */
		unsigned desk_minutes;    /* of a desk session without a request; 30 */
		unsigned sealed_days;     /* sealed files that wait for their portal; 30 */
		unsigned filing_days;     /* 5475: 15 years */
		unsigned key_notice_days; /* before a certificate ends; 30 */
	} times;
	bool demo; /* marks every page as a demonstration */
};

/* `text` is the file's content, `folder` what relative paths count from. All in the scope.
 * ERR_FORMAT: "configuration: $.listeners.api.port: ..."; ERR_UNSUPPORTED, ERR_LIMIT. */
must_check enum err configuration_parse(struct scope *s, struct bytes text, const char *folder,
    const struct configuration **ret_configuration);
const struct configuration_portal *configuration_find_portal(
    const struct configuration *c, const char *id);

#endif
