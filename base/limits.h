/*
 * Every cap on hostile input, with its reason. A value may be raised; a check may not go.
 */
#ifndef BULLA_BASE_LIMITS_H
#define BULLA_BASE_LIMITS_H

/* -- the process -- */
#define LIMIT_FAULT_TEXT 512                 /* one line of diagnostics */
#define LIMIT_BUF_FORMAT 2048                /* one formatted piece of text */
#define LIMIT_SCOPE_BUDGET ((size_t)2 << 30) /* memory of one job: a 100 MB CRL twenty times */

/* -- ASN.1 -- */
#define LIMIT_DER_DEPTH 64                  /* nesting of BER; real CMS stays under 30 */
#define LIMIT_DER_VALUE ((size_t)256 << 20) /* one value; the largest real CRLs are near 100 MB */

/* -- CMS, certificates, revocation data -- */
#define LIMIT_CMS_CERTIFICATES 1024     /* in one SignedData; real ones hold under 20 */
#define LIMIT_CMS_SIGNERS 64            /* SignerInfos in one SignedData */
#define LIMIT_CMS_ATTRIBUTES 256        /* in one SignerInfo */
#define LIMIT_CMS_REVOCATIONS 1024      /* CRLs and OCSP responses in one SignedData or attribute */
#define LIMIT_CMS_COUNTER_SIGNATURES 64 /* on one signature, and on those in turn */
#define LIMIT_CMS_COUNTER_DEPTH 8       /* counter-signatures on counter-signatures */
#define LIMIT_CMS_SIGNED_ATTRS 4096     /* octets of those we compose: three short ones */
#define LIMIT_CMS_BUILT ((size_t)64 << 20) /* octets of a SignedData that we compose */
#define LIMIT_CERT_EXTENSIONS 64           /* in one certificate */
#define LIMIT_CERT_LIST 256                /* entries of one list inside an extension */
#define LIMIT_CRL_ENTRIES 10000000         /* in one CRL; the largest real ones hold 2 million */
#define LIMIT_OCSP_CERTIFICATES 64         /* in one response; real ones hold 1 or 2 */
#define LIMIT_CERT_NAME_TEXT 65536         /* octets of a distinguished name as text */
#define LIMIT_OCSP_REQUEST 4096            /* one CertID and a nonce take under 400 bytes */
#define LIMIT_OCSP_SINGLES 256             /* SingleResponses in one response */
#define LIMIT_REVOCATION_SIGNERS 32        /* certificates tried for one item's signature */
#define LIMIT_REVOCATION_DEPTH 4           /* signers whose status comes from signers whose ... */
#define LIMIT_REVOCATION_STEPS 8192        /* such questions in one validation */
#define LIMIT_PATH_DEPTH 16                /* certificates in one path; real ones hold 2 to 5 */
#define LIMIT_PATH_CANDIDATES 256     /* paths tried for one certificate; real ones have 1 to 4 */
#define LIMIT_PATH_STEPS 16384        /* certificates passed in one search: against loops */
#define LIMIT_PATH_SIGNATURES 1024    /* look-alikes of an issuer tested in one judgement */
#define LIMIT_PATH_POLICIES 256       /* valid at a time along a path; real ones have under 10 */
#define LIMIT_POOL_CERTIFICATES 16384 /* certificates considered in one validation */

/* -- JSON and policies -- */
#define LIMIT_JSON (1 << 20)     /* octets of one text; a policy takes some 10 KB */
#define LIMIT_JSON_DEPTH 16      /* objects and arrays inside each other; policies have 5 */
#define LIMIT_POLICY_LIST 4096   /* entries of one list; approved certificates come one by one */
#define LIMIT_UNICODE_TEXT 65536 /* octets of a text compared; explicitText has 200 characters */

/* -- XML -- */
#define LIMIT_XML_DOCUMENT ((size_t)64 << 20) /* a national trust list takes some megabytes */
#define LIMIT_XML_DEPTH 100                   /* nesting of elements; trust lists stay under 30 */
#define LIMIT_XML_NODES 4000000               /* elements and attributes: each takes memory */

