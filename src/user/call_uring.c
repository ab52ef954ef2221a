/* io_uring and the older asynchronous I/O.
 *
 * The kernel runs the guest's requests itself: rings are mapped by the guest on the descriptor,
 * and request entries hold guest addresses. That is right only where guest addresses are host
 * addresses, so with a guest_base other than 0 both are ENOSYS. A ring is created disabled, given
 * a list of allowed operations by registered restrictions, then enabled: operations on path names
 * (sysroot, /proc), on structures whose layout differs and driver commands are not on the list,
 * and a probe shows them as missing. A polling kernel thread (SQPOLL) is refused with EPERM,
 * since libraries that ask for one use it for path operations and fall back without it. Resource
 * tags are hidden: libuv (Node) takes them for a sign that epoll_ctl is there, does not probe, and
 * aborts when it is refused.
 *
 * An aio context is a ring that the kernel maps where it likes: it is moved to an address of the
 * guest's memory map.
 *
 * Not modelled: the guest's own restrictions; IORING_ENTER_EXT_ARG_REG; rings without a
 * descriptor; rings across fork.
 * Threads: the task's own. Spec: io_uring_setup(2), io_uring_register(2), io_submit(2),
 * linux/io_uring.h.
 */
#include "user/syscall.h"
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Operations that act on descriptors, buffers and time alone, by number: some are newer than our
 * headers. */
static const u8 allowed_ops[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,	/* nop .. fallocate */
	19, 20, 22, 23, 24, 26, 27,	/* close files_update read write fadvise send recv */
	30, 31, 32, 33, 34,		/* splice, buffers, tee, shutdown */
	40, 41, 43, 45, 47, 48, 49,	/* msg_ring f*xattr socket send_zc sendmsg_zc read_multishot */
	50, 51, 52, 53, 54, 55, 56, 57, 58,	/* waitid futex.. install ftruncate bind listen recv_zc */
	60, 61, 62,			/* readv_fixed writev_fixed pipe */
};

/* Registrations that are safe the same way; 11 (restrictions) is ours. */
static const u8 allowed_registers[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30,
};

enum {
	RESTRICT_REGISTER = 0, RESTRICT_SQE = 1, RESTRICT_FLAGS = 2, OP_MAX = 64,
	FEATURE_RSRC_TAGS = 1 << 10,
	SETUP_SQPOLL = 1 << 1, SETUP_R_DISABLED = 1 << 6, SETUP_FD_ONLY = 1 << 15,
	REG_PROBE = 8, REG_RESTRICTIONS = 11, REG_ENABLE = 12,
	ENTER_EXT_ARG = 1 << 3, ENTER_EXT_ARG_REG = 1 << 6, REGISTER_BY_INDEX = (int)(1u << 31),
};

struct restriction { u16 what; u8 which; u8 pad; u32 pad2[3]; };
struct probe { u8 last_op, count; u16 pad; u32 pad2[3]; struct { u8 op, pad; u16 flags; u32 pad2; } op[OP_MAX]; };

static bool op_allowed(u32 op)
{
	for (u32 i = 0; i < ARRAY_SIZE(allowed_ops); i++)
		if (allowed_ops[i] == op)
			return true;
	return false;
}

static i64 ring_register(i64 fd, u32 what, const void *arg, u32 count)
{
	return host_syscall4(SYS_io_uring_register, fd, what, (uintptr_t)arg, count);
}

/* Register the restrictions; which registrations a kernel knows can only be tried. */
static i64 restrict_ring(i64 fd)
{
	struct restriction r[ARRAY_SIZE(allowed_ops) + ARRAY_SIZE(allowed_registers) + 1];
	struct probe probe = { 0 };
	u32 ops = 0, n;
	i64 ret;

	ret = ring_register(fd, REG_PROBE, &probe, OP_MAX);
	if (ret < 0)
		return ret;
	memset(r, 0, sizeof(r));
	for (u32 i = 0; i < ARRAY_SIZE(allowed_ops); i++)
		if (allowed_ops[i] <= probe.last_op)
			r[ops++] = (struct restriction){ RESTRICT_SQE, allowed_ops[i] };
	r[ops++] = (struct restriction){ RESTRICT_FLAGS, 0xff };
	for (u32 left = ARRAY_SIZE(allowed_registers); left > 0; left--) {
		n = ops;
		for (u32 i = 0; i < left; i++)
			r[n++] = (struct restriction){ RESTRICT_REGISTER, allowed_registers[i] };
		ret = ring_register(fd, REG_RESTRICTIONS, r, n);
		if (ret != -EINVAL)
			break;
	}
	return ret;
}

