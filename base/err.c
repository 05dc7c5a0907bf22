#include "base/err.h"

const char *err_name(enum err e)
{
	switch (e) {
	case OK:
		return "ok";
#define X(constant, name, remedy)                                                                  \
	case constant:                                                                             \
		return name;
		ERR_ENTRIES(X)
#undef X
	}
	return "unknown error";
}