/* -- PDF -- */
#define LIMIT_PDF_DEPTH 128                    /* nesting of arrays and dictionaries */
#define LIMIT_PDF_OBJECT_NUMBER 8388607        /* ISO 32000-1 Annex C; the highest number in use */
#define LIMIT_PDF_OBJECTS 4000000              /* cross-reference entries over all sections */
#define LIMIT_PDF_SECTIONS 4096                /* cross-reference sections followed through /Prev */
#define LIMIT_PDF_TOKENS 20000000              /* values parsed in one job */
#define LIMIT_PDF_STRING ((size_t)64 << 20)    /* one string; also bounds /Contents */
#define LIMIT_PDF_INFLATED ((size_t)256 << 20) /* one decoded stream: against flate bombs */
#define LIMIT_PDF_RESOLVE 64                   /* hops from reference to reference */
#define LIMIT_PDF_SIGNATURES 1024              /* signature dictionaries in one file */
#define LIMIT_PDF_SECOND_READING 64  /* objects of a signed file that QPDF is asked about */
#define LIMIT_PDF_STRAY 4096         /* unexplained /ByteRange told of */
#define LIMIT_PDF_FIELDS 65536       /* form fields walked */
#define LIMIT_PDF_PAGES 1000000      /* pages walked */
#define LIMIT_PDF_HEADER_SEARCH 1024 /* where %PDF- may begin (ISO 32000-1 Annex H) */
#define LIMIT_PDF_SALVAGE_OBJECT ((size_t)1 << 22) /* octets read for one loose signature */
#define LIMIT_PDF_SALVAGE_TRIES 32              /* ends of a damaged signed file that are tried */
#define LIMIT_PDF_TAIL_SEARCH ((size_t)1 << 20) /* where the last startxref is looked for */
#define LIMIT_PDF_NESTED_READS 8                /* an object read to read another (/Length, ...) */
#define LIMIT_PDF_DSS_ITEMS 16384               /* entries of /Certs, /CRLs, /OCSPs each */
#define LIMIT_PDF_UPDATE ((size_t)1 << 30)      /* bytes of one incremental update */
#define LIMIT_PDF_UPDATE_OBJECTS 200000         /* in one update; a store of 50000 items fits */
#define LIMIT_PDF_REFERENCES 16000000           /* of all revisions: a few per object */
#define LIMIT_PDF_RECIPIENT_LISTS 16384         /* of a file; one per set of permissions */
#define LIMIT_PDF_RECIPIENT_ATTEMPTS 8          /* with a private key: a list names whom it will */
#define LIMIT_PDF_CRYPT_FILTERS 8               /* of a file; writers define one or two */
#define LIMIT_PDF_SEED_VALUES 256               /* in one list of a field; real ones name a few */
#define LIMIT_PDF_UNLISTED 256                  /* objects told that no section lists */
#define LIMIT_PDF_OPERANDS 2048      /* of one operator; a line set glyph by glyph fits */
#define LIMIT_PDF_OPERATORS 4000000  /* executed in one file: a second of work */
#define LIMIT_PDF_FORMS_DEPTH 12     /* form XObjects in each other; real ones stay under 5 */
#define LIMIT_PDF_GRAPHICS_STATES 64 /* q without Q; more are not kept apart */
#define LIMIT_PDF_SHOWN 8192         /* octets of one shown string; a line has some 100 */
#define LIMIT_PDF_CMAP 65536         /* mappings of one font: all of the basic plane */

/* -- what a visible seal shows -- */
#define LIMIT_FONT_FILE ((size_t)32 << 20) /* the largest fonts, of Chinese, take some 20 MB */
#define LIMIT_FONT_TEXT 4096               /* octets of one line; a page's width holds some 200 */
#define LIMIT_FONT_GLYPHS 16384            /* of one line: fonts may make several of a character */
#define LIMIT_FONT_CIDS 4096               /* different ones in one seal; real ones have some 60 */
#define LIMIT_FONT_CLUSTER 64              /* octets of text that one glyph stands for */
#define LIMIT_PICTURE_FILE ((size_t)16 << 20) /* a logo takes some 50 KB, a photograph 5 MB */
#define LIMIT_PICTURE_SIDE 16384              /* pixels: one page at 1200 dpi and to spare */
#define LIMIT_PICTURE_PIXELS (1 << 24)        /* 16 million take 64 MB while they are read */
#define LIMIT_LOOK_TEXT 4096 /* octets of one text on a seal; more would be too small to read */
#define LIMIT_LOOK_CONTENT ((size_t)4 << 20) /* a QR Code of the largest size takes 500 KB */
#define LIMIT_LOOK_LINES 1000                /* of text in one seal; a page has 80 */
#define LIMIT_BARCODE_DATA 4096 /* octets of a file for a barcode; a QR Code holds 2953 */

