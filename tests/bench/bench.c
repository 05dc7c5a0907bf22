/*
 * Rates inside one process, as ratios to what this machine can do: the raw cost of the signature
 * operations a job cannot avoid, plus one raw hashing pass over each signed range, measured in the
 * same run, in turn with the job itself. CPU time of this process; the median of several rounds.
 *
 *	bench seal DOCUMENT KEY.p12 PASSWORD-FILE
 *	bench level LEVEL DOCUMENT KEY.p12 PASSWORD-FILE TSA TRUST.pem [KEPT-ANSWERS]
 *	bench validate SEALED TRUST.pem KEY.p12 PASSWORD-FILE
 *	bench hash FILE
 *	bench signatures DOCUMENT KEY.p12 PASSWORD-FILE COUNT
 *	bench cache SEALED TRUST.pem FOLDER
 *
 * The raw verification is that of the given key's kind, once for each signature that the report
 *rests on: of the document, its tokens, certificates, OCSP responses and CRLs. `level` goes by the
 *wall clock, for it waits for the authority, which shares the machine; so does `cache`, which
 *judges online and has every answer fetched (cold) or none (warm).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/scope.h"
#include "sealer/seal.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/key_file.h"
#include "service/password.h"
#include "service/trust_files.h"
#include "service/world_system.h"
#include "tests/support/measure.h"
#include "validator/validate.h"

struct bench {
	struct scope *s; /* what lives as long as the run */
	struct bytes document;
	const struct key *key;
	const struct anchors *anchors;
	struct instant now;
	bool skip_self_check;
	clockid_t clock;
	enum seal_level level;
	const char *tsa;
	struct world_system *world;
	size_t verifications;
	int hashings; /* of the whole file, in the limit */
	struct bytes raw_value;
	struct signature_alg raw_alg;
	const char *folder; /* of the cache */
	bool cold;
};

typedef enum err (*job)(struct bench *b, struct scope *s);

static enum err bench_random(void *ctx, struct scope *s, uint8_t *p, size_t n)
{
	(void)ctx;
	(void)s;
	return RAND_bytes(p, (int)n) == 1 ? OK : ERR_CRYPTO;
}

static struct instant bench_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static enum err bench_fetch(
    void *ctx, struct scope *s, const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	(void)ctx;
	(void)ret_reply;
	return scope_fault(s, ERR_NET, "%s: not fetched in a benchmark", want->url);
}

static enum err job_seal(struct bench *b, struct scope *s)
{
	struct world world = {
		.ctx = b, .now = bench_now, .random = bench_random, .fetch = bench_fetch
	};
	struct draft *draft;
	struct seal_outcome outcome;
	struct seal_request q = { .key = b->key,
		.level = SEAL_B_B,
		.anchors = b->anchors,
		.policy = policy_default(),
		.skip_self_check = b->skip_self_check };
	TRY(draft_in_memory(s, b->document, &draft));
	return seal_document(s, &world, &q, draft, &outcome);
}

/* Everything for real: the authority is asked for timestamps and OCSP responses each time. */
static enum err job_level(struct bench *b, struct scope *s)
{
	struct draft *draft;
	struct seal_outcome outcome;
	struct seal_request q = { .key = b->key,
		.level = b->level,
		.anchors = b->anchors,
		.policy = policy_default(),
		.tsa_urls = &b->tsa,
		.n_tsa_urls = 1 };
	fetch_curl_begin_job(b->world->fetcher);
	TRY(draft_in_memory(s, b->document, &draft));
	return seal_document(s, &b->world->world, &q, draft, &outcome);
}

static enum err job_sign_and_hash(struct bench *b, struct scope *s)
{
	struct digest d;
	struct bytes value;
	TRY(digest_of_bytes(s, key_digest(b->key, DIGEST_UNKNOWN), b->document, &d));
	return b->key->sign(b->key->ctx, s, &b->raw_alg, digest_bytes(&d), &value);
}

