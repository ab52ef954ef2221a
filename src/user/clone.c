/* clone, clone3, fork and vfork.
 *
 * Three kinds of child:
 * - CLONE_THREAD: a host thread (pthread, so that our own C has its thread-local storage) with a
 *   vCPU of its own.
 * - no CLONE_VM: a host process with a copy of everything.  It is made inside an exclusive section
 *   with the translator's, the memory map's and the signals' locks held, so the copy is whole.
 *   glibc's fork() is used when other threads might hold its locks and the flags are plain; else
 *   the system call itself.
 * - CLONE_VM without CLONE_THREAD (vfork, posix_spawn): a host process that really shares our
 *   memory.  Its C code runs on the thread-local storage of a lender, which the host keeps waiting
 *   by CLONE_VFORK until the child ends or executes something: the caller itself for vfork, an
 *   extra host thread when the caller goes on.
 *
 * Not modelled: clone3's set_tid for threads (EPERM, logged); CLONE_VFORK without CLONE_VM does not wait
 * (logged); fork with other than plain flags while other threads run relies on no thread being
 * inside malloc (logged). Locks: the exclusive section first, then those named above. Spec:
 * clone(2), vfork(2).
 *
 */
#include "user/signal.h"
#include "user/fake.h"
#include "base/log.h"
#include "cpu/debug.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREAD_STACK = 512 << 10, LENT_STACK = 512 << 10, CLONE_ARGS_FIRST = 64 };

#define FLAGS_CSIGNAL 0xffull
#define FLAGS_LEGACY 0xffffffffull
#define PID_LEVELS_MAX 32	/* the kernel's depth of PID namespaces */
/* What glibc's fork() can stand for. */
#define FLAGS_PLAIN                                                                                \
	(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID | CLONE_SETTLS |          \
	 CLONE_CLEAR_SIGHAND)
/* What is done here, whatever the child. */
#define FLAGS_OURS (FLAGS_PLAIN | CLONE_THREAD | CLONE_VM | CLONE_VFORK | CLONE_PIDFD)

struct request {
	u64 flags;		/* without the signal */
	int exit_signal;
	gva sp;			/* top of the child's stack, 0: as the caller's */
	gva parent_tid, child_tid, pidfd;
	u64 tls;
	int cgroup;
	const i32 *set_tid;	/* of clone3: ids wanted, innermost PID namespace first */
	u32 set_tid_size;
};

/* A child that does not live in a copy of our memory. */
struct birth {
	const struct request *q;
	struct task *task;
	_Atomic u32 tid;	/* futex: the child's, once it runs; the creator waits for it */
	i64 error;		/* of a lender's clone: -errno */
	int pidfd;
};

static void store_tid(bool wanted, gva va, pid_t tid)
{
	if (wanted)
		(void)!guest_store(va, 2, (u32)tid);	/* the kernel ignores a bad address too */
}

/* ---- what all children have in common ---- */

/* NULL: the host has no room for one more. */
static struct task *child_new(struct task *parent, const struct request *q)
{
	struct vcpu *from = parent->cpu, *cpu;
	struct error err;
	struct task *task;

	if (cpu_create_vcpu(process.cfg->cpu, &cpu, &err) < 0)
		return NULL;
	task = task_new(cpu);
	cpu->mxcsr = from->mxcsr;
	cpu->fp_flags = from->fp_flags;
	memcpy(cpu->state, from->state, from->target->state_size);
	cpu->mode = from->mode;
	cpu->singlestep = from->singlestep;
	cpu->pc = from->pc + process.abi->syscall_insn_bytes;
	process.abi->clone_child(cpu, q->sp, q->flags & CLONE_SETTLS, q->tls);
	if (q->flags & CLONE_CHILD_CLEARTID)
		task->clear_child_tid = q->child_tid;
	seccomp_inherit(task, parent);
	vcpu_list_add(cpu);
	return task;
}

