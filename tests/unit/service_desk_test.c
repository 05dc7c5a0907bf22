/* The desk's pages on a store without workers: what they show, who may do what, four eyes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/front/desk_approvals.h"
#include "service/front/desk_check.h"
#include "service/front/desk_filing.h"
#include "service/front/desk_log.h"
#include "service/front/desk_partners.h"
#include "service/front/desk_queue.h"
#include "service/front/person_account.h"
#include "service/log/audit_log.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_filing.h"
#include "service/store/store_key.h"
#include "service/store/store_person.h"
#include "tests/support/front_scene.h"

static const struct route *const tables[] = { page_routes, person_account_routes, desk_queue_routes,
	desk_check_routes, desk_filing_routes, desk_approvals_routes, desk_partners_routes,
	desk_log_routes };

#define SUMMARY                                                                                    \
	"{\"word\":\"closer\",\"conclusion\":\"INDETERMINATE\",\"code\":\"INDETERMINATE\","        \
	"\"sentence\":{\"en\":\"Look at <it>.\",\"hu\":\"N\xc3\xa9zze meg.\"},"                    \
	"\"validationTime\":\"2026-11-22T09:00:00Z\",\"policy\":\"sealed-filing\","                \
	"\"document\":{\"name\":\"x.pdf\",\"size\":7,\"sha256\":\"00\",\"pages\":3},"              \
	"\"causes\":[{\"code\":\"CRL_STALE\",\"severity\":\"indeterminate\",\"signature\":\"S1\"," \
	"\"about\":null,\"sentence\":{\"en\":\"Old list\",\"hu\":\"R\xc3\xa9gi lista\"},"          \
	"\"remedy\":{\"en\":\"Wait\",\"hu\":\"V\xc3\xa1rjon\"}}],"                                 \
	"\"signatures\":[{\"id\":\"S1\",\"field\":\"F\",\"kind\":\"seal\",\"word\":\"closer\","    \
	"\"indication\":\"INDETERMINATE\",\"subIndication\":null,\"level\":\"PAdES-BASELINE-T\","  \
	"\"intact\":true,\"who\":{\"name\":\"<script>alert(1)</script>\",\"organisation\":"        \
	"\"Org & Co\",\"number\":\"123\",\"country\":\"HU\",\"qualified\":true,\"seal\":true},"    \
	"\"when\":{\"time\":\"2026-11-21T08:00:00Z\",\"trusted\":true},\"claimedTime\":"           \
	"\"2026-11-21T07:59:00Z\",\"reason\":null,\"location\":null,\"changed\":{\"allowed\":1,"   \
	"\"forbidden\":0,\"wholeFile\":false},\"certificate\":{\"sha256\":\"ab\",\"subject\":"     \
	"\"CN=X\",\"issuer\":\"CN=Y\",\"serial\":\"01\",\"from\":\"2026-01-01T00:00:00Z\","        \
	"\"until\":\"2027-01-01T00:00:00Z\",\"disclaimer\":null,\"approved\":false},"              \
	"\"approvalWanted\":false}],\"moreSignatures\":0}"

static void must(struct front_scene *x, enum err e)
{
	if (e != OK)
		fail_msg("%s", scope_fault_text(x->s));
}

static const char *add_filing(struct front_scene *x, const char *name, enum store_filing_word word)
{
	struct store_filing f = { .source = "fund",
		.name = name,
		.reference = "A-1",
		.size = 7,
		.received = x->at,
		.sender = "",
		.conclusion = "",
		.sentence = "",
		.summary = "",
		.judged_at = INSTANT_NONE,
		.decided_at = INSTANT_NONE,
		.note = "" };
	const struct store_filing *stored;
	const struct store_filing_judgement j = { .state = STORE_FILING_JUDGED,
		.word = word,
		.sender = "Org & Co",
		.conclusion = "INDETERMINATE",
		.sentence = "A stored sentence.",
		.summary = SUMMARY,
		.now = x->at };
	bool is_new;
	must(x, identifier_new(x->s, IDENTIFIER_FILING, &f.id));
	must(x, store_filing_add(x->s, x->front.store, &f, &stored, &is_new));
	must(x, store_filing_judge(x->s, x->front.store, f.id, &j));
	return f.id;
}

static int setup(void **state)
{
	struct front_scene *x = front_scene_open(tables, sizeof(tables) / sizeof(tables[0]));
	front_scene_person(x, "clerk", STORE_PERSON_CLERK, NULL);
	front_scene_person(x, "first", STORE_PERSON_APPROVER, NULL);
	front_scene_person(x, "second", STORE_PERSON_APPROVER, NULL);
	front_scene_person(x, "boss", STORE_PERSON_ADMINISTRATOR, NULL);
	front_scene_person(x, "auditor", STORE_PERSON_AUDITOR, NULL);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	front_scene_close(*state);
	return 0;
}

static void log_in(struct front_scene *x, const char *login)
{
	assert_int_equal(front_scene_login(x, HTTP_DESK, login, FRONT_SCENE_PASSWORD)->status, 303);
}

static struct http_reply *get(struct front_scene *x, const char *path)
{
	return front_scene_get(x, HTTP_DESK, path);
}

static bool shows(struct front_scene *x, const struct http_reply *r, const char *text)
{
	return strstr(front_scene_text(x, r), text) != NULL;
}

static const char *path_of(
    struct front_scene *x, const char *folder, const char *id, const char *rest)
{
	char text[160];
	char *copy;
	snprintf(text, sizeof(text), "%s%s%s", folder, id, rest);
	must(x, bytes_to_str(x->s, bytes_of_str(text), &copy));
	return copy;
}

static const char *to(const struct http_reply *r)
{
	const char *location = front_scene_header(r, "Location");
	return location ? location : "";
}

static void test_start_pages(void **state)
{
	struct front_scene *x = *state;
	static const char *const cases[][2] = { { "first", "/approvals" }, { "boss", "/partners" },
		{ "auditor", "/log" } };
	for (size_t i = 0; i < 3; i++) {
		log_in(x, cases[i][0]);
		assert_string_equal(to(get(x, "/")), cases[i][1]);
		assert_int_equal(get(x, cases[i][1])->status, 200);
	}
	log_in(x, "clerk");
	add_filing(x, "one.pdf", STORE_FILING_CLOSER);
	struct http_reply *r = get(x, "/");
	assert_true(shows(x, r, "<strong>1</strong>Look closer"));
	assert_true(shows(x, r, "one.pdf"));
}

static void test_queue(void **state)
{
	struct front_scene *x = *state;
	add_filing(x, "good.pdf", STORE_FILING_ACCEPT);
	add_filing(x, "doubt.pdf", STORE_FILING_CLOSER);
	add_filing(x, "<b>bad.pdf", STORE_FILING_REFUSE);
	log_in(x, "clerk");
	struct http_reply *r = get(x, "/filings");
	assert_true(shows(x, r, "good.pdf") && shows(x, r, "doubt.pdf"));
	assert_true(shows(x, r, "&lt;b&gt;bad.pdf"));
	assert_true(shows(x, r, "<span class=\"badge good\">Accept</span>"));
	assert_true(shows(x, r, "<span class=\"badge caution\">Look closer</span>"));
	assert_true(shows(x, r, "<span class=\"badge bad\">Do not accept</span>"));
	assert_true(shows(x, r, "Look at &lt;it&gt;."));
	assert_true(shows(x, r, "<span class=\"small\">Old list</span>"));
	assert_true(shows(x, r, "A stored sentence."));
	r = get(x, "/filings?word=refuse");
	assert_true(shows(x, r, "bad.pdf"));
	assert_false(shows(x, r, "good.pdf"));
	r = get(x, "/filings?q=DOUBT");
	assert_true(shows(x, r, "doubt.pdf"));
	assert_false(shows(x, r, "good.pdf"));
	assert_true(shows(x, get(x, "/filings?since=2026-11-23"), "No filing matches."));
	assert_true(shows(x, get(x, "/filings?since=2026-11-22"), "good.pdf"));
	assert_true(shows(x, get(x, "/filings?since=x%22%3E%3Cscript%3E"), "good.pdf"));
	assert_true(shows(x, get(x, "/filings?q=%22%3E%3Cscript%3E"), "&quot;&gt;&lt;script&gt;"));
	assert_true(shows(x, get(x, "/filings?source=desk"), "No filing matches."));
	x->accept_language = "hu";
	assert_true(shows(x, get(x, "/filings"), "N\xc3\xa9zze meg."));
}

static void test_filing(void **state)
{
	struct front_scene *x = *state;
	const char *id = add_filing(x, "x.pdf", STORE_FILING_CLOSER);
	log_in(x, "clerk");
	struct http_reply *r = get(x, path_of(x, "/filings/", id, ""));
	assert_int_equal(r->status, 200);
	assert_true(shows(x, r, "Org &amp; Co"));
	assert_true(shows(x, r, "&lt;script&gt;alert(1)"));
	assert_false(shows(x, r, "<script>alert"));
	assert_true(shows(x, r, "Old list"));
	assert_true(shows(x, r, "CRL_STALE"));
	assert_true(shows(x, r, "The Fund"));
	assert_true(shows(x, r, "/changes"));
	const char *text = front_scene_text(x, r);
	assert_true(
	    strstr(text, "2026-11-21 08:00:00 UTC") < strstr(text, "2026-11-21 07:59:00 UTC"));
	assert_int_equal(get(x, "/filings/fl_00000000000000000000000000")->status, 404);
	assert_int_equal(get(x, "/filings/..")->status, 404);
	assert_int_equal(get(x, path_of(x, "/filings/", id, "/report/exe"))->status, 404);
	log_in(x, "boss");
	assert_int_equal(get(x, path_of(x, "/filings/", id, ""))->status, 403);
}

static struct http_reply *decide(
    struct front_scene *x, const char *id, const char *decision, const char *note)
{
	return front_scene_post(x, HTTP_DESK, path_of(x, "/filings/", id, "/decision"),
	    (const struct front_scene_field[]){
		{ "decision", decision, NULL }, { "note", note, NULL }, { 0 } });
}

static void test_decision(void **state)
{
	struct front_scene *x = *state;
	const char *good = add_filing(x, "good.pdf", STORE_FILING_ACCEPT);
	const char *doubt = add_filing(x, "doubt.pdf", STORE_FILING_CLOSER);
	log_in(x, "clerk");
	assert_int_equal(decide(x, good, "perhaps", "")->status, 400);
	assert_int_equal(decide(x, good, "open", "")->status, 400);
	assert_string_equal(
	    to(decide(x, good, "accepted", "")), path_of(x, "/filings/", good, "?done=decided"));
	assert_string_equal(to(decide(x, good, "refused", "late")),
	    path_of(x, "/filings/", good, "?done=decided-before"));
	/* otherwise than the judge: not without a reason */
	assert_int_equal(decide(x, doubt, "accepted", " \n")->status, 400);
	assert_int_equal(decide(x, doubt, "accepted", "seen <it>")->status, 303);
	struct http_reply *r = get(x, path_of(x, "/filings/", doubt, ""));
	assert_true(shows(x, r, "seen &lt;it&gt;"));
	assert_false(shows(x, r, "value=\"accepted\""));
	assert_int_equal(front_scene_logged(x, "filing.decided"), 2);
	log_in(x, "auditor");
	assert_int_equal(decide(x, doubt, "refused", "x")->status, 403);
}

