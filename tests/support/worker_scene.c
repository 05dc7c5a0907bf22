#include "tests/support/worker_scene.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_protocol.h"
#include "service/keeper/keeper_protocol.h"

/* -- the office at the machine's clock -- */
static void move_clock(struct office *o)
{
	const int64_t now = time(NULL), by = now - MINI_CA_NOW;
	o->w->now.unix_s = now;
	for (size_t i = 0; i < o->p->n_entries; i++) {
		struct mini_pki_entry *e = &o->p->entry[i];
		e->from = e->from ? e->from + by : now - 180 * MINI_CA_DAY;
		e->to = e->to ? e->to + by : now + 180 * MINI_CA_DAY;
	}
}

static void write_file(char path[64], struct bytes content)
{
	snprintf(path, 64, "/tmp/bulla-worker-XXXXXX");
	int fd = mkstemp(path);
	mini_ca_check(
	    fd >= 0 && write(fd, content.p, content.n) == (ssize_t)content.n, "worker_scene: file");
	close(fd);
}

void worker_scene_set_policy(struct worker_scene *w, const char *json)
{
	write_file(w->policy, bytes_of_str(json));
	w->c.policy = w->c.filing_policy = w->policy;
}

static void configure(struct worker_scene *w)
{
	static const char *const tsa[] = { "http://tsa.test/" };
	const char **trust = scope_alloc_array(w->s, 1, sizeof(*trust));
	mini_ca_check(trust != NULL, "worker_scene: memory");
	trust[0] = w->anchors;
	w->c = (struct configuration){ .trust = trust,
		.n_trust = 1,
		.policy = "default",
		.filing_policy = "default",
		.tsa = tsa,
		.n_tsa = 1,
		.level = "B-LTA",
		.look = "official",
		.look_language = "en" };
	w->c.workers.jobs = 1000;
	w->c.workers.memory = LIMIT_PROCESS_MEMORY;
	w->c.workers.seconds = 60;
	w->c.limits.document = (uint64_t)64 << 20;
}

struct worker_scene *worker_scene_open(void)
{
	struct office *o = office_open();
	struct worker_scene *w = scope_alloc(o->s, sizeof(*w));
	mini_ca_check(w != NULL, "worker_scene: memory");
	w->o = o;
	w->s = o->s;
	move_clock(o);
	configure(w);
	w->pool = link_pool_new("worker");
	w->client = (struct worker_client){ w->pool, 60000, 60000 };
	return w;
}

/* -- its services, each in a process of its own -- */
static enum err answer_fetch(
    struct worker_scene *w, struct scope *s, struct link *l, const struct link_frame *f)
{
	struct fetch_request want;
	struct fetch_reply reply = { .content_type = "" };
	struct bytes content;
	struct instant at;
	if (f->kind == FETCHER_BEGIN_JOB) {
		TRY(fetcher_protocol_take_job(s, f->content, &at));
		return link_send(s, l, FETCHER_BEGUN, BYTES_NONE, NULL, 0);
	}
	TRY(fetcher_protocol_take_fetch(s, ROLE_WORKER, f->content, &want));
	TRY(w->o->w->world.fetch(w->o->w->world.ctx, s, &want, &reply));
	struct buf b = buf_new(s, FETCHER_PROTOCOL_REPLY(fetcher_protocol_cap(&want)));
	fetcher_protocol_put_fetched(&b, &reply);
	TRY(buf_done(&b, &content));
	return link_send(s, l, FETCHER_FETCHED, content, NULL, 0);
}

static enum err answer_sign(
    struct worker_scene *w, struct scope *s, struct link *l, const struct link_frame *f)
{
	const struct key *key = mini_pki_key(w->o->p, "signer");
	struct message m;
	struct bytes token, data, value, content;
	int64_t kind = 0, digest = 0, mgf = 0, salt = 0;
	TRY(message_parse(s, f->content, &m));
	TRY(message_number(&m, KEEPER_FIELD_ALGORITHM, 0, SIGNATURE_ALG_ED448, &kind));
	TRY(message_number(&m, KEEPER_FIELD_DIGEST, 0, DIGEST_SHAKE256, &digest));
	TRY(message_number(&m, KEEPER_FIELD_MGF_DIGEST, 0, DIGEST_SHAKE256, &mgf));
	TRY(message_number(&m, KEEPER_FIELD_SALT_LENGTH, -1, 1024, &salt));
	TRY(message_bytes(&m, KEEPER_FIELD_DATA, LIMIT_CMS_SIGNED_ATTRS, &data));
	TRY(message_bytes(&m, KEEPER_FIELD_TOKEN, KEEPER_TOKEN, &token));
	if (!bytes_equal(token, WORKER_SCENE_TOKEN))
		return scope_fault(s, ERR_MISUSE, "no such session");
	const struct signature_alg alg = { (enum signature_alg_kind)kind, (enum digest_alg)digest,
		(enum digest_alg)mgf, (int)salt };
	TRY(key->sign(key->ctx, s, &alg, data, &value));
	struct buf b = buf_new(s, 65536);
	message_put_bytes(&b, KEEPER_FIELD_VALUE, value);
	TRY(buf_done(&b, &content));
	return link_send(s, l, KEEPER_REPLY(KEEPER_SIGN), content, NULL, 0);
}

typedef enum err answer_one(
    struct worker_scene *w, struct scope *s, struct link *l, const struct link_frame *f);

