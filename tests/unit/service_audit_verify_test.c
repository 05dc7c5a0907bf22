#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"
#include "service/log/audit_log.h"
#include "service/log/audit_timestamp.h"
#include "service/log/audit_verify.h"
#include "tests/support/mini_ca_timestamp.h"
#include "trust-lists/anchors.h"

#define MOST 40
#define FIRST_FILE "audit-000001.jsonl"

struct fixture {
	struct scope *s;
	char folder[80];
	const struct cert *root, *tsa;
	/* The log as lines with their ends, and its head. */
	struct bytes line[MOST];
	size_t n;
	struct bytes head;
	struct audit_verdict v; /* of the last verification */
	struct scope *run;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	if (!f)
		return -1;
	snprintf(f->folder, sizeof(f->folder), "%.40s/log-XXXXXX", tmp ? tmp : P_tmpdir);
	f->s = scope_new(0);
	*state = f;
	if (!f->s || !mkdtemp(f->folder))
		return -1;
	EVP_PKEY *ca = mini_ca_key(MINI_CA_P256, 0);
	f->root = mini_ca_root(f->s, ca);
	f->tsa = mini_ca_timestamp_authority(f->s, f->root, ca, mini_ca_key(MINI_CA_P256, 1));
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	scope_free(f->s);
	scope_free(f->run);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	int failed = system(command);
	free(f);
	return failed;
}

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

/* -- making a log -- */

static struct bytes token_for(struct fixture *f, uint64_t size, const struct merkle_hash *root)
{
	struct mini_ca_timestamp spec = { .tsa = f->tsa,
		.key = mini_ca_key(MINI_CA_P256, 1),
		.alg = mini_ca_alg(MINI_CA_P256, false) };
	assert_int_equal(audit_timestamp_imprint(f->s, size, root, &spec.imprint), OK);
	return mini_ca_timestamp_token(f->s, &spec);
}

static void append(struct fixture *f, struct audit_log *log, int n)
{
	const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED,
		.actor = "person:1",
		.partner = "4",
		.detail = { { "name", "a document", false } } };
	while (n--)
		assert_int_equal(audit_log_append(f->s, log, &e, NULL), OK);
}

static void stamp(struct fixture *f, struct audit_log *log)
{
	struct merkle_hash root;
	uint64_t size;
	assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	assert_int_equal(
	    audit_log_note_timestamp(f->s, log, size, &root, token_for(f, size, &root), NULL), OK);
}

static struct audit_log *open_log(struct fixture *f, size_t file_octets, struct scope **ret_scope)
{
	struct audit_log *log;
	*ret_scope = scope_new(0);
	assert_int_equal(audit_log_open(*ret_scope, f->folder, file_octets, &log), OK);
	return log;
}

static void read_back(struct fixture *f)
{
	struct bytes all;
	assert_int_equal(input_file_read(f->s, path_of(f, FIRST_FILE), 1 << 20, &all), OK);
	assert_int_equal(input_file_read(f->s, path_of(f, "head"), 1 << 20, &f->head), OK);
	for (f->n = 0; all.n; f->n++) {
		size_t end = bytes_find(all, BYTES_LIT("\n"), 0) + 1;
		f->line[f->n] = bytes_cut(all, 0, end);
		all = bytes_from(all, end);
	}
}

/* Records 1 to 9; with timestamps: 4 and 8 are those of 1 to 3 and 1 to 7. */
static void make_log(struct fixture *f, bool with_stamps)
{
	struct scope *s;
	struct audit_log *log = open_log(f, 0, &s);
	append(f, log, 3);
	if (with_stamps)
		stamp(f, log);
	else
		append(f, log, 1);
	append(f, log, 3);
	if (with_stamps)
		stamp(f, log);
	else
		append(f, log, 1);
	append(f, log, 1);
	scope_free(s);
	read_back(f);
}

static void put(const char *path, struct bytes content)
{
	/* Cut last: a file that is emptied first is flushed by the system when it is closed. */
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, content.p, content.n), content.n);
	assert_int_equal(ftruncate(fd, (off_t)content.n), 0);
	close(fd);
}

