#include "service/fetch_curl.h"

#include <pthread.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

struct fetch_curl {
	CURL *handle; /* made at the first fetch: a job without one does not pay for it */
	long connect_ms, total_ms;
	size_t n_fetches;
};

/* One transfer under way. */
struct transfer {
	struct buf body;
	size_t cap;
	bool too_large;
	char cause[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void close_fetcher(void *obj)
{
	struct fetch_curl *f = obj;
	if (f->handle)
		curl_easy_cleanup(f->handle);
}

enum err fetch_curl_new(
    struct scope *s, const struct fetch_curl_config *config, struct fetch_curl **ret_fetcher)
{
	struct fetch_curl *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	f->total_ms = config->total_ms ? config->total_ms : LIMIT_FETCH_TOTAL_MS;
	f->connect_ms = config->connect_ms ? config->connect_ms : LIMIT_FETCH_CONNECT_MS;
	if (f->connect_ms > f->total_ms)
		f->connect_ms = f->total_ms;
	TRY(scope_own(s, f, close_fetcher));
	*ret_fetcher = f;
	return OK;
}

void fetch_curl_begin_job(struct fetch_curl *f)
{
	f->n_fetches = 0;
}

static size_t cap_of_kind(enum fetch_kind kind)
{
	switch (kind) {
	case FETCH_CERTIFICATE:
		return LIMIT_FETCH_CERTIFICATE;
	case FETCH_CRL:
		return LIMIT_FETCH_CRL;
	case FETCH_OCSP:
		return LIMIT_FETCH_OCSP;
	case FETCH_TIMESTAMP:
		return LIMIT_FETCH_TIMESTAMP;
	case FETCH_TRUST_LIST:
	default:
		return LIMIT_FETCH_TRUST_LIST;
	}
}

static const char *accept_header(enum fetch_kind kind)
{
	switch (kind) {
	case FETCH_OCSP:
		return "Accept: application/ocsp-response";
	case FETCH_TIMESTAMP:
		return "Accept: application/timestamp-reply";
	case FETCH_CERTIFICATE:
	case FETCH_CRL:
	case FETCH_TRUST_LIST:
	default:
		return "Accept: */*";
	}
}

static size_t on_body(char *p, size_t size, size_t n, void *obj)
{
	struct transfer *t = obj;
	size_t more = size * n;
	t->too_large = more > t->cap - t->body.n;
	if (t->too_large)
		return 0;
	buf_add(&t->body, bytes_of(p, more));
	return t->body.failed == OK ? more : 0;
}

/* Takes the URL apart as libcurl itself will, and refuses what must not be fetched. Never repeats a
 * URL that may hold a password. */
static enum err check_url(struct scope *s, const char *url)
{
	if (strlen(url) > LIMIT_URL)
		return scope_fault(
		    s, ERR_DENIED, "%.60s...: a URL longer than %d octets", url, LIMIT_URL);
	CURLU *parts = curl_url();
	if (!parts)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", url);
	char *scheme = NULL, *user = NULL;
	enum err e = OK;
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		e = scope_fault(s, ERR_DENIED, "%s: not a URL", url);
	else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		e = scope_fault(s, ERR_DENIED, "a URL with a user name in it is not fetched");
	else if (strcmp(scheme, "http") && strcmp(scheme, "https"))
		e = scope_fault(s, ERR_DENIED, "%s: only http and https are fetched", url);
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(parts);
	return e;
}

static enum err open_handle(struct scope *s, struct fetch_curl *f)
{
	pthread_once(&curl_once, init_curl);
	if (!f->handle)
		f->handle = curl_easy_init();
	if (!f->handle)
		return scope_fault(s, ERR_NOMEM, "libcurl: out of memory");
	curl_easy_reset(f->handle);
	return OK;
}

static bool set_request(CURL *c, const struct fetch_request *want, struct curl_slist *headers)
{
	bool ok = curl_easy_setopt(c, CURLOPT_URL, want->url) == CURLE_OK &&
		  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	if (!want->body.n)
		return ok;
	return ok && curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)want->body.n) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDS, want->body.p) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTREDIR, CURL_REDIR_POST_ALL) == CURLE_OK;
}

static bool set_rules(const struct fetch_curl *f, struct transfer *t)
{
	CURL *c = f->handle;
	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)LIMIT_FETCH_REDIRECTS) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, f->connect_ms) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, f->total_ms) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "bulla/" BULLA_VERSION) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->cap) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->cause) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK;
}

