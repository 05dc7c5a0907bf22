#include "service/exit_status.h"

int exit_status_of_err(enum err e)
{
	switch (e) {
	case OK:
		return EXIT_STATUS_DONE;
	case ERR_FORMAT:
	case ERR_UNSUPPORTED:
	case ERR_LIMIT:
	case ERR_DENIED:
		return EXIT_STATUS_INPUT;
	case ERR_NET:
		return EXIT_STATUS_UNREACHABLE;
	case ERR_IO:
		return EXIT_STATUS_INPUT_OUTPUT;
	case ERR_NOMEM:
	case ERR_CRYPTO:
	case ERR_MISUSE:
	case ERR_INTERNAL:
	default:
		return EXIT_STATUS_INTERNAL;
	}
}

int exit_status_of_conclusion(enum report_conclusion c)
{
	switch (c) {
	case CONCLUSION_TOTAL_PASSED:
		return EXIT_STATUS_DONE;
	case CONCLUSION_TOTAL_FAILED:
		return EXIT_STATUS_FAILED;
	case CONCLUSION_INDETERMINATE:
	case CONCLUSION_NO_SIGNATURE:
	default:
		return EXIT_STATUS_INDETERMINATE;
	}
}

static int rank(int status)
{
	switch (status) {
	case EXIT_STATUS_DONE:
		return 0;
	case EXIT_STATUS_INDETERMINATE:
		return 1;
	case EXIT_STATUS_FAILED:
		return 2;
	default:
		return status;
	}
}

int exit_status_worse(int a, int b)
{
	return rank(b) > rank(a) ? b : a;
}
