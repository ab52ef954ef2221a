/* Waiting for events: ppoll, pselect6, epoll.
 *
 * The host call waits without a mask of its own: the guest's mask for the call is set by
 * signal_mask_for_call, and host_call does not start when a signal that the new mask lets through
 * is pending. The kernel writes remaining time back to the guest's timeout, so that repeating
 * ppoll or pselect6 goes on with what is left. epoll waits are never repeated after an EINTR.
 *
 * Not modelled: fd_set of 32-bit guests whose size is no multiple of 64 bits (4 bytes more are
 * touched).
 * Threads: the task's own. Spec: poll(2), select(2), epoll_wait(2), epoll_ctl(2).
 */
#include "user/syscall.h"
#include <limits.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

enum { EVENTS_MAX = 256, SIGSET_BYTES = 8 };

static i64 set_mask(struct call *c, gva mask, u64 size)
{
	if (!mask)
		return 0;
	if (size != SIGSET_BYTES)
		return -EINVAL;
	return signal_mask_for_call(c->task, mask, size);
}

/* The guest's timeout as the host's: in place when the layouts agree (the kernel writes the rest
 * back), else in *copy. */
static i64 timeout_in(const struct layout *l, gva va, struct timespec *copy, u64 *ret)
{
	if (!va || l->same)
		return host_range(va, va ? l->guest_size : 0, ret) ? 0 : -EFAULT;
	*ret = (uintptr_t)copy;
	return layout_read(l, copy, va);
}

static void timeout_out(const struct layout *l, gva va, const struct timespec *copy)
{
	if (va && !l->same && layout_write(l, va, copy))
		return;		/* as the kernel: a timeout that cannot be written is left */
}

i64 call_ppoll(struct call *c)
{
	const struct layout *l = layout_of("timespec");
	struct timespec copy;
	u64 fds, timeout;
	i64 r;

	if ((u32)c->arg[1] > INT_MAX / 8)
		return -EINVAL;
	if (!host_range(c->arg[0], c->arg[0] ? (u64)(u32)c->arg[1] * 8 : 0, &fds))
		return -EFAULT;
	r = timeout_in(l, c->arg[2], &copy, &timeout);
	if (r == 0)
		r = set_mask(c, c->arg[3], c->arg[4]);
	if (r)
		return r;
	r = host_call(SYS_ppoll, fds, (u32)c->arg[1], timeout, 0, SIGSET_BYTES, 0);
	timeout_out(l, c->arg[2], &copy);
	return call_nohand(r);
}

i64 call_pselect6(struct call *c)
{
	const struct layout *l = layout_of("timespec");
	struct { u64 mask, size; } pack = { 0 };
	u64 set[3], timeout, bytes;
	struct timespec copy;
	i64 r;

	if ((i32)c->arg[0] < 0)
		return -EINVAL;
	bytes = align_up((u32)c->arg[0], 64) / 8;
	for (u32 i = 0; i < 3; i++)
		if (!host_range(c->arg[1 + i], c->arg[1 + i] ? bytes : 0, &set[i]))
			return -EFAULT;
	if (c->arg[5] && layout_read(layout_of("sigset_argpack"), &pack, c->arg[5]))
		return -EFAULT;
	r = timeout_in(l, c->arg[4], &copy, &timeout);
	if (r == 0)
		r = set_mask(c, pack.mask, pack.size);
	if (r)
		return r;
	r = host_call(SYS_pselect6, (u32)c->arg[0], set[0], set[1], set[2], timeout, 0);
	timeout_out(l, c->arg[4], &copy);
	return call_nohand(r);
}

/* ---- epoll ---- */

/* Wait with `nr` (epoll_pwait or epoll_pwait2) and its fourth argument; events go to the guest's
 * layout. */
static i64 epoll(struct call *c, long nr, u64 timeout)
{
	struct epoll_event events[EVENTS_MAX];
	const struct layout *l = layout_of("epoll_event");
	i32 max = (i32)c->arg[2];
	i64 r;

	if (max <= 0 || max > INT_MAX / 16)
		return -EINVAL;
	if (!guest_range_ok(c->arg[1], (u64)max * l->guest_size))
		return -EFAULT;
	max = max < EVENTS_MAX ? max : EVENTS_MAX;
	r = call_eintr(host_call(nr, c->arg[0], (uintptr_t)events, (u64)max, timeout, 0, SIGSET_BYTES));
	for (i64 i = 0; i < r; i++)
		if (layout_write(l, c->arg[1] + (u64)i * l->guest_size, &events[i]))
			return i ? i : -EFAULT;
	return r;
}

i64 call_epoll_wait(struct call *c) { return epoll(c, SYS_epoll_pwait, c->arg[3]); }

i64 call_epoll_pwait(struct call *c)
{
	i64 r = set_mask(c, c->arg[4], c->arg[5]);

	return r ? r : epoll(c, SYS_epoll_pwait, c->arg[3]);
}

i64 call_epoll_pwait2(struct call *c)
{
	u64 timeout;
	i64 r;

	if (!host_range(c->arg[3], c->arg[3] ? sizeof(struct timespec) : 0, &timeout))
		return -EFAULT;
	r = set_mask(c, c->arg[4], c->arg[5]);
	return r ? r : epoll(c, SYS_epoll_pwait2, timeout);
}

i64 call_epoll_ctl(struct call *c)
{
	struct epoll_event event = { 0 };

	if (fd_is_ours((int)c->arg[0]) || fd_is_ours((int)c->arg[2]))
		return -EBADF;
	/* deleting takes no event: the pointer may be anything */
	if ((u32)c->arg[1] != EPOLL_CTL_DEL && layout_read(layout_of("epoll_event"), &event, c->arg[3]))
		return -EFAULT;
	return host_syscall4(SYS_epoll_ctl, c->arg[0], c->arg[1], c->arg[2], (uintptr_t)&event);
}
