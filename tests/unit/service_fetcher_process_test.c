/* The fetcher as a process of its own: told by its steward, confined, with peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/timestamp.h"
#include "service/fetcher/fetcher_client.h"
#include "service/fetcher/fetcher_world.h"
#include "service/process/confinement.h"
#include "tests/support/loopback_server.h"
#include "tests/support/office.h"

struct steward {
	struct scope *s;
	pid_t pid;
	struct link *control;
	struct loopback_server *server;
	struct office *office;
	struct bytes crl;
	atomic_int requests;
	char folder[64];
};

/* The canned authority of the office, over HTTP. Nobody else is in the office meanwhile. */
static bool be_the_authority(struct steward *w, int fd, struct bytes query)
{
	const struct fetch_request want = {
		.kind = FETCH_TIMESTAMP, .url = "http://tsa.test/", .body = query
	};
	const struct world *canned = &w->office->w->world;
	struct fetch_reply reply;
	struct scope *s = scope_new(0);
	if (canned->fetch(canned->ctx, s, &want, &reply) == OK)
		loopback_server_ok(fd, "application/timestamp-reply", reply.body);
	else
		loopback_server_say(fd, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
	scope_free(s);
	return true;
}

static bool answer(void *ctx, int fd, const struct loopback_request *r)
{
	struct steward *w = ctx;
	atomic_fetch_add(&w->requests, 1);
	if (!strcmp(r->path, "/tsa"))
		return be_the_authority(w, fd, r->body);
	if (!strcmp(r->path, "/crl"))
		loopback_server_ok(fd, "application/pkix-crl", w->crl);
	else
		loopback_server_ok(fd, "text/plain", BYTES_LIT("hello"));
	return true;
}

/* -- the process -- */

static _Noreturn void be_the_fetcher(int fd)
{
	struct scope *s = scope_new(0);
	struct role_context c = { .control = link_new(fd) };
	struct link_frame f;
	if (!s || !c.control || confinement_prepare(s, ROLE_FETCHER) != OK ||
	    link_receive(s, c.control, 20000, LIMIT_CONTROL_FRAME, 0, &f) != OK ||
	    role_take_configuration(s, f.content, &c.configuration, NULL) != OK)
		_exit(99);
	_exit(fetcher_process_run(s, &c));
}

static void begin(struct steward *w)
{
	char text[1024];
	struct buf b = buf_new(w->s, LIMIT_CONTROL_FRAME);
	struct link_frame f;
	snprintf(text, sizeof(text),
	    "{\"data\":\"%s\",\"organisation\":\"Fund\",\"trust\":[\"/none\"],"
	    "\"tsa\":[\"http://127.0.0.1:%d/tsa\"],\"listeners\":{"
	    "\"api\":{\"address\":\"127.0.0.1\",\"port\":0},"
	    "\"window\":{\"address\":\"127.0.0.1\",\"port\":0},"
	    "\"desk\":{\"address\":\"127.0.0.1\",\"port\":0}},"
	    "\"portals\":[{\"id\":\"fund\",\"name\":\"Fund\",\"apiKeySha256\":"
	    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
	    "\"webhook\":{\"url\":\"http://127.0.0.1:%d/hook\",\"secretFile\":\"/none\"}}]}",
	    w->folder, loopback_server_port(w->server), loopback_server_port(w->server));
	message_put_bytes(&b, ROLE_FIELD_CONFIGURATION, bytes_of_str(text));
	message_put_number(&b, ROLE_FIELD_INDEX, 0);
	message_put_text(&b, ROLE_FIELD_FOLDER, w->folder);
	assert_int_equal(link_send(w->s, w->control, CONTROL_BEGIN, buf_bytes(&b), NULL, 0), OK);
	assert_int_equal(link_receive(w->s, w->control, 20000, 100, 0, &f), OK);
	assert_int_equal(f.kind, CONTROL_READY);
}

static void make_list(struct steward *w)
{
	const struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(w->office->p, "ca"),
		.key = mini_pki_private(w->office->p, "ca"),
		.this_update = time(NULL) - 60,
		.next_update = time(NULL) + 86400 };
	w->crl = mini_ca_revocation_crl(w->office->s, &spec);
}

/* The child is there before any thread is. */
static int set_up(void **state)
{
	struct steward *w = calloc(1, sizeof(*w));
	char cache[80];
	int ends[2];
	w->s = scope_new(0);
	strcpy(w->folder, "/tmp/bulla-fetcher-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(cache, sizeof(cache), "%s/cache", w->folder);
	assert_int_equal(mkdir(cache, 0700), 0);
	assert_int_equal(link_pair(w->s, ends), OK);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		close(ends[0]);
		be_the_fetcher(ends[1]);
	}
	close(ends[1]);
	w->control = link_new(ends[0]);
	w->office = office_open();
	make_list(w);
	w->server = loopback_server_start(answer, w);
	assert_non_null(w->server);
	begin(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct steward *w = *state;
	char command[128];
	int status;
	link_free(w->control);
	if (w->pid > 0) {
		assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
		assert_true(WIFEXITED(status));
	}
	loopback_server_stop(w->server);
	office_close(w->office);
	scope_free(w->s);
	snprintf(command, sizeof(command), "rm -rf %s", w->folder);
	int removed = system(command);
	free(w);
	return removed;
}

static struct link *introduce(struct steward *w, enum role role)
{
	int ends[2];
	struct buf b = buf_new(w->s, LIMIT_CONTROL_FRAME);
	assert_int_equal(link_pair(w->s, ends), OK);
	message_put_number(&b, ROLE_FIELD_ROLE, role);
	message_put_number(&b, ROLE_FIELD_INDEX, 1);
	assert_int_equal(link_send(w->s, w->control, CONTROL_PEER, buf_bytes(&b), &ends[1], 1), OK);
	close(ends[1]);
	return link_new(ends[0]);
}

static enum err get(struct steward *w, struct fetcher_world *world, enum fetch_kind kind,
    const char *host, const char *path)
{
	char url[LOOPBACK_SERVER_URL];
	struct fetch_reply reply;
	snprintf(url, sizeof(url), "http://%s:%d%s", host, loopback_server_port(w->server), path);
	const struct fetch_request want = { .kind = kind,
		.url = url,
		.body = kind == FETCH_TIMESTAMP ? BYTES_LIT("0") : BYTES_NONE };
	scope_forgive(w->s);
	return world->world.fetch(world->world.ctx, w->s, &want, &reply);
}

static size_t kept(const struct steward *w)
{
	char path[80];
	size_t n = 0;
	snprintf(path, sizeof(path), "%s/cache", w->folder);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *d; (d = readdir(dir));)
		n += strlen(d->d_name) >= 32;
	closedir(dir);
	return n;
}

