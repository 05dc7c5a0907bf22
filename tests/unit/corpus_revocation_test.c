/*
 * Revocation cases of other projects: every row of ../shared/corpus/revocation/expected.tsv, one
 * test each. tests/corpus/revocation-explained.tsv names the rows that differ, and why: such a row
 * must differ. Without the corpus there is one line that says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/input_file.h"
#include "validator/past.h"

#define CORPUS "../shared/corpus/revocation/"
#define EXPLAINED "tests/corpus/revocation-explained.tsv"
#define COLUMNS 12
#define ROWS 512
#define DAY INT64_C(86400)

enum column {
	CASE,
	SET,
	TARGET,
	ANCHOR,
	OTHERS,
	OCSPS,
	CRLS,
	TIME,
	POLICY,
	EXPECTED
};

static char *rows[ROWS][COLUMNS];
static struct scope *files; /* the table, for as long as the tests run */

/* What a row puts before the judge. */
struct scene {
	struct scope *s;
	char **row;
	struct evidence *evidence;
	struct policy policy;
	struct revocation_judge judge;
	struct proofs *proofs;
	const struct cert *target;
	struct instant at;
};

/* -- files -- */

static struct bytes content_of(struct scope *s, const char *name)
{
	char path[512];
	struct bytes content;
	snprintf(path, sizeof(path), "%s%s", CORPUS, name);
	assert_int_equal(input_file_read(s, path, 1 << 20, &content), OK);
	return content;
}

/* The first one of the file. */
static const struct cert *cert_of(struct scope *s, const char *name)
{
	const struct cert **certs;
	size_t n;
	assert_int_equal(cert_parse_many(s, content_of(s, name), &certs, &n), OK);
	return certs[0];
}

/* Those of openssl-ocsp are base64 text. */
static struct bytes response_of(struct scope *s, const char *name)
{
	struct bytes content = content_of(s, name), der;
	if (content.n > 0 && content.p[0] == 0x30)
		return content;
	assert_int_equal(bytes_of_base64(s, content, &der), OK);
	return der;
}

/* Calls `each` for the names of a column, separated by semicolons. */
static void each_name(
    struct scene *x, enum column column, void (*each)(struct scene *x, const char *name))
{
	char list[2048];
	snprintf(list, sizeof(list), "%s", x->row[column]);
	char *rest = list;
	for (char *name; (name = strsep(&rest, ";"));)
		if (strcmp(name, "-") != 0)
			each(x, name);
}

/* -- scenes -- */

#define PROVEN_END 1 /* as if a timestamp had covered the first octet, and the item were it */

static bool is_proven(const struct scene *x, const char *name)
{
	const char *poe = strstr(x->row[POLICY], "POE ");
	const char *base = strrchr(name, '/');
	return poe && strstr(poe, base ? base + 1 : name);
}

static void add_other(struct scene *x, const char *name)
{
	assert_int_equal(
	    evidence_add_cert(x->s, x->evidence, cert_of(x->s, name), EVIDENCE_GIVEN), OK);
}

static void add_ocsp(struct scene *x, const char *name)
{
	assert_int_equal(evidence_add_ocsp_der(x->s, x->evidence, response_of(x->s, name),
			     EVIDENCE_GIVEN, NULL, NULL),
	    OK);
}

static void add_crl(struct scene *x, const char *name)
{
	assert_int_equal(
	    evidence_add_crl_der(x->s, x->evidence, content_of(x->s, name), EVIDENCE_GIVEN, NULL),
	    OK);
	if (is_proven(x, name))
		x->evidence->crls[x->evidence->n_crls - 1].place.embedded_end = PROVEN_END;
}

/* "POE 2020-11-30 for alice.crt and interm-2020-11-29.crl" */
static void add_proofs(struct scene *x)
{
	const char *poe = strstr(x->row[POLICY], "POE ");
	char text[32];
	struct instant time;
	assert_int_equal(proofs_new(x->s, x->evidence, x->at, &x->proofs), OK);
	if (!poe || strncmp(poe, "POE 2", 5) != 0)
		return;
	snprintf(text, sizeof(text), "%.10sT00:00:00Z", poe + 4);
	assert_true(instant_of_rfc3339(bytes_of_str(text), &time));
	assert_int_equal(proofs_add_range(x->s, x->proofs, PROVEN_END + 1, time), OK);
	if (is_proven(x, x->row[TARGET]))
		assert_int_equal(proofs_add_cert(x->s, x->proofs, x->target, time), OK);
}

