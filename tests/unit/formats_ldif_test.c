#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/ldif.h"

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

static struct ldif read_well(const char *text)
{
	struct ldif ldif;
	assert_int_equal(ldif_parse(s, bytes_of_str(text), &ldif), OK);
	return ldif;
}

static void assert_value(const struct ldif *ldif, size_t i, const char *name, const char *value)
{
	assert_true(i < ldif->n_values);
	assert_true(bytes_equal_str(ldif->values[i].attribute, name));
	assert_true(bytes_equal_str(ldif->values[i].value, value));
}

static void assert_refused(const char *text, enum err code)
{
	struct ldif ldif;
	if (ldif_parse(s, bytes_of_str(text), &ldif) != code)
		fail_msg("not refused: %s", text);
	assert_string_not_equal(scope_fault_text(s), "");
	scope_forgive(s);
}

static void test_entries(void **state)
{
	(void)state;
	struct ldif l = read_well("version: 1\n# a comment\ndn: cn=a,o=x\ncn: a\ndescription:two "
				  "words\nempty:\n\ndn: o=x\no:  x\n");
	assert_int_equal(l.n_entries, 2);
	assert_int_equal(l.n_values, 4);
	assert_value(&l, 0, "cn", "a");
	assert_value(&l, 1, "description", "two words");
	assert_value(&l, 2, "empty", "");
	assert_value(&l, 3, "o", "x");
	l = read_well("");
	assert_int_equal(l.n_entries + l.n_values, 0);
	l = read_well("dn: o=x\r\no: x\r\n\r\n");
	assert_value(&l, 0, "o", "x");
	l = read_well("dn: o=x\no: x");
	assert_value(&l, 0, "o", "x");
}

static void test_base64_and_folding(void **state)
{
	(void)state;
	struct ldif l =
	    read_well("dn:: bz14\na;binary:: aGVs\n bG8=\nb: he\n l\n lo\nc: x\r\n y\r\n"
		      "# a comment\n on two lines\nd:: \n");
	assert_int_equal(l.n_values, 4);
	assert_value(&l, 0, "a", "hello");
	assert_value(&l, 1, "b", "hello");
	assert_value(&l, 2, "c", "xy");
	assert_value(&l, 3, "d", "");
}

/* What libcurl 7.88 writes. */
static void test_libcurls_form(void **state)
{
	(void)state;
	struct ldif l =
	    read_well("DN: cn=ca,o=x\n\tcn: ca\n\n\tdescription: a\n\tdescription: b\n\n"
		      "\tcACertificate;binary:: aGVsbG8=\n\n\n");
	assert_int_equal(l.n_entries, 1);
	assert_int_equal(l.n_values, 4);
	assert_value(&l, 0, "cn", "ca");
	assert_value(&l, 2, "description", "b");
	assert_value(&l, 3, "cACertificate", "hello");
	l = read_well("DN: cn=ca,o=x\n\n");
	assert_int_equal(l.n_entries, 1);
	assert_int_equal(l.n_values, 0);
}

static void test_what_is_refused(void **state)
{
	(void)state;
	assert_refused("dn: o=x\na:< file:///etc/passwd\n", ERR_FORMAT);
	assert_refused("dn: o=x\nno colon\n", ERR_FORMAT);
	assert_refused("dn: o=x\n: no name\n", ERR_FORMAT);
	assert_refused("dn: o=x\na\n", ERR_FORMAT);
	assert_refused("dn: o=x\na b: c\n", ERR_FORMAT);
	assert_refused("dn: o=x\na:: not base64!\n", ERR_FORMAT);
	assert_refused("dn: o=x\na:: aGVsbG8\n", ERR_FORMAT);
	assert_refused("dn: o=x\nchangetype: delete\n", ERR_FORMAT);
	assert_refused("cn: a\n", ERR_FORMAT);
	assert_refused("\tcn: a\n", ERR_FORMAT);
	assert_refused("dn: o=x\n\ncn: a\n", ERR_FORMAT);
	assert_refused("dn: o=x\nversion: 1\n\nversion: 1\n", ERR_FORMAT);
	assert_refused("dn: o=x\na: b\rc\n", ERR_FORMAT);
	assert_refused("\t", ERR_FORMAT);
	struct ldif ldif;
	assert_int_equal(ldif_parse(s, BYTES_LIT("dn: o=x\na: b\0c\n"), &ldif), ERR_FORMAT);
	scope_forgive(s);
}

static void test_number_of_values(void **state)
{
	(void)state;
	struct buf b = buf_new(s, 1 << 20);
	struct ldif ldif;
	buf_add_str(&b, "dn: o=x\n");
	for (int i = 0; i < LIMIT_LDAP_VALUES; i++)
		buf_addf(&b, "a: %d\n", i);
	assert_int_equal(ldif_parse(s, buf_bytes(&b), &ldif), OK);
	assert_int_equal(ldif.n_values, LIMIT_LDAP_VALUES);
	buf_add_str(&b, "a: one more\n");
	assert_int_equal(ldif_parse(s, buf_bytes(&b), &ldif), ERR_LIMIT);
	scope_forgive(s);
}

static void test_names(void **state)
{
	(void)state;
	assert_true(ldif_is_attribute(BYTES_LIT("CaCertificate"), "cACertificate"));
	assert_false(ldif_is_attribute(BYTES_LIT("cACertificate2"), "cACertificate"));
	assert_false(ldif_is_attribute(BYTES_LIT("cACertificat"), "cACertificate"));
	assert_false(ldif_is_attribute(BYTES_NONE, "cACertificate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_base64_and_folding),
		cmocka_unit_test(test_libcurls_form),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_number_of_values),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, start, end);
}
