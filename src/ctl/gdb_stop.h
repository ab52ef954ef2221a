/* All-stop: vCPUs that a debugger holds, and why they stopped.
 *
 * The stub's thread calls stop_*; the hooks of cpu/debug.h run on the vCPUs' threads.  A held vCPU
 * waits inside a hook, so its registers are exact and nobody's but the stub's.  A vCPU that sits in
 * a host call which cannot be cut short counts as stopped too: it is held before it runs another
 * guest instruction.
 */
#ifndef CTL_GDB_STOP_H
#define CTL_GDB_STOP_H

#include "base/base.h"

struct accel;
struct vcpu;

enum stop_why {
	STOP_NOTHING,		/* none yet */
	STOP_ASKED,		/* by the debugger, or at start */
	STOP_BREAK,
	STOP_STEP,
	STOP_SIGNAL,
	STOP_NO_RESUMED,	/* every thread that was to run has ended */
};

struct stop_event {
	enum stop_why why;
	u32 tid;
	int sig;		/* Linux's number */
};

enum { STOP_INFO_MAX = 128 };

/* What one thread, or with tid ~0 all others, shall do. */
struct stop_action {
	u64 tid;
	bool hold;		/* stay stopped */
	bool step;
	u64 range_start, range_end;	/* step while the pc is in here; empty: one instruction */
	int sig;		/* to deliver, 0 = none */
};

enum { STOP_ACTIONS_MAX = 256 };

/* Once, before anything else.  wake_fd: an eventfd that is written when a vCPU has an event. */
void stop_init(int wake_fd);
/* A debugger came: nothing runs freely from now on.  With wait, all vCPUs are brought to a stop;
 * else `cpu` alone exists and stops when it would run. */
void stop_attach(struct vcpu *cpu, bool wait);
/* It left: forget everything, let everybody run. */
void stop_detach(const struct accel *accel);
/* Is there a stop that was not told yet?  Then bring the other vCPUs to a stop, too.  False: they run on. */
bool stop_take_event(struct stop_event *ret);
/* The debugger asked for a stop: false when one is there already. */
bool stop_request(struct stop_event *ret);
/* Let threads run: the first action that fits a thread counts; those without one stay. */
void stop_resume(const struct stop_action *actions, u32 count);
/* Signals that go to the program without a stop: bit sig - 1. */
void stop_pass_signals(u64 set);

/* siginfo of a held thread's stop: its length, 0 = none. */
u32 stop_siginfo(u32 tid, u8 info[STOP_INFO_MAX]);
/* All threads' ids, ascending, at most max: how many. */
u32 stop_threads(u32 *tids, u32 max);
/* Run fn on the live vCPU with this id, the list of vCPUs locked (so fn must not drop translated
 * code): false when there is none, else what fn returned. */
bool stop_with_vcpu(u32 tid, bool (*fn)(struct vcpu *cpu, void *opaque), void *opaque);

/* gdb.c's, called with the lock of stops held when the process ends while it runs. */
void gdb_tell_exit(bool killed, int status);
/* In the child of fork: close what is the parent's. */
void gdb_forked(void);

#endif
