/*
 * What the front asks of a worker, and what it gets (service/process/message.h): one frame asks,
 * one frame answers. The answer to every job is WORKER_ANSWER, or MESSAGE_FAULT with the reason. A
 * worker that means to end says WORKER_LEAVES first, and does what was asked of it meanwhile.
 *
 * Fields are the same number wherever they mean the same. Documents do not lie in frames: they go
 * along as open files, in the order that is told at each job. service/worker/worker_client.h says
 * it in structs.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_PROTOCOL_H
#define BULLA_SERVICE_WORKER_WORKER_PROTOCOL_H

/* Kinds of frames. */
enum worker_protocol_job {
	WORKER_ANSWER = 1,
	WORKER_LEAVES = 2, /* unasked, or before an answer: this worker takes no other job */
	WORKER_JOB_INSPECT = 16,
	WORKER_JOB_SEAL,
	WORKER_JOB_VALIDATE,
	WORKER_JOB_REPORT,
	WORKER_JOB_PREVIEW,
	WORKER_JOB_COMPARE,
	WORKER_JOB_STAMP,
	WORKER_JOB_CERTIFICATE,
	WORKER_JOB_READY,
	WORKER_JOB_WITNESS,
};

/* Fields, of requests and answers. Numbers of 64 bits; instants are seconds since 1970. */
enum worker_protocol_field {
	WORKER_FIELD_NAME = 1,    /* text: of the document */
	WORKER_FIELD_PASSWORD,    /* octets: of the document */
	WORKER_FIELD_AT,          /* instant */
	WORKER_FIELD_OFFLINE,     /* 0 or 1 */
	WORKER_FIELD_POLICY,      /* enum worker_client_policy */
	WORKER_FIELD_APPROVED,    /* octets, any number: SHA-256 of certificates */
	WORKER_FIELD_TOKEN,       /* octets: of a key in the keeper */
	WORKER_FIELD_CERTIFICATE, /* DER, any number: the own one first */
	WORKER_FIELD_OPTIONS,     /* JSON: service/worker/worker_seal_options.h */
	WORKER_FIELD_PICTURE,     /* PNG or JPEG; in answers PNG, any number */
	WORKER_FIELD_FORM,        /* enum worker_client_form */
	WORKER_FIELD_LANGUAGE,    /* text: "en", "hu" */
	WORKER_FIELD_PAGE,        /* number, from 1 */
	WORKER_FIELD_DPI,
	WORKER_FIELD_SIGNATURE,  /* text: "S1", or a field's name */
	WORKER_FIELD_DIGEST,     /* octets: SHA-256 */
	WORKER_FIELD_WANTS_PACK, /* 0 or 1: an open file for the evidence is there */
	WORKER_FIELD_WANTS_REPORT,

	WORKER_FIELD_SIZE = 64, /* number: octets */
	WORKER_FIELD_SHA256,    /* octets: of a file */
	WORKER_FIELD_PAGES,
	WORKER_FIELD_FLAGS,      /* bits WORKER_FLAG_... */
	WORKER_FIELD_SIGNATURES, /* number of them */
	WORKER_FIELD_TIMESTAMPS,
	WORKER_FIELD_REFUSAL, /* text: why it cannot be sealed */
	WORKER_FIELD_WARNING, /* text */
	WORKER_FIELD_TITLE,   /* text */
	WORKER_FIELD_FIELD,   /* text: name of a signature field */
	WORKER_FIELD_WORD,    /* enum worker_client_word */
	WORKER_FIELD_SUMMARY, /* JSON */
	WORKER_FIELD_CONTENT, /* octets: a report, a token, ... */
	WORKER_FIELD_WIDTH,
	WORKER_FIELD_HEIGHT,
	WORKER_FIELD_SHOWN, /* octets, beside each WORKER_FIELD_PICTURE: five numbers of four
			       octets, the highest first: enum worker_client_picture_kind, the
			       page's number then and now, width, height */
	WORKER_FIELD_COUNT,
	WORKER_FIELD_FROM,    /* instant */
	WORKER_FIELD_SOONEST, /* instant: an end */
	WORKER_FIELD_FILING,  /* text: name of the filing policy */
};

enum {
	WORKER_FLAG_ENCRYPTED = 1 << 0,
	WORKER_FLAG_LOCKED = 1 << 1, /* it wants a password, or another one */
	WORKER_FLAG_SAME = 1 << 2,   /* judged again as it was judged then */
	WORKER_FLAG_ACCEPTED = 1 << 3,
};

#endif
