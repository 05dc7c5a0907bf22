#include "validator/policy_algorithms.h"

#include <string.h>

static bool number_of(struct bytes digits, int *ret_number)
{
	int number = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		number = 10 * number + (digits.p[i] - '0');
	}
	*ret_number = number;
	return true;
}

static bool date_of(struct bytes text, struct instant *ret_date)
{
	struct civil c = { 0 };
	return text.n == 10 && text.p[4] == '-' && text.p[7] == '-' &&
	       number_of(bytes_cut(text, 0, 4), &c.year) &&
	       number_of(bytes_cut(text, 5, 2), &c.month) &&
	       number_of(bytes_cut(text, 8, 2), &c.day) && instant_of_civil(c, ret_date);
}

static enum err read_end(struct scope *s, const struct policy_place *at, struct instant *ret_end)
{
	TRY(policy_reader_want(s, at, JSON_TREE_TEXT, "not a date"));
	struct bytes text = bytes_of_str(at->value->text);
	if (bytes_equal_str(text, "forever"))
		*ret_end = POLICY_FOREVER;
	else if (bytes_equal_str(text, "never"))
		*ret_end = POLICY_NEVER;
	else if (!date_of(text, ret_end))
		return policy_reader_refuse(
		    s, at, "not a date: neither YYYY-MM-DD nor \"forever\" nor \"never\"");
	return OK;
}

/* A number without leading zeros, of at most five digits: the largest keys have 16384 bits. */
static bool bits_of(const char *key, int *ret_bits)
{
	struct bytes digits = bytes_of_str(key);
	bool fits = digits.n > 0 && digits.n <= 5 && (digits.p[0] != '0' || digits.n == 1);
	return fits && number_of(digits, ret_bits);
}

static void insert_size(struct policy_sizes *sizes, int bits, struct instant end)
{
	size_t i = sizes->n++;
	for (; i > 0 && sizes->item[i - 1].bits > bits; i--)
		sizes->item[i] = sizes->item[i - 1];
	sizes->item[i] = (struct policy_size){ bits, end };
}

/* The sizes of a scheme are given all together: what stood there before is gone. */
static enum err read_sizes(
    struct scope *s, const struct policy_place *at, struct policy_sizes *ret_sizes)
{
	struct policy_sizes sizes = { .n = 0 };
	struct instant end;
	if (at->value->kind != JSON_TREE_OBJECT) {
		TRY(read_end(s, at, &end));
		if (end.unix_s != POLICY_NEVER.unix_s)
			insert_size(&sizes, 0, end);
		*ret_sizes = sizes;
		return OK;
	}
	if (at->value->n > POLICY_SIZES)
		return policy_reader_refuse(s, at, "too many sizes");
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		int bits;
		if (!bits_of(one.value->key, &bits))
			return policy_reader_refuse(s, &one, "not a number of bits");
		TRY(read_end(s, &one, &end));
		insert_size(&sizes, bits, end);
	}
	*ret_sizes = sizes;
	return OK;
}

static enum err read_digests(
    struct scope *s, const struct policy_place *at, struct policy_algorithms *a)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		unsigned digest_alg;
		if (!policy_fields_find(policy_fields_digest, one.value->key, &digest_alg))
			return policy_reader_refuse(s, &one, "unknown digest");
		TRY(read_end(s, &one, &a->digests[digest_alg]));
	}
	return OK;
}

static enum err read_schemes(
    struct scope *s, const struct policy_place *at, struct policy_algorithms *a)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		unsigned scheme;
		if (!policy_fields_find(policy_fields_scheme, one.value->key, &scheme))
			return policy_reader_refuse(s, &one, "unknown scheme");
		TRY(read_sizes(s, &one, &a->schemes[scheme]));
	}
	return OK;
}

static enum err read_use(
    struct scope *s, const struct policy_place *at, struct policy_algorithms *a)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		if (strcmp(one.value->key, "digests") == 0)
			TRY(read_digests(s, &one, a));
		else if (strcmp(one.value->key, "schemes") == 0)
			TRY(read_schemes(s, &one, a));
		else
			return policy_reader_refuse(s, &one, "unknown key");
	}
	return OK;
}

/* "all" first, wherever it stands: what is said of one use goes before what is said of all. */
enum err policy_algorithms_read(struct scope *s, const struct policy_place *at, struct policy *p)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		bool is_all = strcmp(one.value->key, "all") == 0;
		for (enum policy_use use = 0; is_all && use < POLICY_USES; use++)
			TRY(read_use(s, &one, &p->algorithms[use]));
	}
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		bool known = strcmp(one.value->key, "all") == 0;
		for (enum policy_use use = 0; use < POLICY_USES; use++) {
			if (strcmp(one.value->key, policy_fields_use(use)) != 0)
				continue;
			TRY(read_use(s, &one, &p->algorithms[use]));
			known = true;
		}
		if (!known)
			return policy_reader_refuse(s, &one, "unknown key");
	}
	return OK;
}
