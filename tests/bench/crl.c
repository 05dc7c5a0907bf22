/*
 * A long revocation list: how long it takes to load, against hashing its octets, which loading
 * includes; and to find an entry, against bsearch over nothing but the serial numbers. CPU time of
 * this process.
 *
 *	crl ENTRIES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/crl.h"
#include "formats/der.h"
#include "tests/support/measure.h"

#define SERIAL 16     /* octets of a serial number */
#define LOOK_UPS 1000 /* in one run */

struct bench {
	struct scope *s;
	size_t n_entries;
	struct bytes der;
	const struct crl *crl;
	uint8_t (*serials)[SERIAL]; /* in order, once the list is made */
	size_t n_looked_up;         /* others each time: not what the processor's cache holds */
};

/* The same for the same number; spread evenly. */
static void make_serial(uint64_t i, uint8_t ret_serial[SERIAL])
{
	for (int half = 0; half < 2; half++) {
		uint64_t x = (2 * i + (uint64_t)half + 1) * UINT64_C(0x9e3779b97f4a7c15);
		x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
		x ^= x >> 31;
		memcpy(ret_serial + 8 * half, &x, 8);
	}
	ret_serial[0] = (uint8_t)((ret_serial[0] & 0x3f) | 0x40);
}

static void add_entry(struct buf *d, const uint8_t serial[SERIAL], struct instant at)
{
	static const uint8_t reason[] = { 0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15,
		0x04, 0x03, 0x0a, 0x01, 0x01 };
	size_t entry = der_open(d, DER_SEQUENCE);
	der_add(d, DER_INTEGER, bytes_of(serial, SERIAL));
	der_add_time(d, at);
	buf_add(d, bytes_of(reason, sizeof(reason)));
	der_close(d, entry);
}

/* A list of that many entries, with reason codes; its signature is none. */
static enum err make_crl(struct bench *b)
{
	static const uint8_t alg[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
		0x03, 0x02 };
	static const uint8_t name[] = { 0x30, 0x10, 0x31, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04,
		0x03, 0x0c, 0x05, 'b', 'e', 'n', 'c', 'h' };
	struct buf d = buf_new(b->s, SIZE_MAX);
	size_t whole = der_open(&d, DER_SEQUENCE), tbs = der_open(&d, DER_SEQUENCE);
	der_add_small_integer(&d, 1);
	buf_add(&d, bytes_of(alg, sizeof(alg)));
	buf_add(&d, bytes_of(name, sizeof(name)));
	der_add_time(&d, (struct instant){ 1700000000 });
	der_add_time(&d, (struct instant){ 1800000000 });
	size_t revoked = der_open(&d, DER_SEQUENCE);
	for (size_t i = 0; i < b->n_entries; i++)
		add_entry(&d, b->serials[i], (struct instant){ 1600000000 + (int64_t)i });
	der_close(&d, revoked);
	der_close(&d, tbs);
	buf_add(&d, bytes_of(alg, sizeof(alg)));
	der_add(&d, DER_BIT_STRING, BYTES_LIT("\0none"));
	der_close(&d, whole);
	return buf_done(&d, &b->der);
}

static int by_serial(const void *a, const void *b)
{
	return memcmp(a, b, SERIAL);
}

static enum err load_crl(void *ctx, struct scope *s)
{
	const struct bench *b = ctx;
	const struct crl *crl;
	return crl_parse(s, b->der, &crl);
}

static enum err hash_crl(void *ctx, struct scope *s)
{
	const struct bench *b = ctx;
	struct digest d;
	return digest_of_bytes(s, DIGEST_SHA256, b->der, &d);
}

/* Every second serial number is in the list. */
static bool pick_serial(struct bench *b, uint8_t ret_serial[SERIAL])
{
	const size_t i = b->n_looked_up++;
	make_serial(i * 7919 % b->n_entries + (i % 2 ? b->n_entries : 0), ret_serial);
	return i % 2 == 0;
}

static enum err look_up(void *ctx, struct scope *s)
{
	struct bench *b = ctx;
	for (size_t i = 0; i < LOOK_UPS; i++) {
		uint8_t serial[SERIAL];
		struct crl_entry e;
		bool found;
		const bool is_there = pick_serial(b, serial);
		TRY(crl_find(s, b->crl, b->crl->issuer, bytes_of(serial, SERIAL), &found, &e));
		if (found != is_there)
			return scope_fault(s, ERR_INTERNAL, "a wrong entry");
	}
	return OK;
}

static enum err search(void *ctx, struct scope *s)
{
	struct bench *b = ctx;
	for (size_t i = 0; i < LOOK_UPS; i++) {
		uint8_t serial[SERIAL];
		const bool is_there = pick_serial(b, serial);
		const void *found = bsearch(serial, b->serials, b->n_entries, SERIAL, by_serial);
		if ((found != NULL) != is_there)
			return scope_fault(s, ERR_INTERNAL, "a wrong serial number");
	}
	return OK;
}

static enum err run(struct bench *b, size_t n_entries)
{
	b->n_entries = n_entries;
	b->serials = scope_alloc_array(b->s, b->n_entries, SERIAL);
	if (!b->serials)
		return ERR_NOMEM;
	for (size_t i = 0; i < b->n_entries; i++)
		make_serial(i, b->serials[i]);
	TRY(make_crl(b));
	qsort(b->serials, b->n_entries, SERIAL, by_serial);
	const double mb = (double)b->der.n / 1e6;
	const size_t before = scope_used(b->s);
	TRY(crl_parse(b->s, b->der, &b->crl));
	const double more = (double)(scope_used(b->s) - before) / 1e6;
	const struct measure_result load = measure_in_turn(CLOCK_PROCESS_CPUTIME_ID,
	    (struct measure_job){ load_crl, b }, (struct measure_job){ hash_crl, b });
	const struct measure_result find = measure_in_turn(CLOCK_PROCESS_CPUTIME_ID,
	    (struct measure_job){ look_up, b }, (struct measure_job){ search, b });
	printf("%-44s %9.3f s   hashing %9.3f s   ratio %.1f\n", "load", 1 / load.rate,
	    1 / load.limit, 1 / load.ratio);
	printf("%-44s %9.3f s\n", "load, per 50 MB", 1 / load.rate / mb * 50);
	printf("%-44s %9.3f us  bsearch %9.3f us  ratio %.1f\n", "look up",
	    1e6 / find.rate / LOOK_UPS, 1e6 / find.limit / LOOK_UPS, 1 / find.ratio);
	printf("%-44s %9.1f MB beside the %.1f MB of the list\n", "memory handed out", more, mb);
	return OK;
}

int main(int argc, char **argv)
{
	struct bench b = { .s = scope_new(0) };
	enum err err = b.s ? ERR_MISUSE : ERR_NOMEM;
	if (err != ERR_NOMEM && argc == 2)
		err = run(&b, strtoul(argv[1], NULL, 10));
	if (err != OK)
		fprintf(stderr, "crl: %s\n", b.s ? scope_fault_text(b.s) : "out of memory");
	scope_free(b.s);
	return err != OK;
}
