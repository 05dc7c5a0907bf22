/*
 * A running HTTP server of the service on the loopback with routes of the tests' own, and what they
 * say: see the table at the end of http_scene.c. Mistakes end the program.
 *
 *	GET /hello, /hello/{name}          the name
 *	GET /fails/{how}                   "io", "format", anything else: no reply
 *	GET /large/{octets}                so many 'L'
 *	GET /who                           the client's certificate, or "nobody"
 *	GET /slow                          waits until http_scene.open
 *	POST /json                         the body
 *	POST /form, /secret, /parts        each part as NAME[:FILE:DIGEST]=SIZE[(VALUE)];
 *	POST /keep                         takes the first file and gives it back
 *	POST /guarded                      as /parts, with "Authorization: Bearer right"
 */
#ifndef BULLA_TESTS_SUPPORT_HTTP_SCENE_H
#define BULLA_TESTS_SUPPORT_HTTP_SCENE_H

#include <stdatomic.h>

#include "service/front/front.h"
#include "service/front/http_server.h"
#include "tests/support/http_client.h"

struct http_scene {
	struct scope *s;
	struct http_server *server;
	struct front front;
	struct configuration configuration;
	char folder[256], incoming[300], kept[300];
	int log;       /* -1 */
	uint16_t port; /* of the API */
	struct http_client_reply reply;
};

extern atomic_bool http_scene_open; /* /slow may answer */
extern atomic_int http_scene_asked; /* how often a route was called */

/* A configuration of the loopback with small limits; then whatever the test changes in it. */
void http_scene_begin(struct http_scene *c);
void http_scene_start(struct http_scene *c);
void http_scene_end(struct http_scene *c);

/* The whole text on a connection of its own; the reply is in c->reply. */
void http_scene_ask(struct http_scene *c, const char *request);
/* POST with its Content-Length. `headers` end with CR LF. */
void http_scene_post(
    struct http_scene *c, const char *path, const char *headers, const char *content);
const char *http_scene_body(const struct http_scene *c);
/* True once what a request left in the incoming folder is gone; waits for it a while. */
bool http_scene_is_clean(struct http_scene *c);

#define HTTP_SCENE_HEAD " HTTP/1.1\r\nHost: x\r\n"
#define HTTP_SCENE_MULTIPART "Content-Type: multipart/form-data; boundary=XX\r\n"
#define HTTP_SCENE_FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define HTTP_SCENE_FIELD "--XX\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n"
#define HTTP_SCENE_FILE                                                                            \
	"--XX\r\nContent-Disposition: form-data; name=f; filename=\"a/b.pdf\"\r\n\r\nabc\r\n"

#endif
