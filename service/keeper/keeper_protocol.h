/*
 * What is said to the keeper, and by whom (frames: service/process/message.h):
 *
 *	front     KEEPER_UNLOCK_SESSION, KEEPER_CLOSE_SESSION, KEEPER_DEPOSIT,
 *	          KEEPER_CHANGE_PASSWORD, KEEPER_GRANT, KEEPER_STATUS
 *	worker    KEEPER_SIGN
 *	operator  KEEPER_UNLOCK, KEEPER_LOCK, KEEPER_STATUS
 *
 * The reply to kind K is of kind KEEPER_REPLY(K), or MESSAGE_FAULT. The codes of faults:
 *
 *	ERR_DENIED       wrong password; a password that breaks the rule; a key that lies in its
 *file unencrypted; a request that this peer may not make ERR_LIMIT        "wait N s": too many
 *wrong passwords for this key; or no room for more ERR_MISUSE       no such session (closed, ended,
 *used up), no such key, a locked key ERR_FORMAT       not PKCS#12, not wrapped here, no key in it;
 *a malformed request ERR_UNSUPPORTED  an algorithm that OpenSSL or the key does not have
 *
 * A *wrapped* file is a PKCS#12 file, still encrypted by its owner's password, encrypted once more
 * under the service key (service/keeper/keeper_wrap.h): what the front stores. A *token* is
 * KEEPER_TOKEN random octets that stand for an unlocked key; it has a number of uses and an end.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_PROTOCOL_H
#define BULLA_SERVICE_KEEPER_KEEPER_PROTOCOL_H

#include "service/process/message.h"

#define KEEPER_TOKEN 32u /* octets */

enum keeper_kind {
	KEEPER_UNLOCK_SESSION = 1,  /* WRAPPED, PASSWORD, USES, SECONDS -> TOKEN, CERTIFICATE,
				     * CHAIN* */
	KEEPER_CLOSE_SESSION = 2,   /* TOKEN -> nothing; no such session is no error */
	KEEPER_DEPOSIT = 3,         /* FILE, PASSWORD -> WRAPPED, CERTIFICATE, CHAIN* */
	KEEPER_CHANGE_PASSWORD = 4, /* WRAPPED, PASSWORD, NEW_PASSWORD -> WRAPPED */
	KEEPER_STATUS = 5, /* nothing -> SESSIONS, then for each unattended key, in the order of
			    * the configuration, NAME* and OPEN* (one octet, 0 or 1) and
			    * CERTIFICATE* (empty while locked) */
	KEEPER_GRANT = 6,  /* NAME, USES, SECONDS -> TOKEN, CERTIFICATE, CHAIN* */
	KEEPER_UNLOCK = 7, /* NAME, PASSWORD -> CERTIFICATE */
	KEEPER_LOCK = 8,   /* NAME -> nothing; ends the sessions granted from it too */
	KEEPER_SIGN = 9,   /* TOKEN, ALGORITHM, DIGEST, MGF_DIGEST, SALT_LENGTH, DATA -> VALUE */
};
#define KEEPER_KIND_LAST KEEPER_SIGN
#define KEEPER_REPLY(kind) ((uint32_t)(kind) + 100u)

/* Secrets come last: a buffer that grows leaves no copy of them behind. */
enum keeper_field {
	KEEPER_FIELD_NAME = 1,
	KEEPER_FIELD_USES = 2,
	KEEPER_FIELD_SECONDS = 3,
	KEEPER_FIELD_SESSIONS = 4,
	KEEPER_FIELD_OPEN = 5,
	KEEPER_FIELD_CERTIFICATE = 6, /* DER */
	KEEPER_FIELD_CHAIN = 7,       /* DER, in the order of the file */
	KEEPER_FIELD_ALGORITHM = 8,   /* enum signature_alg_kind */
	KEEPER_FIELD_DIGEST = 9,      /* enum digest_alg */
	KEEPER_FIELD_MGF_DIGEST = 10,
	KEEPER_FIELD_SALT_LENGTH = 11,
	KEEPER_FIELD_DATA = 12,  /* the signed attributes: a DER SET */
	KEEPER_FIELD_VALUE = 13, /* the signature's value */
	KEEPER_FIELD_FILE = 14,  /* PKCS#12 */
	KEEPER_FIELD_WRAPPED = 15,
	KEEPER_FIELD_TOKEN = 16,
	KEEPER_FIELD_PASSWORD = 17,
	KEEPER_FIELD_NEW_PASSWORD = 18,
};

#endif