/* "revinfo at most 9 days older than validation time" */
static int64_t max_age_of(const char *policy)
{
	int number = 0;
	char unit[8] = "";
	const char *found = strstr(policy, "at most ");
	if (found && sscanf(found, "at most %d %7s", &number, unit) == 2)
		return number * (strncmp(unit, "hour", 4) == 0 ? INT64_C(3600) : DAY);
	found = strstr(policy, "freshness ");
	if (found && sscanf(found, "freshness %d days", &number) == 1)
		return number * DAY;
	return 0;
}

/* Also for responders, of which OpenSSL asks nothing. */
static bool missing_is_tolerated(const struct scene *x)
{
	return strncmp(x->row[POLICY], "soft-fail", 9) == 0 ||
	       strcmp(x->row[SET], "openssl-ocsp-response") == 0;
}

static void open_scene(struct scene *x, char **row)
{
	const struct anchors *anchors;
	*x = (struct scene){ .s = scope_new(0), .row = row, .policy = *policy_default() };
	assert_non_null(x->s);
	assert_int_equal(evidence_new(x->s, &x->evidence), OK);
	assert_true(instant_of_rfc3339(bytes_of_str(row[TIME]), &x->at));
	x->target = cert_of(x->s, row[TARGET]);
	const struct cert *anchor = cert_of(x->s, row[ANCHOR]);
	add_other(x, row[TARGET]);
	each_name(x, OTHERS, add_other);
	each_name(x, OCSPS, add_ocsp);
	each_name(x, CRLS, add_crl);
	x->policy.revocation_required = !missing_is_tolerated(x);
	x->policy.revocation_max_age_s = max_age_of(row[POLICY]);
	assert_int_equal(anchors_new(x->s, &anchor, 1, &anchors), OK);
	x->judge = (struct revocation_judge){
		.evidence = x->evidence, .policy = &x->policy, .now = x->at
	};
	assert_int_equal(
	    path_finder_new(x->s, x->evidence, anchors, &x->policy, &x->judge.finder), OK);
	add_proofs(x);
}

/* -- what becomes of them -- */

/* "at least 3 days newer than signature time 2020-09-18" */
static bool is_too_early(const struct scene *x, const struct revocation_statement *st)
{
	int days;
	char date[16], text[32];
	struct instant signing;
	const char *found = strstr(x->row[POLICY], "at least ");
	if (!found ||
	    sscanf(found, "at least %d days newer than signature time %15s", &days, date) != 2)
		return false;
	snprintf(text, sizeof(text), "%.10sT00:00:00Z", date);
	assert_true(instant_of_rfc3339(bytes_of_str(text), &signing));
	return instant_before(st->this_update, instant_add(signing, days * DAY));
}

/* Some response was meant for it, whatever is wrong with it. */
static bool was_supplied(const struct scene *x, const struct cert *c)
{
	for (size_t i = 0; i < x->evidence->n_ocsps; i++) {
		const struct ocsp_response *r = x->evidence->ocsps[i].response;
		for (size_t k = 0; k < r->n_singles; k++)
			if (bytes_equal(r->singles[k].serial, c->serial))
				return true;
	}
	return false;
}

static bool is_tolerated(const struct scene *x, const struct cert *c)
{
	const char *policy = x->row[POLICY];
	if (strncmp(policy, "no revocation", 13) == 0)
		return true;
	if (strncmp(policy, "soft-fail", 9) == 0)
		return !was_supplied(x, c);
	return strncmp(policy, "hard-fail", 9) == 0 && c->aia_ocsp.n == 0 && c->crl_points.n == 0;
}

static const char *status_of(struct scene *x, const struct cert *c, const struct cert *issuer)
{
	const struct revocation_record *record;
	assert_int_equal(revocation_find(x->s, &x->judge, c, issuer, &record), OK);
	const struct revocation_statement *st = revocation_decide(record, INSTANT_NONE);
	if (record->not_needed || (!st && is_tolerated(x, c)))
		return "valid";
	if (st && st->state != REVOCATION_GOOD)
		return "revoked";
	return st && revocation_statement_is_fresh(&x->policy, st, x->at) && !is_too_early(x, st)
		   ? "valid"
		   : "invalid";
}

static const struct path *path_of(struct scene *x)
{
	struct path_list paths;
	assert_int_equal(path_find(x->s, x->judge.finder, x->target, &paths), OK);
	return paths.n && paths.item[0].verify_error == 0 ? &paths.item[0] : NULL;
}

