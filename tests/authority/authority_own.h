/*
 * OpenSSL objects that live as long as a scope: authority_own_x509(s, x) and its kin. A NULL object
 * (a constructor that failed) gives ERR_NOMEM, as with scope_own.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_OWN_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_OWN_H

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pkcs12.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "base/scope.h"

#define AUTHORITY_OWN(type, word, release)                                                         \
	static inline void authority_own_free_##word(void *p)                                      \
	{                                                                                          \
		release(p);                                                                        \
	}                                                                                          \
	must_check static inline enum err authority_own_##word(struct scope *s, type *p)           \
	{                                                                                          \
		return scope_own(s, p, authority_own_free_##word);                                 \
	}

static inline void authority_own_release_x509s(STACK_OF(X509) * certs)
{
	sk_X509_free(certs); /* the certificates have owners of their own */
}

AUTHORITY_OWN(X509, x509, X509_free)
AUTHORITY_OWN(X509_NAME, name, X509_NAME_free)
AUTHORITY_OWN(STACK_OF(X509), x509s, authority_own_release_x509s)
AUTHORITY_OWN(X509_CRL, crl, X509_CRL_free)
AUTHORITY_OWN(EVP_PKEY, key, EVP_PKEY_free)
AUTHORITY_OWN(EVP_PKEY_CTX, key_ctx, EVP_PKEY_CTX_free)
AUTHORITY_OWN(EVP_MD_CTX, md_ctx, EVP_MD_CTX_free)
AUTHORITY_OWN(BIO, bio, BIO_free_all)
AUTHORITY_OWN(PKCS12, p12, PKCS12_free)
AUTHORITY_OWN(OCSP_REQUEST, ocsp_request, OCSP_REQUEST_free)
AUTHORITY_OWN(TS_REQ, ts_request, TS_REQ_free)
AUTHORITY_OWN(ASN1_OBJECT, object, ASN1_OBJECT_free)
AUTHORITY_OWN(ASN1_INTEGER, integer, ASN1_INTEGER_free)
AUTHORITY_OWN(ASN1_TIME, time, ASN1_TIME_free)
AUTHORITY_OWN(ASN1_ENUMERATED, enumerated, ASN1_ENUMERATED_free)
AUTHORITY_OWN(X509_EXTENSION, extension, X509_EXTENSION_free)
AUTHORITY_OWN(ASN1_OCTET_STRING, octets, ASN1_OCTET_STRING_free)

#endif
