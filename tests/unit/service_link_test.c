#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/process/message.h"

struct both {
	struct scope *s;
	struct link *a, *b;
};

static struct both open_both(void)
{
	struct both t = { .s = scope_new(0) };
	int fds[2];
	assert_int_equal(link_pair(t.s, fds), OK);
	t.a = link_new(fds[0]);
	t.b = link_new(fds[1]);
	assert_true(t.a && t.b);
	return t;
}

static void close_both(struct both *t)
{
	link_free(t->a);
	link_free(t->b);
	scope_free(t->s);
}

static void frames_arrive_as_they_were_sent(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(link_send(t.s, t.a, 7, BYTES_LIT("seven"), NULL, 0), OK);
	assert_int_equal(link_send(t.s, t.a, 8, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 0, &f), OK);
	assert_int_equal(f.kind, 7);
	assert_true(bytes_equal_str(f.content, "seven"));
	assert_int_equal(link_receive(t.s, t.b, 1000, 0, 0, &f), OK);
	assert_int_equal(f.kind, 8);
	assert_int_equal(f.content.n, 0);
	close_both(&t);
}

static void nothing_in_time_breaks_nothing(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(link_receive(t.s, t.b, 10, 5, 0, &f), ERR_LIMIT);
	assert_false(link_is_broken(t.b));
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_LIT("x"), NULL, 0), OK);
	assert_int_equal(link_receive(t.s, t.b, 10, 5, 0, &f), OK);
	close_both(&t);
}

static void one_octet_too_much_breaks_the_link(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_LIT("sixsix"), NULL, 0), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 0, &f), ERR_LIMIT);
	assert_true(link_is_broken(t.b));
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 0, &f), ERR_IO);
	assert_int_equal(link_send(t.s, t.b, 1, BYTES_NONE, NULL, 0), ERR_IO);
	close_both(&t);
}

static void half_a_frame_breaks_the_link(void **state)
{
	(void)state;
	for (size_t n = 1; n < 16; n += 7) {
		struct both t = open_both();
		struct link_frame f;
		assert_int_equal(
		    write(link_descriptor(t.a), "\x6c\x6c\x75\x42\0\0\0\0\0\0\0\0\0\0\0\0", n), n);
		assert_int_equal(link_receive(t.s, t.b, 10, 5, 0, &f), ERR_LIMIT);
		assert_true(link_is_broken(t.b));
		close_both(&t);
	}
}

static void what_is_no_frame_is_refused(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(write(link_descriptor(t.a), "GET / HTTP/1.1\r\n\r\n", 18), 18);
	assert_int_equal(link_receive(t.s, t.b, 1000, 100, 0, &f), ERR_FORMAT);
	assert_true(link_is_broken(t.b));
	close_both(&t);
}

static void the_other_side_gone_is_told(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	link_free(t.a);
	t.a = NULL;
	assert_int_equal(link_receive(t.s, t.b, -1, 5, 0, &f), ERR_IO);
	close_both(&t);
	t = open_both();
	link_free(t.b);
	t.b = NULL;
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_LIT("x"), NULL, 0), ERR_IO);
	close_both(&t);
}

static bool is_open(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0;
}

static void files_go_with_a_frame(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	int pipes[2];
	char octet = 0;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_LIT("take"), pipes, 2), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 2, &f), OK);
	assert_int_equal(f.n_fds, 2);
	int mine = link_take_file(t.b, &f, 0), other = f.fd[1];
	assert_int_equal(link_take_file(t.b, &f, 0), -1);
	assert_int_equal(link_take_file(t.b, &f, 2), -1);
	assert_int_equal(write(pipes[1], "!", 1), 1);
	assert_int_equal(read(mine, &octet, 1), 1);
	assert_int_equal(octet, '!');
	/* What was not taken is closed by the next call. */
	assert_int_equal(link_send(t.s, t.a, 2, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 0, &f), OK);
	assert_false(is_open(other));
	assert_true(is_open(mine));
	close(mine);
	close(pipes[0]);
	close(pipes[1]);
	close_both(&t);
}

