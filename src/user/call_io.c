/* Vectored input and output: readv and its family, vmsplice, memory of other processes.
 *
 * Vectors are copied and checked (iovec_read), then the host's call runs on guest memory itself.
 * Offsets of the p-calls are one logical argument low word and one high word; on 64-bit ABIs the
 * low one is all.
 *
 * Not modelled: process_vm_* between guests with different guest_base.
 * Threads: the task's own. Spec: readv(2), process_vm_readv(2), vmsplice(2).
 */
#include "user/syscall.h"
#include <sys/syscall.h>

/* fd, iovec, count, then what follows as it is. */
static i64 vector_call(struct call *c, long nr, bool writing, u64 d, u64 e, u64 f)
{
	struct scratch s;
	struct iovec *v;
	i64 r;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	scratch_init(&s);
	r = iovec_read(&s, c->arg[1], c->arg[2], &v);
	if (r == 0)
		r = host_call(nr, c->arg[0], (uintptr_t)v, c->arg[2], d, e, f);
	scratch_free(&s);
	return call_restart_fd((int)c->arg[0], r, writing);
}

static u64 vector_offset(const struct call *c)
{
	return abi_is_32(guest_abi()) ? (u32)c->arg[3] | c->arg[4] << 32 : c->arg[3];
}

i64 call_readv(struct call *c) { return vector_call(c, SYS_readv, false, 0, 0, 0); }
i64 call_writev(struct call *c) { return vector_call(c, SYS_writev, true, 0, 0, 0); }
i64 call_preadv(struct call *c) { return vector_call(c, SYS_preadv, false, vector_offset(c), 0, 0); }
i64 call_pwritev(struct call *c) { return vector_call(c, SYS_pwritev, true, vector_offset(c), 0, 0); }
i64 call_preadv2(struct call *c) { return vector_call(c, SYS_preadv2, false, vector_offset(c), 0, c->arg[5]); }
i64 call_pwritev2(struct call *c) { return vector_call(c, SYS_pwritev2, true, vector_offset(c), 0, c->arg[5]); }
i64 call_vmsplice(struct call *c) { return vector_call(c, SYS_vmsplice, false, c->arg[3], 0, 0); }

/* The target of process_vm_* and process_madvise is taken to be a guest like us: same guest_base,
 * same ABI. */
static i64 process_vm(struct call *c, long nr)
{
	struct iovec *local, *remote;
	struct scratch s;
	i64 r;

	scratch_init(&s);
	r = iovec_read(&s, c->arg[1], c->arg[2], &local);
	if (r == 0)
		r = iovec_read(&s, c->arg[3], c->arg[4], &remote);
	if (r == 0)
		r = host_syscall(nr, c->arg[0], (uintptr_t)local, c->arg[2], (uintptr_t)remote, c->arg[4], c->arg[5]);
	scratch_free(&s);
	return r;
}

i64 call_process_vm_readv(struct call *c) { return process_vm(c, SYS_process_vm_readv); }
i64 call_process_vm_writev(struct call *c) { return process_vm(c, SYS_process_vm_writev); }

i64 call_process_madvise(struct call *c)
{
	return vector_call(c, SYS_process_madvise, false, c->arg[3], c->arg[4], 0);
}
