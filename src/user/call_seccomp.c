/* seccomp: the guest's filters, run by us on guest numbers and arguments.
 *
 * A task holds a chain of filters, newest first; nodes are immutable and never freed (a filter cannot be taken off, and
 * children share their parent's chain).  Before a call every filter runs on a struct seccomp_data with the guest's call
 * number and audit architecture; the most severe answer wins.  Chains go on through clone (seccomp_inherit) and execve
 * (seccomp_save and seccomp_load).  TSYNC gives all tasks of the process the caller's chain.
 *
 * Not modelled: user notification (SECCOMP_RET_USER_NOTIF answers ENOSYS, NEW_LISTENER is refused), SECCOMP_RET_TRACE
 * (no tracers: ENOSYS as the kernel says without one), the audit log; programs run natively by execve are not filtered.
 * Threads: a task's chain pointer is atomic; the install lock orders installs of all tasks, last in the lock order.
 * Spec: seccomp(2), Documentation/userspace-api/seccomp_filter.rst.
 */
#include "user/signal.h"
#include "base/log.h"
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct filter {
	struct filter *prev;
	u32 count, total;	/* instructions: of this one, of the chain with the kernel's 4 for each filter */
	bool strict, log;
	struct bpf_insn insns[];
};

enum { TOTAL_MAX = 32768, COUNT_MAX = 4096, FILTER_COST = 4, ERRNO_MAX = 4095 };

static pthread_mutex_t install_lock = PTHREAD_MUTEX_INITIALIZER;

/* Elf machine, bits and byte order as audit(8) names them. */
static const u32 audit_arch[ABI_MAX] = {
	[ABI_RISCV64] = 0xc00000f3, [ABI_ARM64] = 0xc00000b7, [ABI_X86_64] = 0xc000003e, [ABI_I386] = 0x40000003,
	[ABI_ARM] = 0x40000028,
};

static struct filter *chain_of(const struct task *task)
{
	return __atomic_load_n((struct filter *const *)&task->seccomp, __ATOMIC_ACQUIRE);
}

static void chain_set(struct task *task, struct filter *f)
{
	__atomic_store_n((struct filter **)&task->seccomp, f, __ATOMIC_RELEASE);
}

u32 seccomp_mode(const struct task *task)
{
	const struct filter *f = chain_of(task);

	return !f ? SECCOMP_MODE_DISABLED : f->strict ? SECCOMP_MODE_STRICT : SECCOMP_MODE_FILTER;
}

/* ---- a call is checked ---- */

static void kill_thread(struct task *task)
{
	if (atomic_load(&process.task_count) > 1)
		task_exit(task, SIGSYS);
	signal_die(SIGSYS);
}

/* Strict mode knows four calls. */
static bool strict_allows(u64 nr)
{
	static const char *const names[] = { "read", "write", "exit", "rt_sigreturn" };
	const struct syscall_line *line = syscall_find(guest_abi(), nr);

	for (u32 i = 0; line && i < ARRAY_SIZE(names); i++)
		if (strcmp(line->name, names[i]) == 0)
			return true;
	return false;
}

/* SIGSYS as an instruction's fault; the signal's own words are behind the address (asm-generic/siginfo.h). */
static void trap(struct task *task, u64 nr, u32 data)
{
	enum { OFF_ERRNO = 4, OFF_SYSCALL = 24, OFF_ARCH = 28, CODE_SYS_SECCOMP = 1 };
	u8 *info = sigstate(task)->sync_info.bytes;
	i32 number = (i32)nr;

	signal_fault(task, SIGSYS, CODE_SYS_SECCOMP, task->cpu->pc);
	memcpy(info + OFF_ERRNO, &data, 4);
	memcpy(info + OFF_SYSCALL, &number, 4);
	memcpy(info + OFF_ARCH, &audit_arch[guest_abi()], 4);
}