static const char *add_approval(struct front_scene *x, const char *asked_by)
{
	const struct store_approval *stored;
	struct store_approval a = { .subject = "CN=X",
		.text = "Up to <1000> only",
		.asked_by = asked_by,
		.asked_at = x->at,
		.decided_at = INSTANT_NONE,
		.note = "" };
	must(x, identifier_new(x->s, IDENTIFIER_APPROVAL, &a.id));
	must(x, store_approval_ask(x->s, x->front.store, &a, &stored));
	return stored->id;
}

static struct http_reply *approve(struct front_scene *x, const char *folder, const char *id,
    const char *decision, const char *note)
{
	return front_scene_post(x, HTTP_DESK, path_of(x, folder, id, ""),
	    (const struct front_scene_field[]){
		{ "decision", decision, NULL }, { "note", note, NULL }, { 0 } });
}

static void test_four_eyes(void **state)
{
	struct front_scene *x = *state;
	const struct store_person *first;
	must(x, store_person_find_login(x->s, x->front.store, "first", &first));
	const char *id = add_approval(x, first->id);
	log_in(x, "first");
	struct http_reply *r = get(x, "/approvals");
	assert_true(shows(x, r, "Up to &lt;1000&gt; only"));
	assert_true(shows(x, r, "A second person must decide"));
	assert_string_equal(
	    to(approve(x, "/approvals/", id, "approved", "")), "/approvals?done=own");
	assert_int_equal(front_scene_logged(x, "approval.given"), 0);
	log_in(x, "clerk");
	assert_int_equal(approve(x, "/approvals/", id, "approved", "")->status, 403);
	log_in(x, "second");
	assert_string_equal(
	    to(approve(x, "/approvals/", id, "approved", "")), "/approvals?done=decided");
	assert_int_equal(front_scene_logged(x, "approval.given"), 1);
	/* taken back, with a reason only */
	assert_int_equal(approve(x, "/approvals/", id, "refused", "")->status, 400);
	assert_int_equal(approve(x, "/approvals/", id, "refused", "wrong")->status, 303);
	assert_int_equal(front_scene_logged(x, "approval.refused"), 1);
}

