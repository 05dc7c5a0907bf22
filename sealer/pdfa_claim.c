#include "sealer/pdfa_claim.h"

#include <string.h>

#include "base/scope.h"
#include "formats/xml_reader.h"

static const char pdfaid[] = "http://www.aiim.org/pdfa/ns/id/";
static const char rdf[] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

static const char *skip_white(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

static void take(struct pdfa_claim *claim, const char *name, const char *value)
{
	const char *v = skip_white(value);
	const bool alone = *v && !*skip_white(v + 1);
	if (!strcmp(name, "part") && alone && *v >= '1' && *v <= '4')
		claim->part = *v - '0';
	if (!strcmp(name, "conformance") && alone && strchr("ABUEF", *v))
		claim->conformance = *v;
}

/* XMP lets a simple property be an element or an attribute of its description. */
static void read_description(const struct xml_reader_node *d, struct pdfa_claim *claim)
{
	for (const struct xml_reader_attribute *a = d->attributes; a; a = a->next)
		if (!strcmp(a->ns, pdfaid))
			take(claim, a->name, a->value);
	for (const struct xml_reader_node *n = d->first; n; n = n->next)
		if (!strcmp(n->ns, pdfaid))
			take(claim, n->name, n->text);
}

static void read_tree(const struct xml_reader_node *root, struct pdfa_claim *claim)
{
	const struct xml_reader_node *r =
	    xml_reader_is(root, rdf, "RDF") ? root : xml_reader_child(root, rdf, "RDF", NULL);
	const struct xml_reader_node *d = r ? xml_reader_child(r, rdf, "Description", NULL) : NULL;
	for (; d; d = xml_reader_child(r, rdf, "Description", d))
		read_description(d, claim);
}

static enum err read_metadata(
    struct scope *s, const struct pdf_file *file, struct pdfa_claim *claim)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *catalog, *metadata;
	const struct xml_reader_node *root;
	struct bytes xmp;
	TRY(pdf_file_catalog(s, file, rev, &catalog));
	TRY(pdf_file_find(s, file, rev, catalog, "Metadata", &metadata));
	if (metadata->kind != PDF_STREAM)
		return OK;
	TRY(pdf_file_stream_data(s, file, rev, metadata, &xmp));
	TRY(xml_reader_parse(s, xmp, &root));
	read_tree(root, claim);
	return OK;
}

enum err pdfa_claim_read(struct scope *s, const struct pdf_file *file, struct pdfa_claim *ret_claim)
{
	struct pdfa_claim claim = { 0 };
	enum err err = read_metadata(s, file, &claim);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(s);
	if (!claim.part)
		claim.conformance = 0;
	*ret_claim = claim;
	return OK;
}