static bool usable(const char *name)
{
	if (guest_is_host())
		return true;
	call_missing(name, 0);
	return false;
}

i64 call_io_uring_setup(struct call *c)
{
	u8 params[120];
	u32 flags, given, features;
	i64 fd, r;

	if (!usable("io_uring with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!guest_range_ok(c->arg[1], sizeof(params)) || guest_read(params, c->arg[1], sizeof(params)))
		return -EFAULT;
	memcpy(&given, params + offsetof(struct io_uring_params, flags), 4);
	if (given & SETUP_SQPOLL)
		return -EPERM;
	if (given & SETUP_FD_ONLY)
		return -EINVAL;
	flags = given | SETUP_R_DISABLED;
	memcpy(params + offsetof(struct io_uring_params, flags), &flags, 4);
	fd = host_syscall2(SYS_io_uring_setup, c->arg[0], (uintptr_t)params);
	if (fd < 0)
		return fd;
	memcpy(params + offsetof(struct io_uring_params, flags), &given, 4);
	memcpy(&features, params + offsetof(struct io_uring_params, features), 4);
	features &= ~(u32)FEATURE_RSRC_TAGS;
	memcpy(params + offsetof(struct io_uring_params, features), &features, 4);
	r = restrict_ring(fd);
	if (r >= 0 && !(given & SETUP_R_DISABLED))
		r = ring_register(fd, REG_ENABLE, NULL, 0);
	if (r >= 0 && guest_write(c->arg[1], params, sizeof(params)))
		r = -EFAULT;
	if (r < 0) {
		host_syscall1(SYS_close, fd);
		return r == -EFAULT ? r : -ENOSYS;	/* a kernel without restrictions: as if without io_uring */
	}
	return fd;
}

/* The signal mask of a wait, either alone or in the extended argument. */
static i64 enter_mask(struct call *c, u64 *ext, u64 *ret_arg, u64 *ret_size)
{
	*ret_arg = 0;
	*ret_size = c->arg[5];
	if (!(c->arg[3] & ENTER_EXT_ARG)) {
		if (!c->arg[4])
			return 0;
		return c->arg[5] == 8 ? signal_mask_for_call(c->task, c->arg[4], 8) : -EINVAL;
	}
	if (c->arg[5] != 24)
		return -EINVAL;
	if (!guest_range_ok(c->arg[4], 24) || guest_read(ext, c->arg[4], 24))
		return -EFAULT;
	*ret_arg = (uintptr_t)ext;
	if (!guest_range_ok(ext[2], ext[2] ? sizeof(struct timespec) : 0))
		return -EFAULT;
	if (ext[0]) {
		if ((u32)ext[1] != 8)
			return -EINVAL;
		i64 r = signal_mask_for_call(c->task, ext[0], 8);

		ext[0] = 0;
		return r;
	}
	return 0;
}

i64 call_io_uring_enter(struct call *c)
{
	u64 ext[3], arg, size;
	i64 r;

	if (!usable("io_uring with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (c->arg[3] & ENTER_EXT_ARG_REG)
		return -EINVAL;
	r = enter_mask(c, ext, &arg, &size);
	if (r)
		return r;
	return call_eintr(host_call(SYS_io_uring_enter, c->arg[0], c->arg[1], c->arg[2], c->arg[3], arg, size));
}

/* Show the operations we do not allow as missing. */
static i64 filter_probe(gva va, u32 count)
{
	struct probe p;
	u64 bytes = 16 + 8ull * count;

	if (guest_read(&p, va, bytes))
		return -EFAULT;
	for (u32 i = 0; i < count; i++)
		if (!op_allowed(p.op[i].op))
			p.op[i].flags = 0;
	return guest_write(va, &p, bytes);
}

i64 call_io_uring_register(struct call *c)
{
	u32 what = (u32)c->arg[1] & ~(u32)REGISTER_BY_INDEX;
	i64 r;

	if (!usable("io_uring with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (what == REG_RESTRICTIONS) {
		call_missing("io_uring restrictions of the guest", what);
		return -EINVAL;
	}
	if (!guest_range_ok(c->arg[2], c->arg[2] ? 16 : 0))
		return -EFAULT;
	if (what == REG_PROBE && (u32)c->arg[3] > OP_MAX)
		return -EINVAL;
	r = call_eintr(host_call(SYS_io_uring_register, c->arg[0], c->arg[1], c->arg[2], c->arg[3], 0, 0));
	return r >= 0 && what == REG_PROBE ? filter_probe(c->arg[2], (u32)c->arg[3]) : r;
}

/* ---- aio ---- */

/* The head of a context's ring, as libaio reads it. */
struct aio_head { u32 id, nr, head, tail, magic, compat, incompat, header_length; };
enum { AIO_MAGIC = 0xa10a10a1, AIO_EVENT = 32, PAGE = 4096 };

static u64 aio_bytes(const struct aio_head *h)
{
	return align_up(h->header_length + (u64)h->nr * AIO_EVENT, PAGE);
}

i64 call_io_setup(struct call *c)
{
	aio_context_t ctx = 0;
	struct aio_head *head;
	u64 bytes, at;
	i64 va, r;

	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!guest_range_ok(c->arg[1], 8) || guest_read(&ctx, c->arg[1], 8))
		return -EFAULT;
	if (ctx)
		return -EINVAL;
	r = host_syscall2(SYS_io_setup, c->arg[0], (uintptr_t)&ctx);
	if (r < 0)
		return r;
	head = (struct aio_head *)(uintptr_t)ctx;
	bytes = aio_bytes(head);
	va = mm_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (va < 0) {
		host_syscall1(SYS_io_destroy, ctx);
		return va;
	}
	/* the kernel follows a context's ring when it moves: its address is the context's name */
	at = guest_base + (u64)va;
	r = host_syscall(SYS_mremap, ctx, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at, 0);
	if (r < 0 || guest_write(c->arg[1], &at, 8)) {
		host_syscall1(SYS_io_destroy, r < 0 ? ctx : at);
		mm_munmap((gva)va, bytes);
		return r < 0 ? r : -EFAULT;
	}
	return 0;
}

i64 call_io_destroy(struct call *c)
{
	struct aio_head head;
	i64 r;

	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!guest_range_ok(c->arg[0], sizeof(head)) || guest_read(&head, c->arg[0], sizeof(head)) ||
	    head.magic != AIO_MAGIC)
		return -EINVAL;
	r = host_syscall1(SYS_io_destroy, c->arg[0]);
	/* the kernel has unmapped the ring: take it from the guest's map too */
	if (r == 0)
		mm_munmap(c->arg[0], aio_bytes(&head));
	return r;
}

i64 call_io_submit(struct call *c)
{
	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if ((i64)c->arg[1] < 0)
		return -EINVAL;
	if (c->arg[1] > 1 << 20)
		c->arg[1] = 1 << 20;
	if (!guest_range_ok(c->arg[2], c->arg[1] * 8))
		return -EFAULT;
	return host_syscall3(SYS_io_submit, c->arg[0], c->arg[1], c->arg[2]);
}

i64 call_io_cancel(struct call *c)
{
	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!guest_range_ok(c->arg[1], sizeof(struct iocb)) || !guest_range_ok(c->arg[2], sizeof(struct io_event)))
		return -EFAULT;
	return host_syscall3(SYS_io_cancel, c->arg[0], c->arg[1], c->arg[2]);
}

static bool events_ok(struct call *c)
{
	return (i64)c->arg[2] >= 0 && c->arg[2] < 1 << 26 &&
	       guest_range_ok(c->arg[3], c->arg[2] * sizeof(struct io_event)) &&
	       guest_range_ok(c->arg[4], c->arg[4] ? sizeof(struct timespec) : 0);
}

i64 call_io_getevents(struct call *c)
{
	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!events_ok(c))
		return (i64)c->arg[2] < 0 ? -EINVAL : -EFAULT;
	return call_eintr(host_call(SYS_io_getevents, c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], 0));
}

i64 call_io_pgetevents(struct call *c)
{
	struct { u64 mask, size; } set = { 0 };
	i64 r = 0;

	if (!usable("asynchronous I/O with a moved address space or a 32-bit guest"))
		return -ENOSYS;
	if (!events_ok(c))
		return (i64)c->arg[2] < 0 ? -EINVAL : -EFAULT;
	if (c->arg[5] && layout_read(layout_of("aio_sigset"), &set, c->arg[5]))
		return -EFAULT;
	if (set.mask)
		r = set.size == 8 ? signal_mask_for_call(c->task, set.mask, 8) : -EINVAL;
	if (r)
		return r;
	return call_nohand(host_call(SYS_io_pgetevents, c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], 0));
}