static void files_nobody_asked_for_are_closed(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	int before = dup(0);
	close(before);
	const int fds[5] = { 0, 0, 0, 0, 0 };
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_NONE, fds, 5), ERR_MISUSE);
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_NONE, fds, 2), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 5, 1, &f), ERR_FORMAT);
	assert_true(link_is_broken(t.b));
	int after = dup(0);
	assert_int_equal(before, after);
	close(after);
	close_both(&t);
}

static void a_secret_is_wiped(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(link_send(t.s, t.a, 1, BYTES_LIT("correct horse"), NULL, 0), OK);
	assert_int_equal(link_receive(t.s, t.b, 1000, 50, 0, &f), OK);
	link_wipe(t.b);
	for (size_t i = 0; i < f.content.n; i++)
		assert_int_equal(f.content.p[i], 0);
	close_both(&t);
}

/* -- messages -- */
static struct bytes sample(struct scope *s)
{
	struct buf b = buf_new(s, 4096);
	struct bytes content;
	message_put_text(&b, 1, "a text");
	message_put_number(&b, 2, -5);
	message_put_bytes(&b, 3, BYTES_LIT("\x00\xff"));
	message_put_bytes(&b, 3, BYTES_LIT("more"));
	message_put_text(&b, 4, NULL);
	assert_int_equal(buf_done(&b, &content), OK);
	return content;
}

static void fields_are_read_as_they_were_put(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct message m;
	const char *text;
	int64_t number;
	struct bytes b;
	assert_int_equal(message_parse(s, sample(s), &m), OK);
	assert_int_equal(message_text(&m, 1, 6, &text), OK);
	assert_string_equal(text, "a text");
	assert_int_equal(message_number(&m, 2, -5, -5, &number), OK);
	assert_int_equal(number, -5);
	assert_int_equal(message_done(&m), ERR_FORMAT);
	assert_int_equal(message_count(&m, 3), 2);
	assert_int_equal(message_bytes(&m, 3, 4, &b), ERR_FORMAT);
	assert_int_equal(message_bytes_at(&m, 3, 0, 2, &b), OK);
	assert_int_equal(message_bytes_at(&m, 3, 1, 4, &b), OK);
	assert_true(bytes_equal_str(b, "more"));
	assert_int_equal(message_text_or_null(&m, 4, 4, &text), OK);
	assert_null(text);
	assert_int_equal(message_number_or(&m, 4, 0, 1, 1, &number), OK);
	assert_int_equal(number, 1);
	scope_forgive(s);
	assert_int_equal(message_done(&m), OK);
	scope_free(s);
}

static void values_out_of_bounds_are_refused(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct message m;
	const char *text;
	int64_t number;
	struct bytes b;
	assert_int_equal(message_parse(s, sample(s), &m), OK);
	assert_int_equal(message_text(&m, 1, 5, &text), ERR_LIMIT);
	assert_int_equal(message_text_at(&m, 3, 0, 5, &text), ERR_FORMAT);
	assert_int_equal(message_number(&m, 2, -4, 5, &number), ERR_FORMAT);
	assert_int_equal(message_number(&m, 2, -9, -6, &number), ERR_FORMAT);
	assert_int_equal(message_number(&m, 1, -9, 9, &number), ERR_FORMAT);
	assert_int_equal(message_bytes(&m, 9, 5, &b), ERR_FORMAT);
	scope_free(s);
}

static void each_cut_message_is_refused(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct bytes whole = sample(s);
	struct message m;
	unsigned good = 0;
	for (size_t n = 0; n < whole.n; n++)
		good += message_parse(s, bytes_cut(whole, 0, n), &m) == OK;
	assert_int_equal(good, 4); /* nothing, and after each field */
	scope_free(s);
}

