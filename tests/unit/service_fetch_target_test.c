#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "service/fetch_target.h"

static void assert_objection(
    const struct fetch_target_rules *rules, const char *address, const char *what)
{
	const char *said = fetch_target_objection_to_text(rules, address);
	if (!what != !said || (what && strcmp(what, said)))
		fail_msg("%s: %s, not %s", address, said ? said : "fine", what ? what : "fine");
}

/* The first and the last address of each range, and their neighbours outside. */
static void test_special_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *address, *what;
	} cases[] = {
		{ "0.0.0.0", "an address of this host" },
		{ "0.255.255.255", "an address of this host" },
		{ "1.0.0.0", NULL },
		{ "9.255.255.255", NULL },
		{ "10.0.0.0", "a private address" },
		{ "10.255.255.255", "a private address" },
		{ "11.0.0.0", NULL },
		{ "100.63.255.255", NULL },
		{ "100.64.0.0", "a provider's shared address" },
		{ "100.127.255.255", "a provider's shared address" },
		{ "100.128.0.0", NULL },
		{ "126.255.255.255", NULL },
		{ "127.0.0.1", "a loopback address" },
		{ "127.255.255.255", "a loopback address" },
		{ "128.0.0.0", NULL },
		{ "168.63.129.15", NULL },
		{ "168.63.129.16", "a cloud host's metadata address" },
		{ "168.63.129.17", NULL },
		{ "169.253.255.255", NULL },
		{ "169.254.169.254", "a link-local address" },
		{ "169.255.0.0", NULL },
		{ "172.15.255.255", NULL },
		{ "172.16.0.0", "a private address" },
		{ "172.31.255.255", "a private address" },
		{ "172.32.0.0", NULL },
		{ "192.0.0.192", "a reserved address" },
		{ "192.0.1.0", NULL },
		{ "192.0.2.1", "an address for documentation" },
		{ "192.88.99.1", "a reserved address" },
		{ "192.167.255.255", NULL },
		{ "192.168.0.0", "a private address" },
		{ "192.168.255.255", "a private address" },
		{ "192.169.0.0", NULL },
		{ "198.17.255.255", NULL },
		{ "198.19.255.255", "an address for benchmarks" },
		{ "198.20.0.0", NULL },
		{ "198.51.100.7", "an address for documentation" },
		{ "203.0.113.7", "an address for documentation" },
		{ "223.255.255.255", NULL },
		{ "224.0.0.1", "a multicast address" },
		{ "239.255.255.255", "a multicast address" },
		{ "240.0.0.0", "a reserved address" },
		{ "255.255.255.255", "a reserved address" },
		{ "::", "an address of this host" },
		{ "::1", "a loopback address" },
		{ "::2", "a reserved address" },
		{ "::127.0.0.1", "a reserved address" },
		{ "1fff:ffff::", "a reserved address" },
		{ "2000::", NULL },
		{ "2001:0:1::", "a reserved address" },
		{ "2001:1ff:ffff::", "a reserved address" },
		{ "2001:200::", NULL },
		{ "2001:db8::1", "an address for documentation" },
		{ "2001:db9::1", NULL },
		{ "3fff:fff:ffff::", "an address for documentation" },
		{ "3fff:1000::", NULL },
		{ "4000::", "a reserved address" },
		{ "fc00::1", "a private address" },
		{ "fd00:ec2::254", "a private address" },
		{ "fe80::1", "a link-local address" },
		{ "fec0::1", "a private address" },
		{ "ff02::1", "a multicast address" },
	};
	const struct fetch_target_rules none = { .n = 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_objection(&none, cases[i].address, cases[i].what);
}

static void test_ipv4_inside_ipv6(void **state)
{
	(void)state;
	const struct fetch_target_rules none = { .n = 0 };
	assert_objection(&none, "::ffff:127.0.0.1", "a loopback address");
	assert_objection(&none, "::ffff:10.1.2.3", "a private address");
	assert_objection(&none, "::ffff:8.8.8.8", NULL);
	assert_objection(&none, "64:ff9b::127.0.0.1", "a loopback address");
	assert_objection(&none, "64:ff9b::169.254.169.254", "a link-local address");
	assert_objection(&none, "64:ff9b::8.8.8.8", NULL);
	assert_objection(&none, "64:ff9b:1::8.8.8.8", "a reserved address");
	assert_objection(&none, "2002:7f00:1::", "a loopback address");
	assert_objection(&none, "2002:c0a8:101::1", "a private address");
	assert_objection(&none, "2002:808:808::1", NULL);
}

