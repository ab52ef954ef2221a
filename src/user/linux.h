/* Linux user mode, inside: the process, its tasks (threads), and who provides what.
 *
 *   start.c elf.c stack.c       load a program, build the first stack      (mm: below)
 *   mm.c                        guest mappings as intervals; code fetch
 *   exec.c proc.c path.c        execve, /proc, sysroot and path identity
 *   loop.c task.c clone.c       run loop, threads, fork, vfork, exit
 *   signal.c fault.c            signals both ways, host faults to guest signals
 *   syscall.c table.c call_*.c  system calls by table; strace.c prints from the same table
 *
 * Locks, in order: vcpu exclusive section, process.lock, mm.lock, signal lock, jit lock.
 * A guest thread is a host thread; host tids are guest tids.
 */
#ifndef USER_LINUX_H
#define USER_LINUX_H

#include "base/error.h"
#include "cpu/target.h"
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "mem/guest.h"
#include "user/user.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

enum { LINUX_NSIG = 64 };

struct linux_sigaction {
	gva handler;		/* 0 SIG_DFL, 1 SIG_IGN */
	u64 flags;		/* guest's SA_* (generic ABI values) */
	gva restorer;
	u64 mask;
};

/* One guest process (the host process is the same one). */
struct process {
	const struct user_config *cfg;
	const struct target *target;
	const struct linux_abi *abi;
	char *exe;		/* absolute host path of the program, as /proc/self/exe shows it */
	int exe_fd;		/* kept open, O_PATH or read-only, close-on-exec */
	u64 entry, phdr, phent, phnum, interp_base;
	u64 program_entry;	/* AT_ENTRY; entry is the interpreter's when there is one */
	u32 elf_flags;		/* e_flags */
	bool exec_stack;	/* PT_GNU_STACK asks for it */
	bool host_shows_args;	/* the host's /proc/PID/{cmdline,environ,auxv} are the guest's */
	char *execfn;		/* AT_EXECFN: the name that was started */
	gva stack_low, stack_high;	/* of the first thread */
	gva stack_start;	/* sp when the program started */
	gva arg_start, arg_end, env_start, env_end;
	gva auxv;		/* address of the vector, and its bytes */
	u32 auxv_len;
	gva vdso, vdso_sigreturn;
	char comm[16];
	_Atomic u32 task_count;
	struct linux_sigaction action[LINUX_NSIG + 1];	/* under signal lock; shared by all tasks */
};
extern struct process process;

/* One guest thread. */
struct task {
	struct vcpu *cpu;
	pid_t tid;
	u64 sigmask;		/* guest's blocked signals; owner */
	u64 saved_sigmask;	/* to restore after sigsuspend, ppoll... */
	bool restore_sigmask;
	_Atomic u64 pending;	/* bit sig-1: caught on the host, not yet delivered */
	/* last info per standard signal; RT see signal.c */
	struct { _Atomic u32 state; siginfo_t info; } queued[LINUX_NSIG + 1];
	gva altstack_sp;
	u64 altstack_size;
	u32 altstack_flags;
	gva clear_child_tid;
	gva robust_list;
	u64 robust_len;
	gva rseq;
	bool in_syscall;	/* pc is still at the call while it runs */
	u64 syscall_nr;		/* for restart decisions and strace */
	void *signal_private;	/* signal.c's */
	void *seccomp;		/* call_seccomp.c's filter chain */
	struct fake_ids *fake;	/* who it believes to be; NULL without --fake-root (fake.h) */
};

/* The calling thread's task. */
extern _Thread_local struct task *task_current;

/* ---- system calls (syscall.c, table.c) ---- */
struct call {			/* one running system call */
	struct task *task;
	const struct syscall_line *line;
	u64 nr;
	u64 arg[6];
};
/* Results: >= 0 or -errno (Linux generic numbers); these never reach the guest: */
enum {
	CALL_RESTART = 512,	/* -512: interrupted before any effect: restart if SA_RESTART, else EINTR */
	CALL_RESTART_NOINTR = 513,	/* -513: deliver what is pending, then restart whatever its flags say */
	CALL_RESTART_NOHAND = 514,	/* restart only when no handler runs (sigsuspend, pause...) */
	CALL_NO_RETURN = 600,	/* -600: registers were set otherwise (rt_sigreturn, execve done): leave them */
};
/* Run the call that the registers name; strace, seccomp and unknown numbers included. */
i64 linux_syscall(struct task *task, u64 nr, const u64 args[6]);