/* -- the network -- */
#define LIMIT_FETCH_CERTIFICATE ((size_t)1 << 20) /* a certificate or a PKCS#7 of a few */
#define LIMIT_FETCH_CRL ((size_t)128 << 20)       /* the largest real CRLs are near 100 MB */
#define LIMIT_FETCH_OCSP ((size_t)1 << 20)        /* one response with its certificates */
#define LIMIT_FETCH_TIMESTAMP ((size_t)1 << 20)   /* one token with its certificates */
#define LIMIT_FETCH_TRUST_LIST ((size_t)64 << 20) /* a national list takes some megabytes */
#define LIMIT_FETCH_REDIRECTS 5                   /* followed for one address */
#define LIMIT_FETCHES_PER_JOB 256                 /* a certificate cannot make us crawl */
#define LIMIT_FETCH_CONNECT_MS 10000              /* a host that is silent so long is down */
#define LIMIT_FETCH_TOTAL_MS 30000 /* one transfer, so that a slow host cannot hold a job */
#define LIMIT_URL 2048             /* characters of an address in a certificate */
#define LIMIT_ALLOWED_RANGES 64    /* address ranges allowed by hand */
#define LIMIT_LDAP_ATTRIBUTES 8    /* named in one LDAP URL; real ones name one */
#define LIMIT_LDAP_VALUES 64       /* values of one directory entry; a CA has a few certificates */

/* -- the fetcher and its peers -- */
#define LIMIT_FETCHER_REQUEST 8192 /* octets: a URL, an OCSP or timestamp request, and to spare */
#define LIMIT_FETCHER_TEXT 256     /* octets of a content type or a header line's value */
#define LIMIT_FETCHER_COUNTS 65536 /* octets: a status with its timestamp authorities */
#define LIMIT_FETCHER_MEMORY ((size_t)1 << 30) /* all answers in memory: three of the largest */
#define LIMIT_FETCHER_WAIT_MS 10000            /* for memory that others hold */
#define LIMIT_FETCHER_REPLY_MS 120000 /* a fetch, the wait for another's, its way over the link */
#define LIMIT_WEBHOOK_BODY ((size_t)1 << 20) /* 50 documents take some 20 KB */
#define LIMIT_WEBHOOK_SECRET 4096            /* octets of a portal's secret */
#define LIMIT_WEBHOOK_SECRET_LEAST 16        /* fewer could be guessed */
#define LIMIT_WEBHOOK_ATTEMPTS 12            /* over four days; then it is given up */
#define LIMIT_WEBHOOK_TURN 16                /* of one portal, before others have their turn */
#define LIMIT_WEBHOOK_DUE 1000               /* looked at in one turn: 16 of each of 60 portals */
#define LIMIT_WEBHOOK_SENDERS 2              /* at once; of four links to the fetcher */
#define LIMIT_WEBHOOK_POLL_MS 1000           /* until the queue is looked at again */
#define LIMIT_WEBHOOK_REST_S 15              /* for a portal that gave no answer */
#define LIMIT_WEBHOOK_LINK_MS 10000          /* wait for a free link */
#define LIMIT_WEBHOOK_ANSWER ((size_t)64 << 10) /* of a portal, passed over */

/* -- fetched answers that are kept (--cache) -- */
#define LIMIT_CACHE_AGE_S 3600               /* a CRL or OCSP response is asked for again then */
#define LIMIT_CACHE_CERT_AGE_S 86400         /* an issuer's certificate: they are steady */
#define LIMIT_CACHE_FAILURE_S 300            /* who failed is left alone for so long */
#define LIMIT_CACHE_WAIT_MS 35000            /* for another process that asks the same: one fetch */
#define LIMIT_CACHE_HEAD 8192                /* what is said about an answer in front of it */
#define LIMIT_CACHE_OCTETS ((size_t)1 << 30) /* on disk: ten of the largest CRLs */
#define LIMIT_CACHE_ENTRIES 16384            /* on disk; a CA has under ten */