static enum err validate(struct bench *b, struct scope *s, struct report **ret_report)
{
	struct validate_request q = { .name = "bench",
		.document = b->document,
		.anchors = b->anchors,
		.policy = policy_default(),
		.at = b->now,
		.offline = true };
	TRY(validate_pdf(s, NULL, &q, ret_report));
	if ((*ret_report)->conclusion != CONCLUSION_TOTAL_PASSED)
		return scope_fault(s, ERR_INTERNAL, "the sealed document is not TOTAL-PASSED");
	return OK;
}

static enum err job_validate(struct bench *b, struct scope *s)
{
	struct report *r;
	return validate(b, s, &r);
}

/* Signatures that the verdict rests on; an anchor's own is not among them. */
static enum err count_verifications(struct bench *b)
{
	struct report *r;
	TRY(validate(b, b->s, &r));
	b->verifications = r->evidence.timestamps + r->evidence.ocsp_responses + r->evidence.crls;
	for (size_t i = 0; i < r->n_signatures; i++)
		b->verifications += !r->signatures[i].is_document_timestamp;
	for (size_t i = 0; i < r->items->n_certs; i++)
		b->verifications += !anchors_has(b->anchors, r->items->certs[i].cert);
	return OK;
}

/* The least that a file costs: each signature in it once, and its ranges hashed (of a B-LTA file
 * there are two digests, of seals alone one that goes on from one to the next). */
static enum err job_verify_and_hash(struct bench *b, struct scope *s)
{
	struct digest d;
	for (int i = 0; i < b->hashings; i++)
		TRY(digest_of_bytes(s, DIGEST_SHA256, b->document, &d));
	for (size_t i = 0; i < b->verifications; i++) {
		bool ok = false;
		TRY(signature_alg_verify(
		    s, b->raw_alg, b->key->cert->key, BYTES_LIT("raw"), b->raw_value, &ok));
		if (!ok)
			return scope_fault(s, ERR_INTERNAL, "raw verification failed");
	}
	return OK;
}

struct turn {
	struct bench *b;
	job run;
};

static enum err call(void *ctx, struct scope *s)
{
	const struct turn *t = ctx;
	return t->run(t->b, s);
}

static struct measure_result measure(struct bench *b, job run, job limit)
{
	struct turn job_turn = { b, run }, limit_turn = { b, limit };
	return measure_in_turn(b->clock, (struct measure_job){ call, &job_turn },
	    (struct measure_job){ call, &limit_turn });
}

static void compare(struct bench *b, const char *what, job run, job limit)
{
	const struct measure_result m = measure(b, run, limit);
	printf("%-44s %9.1f/s  limit %9.1f/s  ratio %.2f\n", what, m.rate, m.limit, m.ratio);
}

static enum err load_key(struct bench *b, const char *p12, const char *password_file)
{
	struct bytes password;
	TRY(password_of_file(b->s, password_file, &password));
	TRY(key_file_open(b->s, p12, password, &b->key));
	TRY(key_signature_alg(
	    b->s, b->key, key_digest(b->key, DIGEST_UNKNOWN), false, &b->raw_alg));
	b->now = b->key->cert->not_before;
	return anchors_new(b->s, NULL, 0, &b->anchors);
}

static enum err load_document(struct bench *b, const char *path)
{
	const struct input_file *in;
	TRY(input_file_open(b->s, path, &in));
	b->document = in->bytes;
	return OK;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static enum err bench_seal(struct bench *b, char **argv)
{
	char what[128];
	const char *name = base_name(argv[3]);
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[3], argv[4]));
	b->skip_self_check = true;
	snprintf(
	    what, sizeof(what), "seal B-B, no self-check, %s, %zu KB", name, b->document.n / 1000);
	compare(b, what, job_seal, job_sign_and_hash);
	b->skip_self_check = false;
	snprintf(
	    what, sizeof(what), "seal B-B, self-check, %s, %zu KB", name, b->document.n / 1000);
	compare(b, what, job_seal, job_sign_and_hash);
	return OK;
}

