/* The keeper as a process of its own, over links: who may ask for what, and what is left in its
 * memory. The program runs itself again for it, so that nothing of this process is in there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_client.h"
#include "service/keeper/keeper_key.h"
#include "service/process/role.h"
#include "tests/support/key_bag.h"
#include "tests/support/memory_search.h"

#define ATTRIBUTES BYTES_LIT("\x31\x04\x04\x02\x01\x02")
#define NOBODY 65534
#define CONTROL 3 /* descriptor of the keeper's control link */
/* Long enough that parts of it are found when its ends were overwritten. */
#define PASSWORD 48

struct desk {
	struct scope *s;
	pid_t pid;
	struct link *control, *front, *worker, *operator;
	char folder[64], key[96], batch[96];
	char password[PASSWORD + 1], other[PASSWORD + 1];
	struct key_bag bag;
};

/* -- the keeper's side -- */
static int be_keeper(char **paths)
{
	struct scope *s = scope_new(0);
	const struct configuration_key batch = { "batch", paths[1] };
	const struct configuration c = { .service_key = paths[0], .key = &batch, .n_keys = 1 };
	struct role_context context = { .configuration = &c, .control = link_new(CONTROL) };
	/* As a service runs; a change of user makes a process not dumpable by itself. */
	if (geteuid() == 0 &&
	    (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
		return 99;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	int status = context.control ? keeper_process_run(s, &context) : 99;
	link_free(context.control);
	scope_free(s);
	return status;
}

/* -- this side -- */
static void make_password(char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789.,-+!";
	uint8_t octets[PASSWORD];
	assert_int_equal(RAND_bytes(octets, sizeof(octets)), 1);
	for (size_t i = 0; i < PASSWORD; i++)
		text[i] = letters[octets[i] % (sizeof(letters) - 1)];
	memcpy(text, "Aa1.", 4);
	text[PASSWORD] = 0;
}

static void write_file(const char *path, struct bytes content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.p, content.n), content.n);
	close(fd);
	if (geteuid() == 0)
		assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

static void start(struct desk *d)
{
	int fds[2];
	char self[] = "/proc/self/exe", verb[] = "--keeper";
	char *arguments[] = { self, verb, d->key, d->batch, NULL };
	assert_int_equal(link_pair(d->s, fds), OK);
	d->pid = fork();
	if (d->pid == 0) {
		dup2(fds[1], CONTROL);
		fcntl(CONTROL, F_SETFD, 0);
		execv(self, arguments);
		_exit(98);
	}
	close(fds[1]);
	d->control = link_new(fds[0]);
}

static struct link *give(struct desk *d, enum role role)
{
	int fds[2];
	struct bytes content;
	struct buf b = buf_new(d->s, 256);
	message_put_number(&b, ROLE_FIELD_ROLE, role);
	message_put_number(&b, ROLE_FIELD_INDEX, 0);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(link_pair(d->s, fds), OK);
	assert_int_equal(link_send(d->s, d->control, CONTROL_PEER, content, &fds[1], 1), OK);
	close(fds[1]);
	struct link *l = link_new(fds[0]);
	assert_non_null(l);
	return l;
}

static void open_desk_with(struct desk *d, enum mini_ca_key_type type)
{
	struct link_frame f;
	*d = (struct desk){ .s = scope_new(0) };
	make_password(d->password);
	make_password(d->other);
	assert_true(key_bag_make(d->s, type, d->password, KEY_BAG_USUAL, 1000, &d->bag));
	snprintf(d->folder, sizeof(d->folder), "/tmp/bulla-test-XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	if (geteuid() == 0)
		assert_int_equal(chown(d->folder, NOBODY, NOBODY), 0);
	snprintf(d->key, sizeof(d->key), "%s/service.key", d->folder);
	snprintf(d->batch, sizeof(d->batch), "%s/batch.p12", d->folder);
	write_file(d->batch, d->bag.pkcs12);
	start(d);
	enum err e = link_receive(d->s, d->control, 20000, 0, 0, &f);
	if (e != OK)
		fail_msg("the keeper does not begin: %s", scope_fault_text(d->s));
	assert_int_equal(f.kind, CONTROL_READY);
	d->front = give(d, ROLE_FRONT);
	d->worker = give(d, ROLE_WORKER);
	d->operator= give(d, ROLE_OPERATOR);
}

static int end(struct desk *d)
{
	int status = 0;
	link_free(d->front);
	link_free(d->worker);
	link_free(d->operator);
	assert_int_equal(link_send(d->s, d->control, CONTROL_STOP, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
	link_free(d->control);
	unlink(d->key);
	unlink(d->batch);
	assert_int_equal(rmdir(d->folder), 0);
	scope_free(d->s);
	return status;
}

static void close_desk(struct desk *d)
{
	int status = end(d);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static struct bytes deposit(struct desk *d)
{
	struct bytes wrapped;
	struct keeper_client_certificates c;
	enum err e = keeper_client_deposit(
	    d->s, d->front, d->bag.pkcs12, bytes_of_str(d->password), &wrapped, &c);
	if (e != OK)
		fail_msg("deposit: %s", scope_fault_text(d->s));
	assert_true(bytes_equal(c.certificate, d->bag.leaf->der));
	return wrapped;
}

static struct keeper_client_session unlock(
    struct desk *d, struct bytes wrapped, unsigned uses, unsigned seconds)
{
	struct keeper_client_session session = { 0 };
	enum err e = keeper_client_unlock_session(
	    d->s, d->front, wrapped, bytes_of_str(d->password), uses, seconds, &session);
	if (e != OK)
		fail_msg("unlock: %s", scope_fault_text(d->s));
	return session;
}

static const struct key *key_over(
    struct desk *d, struct link *l, const struct keeper_client_session *session)
{
	const struct key *key = NULL;
	assert_int_equal(keeper_key_new(d->s, l, session->token, session->certificates.certificate,
			     session->certificates.chain, session->certificates.n_chain, &key),
	    OK);
	return key;
}

static enum err sign(struct desk *d, const struct key *key, struct signature_alg alg)
{
	struct bytes value;
	bool ok = false;
	TRY(key->sign(key->ctx, d->s, &alg, ATTRIBUTES, &value));
	assert_true(value.n <= key->signature_max);
	assert_int_equal(
	    signature_alg_verify(d->s, alg, key->cert->key, ATTRIBUTES, value, &ok), OK);
	assert_true(ok);
	return OK;
}

static void refused(struct desk *d, enum err e, enum err wanted)
{
	if (e != wanted)
		fail_msg(
		    "%s (%s) instead of %s", err_name(e), scope_fault_text(d->s), err_name(wanted));
	scope_forgive(d->s);
}

/* -- requests over links -- */
static void a_sealing_from_deposit_to_close(void **state)
{
	(void)state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_ED25519 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct desk d;
		open_desk_with(&d, types[i]);
		struct bytes wrapped = deposit(&d), again;
		struct keeper_client_session session = unlock(&d, wrapped, 3, 60);
		assert_int_equal(session.certificates.n_chain, 1);
		assert_true(bytes_equal(session.certificates.chain[0], d.bag.root->der));
		const struct key *key = key_over(&d, d.worker, &session);
		struct signature_alg alg = mini_ca_alg(types[i], types[i] == MINI_CA_RSA_PSS);
		assert_int_equal(sign(&d, key, alg), OK);
		assert_int_equal(sign(&d, key, alg), OK);
		assert_int_equal(keeper_client_close_session(d.s, d.front, session.token), OK);
		assert_int_equal(keeper_client_close_session(d.s, d.front, session.token), OK);
		refused(&d, sign(&d, key, alg), ERR_MISUSE);
		assert_int_equal(keeper_client_change_password(d.s, d.front, wrapped,
				     bytes_of_str(d.password), bytes_of_str(d.other), &again),
		    OK);
		refused(&d,
		    keeper_client_unlock_session(
			d.s, d.front, again, bytes_of_str(d.password), 1, 1, &session),
		    ERR_DENIED);
		assert_int_equal(keeper_client_unlock_session(
				     d.s, d.front, again, bytes_of_str(d.other), 1, 1, &session),
		    OK);
		close_desk(&d);
	}
}

static void unattended_sealing(void **state)
{
	(void)state;
	struct desk d;
	struct bytes certificate;
	struct keeper_client_status status;
	struct keeper_client_session session;
	open_desk_with(&d, MINI_CA_P256);
	struct bytes password = bytes_of_str(d.password);
	refused(&d, keeper_client_grant(d.s, d.front, "batch", 1, 60, &session), ERR_MISUSE);
	assert_int_equal(keeper_client_status(d.s, d.front, &status), OK);
	assert_int_equal(status.n_keys, 1);
	assert_string_equal(status.key[0].name, "batch");
	assert_false(status.key[0].is_open);
	refused(&d,
	    keeper_client_unlock(d.s, d.operator, "batch", bytes_of_str(d.other), &certificate),
	    ERR_DENIED);
	assert_int_equal(
	    keeper_client_unlock(d.s, d.operator, "batch", password, &certificate), OK);
	assert_true(bytes_equal(certificate, d.bag.leaf->der));
	assert_int_equal(keeper_client_grant(d.s, d.front, "batch", 2, 60, &session), OK);
	const struct key *key = key_over(&d, d.worker, &session);
	assert_int_equal(sign(&d, key, mini_ca_alg(MINI_CA_P256, false)), OK);
	assert_int_equal(keeper_client_status(d.s, d.operator, & status), OK);
	assert_true(status.key[0].is_open);
	assert_int_equal(status.sessions, 1);
	assert_true(bytes_equal(status.key[0].certificate, d.bag.leaf->der));
	assert_int_equal(keeper_client_lock(d.s, d.operator, "batch"), OK);
	refused(&d, sign(&d, key, mini_ca_alg(MINI_CA_P256, false)), ERR_MISUSE);
	close_desk(&d);
}

/* Only the front opens sessions, only workers sign, only an operator unlocks. */
static void each_peer_has_its_requests(void **state)
{
	(void)state;
	struct desk d;
	struct bytes certificate, wrapped;
	struct keeper_client_session session, other;
	struct keeper_client_certificates c;
	struct keeper_client_status status;
	open_desk_with(&d, MINI_CA_P256);
	struct bytes password = bytes_of_str(d.password);
	session = unlock(&d, deposit(&d), 5, 60);
	const struct signature_alg alg = mini_ca_alg(MINI_CA_P256, false);
	refused(&d, sign(&d, key_over(&d, d.front, &session), alg), ERR_DENIED);
	refused(&d, sign(&d, key_over(&d, d.operator, & session), alg), ERR_DENIED);
	struct link *const others[] = { d.worker, d.operator};
	for (size_t i = 0; i < 2; i++) {
		refused(&d,
		    keeper_client_unlock_session(
			d.s, others[i], BYTES_LIT("x"), password, 1, 1, &other),
		    ERR_DENIED);
		refused(&d, keeper_client_grant(d.s, others[i], "batch", 1, 1, &other), ERR_DENIED);
		refused(&d, keeper_client_close_session(d.s, others[i], session.token), ERR_DENIED);
		refused(&d,
		    keeper_client_deposit(d.s, others[i], BYTES_LIT("x"), password, &wrapped, &c),
		    ERR_DENIED);
		refused(&d,
		    keeper_client_change_password(
			d.s, others[i], BYTES_LIT("x"), password, password, &wrapped),
		    ERR_DENIED);
	}
	refused(&d, keeper_client_status(d.s, d.worker, &status), ERR_DENIED);
	struct link *const no_operators[] = { d.worker, d.front };
	for (size_t i = 0; i < 2; i++) {
		refused(&d,
		    keeper_client_unlock(d.s, no_operators[i], "batch", password, &certificate),
		    ERR_DENIED);
		refused(&d, keeper_client_lock(d.s, no_operators[i], "batch"), ERR_DENIED);
	}
	assert_int_equal(sign(&d, key_over(&d, d.worker, &session), alg), OK);
	close_desk(&d);
}

static void too_many_wrong_passwords(void **state)
{
	(void)state;
	struct desk d;
	struct keeper_client_session session;
	open_desk_with(&d, MINI_CA_P256);
	struct bytes wrapped = deposit(&d);
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++) {
		assert_int_equal(keeper_client_unlock_session(
				     d.s, d.front, wrapped, bytes_of_str(d.other), 1, 1, &session),
		    ERR_DENIED);
		assert_int_equal(keeper_client_wait(d.s), 0);
		scope_forgive(d.s);
	}
	assert_int_equal(keeper_client_unlock_session(
			     d.s, d.front, wrapped, bytes_of_str(d.password), 1, 1, &session),
	    ERR_LIMIT);
	assert_true(keeper_client_wait(d.s) > 0);
	assert_true(keeper_client_wait(d.s) <= LIMIT_KEEPER_WAIT_S);
	close_desk(&d);
}

/* Modules that old files need were there before the keeper gave up all files. */
static void old_files_are_read_when_confined(void **state)
{
	(void)state;
	struct desk d;
	struct key_bag old;
	struct bytes wrapped;
	struct keeper_client_certificates c;
	open_desk_with(&d, MINI_CA_P256);
	bool has_legacy = key_bag_make(d.s, MINI_CA_P256, d.password, KEY_BAG_OLD, 1, &old);
	if (has_legacy)
		assert_int_equal(keeper_client_deposit(d.s, d.front, old.pkcs12,
				     bytes_of_str(d.password), &wrapped, &c),
		    OK);
	close_desk(&d);
	if (!has_legacy)
		skip();
}

/* What is larger than any request ends the link, and nothing else. */
static void a_frame_too_large_ends_the_link(void **state)
{
	(void)state;
	struct desk d;
	struct link_frame f;
	open_desk_with(&d, MINI_CA_P256);
	uint8_t *large = scope_alloc(d.s, LIMIT_KEEPER_FILE);
	enum err e =
	    link_send(d.s, d.worker, KEEPER_SIGN, bytes_of(large, LIMIT_KEEPER_FILE), NULL, 0);
	if (e == OK)
		e = link_receive(d.s, d.worker, 20000, 1000, 0, &f);
	refused(&d, e, ERR_IO);
	deposit(&d);
	close_desk(&d);
}

/* -- its memory -- */
struct secret {
	const char *name;
	struct bytes octets;
};

static struct bytes reversed(struct scope *s, struct bytes b)
{
	uint8_t *p = scope_alloc(s, b.n);
	assert_non_null(p);
	for (size_t i = 0; i < b.n; i++)
		p[i] = b.p[b.n - 1 - i];
	return bytes_of(p, b.n);
}

/* A number of the key, as files hold it (the highest octet first). */
static struct bytes number_of(struct scope *s, const EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;
	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	int n = BN_num_bytes(number);
	uint8_t *p = scope_alloc(s, (size_t)n);
	assert_int_equal(BN_bn2bin(number, p), n);
	BN_clear_free(number);
	return bytes_of(p, (size_t)n);
}

/* As PKCS#12 hashes it (RFC 7292 B.1). */
static struct bytes as_utf16(struct scope *s, struct bytes word)
{
	uint8_t *p = scope_alloc(s, 2 * word.n);
	for (size_t i = 0; i < word.n; i++)
		p[2 * i + 1] = word.p[i];
	return bytes_of(p, 2 * word.n);
}

/* The middle of a secret: an allocator writes over the ends of what is free. */
static size_t find_middle(struct desk *d, struct bytes secret, size_t *unlocked)
{
	struct memory_search found =
	    memory_search_run(d->pid, bytes_cut(secret, secret.n / 3, secret.n / 3));
	assert_true(found.octets > (size_t)1 << 20);
	*unlocked = found.unlocked;
	return found.found;
}

static void nowhere(struct desk *d, const char *when, struct secret secret)
{
	size_t unlocked, found = find_middle(d, secret.octets, &unlocked);
	if (found)
		fail_msg("%s: %zu times %s", when, found, secret.name);
}

static void nothing_is_left(struct desk *d, const char *when)
{
	struct bytes one = bytes_of_str(d->password), two = bytes_of_str(d->other);
	nowhere(d, when, (struct secret){ "the password", one });
	nowhere(d, when, (struct secret){ "the password in UTF-16", as_utf16(d->s, one) });
	nowhere(d, when, (struct secret){ "another password", two });
	nowhere(d, when, (struct secret){ "another password in UTF-16", as_utf16(d->s, two) });
	const bool is_rsa = EVP_PKEY_is_a(d->bag.key, "RSA");
	static const char *const rsa[] = { OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	static const char *const ec[] = { OSSL_PKEY_PARAM_PRIV_KEY };
	for (size_t i = 0; i < (is_rsa ? sizeof(rsa) / sizeof(rsa[0]) : 1); i++) {
		const char *name = is_rsa ? rsa[i] : ec[i];
		struct bytes n = number_of(d->s, d->bag.key, name);
		nowhere(d, when, (struct secret){ name, n });
		nowhere(d, when, (struct secret){ name, reversed(d->s, n) });
	}
}

static bool may_search(struct desk *d)
{
	if (memory_search_is_possible(d->pid))
		return true;
	print_message("the memory of another process cannot be read here\n");
	return false;
}

/* Where the key is while it is open: in memory that is never written to a disk. */
static void the_key_lies_in_locked_memory(struct desk *d)
{
	size_t unlocked;
	const bool is_rsa = EVP_PKEY_is_a(d->bag.key, "RSA");
	struct bytes n =
	    number_of(d->s, d->bag.key, is_rsa ? OSSL_PKEY_PARAM_RSA_D : OSSL_PKEY_PARAM_PRIV_KEY);
	/* As the machine's words: the lowest octet first. */
	assert_true(find_middle(d, reversed(d->s, n), &unlocked) > 0);
	assert_int_equal(unlocked, 0);
	nowhere(d, "unlocked", (struct secret){ "the key's DER", n });
	nowhere(d, "unlocked", (struct secret){ "the password", bytes_of_str(d->password) });
}

static void nothing_is_left_of(enum mini_ca_key_type type)
{
	struct desk d;
	struct bytes certificate, again;
	struct keeper_client_session session;
	open_desk_with(&d, type);
	if (!may_search(&d)) {
		close_desk(&d);
		skip();
	}
	const struct signature_alg alg = mini_ca_alg(type, false);
	struct bytes wrapped = deposit(&d);
	nothing_is_left(&d, "after a deposit");
	session = unlock(&d, wrapped, 5, 60);
	assert_int_equal(sign(&d, key_over(&d, d.worker, &session), alg), OK);
	the_key_lies_in_locked_memory(&d);
	assert_int_equal(keeper_client_close_session(d.s, d.front, session.token), OK);
	nothing_is_left(&d, "after closing");
	nowhere(&d, "after closing", (struct secret){ "the token", session.token });
	session = unlock(&d, wrapped, 1, 60);
	assert_int_equal(sign(&d, key_over(&d, d.worker, &session), alg), OK);
	nothing_is_left(&d, "after the last use");
	session = unlock(&d, wrapped, 1, 1);
	sleep(3); /* its end, and a tick */
	nothing_is_left(&d, "after its end");
	refused(&d,
	    keeper_client_unlock_session(
		d.s, d.front, wrapped, bytes_of_str(d.other), 1, 1, &session),
	    ERR_DENIED);
	nothing_is_left(&d, "after a wrong password");
	assert_int_equal(keeper_client_change_password(d.s, d.front, wrapped,
			     bytes_of_str(d.password), bytes_of_str(d.other), &again),
	    OK);
	nothing_is_left(&d, "after another password");
	assert_int_equal(
	    keeper_client_unlock(d.s, d.operator, "batch", bytes_of_str(d.password), &certificate),
	    OK);
	assert_int_equal(keeper_client_grant(d.s, d.front, "batch", 5, 60, &session), OK);
	assert_int_equal(sign(&d, key_over(&d, d.worker, &session), alg), OK);
	assert_int_equal(keeper_client_lock(d.s, d.operator, "batch"), OK);
	nothing_is_left(&d, "after locking");
	close_desk(&d);
}

static void nothing_is_left_of_rsa(void **state)
{
	(void)state;
	nothing_is_left_of(MINI_CA_RSA);
}

static void nothing_is_left_of_p256(void **state)
{
	(void)state;
	nothing_is_left_of(MINI_CA_P256);
}

/* -- what it is to the system -- */
static void it_is_confined(void **state)
{
	(void)state;
	struct desk d;
	struct stat st;
	char path[64];
	open_desk_with(&d, MINI_CA_P256);
	assert_int_equal(memory_search_status(d.pid, "status", "Seccomp:"), 2);
	assert_int_equal(memory_search_status(d.pid, "status", "NoNewPrivs:"), 1);
	assert_int_equal(memory_search_status(d.pid, "limits", "Max core file size"), 0);
	if (memory_search_is_possible(d.pid))
		assert_true(memory_search_status(d.pid, "status", "VmLck:") > 0);
	/* What cannot be dumped belongs to root in /proc. */
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)d.pid);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	/* The key it made for itself is for its user alone. */
	assert_int_equal(stat(d.key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
	close_desk(&d);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "--keeper"))
		_exit(be_keeper(argv + 2)); /* a leak check at exit wants what is given up */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealing_from_deposit_to_close),
		cmocka_unit_test(unattended_sealing),
		cmocka_unit_test(each_peer_has_its_requests),
		cmocka_unit_test(too_many_wrong_passwords),
		cmocka_unit_test(old_files_are_read_when_confined),
		cmocka_unit_test(a_frame_too_large_ends_the_link),
		cmocka_unit_test(nothing_is_left_of_rsa),
		cmocka_unit_test(nothing_is_left_of_p256),
		cmocka_unit_test(it_is_confined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