static void child_free(struct task *task)
{
	vcpu_free(task->cpu);
	atomic_fetch_sub(&process.task_count, 1);
	task_free(task);
}

static void wait_tid(struct birth *b)
{
	while (!atomic_load(&b->tid))
		host_syscall4(SYS_futex, &b->tid, FUTEX_WAIT_PRIVATE, 0, 0);
}

static void tell_tid(struct birth *b, u32 tid)
{
	atomic_store(&b->tid, tid);
	host_syscall3(SYS_futex, &b->tid, FUTEX_WAKE_PRIVATE, 1);
}

/* ---- threads ---- */

static void thread_gone(struct task *task)
{
	stack_t off = { .ss_flags = SS_DISABLE };

	sigaltstack(&off, NULL);
	task_free(task);
}

static void *thread_main(void *arg)
{
	struct birth *b = arg;
	struct task *task = b->task;
	const struct request *q = b->q;
	int unshared = (q->flags & CLONE_FILES ? 0 : CLONE_FILES) | (q->flags & CLONE_FS ? 0 : CLONE_FS) |
		       (q->flags & CLONE_SYSVSEM ? 0 : CLONE_SYSVSEM);

	task->tid = (pid_t)host_syscall1(SYS_gettid, 0);
	if (unshared)
		host_syscall1(SYS_unshare, unshared);
	store_tid(q->flags & CLONE_PARENT_SETTID, q->parent_tid, task->tid);
	store_tid(q->flags & CLONE_CHILD_SETTID, q->child_tid, task->tid);
	task->cpu->thread = pthread_self();
	tell_tid(b, (u32)task->tid);	/* b is gone from here on */
	if (!sigsetjmp(sigstate(task)->leave, 0)) {
		signal_thread_init(task);
		task_run(task);
	}
	thread_gone(task);
	return NULL;
}

/* glibc takes signal 33 for itself at its first thread: it is the guest's. */
static void take_back_signals(void)
{
	static _Atomic bool done;

	if (atomic_exchange(&done, true))
		return;
	signal_lock();
	signal_mirror(process.action, 32);
	signal_mirror(process.action, 33);
	signal_unlock();
}

