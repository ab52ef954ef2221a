/* Guest memory map, the rest: mremap, madvise, mincore, msync, System V segments.
 *
 * The host does the work; before that the range is checked against the record, after it the record
 * follows.
 * A segment of shmat has a tag of its own, by which shmdt finds what is left of it.
 * Not modelled: SHM_EXEC's effect on the host (nothing is executable there).
 * Lock: mm's, as in mm.c.
 * Spec: mremap(2), madvise(2), mincore(2), msync(2), shmop(2) and the behaviour of Linux 6.12.
 */
#include "user/mm.h"
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the oldest headers we build with. */
enum { DONTUNMAP = 4, DONTNEED_LOCKED = 24 };

struct move {
	gva old, to;		/* to: 0 until chosen */
	u64 old_len, new_len;
	u32 flags;
	struct area area;	/* that old lies in */
};

static i64 host_move(const struct move *m, u32 flags)
{
	long r = flags & MREMAP_MAYMOVE ?
			 syscall(SYS_mremap, guest_ptr(m->old), m->old_len, m->new_len, flags | MREMAP_FIXED,
				 guest_ptr(m->to)) :
			 syscall(SYS_mremap, guest_ptr(m->old), m->old_len, m->new_len, 0);

	return r == -1 ? -errno : 0;
}

/* The record follows a move to m->to. */
static void record_move(const struct move *m)
{
	u32 tag = m->area.tag;

	if (!(m->flags & DONTUNMAP) && m->old_len)
		mm_forget(m->old, m->old_len);
	if ((m->area.attr & AREA_SHARED) && !(m->area.attr & AREA_SHM))
		tag = ++mm_layout.next_tag;
	mm_record(m->to, m->new_len, m->area.attr, tag);
}

/* Several mappings at once, with the holes between them, as kernels from 6.17 on move those: one after the other, what
 * was moved before an error stays moved. */
static i64 move_several(const struct move *m)
{
	const u64 end = m->old + m->old_len;
	struct area a;
	bool any = false;

	if (!(m->flags & MREMAP_FIXED) || m->old_len != m->new_len || mm_any_ours(m->old, m->old_len))
		return -EFAULT;
	for (u64 at = m->old; at < end && areas_next(at, &a) && a.start < end; at = a.end) {
		struct move part = *m;
		i64 r;

		a.start = max_u64(a.start, m->old);
		a.end = min_u64(a.end, end);
		part.area = a;
		part.old = a.start;
		part.old_len = part.new_len = a.end - a.start;
		part.to = m->to + (a.start - m->old);
		r = areas_room() ? host_move(&part, m->flags) : -ENOMEM;
		if (r < 0) {
			mm_resync(part.to, part.new_len);
			return r;
		}
		record_move(&part);
		any = true;
	}
	return any ? 0 : -EFAULT;
}

static bool can_grow_here(const struct move *m)
{
	u64 end = m->old + m->old_len, more = m->new_len - m->old_len;

	return m->old_len && m->area.end == end && mm_in_guest(end, more) && !mm_any(end, more);
}

static i64 move_locked(struct move *m)
{
	i64 r;

	if (!areas_room())
		return -ENOMEM;
	if (!areas_next(m->old, &m->area) || m->area.start > m->old || (m->area.attr & AREA_OURS))
		return -EFAULT;
	if (!m->old_len && !(m->area.attr & AREA_SHARED))
		return -EINVAL;
	if (m->flags & MREMAP_FIXED) {
		if (mm_any_ours(m->to, m->new_len))
			return -ENOMEM;
	} else if (m->new_len <= m->old_len && !(m->flags & DONTUNMAP)) {
		r = m->new_len < m->old_len ? host_move(m, 0) : 0;
		if (r == 0 && m->new_len < m->old_len)
			mm_forget(m->old + m->new_len, m->old_len - m->new_len);
		m->to = m->old;
		return r;
	}
	/* Less than the whole may move or grow, but not more than one mapping (the new length may be smaller). */
	if (min_u64(m->old_len, max_u64(m->new_len, m->flags & DONTUNMAP ? m->old_len : 0)) >
	    m->area.end - m->old)
		return move_several(m);
	if (!(m->flags & MREMAP_FIXED)) {
		if (!(m->flags & DONTUNMAP) && can_grow_here(m) && host_move(m, 0) == 0) {
			mm_record(m->old + m->old_len, m->new_len - m->old_len, m->area.attr, m->area.tag);
			m->to = m->old;
			return 0;
		}
		if (!(m->flags & MREMAP_MAYMOVE))
			return -ENOMEM;
		m->to = mm_place(m->to, m->new_len, GUEST_PAGE);
		if (!m->to)
			return -ENOMEM;
	}
	r = host_move(m, m->flags);
	if (r == 0) {
		record_move(m);
	} else {
		/* The kernel may have made room first. */
		mm_resync(m->to, m->new_len);
		mm_resync(m->old, m->old_len);
	}
	return r;
}

