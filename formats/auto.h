/*
 * AUTO(T): a foreign object released when its function returns. One list for every handle in use.
 *
 *	AUTO(BIO) *b = BIO_new(BIO_s_mem());
 */
#ifndef BULLA_FORMATS_AUTO_H
#define BULLA_FORMATS_AUTO_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define AUTO_ENTRIES(X)                                                                            \
	X(ASN1_OBJECT, ASN1_OBJECT_free)                                                           \
	X(BIGNUM, BN_free)                                                                         \
	X(BIO, BIO_free_all)                                                                       \
	X(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)                                                     \
	X(EVP_MD, EVP_MD_free)                                                                     \
	X(EVP_MD_CTX, EVP_MD_CTX_free)                                                             \
	X(EVP_PKEY, EVP_PKEY_free)                                                                 \
	X(EVP_PKEY_CTX, EVP_PKEY_CTX_free)                                                         \
	X(X509, X509_free)                                                                         \
	X(X509_ALGOR, X509_ALGOR_free)                                                             \
	X(X509_NAME, X509_NAME_free)                                                               \
	X(X509_STORE, X509_STORE_free)                                                             \
	X(X509_STORE_CTX, X509_STORE_CTX_free)

#define X(type, release)                                                                           \
	static inline void auto_release_##type(type **p)                                           \
	{                                                                                          \
		if (*p)                                                                            \
			release(*p);                                                               \
	}
AUTO_ENTRIES(X)
#undef X

#define AUTO(type) __attribute__((cleanup(auto_release_##type))) type

#endif
