/* Delivery of signals to the guest, and the dispositions that the host is given.
 *
 * The guest's actions live in process.action.  The host has the same ones as far as its kernel must
 * act on them: ignored and default signals are left to it (SIGCHLD, SIGPIPE, job control, death by
 * SIGTERM), caught ones and those whose default is a core dump go to our handler.  Delivery is
 * Linux's: the instruction's own signal first, then the one recorded; a restartable system call is
 * restarted by leaving the pc where it is.
 *
 * Not modelled: SA_EXPOSE_TAGBITS; the wait status of a guest that dumped core lacks the core flag.
 * Locks: the signal lock guards the tables of actions. Spec: signal(7), sigaction(2),
 * sigaltstack(2).
 *
 */
#include "user/signal.h"
#include "base/log.h"
#include "cpu/debug.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>



struct host_sigaction {		/* the kernel's */
	void *handler;
	u64 flags;
	void *restorer;
	u64 mask;
};

/* A signal about to be delivered. */
struct pick {
	int sig;
	bool sync;
	struct linux_siginfo info;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void signal_lock(void)
{
	pthread_mutex_lock(&lock);
}

void signal_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/* ---- host masks and dispositions ---- */

u64 host_block_all(void)
{
	u64 all = ~0ull, old;

	host_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, SIGSET_BYTES);
	return old;
}

void host_mask_restore(u64 mask)
{
	host_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, SIGSET_BYTES);
}

static i64 set_host_mask(const struct task *task)
{
	u64 mask = host_mask(task->sigmask);

	return host_call(SYS_rt_sigprocmask, SIG_SETMASK, (u64)(uintptr_t)&mask, 0, SIGSET_BYTES, 0, 0);
}

void signal_mirror(const struct linux_sigaction *actions, int sig)
{
	const struct linux_sigaction *a = &actions[sig];
	struct host_sigaction h = {
		.handler = (void *)(uintptr_t)a->handler,
		.flags = (a->flags & (LINUX_SA_NOCLDSTOP | LINUX_SA_NOCLDWAIT)) | LINUX_SA_RESTORER,
		.restorer = (void *)host_sigreturn,
	};
	u64 ends;

	if (sig == SIGKILL || sig == SIGSTOP)
		return;
	/* What a debugger wants to see first. */
	ends = cpu_debug ? ~(SIGS_IGNORED | SIGS_STOP) : SIGS_CORE;
	if (a->handler > 1 || (sig_bit(sig) & SIGS_SYNC) || (a->handler == 0 && (sig_bit(sig) & ends))) {
		h.handler = (void *)signal_handler;
		h.flags |= LINUX_SA_SIGINFO | LINUX_SA_ONSTACK;
		h.mask = ~SIGS_SYNC;
	}
	host_syscall4(SYS_rt_sigaction, sig, &h, 0, SIGSET_BYTES);
}

void signal_init(void)
{
	for (int sig = 1; sig <= LINUX_NSIG; sig++) {
		struct host_sigaction old = { 0 };

		host_syscall4(SYS_rt_sigaction, sig, 0, &old, SIGSET_BYTES);
		process.action[sig].handler = old.handler == (void *)SIG_IGN;
		if (sig_bit(sig) & SIGS_CORE)
			signal_mirror(process.action, sig);
	}
}

const struct linux_sigaction *signal_actions(void)
{
	return task_current ? sigstate(task_current)->actions : process.action;
}

void signal_clear_handlers(struct task *task)
{
	struct linux_sigaction *actions = sigstate(task)->actions;

	for (int sig = 1; sig <= LINUX_NSIG; sig++) {
		if (actions[sig].handler <= 1)
			continue;
		memset(&actions[sig], 0, sizeof actions[sig]);
		signal_mirror(actions, sig);
	}
}

void signal_thread_init(struct task *task)
{
	struct sigstate *s = sigstate(task);
	stack_t ss = { .ss_size = ALTSTACK_BYTES };

	task_current = task;
	vcpu_current = task->cpu;
	s->altstack = mmap(NULL, ALTSTACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->altstack == MAP_FAILED)
		panic("out of memory for a signal stack");
	ss.ss_sp = s->altstack;
	sigaltstack(&ss, NULL);
	host_mask_restore(host_mask(task->sigmask));
}

/* ---- the alternate stack ---- */