/* -- reports -- */
#define LIMIT_REPORT ((size_t)64 << 20) /* one rendering of one report */
#define LIMIT_REPORT_PAGES 2000         /* of paper; 50 signatures with their changes take 130 */
#define LIMIT_OUTLINE_TEXT 4096   /* octets of one text shown to a person; JSON has all of it */
#define LIMIT_OUTLINE_CHANGES 100 /* listed for a person; a clerk reads no more, JSON has all */
#define LIMIT_CATALOGUE ((size_t)4 << 20) /* one language; ours take under 100 KB */
#define LIMIT_PLURAL_DEPTH 64             /* of a plural rule; the longest real ones nest 6 deep */
#define LIMIT_REPORT_OBJECT ((size_t)1 << 20)   /* an item written in full; else its digest is */
#define LIMIT_REPORT_OBJECTS ((size_t)32 << 20) /* all of those together; base64 adds a third */
#define LIMIT_MODIFICATIONS 2000 /* entries listed for one signature; the rest is summed up */
#define LIMIT_DIFFERENCES 30     /* of two reports told to a person; the rest is counted */

/* -- what a signed document may hide -- */
#define LIMIT_SHADOW_NOTES 20         /* of one kind; a clerk reads no more */
#define LIMIT_SHADOW_ABOUT 400        /* octets of one */
#define LIMIT_SHADOW_ANNOTATIONS 2000 /* of one page; real ones stay under 500 */
#define LIMIT_SHADOW_TEXTS 100000     /* strings of one page; set glyph by glyph there are 10000 */
#define LIMIT_SHADOW_AREAS 64         /* opaque ones of one page that are compared with its texts */

/* -- files -- */
#define LIMIT_PIPED_DOCUMENT ((size_t)512 << 20)    /* one piped in, so in memory */
#define LIMIT_EVIDENCE_FILE ((size_t)256 << 20)     /* one item of an evidence folder */
#define LIMIT_EVIDENCE_MANIFEST ((size_t)256 << 20) /* a line per item, addresses included */
#define LIMIT_FOLDER_FILES 16384                    /* files taken from one folder */

/* -- processes that read hostile documents -- */
#define LIMIT_PROCESS_MEMORY ((size_t)1 << 30) /* beyond the document itself; pages take 200 MB */
#define LIMIT_PROCESS_CPU_S 60                 /* of computing; a page takes a fraction of one */
#define LIMIT_PROCESS_WALL_MS 90000            /* by the clock, on a machine that is busy */
#define LIMIT_PROCESS_FRAME ((size_t)64 << 20) /* one answer: a page's pixels or its text */
#define LIMIT_PROCESS_TOTAL ((size_t)2 << 30)  /* all answers of one process */

/* -- the processes of the service -- */
#define LIMIT_LINK_FRAME ((size_t)160 << 20) /* the largest CRL and its frame */
#define LIMIT_LINK_SEND_MS 60000             /* a peer that takes nothing for so long is stuck */
#define LIMIT_MESSAGE_FIELDS 4096            /* in one frame; a request has under 30 */
#define LIMIT_FRONT_LINKS 4                  /* from the front to the keeper, and to the fetcher */
#define LIMIT_POOL_LINKS 1024                /* to processes of one kind */
#define LIMIT_WORKER_FILES 64                /* open at a time: documents, fonts */
#define LIMIT_CONTROL_FRAME (LIMIT_JSON + 8192) /* the configuration, and where it lies */
#define LIMIT_CONTROL_MS 1000                   /* for the rest of a word that a process began */
#define LIMIT_SERVICE_STOP_MS 60000             /* for all to end; then they are killed */
#define LIMIT_PEER_STOP_MS 20000                /* for requests that were begun, at the end */

