/*
 * The steward with real processes that do nothing but tell what they are told: this program is
 * started again as them. Each writes lines into DATA/trace:
 *
 *	front 3 begun / front 3 peer worker 2 / front 3 stop / worker 2 asked
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/process/message.h"
#include "service/process/role.h"
#include "service/process/steward.h"

#define PATIENCE 400 /* times 50 ms */
#define PEERS 64

/* -- what the processes do -- */
static void trace(const char *data, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void trace(const char *data, const char *fmt, ...)
{
	char path[256], line[256];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	line[n++] = '\n';
	snprintf(path, sizeof(path), "%s/trace", data);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		_exit(90);
	close(fd);
}

struct fake {
	const char *role, *data;
	unsigned index;
	struct link *control, *peer[PEERS];
	size_t n;
};

/* The front asks each worker, which answers once with its own index. */
static void greet(struct scope *s, const struct fake *f, struct role_peer *p)
{
	if (p->role == ROLE_WORKER && !strcmp(f->role, "front") &&
	    link_send(s, p->link, 1, BYTES_LIT("hello"), NULL, 0) != OK)
		trace(f->data, "front %u cannot speak to worker %u", f->index, p->index);
	if (p->role == ROLE_OPERATOR && link_send(s, p->link, 2, BYTES_LIT("here"), NULL, 0) != OK)
		trace(f->data, "keeper %u cannot speak to the operator", f->index);
}

static void take_peer(struct scope *s, struct fake *f, struct link_frame *frame)
{
	struct role_peer p;
	if (role_take_peer(s, f->control, frame, &p) != OK || f->n == PEERS)
		_exit(91);
	trace(f->data, "%s %u peer %s %u", f->role, f->index, role_name(p.role), p.index);
	greet(s, f, &p);
	f->peer[f->n++] = p.link;
}

static void listen_to_front(struct scope *s, const struct fake *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct link_frame frame;
		if (!link_is_broken(f->peer[i]) &&
		    link_receive(s, f->peer[i], 0, 10, 0, &frame) == OK)
			trace(f->data, "%s %u asked", f->role, f->index);
		scope_forgive(s);
	}
}

/* Kills a worker on request, as a front does with one that overran. */
static void ask_for_an_end(struct scope *s, const struct fake *f)
{
	char path[256], text[16] = "";
	snprintf(path, sizeof(path), "%s/end", f->data);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0) {
		struct buf b = buf_new(s, 64);
		message_put_number(&b, ROLE_FIELD_INDEX, atoi(text));
		if (link_send(s, f->control, CONTROL_END, buf_bytes(&b), NULL, 0) != OK)
			_exit(92);
	}
	close(fd);
	unlink(path);
}

static int serve(const struct role_context *c, const char *role)
{
	struct fake f = { .role = role,
		.data = c->configuration->data,
		.index = c->index,
		.control = c->control };
	struct scope *s = scope_new(0);
	trace(f.data, "%s %u begun %s", role, f.index, c->configuration->organisation);
	if (!s || link_send(s, c->control, CONTROL_READY, BYTES_NONE, NULL, 0) != OK)
		return 93;
	for (;;) {
		struct link_frame frame;
		enum err e = link_receive(s, c->control, 20, LIMIT_CONTROL_FRAME, 1, &frame);
		scope_forgive(s);
		if (e == OK && frame.kind == CONTROL_PEER)
			take_peer(s, &f, &frame);
		else if (e == OK && frame.kind == CONTROL_RELOAD)
			trace(f.data, "%s %u reload", role, f.index);
		else if (e == OK && frame.kind == CONTROL_STOP)
			break;
		else if (e == ERR_IO)
			return 94;
		if (!strcmp(role, "worker"))
			listen_to_front(s, &f);
		if (!strcmp(role, "front"))
			ask_for_an_end(s, &f);
	}
	trace(f.data, "%s %u stop", role, f.index);
	return 0;
}

static int be_role(const char *role)
{
	struct link_frame frame;
	struct role_context c = { .control = link_new(3) };
	struct scope *s = scope_new(0);
	signal(SIGTERM, SIG_IGN);
	if (!s || link_receive(s, c.control, 1000, LIMIT_CONTROL_FRAME, 0, &frame) != OK ||
	    frame.kind != CONTROL_BEGIN ||
	    role_take_configuration(s, frame.content, &c.configuration, &c.index) != OK)
		return 95;
	/* A process that cannot begin. */
	if (!strcmp(c.configuration->organisation, "broken") && !strcmp(role, "fetcher"))
		return 96;
	return serve(&c, role);
}

/* -- the tests' side -- */
struct service {
	char folder[128], data[160], config[160];
	pid_t pid;
};

static void write_config(const struct service *v, const char *organisation)
{
	FILE *f = fopen(v->config, "w");
	assert_non_null(f);
	fprintf(f,
	    "{\"data\":\"data\",\"organisation\":\"%s\",\"trust\":[],\"tsa\":[],"
	    "\"workers\":{\"number\":2},\"listeners\":{\"api\":{\"address\":\"127.0.0.1\"},"
	    "\"window\":{\"address\":\"127.0.0.1\"},\"desk\":{\"address\":\"127.0.0.1\"}}}",
	    organisation);
	fclose(f);
}

