#include "service/front/http_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scope.h"

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static bool parse(
    const struct configuration_listener *l, union address *a, socklen_t *n, bool *is_loopback)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, l->address, &a->four.sin_addr) == 1) {
		a->four.sin_family = AF_INET;
		a->four.sin_port = htons(l->port);
		*n = sizeof(a->four);
		*is_loopback = ntohl(a->four.sin_addr.s_addr) >> 24 == 127;
		return true;
	}
	if (inet_pton(AF_INET6, l->address, &a->six.sin6_addr) != 1)
		return false;
	a->six.sin6_family = AF_INET6;
	a->six.sin6_port = htons(l->port);
	*n = sizeof(a->six);
	*is_loopback = IN6_IS_ADDR_LOOPBACK(&a->six.sin6_addr);
	return true;
}

static bool bind_and_listen(int fd, const union address *a, socklen_t n, uint16_t *ret_port)
{
	union address bound = { .six = { 0 } };
	socklen_t size = sizeof(bound);
	int on = 1;
	/* Connections inherit TCP_NODELAY: a handshake's flights are several small writes. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
	    (a->any.sa_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(fd, &a->any, n) || listen(fd, SOMAXCONN) || getsockname(fd, &bound.any, &size))
		return false;
	*ret_port =
	    ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
	return true;
}

enum err http_listen_open(
    struct scope *s, const struct configuration_listener *l, int *ret_socket, uint16_t *ret_port)
{
	union address a;
	socklen_t n;
	bool is_loopback;
	uint16_t port;
	if (!parse(l, &a, &n, &is_loopback))
		return scope_fault(s, ERR_FORMAT, "%s: not a numeric address", l->address);
	if (!is_loopback && !(l->certificate && l->key))
		return scope_fault(
		    s, ERR_DENIED, "%s: without TLS only the loopback is served", l->address);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || !bind_and_listen(fd, &a, n, &port)) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return scope_fault(s, ERR_IO, "%s port %u: %s", l->address, l->port, strerror(why));
	}
	*ret_socket = fd;
	*ret_port = port;
	return OK;
}
