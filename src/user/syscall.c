/* System calls: from the guest's registers to a line of the table, and back.
 *
 * linux_syscall() finds the line, pairs registers for 32-bit ABIs, runs seccomp filters and strace, then the handler or
 * the generic pass (pass.c).
 *
 * Not modelled: system calls of kernels newer than the table: ENOSYS, one line in the log each.
 * Threads: the task's own; no lock.
 */
#include "user/syscall.h"
#include "base/log.h"

/* ---- what the log says once ---- */

void call_missing(const char *what, u64 number)
{
	static _Atomic u64 seen[256];
	u64 h = number * 0x9e3779b97f4a7c15ull + 1;

	if (!log_enabled(LOG_UNIMP))
		return;
	for (const char *p = what; *p; p++)
		h = (h ^ (u8)*p) * 0x100000001b3ull;
	for (u32 i = 0; i < ARRAY_SIZE(seen); i++) {
		u64 old = 0;
		_Atomic u64 *slot = &seen[(h + i) % ARRAY_SIZE(seen)];

		if (atomic_compare_exchange_strong(slot, &old, h))
			break;
		if (old == h)
			return;
	}
	log_write("user: %s %#llx is not supported\n", what, (unsigned long long)number);
}

/* Registers of a 32-bit ABI into logical arguments: 64-bit values join two registers (at an even one on arm), signed
 * longs are widened. */
static void pair_registers(struct call *c, const u64 regs[6])
{
	enum linux_abi_id abi = guest_abi();
	struct args room;
	const struct args *a = syscall_args(c->line, abi, &room);
	u32 r = 0;

	for (u32 i = 0; i < 6; i++)
		c->arg[i] = 0;
	for (u32 i = 0; i < a->count && r < 6; i++) {
		switch (a->arg[i].kind) {
		case ARG_PAIR:
			if (abi == ABI_ARM)
				r += r & 1;
			c->arg[i] = (u32)regs[r] | (r + 1 < 6 ? regs[r + 1] << 32 : 0);
			r += 2;
			break;
		case ARG_LONG:
		case ARG_OFF:
			c->arg[i] = (u64)(i64)(i32)regs[r++];
			break;
		default:
			c->arg[i] = (u32)regs[r++];
			break;
		}
	}
}

/* A number the table lacks: the target's own calls, else ENOSYS. */
static i64 unknown(struct task *task, u64 nr, const u64 args[6])
{
	i64 r;

	if (process.abi->syscall && process.abi->syscall(task->cpu, nr, args, &r))
		return r;
	call_missing("system call number", nr);
	return -ENOSYS;
}

static i64 dispatch(struct call *c)
{
	const struct syscall_line *line = c->line;

	switch ((enum syscall_how)line->how) {
	case HOW_PASS:
	case HOW_WAIT:
	case HOW_EINTR:
	case HOW_NOHAND:
		return call_pass(c);
	case HOW_CALL:
		return line->run(c);
	case HOW_REFUSE:
		call_missing(line->name, c->nr);
		return -EPERM;
	case HOW_LATER:
		call_missing(line->name, c->nr);
		return -ENOSYS;
	case HOW_ABSENT:
		break;
	}
	return -ENOSYS;
}

i64 linux_syscall(struct task *task, u64 nr, const u64 args[6])
{
	enum linux_abi_id abi = guest_abi();
	struct call c = { .task = task, .nr = nr };
	i64 r;

	if (unlikely(task->seccomp) && !seccomp_check(task, nr, args, &r))
		return r;
	c.line = syscall_find(abi, nr);
	if (unlikely(!c.line))
		return unknown(task, nr, args);
	if (unlikely(abi_is_32(abi)))
		pair_registers(&c, args);
	else
		memcpy(c.arg, args, sizeof(c.arg));
	if (unlikely(sleep_again) && c.line->run != call_nanosleep && c.line->run != call_clock_nanosleep)
		sleep_again = false;
	if (likely(!log_enabled(LOG_STRACE)))
		return dispatch(&c);
	strace_enter(&c);
	r = dispatch(&c);
	strace_leave(&c, r);
	return r;
}
