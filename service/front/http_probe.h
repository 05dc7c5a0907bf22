/*
 * The routes that the server has itself: /healthz (everywhere: it is alive, no more is said) and
 * /metrics (API only), whoever asks. /readyz, which looks at what the service needs, is none of its
 * matters.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_PROBE_H
#define BULLA_SERVICE_FRONT_HTTP_PROBE_H

#include "service/front/route.h"

extern const struct route http_probe_routes[];

#endif
