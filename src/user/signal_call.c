/* The system calls about signals.
 *
 * Masks: the host's mask is the guest's but for SIGSEGV and its like, so pending signals,
 * sigtimedwait, signalfd and whom a process-wide signal goes to are the host kernel's work.
 * Sending is passed on: host and guest thread ids are the same, signal numbers and siginfo too.
 *
 * Not modelled: a signalfd or a sigtimedwait of another thread does not see a SIGSEGV that is held
 * for a thread blocking it; restart of rt_sigtimedwait takes its whole time again. Own thread;
 * signal lock for the actions. Spec: section 2 of the manual under each call's name.
 *
 */
#include "user/signal.h"
#include <sys/syscall.h>

/* MINSIGSTKSZ by ABI. */
static const u16 altstack_least[ABI_MAX] = {
	[ABI_RISCV64] = 2048, [ABI_ARM64] = 5120, [ABI_X86_64] = 2048, [ABI_I386] = 2048, [ABI_ARM] = 2048,
};

static i64 read_set(gva va, u64 size, u64 *ret)
{
	if (size != SIGSET_BYTES)
		return -EINVAL;
	return guest_load(va, 3, ret) ? 0 : -EFAULT;
}

static bool is_signal(u64 n)
{
	return n >= 1 && n <= LINUX_NSIG;
}

/* ---- actions ---- */

/* The new action is in force on the host before a signal can see it here, so a stray one finds a handler. */
static void put_action(struct linux_sigaction *actions, int sig, const struct linux_sigaction *act)
{
	const u64 known = LINUX_SA_NOCLDSTOP | LINUX_SA_NOCLDWAIT | LINUX_SA_SIGINFO |
			  LINUX_SA_ONSTACK | LINUX_SA_RESTART | LINUX_SA_NODEFER |
			  LINUX_SA_RESETHAND | LINUX_SA_RESTORER;

	actions[sig] = *act;
	actions[sig].flags &= known;
	actions[sig].mask &= ~SIGS_NEVER;
	signal_mirror(actions, sig);
}

i64 sys_rt_sigaction(struct call *c)
{
	const struct layout *l = layout_of("sigaction");
	struct linux_sigaction *actions = sigstate(c->task)->actions, old, act = { 0 };
	int sig = (int)c->arg[0];

	_Static_assert(sizeof(struct linux_sigaction) == 32, "the host kernel's form");
	if (c->arg[3] != SIGSET_BYTES)
		return -EINVAL;
	if (c->arg[1] && layout_read(l, &act, c->arg[1]) < 0)
		return -EFAULT;
	if (!is_signal(c->arg[0] & 0xffffffff) || (c->arg[1] && (sig_bit(sig) & SIGS_NEVER)))
		return -EINVAL;
	signal_lock();
	old = actions[sig];
	if (c->arg[1])
		put_action(actions, sig, &act);
	signal_unlock();
	if (c->arg[2] && layout_write(l, c->arg[2], &old) < 0)
		return -EFAULT;
	return 0;
}

/* ---- masks ---- */

i64 signal_set_mask(struct task *task, u64 mask)
{
	u64 host = host_mask(mask);
	i64 r = 0;

	if (host != host_mask(task->sigmask))
		r = host_call(SYS_rt_sigprocmask, SIG_SETMASK, (u64)(uintptr_t)&host, 0, SIGSET_BYTES, 0, 0);
	if (r < 0)
		return -CALL_RESTART_NOINTR;
	task->sigmask = mask;
	if (signals_held(task) & ~mask)
		vcpu_kick(task->cpu);
	return 0;
}

