/* Sleeping: the calls that give remaining time back when a signal ends them.
 *
 * A relative sleep that a signal without a handler interrupts goes on to its first end, as the kernel's restart block
 * does: the end is kept per thread with the call's arguments; the call that is repeated with them uses it.  Any other
 * system call in between (a handler's return is one) forgets it.
 *
 * Not modelled: restart_syscall, which our signal delivery never issues.
 * Threads: per-thread state, no lock.  Spec: nanosleep(2), clock_nanosleep(2).
 */
#include "user/syscall.h"
#include <sys/syscall.h>
#include <time.h>

enum { NS = 1000000000 };

_Thread_local bool sleep_again;	/* `again` is filled */
static _Thread_local struct {
	u64 args[3];		/* clock, request, remain */
	struct timespec end;
} again;

static bool timespec_ok(const struct timespec *t)
{
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < NS;
}

static struct timespec time_add(struct timespec a, struct timespec b)
{
	struct timespec r;

	if (__builtin_add_overflow(a.tv_sec, b.tv_sec, &r.tv_sec))
		r.tv_sec = INT64_MAX / 2;
	r.tv_nsec = a.tv_nsec + b.tv_nsec;
	if (r.tv_nsec >= NS) {
		r.tv_nsec -= NS;
		r.tv_sec++;
	}
	return r;
}

/* end - now, not below zero. */
static struct timespec time_left(struct timespec end, struct timespec now)
{
	struct timespec r = { end.tv_sec - now.tv_sec, end.tv_nsec - now.tv_nsec };

	if (r.tv_nsec < 0) {
		r.tv_nsec += NS;
		r.tv_sec--;
	}
	return r.tv_sec < 0 ? (struct timespec){ 0 } : r;
}

static i64 sleep_until(u64 clock, const struct timespec *end)
{
	return host_call(SYS_clock_nanosleep, clock, TIMER_ABSTIME, (uintptr_t)end, 0, 0, 0);
}

static i64 sleep_relative(u64 clock, gva request, gva remain)
{
	const u64 key[3] = { clock, request, remain };
	const struct layout *l = layout_of("timespec");
	struct timespec length, now, end;
	i64 r;

	if (layout_read(l, &length, request))
		return -EFAULT;
	if (!timespec_ok(&length))
		return -EINVAL;
	/* a relative sleep on the settable clock is not moved by setting it */
	if ((i32)clock == CLOCK_REALTIME)
		clock = CLOCK_MONOTONIC;
	r = host_syscall2(SYS_clock_gettime, clock, (uintptr_t)&now);
	if (r < 0)
		return r;
	if (sleep_again && memcmp(again.args, key, sizeof(key)) == 0)
		end = again.end;
	else
		end = time_add(now, length);
	sleep_again = false;
	r = sleep_until(clock, &end);
	if (r != -EINTR && r != -CALL_RESTART)
		return r;
	sleep_again = true;
	again.end = end;
	memcpy(again.args, key, sizeof(key));
	host_syscall2(SYS_clock_gettime, clock, (uintptr_t)&now);
	length = time_left(end, now);
	if (remain && layout_write(l, remain, &length))
		return -EFAULT;
	return -CALL_RESTART_NOHAND;
}

i64 call_nanosleep(struct call *c) { return sleep_relative(CLOCK_MONOTONIC, c->arg[0], c->arg[1]); }

i64 call_clock_nanosleep(struct call *c)
{
	struct timespec end;

	if (!((u32)c->arg[1] & TIMER_ABSTIME))
		return sleep_relative(c->arg[0], c->arg[2], c->arg[3]);
	sleep_again = false;
	if (layout_read(layout_of("timespec"), &end, c->arg[2]))
		return -EFAULT;
	if (!timespec_ok(&end))
		return -EINVAL;
	return call_nohand(sleep_until(c->arg[0], &end));
}
