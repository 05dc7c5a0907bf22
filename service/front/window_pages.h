/*
 * The sealing window: where a partner's officer, on a connection of his own to this service, sees
 * what he is asked to seal and by which certificate, and types the password of the seal key.
 *
 *	/w/TOKEN            the address a portal was given: leaves the token in a cookie, and goes
 *on to /sealing/ID, so that it stays in no address bar and no Referer /sealing/ID         log in;
 *then the documents, the certificate, the form; or how it ended
 *
 * A login is for one sealing, from a browser that came by its address, of an officer of its
 * partner. Everything else is "not found", whoever asks.
 */
#ifndef BULLA_SERVICE_FRONT_WINDOW_PAGES_H
#define BULLA_SERVICE_FRONT_WINDOW_PAGES_H

#include "service/front/route.h"

extern const struct route window_pages_routes[];

#endif
