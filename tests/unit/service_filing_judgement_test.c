/* What a worker says of a filing, made into what is stored of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/front/filing_judgement.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CERTIFICATE(wanted)                                                                        \
	"{\"id\":\"S1\",\"who\":{\"name\":\"First Savings Bank\"},\"approvalWanted\":" wanted      \
	",\"certificate\":{\"sha256\":\"" SHA "\",\"subject\":\"CN=x\",\"disclaimer\":\"only for " \
	"guarantees\"}}"
#define SUMMARY(signatures)                                                                        \
	"{\"word\":\"accept\",\"conclusion\":\"TOTAL-PASSED\",\"sentence\":{\"en\":\"All is "      \
	"well.\",\"hu\":\"Rendben.\"},\"signatures\":[" signatures "]}"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

static struct filing_judgement read(
    struct scope *s, enum worker_client_word word, const char *summary)
{
	const struct worker_client_validation v = { .judgement = { word, summary },
		.at = { 1000 } };
	struct filing_judgement j;
	assert_int_equal(filing_judgement_read(s, &v, &j), OK);
	return j;
}

static void what_is_stored(void **state)
{
	const struct filing_judgement j =
	    read(*state, WORKER_CLIENT_ACCEPT, SUMMARY(CERTIFICATE("false")));
	assert_int_equal(j.judgement.state, STORE_FILING_JUDGED);
	assert_int_equal(j.judgement.word, STORE_FILING_ACCEPT);
	assert_string_equal(j.judgement.sender, "First Savings Bank");
	assert_string_equal(j.judgement.conclusion, "TOTAL-PASSED");
	assert_string_equal(j.judgement.sentence, "All is well.");
	assert_int_equal(j.judgement.now.unix_s, 1000);
	assert_int_equal(j.n_wanted, 0);
	assert_int_equal(
	    read(*state, WORKER_CLIENT_CLOSER, SUMMARY("")).judgement.word, STORE_FILING_CLOSER);
	assert_int_equal(
	    read(*state, WORKER_CLIENT_REFUSE, SUMMARY("")).judgement.word, STORE_FILING_REFUSE);
}

/* Each certificate once, whatever number of signatures it made. */
static void approvals_that_are_wanted(void **state)
{
	const struct filing_judgement j = read(*state, WORKER_CLIENT_CLOSER,
	    SUMMARY(CERTIFICATE("true") "," CERTIFICATE("true") "," CERTIFICATE("false")));
	assert_int_equal(j.n_wanted, 1);
	assert_int_equal(j.wanted[0].sha256[1], 0x11);
	assert_string_equal(j.wanted[0].subject, "CN=x");
	assert_string_equal(j.wanted[0].disclaimer, "only for guarantees");
}

static void words_get_lower_only(void **state)
{
	struct filing_judgement j = read(*state, WORKER_CLIENT_ACCEPT, SUMMARY(""));
	filing_judgement_lower(&j, false);
	assert_int_equal(j.judgement.word, STORE_FILING_CLOSER);
	filing_judgement_lower(&j, true);
	assert_int_equal(j.judgement.word, STORE_FILING_REFUSE);
	filing_judgement_lower(&j, false);
	assert_int_equal(j.judgement.word, STORE_FILING_REFUSE);
}

/* Of a worker that a document took over: no field is believed to be there. */
static void summaries_that_are_none(void **state)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"signatures\":{}}", "x",
		"{\"signatures\":[{\"approvalWanted\":true,\"certificate\":{\"sha256\":\"00\"}}]}",
		"{\"signatures\":[{\"approvalWanted\":true,\"certificate\":{\"sha256\":\"zz\"}}]}"
	};
	struct filing_judgement j;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct scope *s = scope_new(0);
		const struct worker_client_validation v = { .judgement = {
								WORKER_CLIENT_ACCEPT, bad[i] } };
		if (filing_judgement_read(s, &v, &j) != ERR_INTERNAL)
			fail_msg("%s", bad[i]);
		scope_free(s);
	}
	j = read(*state, WORKER_CLIENT_ACCEPT,
	    "{\"signatures\":[7,{\"who\":null,\"certificate\":null,\"approvalWanted\":true}]}");
	assert_string_equal(j.judgement.sender, "");
	assert_int_equal(j.n_wanted, 0);
}

static void documents_that_cannot_be_read(void **state)
{
	struct scope *s = *state;
	struct filing_judgement j;
	assert_int_equal(scope_fault(s, ERR_FORMAT, "not a PDF"), ERR_FORMAT);
	assert_int_equal(
	    filing_judgement_unreadable(s, scope_fault_text(s), (struct instant){ 7 }, &j), OK);
	assert_int_equal(scope_fault_code(s), OK);
	assert_string_equal(j.judgement.sentence, "not a PDF");
	assert_int_equal(j.judgement.state, STORE_FILING_UNREADABLE);
	assert_int_equal(j.judgement.word, STORE_FILING_REFUSE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_stored),
		TEST(approvals_that_are_wanted),
		TEST(words_get_lower_only),
		TEST(summaries_that_are_none),
		TEST(documents_that_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