static int start_pthread(void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	vcpu_go_parallel();
	r = pthread_create(&thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	take_back_signals();
	return r;
}

static i64 make_thread(struct task *parent, const struct request *q)
{
	struct birth b = { .q = q, .task = child_new(parent, q) };

	if (!b.task)
		return -EAGAIN;
	sigstate(b.task)->kind = TASK_THREAD;
	if (start_pthread(thread_main, &b)) {
		child_free(b.task);
		return -EAGAIN;
	}
	wait_tid(&b);
	return b.tid;
}

/* ---- processes that share our memory ---- */

static void lent_main(void *arg)
{
	struct birth *b = arg;
	struct task *task = b->task;
	const struct request *q = b->q;

	task->tid = (pid_t)host_syscall1(SYS_gettid, 0);
	if (!(q->flags & CLONE_NEWPID))
		store_tid(q->flags & CLONE_PARENT_SETTID, q->parent_tid, task->tid);
	store_tid(q->flags & CLONE_CHILD_SETTID, q->child_tid, task->tid);
	if (!(q->flags & CLONE_VFORK))
		tell_tid(b, (u32)task->tid);
	task_current = task;
	vcpu_current = task->cpu;
	if (q->flags & CLONE_CLEAR_SIGHAND)
		signal_clear_handlers(task);
	/* The lender's signal stack is free while it waits. */
	host_mask_restore(host_mask(task->sigmask));
	task_run(task);
}

static i64 host_clone_process(const struct request *q, u64 flags, void *stack, u64 stack_size, int *pidfd,
			      void (*fn)(void *), void *arg)
{
	u64 host = (q->flags & ~(FLAGS_OURS | CLONE_INTO_CGROUP)) | flags;
	struct clone_args a = {
		.flags = host | (q->flags & (CLONE_PIDFD | CLONE_INTO_CGROUP)),
		.pidfd = (u64)(uintptr_t)pidfd,
		.exit_signal = (u64)q->exit_signal,
		.stack = (u64)(uintptr_t)stack,
		.stack_size = stack_size,
		.cgroup = (u64)q->cgroup,
		.set_tid = (u64)(uintptr_t)q->set_tid,
		.set_tid_size = q->set_tid_size,
	};

	/* What clone() has no argument or flag bit for. */
	if ((q->flags & (CLONE_INTO_CGROUP | CLONE_NEWTIME)) || q->set_tid_size)
		return host_clone(SYS_clone3, (u64)(uintptr_t)&a, sizeof a, 0, 0, 0, fn, arg);
	return host_clone(SYS_clone, host | (q->flags & CLONE_PIDFD) | (u64)q->exit_signal,
			  stack ? (u64)(uintptr_t)stack + stack_size : 0, (u64)(uintptr_t)pidfd, 0, 0, fn, arg);
}

/* Builds with AddressSanitizer remember frames of a stack that was here before. */
void __asan_unpoison_memory_region(void const volatile *addr, size_t size) __attribute__((weak));

/* On the lender: returns when the child has ended or runs another program. */
static i64 lend(struct birth *b)
{
	void *stack = mmap(NULL, LENT_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	i64 r;

	if (stack == MAP_FAILED)
		return -ENOMEM;
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(stack, LENT_STACK);
	r = host_clone_process(b->q, CLONE_VM | CLONE_VFORK, stack, LENT_STACK, &b->pidfd, lent_main, b);
	munmap(stack, LENT_STACK);
	return r;
}

static struct task *lent_new(struct task *parent, const struct request *q)
{
	struct task *task = child_new(parent, q);
	struct linux_sigaction *own;
	struct sigstate *s;

	if (!task)
		return NULL;
	s = sigstate(task);
	s->kind = TASK_LENT;
	if (q->flags & CLONE_VFORK) {
		task->altstack_sp = parent->altstack_sp;
		task->altstack_size = parent->altstack_size;
		task->altstack_flags = parent->altstack_flags;
	}
	if (q->flags & CLONE_SIGHAND)
		return task;
	own = xcalloc(LINUX_NSIG + 1, sizeof *own);
	signal_lock();
	memcpy(own, s->actions, sizeof process.action);
	signal_unlock();
	s->actions = own;
	return task;
}

static void lent_free(struct task *task, u64 flags)
{
	struct linux_sigaction *actions = sigstate(task)->actions;

	child_free(task);
	if (!(flags & CLONE_SIGHAND))
		free(actions);
}

/* A host thread that lends itself to a child whose creator goes on; b is the creator's until the
 * child's tid is told. */
static void *lender_main(void *arg)
{
	struct birth *b = arg;
	struct task *task = b->task;
	u64 flags = b->q->flags;
	i64 r = lend(b);

	lent_free(task, flags);
	if (r < 0) {
		b->error = r;
		tell_tid(b, 1);
	}
	return NULL;
}

static i64 make_sharing(struct task *parent, const struct request *q, int *ret_pidfd)
{
	struct birth b = { .q = q, .task = lent_new(parent, q) };
	i64 r;

	if (!b.task)
		return -EAGAIN;
	if (q->flags & CLONE_VFORK) {
		r = lend(&b);
		task_current = parent;
		vcpu_current = parent->cpu;
		lent_free(b.task, q->flags);
	} else if (start_pthread(lender_main, &b)) {
		lent_free(b.task, q->flags);
		r = -EAGAIN;
	} else {
		wait_tid(&b);
		r = b.error ? b.error : (i64)b.tid;
	}
	*ret_pidfd = b.pidfd;
	return r;
}

/* ---- processes with a copy ---- */

static void in_forked_child(struct task *task, const struct request *q)
{
	struct sigstate *s = sigstate(task);

	signal_unlock();	/* we are the thread that took it */
	vcpu_list_after_fork(task->cpu);
	if (task->cpu->accel->fork_child)
		task->cpu->accel->fork_child(task->cpu);
	mm_fork_done(true);
	if (cpu_debug)
		cpu_debug->forked(task->cpu);
	atomic_store(&process.task_count, 1);
	task->tid = (pid_t)host_syscall1(SYS_gettid, 0);
	task->cpu->thread = pthread_self();
	s->kind = TASK_MAIN;
	task->robust_list = 0;
	task->clear_child_tid = q->flags & CLONE_CHILD_CLEARTID ? q->child_tid : 0;
	for (int sig = 1; sig <= LINUX_NSIG; sig++)
		atomic_store(&task->queued[sig].state, 0);
	atomic_store(&task->pending, 0);
	store_tid(q->flags & CLONE_CHILD_SETTID, q->child_tid, task->tid);
	process.abi->clone_child(task->cpu, q->sp, q->flags & CLONE_SETTLS, q->tls);
	if (q->flags & CLONE_CLEAR_SIGHAND)
		signal_clear_handlers(task);
}

static i64 make_copy(struct task *task, const struct request *q, int *ret_pidfd)
{
	const struct accel *accel = task->cpu->accel;
	bool alone, plain = q->exit_signal == SIGCHLD && !(q->flags & ~FLAGS_PLAIN) && !q->set_tid_size;
	i64 r;

	if (q->flags & CLONE_VFORK)
		log_item(LOG_UNIMP, "user: CLONE_VFORK without CLONE_VM does not wait for the child\n");
	vcpu_exclusive_start();
	mm_fork_prepare();
	signal_lock();
	fake_db_fork_prepare();
	if (accel->fork_prepare)	/* takes the jit lock: last (docs/locks.md) */
		accel->fork_prepare();
	alone = atomic_load(&process.task_count) == 1;
	if (!alone && !plain)
		log_item(LOG_UNIMP, "user: fork with flags %#llx among threads\n", (unsigned long long)q->flags);
	if (!alone && plain) {
		r = fork();
		r = r < 0 ? -errno : r;
	} else {
		r = host_clone_process(q, 0, NULL, 0, ret_pidfd, NULL, NULL);
	}
	fake_db_fork_done();
	if (r == 0) {
		in_forked_child(task, q);
		return 0;
	}
	if (accel->fork_parent)
		accel->fork_parent();
	signal_unlock();
	mm_fork_done(false);
	vcpu_exclusive_end();
	return r;
}

/* ---- the calls ---- */

static i64 check(const struct request *q)
{
	u64 f = q->flags;

	if (((f & CLONE_SIGHAND) && !(f & CLONE_VM)) || ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND)) ||
	    ((f & CLONE_SIGHAND) && (f & CLONE_CLEAR_SIGHAND)))
		return -EINVAL;
	if ((f & CLONE_THREAD) && (f & (CLONE_PIDFD | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET |
					CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)))
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & CLONE_DETACHED))
		return -EINVAL;
	if ((f & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS))
		return -EINVAL;
	return 0;
}