/* A host system call that may block and must not lose a signal that arrives just before it: returns
 * the host's result or -errno; -CALL_RESTART when a guest signal is pending and the call did not
 * start (host_call.S; see decisions.md 19). */
i64 host_call(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);

/* Resource limits as the guest set them (RLIMIT_AS and RLIMIT_DATA never reach the host): soft limit, ~0 = none. */
u64 guest_rlimit(int resource);

/* seccomp: a new task inherits its creator's filters (call before the child runs); execve hands them on as bytes. */
void seccomp_inherit(struct task *child, const struct task *parent);
u8 *seccomp_save(const struct task *task, u32 *ret_len);	/* heap, NULL when there is none */
int seccomp_load(struct task *task, const u8 *bytes, u32 len) MUST_CHECK;	/* 0 or -EINVAL */
/* The same through a file: *ret_fd is one that execve keeps, -1 when there are no filters (0 or
 * -errno); the new program gives it to take_over, which closes it. */
int seccomp_hand_over(const struct task *task, int *ret_fd) MUST_CHECK;
int seccomp_take_over(struct task *task, int fd) MUST_CHECK;

/* ---- memory (mm.c) ---- */
int mm_init(struct error *err) MUST_CHECK;	/* sets guest_base and guest_va_end, and where things go */
/* address or -errno; Linux generic flags */
i64 mm_mmap(gva addr, u64 len, u32 prot, u32 flags, int fd, u64 offset);
i64 mm_munmap(gva addr, u64 len);
i64 mm_mprotect(gva addr, u64 len, u32 prot);
i64 mm_mremap(gva old, u64 old_len, u64 new_len, u32 flags, gva new_addr);
i64 mm_brk(gva to);		/* the new or unchanged break */
void mm_set_brk(gva start);
i64 mm_madvise(gva addr, u64 len, int advice);
i64 mm_mincore(gva addr, u64 len, gva vec);
i64 mm_msync(gva addr, u64 len, int flags);
i64 mm_shmat(int id, gva addr, int flags);
i64 mm_shmdt(gva addr);
/* Guest protection at va (PROT_* bits), or -1 when nothing is mapped. *ret_end: first address where that changes. */
int mm_prot(gva va, gva *ret_end);
/* Stack growth: true if the fault at va was a MAP_GROWSDOWN extension and the access should be tried again. */
bool mm_grow(gva va);
/* Text of /proc/self/maps (smaps when asked) as the guest should see it; caller frees. */
char *mm_maps_text(bool smaps);
void mm_fork_prepare(void);
void mm_fork_done(bool child);
u64 mm_total_bytes(void);

/* ---- programs (elf.c, stack.c, exec.c) ---- */
/* fills process.*, maps program and interpreter */
int elf_load(const char *path, int fd, struct error *err) MUST_CHECK;
gva stack_build(struct error *err);	/* first stack with argv, envp, auxv: the sp, 0 with err on failure */
void core_dump(int sig);	/* if RLIMIT_CORE and the dumpable flag allow */

/* ---- paths and /proc (path.c, proc.c) ---- */
/* Is fd one of the emulator's own?  The guest must not close, replace or list it (EBADF). */
bool fd_is_ours(int fd);
/* Keep fd as ours: moved to a high number, close-on-exec, closes fd.  Returns the new one.  At start only. */
int fd_keep(int fd);
/* When no -L was given and the program's interpreter is not on the host: use the usual folder of cross libraries. */
void path_default_sysroot(const char *interp);
/* Host path to use for a guest path: sysroot applied; /proc/self/exe, /proc/PID/exe, /proc/self/fd/N names kept true.
 * buf has PATH_MAX bytes; returns guest path itself or buf, never NULL. */
const char *path_host(const char *guest, char *buf);
const char *path_host_at(int dirfd, const char *guest, char *buf);	/* the same for a path relative to dirfd */
/* open*() of a /proc file whose text must be the guest's: a descriptor, -errno, or -ENOSYS when it
 * is not such a file. */