static struct service begin(const char *organisation)
{
	struct service v = { 0 };
	const char *tmp = getenv("TMPDIR");
	snprintf(v.folder, sizeof(v.folder), "%.60s/steward-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(v.folder));
	snprintf(v.data, sizeof(v.data), "%s/data", v.folder);
	snprintf(v.config, sizeof(v.config), "%s/bulla.json", v.folder);
	write_config(&v, organisation);
	fflush(NULL);
	v.pid = fork();
	assert_true(v.pid >= 0);
	if (v.pid == 0) {
		struct scope *s = scope_new(0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int said = open("/dev/null", O_WRONLY);
		dup2(said, 2);
		_exit(s && steward_run(s, v.config) == OK ? 0 : 1);
	}
	return v;
}

static void pause_a_moment(void)
{
	nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
}

/* How many lines of the trace hold the text. */
static unsigned count(const struct service *v, const char *text)
{
	char path[256], line[256];
	unsigned n = 0;
	snprintf(path, sizeof(path), "%s/trace", v->data);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return n;
}

static void expect(const struct service *v, const char *text, unsigned n)
{
	for (int i = 0; i < PATIENCE && count(v, text) < n; i++)
		pause_a_moment();
	assert_int_equal(count(v, text), n);
}

static void expect_all(const struct service *v)
{
	expect(v, "keeper 1 begun", 1);
	expect(v, "fetcher 2 begun", 1);
	expect(v, "worker 3 begun", 1);
	expect(v, "worker 4 begun", 1);
	expect(v, "front 5 begun", 1);
	expect(v, "front 5 peer", 2 + 4 + 4);
	expect(v, "keeper 1 peer worker", 2);
	expect(v, "keeper 1 peer front", 4);
	expect(v, "fetcher 2 peer worker", 2);
	expect(v, "fetcher 2 peer front", 4);
	expect(v, "worker 3 peer", 3);
	expect(v, "worker 4 peer", 3);
	expect(v, "asked", 2);
}

static void end(struct service *v, int signal_number, int want)
{
	int status = 0;
	char command[256];
	kill(v->pid, signal_number);
	assert_int_equal(waitpid(v->pid, &status, 0), v->pid);
	assert_int_equal(status, want);
	snprintf(command, sizeof(command), "rm -rf '%s'", v->folder);
	assert_int_equal(system(command), 0);
}

/* The first octets of a file of a process, NUL and all. */
static size_t read_of(const char *pid, const char *name, char *into, size_t n)
{
	char path[300];
	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, into, n - 1);
	if (fd >= 0)
		close(fd);
	into[got > 0 ? got : 0] = 0;
	return got > 0 ? (size_t)got : 0;
}

static bool is_role_of(const char *pid, pid_t parent, const char *role)
{
	char line[256], title[256];
	const char *const words = "bulla\0serve-role";
	read_of(pid, "stat", line, sizeof(line));
	const char *after = strrchr(line, ')');
	const size_t n = read_of(pid, "cmdline", title, sizeof(title));
	return after && strlen(after) > 4 && atoi(after + 4) == parent && n > 17 &&
	       !memcmp(title, words, 17) && !strcmp(title + 17, role);
}

/* The process of a role, of the steward's children. */
static pid_t pid_of(const struct service *v, const char *role)
{
	pid_t pid = 0;
	DIR *all = opendir("/proc");
	assert_non_null(all);
	for (const struct dirent *e; !pid && (e = readdir(all));)
		if (is_role_of(e->d_name, v->pid, role))
			pid = atoi(e->d_name);
	closedir(all);
	assert_true(pid > 0);
	return pid;
}

static void all_start_are_connected_and_stop(void **state)
{
	(void)state;
	struct service v = begin("Fund");
	expect_all(&v);
	kill(v.pid, SIGTERM);
	expect(&v, "front 5 stop", 1);
	expect(&v, "worker 3 stop", 1);
	expect(&v, "worker 4 stop", 1);
	expect(&v, "keeper 1 stop", 1);
	expect(&v, "fetcher 2 stop", 1);
	end(&v, SIGTERM, 0);
}

static void whoever_dies_is_replaced_and_connected(void **state)
{
	(void)state;
	static const struct {
		const char *role, *begun, *peers;
		unsigned n;
	} cases[] = {
		{ "worker", "worker 6 begun", "worker 6 peer", 3 },
		{ "keeper", "keeper 6 begun", "keeper 6 peer", 6 },
		{ "fetcher", "fetcher 6 begun", "fetcher 6 peer", 6 },
		{ "front", "front 6 begun", "front 6 peer", 10 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct service v = begin("Fund");
		expect_all(&v);
		kill(pid_of(&v, cases[i].role), SIGKILL);
		expect(&v, cases[i].begun, 1);
		expect(&v, cases[i].peers, cases[i].n);
		end(&v, SIGTERM, 0);
	}
}

static void a_worker_that_overran_is_ended(void **state)
{
	(void)state;
	char path[256];
	struct service v = begin("Fund");
	expect_all(&v);
	snprintf(path, sizeof(path), "%s/end.new", v.data);
	FILE *f = fopen(path, "w");
	fprintf(f, "4");
	fclose(f);
	char to[256];
	snprintf(to, sizeof(to), "%s/end", v.data);
	assert_int_equal(rename(path, to), 0);
	expect(&v, "worker 6 peer", 3);
	assert_int_equal(count(&v, "worker 4 stop"), 0);
	end(&v, SIGTERM, 0);
}

static void who_cannot_begin_is_tried_again_and_does_not_stop_the_rest(void **state)
{
	(void)state;
	struct service v = begin("broken");
	expect(&v, "front 5 begun", 1);
	write_config(&v, "Fund");
	kill(v.pid, SIGHUP);
	for (int i = 0; i < PATIENCE && !count(&v, "fetcher"); i++)
		pause_a_moment();
	expect(&v, "front 5 reload", 1);
	for (int i = 0; i < PATIENCE && count(&v, "begun Fund") < 3; i++)
		pause_a_moment();
	assert_true(count(&v, "begun Fund") >= 3); /* two workers, the fetcher */
	end(&v, SIGTERM, 0);
}

static void a_reload_replaces_workers_and_fetcher_but_not_the_keeper(void **state)
{
	(void)state;
	struct service v = begin("Fund");
	expect_all(&v);
	write_config(&v, "Changed");
	kill(v.pid, SIGHUP);
	expect(&v, "front 5 reload", 1);
	expect(&v, "begun Changed", 3);
	assert_int_equal(count(&v, "keeper 1 stop"), 0);
	expect(&v, "keeper 1 peer worker", 4);
	end(&v, SIGTERM, 0);
}

static void a_configuration_with_a_fault_changes_nothing(void **state)
{
	(void)state;
	struct service v = begin("Fund");
	expect_all(&v);
	write_config(&v, "\",\"colour\":\"");
	kill(v.pid, SIGHUP);
	for (int i = 0; i < 10; i++)
		pause_a_moment();
	assert_int_equal(count(&v, "reload"), 0);
	assert_int_equal(count(&v, "begun"), 5);
	end(&v, SIGTERM, 0);
}

/* Not when it only waits to be reaped. */
static bool is_running(pid_t pid)
{
	char path[64], line[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return false;
	const char *end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return end && end[1] && end[2] != 'Z' && end[2] != 'X';
}

static void all_end_with_the_steward(void **state)
{
	(void)state;
	struct service v = begin("Fund");
	expect_all(&v);
	static const char *const roles[] = { "front", "worker", "keeper", "fetcher" };
	pid_t pid[4];
	for (size_t i = 0; i < 4; i++)
		pid[i] = pid_of(&v, roles[i]);
	kill(v.pid, SIGKILL);
	for (size_t i = 0; i < 4; i++) {
		for (int k = 0; k < PATIENCE && is_running(pid[i]); k++)
			pause_a_moment();
		assert_false(is_running(pid[i]));
	}
	v.pid = waitpid(v.pid, NULL, 0);
	char command[256];
	snprintf(command, sizeof(command), "rm -rf '%s'", v.folder);
	assert_int_equal(system(command), 0);
}

static void the_operator_speaks_to_the_keeper(void **state)
{
	(void)state;
	struct service v = begin("Fund");
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct link_frame frame;
	struct scope *s = scope_new(0);
	expect_all(&v);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/run/admin.sock", v.data);
	struct stat st;
	assert_int_equal(stat(at.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	struct link *l = link_new(fd);
	assert_int_equal(link_receive(s, l, 10000, 10, 0, &frame), OK);
	assert_true(bytes_equal_str(frame.content, "here"));
	expect(&v, "keeper 1 peer operator", 1);
	link_free(l);
	scope_free(s);
	end(&v, SIGTERM, 0);
}

static void a_second_service_on_the_same_data_is_refused(void **state)
{
	(void)state;
	int status = 0;
	struct service v = begin("Fund");
	expect_all(&v);
	fflush(NULL);
	pid_t second = fork();
	if (second == 0) {
		struct scope *s = scope_new(0);
		enum err e = steward_run(s, v.config);
		_exit(e == ERR_DENIED && strstr(scope_fault_text(s), "another service") ? 0 : 1);
	}
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_int_equal(status, 0);
	end(&v, SIGTERM, 0);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve-role"))
		return be_role(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_start_are_connected_and_stop),
		cmocka_unit_test(whoever_dies_is_replaced_and_connected),
		cmocka_unit_test(a_worker_that_overran_is_ended),
		cmocka_unit_test(who_cannot_begin_is_tried_again_and_does_not_stop_the_rest),
		cmocka_unit_test(a_reload_replaces_workers_and_fetcher_but_not_the_keeper),
		cmocka_unit_test(a_configuration_with_a_fault_changes_nothing),
		cmocka_unit_test(all_end_with_the_steward),
		cmocka_unit_test(the_operator_speaks_to_the_keeper),
		cmocka_unit_test(a_second_service_on_the_same_data_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
