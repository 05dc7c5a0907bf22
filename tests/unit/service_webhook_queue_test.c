/* The queue of webhooks with a real store and log, a real line of the fetcher, and portals on the
 * loopback that do not always behave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_line.h"
#include "service/fetcher/fetcher_rules.h"
#include "service/front/link_pool.h"
#include "service/front/metrics.h"
#include "service/front/webhook_delivery.h"
#include "service/front/webhook_queue.h"
#include "service/front/webhook_signature.h"
#include "service/log/audit_log.h"
#include "tests/support/loopback_server.h"

#define PORTALS 6
#define LINKS 3
#define MESSAGES 512
#define SECRET "whsec_of_the_tests"

enum {
	GOOD,
	OTHER,
	SILENT,
	REFUSES,
	GONE,
	POLLS
};

struct heard {
	char path[32], delivery[64], event[64], signature[128], body[128];
};

struct line {
	struct house *house;
	pthread_t thread;
	struct link *other;
};

struct house {
	struct scope *s;
	char folder[64], log_folder[80], secret[80], url[PORTALS][LOOPBACK_SERVER_URL];
	struct configuration_portal portal[PORTALS];
	struct configuration c;
	struct fetcher_line_shared shared;
	struct line line[LINKS];
	struct front f;
	struct loopback_server *server;
	atomic_int status; /* what "/good" says */
	pthread_mutex_t lock;
	struct heard message[MESSAGES];
	size_t n;
};

static const struct instant early = { 1795000000 };

/* -- the portals -- */

static void copy_header(const char *head, const char *name, char *ret_value, size_t room)
{
	const char *at = strstr(head, name);
	*ret_value = 0;
	if (at)
		snprintf(ret_value, room, "%.*s", (int)strcspn(at + strlen(name), "\r"),
		    at + strlen(name));
}

static bool answer(void *ctx, int fd, const struct loopback_request *r)
{
	struct house *h = ctx;
	char line[128];
	pthread_mutex_lock(&h->lock);
	assert_true(h->n < MESSAGES);
	struct heard *m = &h->message[h->n++];
	snprintf(m->path, sizeof(m->path), "%s", r->path);
	snprintf(m->body, sizeof(m->body), "%.*s", (int)r->body.n, r->body.p);
	copy_header(r->head, "\r\nBulla-Delivery: ", m->delivery, sizeof(m->delivery));
	copy_header(r->head, "\r\nBulla-Event: ", m->event, sizeof(m->event));
	copy_header(r->head, "\r\nBulla-Signature: ", m->signature, sizeof(m->signature));
	pthread_mutex_unlock(&h->lock);
	if (!strcmp(r->path, "/silent")) {
		loopback_server_wait(fd);
		return false;
	}
	const int status = strcmp(r->path, "/gone") ? atomic_load(&h->status) : 410;
	snprintf(line, sizeof(line), "HTTP/1.1 %d Said\r\n%sContent-Length: 0\r\n\r\n", status,
	    status == 302 ? "Location: /other\r\n" : "");
	loopback_server_say(fd, line);
	return true;
}

/* -- the house -- */

static void *serve(void *obj)
{
	struct line *l = obj;
	fetcher_line_serve(&l->house->shared, l->other, ROLE_FRONT);
	link_free(l->other);
	return NULL;
}

static void open_line(struct house *h, struct line *l)
{
	int fds[2];
	assert_int_equal(link_pair(h->s, fds), OK);
	l->house = h;
	l->other = link_new(fds[1]);
	link_pool_add(h->f.fetcher, link_new(fds[0]));
	assert_int_equal(pthread_create(&l->thread, NULL, serve, l), 0);
}

static void write_secret(struct house *h, const char *secret)
{
	FILE *file = fopen(h->secret, "w");
	assert_non_null(file);
	fputs(secret, file);
	fclose(file);
}

static void configure(struct house *h)
{
	static const char *const ids[PORTALS] = { "good", "other", "silent", "refuses", "gone",
		"polls" };
	for (size_t i = 0; i < PORTALS; i++) {
		char path[32];
		snprintf(path, sizeof(path), "/%s", ids[i]);
		loopback_server_url(h->server, path, h->url[i]);
		h->portal[i] = (struct configuration_portal){
			.id = ids[i], .webhook_url = h->url[i], .webhook_secret_file = h->secret
		};
	}
	/* Nobody listens there. */
	h->portal[REFUSES].webhook_url = "http://127.0.0.1:1/";
	h->portal[POLLS].webhook_url = NULL;
	h->c = (struct configuration){ .portal = h->portal, .n_portals = PORTALS };
	h->shared = (struct fetcher_line_shared){ .configuration = &h->c,
		.memory = { .most = LIMIT_FETCHER_MEMORY } };
	assert_int_equal(fetcher_rules_targets(h->s, &h->c, &h->shared.targets), OK);
	assert_int_equal(fetcher_counts_new(h->s, &h->c, &h->shared.counts), OK);
}