i64 sys_rt_sigprocmask(struct call *c)
{
	struct task *task = c->task;
	u64 old = task->sigmask, set, mask;
	i64 r;

	if (c->arg[3] != SIGSET_BYTES)
		return -EINVAL;
	if (c->arg[1]) {
		if (!guest_load(c->arg[1], 3, &set))
			return -EFAULT;
		set &= ~SIGS_NEVER;
		switch ((u32)c->arg[0]) {
		case SIG_BLOCK:		mask = old | set; break;
		case SIG_UNBLOCK:	mask = old & ~set; break;
		case SIG_SETMASK:	mask = set; break;
		default:		return -EINVAL;
		}
		r = signal_set_mask(task, mask);
		if (r < 0)
			return r;
	}
	if (c->arg[2] && !guest_store(c->arg[2], 3, old))
		return -EFAULT;
	return 0;
}

int signal_mask_for_call(struct task *task, gva mask, u64 size)
{
	u64 set, old = task->sigmask;
	i64 r;

	if (!mask)
		return 0;
	r = read_set(mask, size, &set);
	if (r == 0)
		r = signal_set_mask(task, set & ~SIGS_NEVER);
	if (r < 0)
		return (int)r;
	task->saved_sigmask = old;
	task->restore_sigmask = true;
	return signals_held(task) & ~task->sigmask ? -CALL_RESTART_NOHAND : 0;
}

i64 sys_rt_sigsuspend(struct call *c)
{
	u64 set, host;
	i64 r;

	if (c->arg[1] != SIGSET_BYTES)
		return -EINVAL;
	r = read_set(c->arg[0], c->arg[1], &set);
	if (r < 0)
		return r;
	r = signal_mask_for_call(c->task, c->arg[0], c->arg[1]);
	if (r < 0)
		return r;
	host = host_mask(c->task->sigmask);
	host_call(SYS_rt_sigsuspend, (u64)(uintptr_t)&host, SIGSET_BYTES, 0, 0, 0, 0);
	return -CALL_RESTART_NOHAND;
}

i64 sys_rt_sigpending(struct call *c)
{
	u64 set = 0;

	if (c->arg[1] > SIGSET_BYTES)
		return -EINVAL;
	host_syscall2(SYS_rt_sigpending, &set, SIGSET_BYTES);
	set = (set | signals_held(c->task)) & c->task->sigmask;
	return guest_write(c->arg[0], &set, c->arg[1]);
}

/* ---- waiting ---- */

static i64 waited(struct call *c, int sig, const siginfo_t *host)
{
	struct linux_siginfo info;

	if (!c->arg[1])
		return sig;
	siginfo_to_guest(host, &info);
	return guest_write(c->arg[1], &info, sizeof info) < 0 ? -EFAULT : sig;
}

i64 sys_rt_sigtimedwait(struct call *c)
{
	struct timespec limit;
	siginfo_t info;
	u64 set;
	i64 r = read_set(c->arg[0], c->arg[3], &set);
	int sig;

	if (r < 0)
		return r;
	if (c->arg[2] && layout_read(layout_of("timespec"), &limit, c->arg[2]) < 0)
		return -EFAULT;
	set &= ~SIGS_NEVER;
	sig = signal_take_held(c->task, set, &info);
	if (sig)
		return waited(c, sig, &info);
	r = host_call(SYS_rt_sigtimedwait, (u64)(uintptr_t)&set, (u64)(uintptr_t)&info,
		      c->arg[2] ? (u64)(uintptr_t)&limit : 0, SIGSET_BYTES, 0, 0);
	if (r > 0)
		return waited(c, (int)r, &info);
	if (r == -EINTR || r == -CALL_RESTART) {
		sig = signal_take_held(c->task, set, &info);
		return sig ? waited(c, sig, &info) : -CALL_RESTART_NOHAND;
	}
	return r;
}

i64 sys_signalfd4(struct call *c)
{
	u64 set;
	i64 r = read_set(c->arg[1], c->arg[2], &set);

	if (r < 0)
		return r;
	return host_syscall4(SYS_signalfd4, (int)c->arg[0], &set, SIGSET_BYTES,
			     open_flags_to_host(guest_abi(), c->arg[3]));
}

/* ---- sending ---- */

i64 sys_kill(struct call *c)
{
	return host_syscall2(SYS_kill, (int)c->arg[0], (int)c->arg[1]);
}

