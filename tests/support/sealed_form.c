#include "tests/support/sealed_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/pdf_reread.h"

struct pdf_make *sealed_form_begin(struct scope *s, const char *catalog, const char *sig)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(m, 1, "<< " SEALED_FORM_CATALOG " %s >>", catalog);
	pdf_make_object(m, 3, "<< " SEALED_FORM_PAGE "/Annots [" SEALED_FORM_ANNOTS "] >>");
	pdf_make_object(m, 6, "<< " SEALED_FORM_FORM " >>");
	pdf_make_object(m, 7, "<< " SEALED_FORM_NAME "/V () /AP << /N 9 0 R >> >>");
	pdf_make_object(
	    m, 8, "<< " SEALED_FORM_WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0] >>");
	pdf_make_stream(m, 9, SEALED_FORM_BOX, BYTES_LIT("empty"));
	pdf_make_objectf(m, 10, "<< " SEALED_FORM_SIG " %s >>", sig);
	pdf_make_object(m, 12, "<< " SEALED_FORM_OTHER "/V () >>");
	pdf_make_object(m, 13, "<< " SEALED_FORM_EMPTY ">>");
	pdf_make_object(m, 14, "<< " SEALED_FORM_NOTE "/Contents (note) >>");
	return m;
}

void sealed_form_close(struct pdf_make *m)
{
	pdf_make_table(m, "/Root 1 0 R");
}

struct pdf_make *sealed_form_new(struct scope *s, const char *catalog, const char *sig)
{
	struct pdf_make *m = sealed_form_begin(s, catalog, sig);
	sealed_form_close(m);
	return m;
}

struct modification_list sealed_form_since(struct scope *s, struct bytes bytes, size_t rev)
{
	struct modification_history *history;
	struct modification_list changes = { 0 };
	struct pdf_signature_list list;
	const struct pdf_file *file = pdf_reread_open(s, bytes);
	if (pdf_signature_list(s, file, &list) != OK ||
	    pdf_signature_find_stray(s, file, &list) != OK ||
	    modification_history_new(s, file, &list, &history) != OK)
		fail_msg("%s", scope_fault_text(s));
	for (size_t i = 0; i < list.n; i++) {
		if (strcmp(list.item[i].name, "seal") != 0)
			continue;
		if (modification_find(s, history, &list.item[i], rev, NULL, &changes) != OK)
			fail_msg("%s", scope_fault_text(s));
		assert_int_equal(scope_fault_code(s), OK);
		return changes;
	}
	fail_msg("the signature is gone");
	return changes;
}

struct modification_list sealed_form_changes(struct scope *s, struct pdf_make *m)
{
	sealed_form_close(m);
	return sealed_form_since(s, pdf_make_done(m), 0);
}

static void print_all(const struct modification_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		print_message("  %s: %s (%s)\n", l->item[i].allowed ? "allowed" : "forbidden",
		    l->item[i].path, l->item[i].rule);
}

void sealed_form_expect(const struct modification_list *l, bool allowed, const char *path)
{
	bool found = false;
	for (size_t i = 0; i < l->n; i++)
		found |= l->item[i].allowed == allowed && strstr(l->item[i].path, path) != NULL &&
			 l->item[i].rule[0] != '\0';
	if (found && l->any_forbidden == !allowed)
		return;
	print_all(l);
	fail_msg("not %s: %s", allowed ? "allowed" : "forbidden", path);
}

void sealed_form_allows(struct scope *s, struct pdf_make *m, const char *path)
{
	struct modification_list l = sealed_form_changes(s, m);
	sealed_form_expect(&l, true, path);
	assert_null(l.first_forbidden);
}

void sealed_form_forbids(struct scope *s, struct pdf_make *m, const char *path)
{
	struct modification_list l = sealed_form_changes(s, m);
	sealed_form_expect(&l, false, path);
	assert_non_null(l.first_forbidden);
}

void sealed_form_is_silent(struct scope *s, struct pdf_make *m)
{
	struct modification_list l = sealed_form_changes(s, m);
	if (l.n)
		print_all(&l);
	assert_int_equal(l.n, 0);
}

struct pdf_make *sealed_form_plain(struct scope *s)
{
	return sealed_form_new(s, "", "");
}