bool seccomp_check(struct task *task, u64 nr, const u64 args[6], i64 *ret_result)
{
	const struct filter *f = chain_of(task);
	struct seccomp_data data = {
		.nr = (int)nr, .arch = audit_arch[guest_abi()],
		.instruction_pointer = task->cpu->pc + process.abi->syscall_insn_bytes,
	};
	u32 worst = SECCOMP_RET_ALLOW;

	if (f->strict) {
		if (strict_allows(nr))
			return true;
		host_syscall2(SYS_kill, getpid(), SIGKILL);
	}
	memcpy(data.args, args, sizeof(data.args));
	for (; f; f = f->prev) {
		u32 r = bpf_run(f->insns, f->count, &data, sizeof(data));

		if ((i32)(r & SECCOMP_RET_ACTION_FULL) < (i32)(worst & SECCOMP_RET_ACTION_FULL))
			worst = r;
	}
	*ret_result = -CALL_NO_RETURN;
	switch (worst & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return true;
	case SECCOMP_RET_ERRNO:
		*ret_result = -(i64)min_u64(worst & SECCOMP_RET_DATA, ERRNO_MAX);
		return false;
	case SECCOMP_RET_TRAP:
		/* registers stay, the pc is past the call */
		task->cpu->pc += process.abi->syscall_insn_bytes;
		trap(task, nr, worst & SECCOMP_RET_DATA);
		return false;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		*ret_result = -ENOSYS;
		return false;
	case SECCOMP_RET_KILL_THREAD:
		log_item(LOG_GUEST_ERROR, "seccomp: call %llu ends the thread\n", (unsigned long long)nr);
		kill_thread(task);
		return false;
	default:
		log_item(LOG_GUEST_ERROR, "seccomp: call %llu ends the process\n", (unsigned long long)nr);
		signal_die(SIGSYS);
	}
}

/* ---- filters are installed ---- */

/* As the kernel: without new privileges, or with the right to administer. */
static bool may_install(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2] = { 0 };

	if (host_syscall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) == 1)
		return true;
	return host_syscall2(SYS_capget, (uintptr_t)&head, (uintptr_t)caps) == 0 &&
	       (caps[0].effective & 1u << CAP_SYS_ADMIN);
}

/* Is `old` part of chain `f` (or empty)? */
static bool is_ancestor(const struct filter *old, const struct filter *f)
{
	if (!old)
		return true;
	while (f && f != old)
		f = f->prev;
	return f != NULL;
}

/* Give every task the caller's chain: 0, or the tid of one that has filters of its own. */
static i64 synchronize(struct task *task, struct filter *old, struct filter *new, bool check)
{
	i64 bad = 0;

	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		struct task *t = cpu->user;

		if (!t || t == task)
			continue;
		if (check && !is_ancestor(chain_of(t), old))
			bad = t->tid;
		else if (!check)
			chain_set(t, new);
	}
	vcpu_list_unlock();
	return bad;
}

static i64 install(struct task *task, struct filter *f, u64 flags)
{
	struct filter *old;
	i64 bad = 0;

	pthread_mutex_lock(&install_lock);
	old = chain_of(task);
	f->prev = old;
	f->total = f->count + (old ? old->total + FILTER_COST : 0);
	if (f->total > TOTAL_MAX) {
		pthread_mutex_unlock(&install_lock);
		free(f);
		return -ENOMEM;
	}
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		bad = synchronize(task, old, f, true);
	if (!bad) {
		chain_set(task, f);
		if (flags & SECCOMP_FILTER_FLAG_TSYNC)
			synchronize(task, old, f, false);
	}
	pthread_mutex_unlock(&install_lock);
	if (!bad)
		return 0;
	free(f);
	return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : bad;
}

static struct filter *filter_new(u32 count)
{
	struct filter *f = try_alloc(1, sizeof(*f) + (u64)count * sizeof(f->insns[0]));

	if (f)
		f->count = count;
	return f;
}

i64 seccomp_set_filter(struct task *task, u64 flags, gva prog)
{
	struct { u16 len; u64 insns; } p = { 0 };
	struct filter *f;

	if (flags & ~(u64)(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
			   SECCOMP_FILTER_FLAG_TSYNC_ESRCH)) {
		call_missing("seccomp flags", flags);
		return -EINVAL;
	}
	if (seccomp_mode(task) == SECCOMP_MODE_STRICT)
		return -EINVAL;
	if (layout_read(layout_of("sock_fprog"), &p, prog))
		return -EFAULT;
	if (!p.len || p.len > COUNT_MAX)
		return -EINVAL;
	if (!may_install())
		return -EACCES;
	f = filter_new(p.len);
	if (!f)
		return -ENOMEM;
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	if (!guest_range_ok(p.insns, p.len * sizeof(f->insns[0])) ||
	    guest_read(f->insns, p.insns, p.len * sizeof(f->insns[0]))) {
		free(f);
		return -EFAULT;
	}
	if (bpf_check(f->insns, f->count)) {
		free(f);
		return -EINVAL;
	}
	return install(task, f, flags);
}