static struct curl_slist *make_headers(struct scope *s, const struct fetch_request *want)
{
	struct buf b = buf_new(s, LIMIT_BUF_FORMAT);
	buf_addf(&b, "Content-Type: %s", want->content_type ? want->content_type : "");
	char *type;
	struct curl_slist *list = curl_slist_append(NULL, accept_header(want->kind));
	/* An empty Expect: saves a round trip before a body. */
	struct curl_slist *more = list ? curl_slist_append(list, "Expect:") : NULL;
	if (more && want->body.n)
		more = buf_done_str(&b, &type) == OK ? curl_slist_append(list, type) : NULL;
	if (!more)
		curl_slist_free_all(list);
	return more ? list : NULL;
}

/* "refused" and the like, from the system where it said so. */
static enum err fault_of_connect(struct scope *s, CURL *c, const char *url)
{
	long number = 0;
	curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &number);
	return scope_fault(
	    s, ERR_NET, "%s: %s", url, number ? strerror((int)number) : "cannot connect");
}

static enum err fault_of_scheme(struct scope *s, CURL *c, const char *url)
{
	long status = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 300 && status < 400)
		return scope_fault(
		    s, ERR_DENIED, "%s: redirects to a scheme other than http and https", url);
	return scope_fault(s, ERR_NET, "%s: the answer is not HTTP", url);
}

static enum err fault_of_transfer(struct scope *s, const struct fetch_curl *f, const char *url,
    CURLcode code, const struct transfer *t)
{
	long status = 0;
	curl_easy_getinfo(f->handle, CURLINFO_RESPONSE_CODE, &status);
	if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return scope_fault(
		    s, ERR_LIMIT, "%s: the answer is larger than %zu octets", url, t->cap);
	if (t->body.failed != OK)
		return t->body.failed;
	switch ((int)code) {
	case CURLE_HTTP_RETURNED_ERROR:
		return scope_fault(s, ERR_NET, "%s: HTTP %ld", url, status);
	case CURLE_OPERATION_TIMEDOUT:
		return scope_fault(s, ERR_NET, "%s: time-out: no complete answer within %g s", url,
		    (double)f->total_ms / 1000);
	case CURLE_COULDNT_RESOLVE_HOST:
		return scope_fault(s, ERR_NET, "%s: host not found", url);
	case CURLE_COULDNT_CONNECT:
		return fault_of_connect(s, f->handle, url);
	case CURLE_PARTIAL_FILE:
		return scope_fault(s, ERR_NET, "%s: the answer is truncated", url);
	case CURLE_GOT_NOTHING:
		return scope_fault(s, ERR_NET, "%s: connection closed without an answer", url);
	case CURLE_TOO_MANY_REDIRECTS:
		return scope_fault(
		    s, ERR_NET, "%s: more than %d redirects", url, LIMIT_FETCH_REDIRECTS);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return fault_of_scheme(s, f->handle, url);
	case CURLE_LOGIN_DENIED:
		return scope_fault(s, ERR_DENIED, "%s: redirects to a URL with a user name", url);
	default:
		return scope_fault(
		    s, ERR_NET, "%s: %s", url, *t->cause ? t->cause : curl_easy_strerror(code));
	}
}

static enum err take_reply(struct scope *s, const struct fetch_curl *f, const char *url,
    struct transfer *t, struct fetch_reply *ret_reply)
{
	long status = 0;
	char *type = NULL, *copy;
	curl_easy_getinfo(f->handle, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(f->handle, CURLINFO_CONTENT_TYPE, &type);
	if (status != 200)
		return scope_fault(s, ERR_NET, "%s: HTTP %ld", url, status);
	TRY(bytes_to_str(s, bytes_of_str(type), &copy));
	struct fetch_reply reply = { .status = (int)status, .content_type = copy };
	TRY(buf_done(&t->body, &reply.body));
	*ret_reply = reply;
	return OK;
}

enum err fetch_curl_get(struct fetch_curl *f, struct scope *s, const struct fetch_request *want,
    struct fetch_reply *ret_reply)
{
	TRY(check_url(s, want->url));
	if (f->n_fetches == LIMIT_FETCHES_PER_JOB)
		return scope_fault(s, ERR_DENIED, "%s: more than %d fetches for one document",
		    want->url, LIMIT_FETCHES_PER_JOB);
	f->n_fetches++;
	TRY(open_handle(s, f));
	size_t cap = want->cap ? want->cap : cap_of_kind(want->kind);
	struct transfer t = { .body = buf_new(s, cap), .cap = cap };
	struct curl_slist *headers = make_headers(s, want);
	if (!headers)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", want->url);
	if (!set_request(f->handle, want, headers) || !set_rules(f, &t)) {
		curl_slist_free_all(headers);
		return scope_fault(s, ERR_INTERNAL, "%s: libcurl lacks an option", want->url);
	}
	CURLcode code = curl_easy_perform(f->handle);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return fault_of_transfer(s, f, want->url, code, &t);
	return take_reply(s, f, want->url, &t, ret_reply);
}