static void test_key_approval(void **state)
{
	struct front_scene *x = *state;
	const char *partner = front_scene_partner(x, "Partner <1>");
	const struct store_key *stored;
	struct store_key k = { .partner = partner,
		.certificate = BYTES_LIT("der"),
		.subject = "CN=Seal",
		.issuer = "CN=CA",
		.serial = "01",
		.not_before = x->at,
		.not_after = instant_add(x->at, 86400),
		.disclaimer = "",
		.deposited_by =
		    front_scene_person(x, "officer", STORE_PERSON_PARTNER_ADMIN, partner),
		.deposited_at = x->at,
		.decided_at = INSTANT_NONE,
		.note = "",
		.notified_at = INSTANT_NONE,
		.ended_at = INSTANT_NONE };
	must(x, identifier_new(x->s, IDENTIFIER_KEY, &k.id));
	must(x, store_key_add(x->s, x->front.store, &k, BYTES_LIT("wrapped")));
	log_in(x, "second");
	struct http_reply *r = get(x, "/approvals");
	assert_true(shows(x, r, "Partner &lt;1&gt;"));
	assert_true(shows(x, r, "could not be checked just now")); /* no worker here */
	assert_int_equal(approve(x, "/approvals/keys/", k.id, "approved", "")->status, 303);
	must(x, store_key_find(x->s, x->front.store, k.id, &stored));
	assert_int_equal(stored->state, STORE_KEY_APPROVED);
	assert_string_equal(to(approve(x, "/approvals/keys/", k.id, "refused", "")),
	    "/approvals?done=decided-before");
	log_in(x, "boss");
	assert_true(shows(x, get(x, path_of(x, "/partners/", partner, "")), "CN=Seal"));
}

