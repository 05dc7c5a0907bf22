#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/fetch_ldap.h"

static struct scope *s;

static int start(void **state)
{
	(void)state;
	s = scope_new(0);
	return s ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

static void assert_asks(enum fetch_kind kind, const char *url, const char *with)
{
	const struct fetch_request want = { .kind = kind, .url = url };
	char *text;
	if (fetch_ldap_url(s, &want, &text) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_string_equal(text, with);
}

static void assert_refuses(enum fetch_kind kind, const char *url, const char *why)
{
	const struct fetch_request want = { .kind = kind, .url = url };
	char *text, line[512];
	assert_int_equal(fetch_ldap_url(s, &want, &text), ERR_DENIED);
	snprintf(line, sizeof(line), "%s: %s", url, why);
	assert_string_equal(scope_fault_text(s), line);
	scope_forgive(s);
}

static void test_questions(void **state)
{
	(void)state;
	assert_asks(FETCH_CRL, "ldap://h/cn=CA%20X,o=x?certificateRevocationList",
	    "ldap://h/cn%3DCA%20X%2Co%3Dx?certificateRevocationList;binary?base");
	assert_asks(FETCH_CRL, "LDAPS://h:1/o=x?DeltaRevocationList;BINARY?base?objectClass=pkiCA",
	    "ldaps://h:1/o%3Dx?deltaRevocationList;binary?base?(objectClass%3DpkiCA)");
	assert_asks(FETCH_CRL, "ldap://h/o=x",
	    "ldap://h/o%3Dx?certificateRevocationList;binary,deltaRevocationList;binary,"
	    "authorityRevocationList;binary?base");
	assert_asks(FETCH_CERTIFICATE,
	    "ldap://[::1]/o=x?cACertificate,crossCertificatePair?\?(o=*)?x",
	    "ldap://[::1]/o%3Dx?cACertificate;binary,crossCertificatePair;binary?base?(o%3D%2A)");
}

static void test_refusals(void **state)
{
	(void)state;
	const char *filter = "an LDAP filter that is more than one comparison is not used";
	const char *useless = "an LDAP attribute that is not of use here";
	const char *below = "only one entry of a directory is read, not those below it";
	assert_refuses(
	    FETCH_CRL, "ldap:///o=x?certificateRevocationList", "an LDAP URL that names no server");
	assert_refuses(
	    FETCH_CRL, "ldap://h/?certificateRevocationList", "an LDAP URL that names no entry");
	assert_refuses(FETCH_CRL, "ldap://h/o=x??one", below);
	assert_refuses(FETCH_CRL, "ldap://h/o=x??sub?(objectClass=*)", below);
	assert_refuses(FETCH_CRL, "ldap://h/o=x??everything", below);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?(&(a=b)(c=d))", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?(|(cn=*))", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?(!(cn=a))", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn=a*", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn>=a", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn~=a", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn:dn:=a", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn=", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?=a", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?()", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?cn=%5c2a", filter);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?\?\?\?!bindname=cn=me",
	    "an LDAP URL with a critical extension is not used");
	assert_refuses(FETCH_CRL, "ldap://h/o=x?userPassword", useless);
	assert_refuses(FETCH_CRL, "ldap://h/o=x?*", "not an LDAP URL as RFC 4516 has it");
	assert_refuses(FETCH_CRL, "ldap://h/o=x?cACertificate", useless);
	assert_refuses(FETCH_CERTIFICATE, "ldap://h/o=x?certificateRevocationList", useless);
	assert_refuses(FETCH_CERTIFICATE, "ldap://h/o=x?cACertificate;lang-en", useless);
	assert_refuses(
	    FETCH_OCSP, "ldap://h/o=x", "a directory is asked for CRLs and certificates only");
	assert_refuses(
	    FETCH_TIMESTAMP, "ldap://h/o=x", "a directory is asked for CRLs and certificates only");
	assert_refuses(FETCH_CRL, "ldap://me@h/o=x", "not an LDAP URL as RFC 4516 has it");
}

static enum err reply_of(
    enum fetch_kind kind, size_t cap, const char *text, struct fetch_reply *ret_reply)
{
	const struct fetch_request want = { .kind = kind, .url = "ldap://h/o=x" };
	return fetch_ldap_reply(s, &want, cap, bytes_of_str(text), ret_reply);
}

static void assert_fails(
    enum fetch_kind kind, size_t cap, const char *text, enum err code, const char *why)
{
	struct fetch_reply reply;
	assert_int_equal(reply_of(kind, cap, text, &reply), code);
	assert_string_equal(scope_fault_text(s), why);
	scope_forgive(s);
}

static void test_answers(void **state)
{
	(void)state;
	struct fetch_reply r;
	assert_int_equal(reply_of(FETCH_CRL, 100,
			     "DN: o=x\n\to: x\n\n\tcertificateRevocationList;binary:: aGVsbG8=\n\n"
			     "\tdeltaRevocationList;binary:: eW91\n\n\n",
			     &r),
	    OK);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.content_type, "");
	assert_true(bytes_equal_str(r.body, "hello"));
	assert_int_equal(r.n_more, 1);
	assert_true(bytes_equal_str(r.more[0], "you"));
	/* Both halves of a pair; the wrong kind and an empty value are passed over. */
	assert_int_equal(
	    reply_of(FETCH_CERTIFICATE, 100,
		"DN: o=x\n\tcrossCertificatePair;binary:: MAqgA2FiY6EDZGVm\n\n"
		"\tcACertificate;binary:: \n\n\tcertificateRevocationList;binary:: aGVsbG8=\n\n",
		&r),
	    OK);
	assert_true(bytes_equal_str(r.body, "abc"));
	assert_int_equal(r.n_more, 1);
	assert_true(bytes_equal_str(r.more[0], "def"));
}

static void test_answers_that_are_none(void **state)
{
	(void)state;
	static const char crl[] = "DN: o=x\n\tcertificateRevocationList;binary:: aGVsbG8=\n\n\n";
	struct fetch_reply r;
	assert_fails(
	    FETCH_CRL, 100, "DN: o=x\n\n", ERR_NET, "ldap://h/o=x: the entry holds no CRL");
	assert_fails(FETCH_CRL, 100, "", ERR_NET, "ldap://h/o=x: the entry holds no CRL");
	assert_fails(
	    FETCH_CERTIFICATE, 100, crl, ERR_NET, "ldap://h/o=x: the entry holds no certificate");
	assert_fails(FETCH_CERTIFICATE, 100,
	    "DN: o=x\n\tcrossCertificatePair;binary:: aGVsbG8=\n\n", ERR_NET,
	    "ldap://h/o=x: the entry holds no certificate");
	assert_fails(FETCH_CRL, 100, "what is this\n", ERR_NET,
	    "ldap://h/o=x: the directory's answer is not understood");
	assert_int_equal(reply_of(FETCH_CRL, 5, crl, &r), OK);
	assert_fails(
	    FETCH_CRL, 4, crl, ERR_LIMIT, "ldap://h/o=x: the answer is larger than 4 octets");
}

static void test_schemes(void **state)
{
	(void)state;
	assert_true(fetch_ldap_is_url("ldap://h"));
	assert_true(fetch_ldap_is_url("LDAPS://h"));
	assert_false(fetch_ldap_is_url("ldapi://h"));
	assert_false(fetch_ldap_is_url("http://h"));
	assert_true(fetch_ldap_cap(300) > 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_answers_that_are_none),
		cmocka_unit_test(test_schemes),
	};
	return cmocka_run_group_tests(tests, start, end);
}