static const char *chain_outcome(struct scene *x)
{
	const struct path *p = path_of(x);
	for (size_t i = 0; p && i + 1 < p->n; i++) {
		const struct cert *c = p->item[i];
		if (instant_before(x->at, c->not_before) || instant_before(c->not_after, x->at))
			return "invalid";
		const char *outcome = status_of(x, c, p->item[i + 1]);
		if (strcmp(outcome, "valid") != 0)
			return outcome;
	}
	return p ? "valid" : "invalid";
}

/* One response against one issuer, whatever the dates: something acceptable is said. */
static const char *response_outcome(struct scene *x)
{
	const struct revocation_record *record;
	const struct cert *issuer = cert_of(x->s, x->row[ANCHOR]);
	assert_int_equal(revocation_find(x->s, &x->judge, x->target, issuer, &record), OK);
	return record->n > 0 ? "valid" : "invalid";
}

/* The word before the instant is the table's: control-time or last-valid-time. */
static const char *past_outcome(struct scene *x)
{
	static char text[64];
	char at[INSTANT_TEXT];
	struct past_result past;
	const struct path *p = path_of(x);
	assert_non_null(p);
	assert_int_equal(past_validate(x->s, &x->judge, x->proofs, p, &past), OK);
	if (!past.passed)
		return "indeterminate";
	instant_to_rfc3339(past.control, at);
	at[strlen(at) - 1] = '\0';
	snprintf(text, sizeof(text), "%.*s %s+00:00", (int)strcspn(x->row[EXPECTED], " "),
	    x->row[EXPECTED], at);
	return text;
}

static const char *outcome_of(struct scene *x)
{
	if (strcmp(x->row[SET], "attribute-certs") == 0)
		return "unsupported";
	if (strcmp(x->row[SET], "openssl-ocsp-response") == 0)
		return response_outcome(x);
	if (strcmp(x->row[SET], "time-slide") == 0)
		return past_outcome(x);
	return chain_outcome(x);
}

/* -- the table -- */

/* The reason in the list of explained rows, NULL when it has none. */
static const char *explanation_of(const char *name)
{
	static struct bytes list;
	static char reason[256];
	char wanted[256];
	if (!list.p)
		assert_int_equal(input_file_read(files, EXPLAINED, 1 << 20, &list), OK);
	snprintf(wanted, sizeof(wanted), "\n%s\t", name);
	size_t at = bytes_find(list, bytes_of_str(wanted), 0);
	if (at == BYTES_NOT_FOUND)
		return NULL;
	struct bytes rest = bytes_from(list, at + strlen(wanted));
	size_t n = bytes_find(rest, BYTES_LIT("\n"), 0);
	snprintf(reason, sizeof(reason), "%.*s", (int)(n == BYTES_NOT_FOUND ? rest.n : n),
	    (const char *)rest.p);
	return reason;
}

static void test_row(void **state)
{
	struct scene x;
	char **row = *state;
	const char *why = explanation_of(row[CASE]), *outcome = "unsupported";
	if (strcmp(row[SET], "attribute-certs") != 0) {
		open_scene(&x, row);
		outcome = outcome_of(&x);
	}
	bool same = strcmp(outcome, row[EXPECTED]) == 0;
	if (same && why)
		fail_msg("%s: explained (%s), but it agrees", row[CASE], why);
	if (!same && !why)
		fail_msg("%s: %s, not %s", row[CASE], outcome, row[EXPECTED]);
	if (strcmp(row[SET], "attribute-certs") != 0)
		scope_free(x.s);
}

static size_t read_table(void)
{
	struct bytes table;
	char *text;
	size_t n = 0;
	assert_int_equal(input_file_read(files, CORPUS "expected.tsv", 1 << 20, &table), OK);
	assert_int_equal(bytes_to_str(files, table, &text), OK);
	strsep(&text, "\n"); /* the heading */
	for (char *line; n < ROWS && (line = strsep(&text, "\n")) && *line; n++)
		for (int i = 0; i < COLUMNS; i++) {
			rows[n][i] = strsep(&line, "\t");
			assert_non_null(rows[n][i]);
		}
	return n;
}

int main(void)
{
	static struct CMUnitTest tests[ROWS];
	if (access(CORPUS "expected.tsv", R_OK) != 0) {
		puts("1..0 # skip ../shared/corpus/revocation is not here");
		return 0;
	}
	files = scope_new(0);
	const size_t n = read_table();
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i][CASE], .test_func = test_row, .initial_state = rows[i]
		};
	int failed = _cmocka_run_group_tests("revocation", tests, n, NULL, NULL);
	scope_free(files);
	return failed;
}
