#include "service/fetch_curl.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/fetch_ldap.h"

struct fetch_curl {
	CURL *handle; /* made at the first fetch: a job without one does not pay for it */
	struct fetch_target_rules targets;
	long connect_ms, total_ms;
	bool timestamps_stay;
	size_t n_fetches;
};

/* One transfer under way. */
struct transfer {
	struct fetch_curl *f;
	const struct fetch_target_rules *targets;
	bool is_named_by_user; /* until a redirect leads elsewhere */
	bool stays;            /* redirects are not followed */
	struct buf body;       /* an LDAP answer: libcurl's text for it */
	size_t cap;            /* of the answer */
	bool has_body;         /* some of it came */
	bool too_large;
	const char *objection; /* to the last address that was not connected to */
	char refused[INET6_ADDRSTRLEN];
	char cause[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
	/* Else libldap, under libcurl, reads ldap.conf, .ldaprc and its variables. */
	setenv("LDAPNOINIT", "1", 1);
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

void fetch_curl_prepare(void)
{
	pthread_once(&curl_once, init_curl);
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
	f->targets = config->targets;
	f->timestamps_stay = config->timestamps_stay;
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

size_t fetch_curl_count(const struct fetch_curl *f)
{
	return f->n_fetches;
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
	t->too_large = more > t->body.cap - t->body.n;
	if (t->too_large)
		return 0;
	buf_add(&t->body, bytes_of(p, more));
	return t->body.failed == OK ? more : 0;
}

/* -- addresses -- */

/* A timestamp authority's URL comes from the user, all others from documents and certificates. */
static bool may_go_anywhere(const struct transfer *t)
{
	long redirects = 0;
	curl_easy_getinfo(t->f->handle, CURLINFO_REDIRECT_COUNT, &redirects);
	return t->is_named_by_user && redirects == 0;
}

static curl_socket_t open_socket(void *obj, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct transfer *t = obj;
	const char *what = fetch_target_objection(t->targets, &a->addr);
	(void)purpose;
	if (!what || may_go_anywhere(t))
		return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (getnameinfo(
		&a->addr, a->addrlen, t->refused, sizeof(t->refused), NULL, 0, NI_NUMERICHOST) != 0)
		*t->refused = 0;
	t->objection = what;
	return CURL_SOCKET_BAD;
}

/* Asked again before each request: a connection may be one that is kept from a former fetch. */
static int before_request(void *obj, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *t = obj;
	const char *what = fetch_target_objection_to_text(t->targets, remote);
	(void)local;
	(void)remote_port;
	(void)local_port;
	if (!what || may_go_anywhere(t))
		return CURL_PREREQFUNC_OK;
	t->objection = what;
	strncpy(t->refused, remote, sizeof(t->refused) - 1);
	return CURL_PREREQFUNC_ABORT;
}

/* libldap gathers a whole message in memory before libcurl hands on any of it: what has come in by
 * the socket is counted. */
static int on_progress(
    void *obj, curl_off_t to_get, curl_off_t got, curl_off_t to_put, curl_off_t put)
{
	struct transfer *t = obj;
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);
	(void)to_get;
	(void)got;
	(void)to_put;
	(void)put;
	if (curl_easy_getinfo(t->f->handle, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
	    fd == CURL_SOCKET_BAD || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return 0;
	t->too_large |= info.tcpi_bytes_received > t->body.cap;
	return t->too_large;
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
	else if (strcmp(scheme, "http") && strcmp(scheme, "https") && !fetch_ldap_is_url(url))
		e = scope_fault(
		    s, ERR_DENIED, "%s: only http, https, ldap and ldaps are fetched", url);
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(parts);
	return e;
}

static enum err open_handle(struct scope *s, struct fetch_curl *f)
{
	fetch_curl_prepare();
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
		  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	if (!want->body.n)
		return ok;
	return ok && curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)want->body.n) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDS, want->body.p) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTREDIR, CURL_REDIR_POST_ALL) == CURLE_OK;
}

