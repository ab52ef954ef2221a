/* What the guest is told about the system and its limits: uname, resource limits, personality; and calls of the target.
 *
 * uname is the host's with the guest's machine name and the release of -r.  Limits on address space, data and a small
 * stack are kept here and never reach the host: they would bind the emulator; mm asks guest_rlimit().  Personality is
 * kept here too, only ADDR_NO_RANDOMIZE is handed on to the host, for programs that are executed next.
 *
 * Not modelled: kept limits are lost by execve; PER_LINUX32 and other domains only change what personality() returns.
 * Threads: limits and personality are atomic words of the process.  Spec: uname(2), getrlimit(2), personality(2).
 */
#include "user/syscall.h"
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

i64 call_uname(struct call *c)
{
	struct utsname u;

	_Static_assert(sizeof(u) == 390, "struct new_utsname");
	if (host_syscall1(SYS_uname, (uintptr_t)&u) < 0)
		return -EFAULT;
	memset(u.machine, 0, sizeof(u.machine));
	strncpy(u.machine, process.abi->machine, sizeof(u.machine) - 1);
	if (process.cfg->uname_release) {
		memset(u.release, 0, sizeof(u.release));
		strncpy(u.release, process.cfg->uname_release, sizeof(u.release) - 1);
	}
	return guest_range_ok(c->arg[0], sizeof(u)) ? guest_write(c->arg[0], &u, sizeof(u)) : -EFAULT;
}

/* ---- resource limits ---- */

enum { STACK_LEAST = 1 << 20 };

static struct kept_limit { _Atomic bool set; _Atomic u64 soft, hard; } kept[RLIM_NLIMITS];

/* Is this limit ours to keep with that soft value? */
static bool is_kept(u32 resource, u64 soft)
{
	return resource == RLIMIT_AS || resource == RLIMIT_DATA || (resource == RLIMIT_STACK && soft < STACK_LEAST);
}

u64 guest_rlimit(int resource)
{
	struct rlimit lim = { RLIM_INFINITY, RLIM_INFINITY };

	if ((u32)resource < RLIM_NLIMITS && atomic_load(&kept[resource].set))
		return atomic_load(&kept[resource].soft);
	host_syscall2(SYS_getrlimit, resource, (uintptr_t)&lim);
	return lim.rlim_cur;
}

static i64 limit_get(u32 resource, struct rlimit *lim)
{
	if (resource < RLIM_NLIMITS && atomic_load(&kept[resource].set)) {
		lim->rlim_cur = atomic_load(&kept[resource].soft);
		lim->rlim_max = atomic_load(&kept[resource].hard);
		return 0;
	}
	return host_syscall2(SYS_getrlimit, resource, (uintptr_t)lim);
}

static i64 limit_set(u32 resource, const struct rlimit *lim)
{
	struct rlimit old;
	i64 r;

	if (resource >= RLIM_NLIMITS || lim->rlim_cur > lim->rlim_max)
		return -EINVAL;
	if (!is_kept(resource, lim->rlim_cur)) {
		r = host_syscall2(SYS_setrlimit, resource, (uintptr_t)lim);
		if (r == 0)
			atomic_store(&kept[resource].set, false);
		return r;
	}
	r = limit_get(resource, &old);
	if (r < 0)
		return r;
	if (lim->rlim_max > old.rlim_max)
		return -EPERM;
	atomic_store(&kept[resource].soft, lim->rlim_cur);
	atomic_store(&kept[resource].hard, lim->rlim_max);
	atomic_store(&kept[resource].set, true);
	return 0;
}

i64 call_getrlimit(struct call *c)
{
	struct rlimit lim;
	i64 r = limit_get((u32)c->arg[0], &lim);

	return r ? r : layout_write(layout_of("rlimit"), c->arg[1], &lim);
}

i64 call_setrlimit(struct call *c)
{
	struct rlimit lim;

	if (layout_read(layout_of("rlimit"), &lim, c->arg[1]))
		return -EFAULT;
	return limit_set((u32)c->arg[0], &lim);
}

i64 call_prlimit64(struct call *c)
{
	struct rlimit new, old;
	u32 pid = (u32)c->arg[0], resource = (u32)c->arg[1];
	i64 r = 0;

	if (c->arg[2] && layout_read(layout_of("rlimit64"), &new, c->arg[2]))
		return -EFAULT;
	if (pid && pid != (u32)getpid()) {
		r = host_syscall4(SYS_prlimit64, pid, resource, c->arg[2] ? (uintptr_t)&new : 0, (uintptr_t)&old);
	} else {
		r = limit_get(resource, &old);
		if (r == 0 && c->arg[2])
			r = limit_set(resource, &new);
	}
	if (r == 0 && c->arg[3])
		r = layout_write(layout_of("rlimit64"), c->arg[3], &old);
	return r;
}

/* ---- personality ---- */

i64 call_personality(struct call *c)
{
	static _Atomic u32 guest;
	u32 want = (u32)c->arg[0], host, mine;

	host = (u32)host_syscall1(SYS_personality, 0xffffffffu);
	mine = atomic_load(&guest) | (host & ADDR_NO_RANDOMIZE);
	if (want == 0xffffffffu)
		return mine;
	atomic_store(&guest, want & ~(u32)ADDR_NO_RANDOMIZE);
	host_syscall1(SYS_personality, (host & ~(u32)ADDR_NO_RANDOMIZE) | (want & ADDR_NO_RANDOMIZE));
	return mine;
}

/* ---- calls of one target ---- */

static i64 target_call(struct call *c)
{
	i64 r;

	if (process.abi->syscall && process.abi->syscall(c->task->cpu, c->nr, c->arg, &r))
		return r;
	call_missing(c->line->name, c->nr);
	return -ENOSYS;
}

i64 call_riscv_hwprobe(struct call *c) { return target_call(c); }
i64 call_arch_prctl(struct call *c) { return target_call(c); }

/* start, end, flags: all threads see new instructions, or this one (bit 0) alone. */
i64 call_riscv_flush_icache(struct call *c)
{
	const struct accel *accel = c->task->cpu->accel;

	if (c->arg[2] & ~1ull)
		return -EINVAL;
	if (accel->flush_code && c->arg[1] > c->arg[0])
		accel->flush_code(c->arg[0], c->arg[1] - c->arg[0]);
	return 0;
}