static struct bytes join(struct scope *s, const struct bytes *line, size_t n)
{
	struct buf b = buf_new(s, SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add(&b, line[i]);
	return buf_bytes(&b);
}

/* -- what is said of it -- */

static void verify(struct fixture *f, const struct anchors *anchors)
{
	scope_free(f->run);
	f->run = scope_new(0);
	assert_int_equal(audit_verify(f->run, f->folder, anchors, &f->v), OK);
}

static void is_whole(struct fixture *f)
{
	verify(f, NULL);
	if (f->v.fault.kind != AUDIT_FAULT_NONE)
		fail_msg("not whole: %s", f->v.fault.text);
}

static void is_wrong(
    struct fixture *f, enum audit_fault_kind kind, uint64_t record, const char *text)
{
	verify(f, NULL);
	if (f->v.fault.kind != kind || f->v.fault.record != record ||
	    (text && !strstr(f->v.fault.text, text)))
		fail_msg("%s of record %d wanted, but: %s of %d: %s", audit_fault_name(kind),
		    (int)record, audit_fault_name(f->v.fault.kind), (int)f->v.fault.record,
		    f->v.fault.text ? f->v.fault.text : "whole");
}

static void lines_are_wrong(struct fixture *f, const struct bytes *line, size_t n,
    enum audit_fault_kind kind, uint64_t record)
{
	struct scope *s = scope_new(0);
	put(path_of(f, FIRST_FILE), join(s, line, n));
	scope_free(s);
	is_wrong(f, kind, record, NULL);
}

static void test_whole(void **state)
{
	struct fixture *f = *state;
	make_log(f, true);
	is_whole(f);
	/* The tokens were made at another time than the records. */
	assert_int_equal(f->v.n_warnings, 2);
	assert_non_null(strstr(f->v.warning[0], "the token in record 4 was made at 2026-01-01T"));
	assert_int_equal(f->v.last.seq, 9);
	assert_int_equal(f->v.head, 9);
	assert_int_equal(f->v.n_timestamps, 2);
	assert_int_equal(f->v.newest.record, 8);
	assert_int_equal(f->v.newest.size, 7);
	assert_true(f->v.newest.time.unix_s == MINI_CA_NOW);
	assert_false(f->v.is_trusted);
	assert_false(f->v.is_in_use);
	/* Folders without a log. */
	char folder[90];
	struct audit_verdict v;
	snprintf(folder, sizeof(folder), "%s/..", f->folder);
	assert_int_equal(audit_verify(f->run, folder, NULL, &v), ERR_FORMAT);
	scope_forgive(f->run);
	assert_int_equal(audit_verify(f->run, "/no/such/folder", NULL, &v), ERR_IO);
}

static void test_trust(void **state)
{
	struct fixture *f = *state;
	const struct anchors *anchors;
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 2);
	const struct cert *other = mini_ca_root(f->s, key);
	make_log(f, true);
	assert_int_equal(anchors_new(f->s, &f->root, 1, &anchors), OK);
	verify(f, anchors);
	assert_int_equal(f->v.fault.kind, AUDIT_FAULT_NONE);
	assert_true(f->v.is_trusted);
	assert_int_equal(anchors_new(f->s, &other, 1, &anchors), OK);
	verify(f, anchors);
	assert_int_equal(f->v.fault.kind, AUDIT_FAULT_TIMESTAMP);
	assert_int_equal(f->v.fault.record, 4);
	assert_non_null(strstr(f->v.fault.text, "not to be trusted"));
}

/* Every octet of the log, to several others: the record it belongs to is named. */
static void test_each_octet(void **state)
{
	struct fixture *f = *state;
	struct bytes all;
	make_log(f, false);
	assert_int_equal(bytes_copy(f->s, join(f->s, f->line, f->n), &all), OK);
	uint8_t *octet = (uint8_t *)(uintptr_t)all.p;
	size_t at = 0;
	for (uint64_t record = 1; record <= f->n; record++) {
		const size_t end = at + f->line[record - 1].n;
		for (; at < end; at++) {
			const uint8_t was = octet[at];
			const uint8_t others[] = { was ^ 1, '\n', 0 };
			for (size_t i = at % 3; i < 3; i += at % 7 ? 3 : 1) {
				if (others[i] == was)
					continue;
				octet[at] = others[i];
				put(path_of(f, FIRST_FILE), all);
				is_wrong(f, at == all.n - 1 ? AUDIT_FAULT_CUT : AUDIT_FAULT_ALTERED,
				    record, NULL);
				assert_int_equal(f->v.fault.line, record);
				assert_string_equal(f->v.fault.file, FIRST_FILE);
			}
			octet[at] = was;
		}
	}
	put(path_of(f, FIRST_FILE), all);
	is_whole(f);
}