static int set_up_for(void **state, long total_ms)
{
	struct house *h = calloc(1, sizeof(*h));
	h->s = scope_new(0);
	atomic_store(&h->status, 200);
	pthread_mutex_init(&h->lock, NULL);
	strcpy(h->folder, "/tmp/bulla-webhooks-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->secret, sizeof(h->secret), "%s/secret", h->folder);
	snprintf(h->log_folder, sizeof(h->log_folder), "%s/log", h->folder);
	write_secret(h, SECRET "\n");
	h->server = loopback_server_start(answer, h);
	assert_non_null(h->server);
	configure(h);
	h->shared.total_ms = total_ms;
	const struct store_options options = { .folder = h->folder, .now = early };
	assert_int_equal(store_open(h->s, &options, &h->f.store), OK);
	assert_int_equal(audit_log_open(h->s, h->log_folder, 0, &h->f.log), OK);
	h->f.configuration = &h->c;
	h->f.metrics = metrics_new();
	h->f.fetcher = link_pool_new("fetcher");
	for (size_t i = 0; i < LINKS; i++)
		open_line(h, &h->line[i]);
	*state = h;
	return 0;
}

static int set_up(void **state)
{
	return set_up_for(state, 3000);
}

/* A portal that says nothing is waited for, for longer than any test takes. */
static int set_up_patiently(void **state)
{
	return set_up_for(state, 0);
}

static int tear_down(void **state)
{
	struct house *h = *state;
	char command[128];
	link_pool_free(h->f.fetcher);
	loopback_server_stop(h->server);
	for (size_t i = 0; i < LINKS; i++)
		pthread_join(h->line[i].thread, NULL);
	store_close(h->f.store);
	metrics_free(h->f.metrics);
	scope_free(h->s);
	snprintf(command, sizeof(command), "rm -rf %s", h->folder);
	int status = system(command);
	free(h);
	return status;
}

static void add(
    struct house *h, const char *id, const char *portal, const char *object, struct instant created)
{
	char body[128];
	snprintf(
	    body, sizeof(body), "{\"delivery\":\"%s\",\"sealing\":{\"id\":\"%s\"}}", id, object);
	const struct store_webhook w = { .id = id,
		.portal = portal,
		.event = "sealing.sealed",
		.object = object,
		.body = body,
		.created = created };
	assert_int_equal(store_webhook_add(h->s, h->f.store, &w), OK);
}

static struct store_webhook find(struct house *h, const char *id)
{
	const struct store_webhook *w;
	assert_int_equal(store_webhook_find(h->s, h->f.store, id, &w), OK);
	assert_non_null(w);
	return *w;
}

static enum webhook_delivery_outcome attempt(struct house *h, const char *id, struct instant now)
{
	const struct store_webhook w = find(h, id);
	struct link *link;
	assert_int_equal(link_pool_take(h->s, h->f.fetcher, 1000, &link), OK);
	enum webhook_delivery_outcome o = webhook_delivery_attempt(&h->f, h->s, link, &w, now);
	link_pool_give(h->f.fetcher, link);
	scope_forgive(h->s);
	return o;
}

static uint64_t records(struct house *h)
{
	uint64_t n;
	struct merkle_hash root;
	assert_int_equal(audit_log_root(h->s, h->f.log, &n, &root), OK);
	return n;
}

/* -- one attempt -- */

static void delays_grow_and_end(void **state)
{
	(void)state;
	int64_t sum = 0;
	for (unsigned n = 1; n < LIMIT_WEBHOOK_ATTEMPTS; n++) {
		const int64_t least = webhook_delivery_delay(n, 0);
		int64_t most = 0;
		for (uint32_t dice = 0; dice < 60000; dice++) {
			const int64_t delay = webhook_delivery_delay(n, dice);
			most = delay > most ? delay : most;
			assert_true(delay >= least);
		}
		/* A fifth to either side, no more than a day beside that. */
		assert_true(least * 3 / 2 == most || n < 2);
		assert_true(most <= 86400 * 6 / 5);
		assert_true(webhook_delivery_delay(n + 1, 0) == 0 ||
			    webhook_delivery_delay(n + 1, 0) >= least);
		sum += least;
	}
	assert_true(webhook_delivery_delay(1, 0) >= 8);
	assert_true(sum > 3 * 86400);
	assert_int_equal(webhook_delivery_delay(0, 1), 0);
	assert_int_equal(webhook_delivery_delay(LIMIT_WEBHOOK_ATTEMPTS, 1), 0);
}

static void what_a_portal_gets(void **state)
{
	struct house *h = *state;
	const char *expected;
	add(h, "wh_1", "good", "sl_1", early);
	assert_int_equal(attempt(h, "wh_1", early), WEBHOOK_DELIVERY_DONE);
	const struct heard *m = &h->message[0];
	assert_int_equal(h->n, 1);
	assert_string_equal(m->path, "/good");
	assert_string_equal(m->delivery, "wh_1");
	assert_string_equal(m->event, "sealing.sealed");
	assert_string_equal(m->body, "{\"delivery\":\"wh_1\",\"sealing\":{\"id\":\"sl_1\"}}");
	assert_int_equal(webhook_signature_make(
			     h->s, BYTES_LIT(SECRET), early, bytes_of_str(m->body), &expected),
	    OK);
	assert_string_equal(m->signature, expected);
	const struct store_webhook w = find(h, "wh_1");
	assert_int_equal(w.state, STORE_WEBHOOK_DELIVERED);
	assert_int_equal(w.attempts, 1);
	assert_string_equal(w.answer, "HTTP 200");
	assert_true(instant_equal(w.delivered_at, early));
	assert_int_equal(metrics_value(h->f.metrics, METRIC_WEBHOOKS_SENT), 1);
	assert_int_equal(records(h), 1);
}

static void any_2xx_will_do(void **state)
{
	struct house *h = *state;
	for (int status = 200; status < 207; status++) {
		char id[16];
		snprintf(id, sizeof(id), "wh_%d", status);
		atomic_store(&h->status, status);
		add(h, id, "good", id, early);
		assert_int_equal(attempt(h, id, early), WEBHOOK_DELIVERY_DONE);
		assert_int_equal(find(h, id).state, STORE_WEBHOOK_DELIVERED);
	}
}

static void failures_are_tried_again(void **state)
{
	struct house *h = *state;
	static const struct {
		const char *id, *portal;
		int status;
		enum webhook_delivery_outcome outcome;
		const char *answer;
	} cases[] = {
		{ "wh_1", "good", 500, WEBHOOK_DELIVERY_FAILED, "HTTP 500" },
		{ "wh_2", "good", 404, WEBHOOK_DELIVERY_FAILED, "HTTP 404" },
		{ "wh_3", "good", 302, WEBHOOK_DELIVERY_FAILED, "HTTP 302" },
		{ "wh_4", "silent", 200, WEBHOOK_DELIVERY_SILENT, "time-out" },
		{ "wh_5", "refuses", 200, WEBHOOK_DELIVERY_SILENT, "Connection refused" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&h->status, cases[i].status);
		add(h, cases[i].id, cases[i].portal, cases[i].id, early);
		assert_int_equal(attempt(h, cases[i].id, early), cases[i].outcome);
		const struct store_webhook w = find(h, cases[i].id);
		assert_int_equal(w.state, STORE_WEBHOOK_WAITING);
		assert_int_equal(w.attempts, 1);
		assert_non_null(strstr(w.answer, cases[i].answer));
		assert_true(w.next_at.unix_s >= early.unix_s + 8);
		assert_true(w.next_at.unix_s <= early.unix_s + 12);
	}
	assert_int_equal(metrics_value(h->f.metrics, METRIC_WEBHOOKS_FAILED), 5);
}

/* So the receiver can tell a repetition, and a replay. */
static void a_repetition_has_the_same_id_and_a_new_instant(void **state)
{
	struct house *h = *state;
	const struct instant late = { early.unix_s + 400 };
	add(h, "wh_1", "good", "sl_1", early);
	atomic_store(&h->status, 503);
	assert_int_equal(attempt(h, "wh_1", early), WEBHOOK_DELIVERY_FAILED);
	atomic_store(&h->status, 200);
	assert_int_equal(attempt(h, "wh_1", late), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(h->n, 2);
	assert_string_equal(h->message[0].delivery, h->message[1].delivery);
	assert_string_equal(h->message[0].body, h->message[1].body);
	assert_memory_equal(h->message[0].signature, "t=1795000000,", 13);
	assert_memory_equal(h->message[1].signature, "t=1795000400,", 13);
	assert_int_equal(find(h, "wh_1").attempts, 2);
}

static void some_are_given_up(void **state)
{
	struct house *h = *state;
	add(h, "wh_1", "gone", "sl_1", early);
	assert_int_equal(attempt(h, "wh_1", early), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(find(h, "wh_1").state, STORE_WEBHOOK_GIVEN_UP);
	assert_string_equal(find(h, "wh_1").answer, "HTTP 410");
	add(h, "wh_2", "polls", "sl_1", early);
	add(h, "wh_3", "was-removed", "sl_1", early);
	assert_int_equal(attempt(h, "wh_2", early), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(attempt(h, "wh_3", early), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(find(h, "wh_2").state, STORE_WEBHOOK_GIVEN_UP);
	assert_int_equal(find(h, "wh_3").state, STORE_WEBHOOK_GIVEN_UP);
	add(h, "wh_4", "good", "sl_1", early);
	atomic_store(&h->status, 500);
	for (unsigned n = 1; n < LIMIT_WEBHOOK_ATTEMPTS; n++) {
		assert_int_equal(attempt(h, "wh_4", early), WEBHOOK_DELIVERY_FAILED);
		assert_int_equal(find(h, "wh_4").state, STORE_WEBHOOK_WAITING);
	}
	assert_int_equal(attempt(h, "wh_4", early), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(find(h, "wh_4").state, STORE_WEBHOOK_GIVEN_UP);
	assert_int_equal(find(h, "wh_4").attempts, LIMIT_WEBHOOK_ATTEMPTS);
	assert_int_equal(records(h), 4);
}

static void the_secret_is_read_each_time(void **state)
{
	struct house *h = *state;
	const char *expected;
	add(h, "wh_1", "good", "sl_1", early);
	unlink(h->secret);
	assert_int_equal(attempt(h, "wh_1", early), WEBHOOK_DELIVERY_SILENT);
	assert_string_equal(find(h, "wh_1").answer, "its secret cannot be read");
	assert_int_equal(h->n, 0);
	write_secret(h, "another secret of it");
	assert_int_equal(attempt(h, "wh_1", early), WEBHOOK_DELIVERY_DONE);
	assert_int_equal(webhook_signature_make(h->s, BYTES_LIT("another secret of it"), early,
			     bytes_of_str(h->message[0].body), &expected),
	    OK);
	assert_string_equal(h->message[0].signature, expected);
}

/* A fetcher that died is not the portal's fault. */
static void no_fetcher_is_no_attempt(void **state)
{
	struct house *h = *state;
	int fds[2];
	add(h, "wh_1", "good", "sl_1", early);
	const struct store_webhook w = find(h, "wh_1");
	assert_int_equal(link_pair(h->s, fds), OK);
	struct link *link = link_new(fds[0]);
	close(fds[1]);
	assert_int_equal(
	    webhook_delivery_attempt(&h->f, h->s, link, &w, early), WEBHOOK_DELIVERY_IDLE);
	link_free(link);
	assert_int_equal(find(h, "wh_1").attempts, 0);
	assert_int_equal(find(h, "wh_1").state, STORE_WEBHOOK_WAITING);
}

/* -- what is due -- */

static void messages_about_one_thing_keep_their_order(void **state)
{
	struct house *h = *state;
	struct store_webhook_list due;
	const struct instant soon = { early.unix_s + 5 };
	/* Named so that no other order than that of adding is this one. */
	add(h, "wh_z", "good", "sl_1", early);
	add(h, "wh_a", "good", "sl_1", early);
	add(h, "wh_m", "good", "sl_2", early);
	assert_int_equal(store_webhook_list_due(h->s, h->f.store, early, 10, 10, &due), OK);
	assert_int_equal(due.n, 2);
	assert_string_equal(due.webhook[0].id, "wh_z");
	assert_string_equal(due.webhook[1].id, "wh_m");
	/* The first one waits: so does the one behind it. */
	atomic_store(&h->status, 500);
	attempt(h, "wh_z", early);
	assert_int_equal(store_webhook_list_due(h->s, h->f.store, soon, 10, 10, &due), OK);
	assert_int_equal(due.n, 1);
	assert_string_equal(due.webhook[0].id, "wh_m");
	atomic_store(&h->status, 200);
	attempt(h, "wh_z", soon);
	assert_int_equal(store_webhook_list_due(h->s, h->f.store, soon, 10, 10, &due), OK);
	assert_int_equal(due.n, 2);
	assert_string_equal(due.webhook[0].id, "wh_a");
}

static void no_portal_fills_the_list(void **state)
{
	struct house *h = *state;
	struct store_webhook_list due;
	for (int i = 0; i < 20; i++) {
		char id[16];
		snprintf(id, sizeof(id), "wh_%d", i);
		add(h, id, "silent", id, early);
	}
	add(h, "wh_z", "good", "sl_1", (struct instant){ early.unix_s + 1 });
	const struct instant soon = { early.unix_s + 1 };
	assert_int_equal(store_webhook_list_due(h->s, h->f.store, soon, 10, 4, &due), OK);
	assert_int_equal(due.n, 5);
	assert_string_equal(due.webhook[0].id, "wh_z");
	assert_int_equal(store_webhook_list_due(h->s, h->f.store, soon, 3, 4, &due), OK);
	assert_int_equal(due.n, 3);
}

/* -- the threads -- */

static bool are_all_in(struct house *h, uint64_t delivered)
{
	uint64_t n[STORE_WEBHOOK_STATES] = { 0 };
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(store_webhook_count(h->s, h->f.store, n), OK);
		if (n[STORE_WEBHOOK_DELIVERED] == delivered)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

/* One portal says nothing, the others do not wait for it. */
static void the_queue_sends_what_is_due(void **state)
{
	struct house *h = *state;
	struct webhook_queue *q;
	const struct instant now = { time(NULL) };
	char id[32], object[32];
	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof(id), "wh_silent_%d", i);
		add(h, id, "silent", id, now);
	}
	assert_int_equal(webhook_queue_start(&h->f, h->s, &q), OK);
	for (int turn = 0; turn < 3; turn++)
		for (int i = 0; i < 40; i++) {
			snprintf(id, sizeof(id), "wh_%d_%d", i, turn);
			snprintf(object, sizeof(object), "sl_%d", i);
			add(h, id, i % 2 ? "good" : "other", object, now);
		}
	webhook_queue_wake(q);
	assert_true(are_all_in(h, 120));
	webhook_queue_stop(q);
	int last[40];
	memset(last, -1, sizeof(last));
	size_t arrived = 0;
	for (size_t i = 0; i < h->n; i++) {
		int of, turn;
		if (sscanf(h->message[i].delivery, "wh_%d_%d", &of, &turn) != 2)
			continue;
		assert_int_equal(turn, last[of] + 1);
		assert_string_equal(h->message[i].path, of % 2 ? "/good" : "/other");
		last[of] = turn;
		arrived++;
	}
	assert_int_equal(arrived, 120);
	assert_int_equal(records(h), 120);
}

/* The end does not wait for a portal that says nothing, and nothing is lost by it. */
static void the_end_is_at_once(void **state)
{
	struct house *h = *state;
	struct webhook_queue *q;
	add(h, "wh_1", "silent", "sl_1", (struct instant){ time(NULL) });
	assert_int_equal(webhook_queue_start(&h->f, h->s, &q), OK);
	for (size_t n = 0; !n;) {
		pthread_mutex_lock(&h->lock);
		n = h->n;
		pthread_mutex_unlock(&h->lock);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	webhook_queue_stop(q);
	assert_int_equal(find(h, "wh_1").state, STORE_WEBHOOK_WAITING);
	assert_int_equal(find(h, "wh_1").attempts, 0);
	webhook_queue_stop(NULL);
	webhook_queue_wake(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_grow_and_end),
		T(what_a_portal_gets),
		T(any_2xx_will_do),
		T(failures_are_tried_again),
		T(a_repetition_has_the_same_id_and_a_new_instant),
		T(some_are_given_up),
		T(the_secret_is_read_each_time),
		T(no_fetcher_is_no_attempt),
		T(messages_about_one_thing_keep_their_order),
		T(no_portal_fills_the_list),
		T(the_queue_sends_what_is_due),
		cmocka_unit_test_setup_teardown(the_end_is_at_once, set_up_patiently, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
