/* futex and its relatives, and membarrier.
 *
 * The host's kernel does the work on the host address of the guest's word; what is ours is which
 * address arguments there are, the timeouts, and what an interrupted wait becomes: a wait without a
 * limit restarts with SA_RESTART, one with a limit fails with EINTR once a handler ran.
 *
 * Not modelled: futex_wait, futex_wake and futex_requeue with structures (syscalls.def passes
 * them); 32-bit timeouts. Own thread; no lock. Spec: futex(2), futex_waitv(2), membarrier(2).
 *
 */
#include "user/signal.h"
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

enum { WAITV_MAX = 128 };

struct waitv {		/* struct futex_waitv */
	u64 val, uaddr;
	u32 flags, reserved;
};

/* What an operation takes besides the word itself. */
enum { HAS_TIMEOUT = 1, HAS_WORD2 = 2, BLOCKS = 4, NO_EINTR = 8 };

static u32 futex_traits(u32 op)
{
	switch (op) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return HAS_TIMEOUT | BLOCKS;
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return HAS_TIMEOUT | BLOCKS | NO_EINTR;
	case FUTEX_WAIT_REQUEUE_PI:
		return HAS_TIMEOUT | BLOCKS | HAS_WORD2 | NO_EINTR;
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_WAKE_OP:
		return HAS_WORD2;
	default:
		return 0;
	}
}

i64 sys_futex(struct call *c)
{
	u32 traits = futex_traits((u32)c->arg[1] & (u32)FUTEX_CMD_MASK);
	u64 word, word2 = c->arg[4], limit = c->arg[3];
	i64 r;

	if (!guest_range_ok(c->arg[0], 4))
		return -EFAULT;
	word = guest_base + c->arg[0];	/* address 0 too: the kernel refuses it as it does the guest's */
	if (traits & HAS_WORD2) {
		if (!guest_range_ok(word2, 4))
			return -EFAULT;
		word2 += guest_base;
	}
	if ((traits & HAS_TIMEOUT) && !host_range(limit, sizeof(struct timespec), &limit))
		return -EFAULT;
	if (!(traits & BLOCKS))
		return host_syscall(SYS_futex, word, c->arg[1], c->arg[2], limit, word2, c->arg[5]);
	r = host_call(SYS_futex, word, c->arg[1], c->arg[2], limit, word2, c->arg[5]);
	if (r != -EINTR && r != -CALL_RESTART)
		return r;
	if (traits & NO_EINTR)
		return -CALL_RESTART_NOINTR;
	return limit ? -CALL_RESTART_NOHAND : -CALL_RESTART;
}

i64 sys_futex_waitv(struct call *c)
{
	struct waitv v[WAITV_MAX];
	u64 count = c->arg[1], limit;

	if ((u32)c->arg[2] || count == 0 || count > WAITV_MAX || !c->arg[0])
		return -EINVAL;
	if (guest_read(v, c->arg[0], count * sizeof *v) < 0 ||
	    !host_range(c->arg[3], sizeof(struct timespec), &limit))
		return -EFAULT;
	for (u64 i = 0; i < count; i++) {
		if (!guest_range_ok(v[i].uaddr, 8))
			return -EFAULT;
		v[i].uaddr += guest_base;
	}
	return call_restart(host_call(SYS_futex_waitv, (u64)(uintptr_t)v, count, 0, limit, c->arg[4], 0));
}

i64 sys_membarrier(struct call *c)
{
	int cmd = (int)c->arg[0];
	i64 r;

	switch (cmd) {
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return -EINVAL;	/* no rseq, so no processor that has the command */
	default:
		r = host_syscall3(SYS_membarrier, cmd, (u32)c->arg[1], (int)c->arg[2]);
		break;
	}
	if (cmd == MEMBARRIER_CMD_QUERY && r > 0)
		r &= ~(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ);
	return r;
}