/* A connection of its own, so that on_progress counts this answer. */
static bool set_ldap_request(struct transfer *t, const char *url)
{
	CURL *c = t->f->handle;
	return curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "ldap,ldaps") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == CURLE_OK;
}

static bool set_guards(struct transfer *t)
{
	CURL *c = t->f->handle;
	return curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PREREQDATA, t) == CURLE_OK;
}

static bool set_rules(struct transfer *t)
{
	CURL *c = t->f->handle;
	return curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, t->stays ? 0L : 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)LIMIT_FETCH_REDIRECTS) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, t->f->connect_ms) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, t->f->total_ms) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "bulla/" BULLA_VERSION) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->cap) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->cause) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK && set_guards(t);
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

static enum err fault_of_address(struct scope *s, const struct transfer *t, const char *url)
{
	return scope_fault(s, ERR_DENIED, "%s: not asked: %s is %s, which is not allowed", url,
	    t->refused, t->objection);
}

static enum err fault_of_code(
    struct scope *s, const struct transfer *t, const char *url, CURLcode code)
{
	long status = 0;
	curl_easy_getinfo(t->f->handle, CURLINFO_RESPONSE_CODE, &status);
	switch ((int)code) {
	case CURLE_HTTP_RETURNED_ERROR:
		return scope_fault(s, ERR_NET, "%s: HTTP %ld", url, status);
	case CURLE_OPERATION_TIMEDOUT:
		return scope_fault(s, ERR_NET, "%s: time-out: no complete answer within %g s", url,
		    (double)t->f->total_ms / 1000);
	case CURLE_COULDNT_RESOLVE_HOST:
		return scope_fault(s, ERR_NET, "%s: host not found", url);
	case CURLE_COULDNT_CONNECT:
		return fault_of_connect(s, t->f->handle, url);
	case CURLE_PARTIAL_FILE:
		return scope_fault(s, ERR_NET, "%s: the answer is truncated", url);
	case CURLE_GOT_NOTHING:
		return scope_fault(s, ERR_NET, "%s: connection closed without an answer", url);
	case CURLE_TOO_MANY_REDIRECTS:
		return scope_fault(
		    s, ERR_NET, "%s: more than %d redirects", url, LIMIT_FETCH_REDIRECTS);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return fault_of_scheme(s, t->f->handle, url);
	case CURLE_LOGIN_DENIED:
		return scope_fault(s, ERR_DENIED, "%s: redirects to a URL with a user name", url);
	default:
		return scope_fault(
		    s, ERR_NET, "%s: %s", url, *t->cause ? t->cause : curl_easy_strerror(code));
	}
}

static enum err fault_of_transfer(
    struct scope *s, const struct transfer *t, const char *url, CURLcode code)
{
	if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return scope_fault(
		    s, ERR_LIMIT, "%s: the answer is larger than %zu octets", url, t->cap);
	if (t->body.failed != OK)
		return t->body.failed;
	if (t->objection && (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK))
		return fault_of_address(s, t, url);
	return fault_of_code(s, t, url, code);
}

static enum err take_reply(
    struct scope *s, struct transfer *t, const char *url, struct fetch_reply *ret_reply)
{
	long status = 0;
	char *type = NULL, *copy;
	curl_easy_getinfo(t->f->handle, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->f->handle, CURLINFO_CONTENT_TYPE, &type);
	if (status != 200)
		return scope_fault(s, ERR_NET, "%s: HTTP %ld", url, status);
	TRY(bytes_to_str(s, bytes_of_str(type), &copy));
	struct fetch_reply reply = { .status = (int)status, .content_type = copy };
	TRY(buf_done(&t->body, &reply.body));
	*ret_reply = reply;
	return OK;
}

static enum err lacks_an_option(struct scope *s, const char *url)
{
	return scope_fault(s, ERR_INTERNAL, "%s: libcurl lacks an option", url);
}

static enum err get_by_http(struct scope *s, struct transfer *t, const struct fetch_request *want,
    struct fetch_reply *ret_reply)
{
	struct curl_slist *headers = make_headers(s, want);
	if (!headers)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", want->url);
	if (!set_request(t->f->handle, want, headers) || !set_rules(t)) {
		curl_slist_free_all(headers);
		return lacks_an_option(s, want->url);
	}
	CURLcode code = curl_easy_perform(t->f->handle);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return fault_of_transfer(s, t, want->url, code);
	return take_reply(s, t, want->url, ret_reply);
}

