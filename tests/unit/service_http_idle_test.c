/* Thousands of connections that say nothing: from a process of its own, since both ends of each
 * would not find room in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "service/front/metrics.h"
#include "tests/support/http_scene.h"

#define IDLE 10000
#define ROOM 12000

static struct http_scene c;

static int setup(void **state)
{
	(void)state;
	http_scene_begin(&c);
	c.configuration.limits.connections_per_address = ROOM;
	c.configuration.limits.idle_seconds = 300;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_scene_end(&c);
	return 0;
}

static rlim_t files(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r))
		return 0;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	return r.rlim_cur;
}

struct crowd {
	pid_t pid;
	int go, ready; /* pipes */
};

/* Connects n times, each connection with half a request, says when all are there, and stays until
 * told. */
static void crowd_run(unsigned n, int ready, int go)
{
	char octet = 'r';
	files();
	for (unsigned i = 0; i < n; i++) {
		int fd = http_client_connect(c.port);
		if (i % 2)
			http_client_say(fd, "GET /hello HT");
	}
	if (write(ready, &octet, 1) != 1 || read(go, &octet, 1) < 0)
		_exit(1);
	_exit(0);
}

static struct crowd crowd_begin(unsigned n)
{
	int ready[2], go[2];
	char octet;
	assert_true(!pipe(ready) && !pipe(go));
	struct crowd crowd = { fork(), go[1], ready[0] };
	assert_true(crowd.pid >= 0);
	if (!crowd.pid) {
		close(go[1]);
		crowd_run(n, ready[1], go[0]);
	}
	close(ready[1]);
	close(go[0]);
	assert_int_equal(read(crowd.ready, &octet, 1), 1);
	return crowd;
}

static void crowd_end(struct crowd *crowd)
{
	int status;
	close(crowd->go);
	close(crowd->ready);
	assert_int_equal(waitpid(crowd->pid, &status, 0), crowd->pid);
	assert_int_equal(status, 0);
}

static int64_t connections(void)
{
	return metrics_value(c.front.metrics, METRIC_CONNECTIONS);
}

static void assert_serves(void)
{
	http_scene_ask(&c, "GET /hello" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 200);
	http_scene_post(&c, "/parts", HTTP_SCENE_MULTIPART, HTTP_SCENE_FILE "--XX--\r\n");
	assert_int_equal(c.reply.status, 200);
}

static void test_ten_thousand(void **state)
{
	(void)state;
	if (files() < ROOM / 7 * 8 + 100) {
		print_message(
		    "the limit of open files is under %d: not tried\n", ROOM / 7 * 8 + 100);
		http_scene_start(&c);
		skip();
	}
	c.configuration.limits.connections = ROOM;
	http_scene_start(&c);
	struct crowd crowd = crowd_begin(IDLE);
	for (int i = 0; i < 3000 && connections() < IDLE; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	assert_int_equal(connections(), IDLE);
	assert_serves();
	crowd_end(&crowd);
	for (int i = 0; i < 3000 && connections(); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	assert_int_equal(connections(), 0);
	assert_serves();
}

/* More than there is room for: those that were silent for longest go, and who asks is answered. */
static void test_crowded_out(void **state)
{
	(void)state;
	c.configuration.limits.connections = 100;
	http_scene_start(&c);
	struct crowd crowd = crowd_begin(400);
	for (int i = 0; i < 10; i++)
		assert_serves();
	assert_true(connections() <= 100);
	assert_true(metrics_value(c.front.metrics, METRIC_CONNECTIONS_ENDED) >= 300);
	crowd_end(&crowd);
}

/* One address may not take all of them. */
static void test_per_address(void **state)
{
	(void)state;
	c.configuration.limits.connections = 100;
	c.configuration.limits.connections_per_address = 10;
	http_scene_start(&c);
	int fd[12];
	for (int i = 0; i < 12; i++)
		fd[i] = http_client_connect(c.port);
	assert_true(http_client_is_closed(fd[10]));
	assert_true(http_client_is_closed(fd[11]));
	for (int i = 0; i < 10; i++) {
		http_client_say(fd[i], "GET /hello" HTTP_SCENE_HEAD "\r\n");
		http_client_receive(fd[i], false, &c.reply);
		assert_int_equal(c.reply.status, 200);
	}
	for (int i = 0; i < 12; i++)
		close(fd[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_ten_thousand),
		T(test_crowded_out),
		T(test_per_address),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