i64 proc_open(int dirfd, const char *path, int flags);
/* readlink of /proc/self/exe and the like: length, -errno, or -ENOSYS when it is not such a link. */
i64 proc_readlink(int dirfd, const char *path, char *buf, u64 size);

/* ---- tasks and signals (loop.c, task.c, clone.c, signal.c, fault.c) ---- */
NORETURN void task_run(struct task *task);	/* the run loop of the calling thread; leaves by task_exit */
struct task *task_new(struct vcpu *cpu);	/* sets task_current when called for the own thread by task_start */
NORETURN void task_exit(struct task *task, int status);	/* this thread ends; the last one ends the process */
NORETURN void process_exit(int status);
void signal_init(void);		/* host handlers, guest dispositions inherited from the host */
/* Queue a synchronous signal that the guest's instruction caused; delivered before the next guest instruction. */
void signal_fault(struct task *task, int sig, int code, gva addr);
/* Deliver what is pending and not blocked: builds frames, stops or kills.  Called by the run loop after each exit.
 * result: of the system call just done, or 0; decides restarts. */
void signal_deliver(struct task *task, i64 result);
void signal_thread_init(struct task *task);	/* host alternate stack, host mask */
void siginfo_to_guest(const siginfo_t *host, struct linux_siginfo *ret_guest);
/* The calling task's actions by signal number (a vfork child has its own copy); as others see process.action. */
const struct linux_sigaction *signal_actions(void);
/* debug.c: what a debugger is told, when there is one (cpu_debug); each may hold the thread.  After
 * EXIT_DEBUG or a single step; after a kick; before a signal is delivered: the signal to deliver, 0
 * = none; before the thread ends. */
void task_debug_trap(struct task *task);
void task_debug_kicked(struct task *task);
int task_debug_signal(struct task *task, int sig, struct linux_siginfo *info);
void task_debug_exit(struct task *task, int status);
/* -g: call user_gdb_hook with the first thread's vCPU. */
int user_debug_start(struct vcpu *cpu, struct error *err) MUST_CHECK;
/* rt_sigreturn: -CALL_NO_RETURN; a bad frame forces SIGSEGV. */
i64 signal_sigreturn(struct task *task);

/* Handlers that table.c names but tasks and signals implement (each takes a struct call). */
i64 sys_rt_sigaction(struct call *c);
i64 sys_rt_sigprocmask(struct call *c);
i64 sys_rt_sigpending(struct call *c);
i64 sys_rt_sigtimedwait(struct call *c);
i64 sys_rt_sigsuspend(struct call *c);
i64 sys_rt_sigqueueinfo(struct call *c);
i64 sys_rt_tgsigqueueinfo(struct call *c);
i64 sys_rt_sigreturn(struct call *c);
i64 sys_sigaltstack(struct call *c);
i64 sys_kill(struct call *c);
i64 sys_tkill(struct call *c);
i64 sys_tgkill(struct call *c);
i64 sys_pidfd_send_signal(struct call *c);
i64 sys_signalfd4(struct call *c);
i64 sys_clone(struct call *c);
i64 sys_clone3(struct call *c);
i64 sys_fork(struct call *c);
i64 sys_vfork(struct call *c);
i64 sys_exit(struct call *c);
i64 sys_exit_group(struct call *c);
i64 sys_set_tid_address(struct call *c);
i64 sys_set_robust_list(struct call *c);
i64 sys_get_robust_list(struct call *c);
i64 sys_futex(struct call *c);
i64 sys_futex_waitv(struct call *c);
i64 sys_rseq(struct call *c);
i64 sys_membarrier(struct call *c);
/* A mask for the time of one call (ppoll, pselect6, epoll_pwait): sets the guest's and the host's
 * mask until the result is delivered; the host's call then needs no mask of its own, if it is made
 * by host_call.  mask 0: nothing happens.  0 or the handler's result: -EFAULT, -EINVAL,
 * -CALL_RESTART_*. */
int signal_mask_for_call(struct task *task, gva mask, u64 size);
/* Handlers that programs and memory implement. */
i64 sys_execve(struct call *c);
i64 sys_execveat(struct call *c);
i64 sys_prctl(struct call *c);

#endif
