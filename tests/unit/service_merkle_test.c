#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/digest.h"
#include "service/log/merkle.h"

/* The test vectors of the reference implementation of RFC 6962. */
static const struct {
	const char *entry; /* hex */
	const char *root;  /* of the tree that ends with it */
} vector[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f",
	    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};
#define VECTORS (sizeof(vector) / sizeof(vector[0]))

static const struct {
	uint64_t index, size; /* index from 0 */
	const char *node[4];
} path_vector[] = {
	{ 0, 1, { NULL } },
	{ 0, 8,
	    { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ 5, 8,
	    { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
	{ 1, 5,
	    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};
#define PATHS (sizeof(path_vector) / sizeof(path_vector[0]))

static struct merkle_hash hash_of_hex(struct scope *s, const char *hex)
{
	struct merkle_hash h;
	struct bytes b;
	assert_int_equal(bytes_of_hex(s, bytes_of_str(hex), &b), OK);
	assert_int_equal(b.n, MERKLE_HASH);
	memcpy(h.octet, b.p, MERKLE_HASH);
	return h;
}

static struct bytes entry_of(struct scope *s, size_t i)
{
	struct bytes b;
	assert_int_equal(bytes_of_hex(s, bytes_of_str(vector[i].entry), &b), OK);
	return b;
}

static bool equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void test_roots_of_the_reference(void **state)
{
	struct scope *s = *state;
	struct merkle t = { 0 };
	struct merkle_hash root;
	assert_int_equal(merkle_root(s, &t, &root), OK);
	const struct merkle_hash empty =
	    hash_of_hex(s, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_true(equal(&root, &empty));
	for (size_t i = 0; i < VECTORS; i++) {
		const struct merkle_hash want = hash_of_hex(s, vector[i].root);
		assert_int_equal(merkle_add(s, &t, entry_of(s, i)), OK);
		assert_int_equal(merkle_root(s, &t, &root), OK);
		assert_int_equal(t.size, i + 1);
		assert_true(equal(&root, &want));
	}
}

static bool holds(struct scope *s, size_t entry, uint64_t index, uint64_t size,
    const struct merkle_hash *path, size_t n, const struct merkle_hash *root)
{
	bool ret;
	assert_int_equal(
	    merkle_path_check(s, entry_of(s, entry), index, size, path, n, root, &ret), OK);
	return ret;
}

static void test_paths_of_the_reference(void **state)
{
	struct scope *s = *state;
	for (size_t i = 0; i < PATHS; i++) {
		struct merkle_hash path[5];
		size_t n = 0;
		const uint64_t at = path_vector[i].index, size = path_vector[i].size;
		while (n < 4 && path_vector[i].node[n]) {
			path[n] = hash_of_hex(s, path_vector[i].node[n]);
			n++;
		}
		struct merkle_hash root = hash_of_hex(s, vector[size - 1].root);
		assert_true(holds(s, at, at, size, path, n, &root));
		/* Another entry, place, size; too short, too long; any bit of it. */
		assert_false(holds(s, (at + 1) % 8, at, size, path, n, &root));
		assert_false(holds(s, at, at + 1, size, path, n, &root));
		assert_false(holds(s, at, at + size, size, path, n, &root));
		assert_false(holds(s, at, size, size, path, n, &root));
		assert_false(holds(s, at, at, 0, path, n, &root));
		path[n] = root;
		assert_false(holds(s, at, at, size, path, n + 1, &root));
		if (n)
			assert_false(holds(s, at, at, size, path, n - 1, &root));
		for (size_t bit = 0; bit < n * MERKLE_HASH * 8; bit += 37) {
			uint8_t *octet = &path[bit / 256].octet[bit % 256 / 8];
			*octet ^= (uint8_t)(1 << bit % 8);
			assert_false(holds(s, at, at, size, path, n, &root));
			*octet ^= (uint8_t)(1 << bit % 8);
		}
		root.octet[31] ^= 1;
		assert_false(holds(s, at, at, size, path, n, &root));
	}
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_roots_of_the_reference, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_of_the_reference, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
