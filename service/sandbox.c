#include "service/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
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

/* Speaking over links that are there, and writing to files that are open. */
static const uint32_t allowed_on_links[] = {
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_shutdown,
	SYS_pwrite64,
	SYS_pwritev,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fsync,
	SYS_fdatasync,
	SYS_copy_file_range,
	SYS_sendfile,
	/* keys' memory */
	SYS_mlock,
	SYS_mlock2,
	SYS_munlock,
};

/* What a server never wants. */
static const uint32_t refused_to_servers[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_pidfd_open,
	SYS_pidfd_getfd,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_setns,
	SYS_unshare,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_open_by_handle_at,
	SYS_personality,
	SYS_acct,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_sethostname,
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
#endif
};

/* The filter: a program for the kernel's machine, built front to back. */
struct program {
	struct sock_filter
	    item[2 * (N(allowed) + N(allowed_on_links) + N(refused_to_servers)) + 64];
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

static void allow_all(struct program *p, const uint32_t *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1);
		end(p, SECCOMP_RET_ALLOW);
	}
}

/* A thread, but no process; clone3 hides its flags, and clone takes its place. */
static void allow_threads(struct program *p)
{
	refuse_call(p, SYS_clone3, ENOSYS);
	allow_if(p, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
}

static void allow_opening_to_read(struct program *p)
{
	const uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	allow_if(p, SYS_openat, 2, writing, O_RDONLY);
#ifdef SYS_open
	allow_if(p, SYS_open, 1, writing, O_RDONLY);
#endif
}

static void build_for_computing(struct program *p, enum sandbox_kind kind)
{
	allow_all(p, allowed, N(allowed));
	if (kind != SANDBOX_READER)
		allow_all(p, allowed_on_links, N(allowed_on_links));
	allow_threads(p);
	if (kind != SANDBOX_KEEPER)
		allow_opening_to_read(p);
	/* abort() sends a signal: to this process only. */
	allow_if(p, SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid());
	allow_if(p, SYS_prctl, 0, UINT32_MAX, PR_SET_NAME);
	/* Duplicating a descriptor, its flags: F_DUPFD, F_GETFD, F_SETFD, F_GETFL. */
	allow_if(p, SYS_fcntl, 1, UINT32_MAX & ~(uint32_t)3, F_DUPFD);
	allow_asking_for_limits(p);
	refuse(p, EPERM);
}

static void build_for_serving(struct program *p)
{
	for (size_t i = 0; i < N(refused_to_servers); i++)
		refuse_call(p, refused_to_servers[i], EPERM);
	allow_threads(p);
	allow_if(p, SYS_kill, 0, UINT32_MAX, (uint32_t)getpid());
	allow_if(p, SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid());
	end(p, SECCOMP_RET_ALLOW);
}

static void build(struct program *p, enum sandbox_kind kind)
{
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
	end(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
	if (kind == SANDBOX_SERVER)
		build_for_serving(p);
	else
		build_for_computing(p, kind);
}

static enum err filter_calls(struct scope *s, enum sandbox_kind kind)
{
	struct program program = { .n = 0 };
	if (!MACHINE)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "sandbox: not known on this kind of machine");
	build(&program, kind);
	const struct sock_fprog filter = { program.n, program.item };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: %s", strerror(errno));
	return OK;
}

/* -- paths -- */
/* Rights that the headers of older systems do not name yet. */
#define REFER ((uint64_t)1 << 13)
#define TRUNCATE ((uint64_t)1 << 14)
#define FIRST_RIGHTS (((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t on_files =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE;

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool sandbox_has_landlock(void)
{
	return landlock_version() > 0;
}

/* All rights that the kernel can rule over; the first version's, and those that came with the
 * second and third, which matter to those who write. */
static uint64_t known_rights(void)
{
	const long version = landlock_version();
	return FIRST_RIGHTS | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0);
}

static uint64_t writing(uint64_t known)
{
	return known &
	       (reading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		   LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | REFER | TRUNCATE);
}

static void let(int rules, const char *path, uint64_t rights)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	struct landlock_path_beneath_attr beneath = { .parent_fd = fd };
	beneath.allowed_access = rights & on_files;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		beneath.allowed_access = rights;
	/* What cannot be allowed stays forbidden. */
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(fd);
}

static enum err restrict_paths(struct scope *s, const struct sandbox *b)
{
	const uint64_t known = known_rights();
	const struct landlock_ruleset_attr all = { .handled_access_fs = known };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: Landlock: %s", strerror(errno));
	for (size_t i = 0; i < b->n_readable; i++)
		let(rules, b->readable[i], reading);
	for (size_t i = 0; i < b->n_writable; i++)
		let(rules, b->writable[i], writing(known));
	bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	int error = errno;
	close(rules);
	if (!done)
		return scope_fault(s, ERR_UNSUPPORTED, "sandbox: Landlock: %s", strerror(error));
	return OK;
}

/* Under the first version nothing can be moved from one folder to another, which who writes must
 * do. */
static bool can_restrict_paths(const struct sandbox *b)
{
	return landlock_version() >= (b->n_writable ? 2 : 1);
}

enum err sandbox_enter(struct scope *s, const struct sandbox *b)
{
	if (can_restrict_paths(b))
		TRY(restrict_paths(s, b));
	return filter_calls(s, b->kind);
}

size_t sandbox_memory_in_use(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 ? strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}
