/*
 * Fetching over HTTP and HTTPS, messages to portals, and CRLs and certificates from LDAP
 * directories (libcurl's owner). One connection pool per object: keep-alive for HTTP.
 *
 * Nothing of the environment counts: no proxy variables, no .netrc, no ldap.conf, no cookies. A URL
 * with a user name in it is refused. Redirects: at most LIMIT_FETCH_REDIRECTS, to http and https
 * only; a directory's referrals are not followed. TLS servers are verified against the system's
 * authorities. What may be connected to: service/fetch_target.h, applied to every address at the
 * moment of connecting and again before each request; a timestamp authority may be anywhere,
 * because the user names it, but not where it redirects to.
 *
 * Does not check what an answer holds, nor that its content type fits.
 */
#ifndef BULLA_SERVICE_FETCH_CURL_H
#define BULLA_SERVICE_FETCH_CURL_H

#include "base/world.h"
#include "service/fetch_target.h"

struct fetch_curl;

struct fetch_curl_config {
	long connect_ms, total_ms; /* per fetch; 0: LIMIT_FETCH_CONNECT_MS, LIMIT_FETCH_TOTAL_MS */
	struct fetch_target_rules targets; /* all zero: public addresses only */
	bool timestamps_stay;              /* a timestamp authority's redirects are not followed */
};

/* A message whose URL the configuration names: so it may be anywhere. */
struct fetch_curl_message {
	const char *url;
	const char *const *headers; /* "Name: value", without line ends */
	size_t n_headers;
	struct bytes body;
	bool loopback_only; /* connects to the own machine alone, whatever the URL says */
};

/* Once, before there are threads. Else done by the first fetch. */
void fetch_curl_prepare(void);
/* In the scope, which closes its connections. Not for two threads at once. */
must_check enum err fetch_curl_new(
    struct scope *s, const struct fetch_curl_config *config, struct fetch_curl **ret_fetcher);
/* A new job begins: LIMIT_FETCHES_PER_JOB counts from here. */
void fetch_curl_begin_job(struct fetch_curl *f);
/* Fetches since then: those that reached for the network. */
size_t fetch_curl_count(const struct fetch_curl *f);
/* As world.fetch (base/world.h); the scope is the job's. Texts are "URL: cause". */
must_check enum err fetch_curl_get(struct fetch_curl *f, struct scope *s,
    const struct fetch_request *want, struct fetch_reply *ret_reply);

/* POSTs it, once. Redirects are not followed; any status is OK, and what is answered beside it is
 * passed over. ERR_NET, ERR_DENIED. */
must_check enum err fetch_curl_send(
    struct fetch_curl *f, struct scope *s, const struct fetch_curl_message *m, int *ret_status);

#endif
