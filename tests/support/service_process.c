#include "tests/support/service_process.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/process/message.h"
#include "tests/support/mini_ca.h"

/* The test's handlers are not the process's, as they would not be after an exec. */
static void forget_signals(void)
{
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

static struct link *only(int fd)
{
	forget_signals();
	mini_ca_check(fd > STDERR_FILENO, "service_process: descriptor");
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
	return link_new(fd);
}

static void pair(int ends[2])
{
	struct scope *s = scope_new(0);
	mini_ca_check(s && link_pair(s, ends) == OK, "service_process: pair");
	scope_free(s);
}

pid_t service_process_start(int (*run)(struct scope *s, const struct role_context *c),
    const struct configuration *c, struct link **ret_control)
{
	int ends[2];
	pair(ends);
	pid_t pid = fork();
	mini_ca_check(pid >= 0, "service_process: fork");
	if (pid == 0) {
		struct scope *s = scope_new(0);
		const struct role_context context = { .configuration = c,
			.control = only(ends[1]) };
		_exit(s && context.control ? run(s, &context) : 99);
	}
	close(ends[1]);
	*ret_control = link_new(ends[0]);
	return pid;
}

pid_t service_process_answer(
    void (*answer)(void *ctx, struct link *link), void *ctx, int *ret_other_end)
{
	int ends[2];
	pair(ends);
	pid_t pid = fork();
	mini_ca_check(pid >= 0, "service_process: fork");
	if (pid == 0) {
		answer(ctx, only(ends[1]));
		_exit(0);
	}
	close(ends[1]);
	*ret_other_end = ends[0];
	return pid;
}

void service_process_give(struct link *control, enum role role, int fd)
{
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, 64);
	struct bytes content;
	message_put_number(&b, ROLE_FIELD_ROLE, role);
	message_put_number(&b, ROLE_FIELD_INDEX, 1);
	mini_ca_check(buf_done(&b, &content) == OK &&
			  link_send(s, control, CONTROL_PEER, content, &fd, 1) == OK,
	    "service_process: give");
	scope_free(s);
	close(fd);
}

int service_process_end(pid_t pid)
{
	int status = -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}
