/* Where things go: which addresses are the guest's, and guest_base.
 *
 * On the host our own memory sits high: the static program, its heap, stack and mappings from
 * 0x5555... upward, because the kernel puts position-independent programs and mmap there.  So the
 * guest gets what lies below the lowest of our mappings, with guest_base 0, and an address at or
 * past that end is refused.  Should something of ours lie low (sanitizers' shadow memory), the
 * widest hole between our mappings becomes the guest's, with a guest_base.
 *
 *   0 ... program, brk ... | pie_base | ... mappings, growing down | 128 MiB | stack | stack_top .. guest_va_end | ours
 *
 * /proc/self/maps is read once, here; where it is missing, our own addresses tell enough.  Nothing
 * is random: runs are repeatable.
 * Main thread, before anything is mapped.
 */
#include "user/mm.h"
#include <fcntl.h>
#include <unistd.h>

/* Programs of the host are never placed lower, heap included: two thirds of 2^47, where Linux puts them. */
#define HOST_PROGRAMS 0x555555554000u
#define TOP 0x400000000000u	/* highest address for stack and mappings that the guest does not place itself */
#define STACK_ROOM (128 * MiB)	/* between stack and mappings, for a stack limit raised later */
#define ENOUGH (1 * TiB)	/* a hole at 0 of this size will do */

enum { MIN_ADDR = 0x10000 };	/* Linux's usual vm.mmap_min_addr */

struct mm_layout mm_layout;

struct hole {
	u64 first;		/* start of the lowest mapping */
	u64 start, end;		/* widest hole between mappings */
	u64 want, want_end;	/* hole that begins at an address asked for: its end */
	u64 last;		/* end of the mapping before */
};

static void see_mapping(struct hole *h, u64 start, u64 end)
{
	u64 from = align_up(h->last, 4 * GiB), to = min_u64(start, HOST_PROGRAMS);

	if (!h->first)
		h->first = start;
	if (h->last && to > from && to - from > h->end - h->start) {
		h->start = from;
		h->end = to;
	}
	if (h->want >= h->last && h->want < start)
		h->want_end = start;
	h->last = end;
}

/* Takes the two addresses that start each line of /proc/self/maps; lines may be cut by the buffer's end anywhere. */
static int read_maps(struct hole *h, struct error *err)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), field = 0;
	u64 number[2] = { 0, 0 };
	char buf[4096];
	ssize_t n;

	if (fd < 0) {
		/* No /proc: program, stack and heap are the lowest there is. */
		see_mapping(h, align_down(min_u64(min_u64((uintptr_t)&mm_layout, (uintptr_t)buf),
						  (uintptr_t)sbrk(0)), 4 * GiB), (u64)1 << 47);
		return 0;
	}
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		for (const char *p = buf; p < buf + n; p++) {
			if (*p == '\n') {
				see_mapping(h, number[0], number[1]);
				field = 0;
				number[0] = number[1] = 0;
			} else if (field < 2 && (*p == '-' || *p == ' ')) {
				field++;
			} else if (field < 2) {
				number[field] = number[field] << 4 | (u64)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
			}
		}
	}
	close(fd);
	if (!h->first)
		return fail(err, EIO, "/proc/self/maps is empty");
	return 0;
}

/* guest_base and the end of the guest's addresses, by the host's map. */
static int choose_base(const struct user_config *cfg, struct error *err)
{
	struct hole h = { .want = cfg->guest_base };
	int r = read_maps(&h, err);
	u64 end;

	if (r < 0)
		return r;
	if (cfg->guest_base_set && cfg->guest_base) {
		if (cfg->guest_base % GUEST_PAGE || h.want_end <= cfg->guest_base)
			return fail(err, EINVAL, "guest base 0x%llx is not free on the host",
				    (unsigned long long)cfg->guest_base);
		guest_base = cfg->guest_base;
		end = h.want_end;
		/* What the host maps for us later comes from the top of the hole that lies highest. */
		if (end > HOST_PROGRAMS)
			end = guest_base < HOST_PROGRAMS ? HOST_PROGRAMS : end - (end - guest_base) / 4;
	} else if (h.first >= ENOUGH || cfg->guest_base_set) {
		guest_base = 0;
		end = min_u64(h.first, HOST_PROGRAMS);
	} else {
		guest_base = h.start;
		end = h.end;
	}
	guest_va_end = align_down(end - guest_base, end - guest_base > 4 * GiB ? GiB : GUEST_PAGE);
	return 0;
}

int mm_init(struct error *err)
{
	const struct user_config *cfg = process.cfg;
	u64 top;
	int r = choose_base(cfg, err);

	if (r < 0)
		return r;
	guest_va_end = min_u64(guest_va_end, (u64)1 << process.target->va_bits);
	if (cfg->reserved_va) {
		if (align_up(cfg->reserved_va, GUEST_PAGE) > guest_va_end)
			return fail(err, ENOMEM, "cannot reserve 0x%llx bytes for the guest: 0x%llx are free",
				    (unsigned long long)cfg->reserved_va, (unsigned long long)guest_va_end);
		guest_va_end = align_up(cfg->reserved_va, GUEST_PAGE);
	}
	if (guest_va_end < 16 * MiB)
		return fail(err, ENOMEM, "only %llu KiB of addresses are free for the guest",
			    (unsigned long long)(guest_va_end / KiB));
	r = areas_init();
	if (r < 0)
		return fail(err, -r, "no memory for the guest's memory map");
	top = min_u64(guest_va_end, TOP);
	mm_layout.low = MIN_ADDR;
	mm_layout.stack_top = top - GUEST_PAGE;
	top = mm_layout.stack_top - stack_size();
	mm_layout.mmap_top = align_down(top - min_u64(STACK_ROOM, top / 8), GUEST_PAGE);
	mm_layout.pie_base = align_down(min_u64(guest_va_end, TOP) / 3 * 2, 2 * MiB);
	return 0;
}
