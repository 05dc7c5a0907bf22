#include "service/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#else
#define MACHINE 0
#endif

/* -- system calls -- */
/* What computing takes. Those that older machines have and newer ones dropped are there by their
 * condition. No io_uring: it would pass by every filter. */
static const uint32_t allowed[] = {
	/* memory */
	SYS_brk,
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_mincore,
	/* what is open, and reading more */
	SYS_read,
	SYS_readv,
	SYS_pread64,
	SYS_preadv,
	SYS_write,
	SYS_writev,
	SYS_close,
	SYS_lseek,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_fstatfs,
	SYS_statfs,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_fadvise64,
	SYS_flock,
	SYS_dup,
	SYS_ppoll,
	SYS_getcwd,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_stat
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
#endif
	/* itself */
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getrusage,
	SYS_times,
	SYS_uname,
	SYS_sysinfo,
	SYS_getcpu,
	SYS_sched_yield,
	SYS_sched_getaffinity,
	SYS_exit,
	SYS_exit_group,
	SYS_set_tid_address,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_membarrier,
	/* signals to itself, locks, time */
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_sigaltstack,
	SYS_futex,
	SYS_restart_syscall,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_getrandom,
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
#ifdef SYS_time
	SYS_time,
#endif
};

/* The filter: a program for the kernel's machine, built front to back. */
struct program {
	struct sock_filter item[2 * N(allowed) + 64];
	unsigned short n;
};

static void add(struct program *p, uint32_t code, uint32_t k, uint8_t on_true, uint8_t on_false)
{
	p->item[p->n++] = (struct sock_filter){ (uint16_t)code, on_true, on_false, k };
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end(struct program *p, uint32_t action)
{
	add(p, BPF_RET | BPF_K, action, 0, 0);
}

static void refuse(struct program *p, int error)
{
	end(p, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* An argument's lower half; the upper one is nothing to the kernel for those that are asked here.
 */
static size_t argument(size_t i)
{
	return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t) +
	       (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(uint32_t));
}

/* This call, when `bits` of argument `i` equal `value`, and refused otherwise. */
static void allow_if(struct program *p, uint32_t call, size_t i, uint32_t bits, uint32_t value)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 5);
	load(p, argument(i));
	add(p, BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	end(p, SECCOMP_RET_ALLOW);
	refuse(p, EPERM);
}

static void refuse_call(struct program *p, uint32_t call, int error)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
	refuse(p, error);
}

/* No new limit: argument 2 is the null pointer, both halves of it. */
static void allow_asking_for_limits(struct program *p)
{
	size_t pointer = offsetof(struct seccomp_data, args) + 2 * sizeof(uint64_t);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 6);
	load(p, pointer);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
	load(p, pointer + sizeof(uint32_t));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	end(p, SECCOMP_RET_ALLOW);
	refuse(p, EPERM);
}

static void build(struct program *p)
{
	const uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
	end(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N(allowed); i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		end(p, SECCOMP_RET_ALLOW);
	}
	/* A thread, but no process; clone3 hides its flags, and clone takes its place. */
	refuse_call(p, SYS_clone3, ENOSYS);
	allow_if(p, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
	allow_if(p, SYS_openat, 2, writing, O_RDONLY);
#ifdef SYS_open
	allow_if(p, SYS_open, 1, writing, O_RDONLY);
#endif
	/* abort() sends a signal: to this process only. */
	allow_if(p, SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid());
	allow_if(p, SYS_prctl, 0, UINT32_MAX, PR_SET_NAME);
	/* Duplicating a descriptor, its flags: F_DUPFD, F_GETFD, F_SETFD, F_GETFL. */
	allow_if(p, SYS_fcntl, 1, UINT32_MAX & ~(uint32_t)3, F_DUPFD);
	allow_asking_for_limits(p);
	refuse(p, EPERM);
}

static enum err filter_calls(struct scope *s)
{
	struct program program = { .n = 0 };
	if (!MACHINE)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "sandbox: not known on this kind of machine");
	build(&program);
	const struct sock_fprog filter = { program.n, program.item };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: %s", strerror(errno));
	return OK;
}

/* -- paths -- */
static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool sandbox_has_landlock(void)
{
	return landlock_version() > 0;
}

static void let_read(int rules, const char *path)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	struct landlock_path_beneath_attr beneath = { .parent_fd = fd };
	beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		beneath.allowed_access = reading;
	/* What cannot be allowed stays forbidden. */
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(fd);
}

/* All rights of the first version are ruled over; later ones write, which the other layer forbids.
 */
static enum err restrict_paths(struct scope *s, const char *const *readable, size_t n_readable)
{
	const struct landlock_ruleset_attr all = { .handled_access_fs =
						       (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: Landlock: %s", strerror(errno));
	for (size_t i = 0; i < n_readable; i++)
		let_read(rules, readable[i]);
	bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	int error = errno;
	close(rules);
	if (!done)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: Landlock: %s", strerror(error));
	return OK;
}

enum err sandbox_enter(struct scope *s, const char *const *readable, size_t n_readable)
{
	if (sandbox_has_landlock())
		TRY(restrict_paths(s, readable, n_readable));
	return filter_calls(s);
}
