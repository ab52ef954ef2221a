/* Tasks: their making and their end.
 *
 * A task ends in Linux's order: robust futexes are marked, the vCPU leaves the list, the word that
 * pthread_join waits for is cleared, the host thread goes.  The status of a process without
 * exit_group is what the host's kernel makes of it: the first thread and the last one end by its
 * exit with the guest's status.
 *
 * With guest_base 0 the host's kernel is given the guest's robust list (glibc uses none for our own
 * locks), so that even SIGKILL marks the futexes; else only an orderly end does. Own thread; no
 * lock held. Spec: exit(2), set_tid_address(2), get_robust_list(2); Linux
 * Documentation/locking/robust-futex-ABI.rst.
 *
 */
#include "user/signal.h"
#include "user/fake.h"
#include "cpu/debug.h"
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROBUST_ENTRIES_MAX = 2048, HEAD_WORDS = 3 };

_Thread_local struct task *task_current;

struct task *task_new(struct vcpu *cpu)
{
	struct task *task = xnew(struct task);
	struct sigstate *s = xnew(struct sigstate);
	const struct task *creator = task_current;

	task->cpu = cpu;
	task->tid = (pid_t)host_syscall1(SYS_gettid, 0);
	task->signal_private = s;
	task->altstack_flags = LINUX_SS_DISABLE;
	s->actions = process.action;
	cpu->user = task;
	if (creator) {
		task->sigmask = creator->sigmask;
		s->actions = sigstate(creator)->actions;
	} else {
		host_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, 0, &task->sigmask, SIGSET_BYTES);
	}
	fake_inherit(task, creator);
	atomic_fetch_add(&process.task_count, 1);
	return task;
}

void task_free(struct task *task)
{
	struct sigstate *s;

	if (!task)
		return;
	s = sigstate(task);
	if (s->altstack)
		munmap(s->altstack, ALTSTACK_BYTES);
	free(s);
	free(task->fake);
	free(task);
}

/* ---- robust futexes ---- */

static bool load_word(gva va, u64 *ret)
{
	return guest_load(va, process.target->elf_class == 2 ? 3 : 2, ret);
}

static bool mark_dead(const struct task *task, gva futex, bool is_pi, bool is_pending)
{
	u64 old, seen;

	if (futex & 3)
		return false;
	if (!guest_load(futex, 2, &old))
		return false;
	/* The owner may have stored 0 and died before it woke a waiter. */
	if (is_pending && !is_pi && old == 0) {
		host_syscall3(SYS_futex, guest_ptr(futex), FUTEX_WAKE, 1);
		return true;
	}
	for (;;) {
		if ((old & FUTEX_TID_MASK) != (u32)task->tid)
			return true;
		if (!guest_cas(futex, 2, old, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen))
			return false;
		if (seen == old)
			break;
		old = seen;
	}
	if (!is_pi && (old & FUTEX_WAITERS))
		host_syscall3(SYS_futex, guest_ptr(futex), FUTEX_WAKE, 1);
	return true;
}

void robust_list_walk(struct task *task)
{
	const u32 word = process.target->elf_class == 2 ? 8 : 4;
	gva head = task->robust_list;
	u64 entry, next, offset, pending;

	if (!head || !load_word(head, &entry) || !load_word(head + word, &offset) ||
	    !load_word(head + 2 * word, &pending))
		return;
	for (u32 i = 0; i < ROBUST_ENTRIES_MAX && (entry & ~1ull) != head; i++) {
		bool more = load_word(entry & ~1ull, &next);

		if ((entry & ~1ull) != (pending & ~1ull) &&
		    !mark_dead(task, (entry & ~1ull) + offset, entry & 1, false))
			return;
		if (!more)
			return;
		entry = next;
	}
	if (pending & ~1ull)
		mark_dead(task, (pending & ~1ull) + offset, pending & 1, true);
}

i64 sys_set_robust_list(struct call *c)
{
	const u32 word = process.target->elf_class == 2 ? 8 : 4;

	if (c->arg[1] != HEAD_WORDS * word)
		return -EINVAL;
	c->task->robust_list = c->arg[0];
	c->task->robust_len = c->arg[1];
	if (guest_is_host())
		host_syscall2(SYS_set_robust_list, c->arg[0], c->arg[1]);
	return 0;
}

i64 sys_get_robust_list(struct call *c)
{
	const u32 word = process.target->elf_class == 2 ? 8 : 4;
	pid_t tid = (pid_t)c->arg[0];
	u64 list = 0, len = HEAD_WORDS * word;
	bool found = tid == 0 || tid == c->task->tid;

	if (found) {
		list = c->task->robust_list;
	} else {
		vcpu_list_lock();
		for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
			const struct task *t = cpu->user;

			if (t && t->tid == tid) {
				list = t->robust_list;
				found = true;
			}
		}
		vcpu_list_unlock();
	}
	if (!found)	/* another process: only the host knows whether it is there and ours to ask */
		return host_syscall3(SYS_get_robust_list, tid, &list, &len) < 0 ? -ESRCH : -EPERM;
	if (guest_write(c->arg[2], &len, word) < 0 || guest_write(c->arg[1], &list, word) < 0)
		return -EFAULT;
	return 0;
}

i64 sys_set_tid_address(struct call *c)
{
	c->task->clear_child_tid = c->arg[0];
	return c->task->tid;
}

i64 sys_rseq(struct call *c)
{
	return -ENOSYS;		/* until aborts are exact */
}

/* ---- the end ---- */

void task_exit(struct task *task, int status)
{
	struct sigstate *s = sigstate(task);
	struct vcpu *cpu = task->cpu;
	gva clear = task->clear_child_tid;
	bool last;

	if (cpu_debug)
		task_debug_exit(task, status);
	host_block_all();
	robust_list_walk(task);
	host_syscall2(SYS_set_robust_list, 0, HEAD_WORDS * sizeof(u64));
	if (s->kind == TASK_LENT) {	/* the lender frees what is ours */
		if (clear && guest_store(clear, 2, 0))
			host_syscall3(SYS_futex, guest_ptr(clear), FUTEX_WAKE, 1);
		for (;;)
			host_syscall1(SYS_exit, status);
	}
	task_current = NULL;
	vcpu_current = NULL;
	vcpu_free(cpu);
	last = atomic_fetch_sub(&process.task_count, 1) == 1;
	if (clear && guest_store(clear, 2, 0))
		host_syscall3(SYS_futex, guest_ptr(clear), FUTEX_WAKE, 1);
	if (s->kind == TASK_THREAD && !last)
		siglongjmp(s->leave, 1);
	for (;;)
		host_syscall1(SYS_exit, status);
}

void process_exit(int status)
{
	if (cpu_debug && task_current)
		cpu_debug->process_exit(task_current->cpu, status);
	if (task_current && !guest_is_host())
		robust_list_walk(task_current);
	if (task_current && task_current->cpu->accel->report)
		task_current->cpu->accel->report();
	_exit(status);
}

i64 sys_exit(struct call *c)
{
	task_exit(c->task, (int)c->arg[0] & 0xff);
}

i64 sys_exit_group(struct call *c)
{
	process_exit((int)c->arg[0] & 0xff);
}
