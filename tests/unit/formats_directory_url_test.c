#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "formats/directory_url.h"

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

static struct directory_url read_well(const char *text)
{
	struct directory_url url;
	if (directory_url_parse(s, bytes_of_str(text), &url) != OK)
		fail_msg("%s: %s", text, scope_fault_text(s));
	return url;
}

static void assert_refused(const char *text, enum err code)
{
	struct directory_url url;
	if (directory_url_parse(s, bytes_of_str(text), &url) != code)
		fail_msg("not refused: %s", text);
	scope_forgive(s);
}

static void test_parts(void **state)
{
	(void)state;
	struct directory_url u =
	    read_well("ldap://ldap.example.org:1389/cn=CA%202,o=X%2cY?certificateRevocationList;"
		      "binary,cACertificate?one?(objectClass=*)?x-a,!x-b");
	assert_false(u.is_tls);
	assert_true(bytes_equal_str(u.host, "ldap.example.org"));
	assert_true(bytes_equal_str(u.port, "1389"));
	assert_true(bytes_equal_str(u.dn, "cn=CA 2,o=X,Y"));
	assert_int_equal(u.n_attributes, 2);
	assert_true(bytes_equal_str(u.attributes[0], "certificateRevocationList;binary"));
	assert_true(bytes_equal_str(u.attributes[1], "cACertificate"));
	assert_int_equal(u.scope, DIRECTORY_URL_SCOPE_CHILDREN);
	assert_true(bytes_equal_str(u.filter, "(objectClass=*)"));
	assert_true(u.has_critical_extension);
}

static void test_what_may_be_left_out(void **state)
{
	(void)state;
	struct directory_url u = read_well("LDAPS://h");
	assert_true(u.is_tls);
	assert_true(bytes_equal_str(u.host, "h"));
	assert_int_equal(u.port.n + u.dn.n + u.n_attributes + u.filter.n, 0);
	assert_int_equal(u.scope, DIRECTORY_URL_SCOPE_ENTRY);
	u = read_well("ldap:///cn=a");
	assert_int_equal(u.host.n, 0);
	assert_true(bytes_equal_str(u.dn, "cn=a"));
	u = read_well("ldap://[2001:db8::1]:389/o=x??sub");
	assert_true(bytes_equal_str(u.host, "[2001:db8::1]"));
	assert_true(bytes_equal_str(u.port, "389"));
	assert_int_equal(u.scope, DIRECTORY_URL_SCOPE_TREE);
	u = read_well("ldap://[::1]/o=x???a=b?x");
	assert_int_equal(u.port.n, 0);
	assert_true(bytes_equal_str(u.filter, "a=b"));
	assert_false(u.has_critical_extension);
	assert_int_equal(read_well("ldap://h/o=x??BASE").scope, DIRECTORY_URL_SCOPE_ENTRY);
	assert_int_equal(read_well("ldap://h/o=x??below").scope, DIRECTORY_URL_SCOPE_UNKNOWN);
	assert_int_equal(read_well("ldap://h:65535/").port.n, 5);
}

static void test_what_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "ldap", "ldap:", "ldap:/", "ldap:h/o=x",
		"http://h/o=x", "ldapi://h/", "ldap://h:65536/", "ldap://h:1x/", "ldap://u@h/o=x",
		"ldap://u:p@h/o=x", "ldap://h h/", "ldap://[::1/", "ldap://[::g]/", "ldap://h/%",
		"ldap://h/%4", "ldap://h/%4g", "ldap://h/o=x%00", "ldap://h/o=x%0a",
		"ldap://h/o=x%7F", "ldap://h/o=x?a b", "ldap://h/o=x?a,,b", "ldap://h/o=x?,a",
		"ldap://h/o=x?a*", "ldap://h/o=x#f", "ldap://h/o=x\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(texts[i], ERR_FORMAT);
}

static void test_number_of_attributes(void **state)
{
	(void)state;
	struct buf b = buf_new(s, 1000);
	struct directory_url url;
	buf_add_str(&b, "ldap://h/o=x?a");
	for (int i = 1; i < LIMIT_LDAP_ATTRIBUTES; i++)
		buf_add_str(&b, ",a");
	assert_int_equal(directory_url_parse(s, buf_bytes(&b), &url), OK);
	assert_int_equal(url.n_attributes, LIMIT_LDAP_ATTRIBUTES);
	buf_add_str(&b, ",a");
	assert_int_equal(directory_url_parse(s, buf_bytes(&b), &url), ERR_LIMIT);
	scope_forgive(s);
}

static void test_escapes(void **state)
{
	(void)state;
	char *text;
	struct buf b = buf_new(s, 1000);
	directory_url_add_escaped(&b, BYTES_LIT("aZ9-. =,?#%/\xc3\xa9"));
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_string_equal(text, "aZ9-.%20%3D%2C%3F%23%25%2F%C3%A9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_what_may_be_left_out),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_number_of_attributes),
		cmocka_unit_test(test_escapes),
	};
	return cmocka_run_group_tests(tests, start, end);
}