static enum err get_by_ldap(struct scope *s, struct transfer *t, const struct fetch_request *want,
    struct fetch_reply *ret_reply)
{
	char *url;
	struct bytes text;
	TRY(fetch_ldap_url(s, want, &url));
	t->body.cap = fetch_ldap_cap(t->cap);
	if (!set_ldap_request(t, url) || !set_rules(t))
		return lacks_an_option(s, want->url);
	CURLcode code = curl_easy_perform(t->f->handle);
	if (code != CURLE_OK)
		return fault_of_transfer(s, t, want->url, code);
	TRY(buf_done(&t->body, &text));
	return fetch_ldap_reply(s, want, t->cap, text, ret_reply);
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
	const size_t cap = want->cap ? want->cap : cap_of_kind(want->kind);
	struct transfer t = { .f = f,
		.targets = &f->targets,
		.is_named_by_user = want->kind == FETCH_TIMESTAMP,
		.stays = want->kind == FETCH_TIMESTAMP && f->timestamps_stay,
		.body = buf_new(s, cap),
		.cap = cap };
	return fetch_ldap_is_url(want->url) ? get_by_ldap(s, &t, want, ret_reply)
					    : get_by_http(s, &t, want, ret_reply);
}

/* -- messages -- */

/* What a receiver answers is of no use. */
static size_t pass_over(char *p, size_t size, size_t n, void *obj)
{
	struct transfer *t = obj;
	(void)p;
	t->has_body = true;
	t->too_large |= size * n > t->cap;
	t->cap -= t->too_large ? 0 : size * n;
	return t->too_large ? 0 : size * n;
}

static bool set_message(
    struct transfer *t, const struct fetch_curl_message *m, struct curl_slist *headers)
{
	CURL *c = t->f->handle;
	return set_rules(t) && curl_easy_setopt(c, CURLOPT_URL, m->url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)m->body.n) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDS, m->body.p) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FAILONERROR, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)0) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, pass_over) == CURLE_OK;
}

static struct curl_slist *message_headers(const struct fetch_curl_message *m)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; i < m->n_headers && list; i++) {
		struct curl_slist *more = curl_slist_append(list, m->headers[i]);
		if (!more)
			curl_slist_free_all(list);
		list = more;
	}
	return list;
}

/* The status stands when the head was whole, whatever came of the body. */
static enum err take_status(
    struct scope *s, struct transfer *t, const char *url, CURLcode code, int *ret_status)
{
	long status = 0;
	curl_easy_getinfo(t->f->handle, CURLINFO_RESPONSE_CODE, &status);
	if ((code != CURLE_OK && !t->has_body) || status < 200 || status > 999) {
		t->too_large = false;
		return fault_of_transfer(s, t, url, code == CURLE_OK ? CURLE_GOT_NOTHING : code);
	}
	*ret_status = (int)status;
	return OK;
}

enum err fetch_curl_send(
    struct fetch_curl *f, struct scope *s, const struct fetch_curl_message *m, int *ret_status)
{
	struct fetch_target_rules own_machine = { .nothing_else = true };
	struct transfer t = { .f = f,
		.targets = &own_machine,
		.is_named_by_user = !m->loopback_only,
		.stays = true,
		.body = buf_new(s, 0),
		.cap = LIMIT_WEBHOOK_ANSWER };
	fetch_target_allow_loopback(&own_machine);
	TRY(check_url(s, m->url));
	TRY(open_handle(s, f));
	struct curl_slist *headers = message_headers(m);
	if (!headers)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", m->url);
	if (!set_message(&t, m, headers)) {
		curl_slist_free_all(headers);
		return lacks_an_option(s, m->url);
	}
	CURLcode code = curl_easy_perform(f->handle);
	curl_slist_free_all(headers);
	return take_status(s, &t, m->url, code, ret_status);
}