static void test_octets_of_timestamps(void **state)
{
	struct fixture *f = *state;
	struct bytes all;
	make_log(f, true);
	assert_int_equal(bytes_copy(f->s, join(f->s, f->line, f->n), &all), OK);
	uint8_t *octet = (uint8_t *)(uintptr_t)all.p;
	for (size_t at = f->line[0].n + f->line[1].n + f->line[2].n, i = 0; i < f->line[3].n;
	     i += 11) {
		octet[at + i] ^= 4;
		put(path_of(f, FIRST_FILE), all);
		is_wrong(f, AUDIT_FAULT_ALTERED, 4, NULL);
		octet[at + i] ^= 4;
	}
}

static void test_removed(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, true);
	for (size_t gone = 0; gone < f->n; gone++) {
		size_t n = 0;
		for (size_t i = 0; i < f->n; i++)
			if (i != gone)
				line[n++] = f->line[i];
		lines_are_wrong(
		    f, line, n, gone == f->n - 1 ? AUDIT_FAULT_CUT : AUDIT_FAULT_MISSING, gone + 1);
	}
	lines_are_wrong(f, f->line, 0, AUDIT_FAULT_CUT, 1);
	line[0] = f->line[0];
	line[1] = f->line[5];
	lines_are_wrong(f, line, 2, AUDIT_FAULT_MISSING, 2);
	assert_non_null(strstr(f->v.fault.text, "records 2 to 5 are missing"));
}

static void test_swapped(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, true);
	for (size_t a = 0; a < f->n; a++)
		for (size_t b = a + 1; b < f->n; b++) {
			memcpy(line, f->line, sizeof(line));
			line[a] = f->line[b];
			line[b] = f->line[a];
			lines_are_wrong(f, line, f->n, AUDIT_FAULT_REORDERED, a + 1);
		}
}

/* A line once more, at every place. */
static void test_duplicated(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, true);
	for (size_t which = 0; which < f->n; which++)
		for (size_t place = 0; place <= f->n; place++) {
			memcpy(line, f->line, place * sizeof(*line));
			line[place] = f->line[which];
			memcpy(line + place + 1, f->line + place, (f->n - place) * sizeof(*line));
			lines_are_wrong(f, line, f->n + 1, AUDIT_FAULT_DUPLICATED, which + 1);
		}
}

/* A record with another text, which continues `before`; NULL: what was there. */
static struct bytes forge(struct fixture *f, struct bytes line, const struct audit_chain *before)
{
	struct audit_record r;
	struct bytes body;
	struct buf b = buf_new(f->s, LIMIT_AUDIT_LINE);
	uint8_t hash[AUDIT_RECORD_HASH];
	assert_int_equal(audit_record_parse(f->s, bytes_cut(line, 0, line.n - 1), &r), OK);
	size_t from = bytes_find(line, BYTES_LIT("\"kind\""), 0);
	size_t to = bytes_find(line, BYTES_LIT(",\"salt\""), 0);
	assert_int_equal(bytes_copy(f->s, bytes_cut(line, from, to - from), &body), OK);
	size_t actor = bytes_find(body, BYTES_LIT("person:1"), 0);
	if (actor != BYTES_NOT_FOUND)
		memcpy((uint8_t *)(uintptr_t)body.p + actor, "person:2", 8);
	assert_int_equal(audit_record_write(f->s, &b, before ? before->seq + 1 : r.seq, r.ms, body,
			     r.salt, before ? before->hash : r.previous, hash),
	    OK);
	return buf_bytes(&b);
}

static struct audit_chain chain_of(struct fixture *f, struct bytes line)
{
	struct audit_frame frame;
	struct audit_chain c;
	assert_int_equal(audit_record_frame(f->s, bytes_cut(line, 0, line.n - 1), &frame), OK);
	audit_chain_move(&c, &frame);
	return c;
}