static void test_allowed_ranges(void **state)
{
	(void)state;
	struct fetch_target_rules rules = { .n = 0 };
	assert_true(fetch_target_allow(&rules, "10.1.0.0/16"));
	assert_objection(&rules, "10.0.255.255", "a private address");
	assert_objection(&rules, "10.1.0.0", NULL);
	assert_objection(&rules, "10.1.255.255", NULL);
	assert_objection(&rules, "::ffff:10.1.255.255", NULL);
	assert_objection(&rules, "10.2.0.0", "a private address");
	assert_true(fetch_target_allow(&rules, "192.168.7.9"));
	assert_objection(&rules, "192.168.7.8", "a private address");
	assert_objection(&rules, "192.168.7.9", NULL);
	assert_true(fetch_target_allow(&rules, "fd12:3450::/28"));
	assert_objection(&rules, "fd12:344f::1", "a private address");
	assert_objection(&rules, "fd12:3450::1", NULL);
	assert_objection(&rules, "fd12:345f:ffff::1", NULL);
	assert_objection(&rules, "fd12:3460::1", "a private address");
	assert_true(fetch_target_allow(&rules, "0.0.0.0/0"));
	assert_objection(&rules, "255.255.255.255", NULL);
	assert_objection(&rules, "ff02::1", "a multicast address");
	assert_true(fetch_target_allow(&rules, "::/0"));
	assert_objection(&rules, "ff02::1", NULL);
}

static void test_loopback(void **state)
{
	(void)state;
	struct fetch_target_rules rules = { .n = 0 };
	fetch_target_allow_loopback(&rules);
	assert_objection(&rules, "127.0.0.1", NULL);
	assert_objection(&rules, "127.255.255.255", NULL);
	assert_objection(&rules, "::1", NULL);
	assert_objection(&rules, "::ffff:127.0.0.1", NULL);
	assert_objection(&rules, "10.0.0.1", "a private address");
	assert_objection(&rules, "0.0.0.0", "an address of this host");
}

static void test_what_is_no_range(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "/", "10", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8x", "10.0.0.0/8/8",
		"256.0.0.0/8", "fd00::/129", "fd00::/99999999999999999999", "example.org",
		"example.org/8", "[::1]", "::1%lo", " 10.0.0.1" };
	struct fetch_target_rules rules = { .n = 0 };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (fetch_target_allow(&rules, texts[i]))
			fail_msg("%s was taken for a range", texts[i]);
	char longer[1000];
	memset(longer, '1', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_false(fetch_target_allow(&rules, longer));
	longer[500] = '/';
	assert_false(fetch_target_allow(&rules, longer));
	assert_int_equal(rules.n, 0);
	for (size_t i = 0; i < LIMIT_ALLOWED_RANGES; i++)
		assert_true(fetch_target_allow(&rules, "10.0.0.0/8"));
	assert_false(fetch_target_allow(&rules, "10.0.0.0/8"));
}

static void test_socket_addresses(void **state)
{
	(void)state;
	const struct fetch_target_rules none = { .n = 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	const struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *a = (const struct sockaddr *)&in, *b = (const struct sockaddr *)&in6;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_string_equal(fetch_target_objection(&none, a), "a loopback address");
	in.sin_addr.s_addr = htonl(0x08080808);
	assert_null(fetch_target_objection(&none, a));
	in6.sin6_addr = in6addr_loopback;
	assert_string_equal(fetch_target_objection(&none, b), "a loopback address");
	assert_int_equal(inet_pton(AF_INET6, "2606:4700::1", &in6.sin6_addr), 1);
	assert_null(fetch_target_objection(&none, b));
	assert_string_equal(
	    fetch_target_objection(&none, (const struct sockaddr *)&un), "no Internet address");
	assert_objection(&none, "localhost", "no Internet address");
	assert_objection(&none, "", "no Internet address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_special_addresses),
		cmocka_unit_test(test_ipv4_inside_ipv6),
		cmocka_unit_test(test_allowed_ranges),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_what_is_no_range),
		cmocka_unit_test(test_socket_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