static void answer_all(struct worker_scene *w, struct link *l, answer_one *answer)
{
	for (enum err e = OK; e == OK;) {
		struct link_frame f;
		struct scope *s = scope_new(0);
		e = link_receive(s, l, -1, LIMIT_LINK_FRAME, 0, &f);
		if (e == OK && answer(w, s, l, &f) != OK)
			e = message_send_fault(s, l, scope_fault_code(s));
		scope_free(s);
	}
}

static void be_fetcher(void *ctx, struct link *l)
{
	answer_all(ctx, l, answer_fetch);
}

static void be_keeper(void *ctx, struct link *l)
{
	answer_all(ctx, l, answer_sign);
}

void worker_scene_start_keeper(struct worker_scene *w)
{
	int end;
	w->keeper = service_process_answer(be_keeper, w, &end);
	service_process_give(w->control, ROLE_KEEPER, end);
}

void worker_scene_start_fetcher(struct worker_scene *w)
{
	int end;
	w->fetcher = service_process_answer(be_fetcher, w, &end);
	service_process_give(w->control, ROLE_FETCHER, end);
}

struct link *worker_scene_front(struct worker_scene *w)
{
	int ends[2];
	mini_ca_check(link_pair(w->s, ends) == OK, "worker_scene: pair");
	service_process_give(w->control, ROLE_FRONT, ends[1]);
	return link_new(ends[0]);
}

/* -- the worker -- */
static void wait_until_ready(struct worker_scene *w)
{
	struct link_frame f;
	mini_ca_check(
	    link_receive(w->s, w->control, 60000, 1024, 0, &f) == OK && f.kind == CONTROL_READY,
	    "worker_scene: the worker does not get ready");
}

void worker_scene_start(struct worker_scene *w)
{
	/* Made here once, so that all processes have the same. */
	mini_pki_key(w->o->p, "signer");
	mini_pki_cert(w->o->p, "tsa");
	mini_pki_cert(w->o->p, "ca-ocsp");
	write_file(w->anchors, mini_pki_cert(w->o->p, "root")->der);
	w->worker = service_process_start(worker_process_run, &w->c, &w->control);
	wait_until_ready(w);
	worker_scene_start_keeper(w);
	worker_scene_start_fetcher(w);
	link_pool_add(w->pool, worker_scene_front(w));
}

void worker_scene_stop(pid_t *pid)
{
	if (!*pid)
		return;
	kill(*pid, SIGKILL);
	service_process_end(*pid);
	*pid = 0;
}

void worker_scene_close(struct worker_scene *w)
{
	link_free(w->control);
	link_pool_free(w->pool);
	worker_scene_stop(&w->worker);
	worker_scene_stop(&w->keeper);
	worker_scene_stop(&w->fetcher);
	unlink(w->anchors);
	if (w->policy[0])
		unlink(w->policy);
	for (size_t i = 0; i < w->n_open; i++)
		close(w->open[i]);
	office_close(w->o);
}

int worker_scene_setup(void **state)
{
	struct worker_scene *w = worker_scene_open();
	worker_scene_start(w);
	*state = w;
	return 0;
}

int worker_scene_teardown(void **state)
{
	worker_scene_close(*state);
	return 0;
}

/* -- documents -- */
int worker_scene_file(struct worker_scene *w, struct bytes content)
{
	int fd = memfd_create("bulla-test", MFD_CLOEXEC);
	mini_ca_check(fd >= 0 && w->n_open < sizeof(w->open) / sizeof(w->open[0]) &&
			  write(fd, content.p, content.n) == (ssize_t)content.n,
	    "worker_scene: file");
	w->open[w->n_open++] = fd;
	return fd;
}

struct bytes worker_scene_content(struct worker_scene *w, int fd)
{
	struct stat st;
	mini_ca_check(fstat(fd, &st) == 0, "worker_scene: file");
	uint8_t *p = scope_alloc(w->s, (size_t)st.st_size);
	mini_ca_check(
	    p && pread(fd, p, (size_t)st.st_size, 0) == st.st_size, "worker_scene: content");
	return bytes_of(p, (size_t)st.st_size);
}

struct worker_client_seal_request worker_scene_request(
    struct worker_scene *w, struct bytes document, const char *options)
{
	const struct key *key = mini_pki_key(w->o->p, "signer");
	struct bytes *der = scope_alloc_array(w->s, 1 + key->n_chain, sizeof(*der));
	mini_ca_check(der != NULL, "worker_scene: memory");
	der[0] = key->cert->der;
	for (size_t i = 0; i < key->n_chain; i++)
		der[1 + i] = key->chain[i]->der;
	return (struct worker_client_seal_request){ .document = worker_scene_file(w, document),
		.output = worker_scene_file(w, BYTES_NONE),
		.name = "test.pdf",
		.token = WORKER_SCENE_TOKEN,
		.certificate = der,
		.n_certificates = 1 + key->n_chain,
		.options = bytes_of_str(options) };
}

struct bytes worker_scene_sealed(struct worker_scene *w, struct bytes document, const char *options)
{
	const struct worker_client_seal_request q = worker_scene_request(w, document, options);
	struct worker_client_sealed sealed;
	struct worker_client_judgement judgement;
	const struct worker_client_witness_request witness = {
		.sealing = &q, .sealed = &sealed, .output = q.output, .by_itself = true
	};
	enum err e = worker_client_seal(w->s, &w->client, &q, &sealed);
	if (e == OK)
		e = worker_client_witness(w->s, &w->client, &witness, &judgement);
	if (e != OK)
		fprintf(stderr, "worker_scene: %s: %s\n", err_name(e), scope_fault_text(w->s));
	mini_ca_check(e == OK, "worker_scene: seal");
	return worker_scene_content(w, q.output);
}