static enum err load_trust(struct bench *b, const char *path)
{
	return trust_files_load(b->s, &path, 1, &b->anchors);
}

static enum err bench_level(struct bench *b, char **argv)
{
	char what[128];
	struct fetch_curl_config config = { 0 };
	if (!seal_level_of_name(argv[2], &b->level))
		return scope_fault(b->s, ERR_MISUSE, "no such level: %s", argv[2]);
	TRY(load_document(b, argv[3]));
	TRY(load_key(b, argv[4], argv[5]));
	b->tsa = argv[6];
	TRY(load_trust(b, argv[7]));
	fetch_target_allow_loopback(&config.targets);
	TRY(world_system_new(b->s, &config, &b->world));
	/* The ninth word: a folder for answers that are kept. */
	if (argv[8])
		TRY(world_system_keep(b->s, b->world, argv[8], INSTANT_NONE));
	b->clock = CLOCK_MONOTONIC;
	snprintf(what, sizeof(what), "seal %s, all services, %s, %zu KB", argv[2],
	    base_name(argv[4]), b->document.n / 1000);
	compare(b, what, job_level, job_sign_and_hash);
	return OK;
}

static enum err bench_validate(struct bench *b, char **argv)
{
	char what[128];
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[4], argv[5]));
	TRY(load_trust(b, argv[3]));
	b->now.unix_s = time(NULL);
	b->hashings = 2;
	TRY(count_verifications(b));
	TRY(b->key->sign(b->key->ctx, b->s, &b->raw_alg, BYTES_LIT("raw"), &b->raw_value));
	snprintf(what, sizeof(what), "validate B-LTA, offline, %zu sigs, %s, %zu KB",
	    b->verifications, base_name(argv[4]), b->document.n / 1000);
	compare(b, what, job_validate, job_verify_and_hash);
	return OK;
}

static enum err bench_hash(struct bench *b, char **argv)
{
	struct digest d;
	TRY(load_document(b, argv[2]));
	TRY(digest_of_bytes(b->s, DIGEST_SHA256, b->document, &d));
	b->clock = CLOCK_MONOTONIC;
	double start = measure_seconds(b->clock);
	TRY(digest_of_bytes(b->s, DIGEST_SHA256, b->document, &d));
	printf("%.3f\n", measure_seconds(b->clock) - start);
	return OK;
}

/* -- many signatures -- */

static enum err seal_once(struct bench *b, struct bytes *document)
{
	struct world world = {
		.ctx = b, .now = bench_now, .random = bench_random, .fetch = bench_fetch
	};
	struct scope *s = scope_new(0);
	struct draft *draft;
	struct seal_outcome outcome;
	struct seal_request q = { .key = b->key,
		.level = SEAL_B_B,
		.anchors = b->anchors,
		.policy = policy_default(),
		.skip_self_check = true };
	enum err err = s ? draft_in_memory(s, *document, &draft) : ERR_NOMEM;
	if (err == OK)
		err = seal_document(s, &world, &q, draft, &outcome);
	if (err == OK)
		err = bytes_copy(b->s, draft->document, document);
	if (err != OK)
		fprintf(stderr, "bench: %s\n", s ? scope_fault_text(s) : "out of memory");
	scope_free(s);
	return err;
}

static enum err job_judge(struct bench *b, struct scope *s)
{
	struct report *r;
	struct validate_request q = { .name = "bench",
		.document = b->document,
		.anchors = b->anchors,
		.policy = policy_default(),
		.at = b->now,
		.offline = true };
	return validate_pdf(s, NULL, &q, &r);
}

static enum err job_hash(struct bench *b, struct scope *s)
{
	struct digest d;
	return digest_of_bytes(s, DIGEST_SHA256, b->document, &d);
}

