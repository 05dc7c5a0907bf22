/*
 * The program `bulla`: finds the subcommand and runs it.
 */
#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "service/cmd_audit.h"
#include "service/cmd_certificate.h"
#include "service/cmd_compare.h"
#include "service/cmd_inspect.h"
#include "service/cmd_partner.h"
#include "service/cmd_person.h"
#include "service/cmd_replay.h"
#include "service/cmd_seal.h"
#include "service/cmd_serve.h"
#include "service/cmd_unlock.h"
#include "service/cmd_validate.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/output_file.h"
#include "service/signal_guard.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "seal", cmd_seal },
	{ "extend", cmd_seal_extend },
	{ "validate", cmd_validate },
	{ "certificate", cmd_certificate },
	{ "inspect", cmd_inspect },
	{ "compare", cmd_compare },
	{ "replay", cmd_replay },
	{ "person", cmd_person },
	{ "partner", cmd_partner },
	{ "audit", cmd_audit },
	{ "unlock", cmd_unlock },
	{ "serve", cmd_serve },
	{ "serve-role", cmd_serve_role },
};

static const char usage[] =
    "Bulla seals PDF documents (PAdES) and judges sealed ones.\n"
    "\n"
    "bulla seal IN -o OUT --key FILE.p12 [--password-file F | --password-fd N]\n"
    "           [--document-password-file F] [--level B-B|B-T|B-LT|B-LTA] [--tsa URL]...\n"
    "           [--format pades] [--field NAME] [--trust PATH]...\n"
    "           [--digest sha256|sha384|sha512] [--rsa-pkcs1] [--reason TEXT] [--location TEXT]\n"
    "           [--contact TEXT] [--name TEXT] [--certify 1|2|3] [--lock all|include|exclude]\n"
    "           [--lock-field NAME]... [--lock-level 1|2|3] [RECIPIENT] [LOOK] [FETCHING]\n"
    "bulla extend IN -o OUT --level B-T|B-LT|B-LTA --tsa URL [--trust PATH]...\n"
    "           [--document-password-file F] [--digest ALG] [RECIPIENT] [FETCHING]\n"
    "bulla validate FILE... [--password-file F] [--trust PATH]... [--at RFC3339] [--offline]\n"
    "           [--policy FILE|default|eidas|sealed-filing] [--approved FILE]\n"
    "           [--evidence DIR] [--report text|json|html|pdf|etsi] [--lang en|hu] [-o FILE]\n"
    "           [--no-pictures] [RECIPIENT] [FETCHING]\n"
    "bulla certificate FILE [--chain FILE]... [--crl FILE]... [--ocsp FILE]... [--trust PATH]...\n"
    "           [--policy FILE] [--at RFC3339] [--offline] [--use any|signature|timestamp]\n"
    "           [--initial-policy OID]... [--explicit-policy] [--inhibit-mapping] [--inhibit-any]\n"
    "           [--report text|json] [--lang en|hu] [-o FILE] [FETCHING]\n"
    "bulla inspect FILE [--password-file F] [-o FILE] [RECIPIENT]\n"
    "bulla compare FILE -o DIR [--signature N|NAME] [--page A-B] [--resolution DPI]\n"
    "           [--password-file F] [--report text|json|html] [--lang en|hu]\n"
    "bulla replay DIR [--document FILE] [--password-file F] [--report text|json|html|pdf|etsi]\n"
    "           [--lang en|hu] [-o FILE] [RECIPIENT]\n"
    "bulla audit verify DIR | --export FILE [--trust PATH]... [--report text|json] [-o FILE]\n"
    "bulla audit export DIR --partner ID -o FILE [--from RFC3339] [--to RFC3339]\n"
    "bulla serve [--config FILE]\n"
    "bulla unlock --config FILE NAME [--password-file F | --password-fd N | --lock]\n"
    "bulla unlock --config FILE --status\n"
    "bulla person add --config FILE --login X --roles ROLE[,ROLE]... [--name N] [--email E]\n"
    "           [--partner ID] [--language en|hu] [--password-file F | --password-fd N]\n"
    "           [--must-change]    (roles: administrator clerk approver auditor; with a\n"
    "           partner: officer partner-admin)\n"
    "bulla partner add --config FILE --name N [--number N]\n"
    "bulla --help | --version\n"
    "LOOK: [--visible PAGE|last[,X,Y,W,H] | --anchor TEXT [--anchor-side right|below|over]\n"
    "           [--anchor-page PAGE] [--anchor-size W,H]]\n"
    "           [--look text|picture|both|official|strip|code] [--look-lang en|hu|az|tr|uk|vi]\n"
    "           [--look-zone UTC|+HH:MM] [--picture FILE] [--note TEXT] [--font FILE]...\n"
    "           [--font-bold FILE]... [--barcode qr|pdf417|code128\n"
    "           --barcode-data FILE | --barcode-text TEXT]\n"
    "RECIPIENT: [--recipient-key FILE.p12\n"
    "           [--recipient-password-file F | --recipient-password-fd N]]\n"
    "FETCHING: [--timeout SECONDS] [--allow-address CIDR|none]... [--cache DIR]\n"
    "\n"
    "seal makes B-LTA unless told otherwise, and asks at the terminal for a password that no\n"
    "option gives. \"-\" reads standard input.\n"
    "\n"
    "Exit status: validate, certificate and replay give 0 when every signature passed, 1 when one\n"
    "failed, 2 when none failed but one is indeterminate or there is none; compare gives 1 when\n"
    "something visible changed, audit when the log or export is not whole; else, and from the\n"
    "others, 0.\n"
    "64 usage, 65 the input cannot be used, 66 a replayed report differs, 69 a service was\n"
    "unreachable, 70 internal fault, 74 input/output.\n";

static int print(const char *text)
{
	struct scope *s = scope_new(0);
	enum err e = s ? output_file_print(s, bytes_of_str(text)) : ERR_NOMEM;
	int status = e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, NULL);
	scope_free(s);
	return status;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return !strcmp(word, a) || !strcmp(word, b);
}

int main(int argc, char **argv)
{
	signal_guard_install();
	if (argc < 2)
		return diagnostic_usage(
		    "a command is wanted: seal, extend, validate, certificate, inspect, compare, "
		    "replay, audit, serve, unlock, person, partner");
	if (is_one_of(argv[1], "--help", "help") || !strcmp(argv[1], "-h"))
		return print(usage);
	if (is_one_of(argv[1], "--version", "version"))
		return print("bulla " BULLA_VERSION "\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		if (argc > 2 && is_one_of(argv[2], "--help", "-h"))
			return print(usage);
		return commands[i].run(argc - 1, argv + 1);
	}
	return diagnostic_usage("%s: no such command", argv[1]);
}
