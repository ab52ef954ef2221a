/* Signals and tasks, inside: what fault.c, signal.c, signal_call.c, siginfo.c, task.c and clone.c
 * share.
 *
 * How a signal travels.  The host's handler (fault.c) records at most one asynchronous signal in
 * the task, blocks all others in the context it returns to, and kicks the vCPU; the run loop
 * delivers it and gives the host the guest's mask back.  So a second signal stays in the host's
 * kernel, in its order and for whom it was sent, until the first one's frame stands.  Signals that
 * the guest blocks are blocked on the host; SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGTRAP never are,
 * because our own translated code raises them: one that someone sends while the guest blocks it is
 * held here.
 *
 * All fields of struct sigstate are the task's own thread's, its signal handler included; the
 * actions are under signal_lock.
 *
 */
#ifndef USER_SIGNAL_H
#define USER_SIGNAL_H

#include "user/linux.h"
#include "user/syscall.h"
#include <setjmp.h>

enum { SIGSET_BYTES = 8, ALTSTACK_BYTES = 64 << 10 };

static inline u64 sig_bit(int sig) { return 1ull << (sig - 1); }

/* Sent by the processor on behalf of an instruction. */
#define SIGS_SYNC (sig_bit(SIGSEGV) | sig_bit(SIGBUS) | sig_bit(SIGILL) | sig_bit(SIGFPE) | sig_bit(SIGTRAP))
/* Default actions; the rest terminate. */
#define SIGS_CORE                                                                                  \
	(SIGS_SYNC | sig_bit(SIGQUIT) | sig_bit(SIGABRT) | sig_bit(SIGSYS) | sig_bit(SIGXCPU) |    \
	 sig_bit(SIGXFSZ))
#define SIGS_IGNORED (sig_bit(SIGCHLD) | sig_bit(SIGURG) | sig_bit(SIGWINCH) | sig_bit(SIGCONT))
#define SIGS_STOP (sig_bit(SIGSTOP) | sig_bit(SIGTSTP) | sig_bit(SIGTTIN) | sig_bit(SIGTTOU))
#define SIGS_NEVER (sig_bit(SIGKILL) | sig_bit(SIGSTOP))

/* Linux's sa_flags on all generic ABIs. */
enum {
	LINUX_SA_NOCLDSTOP = 1,
	LINUX_SA_NOCLDWAIT = 2,
	LINUX_SA_SIGINFO = 4,
	LINUX_SA_EXPOSE_TAGBITS = 0x800,
	LINUX_SA_RESTORER = 0x04000000,
	LINUX_SA_ONSTACK = 0x08000000,
	LINUX_SA_RESTART = 0x10000000,
	LINUX_SA_NODEFER = 0x40000000,
};
#define LINUX_SA_RESETHAND 0x80000000u

enum { LINUX_SS_ONSTACK = 1, LINUX_SS_DISABLE = 2 };
#define LINUX_SS_AUTODISARM 0x80000000u

enum task_kind {
	TASK_MAIN,	/* first thread of its process: ends by the host's exit */
	TASK_THREAD,	/* a pthread of ours: returns to thread_main */
	TASK_LENT,	/* a process that shares our memory on a lender thread's TLS: ends by the host's exit */
};

struct sigstate {
	volatile sig_atomic_t async_sig;	/* recorded, not yet delivered; 0 none */
	siginfo_t async_info;
	int sync_sig;				/* raised by the instruction at pc */
	struct linux_siginfo sync_info;
	volatile sig_atomic_t mask_stale;	/* the host's mask is not what sigmask says */
	volatile sig_atomic_t self_sent;	/* we send ourselves a siginfo that may look like a fault */
	struct linux_sigaction *actions;	/* process.action, or a vfork child's own */
	void *altstack;
	enum task_kind kind;
	sigjmp_buf leave;			/* TASK_THREAD: back to thread_main */
};

static inline struct sigstate *sigstate(const struct task *task) { return task->signal_private; }

/* The host's mask for a guest's. */
static inline u64 host_mask(u64 guest) { return guest & ~SIGS_SYNC; }

/* Asynchronous SIGSEGV and the like that wait for the guest to unblock them. */
static inline u64 signals_held(const struct task *task)
{
	return atomic_load_explicit(&task->pending, memory_order_relaxed) & SIGS_SYNC;
}

/* Block every signal on the host (even ours); and put the old mask back.  For short stretches of C. */
u64 host_block_all(void);
void host_mask_restore(u64 mask);

/* Set the guest's mask and the host's: 0, or -CALL_RESTART_NOINTR when a signal must be delivered first. */
i64 signal_set_mask(struct task *task, u64 mask);
/* Give the host the disposition that goes with the guest's action of sig; caller holds the signal lock. */
void signal_mirror(const struct linux_sigaction *actions, int sig);
/* Actions caught become default (CLONE_CLEAR_SIGHAND); task is the caller's. */
void signal_clear_handlers(struct task *task);
void signal_lock(void);
void signal_unlock(void);
/* End the process as Linux does for an unhandled sig. */
NORETURN void signal_die(int sig);
/* Take a held signal of `set` out: its number, 0 = none. */
int signal_take_held(struct task *task, u64 set, siginfo_t *ret_info);

/* sigaltstack's rules: is sp on it; SS_* state for sp; the call itself on host-form values. */
u32 altstack_state(const struct task *task, u64 sp);
i64 altstack_set(struct task *task, gva ss_sp, u64 ss_size, u32 ss_flags, u64 sp);

/* siginfo.c */
void siginfo_fault(struct linux_siginfo *info, int sig, int code, gva addr);
void siginfo_to_host(const struct linux_siginfo *guest, siginfo_t *ret_host);

/* si_code of SIGTRAP that only interrupts, and of signals that a debugger sends (debug.c). */
enum { DEBUG_POKE_CODE = -77, DEBUG_SENT_CODE = -78 };

/* fault.c: the handler that signal_mirror installs. */
void signal_handler(int sig, siginfo_t *info, void *context);

/* host_call.S */
extern const char host_call_window[], host_call_done[], host_call_abort[];
i64 host_clone(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, void (*fn)(void *), void *arg);
void host_sigreturn(void);

/* task.c */
void task_free(struct task *task);
void robust_list_walk(struct task *task);

#endif
