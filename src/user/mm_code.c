/* What others ask of the memory map: protection, code bytes for the translator, growing stacks.
 *
 * mm_prot and fetch take no lock: they may be called with the translator's lock held, which comes
 * after mm's in the lock order.  fetch copies between two looks at the map's version and starts
 * again when it changed; a change made after that drops the code made from the copy (mm_drop_code).
 * Not modelled: memory that guard pages of madvise (MADV_GUARD_INSTALL) hide still shows its old
 * protection.
 */
#include "user/mm.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GROW_GAP = 256 * GUEST_PAGE };	/* Linux's stack_guard_gap */

int mm_prot(gva va, gva *ret_end)
{
	struct area a, b;
	int prot = -1;

	if (va >= guest_va_end || !areas_next_shared(va, &a)) {
		*ret_end = va >= guest_va_end ? ~(u64)0 : guest_va_end;
		return -1;
	}
	if (a.start > va || (a.attr & AREA_OURS)) {
		*ret_end = a.start > va ? a.start : a.end;
		return -1;
	}
	prot = a.attr & AREA_PROT;
	while (areas_next_shared(a.end, &b) && b.start == a.end && !(b.attr & AREA_OURS) &&
	       (int)(b.attr & AREA_PROT) == prot)
		a = b;
	*ret_end = a.end;
	return prot;
}

/* Fetch fault: what the host would have said. */
static void refuse(struct vcpu *cpu, int sig, int code)
{
	if (!cpu)
		return;
	cpu->fault_host_signal = (u8)sig;
	cpu->fault_host_code = (u8)code;
}

/* Bytes from one area, or 0. */
static u32 fetch_area(struct vcpu *cpu, gva pc, u8 *buf, u32 len, bool *ret_writable)
{
	for (;;) {
		u64 version = areas_version();
		struct area a;
		u32 n;
		int r;

		if (pc >= guest_va_end || !areas_next_shared(pc, &a) || a.start > pc || (a.attr & AREA_OURS)) {
			refuse(cpu, SIGSEGV, SEGV_MAPERR);
			return 0;
		}
		if (!(a.attr & AREA_X)) {
			refuse(cpu, SIGSEGV, SEGV_ACCERR);
			return 0;
		}
		n = (u32)min_u64(len, a.end - pc);
		r = guest_read(buf, pc, n);
		if (r < 0 && (pc & (GUEST_PAGE - 1)) + n > GUEST_PAGE) {
			n = GUEST_PAGE - (u32)(pc & (GUEST_PAGE - 1));	/* the file may end behind this page */
			r = guest_read(buf, pc, n);
		}
		if (!areas_version_is(version))
			continue;
		if (r < 0) {
			refuse(cpu, guest_fault.signal, guest_fault.code);
			return 0;
		}
		if (a.attr & (AREA_W | AREA_SHARED))
			*ret_writable = true;
		return n;
	}
}

static u32 fetch(struct vcpu *cpu, gva pc, u8 *buf, u32 len, bool *ret_writable)
{
	u32 done = 0;

	*ret_writable = false;
	while (done < len) {
		u32 n = fetch_area(cpu, pc + done, buf + done, len - done, ret_writable);

		if (!n)
			break;
		done += n;
	}
	return done;
}

static const struct guest_code_source source = { .fetch = fetch };
const struct guest_code_source *guest_code = &source;

bool mm_grow(gva va)
{
	const u64 page = align_down(va, GUEST_PAGE);
	struct area a, before;
	struct rlimit limit;
	bool grown = false;

	mm_lock();
	if (va < guest_va_end && areas_next(va, &a) && a.start > va && (a.attr & AREA_GROWSDOWN) && areas_room() &&
	    !getrlimit(RLIMIT_STACK, &limit) && a.end - page <= limit.rlim_cur &&
	    !(areas_previous(page, &before) && (before.attr & AREA_PROT) &&
	      !(before.attr & AREA_GROWSDOWN) && before.end + GROW_GAP > page) &&
	    syscall(SYS_mmap, guest_ptr(page), a.start - page, mm_host_prot(a.attr),
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE, -1, 0) != -1) {
		mm_record(page, a.start - page, a.attr, a.tag);
		grown = true;
	}
	mm_unlock();
	return grown;
}