/* -- jobs of a worker -- */
#define LIMIT_WORKER_SUMMARY 524288 /* octets of a judgement in short; most take 4 KB */
#define LIMIT_WORKER_SIGNATURES 20  /* told in it; a form has under 10 */
#define LIMIT_WORKER_CAUSES 5       /* told in it; a clerk acts on the first */
#define LIMIT_WORKER_WORDS 300      /* octets of a name in it, or of a cause */
#define LIMIT_WORKER_CLAUSE 2000    /* of a disclaimer in it; real ones have 200 */
#define LIMIT_WORKER_TEXT 4096      /* octets of one text in a request */
#define LIMIT_WORKER_APPENDED ((size_t)256 << 20) /* by one seal: two of the largest CRLs */
#define LIMIT_WORKER_REQUEST ((size_t)32 << 20)   /* a picture and what goes with it */
#define LIMIT_WORKER_PEER_MS 3000              /* for a keeper or fetcher that is being replaced */
#define LIMIT_WORKER_LEAVE_MS 2000             /* until the front has heard that a worker leaves */
#define LIMIT_WORKER_REASONS 20                /* told of a certificate */
#define LIMIT_WORKER_CERTIFICATES 32           /* of one key; real chains have 2 to 5 */
#define LIMIT_WORKER_APPROVED 2048             /* certificates with an approved disclaimer */
#define LIMIT_WORKER_PICTURES 12               /* four pages then, now and marked */
#define LIMIT_WORKER_ANSWER ((size_t)96 << 20) /* a report with its pictures */

/* -- pages for persons -- */
#define LIMIT_PAGE ((size_t)16 << 20) /* one page; a table of fifty files takes 100 KB */
#define LIMIT_SESSION_S 43200         /* a session ends then, whatever is done: a working day */
#define LIMIT_PASSWORD_LOGINS 64      /* who log in and wait for that; more are sent away */
#define LIMIT_PASSWORD_HASHES 4       /* of persons' passwords at a time: each takes 32 MiB */
#define LIMIT_NOTE 2000               /* octets of what a person writes down with a decision */
#define LIMIT_PERSON_TEXT 400         /* octets of a name: 200 letters with accents */
#define LIMIT_LOG_VIEW ((size_t)256 << 20) /* octets of the log searched for one page */
#define LIMIT_LOG_ROWS 200                 /* records shown on one page */
#define LIMIT_TEMPLATE_DEPTH 16 /* sections, and templates, in each other: they nest 4 deep */

/* -- the audit log -- */
#define LIMIT_AUDIT_LINE (128 * 1024)       /* one record: a timestamp token and its frame */
#define LIMIT_AUDIT_TOKEN (64 * 1024)       /* octets; real ones take 3 to 8 KB */
#define LIMIT_AUDIT_NAME 256                /* octets of who, where, what; ids are short */
#define LIMIT_AUDIT_TEXT 1024               /* octets of one text of a detail */
#define LIMIT_AUDIT_DETAILS 24              /* texts in one record; most have under 6 */
#define LIMIT_AUDIT_FILE ((size_t)64 << 20) /* octets, then a new one begins */
#define LIMIT_AUDIT_FILES 999999            /* what the names have room for: 60 TB */
#define LIMIT_AUDIT_WRITE ((size_t)8 << 20) /* records that wait for one write */
#define LIMIT_AUDIT_TIMESTAMPS 1000000      /* in one log: hourly for a century */
#define LIMIT_AUDIT_CLOCK_S 600             /* between a record's time and its token's */
#define LIMIT_AUDIT_EXPORT 1000000          /* records of one partner in one export */

