/* Guest memory map: mmap, munmap, mprotect, brk.
 *
 * The guest's mappings are host mappings at guest_base + va, with the guest's protection except
 * that nothing is executable on the host.  What the guest asked for is kept as areas (mm_tree.c);
 * the host is never asked.  Every mapping is made at an address that we chose, so that only areas
 * decide what is free.  Addresses from guest_va_end on are the emulator's own: see mm_layout.c.
 * Order of a change: host first, then the record, then (lock dropped) translated code of the range;
 * a reader of guest code (mm_code.c) checks the version of the record round its copy.
 * Not modelled: protection keys, pages larger than 4 KiB except by MAP_HUGETLB.
 * Lock: mm lock, after process.lock, before the signal and jit locks; code is dropped outside it.
 * Spec: mmap(2), munmap(2), mprotect(2), brk(2) and the behaviour of Linux 6.12.
 */
#include "user/mm.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HUGE_SIZE (2 * MiB)	/* of an anonymous mapping that may use huge pages */

enum {
	GENERIC_32BIT = 0x40,		/* x86 alone */
	GENERIC_GROWSDOWN = 0x100,
	GENERIC_HUGETLB = 0x40000,
	GENERIC_FIXED_NOREPLACE = 0x100000,
	GENERIC_HUGE_SHIFT = 26,
	GENERIC_PROT_SEM = 8,
	GENERIC_PROT_GROWSDOWN = 0x01000000,
	GENERIC_PROT_GROWSUP = 0x02000000,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void mm_lock(void)
{
	pthread_mutex_lock(&lock);
}

void mm_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

bool mm_in_guest(u64 va, u64 len)
{
	return len <= guest_va_end && va <= guest_va_end - len;
}

int mm_host_prot(u32 prot)
{
	return (prot & PROT_WRITE ? PROT_READ | PROT_WRITE : 0) |
	       (prot & (PROT_READ | PROT_EXEC) ? PROT_READ : 0);
}

void mm_drop_code(gva va, u64 len)
{
	if (process.cfg && process.cfg->accel && process.cfg->accel->invalidate)
		process.cfg->accel->invalidate(va, len);
}

/* ---- the record ---- */

bool mm_any(gva va, u64 len)
{
	struct area a;

	return areas_next(va, &a) && a.start < va + len;
}

static bool any_attr(gva va, u64 len, u32 attr)
{
	struct area a;

	for (u64 at = va; at < va + len && areas_next(at, &a) && a.start < va + len; at = a.end) {
		if (a.attr & attr)
			return true;
	}
	return false;
}

bool mm_any_code(gva va, u64 len)
{
	return any_attr(va, len, AREA_X);
}

bool mm_any_ours(gva va, u64 len)
{
	return any_attr(va, len, AREA_OURS);
}

void mm_record(gva va, u64 len, u32 attr, u32 tag)
{
	struct area a = { va, va + len, attr, tag };

	areas_write_begin();
	areas_cut(va, va + len);
	areas_add(&a);
	areas_write_end();
}

void mm_forget(gva va, u64 len)
{
	areas_write_begin();
	areas_cut(va, va + len);
	areas_write_end();
}

static bool host_has(gva va, u64 len)
{
	unsigned char in_core[512];

	for (u64 done = 0; done < len; done += sizeof in_core * GUEST_PAGE) {
		if (syscall(SYS_mincore, guest_ptr(va + done), min_u64(len - done, sizeof in_core * GUEST_PAGE),
			    in_core))
			return errno != ENOMEM;
	}
	return true;
}

void mm_resync(gva va, u64 len)
{
	struct area a;

	for (u64 at = va; at < va + len && areas_next(at, &a) && a.start < va + len; at = a.end) {
		a.start = max_u64(a.start, va);
		a.end = min_u64(a.end, va + len);
		if (host_has(a.start, a.end - a.start))
			continue;
		for (u64 page = a.start; page < a.end && areas_room(); page += GUEST_PAGE) {
			if (!host_has(page, GUEST_PAGE))
				mm_forget(page, GUEST_PAGE);
		}
	}
}

void mm_change_attr(gva va, u64 len, u32 clear, u32 set)
{
	struct area a;

	areas_write_begin();
	for (u64 at = va; at < va + len && areas_next(at, &a) && a.start < va + len; at = a.end) {
		a.start = max_u64(a.start, va);
		a.end = min_u64(a.end, va + len);
		if ((a.attr & AREA_OURS) || ((a.attr & ~clear) | set) == a.attr)
			continue;
		a.attr = (a.attr & ~clear) | set;
		areas_cut(a.start, a.end);
		areas_add(&a);
	}
	areas_write_end();
}

gva mm_place(gva hint, u64 len, u64 align)
{
	gva va;

	hint = align_up(hint, align);
	if (hint >= mm_layout.low && mm_in_guest(hint, len) && !mm_any(hint, len))
		return hint;
	va = areas_gap(mm_layout.low, mm_layout.mmap_top, len, align);
	if (!va)	/* the rest: between the stack's room and the end */
		va = areas_gap(mm_layout.low, guest_va_end, len, align);
	return va;
}

/* ---- mmap ---- */

struct request {
	gva addr;
	u64 len;
	u32 prot, flags;
	int fd;
	u64 offset;
	bool fixed, replace;	/* at addr and nowhere else; what is there goes */
	bool anonymous;
	u64 align;
};

static i64 host_map(const struct request *q, gva va)
{
	int flags = (int)(q->flags & ~(u32)(MAP_FIXED | GENERIC_32BIT | GENERIC_GROWSDOWN));
	long r;

	flags |= q->replace ? MAP_FIXED : MAP_FIXED | MAP_FIXED_NOREPLACE;
	r = syscall(SYS_mmap, guest_ptr(va), q->len, mm_host_prot(q->prot), flags, q->fd, q->offset);
	return r == -1 ? -errno : 0;
}

/* A mapping where mm likes.  What the host has there and we did not know of is recorded as ours. */
static i64 map_anywhere(struct request *q)
{
	i64 r = -ENOMEM;
	gva va;

	for (;;) {
		va = mm_place(q->addr, q->len, q->align);
		if (!va && q->align > GUEST_PAGE && !(q->flags & GENERIC_HUGETLB))
			va = mm_place(q->addr, q->len, GUEST_PAGE);
		if (!va)
			return -ENOMEM;
		r = host_map(q, va);
		if (r == -EINVAL && !q->anonymous && q->align < HUGE_SIZE) {
			q->align = HUGE_SIZE;	/* a file of huge pages wants that */
			continue;
		}
		if (r != -EEXIST)
			break;
		mm_record(va, q->len, AREA_OURS, 0);
	}
	q->addr = va;
	return r;
}

static i64 map_fixed(struct request *q)
{
	i64 r;

	if (mm_any(q->addr, q->len)) {
		if (!q->replace)
			return -EEXIST;
		if (mm_any_ours(q->addr, q->len))
			return -ENOMEM;
	} else {
		q->replace = false;
	}
	r = host_map(q, q->addr);
	if (r < 0 && q->replace)
		mm_resync(q->addr, q->len);
	return r == -EEXIST ? -ENOMEM : r;
}

/* A file on a file system mounted noexec cannot be mapped executable. */
static bool refuses_exec(int fd)
{
	struct statvfs st;

	return !fstatvfs(fd, &st) && (st.f_flag & ST_NOEXEC);
}

static i64 map_check(struct request *q)
{
	if (!q->len || q->offset % GUEST_PAGE)
		return -EINVAL;
	q->align = GUEST_PAGE;
	if (q->flags & GENERIC_HUGETLB) {
		u32 log2 = q->flags >> GENERIC_HUGE_SHIFT & 63;

		q->align = log2 ? (u64)1 << log2 : HUGE_SIZE;
		if (q->align < GUEST_PAGE || q->align > (u64)1 << 40)
			return -EINVAL;
	} else if (q->anonymous && q->len >= 2 * HUGE_SIZE) {
		q->align = HUGE_SIZE;
	}
	if (q->len > guest_va_end)
		return -ENOMEM;
	q->len = align_up(q->len, q->flags & GENERIC_HUGETLB ? q->align : GUEST_PAGE);
	if (q->len > guest_va_end)
		return -ENOMEM;
	if (!q->fixed)
		return 0;
	if (q->addr % GUEST_PAGE)
		return -EINVAL;
	return mm_in_guest(q->addr, q->len) ? 0 : -ENOMEM;
}

i64 mm_mmap(gva addr, u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
	struct request q = { .addr = addr, .len = len, .prot = prot & AREA_PROT, .flags = flags, .fd = fd,
			     .offset = offset, .anonymous = flags & MAP_ANONYMOUS,
			     .fixed = flags & (MAP_FIXED | GENERIC_FIXED_NOREPLACE),
			     .replace = !(flags & GENERIC_FIXED_NOREPLACE) && (flags & MAP_FIXED) };
	u32 type = flags & MAP_TYPE, attr, tag = 0;
	bool code = false;
	i64 r = map_check(&q);

	if (r < 0)
		return r;
	if ((flags & GENERIC_GROWSDOWN) && type != MAP_PRIVATE)
		return -EINVAL;
	if ((q.prot & PROT_EXEC) && !q.anonymous && refuses_exec(fd))
		return -EPERM;
	attr = q.prot | (type != MAP_PRIVATE ? AREA_SHARED : 0) | (q.anonymous ? 0 : AREA_FILE) |
	       (flags & GENERIC_GROWSDOWN ? AREA_GROWSDOWN : 0);
	if ((attr & AREA_SHARED) && (q.prot & PROT_WRITE))
		vcpu_go_parallel();
	mm_lock();
	if (!areas_room()) {
		r = -ENOMEM;
	} else if (q.fixed) {
		code = mm_any_code(addr, q.len);
		r = map_fixed(&q);
	} else {
		r = map_anywhere(&q);
	}
	if (r == 0) {
		if (attr & AREA_SHARED)
			tag = ++mm_layout.next_tag;
		mm_record(q.addr, q.len, attr, tag);
	}
	mm_unlock();
	if (r < 0)
		return r;
	if (code)
		mm_drop_code(q.addr, q.len);
	return (i64)q.addr;
}

/* ---- munmap, mprotect ---- */

i64 mm_munmap(gva addr, u64 len)
{
	bool code;
	i64 r = 0;

	if (addr % GUEST_PAGE || !len || !mm_in_guest(addr, len))
		return -EINVAL;
	len = align_up(len, GUEST_PAGE);
	mm_lock();
	code = mm_any_code(addr, len);
	if (!areas_room())
		r = -ENOMEM;
	else if (mm_any_ours(addr, len))
		r = -EINVAL;
	else if (mm_any(addr, len) && syscall(SYS_munmap, guest_ptr(addr), len))
		r = -errno;
	if (r == 0)
		mm_forget(addr, len);
	mm_unlock();
	if (code && r == 0)
		mm_drop_code(addr, len);
	return r;
}

/* One area's part of the range: the host, then the record. */
static i64 protect_area(const struct area *a, u32 prot)
{
	if ((a->attr & AREA_PROT) == prot)
		return 0;
	if (!areas_room() || (a->attr & AREA_OURS))
		return -ENOMEM;
	if (mm_host_prot(a->attr) != mm_host_prot(prot) &&
	    syscall(SYS_mprotect, guest_ptr(a->start), a->end - a->start, mm_host_prot(prot)))
		return -errno;
	mm_change_attr(a->start, a->end - a->start, AREA_PROT, prot);
	return 0;
}

i64 mm_mprotect(gva addr, u64 len, u32 prot)
{
	const u32 grows = prot & (GENERIC_PROT_GROWSDOWN | GENERIC_PROT_GROWSUP);
	bool code = false;
	struct area a;
	i64 r = 0;
	u64 end, from;

	prot &= ~grows;
	if (grows == (GENERIC_PROT_GROWSDOWN | GENERIC_PROT_GROWSUP) || addr % GUEST_PAGE)
		return -EINVAL;
	if (!len)
		return 0;
	if (len > guest_va_end || !mm_in_guest(addr, align_up(len, GUEST_PAGE)))
		return -ENOMEM;
	if (prot & ~(u32)(AREA_PROT | GENERIC_PROT_SEM))
		return -EINVAL;
	prot &= AREA_PROT;
	end = addr + align_up(len, GUEST_PAGE);
	if ((prot & PROT_WRITE) && mm_layout.next_tag)	/* there are shared mappings: perhaps this is one */
		vcpu_go_parallel();
	mm_lock();
	if (grows) {
		if (!areas_next(addr, &a) || a.start >= end)
			r = -ENOMEM;
		else if (grows == GENERIC_PROT_GROWSUP || !(a.attr & AREA_GROWSDOWN))
			r = -EINVAL;
		else
			addr = a.start;
	}
	from = addr;
	while (r == 0 && addr < end) {
		if (!areas_next(addr, &a) || a.start > addr) {
			r = -ENOMEM;
			break;
		}
		a.start = addr;
		a.end = min_u64(a.end, end);
		code |= (a.attr & AREA_X) && (a.attr & AREA_PROT) != prot;
		r = protect_area(&a, prot);
		addr = a.end;
	}
	mm_unlock();
	if (code)
		mm_drop_code(from, end - from);
	return r;
}

/* ---- brk ---- */

void mm_set_brk(gva start)
{
	mm_lock();
	mm_layout.brk_start = mm_layout.brk = start;
	mm_unlock();
}

static bool brk_grow(u64 from, u64 to)
{
	struct request q = { .addr = from, .len = to - from, .prot = PROT_READ | PROT_WRITE, .fd = -1,
			     .flags = MAP_PRIVATE | MAP_ANONYMOUS, .fixed = true, .anonymous = true };
	struct rlimit limit;

	/* A page stays free above, as on Linux. */
	if (!areas_room() || !mm_in_guest(from, to - from + GUEST_PAGE) || mm_any(from, to - from + GUEST_PAGE))
		return false;
	if (!getrlimit(RLIMIT_DATA, &limit) && to - mm_layout.brk_start > limit.rlim_cur)
		return false;
	if (map_fixed(&q) < 0)
		return false;
	mm_record(from, to - from, AREA_R | AREA_W, 0);
	return true;
}

i64 mm_brk(gva to)
{
	u64 old, new;
	bool code = false;
	i64 r;

	mm_lock();
	old = align_up(mm_layout.brk, GUEST_PAGE);
	new = align_up(to, GUEST_PAGE);
	if (to >= mm_layout.brk_start && to < guest_va_end) {
		if (new > old && brk_grow(old, new))
			mm_layout.brk = to;
		if (new < old && areas_room() && !syscall(SYS_munmap, guest_ptr(new), old - new)) {
			code = mm_any_code(new, old - new);
			mm_forget(new, old - new);
			mm_layout.brk = to;
		}
		if (new == old)
			mm_layout.brk = to;
	}
	r = (i64)mm_layout.brk;
	mm_unlock();
	if (code)
		mm_drop_code(new, old - new);
	return r;
}

/* ---- fork ---- */

void mm_fork_prepare(void)
{
	mm_lock();
}

/* The child's host mappings lack what madvise(MADV_DONTFORK) named. */
void mm_fork_done(bool child)
{
	struct area a;

	if (child) {
		for (u64 at = 0; areas_next(at, &a); at = a.end) {
			if (a.attr & AREA_DONTFORK)
				mm_forget(a.start, a.end - a.start);
		}
	}
	mm_unlock();
}

u64 mm_total_bytes(void)
{
	return areas_bytes();
}