/* What it may do still works within its bounds: names are resolved, answers are kept. */
static void it_works_confined(void **state)
{
	struct steward *w = *state;
	struct link *worker = introduce(w, ROLE_WORKER), *front = introduce(w, ROLE_FRONT);
	struct fetcher_world *world;
	const struct fetcher_webhook hook = { "fund", "a", "wh_1", "t=1,v1=0", BYTES_LIT("{}") };
	struct fetcher_status st;
	int status;
	assert_int_equal(fetcher_world_new(w->s, worker, &world), OK);
	assert_int_equal(get(w, world, FETCH_CERTIFICATE, "localhost", "/x"), OK);
	assert_int_equal(kept(w), 0);
	assert_int_equal(get(w, world, FETCH_CRL, "127.0.0.1", "/crl"), OK);
	assert_int_equal(kept(w), 1);
	assert_int_equal(get(w, world, FETCH_TIMESTAMP, "127.0.0.1", "/other"), ERR_DENIED);
	scope_forgive(w->s);
	assert_int_equal(fetcher_client_webhook(w->s, front, &hook, &status), OK);
	assert_int_equal(status, 200);
	assert_int_equal(fetcher_client_status(w->s, front, &st), OK);
	assert_int_equal(st.count[FETCHER_STATUS_CRL][FETCHER_STATUS_FETCHED], 1);
	assert_true(fetcher_status_has_authority(&st));
	link_free(worker);
	link_free(front);
}

/* For workers and for the front's log alike: with a nonce from this world's randomness, checked as
 * any other token. */
static void tokens_are_what_was_asked_for(void **state)
{
	struct steward *w = *state;
	const enum role roles[] = { ROLE_WORKER, ROLE_FRONT };
	char url[LOOPBACK_SERVER_URL];
	const char *const urls[] = { url };
	struct digest imprint;
	loopback_server_url(w->server, "/tsa", url);
	assert_int_equal(digest_of_bytes(w->s, DIGEST_SHA256, BYTES_LIT("root"), &imprint), OK);
	for (size_t i = 0; i < 2; i++) {
		struct link *link = introduce(w, roles[i]);
		struct fetcher_world *world;
		struct bytes token;
		assert_int_equal(fetcher_world_new(w->s, link, &world), OK);
		assert_int_equal(
		    timestamp_obtain(w->s, &world->world, urls, 1, &imprint, &token), OK);
		assert_true(token.n > 0);
		link_free(link);
	}
	struct link *front = introduce(w, ROLE_FRONT);
	struct fetcher_status st;
	assert_int_equal(fetcher_client_status(w->s, front, &st), OK);
	assert_int_equal(st.count[FETCHER_STATUS_TIMESTAMP][FETCHER_STATUS_FETCHED], 2);
	assert_true(instant_is_known(st.authority[0].answered));
	assert_true(fetcher_status_has_authority(&st));
	link_free(front);
}

/* As the kernel tells it. */
static void the_kernel_holds_it(void **state)
{
	struct steward *w = *state;
	char path[64], line[256];
	int found = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->pid);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		found += !strcmp(line, "NoNewPrivs:\t1\n") || !strcmp(line, "Seccomp:\t2\n");
	fclose(file);
	assert_int_equal(found, 2);
}

/* A keeper has nothing to ask. */
static void others_get_nothing(void **state)
{
	struct steward *w = *state;
	struct link *keeper = introduce(w, ROLE_KEEPER);
	struct fetcher_world *world;
	assert_int_equal(fetcher_world_new(w->s, keeper, &world), OK);
	assert_int_equal(get(w, world, FETCH_TIMESTAMP, "127.0.0.1", "/tsa"), ERR_DENIED);
	assert_int_equal(atomic_load(&w->requests), 0);
	link_free(keeper);
}

static void it_stops_when_it_is_told(void **state)
{
	struct steward *w = *state;
	struct link *worker = introduce(w, ROLE_WORKER);
	struct fetcher_world *world;
	int status;
	assert_int_equal(fetcher_world_new(w->s, worker, &world), OK);
	assert_int_equal(get(w, world, FETCH_CERTIFICATE, "127.0.0.1", "/x"), OK);
	assert_int_equal(link_send(w->s, w->control, CONTROL_STOP, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	w->pid = 0;
	assert_int_equal(get(w, world, FETCH_CERTIFICATE, "127.0.0.1", "/x"), ERR_NET);
	assert_true(fetcher_world_is_broken(world));
	link_free(worker);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_works_confined),
		T(tokens_are_what_was_asked_for),
		T(the_kernel_holds_it),
		T(others_get_nothing),
		T(it_stops_when_it_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