i64 seccomp_set_strict(struct task *task)
{
	struct filter *f;

	if (seccomp_mode(task) == SECCOMP_MODE_FILTER)
		return -EINVAL;
	if (seccomp_mode(task) == SECCOMP_MODE_STRICT)
		return 0;
	f = filter_new(0);
	if (!f)
		return -ENOMEM;
	f->strict = true;
	chain_set(task, f);
	return 0;
}

static i64 action_available(gva va)
{
	u32 action;

	if (!guest_range_ok(va, 4) || guest_read(&action, va, 4))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

i64 call_seccomp(struct call *c)
{
	u32 flags = (u32)c->arg[1];

	switch ((u32)c->arg[0]) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || c->arg[2] ? -EINVAL : seccomp_set_strict(c->task);
	case SECCOMP_SET_MODE_FILTER:
		return seccomp_set_filter(c->task, flags, c->arg[2]);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(c->arg[2]);
	case SECCOMP_GET_NOTIF_SIZES:
		call_missing("seccomp user notification", SECCOMP_GET_NOTIF_SIZES);
		return -EINVAL;
	default:
		return -EINVAL;
	}
}

/* ---- clone and execve ---- */

void seccomp_inherit(struct task *child, const struct task *parent) { chain_set(child, chain_of(parent)); }

/* Filters from oldest to newest: count, flags, instructions each. */
u8 *seccomp_save(const struct task *task, u32 *ret_len)
{
	const struct filter *f = chain_of(task);
	u32 len = 0, at;
	u8 *bytes;

	*ret_len = 0;
	for (const struct filter *i = f; i; i = i->prev)
		len += 8 + i->count * (u32)sizeof(i->insns[0]);
	if (!len)
		return NULL;
	bytes = xcalloc(1, len);
	at = len;
	for (const struct filter *i = f; i; i = i->prev) {
		u32 head[2] = { i->count, (u32)i->log | (u32)i->strict << 1 };
		u32 size = i->count * (u32)sizeof(i->insns[0]);

		at -= 8 + size;
		memcpy(bytes + at, head, 8);
		memcpy(bytes + at + 8, i->insns, size);
	}
	*ret_len = len;
	return bytes;
}

int seccomp_load(struct task *task, const u8 *bytes, u32 len)
{
	for (u32 at = 0; at < len;) {
		struct filter *f;
		u32 head[2];

		if (len - at < 8)
			return -EINVAL;
		memcpy(head, bytes + at, 8);
		at += 8;
		if (head[0] > COUNT_MAX || (len - at) / sizeof(f->insns[0]) < head[0])
			return -EINVAL;
		f = filter_new(head[0]);
		if (!f)
			return -EINVAL;
		f->log = head[1] & 1;
		f->strict = head[1] & 2;
		memcpy(f->insns, bytes + at, head[0] * sizeof(f->insns[0]));
		at += head[0] * (u32)sizeof(f->insns[0]);
		if ((!f->strict && bpf_check(f->insns, f->count)) || install(task, f, 0))
			return -EINVAL;
	}
	return 0;
}

int seccomp_hand_over(const struct task *task, int *ret_fd)
{
	u32 len;
	u8 *bytes = seccomp_save(task, &len);
	i64 fd, n = 0;

	*ret_fd = -1;
	if (!bytes)
		return 0;
	fd = host_syscall2(SYS_memfd_create, (uintptr_t)"seccomp", 0);
	for (u32 at = 0; fd >= 0 && at < len; at += (u32)n) {
		n = host_syscall3(SYS_write, fd, (uintptr_t)(bytes + at), len - at);
		if (n <= 0)
			break;
	}
	free(bytes);
	if (fd >= 0 && n > 0) {
		*ret_fd = (int)fd;
		return 0;
	}
	if (fd >= 0)
		host_syscall1(SYS_close, fd);
	return fd < 0 ? (int)fd : -ENOMEM;
}

int seccomp_take_over(struct task *task, int fd)
{
	enum { BYTES_MAX = TOTAL_MAX * 16 };
	i64 len;
	u8 *bytes;
	int r = -EINVAL;

	if (fd < 0)
		return 0;
	len = host_syscall3(SYS_lseek, (i64)fd, 0, SEEK_END);
	if (len > 0 && len <= BYTES_MAX) {
		bytes = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			r = seccomp_load(task, bytes, (u32)len);
			munmap(bytes, (size_t)len);
		}
	}
	host_syscall1(SYS_close, (i64)fd);
	return r;
}
