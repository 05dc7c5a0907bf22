#include "tests/support/etsi_check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/support/etsi_schema.h"
#include "tests/support/mini_ca.h"
#include "validator/report_etsi.h"

/* -- checking -- */

struct check {
	struct scope *s;
	const char *wrong;
	const struct xml_reader_node *root;
};

static const char *complain(
    struct check *c, const struct xml_reader_node *node, const char *what, const char *detail)
{
	struct buf b = buf_new(c->s, 4096);
	char *text;
	if (c->wrong)
		return c->wrong;
	buf_addf(&b, "%s in %s of %s: %s", what, node->name,
	    node->parent ? node->parent->name : "nothing", detail);
	mini_ca_check(buf_done_str(&b, &text) == OK, "etsi_check: a complaint");
	c->wrong = text;
	return text;
}

/* `name` has a prefix. */
static bool is_named(const struct xml_reader_node *node, const char *name)
{
	const char *local = strchr(name, ':') + 1;
	const char *ns = name[0] == 'v'   ? ETSI_CHECK_VR
			 : name[0] == 'd' ? ETSI_CHECK_DS
					  : ETSI_CHECK_XADES;
	return xml_reader_is(node, ns, local);
}

static bool has_form(struct scope *s, enum etsi_schema_form form, const char *text)
{
	struct instant t;
	struct bytes octets;
	switch (form) {
	case FORM_URI:
		return etsi_schema_knows_uri(text);
	case FORM_TIME:
		return strlen(text) == 20 && instant_of_rfc3339(bytes_of_str(text), &t);
	case FORM_BOOLEAN:
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	case FORM_BASE64:
		return bytes_of_base64(s, bytes_of_str(text), &octets) == OK;
	case FORM_INTEGERS:
		return text[0] && text[strspn(text, "0123456789 -")] == '\0';
	case FORM_ELEMENTS:
	case FORM_CHOICE:
		return text[strspn(text, " \n")] == '\0';
	case FORM_STRING:
	case FORM_ANY:
		break;
	}
	return true;
}