static void fields_out_of_order_are_refused(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, 4096);
	struct message m;
	message_put_text(&b, 2, "b");
	message_put_text(&b, 1, "a");
	assert_int_equal(message_parse(s, buf_bytes(&b), &m), ERR_FORMAT);
	scope_free(s);
}

static void as_many_fields_as_allowed(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, 1 << 20);
	struct message m;
	for (size_t i = 0; i < LIMIT_MESSAGE_FIELDS; i++)
		message_put_text(&b, 1, "");
	assert_int_equal(message_parse(s, buf_bytes(&b), &m), OK);
	message_put_text(&b, 1, "");
	assert_int_equal(message_parse(s, buf_bytes(&b), &m), ERR_LIMIT);
	scope_free(s);
}

static void a_fault_is_told_with_code_and_text(void **state)
{
	(void)state;
	struct both t = open_both();
	struct scope *far = scope_new(0);
	struct link_frame f;
	enum err e = scope_fault(far, ERR_DENIED, "x.pdf: no\xff such \xc3\xa1");
	assert_int_equal(message_send_fault(far, t.b, e), OK);
	assert_int_equal(
	    message_call(t.s, t.a, 3, BYTES_NONE, NULL, 0, 1000, 10, 4, &f), ERR_DENIED);
	assert_string_equal(scope_fault_text(t.s), "x.pdf: no? such \xc3\xa1");
	scope_free(far);
	close_both(&t);
}

static void the_longest_fault_fits(void **state)
{
	(void)state;
	struct both t = open_both();
	struct scope *far = scope_new(0);
	struct link_frame f;
	char text[2 * LIMIT_FAULT_TEXT];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	enum err e = scope_fault(far, ERR_IO, "%s", text);
	assert_int_equal(message_send_fault(far, t.b, e), OK);
	assert_int_equal(message_call(t.s, t.a, 3, BYTES_NONE, NULL, 0, 1000, 10, 4, &f), ERR_IO);
	assert_true(strlen(scope_fault_text(t.s)) > LIMIT_FAULT_TEXT / 2);
	scope_free(far);
	close_both(&t);
}

static void a_reply_of_another_kind_is_refused(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(link_send(t.s, t.b, 5, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(
	    message_call(t.s, t.a, 3, BYTES_NONE, NULL, 0, 1000, 10, 4, &f), ERR_FORMAT);
	assert_true(link_is_broken(t.a));
	close_both(&t);
}

static void a_reply_that_is_late_is_not_taken_for_the_next(void **state)
{
	(void)state;
	struct both t = open_both();
	struct link_frame f;
	assert_int_equal(message_call(t.s, t.a, 3, BYTES_NONE, NULL, 0, 0, 10, 4, &f), ERR_LIMIT);
	assert_true(link_is_broken(t.a));
	assert_int_equal(link_send(t.s, t.b, 4, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(message_call(t.s, t.a, 3, BYTES_NONE, NULL, 0, 1000, 10, 4, &f), ERR_IO);
	close_both(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_arrive_as_they_were_sent),
		cmocka_unit_test(nothing_in_time_breaks_nothing),
		cmocka_unit_test(one_octet_too_much_breaks_the_link),
		cmocka_unit_test(half_a_frame_breaks_the_link),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(the_other_side_gone_is_told),
		cmocka_unit_test(files_go_with_a_frame),
		cmocka_unit_test(files_nobody_asked_for_are_closed),
		cmocka_unit_test(a_secret_is_wiped),
		cmocka_unit_test(fields_are_read_as_they_were_put),
		cmocka_unit_test(values_out_of_bounds_are_refused),
		cmocka_unit_test(each_cut_message_is_refused),
		cmocka_unit_test(fields_out_of_order_are_refused),
		cmocka_unit_test(as_many_fields_as_allowed),
		cmocka_unit_test(a_fault_is_told_with_code_and_text),
		cmocka_unit_test(the_longest_fault_fits),
		cmocka_unit_test(a_reply_of_another_kind_is_refused),
		cmocka_unit_test(a_reply_that_is_late_is_not_taken_for_the_next),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
