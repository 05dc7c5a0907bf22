/*
 * A load for an HTTP service on the loopback: N clients, each with one kept connection, each asking
 * the same again as soon as the answer is there.
 *
 *	load PORT CLIENTS SECONDS|#REQUESTS REQUEST
 *
 * REQUEST is a file with one whole HTTP/1.1 request; each "@@@@@@@@@@@@@@@@" in it becomes a number
 * of 16 digits that no other request has. Prints one line: how many answers of which status, a
 * second, milliseconds at the 50th, 90th and 99th hundredth, the longest; connections that broke.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK "@@@@@@@@@@@@@@@@"
#define STATUSES 600
#define HEAD 16384

struct load {
	uint16_t port;
	char *request;
	size_t n;
	int64_t end_us;
	int64_t requests; /* to be done in all; 0: until end_us */
	atomic_llong begun, number, broken;
	atomic_llong status[STATUSES];
	pthread_mutex_t lock;
	uint32_t *took_us;
	size_t n_took, room;
};

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int dial(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

static bool put_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool skip(int fd, size_t n)
{
	char room[65536];
	while (n) {
		ssize_t k = recv(fd, room, n < sizeof(room) ? n : sizeof(room), 0);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		n -= (size_t)k;
	}
	return true;
}

/* The status of the answer, or 0; *ret_kept: the connection goes on. */
static int take_answer(int fd, bool *ret_kept)
{
	char head[HEAD + 1];
	size_t n = 0, length = 0;
	const char *end = NULL;
	*ret_kept = false;
	while (!end && n < HEAD) {
		ssize_t k = recv(fd, head + n, HEAD - n, 0);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return 0;
		n += (size_t)k;
		head[n] = 0;
		end = strstr(head, "\r\n\r\n");
	}
	if (!end || n < 12 || strncmp(head, "HTTP/1.1 ", 9))
		return 0;
	const char *field = strcasestr(head, "\r\nContent-Length:");
	if (field && field < end)
		length = strtoull(field + 17, NULL, 10);
	const size_t have = n - (size_t)(end + 4 - head);
	if (have > length || !skip(fd, length - have))
		return 0;
	*ret_kept = strcasestr(head, "\r\nConnection: close") == NULL;
	return atoi(head + 9);
}

static void note(struct load *l, int64_t us, int status)
{
	atomic_fetch_add(&l->status[status > 0 && status < STATUSES ? status : 0], 1);
	pthread_mutex_lock(&l->lock);
	if (l->n_took == l->room) {
		l->room = l->room ? 2 * l->room : 65536;
		l->took_us = realloc(l->took_us, l->room * sizeof(*l->took_us));
		if (!l->took_us)
			exit(1);
	}
	l->took_us[l->n_took++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
	pthread_mutex_unlock(&l->lock);
}

static bool goes_on(struct load *l)
{
	if (l->requests)
		return atomic_fetch_add(&l->begun, 1) < l->requests;
	return now_us() < l->end_us;
}

static void number_it(struct load *l, char *request)
{
	char digits[17];
	char *at = request;
	snprintf(digits, sizeof(digits), "%016lld", atomic_fetch_add(&l->number, 1));
	while ((at = memmem(at, l->n - (size_t)(at - request), MARK, 16)) != NULL)
		memcpy(at, digits, 16);
}

static void *be_client(void *arg)
{
	struct load *l = arg;
	int fd = -1;
	char *request = malloc(l->n);
	while (request && goes_on(l)) {
		bool kept = false;
		int status = 0;
		memcpy(request, l->request, l->n);
		number_it(l, request);
		const int64_t begin = now_us();
		if (fd < 0)
			fd = dial(l->port);
		if (fd >= 0 && put_all(fd, request, l->n))
			status = take_answer(fd, &kept);
		if (status)
			note(l, now_us() - begin, status);
		else
			atomic_fetch_add(&l->broken, 1);
		if (fd >= 0 && !kept) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		close(fd);
	free(request);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static double at_part(const struct load *l, double part)
{
	size_t i = (size_t)(part * (double)l->n_took);
	return l->n_took ? l->took_us[i < l->n_took ? i : l->n_took - 1] / 1000.0 : 0;
}

static void tell(struct load *l, double seconds)
{
	qsort(l->took_us, l->n_took, sizeof(*l->took_us), by_size);
	for (int i = 0; i < STATUSES; i++)
		if (atomic_load(&l->status[i]))
			printf("%d: %lld  ", i, atomic_load(&l->status[i]));
	printf("rate %.1f/s  p50 %.1f ms  p90 %.1f ms  p99 %.1f ms  longest %.1f ms  broken %lld\n",
	    (double)l->n_took / seconds, at_part(l, 0.5), at_part(l, 0.9), at_part(l, 0.99),
	    at_part(l, 1), atomic_load(&l->broken));
}

static bool read_request(struct load *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		return false;
	l->n = (size_t)ftell(f);
	rewind(f);
	l->request = malloc(l->n + 1);
	const bool all = l->request && fread(l->request, 1, l->n, f) == l->n;
	fclose(f);
	return all;
}

int main(int argc, char **argv)
{
	struct load l = { .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread[4096];
	pthread_attr_t small;
	if (argc != 5 || !read_request(&l, argv[4])) {
		fprintf(stderr, "usage: load PORT CLIENTS SECONDS|#REQUESTS REQUEST\n");
		return 64;
	}
	const int n = atoi(argv[2]) < 4096 ? atoi(argv[2]) : 4096;
	const int64_t begin = now_us();
	l.port = (uint16_t)atoi(argv[1]);
	if (argv[3][0] == '#')
		l.requests = atoll(argv[3] + 1);
	else
		l.end_us = begin + (int64_t)(atof(argv[3]) * 1e6);
	atomic_store(&l.number, begin); /* another run has others */
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (int i = 0; i < n; i++)
		if (pthread_create(&thread[i], &small, be_client, &l) != 0)
			return 1;
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	tell(&l, (double)(now_us() - begin) / 1e6);
	return 0;
}