static struct http_reply *add_staff(struct front_scene *x, const char *path, const char *login,
    const char *role, const char *password)
{
	return front_scene_post(x, HTTP_DESK, path,
	    (const struct front_scene_field[]){ { "login", login, NULL },
		{ "name", "New <Person>", NULL }, { "email", "", NULL }, { "role", role, NULL },
		{ "password", password, NULL }, { 0 } });
}

static void test_staff(void **state)
{
	struct front_scene *x = *state;
	log_in(x, "boss");
	assert_int_equal(add_staff(x, "/staff", "new", "clerk", FRONT_SCENE_PASSWORD)->status, 303);
	struct http_reply *r = add_staff(x, "/staff", "new", "clerk", FRONT_SCENE_PASSWORD);
	assert_int_equal(r->status, 422);
	assert_true(shows(x, r, "Somebody has this login name already."));
	assert_false(shows(x, r, FRONT_SCENE_PASSWORD));
	assert_int_equal(add_staff(x, "/staff", "new2", "clerk", "short")->status, 422);
	assert_int_equal(add_staff(x, "/staff", "a b", "clerk", FRONT_SCENE_PASSWORD)->status, 422);
	/* no right of another house */
	assert_int_equal(
	    add_staff(x, "/staff", "new3", "officer", FRONT_SCENE_PASSWORD)->status, 422);
	assert_true(shows(x, get(x, "/staff"), "New &lt;Person&gt;"));
	assert_int_equal(front_scene_logged(x, "person.created"), 1);
	/* whose password somebody else set must change it first */
	log_in(x, "new");
	assert_string_equal(to(get(x, "/filings")), "/account");
}

