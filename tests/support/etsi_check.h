/*
 * Whether XML is a validation report of ETSI TS 119 102-2 (schema 1.4.1) as far as Bulla writes
 * one: order and number of the elements, the form of their values, every Id once, every reference
 * led to an object of the right kind, every URI known. The schema itself is asked by `make
 * interop`.
 */
#ifndef BULLA_TESTS_SUPPORT_ETSI_CHECK_H
#define BULLA_TESTS_SUPPORT_ETSI_CHECK_H

#include "formats/xml_reader.h"
#include "validator/report.h"

#define ETSI_CHECK_VR "http://uri.etsi.org/19102/v1.4.1#"
#define ETSI_CHECK_DS "http://www.w3.org/2000/09/xmldsig#"
#define ETSI_CHECK_XADES "http://uri.etsi.org/01903/v1.3.2#"

/* NULL when all is well, else what is wrong, in the scope. */
const char *etsi_check(struct scope *s, struct bytes text, const struct xml_reader_node **ret_root);
/* Writes the report and checks it; also that every finding, signature and timestamp of the report
 * is told in it, with its indication. Complains and ends the program. */
struct bytes etsi_check_report(struct scope *s, const struct report *r);

/* The n-th element of this name below (from 0), however deep, or NULL. */
const struct xml_reader_node *etsi_check_find(
    const struct xml_reader_node *node, const char *name, size_t n);
size_t etsi_check_count(const struct xml_reader_node *node, const char *name);

#endif
