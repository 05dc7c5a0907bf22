/*
 * For the analyser alone, put in front of every file: a fault's result is the error that it was
 * given. The analyser reads one file at a time and would otherwise follow scope_fault into OK.
 */
#ifndef BULLA_TESTS_LINT_ANALYSE_SCOPE_H
#define BULLA_TESTS_LINT_ANALYSE_SCOPE_H

#include "base/scope.h"

#define scope_fault(s, e, ...) (scope_fault(s, e, __VA_ARGS__), (e))
#define scope_fault_in(s, e, prefix) (scope_fault_in(s, e, prefix), (e))

#endif
