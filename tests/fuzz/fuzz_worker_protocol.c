/* Requests to a worker, in the process itself: the first octets say which job, with how many files
 * and how long the message is; what follows it is an evidence pack, and options of a seal. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/limited_process.h"
#include "service/worker/worker_evidence_pack.h"
#include "service/worker/worker_job.h"
#include "service/worker/worker_seal_options.h"
#include "tests/support/pdf_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 4

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Made once. */
static struct {
	struct scope *s;
	struct configuration c;
	struct worker_kit kit;
	int document, other;
} bench;

static void set_up(void)
{
	bench.s = scope_new(0);
	check(bench.s);
	const struct bytes page = pdf_make_one_page(bench.s);
	bench.c = (struct configuration){ .level = "B-B", .look = "text", .look_language = "en" };
	bench.c.workers.seconds = 10;
	check(worker_kit_load(bench.s, &bench.c, &bench.kit) == OK);
	bench.document = memfd_create("document", MFD_CLOEXEC);
	bench.other = memfd_create("other", MFD_CLOEXEC);
	check(bench.document >= 0 && bench.other >= 0);
	check(write(bench.document, page.p, page.n) == (ssize_t)page.n);
	limited_process_stay();
}

static void run(uint32_t kind, size_t n_files, struct bytes message)
{
	const int fds[] = { bench.document, bench.other, bench.other, bench.document };
	struct scope *s = scope_new((size_t)256 << 20);
	struct bytes answer;
	check(s);
	enum err e = worker_job_run(s, &bench.kit, kind, message, fds, n_files, &answer);
	check(e == OK || scope_fault_code(s) != OK || e == ERR_NOMEM);
	scope_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence_bundle bundle;
	struct worker_seal_options options;
	if (!bench.s)
		set_up();
	if (size < HEAD || size > 65536)
		return 0;
	const struct bytes rest = bytes_of(data + HEAD, size - HEAD);
	const struct bytes message = bytes_cut(rest, 0, (size_t)data[2] << 8 | data[3]);
	const struct bytes pack = bytes_from(rest, message.n);
	struct scope *s = scope_new((size_t)64 << 20);
	check(s && ftruncate(bench.other, 0) == 0 &&
	      pwrite(bench.other, pack.p, pack.n, 0) == (ssize_t)pack.n);
	run(WORKER_JOB_INSPECT + data[0] % 10u, data[1] % (LINK_FDS + 1), message);
	(void)!worker_evidence_pack_read(s, pack, &bundle);
	scope_forgive(s);
	(void)!worker_seal_options_read(s, pack, &options);
	scope_free(s);
	return 0;
}