static void test_own_rights(void **state)
{
	struct front_scene *x = *state;
	const struct store_person *boss, *clerk;
	must(x, store_person_find_login(x->s, x->front.store, "boss", &boss));
	must(x, store_person_find_login(x->s, x->front.store, "clerk", &clerk));
	log_in(x, "boss");
	const struct front_scene_field none[] = { { "name", "Boss", NULL },
		{ "role", "clerk", NULL }, { 0 } };
	front_scene_post(x, HTTP_DESK, path_of(x, "/staff/", boss->id, ""), none);
	must(x, store_person_find_login(x->s, x->front.store, "boss", &boss));
	assert_int_equal(boss->roles, STORE_PERSON_ADMINISTRATOR);
	assert_true(boss->active);
	front_scene_post(x, HTTP_DESK, path_of(x, "/staff/", clerk->id, ""), none);
	must(x, store_person_find_login(x->s, x->front.store, "clerk", &clerk));
	assert_false(clerk->active);
	assert_int_equal(front_scene_logged(x, "person.removed"), 1);
}

static void test_partners(void **state)
{
	struct front_scene *x = *state;
	log_in(x, "boss");
	struct http_reply *r = front_scene_post(x, HTTP_DESK, "/partners",
	    (const struct front_scene_field[]){
		{ "name", "A & B", NULL }, { "number", "77", NULL }, { 0 } });
	assert_int_equal(r->status, 303);
	assert_true(shows(x, get(x, "/partners"), "A &amp; B"));
	r = front_scene_post(x, HTTP_DESK, "/partners",
	    (const struct front_scene_field[]){
		{ "name", "C", NULL }, { "number", "77", NULL }, { 0 } });
	assert_int_equal(r->status, 422);
	const char *partner = front_scene_partner(x, "P");
	const char *persons = path_of(x, "/partners/", partner, "/persons");
	assert_int_equal(
	    add_staff(x, persons, "seals", "officer", FRONT_SCENE_PASSWORD)->status, 303);
	/* the operator's rights are not to be had there */
	assert_int_equal(
	    add_staff(x, persons, "climber", "administrator", FRONT_SCENE_PASSWORD)->status, 422);
	const struct store_person *officer;
	must(x, store_person_find_login(x->s, x->front.store, "seals", &officer));
	assert_string_equal(officer->partner, partner);
	/* a person of one partner is none of the staff's list */
	assert_int_equal(get(x, path_of(x, "/staff/", officer->id, ""))->status, 404);
}