static void test_inserted(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, false);
	for (size_t place = 0; place < f->n; place++) {
		memcpy(line, f->line, place * sizeof(*line));
		memcpy(line + place + 1, f->line + place, (f->n - place) * sizeof(*line));
		line[place] = BYTES_LIT("\n");
		lines_are_wrong(f, line, f->n + 1, AUDIT_FAULT_INSERTED, place + 1);
		line[place] = BYTES_LIT("{\"seq\":1}\n");
		lines_are_wrong(f, line, f->n + 1, AUDIT_FAULT_INSERTED, place + 1);
		/* A good record with the same number, before and behind the true one. */
		line[place] = forge(f, f->line[place], NULL);
		lines_are_wrong(f, line, f->n + 1,
		    place == f->n - 1 ? AUDIT_FAULT_HEAD : AUDIT_FAULT_INSERTED, place + 1);
		line[place] = f->line[place];
		line[place + 1] = forge(f, f->line[place], NULL);
		lines_are_wrong(f, line, f->n + 1, AUDIT_FAULT_INSERTED, place + 1);
	}
}

static void test_altered_with_a_new_hash(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, false);
	for (size_t which = 0; which < f->n; which++) {
		memcpy(line, f->line, sizeof(line));
		line[which] = forge(f, line[which], NULL);
		lines_are_wrong(f, line, f->n,
		    which == f->n - 1 ? AUDIT_FAULT_HEAD : AUDIT_FAULT_ALTERED, which + 1);
	}
}

static void put_head(struct fixture *f, struct bytes last)
{
	const struct audit_chain c = chain_of(f, last);
	int fd = open(f->folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(audit_chain_write_head(f->s, fd, &c), OK);
	close(fd);
}

/* The whole chain is made anew from some record on, head included: the timestamps tell. */
static void test_rewritten(void **state)
{
	struct fixture *f = *state;
	struct bytes line[MOST];
	make_log(f, true);
	for (size_t which = 0; which < f->n; which++) {
		memcpy(line, f->line, sizeof(line));
		for (size_t i = which; i < f->n; i++) {
			struct audit_chain before = { 0 };
			if (i)
				before = chain_of(f, line[i - 1]);
			line[i] = forge(f, line[i], &before);
		}
		put_head(f, line[f->n - 1]);
		if (which < 3)
			lines_are_wrong(f, line, f->n, AUDIT_FAULT_REWRITTEN, 1);
		else if (which < 7)
			lines_are_wrong(f, line, f->n, AUDIT_FAULT_REWRITTEN, 4);
		else
			put(path_of(f, FIRST_FILE), join(f->s, line, f->n));
	}
	/* What no timestamp covers can be made anew: that is what is told as not covered. */
	is_whole(f);
	assert_int_equal(f->v.newest.size, 7);
}

/* Cut at every octet; then with the head set back by one who thought of it. */
static void test_cut(void **state)
{
	struct fixture *f = *state;
	make_log(f, false);
	const struct bytes all = join(f->s, f->line, f->n);
	size_t start = 0;
	for (size_t record = 1; record <= f->n; record++) {
		for (size_t i = 0; i < f->line[record - 1].n; i++) {
			put(path_of(f, FIRST_FILE), bytes_cut(all, 0, start + i));
			is_wrong(f, AUDIT_FAULT_CUT, record, NULL);
			if (record == 1 || i % 17)
				continue;
			put_head(f, f->line[record - 2]);
			if (i)
				is_wrong(f, AUDIT_FAULT_UNFINISHED, record, NULL);
			else
				is_whole(f);
			put(path_of(f, "head"), f->head);
		}
		start += f->line[record - 1].n;
	}
}

static void test_head(void **state)
{
	struct fixture *f = *state;
	make_log(f, false);
	unlink(path_of(f, "head"));
	is_wrong(f, AUDIT_FAULT_HEAD, 0, "is missing");
	for (size_t i = 0; i < f->head.n; i++) {
		struct bytes copy;
		assert_int_equal(bytes_copy(f->s, f->head, &copy), OK);
		((uint8_t *)(uintptr_t)copy.p)[i] ^= 1;
		put(path_of(f, "head"), copy);
		verify(f, NULL);
		assert_true(
		    f->v.fault.kind == AUDIT_FAULT_HEAD || f->v.fault.kind == AUDIT_FAULT_CUT);
	}
	/* It may lag. */
	put_head(f, f->line[4]);
	is_whole(f);
	assert_int_equal(f->v.head, 5);
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	struct scope *s;
	struct audit_log *log = open_log(f, 1000, &s);
	append(f, log, 9);
	scope_free(s);
	is_whole(f);
	assert_int_equal(f->v.files.n, 5);
	char second[128], aside[128];
	snprintf(second, sizeof(second), "%s", path_of(f, "audit-000002.jsonl"));
	snprintf(aside, sizeof(aside), "%s", path_of(f, "aside"));
	rename(second, aside);
	is_wrong(f, AUDIT_FAULT_MISSING, 3, "records 3 to 4 are missing");
	assert_string_equal(f->v.fault.file, "audit-000003.jsonl");
	/* A file in the middle that has lost its end. */
	rename(aside, second);
	struct bytes content;
	assert_int_equal(input_file_read(f->s, second, 1 << 20, &content), OK);
	put(second, bytes_cut(content, 0, content.n - 1));
	is_wrong(f, AUDIT_FAULT_ALTERED, 4, "its line has no end");
	put(second, content);
	is_whole(f);
	unlink(path_of(f, "audit-000005.jsonl"));
	is_wrong(f, AUDIT_FAULT_CUT, 9, NULL);
}

static void test_bad_timestamps(void **state)
{
	struct fixture *f = *state;
	struct merkle_hash root, other = { { 1 } };
	struct scope *s;
	uint64_t size;
	struct audit_log *log = open_log(f, 0, &s);
	append(f, log, 3);
	assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	/* The token of another root, of another size; no token. */
	const struct bytes bad[] = { token_for(f, size, &other), token_for(f, size - 1, &root),
		BYTES_LIT("token") };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    audit_log_note_timestamp(f->s, log, size, &root, bad[i], NULL), OK);
		scope_free(s);
		is_wrong(f, AUDIT_FAULT_TIMESTAMP, 4, i < 2 ? "made for something else" : NULL);
		unlink(path_of(f, FIRST_FILE));
		unlink(path_of(f, "head"));
		log = open_log(f, 0, &s);
		append(f, log, 3);
		assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	}
	/* A good token for a root that is not the log's. */
	assert_int_equal(
	    audit_log_note_timestamp(f->s, log, size, &other, token_for(f, size, &other), NULL),
	    OK);
	/* While a service has it open. */
	is_wrong(f, AUDIT_FAULT_REWRITTEN, 1, "is not the timestamped one of record 4");
	assert_true(f->v.is_in_use);
	scope_free(s);
}

