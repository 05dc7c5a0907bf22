#include "service/fetch_target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESS_OCTETS 16
#define ADDRESS_TEXT 64

/* IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890), and multicast. */
static const struct {
	const char *cidr, *what;
} special[] = {
	{ "0.0.0.0/8", "an address of this host" },
	{ "10.0.0.0/8", "a private address" },
	{ "100.64.0.0/10", "a provider's shared address" },
	{ "127.0.0.0/8", "a loopback address" },
	/* A cloud host that documents this public address for its metadata. */
	{ "168.63.129.16/32", "a cloud host's metadata address" },
	{ "169.254.0.0/16", "a link-local address" },
	{ "172.16.0.0/12", "a private address" },
	{ "192.0.0.0/24", "a reserved address" },
	{ "192.0.2.0/24", "an address for documentation" },
	{ "192.88.99.0/24", "a reserved address" },
	{ "192.168.0.0/16", "a private address" },
	{ "198.18.0.0/15", "an address for benchmarks" },
	{ "198.51.100.0/24", "an address for documentation" },
	{ "203.0.113.0/24", "an address for documentation" },
	{ "224.0.0.0/4", "a multicast address" },
	{ "240.0.0.0/4", "a reserved address" },
	{ "::/128", "an address of this host" },
	{ "::1/128", "a loopback address" },
	{ "2001::/23", "a reserved address" },
	{ "2001:db8::/32", "an address for documentation" },
	{ "3fff::/20", "an address for documentation" },
	{ "fc00::/7", "a private address" },
	{ "fe80::/10", "a link-local address" },
	{ "fec0::/10", "a private address" },
	{ "ff00::/8", "a multicast address" },
};

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };
static const uint8_t nat64_prefix[12] = { 0x00, 0x64, 0xff, 0x9b };

static void map_ipv4(const uint8_t ipv4[4], uint8_t ret_address[ADDRESS_OCTETS])
{
	uint8_t copy[4]; /* may lie inside the result */
	memcpy(copy, ipv4, sizeof(copy));
	memcpy(ret_address, mapped_prefix, sizeof(mapped_prefix));
	memcpy(ret_address + sizeof(mapped_prefix), copy, sizeof(copy));
}

static bool parse_address(const char *text, uint8_t ret_address[ADDRESS_OCTETS], bool *ret_is_ipv4)
{
	uint8_t ipv4[4];
	*ret_is_ipv4 = inet_pton(AF_INET, text, ipv4) == 1;
	if (*ret_is_ipv4)
		map_ipv4(ipv4, ret_address);
	return *ret_is_ipv4 || inet_pton(AF_INET6, text, ret_address) == 1;
}

static bool parse_range(const char *cidr, struct fetch_target_range *ret_range)
{
	char address[ADDRESS_TEXT], *end = NULL;
	const char *slash = strchr(cidr, '/');
	struct fetch_target_range range;
	bool is_ipv4;
	const int n = slash ? (int)(slash - cidr) : (int)strnlen(cidr, sizeof(address));
	if (n >= (int)sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", n, cidr);
	if (!parse_address(address, range.address, &is_ipv4))
		return false;
	const unsigned long most = is_ipv4 ? 32 : 128;
	unsigned long bits = most;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return false;
		errno = 0;
		bits = strtoul(slash + 1, &end, 10);
		if (errno || *end || bits > most)
			return false;
	}
	range.bits = (unsigned)bits + (is_ipv4 ? 96 : 0);
	*ret_range = range;
	return true;
}

static bool is_in(const struct fetch_target_range *range, const uint8_t address[ADDRESS_OCTETS])
{
	const unsigned whole = range->bits / 8, rest = range->bits % 8;
	if (memcmp(range->address, address, whole) != 0)
		return false;
	const uint8_t mask = (uint8_t)(0xff00U >> rest);
	return rest == 0 || (range->address[whole] & mask) == (address[whole] & mask);
}

/* The IPv4 address that a 6to4 (RFC 3056) or NAT64 (RFC 6052) address leads to takes its place. */
static void unwrap(uint8_t address[ADDRESS_OCTETS])
{
	if (memcmp(address, nat64_prefix, sizeof(nat64_prefix)) == 0)
		map_ipv4(address + sizeof(nat64_prefix), address);
	else if (address[0] == 0x20 && address[1] == 0x02)
		map_ipv4(address + 2, address);
}

static const char *what_is_special(const uint8_t address[ADDRESS_OCTETS])
{
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		struct fetch_target_range range;
		if (parse_range(special[i].cidr, &range) && is_in(&range, address))
			return special[i].what;
	}
	/* RFC 4291 2.4: beside IPv4 only 2000::/3 is handed out as global unicast. */
	const bool is_ipv4 = memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0;
	return is_ipv4 || (address[0] & 0xe0) == 0x20 ? NULL : "a reserved address";
}

static const char *object_to(
    const struct fetch_target_rules *rules, const uint8_t address[ADDRESS_OCTETS])
{
	uint8_t reached[ADDRESS_OCTETS];
	for (size_t i = 0; i < rules->n; i++)
		if (is_in(&rules->range[i], address))
			return NULL;
	if (rules->nothing_else)
		return "another machine's address";
	memcpy(reached, address, sizeof(reached));
	unwrap(reached);
	return what_is_special(reached);
}

bool fetch_target_allow(struct fetch_target_rules *rules, const char *cidr)
{
	if (rules->n == LIMIT_ALLOWED_RANGES || !parse_range(cidr, &rules->range[rules->n]))
		return false;
	rules->n++;
	return true;
}

void fetch_target_allow_loopback(struct fetch_target_rules *rules)
{
	fetch_target_allow(rules, "127.0.0.0/8");
	fetch_target_allow(rules, "::1/128");
}

const char *fetch_target_objection(
    const struct fetch_target_rules *rules, const struct sockaddr *address)
{
	uint8_t octets[ADDRESS_OCTETS];
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof(in));
		map_ipv4((const uint8_t *)&in.sin_addr, octets);
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof(in6));
		memcpy(octets, &in6.sin6_addr, sizeof(octets));
	} else {
		return "no Internet address";
	}
	return object_to(rules, octets);
}

const char *fetch_target_objection_to_text(
    const struct fetch_target_rules *rules, const char *address)
{
	uint8_t octets[ADDRESS_OCTETS];
	bool is_ipv4;
	if (!parse_address(address, octets, &is_ipv4))
		return "no Internet address";
	return object_to(rules, octets);
}
