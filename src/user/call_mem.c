/* Memory system calls: thin, the memory map (mm*.c) does the work.
 *
 * Not modelled: MCL_FUTURE (only what is mapped now is locked); userfaultfd and move_pages under
 * a guest_base other than 0 (refused, since their addresses travel inside structures).
 * Threads: the task's own; mm takes its lock. Spec: mmap(2), mlockall(2), move_pages(2).
 */
#include "user/mm.h"
#include "user/syscall.h"
#include <sys/mman.h>
#include <sys/syscall.h>

/* Some files (io_uring's rings) let nobody but the kernel choose the address. Ask it for one
 * below 2 GiB, which is the guest's as long as guest_base is 0, and record it. */
static i64 map_by_kernel(u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
	i64 va;

	len = align_up(len, GUEST_PAGE);
	mm_lock();
	va = -ENOMEM;
	if (areas_room())
		va = host_syscall(SYS_mmap, 0, len, (u64)mm_host_prot(prot), flags | MAP_32BIT, (u64)fd, offset);
	if (va > 0 && (!mm_in_guest((u64)va, len) || mm_any((u64)va, len))) {
		host_syscall2(SYS_munmap, va, len);
		va = -ENOMEM;
	}
	if (va > 0)
		mm_record((u64)va, len, prot | AREA_FILE | AREA_SHARED, ++mm_layout.next_tag);
	mm_unlock();
	return va;
}

i64 call_mmap(struct call *c)
{
	u32 flags = (u32)c->arg[3], prot = (u32)c->arg[2];
	int fd = (int)c->arg[4];
	i64 r;

	if (!(flags & MAP_ANONYMOUS) && fd_is_ours(fd))
		return -EBADF;
	r = mm_mmap(c->arg[0], c->arg[1], prot, flags, fd, c->arg[5]);
	if (unlikely(r == -EINVAL) && !c->arg[0] && c->arg[1] && (flags & (MAP_TYPE | MAP_ANONYMOUS)) == MAP_SHARED &&
	    guest_base == 0 && !(prot & PROT_EXEC))
		return map_by_kernel(c->arg[1], prot & AREA_PROT, flags, fd, c->arg[5]);
	return r;
}

i64 call_munmap(struct call *c) { return mm_munmap(c->arg[0], c->arg[1]); }
i64 call_mprotect(struct call *c) { return mm_mprotect(c->arg[0], c->arg[1], (u32)c->arg[2]); }
i64 call_brk(struct call *c) { return mm_brk(c->arg[0]); }
i64 call_madvise(struct call *c) { return mm_madvise(c->arg[0], c->arg[1], (int)c->arg[2]); }
i64 call_mincore(struct call *c) { return mm_mincore(c->arg[0], c->arg[1], c->arg[2]); }
i64 call_msync(struct call *c) { return mm_msync(c->arg[0], c->arg[1], (int)c->arg[2]); }

i64 call_mremap(struct call *c)
{
	return mm_mremap(c->arg[0], c->arg[1], c->arg[2], (u32)c->arg[3], c->arg[4]);
}

/* Lock what the guest has mapped, not what is ours. */
i64 call_mlockall(struct call *c)
{
	u32 flags = (u32)c->arg[0];
	gva va = 0, end;
	i64 r;

	if (!flags || (flags & ~(u32)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (flags & MCL_FUTURE)
		call_missing("mlockall flag MCL_FUTURE: only present mappings are locked;", MCL_FUTURE);
	while ((flags & MCL_CURRENT) && va < guest_va_end) {
		int prot = mm_prot(va, &end);

		if (end <= va)
			break;
		if (prot > 0) {
			r = host_syscall3(SYS_mlock2, guest_base + va, end - va,
					  flags & MCL_ONFAULT ? MLOCK_ONFAULT : 0);
			/* pages that cannot be brought in (past a file's end) do not fail
			 * mlockall */
			if (r < 0 && r != -ENOMEM && r != -EFAULT)
				return r;
		}
		va = end;
	}
	return 0;
}

i64 call_userfaultfd(struct call *c)
{
	if (!guest_is_host()) {
		call_missing("userfaultfd with a moved address space", 0);
		return -ENOSYS;
	}
	return host_syscall1(SYS_userfaultfd, open_flags_to_host(guest_abi(), c->arg[0]));
}

i64 call_move_pages(struct call *c)
{
	u64 pages, nodes, status, count = c->arg[1];

	if (!guest_is_host()) {
		call_missing("move_pages with a moved address space", 0);
		return -ENOSYS;
	}
	if (count > (u64)1 << 32)
		return -E2BIG;
	if (!host_range(c->arg[2], c->arg[2] ? count * 8 : 0, &pages) ||
	    !host_range(c->arg[3], c->arg[3] ? count * 4 : 0, &nodes) ||
	    !host_range(c->arg[4], c->arg[4] ? count * 4 : 0, &status))
		return -EFAULT;
	return host_syscall(SYS_move_pages, c->arg[0], count, pages, nodes, status, c->arg[5]);
}