/* -- HTTP, as the service is asked -- */
#define LIMIT_HTTP_MEMORY 65536  /* of one connection: its head, and what was read at a time */
#define LIMIT_HTTP_HEADERS 64    /* of one request; browsers send some 15 */
#define LIMIT_HTTP_HEAD 16384    /* octets of all of them; cookies and a long agent take 2000 */
#define LIMIT_HTTP_PATH 2048     /* octets of a path with its query; ours take under 200 */
#define LIMIT_HTTP_PARAMETERS 32 /* of a query; ours have under 10 */
#define LIMIT_HTTP_COOKIES 32    /* of one request; we set two */
#define LIMIT_HTTP_JSON 1048576  /* octets of a body: the data of 50 documents take 100 KB */
#define LIMIT_HTTP_FORM 262144   /* octets of an urlencoded form; ours have under 20 fields */
#define LIMIT_HTTP_SECRET 65536  /* of a body with a password: it is never moved, so not grown */
#define LIMIT_HTTP_SECRET_FIELD 8192 /* of a part of such a body: a password has under 1024 */
#define LIMIT_HTTP_PARTS 256         /* of one body: a package of 50 documents and their data */
#define LIMIT_HTTP_PART_HEAD 4096    /* octets of the headers of one part */
#define LIMIT_HTTP_NAME 256          /* octets of the name of a field or a file */
#define LIMIT_HTTP_FIELD 65536       /* octets of a part that is no file, such as a note */
#define LIMIT_HTTP_FIELDS 1048576    /* octets of all such parts of one body */
#define LIMIT_HTTP_BOUNDARY 70       /* RFC 2046 5.1.1 */
#define LIMIT_HTTP_BODIES ((size_t)256 << 20)  /* octets of all bodies in memory at a time */
#define LIMIT_HTTP_TRANSIENT 4194304           /* octets of a body that stays in memory, unkept */
#define LIMIT_HTTP_SCOPE ((size_t)512 << 20)   /* memory of one request: a report */
#define LIMIT_HTTP_REPLIES ((size_t)512 << 20) /* octets of replies not taken yet */
#define LIMIT_HTTP_DRAIN 1048576 /* octets read of a refused body, so that its sender hears why */
#define LIMIT_HTTP_HEAD_S 20     /* for one head, however it trickles */
#define LIMIT_HTTP_BODY_S 30     /* for one body, and for taking a reply; then ... */
#define LIMIT_HTTP_RATE 16384    /* ... so many octets a second on the average are wanted */
#define LIMIT_HTTP_ROUTES 256    /* of the whole service; it has under 100 */
#define LIMIT_HTTP_TLS_FILE 1048576 /* octets of a file with certificates or a key */
#define LIMIT_HTTP_LISTENERS 3      /* API, window, desk */
#define LIMIT_HTTP_DRAIN_S 15       /* for requests that were begun, at the end */
#define LIMIT_RATE_KEYS 65536       /* addresses, portals, sessions that are counted at a time */
#define LIMIT_METRICS_TEXT 1048576  /* octets of all figures: 256 routes take 300 KB */
#define LIMIT_LOG_QUEUE 262144      /* octets of lines that wait; more are counted, not kept */

/* -- what portals ask of the service -- */
#define LIMIT_API_KEY 256                 /* characters of a portal's key */
#define LIMIT_API_REPLY ((size_t)4 << 20) /* octets; a list of 200 sealings takes 100 KB */
#define LIMIT_SEALING_REFERENCE 200       /* octets of a portal's own name for a matter */
#define LIMIT_SEALING_TITLE 400           /* octets; it stands on one line of the window */
#define LIMIT_SEALING_DATA 65536          /* octets of an application's data; real ones have 5000 */
#define LIMIT_SEALING_ATTEMPTS 20 /* of an unattended sealing that fails for passing reasons */
#define LIMIT_SEALING_SCOPE ((size_t)64 << 20) /* memory of one step of the clock */
#define LIMIT_UPLOAD_NAME 200                  /* octets of a file's name */
#define LIMIT_WORKER_WAIT_MS 20000 /* for a free worker, before one is told to come again */
#define LIMIT_WORKER_TRIES 3       /* workers that end over a document before it is to blame */
#define LIMIT_FILING_LEFT_S 300    /* a filing not judged for so long is left over from a failure */
#define LIMIT_FILING_RESUMED 20    /* judged in one round of the clock */
#define LIMIT_CLOCK_TICK_S 5       /* between two looks at what is due */
#define LIMIT_CLOCK_STAMP_S 3600   /* between two timestamps of the log */
#define LIMIT_CLOCK_SEALERS 8      /* threads for unattended sealings */
#define LIMIT_CLOCK_RUNNING 1024   /* sealings worked on at a time: request threads are fewer */
#define LIMIT_CLOCK_SEALINGS 100   /* unattended ones looked at in one round */
#define LIMIT_CLOCK_DELIVERED_S (30 * 86400) /* delivered messages are remembered so long */
#define LIMIT_WINDOW_DPI 96            /* of pages shown to an officer: A4 is 794 pixels wide */
#define LIMIT_OUTPUT_PIECE 32768       /* octets of a worker's output that are compared at a time */
#define LIMIT_OUTPUT_IN_MEMORY 4194304 /* octets of a document whose seal is first in memory */
#define LIMIT_WINDOW_REASON 500        /* octets of why an officer does not seal */
#define LIMIT_READY_MS 2000            /* for each process to say that it is well */
#define LIMIT_READY_DISK ((uint64_t)256 << 20) /* octets free: one of the largest documents */