u32 altstack_state(const struct task *task, u64 sp)
{
	if (!task->altstack_size)
		return LINUX_SS_DISABLE;
	if (task->altstack_flags & LINUX_SS_AUTODISARM)
		return 0;
	return sp > task->altstack_sp && sp - task->altstack_sp <= task->altstack_size ? LINUX_SS_ONSTACK : 0;
}

static gva frame_top(const struct task *task, u64 flags)
{
	u64 sp = process.abi->get_sp(task->cpu);

	if ((flags & LINUX_SA_ONSTACK) && altstack_state(task, sp) == 0)
		return task->altstack_sp + task->altstack_size;
	return sp;
}

/* ---- delivery ---- */

void signal_fault(struct task *task, int sig, int code, gva addr)
{
	struct sigstate *s = sigstate(task);

	s->sync_sig = sig;
	siginfo_fault(&s->sync_info, sig, code, addr);
}

int signal_take_held(struct task *task, u64 set, siginfo_t *ret_info)
{
	u64 have = signals_held(task) & set;

	for (int sig = 1; have && sig <= LINUX_NSIG; sig++) {
		if (!(have & sig_bit(sig)) || !atomic_load(&task->queued[sig].state))
			continue;
		*ret_info = task->queued[sig].info;
		atomic_fetch_and(&task->pending, ~sig_bit(sig));
		atomic_store(&task->queued[sig].state, 0);
		return sig;
	}
	return 0;
}

/* The recorded signal was blocked by the frame of another one: the kernel keeps it until it is unblocked. */
static void give_back(struct task *task)
{
	struct sigstate *s = sigstate(task);
	int sig = s->async_sig;

	host_syscall4(SYS_rt_tgsigqueueinfo, host_syscall1(SYS_getpid, 0), task->tid, sig, &s->async_info);
	atomic_fetch_and(&task->pending, ~sig_bit(sig));
	s->async_sig = 0;
}

static bool pick_signal(struct task *task, struct pick *p)
{
	struct sigstate *s = sigstate(task);
	siginfo_t info;

	p->sync = s->sync_sig != 0;
	if (s->sync_sig) {
		p->sig = s->sync_sig;
		p->info = s->sync_info;
		s->sync_sig = 0;
		return true;
	}
	if (s->async_sig && (task->sigmask & sig_bit(s->async_sig) & ~SIGS_SYNC))
		give_back(task);
	if (s->async_sig) {
		p->sig = s->async_sig;
		siginfo_to_guest(&s->async_info, &p->info);
		atomic_fetch_and(&task->pending, ~sig_bit(p->sig));
		s->async_sig = 0;
		return true;
	}
	p->sig = signal_take_held(task, ~task->sigmask, &info);
	if (!p->sig)
		return false;
	siginfo_to_guest(&info, &p->info);
	return true;
}

void signal_die(int sig)
{
	struct host_sigaction act = { .flags = LINUX_SA_RESTORER, .restorer = (void *)host_sigreturn };
	struct rlimit limit = { 0, 0 };
	u64 mask = ~sig_bit(sig);

	if (cpu_debug && task_current)
		cpu_debug->process_killed(task_current->cpu, sig);
	host_block_all();
	if (sig_bit(sig) & SIGS_CORE) {
		core_dump(sig);
		setrlimit(RLIMIT_CORE, &limit);	/* not ours besides */
	}
	host_syscall4(SYS_rt_sigaction, sig, &act, 0, SIGSET_BYTES);
	host_syscall3(SYS_tgkill, host_syscall1(SYS_getpid, 0), host_syscall1(SYS_gettid, 0), sig);
	host_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, SIGSET_BYTES);
	process_exit(128 + sig);	/* first process of a pid namespace: default actions pass it by */
}

static void default_action(int sig)
{
	if (sig_bit(sig) & SIGS_IGNORED)
		return;
	if (sig_bit(sig) & SIGS_STOP)
		host_syscall2(SYS_kill, host_syscall1(SYS_getpid, 0), SIGSTOP);
	else
		signal_die(sig);
}

/* The action of a signal that is being delivered, with the changes that delivery itself makes. */
static struct linux_sigaction take_action(struct task *task, const struct pick *p)
{
	struct linux_sigaction *actions = sigstate(task)->actions, act;
	u64 bit = sig_bit(p->sig);

	signal_lock();
	if (p->sync && ((task->sigmask & bit) || actions[p->sig].handler == 1)) {
		actions[p->sig].handler = 0;	/* cannot be put off nor ignored */
		task->sigmask &= ~bit;
	}
	act = actions[p->sig];
	if (act.handler > 1 && (act.flags & LINUX_SA_RESETHAND)) {
		actions[p->sig].handler = 0;
		signal_mirror(actions, p->sig);
	}
	signal_unlock();
	return act;
}