/* A clock that was set back is strange, but no harm. */
static void test_times(void **state)
{
	static const int64_t ms[] = { 5000000, 4500000, 3899000, 5000000, 4400000 };
	struct fixture *f = *state;
	const struct audit_entry e = { .kind = AUDIT_LOGIN_ACCEPTED };
	const uint8_t salt[AUDIT_RECORD_SALT] = { 0 };
	struct audit_chain at = { 0 };
	struct bytes body;
	struct buf b = buf_new(f->s, SIZE_MAX);
	assert_int_equal(audit_record_body(f->s, &e, &body), OK);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
		    audit_record_write(f->s, &b, ++at.seq, ms[i], body, salt, at.hash, at.hash),
		    OK);
	put(path_of(f, FIRST_FILE), buf_bytes(&b));
	int fd = open(f->folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(audit_chain_write_head(f->s, fd, &at), OK);
	close(fd);
	is_whole(f);
	assert_string_equal(f->v.warning[0], "record 3 is 601 s older than the one before it");
}

static void test_while_it_is_written(void **state)
{
	struct fixture *f = *state;
	struct scope *s;
	struct audit_log *log = open_log(f, 0, &s);
	append(f, log, 2);
	int fd = open(path_of(f, FIRST_FILE), O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "{\"seq\":3,", 9), 9);
	is_whole(f);
	assert_true(f->v.is_in_use);
	assert_int_equal(f->v.last.seq, 2);
	scope_free(s);
	is_wrong(f, AUDIT_FAULT_UNFINISHED, 3, NULL);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_trust),
		TEST(test_each_octet),
		TEST(test_octets_of_timestamps),
		TEST(test_removed),
		TEST(test_swapped),
		TEST(test_duplicated),
		TEST(test_inserted),
		TEST(test_altered_with_a_new_hash),
		TEST(test_rewritten),
		TEST(test_cut),
		TEST(test_head),
		TEST(test_files),
		TEST(test_bad_timestamps),
		TEST(test_times),
		TEST(test_while_it_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