i64 sys_tkill(struct call *c)
{
	return host_syscall2(SYS_tkill, (int)c->arg[0], (int)c->arg[1]);
}

i64 sys_tgkill(struct call *c)
{
	return host_syscall3(SYS_tgkill, (int)c->arg[0], (int)c->arg[1], (int)c->arg[2]);
}

static int read_siginfo(gva va, siginfo_t *ret)
{
	struct linux_siginfo info;

	if (guest_read(&info, va, sizeof info) < 0)
		return -EFAULT;
	siginfo_to_host(&info, ret);
	return 0;
}

/* A program may send itself the siginfo of a fault again (crash reporters do): that is no fault of the host's pc. */
static i64 send_info(struct call *c, long nr, u64 a, u64 b, u64 sig, const siginfo_t *info)
{
	struct sigstate *s = sigstate(c->task);
	i64 r;

	s->self_sent = 1;
	if (nr == SYS_rt_tgsigqueueinfo)
		r = host_syscall4(nr, (int)a, (int)b, (int)sig, info);
	else
		r = host_syscall4(nr, (int)a, (int)sig, info, b);
	s->self_sent = 0;
	return r;
}

i64 sys_rt_sigqueueinfo(struct call *c)
{
	siginfo_t info;

	if (read_siginfo(c->arg[2], &info) < 0)
		return -EFAULT;
	return send_info(c, SYS_rt_sigqueueinfo, c->arg[0], 0, c->arg[1], &info);
}

i64 sys_rt_tgsigqueueinfo(struct call *c)
{
	siginfo_t info;

	if (read_siginfo(c->arg[3], &info) < 0)
		return -EFAULT;
	return send_info(c, SYS_rt_tgsigqueueinfo, c->arg[0], c->arg[1], c->arg[2], &info);
}

i64 sys_pidfd_send_signal(struct call *c)
{
	siginfo_t info;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	if (c->arg[2] && read_siginfo(c->arg[2], &info) < 0)
		return -EFAULT;
	return send_info(c, SYS_pidfd_send_signal, c->arg[0], c->arg[3], c->arg[1], c->arg[2] ? &info : NULL);
}

i64 sys_rt_sigreturn(struct call *c)
{
	return signal_sigreturn(c->task);
}

/* ---- the alternate stack ---- */

i64 altstack_set(struct task *task, gva ss_sp, u64 ss_size, u32 ss_flags, u64 sp)
{
	u32 mode = ss_flags & ~LINUX_SS_AUTODISARM;

	if (altstack_state(task, sp) == LINUX_SS_ONSTACK)
		return -EPERM;
	if (mode != 0 && mode != LINUX_SS_DISABLE && mode != LINUX_SS_ONSTACK)
		return -EINVAL;
	if (mode == LINUX_SS_DISABLE) {
		ss_size = 0;
		ss_sp = 0;
	} else if (ss_size < altstack_least[process.abi->id]) {
		return -ENOMEM;
	}
	task->altstack_sp = ss_sp;
	task->altstack_size = ss_size;
	task->altstack_flags = ss_flags;
	return 0;
}

i64 sys_sigaltstack(struct call *c)
{
	const struct layout *l = layout_of("stack_t");
	struct task *task = c->task;
	u64 sp = process.abi->get_sp(task->cpu);
	stack_t old = { 0 }, ss = { 0 };
	i64 r;

	if (c->arg[0] && layout_read(l, &ss, c->arg[0]) < 0)
		return -EFAULT;
	old.ss_sp = (void *)(uintptr_t)task->altstack_sp;
	old.ss_size = task->altstack_size;
	old.ss_flags = (int)(altstack_state(task, sp) | (task->altstack_flags & LINUX_SS_AUTODISARM));
	if (c->arg[0]) {
		r = altstack_set(task, (gva)(uintptr_t)ss.ss_sp, ss.ss_size, (u32)ss.ss_flags, sp);
		if (r < 0)
			return r;
	}
	if (c->arg[1] && layout_write(l, c->arg[1], &old) < 0)
		return -EFAULT;
	return 0;
}