/* A handler will run: does the interrupted call restart after it? */
static void settle_call(struct task *task, i64 result, u64 flags)
{
	bool fails = result == -CALL_RESTART_NOHAND || (result == -CALL_RESTART && !(flags & LINUX_SA_RESTART));

	if (!fails)
		return;
	process.abi->syscall_return(task->cpu, (u64)-EINTR);
	task->cpu->pc += process.abi->syscall_insn_bytes;
}

static void build_frame(struct task *task, const struct pick *p, const struct linux_sigaction *act)
{
	struct linux_sigframe f = {
		.sig = p->sig,
		.handler = act->handler,
		.restorer = act->flags & LINUX_SA_RESTORER ? act->restorer : 0,
		.frame_top = frame_top(task, act->flags),
		.mask = task->restore_sigmask ? task->saved_sigmask : task->sigmask,
		.altstack_sp = task->altstack_sp,
		.altstack_size = task->altstack_size,
		.altstack_flags = task->altstack_flags,
		.info = p->info,
	};
	struct sigstate *s = sigstate(task);

	if (process.abi->sigframe_put(task->cpu, &f, process.vdso_sigreturn) < 0) {
		signal_lock();
		if (p->sig == SIGSEGV)
			s->actions[SIGSEGV].handler = 0;
		signal_unlock();
		signal_fault(task, SIGSEGV, SI_KERNEL, 0);
		return;
	}
	task->restore_sigmask = false;
	if (task->altstack_flags & LINUX_SS_AUTODISARM) {
		task->altstack_sp = task->altstack_size = 0;
		task->altstack_flags = LINUX_SS_DISABLE;
	}
	task->sigmask |= act->mask;
	if (!(act->flags & LINUX_SA_NODEFER))
		task->sigmask |= sig_bit(p->sig);
	task->sigmask &= ~SIGS_NEVER;
	task->cpu->excl_addr = ~0ull;
	s->mask_stale = 1;
}

static void deliver_one(struct task *task, struct pick *p, i64 *result)
{
	struct linux_sigaction act;

	if (cpu_debug) {
		p->sig = task_debug_signal(task, p->sig, &p->info);
		if (!p->sig)
			return;
	}
	act = take_action(task, p);
	if (log_enabled(LOG_INT))
		log_write("signal %d at pc %#llx: %s\n", p->sig, (unsigned long long)task->cpu->pc,
			  act.handler > 1 ? "handler" : act.handler ? "ignored" : "default");
	if (act.handler == 1)
		return;
	if (act.handler == 0) {
		default_action(p->sig);
		return;
	}
	settle_call(task, *result, act.flags);
	*result = 0;
	build_frame(task, p, &act);
}

void signal_deliver(struct task *task, i64 result)
{
	struct sigstate *s = sigstate(task);
	struct pick p;

	do {
		/* Before looking: what comes after this store kicks again. */
		vcpu_unkick(task->cpu);
		if (cpu_debug)
			task_debug_kicked(task);
		while (pick_signal(task, &p))
			deliver_one(task, &p, &result);
		if (task->restore_sigmask) {
			task->restore_sigmask = false;
			task->sigmask = task->saved_sigmask;
			s->mask_stale = 1;
		}
		if (s->mask_stale) {
			s->mask_stale = 0;	/* first: the handler may set it again at any time */
			if (set_host_mask(task) != 0)
				s->mask_stale = 1;
		}
	} while (s->mask_stale || s->async_sig || (signals_held(task) & ~task->sigmask));
}

i64 signal_sigreturn(struct task *task)
{
	u64 mask, ss[3];

	if (process.abi->sigframe_get(task->cpu, &mask, ss) < 0) {
		signal_fault(task, SIGSEGV, SI_KERNEL, 0);
		return -CALL_NO_RETURN;
	}
	task->cpu->excl_addr = ~0ull;
	altstack_set(task, ss[0], ss[1], (u32)ss[2], process.abi->get_sp(task->cpu));
	task->restore_sigmask = false;
	if (signal_set_mask(task, mask & ~SIGS_NEVER) < 0) {
		/* A signal came first; the registers are the frame's already, so the mask is too. */
		task->sigmask = mask & ~SIGS_NEVER;
		sigstate(task)->mask_stale = 1;
	}
	return -CALL_NO_RETURN;
}