static i64 make_child(struct task *task, const struct request *q)
{
	int pidfd = -1;
	i64 r = check(q);
	u64 mask;

	if (r < 0)
		return r;
	if ((q->flags & CLONE_PIDFD) && !guest_store(q->pidfd, 2, 0))
		return -EFAULT;
	/* The child is made with everything blocked and unblocks when it can take a signal. */
	mask = host_block_all();
	if (sigstate(task)->async_sig) {
		host_mask_restore(mask);
		return -CALL_RESTART_NOINTR;
	}
	if (q->flags & CLONE_THREAD)
		r = make_thread(task, q);
	else if (q->flags & CLONE_VM)
		r = make_sharing(task, q, &pidfd);
	else
		r = make_copy(task, q, &pidfd);
	if (r > 0) {
		/* A child that shares our memory has stored it itself, and may have ended and cleared it by now. */
		if (!(q->flags & CLONE_VM) || (q->flags & CLONE_NEWPID))
			store_tid(q->flags & CLONE_PARENT_SETTID, q->parent_tid, (pid_t)r);
		store_tid(q->flags & CLONE_PIDFD, q->pidfd, pidfd);
	}
	host_mask_restore(mask);
	return r;
}

i64 sys_clone(struct call *c)
{
	enum linux_abi_id abi = process.abi->id;
	/* x86-64 has the child's tid before the TLS, the others after it. */
	bool tid_first = abi == ABI_X86_64;
	struct request q = {
		.flags = c->arg[0] & FLAGS_LEGACY & ~FLAGS_CSIGNAL,
		.exit_signal = (int)(c->arg[0] & FLAGS_CSIGNAL),
		.sp = c->arg[1],
		.parent_tid = c->arg[2],
		.pidfd = c->arg[2],
		.child_tid = c->arg[tid_first ? 3 : 4],
		.tls = c->arg[tid_first ? 4 : 3],
	};

	if ((q.flags & CLONE_PIDFD) && (q.flags & CLONE_PARENT_SETTID))
		return -EINVAL;
	return make_child(c->task, &q);
}