static void check_attributes(
    struct check *c, const struct xml_reader_node *node, const struct etsi_schema_type *type)
{
	char allowed[64], *save = NULL;
	if (!type->attributes)
		return;
	for (const struct xml_reader_attribute *a = node->attributes; a; a = a->next) {
		const char *at = strstr(type->attributes, a->name);
		size_t n = strlen(a->name);
		if (a->ns[0] || !at || (at[n] && at[n] != ' ' && at[n] != '!'))
			complain(c, node, "an attribute too many", a->name);
	}
	snprintf(allowed, sizeof(allowed), "%s", type->attributes);
	for (char *word = strtok_r(allowed, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		size_t n = strlen(word);
		if (word[n - 1] != '!')
			continue;
		word[n - 1] = '\0';
		if (!xml_reader_attribute(node, word))
			complain(c, node, "an attribute is missing", word);
	}
	const char *algorithm = xml_reader_attribute(node, "Algorithm");
	if (algorithm && !etsi_schema_knows_uri(algorithm))
		complain(c, node, "an unknown algorithm", algorithm);
}

static void check_node(struct check *c, const struct xml_reader_node *node, const char *type_name);

static void check_sequence(
    struct check *c, const struct xml_reader_node *node, const struct etsi_schema_part *parts)
{
	const struct xml_reader_node *child = node->first;
	for (const struct etsi_schema_part *p = parts; p->name; p++) {
		int n = 0;
		for (; child && is_named(child, p->name); child = child->next, n++)
			check_node(c, child, p->type);
		if (n < p->min || (p->max != ETSI_SCHEMA_MANY && n > p->max))
			complain(c, node, "wrong number of", p->name);
	}
	if (child)
		complain(c, node, "out of place", child->name);
}

static void check_choice(
    struct check *c, const struct xml_reader_node *node, const struct etsi_schema_part *parts)
{
	if (!node->first)
		complain(c, node, "nothing", "of a choice");
	for (const struct xml_reader_node *child = node->first; child; child = child->next) {
		const struct etsi_schema_part *p = parts;
		while (p->name && !is_named(child, p->name))
			p++;
		if (!p->name) {
			complain(c, node, "out of place", child->name);
			return;
		}
		check_node(c, child, p->type);
		for (const struct xml_reader_node *o = child->next; o && p->max == 1; o = o->next)
			if (is_named(o, p->name))
				complain(c, node, "more than one", p->name);
	}
}

static const struct xml_reader_node *find_id(const struct xml_reader_node *node, const char *id)
{
	const char *own = xml_reader_attribute(node, "id");
	if (own && strcmp(own, id) == 0)
		return node;
	for (const struct xml_reader_node *c = node->first; c; c = c->next) {
		const struct xml_reader_node *found = find_id(c, id);
		if (found)
			return found;
	}
	return NULL;
}

/* Certificates where certificates are meant, and so on; by the element's name. */
static bool leads_right(const char *name, const struct xml_reader_node *target)
{
	const char *id = xml_reader_attribute(target, "id");
	if (strstr(name, "Certificate") || strcmp(name, "TrustAnchor") == 0 ||
	    strcmp(name, "Certs") == 0)
		return id[0] == 'C';
	if (strcmp(name, "CRLs") == 0 || strcmp(name, "OCSPs") == 0 ||
	    strcmp(name, "RevocationObject") == 0)
		return id[0] == 'R';
	if (strcmp(name, "POEObject") == 0)
		return id[0] == 'T';
	if (strncmp(name, "SignersDocument", 15) == 0)
		return id[0] == 'D';
	return true;
}

static void check_reference(struct check *c, const struct xml_reader_node *node)
{
	char ids[16384], *save = NULL;
	const char *list = xml_reader_attribute(node, "VOReference");
	if (!list)
		return;
	snprintf(ids, sizeof(ids), "%s", list);
	if (!ids[0])
		complain(c, node, "an empty reference", "");
	for (char *id = strtok_r(ids, " ", &save); id; id = strtok_r(NULL, " ", &save)) {
		const struct xml_reader_node *target = find_id(c->root, id);
		if (!target)
			complain(c, node, "leads nowhere", id);
		else if (!leads_right(node->name, target))
			complain(c, node, "leads to the wrong kind", id);
	}
}

static void check_id(struct check *c, const struct xml_reader_node *node)
{
	const char *id = xml_reader_attribute(node, "id");
	if (!id)
		return;
	if (!isalpha((unsigned char)id[0]) ||
	    id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")])
		complain(c, node, "no name", id);
	if (find_id(c->root, id) != node)
		complain(c, node, "twice the id", id);
}

static void check_node(struct check *c, const struct xml_reader_node *node, const char *type_name)
{
	const struct etsi_schema_type *type = etsi_schema_type(type_name);
	if (c->wrong)
		return;
	if (!has_form(c->s, type->form, node->text))
		complain(c, node, "not of its form", node->text);
	check_attributes(c, node, type);
	check_id(c, node);
	check_reference(c, node);
	if (type->form == FORM_ELEMENTS)
		check_sequence(c, node, type->parts);
	else if (type->form == FORM_CHOICE)
		check_choice(c, node, type->parts);
	else if (type->form != FORM_ANY && node->first)
		complain(c, node, "out of place", node->first->name);
}

const char *etsi_check(struct scope *s, struct bytes text, const struct xml_reader_node **ret_root)
{
	struct check c = { .s = s };
	if (xml_reader_parse(s, text, &c.root) != OK)
		return scope_fault_text(s);
	*ret_root = c.root;
	if (!xml_reader_is(c.root, ETSI_CHECK_VR, "ValidationReport"))
		return "not a ValidationReport";
	check_node(&c, c.root, "Report");
	return c.wrong;
}

/* -- looking for things -- */

static const struct xml_reader_node *find(
    const struct xml_reader_node *node, const char *name, size_t *n)
{
	if (strcmp(node->name, name) == 0 && (*n)-- == 0)
		return node;
	for (const struct xml_reader_node *c = node->first; c; c = c->next) {
		const struct xml_reader_node *found = find(c, name, n);
		if (found)
			return found;
	}
	return NULL;
}

const struct xml_reader_node *etsi_check_find(
    const struct xml_reader_node *node, const char *name, size_t n)
{
	return find(node, name, &n);
}

size_t etsi_check_count(const struct xml_reader_node *node, const char *name)
{
	size_t n = strcmp(node->name, name) == 0;
	for (const struct xml_reader_node *c = node->first; c; c = c->next)
		n += etsi_check_count(c, name);
	return n;
}

/* -- a report of ours -- */

static void insist(struct scope *s, bool ok, const char *id, const char *what, struct bytes text)
{
	(void)s;
	if (ok)
		return;
	fprintf(stderr, "etsi_check: %s: %s\n%.*s\n", id, what, (int)text.n, (const char *)text.p);
	abort();
}

struct expected {
	struct scope *s;
	struct bytes text;
	const struct xml_reader_node *root;
};

static void expect_findings(const struct expected *e, const char *id,
    const struct xml_reader_node *report, const struct findings *f)
{
	const struct xml_reader_node *all =
	    etsi_check_find(report, "ValidationConstraintsEvaluationReport", 0);
	size_t n = 0;
	insist(e->s, all != NULL, id, "no constraints", e->text);
	for (const struct xml_reader_node *c = all->first; c; c = c->next) {
		char wanted[128];
		const char *name = c->first->text;
		if (strncmp(name, "urn:x-bulla:finding:", 20) != 0)
			continue;
		insist(e->s, n < f->n, id, "findings too many", e->text);
		const struct finding_row *row = findings_row(f->item[n++].code);
		snprintf(wanted, sizeof(wanted), "urn:x-bulla:finding:%s", row->name);
		insist(e->s, strcmp(name, wanted) == 0, id, wanted, e->text);
		insist(e->s,
		    strcmp(etsi_check_find(etsi_check_find(c, "ReportData", 0), "Value", 0)->text,
			row->text) == 0,
		    id, row->text, e->text);
	}
	insist(e->s, n == f->n, id, "findings are missing", e->text);
}

static void expect_status(const struct expected *e, const char *id,
    const struct xml_reader_node *report, enum indication indication, enum sub_indication sub,
    bool total)
{
	static const char *const words[] = { "passed", "indeterminate", "failed" };
	const struct xml_reader_node *status =
	    xml_reader_child(report, ETSI_CHECK_VR, "SignatureValidationStatus", NULL);
	const struct xml_reader_node *subs =
	    xml_reader_child(status, ETSI_CHECK_VR, "SubIndication", NULL);
	const char *main = strrchr(status->first->text, ':') + 1;
	bool is_total = strncmp(main, "total-", 6) == 0;
	insist(e->s,
	    is_total == (total && indication != INDICATION_INDETERMINATE) &&
		strcmp(is_total ? main + 6 : main, words[indication]) == 0,
	    id, main, e->text);
	insist(e->s,
	    (sub == SUB_NONE) == (subs == NULL) &&
		(!subs || strcmp(strrchr(subs->text, ':') + 1, findings_sub_name(sub)) == 0),
	    id, "another sub-indication", e->text);
}

static void expect_timestamp(
    const struct expected *e, const struct report_signature *host, const struct report_timestamp *t)
{
	const struct xml_reader_node *object = find_id(e->root, t->id), *report;
	bool whole = host->is_document_timestamp;
	insist(e->s, object && strcmp(object->name, "ValidationObject") == 0, t->id, "no object",
	    e->text);
	report = etsi_check_find(object, "ValidationReport", 0);
	expect_findings(e, t->id, report, whole ? &host->findings : &t->findings);
	expect_status(e, t->id, report, whole ? host->indication : t->indication,
	    whole ? host->sub : t->sub, false);
}

static void expect_signature(const struct expected *e, const struct report_signature *sig)
{
	if (!sig->is_document_timestamp) {
		const struct xml_reader_node *identifier = find_id(e->root, sig->id);
		insist(e->s, identifier != NULL, sig->id, "no report", e->text);
		expect_findings(e, sig->id, identifier->parent, &sig->findings);
		expect_status(e, sig->id, identifier->parent, sig->indication, sig->sub, true);
	}
	for (size_t i = 0; i < sig->n_timestamps; i++)
		expect_timestamp(e, sig, &sig->timestamps[i]);
	for (size_t i = 0; i < sig->n_counter_signatures; i++) {
		const struct report_counter_signature *c = &sig->counter_signatures[i];
		char id[40];
		snprintf(id, sizeof(id), "%s-%s", sig->id, c->id);
		const struct xml_reader_node *identifier = find_id(e->root, id);
		insist(e->s, identifier != NULL, id, "no report", e->text);
		expect_findings(e, id, identifier->parent, &c->findings);
		expect_status(e, id, identifier->parent, c->indication, c->sub, true);
	}
}

struct bytes etsi_check_report(struct scope *s, const struct report *r)
{
	struct bytes text, again;
	struct expected e = { .s = s };
	mini_ca_check(
	    report_etsi(s, r, &text) == OK && report_etsi(s, r, &again) == OK, scope_fault_text(s));
	const char *wrong = etsi_check(s, text, &e.root);
	insist(s, !wrong, r->name, wrong, text);
	insist(s, bytes_equal(text, again), r->name, "differs from itself", text);
	e.text = text;
	for (size_t i = 0; i < r->n_signatures; i++)
		expect_signature(&e, &r->signatures[i]);
	expect_findings(&e, "D", find_id(e.root, "D"), &r->findings);
	return text;
}