/* -- what the service remembers -- */
#define LIMIT_STORE_PAGE 500  /* rows of one page of a list; a screen shows 50 */
#define LIMIT_STORE_BATCH 256 /* writes in one transaction: the first waits for the last */
#define LIMIT_STORE_TEXT ((size_t)64 << 20) /* octets of one value; a PKCS#12 has up to 16 MiB */

/* -- pages as pictures -- */
#define LIMIT_PREVIEW_PIXELS 12000000        /* of one picture: A4 at 300 dpi has 9 million */
#define LIMIT_PREVIEW_PNG ((size_t)64 << 20) /* octets of one picture as a file */
#define LIMIT_PREVIEW_TEXT ((size_t)1 << 20) /* octets of one page's text; a full one has 10000 */
#define LIMIT_PREVIEW_PAGES 1000             /* rendered at a time, of one document */
#define LIMIT_PREVIEW_PAGE_MS 3000           /* for each page on the average; 20 s more for all */
#define LIMIT_PICTURE_AREAS 64               /* that differ, on one page */
#define LIMIT_CHANGE_PLACES 4000             /* of changed objects, on one page */
#define LIMIT_AREA_CHANGES 20                /* told of one area */
#define LIMIT_COMPARE_EMBEDDED ((size_t)24 << 20) /* octets of pictures inside of one page */
#define LIMIT_CHANGE_STEPS 100000                 /* values passed on one page */
#define LIMIT_TEXT_DIFFERENCE 2000                /* words told apart one by one, on one page */
#define LIMIT_TEXT_CHANGES 200                    /* places told, on one page */

#define LIMIT_REPORT_PICTURES 4        /* pages shown in a report: a handful */
#define LIMIT_REPORT_PICTURES_MS 20000 /* a report does not wait longer for its pictures */
#define LIMIT_REPORT_PICTURE_OCTETS ((size_t)2 << 20) /* of all pictures in a report */

/* -- keys and passwords -- */
#define LIMIT_PASSWORD 1024                 /* bytes of a password */
#define LIMIT_KEY_FILE ((size_t)16 << 20)   /* a PKCS#12 file */
#define LIMIT_TRUST_FILE ((size_t)64 << 20) /* one file of anchors */

/* -- the keeper -- */
#define LIMIT_KEEPER_FILE ((size_t)128 << 10)  /* a deposited PKCS#12; real ones take 3 to 20 KB */
#define LIMIT_KEEPER_REPLY ((size_t)1 << 20)   /* the largest file, and its certificates again */
#define LIMIT_KEEPER_SESSIONS 512              /* open at a time: their keys lie in locked memory */
#define LIMIT_KEEPER_SECRETS ((size_t)4 << 20) /* locked memory; RSA of 4096 bits takes 2 KB */
#define LIMIT_KEEPER_UNLOCKED ((size_t)16 << 20) /* around one unlocked key: certificates */
#define LIMIT_KEEPER_ITERATIONS 5000000 /* of hashing, for one file's password: some seconds */
#define LIMIT_KEEPER_USES 1000          /* signatures of one session; a package has 50 */
#define LIMIT_KEEPER_SECONDS 86400      /* life of one session */
#define LIMIT_KEEPER_NAME 64            /* octets of an unattended key's name */
#define LIMIT_KEEPER_KEYS 64            /* unattended keys */
#define LIMIT_KEEPER_TRIES 5            /* wrong passwords for a key before it has to wait */
#define LIMIT_KEEPER_WAIT_S 30          /* the first wait; each next one is twice as long ... */
#define LIMIT_KEEPER_WAIT_MOST_S 3600   /* ... up to this */
#define LIMIT_KEEPER_WATCHED 4096       /* keys whose wrong passwords are remembered */
#define LIMIT_KEEPER_CALL_MS 60000      /* for one answer; PBKDF2 may take a second */
#define LIMIT_KEEPER_VALUE 2048         /* octets of one signature value: RSA of 16384 bits */

/* -- timestamps -- */
#define LIMIT_TST_REQUEST 4096      /* digest, policy and nonce take under 300 bytes */
#define LIMIT_TST_STATUS_TEXT 16384 /* what an authority may say about a refusal */
#define LIMIT_TST_FUTURE_S 60       /* clock difference to a TSA that is not worth a word */

#endif
