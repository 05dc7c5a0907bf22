/*
 * Command line options: getopt_long with faults of our own, one line each.
 */
#ifndef BULLA_SERVICE_OPTIONS_H
#define BULLA_SERVICE_OPTIONS_H

#include <getopt.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/scope.h"

enum {
	OPTIONS_END = -1,
	OPTIONS_BAD = '?',  /* a line was written to standard error */
	OPTIONS_LONG = 256, /* first value for long options without a short form */
};

/* An option that may be given more than once. */
struct options_list {
	const char **item;
	size_t n;
};

/* The next option; its argument is in optarg. `-o` is known everywhere when `table` has it as value
 * 'o'. argv[0] is the subcommand. After OPTIONS_END, argv[optind] is the first operand. */
int options_next(int argc, char **argv, const struct option *table);
/* Room for every argument of the command line. */
must_check enum err options_list_new(struct scope *s, int argc, struct options_list *ret_list);
void options_list_add(struct options_list *list, const char *value);

/* Seconds, with a fraction or not, from 0.001 to 3600. */
bool options_milliseconds(const char *text, long *ret_ms);
/* "3" or "2-5", from 1 to `most`; one number is both. */
bool options_range(const char *text, uint32_t most, uint32_t *ret_first, uint32_t *ret_last);
bool options_descriptor(const char *text, int *ret_fd);

#endif