i64 mm_mremap(gva old, u64 old_len, u64 new_len, u32 flags, gva new_addr)
{
	struct move m = { .old = old, .flags = flags };
	bool code;
	i64 r;

	if ((flags & ~(u32)(MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP)) ||
	    ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE)) || old % GUEST_PAGE)
		return -EINVAL;
	if (old_len > guest_va_end || new_len > guest_va_end)
		return old_len > guest_va_end ? -EFAULT : flags & MREMAP_FIXED ? -EINVAL : -ENOMEM;
	m.old_len = align_up(old_len, GUEST_PAGE);
	m.new_len = align_up(new_len, GUEST_PAGE);
	if (!m.new_len)
		return -EINVAL;
	if ((flags & DONTUNMAP) && (!(flags & MREMAP_MAYMOVE) || m.old_len != m.new_len))
		return -EINVAL;
	if (!mm_in_guest(old, m.old_len))
		return -EFAULT;
	if (flags & MREMAP_FIXED) {
		if (new_addr % GUEST_PAGE || !mm_in_guest(new_addr, m.new_len) ||
		    (new_addr < old + m.old_len && old < new_addr + m.new_len))
			return -EINVAL;
		m.to = new_addr;
	} else if (flags & DONTUNMAP) {
		m.to = new_addr;	/* a hint there */
	}
	mm_lock();
	code = mm_any_code(old, max_u64(m.old_len, GUEST_PAGE)) ||
	       ((flags & MREMAP_FIXED) && mm_any_code(m.to, m.new_len));
	r = move_locked(&m);
	mm_unlock();
	if (code && r == 0) {
		mm_drop_code(old, m.old_len);
		mm_drop_code(m.to, m.new_len);
	}
	return r < 0 ? r : (i64)m.to;
}

/* ---- advice and state ---- */

i64 mm_madvise(gva addr, u64 len, int advice)
{
	bool code = false;
	i64 r;

	if (addr % GUEST_PAGE || len > align_down(~(u64)0, GUEST_PAGE))
		return -EINVAL;
	len = align_up(len, GUEST_PAGE);
	if (addr + len < addr)
		return -EINVAL;
	if (!mm_in_guest(addr, len))
		return -ENOMEM;
	r = syscall(SYS_madvise, guest_ptr(addr), len, advice) ? -errno : 0;
	switch (advice) {
	case MADV_DONTFORK:
	case MADV_DOFORK:
		mm_lock();
		mm_change_attr(addr, len, advice == MADV_DOFORK ? AREA_DONTFORK : 0,
			       advice == MADV_DONTFORK ? AREA_DONTFORK : 0);
		mm_unlock();
		break;
	case MADV_DONTNEED:
	case DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
		mm_lock();
		code = mm_any_code(addr, len);
		mm_unlock();
		break;
	default:
		break;
	}
	if (code)
		mm_drop_code(addr, len);
	return r;
}

i64 mm_mincore(gva addr, u64 len, gva vec)
{
	unsigned char here[512];

	if (addr % GUEST_PAGE)
		return -EINVAL;
	if (len > guest_va_end || !mm_in_guest(addr, align_up(len, GUEST_PAGE)))
		return -ENOMEM;
	for (u64 pages = (len + GUEST_PAGE - 1) / GUEST_PAGE; pages;) {
		u64 n = min_u64(pages, sizeof here);

		if (syscall(SYS_mincore, guest_ptr(addr), n * GUEST_PAGE, here))
			return -errno;
		if (guest_write(vec, here, n) < 0)
			return -EFAULT;
		addr += n * GUEST_PAGE;
		vec += n;
		pages -= n;
	}
	return 0;
}

i64 mm_msync(gva addr, u64 len, int flags)
{
	if (addr % GUEST_PAGE)
		return -EINVAL;
	if (len > guest_va_end || !mm_in_guest(addr, align_up(len, GUEST_PAGE)))
		return -ENOMEM;
	return syscall(SYS_msync, guest_ptr(addr), len, flags) ? -errno : 0;
}

/* ---- System V shared memory ---- */

i64 mm_shmat(int id, gva addr, int flags)
{
	struct shmid_ds info;
	bool code = false;
	u64 len;
	i64 r = 0;

	vcpu_go_parallel();
	if (shmctl(id, IPC_STAT, &info) < 0)
		return -errno;
	len = align_up(info.shm_segsz, GUEST_PAGE);
	if (addr % GUEST_PAGE) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		addr = align_down(addr, GUEST_PAGE);
	}
	if (!addr && (flags & SHM_REMAP))
		return -EINVAL;
	if (addr && !mm_in_guest(addr, len))
		return -EINVAL;
	mm_lock();
	if (!areas_room())
		r = -ENOMEM;
	else if (!addr)
		r = (addr = mm_place(0, len, GUEST_PAGE)) ? 0 : -ENOMEM;
	else if (mm_any(addr, len))
		r = flags & SHM_REMAP && !mm_any_ours(addr, len) ? 0 : -EINVAL;
	if (r == 0) {
		code = mm_any_code(addr, len);
		if (syscall(SYS_shmat, id, guest_ptr(addr), flags & ~SHM_EXEC) == -1)
			r = -errno;
		else
			mm_record(addr, len, AREA_R | (flags & SHM_RDONLY ? 0 : AREA_W) |
				  (flags & SHM_EXEC ? AREA_X : 0) | AREA_SHARED | AREA_SHM, ++mm_layout.next_tag);
	}
	mm_unlock();
	if (code && r == 0)
		mm_drop_code(addr, len);
	return r < 0 ? r : (i64)addr;
}

i64 mm_shmdt(gva addr)
{
	struct area a;
	u64 end = addr;
	bool code = false;
	u32 tag;
	i64 r = -EINVAL;

	mm_lock();
	if (addr % GUEST_PAGE == 0 && areas_next(addr, &a) && a.start == addr && (a.attr & AREA_SHM)) {
		tag = a.tag;
		r = syscall(SYS_shmdt, guest_ptr(addr)) ? -errno : 0;
		for (u64 at = addr; r == 0 && areas_next(at, &a) && (a.attr & AREA_SHM) && a.tag == tag; at = a.end) {
			code |= (a.attr & AREA_X) != 0;
			mm_forget(a.start, a.end - a.start);
			end = a.end;
		}
	}
	mm_unlock();
	if (code)
		mm_drop_code(addr, end - addr);
	return r;
}
