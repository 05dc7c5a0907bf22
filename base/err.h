/*
 * Errors: "the job could not be done". A property of a document or of its evidence is a *finding*
 * (validator/findings.def) and never an error.
 *
 * Codes are few, and chosen by what the caller can do about them. The text that goes with an error
 * lives in the scope of the job (base/scope.h).
 */
#ifndef BULLA_BASE_ERR_H
#define BULLA_BASE_ERR_H

/* X(constant, name, remedy) */
#define ERR_ENTRIES(X)                                                                             \
	X(ERR_NOMEM, "out of memory", "free memory or raise the job's budget")                     \
	X(ERR_LIMIT, "limit exceeded", "the input is larger than base/limits.h allows")            \
	X(ERR_FORMAT, "malformed input", "get an intact copy")                                     \
	X(ERR_UNSUPPORTED, "unsupported", "use a supported format or algorithm")                   \
	X(ERR_CRYPTO, "cryptographic operation failed", "check the key and the algorithm")         \
	X(ERR_NET, "service unreachable", "try again later")                                       \
	X(ERR_DENIED, "refused", "remove the cause named in the text")                             \
	X(ERR_MISUSE, "not possible in this state", "do the steps in order")                       \
	X(ERR_IO, "input/output failed", "check path, permissions and free space")                 \
	X(ERR_INTERNAL, "internal fault", "report it")

enum err {
	OK = 0,
#define X(constant, name, remedy) constant,
	ERR_ENTRIES(X)
#undef X
};

/* A fallible function's result must be looked at. */
#define must_check __attribute__((warn_unused_result))

/* Leaves the calling function with the error of a call that failed. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum err try_err_ = (call);                                                        \
		if (try_err_ != OK)                                                                \
			return try_err_;                                                           \
	} while (0)

/* Short English name of a code, never NULL. */
const char *err_name(enum err e);

#endif