/* struct clone_args, as far as the guest's size goes: 0 or -errno. */
static i64 read_args(struct clone_args *a, gva va, u64 size)
{
	u8 bytes[4096] = { 0 };

	if (size < CLONE_ARGS_FIRST)
		return -EINVAL;
	if (size > sizeof bytes)
		return -E2BIG;
	if (guest_read(bytes, va, size) < 0)
		return -EFAULT;
	for (u64 i = sizeof *a; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	memcpy(a, bytes, sizeof *a);
	return 0;
}

i64 sys_clone3(struct call *c)
{
	const u64 known = FLAGS_LEGACY | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
	const u64 never = (FLAGS_CSIGNAL & ~CLONE_NEWTIME) | CLONE_DETACHED;
	i32 set_tid[PID_LEVELS_MAX];
	struct clone_args a;
	struct request q;
	i64 r = read_args(&a, c->arg[0], c->arg[1]);

	if (r < 0)
		return r;
	if ((a.flags & ~known) || (a.flags & never) || a.exit_signal > LINUX_NSIG ||
	    ((a.flags & (CLONE_THREAD | CLONE_PARENT)) && a.exit_signal) || !a.stack != !a.stack_size ||
	    !guest_range_ok(a.stack, a.stack_size) || !a.set_tid != !a.set_tid_size ||
	    a.set_tid_size > PID_LEVELS_MAX ||
	    ((a.flags & CLONE_INTO_CGROUP) && a.cgroup > INT_MAX))
		return -EINVAL;
	if (a.set_tid_size && guest_read(set_tid, a.set_tid, a.set_tid_size * sizeof *set_tid) < 0)
		return -EFAULT;
	if (a.set_tid_size && (a.flags & CLONE_THREAD)) {
		call_missing("clone3 of a thread with set_tid", a.set_tid_size);
		return -EPERM;
	}
	q = (struct request){
		.flags = a.flags,
		.exit_signal = (int)a.exit_signal,
		.sp = a.stack ? a.stack + a.stack_size : 0,
		.parent_tid = a.parent_tid,
		.child_tid = a.child_tid,
		.pidfd = a.pidfd,
		.tls = a.tls,
		.cgroup = (int)a.cgroup,
		.set_tid = a.set_tid_size ? set_tid : NULL,
		.set_tid_size = (u32)a.set_tid_size,
	};
	return make_child(c->task, &q);
}

i64 sys_fork(struct call *c)
{
	struct request q = { .exit_signal = SIGCHLD };

	return make_child(c->task, &q);
}

i64 sys_vfork(struct call *c)
{
	struct request q = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };

	return make_child(c->task, &q);
}