static enum err bench_signatures(struct bench *b, char **argv)
{
	static const size_t steps[] = { 1, 10, 100, 200, 500 };
	const size_t most = strtoul(argv[5], NULL, 10);
	size_t n = 0;
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[3], argv[4]));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && steps[i] <= most; i++) {
		for (; n < steps[i]; n++)
			TRY(seal_once(b, &b->document));
		const struct measure_result m = measure(b, job_judge, job_hash);
		printf("%5zu signatures, %6zu KB %22.3f ms a signature   hashing the file once "
		       "%7.3f ms\n",
		    n, b->document.n / 1000, 1e3 / m.rate / (double)n, 1e3 / m.limit);
	}
	return OK;
}

/* -- a long document with many seals -- */

static enum err bench_document(struct bench *b, char **argv)
{
	const size_t n = strtoul(argv[5], NULL, 10);
	char what[64];
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[3], argv[4]));
	for (size_t i = 0; i < n; i++)
		TRY(seal_once(b, &b->document));
	TRY(b->key->sign(b->key->ctx, b->s, &b->raw_alg, BYTES_LIT("raw"), &b->raw_value));
	b->verifications = n;
	b->hashings = 1;
	snprintf(what, sizeof(what), "judging %zu seals on %zu MB", n, b->document.n / 1000000);
	compare(b, what, job_judge, job_verify_and_hash);
	return OK;
}

/* -- the cache -- */

static enum err empty_folder(struct scope *s, const char *path)
{
	struct folder f = { 0 };
	if (!folder_is_at(path))
		return OK;
	TRY(folder_list(s, path, "", &f));
	for (size_t i = 0; i < f.n; i++)
		unlink(f.paths[i]);
	return OK;
}

static enum err job_online(struct bench *b, struct scope *s)
{
	struct report *r;
	struct fetch_curl_config config = { 0 };
	struct validate_request q = { .name = "bench",
		.document = b->document,
		.anchors = b->anchors,
		.policy = policy_default(),
		.at = b->now };
	fetch_target_allow_loopback(&config.targets);
	if (b->cold)
		TRY(empty_folder(s, b->folder));
	TRY(world_system_new(s, &config, &b->world));
	TRY(world_system_keep(s, b->world, b->folder, b->now));
	TRY(validate_pdf(s, &b->world->world, &q, &r));
	if (r->conclusion != CONCLUSION_TOTAL_PASSED)
		return scope_fault(s, ERR_INTERNAL, "the sealed document is not TOTAL-PASSED");
	return OK;
}

static enum err bench_cache(struct bench *b, char **argv)
{
	char what[128];
	TRY(load_document(b, argv[2]));
	TRY(load_trust(b, argv[3]));
	b->folder = argv[4];
	b->clock = CLOCK_MONOTONIC;
	b->now.unix_s = time(NULL);
	for (int i = 0; i < b->hashings; i++) {
		b->cold = i == 0;
		const struct measure_result m = measure(b, job_online, job_hash);
		snprintf(what, sizeof(what), "validate %s online, %s cache", base_name(argv[2]),
		    b->cold ? "cold" : "warm");
		printf("%-44s %9.1f/s\n", what, m.rate);
	}
	return OK;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int argc;
		enum err (*run)(struct bench *b, char **argv);
		bool optional; /* one more argument may follow */
	} verbs[] = {
		{ "seal", 5, bench_seal, false },
		{ "level", 8, bench_level, true },
		{ "validate", 6, bench_validate, false },
		{ "hash", 3, bench_hash, false },
		{ "signatures", 6, bench_signatures, false },
		{ "document", 6, bench_document, false },
		{ "cache", 5, bench_cache, false },
	};
	struct bench b = { .s = scope_new(0), .clock = CLOCK_PROCESS_CPUTIME_ID };
	enum err err = ERR_MISUSE;
	if (!b.s)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if ((argc == verbs[i].argc || (argc == verbs[i].argc + 1 && verbs[i].optional)) &&
		    strcmp(argv[1], verbs[i].name) == 0)
			err = verbs[i].run(&b, argv);
	if (err != OK)
		fprintf(stderr, "bench: %s\n", scope_fault_text(b.s));
	scope_free(b.s);
	return err != OK;
}
