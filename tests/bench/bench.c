/*
 * Rates inside one process, as ratios to what this machine can do: the raw cost of the signature
 * operations a job cannot avoid, plus one raw hashing pass over each signed range, measured in the
 * same run, in turn with the job itself. CPU time of this process; the median of several rounds.
 *
 *	bench seal DOCUMENT KEY.p12 PASSWORD-FILE
 *	bench validate SEALED TRUST.pem VERIFICATIONS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/scope.h"
#include "sealer/seal.h"
#include "service/input_file.h"
#include "service/key_file.h"
#include "service/password.h"
#include "service/trust_files.h"
#include "validator/validate.h"

#define ROUNDS 7
#define ROUND_S 0.25

struct bench {
	struct scope *s; /* what lives as long as the run */
	struct bytes document;
	const struct key *key;
	const struct anchors *anchors;
	struct instant now;
	bool skip_self_check;
	int verifications;
	struct digest raw_digest;
	struct bytes raw_value;
	struct signature_alg raw_alg;
};

typedef enum err (*job)(struct bench *b, struct scope *s);

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

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

static enum err job_sign_and_hash(struct bench *b, struct scope *s)
{
	struct digest d;
	struct bytes value;
	TRY(digest_of_bytes(s, DIGEST_SHA256, b->document, &d));
	return b->key->sign(b->key->ctx, s, &b->raw_alg, digest_bytes(&d), &value);
}

static enum err job_validate(struct bench *b, struct scope *s)
{
	struct report *r;
	struct validate_request q = { .name = "bench",
		.document = b->document,
		.anchors = b->anchors,
		.policy = policy_default(),
		.at = b->now,
		.offline = true };
	TRY(validate_pdf(s, NULL, &q, &r));
	if (r->conclusion != CONCLUSION_TOTAL_PASSED)
		return scope_fault(s, ERR_INTERNAL, "the sealed document is not TOTAL-PASSED");
	return OK;
}

/* The least that a B-LTA file costs: each signature in it once, and two ranges hashed. */
static enum err job_verify_and_hash(struct bench *b, struct scope *s)
{
	struct digest d;
	for (int i = 0; i < 2; i++)
		TRY(digest_of_bytes(s, DIGEST_SHA256, b->document, &d));
	for (int i = 0; i < b->verifications; i++) {
		bool ok = false;
		TRY(signature_alg_verify_digest(s, b->raw_alg, b->key->cert->key, &b->raw_digest,
		    b->raw_value, &ok));
		if (!ok)
			return scope_fault(s, ERR_INTERNAL, "raw verification failed");
	}
	return OK;
}

/* Runs of a job per second of CPU. */
static double rate(struct bench *b, job run)
{
	double start = cpu_seconds(), end = start;
	size_t n = 0;
	while (end - start < ROUND_S) {
		struct scope *s = scope_new(0);
		enum err err = s ? run(b, s) : ERR_NOMEM;
		if (err != OK) {
			fprintf(stderr, "bench: %s\n", s ? scope_fault_text(s) : "out of memory");
			exit(1);
		}
		scope_free(s);
		n++;
		end = cpu_seconds();
	}
	return (double)n / (end - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void compare(struct bench *b, const char *what, job run, job limit)
{
	double rates[ROUNDS], limits[ROUNDS], ratios[ROUNDS];
	rate(b, run);
	for (int i = 0; i < ROUNDS; i++) {
		rates[i] = rate(b, run);
		limits[i] = rate(b, limit);
		ratios[i] = rates[i] / limits[i];
	}
	qsort(rates, ROUNDS, sizeof(double), by_value);
	qsort(limits, ROUNDS, sizeof(double), by_value);
	qsort(ratios, ROUNDS, sizeof(double), by_value);
	printf("%-44s %9.1f/s  limit %9.1f/s  ratio %.2f\n", what, rates[ROUNDS / 2],
	    limits[ROUNDS / 2], ratios[ROUNDS / 2]);
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

static enum err bench_seal(struct bench *b, char **argv)
{
	char what[128];
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[3], argv[4]));
	const char *name = strrchr(argv[3], '/') ? strrchr(argv[3], '/') + 1 : argv[3];
	b->skip_self_check = true;
	snprintf(what, sizeof(what), "seal B-B, no self-check, %s, %zu KB", name,
	    b->document.n / 1000);
	compare(b, what, job_seal, job_sign_and_hash);
	b->skip_self_check = false;
	snprintf(what, sizeof(what), "seal B-B, self-check, %s, %zu KB", name,
	    b->document.n / 1000);
	compare(b, what, job_seal, job_sign_and_hash);
	return OK;
}

static enum err bench_validate(struct bench *b, char **argv)
{
	char what[128];
	TRY(load_document(b, argv[2]));
	TRY(load_key(b, argv[5], argv[6]));
	const char *trust = argv[3];
	TRY(trust_files_load(b->s, &trust, 1, &b->anchors));
	b->now.unix_s = time(NULL);
	b->verifications = atoi(argv[4]);
	TRY(digest_of_bytes(b->s, b->raw_alg.digest, BYTES_LIT("raw"), &b->raw_digest));
	TRY(b->key->sign(b->key->ctx, b->s, &b->raw_alg, BYTES_LIT("raw"), &b->raw_value));
	const char *name = strrchr(argv[5], '/') ? strrchr(argv[5], '/') + 1 : argv[5];
	snprintf(what, sizeof(what), "validate B-LTA, offline, %s, %zu KB", name,
	    b->document.n / 1000);
	compare(b, what, job_validate, job_verify_and_hash);
	return OK;
}

int main(int argc, char **argv)
{
	struct bench b = { .s = scope_new(0) };
	enum err err = ERR_MISUSE;
	if (!b.s)
		return 1;
	if (argc == 5 && strcmp(argv[1], "seal") == 0)
		err = bench_seal(&b, argv);
	else if (argc == 7 && strcmp(argv[1], "validate") == 0)
		err = bench_validate(&b, argv);
	if (err != OK)
		fprintf(stderr, "bench: %s\n", scope_fault_text(b.s));
	scope_free(b.s);
	return err != OK;
}