static void test_check(void **state)
{
	struct front_scene *x = *state;
	log_in(x, "clerk");
	struct http_reply *r = get(x, "/check");
	assert_true(shows(x, r, "type=\"file\" multiple"));
	assert_true(shows(x, r, "Up to 3 files at a time."));
	assert_true(shows(x, r, "Checking {i} of {n}: {name}"));
	const char *batch;
	must(x, identifier_new(x->s, IDENTIFIER_BATCH, &batch));
	struct front_scene_field fields[6] = { { "batch", batch, NULL }, { "file", "", "" } };
	assert_string_equal(
	    to(front_scene_post(x, HTTP_DESK, "/check", fields)), "/check?done=no-file");
	for (size_t i = 1; i < 5; i++)
		fields[i] = (struct front_scene_field){ "file", "a.pdf", "/nowhere" };
	assert_int_equal(front_scene_post(x, HTTP_DESK, "/check", fields)->status, 413);
	fields[0].value = "../../etc";
	assert_int_equal(front_scene_post(x, HTTP_DESK, "/check", fields)->status, 400);
	x->site = "cross-site";
	assert_int_equal(front_scene_post(x, HTTP_DESK, "/check", fields)->status, 403);
}

static void test_log(void **state)
{
	struct front_scene *x = *state;
	const struct audit_entry e = { .kind = AUDIT_LOGIN_REFUSED };
	for (int i = 0; i < 59; i++)
		assert_int_equal(audit_log_append(x->s, x->front.log, &e, NULL), OK);
	log_in(x, "auditor");
	struct http_reply *r = get(x, "/log");
	assert_int_equal(r->status, 200);
	assert_true(shows(x, r, "bulla audit verify"));
	assert_true(shows(x, r, "login.accepted"));
	assert_true(shows(x, r, "auditor<br>"));
	assert_true(shows(x, r, "<th scope=\"row\" class=\"number\">60</th>"));
	assert_false(shows(x, r, "<th scope=\"row\" class=\"number\">10</th>"));
	assert_true(shows(x, r, "before=11"));
	r = get(x, "/log?before=11");
	assert_true(shows(x, r, "<th scope=\"row\" class=\"number\">10</th>"));
	assert_false(shows(x, r, "<th scope=\"row\" class=\"number\">11</th>"));
	assert_false(shows(x, r, "Next page"));
	assert_true(shows(x, get(x, "/log?kind=filing."), "No record matches."));
	assert_false(shows(x, get(x, "/log?kind=login."), "No record matches."));
	log_in(x, "boss");
	assert_int_equal(get(x, "/log")->status, 403);
}

/* Whatever allocation fails: an error, no harm. */
static void test_no_memory(void **state)
{
	struct front_scene *x = *state;
	static const char *const pages[] = { "/", "/filings", "/approvals", "/staff", "/log" };
	front_scene_person(x, "all",
	    STORE_PERSON_CLERK | STORE_PERSON_APPROVER | STORE_PERSON_ADMINISTRATOR |
		STORE_PERSON_AUDITOR,
	    NULL);
	add_filing(x, "one.pdf", STORE_FILING_CLOSER);
	add_approval(x, NULL);
	log_in(x, "all");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		enum err e = ERR_NOMEM;
		for (size_t n = 1; e != OK; n += 7) {
			e = front_scene_try(x, HTTP_DESK, pages[i], n);
			if (e != OK && e != ERR_NOMEM)
				fail_msg("%s, %zu: %s", pages[i], n, err_name(e));
			assert_true(n < 100000);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_pages),
		TEST(test_queue),
		TEST(test_filing),
		TEST(test_decision),
		TEST(test_four_eyes),
		TEST(test_key_approval),
		TEST(test_staff),
		TEST(test_own_rights),
		TEST(test_partners),
		TEST(test_check),
		TEST(test_log),
		TEST(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
