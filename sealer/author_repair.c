#include "sealer/author_repair.h"

#include <string.h>

#include "base/scope.h"
#include "formats/pdf_recovery.h"

/* Appends a fresh revision to a file that the strict reader cannot read, or whose cross-references
 * lead astray; what has a signature is left alone. */
static enum err repair(struct author *a, enum err why)
{
	struct bytes revision;
	char *warning;
	char first[256];
	strncpy(first, scope_fault_text(a->s), sizeof(first) - 1);
	first[sizeof(first) - 1] = '\0';
	scope_forgive(a->s);
	enum err err = pdf_recovery_revision(a->s, a->draft->document, &revision, &warning);
	if (err != OK && err != ERR_NOMEM && why != OK) {
		/* Both readers refused: the strict one's words tell more. */
		bool strict = err == ERR_FORMAT || err == ERR_UNSUPPORTED;
		if (strict)
			scope_forgive(a->s);
		return strict ? scope_fault(a->s, why, "%s", first) : err;
	}
	TRY(err);
	author_warn(a, warning);
	return a->draft->append(a->draft, a->s, revision);
}

enum err author_repair_open(struct author *a, struct pdf_file **ret_file)
{
	struct scope *s = a->s;
	size_t wrong = 0;
	char *example;
	enum err err = author_open(a, ret_file);
	if (err == OK)
		err = pdf_file_count_wrong_entries(s, *ret_file, &wrong, &example);
	if (err == OK && wrong == 0)
		return OK;
	if (err != OK && err != ERR_FORMAT)
		return err;
	if (err == OK)
		scope_fault(s, ERR_FORMAT, "%s", example);
	TRY(repair(a, ERR_FORMAT));
	return author_open(a, ret_file);
}
